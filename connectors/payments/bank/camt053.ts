/**
 * camt.053 statements and camt.054 notifications (ISO 20022, 001.02 to 001.13 and what keeps their names). No document types, no entities but the
 * five of XML, a size limit; only booked entries; batches split into their transactions where the file has them.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { errorWords } from '../../../domain/error-words.ts';
import {
  amountOf,
  BankFileRejection,
  type BankStatement,
  balanced,
  dateOf,
  demandSize,
  type EntryKind,
  identified,
  type ReadEntry,
  type ReadStatement,
  referenceOrNull,
  statementIdentity,
} from './entry.ts';

/** An element: its children by name, attributes with `@`, text under `#text`. */
type Node = string | { readonly [name: string]: Node | readonly Node[] | undefined };

const REPEATED = new Set([
  'Stmt',
  'Ntfctn',
  'Bal',
  'Ntry',
  'NtryDtls',
  'TxDtls',
  'Ustrd',
  'Strd',
  'AddtlRmtInf',
]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name) => REPEATED.has(name),
});

/** Subfamilies of ISO bank transaction codes that say that a payment came back. */
const RETURN_SUBFAMILIES = new Set(['UPDD', 'PRDD', 'RRTN', 'RPCR']);

/**
 * @returns the statements of the file, each with its booked entries
 * @throws BankFileRejection where the file is no camt.053 or its balances do not add up
 */
export function parseCamt053(xml: string): BankStatement[] {
  demandSize(xml, 'camt.053');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml))
    throw new BankFileRejection(
      'entities-forbidden',
      'camt.053',
      'a document type is not accepted',
    );
  const root = unwrapped(parsed(xml));
  const notification = at(root, 'Document', 'BkToCstmrDbtCdtNtfctn');
  if (notification !== undefined)
    return identified(
      all(notification, 'Ntfctn').map((one, index) => notified(one, `Ntfctn[${index}]`)),
    );
  const message = at(root, 'Document', 'BkToCstmrStmt');
  if (message === undefined)
    throw new BankFileRejection(
      'not-readable',
      'camt',
      'no statement (camt.053) and no notification (camt.054)',
    );
  return identified(
    all(message, 'Stmt').map((statement, index) => statementOf(statement, `Stmt[${index}]`)),
  );
}

/**
 * A camt.054 states no balances: it takes apart what a statement books as one sum, or tells of it earlier. Its entries carry the
 * bank's own references, by which the statement's are the same ones.
 */
function notified(notification: Node, place: string): ReadStatement {
  const account = accountIn(notification, place);
  const told = toldIn(notification, place);
  const [first] = told;
  const currency =
    textAt(notification, 'Acct', 'Ccy') ??
    need(textAt(first?.entry, 'Amt', '@Ccy'), `${place}/Ntry/Amt/@Ccy`);
  const entries = bookedOf(told, currency);
  const days = entries.map(({ bookedOn }) => bookedOn).sort();
  const created = textAt(notification, 'CreDtTm')?.slice(0, 10);
  const closingOn = days.at(-1) ?? dateOf(need(created, `${place}/CreDtTm`), place);
  const sequence = `notification ${need(textAt(notification, 'Id'), `${place}/Id`)}`;
  return {
    identity: statementIdentity(account, sequence, closingOn),
    account,
    currency,
    sequence,
    openingMinor: null,
    closingMinor: null,
    closingOn,
    entries,
    pendingCount: pendingOf(told),
  };
}

/** The message itself, also where a transport's envelope with a header of its own stands around it. */
function unwrapped(root: Node): Node {
  if (typeof root === 'string' || root.Document !== undefined) return root;
  const outer = Object.keys(root).find((name) => child(child(root, name), 'Document'));
  return (outer === undefined ? undefined : child(root, outer)) ?? root;
}

/** Both the validator and the parser have their own way to say that a text is no XML; one throws. */
function parsed(xml: string): Node {
  let fault: string;
  try {
    const validity = XMLValidator.validate(xml);
    if (validity === true) return parser.parse(xml) as Node;
    fault = validity.err.msg;
  } catch (cause) {
    fault = errorWords(cause);
  }
  throw new BankFileRejection('not-readable', 'camt.053', `no well-formed XML: ${fault}`);
}

function child(node: Node | undefined, name: string): Node | undefined {
  if (node === undefined || typeof node === 'string') return undefined;
  const value = node[name];
  return Array.isArray(value) ? (value[0] as Node | undefined) : (value as Node | undefined);
}

const at = (node: Node | undefined, ...path: string[]) =>
  path.reduce<Node | undefined>((inner, name) => child(inner, name), node);

function all(node: Node | undefined, name: string): readonly Node[] {
  if (node === undefined || typeof node === 'string') return [];
  const value = node[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Node];
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** The parser leaves entities alone; without document types there are only XML's own and numbers. */
function plainText(text: string): string {
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (found, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? found;
    const code = Number.parseInt(hex ?? decimal, hex === undefined ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : found;
  });
}

function textAt(node: Node | undefined, ...path: string[]): string | undefined {
  const found = at(node, ...path);
  const raw = typeof found === 'string' ? found : found?.['#text'];
  return typeof raw === 'string' && raw.trim() !== '' ? plainText(raw.trim()) : undefined;
}

function need(value: string | undefined, place: string): string {
  if (value !== undefined) return value;
  throw new BankFileRejection('field-missing', place, 'is missing');
}

function dayAt(node: Node | undefined, place: string): string | null {
  const text = textAt(node, 'Dt') ?? textAt(node, 'DtTm');
  return text === undefined ? null : dateOf(text.slice(0, 10), place);
}

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

function moneyAt(node: Node | undefined, place: string): Money {
  const currency = need(textAt(node, '@Ccy'), `${place}/@Ccy`);
  const amountMinor = amountOf(need(textAt(node), place), currency, place);
  if (amountMinor < 0) throw new BankFileRejection('amount-invalid', place, 'is negative');
  return { amountMinor, currency };
}

/** +1 for a credit, −1 for a debit. */
function signAt(node: Node | undefined, place: string): 1 | -1 {
  const indicator = need(textAt(node, 'CdtDbtInd'), `${place}/CdtDbtInd`);
  if (indicator === 'CRDT') return 1;
  if (indicator === 'DBIT') return -1;
  throw new BankFileRejection(
    'not-readable',
    `${place}/CdtDbtInd`,
    `CRDT or DBIT, not ${indicator}`,
  );
}

const signed = (sign: 1 | -1, amount: number) => (sign === 1 ? amount : 0 - amount);

/** The first or last (at −1) balance of the first of these codes that the statement has. */
function balanceOf(statement: Node, codes: readonly string[], place: string, at: 0 | -1 = 0) {
  const balances = all(statement, 'Bal');
  const ofCode = (code: string) =>
    balances.filter((one) => textAt(one, 'Tp', 'CdOrPrtry', 'Cd') === code).at(at);
  const found = codes.map(ofCode).find((one) => one !== undefined);
  if (found === undefined)
    throw new BankFileRejection('balance-missing', place, `no balance ${codes.join(' or ')}`);
  const where = `${place}/Bal[${codes[0]}]`;
  const { amountMinor, currency } = moneyAt(child(found, 'Amt'), `${where}/Amt`);
  return {
    amountMinor: signed(signAt(found, where), amountMinor),
    currency,
    on: need(dayAt(child(found, 'Dt'), `${where}/Dt`) ?? undefined, `${where}/Dt`),
  };
}

function statementOf(statement: Node, place: string): ReadStatement {
  const account = accountIn(statement, place);
  // Pages of one statement begin and end at interim balances.
  const opening = balanceOf(statement, ['OPBD', 'PRCD', 'ITBD'], place);
  const closing = balanceOf(statement, ['CLBD', 'ITBD'], place, -1);
  const told = toldIn(statement, place);
  const entries = bookedOf(told, opening.currency);
  const number =
    textAt(statement, 'ElctrncSeqNb') ??
    textAt(statement, 'LglSeqNb') ??
    need(textAt(statement, 'Id'), `${place}/Id`);
  const page = textAt(statement, 'StmtPgntn', 'PgNb');
  const isOnly =
    page === undefined || (page === '1' && textAt(statement, 'StmtPgntn', 'LastPgInd') === 'true');
  const sequence = isOnly ? number : `${number}/${page}`;
  const pendingCount = pendingOf(told);
  return balanced({ account, sequence, opening, closing, entries, pendingCount }, place);
}

const accountIn = (message: Node, place: string): string =>
  need(
    textAt(message, 'Acct', 'Id', 'IBAN') ?? textAt(message, 'Acct', 'Id', 'Othr', 'Id'),
    `${place}/Acct/Id`,
  );

interface Told {
  readonly entry: Node;
  readonly status: string | undefined;
  readonly place: string;
}

/** All entries, booked or only announced. */
const toldIn = (message: Node, place: string): Told[] =>
  all(message, 'Ntry').map((entry, index) => ({
    entry,
    status: textAt(entry, 'Sts', 'Cd') ?? textAt(entry, 'Sts'),
    place: `${place}/Ntry[${index}]`,
  }));

const bookedOf = (told: readonly Told[], currency: string): ReadEntry[] =>
  told
    .filter(({ status }) => status === 'BOOK')
    .flatMap(({ entry, place }) => entriesOf(entry, currency, place));

const pendingOf = (told: readonly Told[]): number =>
  told.filter(({ status }) => status === 'PDNG').length;

/** One entry per transaction of a batch; the entry itself where the file does not take it apart. */
function entriesOf(entry: Node, currency: string, place: string): ReadEntry[] {
  const money = moneyAt(child(entry, 'Amt'), `${place}/Amt`);
  if (money.currency !== currency)
    throw new BankFileRejection(
      'amount-invalid',
      `${place}/Amt`,
      `${money.currency} on an account in ${currency}`,
    );
  const sign = signAt(entry, place);
  const details = all(entry, 'NtryDtls').flatMap((one) => all(one, 'TxDtls'));
  const whole = signed(sign, money.amountMinor);
  if (details.length <= 1) return [entryOf(entry, details[0], whole, null, place)];
  const parts = details.map((detail) => transactionMinor(detail, currency, place));
  const sum = parts.reduce<number>((total, part) => total + (part ?? Number.NaN), 0);
  if (sum !== money.amountMinor)
    return [{ ...entryOf(entry, undefined, whole, null, place), needsDetails: true }];
  return details.map((detail, index) =>
    entryOf(entry, detail, signed(sign, parts[index] ?? 0), index + 1, place),
  );
}

function transactionMinor(detail: Node, currency: string, place: string): number | null {
  const amount = child(detail, 'Amt') ?? at(detail, 'AmtDtls', 'TxAmt', 'Amt');
  if (amount === undefined) return null;
  const money = moneyAt(amount, `${place}/TxDtls/Amt`);
  return money.currency === currency ? money.amountMinor : null;
}

/** A name: v02 has it on the party, v08 one level deeper. */
const nameAt = (party: Node | undefined) => textAt(party, 'Nm') ?? textAt(party, 'Pty', 'Nm');

function entryOf(
  entry: Node,
  detail: Node | undefined,
  amountMinor: number,
  part: number | null,
  place: string,
): ReadEntry {
  const bookedOn = dayAt(child(entry, 'BookgDt'), `${place}/BookgDt`);
  const valueOn = dayAt(child(entry, 'ValDt'), `${place}/ValDt`);
  const remittance = child(detail, 'RmtInf');
  const structured = all(remittance, 'Strd');
  const texts = [
    ...all(remittance, 'Ustrd'),
    ...structured.flatMap((one) => all(one, 'AddtlRmtInf')),
  ].map((one) => textAt(one) ?? '');
  const documents = structured.map((one) => textAt(one, 'RfrdDocInf', 'Nb') ?? '');
  const parties = child(detail, 'RltdPties');
  const bankReference =
    referenceOrNull(textAt(detail, 'Refs', 'AcctSvcrRef')) ??
    referenceOrNull(textAt(entry, 'AcctSvcrRef'));
  return {
    kind: kindOf(entry, detail, amountMinor),
    amountMinor,
    currency: need(textAt(entry, 'Amt', '@Ccy'), `${place}/Amt/@Ccy`),
    bookedOn: need(bookedOn ?? valueOn ?? undefined, `${place}/BookgDt`),
    valueOn,
    reference:
      [...texts, ...documents].filter((text) => text !== '').join(' ') ||
      (textAt(entry, 'AddtlNtryInf') ?? ''),
    structuredReference:
      structured.map((one) => textAt(one, 'CdtrRefInf', 'Ref')).find((ref) => ref !== undefined) ??
      null,
    endToEndId: referenceOrNull(textAt(detail, 'Refs', 'EndToEndId')),
    mandateId: referenceOrNull(textAt(detail, 'Refs', 'MndtId')),
    payerName: nameAt(child(parties, amountMinor >= 0 ? 'Dbtr' : 'Cdtr')) ?? null,
    payerIban: textAt(parties, amountMinor >= 0 ? 'DbtrAcct' : 'CdtrAcct', 'Id', 'IBAN') ?? null,
    bankReference:
      bankReference === null || part === null ? bankReference : `${bankReference}/${part}`,
    returnReason: returnReasonOf(detail),
    needsDetails: detail === undefined && isBatch(entry),
    sumReference: referenceOrNull(textAt(entry, 'AcctSvcrRef')),
  };
}

const isBatch = (entry: Node) =>
  all(entry, 'NtryDtls').some((one) => child(one, 'Btch') !== undefined);

const returnReasonOf = (detail: Node | undefined) =>
  textAt(detail, 'RtrInf', 'Rsn', 'Cd') ?? textAt(detail, 'RtrInf', 'Rsn', 'Prtry') ?? null;

function kindOf(entry: Node, detail: Node | undefined, amountMinor: number): EntryKind {
  const subfamilies = [entry, detail].map((one) =>
    textAt(one, 'BkTxCd', 'Domn', 'Fmly', 'SubFmlyCd'),
  );
  const cameBack =
    ['true', '1'].includes(textAt(entry, 'RvslInd') ?? '') ||
    child(detail, 'RtrInf') !== undefined ||
    subfamilies.some((code) => code !== undefined && RETURN_SUBFAMILIES.has(code));
  if (amountMinor >= 0) return cameBack ? 'other' : 'received';
  return cameBack ? 'reversed' : 'other';
}
