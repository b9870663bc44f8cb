/**
 * What can be wrong with a contract book, and how it is told. Source: docs/rules/contract-book.md.
 */

/** One thing wrong, or worth knowing, with the place where a person finds it. */
export interface BookError {
  /** The file inside the folder (`accounts.csv`), or workbook and sheet (`book.xlsx#accounts`). */
  readonly file: string;
  /**
   * As a spreadsheet counts: 1 is the header, 2 the first row of data; null where the whole file is
   * meant.
   */
  readonly row: number | null;
  /** The column's name in the book; null where the whole row is meant. */
  readonly column: string | null;
  /** What was found, as it was written; null where there is nothing to show. */
  readonly value: string | null;
  /** What is wrong and what would be accepted. */
  readonly message: string;
}

/** The book could not be opened at all: the path is wrong, unreadable, or no kind of book. */
export class BookInputError extends Error {
  override readonly name = 'BookInputError';
}

/**
 * More problems than this are counted, not kept: a person mends the first thousands and checks
 * again.
 */
export const REPORT_LIMIT = 10_000;
const VALUE_LIMIT_CHARS = 200;

/** Collects problems up to {@link REPORT_LIMIT} and counts the rest. */
export class ProblemList {
  readonly kept: BookError[] = [];
  count = 0;

  add(problem: BookError): void {
    this.count += 1;
    if (this.kept.length < REPORT_LIMIT)
      this.kept.push({ ...problem, value: problem.value === null ? null : shown(problem.value) });
  }

  get truncated(): number {
    return this.count - this.kept.length;
  }
}

/** A value cut to a length that fits a report. */
function shown(value: string): string {
  return detached(
    value.length > VALUE_LIMIT_CHARS ? `${value.slice(0, VALUE_LIMIT_CHARS)}…` : value,
  );
}

/**
 * A copy of a string that owns its characters. A slice keeps the whole chunk of file alive that
 * it was cut from, which would undo the streaming.
 */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
