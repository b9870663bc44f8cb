/** First answers of writes that came with an Idempotency-Key. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { idempotencyKeys } from '../schema.ts';

export type IdempotencyAnswer =
  | { readonly state: 'new' }
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly status: number; readonly body: unknown };

const of = ({ user, key }: { user: string; key: string }) =>
  and(eq(idempotencyKeys.user, user), eq(idempotencyKeys.key, key));

/** Claims a key for a request; the same key with another request is refused (`idempotency-key-reused`). */
export async function claimIdempotencyKey(
  db: Db,
  input: { user: string; key: string; requestHash: string },
): Promise<IdempotencyAnswer> {
  const claimed = await db.insert(idempotencyKeys).values(input).onConflictDoNothing().returning();
  if (claimed.length > 0) return { state: 'new' };
  const rows = await db.select().from(idempotencyKeys).where(of(input));
  const first = oneRow(rows, `idempotency key ${input.key}`);
  if (first.requestHash !== input.requestHash)
    throw new Refusal(
      'idempotency-key-reused',
      `Idempotency-Key ${input.key} was used for another request; take a new key.`,
    );
  if (first.status === null) return { state: 'running' };
  return { state: 'done', status: first.status, body: first.body };
}

export async function storeIdempotencyAnswer(
  db: Db,
  input: { user: string; key: string; status: number; body: unknown },
): Promise<void> {
  const { status, body } = input;
  await db.update(idempotencyKeys).set({ status, body }).where(of(input));
}

/** Gives a claim up where the request failed before it had any effect, so that it can be sent again. */
export async function releaseIdempotencyKey(
  db: Db,
  input: { user: string; key: string },
): Promise<void> {
  await db.delete(idempotencyKeys).where(and(of(input), isNull(idempotencyKeys.status)));
}
