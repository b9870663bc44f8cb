/**
 * Gapless numbers `{series}-{fiscal year}-{00017}` (billing rules §4): one row an entity, series and fiscal year, locked
 * from the moment of numbering to the end of the transaction. A transaction that fails gives its number back.
 */
import { and, eq, sql } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import { later, parts } from '../../domain/dates/dates.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { invoices, numberSeries } from '../schema.ts';
import { factRows } from './facts.ts';

export interface Series {
  readonly entity: string;
  readonly series: string;
  /** `MM-DD` on which a fiscal year begins; it bears the name of the calendar year in which it does. */
  readonly fiscalYearStart: string;
}

const DEFAULT_SERIES = 'INV';

/** The fiscal year of a day: with a start on 04-01, 2027-02-10 lies in 2026. */
export function fiscalYearOf(on: string, fiscalYearStart: string): number {
  const { year } = parts(on);
  return on.slice(5) >= fiscalYearStart ? year : year - 1;
}

export function formatNumber(series: string, fiscalYear: number, number: number): string {
  return `${series}-${fiscalYear}-${String(number).padStart(5, '0')}`;
}

/** A document's number names it alone, so entities that share a series' name get their own behind it, all but the first. */
function seriesName(entities: readonly Row<'entities'>[], entity: string, credit: boolean): string {
  const nominal = (row: Row<'entities'>) => row.invoiceSeries ?? DEFAULT_SERIES;
  const own = entities.find((row) => row.entity === entity);
  const base = own === undefined ? DEFAULT_SERIES : nominal(own);
  const first = entities.find((row) => nominal(row) === base);
  const shared = first !== undefined && first.entity !== entity;
  const series = shared ? `${base}-${entity}` : base;
  if (!credit) return series;
  if (own?.invoiceSeries != null) return `${series}-CN`;
  return shared ? `CN-${entity}` : 'CN';
}

/** The next number of a series that begins here: the entity's next_number in its first year, never one that is used. */
async function firstNumber(
  tx: Db,
  series: Series,
  year: number,
  nextNumber: number | null,
): Promise<number> {
  const before = await tx
    .select({ year: numberSeries.fiscalYear })
    .from(numberSeries)
    .where(and(eq(numberSeries.entity, series.entity), eq(numberSeries.series, series.series)));
  const wanted = before.length === 0 ? (nextNumber ?? 1) : 1;
  const prefix = `${series.series}-${year}-`;
  const [used] = await tx
    .select({
      last: sql<number>`coalesce(max(substr(${invoices.invoice}, ${prefix.length + 1})::int), 0)`,
    })
    .from(invoices)
    .where(
      sql`starts_with(${invoices.invoice}, ${prefix})
        and substr(${invoices.invoice}, ${prefix.length + 1}) ~ '^[0-9]{1,8}$'`,
    );
  return Math.max(wanted, Number(used?.last ?? 0) + 1);
}

async function ensureYear(
  tx: Db,
  series: Series,
  on: string,
  nextNumber: number | null,
): Promise<void> {
  const fiscalYear = fiscalYearOf(on, series.fiscalYearStart);
  const { entity, series: name } = series;
  const rows = await tx
    .select({ year: numberSeries.fiscalYear })
    .from(numberSeries)
    .where(
      and(
        eq(numberSeries.entity, entity),
        eq(numberSeries.series, name),
        eq(numberSeries.fiscalYear, fiscalYear),
      ),
    );
  if (rows.length > 0) return;
  const first = await firstNumber(tx, series, fiscalYear, nextNumber);
  await tx
    .insert(numberSeries)
    .values({ entity, series: name, fiscalYear, nextNumber: first })
    .onConflictDoNothing();
}

/** Finds the series of a document and makes its row, without locking an existing one. */
export async function prepareNumber(
  tx: Db,
  input: { entity: string; type: 'invoice' | 'credit_note' | 'late_charge'; issuedOn: string },
): Promise<Series> {
  const entities = await factRows(tx, 'entities');
  const own = entities.find((row) => row.entity === input.entity);
  const credit = input.type === 'credit_note';
  const series: Series = {
    entity: input.entity,
    series: seriesName(entities, input.entity, credit),
    fiscalYearStart: own?.fiscalYearStart ?? '01-01',
  };
  await ensureYear(tx, series, input.issuedOn, credit ? null : (own?.nextNumber ?? null));
  return series;
}

/** The last day on which any year of the series issued. */
async function lastIssuedOn(tx: Db, { entity, series }: Series): Promise<string | null> {
  const [row] = await tx
    .select({ last: sql<string | null>`max(${numberSeries.lastIssuedOn})::text` })
    .from(numberSeries)
    .where(and(eq(numberSeries.entity, entity), eq(numberSeries.series, series)));
  return row?.last ?? null;
}

/**
 * Locks the series' year and takes its next number. The issue date never decreases within a series: an earlier one is
 * refused, or moved to the last one where `orLater` is true.
 */
export async function takeNumber(
  tx: Db,
  series: Series,
  wantedOn: string,
  orLater: boolean,
): Promise<{ number: string; issuedOn: string }> {
  const { entity, series: name, fiscalYearStart } = series;
  let issuedOn = wantedOn;
  for (;;) {
    const fiscalYear = fiscalYearOf(issuedOn, fiscalYearStart);
    const at = and(
      eq(numberSeries.entity, entity),
      eq(numberSeries.series, name),
      eq(numberSeries.fiscalYear, fiscalYear),
    );
    const locked = oneRow(
      await tx.select().from(numberSeries).where(at).for('update'),
      `number series ${name}-${fiscalYear} of ${entity}`,
    );
    const last = await lastIssuedOn(tx, series);
    if (last !== null && issuedOn < last) {
      if (!orLater)
        throw new Refusal(
          'issue-date-before-last',
          `${name} has a document of ${last}: nothing can be issued on ${issuedOn} any more.`,
          { last },
        );
      issuedOn = later(issuedOn, last);
      if (fiscalYearOf(issuedOn, fiscalYearStart) !== fiscalYear) continue;
    }
    await tx
      .update(numberSeries)
      .set({ nextNumber: locked.nextNumber + 1, lastIssuedOn: issuedOn })
      .where(at);
    return { number: formatNumber(name, fiscalYear, locked.nextNumber), issuedOn };
  }
}
