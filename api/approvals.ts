/**
 * Credits, refunds and merges need a second person (design: whoever makes one never approves it). What was asked is kept with the
 * approval as it was shown; the approval binds to its hash, and carrying it out is idempotent, so that a broken-off one can
 * be approved again.
 */
import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { canonicalJson, sha256 } from '../db/canonical-json.ts';
import {
  type Actor,
  creditInvoice,
  type Db,
  decideApproval,
  fourEyes,
  getDocument,
  getEffect,
  getInvoice,
  type Invoice,
  mergeAccounts,
  moveAccount,
  requestApproval,
  type Approval as StoredApproval,
  storeDocument,
  type User,
} from '../db/index.ts';
import { creditNoteKey, importedInvoiceKey, refundKey } from '../workflows/ids.ts';
import { invoiceCredited, paymentRefund } from '../workflows/messages.ts';
import type { RouteContext } from './app.ts';
import { actorOf, personOf } from './http/authentication.ts';
import { allRows } from './http/lists.ts';
import { askPayment, foundPayment } from './payment-commands.ts';
import { may } from './permissions.ts';
import { notFound } from './problems.ts';
import type { Approval, UserRef } from './types.ts';
import { todayFor } from './views/parties.ts';
import { namesOf } from './views/people.ts';

export interface CreditInput {
  readonly lines: readonly { readonly line: string; readonly netMinor: number }[] | null;
  readonly reason: string;
}
export interface RefundInput {
  readonly amountMinor: number;
  /** Absent in what was asked for before payments could count as another currency. */
  readonly currency?: string;
  readonly reason: string;
}
export interface MergeInput {
  readonly into: string;
  readonly reason: string;
}
export interface MoveInput {
  readonly entity: string;
  readonly from: string;
  readonly reason: string;
}
type Asked =
  | { readonly action: 'account.move'; readonly subject: string; readonly input: MoveInput }
  | { readonly action: 'account.merge'; readonly subject: string; readonly input: MergeInput }
  | { readonly action: 'invoice.credit'; readonly subject: string; readonly input: CreditInput }
  | { readonly action: 'payment.refund'; readonly subject: string; readonly input: RefundInput };

const inputKey = (approval: string) => `${approval}:input`;
const resultKey = (approval: string) => `${approval}:result`;

async function keep(db: Db, key: string, value: unknown): Promise<void> {
  await storeDocument(db, {
    key,
    fileName: 'approval.json',
    mediaType: 'application/json',
    content: Buffer.from(canonicalJson(value)),
  });
}

async function kept<T>(db: Db, key: string): Promise<T | null> {
  const found = await getDocument(db, key);
  return found === null ? null : (JSON.parse(found.content.toString('utf8')) as T);
}

/** Who asks, and what tells one asking from another: the same thing asked for twice on purpose is two. */
export interface Asking {
  readonly maker: Actor;
  readonly request: string;
}

/** Asks for a second person; a company of one (four eyes off) decides at once, which is recorded all the same. */
export async function askSecondPerson(
  context: RouteContext,
  { maker, request }: Asking,
  asked: Asked & { readonly summary: string },
): Promise<StoredApproval> {
  const { db } = context;
  const { action, subject, input, summary } = asked;
  const name = canonicalJson([action, subject, input, request]);
  const approval = `approval:${action}:${subject}:${sha256(name).slice(0, 12)}`;
  const shownHash = sha256(canonicalJson({ action, subject, input, summary }));
  await keep(db, inputKey(approval), { action, subject, input });
  const waiting = await requestApproval(db, {
    approval,
    subject,
    action,
    maker,
    shownHash,
    summary,
  });
  return (await fourEyes(db)) ? waiting : approve(context, waiting, maker, shownHash);
}

/** Asks for a second person over HTTP, and shows what became of it. */
export async function askApproval(
  context: RouteContext,
  request: FastifyRequest,
  asked: Asked & { readonly summary: string },
): Promise<Approval> {
  const { db } = context;
  const named = request.headers['idempotency-key'] ?? request.id;
  const asking = { maker: actorOf(request), request: String(named) };
  const decided = await askSecondPerson(context, asking, asked);
  return viewOfApproval(db, decided, personOf(request));
}

/** Decides and carries out; one that was approved and then broke off is carried out again. */
export async function approve(
  context: RouteContext,
  waiting: StoredApproval,
  actor: Actor,
  shownHash: string,
): Promise<StoredApproval> {
  const { db } = context;
  const { approval } = waiting;
  const brokeOff =
    waiting.state === 'approved' &&
    waiting.checker === actor.user &&
    (await getDocument(db, resultKey(approval))) === null;
  const decided = brokeOff
    ? waiting
    : await decideApproval(db, { approval, decision: 'approved', shownHash, actor });
  await carryOut(context, approval, { user: waiting.maker, role: 'biller' }, actor);
  return decided;
}

async function carryOut(
  context: RouteContext,
  approval: string,
  maker: Actor,
  checker: Actor,
): Promise<void> {
  const asked = await kept<Asked>(context.db, inputKey(approval));
  if (asked === null) throw notFound('approval', approval);
  if (asked.action === 'invoice.credit') await carryOutCredit(context, approval, asked, maker);
  else if (asked.action === 'account.move')
    await carryOutMove(context, approval, asked, { maker, checker });
  else if (asked.action === 'account.merge')
    await carryOutMerge(context, approval, asked, { maker, checker });
  else {
    const payment = await foundPayment(context.db, asked.subject);
    const key = refundKey(payment.payment, approval);
    const outcome = await askPayment(
      context,
      payment,
      paymentRefund,
      [{ ...asked.input, key }, checker],
      // Asked again, it asks after the refund of that key: what the process answered before is not the answer now.
      randomUUID(),
    );
    if (outcome.state !== 'under-way') await keep(context.db, resultKey(approval), outcome);
  }
}

/** What became of a refund, as its own process keeps it. */
async function refundOutcome(
  db: Db,
  { approval, action, subject, state, checker }: StoredApproval,
  person: User,
): Promise<Approval['outcome']> {
  const settled = (how: 'refunded' | 'refused', words = '') => ({
    state: how,
    words,
    mayRepeat: false,
  });
  if (action !== 'payment.refund' || state !== 'approved') return null;
  const effect = await getEffect(db, refundKey(subject, approval));
  const result = effect?.result as { words?: string; reason?: string } | null | undefined;
  if (effect?.state === 'ok') return settled('refunded', result?.words);
  if (effect?.state === 'rejected') return settled('refused', result?.reason);
  if (effect === null && (await getDocument(db, resultKey(approval))) !== null) return null;
  const words =
    effect === null
      ? 'It is approved and not carried out yet: whoever approved it can ask for it again.'
      : 'Stripe is asked, and has not answered yet; nothing is booked before it has.';
  return { state: 'under-way', words, mayRepeat: checker === person.id };
}

async function carryOutCredit(
  { db, processes, now }: RouteContext,
  approval: string,
  { subject, input }: { subject: string; input: CreditInput },
  actor: Actor,
): Promise<void> {
  const found = await getInvoice(db, subject);
  if (found === null) throw notFound('invoice', subject);
  const { invoice } = found;
  const { today } = await todayFor(db, { account: invoice.account }, now());
  const note = await db.transaction(async (tx) => {
    const documentKey = await freeCreditNoteKey(tx, invoice, today);
    const { creditNote } = await creditInvoice(tx, {
      documentKey,
      invoice: subject,
      lines: input.lines,
      issuedOn: today,
      reason: input.reason,
      actor,
      orLater: true,
    });
    await keep(tx, resultKey(approval), { creditNote: creditNote.invoice });
    return creditNote;
  });
  await processes.signal(
    invoice.documentKey ?? importedInvoiceKey(invoice.invoice),
    invoiceCredited,
    [{ creditNote: note.invoice, on: note.issuedOn }],
  );
}

async function carryOutMove(
  { db, processes, now }: RouteContext,
  approval: string,
  { subject: account, input }: { subject: string; input: MoveInput },
  { maker: actor, checker }: { maker: Actor; checker: Actor },
): Promise<void> {
  const { today } = await todayFor(db, { account }, now());
  await db.transaction(async (tx) => {
    const change = await moveAccount(tx, { account, ...input, today, actor, checker });
    await keep(tx, resultKey(approval), { moved: change.to.entity });
  });
  await processes.lookOverBooks('after-action');
}

async function carryOutMerge(
  { db, processes, now }: RouteContext,
  approval: string,
  { subject: account, input: { into, reason } }: { subject: string; input: MergeInput },
  { maker: actor, checker }: { maker: Actor; checker: Actor },
): Promise<void> {
  const { today: on } = await todayFor(db, { account: into }, now());
  await db.transaction(async (tx) => {
    const merge = await mergeAccounts(tx, { account, into, on, reason, actor, checker });
    await keep(tx, resultKey(approval), { merged: merge.moved });
  });
  await processes.lookOverBooks('after-action');
}

/** `credit-note:C-1042:2027-01`, then `:2` and so on; two at once end in one of them being refused by the key. */
async function freeCreditNoteKey(db: Db, invoice: Invoice, today: string): Promise<string> {
  const subject = invoice.contract ?? invoice.account;
  const notes = await allRows<Invoice>(db, 'creditNotes', { account: invoice.account });
  const taken = new Set(notes.map((note) => note.documentKey));
  for (let ordinal = 1; ; ordinal += 1) {
    const key = creditNoteKey(subject, today.slice(0, 7), ordinal);
    if (!taken.has(key)) return key;
  }
}

function approvalView(
  row: StoredApproval,
  nameOf: (id: string) => UserRef,
  person: User,
  eyes: boolean,
  outcome: Approval['outcome'],
): Approval {
  const own = eyes && row.maker === person.id;
  return {
    approval: row.approval,
    subject: row.subject,
    action: row.action,
    maker: nameOf(row.maker),
    checker: row.checker === null ? null : nameOf(row.checker),
    state: row.state,
    shownHash: row.shownHash,
    summary: row.summary,
    reason: row.reason,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    mayDecide: row.state === 'waiting' && !own && may(person.role, 'approval:decide'),
    outcome,
  };
}

/** Approvals as people of one role see them, each with what became of it. */
export async function approvalViews(
  db: Db,
  rows: readonly StoredApproval[],
  person: User,
): Promise<Approval[]> {
  const [nameOf, eyes] = await Promise.all([namesOf(db), fourEyes(db)]);
  return Promise.all(
    rows.map(async (row) =>
      approvalView(row, nameOf, person, eyes, await refundOutcome(db, row, person)),
    ),
  );
}

export async function viewOfApproval(db: Db, row: StoredApproval, person: User): Promise<Approval> {
  const [view] = await approvalViews(db, [row], person);
  if (view === undefined) throw notFound('approval', row.approval);
  return view;
}
