/** Accounting and CRM as records to compare: read page by page, corrected one customer at a time. */
import { Context } from '@temporalio/activity';
import type { AccountingCustomer } from '../connectors/accounting/port.ts';
import type {
  CustomerCorrection,
  CustomerCorrections,
  CustomerFields,
  PageAt,
  ReadPage,
  ReadPages,
  Refused,
  Unreached,
} from '../connectors/outside-system.ts';
import {
  audit,
  beginOutsideReading,
  type ConnectedSystems,
  changeFact,
  completeOutsideReading,
  failOutsideReading,
  getFact,
  hashOf,
  keepOutsideCustomer,
  keepOutsidePage,
  OUTSIDE_LISTS,
  type OutsideList,
  type OutsideReading,
  withEffect,
} from '../db/index.ts';
import type { Row } from '../domain/book/tables.ts';
import type { OutsideCustomer } from '../domain/findings/outside.ts';
import { effectKey } from '../workflows/ids.ts';
import type { FindingFix, FindingFixArgs, OutsideSource } from '../workflows/messages.ts';
import type { ReadOutsideArgs } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, stepFailed } from './failures.ts';
import { todayAt } from './moment.ts';

type Systems = Pick<Deps, 'accounting' | 'crm'>;

/** What a worker is connected to, for pages and actions (db: keepConnectedSystems). */
export function connectedSystemsOf({ accounting, crm }: Systems): ConnectedSystems {
  const of = (one: Deps['accounting'] | Deps['crm']) => ({
    system: one.system,
    external: one.external,
    reads: one.reader !== undefined,
    corrects: one.corrections !== undefined,
  });
  const createsCustomers = accounting.postCustomer !== undefined;
  return {
    accounting: { ...of(accounting), createsCustomers },
    crm: { ...of(crm), createsCustomers: false },
  };
}

// ---------------------------------------------------------------- reading

interface Identified {
  readonly id: string;
}

/** The lists of a source as its connector reads them; null where it reads none. */
function listsOf(
  { accounting, crm }: Systems,
  source: OutsideSource,
): Partial<Record<OutsideList, ReadPages<Identified>>> | null {
  if (source === 'crm') {
    const { reader } = crm;
    return reader === undefined ? null : { customers: reader.customers, deals: reader.deals };
  }
  const { reader } = accounting;
  if (reader === undefined) return null;
  const { customers, documents, payments } = reader;
  return { customers, documents, payments };
}

function answered<A extends { readonly result: string }>(
  system: string,
  answer: A | Refused | Unreached,
): A {
  const failed = answer as Refused | Unreached;
  if (failed.result === 'rejected') throw stepFailed(`${system} refused: ${failed.message}`);
  if (failed.result === 'unknown') throw outcomeUnknown(failed.message, failed.retryAfterSeconds);
  return answer as A;
}

async function readOutside(
  deps: Deps,
  { source, key, at }: ReadOutsideArgs,
): Promise<{ records: number } | null> {
  const lists = listsOf(deps, source);
  if (lists === null) return null;
  const { db, compareFrom = null } = deps;
  const { system, reader } = deps[source];
  const reading = await beginOutsideReading(db, {
    ...{ key, source, system, incremental: reader?.incremental ?? false },
    ...{ fromDay: compareFrom, asOf: await todayAt(db, at), at: new Date(at) },
  });
  if (reading.state !== 'complete') {
    await readLists(deps, reading, lists);
    await completeOutsideReading(db, reading, new Date());
  }
  return { records: reading.recordCount };
}

async function readLists(
  deps: Deps,
  reading: OutsideReading,
  lists: Partial<Record<OutsideList, ReadPages<Identified>>>,
): Promise<void> {
  const names: readonly OutsideList[] = OUTSIDE_LISTS[reading.source];
  const begun = (names as readonly string[]).indexOf(reading.place?.list ?? '');
  for (const [at, list] of names.entries()) {
    const read = lists[list];
    if (read === undefined || at < begun) continue;
    const cursor = at === begun ? (reading.place?.cursor ?? null) : null;
    await readList(deps, reading, { list, next: names[at + 1] ?? null, read, cursor });
  }
}

async function readList(
  { db }: Deps,
  reading: OutsideReading,
  of: {
    readonly list: OutsideList;
    readonly next: OutsideList | null;
    readonly read: ReadPages<Identified>;
    readonly cursor: string | null;
  },
): Promise<void> {
  const { list, next, read } = of;
  const changedSince = reading.changedSince?.toISOString() ?? null;
  for (let cursor = of.cursor, ended = false; !ended; ) {
    const at: PageAt = { cursor, changedSince, from: reading.fromDay };
    const page: Extract<ReadPage<Identified>, { result: 'ok' }> = answered(
      reading.system,
      await read(at),
    );
    if (page.next !== null && page.next === cursor)
      throw stepFailed(`${reading.system} tells the same page of ${list} again: ${cursor}.`);
    ended = page.next === null;
    const place = !ended ? { list, cursor: page.next } : next && { list: next, cursor: null };
    await keepOutsidePage(db, reading, { list, records: page.records, place, at: new Date() });
    Context.current().heartbeat(`${reading.system}: ${list}`);
    cursor = page.next;
  }
}

async function noteUnread(
  deps: Deps,
  { source, key, at, reason }: ReadOutsideArgs & { readonly reason: string },
): Promise<void> {
  const { system } = deps[source];
  const asOf = await todayAt(deps.db, at);
  await failOutsideReading(deps.db, { key, source, system, asOf, at: new Date(at), reason });
}

export const outsideSteps = (deps: Deps) => ({
  readOutside: (args: ReadOutsideArgs) => readOutside(deps, args),
  noteUnread: (args: ReadOutsideArgs & { readonly reason: string }) => noteUnread(deps, args),
});

// ---------------------------------------------------------------- correcting

type FixOf<K extends FindingFix['kind']> = Extract<FindingFix, { readonly kind: K }>;

/** Fields of a correction as people read them: `city: Elsewhere → Kiel`. */
export function changesInWords({ changes, expected }: FixOf<'correct-customer'>): string {
  const shown = (value: string | null | undefined) => (value ? value : 'nothing');
  return Object.entries(changes)
    .map(([field, value]) => `${field}: ${shown(expected[field])} → ${shown(value)}`)
    .join(', ');
}

function changedMeanwhile(
  system: string,
  { changes, expected }: FixOf<'correct-customer'>,
  now: OutsideCustomer,
): string {
  const moved = (Object.keys(changes) as (keyof CustomerFields)[])
    .filter((field) => (now[field] ?? '') !== (expected[field] ?? ''))
    .map((field) => `${field} is ${now[field] ?? 'empty'}, it was ${expected[field] ?? 'empty'}`);
  return `Somebody changed it in ${system} meanwhile (${moved.join('; ')}). Nothing was written: look again and decide anew.`;
}

/** Writes a customer's correction once; what was read of it is kept, so that the look after it sees it. */
export async function correctCustomer(
  deps: Deps,
  { key }: Pick<FindingFixArgs, 'key'>,
  fix: FixOf<'correct-customer'>,
): Promise<void> {
  const { db } = deps;
  const { source, customer: id, changes, expected } = fix;
  const { system, corrections } = deps[source];
  if (corrections === undefined) throw stepFailed(`${system} can not be corrected from here.`);
  const effect = {
    key: effectKey(key, 'correction'),
    system,
    inputHash: hashOf({ id, changes, expected }),
  };
  const asked: CustomerCorrection = { id, changes, expected };
  const outcome = await withEffect(db, effect, async () => {
    const answer = await corrections.correctCustomer(asked);
    if (answer.result === 'rejected' || answer.result === 'unknown')
      return { state: answer.result, reason: answer.message };
    const { customer } = answer;
    await keepOutsideCustomer(db, { source, system, customer, at: new Date() });
    if (answer.result === 'ok') return { state: 'ok', result: customer.id };
    return { state: 'rejected', reason: changedMeanwhile(system, fix, customer) };
  });
  if (outcome.state === 'rejected') throw stepFailed(outcome.reason);
  if (outcome.state === 'unknown') throw outcomeUnknown(outcome.reason);
}

const fieldsOf = (account: Row<'accounts'>): CustomerFields => {
  const { name, addressLine1, city, postalCode, country, taxId, billingEmail } = account;
  return { name, addressLine1, city, postalCode, country, taxId, email: billingEmail };
};

/** Creates our customer in accounting once, and keeps its id there in our record. */
export async function postCustomer(
  deps: Deps,
  { key, actor, reason }: Pick<FindingFixArgs, 'key' | 'actor' | 'reason'>,
  { account }: FixOf<'post-customer-in-accounting'>,
): Promise<void> {
  const { db } = deps;
  const { system, postCustomer: post, corrections } = deps.accounting;
  if (post === undefined) throw stepFailed(`${system} takes no customers from here.`);
  const ours = await getFact(db, 'accounts', { account });
  if (ours === null) throw stepFailed(`There is no account ${account}.`);
  const customer: AccountingCustomer = {
    key: effectKey('account', account),
    account,
    ...fieldsOf(ours),
  };
  const effect = { key: effectKey(key, 'customer'), system, inputHash: hashOf(customer) };
  const outcome = await withEffect(db, effect, async () => {
    const answer = await post(customer);
    if (answer.result === 'ok') return { state: 'ok', result: answer.reference };
    return { state: answer.result, reason: answer.message };
  });
  if (outcome.state === 'rejected') throw stepFailed(`${system} refused: ${outcome.reason}`);
  if (outcome.state === 'unknown') throw outcomeUnknown(outcome.reason);
  const accountingId = outcome.result;
  await db.transaction(async (tx) => {
    await changeFact(tx, 'accounts', { account }, { accountingId });
    const details = { accountingId, system };
    await audit(tx, { actor, action: 'account.change', subject: account, reason, details });
  });
  await keepRead(deps, system, accountingId, corrections);
}

/** What was created is compared at once where it can be read by itself; else with the next reading. */
async function keepRead(
  { db }: Deps,
  system: string,
  id: string,
  corrections: CustomerCorrections | undefined,
): Promise<void> {
  if (corrections === undefined) return;
  const { record } = answered(system, await corrections.readCustomer(id));
  if (record === null) return;
  await keepOutsideCustomer(db, { source: 'accounting', system, customer: record, at: new Date() });
}
