/** An account's statement on paper (billing rules §10): movements, open items by age, what is new. */
import type { ReactElement } from 'react';
import { DocumentError, type DocumentFault, type StatementDocument, sumMinor } from '../model.ts';
import type { Block } from './pages.ts';
import {
  box,
  type Column,
  heading,
  label,
  letterhead,
  MUTED,
  openItemColumns,
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
} from './parts.ts';

/** Opening + entries = closing, each running balance included. */
export function statementFaults(statement: StatementDocument): DocumentFault[] {
  const faults: DocumentFault[] = [];
  let balance = statement.openingMinor;
  statement.entries.forEach((entry, index) => {
    balance = sumMinor([balance, entry.amountMinor]);
    if (balance !== entry.balanceMinor) {
      const message = `is ${entry.balanceMinor}, but the running balance is ${balance}`;
      faults.push({ path: `entries.${index}.balanceMinor`, message });
    }
  });
  if (balance !== statement.closingMinor) {
    const message = `is ${statement.closingMinor}, but opening plus entries is ${balance}`;
    faults.push({ path: 'closingMinor', message });
  }
  return faults;
}

function movements(statement: StatementDocument, sheet: Sheet): Block[] {
  const { words, format, contentWidth } = sheet;
  const own = words.statement;
  const columns: Column[] = [
    { title: own.date, width: 68, align: 'left' },
    { title: own.document, width: 100, align: 'left' },
    { title: own.what, width: contentWidth - 328, align: 'left' },
    { title: own.amount, width: 80, align: 'right' },
    { title: own.balance, width: 80, align: 'right' },
  ];
  const onPageTop = () => [tableHead(sheet, columns)];
  const amount = (minor: number) => format.amount(minor, statement.currency);
  const total = (on: string, text: string, minor: number): Block[] =>
    tableRow(
      sheet,
      columns,
      [
        { text: format.shortDate(on), weight: 600 },
        { text: '' },
        { text, weight: 600 },
        { text: '' },
        { text: amount(minor), weight: 600 },
      ],
      { onPageTop, shaded: true },
    );
  return [
    tableHead(sheet, columns),
    ...total(statement.from, own.opening, statement.openingMinor),
    ...statement.entries.flatMap((entry) =>
      tableRow(
        sheet,
        columns,
        [
          { text: format.shortDate(entry.on) },
          { text: entry.document },
          {
            text: entry.description,
            ...(entry.dueDate === null
              ? {}
              : { sub: words.dueBy(format.shortDate(entry.dueDate)) }),
          },
          { text: amount(entry.amountMinor) },
          { text: amount(entry.balanceMinor) },
        ],
        { onPageTop },
      ),
    ),
    ...(statement.entries.length === 0 ? paragraph(sheet, own.nothing, { color: MUTED }) : []),
    ...total(statement.asOf, own.closing, statement.closingMinor),
  ];
}

/** Five columns of age at most, with the amounts and a bar for their share. */
function aging(statement: StatementDocument, sheet: Sheet): Block[] {
  const { aging: buckets } = statement;
  const most = Math.max(0, ...buckets.map(({ amountMinor }) => amountMinor));
  if (buckets.length === 0 || most === 0) return [];
  const width = sheet.contentWidth / buckets.length;
  const height = 62;
  const cells = buckets.map(({ label: name, amountMinor }) =>
    box(
      { width, height, justifyContent: 'flex-end' },
      box({
        width: width - 10,
        height: amountMinor <= 0 ? 1 : 2 + (24 * amountMinor) / most,
        backgroundColor: sheet.accent,
      }),
      box({ height: 3 }),
      label(sheet.format.amount(amountMinor, statement.currency), {
        width: width - 4,
        weight: 600,
      }),
      label(name, { width: width - 4, size: SIZE.small, color: MUTED }),
    ),
  );
  return [
    space(10),
    heading(sheet, sheet.words.statement.aging),
    { height: height + 4, node: box({ height: height + 4, flexDirection: 'row' }, ...cells) },
  ];
}

function openItems(statement: StatementDocument, sheet: Sheet): Block[] {
  if (statement.openItems.length === 0) return [];
  const { words, format } = sheet;
  const own = words.statement;
  const columns = openItemColumns(sheet);
  const onPageTop = () => [tableHead(sheet, columns)];
  return [
    space(10),
    heading(sheet, own.openItems),
    tableHead(sheet, columns),
    ...statement.openItems.flatMap((item) =>
      tableRow(
        sheet,
        columns,
        [
          { text: item.invoice, ...(item.disputed ? { sub: own.disputed } : {}) },
          { text: format.shortDate(item.issueDate) },
          { text: format.shortDate(item.dueDate) },
          { text: item.daysOverdue > 0 ? own.days(item.daysOverdue) : own.notDue },
          { text: format.amount(item.totalMinor, statement.currency) },
          { text: format.amount(item.openMinor, statement.currency), weight: 600 },
        ],
        { onPageTop },
      ),
    ),
  ];
}

/**
 * The paper of a statement of account.
 * @throws DocumentError where its balances do not add up.
 */
export function statementPaper(statement: StatementDocument): ReactElement {
  const faults = statementFaults(statement);
  if (faults.length > 0) throw new DocumentError(faults);
  const { seller, buyer, currency, closingMinor, unappliedMinor } = statement;
  const sheet = sheetOf(statement);
  const { format, words } = sheet;
  const own = words.statement;
  const owes = closingMinor >= 0;
  const payment =
    owes && closingMinor > 0
      ? paymentPanel(sheet, { reference: buyer.account, epc: null, payUrl: statement.payUrl })
      : null;
  // What another entity of ours issued is paid to that one, whoever sells now.
  const others = (statement.otherPayees ?? []).flatMap(({ seller: payee, documents }) => {
    const pay = { reference: documents, epc: null, payUrl: null };
    const block = paymentPanel({ ...sheet, seller: payee }, pay);
    return block === null ? [] : [block];
  });
  const news = statement.campaigns.flatMap(({ name, text, url }) => [
    ...paragraph(sheet, name, { weight: 600 }).map((block) => ({ ...block, keepWithNext: true })),
    ...paragraph(sheet, [text, url].filter((part) => part !== null).join(' ')),
    space(4),
  ]);
  const blocks: Block[] = [
    letterhead(sheet, own.title, buyer, [
      [own.asOf, format.date(statement.asOf)],
      [own.period, format.period(statement.from, statement.asOf)],
      [words.customer, buyer.account],
      [words.yourReference, buyer.buyerReference],
    ]),
    panel(sheet, [
      {
        label: owes ? own.amountOpen : own.inYourFavour,
        value: format.money(Math.abs(closingMinor), currency),
        share: 0.4,
        large: true,
      },
      { label: own.unapplied, value: format.money(unappliedMinor, currency), share: 0.3 },
      { label: own.openItems, value: String(statement.openItems.length), share: 0.3 },
    ]),
    ...(payment === null ? [] : [payment]),
    ...others,
    space(10),
    ...movements(statement, sheet),
    ...aging(statement, sheet),
    ...openItems(statement, sheet),
    ...(news.length === 0 ? [] : [space(8), heading(sheet, own.news), ...news]),
  ];
  const about = {
    title: `${own.title} ${buyer.account} ${statement.asOf}`,
    author: seller.legalName,
    language: format.locale,
    date: statement.asOf,
    running: `${own.title} · ${buyer.name} · ${format.shortDate(statement.asOf)}`,
  };
  return paper(sheet, about, blocks);
}
