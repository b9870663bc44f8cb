/**
 * RFC 4180 records out of a stream of bytes, with recovery: a row with a broken quote or broken
 * bytes is reported and the next line is read as usual, so that good rows of the same file are not
 * lost (docs/rules/contract-book.md). General CSV parsers give up at the first open quote or
 * replace broken bytes silently, which is why this one exists; the tests compare it with csv-parse.
 *
 * Bytes travel as Latin-1 text (one character a byte) until a record is cut out, so that invalid
 * UTF-8 is found in the row and column where it stands.
 */

/** One record: its cells, or what is wrong with it. */
export interface RawRecord {
  /**
   * As a spreadsheet counts: the header is 1; blank rows count, line breaks inside quotes do not.
   */
  readonly row: number;
  readonly cells: readonly string[];
  readonly problem?: RawProblem;
}

export interface RawProblem {
  /** Index of the cell; null where the whole row is meant. */
  readonly cell: number | null;
  readonly value: string | null;
  readonly message: string;
}

/** A record longer than this is a quote that nobody closed, or no table at all. */
export const RECORD_LIMIT_CHARS = 1 << 20;

const NON_ASCII = /[\x80-\xff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what we look for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;

interface Cut {
  readonly cells: string[];
  readonly next: number;
  readonly fault?: string;
}

/** Cuts records out of chunks of Latin-1 text; keep one per file and feed it in order. */
export class RecordCutter {
  readonly #delimiter: number;
  #rest = '';
  #row = 0;
  #skipping = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** The records that are complete with this chunk. With `last`, all that is left. */
  feed(chunk: string, last: boolean): RawRecord[] {
    const text = this.#rest + chunk;
    const records: RawRecord[] = [];
    let at = 0;
    while (at < text.length) {
      if (this.#skipping) {
        const next = nextLine(text, at, last);
        if (next === null) {
          at = text.length;
          break;
        }
        this.#skipping = false;
        at = next;
        continue;
      }
      const cut = this.#cut(text, at, last);
      if (cut === null) {
        if (text.length - at <= RECORD_LIMIT_CHARS) break;
        at = this.#tooLong(text, at, records);
        continue;
      }
      this.#row += 1;
      records.push(this.#record(cut, text.slice(at, cut.next)));
      at = cut.next;
    }
    this.#rest = text.slice(at);
    return records;
  }

  /** A record without an end in sight: told, and reading goes on with the next line. */
  #tooLong(text: string, at: number, records: RawRecord[]): number {
    this.#row += 1;
    const quoted = text.slice(at, at + RECORD_LIMIT_CHARS).includes('"');
    const message = quoted
      ? OPEN_QUOTE
      : `this row is longer than ${RECORD_LIMIT_CHARS} characters; a row ends with a line break`;
    records.push({ row: this.#row, cells: [], problem: { cell: null, value: null, message } });
    this.#skipping = true;
    return at;
  }

  #record(cut: Cut, source: string): RawRecord {
    const row = this.#row;
    if (cut.fault !== undefined) {
      const value = decode(source.slice(0, 200).trimEnd()) ?? latin1(source.slice(0, 200));
      return { row, cells: [], problem: { cell: null, value, message: cut.fault } };
    }
    const { cells } = cut;
    if (CONTROL.test(source)) {
      const cell = cells.findIndex((value) => CONTROL.test(value));
      const message = 'holds a control character; only text, tabs and line breaks are accepted';
      return { row, cells: [], problem: { cell, value: cells[cell] ?? null, message } };
    }
    if (!NON_ASCII.test(source)) return { row, cells };
    for (const [cell, value] of cells.entries()) {
      if (!NON_ASCII.test(value)) continue;
      const decoded = decode(value);
      if (decoded === null)
        return { row, cells: [], problem: { cell, value: latin1(value), message: NOT_UTF8 } };
      cells[cell] = decoded;
    }
    return { row, cells };
  }

  /** One record from `start`; null where the text ends before the record surely does. */
  #cut(text: string, start: number, last: boolean): Cut | null {
    const cells: string[] = [];
    let at = start;
    for (;;) {
      const field =
        text.charCodeAt(at) === QUOTE ? this.#quoted(text, at, last) : this.#plain(text, at);
      if (field === null) return null;
      if (field.fault !== undefined) {
        const next = nextLine(text, start, last);
        return next === null ? null : { cells, next, fault: field.fault };
      }
      cells.push(field.value);
      at = field.end;
      if (at >= text.length) return last ? { cells, next: at } : null;
      if (text.charCodeAt(at) !== this.#delimiter) {
        const next = afterBreak(text, at, last);
        return next === null ? null : { cells, next };
      }
      at += 1;
      if (at >= text.length && !last) return null;
    }
  }

  #plain(text: string, start: number): Field {
    let at = start;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === this.#delimiter || code === NEWLINE || code === RETURN) break;
      if (code === QUOTE) return { value: '', end: at, fault: STRAY_QUOTE };
    }
    return { value: text.slice(start, at), end: at };
  }

  #quoted(text: string, start: number, last: boolean): Field | null {
    let value = '';
    let from = start + 1;
    for (;;) {
      const quote = text.indexOf('"', from);
      if (quote < 0) return last ? { value, end: from, fault: OPEN_QUOTE } : null;
      if (quote + 1 >= text.length && !last) return null;
      value += text.slice(from, quote);
      const code = quote + 1 < text.length ? text.charCodeAt(quote + 1) : NEWLINE;
      if (code === this.#delimiter || code === NEWLINE || code === RETURN)
        return { value, end: quote + 1 };
      if (code !== QUOTE) return { value, end: quote, fault: TEXT_AFTER_QUOTE };
      value += '"';
      from = quote + 2;
    }
  }
}

interface Field {
  readonly value: string;
  readonly end: number;
  readonly fault?: string;
}

const OPEN_QUOTE =
  'a quote is opened and not closed; end the field with a quote and double the quotes inside it';
const STRAY_QUOTE =
  'a quote inside a field without quotes; put the whole field in quotes and double those inside it';
const TEXT_AFTER_QUOTE =
  'text follows a closing quote, or a quote is not closed; double the quotes inside a quoted field';
/** What a person is told who saved the file in an older encoding. */
export const NOT_UTF8 =
  'is not UTF-8; the file looks like Latin-1 or Windows-1252: save it again as "CSV UTF-8"';

/** After the line break at `at`; null where a `\r` ends the text and a `\n` may follow. */
function afterBreak(text: string, at: number, last: boolean): number | null {
  if (text.charCodeAt(at) === NEWLINE) return at + 1;
  if (at + 1 >= text.length) return last ? at + 1 : null;
  return text.charCodeAt(at + 1) === NEWLINE ? at + 2 : at + 1;
}

/** The start of the physical line after `at`; null where it is not in the text yet. */
function nextLine(text: string, at: number, last: boolean): number | null {
  for (let i = at; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === NEWLINE || code === RETURN) return afterBreak(text, i, last);
  }
  return last ? text.length : null;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Latin-1 text of UTF-8 bytes as text; null where the bytes are not UTF-8. */
export function decode(bytes: string): string | null {
  try {
    return strict.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return null; // the decoder's only failure is the one that callers ask about
  }
}

/** Bytes as the person probably saw them when they saved the file. */
function latin1(bytes: string): string {
  return new TextDecoder('windows-1252').decode(Buffer.from(bytes, 'latin1'));
}
