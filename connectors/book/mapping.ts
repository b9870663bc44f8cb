/**
 * How another program's files become tables of the contract book: which file is which table, which column is which, how dates
 * and decimals are written there. Saved under a source's name and used again; corrections of single rows are kept beside it.
 */
import { parse } from 'node:path';
import { z } from 'zod';
import {
  BOOK_TABLES,
  type ColumnKind,
  camel,
  TABLE_NAMES,
  type TableName,
} from '../../domain/book/tables.ts';
import type { RawRecord } from './csv-records.ts';
import { normalizedName, tableSpec } from './rows.ts';
import { mappedValue, type ValueMapping } from './value-mapping.ts';

/** How a file writes its dates; `iso` is the book's own YYYY-MM-DD. */
export const DATE_FORMS = ['iso', 'day.month.year', 'day/month/year', 'month/day/year'] as const;
export type DateForm = (typeof DATE_FORMS)[number];
/** How a file writes its decimals; with `comma` a point groups thousands, with `point` a comma does. */
export const DECIMAL_FORMS = ['plain', 'point', 'comma'] as const;
export type DecimalForm = (typeof DECIMAL_FORMS)[number];

export interface FileMapping {
  /** `Kunden.csv`, or workbook and sheet: `export.xlsx#Kunden`. Digits do not count, so that next month's file is the same. */
  readonly file: string;
  /** Null: the file is left out. */
  readonly table: TableName | null;
  /**
   * Header → column of the book, or the name of a custom column; null leaves the column out. A header that is not named here
   * goes by its own name.
   */
  readonly columns: Readonly<Record<string, string | null>>;
  readonly dates: DateForm;
  readonly decimals: DecimalForm;
  readonly values: ValueMapping;
}
export interface BookMapping {
  readonly files: readonly FileMapping[];
}

/** The setting that saved mappings are kept in, by the name of their source. */
export const BOOK_MAPPINGS = 'book-mappings';
export const sourceName = z.string().trim().min(1).max(60);
export const fileMappingSchema = z.strictObject({
  file: z.string().min(1).max(255),
  table: z.enum(TABLE_NAMES as [TableName, ...TableName[]]).nullable(),
  columns: z.record(z.string().max(300), z.string().min(1).max(300).nullable()),
  dates: z.enum(DATE_FORMS).default('iso'),
  decimals: z.enum(DECIMAL_FORMS).default('plain'),
  values: z
    .record(z.string().max(300), z.record(z.string().min(1).max(300), z.string().max(300)))
    .default({}),
});
export const bookMappingsSchema = z.record(
  sourceName,
  z.strictObject({ files: z.array(fileMappingSchema).max(60) }),
);

/** Corrections by table and row: cells by the column's name (as mapped); null leaves the row out. */
export type RowCorrections = Readonly<
  Partial<Record<TableName, Readonly<Record<string, Readonly<Record<string, string>> | null>>>>
>;

/** A file or sheet by what stays the same of its name: no folder, extension, digits, case or signs. */
export function fileKey(file: string): string {
  const [workbook = '', sheet] = file.split('#');
  return normalizedName((sheet ?? parse(workbook).name).replace(/[\d.()]+/g, ''));
}

export function mappingOf(mapping: BookMapping | null, file: string): FileMapping | null {
  const key = fileKey(file);
  const files = mapping?.files ?? [];
  return (
    files.find((one) => one.file === file) ?? files.find((one) => fileKey(one.file) === key) ?? null
  );
}

/** What kind of value stands under a header once it is mapped; `text` for custom columns. */
export function kindUnder(
  table: TableName,
  mapping: FileMapping | null,
  header: string,
): ColumnKind {
  const name = targetOf(mapping, header);
  if (name === null) return 'text';
  return KINDS.get(table)?.get(normalizedName(name)) ?? 'text';
}

const KINDS: ReadonlyMap<TableName, ReadonlyMap<string, ColumnKind>> = new Map(
  TABLE_NAMES.map((table) => [
    table,
    new Map(
      Object.entries(tableSpec(table).columns).map(([name, { kind }]) => [
        normalizedName(name),
        kind,
      ]),
    ),
  ]),
);

function targetOf(mapping: FileMapping | null, header: string): string | null {
  if (mapping === null || !Object.hasOwn(mapping.columns, header)) return header;
  return mapping.columns[header] ?? null;
}

interface KeptColumn {
  readonly at: number;
  readonly name: string;
  readonly kind: ColumnKind;
  readonly values: ValueMapping[string] | undefined;
}

/**
 * The records of a file as the book has them: headers renamed, columns left out, words, dates and decimals rewritten, corrected
 * rows in place of what came. Rows keep their numbers.
 */
export async function* mappedRecords(
  source: AsyncIterable<readonly RawRecord[]>,
  table: TableName,
  mapping: FileMapping | null,
  corrections: RowCorrections[TableName] = {},
): AsyncGenerator<readonly RawRecord[]> {
  let kept: readonly KeptColumn[] | null = null;
  let width = 0;
  for await (const batch of source) {
    const records: RawRecord[] = [];
    for (const record of batch) {
      if (kept === null) {
        const blank = record.problem === undefined && isBlank(record);
        if (blank || record.problem !== undefined) {
          records.push(record);
          continue;
        }
        width = record.cells.length;
        kept = keptColumns(table, mapping, record.cells);
        records.push({ row: record.row, cells: kept.map(({ name }) => name) });
      } else records.push(mappedRecord(record, kept, width, mapping, corrections));
    }
    yield records;
  }
}

const isBlank = ({ cells }: RawRecord) => cells.every((cell) => cell.trim() === '');

function keptColumns(
  table: TableName,
  mapping: FileMapping | null,
  header: readonly string[],
): KeptColumn[] {
  return header.flatMap((written, at) => {
    const name = targetOf(mapping, written);
    const kind = kindUnder(table, mapping, written);
    return name === null ? [] : [{ at, name, kind, values: mapping?.values[written] }];
  });
}

function mappedRecord(
  record: RawRecord,
  kept: readonly KeptColumn[],
  width: number,
  mapping: FileMapping | null,
  corrections: RowCorrections[TableName] = {},
): RawRecord {
  const { row, cells } = record;
  const corrected = corrections[String(row)];
  if (corrected === null) return { row, cells: [''] };
  if (corrected !== undefined) {
    const before = record.problem === undefined ? cells : [];
    return {
      row,
      cells: kept.map((column) =>
        Object.hasOwn(corrected, column.name)
          ? (corrected[column.name] ?? '')
          : rewritten(before[column.at] ?? '', column, mapping),
      ),
    };
  }
  if (record.problem !== undefined || isBlank(record) || mapping === null) return record;
  const extra = cells.slice(width).find((cell) => cell.trim() !== '');
  if (cells.length < width || extra !== undefined) {
    const message =
      `the row has ${cells.length} cells where the header has ${width}; ` +
      'check its delimiters and quotes';
    return { row, cells: [], problem: { cell: null, value: extra ?? cells.join(' | '), message } };
  }
  return { row, cells: kept.map((column) => rewritten(cells[column.at] ?? '', column, mapping)) };
}

function rewritten(
  cell: string,
  { kind, values }: KeptColumn,
  mapping: FileMapping | null,
): string {
  if (mapping === null) return cell;
  const ours = mappedValue(values, cell);
  if (ours !== null) return ours;
  if (kind === 'date') return isoDate(cell, mapping.dates);
  if (kind === 'decimal' || kind === 'amount') return plainDecimal(cell, mapping.decimals);
  return cell;
}

const DATE_SHAPES: Readonly<Record<Exclude<DateForm, 'iso'>, [RegExp, 'day' | 'month']>> = {
  'day.month.year': [/^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$/, 'day'],
  'day/month/year': [/^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/, 'day'],
  'month/day/year': [/^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/, 'month'],
};

/** A date in the book's form; what does not look like one stays, so that the check tells it as it was written. */
export function isoDate(cell: string, form: DateForm): string {
  if (form === 'iso') return cell;
  const [shape, first] = DATE_SHAPES[form];
  const found = shape.exec(cell.trim());
  if (found === null) return cell;
  const [, one = '', two = '', year = ''] = found;
  const [day, month] = first === 'day' ? [one, two] : [two, one];
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

const GROUPED = {
  comma: /^([+-]?\d{1,3}(?:[. ]\d{3})+|[+-]?\d+)(?:,(\d+))?$/,
  point: /^([+-]?\d{1,3}(?:[, ]\d{3})+|[+-]?\d+)(?:\.(\d+))?$/,
} as const;

/** A decimal in the book's form; what does not look like one stays. */
export function plainDecimal(cell: string, form: DecimalForm): string {
  if (form === 'plain') return cell;
  const found = GROUPED[form].exec(cell.trim());
  if (found === null) return cell;
  const whole = (found[1] ?? '').replace(/[.,\s]/g, '');
  return found[2] === undefined ? whole : `${whole}.${found[2]}`;
}

/** A file as the guess sees it: its name, header and first rows. */
export interface FileSample {
  readonly file: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a file most likely is. A saved mapping of the same file comes first; what it does not name is guessed. */
export function guessMapping(sample: FileSample, saved: BookMapping | null): FileMapping {
  const known = mappingOf(saved, sample.file);
  const table = known === null ? guessTable(sample) : known.table;
  const columns: Record<string, string | null> = {};
  const taken = new Set<string>();
  for (const header of sample.header) {
    if (header.trim() === '') continue;
    const remembered =
      known !== null && Object.hasOwn(known.columns, header) ? known.columns[header] : undefined;
    const guessed = table === null ? null : guessColumn(table, header);
    const name = remembered === undefined ? (guessed ?? header) : remembered;
    columns[header] = name !== null && taken.has(name) ? header : name;
    if (name !== null) taken.add(name);
  }
  const { file } = sample;
  if (known !== null) {
    const { dates, decimals, values } = known;
    return { file, table, columns, dates, decimals, values };
  }
  return { file, table, columns, ...guessForms(sample, table, columns), values: {} };
}

/** Names that other programs give to tables and columns, English and German, normalized. */
const TABLE_WORDS: Readonly<Partial<Record<TableName, readonly string[]>>> = {
  entities: [
    'entity',
    'companies',
    'sellers',
    'divisions',
    'mandanten',
    'firmen',
    'gesellschaften',
  ],
  accounts: ['account', 'customers', 'customer', 'clients', 'kunden', 'debitoren', 'organizations'],
  contacts: ['contact', 'people', 'persons', 'kontakte', 'ansprechpartner'],
  products: ['product', 'items', 'articles', 'artikel', 'produkte', 'sku', 'skus', 'catalog'],
  prices: ['price', 'pricelist', 'pricebook', 'preise', 'preisliste'],
  taxes: ['tax', 'taxrates', 'steuern', 'steuersaetze'],
  contracts: ['contract', 'agreements', 'vertraege', 'verträge', 'vertrag', 'subscriptions'],
  subcontracts: ['contractlines', 'contractitems', 'positions', 'positionen', 'vertragspositionen',
    'subscriptionitems', 'lines'], // biome-ignore format: one table a line or two
  amendments: ['amendment', 'changes', 'nachtraege', 'nachträge'],
  invoices: ['invoice', 'openitems', 'rechnungen', 'offeneposten', 'bills'],
  invoice_lines: ['invoicelines', 'invoiceitems', 'rechnungspositionen'],
  payments: ['payment', 'receipts', 'zahlungen', 'zahlungseingaenge', 'zahlungseingänge'],
  payment_allocations: ['allocations', 'zuordnungen', 'applications'],
  licenses: ['license', 'licences', 'lizenzen', 'keys'],
  timesheets: ['timesheet', 'time', 'stunden', 'zeiten'],
  orders: ['order', 'auftraege', 'aufträge', 'salesorders'],
};
const COLUMN_WORDS: Readonly<Record<string, readonly string[]>> = {
  entity: ['company', 'seller', 'division', 'mandant', 'buchungskreis'],
  legal_name: ['legalname', 'firmierung'],
  account: ['customer', 'customerid', 'customerno', 'customernumber', 'accountid', 'accountnumber',
    'clientid', 'kunde', 'kundennr', 'kundennummer', 'debitor', 'debitorennr'], // biome-ignore format: as above
  name: ['customername', 'accountname', 'companyname', 'productname', 'itemname', 'firma', 'bezeichnung',
    'kundenname', 'artikelbezeichnung'], // biome-ignore format: as above
  contract: ['contractid', 'contractno', 'contractnumber', 'agreement', 'vertrag', 'vertragsnr',
    'vertragsnummer'], // biome-ignore format: as above
  subcontract: ['contractline', 'lineid', 'subcontractid', 'position', 'positionsnr', 'itemid'],
  sku: ['product', 'productid', 'productcode', 'item', 'itemno', 'article', 'artikel', 'artikelnr',
    'artikelnummer'], // biome-ignore format: as above
  kind: ['type', 'art', 'typ'],
  quantity: ['qty', 'seats', 'users', 'menge', 'anzahl'],
  unit_price: ['price', 'unitprice', 'rate', 'preis', 'einzelpreis', 'stueckpreis', 'stückpreis'],
  start: [
    'startdate',
    'startson',
    'from',
    'begin',
    'beginn',
    'vertragsbeginn',
    'laufzeitvon',
    'von',
  ],
  end: ['enddate', 'endson', 'to', 'until', 'ende', 'vertragsende', 'laufzeitbis', 'bis'],
  billing_frequency: ['frequency', 'billing', 'billingcycle', 'abrechnung', 'turnus'],
  currency: ['curr', 'waehrung', 'währung'],
  country: ['land', 'countrycode'],
  city: ['town', 'ort', 'stadt'],
  postal_code: ['zip', 'zipcode', 'postcode', 'plz'],
  address_line1: ['street', 'address', 'strasse', 'straße', 'anschrift'],
  tax_id: ['vatid', 'vatnumber', 'vat', 'ustid', 'ustidnr'],
  billing_email: ['email', 'mail', 'invoiceemail', 'rechnungsemail'],
  email: ['mail', 'emailaddress', 'mailadresse'],
  payment_terms: ['terms', 'zahlungsbedingungen', 'zahlungsziel'],
  invoice: [
    'invoiceid',
    'invoiceno',
    'invoicenumber',
    'rechnung',
    'rechnungsnr',
    'rechnungsnummer',
  ],
  issued: ['issuedate', 'invoicedate', 'rechnungsdatum', 'datum', 'date'],
  due: ['duedate', 'faellig', 'fällig', 'faelligkeit', 'fälligkeit'],
  balance: ['open', 'openamount', 'outstanding', 'offen', 'offenerbetrag'],
  total: ['gross', 'amount', 'brutto', 'betrag', 'gesamt'],
  net: ['netamount', 'netto'],
  received: ['receiveddate', 'paymentdate', 'eingang', 'zahlungsdatum', 'date'],
  amount: ['betrag', 'paid', 'value'],
  payment: ['paymentid', 'paymentno', 'zahlung', 'belegnr'],
  serial: ['serialnumber', 'seriennr', 'seriennummer'],
  status: ['state', 'stand'],
};

/** The column of a table that a header means; null where nothing comes near. */
export function guessColumn(table: TableName, header: string): string | null {
  const asked = normalizedName(header).replace(/[.:#/()]/g, '');
  const names = Object.keys(BOOK_TABLES[table].columns);
  const same = names.find((name) => normalizedName(name) === asked);
  if (same !== undefined) return same;
  return names.find((name) => (COLUMN_WORDS[name] ?? []).includes(asked)) ?? null;
}

/** By its name; else the table of whose required columns the header names all, and of whose columns the most. */
export function guessTable({ file, header }: FileSample): TableName | null {
  const key = fileKey(file);
  const byName = TABLE_NAMES.find(
    (table) => normalizedName(table) === key || (TABLE_WORDS[table] ?? []).includes(key),
  );
  if (byName !== undefined) return byName;
  let best: { table: TableName; count: number } | null = null;
  for (const table of TABLE_NAMES) {
    const found = new Set(header.map((cell) => guessColumn(table, cell)));
    const required = Object.entries(tableSpec(table).columns).filter(([, spec]) => spec.required);
    if (!required.every(([name]) => found.has(name))) continue;
    const count = header.filter((cell) => guessColumn(table, cell) !== null).length;
    if (best === null || count > best.count) best = { table, count };
  }
  return best?.table ?? null;
}

function guessForms(
  { header, rows }: FileSample,
  table: TableName | null,
  columns: FileMapping['columns'],
): Pick<FileMapping, 'dates' | 'decimals'> {
  const cellsOf = (...kinds: readonly ColumnKind[]) =>
    header.flatMap((written, at) => {
      const name = columns[written];
      if (table === null || name === null || name === undefined) return [];
      const kind = KINDS.get(table)?.get(normalizedName(name));
      if (kind === undefined || !kinds.includes(kind)) return [];
      return rows.map((cells) => cells[at]?.trim() ?? '').filter((cell) => cell !== '');
    });
  return {
    dates: guessDates(cellsOf('date')),
    decimals: guessDecimals(cellsOf('decimal', 'amount')),
  };
}

/** A day above 12 tells which part of 3/25/2026 is the day; where none does, the order of most of the world holds. */
function guessDates(cells: readonly string[]): DateForm {
  if (cells.some((cell) => DATE_SHAPES['day.month.year'][0].test(cell))) return 'day.month.year';
  const slashed = cells.flatMap((cell) => {
    const found = DATE_SHAPES['day/month/year'][0].exec(cell);
    return found === null ? [] : [found];
  });
  if (slashed.length === 0) return 'iso';
  return slashed.some(([, , second]) => Number(second) > 12) ? 'month/day/year' : 'day/month/year';
}

function guessDecimals(cells: readonly string[]): DecimalForm {
  if (cells.some((cell) => /,\d{1,2}$/.test(cell) || /\.\d{3},/.test(cell))) return 'comma';
  if (cells.some((cell) => /,\d{3}(\D|$)/.test(cell))) return 'point';
  return 'plain';
}

/** Columns of a table, as a page offers them. */
export function columnsOf(
  table: TableName,
): { readonly name: string; readonly required: boolean; readonly field: string }[] {
  return Object.entries(tableSpec(table).columns).map(([name, { required }]) => ({
    name,
    required: required === true,
    field: camel(name),
  }));
}
