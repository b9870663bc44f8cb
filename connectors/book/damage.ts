/**
 * What faulty rows do to contracts: a row that was left out of a book may have been the one that
 * says how much to bill, or that it was billed already. The contracts that it names, directly or
 * through its subcontract or invoice, must not be computed without it.
 */
import type { Book, Row, TableName } from '../../domain/book/tables.ts';
import type { BookError } from './problems.ts';

/** What a row names, as far as its cells can be read. */
export interface RowNames {
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly invoice: string | null;
}

/** Columns that name a contract, or a row that leads to one, by table. */
const NAMING: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  contracts: ['contract'],
  subcontracts: ['contract', 'subcontract'],
  amendments: ['subcontract'],
  usage: ['subcontract'],
  timesheets: ['contract'],
  invoices: ['invoice', 'contract'],
  invoice_lines: ['invoice', 'subcontract'],
};

/** Reads from anything that gives a cell by its column what the row names. */
export function namesIn(
  table: TableName,
  cell: (column: string) => string | null,
): RowNames | null {
  if (table === 'policies')
    return cell('scope')?.toLowerCase() === 'contract'
      ? { contract: cell('id'), subcontract: null, invoice: null }
      : null;
  const columns = NAMING[table];
  if (columns === undefined) return null;
  const named = (column: string) => (columns.includes(column) ? cell(column) : null);
  return {
    contract: named('contract'),
    subcontract: named('subcontract'),
    invoice: named('invoice'),
  };
}

/** A row that was left out of a book, with what it names. */
export interface DamagedRow {
  readonly table: TableName;
  readonly file: string;
  readonly row: number;
  readonly names: RowNames;
}

/** How many rows a reason tells; `book check` lists them all. */
const TOLD_ROWS = 5;

/** Collects rows that were left out, and tells at the end which contracts they leave incomplete. */
export class Damage {
  readonly #rows: DamagedRow[] = [];

  add(row: DamagedRow): void {
    this.#rows.push(row);
  }

  /** By contract: the rows, what is wrong with them and what to correct. */
  contracts(book: Book, errors: readonly BookError[]): ReadonlyMap<string, string> {
    if (this.#rows.length === 0) return new Map();
    const told = toldByRow(errors);
    const contractOf = this.#contractOfSubcontracts(book.subcontracts);
    const reasons = new Map<string, string[]>();
    for (const damaged of this.#rows) {
      const place = `${damaged.file} row ${damaged.row}`;
      const reason = `${place}: ${told.get(place) ?? 'is faulty; `book check` tells why'}`;
      for (const contract of this.#contractsOf(damaged, book, contractOf)) {
        const list = reasons.get(contract) ?? [];
        if (!list.includes(reason)) list.push(reason);
        reasons.set(contract, list);
      }
    }
    return new Map([...reasons].sort().map(([contract, list]) => [contract, worded(list)]));
  }

  /** A faulty subcontract's own row still tells its contract. */
  #contractOfSubcontracts(kept: readonly Row<'subcontracts'>[]): Map<string, string> {
    const contractOf = new Map<string, string>();
    for (const { table, names } of this.#rows)
      if (table === 'subcontracts' && names.subcontract !== null && names.contract !== null)
        contractOf.set(names.subcontract, names.contract);
    for (const row of kept) contractOf.set(row.subcontract, row.contract);
    return contractOf;
  }

  #contractsOf(
    { table, names }: DamagedRow,
    book: Book,
    contractOf: ReadonlyMap<string, string>,
  ): string[] {
    const contracts = new Set<string>();
    const through = (subcontract: string | null) => {
      if (subcontract === null) return;
      const home = contractOf.get(subcontract);
      if (home !== undefined) contracts.add(home);
      // A moved subcontract belongs to the contracts that it was moved to as well.
      for (const move of book.amendments)
        if (move.kind === 'move' && move.subcontract === subcontract && move.value !== null)
          contracts.add(move.value);
    };
    if (names.contract !== null) contracts.add(names.contract);
    through(names.subcontract);
    if (names.invoice !== null) {
      if (table === 'invoices')
        for (const line of book.invoice_lines)
          if (line.invoice === names.invoice) through(line.subcontract);
      const invoice = book.invoices.find((row) => row.invoice === names.invoice);
      if (invoice?.contract) contracts.add(invoice.contract);
    }
    return [...contracts];
  }
}

function toldByRow(errors: readonly BookError[]): Map<string, string> {
  const told = new Map<string, string>();
  for (const { file, row, column, value, message } of errors) {
    const place = `${file} row ${row}`;
    const what = [column, value === null || value === '' ? null : `"${value}"`, message];
    const words = what.filter((part) => part !== null).join(' ');
    const before = told.get(place);
    told.set(place, before === undefined ? words : `${before}; ${words}`);
  }
  return told;
}

function worded(reasons: readonly string[]): string {
  const rest = reasons.length - TOLD_ROWS;
  const shown = reasons.slice(0, TOLD_ROWS).join('. ');
  return `${shown}${rest > 0 ? `. And ${rest} more rows` : ''}. Correct them and run again`;
}
