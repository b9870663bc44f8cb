/** Licenses that we issued: our keys and, in step with them, the book's `licenses` rows. */

import type { Db } from '../connect.ts';
import type { licenseKeys } from '../schema.ts';

export type LicenseKey = typeof licenseKeys.$inferSelect;
export type NewLicenseKey = Omit<LicenseKey, 'createdAt' | 'supersededBy' | 'state'>;
/**
 * Stores a license and its key, supersedes those of its subcontract that it replaces (`supersedes`), and writes the row of fact.
 * The same license again gives the first one.
 */
export declare function saveLicense(
  db: Db,
  license: NewLicenseKey,
  options?: { supersedes?: readonly string[] },
): Promise<{ license: LicenseKey; isNew: boolean }>;
export declare function getLicense(db: Db, license: string): Promise<LicenseKey | null>;
/** All of a subcontract, newest first. */
export declare function licensesOf(
  db: Db,
  of: { subcontract?: string; contract?: string; account?: string },
): Promise<LicenseKey[]>;
/** The enabled one that reaches furthest; imported rows of fact count where we issued none. */
export declare function currentLicense(
  db: Db,
  subcontract: string,
): Promise<{
  license: string;
  kind: string;
  validThrough: string | null;
  state: string;
  imported: boolean;
} | null>;
export declare function setLicenseState(
  db: Db,
  license: string,
  state: LicenseKey['state'],
): Promise<LicenseKey>;
