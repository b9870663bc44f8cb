/**
 * What a license says (billing rules §8): whose it is, for what, for how many, from when through
 * when. The claims are the signed content of a key and of a license file alike.
 */
import { type CivilDate, isCivilDate } from '../dates/dates.ts';

export const LICENSE_KINDS = ['full', 'temporary', 'evaluation'] as const;
/**
 * full: to the end of the paid period; temporary: while billing is delayed; evaluation: before any
 * contract.
 */
export type LicenseKind = (typeof LICENSE_KINDS)[number];

export interface LicenseClaims {
  readonly account: string;
  readonly product: string;
  readonly edition: string;
  /** A whole number, at least one. */
  readonly seats: number;
  /** The first day. */
  readonly validFrom: CivilDate;
  /** The last day, inclusive. */
  readonly validThrough: CivilDate;
  readonly kind: LicenseKind;
  /** What beyond the edition is switched on; absent where there is nothing. */
  readonly features?: readonly string[];
  /** The covered asset it is for; two subcontracts of one product never share a key. */
  readonly subcontract?: string;
  /** From 2 on: an earlier key of it leaked and was revoked, so this one must differ from it. */
  readonly issue?: number;
}

/** One thing that is wrong with claims: which one, and what would be accepted. */
export interface ClaimProblem {
  readonly claim: string;
  readonly message: string;
}

export type ClaimsReading =
  | { readonly ok: true; readonly claims: LicenseClaims }
  | { readonly ok: false; readonly problems: readonly ClaimProblem[] };

const MAX_TEXT_LENGTH = 200;
const MAX_FEATURES = 100;
/** Seats travel to software that may hold them in 32 bits. */
const MAX_SEATS = 2_147_483_647;

/**
 * Reads claims from untrusted data, as an issuer before signing and a verifier after checking the
 * signature. Unknown members are left out; every problem is named, not the first only.
 */
export function readClaims(value: unknown): ClaimsReading {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, problems: [{ claim: 'claims', message: 'must be an object' }] };
  const given: Readonly<Record<string, unknown>> = { ...value };
  const problems = [
    ...(['account', 'product', 'edition'] as const).flatMap((name) => textProblem(given, name)),
    ...seatsProblem(given.seats),
    ...dateProblems(given.validFrom, given.validThrough),
    ...kindProblem(given.kind),
    ...featuresProblem(given.features),
    ...(given.subcontract === undefined ? [] : textProblem(given, 'subcontract')),
    ...issueProblem(given.issue),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const claims: LicenseClaims = {
    account: given.account as string,
    product: given.product as string,
    edition: given.edition as string,
    seats: given.seats as number,
    validFrom: given.validFrom as CivilDate,
    validThrough: given.validThrough as CivilDate,
    kind: given.kind as LicenseKind,
  };
  return { ok: true, claims: { ...claims, ...optionalClaims(given) } };
}

function optionalClaims(given: Readonly<Record<string, unknown>>): Partial<LicenseClaims> {
  const features = given.features as readonly string[] | undefined;
  const subcontract = given.subcontract as string | undefined;
  const issue = given.issue as number | undefined;
  return {
    ...(features === undefined || features.length === 0 ? {} : { features }),
    ...(subcontract === undefined ? {} : { subcontract }),
    ...(issue === undefined ? {} : { issue }),
  };
}

/**
 * The one text of given claims: fixed order, no spaces, features sorted and once each. The same
 * claims always give the same bytes, so signing them again gives the same key.
 */
export function canonicalClaims(claims: LicenseClaims): string {
  const { account, product, edition, seats, validFrom, validThrough, kind } = claims;
  const { subcontract, issue } = claims;
  const given = claims.features ?? [];
  const features = given.length === 0 ? undefined : [...new Set(given)].sort();
  const core = { account, product, edition, seats, validFrom, validThrough, kind };
  // What is undefined is left out.
  return JSON.stringify({ ...core, features, subcontract, issue });
}

export type Validity = 'valid' | 'expired' | 'not-yet-valid';

/** Whether claims hold on a day; the first and the last day are within. */
export function validityOn(claims: LicenseClaims, on: CivilDate): Validity {
  if (on < claims.validFrom) return 'not-yet-valid';
  return on > claims.validThrough ? 'expired' : 'valid';
}

function textProblem(given: Readonly<Record<string, unknown>>, claim: string): ClaimProblem[] {
  const value = given[claim];
  const fits =
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.trim() === value &&
    value.length <= MAX_TEXT_LENGTH &&
    !/\p{Cc}/u.test(value);
  if (fits) return [];
  const message = `must be a text of 1 to ${MAX_TEXT_LENGTH} characters on one line, without spaces around it`;
  return [{ claim, message }];
}

function seatsProblem(seats: unknown): ClaimProblem[] {
  if (typeof seats === 'number' && Number.isInteger(seats) && seats >= 1 && seats <= MAX_SEATS)
    return [];
  return [{ claim: 'seats', message: `must be a whole number from 1 to ${MAX_SEATS}` }];
}

function dateProblems(from: unknown, through: unknown): ClaimProblem[] {
  const isDate = (value: unknown) => typeof value === 'string' && isCivilDate(value);
  const problems: ClaimProblem[] = [];
  const message = 'must be a date of the calendar, YYYY-MM-DD';
  if (!isDate(from)) problems.push({ claim: 'validFrom', message });
  if (!isDate(through)) problems.push({ claim: 'validThrough', message });
  if (problems.length === 0 && (from as string) > (through as string))
    problems.push({ claim: 'validThrough', message: 'must not be before validFrom' });
  return problems;
}

function kindProblem(kind: unknown): ClaimProblem[] {
  if (LICENSE_KINDS.some((known) => known === kind)) return [];
  return [{ claim: 'kind', message: `must be one of ${LICENSE_KINDS.join(', ')}` }];
}

function issueProblem(issue: unknown): ClaimProblem[] {
  if (issue === undefined) return [];
  if (typeof issue === 'number' && Number.isInteger(issue) && issue >= 2 && issue <= MAX_SEATS)
    return [];
  return [{ claim: 'issue', message: 'must be a whole number from 2, or absent' }];
}

/** What a text of names says: `drafting, simulation` of a product's or subcontract's own column. */
export function featureNames(text: string | null | undefined): string[] {
  return [...new Set((text ?? '').split(/[\s,;]+/).filter((name) => name !== ''))].sort();
}

function featuresProblem(features: unknown): ClaimProblem[] {
  if (features === undefined) return [];
  const fits =
    Array.isArray(features) &&
    features.length <= MAX_FEATURES &&
    features.every((name) => typeof name === 'string' && /^[\w.:-]{1,100}$/.test(name));
  if (fits) return [];
  const message = `must be up to ${MAX_FEATURES} names of letters, digits and . : _ -`;
  return [{ claim: 'features', message }];
}
