/**
 * Charging stored methods (billing rules §7): on the due date, again by the reason that a charge failed for, never while a
 * customer may pay the same on a checkout page. Each attempt is written before the provider is asked, and looked up by its
 * key before it is asked again.
 */
import {
  type ChargeStanding,
  type ClosedCheckout,
  type Collector,
  closedCheckout,
  standingOf,
} from '../connectors/payments/collector.ts';
import { startPayment } from '../connectors/temporal/lifecycles.ts';
import {
  addTimelineEvent,
  beginCollection,
  type Collection,
  collectionsOf,
  type Db,
  getInvoice,
  type InvoiceWithLines,
  liveCheckouts,
  moneyUnderWay,
  type PaymentMethod,
  paymentMethodsOf,
  recordPayment,
  settleCollection,
  settleInboxEvent,
  storeInboxEvent,
} from '../db/index.ts';
import { declineKind, retryOn } from '../domain/collection/retries.ts';
import { addDays, type CivilDate, later } from '../domain/dates/dates.ts';
import { Refusal } from '../domain/refusal.ts';
import { effectKey, paymentKey } from '../workflows/ids.ts';
import type { CollectPlan, InvoiceSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, stepFailed } from './failures.ts';

/** A debit that the bank has not answered is looked at again every day. */
const LOOK_AGAIN_DAYS = 1;
const isDebit = (kind: string) => kind.endsWith('_debit');

/** What the invoice's process has to know of its collection. */
export interface CollectionFacts {
  /** The next look at the provider; its day may have come. Null: none. */
  readonly collect: CollectPlan | null;
  /** Money that a bank has not answered, or that is not booked yet: nobody is reminded meanwhile. */
  readonly underWay: boolean;
  readonly openCheckouts: boolean;
}

/** Only the real world is asked for money, and only for what nobody disputes. */
export async function collectionFacts(
  { db, collector }: Deps,
  { invoice }: InvoiceWithLines,
  { remindableMinor, clock }: { readonly remindableMinor: number; readonly clock: string | null },
): Promise<CollectionFacts | null> {
  if (collector === undefined || clock !== null || invoice.type === 'credit_note') return null;
  const all = await collectionsOf(db, invoice.invoice);
  const openCheckouts = (await liveCheckouts(db, invoice.invoice)).length > 0;
  const underWay = await moneyUnderWay(db, invoice.invoice);
  const wanted = invoice.balanceMinor > 0 && remindableMinor === invoice.balanceMinor;
  const unanswered = all.find(({ state }) => state === 'processing');
  const collect =
    unanswered !== undefined
      ? lookAgain(unanswered)
      : wanted && !underWay
        ? await nextCharge(db, all, invoice)
        : null;
  return { collect, underWay, openCheckouts };
}

function lookAgain({ collection, askedOn, nextOn }: Collection): CollectPlan {
  const on = nextOn ?? askedOn;
  return { on, key: `${collection}:look:${on}` };
}

type Chargeable = Pick<
  InvoiceWithLines['invoice'],
  'invoice' | 'account' | 'currency' | 'dueOn' | 'promisedUntil'
>;

async function nextCharge(
  db: Db,
  all: readonly Collection[],
  invoice: Chargeable,
): Promise<CollectPlan | null> {
  const method = await methodFor(db, invoice);
  const charges = all.filter(({ kind }) => kind === 'charge');
  // What was taken and given back is not taken again by itself.
  if (method === null || charges.some(({ state }) => state === 'succeeded')) return null;
  const last = charges.findLast((one) => one.state !== 'closed');
  const key = `collect:${invoice.invoice}:${charges.length + 1}`;
  if (last === undefined || last.method !== method.method)
    return { on: later(invoice.dueOn, invoice.promisedUntil ?? invoice.dueOn), key };
  if (last.state === 'begun') return { on: last.askedOn, key: last.collection };
  return last.nextOn === null ? null : { on: last.nextOn, key };
}

/** The newest stored method that can pay in the invoice's currency. */
async function methodFor(
  db: Db,
  { account, currency }: Pick<Chargeable, 'account' | 'currency'>,
): Promise<PaymentMethod | null> {
  const methods = await paymentMethodsOf(db, account);
  return methods.find(({ kind }) => kind !== 'sepa_debit' || currency === 'EUR') ?? null;
}

interface Scene {
  readonly deps: Deps;
  readonly collector: Collector;
  readonly found: InvoiceWithLines;
  readonly today: CivilDate;
  readonly clock: string | null;
}

async function sceneOf(
  deps: Deps,
  args: { invoice: string; today: CivilDate; clock: string | null },
): Promise<Scene> {
  const { collector } = deps;
  if (collector === undefined)
    throw stepFailed('No payment provider is configured: set STRIPE_SECRET_KEY.');
  const found = await getInvoice(deps.db, args.invoice);
  if (found === null) throw stepFailed(`There is no invoice ${args.invoice}.`);
  return { deps, collector, found, today: args.today, clock: args.clock };
}

/** Looks at what the bank has not answered; else charges what is due. Done again, it goes on where it was. */
export async function collectInvoice(
  deps: Deps,
  args: Parameters<InvoiceSteps['collectInvoice']>[0],
): Promise<{ state: string }> {
  const scene = await sceneOf(deps, args);
  const all = await collectionsOf(deps.db, args.invoice);
  const unanswered = all.find(({ state }) => state === 'processing');
  if (unanswered !== undefined) return lookAt(scene, unanswered);
  const method = await methodFor(deps.db, scene.found.invoice);
  if (method === null) return { state: 'no-method' };
  const begun = await begin(scene, method);
  if (begun === null) return { state: 'not-due' };
  for (const checkout of begun.live)
    if ((await close(scene, checkout)).state !== 'closed') {
      const reason = 'paid-by-checkout';
      await settleCollection(deps.db, begun.collection.collection, { state: 'closed', reason });
      return { state: reason };
    }
  return charge(scene, method, begun);
}

async function begin({ deps, found, today }: Scene, { method, provider }: PaymentMethod) {
  const { invoice } = found.invoice;
  try {
    return await beginCollection(deps.db, { kind: 'charge', provider, invoice, method, on: today });
  } catch (error) {
    // Paid meanwhile, or being paid: the next plan says what is left to do.
    const over = ['collection-under-way', 'invoice-settled'];
    if (error instanceof Refusal && over.includes(error.code)) return null;
    throw error;
  }
}

async function lookAt(scene: Scene, collection: Collection): Promise<{ state: string }> {
  const { collector } = scene;
  const { reference } = collection;
  if (reference === null) throw stepFailed(`${collection.collection} has no reference.`);
  if (collection.kind === 'checkout') {
    const answer = await collector.readCheckout(reference);
    if (answer.result !== 'ok') throw refusedOrUnknown(answer);
    return { state: (await settleCheckout(scene, collection, standingOf(answer.value))).state };
  }
  const answer = await collector.readCharge(reference);
  if (answer.result !== 'ok') throw refusedOrUnknown(answer);
  return settleCharge(scene, collection, answer.value);
}

function refusedOrUnknown(answer: { result: 'rejected' | 'unknown'; message: string }) {
  return answer.result === 'rejected'
    ? stepFailed(`The payment provider refused: ${answer.message}`)
    : outcomeUnknown(answer.message);
}

/** Closes a checkout before anything else takes the money; where the customer was first, it is theirs that counts. */
async function close(scene: Scene, checkout: Collection): Promise<Collection> {
  const { collector } = scene;
  const answer = await closedCheckout(collector, checkout);
  if (answer.result !== 'ok') throw refusedOrUnknown(answer);
  return settleCheckout(scene, checkout, answer.value);
}

async function settleCheckout(
  scene: Scene,
  checkout: Collection,
  { state, reference, payment }: ClosedCheckout,
): Promise<Collection> {
  if (state === 'succeeded' && payment !== null) await book(scene, checkout, payment);
  const nextOn = state === 'processing' ? addDays(scene.today, LOOK_AGAIN_DAYS) : null;
  const paid = payment === null ? null : paymentKey(checkout.provider, payment);
  const settled = { state, reference, payment: paid, nextOn };
  return settleCollection(scene.deps.db, checkout.collection, settled);
}

async function charge(
  scene: Scene,
  method: PaymentMethod,
  { collection, isNew }: { readonly collection: Collection; readonly isNew: boolean },
): Promise<{ state: string }> {
  const { deps, collector } = scene;
  const { collection: key, invoice, account, amountMinor, currency } = collection;
  if (!isNew) {
    const found = await collector.findCharge(key, method.customer);
    if (found.result !== 'ok') throw refusedOrUnknown(found);
    if (found.value !== null) return settleCharge(scene, collection, found.value);
    const fresh = await getInvoice(deps.db, invoice);
    if (fresh?.invoice.balanceMinor !== amountMinor) {
      await settleCollection(deps.db, key, { state: 'closed', reason: 'amount-changed' });
      return { state: 'amount-changed' };
    }
  }
  const answer = await collector.charge({
    key,
    invoice,
    account,
    amountMinor,
    currency,
    method,
  });
  if (answer.result === 'rejected')
    await settleCollection(deps.db, key, { state: 'failed', reason: 'refused-by-provider' });
  if (answer.result !== 'ok') throw refusedOrUnknown(answer);
  return settleCharge(scene, collection, answer.value);
}

async function settleCharge(
  scene: Scene,
  collection: Collection,
  standing: ChargeStanding,
): Promise<{ state: string }> {
  const { deps, today } = scene;
  const { reference, state, reason } = standing;
  if (state === 'succeeded') await book(scene, collection, reference);
  const payment = state === 'failed' ? null : paymentKey(collection.provider, reference);
  const nextOn =
    state === 'processing'
      ? addDays(today, LOOK_AGAIN_DAYS)
      : state === 'failed'
        ? await retryDay(deps.db, collection, reason, today)
        : null;
  const outcome = { state, reference, payment, reason, nextOn };
  await settleCollection(deps.db, collection.collection, outcome);
  if (state === 'failed') await noteFailure(scene, collection, reason, nextOn);
  return { state };
}

/** Attempts are counted for the method: a new card begins anew. */
async function retryDay(
  db: Db,
  { invoice, account, method }: Collection,
  code: string | null,
  failedOn: CivilDate,
): Promise<CivilDate | null> {
  const charges = (await collectionsOf(db, invoice)).filter(
    (one) => one.kind === 'charge' && one.method === method && one.state !== 'closed',
  );
  const stored = (await paymentMethodsOf(db, account)).find((one) => one.method === method);
  return retryOn({
    code,
    attempt: charges.length,
    failedOn,
    isDebit: isDebit(stored?.kind ?? ''),
  });
}

/** What the provider has paid enters the inbox like its own event does; whichever is first, it is booked once. */
async function book(
  { deps, today, clock }: Scene,
  { provider, invoice, account, amountMinor, currency, collection }: Collection,
  reference: string,
): Promise<void> {
  const { db, client } = deps;
  const payment = paymentKey(provider, reference);
  const stored = await storeInboxEvent(db, {
    provider,
    eventId: `read:${reference}`,
    kind: 'collection.succeeded',
    payload: { collection, reference, invoice, account, amountMinor, currency },
  });
  await recordPayment(db, {
    payment,
    account,
    receivedOn: today,
    amountMinor,
    currency,
    method: provider,
    reference: invoice,
    lines: null,
  });
  await startPayment(client, { payment, clock });
  await settleInboxEvent(db, stored.id, 'processed');
}

async function noteFailure(
  { deps, found, today }: Scene,
  { collection, account, invoice }: Collection,
  reason: string | null,
  nextOn: CivilDate | null,
): Promise<void> {
  const kind = declineKind(reason);
  const next =
    nextOn !== null
      ? `it is tried again on ${nextOn}`
      : kind === 'customer'
        ? 'the customer has to confirm it or pay on the page'
        : 'it is not tried again by itself; reminders go on';
  const words = `The charge of the stored method for ${invoice} failed (${reason ?? 'no reason given'}): ${next}`;
  const contracts = new Set(found.lines.flatMap(({ contract }) => contract ?? []));
  for (const contract of contracts)
    await addTimelineEvent(deps.db, {
      key: effectKey(collection, `failed:${contract}`),
      contract,
      account,
      happenedOn: today,
      kind: 'payment',
      words,
      references: { invoice },
    });
  if (nextOn !== null) return;
  await deps.crm.addNote({
    key: effectKey(collection, 'failed'),
    account,
    contract: found.invoice.contract,
    subject: `${invoice}: the stored method could not be charged`,
    body: words,
    notedOn: today,
  });
}

/** An invoice that was paid otherwise leaves no page on which it could be paid again. */
export async function closeCheckouts(
  deps: Deps,
  args: Parameters<InvoiceSteps['closeCheckouts']>[0],
): Promise<void> {
  const scene = await sceneOf(deps, args);
  for (const checkout of await liveCheckouts(deps.db, args.invoice)) await close(scene, checkout);
}
