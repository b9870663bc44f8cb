/** First answers of writes that came with an Idempotency-Key. */
import type { Db } from '../connect.ts';

export type IdempotencyAnswer =
  | { readonly state: 'new' }
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly status: number; readonly body: unknown };
/** Claims a key for a request; the same key with another request is refused (`idempotency-key-reused`). */
export declare function claimIdempotencyKey(
  db: Db,
  input: { user: string; key: string; requestHash: string },
): Promise<IdempotencyAnswer>;
export declare function storeIdempotencyAnswer(
  db: Db,
  input: { user: string; key: string; status: number; body: unknown },
): Promise<void>;
/** Gives a claim up where the request failed before it had any effect, so that it can be sent again. */
export declare function releaseIdempotencyKey(
  db: Db,
  input: { user: string; key: string },
): Promise<void>;
