/** Which days and months of the books are closed. */
import { sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { CivilDate } from '../../domain/dates/dates.ts';
import type { Closed } from '../../domain/ledger/closing.ts';
import { begun } from '../begun.ts';
import type { Db } from '../connect.ts';
import { closedDays, closedPeriods } from '../schema.ts';
import { worded } from '../worded.ts';

export interface Closings {
  readonly entity: string;
  readonly closedThrough: CivilDate | null;
  readonly months: readonly string[];
}

/** What is closed, by entity; of all entities that closed something, or of those named. */
export async function closings(db: Db, entities?: readonly string[]): Promise<Closings[]> {
  const of = (entity: PgColumn) =>
    entities === undefined
      ? undefined
      : sql`${entity} = any(${sql.placeholder('entities')}::text[])`;
  const whose = entities === undefined ? 'all' : 'some';
  const values = { entities: entities === undefined ? null : [...entities] };
  const [days, months] = await Promise.all([
    worded(
      db,
      `closed days of ${whose}`,
      (any) => any.select().from(closedDays).where(of(closedDays.entity)),
      values,
    ),
    worded(
      db,
      `closed months of ${whose}`,
      (any) => any.select().from(closedPeriods).where(of(closedPeriods.entity)),
      values,
    ),
  ]);
  const names = [...new Set([...days, ...months].map(({ entity }) => entity))].sort();
  return names.map((entity) => ({
    entity,
    closedThrough: days.find((row) => row.entity === entity)?.closedThrough ?? null,
    months: months
      .filter((row) => row.entity === entity)
      .map(({ month }) => month)
      .sort(),
  }));
}

/** What is closed of the entities that something is posted to. Holds off their closing until the transaction ends. */
export async function closedOf(tx: Db, entities: readonly string[]): Promise<Map<string, Closed>> {
  const names = [...new Set(entities)].sort();
  const held = names.map((entity) =>
    begun(tx.execute(sql`select pg_advisory_xact_lock_shared(hashtext(${`ledger:${entity}`}))`)),
  );
  // What is closed is read after its closing is held off.
  const [rows] = await Promise.all([closings(tx, names), ...held]);
  return new Map(
    rows.map(({ entity, closedThrough, months }) => [
      entity,
      { through: closedThrough, months: new Set(months) },
    ]),
  );
}

/** What is closed of each entity of the real world; those of rehearsals close nothing. */
export async function closingsOfAll(
  db: Db,
): Promise<(Closings & { readonly legalName: string | null })[]> {
  const rows = await db.execute<{ entity: string; legal_name: string | null }>(sql`
    select entity, legal_name from entities
     where import_id is null or import_id not like 'clock:%' order by entity`);
  const closed = await closings(db);
  return rows.map(({ entity, legal_name: legalName }) => {
    const own = closed.find((one) => one.entity === entity);
    return {
      entity,
      legalName,
      closedThrough: own?.closedThrough ?? null,
      months: own?.months ?? [],
    };
  });
}
