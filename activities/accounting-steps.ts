/**
 * Payments seen in accounting (billing rules §7): into the same inbox as all others, stored first, once per system and
 * payment. What we posted there ourselves comes back as ours and is left alone.
 */
import type { Accounting, SeenPayment, SeenPayments } from '../connectors/accounting/port.ts';
import { reversePayment, startPayment } from '../connectors/temporal/lifecycles.ts';
import {
  getFact,
  getPayment,
  getSetting,
  type InboxEvent,
  putSetting,
  recordPayment,
  settleInboxEvent,
  storeInboxEvent,
} from '../db/index.ts';
import { errorWords } from '../domain/error-words.ts';
import { effectKey, paymentKey } from '../workflows/ids.ts';
import type { AccountingSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, stepFailed } from './failures.ts';

const ACTOR = { user: 'perennial', role: 'service' };
/** A look ends after so many pages; the next one goes on. */
const PAGES_MOST = 50;

/** A setting is JSON: a place that looks like a number stays a text inside an object. */
const FROM_THE_START: { readonly cursor: string | null } = { cursor: null };
const placeName = (system: string) => `accounting-payments:${system}`;

interface Tally {
  seen: number;
  taken: number;
  reversed: number;
  failed: string[];
}

async function takePaymentsSeen(deps: Deps): ReturnType<AccountingSteps['takePaymentsSeen']> {
  const { db, accounting } = deps;
  const { seenPayments, system } = accounting;
  const tally: Tally = { seen: 0, taken: 0, reversed: 0, failed: [] };
  if (seenPayments === undefined) return tally;
  for (let pages = 0; pages < PAGES_MOST; pages += 1) {
    const { cursor: since } = await getSetting(db, placeName(system), FROM_THE_START);
    const page = answered(await seenPayments(since));
    for (const seen of page.payments) await take(deps, seen, tally);
    // What could not be taken is asked for again: the place stays before it.
    if (tally.failed.length > 0) return tally;
    if (page.cursor !== since)
      await putSetting(db, placeName(system), { cursor: page.cursor }, ACTOR);
    if (!page.more || page.cursor === since) return tally;
  }
  return tally;
}

function answered(page: SeenPayments): Extract<SeenPayments, { result: 'ok' }> {
  if (page.result === 'rejected') throw stepFailed(`Accounting refused: ${page.message}`);
  if (page.result === 'unknown') throw outcomeUnknown(page.message);
  return page;
}

const isOpen = (state: InboxEvent['state']) => state === 'stored' || state === 'failed';

async function take(deps: Deps, seen: SeenPayment, tally: Tally): Promise<void> {
  const { db, accounting } = deps;
  tally.seen += 1;
  try {
    if (await takeMoney(deps, seen)) tally.taken += 1;
    if (await takeReversal(deps, seen)) tally.reversed += 1;
  } catch (error) {
    const words = errorWords(error);
    tally.failed.push(`${accounting.system} ${seen.id}: ${words}`);
    const event = await storeInboxEvent(db, eventOf(accounting, seen, 'payment'));
    if (isOpen(event.state)) await settleInboxEvent(db, event.id, 'failed', words);
  }
}

function eventOf({ system }: Accounting, seen: SeenPayment, kind: 'payment' | 'reversal') {
  const eventId = kind === 'payment' ? seen.id : effectKey(seen.id, 'reversed');
  return { provider: system, eventId, kind: `accounting.${kind}`, payload: seen };
}

async function takeMoney(deps: Deps, seen: SeenPayment): Promise<boolean> {
  const { db, client, accounting } = deps;
  const event = await storeInboxEvent(db, eventOf(accounting, seen, 'payment'));
  if (!isOpen(event.state)) return false;
  if (seen.ours !== null) {
    await settleInboxEvent(db, event.id, 'ignored', `We posted it there ourselves: ${seen.ours}`);
    return false;
  }
  const { account, receivedOn, amountMinor, currency, reference, payer, bankAccount } = seen;
  const known = account === null ? null : await getFact(db, 'accounts', { account });
  const payment = paymentKey(accounting.system, seen.id);
  await recordPayment(db, {
    payment,
    account: known?.account ?? null,
    receivedOn,
    amountMinor,
    currency,
    method: accounting.system,
    reference,
    payer: payer ?? account,
    bankAccount,
  });
  await startPayment(client, { payment, clock: null });
  await settleInboxEvent(db, event.id, 'processed');
  return true;
}

async function takeReversal(deps: Deps, seen: SeenPayment): Promise<boolean> {
  const { db, client, accounting } = deps;
  if (seen.reversed === null) return false;
  const event = await storeInboxEvent(db, eventOf(accounting, seen, 'reversal'));
  if (!isOpen(event.state)) return false;
  const payment = seen.ours ?? paymentKey(accounting.system, seen.id);
  if ((await getPayment(db, payment)) === null)
    throw stepFailed(`There is no payment ${payment} to take back.`);
  const { on, reason } = seen.reversed;
  const reversal = { event: effectKey(seen.id, 'reversed'), on, reason };
  const { amountMinor } = seen;
  await reversePayment(client, { payment, clock: null }, { ...reversal, amountMinor });
  await settleInboxEvent(db, event.id, 'processed');
  return true;
}

export function accountingSteps(deps: Deps): AccountingSteps {
  return { takePaymentsSeen: () => takePaymentsSeen(deps) };
}
