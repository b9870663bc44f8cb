/** The selling companies as their own people set them up: who sells, by which numbers, who may approve, how one reminds. */
import { and, desc, eq, sql } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import { parseLadder } from '../../domain/dunning/ladder.ts';
import type { Db } from '../connect.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { invoices, numberSeries } from '../schema.ts';
import { audit } from './audit.ts';
import { changeFact, getFact, putFact, removeFact } from './facts.ts';
import { fiscalYearOf, formatNumber, prepareNumber } from './numbers.ts';

export type Entity = Row<'entities'>;

export interface SeriesState {
  readonly series: string;
  readonly fiscalYear: number;
  /** What the next document is called, as things stand. */
  readonly nextNumber: number;
  readonly next: string;
  readonly lastIssuedOn: string | null;
}
export interface Company {
  readonly entity: Entity;
  readonly invoices: SeriesState;
  readonly creditNotes: SeriesState;
  /** The reminder ladder's own text; null where the default holds. */
  readonly ladder: string | null;
}

const LADDER_POLICY = 'dunning';
const ladderKey = (entity: string) =>
  ({ scope: 'entity', id: entity, policy: LADDER_POLICY, validFrom: null }) as const;

/** Numbering looked at without moving it: what was prepared is taken back. */
async function seriesOf(
  db: Db,
  entity: string,
  type: 'invoice' | 'credit_note',
  today: string,
): Promise<SeriesState> {
  const seen: SeriesState[] = [];
  class LookedAt extends Error {}
  await db
    .transaction(async (tx) => {
      const { series, fiscalYearStart } = await prepareNumber(tx, {
        entity,
        type,
        issuedOn: today,
      });
      const fiscalYear = fiscalYearOf(today, fiscalYearStart);
      const rows = await tx
        .select()
        .from(numberSeries)
        .where(and(eq(numberSeries.entity, entity), eq(numberSeries.series, series)))
        .orderBy(desc(numberSeries.fiscalYear));
      const { nextNumber = 1 } = rows.find((row) => row.fiscalYear === fiscalYear) ?? {};
      const issued = rows.flatMap((row) => row.lastIssuedOn ?? []).sort();
      seen.push({
        series,
        fiscalYear,
        nextNumber,
        next: formatNumber(series, fiscalYear, nextNumber),
        lastIssuedOn: issued.at(-1) ?? null,
      });
      throw new LookedAt();
    })
    .catch((error: unknown) => {
      if (!(error instanceof LookedAt)) throw error;
    });
  const [state] = seen;
  if (state === undefined) throw new Error(`the series of ${entity} could not be looked at`);
  return state;
}

/** One company; null where there is none of that name. */
export async function getCompany(db: Db, entity: string, today: string): Promise<Company | null> {
  const row = await getFact(db, 'entities', { entity });
  if (row === null) return null;
  const policy = await getFact(db, 'policies', ladderKey(entity));
  return {
    entity: row,
    invoices: await seriesOf(db, entity, 'invoice', today),
    creditNotes: await seriesOf(db, entity, 'credit_note', today),
    ladder: policy?.value ?? null,
  };
}

/** Names of all companies of the real world, in the order they came. */
export async function companyNames(db: Db): Promise<string[]> {
  const rows = await db.execute<{ entity: string }>(sql`
    select entity from entities where import_id is null or import_id not like 'clock:%' order by ordinal`);
  return rows.map(({ entity }) => entity);
}

export interface CompanyChanges {
  readonly columns: Partial<Entity>;
  /** Invoices go on with this number: only forward. */
  readonly nextNumber?: number;
  /** Null: the default ladder; `never` sends none. */
  readonly ladder?: string | null;
}

/**
 * Changes a company with a reason, in one transaction, audited. Refused with `invalid-input`: a number that would be given
 * twice, a fiscal year that would rename one in which documents were issued, a ladder that can not be read.
 */
export async function changeCompany(
  db: Db,
  input: CompanyChanges & {
    readonly entity: string;
    readonly today: string;
    readonly actor: Actor;
    readonly reason: string;
  },
): Promise<Company> {
  const { entity, columns, nextNumber, ladder, today, actor, reason } = input;
  return db.transaction(async (tx) => {
    const before = await getCompany(tx, entity, today);
    if (before === null) throw new Refusal('not-found', `There is no company ${entity}.`);
    demandSameYear(before, columns.fiscalYearStart);
    if (Object.keys(columns).length > 0) await changeFact(tx, 'entities', { entity }, columns);
    if (nextNumber !== undefined) await moveNumber(tx, entity, nextNumber, today);
    if (ladder !== undefined) await putLadder(tx, entity, ladder);
    const after = await getCompany(tx, entity, today);
    if (after === null) throw new Error(`company ${entity} is gone after its change`);
    const details = { before: changedOf(before, after), after: changedOf(after, before) };
    await audit(tx, { actor, action: 'company.change', subject: entity, reason, details });
    return after;
  });
}

/** What differs of one state from the other; a logo by its length, since the audit trail is no gallery. */
function changedOf(one: Company, other: Company): Record<string, unknown> {
  const flat = ({ entity, invoices: series, ladder }: Company): Record<string, unknown> => ({
    ...entity,
    logo:
      entity.logo === null ? null : `${entity.logo.slice(5, 15)}, ${entity.logo.length} characters`,
    nextInvoice: series.next,
    ladder,
  });
  const theirs = flat(other);
  return Object.fromEntries(
    Object.entries(flat(one)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(theirs[name]),
    ),
  );
}

/** A fiscal year bears one name: what was issued in it must not fall into another. */
function demandSameYear({ entity, invoices: series }: Company, next: string | null | undefined) {
  const { lastIssuedOn } = series;
  if (next === undefined || lastIssuedOn === null) return;
  const before = fiscalYearOf(lastIssuedOn, entity.fiscalYearStart ?? '01-01');
  if (fiscalYearOf(lastIssuedOn, next ?? '01-01') === before) return;
  throw new Refusal(
    'invalid-input',
    `With that start of the fiscal year, documents of ${before} would belong to another year, and their numbers would be ` +
      'given again. Change it in a year in which nothing has been issued yet, or begin a new series with it.',
  );
}

async function moveNumber(
  tx: Db,
  entity: string,
  nextNumber: number,
  today: string,
): Promise<void> {
  const { series, fiscalYearStart } = await prepareNumber(tx, {
    entity,
    type: 'invoice',
    issuedOn: today,
  });
  const fiscalYear = fiscalYearOf(today, fiscalYearStart);
  const at = and(
    eq(numberSeries.entity, entity),
    eq(numberSeries.series, series),
    eq(numberSeries.fiscalYear, fiscalYear),
  );
  const [row] = await tx.select().from(numberSeries).where(at).for('update');
  const next = row?.nextNumber ?? 1;
  if (nextNumber < next)
    throw new Refusal(
      'invalid-input',
      `${formatNumber(series, fiscalYear, nextNumber)} may have been given already: numbers only go forward, the next is ` +
        `${formatNumber(series, fiscalYear, next)}.`,
    );
  if (nextNumber > next && row?.lastIssuedOn != null)
    throw new Refusal(
      'invalid-input',
      `${series} of ${fiscalYear} has begun: leaving numbers out would make a gap, which an audit asks for. The next number ` +
        'can be chosen before the first document of a year, or with a new series.',
    );
  await tx.update(numberSeries).set({ nextNumber }).where(at);
  await changeFact(tx, 'entities', { entity }, { nextNumber });
}

async function putLadder(tx: Db, entity: string, ladder: string | null): Promise<void> {
  const key = ladderKey(entity);
  if (ladder === null) {
    await removeFact(tx, 'policies', key);
    return;
  }
  if (!/^never$/i.test(ladder.trim())) parseLadder(ladder);
  await putFact(tx, 'policies', { ...key, value: ladder, custom: {} });
}

/** Contracts of a company, those with documents first: what a preview on real data is made from. */
export async function contractsOfCompany(db: Db, entity: string, most: number): Promise<string[]> {
  const rows = await db.execute<{ contract: string }>(sql`
    select c.contract from contracts c join accounts a using (account)
     where coalesce(c.entity, a.entity, (select entity from entities order by ordinal limit 1)) = ${entity}
       and c.status = 'active' and not exists (select 1 from clock_accounts k where k.account = c.account)
     order by exists (select 1 from ${invoices} i where i.contract = c.contract) desc, c.start desc, c.contract
     limit ${most}`);
  return rows.map(({ contract }) => contract);
}
