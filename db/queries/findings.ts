/** Findings and their lives: passes over the books, what people decide, what was found and made in a year. */
import { and, asc, desc, eq, gte, inArray, lte, max, ne, or, sql } from 'drizzle-orm';
import type { CivilDate } from '../../domain/dates/dates.ts';
import type { Finding } from '../../domain/findings/finding.ts';
import {
  accepted,
  assigned,
  type Change,
  changesOf,
  type FindingLife,
  type KnownFinding,
  type Moved,
} from '../../domain/findings/life.ts';
import type { OutsideRecords } from '../../domain/findings/outside.ts';
import { type Look, lookOver } from '../../domain/findings/pass.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import {
  findingChecks,
  findingEvents,
  findingPasses,
  findingQuestions,
  findings,
  imports,
} from '../schema.ts';
import { audit } from './audit.ts';
import { loadBook } from './book-load.ts';
import { ledgerRecords, mailBounces } from './finding-sources.ts';
import { outsideSources } from './outside-readings.ts';

type FindingRow = typeof findings.$inferSelect;
/** `told` is the finding as its rule told it last. */
export type StoredFinding = Omit<FindingRow, 'told'> & { readonly told: Finding };
export type FindingEvent = typeof findingEvents.$inferSelect;
export type FindingCheck = typeof findingChecks.$inferSelect;
export type FindingPass = typeof findingPasses.$inferSelect;
export type FindingQuestion = typeof findingQuestions.$inferSelect;
export type PassCause = FindingPass['cause'];

/** Who acts where no person does. */
const PASS: Actor = { user: 'perennial', role: 'service' };
const LOCK = 7_270_208;
const PASS_ATTEMPTS = 5;
const BATCH_ROWS = 500;

/** What people call it: F-17. */
export const findingName = (number: number): string => `F-${number}`;
/** The number in `F-17`; null where it is none. */
export function findingNumber(name: string): number | null {
  const digits = /^F-([1-9]\d{0,14})$/i.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

const stored = (row: FindingRow): StoredFinding => row as StoredFinding;

function lifeOf(row: FindingRow): FindingLife {
  const { state, owner, reason, acceptedUntil, openMinor, foundMinor } = row;
  const { recoveredMinor, preventedMinor, correctedMinor, issuedMinor, timesFound } = row;
  const gains = { recoveredMinor, preventedMinor, correctedMinor };
  return {
    ...{ state, owner, reason, acceptedUntil, openMinor, foundMinor },
    ...gains,
    issuedMinor,
    timesFound,
  };
}

// ---------------------------------------------------------------- passes

/**
 * Looks over the real world's book of one moment, and over what other systems held when they were read last
 * (outside-readings.ts), with every rule and keeps what changed. Passes never overtake one another:
 * one that a later pass has come before looks again. Whatever could not be compared is kept as not checked since then.
 */
export async function reconcile(
  db: Db,
  args: {
    readonly asOf: CivilDate;
    readonly cause: PassCause;
    /** Called between the steps of the work. */
    readonly onProgress?: (doing: string) => void;
  },
): Promise<FindingPass> {
  const { asOf, cause, onProgress = () => undefined } = args;
  const oneMoment = { isolationLevel: 'repeatable read', accessMode: 'read only' } as const;
  for (let attempt = 1; ; attempt += 1) {
    const { basis, book, sources } = await db.transaction(
      async (tx) => ({
        basis: await lastPassId(tx),
        book: await loadBook(tx, { clock: null }),
        sources: await findingSources(tx, asOf),
      }),
      oneMoment,
    );
    onProgress('the book is loaded');
    const look = lookOver(book, asOf, sources);
    onProgress('the rules have looked');
    const kept = await keepLook(db, basis, look, cause);
    if (kept !== null) return kept;
    if (attempt === PASS_ATTEMPTS)
      throw new Error('other passes over the books kept coming before this one; try it again');
  }
}

/** All that a look compares besides the book: our own record, and other systems as they were read last. */
export async function findingSources(db: Db, asOf: CivilDate): Promise<OutsideRecords> {
  return { ...(await ownRecords(db, asOf)), ...(await outsideSources(db)) };
}

/** What our own record holds besides the book: mails that came back, and the ledger. */
async function ownRecords(
  db: Db,
  asOf: CivilDate,
): Promise<Pick<OutsideRecords, 'mail' | 'ledger'>> {
  const read = { checkedOn: asOf, reason: null };
  return {
    mail: { ...read, records: { bounces: await mailBounces(db) } },
    ledger: { ...read, records: await ledgerRecords(db) },
  };
}

async function lastPassId(db: Db): Promise<number> {
  const [row] = await db.select({ last: max(findingPasses.id) }).from(findingPasses);
  return row?.last ?? 0;
}

/**
 * For what takes rows out of the book: a look that has begun sees that another came after it, and looks again at what is left.
 */
export async function outdateLooks(tx: Db): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
  await tx.execute(sql`
    insert into finding_passes (cause, as_of, seen_count, new_count, closed_count, unchecked_count)
    values ('import', current_date, 0, 0, 0, 0)`);
}

/** Null where another pass has come since `basis`. */
async function keepLook(
  db: Db,
  basis: number,
  look: Look,
  cause: PassCause,
): Promise<FindingPass | null> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    if ((await lastPassId(tx)) !== basis) return null;
    const rows = await tx
      .select()
      .from(findings)
      .where(
        or(
          ne(findings.state, 'resolved'),
          sql`${findings.key} = any(${sql.param([...look.seen.keys()])}::text[])`,
        ),
      )
      .orderBy(findings.number)
      .for('update');
    const known = rows.map(
      (row): KnownFinding => ({ key: row.key, finding: stored(row).told, life: lifeOf(row) }),
    );
    const numbers = new Map(rows.map(({ key, number }) => [key, number]));
    const changes = changesOf(known, look);
    const told = new Map(rows.map((row) => [row.key, canonicalJson(row.told)]));
    const isSame = ({ key, events, finding }: Change) =>
      events.length === 0 && finding !== null && canonicalJson(finding) === told.get(key);
    await keepSeen(tx, changes.filter(isSame), look.asOf);
    await keepChanges(
      tx,
      numbers,
      changes.filter((change) => !isSame(change)),
      look.asOf,
    );
    await keepChecks(tx, look);
    const added = await tx
      .insert(findingPasses)
      .values({
        cause,
        asOf: look.asOf,
        seenCount: look.seen.size,
        newCount: changes.filter(({ before, finding }) => isNews(before, finding)).length,
        closedCount: changes.filter(({ finding }) => finding === null).length,
        uncheckedCount: look.checks.filter(({ state }) => state !== 'checked').length,
      })
      .returning();
    return oneRow(added, 'pass over the books');
  });
}

const isNews = (before: FindingLife | null, finding: Finding | null) =>
  finding !== null && (before === null || before.state === 'resolved');

function columnsOf(change: Change, asOf: CivilDate) {
  const { finding, life } = change;
  return {
    ...life,
    ...(finding === null
      ? { resolvedOn: asOf }
      : {
          severity: finding.severity,
          account: finding.account,
          amountMinor: finding.amountMinor,
          told: finding,
          lastSeenOn: asOf,
          resolvedOn: null,
        }),
  };
}

/** What is as it was is only seen again. */
async function keepSeen(tx: Db, same: readonly Change[], asOf: CivilDate): Promise<void> {
  const keys = same.map(({ key }) => key);
  await tx
    .update(findings)
    .set({ lastSeenOn: asOf })
    .where(sql`${findings.key} = any(${sql.param(keys)}::text[])`);
}

async function keepChanges(
  tx: Db,
  numbers: Map<string, number>,
  changes: readonly Change[],
  asOf: CivilDate,
): Promise<void> {
  const begun = changes.flatMap(({ key, finding, before, life }) =>
    finding === null || before !== null
      ? []
      : [
          {
            key,
            ...life,
            rule: finding.rule,
            severity: finding.severity,
            account: finding.account,
            contract: finding.contract,
            subcontract: finding.subcontract,
            currency: finding.currency,
            amountMinor: finding.amountMinor,
            told: finding,
            firstFoundOn: asOf,
            lastSeenOn: asOf,
          },
        ],
  );
  for (let at = 0; at < begun.length; at += BATCH_ROWS) {
    const rows = await tx
      .insert(findings)
      .values(begun.slice(at, at + BATCH_ROWS))
      .returning({ key: findings.key, number: findings.number });
    for (const { key, number } of rows) numbers.set(key, number);
  }
  for (const change of changes)
    if (change.before !== null)
      await tx.update(findings).set(columnsOf(change, asOf)).where(eq(findings.key, change.key));
  await keepEvents(tx, numbers, changes, asOf);
}

async function keepEvents(
  tx: Db,
  numbers: ReadonlyMap<string, number>,
  changes: readonly Change[],
  asOf: CivilDate,
): Promise<void> {
  const rows = changes.flatMap(({ key, events }) => {
    const finding = numbers.get(key);
    if (finding === undefined) throw new Error(`finding ${key} has no number`);
    return events.map((event) => ({ ...event, finding, actor: PASS.user, happenedOn: asOf }));
  });
  for (let at = 0; at < rows.length; at += BATCH_ROWS)
    await tx.insert(findingEvents).values(rows.slice(at, at + BATCH_ROWS));
}

async function keepChecks(tx: Db, { checks }: Look): Promise<void> {
  const now = new Date();
  for (const { rule: comparison, state, checkedOn, cause } of checks) {
    const kept =
      state === 'checked'
        ? { checkedOn, checkedAt: now, failedAt: null, cause: null }
        : {
            ...{ failedAt: now, cause: cause ?? 'it was not compared' },
            // A system that was read before, though no look compared it yet.
            ...(checkedOn === null ? {} : { checkedOn }),
          };
    await tx
      .insert(findingChecks)
      .values({ comparison, ...kept })
      .onConflictDoUpdate({ target: findingChecks.comparison, set: kept });
  }
  const comparisons = checks.map(({ rule }) => rule);
  await tx
    .delete(findingChecks)
    .where(sql`${findingChecks.comparison} <> all(${sql.param(comparisons)}::text[])`);
}

/** Comparisons by name; one with a `cause` was not made in the last pass. */
export function listFindingChecks(db: Db): Promise<FindingCheck[]> {
  return db.select().from(findingChecks).orderBy(asc(findingChecks.comparison));
}

/** Whether a book came in, or was taken back, since the last look; or there was none yet. */
export async function isLookDue(db: Db): Promise<boolean> {
  const last = await lastFindingPass(db);
  if (last === null) return true;
  const [row] = await db
    .select({
      at: sql<Date | null>`max(greatest(${imports.importedAt}, ${imports.undoneAt}))`.mapWith(
        imports.importedAt,
      ),
    })
    .from(imports)
    .where(sql`${imports.id} not like 'clock:%'`);
  const at = row?.at ?? null;
  return at !== null && at > last.at;
}

export async function lastFindingPass(db: Db): Promise<FindingPass | null> {
  const [row] = await db.select().from(findingPasses).orderBy(desc(findingPasses.id)).limit(1);
  return row ?? null;
}

// ---------------------------------------------------------------- one finding

export async function getFinding(db: Db, number: number): Promise<StoredFinding | null> {
  const [row] = await db.select().from(findings).where(eq(findings.number, number));
  return row === undefined ? null : stored(row);
}

/** All that is not resolved, most money first; rehearsals have none. */
export async function openFindings(
  db: Db,
  of: { readonly contracts?: readonly string[] } = {},
): Promise<StoredFinding[]> {
  const rows = await db
    .select()
    .from(findings)
    .where(
      and(
        ne(findings.state, 'resolved'),
        of.contracts === undefined ? undefined : inArray(findings.contract, [...of.contracts]),
      ),
    )
    .orderBy(desc(findings.openMinor), asc(findings.number));
  return rows.map(stored);
}

/** In the order in which they happened. */
export function findingEventsOf(db: Db, number: number): Promise<FindingEvent[]> {
  return db
    .select()
    .from(findingEvents)
    .where(eq(findingEvents.finding, number))
    .orderBy(asc(findingEvents.id));
}

interface PersonsMove {
  readonly number: number;
  readonly on: CivilDate;
  readonly actor: Actor;
  readonly reason: string | null;
  readonly details: Record<string, unknown>;
  readonly move: (life: FindingLife) => Moved | null;
}

async function moveByPerson(db: Db, args: PersonsMove): Promise<StoredFinding> {
  const { number, on, actor, reason, details, move } = args;
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(findings).where(eq(findings.number, number)).for('update');
    const [before] = rows;
    if (before === undefined)
      throw new Refusal('not-found', `There is no finding ${findingName(number)}.`);
    const moved = move(lifeOf(before));
    if (moved === null)
      throw new Refusal(
        'already-decided',
        `${findingName(number)} is resolved; nothing is left to decide.`,
      );
    const after = await tx
      .update(findings)
      .set(moved.life)
      .where(eq(findings.number, number))
      .returning();
    for (const event of moved.events) {
      const who = { finding: number, actor: actor.user, happenedOn: on, reason, details };
      await tx.insert(findingEvents).values({ ...event, ...who });
      const subject = findingName(number);
      await audit(tx, { actor, action: `finding.${event.kind}`, subject, reason, details });
    }
    return stored(oneRow(after, findingName(number)));
  });
}

/** A person takes it on or gives it to another (`owner` is a user's id). Refused: `not-found`, `already-decided`. */
export function assignFinding(
  db: Db,
  args: { number: number; owner: string; reason: string | null; on: CivilDate; actor: Actor },
): Promise<StoredFinding> {
  const { owner } = args;
  const details = { owner };
  return moveByPerson(db, { ...args, details, move: (life) => assigned(life, owner) });
}

/** Lets it be through a day, with the reason. Refused: `not-found`, `already-decided`, `invalid-input` (a day that has passed). */
export async function acceptFinding(
  db: Db,
  args: { number: number; until: CivilDate; reason: string; on: CivilDate; actor: Actor },
): Promise<StoredFinding> {
  const { until, reason, on } = args;
  if (until < on)
    throw new Refusal('invalid-input', `${until} has passed: accept it through a later day.`);
  const details = { until };
  const move = (life: FindingLife) => accepted(life, { until, reason }, on);
  return moveByPerson(db, { ...args, details, move });
}

/** Notes what else happened to it: an action that was asked for, done or refused; a question and its answer. */
export async function noteOnFinding(
  db: Db,
  note: {
    readonly number: number;
    readonly kind: string;
    readonly actor: Actor;
    readonly on: CivilDate;
    readonly reason?: string | null;
    readonly details?: Record<string, unknown>;
  },
): Promise<void> {
  const { number, kind, actor, on, reason = null, details = {} } = note;
  await db.transaction(async (tx) => {
    const before = await getFinding(tx, number);
    if (before === null)
      throw new Refusal('not-found', `There is no finding ${findingName(number)}.`);
    const { openMinor } = before;
    const who = { actor: actor.user, happenedOn: on, reason, details };
    await tx.insert(findingEvents).values({ finding: number, kind, openMinor, ...who });
    const subject = findingName(number);
    await audit(tx, { actor, action: `finding.${kind}`, subject, reason, details });
  });
}

// ---------------------------------------------------------------- questions to account owners

/** Once a key: the same question again gives the first. */
export async function addFindingQuestion(
  db: Db,
  question: Omit<FindingQuestion, 'answer' | 'answeredAt' | 'createdAt'>,
): Promise<FindingQuestion> {
  await db.insert(findingQuestions).values(question).onConflictDoNothing();
  const found = await getFindingQuestion(db, question.question);
  if (found === null) throw new Error(`question ${question.question} was not kept`);
  return found;
}

export async function getFindingQuestion(
  db: Db,
  question: string,
): Promise<FindingQuestion | null> {
  const [row] = await db
    .select()
    .from(findingQuestions)
    .where(eq(findingQuestions.question, question));
  return row ?? null;
}

export function findingQuestionsOf(db: Db, number: number): Promise<FindingQuestion[]> {
  return db
    .select()
    .from(findingQuestions)
    .where(eq(findingQuestions.finding, number))
    .orderBy(asc(findingQuestions.createdAt));
}

/** Keeps the first answer; a second one is refused (`already-decided`). */
export async function answerFindingQuestion(
  db: Db,
  args: { readonly question: string; readonly answer: string; readonly on: CivilDate },
): Promise<FindingQuestion> {
  const { question, answer, on } = args;
  return db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(findingQuestions)
      .where(eq(findingQuestions.question, question))
      .for('update');
    const asked = oneRow(rows, `question ${question}`);
    if (asked.answer !== null)
      throw new Refusal('already-decided', 'This question was answered already.');
    const after = await tx
      .update(findingQuestions)
      .set({ answer, answeredAt: new Date() })
      .where(eq(findingQuestions.question, question))
      .returning();
    const actor = { user: asked.recipient, role: 'account-owner' };
    const note = { number: asked.finding, kind: 'answered', actor, on, reason: answer };
    await noteOnFinding(tx, { ...note, details: { question } });
    return oneRow(after, `question ${question}`);
  });
}

// ---------------------------------------------------------------- found this year

/** Money of findings in one month, under one rule and currency. Found − recovered − prevented − corrected is still open. */
export interface FoundMoney {
  readonly month: string;
  readonly rule: string;
  readonly currency: string;
  readonly findings: number;
  readonly closed: number;
  readonly foundMinor: number;
  readonly recoveredMinor: number;
  readonly preventedMinor: number;
  readonly correctedMinor: number;
}

/** What was found and made from a day through another, by the month in which it happened. */
export async function foundBetween(
  db: Db,
  range: { readonly from: CivilDate; readonly to: CivilDate },
): Promise<FoundMoney[]> {
  const month = sql<string>`to_char(${findingEvents.happenedOn}, 'YYYY-MM')`;
  const sum = (column: typeof findingEvents.recoveredMinor) =>
    sql<number>`coalesce(sum(${column}), 0)::bigint`.mapWith(Number);
  const change = sql`${findingEvents.openMinor} - coalesce(lag(${findingEvents.openMinor}) over (partition by ${findingEvents.finding} order by ${findingEvents.id}), 0)`;
  const moves = db.$with('moves').as(
    db
      .select({
        id: findingEvents.id,
        moreMinor: sql<number>`${change}`.as('more_minor'),
      })
      .from(findingEvents),
  );
  const rows = await db
    .with(moves)
    .select({
      month,
      rule: findings.rule,
      currency: sql<string>`coalesce(${findings.currency}, '')`,
      findings:
        sql<number>`count(*) filter (where ${findingEvents.kind} in ('found', 'recurred'))`.mapWith(
          Number,
        ),
      closed: sql<number>`count(*) filter (where ${findingEvents.kind} = 'closed')`.mapWith(Number),
      foundMinor: sql<number>`coalesce(sum(greatest(${moves.moreMinor}, 0)), 0)::bigint`.mapWith(
        Number,
      ),
      recoveredMinor: sum(findingEvents.recoveredMinor),
      preventedMinor: sum(findingEvents.preventedMinor),
      correctedMinor: sum(findingEvents.correctedMinor),
    })
    .from(findingEvents)
    .innerJoin(findings, eq(findings.number, findingEvents.finding))
    .innerJoin(moves, eq(moves.id, findingEvents.id))
    .where(and(gte(findingEvents.happenedOn, range.from), lte(findingEvents.happenedOn, range.to)))
    .groupBy(month, findings.rule, findings.currency)
    .orderBy(month, findings.rule);
  return rows;
}

/** Years, latest first, in which anything was found. */
export async function yearsOfFindings(db: Db): Promise<string[]> {
  const year = sql<string>`to_char(${findingEvents.happenedOn}, 'YYYY')`;
  const rows = await db.selectDistinct({ year }).from(findingEvents).orderBy(desc(year));
  return rows.map((row) => row.year);
}
