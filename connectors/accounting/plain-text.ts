/** The ledger as plain-text accounting: hledger's journal, beancount, or CSV. Pure text over rows. */
import { stringify } from 'csv-stringify/sync';
import type { LedgerRow } from '../../domain/ledger/ledger-row.ts';
import { formatMinor } from '../../domain/money/money.ts';

export const LEDGER_FORMATS = ['hledger', 'beancount', 'csv'] as const;
export type LedgerFormat = (typeof LEDGER_FORMATS)[number];

/** Where each ledger account stands in a chart of accounts. */
const CHART: Readonly<Record<string, string>> = {
  receivable: 'Assets:Receivable',
  bank: 'Assets:Bank',
  'tax-withheld': 'Assets:TaxWithheld',
  'deferred-revenue': 'Liabilities:DeferredRevenue',
  tax: 'Liabilities:Tax',
  'unapplied-credit': 'Liabilities:UnappliedCredit',
  'opening-balance': 'Equity:OpeningBalances',
  exchange: 'Equity:Exchange',
  revenue: 'Income:Maintenance',
  'late-charges': 'Income:LateCharges',
  'discount-allowed': 'Expenses:DiscountAllowed',
  'bad-debt': 'Expenses:BadDebt',
  'bank-fees': 'Expenses:BankFees',
};
/** Ledger accounts that are kept per customer. */
const PER_CUSTOMER = new Set(['receivable', 'unapplied-credit']);

/** A name that both programs take: letters, digits and dashes, a capital or digit first. */
function component(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^-+/, '');
  return /^[A-Z0-9]/.test(plain) ? plain : `X${plain}`;
}

function accountName(posting: LedgerRow): string {
  const place = CHART[posting.ledgerAccount] ?? `Equity:${component(posting.ledgerAccount)}`;
  const customer =
    PER_CUSTOMER.has(posting.ledgerAccount) && posting.account !== null
      ? `:${component(posting.account)}`
      : '';
  return `${place}:${component(posting.entity)}${customer}`;
}

const oneLine = (text: string) => text.replace(/[\s;|"]+/g, ' ').trim();
const amountOf = ({ amountMinor, currency }: LedgerRow) =>
  `${formatMinor(amountMinor, currency)} ${currency}`;

/** Groups rows that stand together into entries; a batch may end inside one. */
async function* entriesOf(
  batches: AsyncIterable<readonly LedgerRow[]>,
): AsyncGenerator<LedgerRow[]> {
  let entry: LedgerRow[] = [];
  for await (const batch of batches)
    for (const posting of batch) {
      if (entry[0] !== undefined && entry[0].entry !== posting.entry) {
        yield entry;
        entry = [];
      }
      entry.push(posting);
    }
  if (entry.length > 0) yield entry;
}

function hledgerEntry(entry: readonly LedgerRow[]): string {
  const [first] = entry;
  if (first === undefined) return '';
  const lines = entry.map((posting) => {
    const tag = posting.invoice === null ? '' : `  ; invoice:${oneLine(posting.invoice)}`;
    return `    ${accountName(posting)}  ${amountOf(posting)}${tag}`;
  });
  return `${first.postedOn} * ${oneLine(first.description)}  ; key:${oneLine(first.key)}\n${lines.join('\n')}\n\n`;
}

function beancountEntry(entry: readonly LedgerRow[], opened: Set<string>): string {
  const [first] = entry;
  if (first === undefined) return '';
  const opens = [...new Set(entry.map(accountName))].filter((name) => !opened.has(name));
  for (const name of opens) opened.add(name);
  const directives = opens.map((name) => `${first.postedOn} open ${name}\n`).join('');
  const lines = entry.map((posting) => `  ${accountName(posting)}  ${amountOf(posting)}`);
  const head = `${first.postedOn} * "${oneLine(first.description)}"\n  key: "${oneLine(first.key)}"`;
  return `${directives}${head}\n${lines.join('\n')}\n\n`;
}

const CSV_HEADER = [
  'entry',
  'key',
  'posted_on',
  'entity',
  'description',
  'ledger_account',
  'account',
  'invoice',
  'line',
  'amount',
  'currency',
];

function csvRows(batch: readonly LedgerRow[]): string {
  return stringify(
    batch.map((row) => [
      row.entry,
      row.key,
      row.postedOn,
      row.entity,
      row.description,
      row.ledgerAccount,
      row.account ?? '',
      row.invoice ?? '',
      row.line ?? '',
      formatMinor(row.amountMinor, row.currency),
      row.currency,
    ]),
  );
}

/** The text of an export, piece by piece; rows come by day, then entry. */
export async function* ledgerText(
  batches: AsyncIterable<readonly LedgerRow[]>,
  format: LedgerFormat,
): AsyncGenerator<string> {
  if (format === 'csv') {
    yield stringify([CSV_HEADER]);
    for await (const batch of batches) yield csvRows(batch);
    return;
  }
  const opened = new Set<string>();
  for await (const entry of entriesOf(batches))
    yield format === 'hledger' ? hledgerEntry(entry) : beancountEntry(entry, opened);
}
