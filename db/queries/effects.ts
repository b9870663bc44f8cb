/** Exactly once: external effects by business key, each with a hash of its input. */
import { asc, eq, sql } from 'drizzle-orm';
import { canonicalJson, sha256 } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { effects } from '../schema.ts';

export type Effect = typeof effects.$inferSelect;
/** The three answers of an outside system; a time-out is `unknown`. */
export type EffectOutcome<R> =
  | { readonly state: 'ok'; readonly result: R }
  | { readonly state: 'rejected'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };
export interface EffectAttempt {
  /** 1 the first time; on any later one look up by natural key before creating. */
  readonly attempt: number;
  readonly firstAttemptAt: Date;
  /** How the attempt before ended; `pending` where it never came back. Null on the first. */
  readonly previousState: Effect['state'] | null;
}

/** SHA-256 (hex) of canonical JSON: keys sorted, no spaces. */
export function hashOf(input: unknown): string {
  return sha256(canonicalJson(input));
}

interface EffectId {
  readonly key: string;
  readonly system: string;
  readonly inputHash: string;
}

async function beginAttempt(db: Db, effect: EffectId): Promise<{ before: Effect; now: Effect }> {
  const [first] = await db
    .insert(effects)
    .values({ ...effect, state: 'pending', attempts: 1 })
    .onConflictDoNothing()
    .returning();
  if (first !== undefined) return { before: first, now: first };
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(effects).where(eq(effects.key, effect.key)).for('update');
    const before = oneRow(rows, `effect ${effect.key}`);
    if (before.inputHash !== effect.inputHash || before.system !== effect.system)
      throw new Refusal(
        'effect-input-changed',
        `${effect.key} was begun with another input: the same key means the same effect.`,
        { key: effect.key, system: effect.system },
      );
    if (before.state === 'ok') return { before, now: before };
    const updated = await tx
      .update(effects)
      .set({ state: 'pending', attempts: sql`${effects.attempts} + 1` })
      .where(eq(effects.key, effect.key))
      .returning();
    return { before, now: oneRow(updated, `effect ${effect.key}`) };
  });
}

/**
 * Runs an external effect at most once to its end: a key that is done gives its stored result without running again; the
 * same key with another input is refused (`effect-input-changed`). What was rejected may be tried again, once what it was
 * rejected for is corrected. Where `run` throws, the effect stays pending and the next attempt has to look it up.
 */
export async function withEffect<R>(
  db: Db,
  effect: EffectId,
  run: (attempt: EffectAttempt) => Promise<EffectOutcome<R>>,
): Promise<EffectOutcome<R> & { readonly repeated: boolean }> {
  const { before, now } = await beginAttempt(db, effect);
  if (before.state === 'ok') return { state: 'ok', result: before.result as R, repeated: true };
  const outcome = await run({
    attempt: now.attempts,
    firstAttemptAt: now.firstAttemptAt,
    previousState: now.attempts === 1 ? null : before.state,
  });
  const result = outcome.state === 'ok' ? (outcome.result ?? null) : { reason: outcome.reason };
  await db
    .update(effects)
    .set({ state: outcome.state, result, finishedAt: new Date() })
    .where(eq(effects.key, effect.key));
  return { ...outcome, repeated: false };
}

export async function getEffect(db: Db, key: string): Promise<Effect | null> {
  const [row] = await db.select().from(effects).where(eq(effects.key, key));
  return row ?? null;
}

/** Effects whose outcome nobody knows yet. */
export function unknownEffects(db: Db): Promise<Effect[]> {
  return db
    .select()
    .from(effects)
    .where(eq(effects.state, 'unknown'))
    .orderBy(asc(effects.firstAttemptAt));
}
