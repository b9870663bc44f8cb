/**
 * The accounts-receivable sample (examples/accounts-receivable) as a contract book: 2,466 settled invoices of 100 customers.
 * How each column is mapped is told in docs/accounts-receivable-mapping.md.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import {
  BOOK_TABLES,
  type Book,
  type ColumnSpec,
  camel,
  emptyBook,
  type Row,
  type TableName,
} from '../../domain/book/tables.ts';
import { civil, isCivilDate } from '../../domain/dates/dates.ts';
import { formatMinor, parseMinor } from '../../domain/money/money.ts';
import { BookInputError } from './problems.ts';

const ENTITY = 'IBM-sample';
const CURRENCY = 'USD';
const COLUMNS = [
  'countryCode',
  'customerID',
  'PaperlessDate',
  'invoiceNumber',
  'InvoiceDate',
  'DueDate',
  'InvoiceAmount',
  'Disputed',
  'SettledDate',
  'PaperlessBill',
  'DaysToSettle',
  'DaysLate',
] as const;
type SampleRow = Readonly<Record<(typeof COLUMNS)[number], string>>;

function bookRow<T extends TableName>(
  table: T,
  values: { [K in keyof Row<T>]?: Row<T>[K] },
): Row<T> {
  const specs = Object.entries<ColumnSpec>(BOOK_TABLES[table].columns);
  const empty = specs.map(([name, spec]) => [camel(name), spec.default ?? null]);
  return { ...Object.fromEntries(empty), custom: {}, ...values } as Row<T>;
}

/** M/D/YYYY → YYYY-MM-DD. */
function dateOf(row: SampleRow, column: (typeof COLUMNS)[number], line: number): string {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(row[column]);
  const date = match === null ? '' : civil(Number(match[3]), Number(match[1]), Number(match[2]));
  if (!isCivilDate(date))
    throw new BookInputError(`row ${line}, ${column}: "${row[column]}" must be a date M/D/YYYY`);
  return date;
}

function amountOf(row: SampleRow, line: number): string {
  try {
    return formatMinor(parseMinor(row.InvoiceAmount, CURRENCY), CURRENCY);
  } catch (cause) {
    throw new BookInputError(
      `row ${line}, InvoiceAmount: "${row.InvoiceAmount}" must be an amount with at most two decimals`,
      { cause },
    );
  }
}

function rowsOf(row: SampleRow, line: number) {
  const amount = amountOf(row, line);
  const invoice = row.invoiceNumber;
  const account = row.customerID;
  const payment = `IBM-${invoice}`;
  const { PaperlessBill, DaysToSettle, DaysLate } = row;
  return {
    invoice: bookRow('invoices', {
      invoice,
      account,
      issued: dateOf(row, 'InvoiceDate', line),
      due: dateOf(row, 'DueDate', line),
      entity: ENTITY,
      currency: CURRENCY,
      status: 'paid',
      disputed: row.Disputed === 'Yes',
      net: amount,
      tax: formatMinor(0, CURRENCY),
      total: amount,
      balance: formatMinor(0, CURRENCY),
      custom: { PaperlessBill, DaysToSettle, DaysLate },
    }),
    line: bookRow('invoice_lines', { invoice, line: '1', net: amount }),
    payment: bookRow('payments', {
      payment,
      account,
      received: dateOf(row, 'SettledDate', line),
      amount,
      currency: CURRENCY,
      reference: invoice,
    }),
    allocation: bookRow('payment_allocations', { payment, invoice, line: '1', amount }),
  };
}

function accountsOf(rows: readonly SampleRow[]): Row<'accounts'>[] {
  const accounts = new Map<string, Row<'accounts'>>();
  for (const { customerID: account, countryCode, PaperlessDate } of rows)
    if (!accounts.has(account))
      accounts.set(
        account,
        bookRow('accounts', {
          account,
          name: account,
          entity: ENTITY,
          currency: CURRENCY,
          custom: { countryCode, PaperlessDate },
        }),
      );
  return [...accounts.values()];
}

/**
 * Reads the sample's CSV file.
 * @throws BookInputError with row, column and value where it is not that file.
 */
export async function readAccountsReceivable(path: string): Promise<Book> {
  const rows = parse(await readFile(path, 'utf8'), { columns: true, bom: true }) as SampleRow[];
  const missing = COLUMNS.filter((column) => rows[0]?.[column] === undefined);
  if (missing.length > 0)
    throw new BookInputError(
      `${path} has no column ${missing.join(', ')}; it needs ${COLUMNS.join(', ')}`,
    );
  const parts = rows.map((row, index) => rowsOf(row, index + 2));
  return {
    ...emptyBook(),
    entities: [
      bookRow('entities', {
        entity: ENTITY,
        legalName: 'Accounts-receivable sample (IBM)',
        currency: CURRENCY,
        timeZone: 'UTC',
      }),
    ],
    accounts: accountsOf(rows),
    invoices: parts.map(({ invoice }) => invoice),
    invoice_lines: parts.map(({ line }) => line),
    payments: parts.map(({ payment }) => payment),
    payment_allocations: parts.map(({ allocation }) => allocation),
  };
}
