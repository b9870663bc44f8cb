/** The renewal agreement: the next term, each subcontract at its new price, and what changed (billing rules §9). */
import type { ReactElement } from 'react';
import { fraction, multiply, ratio, toDecimal } from '../../domain/money/decimal.ts';
import { exponentOf } from '../../domain/money/money.ts';
import type { Formatter } from '../format.ts';
import { DocumentError, type DocumentFault, type RenewalAgreement, sumMinor } from '../model.ts';
import type { Wording } from '../wording.ts';
import type { Block } from './pages.ts';
import {
  box,
  type Column,
  heading,
  label,
  letterhead,
  MUTED,
  panel,
  paper,
  paragraph,
  qrCode,
  RULE,
  type Sheet,
  SIZE,
  sheetOf,
  space,
  tableHead,
  tableRow,
  totalsTable,
} from './parts.ts';

/** Lines = net, net + tax = total. */
export function renewalFaults(agreement: RenewalAgreement): DocumentFault[] {
  const { netMinor, taxMinor, totalMinor, lines } = agreement;
  const sum = sumMinor(lines.map((line) => line.netMinor));
  return [
    ...(sum === netMinor
      ? []
      : [{ path: 'netMinor', message: `is ${netMinor}, but the lines sum to ${sum}` }]),
    ...(netMinor + taxMinor === totalMinor
      ? []
      : [
          {
            path: 'totalMinor',
            message: `is ${totalMinor}, but net plus tax is ${netMinor + taxMinor}`,
          },
        ]),
  ];
}

/** "+120.00 EUR (+4.2%) compared with the running term"; null where there is nothing to compare with. */
export function comparison(
  agreement: RenewalAgreement,
  words: Wording,
  format: Formatter,
): string | null {
  const { netMinor, previousNetMinor, currency } = agreement;
  if (previousNetMinor === null || previousNetMinor <= 0) return null;
  const difference = sumMinor([netMinor, -previousNetMinor]);
  const sign = difference > 0 ? '+' : '';
  const share = multiply(fraction(difference), ratio(100, previousNetMinor));
  const percent = format.percent(toDecimal(share, 1));
  return words.renewal.compared(
    `${sign}${format.money(difference, currency)}`,
    `${sign}${percent}`,
  );
}

function lineTable(agreement: RenewalAgreement, sheet: Sheet): Block[] {
  const { words, format, contentWidth } = sheet;
  const { currency, lines } = agreement;
  const decimals = exponentOf(currency);
  const columns: Column[] = [
    { title: words.columns.description, width: contentWidth - 268, align: 'left' },
    { title: words.columns.quantity, width: 48, align: 'right' },
    { title: words.columns.unitPrice, width: 70, align: 'right' },
    { title: words.renewal.running, width: 75, align: 'right' },
    { title: words.renewal.newPrice, width: 75, align: 'right' },
  ];
  const onPageTop = () => [tableHead(sheet, columns)];
  return [
    tableHead(sheet, columns),
    ...lines.flatMap((line) =>
      tableRow(
        sheet,
        columns,
        [
          {
            text: line.description,
            sub: [line.subcontract, line.sku, line.change]
              .filter((part) => part !== null)
              .join(' · '),
          },
          { text: format.number(line.quantity) },
          { text: format.number(line.unitPrice, decimals) },
          {
            text:
              line.previousNetMinor === null
                ? words.renewal.isNew
                : format.amount(line.previousNetMinor, currency),
            color: MUTED,
          },
          { text: format.amount(line.netMinor, currency), weight: 600 },
        ],
        { onPageTop },
      ),
    ),
  ];
}

function totals(agreement: RenewalAgreement, sheet: Sheet): Block {
  const { words, format } = sheet;
  const amount = (minor: number) => format.amount(minor, agreement.currency);
  const table = totalsTable(sheet, 250, [
    { label: words.renewal.totalNet, amount: amount(agreement.netMinor) },
    { label: words.renewal.totalTax, amount: amount(agreement.taxMinor) },
    {
      label: `${words.renewal.total} ${agreement.currency}`,
      amount: amount(agreement.totalMinor),
      strong: true,
    },
  ]);
  return {
    height: table.height + 10,
    node: box(
      {
        height: table.height + 10,
        flexDirection: 'row',
        justifyContent: 'flex-end',
        paddingTop: 6,
      },
      table.node,
    ),
  };
}

/** Two places to sign; the link to accept online beside the buyer's. */
function signatures(agreement: RenewalAgreement, sheet: Sheet): Block {
  const { words, seller } = sheet;
  const width = sheet.contentWidth / 2 - 16;
  const field = (name: string) =>
    box(
      { width, marginTop: 30, borderTopWidth: 0.5, borderTopColor: MUTED, paddingTop: 2 },
      label(name, { width, size: SIZE.small, color: MUTED }),
    );
  const party = (name: string) =>
    box(
      { width },
      label(words.renewal.signedBy(name), { width, weight: 600 }),
      field(words.renewal.placeDate),
      field(words.renewal.signature),
      field(words.renewal.nameTitle),
    );
  return {
    height: 160,
    node: box(
      { height: 160, flexDirection: 'row', justifyContent: 'space-between', paddingTop: 14 },
      party(agreement.buyer.name),
      party(seller.legalName),
    ),
  };
}

function acceptance(agreement: RenewalAgreement, sheet: Sheet): Block[] {
  const { words, format } = sheet;
  const own = words.renewal;
  const answerBy = format.date(agreement.answerBy);
  const notice = agreement.noticeDate === null ? null : format.date(agreement.noticeDate);
  const text = agreement.autoRenews
    ? own.autoRenews(notice)
    : agreement.poRequired
      ? own.acceptPo(answerBy)
      : own.accept(answerBy);
  const { acceptUrl } = agreement;
  const code: Block[] =
    acceptUrl === null || agreement.autoRenews
      ? []
      : [
          {
            height: 84,
            node: box(
              { height: 84, flexDirection: 'row', alignItems: 'center', paddingTop: 6 },
              qrCode(acceptUrl, 70),
              box({ width: 14 }),
              label(own.online, { width: 200, color: MUTED }),
            ),
          },
        ];
  return [
    space(8),
    ...paragraph(sheet, text, { weight: 600 }).map((block) => ({ ...block, keepWithNext: true })),
    ...code.map((block) => ({ ...block, keepWithNext: true })),
    ...(agreement.autoRenews
      ? [{ height: 1, node: box({ height: 1, backgroundColor: RULE }) }]
      : [signatures(agreement, sheet)]),
  ];
}

/**
 * The paper of a renewal agreement.
 * @throws DocumentError where its figures do not add up.
 */
export function renewalPaper(agreement: RenewalAgreement): ReactElement {
  const faults = renewalFaults(agreement);
  if (faults.length > 0) throw new DocumentError(faults);
  const { seller, buyer, currency } = agreement;
  const sheet = sheetOf(agreement);
  const { format, words } = sheet;
  const own = words.renewal;
  const compared = comparison(agreement, words, format);
  const term = format.period(agreement.termStart, agreement.termEnd);
  const part = (name: string, texts: readonly string[]): Block[] =>
    texts.length === 0
      ? []
      : [space(6), heading(sheet, name), ...texts.flatMap((text) => paragraph(sheet, text))];
  const blocks: Block[] = [
    letterhead(sheet, own.title, buyer, [
      [words.contract, agreement.contract],
      [words.statement.date, format.date(agreement.date)],
      [words.customer, buyer.account],
      [words.yourReference, buyer.buyerReference],
      [own.priceRule, agreement.priceRule],
    ]),
    ...paragraph(sheet, own.notice, { color: MUTED }),
    space(8),
    panel(sheet, [
      {
        label: own.total,
        value: format.money(agreement.totalMinor, currency),
        share: 0.4,
        large: true,
      },
      { label: own.nextTerm, value: term, share: 0.36 },
      { label: own.answerBy, value: format.date(agreement.answerBy), share: 0.24 },
    ]),
    ...(compared === null ? [] : [space(8), ...paragraph(sheet, compared)]),
    space(10),
    ...lineTable(agreement, sheet),
    totals(agreement, sheet),
    ...part(own.changes, agreement.changes),
    ...part(words.terms, agreement.paymentTerms === null ? [] : [agreement.paymentTerms]),
    ...acceptance(agreement, sheet),
  ];
  const about = {
    title: `${own.title} ${agreement.contract} ${agreement.termStart}`,
    author: seller.legalName,
    language: format.locale,
    date: agreement.date,
    running: `${own.title} · ${words.contract} ${agreement.contract} · ${buyer.name}`,
  };
  return paper(sheet, about, blocks);
}
