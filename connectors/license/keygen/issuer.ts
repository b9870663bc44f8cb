/**
 * Licenses at Keygen: one a subcontract, its id made by us, its expiry always written as a date and
 * never "renewed" (renewing adds a duration each time it is called). Looks before it makes, and
 * takes "already so" for success.
 */
import type {
  Enforcement,
  IssuedLicense,
  LicenseAnswer,
  LicenseIssuer,
  LicenseOrder,
} from '../port.ts';
import { callKeygen, type KeygenConnection, type KeygenReply } from './client.ts';
import {
  attributesOf,
  changeBody,
  createBody,
  expiryOf,
  failureOf,
  type KeygenLicense,
  keygenId,
  readErrors,
  readLicense,
  type SeatLimit,
} from './transform.ts';

export interface KeygenOptions extends KeygenConnection {
  /**
   * Keygen policy ids by `product/edition`; `product` serves all its editions that have none of
   * their own.
   */
  readonly policies: Readonly<Record<string, string>>;
  readonly seatLimit: SeatLimit;
  /** The present instant; a license file's life is counted from it. */
  readonly now: () => Date;
}

/** Keygen makes no file that lives shorter. */
const MIN_FILE_SECONDS = 3600;

export function createKeygenIssuer(options: KeygenOptions): LicenseIssuer {
  return {
    system: 'keygen',
    issue: (order) => issue(options, order),
    suspend: (license) => act(options, license, 'suspend'),
    reinstate: (license) => act(options, license, 'reinstate'),
    revoke: (license) => revoke(options, license),
  };
}

async function issue(
  options: KeygenOptions,
  order: LicenseOrder,
): Promise<LicenseAnswer<IssuedLicense>> {
  const { product, edition } = order.claims;
  const policy = options.policies[`${product}/${edition}`] ?? options.policies[product];
  if (policy === undefined) {
    const message = `no Keygen policy is set for ${product}/${edition}`;
    return { result: 'rejected', code: 'product-unmapped', message };
  }
  const written = await write(options, order, policy);
  if (written.result !== 'ok') return written;
  const { id, key } = written.value;
  const issued = { license: order.license, key, reference: id };
  if (order.format === 'key') return { result: 'ok', value: { ...issued, file: null } };
  const file = await checkOut(options, order, id);
  return file.result === 'ok' ? { result: 'ok', value: { ...issued, file: file.value } } : file;
}

/** Finds the license by its id first, then changes it or makes it. */
async function write(
  options: KeygenOptions,
  order: LicenseOrder,
  policy: string,
): Promise<LicenseAnswer<KeygenLicense>> {
  const id = keygenId(order.license);
  const found = licenseIn(await callKeygen(options, { method: 'GET', path: `/licenses/${id}` }));
  if (found.result === 'ok') return change(options, order, policy, found.value);
  if (found.result === 'unknown' || found.code !== 'not-found') return found;
  const attributes = attributesOf(order.license, order.claims, options.seatLimit);
  const body = createBody(id, policy, attributes);
  const reply = await callKeygen(options, { method: 'POST', path: '/licenses', body });
  if (!isTaken(reply)) return licenseIn(reply);
  // Another attempt was quicker, or an earlier one took effect without our hearing of it.
  const made = licenseIn(await callKeygen(options, { method: 'GET', path: `/licenses/${id}` }));
  return made.result === 'ok' ? change(options, order, policy, made.value) : made;
}

async function change(
  options: KeygenOptions,
  order: LicenseOrder,
  policy: string,
  found: KeygenLicense,
): Promise<LicenseAnswer<KeygenLicense>> {
  const path = `/licenses/${found.id}`;
  if (found.policy !== null && found.policy !== policy) {
    const body = { data: { type: 'policies', id: policy } };
    const moved = licenseIn(
      await callKeygen(options, { method: 'PUT', path: `${path}/policy`, body }),
    );
    if (moved.result !== 'ok') return moved;
  }
  const attributes = attributesOf(order.license, order.claims, options.seatLimit);
  const body = changeBody(found.id, attributes);
  return licenseIn(await callKeygen(options, { method: 'PATCH', path, body }));
}

/**
 * The file lives as long as the license; without this it would end after Keygen's default month.
 */
async function checkOut(
  options: KeygenOptions,
  { claims, format }: LicenseOrder,
  id: string,
): Promise<LicenseAnswer<string>> {
  const leftMs = Date.parse(expiryOf(claims.validThrough)) - options.now().getTime();
  const ttl = Math.max(MIN_FILE_SECONDS, Math.floor(leftMs / 1000));
  const encrypt = format === 'encrypted-file' ? '&encrypt=1' : '';
  const reply = await callKeygen(options, {
    method: 'GET',
    path: `/licenses/${id}/actions/check-out?ttl=${ttl}${encrypt}`,
    accept: 'application/octet-stream',
  });
  if (reply.kind === 'silent' || reply.status !== 200) return failureOf(reply);
  if (reply.text.includes('-----BEGIN LICENSE FILE-----'))
    return { result: 'ok', value: reply.text };
  return unreadable(reply);
}

async function act(
  options: KeygenOptions,
  license: string,
  action: 'suspend' | 'reinstate',
): Promise<LicenseAnswer<Enforcement>> {
  const path = `/licenses/${keygenId(license)}/actions/${action}`;
  const reply = await callKeygen(options, { method: 'POST', path });
  const done = reply.kind === 'answered' && (reply.status === 200 || isSoAlready(reply));
  return done ? enforced(license) : failureOf(reply);
}

/** Keygen deletes what it revokes; what is not there any more is revoked. */
async function revoke(
  options: KeygenOptions,
  license: string,
): Promise<LicenseAnswer<Enforcement>> {
  const path = `/licenses/${keygenId(license)}/actions/revoke`;
  const reply = await callKeygen(options, { method: 'DELETE', path });
  const gone = reply.kind === 'answered' && [200, 204, 404].includes(reply.status);
  return gone ? enforced(license) : failureOf(reply);
}

function enforced(license: string): LicenseAnswer<Enforcement> {
  return { result: 'ok', value: { license, enforcedBy: 'issuer' } };
}

function licenseIn(reply: KeygenReply): LicenseAnswer<KeygenLicense> {
  if (reply.kind === 'silent' || reply.status < 200 || reply.status > 299) return failureOf(reply);
  const license = readLicense(reply.text);
  return license === null ? unreadable(reply) : { result: 'ok', value: license };
}

/** A success without the expected content: it may have taken effect. */
function unreadable(reply: KeygenReply & { kind: 'answered' }): LicenseAnswer<never> {
  const message = `Keygen answered ${reply.status} with something other than a license`;
  return { result: 'unknown', message, retryAfterSeconds: reply.retryAfterSeconds };
}

function refusedAt(reply: KeygenReply, pointer: string): boolean {
  if (reply.kind === 'silent' || reply.status !== 422) return false;
  return readErrors(reply.text).some((error) => error.pointer === pointer);
}

function isTaken(reply: KeygenReply): boolean {
  const conflict = reply.kind === 'answered' && reply.status === 409;
  return conflict || refusedAt(reply, '/data/id');
}

function isSoAlready(reply: KeygenReply): boolean {
  return refusedAt(reply, '/data/attributes/suspended');
}
