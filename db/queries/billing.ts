/** The record of bill runs: computed, decided, submitted, approved, issued (billing rules §4). */
import {
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  inArray,
  isNull,
  like,
  ne,
  or,
  sql,
} from 'drizzle-orm';
import type { BillDocument, BillRunPreview, Control } from '../../domain/bill-run/document.ts';
import { addMonths, monthOf } from '../../domain/dates/dates.ts';
import { canonicalJson, sha256 } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { billRunItems, billRuns, invoices } from '../schema.ts';
import { audit } from './audit.ts';
import { demandBilledOnce } from './run-overlaps.ts';
import { fourEyes } from './settings.ts';

export type BillRun = typeof billRuns.$inferSelect;
export type BillRunItem = Omit<typeof billRunItems.$inferSelect, 'document'> & {
  readonly document: BillDocument | null;
};
type NewItem = typeof billRunItems.$inferInsert;

/** Makes document keys; workflows/ids.ts has both. */
export interface DocumentKeys {
  invoice(subject: string, month: string, ordinal: number): string;
  creditNote(subject: string, month: string, ordinal: number): string;
}

const BATCH_ROWS = 500;
const DOCUMENT_KINDS: BillRunItem['kind'][] = ['invoice', 'credit_note'];
/** Documents that people want issued, and that are not. */
const AWAITS_ISSUE = and(
  inArray(billRunItems.kind, DOCUMENT_KINDS),
  eq(billRunItems.decision, 'include'),
  inArray(billRunItems.state, ['computed', 'failed']),
);
const itemOf = (row: typeof billRunItems.$inferSelect) => row as BillRunItem;

/** Starts a run's record in state `computing`; the same run again gives the one that is there (`created: false`). */
export async function createRun(
  db: Db,
  input: { run: string; runOn: string; clock: string | null; startedBy: Actor | null },
): Promise<{ run: BillRun; created: boolean }> {
  const { run, runOn, clock, startedBy } = input;
  return db.transaction(async (tx) => {
    const [added] = await tx
      .insert(billRuns)
      .values({ run, runOn, clock, state: 'computing' })
      .onConflictDoNothing()
      .returning();
    if (added === undefined) return { run: await runOf(tx, run), created: false };
    const actor = startedBy ?? { user: 'schedule', role: 'service' };
    await audit(tx, { actor, action: 'bill-run.start', subject: run, details: { runOn } });
    return { run: added, created: true };
  });
}

/** The run, locked for this transaction. */
export const lockedRun = (tx: Db, run: string): Promise<BillRun> => runOf(tx, run, true);

/** The database's own time, by which documents are dated that others issue meanwhile. */
export async function databaseNow(db: Db): Promise<Date> {
  const [row] = await db.execute<{ now: string }>(sql`select now()::text as now`);
  return new Date(oneRow(row === undefined ? [] : [row], 'now').now);
}

async function runOf(db: Db, run: string, lock = false): Promise<BillRun> {
  const query = db.select().from(billRuns).where(eq(billRuns.run, run));
  return oneRow(await (lock ? query.for('update') : query), `bill run ${run}`);
}

/** Nets of a month's documents per subject: the contract's, or the account's where charges are grouped so. */
async function netsOf(db: Db, month: string): Promise<Map<string, number>> {
  const rows = await db.execute<{ subject: string; net: string }>(sql`
    select coalesce(i.contract, i.account) as subject, sum(i.net_minor)::text as net from invoices i
     where i.state <> 'void' and i.type <> 'late_charge'
       and to_char(i.issued_on, 'YYYY-MM') = ${month} group by 1`);
  return new Map(rows.map(({ subject, net }) => [subject, Number(net)]));
}

/** Gives out document keys that no issued document bears: the second of a subject and month gets ordinal 2. */
async function keyMaker(
  db: Db,
  run: string,
  month: string,
  keys: DocumentKeys,
): Promise<(subject: string, credit: boolean) => string> {
  const issued = await db
    .select({ key: invoices.documentKey, run: invoices.run })
    .from(invoices)
    .where(
      sql`${invoices.documentKey} like ${`%:${month}%`} and ${invoices.run} is distinct from ${run}`,
    );
  // What another open run would issue, or would where a person takes it in again, bears its key already.
  const waiting = await db
    .select({ key: billRunItems.item })
    .from(billRunItems)
    .innerJoin(billRuns, eq(billRuns.run, billRunItems.run))
    .where(
      and(
        ne(billRunItems.run, run),
        like(billRunItems.item, `%:${month}%`),
        inArray(billRunItems.kind, DOCUMENT_KINDS),
        ne(billRuns.state, 'refused'),
        or(AWAITS_ISSUE, inArray(billRuns.state, ['computing', 'in_review', 'submitted'])),
      ),
    );
  const taken = new Set([...issued, ...waiting].map(({ key }) => key));
  return (subject, credit) => {
    for (let ordinal = 1; ; ordinal += 1) {
      const make = credit ? keys.creditNote : keys.invoice;
      const key = make(subject, month, ordinal);
      if (taken.has(key)) continue;
      taken.add(key);
      return key;
    }
  };
}

interface Comparison {
  readonly lastYear: ReadonlyMap<string, number>;
  readonly lastMonth: ReadonlyMap<string, number>;
}

async function comparisonFor(db: Db, runOn: string): Promise<Comparison> {
  return {
    lastYear: await netsOf(db, monthOf(addMonths(runOn, -12))),
    lastMonth: await netsOf(db, monthOf(addMonths(runOn, -1))),
  };
}

function documentItem(
  run: string,
  item: string,
  kind: 'invoice' | 'credit_note',
  document: BillDocument,
  { lastYear, lastMonth }: Comparison,
): NewItem {
  const { entity, account, contract, currency, subject } = document;
  return {
    run,
    item,
    kind,
    entity,
    account,
    contract,
    currency,
    netMinor: document.net,
    taxMinor: document.tax,
    totalMinor: document.total,
    lastYearNetMinor: lastYear.get(contract ?? subject) ?? null,
    lastMonthNetMinor: lastMonth.get(contract ?? subject) ?? null,
    document,
  };
}

const heldName = (subject: string, periodStart: string) => `held:${subject}:${periodStart}`;

/** The difference that a held item stands for (one that has several parts is held under `…:2` and so on); else null. */
export function heldDifference(item: string): { subject: string; periodStart: string } | null {
  const [, subject, periodStart] = /^held:(.*):(\d{4}-\d{2}-\d{2})(?::\d+)?$/.exec(item) ?? [];
  return subject === undefined || periodStart === undefined ? null : { subject, periodStart };
}

/** Who a contract bills, in which currency: what a page says of an item that has no document. */
type ContractHeads = ReadonlyMap<
  string,
  { readonly account: string; readonly entity: string | null; readonly currency: string | null }
>;

async function contractHeads(tx: Db, contracts: readonly string[]): Promise<ContractHeads> {
  const rows = await tx.execute<{
    contract: string;
    account: string;
    entity: string | null;
    currency: string | null;
  }>(sql`
    select c.contract, b.account, e.entity, coalesce(c.currency, b.currency, e.currency) as currency
      from contracts c
      join accounts b on b.account = coalesce(c.bill_to, c.account)
      left join entities e on e.entity = coalesce(c.entity, b.entity, (select min(entity) from entities))
     where c.contract = any(${sql.param([...new Set(contracts)])}::text[])`);
  return new Map(rows.map(({ contract, ...head }) => [contract, head]));
}

/** What is not a document: old finds, what was set aside, what is carried. Numbered where one name comes twice. */
function otherItems(run: string, preview: BillRunPreview, heads: ContractHeads): NewItem[] {
  const seen = new Map<string, number>();
  const named = (name: string) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}:${times}`;
  };
  const held = preview.held.map(
    (find): NewItem => ({
      run,
      item: named(heldName(find.entry ?? find.subcontract, find.periodStart)),
      kind: 'held',
      decision: 'hold',
      ...heads.get(find.contract),
      ...(find.account === undefined ? {} : { account: find.account }),
      contract: find.contract,
      netMinor: find.net,
      reason: find.reason,
      state: 'left_out',
    }),
  );
  const aside = preview.setAside.map(
    (row): NewItem => ({
      run,
      item: named(`set-aside:${row.contract}`),
      kind: 'set_aside',
      decision: 'hold',
      ...heads.get(row.contract),
      ...(row.account === undefined ? {} : { account: row.account }),
      contract: row.contract,
      code: row.code,
      reason: row.reason,
      state: 'left_out',
    }),
  );
  const carried = preview.carried.map(
    (row): NewItem => ({
      run,
      item: named(`carried:${row.subject}`),
      kind: 'carried',
      contract: row.contract,
      account: row.account,
      currency: row.currency,
      netMinor: row.net,
      reason: row.reason,
      state: 'left_out',
    }),
  );
  return [...held, ...aside, ...carried];
}

/** Decisions that people made outlive a new computation, where the item is still there. */
async function keepDecisions(tx: Db, run: string, items: readonly NewItem[]): Promise<NewItem[]> {
  const before = await tx
    .select()
    .from(billRunItems)
    .where(and(eq(billRunItems.run, run), sql`${billRunItems.decision} <> 'include'`));
  const decided = new Map(before.map((row) => [row.item, row]));
  return items.map((item) => {
    const old = decided.get(item.item);
    if (old === undefined || item.document == null) return item;
    return { ...item, decision: old.decision, reason: old.reason, state: 'left_out' };
  });
}

/**
 * Saves what was computed, in batches: items with their document keys (a second document of a subject in a month gets ordinal
 * 2), last year's and last month's nets, control sheet and warnings; the run goes to `in_review`. Computing again, before it is
 * submitted, replaces items and keeps decisions of items that are still there. `readAt` is when the book was read.
 */
export async function saveComputedRun(
  db: Db,
  run: string,
  preview: BillRunPreview,
  keys: DocumentKeys,
  readAt: Date | null = null,
): Promise<{ items: number }> {
  return db.transaction(async (tx) => {
    const record = await runOf(tx, run, true);
    if (!['computing', 'in_review', 'failed'].includes(record.state))
      throw new Refusal(
        'run-not-in-review',
        `The run ${run} is ${record.state}: it is not computed anew.`,
      );
    const month = monthOf(record.runOn);
    const keyOf = await keyMaker(tx, run, month, keys);
    const comparison = await comparisonFor(tx, record.runOn);
    const documents = [
      ...preview.invoices.map((document) => ({ document, credit: false })),
      ...preview.creditNotes.map((document) => ({ document, credit: true })),
    ].map(({ document, credit }) => {
      const kind = credit ? 'credit_note' : 'invoice';
      return documentItem(run, keyOf(document.subject, credit), kind, document, comparison);
    });
    const heads = await contractHeads(tx, [
      ...preview.held.map(({ contract }) => contract),
      ...preview.setAside.map(({ contract }) => contract),
    ]);
    const others = otherItems(run, preview, heads);
    const items = await keepDecisions(tx, run, [...documents, ...others]);
    await tx.delete(billRunItems).where(eq(billRunItems.run, run));
    for (let start = 0; start < items.length; start += BATCH_ROWS)
      await tx.insert(billRunItems).values(items.slice(start, start + BATCH_ROWS));
    await tx
      .update(billRuns)
      .set({
        state: 'in_review',
        control: { ...preview.control },
        warnings: [...preview.warnings],
        shownHash: null,
        reason: null,
        computedAt: readAt ?? record.startedAt,
      })
      .where(eq(billRuns.run, run));
    return { items: items.length };
  });
}

export async function getRun(db: Db, run: string): Promise<BillRun | null> {
  const [row] = await db.select().from(billRuns).where(eq(billRuns.run, run));
  return row ?? null;
}

/** Newest first; `clock` null, the default, leaves rehearsals out. */
export function listRuns(
  db: Db,
  options: { clock?: string | null; limit?: number } = {},
): Promise<BillRun[]> {
  const clock = options.clock ?? null;
  return db
    .select()
    .from(billRuns)
    .where(clock === null ? isNull(billRuns.clock) : eq(billRuns.clock, clock))
    .orderBy(desc(billRuns.runOn), desc(billRuns.run))
    .limit(options.limit ?? 100);
}

/** How many lines of each item are caught up, by run and item: what a list shows of documents that it does not read. */
export async function caughtUpLines(
  db: Db,
  items: readonly { readonly run: string; readonly item: string }[],
): Promise<(item: { readonly run: string; readonly item: string }) => number> {
  const nameOf = (run: string, item: string) => JSON.stringify([run, item]);
  const runs = [...new Set(items.map(({ run }) => run))];
  const names = [...new Set(items.map(({ item }) => item))];
  const rows =
    items.length === 0
      ? []
      : await db
          .select({
            run: billRunItems.run,
            item: billRunItems.item,
            lines: sql<number>`jsonb_array_length(jsonb_path_query_array(${billRunItems.document}, '$.lines[*] ? (@.caughtUp == true)'))`,
          })
          .from(billRunItems)
          .where(and(inArray(billRunItems.run, runs), inArray(billRunItems.item, names)));
  const counts = new Map(rows.map(({ run, item, lines }) => [nameOf(run, item), lines ?? 0]));
  return ({ run, item }) => counts.get(nameOf(run, item)) ?? 0;
}

/** A run's items by key; `documents: false` leaves out the documents (lists stay light). */
export async function listRunItems(
  db: Db,
  run: string,
  options: { kinds?: readonly BillRunItem['kind'][]; documents?: boolean } = {},
): Promise<BillRunItem[]> {
  const { kinds, documents = true } = options;
  const columns = getTableColumns(billRunItems);
  const document = documents ? columns.document : sql<unknown>`null`;
  const rows = await db
    .select({ ...columns, document })
    .from(billRunItems)
    .where(
      and(
        eq(billRunItems.run, run),
        kinds === undefined ? undefined : inArray(billRunItems.kind, [...kinds]),
      ),
    )
    .orderBy(asc(billRunItems.kind), asc(billRunItems.item));
  return rows.map(itemOf);
}

export async function getRunItem(db: Db, run: string, item: string): Promise<BillRunItem | null> {
  const [row] = await db
    .select()
    .from(billRunItems)
    .where(and(eq(billRunItems.run, run), eq(billRunItems.item, item)));
  return row === undefined ? null : itemOf(row);
}

/** Keys of the included documents that are not issued yet, in a fixed order: what the issuing step goes through, in shards. */
export async function runItemsToIssue(db: Db, run: string): Promise<string[]> {
  const rows = await db
    .select({ item: billRunItems.item })
    .from(billRunItems)
    .where(and(eq(billRunItems.run, run), AWAITS_ISSUE))
    .orderBy(asc(billRunItems.item));
  return rows.map(({ item }) => item);
}

function demandInReview(record: BillRun): void {
  if (record.state !== 'in_review')
    throw new Refusal(
      'run-not-in-review',
      `The run ${record.run} is ${record.state}, not in review.`,
    );
}

/**
 * Excludes, holds or includes one document while the run is in review. Old finds have no document yet: the caller computes it
 * and decides by {@link decideHeld}.
 */
export async function decideItem(
  db: Db,
  input: {
    run: string;
    item: string;
    decision: 'include' | 'exclude' | 'hold';
    reason: string | null;
    actor: Actor;
  },
): Promise<BillRunItem> {
  const { run, item, decision, reason, actor } = input;
  return db.transaction(async (tx) => {
    demandInReview(await runOf(tx, run, true));
    const before = await getRunItem(tx, run, item);
    if (before === null)
      throw new Refusal('run-item-unknown', `The run ${run} has no item ${item}.`);
    const state = decision === 'include' && before.document !== null ? 'computed' : 'left_out';
    const rows = await tx
      .update(billRunItems)
      .set({ decision, reason: reason ?? before.reason, state })
      .where(and(eq(billRunItems.run, run), eq(billRunItems.item, item)))
      .returning();
    const details = { run, decision, before: before.decision };
    if (decision === 'include') await demandBilledOnce(tx, run, [item], { isFinal: false });
    await audit(tx, { actor, action: 'bill-run.decide', subject: item, reason, details });
    return itemOf(oneRow(rows, item));
  });
}

/**
 * Decides on an old find while the run is in review. Included, its documents (computed by the caller; all parts of the
 * difference are on them) join the run under keys of their own; left out again, they leave it. The control sheet moves with
 * them. Doing it again changes nothing.
 */
export async function decideHeld(
  db: Db,
  input: {
    run: string;
    item: string;
    decision: 'include' | 'exclude' | 'hold';
    reason: string | null;
    actor: Actor;
    documents: readonly BillDocument[];
    keys: DocumentKeys;
  },
): Promise<BillRunItem> {
  const { run, item, decision, reason, actor, documents, keys } = input;
  const difference = heldDifference(item);
  if (difference === null) throw new Refusal('run-item-unknown', `${item} is no old find.`);
  const name = heldName(difference.subject, difference.periodStart);
  return db.transaction(async (tx) => {
    const record = await runOf(tx, run, true);
    demandInReview(record);
    const parts = (await listRunItems(tx, run, { kinds: ['held'], documents: false })).filter(
      (part) => part.item === name || part.item.startsWith(`${name}:`),
    );
    const before = parts.find((part) => part.item === item);
    if (before === undefined)
      throw new Refusal('run-item-unknown', `The run ${run} has no item ${item}.`);
    const added = and(eq(billRunItems.run, run), eq(billRunItems.code, name));
    const gone = await tx.delete(billRunItems).where(added).returning();
    const heldMinor = parts.reduce((sum, part) => sum + part.netMinor, 0);
    await moveOnSheet(tx, run, gone, heldMinor, -1);
    if (decision === 'include') {
      const items: NewItem[] = [];
      for (const document of documents)
        items.push(await addDocument(tx, record, name, document, keys));
      const added = items.map(({ item: key }) => key);
      await demandBilledOnce(tx, run, added, { isFinal: false });
      await moveOnSheet(tx, run, items, heldMinor, 1);
    }
    const rows = await tx
      .update(billRunItems)
      .set({ decision, reason: reason ?? before.reason })
      .where(
        and(
          eq(billRunItems.run, run),
          inArray(
            billRunItems.item,
            parts.map((part) => part.item),
          ),
        ),
      )
      .returning();
    const details = { run, decision, before: before.decision };
    await audit(tx, { actor, action: 'bill-run.decide', subject: item, reason, details });
    return itemOf(
      oneRow(
        rows.filter((row) => row.item === item),
        item,
      ),
    );
  });
}

async function addDocument(
  tx: Db,
  { run, runOn }: BillRun,
  code: string,
  document: BillDocument,
  keys: DocumentKeys,
): Promise<NewItem> {
  const credit = document.net < 0;
  const keyOf = await keyMaker(tx, run, monthOf(runOn), keys);
  let key = keyOf(document.subject, credit);
  while ((await getRunItem(tx, run, key)) !== null) key = keyOf(document.subject, credit);
  const kind = credit ? 'credit_note' : 'invoice';
  const comparison = await comparisonFor(tx, runOn);
  const item = { ...documentItem(run, key, kind, document, comparison), code };
  await tx.insert(billRunItems).values(item);
  return item;
}

/** What was held is on documents now (`sign` 1), or held again (−1): the sheet still adds up. */
async function moveOnSheet(
  tx: Db,
  run: string,
  items: readonly Pick<NewItem, 'kind' | 'currency' | 'netMinor'>[],
  heldMinor: number,
  sign: 1 | -1,
): Promise<void> {
  const currency = items.at(0)?.currency ?? null;
  const sheet = ((await runOf(tx, run)).control ?? {}) as Control;
  const before = currency === null ? undefined : sheet[currency];
  if (currency === null || before === undefined) return;
  const signed = (minor: number) => (sign === 1 ? minor : 0 - minor);
  const net = (of: typeof items) => of.reduce((sum, item) => sum + (item.netMinor ?? 0), 0);
  const credits = items.filter(({ kind }) => kind === 'credit_note');
  const after = {
    ...before,
    held: before.held - signed(heldMinor),
    invoiced: before.invoiced + signed(net(items)),
    credited: before.credited + signed(net(credits)),
  };
  const due = after.invoiced + after.held + after.excluded + after.setAside + after.carried;
  await tx
    .update(billRuns)
    .set({ control: { ...sheet, [currency]: { ...after, due } } })
    .where(eq(billRuns.run, run));
}

/** SHA-256 of canonical JSON of all included documents as they are now. */
export async function runHash(db: Db, run: string): Promise<string> {
  const rows = await db
    .select({
      item: billRunItems.item,
      totalMinor: billRunItems.totalMinor,
      document: billRunItems.document,
    })
    .from(billRunItems)
    .where(
      and(
        eq(billRunItems.run, run),
        inArray(billRunItems.kind, DOCUMENT_KINDS),
        eq(billRunItems.decision, 'include'),
      ),
    )
    .orderBy(asc(billRunItems.item));
  return sha256(canonicalJson(rows));
}

/** Two runs that are submitted at once see one another. */
async function oneSubmissionAtATime(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('bill-runs:submit', 0))`);
}

/**
 * Freezes the numbers: in_review → submitted; the maker is `actor`; answers the hash of all included items. Refused besides:
 * as {@link demandBilledOnce}, where another run bills the same.
 */
export async function submitRun(
  db: Db,
  input: { run: string; actor: Actor },
): Promise<{ shownHash: string }> {
  const { run, actor } = input;
  return db.transaction(async (tx) => {
    await oneSubmissionAtATime(tx);
    demandInReview(await runOf(tx, run, true));
    await demandBilledOnce(tx, run, null, { isFinal: true });
    const shownHash = await runHash(tx, run);
    await tx
      .update(billRuns)
      .set({ state: 'submitted', maker: actor.user, shownHash })
      .where(eq(billRuns.run, run));
    await audit(tx, { actor, action: 'bill-run.submit', subject: run, details: { shownHash } });
    return { shownHash };
  });
}

function demandSubmitted(record: BillRun): void {
  if (record.checker !== null && record.state !== 'in_review')
    throw new Refusal('already-decided', `The run ${record.run} was decided by ${record.checker}.`);
  if (record.state !== 'submitted')
    throw new Refusal(
      'run-not-submitted',
      `The run ${record.run} is ${record.state}, not submitted.`,
    );
}

/** submitted → approved. Refused: `own-run` (four eyes on), `numbers-changed`, `run-not-submitted`, `already-decided`. */
export async function approveRun(
  db: Db,
  input: { run: string; shownHash: string; actor: Actor },
): Promise<BillRun> {
  const { run, shownHash, actor } = input;
  return db.transaction(async (tx) => {
    const record = await runOf(tx, run, true);
    demandSubmitted(record);
    if (record.maker === actor.user && (await fourEyes(tx)))
      throw new Refusal(
        'own-run',
        `${actor.user} submitted this run: a second person approves it.`,
      );
    if (shownHash !== record.shownHash || shownHash !== (await runHash(tx, run)))
      throw new Refusal(
        'numbers-changed',
        'These are not the numbers that were submitted: look again.',
      );
    const rows = await tx
      .update(billRuns)
      .set({ state: 'approved', checker: actor.user })
      .where(eq(billRuns.run, run))
      .returning();
    await audit(tx, { actor, action: 'bill-run.approve', subject: run, details: { shownHash } });
    return oneRow(rows, run);
  });
}

/** submitted → in review again, with the reason. */
export async function refuseRun(
  db: Db,
  input: { run: string; reason: string; actor: Actor },
): Promise<BillRun> {
  const { run, reason, actor } = input;
  return db.transaction(async (tx) => {
    demandSubmitted(await runOf(tx, run, true));
    const rows = await tx
      .update(billRuns)
      .set({ state: 'in_review', shownHash: null, reason })
      .where(eq(billRuns.run, run))
      .returning();
    await audit(tx, { actor, action: 'bill-run.refuse', subject: run, reason });
    return oneRow(rows, run);
  });
}

/** Ends a run as refused, with the reason: whoever calls it has locked it and asked whether it may end. */
export async function endRunRefused(tx: Db, run: string, reason: string): Promise<BillRun> {
  const rows = await tx
    .update(billRuns)
    .set({ state: 'refused', reason, finishedAt: new Date() })
    .where(eq(billRuns.run, run))
    .returning();
  return oneRow(rows, run);
}

/** State changes that follow from the process; `issued` and `failed` end it, with the counts of what was done. */
export async function setRunState(
  db: Db,
  run: string,
  state: 'computing' | 'issuing' | 'issued' | 'failed',
  reason?: string,
): Promise<BillRun> {
  return db.transaction(async (tx) => {
    const progress = await runProgress(tx, run);
    const ended = state === 'issued' || state === 'failed';
    const rows = await tx
      .update(billRuns)
      .set({
        state,
        issuedCount: progress.issued,
        failedCount: progress.failed,
        ...(reason === undefined ? {} : { reason }),
        ...(ended ? { finishedAt: new Date() } : {}),
      })
      .where(eq(billRuns.run, run))
      .returning();
    return oneRow(rows, `bill run ${run}`);
  });
}

/** A document that could not be issued: parked with its cause in words; others go on. */
export async function markItemFailed(
  db: Db,
  input: { run: string; item: string; failure: string },
): Promise<void> {
  const { run, item, failure } = input;
  await db
    .update(billRunItems)
    .set({ state: 'failed', failure })
    .where(
      and(
        eq(billRunItems.run, run),
        eq(billRunItems.item, item),
        inArray(billRunItems.state, ['computed', 'failed']),
      ),
    );
}

export interface RunProgress {
  readonly state: BillRun['state'];
  /** Documents included. */
  readonly due: number;
  readonly issued: number;
  readonly failed: number;
  /** Excluded, held, set aside, carried. */
  readonly leftOut: number;
}

export async function runProgress(db: Db, run: string): Promise<RunProgress> {
  const { state } = await runOf(db, run);
  const [row] = await db
    .select({
      all: count(),
      leftOut: sql<number>`count(*) filter (where ${billRunItems.state} = 'left_out')`.mapWith(
        Number,
      ),
      issued: sql<number>`count(*) filter (where ${billRunItems.state} = 'issued')`.mapWith(Number),
      failed: sql<number>`count(*) filter (where ${billRunItems.state} = 'failed')`.mapWith(Number),
    })
    .from(billRunItems)
    .where(eq(billRunItems.run, run));
  const { all = 0, leftOut = 0, issued = 0, failed = 0 } = row ?? {};
  return { state, due: all - leftOut, issued, failed, leftOut };
}

/** Zero or carried charges of an approved run count as covered (§4): what the licenses step needs. */
export async function carriedOfRun(
  db: Db,
  run: string,
): Promise<{ contract: string | null; account: string | null; item: string }[]> {
  return db
    .select({
      contract: billRunItems.contract,
      account: billRunItems.account,
      item: billRunItems.item,
    })
    .from(billRunItems)
    .where(and(eq(billRunItems.run, run), eq(billRunItems.kind, 'carried')))
    .orderBy(asc(billRunItems.item));
}
