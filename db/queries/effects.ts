/** Exactly once: external effects by business key (docs/rules design "Exactly once", connectors A0). */

import type { Db } from '../connect.ts';
import type { effects } from '../schema.ts';

export type Effect = typeof effects.$inferSelect;
export type EffectOutcome<R> =
  | { readonly state: 'ok'; readonly result: R }
  | { readonly state: 'rejected'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };
export interface EffectAttempt {
  /** 1 the first time; on any later one, and after `unknown`, look up by natural key before creating. */
  readonly attempt: number;
  readonly firstAttemptAt: Date;
  readonly previousState: Effect['state'] | null;
}
/** SHA-256 (hex) of canonical JSON: keys sorted, no spaces. */
export declare function hashOf(input: unknown): string;
/**
 * Runs an external effect at most once to its end: a finished key gives its stored result without running; the same key with
 * another input is refused (`effect-input-changed`). A throw, like `unknown`, leaves it to be looked up on the next attempt.
 */
export declare function withEffect<R>(
  db: Db,
  effect: { key: string; system: string; inputHash: string },
  run: (attempt: EffectAttempt) => Promise<EffectOutcome<R>>,
): Promise<EffectOutcome<R> & { readonly repeated: boolean }>;
export declare function getEffect(db: Db, key: string): Promise<Effect | null>;
/** Effects whose outcome nobody knows yet. */
export declare function unknownEffects(db: Db): Promise<Effect[]>;
