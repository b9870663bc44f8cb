/** The steps of a payment: match, apply, take back, tell (billing rules §7). */
import { setTimeout as wait } from 'node:timers/promises';
import { reopenInvoice, tellContract } from '../connectors/temporal/lifecycles.ts';
import {
  type AllocationInput,
  type AllocationResult,
  addTimelineEvent,
  allocationsOfPayment,
  applyAllocation,
  audit,
  type Coverage,
  clockOf,
  coverageOf,
  type Db,
  exchangedFrom,
  getFact,
  getInvoice,
  getPayment,
  type Invoice,
  type InvoiceLine,
  isRefundBooked,
  keepAsCredit,
  openInvoicesFor,
  type Payment,
  parkPayment,
  policiesFor,
  refundUnapplied,
  rememberPayer,
  reversePayment,
  setPaymentAccount,
  takeBackAllocations,
} from '../db/index.ts';
import { allocate } from '../domain/allocation/allocation.ts';
import {
  type AllocationAnswer,
  type AllocationPolicy,
  DEFAULT_POLICY,
  faultOf,
  type OpenInvoice,
  type PaymentReceived,
} from '../domain/allocation/case.ts';
import { effectKey, importedInvoiceKey } from '../workflows/ids.ts';
import type {
  AffectedInvoice,
  PaymentDecision,
  PaymentPlan,
  PaymentSteps,
  ReopenedInvoice,
} from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { invoiceArgs } from './document-life.ts';
import { outcomeUnknown, refused, stepFailed } from './failures.ts';
import { dayOf } from './moment.ts';
import { type PartReturned, takeBackPart } from './partial-returns.ts';
import { demandAsItCame, demandWholeBack, exchangeSteps } from './payment-exchange.ts';
import { receiptIsDue, sendReceipt } from './receipts.ts';
import { refundSteps } from './refunds.ts';

export async function paymentOf(db: Db, payment: string): Promise<Payment> {
  const row = await getPayment(db, payment);
  if (row === null)
    throw stepFailed(`There is no payment ${payment}: it is stored before its process starts.`);
  return row;
}

const LOOKS = 50;
const LOOK_AGAIN_MS = 20;

/**
 * The payment at its process's first look: a webhook stores it while it starts the process.
 * @throws Error where it is not there within a second; the step is tried again, as is the webhook that could not store it
 */
async function firstSeen(db: Db, payment: string): Promise<Payment> {
  for (let look = 0; look < LOOKS; look += 1) {
    const row = await getPayment(db, payment);
    if (row !== null) return row;
    await wait(LOOK_AGAIN_MS);
  }
  throw new Error(`Payment ${payment} is not stored yet.`);
}

/** The policy of the payer's account and its entity, in the names of an allocation case. */
export async function policyFor(
  db: Db,
  account: string | null,
  on: string,
): Promise<AllocationPolicy> {
  const set = await policiesFor(db, { account, on });
  const tolerance = Number(set.tolerance ?? DEFAULT_POLICY.tolerance);
  if (!Number.isSafeInteger(tolerance) || tolerance < 0)
    throw stepFailed(`Policy tolerance of ${account} is ${set.tolerance}; it needs minor units.`);
  return {
    oldestFirst: (set.oldest_first ?? 'no') === 'yes',
    lineOrder: set.line_order === 'pro-rata' ? 'pro-rata' : DEFAULT_POLICY.lineOrder,
    tolerance,
    clearing: set.clearing === 'costs-interest-principal' ? set.clearing : DEFAULT_POLICY.clearing,
  };
}

/** The invoices that money of a payment is on now, and on which of their lines it is (null: on no named one). */
async function paidBy(db: Db, payment: string): Promise<Map<string, Set<string | null>>> {
  const rows = await allocationsOfPayment(db, payment);
  const sums = new Map<string, number>();
  for (const { invoice, amountMinor } of rows)
    sums.set(invoice, (sums.get(invoice) ?? 0) + amountMinor);
  const paid = new Map<string, Set<string | null>>();
  for (const { invoice, line } of rows)
    if ((sums.get(invoice) ?? 0) > 0) paid.set(invoice, (paid.get(invoice) ?? new Set()).add(line));
  return paid;
}

async function affectedBy(db: Db, payment: string): Promise<AffectedInvoice[]> {
  const paid = await paidBy(db, payment);
  return Promise.all([...paid].map(([invoice, lines]) => affected(db, invoice, lines)));
}

async function affected(
  db: Db,
  invoice: string,
  paid: ReadonlySet<string | null>,
): Promise<AffectedInvoice> {
  const [found, coverage] = await Promise.all([getInvoice(db, invoice), coverageOf(db, invoice)]);
  const reached = found?.lines.filter(({ line }) => paid.has(line)) ?? [];
  return affectedOf(invoice, found?.invoice ?? null, coverage, reached);
}

/** An invoice, and what of its contracts is covered now by lines that the payment reached. */
function affectedOf(
  number: string,
  invoice: Invoice | null,
  coverage: readonly Coverage[],
  lines: readonly Pick<InvoiceLine, 'subcontract'>[],
): AffectedInvoice {
  const workflow = invoice?.documentKey ?? importedInvoiceKey(number);
  const reached = new Set(lines.map(({ subcontract }) => subcontract));
  const settled = invoice !== null && invoice.balanceMinor <= 0;
  const contracts = coverage.flatMap(({ contract, covered }) => {
    const news = covered.filter(({ subcontract }) => reached.has(subcontract));
    return news.length === 0 ? [] : [{ contract, covered: news, whole: settled }];
  });
  return { invoice: number, workflow, contracts };
}

/** The same from what was just applied: nothing is read again. */
function affectedNow({ invoices, coverage, reached }: AllocationResult): AffectedInvoice[] {
  return invoices.flatMap((row) => {
    const { invoice } = row;
    const lines = reached.filter((one) => one.invoice === invoice);
    if (lines.every(({ amountMinor }) => amountMinor === 0)) return [];
    const own = coverage.filter((one) => one.invoice === invoice);
    return [affectedOf(invoice, row, own, lines)];
  });
}

function wordsOf(payment: Payment, invoices: readonly AffectedInvoice[]): string {
  if (payment.state === 'review') return 'A person decides whose money this is';
  if (payment.state === 'returned' || payment.state === 'refunded')
    return `The payment was ${payment.state}`;
  if (invoices.length === 0) return 'Received, not allocated yet';
  return `Allocated to ${invoices.map(({ invoice }) => invoice).join(', ')}`;
}

export async function planOf(
  deps: Deps,
  row: Payment,
  today: string,
  known: readonly AffectedInvoice[] | null = null,
): Promise<PaymentPlan> {
  const [invoices, receipt] = await Promise.all([
    known ?? affectedBy(deps.db, row.payment),
    receiptIsDue(deps.db, row),
  ]);
  return {
    today,
    state: row.state,
    account: row.account,
    amountMinor: row.amountMinor,
    currency: row.currency,
    unappliedMinor: row.unappliedMinor,
    affected: invoices,
    words: wordsOf(row, invoices),
    externalAccounting: deps.accounting.external,
    receipt: invoices.length > 0 && receipt,
  };
}

interface World {
  readonly today: string;
  readonly clock: string | null;
}

interface Matched {
  readonly row: Payment;
  readonly result: AllocationResult | null;
}

/** Matches by the rules and applies what is unambiguous; the rest waits for a person with its proposals. */
async function matched(db: Db, row: Payment, clock: string | null): Promise<Matched> {
  const [policy, openInvoices] = await Promise.all([
    policyFor(db, row.account, row.receivedOn),
    openInvoicesAround(db, row, clock),
  ]);
  const answer = allocate({ payment: received(row), policy, openInvoices });
  if (answer.decision === 'review')
    return { row: await parkPayment(db, { payment: row.payment, matching: answer }), result: null };
  const at = { rule: answer.rule ?? 'none', on: row.receivedOn };
  const result = await applied(db, row, answer, at);
  return { row: result.payment, result };
}

/** What a payment came to by matching: one that was matched before is left as it is. */
async function matchPayment(deps: Deps, row: Payment, at: World): Promise<PaymentPlan> {
  if (row.state !== 'received') return planOf(deps, row, at.today);
  const { row: now, result } = await matched(deps.db, row, at.clock);
  if (result !== null) await tellTimeline(deps.db, row, result);
  return planOf(deps, now, at.today);
}

/** The same, and its contracts hear of it in the same breath: customers wait for their keys. */
async function matchAndTell(deps: Deps, row: Payment, at: World): Promise<PaymentPlan> {
  const { db } = deps;
  const isNew = row.state === 'received';
  const { row: now, result } = isNew ? await matched(db, row, at.clock) : { row, result: null };
  const reached = result === null ? await affectedBy(db, row.payment) : affectedNow(result);
  const [told, plan] = await Promise.all([
    tellAffected(deps, row.payment, reached, at),
    planOf(deps, now, at.today, reached),
    result === null ? null : tellTimeline(db, row, result),
  ]);
  return told ? { ...plan, told } : plan;
}

/** Contracts that one step tells; where there are more, the process tells them, some at a time. */
const TOLD_BY_STEP = 20;

/** @returns whether they were told; told again, they find nothing to do. */
async function tellAffected(
  { client }: Deps,
  payment: string,
  invoices: readonly AffectedInvoice[],
  { today, clock }: World,
): Promise<boolean> {
  const news = invoices.flatMap(({ invoice, contracts = [] }) =>
    contracts.map(({ contract, covered, whole }) => ({
      contract,
      settled: { invoice, settledOn: today, covered: [...covered], whole, payment },
    })),
  );
  if (news.length > TOLD_BY_STEP) return false;
  await Promise.all(
    news.map(({ contract, settled }) =>
      tellContract(client, { contract, clock }, { kind: 'settled', settled }),
    ),
  );
  return true;
}

/**
 * The open invoices that a payment could concern, of its world. One that no case can hold (its lines do not add up to its
 * balance) stops only payments that it may concern: its own account's, and those whose payer is not known.
 */
export async function openInvoicesAround(
  db: Db,
  payment: Payment,
  clock: string | null,
): Promise<OpenInvoice[]> {
  const { account } = payment;
  const world = account === null ? clock : clockOf(db, account);
  const open = await openInvoicesFor(db, payment, { clock: world });
  return open.filter((invoice) => {
    const fault = faultOf(invoice);
    if (fault !== null && (account === null || account === invoice.account))
      throw stepFailed(`An open invoice cannot be matched: ${fault.message}. Correct it first.`);
    return fault === null;
  });
}

/** What came with it speaks of the currency that came: all of it for one invoice is all of it still, parts are for a person. */
function linesOf(row: Payment, lines: PaymentReceived['lines'] | null) {
  const came = exchangedFrom(row);
  const [first, ...others] = lines ?? [];
  if (came === null) return lines;
  if (first === undefined || others.length > 0 || first.amount !== came.amountMinor) return null;
  return [{ ...first, amount: row.amountMinor }];
}

export function received(row: Payment): PaymentReceived {
  const { amountMinor, currency, receivedOn, account, reference, lines } = row;
  const base = { amount: amountMinor, currency, received: receivedOn, account };
  const explicit = linesOf(row, lines as PaymentReceived['lines'] | null);
  return explicit === null || explicit === undefined
    ? { ...base, reference: reference ?? '' }
    : { ...base, reference: reference ?? '', lines: explicit };
}

/** Money of nobody known that pays one account's invoices is that account's, what is left of it included. */
async function claim(db: Db, row: Payment, invoices: readonly string[]): Promise<void> {
  if (row.account !== null) return;
  const found = await Promise.all(invoices.map((invoice) => getInvoice(db, invoice)));
  const [owner, ...others] = new Set(found.flatMap((one) => one?.invoice.account ?? []));
  if (owner !== undefined && others.length === 0) await setPaymentAccount(db, row.payment, owner);
}

interface Applying extends Pick<AllocationInput, 'withheld' | 'bankFee'> {
  readonly rule: string;
  readonly on: string;
}

async function applied(
  db: Db,
  row: Payment,
  answer: AllocationAnswer,
  { rule, on, withheld = [], bankFee = [] }: Applying,
): Promise<AllocationResult> {
  await claim(db, row, [...new Set(answer.allocations.map(({ invoice }) => invoice))]);
  return applyAllocation(db, {
    payment: row.payment,
    on,
    rule,
    allocations: answer.allocations.map(({ invoice, line, amount }) => ({
      invoice,
      line: String(line),
      amount,
    })),
    discountTaken: answer.discountTaken,
    // What a person said of the rest of an invoice goes before the tolerance.
    writtenOff: answer.writtenOff.filter(
      ({ invoice }) => ![...withheld, ...bankFee].some((part) => part.invoice === invoice),
    ),
    withheld,
    bankFee,
    matching: { rule, explanation: answer.explanation },
  });
}

export async function apply(
  db: Db,
  row: Payment,
  answer: AllocationAnswer,
  at: Applying,
): Promise<void> {
  await tellTimeline(db, row, await applied(db, row, answer, at));
}

async function tellTimeline(db: Db, row: Payment, result: AllocationResult): Promise<void> {
  for (const { invoice } of result.invoices) {
    const contracts = new Set<string>();
    for (const line of result.lines)
      if (line.invoice === invoice && line.contract !== null) contracts.add(line.contract);
    for (const contract of contracts)
      await addTimelineEvent(db, {
        key: effectKey(row.payment, `applied:${invoice}:${contract}:${row.unappliedMinor}`),
        contract,
        account: row.account,
        happenedOn: row.receivedOn,
        kind: 'payment',
        words: `Payment ${row.payment} received for ${invoice}`,
        references: { invoice, payment: row.payment },
      });
  }
}

/** A person's decision: whole invoices take lines in their order, named lines take what is said; the rest stays credit. */
async function decide(db: Db, args: PaymentDecision, on: string | null): Promise<number> {
  const { payment, lines, actor, account = null, clock } = args;
  const before = await paymentOf(db, payment);
  if (before.state === 'returned' || before.state === 'refunded' || before.unappliedMinor === 0)
    throw refused('payment-settled', `Payment ${payment} has nothing left to allocate.`);
  if (account !== null && account !== before.account)
    await setPaymentAccount(db, payment, await knownAccount(db, account));
  const row = await paymentOf(db, payment);
  const left = row.unappliedMinor;
  if (lines.length === 0) {
    if (row.account === null)
      throw refused('invalid-input', 'Say whose credit it is: the payer is not known.');
    const explanation = `A person kept ${left} ${row.currency} (minor units) as credit of ${row.account}.`;
    await keepAsCredit(db, { payment, matching: { rule: 'person', explanation } });
  } else {
    const explicit = explicitOf(lines, left, payment);
    const answer = allocate({
      payment: { ...received(row), amount: left, lines: explicit },
      policy: await policyFor(db, row.account, row.receivedOn),
      openInvoices: await openInvoicesAround(db, { ...row, lines: explicit }, clock),
    });
    if (answer.decision === 'review') throw refused('invalid-input', answer.explanation);
    await apply(db, row, answer, { rule: 'person', on: on ?? row.receivedOn, ...keptBy(lines) });
  }
  await learnPayer(db, payment, actor.user, clock);
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

function explicitOf(lines: PaymentDecision['lines'], left: number, payment: string) {
  const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, 0);
  if (sum > left) throw refused('invalid-input', `Only ${left} of payment ${payment} is left.`);
  return lines.map(({ invoice, line, amountMinor }) => ({ invoice, line, amount: amountMinor }));
}

/** What of the invoices others than we kept: the tax office, and the banks on the way. */
function keptBy(lines: PaymentDecision['lines']): Pick<AllocationInput, 'withheld' | 'bankFee'> {
  const of = (part: 'withheldMinor' | 'bankFeeMinor') =>
    lines.flatMap((line) => {
      const amount = line[part] ?? 0;
      if (!Number.isSafeInteger(amount) || amount < 0)
        throw refused('invalid-input', `${part} is a whole number above zero, not ${amount}.`);
      return amount === 0 ? [] : [{ invoice: line.invoice, amount }];
    });
  return { withheld: of('withheldMinor'), bankFee: of('bankFeeMinor') };
}

async function knownAccount(db: Db, account: string): Promise<string> {
  if ((await getFact(db, 'accounts', { account })) !== null) return account;
  throw refused('invalid-input', `There is no account ${account}.`);
}

async function allocatePayment(
  { db }: Deps,
  args: PaymentDecision,
): Promise<{ allocated: number }> {
  const { payment, lines, reason, actor } = args;
  const allocated = await decide(db, args, null);
  const details = { lines, ...(args.account == null ? {} : { account: args.account }) };
  await audit(db, { actor, action: 'payment.allocate', subject: payment, reason, details });
  return { allocated };
}

/** All of it or nothing: what comes back and where it goes instead are one change of the books. */
async function movePayment(
  { db }: Deps,
  args: PaymentDecision & { readonly from: readonly string[] | null },
): ReturnType<PaymentSteps['movePayment']> {
  const { payment, from, lines, reason, actor, today } = args;
  return db.transaction(async (tx) => {
    const back = await takeBackAllocations(tx, {
      payment,
      invoices: from,
      on: lines.length === 0 ? null : today,
      reason,
    });
    const allocated = lines.length === 0 ? 0 : await decide(tx, args, today);
    const details = { from: back.invoices, to: lines };
    const action = lines.length === 0 ? 'payment.undo' : 'payment.move';
    await audit(tx, { actor, action, subject: payment, reason, details });
    const reopened = await back.coveredSince();
    await tellTakenBack(
      tx,
      { payment, account: back.payment.account, on: back.on, reason },
      reopened,
    );
    return { allocated, on: back.on, reopened: namesOfReopened(reopened) };
  });
}

/** Who pays from a bank account is what a person just decided; a rehearsal teaches nothing. */
async function learnPayer(
  db: Db,
  payment: string,
  learntBy: string,
  clock: string | null,
): Promise<void> {
  const { bankAccount, account } = await paymentOf(db, payment);
  if (bankAccount === null || clock !== null) return;
  const paid = await affectedBy(db, payment);
  const found = await Promise.all(paid.map(({ invoice }) => getInvoice(db, invoice)));
  const owners = new Set(found.flatMap((one) => one?.invoice.account ?? []));
  if (owners.size === 0 && account !== null) owners.add(account);
  for (const owner of owners)
    await rememberPayer(db, { bankAccount, account: owner, payment, learntBy });
}

async function takeBack(
  { db }: Deps,
  { payment, event, on, amountMinor, reason }: Parameters<PaymentSteps['reversePayment']>[0],
): Promise<{ reopened: readonly ReopenedInvoice[] }> {
  const row = await paymentOf(db, payment);
  const back = { payment, event, on, amountMinor, reason };
  // Told again, an event that was booked changes nothing, whatever is left of the payment by now.
  if (await isRefundBooked(db, { payment, event })) return { reopened: [] };
  const state = /refund/i.test(reason) ? 'refunded' : 'returned';
  demandWholeBack(row, amountMinor);
  // A refund out of credit is booked in one way, whoever tells of it first: the provider, or the person who gave it.
  const isPart =
    exchangedFrom(row) === null &&
    (amountMinor < row.amountMinor - row.refundedMinor ||
      (state === 'refunded' && amountMinor <= row.unappliedMinor));
  const { reopened } = isPart
    ? { reopened: await giveBackPart(db, row, back) }
    : await reversePayment(db, { payment, event, on, reason, state });
  await tellTakenBack(db, { payment, account: row.account, on, reason, event }, reopened);
  return { reopened: namesOfReopened(reopened) };
}

/** What stays of the allocations that a part came out of goes back to the same invoices, in their lines' order. */
function giveBackPart(db: Db, row: Payment, back: PartReturned) {
  return db.transaction(async (tx) => {
    const reopened = await takeBackPart(tx, back, async (kept) => {
      const fresh = await paymentOf(tx, row.payment);
      const lines = kept.map(({ invoice, amountMinor }) => ({
        invoice,
        line: null,
        amount: amountMinor,
      }));
      const amount = lines.reduce((sum, line) => sum + line.amount, 0);
      const answer = allocate({
        payment: { ...received(fresh), amount, lines },
        policy: await policyFor(tx, row.account, row.receivedOn),
        openInvoices: await openInvoicesAround(tx, { ...fresh, lines }, null),
      });
      // With a conflict the rest is credit that waits for a person, as the case says.
      if (answer.decision === 'automatic')
        await apply(tx, fresh, answer, { rule: 'explicit', on: back.on });
    });
    const { payment, state, unappliedMinor, account } = await paymentOf(tx, row.payment);
    const explanation = `${back.amountMinor} (minor units) were given back: ${back.reason}`;
    // Nothing is left that a person could decide.
    if (state === 'review' && unappliedMinor === 0 && account !== null)
      await keepAsCredit(tx, { payment, matching: { rule: 'explicit', explanation } });
    return reopened;
  });
}

const namesOfReopened = (reopened: readonly ReopenedInvoice[]): ReopenedInvoice[] =>
  reopened.map(({ invoice, contract, subcontracts }) => ({ invoice, contract, subcontracts }));

async function tellTakenBack(
  db: Db,
  back: { payment: string; account: string | null; on: string; reason: string; event?: string },
  reopened: readonly ReopenedInvoice[],
): Promise<void> {
  const { payment, account, on, reason } = back;
  const event = back.event ?? `moved:${(await allocationsOfPayment(db, payment)).length}`;
  for (const { contract, invoice } of reopened)
    await addTimelineEvent(db, {
      key: effectKey(payment, `back:${event}:${invoice}:${contract}`),
      contract,
      account,
      happenedOn: on,
      kind: 'payment',
      words: `Payment ${payment} for ${invoice} was taken back: ${reason}`,
      references: { invoice, payment },
    });
}

async function tellReversed(
  { db, client }: Deps,
  { payment, on, clock, reopened }: Parameters<PaymentSteps['tellReversed']>[0],
): Promise<void> {
  const invoices = new Set(reopened.map(({ invoice }) => invoice));
  for (const number of invoices) {
    const found = await getInvoice(db, number);
    if (found === null || found.invoice.documentKey === null) continue;
    const args = await invoiceArgs(db, found.invoice, clock);
    const { totalMinor } = found.invoice;
    await reopenInvoice(client, args, totalMinor, { payment, reversedOn: on });
  }
  for (const { invoice, contract, subcontracts } of reopened) {
    const reversed = { invoice, reversedOn: on, payment, subcontracts: [...subcontracts] };
    await tellContract(client, { contract, clock }, { kind: 'reversed', reversed });
  }
}

async function tellContracts(
  { db, client }: Deps,
  { invoice, on, clock }: Parameters<PaymentSteps['tellContracts']>[0],
): Promise<void> {
  for (const { contract, covered, whole } of await coverageOf(db, invoice)) {
    if (covered.length === 0) continue;
    const list = covered.map(({ subcontract, paidThrough }) => ({ subcontract, paidThrough }));
    const settled = { invoice, settledOn: on, covered: list, whole, payment: null };
    await tellContract(client, { contract, clock }, { kind: 'settled', settled });
  }
}

async function exportPayment(
  { db, accounting }: Deps,
  { payment }: Parameters<PaymentSteps['exportPayment']>[0],
): Promise<void> {
  const row = await paymentOf(db, payment);
  demandAsItCame(row);
  const rows = await allocationsOfPayment(db, payment);
  const account =
    row.account === null ? null : await getFact(db, 'accounts', { account: row.account });
  const paid = rows[0] === undefined ? null : await getInvoice(db, rows[0].invoice);
  const answer = await accounting.postPayment({
    key: effectKey(payment, 'accounting'),
    payment,
    account: row.account,
    customer: account?.accountingId ?? null,
    entity: paid?.invoice.entity ?? account?.entity ?? null,
    receivedOn: row.receivedOn,
    currency: row.currency,
    amountMinor: row.amountMinor,
    allocations: rows.map(({ invoice, amountMinor }) => ({ invoice, amountMinor })),
  });
  if (answer.result === 'rejected') throw stepFailed(`Accounting refused: ${answer.message}`);
  if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
}

export function paymentSteps(deps: Deps): Omit<PaymentSteps, 'useCredit'> {
  const { db } = deps;
  return {
    planPayment: async (args) => {
      const { payment, clock, match = false } = args;
      const [row, today] = await Promise.all([
        match ? firstSeen(db, payment) : paymentOf(db, payment),
        dayOf(db, args, 'UTC'),
      ]);
      return match ? matchAndTell(deps, row, { today, clock }) : planOf(deps, row, today);
    },
    matchPayment: async (args) => matchPayment(deps, await paymentOf(db, args.payment), args),
    allocatePayment: (args) => allocatePayment(deps, args),
    movePayment: (args) => movePayment(deps, args),
    refundPayment: async ({ payment, amountMinor, reason, actor, today, key }) => {
      await refundUnapplied(db, { payment, amountMinor, on: today, key, reason, actor });
      await audit(db, { actor, action: 'payment.refund', subject: payment, reason });
    },
    ...exchangeSteps(deps),
    ...refundSteps(deps, (args) => takeBack(deps, args)),
    reversePayment: (args) => takeBack(deps, args),
    exportPayment: (args) => exportPayment(deps, args),
    sendReceipt: (args) => sendReceipt(deps, args),
    tellReversed: (args) => tellReversed(deps, args),
    tellContracts: (args) => tellContracts(deps, args),
  };
}
