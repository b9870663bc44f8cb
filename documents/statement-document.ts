/** From an account's books to its statement on paper: movements with their running balance, open items by age. */
import type { StatementKind } from '../domain/ledger/statement-kind.ts';
import { formatterOf } from './format.ts';
import { buyerOf, languageOf, type Parties, sellerOf } from './from-record.ts';
import { type OpenItem, type StatementDocument, type StatementEntry, sumMinor } from './model.ts';
import { wordingOf } from './wording.ts';

/** One event of the period; `amountMinor` is what it adds to what the account owes. */
export interface RecordedMovement {
  readonly on: string;
  readonly kind: StatementKind;
  readonly number: string;
  readonly amountMinor: number;
}

/** One currency's books over a period, the open items as they stood on its last day. */
export interface RecordedStatement {
  readonly currency: string;
  readonly from: string;
  readonly to: string;
  readonly openingMinor: number;
  readonly unappliedMinor: number;
  readonly movements: readonly RecordedMovement[];
  readonly openItems: readonly OpenItem[];
  /** Documents' due dates, by number, for those whose movement is shown. */
  readonly dueOn: ReadonlyMap<string, string>;
  /** What a payment is called to the customer: its reference; one without is told by its day alone. */
  readonly paymentNames: ReadonlyMap<string, string>;
  /** Documents' issuing entities, by number. */
  readonly issuers?: ReadonlyMap<string, string>;
}

const OF_PAYMENTS: readonly StatementKind[] = ['payment', 'refund', 'reversal'];

/** A payment's own key is the machine's name for it; later events, and one brought forward, carry that key within theirs. */
export function movementName(
  { kind, number }: RecordedMovement,
  names: RecordedStatement['paymentNames'],
): string {
  const brought = number.startsWith(BROUGHT_FORWARD);
  if (!brought && !OF_PAYMENTS.includes(kind)) return number;
  const payment = number.slice(brought ? BROUGHT_FORWARD.length : 0);
  return names.get(payment.replace(/:(refund|reversed|received)(:.*)?$/, '')) ?? '';
}
const BROUGHT_FORWARD = 'opening:payment:';

function entriesOf(recorded: RecordedStatement, kinds: Readonly<Record<StatementKind, string>>) {
  const entries: StatementEntry[] = [];
  let balanceMinor = recorded.openingMinor;
  for (const movement of recorded.movements) {
    balanceMinor = sumMinor([balanceMinor, movement.amountMinor]);
    const isInvoice = movement.kind === 'invoice' || movement.kind === 'late_charge';
    entries.push({
      on: movement.on,
      document: movementName(movement, recorded.paymentNames),
      description: kinds[movement.kind],
      dueDate: isInvoice ? (recorded.dueOn.get(movement.number) ?? null) : null,
      amountMinor: movement.amountMinor,
      balanceMinor,
    });
  }
  return { entries, closingMinor: balanceMinor };
}

/** 0 not due, 1 to 30 days, to 60, to 90, beyond. */
const ageOf = (daysOverdue: number): number =>
  daysOverdue <= 0 ? 0 : Math.min(4, Math.ceil(daysOverdue / 30));

/** Entities other than the seller of today whose documents are open, by number. */
export const otherIssuers = ({ openItems, issuers }: RecordedStatement, seller: string | null) => [
  ...new Set(
    openItems.flatMap(({ invoice, openMinor }) => {
      const issuer = issuers?.get(invoice);
      return openMinor > 0 && issuer !== undefined && issuer !== seller ? [issuer] : [];
    }),
  ),
];

/** The statement of one currency, in the account's language. `others` are those of {@link otherIssuers}. */
export function statementDocument(
  recorded: RecordedStatement,
  parties: Parties,
  others: readonly NonNullable<Parties['entity']>[] = [],
): StatementDocument {
  const seller = sellerOf(parties);
  const language = languageOf(parties);
  const { language: written } = formatterOf(language, seller.address.country);
  const { kinds, ages } = wordingOf(written).statement;
  const { entries, closingMinor } = entriesOf(recorded, kinds);
  return {
    seller,
    buyer: buyerOf(parties),
    currency: recorded.currency,
    language,
    from: recorded.from,
    asOf: recorded.to,
    openingMinor: recorded.openingMinor,
    entries,
    closingMinor,
    unappliedMinor: recorded.unappliedMinor,
    openItems: recorded.openItems,
    aging: ages.map((label, age) => ({
      label,
      amountMinor: sumMinor(
        recorded.openItems
          .filter(({ daysOverdue }) => ageOf(daysOverdue) === age)
          .map(({ openMinor }) => openMinor),
      ),
    })),
    otherPayees: others.map((entity) => ({
      seller: sellerOf({ ...parties, entity }),
      documents: recorded.openItems
        .filter((item) => recorded.issuers?.get(item.invoice) === entity.entity)
        .map(({ invoice }) => invoice)
        .join(', '),
    })),
    campaigns: [],
    payUrl: null,
  };
}
