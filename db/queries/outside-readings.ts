/**
 * What accounting and CRM hold, as it was read there last, page by page, or brought as an export; and whether it may be
 * compared: what the last reading could not tell is told as not checked, with the day of the last one that could.
 */
import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { CivilDate } from '../../domain/dates/dates.ts';
import type {
  AccountingRecords,
  CrmRecords,
  OutsideCustomer,
  OutsideRecords,
  Source,
} from '../../domain/findings/outside.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { outsideReadings, outsideRecords } from '../schema.ts';
import { audit } from './audit.ts';
import { getSetting, putSetting } from './settings.ts';

export type OutsideReading = typeof outsideReadings.$inferSelect;
export type OutsideSource = OutsideReading['source'];
export type OutsideList = (typeof outsideRecords.$inferSelect)['list'];

/** The lists that each source has, in the order in which they are read. */
export const OUTSIDE_LISTS = {
  accounting: ['customers', 'documents', 'payments'],
  crm: ['customers', 'deals'],
} as const satisfies Readonly<Record<OutsideSource, readonly OutsideList[]>>;
export const OUTSIDE_SOURCES = ['accounting', 'crm'] as const satisfies readonly OutsideSource[];

/** What `system` is called where people bring exports. */
export const EXPORT_SYSTEM = 'export';

/** What the worker is connected to: pages and actions offer no more than it can do. */
export interface ConnectedSystem {
  readonly system: string;
  /** It is outside the house: not our own ledger or notes. */
  readonly external: boolean;
  readonly reads: boolean;
  readonly corrects: boolean;
  readonly createsCustomers: boolean;
}
export type ConnectedSystems = Readonly<Record<OutsideSource, ConnectedSystem | null>>;

const CONNECTED = 'connected-systems';
const NONE: ConnectedSystems = { accounting: null, crm: null };
const WORKER: Actor = { user: 'perennial', role: 'service' };

export const connectedSystems = (db: Db): Promise<ConnectedSystems> =>
  getSetting<ConnectedSystems>(db, CONNECTED, NONE);

/** Keeps what a worker is connected to; a change of it stands in the audit trail. */
export async function keepConnectedSystems(db: Db, systems: ConnectedSystems): Promise<void> {
  const isSame = (one: ConnectedSystem | null, other: ConnectedSystem | null) =>
    one?.system === other?.system &&
    one?.external === other?.external &&
    one?.reads === other?.reads &&
    one?.corrects === other?.corrects &&
    one?.createsCustomers === other?.createsCustomers;
  const before = await connectedSystems(db);
  if (OUTSIDE_SOURCES.every((source) => isSame(before[source], systems[source]))) return;
  await putSetting(db, CONNECTED, systems, WORKER);
}

// ---------------------------------------------------------------- reading page by page

/** Every so many days all of it is read: only that tells what was deleted there. */
const WHOLE_EVERY_DAYS = 7;
/** Clocks of two systems, and what was being written while the last reading began. */
const OVERLAP_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
const BATCH_ROWS = 500;

export interface BeginReading {
  readonly key: string;
  readonly source: OutsideSource;
  readonly system: string;
  /** Its lists can be asked for what changed since an instant. */
  readonly incremental: boolean;
  readonly fromDay: CivilDate | null;
  readonly asOf: CivilDate;
  readonly at: Date;
}

/** Begins a reading, or goes on with the one of that key. */
export async function beginOutsideReading(db: Db, begin: BeginReading): Promise<OutsideReading> {
  const { key, source, system, fromDay, asOf, at } = begin;
  const changedSince = begin.incremental ? await changedSinceOf(db, begin) : null;
  const head = { key, source, system, fromDay, asOf, changedSince, startedAt: at };
  await db
    .insert(outsideReadings)
    .values({ ...head, state: 'running', askedBy: WORKER.user })
    .onConflictDoNothing();
  const rows = await db.select().from(outsideReadings).where(eq(outsideReadings.key, key));
  return oneRow(rows, `reading ${key}`);
}

async function changedSinceOf(
  db: Db,
  { source, system, fromDay, at }: BeginReading,
): Promise<Date | null> {
  const complete = (await readingsOf(db, source, system)).filter(
    (one) => one.state === 'complete' && one.fromDay === fromDay,
  );
  const whole = complete.find(({ changedSince }) => changedSince === null);
  if (whole === undefined) return null;
  if (at.getTime() - whole.startedAt.getTime() > WHOLE_EVERY_DAYS * DAY_MS) return null;
  return new Date((complete[0] ?? whole).startedAt.getTime() - OVERLAP_MS);
}

/** Newest first; enough of them to know the last ones of each kind. */
function readingsOf(db: Db, source: OutsideSource, system: string): Promise<OutsideReading[]> {
  return db
    .select()
    .from(outsideReadings)
    .where(and(eq(outsideReadings.source, source), eq(outsideReadings.system, system)))
    .orderBy(desc(outsideReadings.id))
    .limit(200);
}

interface Identified {
  readonly id: string;
}

/** Keeps a page and, with it, where to go on: a broken reading goes on behind its last page. */
export async function keepOutsidePage(
  db: Db,
  reading: Pick<OutsideReading, 'id' | 'source' | 'system'>,
  page: {
    readonly list: OutsideList;
    readonly records: readonly Identified[];
    /** Where the next page begins: its list and cursor; null where the last list has ended. */
    readonly place: OutsideReading['place'];
    readonly at: Date;
  },
): Promise<void> {
  const { list, records, place, at } = page;
  await db.transaction(async (tx) => {
    await keepRecords(tx, reading, list, records, at);
    await tx
      .update(outsideReadings)
      .set({ place, recordCount: sql`${outsideReadings.recordCount} + ${records.length}` })
      .where(eq(outsideReadings.id, reading.id));
  });
}

async function keepRecords(
  tx: Db,
  { id: reading, source, system }: Pick<OutsideReading, 'id' | 'source' | 'system'>,
  list: OutsideList,
  records: readonly Identified[],
  readAt: Date,
): Promise<void> {
  const last = [...new Map(records.map((record) => [record.id, record])).values()];
  for (let at = 0; at < last.length; at += BATCH_ROWS)
    await tx
      .insert(outsideRecords)
      .values(
        last
          .slice(at, at + BATCH_ROWS)
          .map((record) => ({ source, system, list, id: record.id, record, reading, readAt })),
      )
      .onConflictDoUpdate({
        target: [
          outsideRecords.source,
          outsideRecords.system,
          outsideRecords.list,
          outsideRecords.id,
        ],
        set: {
          record: sql`excluded.record`,
          reading: sql`excluded.reading`,
          readAt: sql`excluded.read_at`,
        },
      });
}

/** All that is kept of what one system holds. */
const heldOf = ({ source, system }: Pick<OutsideStanding, 'source' | 'system'>) =>
  and(eq(outsideRecords.source, source), eq(outsideRecords.system, system));

/** Its last page is kept: where all of it was read, what it did not see is there no more. */
export async function completeOutsideReading(
  db: Db,
  reading: OutsideReading,
  at: Date,
): Promise<OutsideReading> {
  const { id, changedSince } = reading;
  return db.transaction(async (tx) => {
    if (changedSince === null)
      await tx.delete(outsideRecords).where(and(heldOf(reading), lt(outsideRecords.reading, id)));
    const rows = await tx
      .update(outsideReadings)
      .set({ state: 'complete', place: null, endedAt: at, reason: null })
      .where(eq(outsideReadings.id, id))
      .returning();
    return oneRow(rows, `reading ${id}`);
  });
}

/** It did not come to its end; begun anew where it had not begun at all. */
export async function failOutsideReading(
  db: Db,
  args: Omit<BeginReading, 'incremental' | 'fromDay'> & { readonly reason: string },
): Promise<void> {
  const { key, source, system, asOf, at, reason } = args;
  const failed = { state: 'failed', endedAt: at, reason } as const;
  await db
    .insert(outsideReadings)
    .values({ key, source, system, asOf, startedAt: at, askedBy: WORKER.user, ...failed })
    .onConflictDoUpdate({
      target: outsideReadings.key,
      set: failed,
      setWhere: eq(outsideReadings.state, 'running'),
    });
}

/** One customer as it was just read there: after a correction, or where that found it changed. */
export async function keepOutsideCustomer(
  db: Db,
  args: {
    readonly source: OutsideSource;
    readonly system: string;
    readonly customer: OutsideCustomer;
    readonly at: Date;
  },
): Promise<void> {
  const { source, system, customer, at } = args;
  const [last] = (await readingsOf(db, source, system)).filter(({ state }) => state !== 'failed');
  // Nothing is compared with a system that was never read.
  if (last === undefined) return;
  await keepRecords(db, last, 'customers', [customer], at);
}

// ---------------------------------------------------------------- exports

export interface OutsideExport {
  readonly fileName: string;
  readonly records: Pick<OutsideRecords, 'accounting' | 'crm'>;
  readonly today: CivilDate;
  readonly at: Date;
  readonly actor: Actor;
}

/**
 * Keeps an export in place of the one before it. Refused: `invalid-input` (it tells of neither accounting nor CRM, of a day
 * to come, or holds no records), `state-conflict` (that system is read by a connection, or a later export is here already).
 */
export async function keepOutsideExport(db: Db, given: OutsideExport): Promise<OutsideReading[]> {
  const { records, actor, fileName } = given;
  const sources = OUTSIDE_SOURCES.filter((source) => records[source] !== undefined);
  if (sources.length === 0)
    throw new Refusal('invalid-input', `${fileName} tells of neither accounting nor the CRM.`);
  return db.transaction(async (tx) => {
    const connected = await connectedSystems(tx);
    const kept: OutsideReading[] = [];
    for (const source of sources) {
      const { system, reads } = connected[source] ?? { system: '', reads: false };
      if (reads)
        throw new Refusal(
          'state-conflict',
          `${WORDS[source]} is read from ${system}; an export would be older. Leave it out.`,
        );
      kept.push(await keepExportOf(tx, source, given));
    }
    const details = Object.fromEntries(kept.map((one) => [one.source, one.recordCount]));
    await audit(tx, {
      ...{ actor, action: 'outside.export', subject: fileName, reason: null },
      details: { ...details, asOf: kept.map(({ asOf }) => asOf) },
    });
    return kept;
  });
}

const WORDS = { accounting: 'Accounting', crm: 'The CRM' } as const;

async function keepExportOf(
  tx: Db,
  source: OutsideSource,
  { fileName, records, today, at, actor }: OutsideExport,
): Promise<OutsideReading> {
  const given = records[source];
  const all = given?.records ?? null;
  if (all === null)
    throw new Refusal('invalid-input', `${fileName} holds no records of ${source}.`);
  const asOf = given?.checkedOn ?? today;
  if (asOf > today)
    throw new Refusal('invalid-input', `${fileName} tells of ${asOf}: that day is to come.`);
  const [last] = await readingsOf(tx, source, EXPORT_SYSTEM);
  if (last !== undefined && last.asOf > asOf)
    throw new Refusal(
      'state-conflict',
      `${fileName} tells of ${asOf}, and ${last.fileName} of ${last.asOf} is here already.`,
    );
  const lists = listsOf(source, all);
  const recordCount = lists.reduce((sum, [, rows]) => sum + rows.length, 0);
  const head = { source, system: EXPORT_SYSTEM, asOf, fileName, recordCount, fromDay: all.since };
  const key = `export:${source}:${(last?.id ?? 0) + 1}:${at.toISOString()}`;
  const when = { startedAt: at, endedAt: at, askedBy: actor.user };
  const rows = await tx
    .insert(outsideReadings)
    .values({ ...head, ...when, key, state: 'complete' })
    .returning();
  const reading = oneRow(rows, fileName);
  for (const [list, kept] of lists) await keepRecords(tx, reading, list, kept, at);
  return completeOutsideReading(tx, reading, at);
}

function listsOf(
  source: OutsideSource,
  records: AccountingRecords | CrmRecords,
): [OutsideList, readonly Identified[]][] {
  const lists = records as unknown as Readonly<Record<string, readonly Identified[]>>;
  return OUTSIDE_LISTS[source].map((list) => [list, lists[list] ?? []]);
}

// ---------------------------------------------------------------- what is compared

/** What a look compares with: everything as it was read last, or why it is not. */
export async function outsideSources(
  db: Db,
): Promise<Required<Pick<OutsideRecords, 'accounting' | 'crm'>>> {
  const connected = await connectedSystems(db);
  const [accounting, crm] = await Promise.all(
    OUTSIDE_SOURCES.map((source) => standingOf(db, source, connected[source])),
  );
  if (accounting === undefined || crm === undefined) throw new Error('two sources are asked');
  return {
    accounting: await sourceOf(accounting, async (since) => ({
      since,
      customers: await recordsOf(db, accounting, 'customers'),
      documents: await recordsOf(db, accounting, 'documents'),
      payments: await recordsOf(db, accounting, 'payments'),
    })),
    crm: await sourceOf(crm, async (since) => ({
      since,
      customers: await recordsOf(db, crm, 'customers'),
      deals: await recordsOf(db, crm, 'deals'),
    })),
  };
}

/** How it stands with what a source is read from. */
export interface OutsideStanding {
  readonly source: OutsideSource;
  readonly system: string;
  readonly connected: ConnectedSystem | null;
  /** The last reading that came to its end. */
  readonly complete: OutsideReading | null;
  /** The reading that failed after it. */
  readonly failed: OutsideReading | null;
  /** The reading under way. */
  readonly running: OutsideReading | null;
}

async function standingOf(
  db: Db,
  source: OutsideSource,
  connected: ConnectedSystem | null,
): Promise<OutsideStanding> {
  const system = connected?.reads === true ? connected.system : EXPORT_SYSTEM;
  const readings = await readingsOf(db, source, system);
  const [ended] = readings.filter(({ state }) => state !== 'running');
  const [newest] = readings;
  return {
    ...{ source, system, connected },
    complete: readings.find(({ state }) => state === 'complete') ?? null,
    failed: ended?.state === 'failed' ? ended : null,
    running: newest?.state === 'running' ? newest : null,
  };
}

export async function outsideStandings(db: Db): Promise<OutsideStanding[]> {
  const connected = await connectedSystems(db);
  return Promise.all(OUTSIDE_SOURCES.map((source) => standingOf(db, source, connected[source])));
}

/** Readings of all sources, the newest first. */
export function listOutsideReadings(db: Db, limit = 50): Promise<OutsideReading[]> {
  return db
    .select()
    .from(outsideReadings)
    .where(inArray(outsideReadings.source, [...OUTSIDE_SOURCES]))
    .orderBy(desc(outsideReadings.id))
    .limit(limit);
}

async function sourceOf<R>(
  { source, system, connected, complete, failed }: OutsideStanding,
  read: (since: CivilDate | null) => Promise<R>,
): Promise<Source<R>> {
  if (failed !== null) {
    const reason = `${system} could not be read: ${failed.reason ?? 'it did not answer'}`;
    return { records: null, checkedOn: complete?.asOf ?? null, reason };
  }
  if (complete === null) {
    const reason = connected?.reads === true ? `${system} was not read yet` : UNCONNECTED[source];
    return { records: null, checkedOn: null, reason };
  }
  return { records: await read(complete.fromDay), checkedOn: complete.asOf, reason: null };
}

const UNCONNECTED: Readonly<Record<OutsideSource, string>> = {
  accounting: 'no accounting system is connected, and no export of one was brought',
  crm: 'no CRM is connected, and no export of one was brought',
};

/** In the order of their ids; the schema of each list is the one that it was kept by. */
async function recordsOf<R>(db: Db, standing: OutsideStanding, list: OutsideList): Promise<R[]> {
  const rows = await db
    .select({ record: outsideRecords.record })
    .from(outsideRecords)
    .where(and(heldOf(standing), eq(outsideRecords.list, list)))
    .orderBy(outsideRecords.id);
  return rows.map(({ record }) => record as R);
}
