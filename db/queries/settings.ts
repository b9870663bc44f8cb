/** Settings of the installation. */
import { asc, eq } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import { settings } from '../schema.ts';
import { audit } from './audit.ts';

/** A setting's value, or the fallback where nobody set it. The caller names the type that it wrote. */
export async function getSetting<T>(db: Db, name: string, fallback: T): Promise<T> {
  const [row] = await db.select().from(settings).where(eq(settings.name, name));
  return row === undefined ? fallback : (row.value as T);
}

/** Four eyes: maker is not checker (billing rules §4, default on). */
export function fourEyes(db: Db): Promise<boolean> {
  return getSetting(db, 'four-eyes', true);
}

/** Changes a setting and writes it to the audit trail. */
export async function putSetting(
  db: Db,
  name: string,
  value: unknown,
  actor: Actor,
  reason: string | null = null,
): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await getSetting<unknown>(tx, name, null);
    const changed = { value, changedBy: actor.user, changedAt: new Date() };
    await tx
      .insert(settings)
      .values({ name, ...changed })
      .onConflictDoUpdate({ target: settings.name, set: changed });
    await audit(tx, {
      actor,
      action: 'setting.change',
      subject: name,
      reason,
      details: { before, after: value },
    });
  });
}

export function listSettings(
  db: Db,
): Promise<{ name: string; value: unknown; changedBy: string; changedAt: Date }[]> {
  return db.select().from(settings).orderBy(asc(settings.name));
}
