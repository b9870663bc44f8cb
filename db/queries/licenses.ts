/** Licenses that we issued: our keys and, in step with them, the book's `licenses` rows. */
import { and, asc, desc, eq, inArray, isNull, notLike, or, sql } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import { endingOf } from '../../domain/licenses/chain.ts';
import type { Db } from '../connect.ts';
import { insertRows } from '../insert-rows.ts';
import { oneRow } from '../one-row.ts';
import { licenseKeys, licenseTransitions } from '../schema.ts';
import { worded } from '../worded.ts';
import { inWorld } from './contracts.ts';
import { changeFact, factRows, getFact, putFacts } from './facts.ts';

export type LicenseKey = typeof licenseKeys.$inferSelect;
export type NewLicenseKey = Omit<
  LicenseKey,
  'createdAt' | 'supersededBy' | 'state' | 'mail' | 'features' | 'issueNumber'
> &
  Partial<Pick<LicenseKey, 'features' | 'issueNumber'>>;
export type LicenseTransition = typeof licenseTransitions.$inferSelect;

/** Why a license changes, who did it, and on which day. */
export interface TransitionCause {
  readonly cause: string;
  /** A user id; `perennial` (the default) where a rule did it by itself. */
  readonly actor?: string;
  readonly on: string;
  readonly note?: string | null;
  /** What takes the place of a revoked license. */
  readonly replacedBy?: string;
}

const BY_ITSELF = 'perennial';

/** Licenses that one step made have one moment. */
const NEWEST_FIRST = [
  desc(licenseKeys.issuedOn),
  desc(licenseKeys.createdAt),
  asc(licenseKeys.license),
];

/** The row of fact; the key itself stays in `license_keys`, where it is sealed. */
function factOf(license: LicenseKey): Row<'licenses'> {
  return {
    license: license.license,
    account: license.account,
    subcontract: license.subcontract,
    sku: license.sku,
    seats: String(license.seats),
    validFrom: license.validFrom,
    validThrough: license.validThrough,
    kind: license.kind,
    state: license.state,
    key: null,
    custom: {},
  };
}

type NewTransition = Pick<LicenseTransition, 'license' | 'action' | 'state'> & {
  readonly replacedBy?: string;
};

function transition(
  what: NewTransition,
  { cause, actor = BY_ITSELF, on, note = null, replacedBy }: TransitionCause,
): typeof licenseTransitions.$inferInsert {
  return { cause, actor, happenedOn: on, note, ...(replacedBy && { replacedBy }), ...what };
}

async function note(db: Db, what: NewTransition, why: TransitionCause): Promise<void> {
  await db.insert(licenseTransitions).values(transition(what, why));
}

/** A license to store, and what its storing means for others. */
export interface IssuedKey {
  readonly license: NewLicenseKey;
  /** Licenses that it takes the place of, ours or imported. */
  readonly supersedes: readonly string[];
  /** A user id; `perennial` (the default) where a rule did it by itself. */
  readonly actor?: string;
  readonly note?: string | null;
}

const whyOf = ({ license, actor = BY_ITSELF, note: words = null }: IssuedKey): TransitionCause => ({
  cause: license.cause,
  actor,
  on: license.issuedOn,
  note: words,
});

async function supersede(tx: Db, issued: readonly IssuedKey[]): Promise<void> {
  const by = new Map(
    issued.flatMap((one) => one.supersedes.map((replaced) => [replaced, one] as const)),
  );
  if (by.size === 0) return;
  const replaced = [...by.keys()];
  const successors = [...by.values()].map(({ license }) => license.license);
  const changed = await tx.execute<{ license: string }>(sql`
    update license_keys k set state = 'superseded', superseded_by = s.successor
      from unnest(${sql.param(replaced)}::text[], ${sql.param(successors)}::text[])
        as s (license, successor)
     where k.license = s.license
    returning k.license`);
  const notes = changed.flatMap(({ license }) => {
    const one = by.get(license);
    if (one === undefined) return [];
    const replacedBy = one.license.license;
    return transition(
      { license, action: 'supersede', state: 'superseded', replacedBy },
      whyOf(one),
    );
  });
  await Promise.all([
    insertRows(tx, licenseTransitions, notes),
    tx.execute(sql`
      update licenses set state = 'superseded' where license = any(${sql.param(replaced)}::text[])`),
  ]);
}

/** A row has 18 values, and a statement takes 65,535. */
const BATCH_KEYS = 1000;

/**
 * Stores licenses and their keys, supersedes those that they replace, and writes the rows of fact and the transitions: all of it
 * or nothing, in a few statements however many they are. One that is stored already is left as it is.
 * @returns those that are new
 */
export async function saveLicenses(db: Db, issued: readonly IssuedKey[]): Promise<LicenseKey[]> {
  if (issued.length === 0) return [];
  return db.transaction(async (tx) => {
    const all: LicenseKey[] = [];
    for (let start = 0; start < issued.length; start += BATCH_KEYS) {
      const batch = issued.slice(start, start + BATCH_KEYS);
      const added = await tx
        .insert(licenseKeys)
        .values(batch.map(({ license }) => ({ ...license, state: 'enabled' as const })))
        .onConflictDoNothing()
        .returning();
      const names = new Set(added.map(({ license }) => license));
      const fresh = batch.filter(({ license }) => names.has(license.license));
      const notes = fresh.map((one) => {
        const { license } = one.license;
        return transition({ license, action: 'issue', state: 'enabled' }, whyOf(one));
      });
      await Promise.all([
        insertRows(tx, licenseTransitions, notes),
        supersede(tx, fresh),
        putFacts(tx, 'licenses', added.map(factOf)),
      ]);
      all.push(...added);
    }
    return all;
  });
}

/** Stores one license, as {@link saveLicenses} does. The same license again gives the first one. */
export async function saveLicense(
  db: Db,
  license: NewLicenseKey,
  options: { supersedes?: readonly string[]; actor?: string; note?: string | null } = {},
): Promise<{ license: LicenseKey; isNew: boolean }> {
  const [added] = await saveLicenses(db, [{ supersedes: [], ...options, license }]);
  const first = added ?? (await getLicense(db, license.license));
  return {
    license: oneRow(first === null ? [] : [first], license.license),
    isNew: added !== undefined,
  };
}

/** Its transitions, oldest first. */
export function licenseTransitionsOf(db: Db, license: string): Promise<LicenseTransition[]> {
  return db
    .select()
    .from(licenseTransitions)
    .where(eq(licenseTransitions.license, license))
    .orderBy(asc(licenseTransitions.id));
}

/** The license that a key stands for: equal claims have an equal fingerprint, so the newest enabled one of several. */
export async function licenseByFingerprint(
  db: Db,
  fingerprint: string,
): Promise<LicenseKey | null> {
  const rows = await db
    .select()
    .from(licenseKeys)
    .where(eq(licenseKeys.fingerprint, fingerprint))
    .orderBy(desc(licenseKeys.createdAt));
  return rows.find(({ state }) => state === 'enabled') ?? rows[0] ?? null;
}

/** What a revocation list is made of: a key that was switched off although its dates still run. */
export interface SwitchedOff {
  readonly fingerprint: string;
  readonly state: 'suspended' | 'revoked';
  /** The first day without the right. */
  readonly on: string;
}

/**
 * Keys that say more than is owed: suspended, revoked, and those whose replacement is, or ends earlier (a returned payment, a
 * termination). A key that an enabled license bears too is never among them. Of those over by `today` nothing is told.
 */
export async function licensesSwitchedOff(db: Db, today: string): Promise<SwitchedOff[]> {
  const rows = await db
    .select()
    .from(licenseKeys)
    .where(inWorld(db, licenseKeys.account, null));
  const byNumber = new Map(rows.map((row) => [row.license, row]));
  const enabled = rows.filter(({ state }) => state === 'enabled');
  const stillGood = new Set(enabled.map(({ fingerprint }) => fingerprint));
  const entries = new Map<string, SwitchedOff>();
  for (const row of rows) {
    const { fingerprint } = row;
    if (row.state === 'enabled' || row.validThrough < today) continue;
    if (stillGood.has(fingerprint) || entries.has(fingerprint)) continue;
    const ending = endingOf(row, (license) => byNumber.get(license));
    if (ending === null) continue;
    const on = await lastChange(db, byNumber.get(ending.by) ?? row);
    entries.set(fingerprint, { fingerprint, state: ending.state, on });
  }
  return [...entries.values()];
}

async function lastChange(db: Db, row: LicenseKey): Promise<string> {
  return (await licenseTransitionsOf(db, row.license)).at(-1)?.happenedOn ?? row.issuedOn;
}

/** Since when a license no longer counts, and how; null while it does, or what replaced it reaches as far. */
export async function switchedOff(
  db: Db,
  row: LicenseKey,
): Promise<Pick<SwitchedOff, 'state' | 'on'> | null> {
  if (row.state === 'enabled') return null;
  const chain = new Map([[row.license, row]]);
  for (let next = row.supersededBy; next !== null && !chain.has(next); ) {
    const found = await getLicense(db, next);
    if (found === null) break;
    chain.set(next, found);
    next = found.supersededBy;
  }
  const ending = endingOf(row, (license) => chain.get(license));
  if (ending === null) return null;
  return { state: ending.state, on: await lastChange(db, chain.get(ending.by) ?? row) };
}

/** Keys from before they were sealed. The worker asks once, at its start. */
export function plainKeys(db: Db): Promise<{ license: string; key: string }[]> {
  return db
    .select({ license: licenseKeys.license, key: licenseKeys.key })
    .from(licenseKeys)
    .where(notLike(licenseKeys.key, 'sealed:%'));
}

export async function replaceStoredKey(
  db: Db,
  license: string,
  stored: Pick<LicenseKey, 'key'> & Partial<Pick<LicenseKey, 'fingerprint' | 'keyEnd'>>,
): Promise<void> {
  await db.update(licenseKeys).set(stored).where(eq(licenseKeys.license, license));
}

export async function getLicense(db: Db, license: string): Promise<LicenseKey | null> {
  const [row] = await db.select().from(licenseKeys).where(eq(licenseKeys.license, license));
  return row ?? null;
}

/** Newest first; those of one moment by their names. */
export function licensesOf(
  db: Db,
  of: { subcontract?: string; contract?: string; account?: string },
): Promise<LicenseKey[]> {
  const names = (['subcontract', 'contract', 'account'] as const).filter(
    (name) => of[name] !== undefined,
  );
  return worded(
    db,
    `licenses of ${names.join(' ')}`,
    (any) =>
      any
        .select()
        .from(licenseKeys)
        .where(and(...names.map((name) => eq(licenseKeys[name], sql.placeholder(name)))))
        .orderBy(...NEWEST_FIRST),
    of,
  );
}

/** A license that an import brought: somebody else issued it, and its key is not ours to show. */
export interface ImportedLicense {
  readonly license: string;
  readonly account: string;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly sku: string | null;
  readonly seats: string | null;
  readonly kind: LicenseKey['kind'];
  readonly state: LicenseKey['state'];
  readonly validFrom: string | null;
  readonly validThrough: string | null;
}

/** Licenses of a customer or of a contract that were issued elsewhere; the latest first. */
export async function importedLicensesOf(
  db: Db,
  of: { contract: string } | { account: string },
): Promise<ImportedLicense[]> {
  const whose =
    'contract' in of ? sql`s.contract = ${of.contract}` : sql`l.account = ${of.account}`;
  const rows = await db.execute<ImportedLicense & Record<string, unknown>>(sql`
    select l.license, l.account, s.contract, l.subcontract, l.sku, l.seats::text as seats,
           coalesce(l.kind, 'full') as kind, coalesce(l.state, 'enabled') as state,
           l.valid_from::text as "validFrom", l.valid_through::text as "validThrough"
      from licenses l left join subcontracts s using (subcontract)
     where ${whose} and not exists (select 1 from license_keys k where k.license = l.license)
     order by l.valid_from desc nulls last, l.license desc`);
  return [...rows];
}

/** Of some subcontracts, whichever contract they were issued under; newest first, those of one moment by their names. */
export function licensesOfSubcontracts(
  db: Db,
  subcontracts: readonly string[],
): Promise<LicenseKey[]> {
  return worded(
    db,
    'licenses of subcontracts',
    (any) =>
      any
        .select()
        .from(licenseKeys)
        .where(sql`${licenseKeys.subcontract} = any(${sql.placeholder('subcontracts')}::text[])`)
        .orderBy(...NEWEST_FIRST),
    { subcontracts: [...subcontracts] },
  );
}

/**
 * Puts licenses on a mail: those that no other mail carries yet, or carries this one already, so that each key goes out in
 * one mail whichever contract's comes first, and an attempt that is made again sends the same.
 * @param again also those that another mail has carried (a customer has lost their key)
 */
export async function putOnMail(
  db: Db,
  licenses: readonly string[],
  mail: string,
  again: boolean,
): Promise<LicenseKey[]> {
  const free = or(isNull(licenseKeys.mail), eq(licenseKeys.mail, mail));
  const rows = await db
    .update(licenseKeys)
    .set({ mail })
    .where(and(inArray(licenseKeys.license, [...licenses]), again ? undefined : free))
    .returning();
  return rows.sort((a, b) => (a.license < b.license ? -1 : 1));
}

/** Licenses that were issued because of some of these causes and that no mail has carried yet. */
export function unsentLicenses(db: Db, causes: readonly string[]): Promise<LicenseKey[]> {
  return db
    .select()
    .from(licenseKeys)
    .where(
      and(
        inArray(licenseKeys.cause, [...causes]),
        eq(licenseKeys.state, 'enabled'),
        isNull(licenseKeys.mail),
      ),
    );
}

export interface CurrentLicense {
  readonly license: string;
  readonly kind: 'full' | 'temporary' | 'evaluation' | null;
  readonly validThrough: string | null;
  readonly state: LicenseKey['state'];
  /** It came with a book: we hold no key of it. */
  readonly imported: boolean;
}

/** The enabled one that reaches furthest; imported rows of fact count beside ours. Null where there is none. */
export async function currentLicense(db: Db, subcontract: string): Promise<CurrentLicense | null> {
  const rows = await factRows(db, 'licenses', { subcontract: [subcontract] });
  const enabled = rows.filter(({ state }) => state === 'enabled');
  const [best] = enabled.sort((a, b) =>
    (a.validThrough ?? '9999-12-31') > (b.validThrough ?? '9999-12-31') ? -1 : 1,
  );
  if (best === undefined) return null;
  const ours = await getLicense(db, best.license);
  const { license, kind, validThrough, state } = best;
  return { license, kind, validThrough, state, imported: ours === null };
}

const ACTIONS = {
  enabled: 'reinstate',
  suspended: 'suspend',
  superseded: 'supersede',
  revoked: 'revoke',
} as const;

/**
 * Sets the state of a license, ours or imported, in both places, and notes why; null where it is an imported one. The state
 * that it has already is left, so that a step that is tried again writes one line.
 */
export async function setLicenseState(
  db: Db,
  license: string,
  state: LicenseKey['state'],
  why: TransitionCause,
): Promise<LicenseKey | null> {
  return db.transaction(async (tx) => {
    const before = await getLicense(tx, license);
    const [ours] = await tx
      .update(licenseKeys)
      .set({ state, ...(why.replacedBy && { supersededBy: why.replacedBy }) })
      .where(eq(licenseKeys.license, license))
      .returning();
    if (before !== null && before.state !== state)
      await note(tx, { license, action: ACTIONS[state], state }, why);
    if ((await getFact(tx, 'licenses', { license })) !== null)
      await changeFact(tx, 'licenses', { license }, { state });
    return ours ?? null;
  });
}
