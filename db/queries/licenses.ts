/** Licenses that we issued: our keys and, in step with them, the book's `licenses` rows. */
import { and, desc, eq } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { licenseKeys } from '../schema.ts';
import { changeFact, factRows, getFact, putFact } from './facts.ts';

export type LicenseKey = typeof licenseKeys.$inferSelect;
export type NewLicenseKey = Omit<LicenseKey, 'createdAt' | 'supersededBy' | 'state'>;

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

async function supersede(db: Db, replaced: readonly string[], by: string): Promise<void> {
  for (const license of replaced) {
    await db
      .update(licenseKeys)
      .set({ state: 'superseded', supersededBy: by })
      .where(eq(licenseKeys.license, license));
    if ((await getFact(db, 'licenses', { license })) !== null)
      await changeFact(db, 'licenses', { license }, { state: 'superseded' });
  }
}

/**
 * Stores a license and its key, supersedes those that it replaces, and writes the row of fact. The same license again gives
 * the first one.
 */
export async function saveLicense(
  db: Db,
  license: NewLicenseKey,
  options: { supersedes?: readonly string[] } = {},
): Promise<{ license: LicenseKey; isNew: boolean }> {
  return db.transaction(async (tx) => {
    const [added] = await tx
      .insert(licenseKeys)
      .values({ ...license, state: 'enabled' })
      .onConflictDoNothing()
      .returning();
    if (added === undefined) {
      const first = await getLicense(tx, license.license);
      return { license: oneRow(first === null ? [] : [first], license.license), isNew: false };
    }
    await supersede(tx, options.supersedes ?? [], added.license);
    await putFact(tx, 'licenses', factOf(added));
    return { license: added, isNew: true };
  });
}

export async function getLicense(db: Db, license: string): Promise<LicenseKey | null> {
  const [row] = await db.select().from(licenseKeys).where(eq(licenseKeys.license, license));
  return row ?? null;
}

/** Newest first. */
export function licensesOf(
  db: Db,
  of: { subcontract?: string; contract?: string; account?: string },
): Promise<LicenseKey[]> {
  return db
    .select()
    .from(licenseKeys)
    .where(
      and(
        of.subcontract === undefined ? undefined : eq(licenseKeys.subcontract, of.subcontract),
        of.contract === undefined ? undefined : eq(licenseKeys.contract, of.contract),
        of.account === undefined ? undefined : eq(licenseKeys.account, of.account),
      ),
    )
    .orderBy(desc(licenseKeys.issuedOn), desc(licenseKeys.createdAt));
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

/** Sets the state of a license, ours or imported, in both places; null where it is an imported one. */
export async function setLicenseState(
  db: Db,
  license: string,
  state: LicenseKey['state'],
): Promise<LicenseKey | null> {
  return db.transaction(async (tx) => {
    const [ours] = await tx
      .update(licenseKeys)
      .set({ state })
      .where(eq(licenseKeys.license, license))
      .returning();
    if ((await getFact(tx, 'licenses', { license })) !== null)
      await changeFact(tx, 'licenses', { license }, { state });
    return ours ?? null;
  });
}
