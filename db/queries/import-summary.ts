/** What an import would do, said before it is done: by importing the book, asking the engine, and taking all of it back. */
import { sql } from 'drizzle-orm';
import type { Control, SetAside } from '../../domain/bill-run/document.ts';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { indexBook } from '../../domain/book/book-index.ts';
import type { Book } from '../../domain/book/tables.ts';
import type { CivilDate } from '../../domain/dates/dates.ts';
import { vatNumbersToAsk } from '../../domain/tax/vat-check.ts';
import { vatNumberKey } from '../../domain/tax/vat-number.ts';
import type { Db } from '../connect.ts';
import { afterImport, type ImportCounts, type ImportOptions } from './book-import.ts';
import { loadBook } from './book-load.ts';
import { knownVatAnswers } from './vat-validations.ts';

/** Amounts of one currency, in minor units. */
export interface OpenSum {
  readonly currency: string;
  readonly count: number;
  readonly amountMinor: number;
}
export interface ImportSummary {
  readonly tables: ImportCounts;
  /** Of the book: how many there are of each, new or known. */
  readonly accounts: number;
  readonly contracts: number;
  readonly subcontracts: number;
  /** What the book's invoices and credit notes leave open, by currency. */
  readonly openInvoices: readonly OpenSum[];
  readonly openCredits: readonly OpenSum[];
  /** Money of the book's payments that is allocated to nothing. */
  readonly unapplied: readonly OpenSum[];
  /** What the next run would bill of the book's contracts, by the engine. */
  readonly nextRun: {
    readonly runOn: CivilDate;
    readonly invoices: number;
    readonly creditNotes: number;
    readonly totals: readonly OpenSum[];
    readonly held: number;
    readonly setAside: readonly SetAside[];
    readonly control: Control;
    readonly warnings: readonly string[];
  };
  /** The selling entities after the import, with the day from which this installation bills. */
  readonly entities: readonly { readonly entity: string; readonly cutover: string | null }[];
}

/** Imports, looks, and takes all of it back. `runOn` is the next run's date. */
export function summarizeImport(
  db: Db,
  book: Book,
  options: ImportOptions & { readonly runOn: CivilDate },
): Promise<ImportSummary> {
  return afterImport(db, book, options, async (tx, tables) => {
    const after = await loadBook(tx, { tables: ['entities', 'accounts'] });
    return {
      tables,
      accounts: book.accounts.length,
      contracts: book.contracts.length,
      subcontracts: book.subcontracts.length,
      ...(await openAmounts(tx, book)),
      nextRun: await nextRunOf(tx, book, options.runOn),
      entities: after.entities.map(({ entity, cutover }) => ({ entity, cutover })),
    };
  });
}

async function openAmounts(
  tx: Db,
  book: Book,
): Promise<Pick<ImportSummary, 'openInvoices' | 'openCredits' | 'unapplied'>> {
  const numbers = sql`${sql.param(book.invoices.map(({ invoice }) => invoice))}::text[]`;
  const money = sql`${sql.param(book.payments.map(({ payment }) => payment))}::text[]`;
  const sums = async (query: ReturnType<typeof sql>): Promise<OpenSum[]> => {
    const rows = await tx.execute<{ currency: string; count: string; amount: string }>(query);
    return rows.map(({ currency, count, amount }) => ({
      currency,
      count: Number(count),
      amountMinor: Number(amount),
    }));
  };
  return {
    openInvoices: await sums(sql`
      select currency, count(*) as count, sum(balance_minor) as amount from invoices
       where invoice = any(${numbers}) and balance_minor > 0 group by currency order by currency`),
    openCredits: await sums(sql`
      select currency, count(*) as count, sum(balance_minor) as amount from invoices
       where invoice = any(${numbers}) and balance_minor < 0 group by currency order by currency`),
    unapplied: await sums(sql`
      select currency, count(*) as count, sum(unapplied_minor) as amount from payments
       where payment = any(${money}) and unapplied_minor <> 0 group by currency order by currency`),
  };
}

async function nextRunOf(tx: Db, book: Book, runOn: CivilDate): Promise<ImportSummary['nextRun']> {
  const contracts = book.contracts.map(({ contract }) => contract);
  const accounts = book.accounts.map(({ account }) => account);
  const merged = await loadBook(tx, { contracts, accounts });
  const asked = vatNumbersToAsk(indexBook(merged), runOn).map(vatNumberKey);
  const vatValidations = await knownVatAnswers(tx, asked);
  const preview = previewBillRun(merged, { run: runOn, vatValidations });
  const totals = new Map<string, { count: number; amountMinor: number }>();
  for (const { currency, total } of [...preview.invoices, ...preview.creditNotes]) {
    const sum = totals.get(currency) ?? { count: 0, amountMinor: 0 };
    totals.set(currency, { count: sum.count + 1, amountMinor: sum.amountMinor + total });
  }
  return {
    runOn,
    invoices: preview.invoices.length,
    creditNotes: preview.creditNotes.length,
    totals: [...totals].sort().map(([currency, sum]) => ({ currency, ...sum })),
    held: preview.held.length,
    setAside: preview.setAside,
    control: preview.control,
    warnings: preview.warnings,
  };
}
