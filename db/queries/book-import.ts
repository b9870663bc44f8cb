/** A book into the database, in one transaction: facts, documents, allocations, opening entries. Never half of one. */
import { eq, inArray, sql } from 'drizzle-orm';
import type { Book, Row, TableName } from '../../domain/book/tables.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { FACT_TABLE_NAMES } from '../fact-tables.ts';
import { insertRows } from '../insert-rows.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { imports, invoiceLines, invoices, paymentAllocations, payments } from '../schema.ts';
import { audit } from './audit.ts';
import { invoiceRowOf, lineRowOf, paymentRowOf } from './book-load.ts';
import { putFacts, type RowCounts } from './facts.ts';
import { hashesOfRows } from './import-undo.ts';
import {
  balanceOf,
  draftDocuments,
  type ImportedBook,
  type InvoiceDraft,
  movedStateOf,
} from './imported-documents.ts';
import { postOpening } from './opening-entries.ts';

export type ImportCounts = Partial<Record<TableName, RowCounts>>;
export interface ImportOptions {
  /** Names the import in `imports`, in every row's import_id and in documents' `source`. */
  readonly importId: string;
  readonly actor: Actor;
  /** What was read, in words for people: a folder's or workbook's name. */
  readonly source?: string;
  /** Counts only; nothing is written. */
  readonly dryRun?: boolean;
  /** Called after each table, for a person who waits. */
  readonly onProgress?: (table: TableName, rows: number) => void;
}

const BATCH_ROWS = 1000;

function batches<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < rows.length; start += BATCH_ROWS)
    parts.push(rows.slice(start, start + BATCH_ROWS));
  return parts;
}

/** Empty and absent are one: a reader may leave a column out. */
function sameRow(a: object, b: object): boolean {
  const plain = (row: object) =>
    canonicalJson(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
  return plain(a) === plain(b);
}

/** Rows of a document table that are there already, by key, each as the book would show it now and as it came. */
type Known = Map<string, readonly object[]>;

async function knownInvoices(tx: Db, book: Book): Promise<Known> {
  const known: Known = new Map();
  for (const batch of batches(book.invoices.map(({ invoice }) => invoice)))
    for (const record of await tx.select().from(invoices).where(inArray(invoices.invoice, batch)))
      known.set(record.invoice, [
        invoiceRowOf(record),
        ...(record.imported ? [{ ...record.imported.row, custom: record.custom }] : []),
      ]);
  return known;
}

const lineKey = (invoice: string, line: string) => JSON.stringify([invoice, line]);

async function knownLines(tx: Db, book: Book): Promise<Known> {
  const known: Known = new Map();
  const numbers = [...new Set(book.invoice_lines.map(({ invoice }) => invoice))];
  for (const batch of batches(numbers)) {
    const rows = await tx
      .select({ line: invoiceLines, currency: invoices.currency })
      .from(invoiceLines)
      .innerJoin(invoices, eq(invoices.invoice, invoiceLines.invoice))
      .where(inArray(invoiceLines.invoice, batch));
    for (const { line, currency } of rows)
      known.set(lineKey(line.invoice, line.line), [lineRowOf(line, currency)]);
  }
  return known;
}

async function knownPayments(tx: Db, book: Book): Promise<Known> {
  const known: Known = new Map();
  for (const batch of batches(book.payments.map(({ payment }) => payment)))
    for (const record of await tx.select().from(payments).where(inArray(payments.payment, batch))) {
      const now = paymentRowOf(record);
      const came = record.imported ? [{ ...record.imported.row, custom: record.custom }] : [];
      known.set(record.payment, [...(now === null ? [] : [now]), ...came]);
    }
  return known;
}

const allocationKey = (payment: string, invoice: string, line: string | null) =>
  JSON.stringify([payment, invoice, line]);

/** An allocation is known by its place; its amount is compared by what the rows of that place sum to. */
async function knownAllocations(tx: Db, book: Book): Promise<Set<string>> {
  const known = new Set<string>();
  const ids = [...new Set(book.payment_allocations.map(({ payment }) => payment))];
  for (const batch of batches(ids))
    for (const row of await tx
      .select()
      .from(paymentAllocations)
      .where(inArray(paymentAllocations.payment, batch)))
      known.add(allocationKey(row.payment, row.invoice, row.line));
  return known;
}

/** Columns of an imported invoice's row that may be told anew: what happened to it, not what it says. */
const MOVING = new Set(['status', 'balance', 'disputed']);

function withoutMoving(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !MOVING.has(name)));
}

interface Sorted<R> {
  readonly added: readonly R[];
  readonly changed: readonly R[];
  readonly same: number;
}

function sort<R extends object>(
  table: TableName,
  rows: readonly R[],
  keyOf: (row: R) => string,
  known: Known,
  mayMove: boolean,
): Sorted<R> {
  const added: R[] = [];
  const changed: R[] = [];
  const contradicting: string[] = [];
  let same = 0;
  const seen = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row);
    if (seen.has(key)) throw new Refusal('duplicate-row', `${table} has ${key} twice: keep one.`);
    seen.add(key);
    const forms = known.get(key);
    if (forms === undefined) added.push(row);
    else if (forms.some((form) => sameRow(form, row))) same += 1;
    else if (mayMove && forms.some((form) => sameRow(withoutMoving(form), withoutMoving(row))))
      changed.push(row);
    else contradicting.push(key);
  }
  if (contradicting.length > 0)
    throw new Refusal(
      'issued-document-changed',
      `${table}: ${contradicting.slice(0, 5).join(', ')} ${contradicting.length > 5 ? `and ${contradicting.length - 5} more ` : ''}` +
        'say something else than what was recorded. Issued documents and received money never change: correct them by ' +
        'a credit note or a reversal, or leave these rows out.',
      { table, keys: contradicting },
    );
  return { added, changed, same };
}

async function insertInvoices(tx: Db, drafts: readonly InvoiceDraft[]): Promise<void> {
  await insertRows(
    tx,
    invoices,
    drafts.map(({ invoice }) => invoice),
  );
  await insertRows(
    tx,
    invoiceLines,
    drafts.flatMap(({ lines }) => lines),
  );
}

/** Imported history whose status or balance the book tells anew, unless money moved it here meanwhile. */
async function moveImported(
  tx: Db,
  rows: readonly Row<'invoices'>[],
  importId: string,
): Promise<void> {
  for (const row of rows) {
    const [record] = await tx
      .select()
      .from(invoices)
      .where(eq(invoices.invoice, row.invoice))
      .for('update');
    if (record === undefined) continue;
    await keepDocument(tx, importId, record.invoice);
    if (record.imported === null || record.imported.balanceMinor !== record.balanceMinor)
      throw new Refusal(
        'issued-document-changed',
        `${row.invoice} has moved here since it was imported; its status and balance are kept here now.`,
        { invoice: row.invoice },
      );
    const lines = await tx
      .select()
      .from(invoiceLines)
      .where(eq(invoiceLines.invoice, row.invoice))
      .orderBy(invoiceLines.position);
    const balanceMinor = balanceOf(row, record);
    const { custom: _custom, ...plain } = row;
    await tx
      .update(invoices)
      .set({
        balanceMinor,
        state: movedStateOf(row, record.totalMinor, balanceMinor),
        disputed: row.disputed ?? false,
        imported: { row: plain, balanceMinor },
      })
      .where(eq(invoices.invoice, row.invoice));
    await spreadMovedBalance(tx, lines, balanceMinor);
    await postOpening(tx, row.invoice, record.balanceMinor, balanceMinor);
  }
}

/** What moves of a document and of its lines, as it is before an import tells it anew. */
async function keepDocument(tx: Db, importId: string, invoice: string): Promise<void> {
  await tx.execute(sql`
    insert into import_before (import_id, table_name, row)
    select ${importId}::text, 'invoices', to_jsonb(i) || jsonb_build_object('lines', (
        select coalesce(jsonb_object_agg(l.line, l.open_minor), '{}') from invoice_lines l where l.invoice = i.invoice))
      from invoices i where i.invoice = ${invoice}`);
}

async function spreadMovedBalance(
  tx: Db,
  lines: readonly (typeof invoiceLines.$inferSelect)[],
  balanceMinor: number,
): Promise<void> {
  let left = balanceMinor;
  for (const [index, { invoice, line, netMinor, taxMinor }] of [...lines].reverse().entries()) {
    const gross = netMinor + taxMinor;
    const last = index === lines.length - 1;
    const open = last ? left : gross > 0 ? Math.min(left, gross) : Math.max(left, gross);
    left -= open;
    await tx
      .update(invoiceLines)
      .set({ openMinor: open })
      .where(sql`${invoiceLines.invoice} = ${invoice} and ${invoiceLines.line} = ${line}`);
  }
}

async function importDocuments(tx: Db, book: Book, options: ImportOptions): Promise<ImportCounts> {
  const documents = sort(
    'invoices',
    book.invoices,
    ({ invoice }) => invoice,
    await knownInvoices(tx, book),
    true,
  );
  const lines = sort(
    'invoice_lines',
    book.invoice_lines,
    ({ invoice, line }) => lineKey(invoice, line),
    await knownLines(tx, book),
    false,
  );
  const received = sort(
    'payments',
    book.payments,
    ({ payment }) => payment,
    await knownPayments(tx, book),
    false,
  );
  const knownPlaces = await knownAllocations(tx, book);
  const allocations = book.payment_allocations.filter(
    ({ payment, invoice, line }) => !knownPlaces.has(allocationKey(payment, invoice, line)),
  );
  demandNewParents(lines.added, allocations, documents, received);
  const fresh: ImportedBook = {
    book,
    invoices: documents.added,
    payments: received.added,
    allocations,
    source: options.importId,
  };
  const drafts = await draftDocuments(tx, fresh);
  await insertInvoices(tx, drafts.invoices);
  await insertRows(tx, payments, drafts.payments);
  await insertRows(tx, paymentAllocations, drafts.allocations);
  await drafts.post(tx);
  await moveImported(tx, documents.changed, options.importId);
  return {
    invoices: countsOf(documents),
    invoice_lines: countsOf(lines),
    payments: countsOf(received),
    payment_allocations: {
      added: allocations.length,
      changed: 0,
      same: book.payment_allocations.length - allocations.length,
    },
  };
}

const countsOf = ({ added, changed, same }: Sorted<object>): RowCounts => ({
  added: added.length,
  changed: changed.length,
  same,
});

/** A new line on an issued document, or a new split of known money, would change what was recorded. */
function demandNewParents(
  lines: readonly Row<'invoice_lines'>[],
  allocations: readonly Row<'payment_allocations'>[],
  documents: Sorted<Row<'invoices'>>,
  received: Sorted<Row<'payments'>>,
): void {
  const newInvoices = new Set(documents.added.map(({ invoice }) => invoice));
  const newPayments = new Set(received.added.map(({ payment }) => payment));
  const line = lines.find(({ invoice }) => !newInvoices.has(invoice));
  if (line !== undefined)
    throw new Refusal(
      'issued-document-changed',
      `${line.invoice} was recorded without a line ${line.line}: issued documents get no new lines.`,
    );
  const split = allocations.find(({ payment }) => !newPayments.has(payment));
  if (split !== undefined)
    throw new Refusal(
      'issued-document-changed',
      `${split.payment} was recorded already: allocate it here instead of by an import.`,
    );
}

/** Ends a transaction that was only to be looked at. */
class LookedAt extends Error {}

/**
 * Imports a book, looks at what has become of the record, and takes all of it back: what `look` answers is true of the moment
 * after the import, and nothing was written.
 */
export async function afterImport<T>(
  db: Db,
  book: Book,
  options: ImportOptions,
  look: (tx: Db, counts: ImportCounts) => Promise<T>,
): Promise<T> {
  const seen: T[] = [];
  try {
    await db.transaction(async (tx) => {
      seen.push(await look(tx, await importAll(tx, book, options)));
      throw new LookedAt();
    });
  } catch (error) {
    if (!(error instanceof LookedAt)) throw error;
  }
  return oneRow(seen, 'what was looked at');
}

/**
 * Upserts a checked book in one transaction: facts, documents, allocations and the opening entries of the ledger. The same
 * book again changes nothing (all rows count as `same`). An issued document never changes: a row that contradicts one is
 * refused with `issued-document-changed`; only status, balance and disputed of imported history may move.
 */
export async function importBook(
  db: Db,
  book: Book,
  options: ImportOptions,
): Promise<ImportCounts> {
  if (options.dryRun === true) return afterImport(db, book, options, async (_tx, counts) => counts);
  return db.transaction((tx) => importAll(tx, book, options));
}

async function importAll(tx: Db, book: Book, options: ImportOptions): Promise<ImportCounts> {
  const { importId, actor, source = importId } = options;
  const counts: ImportCounts = {};
  for (const table of FACT_TABLE_NAMES) {
    const rows = book[table];
    if (rows.length === 0) continue;
    counts[table] = await putFacts(tx, table, rows, importId, { keepBefore: true });
    options.onProgress?.(table, rows.length);
  }
  const documents = await importDocuments(tx, book, options);
  for (const [table, count] of Object.entries(documents) as [TableName, RowCounts][]) {
    if (book[table].length === 0) continue;
    counts[table] = count;
    options.onProgress?.(table, book[table].length);
  }
  const written = Object.values(counts).some(({ added, changed }) => added + changed > 0);
  if (!written) return counts;
  const rowHashes = await hashesOfRows(tx, importId, counts);
  await tx
    .insert(imports)
    .values({ id: importId, source, rows: counts, importedBy: actor.user, rowHashes })
    .onConflictDoUpdate({
      target: imports.id,
      set: { rows: counts, importedAt: new Date(), rowHashes },
    });
  await audit(tx, { actor, action: 'book.import', subject: importId, details: { source, counts } });
  return counts;
}
