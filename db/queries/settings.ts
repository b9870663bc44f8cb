/** Settings of the installation. */
import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';

/** Four eyes: maker is not checker (billing rules §4, default on). */
export declare function fourEyes(db: Db): Promise<boolean>;
export declare function getSetting<T>(db: Db, name: string, fallback: T): Promise<T>;
/** Changes a setting and writes it to the audit trail. */
export declare function putSetting(
  db: Db,
  name: string,
  value: unknown,
  actor: Actor,
  reason?: string | null,
): Promise<void>;
export declare function listSettings(
  db: Db,
): Promise<{ name: string; value: unknown; changedBy: string; changedAt: Date }[]>;
