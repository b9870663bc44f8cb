/** The steps of one issued invoice: paper, mail, what is owed, what a person notes. */
import { tellContract } from '../connectors/temporal/lifecycles.ts';
import {
  addTimelineEvent,
  coverageOf,
  type Db,
  getFact,
  getInvoice,
  type InvoiceWithLines,
  markDelivered,
  setDisputed,
  setPromise,
  storeDocument,
} from '../db/index.ts';
import { invoiceDocument, type Parties } from '../documents/from-record.ts';
import type { InvoiceDocument } from '../documents/model.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { nextReminder } from '../domain/dunning/reminders.ts';
import { effectKey, fileNameOf } from '../workflows/ids.ts';
import type { InvoicePlan, InvoiceSteps } from '../workflows/steps.ts';
import { closeCheckouts, collectInvoice, collectionFacts } from './collection-steps.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, refused, stepFailed } from './failures.ts';
import { chargeLate, clauseOf } from './late-charges.ts';
import { invoiceMail } from './letters.ts';
import { attachmentsOf, partiesOf, sendMail } from './mails.ts';
import { dayOf } from './moment.ts';
import { dunningFacts, ladderOf, sendReminder, takeStage } from './reminder-steps.ts';

async function invoiceOf(db: Db, invoice: string): Promise<InvoiceWithLines> {
  const found = await getInvoice(db, invoice);
  if (found === null) throw stepFailed(`There is no invoice ${invoice}.`);
  return found;
}

function keyOf({ invoice }: InvoiceWithLines): string {
  return invoice.documentKey ?? invoice.invoice;
}

/** Whoever issued a document stands on its papers and mails, wherever its buyer was moved since. */
const sellerAndBuyer = (db: Db, { invoice }: InvoiceWithLines): Promise<Parties> =>
  partiesOf(db, invoice.account, invoice.entity);

async function planInvoice(
  deps: Deps,
  args: Parameters<InvoiceSteps['planInvoice']>[0],
): Promise<InvoicePlan> {
  const { db } = deps;
  const found = await invoiceOf(db, args.invoice);
  const { invoice } = found;
  const [{ entity, account }, coverage] = await Promise.all([
    sellerAndBuyer(db, found),
    coverageOf(db, args.invoice),
  ]);
  const today = await dayOf(db, args, entity?.timeZone ?? 'UTC');
  const { ladder, neverDunned } = await ladderOf(db, invoice, today);
  const facts = await dunningFacts(db, { ...found, account }, neverDunned, args.stageTakenOn);
  const remindableMinor = facts?.remindableMinor ?? 0;
  const money = await collectionFacts(deps, found, { remindableMinor, clock: args.clock });
  // Nobody is reminded of money that is on its way.
  const waits = facts === null || money?.underWay === true;
  const { next } = waits ? { next: null } : nextReminder(facts, ladder, today);
  const settled = invoice.balanceMinor <= 0;
  return {
    today,
    state: invoice.state,
    balanceMinor: invoice.balanceMinor,
    settled,
    settledOn: settled ? today : null,
    coverage: coverage.map(({ contract, covered }) => ({ contract, covered })),
    next: next === null ? null : { stage: next.stage, name: next.name, on: next.on },
    stage: invoice.reminderStage,
    words: wordsOf(found, next === null ? null : `${next.name} goes out on ${next.on}`),
    externalAccounting: deps.accounting.external,
    ...(money?.collect == null ? {} : { collect: money.collect }),
    ...(settled && money?.openCheckouts === true ? { openCheckouts: true } : {}),
  };
}

function wordsOf({ invoice }: InvoiceWithLines, next: string | null): string {
  if (invoice.state === 'void') return 'Void';
  if (invoice.type === 'credit_note') return 'Credit note';
  if (invoice.balanceMinor <= 0) return `Settled (${invoice.state.replaceAll('_', ' ')})`;
  if (invoice.disputed) return 'Disputed: a person clears it up';
  if (invoice.promisedUntil !== null) return `Payment is promised until ${invoice.promisedUntil}`;
  return `Waiting for payment, due ${invoice.dueOn}${next === null ? '' : `; ${next}`}`;
}

async function paperOf(
  { db, links }: Deps,
  { invoice, lines }: InvoiceWithLines,
  parties: Parties,
): Promise<InvoiceDocument> {
  return invoiceDocument(invoice, lines, parties, {
    payUrl: links.payInvoice(invoice.invoice),
    lateChargeClause: await clauseOf(db, invoice, parties),
  });
}

/** Prints the paper and keeps it: the first rendering of a document is the document. */
async function renderInvoice(
  deps: Deps,
  { invoice }: Parameters<InvoiceSteps['renderInvoice']>[0],
): Promise<{ document: string }> {
  const found = await invoiceOf(deps.db, invoice);
  const key = effectKey(keyOf(found), 'pdf');
  const paper = await paperOf(deps, found, await sellerAndBuyer(deps.db, found));
  const { bytes } = await deps.renderPool.render('invoice', paper);
  const fileName = fileNameOf(found.invoice.invoice, 'pdf');
  await storeDocument(deps.db, { key, fileName, mediaType: 'application/pdf', content: bytes });
  return { document: key };
}

async function sendInvoice(
  deps: Deps,
  { invoice, to, request, today }: Parameters<InvoiceSteps['sendInvoice']>[0],
): Promise<{ mail: string }> {
  const { db } = deps;
  const found = await invoiceOf(db, invoice);
  const first = effectKey(keyOf(found), 'mail');
  if (found.invoice.state === 'void') {
    if (request !== '')
      throw refused('invoice-void', `Invoice ${invoice} is void: nothing is sent.`);
    // Voided while its paper was printed: it goes to nobody.
    return { mail: first };
  }
  const parties = await sellerAndBuyer(db, found);
  const sent = await sendMail(deps, {
    key: request === '' ? first : effectKey(first, request),
    kind: 'invoice',
    account: found.invoice.account,
    contract: found.invoice.contract ?? found.lines[0]?.contract ?? null,
    invoice,
    text: await invoiceMail(await paperOf(deps, found, parties), parties, {
      isCopy: request !== '',
      reason: null,
    }),
    attachments: await attachmentsOf(db, effectKey(keyOf(found), 'pdf')),
    follows: request === '' ? [] : [first],
    to,
    cc: [],
    today,
  });
  await markDelivered(db, invoice, new Date());
  return sent;
}

async function exportInvoice(
  { db, accounting }: Deps,
  { invoice: number }: Parameters<InvoiceSteps['exportInvoice']>[0],
): Promise<void> {
  const found = await invoiceOf(db, number);
  const { invoice, type, account, entity, issuedOn, dueOn, currency } = found.invoice;
  const { netMinor, taxMinor, totalMinor } = found.invoice;
  const amounts = { netMinor, taxMinor, totalMinor };
  const key = effectKey(keyOf(found), 'accounting');
  const customer = (await getFact(db, 'accounts', { account }))?.accountingId ?? null;
  const parties = { account, customer, entity };
  const document = { key, invoice, type, ...parties, issuedOn, dueOn, currency, ...amounts };
  const answer = await accounting.postDocument(document);
  if (answer.result === 'rejected') throw stepFailed(`Accounting refused: ${answer.message}`);
  if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
}

/** A line in the timeline of every contract on the invoice. */
async function note(
  db: Db,
  found: InvoiceWithLines,
  what: { key: string; kind: string; words: string; today: CivilDate },
): Promise<void> {
  const contracts = new Set(found.lines.flatMap(({ contract }) => contract ?? []));
  const { account, invoice } = found.invoice;
  for (const contract of contracts)
    await addTimelineEvent(db, {
      key: effectKey(keyOf(found), `${what.key}:${contract}`),
      contract,
      account,
      happenedOn: what.today,
      kind: what.kind,
      words: what.words,
      references: { invoice },
    });
}

function stillOpen(found: InvoiceWithLines): void {
  const { invoice, state, balanceMinor } = found.invoice;
  if (state === 'void') throw refused('invoice-void', `Invoice ${invoice} is void.`);
  if (balanceMinor <= 0) throw refused('invoice-settled', `Invoice ${invoice} is settled.`);
}

async function recordPromise(
  { db }: Deps,
  args: Parameters<InvoiceSteps['recordPromise']>[0],
): Promise<void> {
  const { invoice, until, reason, actor, today } = args;
  const found = await invoiceOf(db, invoice);
  stillOpen(found);
  await setPromise(db, { invoice, until, reason, actor });
  const words = `Payment of ${invoice} promised until ${until}: ${reason}`;
  await note(db, found, { key: `promise:${until}`, kind: 'promise', words, today });
}

async function recordDispute(
  { db }: Deps,
  args: Parameters<InvoiceSteps['recordDispute']>[0],
): Promise<void> {
  const { invoice, disputed, lines, reason, actor, today } = args;
  const found = await invoiceOf(db, invoice);
  stillOpen(found);
  await setDisputed(db, { invoice, disputed, lines, reason, actor });
  const words = `${invoice} is ${disputed ? 'disputed' : 'no longer disputed'}: ${reason}`;
  await note(db, found, { key: `dispute:${today}:${disputed}`, kind: 'dispute', words, today });
}

export function invoiceSteps(deps: Deps): InvoiceSteps {
  return {
    planInvoice: (args) => planInvoice(deps, args),
    renderInvoice: (args) => renderInvoice(deps, args),
    sendInvoice: (args) => sendInvoice(deps, args),
    exportInvoice: (args) => exportInvoice(deps, args),
    sendReminder: (args) => sendReminder(deps, args),
    takeStage: (args) => takeStage(deps, args),
    chargeLate: (args) => chargeLate(deps, args),
    collectInvoice: (args) => collectInvoice(deps, args),
    closeCheckouts: (args) => closeCheckouts(deps, args),
    recordPromise: (args) => recordPromise(deps, args),
    recordDispute: (args) => recordDispute(deps, args),
    tellSettled: ({ contract, clock, news }) =>
      tellContract(deps.client, { contract, clock }, { kind: 'settled', settled: news }),
  };
}
