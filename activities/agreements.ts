/** One contract as the rules see it: its book, its terms and histories, and its issued lines with what is open of them. */
import {
  type Db,
  type Invoice,
  type InvoiceLine,
  invoicesOfContract,
  lastReversals,
  linesOfInvoices,
  loadBook,
} from '../db/index.ts';
import type { BookIndex } from '../domain/book/book-index.ts';
import { indexBook } from '../domain/book/book-index.ts';
import type { Row, TableName } from '../domain/book/tables.ts';
import { type ContractTerms, contractTerms } from '../domain/charges/contract-terms.ts';
import { soldOn } from '../domain/charges/seller.ts';
import {
  type SubcontractHistory,
  subcontractHistory,
  termsCache,
} from '../domain/charges/subcontract-history.ts';
import { addMonths, type CivilDate } from '../domain/dates/dates.ts';
import { civilDateIn } from '../domain/dates/time-zones.ts';
import type { LicenseLine } from '../domain/licenses/standings.ts';
import { stepFailed } from './failures.ts';

/** Products whose subcontracts carry a license that is renewed by paying for the period. */
const RECURRING: ReadonlySet<string> = new Set(['maintenance', 'subscription']);

/** What terms, histories, prices and licenses are read from. Documents have queries of their own. */
const AGREEMENT_TABLES: readonly TableName[] = [
  'accounts',
  'products',
  'prices',
  'promotions',
  'indices',
  'contracts',
  'subcontracts',
  'amendments',
  'licenses',
];

export interface Agreement {
  readonly index: BookIndex;
  readonly contract: Row<'contracts'>;
  readonly account: Row<'accounts'>;
  readonly terms: ContractTerms;
  /** Histories of recurring subcontracts that are or were on this contract. */
  readonly histories: readonly SubcontractHistory[];
  readonly timeZone: string;
}

/** What is agreed whatever the day; the histories follow from the day on which it is asked for. */
type AgreedTerms = Pick<Agreement, 'index' | 'contract' | 'account' | 'terms'>;

/** @throws step-failed where there is no such contract; Refusal where its facts contradict each other. */
export async function readAgreement(db: Db, contract: string, asOf: CivilDate): Promise<Agreement> {
  return agreementOn(await readTerms(db, contract), asOf);
}

/** @throws as {@link readAgreement} */
export async function readTerms(db: Db, contract: string): Promise<AgreedTerms> {
  const only = { contracts: [contract], tables: AGREEMENT_TABLES };
  const index = indexBook(await loadBook(db, only));
  const row = index.contracts.get(contract);
  const account = row === undefined ? undefined : index.accounts.get(row.account);
  if (row === undefined || account === undefined)
    throw stepFailed(`There is no contract ${contract}: import it, or end this process.`);
  return { index, contract: row, account, terms: contractTerms(index, row) };
}

/** @throws Refusal where its facts contradict each other. */
export function agreementOn(agreed: AgreedTerms, asOf: CivilDate): Agreement {
  const { index, terms } = agreed;
  const { contract } = agreed.contract;
  const termsOf = termsCache(index);
  const knowledge = { asOf, agreedBefore: null };
  const all = [
    ...(index.subcontractsOf.get(contract) ?? []),
    ...(index.movedTo.get(contract) ?? []),
  ];
  const histories = all
    .filter(({ sku }) => RECURRING.has(index.products.get(sku)?.kind ?? ''))
    .flatMap((one) => subcontractHistory(index, termsOf, one, knowledge) ?? []);
  return { ...agreed, histories, timeZone: terms.timeZone };
}

/**
 * The time zone in which a contract's days are decided at an instant: that of who sells under it then.
 * @throws Refusal `entity-unknown`
 */
export function timeZoneAt({ index, terms }: AgreedTerms, at: string): string {
  return soldOn(index, terms, civilDateIn(at, 'UTC')).timeZone;
}

const COUNTED: ReadonlySet<Invoice['state']> = new Set<Invoice['state']>([
  'issued',
  'partially_paid',
  'paid',
  'disputed',
  'credited',
]);

/** Documents older than this decide no license any more. */
const LINES_MONTHS = 27;

export interface IssuedLines {
  readonly invoices: readonly Invoice[];
  readonly lines: readonly LicenseLine[];
}

export async function readIssuedLines(
  db: Db,
  contract: string,
  today: CivilDate,
): Promise<IssuedLines> {
  const since = addMonths(today, -LINES_MONTHS);
  const invoices = (await invoicesOfContract(db, contract)).filter(
    ({ issuedOn, state }) => issuedOn >= since && COUNTED.has(state),
  );
  const byNumber = new Map(invoices.map((invoice) => [invoice.invoice, invoice]));
  const open = invoices.filter(({ balanceMinor }) => balanceMinor > 0);
  const openNumbers = open.map(({ invoice }) => invoice);
  const [reopened, all] = await Promise.all([
    lastReversals(db, openNumbers),
    linesOfInvoices(db, [...byNumber.keys()]),
  ]);
  const lines: LicenseLine[] = [];
  for (const line of all) {
    const invoice = byNumber.get(line.invoice);
    if (invoice === undefined) continue;
    const reopenedOn = reopened.get(invoice.invoice) ?? null;
    lines.push(...licenseLine(invoice, line, contract, reopenedOn));
  }
  return { invoices, lines };
}

function licenseLine(
  invoice: Invoice,
  line: InvoiceLine,
  contract: string,
  reopenedOn: CivilDate | null,
): LicenseLine[] {
  const belongs = (line.contract ?? invoice.contract) === contract;
  if (!belongs || line.subcontract === null || line.periodStart === null) return [];
  return [
    {
      subcontract: line.subcontract,
      periodStart: line.periodStart,
      netMinor: line.netMinor,
      // A credit note's lines are never owed; they lower what was billed.
      openMinor: invoice.type === 'credit_note' ? 0 : line.openMinor,
      dueOn: invoice.dueOn,
      promisedUntil: invoice.promisedUntil,
      reopenedOn,
    },
  ];
}
