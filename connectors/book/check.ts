/**
 * The checks of a contract book, fed row by row. It remembers of each table only what later rows
 * are compared with (check-facts.ts), so that a book of a million rows can be checked as it streams
 * by.
 */
import { BOOK_TABLES, camel, type Row, type TableName } from '../../domain/book/tables.ts';
import * as agreements from './check-agreements.ts';
import {
  CheckFacts,
  type LateReport,
  NO_ID,
  type RowReport,
  type TableRule,
} from './check-facts.ts';
import * as parties from './check-parties.ts';
import * as receivables from './check-receivables.ts';
import { detached, type ProblemList } from './problems.ts';
import { type ReadRow, type RowPlan, tableSpec } from './rows.ts';
import type { BookSource } from './source.ts';

type Rules = { readonly [T in TableName]?: TableRule<T> };

const RULES: Rules = {
  entities: parties.checkEntity,
  accounts: parties.checkAccount,
  contacts: parties.checkContact,
  promotions: parties.checkPromotion,
  campaigns: parties.checkCampaign,
  policies: parties.checkPolicy,
  usage: parties.checkUsage,
  timesheets: parties.checkTimesheet,
  prices: agreements.checkPrice,
  taxes: agreements.checkTax,
  contracts: agreements.checkContract,
  subcontracts: agreements.checkSubcontract,
  amendments: agreements.checkAmendment,
  quotes: agreements.checkQuote,
  orders: agreements.checkOrder,
  licenses: agreements.checkLicense,
  invoices: receivables.checkInvoice,
  invoice_lines: receivables.checkInvoiceLine,
  payments: receivables.checkPayment,
  payment_allocations: receivables.checkAllocation,
};

/** First and last days that must not be the wrong way round, in whatever table has them. */
const SPANS: readonly (readonly [string, string])[] = [
  ['start', 'end'],
  ['valid_from', 'valid_to'],
  ['valid_from', 'valid_through'],
  ['discount_from', 'discount_to'],
  ['period_start', 'period_end'],
  ['opened', 'closed'],
  ['starts', 'ends'],
];

interface Reference {
  readonly column: string;
  readonly field: string;
  readonly table: TableName;
}

interface TableChecks {
  readonly references: readonly Reference[];
  readonly spans: readonly Span[];
  /** Whether each key column must have a value. */
  readonly keyNeeded: readonly boolean[];
}

interface Span {
  readonly from: string;
  readonly to: string;
  readonly fromField: string;
  readonly toField: string;
}

const CHECKS = new Map<TableName, TableChecks>();

function checksOf(table: TableName): TableChecks {
  const known = CHECKS.get(table);
  if (known !== undefined) return known;
  const { columns } = tableSpec(table);
  const references = Object.entries(columns).flatMap(([column, spec]) =>
    spec.references === undefined
      ? []
      : [{ column, field: camel(column), table: spec.references as TableName }],
  );
  const spans = SPANS.filter(([from, to]) => from in columns && to in columns).map(
    ([from, to]) => ({ from, to, fromField: camel(from), toField: camel(to) }),
  );
  const keyNeeded = tableSpec(table).key.map((column) => columns[column]?.required === true);
  const checks = { references, spans, keyNeeded };
  CHECKS.set(table, checks);
  return checks;
}

/**
 * Reports on one row after the other of one file, and remembers whether the row at hand is good.
 */
class CurrentRow implements RowReport {
  readonly #file: string;
  readonly #errors: ProblemList;
  readonly #warnings: ProblemList;
  #row = 0;
  good = true;

  constructor(file: string, errors: ProblemList, warnings: ProblemList) {
    this.#file = file;
    this.#errors = errors;
    this.#warnings = warnings;
  }

  begin(row: number): void {
    this.#row = row;
    this.good = true;
  }

  error(column: string | null, value: string | null, message: string): void {
    this.good = false;
    this.disagreement(column, value, message);
  }

  disagreement(column: string | null, value: string | null, message: string): void {
    this.#errors.add({ file: this.#file, row: this.#row, column, value, message });
  }

  warning(column: string | null, value: string | null, message: string): void {
    this.#warnings.add({ file: this.#file, row: this.#row, column, value, message });
  }
}

/**
 * One check of one book: `missingTables`, the look-ahead, then per table `header`, `row`…,
 * `endTable`; last `finish`.
 */
export class BookCheck {
  readonly #source: BookSource;
  readonly #errors: ProblemList;
  readonly #warnings: ProblemList;
  readonly #facts: CheckFacts;
  readonly #dropped = new Map<TableName, Set<number>>();
  readonly #reports = new Map<TableName, CurrentRow>();
  #cyclicAccounts: ReadonlySet<number> = new Set();

  constructor(source: BookSource, errors: ProblemList, warnings: ProblemList) {
    this.#source = source;
    this.#errors = errors;
    this.#warnings = warnings;
    this.#facts = new CheckFacts(new Set(source.tables.keys()));
  }

  /**
   * Reports required tables that the book does not have, and the tables whose absence has
   * consequences.
   */
  missingTables(required: readonly TableName[]): void {
    const has = (table: TableName) => this.#source.tables.has(table);
    const faulted = (table: TableName) =>
      this.#source.errors.some(({ file }) =>
        file.toLowerCase().replace(/[\s-]/g, '_').includes(table),
      );
    for (const table of required) {
      if (has(table)) continue;
      this.#facts.unreadable.add(table);
      if (faulted(table)) continue;
      const message = `the required table ${table} is missing; add ${table}.csv or such a sheet`;
      this.#errors.add({
        file: this.#fileOf(table),
        row: null,
        column: null,
        value: null,
        message,
      });
    }
    // A file that is there but unusable has been told; what refers to it is not told again.
    for (const table of Object.keys(BOOK_TABLES) as TableName[])
      if (!has(table) && faulted(table)) this.#facts.unreadable.add(table);
    if (!has('taxes') && !faulted('taxes'))
      this.#warnings.add({
        file: this.#fileOf('taxes'),
        row: null,
        column: null,
        value: null,
        message: 'there is no table taxes, so the tax rate is zero everywhere',
      });
  }

  contactAhead(contact: Row<'contacts'>): void {
    const billed = contact.role === 'billing' || contact.receives?.includes('invoice');
    if (billed) this.#facts.billedByContact.add(contact.account);
  }

  amendmentAhead(amendment: Row<'amendments'>): void {
    if (amendment.kind === 'price') this.#facts.priceAmended.add(amendment.subcontract);
  }

  header(table: TableName, plan: RowPlan | null, errors: ReadRow<TableName>['errors']): void {
    for (const error of errors) this.#errors.add(error);
    const keysMissing = plan?.missing.some((column) => tableSpec(table).key.includes(column));
    if (plan === null || keysMissing) this.#facts.unreadable.add(table);
    for (const header of plan?.customHeaders ?? []) {
      const message = 'is no column of the book; kept as a custom field';
      this.#warnings.add({
        file: plan?.file ?? this.#fileOf(table),
        row: 1,
        column: header,
        value: header,
        message,
      });
    }
  }

  /** Checks one row as it was read. @returns whether it belongs into the book. */
  row<T extends TableName>(table: T, read: ReadRow<T>): boolean {
    for (const error of read.errors) this.#errors.add(error);
    const { keyNeeded } = checksOf(table);
    if (read.keys === null || read.keys.some((key, at) => key === '' && keyNeeded[at] === true))
      return false;
    const { id, fresh } = this.#facts.index(table).add(read.keys.join('\u0000'));
    const report = this.#reportOf(table);
    report.begin(read.row);
    if (!fresh) {
      const { key } = tableSpec(table);
      const shown = read.keys.filter((part) => part !== '').join(', ');
      report.error(
        key[0] ?? null,
        shown,
        `is there twice; ${key.join(', ')} must be unique in ${table}`,
      );
      return false;
    }
    if (read.value === null) return false;
    this.#checkSpans(table, read.value, report);
    this.#checkReferences(table, read.value, read.row, id, report);
    // Typescript cannot see that the table's name picks both the rule and the row's type.
    const rule = RULES[table] as TableRule<T> | undefined;
    if (report.good) rule?.(this.#facts, read.value, id, read.row, report);
    return report.good;
  }

  #checkSpans(table: TableName, row: object, report: RowReport): void {
    const fields = row as Readonly<Record<string, unknown>>;
    for (const { from, to, fromField, toField } of checksOf(table).spans) {
      const first = fields[fromField];
      const last = fields[toField];
      if (typeof first === 'string' && typeof last === 'string' && last < first)
        report.error(to, last, `is before ${from} ${first}; must be that day or later`);
    }
  }

  #checkReferences(
    table: TableName,
    row: object,
    line: number,
    id: number,
    report: RowReport,
  ): void {
    const fields = row as Readonly<Record<string, unknown>>;
    for (const { column, field, table: target } of checksOf(table).references) {
      const value = fields[field];
      if (typeof value !== 'string' || this.#facts.unreadable.has(target)) continue;
      if (this.#facts.idOf(target, value) !== NO_ID) continue;
      if (target === table)
        this.#facts.pending.push({ row: line, column, value: detached(value), id });
      else report.error(column, value, this.#unknown(target));
    }
  }

  #unknown(target: TableName): string {
    return this.#source.tables.has(target)
      ? `names no row of the table ${target}; add it there or correct the name`
      : `names a row of the table ${target}, which the book does not have; add ${target}`;
  }

  /** Settles references that pointed forward, and what needs the whole table. */
  endTable(table: TableName): void {
    const late = this.#lateReport(table);
    for (const { row, column, value, id } of this.#facts.pending) {
      const target = this.#facts.idOf(table, value);
      if (target === NO_ID) late.error(row, column, value, this.#unknown(table), true);
      else if (column === 'parent') this.#facts.accountParent.set(id, target);
      else if (column === 'credits') this.#facts.invoiceCredits.set(id, target);
    }
    this.#facts.pending.length = 0;
    if (table === 'accounts') this.#cyclicAccounts = parties.checkParentCycles(this.#facts, late);
  }

  /** What can only be said at the end: how documents, payments and balances agree. */
  finish(): void {
    const { tables } = this.#source;
    if (!tables.has('invoices')) return;
    receivables.settleSinglePayments(this.#facts, this.#lateReport('payments'));
    receivables.checkCreditLines(this.#facts, this.#lateReport('invoice_lines'));
    // Without the payments that a book claims to have, no balance can be judged.
    const unreadable = this.#facts.unreadable;
    const judged = !unreadable.has('payments') && !unreadable.has('payment_allocations');
    receivables.checkLineSums(this.#facts, this.#lateReport('invoices'));
    if (judged) receivables.checkBalances(this.#facts, this.#lateReport('invoices'));
  }

  /**
   * Takes out rows that later ones proved bad; a parent in a circle is cleared, so that nobody
   * walks it forever. @returns the rows that were taken out.
   */
  applyTo(
    kept: Map<TableName, Map<number, unknown>>,
  ): { readonly table: TableName; readonly row: number; readonly value: unknown }[] {
    const out: { table: TableName; row: number; value: unknown }[] = [];
    for (const [table, lines] of this.#dropped)
      for (const line of lines) {
        out.push({ table, row: line, value: kept.get(table)?.get(line) ?? null });
        kept.get(table)?.delete(line);
      }
    const accounts = kept.get('accounts');
    for (const line of this.#cyclicAccounts) {
      const account = accounts?.get(line) as Row<'accounts'> | undefined;
      if (account !== undefined) accounts?.set(line, { ...account, parent: null });
    }
    return out;
  }

  #fileOf(table: TableName): string {
    return this.#source.tables.get(table)?.file ?? `${table}.csv`;
  }

  #reportOf(table: TableName): CurrentRow {
    let report = this.#reports.get(table);
    if (report === undefined) {
      report = new CurrentRow(this.#fileOf(table), this.#errors, this.#warnings);
      this.#reports.set(table, report);
    }
    return report;
  }

  #lateReport(table: TableName): LateReport {
    const file = this.#fileOf(table);
    return {
      error: (row, column, value, message, drop) => {
        this.#errors.add({ file, row, column, value, message });
        if (!drop) return;
        const rows = this.#dropped.get(table) ?? new Set();
        this.#dropped.set(table, rows.add(row));
      },
      warning: (row, column, value, message) =>
        this.#warnings.add({ file, row, column, value, message }),
    };
  }
}
