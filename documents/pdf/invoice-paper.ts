/** Invoice, credit note, late charge and pro-forma on paper. */
import type { ReactElement } from 'react';
import { exponentOf } from '../../domain/money/money.ts';
import type { Formatter } from '../format.ts';
import { isPayable, noticeOf, referenceText } from '../invoice-facts.ts';
import {
  assertTotals,
  type DocumentLine,
  type DocumentSection,
  type InvoiceDocument,
  linesOf,
  sumMinor,
} from '../model.ts';
import { epcPayloadOf } from '../reference.ts';
import { taxReason, type Wording } from '../wording.ts';
import type { Block } from './pages.ts';
import {
  box,
  type Cell,
  type Column,
  decimalIndent,
  type Fact,
  heading,
  label,
  letterhead,
  MUTED,
  type PanelPart,
  panel,
  paper,
  paragraph,
  paymentPanel,
  type Sheet,
  SIZE,
  sheetOf,
  space,
  tableHead,
  tableRow,
  totalsTable,
} from './parts.ts';
import { textWidth, wrapText } from './typeface.ts';

/** The contracts that a document bills, in order. */
export function contractsOf(document: InvoiceDocument): string[] {
  return [...new Set(document.sections.flatMap(({ contract }) => contract ?? []))];
}

/** "Maintenance Acme CAD, 1 Jan 2027 – 31 Dec 2027, and 2 more": what a document is for, in one sentence. */
export function coverage(document: InvoiceDocument, words: Wording, format: Formatter): string {
  const names = [
    ...new Set(document.sections.flatMap((s) => s.subsections.map((sub) => sub.title))),
  ];
  const shown = names.slice(0, 2).join(', ');
  const more = names.length > 2 ? ` ${words.andMore(names.length - 2)}` : '';
  const lines = linesOf(document);
  const starts = lines.flatMap(({ periodStart }) => periodStart ?? []).sort();
  const ends = lines.flatMap(({ periodEnd }) => periodEnd ?? []).sort();
  const [first, last] = [starts[0], ends.at(-1)];
  const period = first !== undefined && last !== undefined ? `\n${format.period(first, last)}` : '';
  return `${shown}${more}${period}`;
}

function title(document: InvoiceDocument, words: Wording): string {
  const name = words.titles[document.type];
  return document.invoice === null && document.type !== 'pro_forma'
    ? `${name} (${words.draft})`
    : name;
}

function facts(document: InvoiceDocument, words: Wording, format: Formatter): Fact[] {
  const { buyer, type } = document;
  const contracts = contractsOf(document);
  return [
    [words.number, document.invoice],
    [words.issueDate, format.date(document.issueDate)],
    [
      words.dueDate,
      document.dueDate === null || type === 'credit_note' ? null : format.date(document.dueDate),
    ],
    [words.customer, buyer.account],
    [
      contracts.length > 1 ? words.contracts : words.contract,
      contracts.length === 0 ? null : contracts.join(', '),
    ],
    [words.poNumber, document.poNumber],
    [words.yourReference, buyer.buyerReference],
    [words.yourTaxId, buyer.taxId],
  ];
}

function glance(document: InvoiceDocument, words: Wording, format: Formatter): PanelPart[] {
  const { type, currency, balanceMinor, dueDate } = document;
  const covers = { label: words.covers, value: coverage(document, words, format), share: 0.4 };
  if (type === 'credit_note') {
    const value = format.money(-document.totalMinor, currency);
    const credits =
      document.credits === null
        ? ''
        : words.credits(document.credits, creditedOn(document, format));
    return [
      { label: words.amountCredited, value, share: 0.34, large: true },
      { label: words.titles.credit_note, value: credits, share: 0.26 },
      covers,
    ];
  }
  const isProForma = type === 'pro_forma';
  const isPaid = balanceMinor === 0 && document.totalMinor !== 0 && !isProForma;
  const amountLabel = isProForma
    ? words.proFormaTotal
    : isPaid
      ? words.amountPaid
      : words.amountDue;
  return [
    {
      label: amountLabel,
      value: format.money(isPaid ? document.totalMinor : balanceMinor, currency),
      share: 0.36,
      large: true,
    },
    {
      label: words.dueDate,
      value: isPaid ? words.settled : dueDate === null ? '–' : format.date(dueDate),
      share: 0.24,
    },
    covers,
  ];
}

function creditedOn(document: InvoiceDocument, format: Formatter): string | null {
  return document.creditsIssueDate === null ? null : format.shortDate(document.creditsIssueDate);
}

function columnsOf(document: InvoiceDocument, sheet: Sheet): Column[] {
  const { words, format } = sheet;
  const lines = linesOf(document);
  const widest = (texts: readonly string[], least: number) =>
    Math.max(least, ...texts.map((text) => textWidth(text, SIZE.body) + 14));
  const nets = lines.map(({ netMinor }) => format.amount(netMinor, document.currency));
  const { price } = decimalsOf(document);
  const prices = lines.map(({ unitPrice }) => format.number(unitPrice, price));
  const quantities = lines.map(({ quantity }) => format.number(quantity));
  const right = (title: string, width: number): Column => ({ title, width, align: 'right' });
  const narrow = [
    right(words.columns.quantity, widest(quantities, 44)),
    right(words.columns.unitPrice, widest(prices, 62)),
    ...(lines.some(hasDiscount) ? [right(words.columns.discount, 42)] : []),
    right(words.columns.tax, 38),
    right(words.columns.net, widest(nets, 66)),
  ];
  const used = narrow.reduce((sum, { width }) => sum + width, 28);
  return [
    { title: words.columns.position, width: 28, align: 'left' },
    { title: words.columns.description, width: sheet.contentWidth - used, align: 'left' },
    ...narrow,
  ];
}

const hasDiscount = (line: DocumentLine) =>
  line.discountPercent !== null && !/^0*(\.0*)?$/.test(line.discountPercent);

const places = (decimal: string) => decimal.split('.')[1]?.length ?? 0;

/** Decimals shown: unit prices at least the currency's; the most of each column decides where points stand. */
interface Decimals {
  readonly least: number;
  readonly price: number;
  readonly quantity: number;
}

function decimalsOf(document: InvoiceDocument): Decimals {
  const lines = linesOf(document);
  const least = exponentOf(document.currency);
  return {
    least,
    price: Math.max(least, ...lines.map(({ unitPrice }) => places(unitPrice))),
    quantity: Math.max(0, ...lines.map(({ quantity }) => places(quantity))),
  };
}

/** What stands small under a line's description; under a subcontract's own head its number is not repeated. */
function lineDetails(line: DocumentLine, { format, words }: Sheet, underHead: boolean): string {
  const { periodStart, periodEnd, caughtUp } = line;
  const isMonth = caughtUp !== null && /^\d{4}-\d{2}$/.test(caughtUp);
  return [
    underHead ? null : line.subcontract,
    line.sku,
    periodStart !== null && periodEnd !== null ? format.period(periodStart, periodEnd) : null,
    caughtUp === null ? null : words.caughtUp(isMonth ? format.month(caughtUp) : null),
  ]
    .filter((part) => part !== null && part !== '')
    .join(' · ');
}

function lineCells(
  line: DocumentLine,
  sheet: Sheet,
  most: Decimals,
  at: { currency: string; underHead: boolean },
): Cell[] {
  const { format } = sheet;
  const decimals = Math.max(most.least, places(line.unitPrice));
  const taxed = line.taxCategory === 'S' || line.taxCategory === 'Z';
  return [
    { text: line.line, color: MUTED },
    { text: line.description, sub: lineDetails(line, sheet, at.underHead) },
    {
      text: format.number(line.quantity),
      ...(line.unit === null ? {} : { sub: line.unit }),
      indentRight: decimalIndent(places(line.quantity), most.quantity),
    },
    {
      text: format.number(line.unitPrice, decimals),
      indentRight: decimalIndent(decimals, most.price),
    },
    { text: hasDiscount(line) ? format.percent(line.discountPercent ?? '0') : '' },
    { text: taxed ? format.percent(line.taxRate) : line.taxCategory },
    { text: format.amount(line.netMinor, at.currency) },
  ];
}

function subtotalRow(
  sheet: Sheet,
  columns: readonly Column[],
  text: string,
  amount: string,
  onPageTop: () => readonly Block[],
  shaded: boolean,
): Block[] {
  const [, description, ...rest] = columns;
  const last = columns.at(-1);
  if (description === undefined || last === undefined) return [];
  const wide = sheet.contentWidth - last.width;
  const merged: Column[] = [{ title: '', width: wide, align: 'right' }, last];
  const row = tableRow(
    sheet,
    merged,
    [
      { text, weight: 600, indentRight: rest.length > 0 ? 12 : 0 },
      { text: amount, weight: 600 },
    ],
    { onPageTop, shaded },
  );
  return row;
}

function sectionBlocks(
  document: InvoiceDocument,
  section: DocumentSection,
  sheet: Sheet,
  columns: Column[],
): Block[] {
  const { words, format } = sheet;
  const { currency } = document;
  const name = sectionName(section, words);
  const sectionHead = (text: string): Block => ({
    height: 24,
    keepWithNext: true,
    node: box(
      { height: 24, paddingTop: 8 },
      label(text, { width: sheet.contentWidth, size: 10, weight: 600 }),
    ),
  });
  const most = decimalsOf(document);
  const isDiscounted = columns.length === 7;
  const cellsOf = (line: DocumentLine, underHead: boolean) =>
    lineCells(line, sheet, most, { currency, underHead }).filter(
      (_, index) => isDiscounted || index !== 4,
    );
  const onPageTop = () => [
    tableHead(sheet, columns),
    ...(name === '' ? [] : [sectionHead(`${name} (${words.continued})`)]),
  ];
  const startOnTop = () => [tableHead(sheet, columns)];
  const blocks: Block[] = name === '' ? [] : [{ ...sectionHead(name), onPageTop: startOnTop }];
  for (const sub of section.subsections) {
    const many = sub.lines.length > 1;
    if (many) blocks.push(subsectionHead(sheet, sub.subcontract, sub.title, onPageTop));
    sub.lines.forEach((line, index) => {
      const keep = many && index >= sub.lines.length - 2;
      blocks.push(
        ...tableRow(sheet, columns, cellsOf(line, many), {
          onPageTop,
          keepWithNext: keep,
        }),
      );
    });
    if (many) {
      const sum = sumMinor(sub.lines.map((line) => line.netMinor));
      const of = sub.subcontract ?? sub.title;
      blocks.push(
        ...subtotalRow(
          sheet,
          columns,
          words.subtotal(of),
          format.amount(sum, currency),
          onPageTop,
          false,
        ),
      );
    }
  }
  if (document.sections.length > 1 && name !== '') {
    const sum = sumMinor(section.subsections.flatMap((s) => s.lines.map((line) => line.netMinor)));
    blocks.push(
      ...subtotalRow(
        sheet,
        columns,
        words.subtotal(name),
        format.amount(sum, currency),
        onPageTop,
        true,
      ),
    );
  }
  return blocks;
}

function sectionName(section: DocumentSection, words: Wording): string {
  const contract = section.contract === null ? '' : `${words.contract} ${section.contract}`;
  return [contract, section.title].filter((part) => part !== '').join(' · ');
}

function subsectionHead(
  sheet: Sheet,
  subcontract: string | null,
  titleText: string,
  onPageTop: () => readonly Block[],
): Block {
  const text = [subcontract, titleText].filter((part) => part !== null && part !== '').join(' · ');
  return {
    height: 19,
    keepWithNext: true,
    onPageTop,
    node: box(
      { height: 19, paddingTop: 5 },
      label(text, { width: sheet.contentWidth, size: SIZE.body, weight: 600, color: MUTED }),
    ),
  };
}

/** Tax summary at the left, totals at the right: one block, never broken. */
function totals(document: InvoiceDocument, sheet: Sheet): Block {
  const { words, format } = sheet;
  const { currency } = document;
  const rightWidth = 210;
  const leftWidth = sheet.contentWidth - rightWidth - 30;
  const isCredit = document.type === 'credit_note';
  const right = totalsTable(sheet, rightWidth, [
    { label: words.net, amount: format.amount(document.netMinor, currency) },
    ...document.taxes.map((tax) => ({
      label: words.tax(format.percent(tax.rate)),
      amount: format.amount(tax.taxMinor, currency),
    })),
    {
      label: `${words.total} ${currency}`,
      amount: format.amount(document.totalMinor, currency),
      strong: true,
    },
    ...(document.paidMinor === 0 || isCredit
      ? []
      : [
          { label: words.paid, amount: format.amount(-document.paidMinor, currency) },
          {
            label: `${words.balance} ${currency}`,
            amount: format.amount(document.balanceMinor, currency),
            strong: true,
          },
        ]),
  ]);
  const left = taxTable(document, sheet, leftWidth);
  const height = Math.max(left.height, right.height) + 10;
  return {
    height,
    node: box(
      { height, flexDirection: 'row', justifyContent: 'space-between', paddingTop: 6 },
      left.node,
      right.node,
    ),
  };
}

function taxTable(document: InvoiceDocument, sheet: Sheet, width: number) {
  const { words, format } = sheet;
  const [nameWidth, rateWidth, baseWidth] = [width - 176, 40, 72];
  const cell = (text: string, w: number, align: 'left' | 'right', color = MUTED) =>
    label(text, { width: w, size: SIZE.small, align, color });
  const row = (texts: readonly [string, string, string, string]) =>
    box(
      { flexDirection: 'row', height: 12 },
      cell(texts[0], nameWidth, 'left'),
      cell(texts[1], rateWidth, 'right'),
      cell(texts[2], baseWidth, 'right'),
      cell(texts[3], 64, 'right'),
    );
  const rows = document.taxes.map((tax) => {
    const reason = taxReason(tax, words);
    const lines = reason === null ? [] : wrapText(reason, width, SIZE.small);
    return {
      height: 12 + lines.length * 10,
      node: box(
        { height: 12 + lines.length * 10 },
        row([
          `${words.taxNames[tax.category]} (${tax.category})`,
          format.percent(tax.rate),
          format.amount(tax.baseMinor, document.currency),
          format.amount(tax.taxMinor, document.currency),
        ]),
        ...lines.map((line) => cell(line, width, 'left')),
      ),
    };
  });
  const head = box(
    {
      flexDirection: 'row',
      height: 14,
      borderBottomWidth: 0.5,
      borderBottomColor: MUTED,
      marginBottom: 3,
    },
    label(words.taxTable.title, {
      width: nameWidth + rateWidth,
      size: SIZE.small,
      weight: 600,
      color: MUTED,
    }),
    label(words.taxTable.base, {
      width: baseWidth,
      size: SIZE.small,
      weight: 600,
      color: MUTED,
      align: 'right',
    }),
    label(words.taxTable.tax, {
      width: 64,
      size: SIZE.small,
      weight: 600,
      color: MUTED,
      align: 'right',
    }),
  );
  const own = accountingTaxText(document, sheet.words, format);
  const ownLines = own === null ? [] : wrapText(own, width, SIZE.small);
  const ownNodes = ownLines.map((text) => cell(text, width, 'left'));
  return {
    height: 17 + rows.reduce((sum, { height }) => sum + height, 0) + ownLines.length * 10,
    node: box({ width }, head, ...rows.map(({ node }) => node), ...ownNodes),
  };
}

/** The tax in the entity's own currency, where the document has another. */
export function accountingTaxText(
  document: InvoiceDocument,
  words: Wording,
  format: Formatter,
): string | null {
  const { accountingTax: own } = document;
  if (own === null) return null;
  const tax = format.money(own.taxMinor, own.currency);
  return words.accountingTax(tax, format.number(own.exchangeRate), format.shortDate(own.rateDate));
}

/** Terms, late-payment clause, notes, further details, history: the end of the document. */
function closing(document: InvoiceDocument, sheet: Sheet): Block[] {
  const { words, format, seller } = sheet;
  const part = (name: string, texts: readonly string[]): Block[] =>
    texts.length === 0
      ? []
      : [space(6), heading(sheet, name), ...texts.flatMap((text) => paragraph(sheet, text))];
  const contact = [seller.contactName, seller.email, seller.phone].filter((one) => one !== null);
  return [
    ...part(words.terms, document.paymentTerms === null ? [] : [document.paymentTerms]),
    ...part(
      words.lateCharges,
      document.lateChargeClause === null ? [] : [document.lateChargeClause],
    ),
    ...part(
      words.details,
      document.customFields.map(({ name, value }) => `${name}: ${value}`),
    ),
    ...part(words.notes, document.notes),
    ...part(
      words.history,
      document.history.map(({ on, text }) => `${format.shortDate(on)}   ${text}`),
    ),
    ...(contact.length === 0
      ? []
      : [space(10), ...paragraph(sheet, words.questions(contact.join(', ')), { color: MUTED })]),
  ];
}

function appendix(document: InvoiceDocument, sheet: Sheet): Block[] {
  const { words, format } = sheet;
  const explained = linesOf(document).filter(({ explanation }) => explanation !== null);
  if (explained.length === 0) return [];
  const columns: Column[] = [
    { title: words.columns.position, width: 28, align: 'left' },
    { title: words.columns.description, width: sheet.contentWidth - 28 - 80, align: 'left' },
    { title: words.columns.net, width: 80, align: 'right' },
  ];
  const onPageTop = () => [tableHead(sheet, columns)];
  return [
    { ...heading(sheet, words.appendix), newPage: true },
    ...paragraph(sheet, words.appendixIntro, { color: MUTED }).map((block) => ({
      ...block,
      keepWithNext: true,
    })),
    space(6),
    tableHead(sheet, columns),
    ...explained.flatMap((line) =>
      tableRow(
        sheet,
        columns,
        [
          { text: line.line, color: MUTED },
          {
            text: [line.subcontract, line.description].filter((p) => p !== null).join(' · '),
            sub: line.explanation ?? '',
          },
          { text: format.amount(line.netMinor, document.currency) },
        ],
        { onPageTop },
      ),
    ),
  ];
}

/**
 * The paper of an invoice, credit note, late charge or pro-forma.
 * @throws DocumentError where its figures do not add up.
 */
export function invoicePaper(document: InvoiceDocument): ReactElement {
  assertTotals(document);
  const sheet = sheetOf(document);
  const { format, words } = sheet;
  const columns = columnsOf(document, sheet);
  const payment = isPayable(document)
    ? paymentPanel(sheet, {
        reference: referenceText(document),
        epc: epcPayloadOf(document),
        payUrl: document.payUrl,
      })
    : null;
  const notice = noticeOf(document, words);
  const name = title(document, words);
  const blocks: Block[] = [
    letterhead(sheet, name, document.buyer, facts(document, words, format)),
    ...(notice === null ? [] : [...paragraph(sheet, notice, { weight: 600 }), space(8)]),
    panel(sheet, glance(document, words, format)),
    ...(payment === null ? [] : [payment]),
    space(10),
    tableHead(sheet, columns),
    ...document.sections.flatMap((section) => sectionBlocks(document, section, sheet, columns)),
    space(8),
    totals(document, sheet),
    ...closing(document, sheet),
    ...appendix(document, sheet),
  ];
  const number = document.invoice ?? words.draft;
  const about = {
    title: `${words.titles[document.type]} ${number}`,
    author: document.seller.legalName,
    language: format.locale,
    date: document.issueDate,
    running: `${words.titles[document.type]} ${number} · ${document.buyer.name}`,
  };
  return paper(sheet, about, blocks);
}
