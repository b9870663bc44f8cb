/**
 * What every bank file becomes, whatever its format: statements of signed entries in minor units. A file is taken whole or
 * rejected: opening balance + booked entries = closing balance, or somebody's money is missing from it.
 */
import { createHash } from 'node:crypto';
import { type CivilDate, isCivilDate } from '../../../domain/dates/dates.ts';
import { parseMinor } from '../../../domain/money/money.ts';

/**
 * - `received`: money came in
 * - `reversed`: money that came in earlier was taken back (returned debit, recalled credit)
 * - `other`: what concerns no customer's payment (own payments out, fees, our own payments returned)
 */
export type EntryKind = 'received' | 'reversed' | 'other';

export interface BankEntry {
  /** Stable over repeated deliveries of a statement; the key under which it is kept. */
  readonly identity: string;
  /** What it is kept under where another entry has that identity already: banks use a reference again. */
  readonly factsIdentity: string;
  readonly kind: EntryKind;
  /** Signed: positive came in, negative went out. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly bookedOn: CivilDate;
  readonly valueOn: CivilDate | null;
  /** The remittance text, its pieces joined. */
  readonly reference: string;
  /** A structured creditor reference (ISO 11649 RF, QRR). */
  readonly structuredReference: string | null;
  readonly endToEndId: string | null;
  readonly mandateId: string | null;
  readonly payerName: string | null;
  readonly payerIban: string | null;
  /** The bank's own reference of the entry. */
  readonly bankReference: string | null;
  /** The reason code of a return (AC04, MD06, …). */
  readonly returnReason: string | null;
  /** A batch booked as one sum: who paid is in a separate file (camt.054). */
  readonly needsDetails: boolean;
  /** The identity that the booked sum has whose part this is; null where it is the sum itself, or nobody says. */
  readonly partOf?: string | null;
}

export interface BankStatement {
  /** (account, sequence, closing date): a second delivery has the same. */
  readonly identity: string;
  /** Our account: IBAN, or what the bank calls it. */
  readonly account: string;
  readonly currency: string;
  readonly sequence: string;
  /** Null where the format states no balances (a CSV without them). */
  readonly openingMinor: number | null;
  readonly closingMinor: number | null;
  readonly closingOn: CivilDate;
  readonly entries: readonly BankEntry[];
  /** Entries that are announced but not booked, which are left out. */
  readonly pendingCount: number;
}

export type BankFileCode =
  | 'too-large'
  | 'not-readable' // no well-formed file of the format
  | 'entities-forbidden' // a document type or entity declaration in XML
  | 'field-missing'
  | 'amount-invalid'
  | 'date-invalid'
  | 'balance-missing'
  | 'balance-differs' // opening + entries is not closing
  | 'control-differs'; // a count or total of the file does not hold

/** A bank file that is not taken. Nothing of it may be booked. `place` says where. */
export class BankFileRejection extends Error {
  override readonly name = 'BankFileRejection';
  readonly code: BankFileCode;
  readonly place: string;
  constructor(code: BankFileCode, place: string, message: string, options?: ErrorOptions) {
    super(`${place}: ${message}`, options);
    this.code = code;
    this.place = place;
  }
}

/** The largest bank file that is read: far above any day's statement. */
export const MAX_BANK_FILE_BYTES = 50 * 1024 * 1024;

/** @throws BankFileRejection */
export function demandSize(content: string, format: string): void {
  if (Buffer.byteLength(content) <= MAX_BANK_FILE_BYTES) return;
  throw new BankFileRejection('too-large', format, `more than ${MAX_BANK_FILE_BYTES} bytes`);
}

/** An unsigned amount in the major unit ("1190.00") in minor units. @throws BankFileRejection */
export function amountOf(text: string, currency: string, place: string): number {
  try {
    return parseMinor(text, currency);
  } catch (cause) {
    const message = `${JSON.stringify(text)} is no amount in ${currency}`;
    throw new BankFileRejection('amount-invalid', place, message, { cause });
  }
}

/** @throws BankFileRejection */
export function dateOf(text: string, place: string): CivilDate {
  if (isCivilDate(text)) return text;
  throw new BankFileRejection('date-invalid', place, `${JSON.stringify(text)} is no date`);
}

/** YYMMDD; bank files say no century, and none is older than this one. */
export function dateOfSixDigits(text: string, place: string): CivilDate {
  return dateOf(`20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}`, place);
}

/** @throws BankFileRejection where the entries do not lead from the opening to the closing balance */
export function demandBalance(
  openingMinor: number,
  entries: readonly Pick<BankEntry, 'amountMinor'>[],
  closingMinor: number,
  place: string,
): void {
  const sum = entries.reduce((total, { amountMinor }) => total + amountMinor, openingMinor);
  if (sum === closingMinor) return;
  throw new BankFileRejection(
    'balance-differs',
    place,
    `opening ${openingMinor} + ${entries.length} entries = ${sum}, but closing is ${closingMinor}`,
  );
}

export function statementIdentity(account: string, sequence: string, closingOn: string): string {
  return `${account}:${sequence}:${closingOn}`;
}

/** The shape of an IBAN without spaces; whether its check digits hold is not asked. */
export const IBAN_SHAPE = /^[A-Z]{2}\d{2}[A-Z\d]{10,30}$/;

/** References that banks write where they have none. */
const NO_REFERENCE = new Set(['', 'NONREF', 'NOTPROVIDED', 'NOT PROVIDED', 'NOTAVAILABLE']);

/** A reference, or null where the bank only says that there is none. */
export function referenceOrNull(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return NO_REFERENCE.has(trimmed.toUpperCase()) ? null : trimmed;
}

/** A statement as its file says it, before its entries have names. */
export type ReadStatement = Omit<BankStatement, 'entries'> & {
  readonly entries: readonly ReadEntry[];
};
export type ReadEntry = Omit<BankEntry, 'identity' | 'factsIdentity' | 'partOf'> & {
  /** The bank's reference of the booked sum that this is a part of. */
  readonly sumReference?: string | null;
};

interface Balance {
  readonly amountMinor: number;
  readonly currency: string;
  readonly on: CivilDate;
}

/**
 * A statement as its two balances and its entries say it.
 * @throws BankFileRejection where the entries do not lead from the one to the other
 */
export function balanced(
  read: Pick<ReadStatement, 'account' | 'sequence' | 'entries' | 'pendingCount'> & {
    readonly opening: Balance;
    readonly closing: Balance;
  },
  place: string,
): ReadStatement {
  const { opening, closing, ...rest } = read;
  demandBalance(opening.amountMinor, rest.entries, closing.amountMinor, place);
  return {
    identity: statementIdentity(rest.account, rest.sequence, closing.on),
    currency: opening.currency,
    openingMinor: opening.amountMinor,
    closingMinor: closing.amountMinor,
    closingOn: closing.on,
    ...rest,
  };
}

/**
 * Names the entries of a file's statements: by the bank's reference where there is one, else by a hash of account, day, amount,
 * sign and references. Entries that are the same in all of these are told apart by their count, which goes through the whole
 * file: pages of a statement, or two statements of a day, may hold the same entry twice. A statement that the file holds twice
 * is one. Banks use a reference again for other money; who keeps the entries then names it by the hash.
 */
export function identified(statements: readonly ReadStatement[]): BankStatement[] {
  const twins = new Map<string, number>();
  const named = new Map<string, BankStatement>();
  return statements.map((statement) => {
    const copy = JSON.stringify(statement);
    const before = named.get(copy);
    if (before !== undefined) return before;
    const entries = statement.entries.map((entry) => namedEntry(statement.account, entry, twins));
    const one = { ...statement, entries };
    named.set(copy, one);
    return one;
  });
}

function namedEntry(account: string, read: ReadEntry, twins: Map<string, number>): BankEntry {
  const { sumReference = null, ...entry } = read;
  const key = JSON.stringify([
    account,
    entry.bookedOn,
    entry.amountMinor,
    entry.bankReference,
    entry.endToEndId,
    entry.structuredReference,
    entry.reference,
    entry.payerIban,
  ]);
  const twin = (twins.get(key) ?? 0) + 1;
  twins.set(key, twin);
  const hash = createHash('sha256').update(`${key}#${twin}`).digest('hex').slice(0, 32);
  const factsIdentity = `${account}:${hash}`;
  const { bankReference } = entry;
  const identity =
    bankReference === null || twin > 1 ? factsIdentity : `${account}:${bankReference}`;
  const isPart = sumReference !== null && sumReference !== bankReference;
  return {
    ...entry,
    identity,
    factsIdentity,
    ...(isPart ? { partOf: `${account}:${sumReference}` } : {}),
  };
}

/** Whether two readings of an entry are of the same money: a statement and a notification may date it apart, in one of two ways. */
export function isSameMoney(
  one: Pick<BankEntry, 'amountMinor' | 'currency' | 'bookedOn' | 'valueOn'>,
  other: Pick<BankEntry, 'amountMinor' | 'currency' | 'bookedOn' | 'valueOn'>,
): boolean {
  const sameDay =
    one.bookedOn === other.bookedOn || (one.valueOn !== null && one.valueOn === other.valueOn);
  return sameDay && one.amountMinor === other.amountMinor && one.currency === other.currency;
}
