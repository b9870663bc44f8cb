/**
 * A bank's file becomes payments: each entry is stored first, once per provider and identity, then booked, then its payment's
 * process starts. A file imported again, or one that overlaps another, books nothing twice; what broke off is taken up again.
 */
import { randomUUID } from 'node:crypto';
import {
  type BankEntry,
  type BankStatement,
  isSameMoney,
} from '../../connectors/payments/bank/entry.ts';
import {
  addToReference,
  BANK_PROVIDER,
  bookedOtherwise,
  type Db,
  invoicesByReference,
  lastBeforeGap,
  parkPayment,
  payerOf,
  paymentsTakenBack,
  recordImport,
  recordPayment,
  settleInboxEvent,
  storeBankStatement,
  storedBankEntries,
  storeInboxEvent,
} from '../../db/index.ts';
import { isCreditorReference } from '../../domain/payment-reference/creditor-reference.ts';
import { paymentKey } from '../../workflows/ids.ts';
import type { Processes } from '../processes.ts';
import type { BankImportLine, BankImportReport, BankLineOutcome } from '../types.ts';
import { inWords, money } from '../views/money.ts';

/** Entries that are booked side by side. */
const AT_ONCE = 8;

export interface BankImport {
  readonly statements: readonly BankStatement[];
  readonly format: string;
  readonly fileName: string;
  readonly importedBy: string;
}
interface Context {
  readonly db: Db;
  readonly processes: Processes;
}
type StoredEntry = Awaited<ReturnType<typeof storeInboxEvent>> & { readonly entry: BankEntry };
interface Outcome {
  readonly outcome: BankLineOutcome;
  readonly why: string | null;
  readonly payment: string | null;
}

/** Books a file's statements and tells line by line what became of each entry. */
export async function importBankFile(
  context: Context,
  { statements, format, fileName, importedBy }: BankImport,
): Promise<BankImportReport> {
  const id = `import:${randomUUID()}`;
  const reports: BankImportReport['statements'][number][] = [];
  for (const statement of statements) {
    const { identity, account, currency, openingMinor, closingMinor, closingOn } = statement;
    const lines = await bookEntries(context, statement.entries);
    const missing = await missingBefore(context.db, statement);
    // Last, so that a statement is known only once all its entries are dealt with.
    const isNew = await storeBankStatement(context.db, {
      statement: identity,
      bankAccount: account,
      currency,
      openingMinor,
      closingMinor,
      closingOn,
      importId: id,
    });
    const { pendingCount } = statement;
    reports.push({ statement: identity, account, closingOn, isNew, pendingCount, missing, lines });
  }
  const counts = { taken: 0, reversed: 0, known: 0, ignored: 0, refused: 0 };
  for (const { outcome } of reports.flatMap(({ lines }) => lines)) counts[outcome] += 1;
  await recordImport(context.db, {
    id,
    source: `bank:${fileName}`,
    rows: { payments: { added: counts.taken, changed: counts.reversed, same: counts.known } },
    importedBy,
  });
  return { import: id, file: fileName, format, counts, statements: reports };
}

/** A statement that does not go on where the last one ended: money of the days in between may not be here. */
async function missingBefore(db: Db, statement: BankStatement): Promise<string | null> {
  const { identity, account, currency, openingMinor, closingOn, entries } = statement;
  const [beginsOn = closingOn] = entries.map(({ bookedOn }) => bookedOn).sort();
  const last = await lastBeforeGap(db, {
    statement: identity,
    bankAccount: account,
    currency,
    beginsOn,
    closingOn,
    openingMinor,
  });
  if (last === null || openingMinor === null) return null;
  const said = (minor: number) => inWords([money(minor, currency)]);
  return (
    `A statement is missing before this one: the last one ended at ${said(last.closingMinor)} ` +
    `on ${last.closingOn}, this one begins at ${said(openingMinor)}.`
  );
}

/** Money in first, in the order of the file; then what takes money back, which may be of the same file. */
async function bookEntries(
  context: Context,
  entries: readonly BankEntry[],
): Promise<BankImportLine[]> {
  const lines = new Map<BankEntry, BankImportLine>();
  const book = async (entry: BankEntry) => {
    const { kept, ...outcome } = await bookEntry(context, entry);
    lines.set(entry, lineOf(kept, outcome));
  };
  const others = entries.filter(({ kind }) => kind !== 'reversed');
  for (let start = 0; start < others.length; start += AT_ONCE)
    await Promise.all(others.slice(start, start + AT_ONCE).map(book));
  for (const entry of entries.filter(({ kind }) => kind === 'reversed')) await book(entry);
  return entries.flatMap((entry) => lines.get(entry) ?? []);
}

function lineOf(entry: BankEntry, { outcome, why, payment }: Outcome): BankImportLine {
  return {
    entry: entry.identity,
    bookedOn: entry.bookedOn,
    amount: { amount: entry.amountMinor, currency: entry.currency },
    payer: entry.payerName,
    reference: entry.reference,
    outcome,
    why,
    payment,
  };
}

/** Keeps an entry, once; under its facts where another entry of the bank has its reference already. */
async function storedOnce(db: Db, read: BankEntry): Promise<StoredEntry> {
  const known = await storedBankEntries(db, [read.identity, read.factsIdentity]);
  const namesake = known.get(read.identity) as BankEntry | undefined;
  const isTaken = namesake !== undefined && !isSameMoney(namesake, read);
  const entry =
    isTaken || known.has(read.factsIdentity) ? { ...read, identity: read.factsIdentity } : read;
  const { identity: eventId, kind } = entry;
  const stored = await storeInboxEvent(db, {
    provider: BANK_PROVIDER,
    eventId,
    kind,
    payload: entry,
  });
  // Somebody else kept one under that name in this very moment: seen now, it is the same money or it is not.
  if (!stored.isNew && !known.has(eventId)) return storedOnce(db, read);
  return { ...stored, entry };
}

async function bookEntry(
  context: Context,
  read: BankEntry,
): Promise<Outcome & { readonly kept: BankEntry }> {
  const stored = await storedOnce(context.db, read);
  return { ...(await bookStored(context, stored)), kept: stored.entry };
}

async function bookStored(context: Context, stored: StoredEntry): Promise<Outcome> {
  const { db } = context;
  const { entry } = stored;
  const done = stored.state === 'processed' || stored.state === 'ignored';
  if (!stored.isNew && done)
    return { outcome: 'known', why: 'It came with an earlier file.', payment: null };
  const twice = await bookedOtherwise(db, { ...entry, partOf: entry.partOf ?? null });
  if (twice !== null) return secondTime(db, stored.id, entry, twice);
  const ignored = whyIgnored(entry);
  if (ignored !== null) {
    await settleInboxEvent(db, stored.id, 'ignored', ignored);
    return { outcome: 'ignored', why: ignored, payment: null };
  }
  const outcome =
    entry.kind === 'reversed' ? await takeBack(context, entry) : await receive(context, entry);
  const state = outcome.outcome === 'refused' ? 'failed' : 'processed';
  await settleInboxEvent(db, stored.id, state, outcome.why);
  return outcome;
}

/** Of a sum that is booked as one, or by its parts: what it tells is kept with the payment, nothing is booked. */
async function secondTime(
  db: Db,
  event: number,
  entry: BankEntry,
  twice: 'sum' | 'parts',
): Promise<Outcome> {
  const payment = twice === 'sum' ? paymentKey(BANK_PROVIDER, entry.partOf ?? '') : null;
  const told = [entry.payerName, entry.reference, entry.structuredReference].filter(Boolean);
  if (payment !== null && told.length > 0) await addToReference(db, payment, told.join(' '));
  const why =
    twice === 'sum'
      ? 'It is a part of a sum that was booked as one; what it tells is kept with that payment.'
      : 'Its parts were booked already, from a notification of the bank.';
  await settleInboxEvent(db, event, 'processed', why);
  return { outcome: 'known', why, payment };
}

function whyIgnored({ kind, amountMinor }: BankEntry): string | null {
  if (kind === 'other') return 'It is no customer’s payment: our own payment, a fee or a transfer.';
  if (amountMinor === 0) return 'Its amount is zero.';
  return null;
}

/** What the payer wrote, the structured reference, and the numbers of the invoices that a creditor reference stands for. */
async function referenceOf(db: Db, entry: BankEntry): Promise<string> {
  const { reference, structuredReference, endToEndId } = entry;
  const structured = [structuredReference ?? '', ...(reference.match(/RF\d{2}[\w ]*/gi) ?? [])];
  const named = await invoicesByReference(db, structured.filter(isCreditorReference));
  const pieces = [reference, structuredReference, endToEndId, ...named];
  const kept: string[] = [];
  for (const piece of pieces)
    if (piece && !kept.some((other) => other.includes(piece))) kept.push(piece);
  return kept.join(' | ');
}

async function receive({ db, processes }: Context, entry: BankEntry): Promise<Outcome> {
  const { payerIban } = entry;
  const { payment, isNew } = await recordPayment(db, {
    payment: paymentKey(BANK_PROVIDER, entry.identity),
    account: payerIban === null ? null : await payerOf(db, payerIban),
    receivedOn: entry.valueOn ?? entry.bookedOn,
    amountMinor: entry.amountMinor,
    currency: entry.currency,
    method: 'bank',
    reference: await referenceOf(db, entry),
    payer: entry.payerName,
    bankAccount: payerIban,
  });
  const batch = 'A batch booked as one sum: who paid what is in a separate file of the bank.';
  if (entry.needsDetails && payment.state === 'received')
    await parkPayment(db, {
      payment: payment.payment,
      matching: { decision: 'review', rule: null, proposals: [], explanation: batch },
    });
  await processes.startPayment({ payment: payment.payment, clock: null });
  return {
    outcome: isNew ? 'taken' : 'known',
    why: entry.needsDetails ? batch : null,
    payment: payment.payment,
  };
}

async function takeBack({ db, processes }: Context, entry: BankEntry): Promise<Outcome> {
  const { currency, bookedOn, endToEndId, bankReference, payerIban, returnReason } = entry;
  const amountMinor = Math.abs(entry.amountMinor);
  const reversal = { amountMinor, currency, bookedOn, endToEndId, bankReference, payerIban };
  const [payment, ...others] = await paymentsTakenBack(db, reversal);
  if (payment === undefined || others.length > 0)
    return {
      outcome: 'refused',
      why:
        payment === undefined
          ? 'No payment of that amount is known that it could take back; a person decides.'
          : `It could take back ${[payment, ...others].join(' or ')}; a person decides.`,
      payment: null,
    };
  await processes.reversePayment(
    { payment, clock: null },
    {
      event: paymentKey(BANK_PROVIDER, entry.identity),
      on: entry.valueOn ?? bookedOn,
      amountMinor,
      reason: `returned by the bank${returnReason === null ? '' : ` (${returnReason})`}`,
    },
  );
  return { outcome: 'reversed', why: returnReason, payment };
}
