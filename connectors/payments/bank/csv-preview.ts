/**
 * A bank's CSV before anybody has said what its columns are: where its header stands, what separates its fields, and what the
 * columns seem to be by their names and by what is in them. A person confirms it; nothing is booked from a guess.
 */
import { parse } from 'csv-parse/sync';
import type { CsvMapping } from './csv.ts';
import { IBAN_SHAPE } from './entry.ts';

export interface CsvPreview {
  readonly delimiter: CsvMapping['delimiter'];
  readonly skipLines: number;
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly suggestion: CsvMapping;
}

const DELIMITERS = [';', ',', '\t'] as const;
/** Banks write a few lines of their own above the header, never a page. */
const MOST_ABOVE = 40;
const ROWS_SHOWN = 8;
/** Enough of them that each word of a column of few words is among them. */
const ROWS_LOOKED_AT = 500;
/** Enough of a file to see its form in. */
const LOOKED_AT_CHARS = 200_000;

type ColumnName = keyof CsvMapping['columns'];

/** What banks call their columns; the first pattern that a header fits counts, a header is used once. */
const NAMES: readonly (readonly [ColumnName, RegExp])[] = [
  ['payerIban', /iban|kontonummer|account number|counterparty account|gegenkonto|tegenrekening/i],
  [
    'bookedOn',
    /buchungs(tag|datum)|booking ?date|^booked|posting ?date|transaction ?date|completed date|^datum$|^date$/i,
  ],
  ['valueOn', /valuta|wertstellung|value date/i],
  ['balanceAfter', /saldo|balance/i],
  [
    'direction',
    /^(af ?\/? ?bij|d ?\/ ?c|c ?\/ ?d|[dc]r ?\/ ?[dc]r|(soll|s) ?\/ ?(haben|h)|direction|richtung|(credit|debit)[ /]*(debit|credit)( indicator)?)$/i,
  ],
  ['credit', /^(gut)?haben$|credit|paid in|money in|eingang/i],
  ['debit', /^soll$|debit|paid out|money out|ausgang/i],
  ['currency', /währung|waehrung|currency|^ccy$/i],
  ['amount', /betrag|bedrag|amount|umsatz|montant|importe|importo/i],
  ['endToEndId', /end[- ]?to[- ]?end|kundenreferenz|customer reference/i],
  ['mandateId', /mandat/i],
  ['structuredReference', /structured|creditor reference|strukturiert/i],
  [
    'payerName',
    /auftraggeber|zahlungspflichtig|beguenstigt|begünstigt|payer|counterparty|^na(me|am)|remitter/i,
  ],
  ['bankReference', /bank reference|transaction id|buchungsnummer|^id$|umsatz-?id/i],
  ['status', /status|^info$|^state$/i],
];
const REFERENCE =
  /verwendungszweck|reference|description|details|remittance|memo|text|narrative|zweck|mededeling|libell|communication|concepto|causale/i;

const WENT_OUT = /^(af|d|dr|dbit|debit|debet|s|soll|out|-)$/i;
const NOT_BOOKED = /vorgemerkt|pending|offen|in bearbeitung|reserved|announced/i;

const parsed = (text: string, delimiter: string): string[][] =>
  parse(text, {
    bom: true,
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
    trim: true,
    to_line: MOST_ABOVE + ROWS_LOOKED_AT + 2,
  });

/** Null where no line of the text looks like the header of a table. */
export function previewCsv(content: string): CsvPreview | null {
  const text = content.slice(0, LOOKED_AT_CHARS);
  for (const delimiter of bestFirst(text)) {
    const rows = parsed(text, delimiter);
    const at = rows.findIndex((row, index) => isHeader(row, rows[index + 1]));
    const headers = rows[at];
    if (headers === undefined || at > MOST_ABOVE) continue;
    const body = rows.slice(at + 1).filter((row) => row.some(Boolean));
    const suggestion = suggested(headers, body, delimiter, at);
    return { delimiter, skipLines: at, headers, rows: body.slice(0, ROWS_SHOWN), suggestion };
  }
  return null;
}

/** The separator that the lines have most of, first. */
function bestFirst(text: string): (typeof DELIMITERS)[number][] {
  const lines = text.split(/\r\n?|\n/).slice(0, MOST_ABOVE);
  const count = (delimiter: string) =>
    lines.reduce((sum, line) => sum + line.split(delimiter).length - 1, 0);
  return [...DELIMITERS].sort((a, b) => count(b) - count(a));
}

/** Three or more different names without digits of amounts, and a row of as many fields below them. */
function isHeader(row: readonly string[], next: readonly string[] | undefined): boolean {
  const named = row.filter((cell) => cell !== '' && !/^[-+]?[\d.,\s]+$/.test(cell));
  if (named.length < 3 || named.length < row.filter(Boolean).length) return false;
  // Some banks end each row, not the header, with a separator.
  const fields = next?.findLastIndex(Boolean) ?? -1;
  return fields >= 2 && fields < row.length && new Set(row).size === row.length;
}

function suggested(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  delimiter: CsvMapping['delimiter'],
  skipLines: number,
): CsvMapping {
  const found = new Map<ColumnName, string>();
  const free = headers.filter((header) => header !== '');
  for (const [name, pattern] of NAMES) {
    const header = free.find((one) => pattern.test(one));
    if (header === undefined || found.has(name)) continue;
    found.set(name, header);
    free.splice(free.indexOf(header), 1);
  }
  // One column, with a sign or a word for it, or two without: never a mixture.
  const parts = found.has('credit') && found.has('debit');
  for (const name of parts ? (['amount', 'direction'] as const) : (['credit', 'debit'] as const))
    found.delete(name);
  const valuesOf = (name: ColumnName) => {
    const at = headers.indexOf(found.get(name) ?? '');
    return at < 0 ? [] : rows.map((row) => row[at] ?? '').filter(Boolean);
  };
  const wordsOf = (name: ColumnName, pattern: RegExp) =>
    [...new Set(valuesOf(name))].filter((value) => pattern.test(value)).slice(0, 20);
  const [debitValues, pendingValues] = [
    wordsOf('direction', WENT_OUT),
    wordsOf('status', NOT_BOOKED),
  ];
  const reference = free.filter((header) => REFERENCE.test(header));
  const amounts = [...valuesOf('amount'), ...valuesOf('credit'), ...valuesOf('debit')];
  return {
    account: ownAccountIn(headers, rows, found.get('payerIban')),
    currency:
      valuesOf('currency').find((value) => /^[A-Z]{3}$/.test(value)) ??
      /\b([A-Z]{3})\b(?=\)?$)/.exec(found.get('amount') ?? '')?.[1] ??
      '',
    delimiter,
    decimal: amounts.some((value) => /,\d{1,2}\D*$/.test(value)) ? ',' : '.',
    dateFormat: dateFormatOf(valuesOf('bookedOn')),
    ...(skipLines > 0 ? { skipLines } : {}),
    ...(debitValues.length > 0 ? { debitValues } : {}),
    ...(pendingValues.length > 0 ? { pendingValues } : {}),
    columns: {
      ...(Object.fromEntries(found) as Partial<CsvMapping['columns']>),
      bookedOn: found.get('bookedOn') ?? '',
      reference,
    },
  };
}

/** Our own account: the one IBAN that a column repeats in every row, and no payer's. */
function ownAccountIn(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  payers: string | undefined,
): string {
  for (const [at, header] of headers.entries()) {
    const values = new Set(rows.map((row) => (row[at] ?? '').replace(/\s/g, '')));
    const [only = ''] = values;
    if (header === payers || values.size > 1) continue;
    if (IBAN_SHAPE.test(only)) return only;
  }
  return '';
}

function dateFormatOf(values: readonly string[]): CsvMapping['dateFormat'] {
  const [first = ''] = values;
  if (/^\d{4}-|^\d{8}$/.test(first)) return 'YYYY-MM-DD';
  if (first.includes('.')) return 'DD.MM.YYYY';
  const days = values.map((value) => value.split('/').map(Number));
  return days.some(([, second = 0]) => second > 12) ? 'MM/DD/YYYY' : 'DD/MM/YYYY';
}
