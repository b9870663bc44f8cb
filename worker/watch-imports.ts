/** What an import brings gets its lifecycles without a restart: the record says when a book came in. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Db, lastImport } from '../db/index.ts';

const LOOK_EVERY_MS = 15_000;

export interface WatchOptions {
  readonly signal: AbortSignal;
  /** Begins what the facts call for; again after each import. */
  readonly begin: () => Promise<void>;
  /** A look that failed; the next one follows. */
  readonly warn: (error: unknown) => void;
  readonly everyMs?: number;
}

/** Begins once, then after every import until it is told to stop. The first begin's failure ends it; a later one is told. */
export async function beginAfterImports(
  db: Db,
  { signal, begin, warn, everyMs = LOOK_EVERY_MS }: WatchOptions,
): Promise<void> {
  let known = (await lastImport(db))?.id ?? null;
  await begin();
  while (!signal.aborted) {
    await wait(everyMs, null, { signal, ref: false }).catch(() => null);
    if (signal.aborted) return;
    try {
      const last = (await lastImport(db))?.id ?? null;
      if (last === known) continue;
      if (last !== null) await begin();
      known = last;
    } catch (error) {
      warn(error);
    }
  }
}
