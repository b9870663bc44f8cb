/** A late charge as the document that is issued (billing rules §6): tax category O, a line each for interest and fee. */
import type { BillDocument, BillLine } from '../bill-run/document.ts';
import { addDays, type CivilDate } from '../dates/dates.ts';
import { formatMinor } from '../money/money.ts';
import type { LateCharge, OverdueBalance } from './late-charges.ts';

/** The invoice that was not paid. */
export interface LateInvoice {
  readonly invoice: string;
  readonly entity: string;
  readonly account: string;
  readonly contract: string | null;
  readonly currency: string;
  readonly issuedOn: CivilDate;
  readonly dueOn: CivilDate;
  readonly totalMinor: number;
  /** What of it is disputed: nobody is late with that. */
  readonly disputedMinor: number;
}

/** A change of the open gross on a day; negative where money or credit came. */
export interface BalanceChange {
  readonly on: CivilDate;
  readonly amountMinor: number;
}

/**
 * The undisputed open gross as it moved. What came on or before the due date was in time and counts from the first day;
 * money received on a day is no longer owed on that day.
 */
export function overdueBalances(
  invoice: LateInvoice,
  changes: readonly BalanceChange[],
): OverdueBalance[] {
  const { totalMinor, disputedMinor, issuedOn } = invoice;
  const balances: OverdueBalance[] = [];
  let open = totalMinor;
  const undisputed = () => Math.max(0, open - disputedMinor);
  balances.push({ from: issuedOn, amountMinor: undisputed() });
  for (const { on, amountMinor } of [...changes].sort((a, b) => (a.on < b.on ? -1 : 1))) {
    open += amountMinor;
    balances.push({ from: on < issuedOn ? issuedOn : on, amountMinor: undisputed() });
  }
  return balances;
}

const TERMS = 'due on receipt';
const OUTSIDE_SCOPE =
  'Outside the scope of VAT: compensation for late payment, not consideration for a supply';

interface Words {
  readonly interest: string;
  readonly fee: string;
}

const WORDS: Readonly<Record<string, (invoice: string, from: string, through: string) => Words>> = {
  en: (invoice, from, through) => ({
    interest: `Interest on ${invoice}, ${from} to ${through}`,
    fee: `Late fee for ${invoice}`,
  }),
  de: (invoice, from, through) => ({
    interest: `Verzugszinsen auf ${invoice}, ${from} bis ${through}`,
    fee: `Verzugspauschale für ${invoice}`,
  }),
};

/**
 * The document for a charge of an invoice.
 * @param language the buyer's; what is not translated is written in English
 */
export function lateChargeDocument(
  invoice: LateInvoice,
  charge: LateCharge,
  issueDate: CivilDate,
  language: string,
): BillDocument {
  const { account, contract, currency, entity } = invoice;
  const speak = WORDS[language.slice(0, 2)] ?? WORDS.en;
  const words = speak?.(invoice.invoice, addDays(invoice.dueOn, 1), charge.through);
  const line = (description: string, net: number): BillLine => ({
    contract,
    subcontract: null,
    sku: null,
    kind: 'one-off',
    description,
    periodStart: null,
    periodEnd: null,
    quantity: '1',
    unitPrice: formatMinor(net, currency),
    discountPercent: '0',
    net,
    taxCategory: 'O',
    taxRate: '0',
    caughtUp: false,
    explanation: {
      rule: 'late charge, §6',
      words: `${invoice.invoice} was due on ${invoice.dueOn} and is not paid in full.`,
      inputs: { dueOn: invoice.dueOn, through: charge.through, units: String(charge.units) },
      arithmetic: charge.words,
    },
  });
  const lines = [
    ...(charge.interestMinor === 0 ? [] : [line(words?.interest ?? '', charge.interestMinor)]),
    ...(charge.feeMinor === 0 ? [] : [line(words?.fee ?? '', charge.feeMinor)]),
  ];
  const net = charge.totalMinor;
  return {
    contract,
    subject: invoice.invoice,
    entity,
    account,
    currency,
    issueDate,
    dueDate: issueDate,
    paymentTerms: TERMS,
    poNumber: null,
    lines,
    taxes: [{ category: 'O', rate: '0', base: net, tax: 0, reason: OUTSIDE_SCOPE }],
    net,
    tax: 0,
    total: net,
  };
}
