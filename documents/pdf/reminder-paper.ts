/** A reminder as a letter: in some countries an e-mail is not enough (billing rules §6). */
import type { ReactElement } from 'react';
import { DocumentError, type DocumentFault, type ReminderLetter, sumMinor } from '../model.ts';
import { inGroups } from '../reference.ts';
import type { Block } from './pages.ts';
import {
  type Column,
  letterhead,
  openItemColumns,
  panel,
  paper,
  paragraph,
  paymentPanel,
  type Sheet,
  sheetOf,
  space,
  tableHead,
  tableRow,
} from './parts.ts';

/** What is claimed: the open items that are not disputed, their interest and the fee. */
export function reminderFaults(letter: ReminderLetter): DocumentFault[] {
  const claimed = letter.items.filter(({ disputed }) => !disputed);
  const sum = sumMinor([
    letter.feeMinor,
    ...claimed.flatMap((item) => [item.openMinor, item.interestMinor]),
  ]);
  if (sum === letter.totalMinor) return [];
  const message = `is ${letter.totalMinor}, but undisputed items, interest and fee are ${sum}`;
  return [{ path: 'totalMinor', message }];
}

function items(letter: ReminderLetter, sheet: Sheet): Block[] {
  const { words, format, contentWidth } = sheet;
  const { currency } = letter;
  const own = words.statement;
  const columns = openItemColumns(sheet);
  const onPageTop = () => [tableHead(sheet, columns)];
  const interest = sumMinor(
    letter.items.filter(({ disputed }) => !disputed).map(({ interestMinor }) => interestMinor),
  );
  const wide: Column[] = [
    { title: '', width: contentWidth - 75, align: 'left' },
    { title: '', width: 75, align: 'right' },
  ];
  const sum = (text: string, minor: number, strong: boolean): Block[] =>
    tableRow(
      sheet,
      wide,
      [
        { text, weight: strong ? 600 : 400 },
        { text: format.amount(minor, currency), weight: strong ? 600 : 400 },
      ],
      { onPageTop, shaded: strong },
    );
  return [
    tableHead(sheet, columns),
    ...letter.items.flatMap((item) =>
      tableRow(
        sheet,
        columns,
        [
          {
            text: item.invoice,
            sub: [item.contract, item.disputed ? words.reminder.disputed : null]
              .filter((part) => part !== null)
              .join(' · '),
          },
          { text: format.shortDate(item.issueDate) },
          { text: format.shortDate(item.dueDate) },
          { text: item.daysOverdue > 0 ? own.days(item.daysOverdue) : own.notDue },
          { text: format.amount(item.totalMinor, currency) },
          { text: format.amount(item.openMinor, currency) },
        ],
        { onPageTop },
      ),
    ),
    ...(interest === 0 ? [] : sum(words.reminder.interest, interest, false)),
    ...(letter.feeMinor === 0 ? [] : sum(words.reminder.fee, letter.feeMinor, false)),
    ...sum(`${words.reminder.total} ${currency}`, letter.totalMinor, true),
  ];
}

/**
 * The paper of a reminder letter.
 * @throws DocumentError where its total is not the sum of what it claims.
 */
export function reminderPaper(letter: ReminderLetter): ReactElement {
  const faults = reminderFaults(letter);
  if (faults.length > 0) throw new DocumentError(faults);
  const { seller, buyer, currency, stage, final } = letter;
  const sheet = sheetOf(letter);
  const { format, words } = sheet;
  const own = words.reminder;
  const title = own.title(stage, final);
  const payment = paymentPanel(sheet, {
    reference: letter.reference === null ? buyer.account : inGroups(letter.reference),
    epc: null,
    payUrl: letter.payUrl,
  });
  const contact = [seller.contactName, seller.email, seller.phone].filter((one) => one !== null);
  const { nextStep } = letter;
  const blocks: Block[] = [
    letterhead(sheet, title, buyer, [
      [words.statement.date, format.date(letter.date)],
      [words.customer, buyer.account],
      [words.yourReference, buyer.buyerReference],
    ]),
    panel(sheet, [
      {
        label: own.total,
        value: format.money(letter.totalMinor, currency),
        share: 0.4,
        large: true,
      },
      { label: words.dueDate, value: format.date(letter.payBy), share: 0.3 },
      { label: own.items, value: String(letter.items.length), share: 0.3 },
    ]),
    space(14),
    ...paragraph(sheet, own.salutation),
    space(6),
    ...paragraph(sheet, own.intro(stage, final, format.date(letter.date))),
    space(10),
    ...items(letter, sheet),
    space(10),
    ...paragraph(sheet, own.payBy(format.date(letter.payBy)), { weight: 600 }),
    ...(nextStep === null
      ? []
      : paragraph(sheet, own.next(format.date(nextStep.on), nextStep.text))),
    space(6),
    ...paragraph(sheet, own.ignore),
    ...(payment === null ? [] : [space(4), payment]),
    ...(contact.length === 0 ? [] : paragraph(sheet, words.questions(contact.join(', ')))),
    space(10),
    ...paragraph(sheet, own.closing),
    ...paragraph(
      sheet,
      [seller.contactName, seller.legalName].filter((n) => n !== null).join(', '),
    ),
  ];
  const about = {
    title: `${title} ${buyer.account} ${letter.date}`,
    author: seller.legalName,
    language: format.locale,
    date: letter.date,
    running: `${title} · ${buyer.name} · ${format.shortDate(letter.date)}`,
  };
  return paper(sheet, about, blocks);
}
