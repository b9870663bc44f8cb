/**
 * BAI2 statements (United States): records 01 to 99, 88 continuations, amounts in minor units without a point. The control
 * totals and record counts of every trailer must hold, and opening (010, where it is stated) + entries = closing (015).
 */
import {
  BankFileRejection,
  type BankStatement,
  dateOfSixDigits,
  demandBalance,
  demandSize,
  type EntryKind,
  identified,
  type ReadEntry,
  type ReadStatement,
  referenceOrNull,
  statementIdentity,
} from './entry.ts';

interface Line {
  readonly code: string;
  /** What follows the code, the closing slash taken off. */
  readonly rest: string;
  /** 88 lines that continue it. */
  readonly more: readonly string[];
  readonly place: string;
}

/** Types that say that money received earlier went back: deposited item returned, ACH return, ACH reversal. */
const RETURN_TYPES = new Set(['555', '557', '558']);
/** States of a group (field 4 of 02): what is no report of money booked is not read as one. */
const NOT_BOOKED: Readonly<Record<string, string>> = {
  '2': 'takes an earlier file back (status 2)',
  '4': 'is a test (status 4)',
};
const OPENING_LEDGER = '010';
const CLOSING_LEDGER = '015';

/** @throws BankFileRejection where the file is no BAI2 or its totals do not hold */
export function parseBai2(content: string): BankStatement[] {
  demandSize(content, 'BAI2');
  const lines = linesOf(content);
  const [first] = lines;
  if (first?.code !== '01' || lines.at(-1)?.code !== '99')
    throw new BankFileRejection('not-readable', 'BAI2', 'a file from record 01 to record 99');
  const statements: ReadStatement[] = [];
  const totals = { file: 0, group: 0 };
  const counts = { file: 0, group: 0, groups: 0, accounts: 0 };
  let group: Line | null = null;
  let account: Line[] = [];
  for (const line of lines) {
    const size = 1 + line.more.length;
    counts.file += size;
    counts.group += size;
    if (line.code === '02') {
      const why = NOT_BOOKED[line.rest.split(',')[2] ?? ''];
      if (why !== undefined)
        throw new BankFileRejection('not-readable', line.place, `the group ${why}`);
      group = line;
      totals.group = 0;
      counts.group = size;
      counts.accounts = 0;
    } else if (line.code === '03') account = [line];
    else if (line.code === '16') account.push(line);
    else if (line.code === '49') {
      if (group === null) throw outOfPlace(line);
      const { statement, total } = statementOf(group, account, line);
      statements.push(statement);
      totals.group += total;
      counts.accounts += 1;
    } else if (line.code === '98') {
      demandTrailer(line, [totals.group, counts.accounts, counts.group]);
      totals.file += totals.group;
      counts.groups += 1;
    } else if (line.code === '99') demandTrailer(line, [totals.file, counts.groups, counts.file]);
  }
  return identified(statements);
}

const outOfPlace = (line: Line) =>
  new BankFileRejection('not-readable', line.place, `record ${line.code} is out of place`);

function linesOf(content: string): Line[] {
  const lines: { code: string; rest: string; more: string[]; place: string }[] = [];
  for (const [index, raw] of content.split(/\r\n?|\n/).entries()) {
    if (raw.trim() === '') continue;
    const match = /^(\d{2}),(.*)$/.exec(raw.trimEnd());
    if (match === null)
      throw new BankFileRejection('not-readable', `line ${index + 1}`, 'is no BAI2 record');
    const [, code = '', body = ''] = match;
    const rest = body.replace(/\/$/, '');
    if (code !== '88') lines.push({ code, rest, more: [], place: `line ${index + 1}` });
    else lines.at(-1)?.more.push(rest);
  }
  return lines;
}

function demandTrailer(line: Line, expected: readonly number[]): void {
  const told = line.rest.split(',').map((field) => Number(field.replace('+', '')));
  for (const [at, value] of expected.entries()) {
    if (told[at] === value) continue;
    throw new BankFileRejection(
      'control-differs',
      line.place,
      `record ${line.code} says ${line.rest}, the file holds ${expected.join(', ')}`,
    );
  }
}

function minorOf(text: string, place: string): number {
  const amount = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(amount)) return amount;
  throw new BankFileRejection('amount-invalid', place, `${JSON.stringify(text)} is no amount`);
}

/** How many fields a funds type takes behind itself. */
function fundsFields(fields: readonly string[], at: number): number {
  const type = fields[at] ?? '';
  if (type === 'S') return 3;
  if (type === 'V') return 2;
  return type === 'D' ? 1 + 2 * Number(fields[at + 1] ?? 0) : 0;
}

/** The status amounts of an 03 record and the sum of all of them, which the control total takes in. */
function summaryOf(header: Line): { status: Map<string, number>; total: number } {
  const fields = [header.rest, ...header.more].join(',').split(',');
  const status = new Map<string, number>();
  let total = 0;
  for (let at = 2; at < fields.length; ) {
    const [type = '', amount = ''] = [fields[at], fields[at + 1]];
    if (amount !== '') {
      const minor = minorOf(amount, header.place);
      status.set(type, minor);
      total += minor;
    }
    at += 4 + fundsFields(fields, at + 3);
  }
  return { status, total };
}

function statementOf(group: Line, account: readonly Line[], trailer: Line) {
  const [header, ...transactions] = account;
  if (header === undefined) throw outOfPlace(trailer);
  const [number = '', own = ''] = header.rest.split(',');
  const groupFields = group.rest.split(',');
  const currency = own || groupFields[5] || 'USD';
  const closingOn = dateOfSixDigits(groupFields[3] ?? '', group.place);
  const { status, total: statusTotal } = summaryOf(header);
  const entries = transactions
    .filter((line) => !isRemark(line))
    .map((line) => entryOf(line, currency, closingOn));
  const total = statusTotal + entries.reduce((sum, one) => sum + Math.abs(one.amountMinor), 0);
  const count = account.reduce((sum, line) => sum + 1 + line.more.length, 1 + trailer.more.length);
  demandTrailer(trailer, [total, count]);
  const [opening, closing] = [status.get(OPENING_LEDGER), status.get(CLOSING_LEDGER)];
  if (closing === undefined)
    throw new BankFileRejection('balance-missing', header.place, 'no 015 balance');
  // Many banks state the closing balance alone; the control totals above say that no entry is missing.
  if (opening !== undefined) demandBalance(opening, entries, closing, header.place);
  const statement: ReadStatement = {
    identity: statementIdentity(number, closingOn, closingOn),
    account: number,
    currency,
    sequence: closingOn,
    openingMinor: opening ?? null,
    closingMinor: closing,
    closingOn,
    entries,
    pendingCount: 0,
  };
  return { statement, total };
}

/** Type 890 carries words, no money. */
const isRemark = ({ rest }: Line) => rest.startsWith('890,');

function entryOf(line: Line, currency: string, bookedOn: string): ReadEntry {
  const fields = line.rest.split(',');
  const [type = '', amount = ''] = fields;
  const code = Number(type);
  if (!/^\d{3}$/.test(type) || code < 100 || code > 699)
    throw new BankFileRejection('not-readable', line.place, `${type} is no transaction type`);
  const minor = minorOf(amount, line.place);
  const amountMinor = code < 400 ? minor : 0 - minor;
  const after = 3 + fundsFields(fields, 2);
  const text = [fields.slice(after + 2).join(','), ...line.more]
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
    .join(' ');
  return {
    kind: kindOf(type, amountMinor),
    amountMinor,
    currency,
    bookedOn,
    valueOn: fields[2] === 'V' ? dateOfSixDigits(fields[3] ?? '', line.place) : null,
    reference: [text, referenceOrNull(fields[after + 1])].filter(Boolean).join(' '),
    structuredReference: null,
    endToEndId: referenceOrNull(fields[after + 1]),
    mandateId: null,
    payerName:
      /\bORIG(?:INATOR)?(?: CO NAME)?[:=]\s*([^,;/]+?)(?=\s{2,}|\s+\w+:|$)/.exec(text)?.[1] ?? null,
    payerIban: null,
    bankReference: referenceOrNull(fields[after]),
    returnReason: RETURN_TYPES.has(type) ? type : null,
    needsDetails: false,
  };
}

function kindOf(type: string, amountMinor: number): EntryKind {
  if (RETURN_TYPES.has(type)) return 'reversed';
  return amountMinor >= 0 ? 'received' : 'other';
}
