/**
 * MT940 statements (SWIFT). Each message is a statement or a page of one; every page must add up by itself. In :86: stand
 * German ?-fields, code words between slashes, or free text.
 */
import {
  amountOf,
  BankFileRejection,
  type BankStatement,
  balanced,
  dateOf,
  dateOfSixDigits,
  demandSize,
  type EntryKind,
  IBAN_SHAPE,
  identified,
  type ReadEntry,
  type ReadStatement,
  referenceOrNull,
} from './entry.ts';

interface Field {
  readonly tag: string;
  readonly value: string;
}

/** @throws BankFileRejection where the file is no MT940 or its balances do not add up */
export function parseMt940(content: string): BankStatement[] {
  demandSize(content, 'MT940');
  const messages = messagesOf(fieldsOf(content));
  if (messages.length === 0)
    throw new BankFileRejection('not-readable', 'MT940', 'no statement (field :20: or :25:)');
  return identified(messages.map((fields, index) => statementOf(fields, `statement[${index}]`)));
}

/**
 * Fields with their continuation lines. SWIFT's block headers, what a bank writes between two messages (ABN AMRO its name) and the
 * closing dash are no fields.
 */
function fieldsOf(content: string): Field[] {
  const fields: { tag: string; value: string }[] = [];
  let isOpen = false;
  for (const raw of content.replace(/\r\n?/g, '\n').split('\n')) {
    const line = raw.replace(/^\{1:.*\{4:/, '').replace(/\s+$/, '');
    const match = /^:(\d{2}[A-Z]?):(.*)$/.exec(line);
    const last = fields.at(-1);
    if (match !== null) fields.push({ tag: match[1] ?? '', value: match[2] ?? '' });
    if (match !== null) isOpen = true;
    else if (line === '-' || line.startsWith('-}') || line.startsWith('{')) isOpen = false;
    else if (line !== '' && isOpen && last !== undefined) last.value += `\n${line}`;
  }
  return fields;
}

/** A message begins at :20:, or at :25: where the bank leaves :20: out. */
function messagesOf(fields: readonly Field[]): Field[][] {
  const messages: Field[][] = [];
  for (const field of fields) {
    const current = messages.at(-1);
    const isAccount = field.tag.startsWith('25');
    if (
      field.tag === '20' ||
      (isAccount && (current?.some(({ tag }) => tag.startsWith('25')) ?? true))
    )
      messages.push([]);
    messages.at(-1)?.push(field);
  }
  return messages;
}

function need(fields: readonly Field[], tags: readonly string[], place: string): string {
  const found = fields.find(({ tag }) => tags.includes(tag));
  if (found !== undefined) return found.value;
  const code = tags[0]?.startsWith('6') ? 'balance-missing' : 'field-missing';
  throw new BankFileRejection(code, place, `no field :${tags.join(': or :')}:`);
}

const decimal = (text: string) => text.replace(',', '.').replace(/\.$/, '');

function balanceOf(text: string, place: string) {
  const match = /^([CD])(\d{6})([A-Z]{3})(\d+,\d*)$/.exec(text.trim());
  if (match === null)
    throw new BankFileRejection('not-readable', place, `${JSON.stringify(text)} is no balance`);
  const [, mark = '', date = '', currency = '', amount = ''] = match;
  const minor = amountOf(decimal(amount), currency, place);
  return {
    amountMinor: mark === 'C' ? minor : 0 - minor,
    currency,
    on: dateOfSixDigits(date, place),
  };
}

function statementOf(fields: readonly Field[], place: string): ReadStatement {
  const account = need(fields, ['25', '25P'], place).trim();
  const sequence = need(fields, ['28C', '28'], place).trim();
  const opening = balanceOf(need(fields, ['60F', '60M'], place), `${place} opening`);
  const closing = balanceOf(need(fields, ['62F', '62M'], place), `${place} closing`);
  const entries: ReadEntry[] = [];
  for (const [index, field] of fields.entries()) {
    if (field.tag !== '61') continue;
    const next = fields[index + 1];
    const details = next?.tag === '86' ? next.value : '';
    entries.push(
      entryOf(field.value, details, opening.currency, `${place} :61:[${entries.length}]`),
    );
  }
  return balanced({ account, sequence, opening, closing, entries, pendingCount: 0 }, place);
}

const ENTRY =
  /^(\d{6})(\d{4})?(R?[CD])([A-Z])?(\d+,\d*)([A-Z][A-Z\d]{3})([^\n]*?)(?:\/\/([^\n]*))?(?:\n([\s\S]*))?$/;

/** Transaction types and German codes (GVC) of payments that came back. */
const RETURN_TYPES = new Set(['NRTI']);
const RETURN_GVC = new Set(['108', '109', '159']);

function entryOf(text: string, details: string, currency: string, place: string): ReadEntry {
  const match = ENTRY.exec(text);
  if (match === null)
    throw new BankFileRejection('not-readable', place, `${JSON.stringify(text)} is no entry`);
  const [, value = '', entry, mark = '', , amount = '', type = '', owner, bank] = match;
  const valueOn = dateOfSixDigits(value, place);
  const minor = amountOf(decimal(amount), currency, place);
  // RC takes an earlier credit back, so it is a debit; RD the other way round.
  const amountMinor = mark === 'C' || mark === 'RD' ? minor : 0 - minor;
  const told = detailsOf(details);
  const cameBack =
    mark.startsWith('R') ||
    RETURN_TYPES.has(type) ||
    RETURN_GVC.has(told.gvc ?? '') ||
    told.isReturn;
  return {
    kind: kindOf(amountMinor, cameBack),
    amountMinor,
    currency,
    bookedOn: entry === undefined ? valueOn : entryDate(valueOn, entry, place),
    valueOn,
    reference: told.text,
    structuredReference: /\bRF\d{2}[A-Z\d]{1,21}\b/.exec(told.text)?.[0] ?? null,
    endToEndId: referenceOrNull(told.endToEndId) ?? null,
    mandateId: referenceOrNull(told.mandateId) ?? null,
    payerName: told.name,
    payerIban: told.iban,
    bankReference: referenceOrNull(bank) ?? referenceOrNull(owner),
    returnReason: told.returnReason,
    needsDetails: false,
  };
}

function kindOf(amountMinor: number, cameBack: boolean): EntryKind {
  if (amountMinor >= 0) return cameBack ? 'other' : 'received';
  return cameBack ? 'reversed' : 'other';
}

/** MMDD of the year that lies nearest to the value date: around New Year they differ. */
function entryDate(valueOn: string, monthDay: string, place: string): string {
  const [year, month] = [Number(valueOn.slice(0, 4)), Number(valueOn.slice(5, 7))];
  const entryMonth = Number(monthDay.slice(0, 2));
  const shift = entryMonth - month > 6 ? -1 : month - entryMonth > 6 ? 1 : 0;
  return dateOf(`${year + shift}-${monthDay.slice(0, 2)}-${monthDay.slice(2, 4)}`, place);
}

interface Told {
  readonly gvc: string | null;
  readonly text: string;
  readonly endToEndId: string | undefined;
  readonly mandateId: string | undefined;
  readonly name: string | null;
  readonly iban: string | null;
  readonly returnReason: string | null;
  readonly isReturn: boolean;
}

/** Pieces of a fixed width: a full one runs on into the next, a shorter one ended with a space that is gone. */
function joined(pieces: readonly string[], width: number): string {
  return pieces
    .map((piece, at) => {
      const next = pieces[at + 1];
      if (next === undefined) return piece;
      return piece.length >= width && !/^[A-Z]{4}\+/.test(next) ? piece : `${piece} `;
    })
    .join('');
}

function detailsOf(details: string): Told {
  const structured = /^(\d{3})([^\w\s])\d{2}/.exec(details);
  if (structured === null) {
    const text = joined(details.split('\n'), 65);
    return slashed(text) ?? spoken(null, text, new Map());
  }
  const [, gvc = '', separator = '?'] = structured;
  const fields = new Map<string, string>();
  for (const piece of details.replaceAll('\n', '').slice(3).split(separator).slice(1))
    fields.set(piece.slice(0, 2), (fields.get(piece.slice(0, 2)) ?? '') + piece.slice(2));
  const texts = [...fields].filter(([key]) => /^(?:2\d|6[0-3])$/.test(key));
  const text = joined(
    texts.map(([, piece]) => piece),
    27,
  );
  return spoken(gvc, text, fields);
}

const CODE_WORDS =
  /\/(TRTP|TRCD|IBAN|BIC|NAME|REMI|EREF|PREF|MARF|CSID|ORDP|BENM|CNTP|ID|ADDR|ISDT|RTRN|PURP|ULTB|ULTD)\//g;

/** Code words between slashes; null where the text does not begin with one. */
function slashed(text: string): Told | null {
  const marks = [...text.matchAll(CODE_WORDS)];
  if (marks[0]?.index !== 0) return null;
  const words = new Map<string, string>();
  for (const [at, mark] of marks.entries()) {
    const value = text.slice(mark.index + mark[0].length, marks[at + 1]?.index ?? text.length);
    const word = mark[1] ?? '';
    if (!words.has(word)) words.set(word, value.trim());
  }
  const bare = (word: string) => words.get(word)?.replace(/\/+$/, '');
  const [iban, , name] = (words.get('CNTP') ?? '').split('/');
  return {
    gvc: null,
    text:
      bare('REMI')
        ?.replace(/^(?:USTD\/\/|STRD\/(?:[A-Z]{3}\/)?)/, '')
        .trim() ?? '',
    endToEndId: bare('EREF'),
    mandateId: bare('MARF'),
    name: bare('NAME') || name?.trim() || null,
    iban: ibanOrNull(bare('IBAN') ?? iban),
    returnReason: bare('RTRN')?.split('/')[0] || null,
    isReturn: words.has('RTRN'),
  };
}

/** SEPA keywords inside the text; without any, the whole of it is the remittance text. */
function spoken(gvc: string | null, text: string, fields: ReadonlyMap<string, string>): Told {
  const words = new Map<string, string>();
  const marks = [...text.matchAll(/(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)\+ ?/g)];
  for (const [at, mark] of marks.entries()) {
    const end = marks[at + 1]?.index ?? text.length;
    words.set(mark[1] ?? '', text.slice(mark.index + mark[0].length, end).trim());
  }
  const name = `${fields.get('32') ?? ''}${fields.get('33') ?? ''}`.trim();
  const iban = fields.get('31')?.trim() ?? words.get('IBAN');
  return {
    gvc,
    text:
      words.get('SVWZ') ?? (marks.length > 0 ? text.slice(0, marks[0]?.index).trim() : text.trim()),
    endToEndId: words.get('EREF'),
    mandateId: words.get('MREF'),
    name: name === '' ? null : name,
    iban: ibanOrNull(iban),
    returnReason: /\b(?:AC0[146]|AG01|AM04|MD0[167]|MS0[23]|SL01)\b/.exec(text)?.[0] ?? null,
    isReturn: false,
  };
}

const ibanOrNull = (text: string | undefined) =>
  text !== undefined && IBAN_SHAPE.test(text) ? text : null;
