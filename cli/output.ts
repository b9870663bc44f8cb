/**
 * Where a command writes. With --json, stdout carries one JSON document and nothing else, and
 * talk goes to stderr; without it, stdout carries words and tables for people.
 */

import { once } from 'node:events';
import { Writable } from 'node:stream';

/** The part of a stream that output needs. */
export interface Sink {
  write(text: string): unknown;
}

export interface Output {
  /** The command's answer: `data` as JSON under --json, else whatever `forPeople` gives. */
  answer(data: unknown, forPeople: () => string): void;
  /** A long answer in pieces, each written when the reader has taken what came before. */
  pieces(text: Iterable<string>): Promise<void>;
  /** Talk: progress, hints. On stderr under --json. */
  say(text: string): void;
  /** Something that the person should notice; always on stderr. */
  warn(text: string): void;
}

export function createOutput(json: boolean, stdout: Sink, stderr: Sink): Output {
  const line = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
  return {
    answer: (data, forPeople) =>
      void stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : line(forPeople())),
    pieces: (text) => writePieces(stdout, text),
    say: (text) => void (json ? stderr : stdout).write(line(text)),
    warn: (text) => void stderr.write(line(text)),
  };
}

const PIECE_CHARS = 64 * 1024;

/** Waits where a stream says that it is full, so that a slow reader does not fill our memory. */
async function writePieces(sink: Sink, pieces: Iterable<string>): Promise<void> {
  let text = '';
  const write = async () => {
    const full = sink.write(text) === false;
    text = '';
    if (full && sink instanceof Writable) await once(sink, 'drain');
  };
  for (const piece of pieces) {
    text += piece;
    if (text.length >= PIECE_CHARS) await write();
  }
  if (text !== '') await write();
}

export interface TableColumn<R> {
  readonly header: string;
  readonly value: (row: R) => string;
  /** Numbers read better on the right. */
  readonly align?: 'left' | 'right';
}

/**
 * Rows as a plain text table: columns padded to their widest cell, two spaces between, a rule under
 * the header.
 */
export function textTable<R>(rows: readonly R[], columns: readonly TableColumn<R>[]): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))));
  const widths = columns.map((column, at) =>
    cells.reduce((width, row) => Math.max(width, (row[at] ?? '').length), column.header.length),
  );
  const line = (values: readonly string[]) =>
    values
      .map((value, at) =>
        columns[at]?.align === 'right'
          ? value.padStart(widths[at] ?? 0)
          : value.padEnd(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(columns.map((column) => column.header)), rule, ...cells.map(line)].join('\n');
}

/** A value may hold line breaks or control characters; a table cell and a terminal should not. */
function oneLine(value: string): string {
  return value.replace(/\p{Cc}+/gu, ' ');
}
