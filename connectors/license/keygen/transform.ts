/** Between our claims and Keygen's JSON:API, without a network. Source: connector facts, Keygen. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CivilDate } from '../../../domain/dates/dates.ts';
import type { LicenseClaims } from '../../../domain/licenses/claims.ts';
import type { LicenseAnswer } from '../port.ts';
import type { KeygenReply } from './client.ts';

const licenseDocument = z.object({
  data: z.object({
    id: z.string(),
    attributes: z.object({
      key: z.string(),
      expiry: z.string().nullable(),
      suspended: z.boolean(),
    }),
    relationships: z
      .object({ policy: z.object({ data: z.object({ id: z.string() }) }).optional() })
      .optional(),
  }),
});

export interface KeygenLicense {
  readonly id: string;
  readonly key: string;
  /** Null where the answer did not tell. */
  readonly policy: string | null;
}

const errorDocument = z.object({
  errors: z.array(
    z.object({
      title: z.string().optional(),
      detail: z.string().optional(),
      code: z.string().optional(),
      source: z.object({ pointer: z.string().optional() }).optional(),
    }),
  ),
});

export interface KeygenError {
  readonly pointer: string | null;
  readonly message: string;
}

/** Null where the text is no license document. */
export function readLicense(text: string): KeygenLicense | null {
  const parsed = licenseDocument.safeParse(json(text));
  if (!parsed.success) return null;
  const { id, attributes, relationships } = parsed.data.data;
  return { id, key: attributes.key, policy: relationships?.policy?.data.id ?? null };
}

export function readErrors(text: string): readonly KeygenError[] {
  const parsed = errorDocument.safeParse(json(text));
  if (!parsed.success) return [];
  return parsed.data.errors.map(({ title, detail, code, source }) => ({
    pointer: source?.pointer ?? null,
    message: [title, detail, code === undefined ? undefined : `(${code})`]
      .filter(Boolean)
      .join(' '),
  }));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page, say; the status decides
  }
}

/** Names every license made by Perennial (RFC 4122 version 5, a namespace of its own). */
const NAMESPACE = '6f1d6cf0-52c4-5d0c-9a55-0d2a7e1e6c1b';

/**
 * The UUID of a license's lasting name: made by us before the first attempt, so that a second
 * attempt meets the first instead of making another license.
 */
export function keygenId(license: string): string {
  const namespace = Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex');
  const hash = createHash('sha1').update(namespace).update(license, 'utf8').digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  const ends = [0, 8, 12, 16, 20, 32];
  return ends
    .slice(1)
    .map((end, index) => hex.slice(ends[index], end))
    .join('-');
}

/**
 * The last second of the last day; Keygen knows instants only, and no first day: that is kept in
 * the metadata.
 */
export function expiryOf(validThrough: CivilDate): string {
  return `${validThrough}T23:59:59Z`;
}

/** Which attribute of Keygen limits the seats of this company's software. */
export type SeatLimit = 'maxMachines' | 'maxUsers';

/** The wanted end as attributes; absolute, so that writing them twice writes the same. */
export function attributesOf(license: string, claims: LicenseClaims, seatLimit: SeatLimit) {
  const { account, product, edition, seats, validFrom, validThrough, kind, features } = claims;
  return {
    name: license,
    expiry: expiryOf(validThrough),
    [seatLimit]: seats,
    metadata: {
      account,
      product,
      edition,
      validFrom,
      validThrough,
      kind,
      ...(features === undefined ? {} : { features: features.join(' ') }),
    },
  };
}

export function createBody(
  id: string,
  policy: string,
  attributes: Readonly<Record<string, unknown>>,
) {
  const relationships = { policy: { data: { type: 'policies', id: policy } } };
  return { data: { type: 'licenses', id, attributes, relationships } };
}

/** A license that is bought again runs again, hence not suspended. */
export function changeBody(id: string, attributes: Readonly<Record<string, unknown>>) {
  return { data: { type: 'licenses', id, attributes: { ...attributes, suspended: false } } };
}

/** The answer for a reply that is no success: who acts, or ask again. */
export function failureOf(reply: KeygenReply): LicenseAnswer<never> {
  if (reply.kind === 'silent')
    return { result: 'unknown', message: reply.message, retryAfterSeconds: null };
  const { status, retryAfterSeconds } = reply;
  const said = readErrors(reply.text)
    .map((error) => error.message)
    .join('; ');
  const message = `Keygen answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 401 || status === 403)
    return { result: 'rejected', code: 'not-authorized', message };
  if (status === 404) return { result: 'rejected', code: 'not-found', message };
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    return { result: 'rejected', code: 'refused', message };
  return { result: 'unknown', message, retryAfterSeconds };
}
