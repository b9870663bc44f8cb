/** The parts that every paper is made of: letterhead, panels, tables, running head and foot. Lengths are points. */
import { Document, Image, Page, Path, Svg, Text, View } from '@react-pdf/renderer';
import QRCode from 'qrcode';
import { createElement, type ReactElement } from 'react';
import { type Formatter, formatterOf } from '../format.ts';
import { transferFacts } from '../invoice-facts.ts';
import type { Buyer, PostalAddress, Seller } from '../model.ts';
import { type Wording, wordingOf } from '../wording.ts';
import { type Block, paginate } from './pages.ts';
import { FAMILY, fitText, printable, textWidth, type Weight, wrapText } from './typeface.ts';

export const SIZE = { body: 9, small: 7.5 } as const;
export const LEADING = { body: 12.5, small: 10 } as const;
export const INK = '#1b2130';
export const MUTED = '#5a6373';
export const RULE = '#d9dee6';
const DEFAULT_ACCENT = '#1d4f91';

/** Countries whose paper is Letter (ANSI A); all others use A4. */
const LETTER = new Set([
  'US',
  'CA',
  'MX',
  'PH',
  'CL',
  'CO',
  'VE',
  'CR',
  'GT',
  'PA',
  'DO',
  'SV',
  'NI',
  'PR',
]);

/** Everything about one paper that its parts need. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly contentWidth: number;
  readonly contentHeight: number;
  readonly accent: string;
  /** A very light tone of the accent, for panels. */
  readonly tint: string;
  readonly seller: Seller;
  readonly words: Wording;
  readonly format: Formatter;
}

const LEFT = 56.7; // 20 mm: where a window envelope shows the address
const RIGHT = 42.5;
const TOP = 56;
const BOTTOM = 74;

const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const linear = [1, 3, 5].map((at) => {
    const value = channel(hex, at) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
}

/** The share of `hex` in a mix with white, as `#rrggbb`. */
function tintOf(hex: string, share: number): string {
  const mixed = [1, 3, 5].map((at) => Math.round(255 - (255 - channel(hex, at)) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** The seller's colour where it can be read on white (contrast 4.5 : 1), else the papers' own blue. */
export function accentOf(color: string | null): string {
  if (color === null || !/^#[0-9a-f]{6}$/i.test(color)) return DEFAULT_ACCENT;
  return 1.05 / (luminance(color) + 0.05) >= 4.5 ? color.toLowerCase() : DEFAULT_ACCENT;
}

/** The sheet of a document: its seller's paper, in its reader's language. */
export function sheetOf({ seller, language }: { seller: Seller; language: string }): Sheet {
  const format = formatterOf(language, seller.address.country);
  const words = wordingOf(format.language);
  const letter = LETTER.has(seller.address.country ?? '');
  const [width, height] = letter ? [612, 792] : [595.28, 841.89];
  const accent = accentOf(seller.accentColor);
  return {
    width,
    height,
    contentWidth: width - LEFT - RIGHT,
    contentHeight: height - TOP - BOTTOM,
    accent,
    tint: tintOf(accent, 0.07),
    seller,
    words,
    format,
  };
}

export interface TextStyle {
  readonly width: number;
  readonly size?: number;
  readonly leading?: number;
  readonly weight?: Weight;
  readonly color?: string;
  readonly align?: 'left' | 'right' | 'center';
}

/** A box with children in their order, without keys. */
export function box(
  style: Record<string, unknown>,
  ...nodes: (ReactElement | null)[]
): ReactElement {
  return createElement(View, { style: style as never }, ...nodes);
}

/** Lines that were broken already, as one text of a fixed width. */
export function textLines(lines: readonly string[], style: TextStyle): ReactElement {
  const size = style.size ?? SIZE.body;
  const leading = style.leading ?? (size <= SIZE.small ? LEADING.small : LEADING.body);
  const shape = {
    width: style.width,
    // Both sides given, the layout need not measure the text to place it.
    height: lines.length * leading,
    flexShrink: 0,
    fontSize: size,
    lineHeight: leading / size,
    fontWeight: style.weight ?? 400,
    color: style.color ?? INK,
    textAlign: style.align ?? 'left',
  };
  return createElement(Text, { style: shape }, lines.join('\n'));
}

/** One line of text, cut to its width. */
export function label(text: string, style: TextStyle): ReactElement {
  const size = style.size ?? SIZE.body;
  return textLines([fitText(text, style.width, size, style.weight ?? 400)], style);
}

export function space(height: number): Block {
  return { height, node: box({ height }), isSpace: true };
}

/** A paragraph, as one block; at most `MAX_LINES` lines stay together. */
export function paragraph(sheet: Sheet, text: string, style: Partial<TextStyle> = {}): Block[] {
  const width = style.width ?? sheet.contentWidth;
  const size = style.size ?? SIZE.body;
  const leading = style.leading ?? (size <= SIZE.small ? LEADING.small : LEADING.body);
  const lines = wrapText(text, width - 2, size, style.weight ?? 400);
  return chunks(lines, MAX_LINES).map((part) => ({
    height: part.length * leading,
    node: box(
      { height: part.length * leading },
      textLines(part, { ...style, width, size, leading }),
    ),
  }));
}

/** Lines of one text that stay together; longer texts go on in a further block. */
const MAX_LINES = 36;

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts.length === 0 ? [[]] : parts;
}

/** A part's heading, with the rule under it. Never alone at a page's end. */
export function heading(sheet: Sheet, text: string): Block {
  return {
    height: 25,
    keepWithNext: true,
    node: box(
      { height: 25, paddingTop: 6 },
      label(text, { width: sheet.contentWidth, size: 10.5, weight: 600, color: sheet.accent }),
    ),
  };
}

export function addressLines(
  address: PostalAddress,
  format: Formatter,
  home: string | null,
): string[] {
  const { line1, line2, city, region, postalCode, country } = address;
  const american = country === 'US' || country === 'CA' || country === 'AU';
  const place = american
    ? [[city, region].filter((part) => part !== null).join(', '), postalCode]
    : [postalCode, city, region !== null && city === null ? region : null];
  const town = place.filter((part) => part !== null && part !== '').join(' ');
  const abroad = country !== null && country !== home ? format.country(country) : null;
  return [line1, line2, town, abroad].filter(
    (line): line is string => line !== null && line !== '',
  );
}

const isImage = (logo: string | null): logo is string =>
  logo !== null && /^data:image\/(png|jpe?g);base64,/.test(logo);

export type Fact = readonly [label: string, value: string | null];

/** Letterhead, the buyer's address where a window envelope shows it, the title and the document's facts. */
export function letterhead(
  sheet: Sheet,
  title: string,
  buyer: Buyer,
  facts: readonly Fact[],
): Block {
  const { seller, format, contentWidth: width } = sheet;
  const given = facts.filter((fact): fact is readonly [string, string] => fact[1] !== null);
  const factRows = given.map(([name, value]) => factRow(name, value));
  const rowsHeight = factRows.reduce((sum, { height }) => sum + height, 0);
  const home = seller.address.country;
  const sender = [seller.legalName, ...addressLines(seller.address, format, null)].join(' · ');
  const to = [buyer.name, ...addressLines(buyer.address, format, home)];
  const titleSize = Math.min(22, (22 * (FACTS_WIDTH - 4)) / textWidth(printable(title), 22, 600));
  const toLines = to.flatMap((line) => wrapText(line, ADDRESS_WIDTH, 10));
  const height = Math.max(180, 72 + rowsHeight + 12, 90 + toLines.length * 13.5);
  return {
    height,
    node: box(
      { height },
      box(
        { position: 'absolute', left: 0, top: -14, width: width - FACTS_WIDTH },
        isImage(seller.logo)
          ? createElement(Image, { src: seller.logo, style: LOGO_STYLE })
          : label(seller.legalName, {
              width: width - FACTS_WIDTH - 12,
              size: 15,
              leading: 20,
              weight: 600,
              color: sheet.accent,
            }),
      ),
      box(
        { position: 'absolute', left: 0, top: 72, width: ADDRESS_WIDTH },
        label(sender, { width: ADDRESS_WIDTH, size: 6.5, color: MUTED }),
        box({ height: 4 }),
        textLines(toLines, { width: ADDRESS_WIDTH, size: 10, leading: 13.5 }),
      ),
      box(
        { position: 'absolute', left: width - FACTS_WIDTH, top: -18, width: FACTS_WIDTH },
        textLines([printable(title)], {
          width: FACTS_WIDTH,
          size: titleSize,
          leading: 30,
          weight: 600,
        }),
      ),
      box(
        { position: 'absolute', left: width - FACTS_WIDTH, top: 72, width: FACTS_WIDTH },
        ...factRows.map(({ node }) => node),
      ),
    ),
  };
}

const LOGO_STYLE = {
  height: 40,
  maxWidth: 200,
  objectFit: 'contain',
  objectPositionX: 0,
} as const;
const FACTS_WIDTH = 220;
const FACT_LABEL = 92;
const ADDRESS_WIDTH = 240;

function factRow(name: string, value: string): { height: number; node: ReactElement } {
  const lines = wrapText(value, FACTS_WIDTH - FACT_LABEL - 4, SIZE.body).slice(0, 3);
  const height = lines.length * LEADING.body + 1.5;
  return {
    height,
    node: box(
      { height, flexDirection: 'row' },
      label(name, { width: FACT_LABEL, color: MUTED }),
      textLines(lines, { width: FACTS_WIDTH - FACT_LABEL }),
    ),
  };
}

export interface PanelPart {
  readonly label: string;
  readonly value: string;
  /** Share of the panel's width. */
  readonly share: number;
  readonly large?: boolean;
}

/** The tinted panel that says it all in one glance: how much, by when, what for. */
export function panel(sheet: Sheet, parts: readonly PanelPart[]): Block {
  const inner = sheet.contentWidth - 30;
  const cells = parts.map((part) => {
    const width = inner * part.share - 10;
    const style =
      part.large === true
        ? { width, size: 18, leading: 24, weight: 600 as const }
        : { width, size: 10, leading: 13.5 };
    const lines = wrapText(part.value, width - 2, style.size, style.weight ?? 400).slice(0, 4);
    return { part, style, lines, height: lines.length * style.leading };
  });
  const height = Math.max(...cells.map((cell) => cell.height)) + 34;
  const nodes = cells.map(({ part, style, lines }) =>
    box(
      { width: inner * part.share },
      label(part.label, { width: style.width, size: SIZE.small, color: MUTED }),
      box({ height: 2 }),
      textLines(lines, style),
    ),
  );
  return {
    height,
    node: box(
      {
        height,
        backgroundColor: sheet.tint,
        borderLeftWidth: 3,
        borderLeftColor: sheet.accent,
        paddingLeft: 14,
        paddingTop: 10,
        flexDirection: 'row',
      },
      ...nodes,
    ),
  };
}

/** A QR code of a text, drawn as one path; error correction M as the EPC guidelines ask. */
export function qrCode(text: string, size: number): ReactElement {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  const runs: string[] = [];
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column) === 0) continue;
      let end = column;
      while (end < modules.size && modules.get(row, end) !== 0) end += 1;
      runs.push(`M${column} ${row}h${end - column}v1h-${end - column}z`);
      column = end;
    }
  }
  const viewBox = `0 0 ${modules.size} ${modules.size}`;
  const path = createElement(Path, { d: runs.join(''), fill: '#000000' });
  return createElement(Svg, { width: size, height: size, viewBox }, path);
}

/** How to pay: the bank's details and the reference, beside a code to scan and a link. */
export function paymentPanel(
  sheet: Sheet,
  pay: { reference: string | null; epc: string | null; payUrl: string | null },
): Block | null {
  const { words, seller, contentWidth: width } = sheet;
  const { bank } = seller;
  const rows = transferFacts(seller, words, pay.reference);
  const anyAccount = [bank.iban, bank.accountNumber, bank.remitTo].some((value) => value !== null);
  if (!anyAccount && pay.payUrl === null) return null;
  const given = anyAccount
    ? rows.filter((row): row is readonly [string, string] => row[1] !== null)
    : [];
  const codes = [
    pay.epc === null ? null : codeBox(pay.epc, words.scanToPay),
    pay.payUrl === null ? null : codeBox(pay.payUrl, words.payOnline),
  ].filter((node) => node !== null);
  const textWidthLeft = width - codes.length * (QR_SIZE + 22) - 12;
  const lines = given.map(([name, value]) => ({
    name,
    value: wrapText(value, textWidthLeft - 110, SIZE.body),
  }));
  const rowsHeight = lines.reduce((sum, row) => sum + row.value.length * LEADING.body + 1, 0);
  const height = Math.max(rowsHeight + 20, codes.length > 0 ? QR_SIZE + 16 : 0) + 12;
  return {
    height,
    node: box(
      { height, flexDirection: 'row', justifyContent: 'space-between', paddingTop: 10 },
      box(
        { width: textWidthLeft },
        label(words.howToPay, {
          width: textWidthLeft,
          size: 10.5,
          weight: 600,
          color: sheet.accent,
        }),
        box({ height: 5 }),
        ...lines.map((row) =>
          box(
            { flexDirection: 'row', height: row.value.length * LEADING.body + 1 },
            label(row.name, { width: 108, color: MUTED }),
            textLines(row.value, { width: textWidthLeft - 108 }),
          ),
        ),
      ),
      box({ flexDirection: 'row' }, ...codes),
    ),
  };
}

const QR_SIZE = 76;

function codeBox(text: string, caption: string): ReactElement {
  return box(
    { width: QR_SIZE, marginLeft: 22 },
    qrCode(text, QR_SIZE),
    box({ height: 3 }),
    label(caption, { width: QR_SIZE, size: SIZE.small, color: MUTED, align: 'center' }),
  );
}

export interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
}

export interface Cell {
  readonly text: string;
  /** A second, smaller text under the first. */
  readonly sub?: string;
  readonly weight?: Weight;
  readonly color?: string;
  /** Space on the right, to bring decimal points under each other. */
  readonly indentRight?: number;
}

const GAP = 10;
const ROW_PADDING = 4;

export function tableHead(sheet: Sheet, columns: readonly Column[]): Block {
  const height = 20;
  return {
    height,
    keepWithNext: true,
    node: box(
      {
        height,
        flexDirection: 'row',
        borderBottomWidth: 1,
        borderBottomColor: sheet.accent,
        paddingTop: 5,
      },
      ...columns.map((column) =>
        box(
          { width: column.width, paddingRight: column.align === 'left' ? GAP : 0 },
          label(column.title, {
            width: column.width - (column.align === 'left' ? GAP : 0),
            size: SIZE.small,
            weight: 600,
            color: MUTED,
            align: column.align,
          }),
        ),
      ),
    ),
  };
}

/** The table of documents that are still owed, on statements and reminders. */
export function openItemColumns({ words, contentWidth }: Sheet): Column[] {
  const own = words.statement;
  return [
    { title: own.document, width: contentWidth - 380, align: 'left' },
    { title: words.issueDate, width: 80, align: 'left' },
    { title: own.due, width: 80, align: 'left' },
    { title: own.overdue, width: 70, align: 'right' },
    { title: words.total, width: 75, align: 'right' },
    { title: own.open, width: 75, align: 'right' },
  ];
}

export interface RowStyle {
  readonly onPageTop?: () => readonly Block[];
  readonly keepWithNext?: boolean;
  /** The line under the row. */
  readonly rule?: boolean;
  readonly shaded?: boolean;
}

/** A table's row: as high as its highest cell. A very long text goes on in rows of its own. */
export function tableRow(
  sheet: Sheet,
  columns: readonly Column[],
  cells: readonly Cell[],
  style: RowStyle = {},
): Block[] {
  const broken = columns.map((column, index) => {
    const cell = cells[index] ?? { text: '' };
    const width = column.width - (column.align === 'left' ? GAP : 0);
    return {
      cell,
      column,
      width,
      main: cell.text === '' ? [] : wrapText(cell.text, width - 1, SIZE.body, cell.weight ?? 400),
      sub:
        cell.sub === undefined || cell.sub === '' ? [] : wrapText(cell.sub, width - 1, SIZE.small),
    };
  });
  const parts = Math.max(
    1,
    ...broken.map(({ main, sub }) => Math.ceil((main.length + sub.length) / MAX_LINES)),
  );
  return Array.from({ length: parts }, (_, part) => {
    const slice = broken.map((one) => sliceLines(one.main, one.sub, part));
    const inner = Math.max(
      LEADING.body,
      ...slice.map(({ main, sub }) => main.length * LEADING.body + sub.length * LEADING.small),
    );
    const height = inner + 2 * ROW_PADDING;
    const last = part === parts - 1;
    const nodes = broken.map(({ cell, column, width }, index) => {
      const { main, sub } = slice[index] ?? { main: [], sub: [] };
      const color = cell.color ?? INK;
      const indent = cell.indentRight ?? 0;
      // A little more room than was measured, so that the layout never breaks a line again.
      const slack = column.align === 'left' ? GAP - 2 : 0;
      const shift = { width: width - indent + slack, align: column.align };
      return box(
        { width: column.width },
        main.length === 0 ? null : textLines(main, { ...shift, weight: cell.weight ?? 400, color }),
        sub.length === 0 ? null : textLines(sub, { ...shift, size: SIZE.small, color: MUTED }),
      );
    });
    const rule = style.rule !== false && last;
    return {
      height,
      ...(style.onPageTop === undefined ? {} : { onPageTop: style.onPageTop }),
      ...(style.keepWithNext === true && last ? { keepWithNext: true } : {}),
      node: box(
        {
          height,
          flexDirection: 'row',
          paddingTop: ROW_PADDING,
          ...(rule ? { borderBottomWidth: 0.5, borderBottomColor: RULE } : {}),
          ...(style.shaded === true ? { backgroundColor: sheet.tint } : {}),
        },
        ...nodes,
      ),
    };
  });
}

function sliceLines(main: readonly string[], sub: readonly string[], part: number) {
  const from = part * MAX_LINES;
  const to = from + MAX_LINES;
  return {
    main: main.slice(from, to),
    sub: sub.slice(Math.max(0, from - main.length), Math.max(0, to - main.length)),
  };
}

/** How far a number with `places` decimals moves left so that its point stands under those with `most`. */
export function decimalIndent(places: number, most: number): number {
  const missing = most - places;
  if (missing <= 0) return 0;
  const point = places === 0 ? textWidth('.', SIZE.body) : 0;
  return missing * textWidth('0', SIZE.body) + point;
}

/** Rows of "label … amount" at the right side: totals. */
export interface TotalRow {
  readonly label: string;
  readonly amount: string;
  readonly strong?: boolean;
}

export function totalsTable(
  sheet: Sheet,
  width: number,
  rows: readonly TotalRow[],
): { height: number; node: ReactElement } {
  const rowHeight = (row: TotalRow) => (row.strong === true ? 22 : 16);
  const height = rows.reduce((sum, row) => sum + rowHeight(row), 0);
  return {
    height,
    node: box(
      { width },
      ...rows.map((row) => {
        const strong = row.strong === true;
        const style = {
          size: strong ? 10.5 : SIZE.body,
          weight: strong ? (600 as const) : (400 as const),
        };
        const amountWidth = Math.min(
          width - 60,
          textWidth(row.amount, style.size, style.weight) + 8,
        );
        return box(
          {
            height: rowHeight(row),
            flexDirection: 'row',
            justifyContent: 'space-between',
            paddingTop: strong ? 4 : 2,
            ...(strong ? { borderTopWidth: 1, borderTopColor: sheet.accent } : {}),
          },
          label(row.label, { width: width - amountWidth, ...style }),
          textLines([row.amount], { width: amountWidth, align: 'right', ...style }),
        );
      }),
    ),
  };
}

/** Column headings and "(continued)" for the top of a page that begins inside a table. */
export interface Paper {
  readonly title: string;
  readonly author: string;
  readonly language: string;
  /** The civil date that stands for when the document was made: the same input gives the same bytes. */
  readonly date: string;
  /** What the running head of the second and later pages says. */
  readonly running: string;
}

/** Breaks blocks into pages and frames each with its head and foot. */
export function paper(sheet: Sheet, about: Paper, blocks: readonly Block[]): ReactElement {
  const pages = paginate(blocks, sheet.contentHeight);
  const made = new Date(`${about.date}T00:00:00.000Z`);
  const nodes = pages.map((page, index) => framedPage(sheet, about, page, index, pages.length));
  return createElement(
    Document,
    {
      title: printable(about.title),
      author: printable(about.author),
      creator: 'Perennial',
      producer: 'Perennial',
      language: about.language,
      creationDate: made,
      modificationDate: made,
      conformance: 'PDF/A-3b',
    },
    ...nodes,
  );
}

function framedPage(
  sheet: Sheet,
  about: Paper,
  page: readonly Block[],
  index: number,
  count: number,
): ReactElement {
  const { contentWidth: width } = sheet;
  // A page that does not wrap is as high as what is on it: a box of the paper's size makes it that high.
  const sheetBox = box(
    {
      width: sheet.width,
      height: sheet.height,
      paddingTop: TOP,
      paddingLeft: LEFT,
      paddingRight: RIGHT,
    },
    index === 0 ? topBar(sheet) : runningHead(sheet, about),
    ...page.map((block) => block.node),
    foot(sheet, width, index, count),
  );
  const style = { fontFamily: FAMILY, color: INK };
  return createElement(Page, { size: [sheet.width, sheet.height], wrap: false, style }, sheetBox);
}

function topBar({ width, accent }: Sheet): ReactElement {
  return box({ position: 'absolute', left: 0, top: 0, width, height: 5, backgroundColor: accent });
}

function runningHead(sheet: Sheet, about: Paper): ReactElement {
  const half = sheet.contentWidth / 2;
  const style = { width: half, size: SIZE.small, color: MUTED };
  return box(
    {
      position: 'absolute',
      left: LEFT,
      top: 26,
      width: sheet.contentWidth,
      flexDirection: 'row',
      borderBottomWidth: 0.5,
      borderBottomColor: RULE,
      paddingBottom: 5,
    },
    label(sheet.seller.legalName, style),
    label(about.running, { ...style, align: 'right' }),
  );
}

function foot(sheet: Sheet, width: number, index: number, count: number): ReactElement {
  const { seller, words, format } = sheet;
  const third = width / 3;
  const column = (lines: (string | null)[], align: 'left' | 'right' = 'left') =>
    textLines(
      lines
        .filter((line): line is string => line !== null && line !== '')
        .slice(0, 4)
        .map((line) => fitText(line, third - 10, 6.5)),
      { width: third, size: 6.5, leading: 9, color: MUTED, align },
    );
  const town = addressLines(seller.address, format, null);
  return box(
    {
      position: 'absolute',
      left: LEFT,
      top: sheet.height - BOTTOM + 18,
      width,
      flexDirection: 'row',
      borderTopWidth: 0.5,
      borderTopColor: RULE,
      paddingTop: 6,
    },
    column([seller.legalName, ...town]),
    column([
      seller.taxId === null ? null : `${words.taxId} ${seller.taxId}`,
      seller.registration === null ? null : `${words.registration} ${seller.registration}`,
      seller.email,
      seller.phone,
    ]),
    column([words.page(index + 1, count)], 'right'),
  );
}
