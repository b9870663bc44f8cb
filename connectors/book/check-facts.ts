/** What the check remembers of the tables it has passed, and how its rules report. */
import type { Row, TableName } from '../../domain/book/tables.ts';
import { dayNumber } from '../../domain/dates/dates.ts';
import { exponentOf, parseMinor } from '../../domain/money/money.ts';
import { AmountColumn, IntColumn, KeyIndex, WordList } from './key-index.ts';

/** How a rule tells what it found in the row at hand. */
export interface RowReport {
  /** The row cannot be used: it is left out of the book that is read. */
  error(column: string | null, value: string | null, message: string): void;
  /** The row is well formed but disagrees with others: an error that leaves it in the book. */
  disagreement(column: string | null, value: string | null, message: string): void;
  warning(column: string | null, value: string | null, message: string): void;
}

/** The same for a row that has passed already; `drop` takes it out of the book after all. */
export interface LateReport {
  error(row: number, column: string, value: string | null, message: string, drop: boolean): void;
  warning(row: number, column: string, value: string | null, message: string): void;
}

/** A reference to a row that may still come, in the same table. */
export interface PendingReference {
  readonly row: number;
  readonly column: string;
  readonly value: string;
  readonly id: number;
}

/** "No day": dates are kept as day numbers. */
export const NO_DAY = -0x80000000;
export const NO_ID = -1;

/** Facts of the tables by the dense number of a row's key; one instance per check. */
export class CheckFacts {
  readonly present: ReadonlySet<TableName>;
  readonly keys = new Map<TableName, KeyIndex>();
  readonly words = new WordList();
  readonly pending: PendingReference[] = [];
  /** Tables that could not be read: what refers to them is not faulted. */
  readonly unreadable = new Set<TableName>();

  readonly entityCurrency = new IntColumn(0);
  readonly accountCurrency = new IntColumn(0);
  readonly accountParent = new IntColumn(NO_ID);
  readonly accountRow = new IntColumn(0);
  /** Accounts whose contacts receive invoices, known before accounts are read. */
  readonly billedByContact = new KeyIndex();

  readonly pricedIn = new KeyIndex();
  /** Subcontracts that an amendment prices, known before subcontracts are read. */
  readonly priceAmended = new KeyIndex();

  readonly contractCurrency = new IntColumn(0);
  readonly contractPriceList = new IntColumn(0);
  readonly contractStart = new IntColumn(NO_DAY);
  readonly contractEnd = new IntColumn(NO_DAY);
  readonly contractDraft = new IntColumn(0);
  readonly subcontractEnd = new IntColumn(NO_DAY);
  readonly subcontractStart = new IntColumn(NO_DAY);

  readonly invoiceRow = new IntColumn(0);
  readonly invoiceType = new IntColumn(0);
  readonly invoiceCurrency = new IntColumn(0);
  readonly invoiceCredits = new IntColumn(NO_ID);
  readonly invoiceUnpaidByNature = new IntColumn(0);
  readonly invoiceNet = new AmountColumn(Number.NaN);
  readonly invoiceTotal = new AmountColumn(Number.NaN);
  readonly invoiceBalance = new AmountColumn(Number.NaN);
  readonly invoiceAllocated = new AmountColumn(0);
  readonly linesNet = new AmountColumn(0);
  readonly linesGross = new AmountColumn(0);
  readonly linesCount = new IntColumn(0);
  /**
   * Lines of credit notes whose net is positive: faulted unless the note as a whole is a credit.
   */
  readonly positiveCredits: { id: number; row: number; value: string }[] = [];

  readonly paymentRow = new IntColumn(0);
  readonly paymentCurrency = new IntColumn(0);
  readonly paymentCounts = new IntColumn(0);
  readonly paymentInvoice = new IntColumn(NO_ID);
  readonly paymentAmount = new AmountColumn(0);
  readonly paymentAllocated = new AmountColumn(0);
  readonly paymentSplits = new IntColumn(0);

  constructor(present: ReadonlySet<TableName>) {
    this.present = present;
  }

  index(table: TableName): KeyIndex {
    let index = this.keys.get(table);
    if (index === undefined) {
      index = new KeyIndex();
      this.keys.set(table, index);
    }
    return index;
  }

  /** The number of the row with this key, or {@link NO_ID}. */
  idOf(table: TableName, key: string | null): number {
    return key === null ? NO_ID : this.index(table).find(key);
  }

  /** The number of the entity that a row without one belongs to: the only one there is. */
  entityOrOnly(entity: string | null): number {
    if (entity !== null) return this.idOf('entities', entity);
    return this.index('entities').size === 1 ? 0 : NO_ID;
  }

  /**
   * Currency as docs/rules/contract-book.md defaults it: own, else the account's, else the
   * entity's.
   */
  currencyFor(own: string | null, account: number, entity: string | null): number {
    if (own !== null) return this.words.number(own);
    const ofAccount = account === NO_ID ? 0 : this.accountCurrency.get(account);
    if (ofAccount !== 0) return ofAccount;
    const seller = this.entityOrOnly(entity);
    return seller === NO_ID ? 0 : this.entityCurrency.get(seller);
  }
}

export function day(date: string | null): number {
  return date === null ? NO_DAY : dayNumber(date);
}

/**
 * An amount in minor units of a currency; NaN where it is not given or does not fit, which is
 * reported. Without a known currency the amount cannot be judged and is not compared either.
 */
export function readAmount(
  facts: CheckFacts,
  currency: number,
  column: string,
  value: string | null,
  report: RowReport,
): number {
  const code = facts.words.word(currency);
  if (value === null || code === null) return Number.NaN;
  try {
    return parseMinor(value, code);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const decimals = exponentOf(code);
    report.error(column, value, `must be an amount in ${code} with at most ${decimals} decimals`);
    return Number.NaN;
  }
}

/** The rules of one table: called for every well-formed row, in the order of the tables. */
export type TableRule<T extends TableName> = (
  facts: CheckFacts,
  row: Row<T>,
  id: number,
  line: number,
  report: RowReport,
) => void;
