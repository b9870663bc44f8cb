/**
 * Which rows of a book must be computed together. A bill run looks from a contract to its subcontracts, amendments, usage,
 * service time and billed lines, and along moves to other contracts; where documents are grouped by account, to all contracts
 * of the account. Everything that one row names together is connected; what is not connected, however indirectly, can be
 * computed apart with the same answer. Kept as hashes (key-index.ts): a million rows take some 30 MB.
 */
import type { TableName } from '../../domain/book/tables.ts';
import { IntColumn, KeyIndex } from './key-index.ts';
import { planRows, type RowPlan } from './rows.ts';
import type { BookSource } from './source.ts';

/** What can be named by others. Usage events and service time share their names (`invoice_lines.entry`). */
export type Noun = 'account' | 'contract' | 'subcontract' | 'invoice' | 'entry';

export class Connections {
  readonly #keys = new KeyIndex();
  readonly #parents = new IntColumn(-1);

  /** A number shared by all that is connected with the named thing; final once everything is connected. */
  groupOf(noun: Noun, name: string): number {
    return this.#root(this.#keys.add(`${noun}\u0000${name}`).id);
  }

  connect(a: readonly [Noun, string], b: readonly [Noun, string]): void {
    const [left, right] = [this.groupOf(...a), this.groupOf(...b)];
    if (left !== right) this.#parents.set(Math.max(left, right), Math.min(left, right));
  }

  #root(id: number): number {
    let at = id;
    for (let parent = this.#parents.get(at); parent >= 0; parent = this.#parents.get(at)) {
      const grand = this.#parents.get(parent);
      if (grand >= 0) this.#parents.set(at, grand);
      at = parent;
    }
    return at;
  }
}

type Cell = (column: string) => string;

/**
 * The cells of a table's rows by column, faulty rows included as far as they can be cut: what they name is set aside
 * together with what they damage.
 */
async function eachRow(
  source: BookSource,
  table: TableName,
  use: (cell: Cell) => void,
): Promise<void> {
  const file = source.tables.get(table);
  if (file === undefined) return;
  let plan: RowPlan | null = null;
  const positions = new Map<string, number>();
  for await (const batch of file.records())
    for (const { cells, problem } of batch) {
      if (problem !== undefined) continue;
      if (plan === null) {
        if (cells.every((cell) => cell.trim() === '')) continue;
        plan = planRows(table, file.file, cells).plan;
        for (const [at, column] of plan.columns.entries())
          if ('known' in column) positions.set(column.known, at);
          else if ('custom' in column) positions.set(column.custom, at);
        continue;
      }
      use((column) => cells[positions.get(column) ?? -1]?.trim() ?? '');
    }
}

/** Reads the book once through and connects what belongs together. */
export async function connectionsOf(source: BookSource): Promise<Connections> {
  const connections = new Connections();
  const link = (a: Noun, left: string, b: Noun, right: string) => {
    if (left !== '' && right !== '') connections.connect([a, left], [b, right]);
  };
  let grouped = false;
  await eachRow(source, 'policies', (cell) => {
    if (cell('policy') === 'grouping') grouped = true;
  });
  await eachRow(source, 'contracts', (cell) => {
    const [contract, grouping] = [cell('contract'), cell('grouping').toLowerCase()];
    const billed = cell('bill_to') || cell('account');
    // A contract that is named like its account, or begins so, may share a document with the account's own service time.
    const together = grouped || grouping === 'account' || grouping === 'po';
    if (together || contract.startsWith(billed)) link('contract', contract, 'account', billed);
  });
  await eachRow(source, 'subcontracts', (cell) =>
    link('subcontract', cell('subcontract'), 'contract', cell('contract')),
  );
  await eachRow(source, 'amendments', (cell) => {
    if (cell('kind').toLowerCase() === 'move')
      link('subcontract', cell('subcontract'), 'contract', cell('value'));
  });
  await eachRow(source, 'timesheets', (cell) => {
    const contract = cell('contract');
    if (contract === '') link('entry', cell('entry'), 'account', cell('account'));
    else link('entry', cell('entry'), 'contract', contract);
  });
  await eachRow(source, 'usage', (cell) =>
    link('entry', cell('event'), 'subcontract', cell('subcontract')),
  );
  await eachRow(source, 'invoices', (cell) =>
    link('invoice', cell('invoice'), 'contract', cell('contract')),
  );
  await eachRow(source, 'invoice_lines', (cell) => {
    const invoice = cell('invoice');
    link('invoice', invoice, 'subcontract', cell('subcontract'));
    link('invoice', invoice, 'contract', cell('contract'));
    for (const entry of cell('entry').split(';')) link('invoice', invoice, 'entry', entry.trim());
  });
  return connections;
}
