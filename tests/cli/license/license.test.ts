import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import { signingRevocations } from '../../../connectors/license/own/revocations.ts';
import { signedNear } from '../../../connectors/license/own/signing.ts';
import { readPrivateKey } from '../../../connectors/license/own/signing-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-license-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  const code = await main(['license', ...argv], {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    env: { INIT_CWD: folder },
    workingDirectory: '/',
  });
  return { code, stdout, stderr };
}

const ORDER = {
  account: 'ACME',
  product: 'CAD',
  edition: 'Professional',
  seats: '25',
  from: '2026-01-01',
  through: '2026-12-31',
  kind: 'full',
  'private-key': 'keys/private.pem',
};
const options = (order: Readonly<Record<string, string>>) =>
  Object.entries(order).flatMap(([name, value]) => [`--${name}`, value]);
const issue = (format: string, more: Readonly<Record<string, string>> = {}) =>
  run('issue', ...options({ ...ORDER, format, ...more }), '--json');
const verify = async (given: string, ...more: string[]) => {
  const ran = await run(
    'verify',
    given,
    '--public-key',
    'keys/public.pem',
    '--on',
    '2026-06-15',
    '--json',
    ...more,
  );
  return { ...ran, answer: ran.stdout === '' ? null : JSON.parse(ran.stdout) };
};

beforeAll(async () => {
  expect((await run('keygen', '--out', 'keys')).code).toBe(0);
});

describe('license keygen', () => {
  it('writes PKCS 8 for the owner only, SPKI for everybody', () => {
    const secret = join(folder, 'keys/private.pem');
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(readFileSync(secret, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(readFileSync(join(folder, 'keys/public.pem'), 'utf8')).toMatch(
      /^-----BEGIN PUBLIC KEY-----\n/,
    );
  });

  it('never replaces a pair, not even with --yes', async () => {
    const before = readFileSync(join(folder, 'keys/private.pem'), 'utf8');
    const again = await run('keygen', '--out', 'keys', '--yes');
    expect(again).toMatchObject({ code: 4, stdout: '' });
    expect(again.stderr).toContain('exists');
    expect(readFileSync(join(folder, 'keys/private.pem'), 'utf8')).toBe(before);
  });

  it('writes nothing with --dry-run, and refuses a folder that is a file', async () => {
    expect((await run('keygen', '--out', 'dry', '--dry-run')).code).toBe(0);
    expect(() => statSync(join(folder, 'dry'))).toThrow();
    writeFileSync(join(folder, 'plain'), '');
    expect((await run('keygen', '--out', 'plain')).code).toBe(2);
  });
});

describe('license issue and verify', () => {
  it('a key goes through, given itself or in a file', async () => {
    const { code, stdout, stderr } = await issue('key');
    expect([code, stderr]).toEqual([0, '']);
    const { key, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({});
    const claims = {
      account: 'ACME',
      product: 'CAD',
      edition: 'Professional',
      seats: 25,
      validFrom: '2026-01-01',
      validThrough: '2026-12-31',
      kind: 'full',
    };
    const valid = { code: 0, answer: { valid: true, code: 'valid', claims } };
    expect(await verify(key)).toMatchObject(valid);
    expect(await verify(` ${key}\n`)).toMatchObject(valid);
    writeFileSync(join(folder, 'key.txt'), `${key}\n`);
    expect(await verify('key.txt')).toMatchObject(valid);
    expect((await verify(key, '--on', '2027-01-01')).answer).toMatchObject({
      code: 'expired',
      claims,
    });
    expect(await verify(key, '--on', '2025-12-31')).toMatchObject({
      code: 1,
      answer: { code: 'not-yet-valid' },
    });
  });

  it('a file, and an encrypted file with the key that came beside it', async () => {
    const plain = JSON.parse((await issue('file')).stdout);
    expect(Object.keys(plain)).toEqual(['file']);
    writeFileSync(join(folder, 'plain.lic'), plain.file);
    expect(await verify('plain.lic')).toMatchObject({ code: 0, answer: { valid: true } });
    const sealed = JSON.parse((await issue('encrypted-file')).stdout);
    expect(Object.keys(sealed).sort()).toEqual(['file', 'key']);
    writeFileSync(join(folder, 'sealed.lic'), sealed.file);
    expect(await verify('sealed.lic', '--license-key', sealed.key)).toMatchObject({ code: 0 });
    expect(await verify('sealed.lic')).toMatchObject({
      code: 1,
      answer: { valid: false, code: 'malformed' },
    });
  });

  it('prints the bare license for people', async () => {
    const key = (await run('issue', ...options(ORDER))).stdout;
    expect(key).toMatch(/^key\/[\w-]+\.[\w-]+\n$/);
    const shown = await run('verify', key, '--public-key', 'keys/public.pem', '--on', '2026-06-15');
    expect(shown.stdout).toBe(
      'valid through 2026-12-31\nACME: CAD Professional, 25 seats, full, 2026-01-01 through 2026-12-31\n',
    );
  });

  it.each([
    ['seats', '2.5'],
    ['seats', '0'],
    ['seats', '-3'],
    ['seats', '1e3'],
    ['seats', ''],
    ['from', '2026-02-29'],
    ['through', '2025-12-31'],
    ['through', '31.12.2026'],
    ['kind', 'perpetual'],
    ['account', ''],
    ['private-key', 'missing.pem'],
    ['private-key', 'keys/public.pem'],
    ['private-key', 'keys'],
    ['format', 'pdf'],
  ])('refuses --%s %j as bad input', async (name, value) => {
    const ran = await issue('key', { [name]: value });
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).not.toBe('');
  });

  it('refuses an order with something left out', async () => {
    const { seats, ...rest } = ORDER;
    expect(seats).toBe('25');
    expect((await run('issue', ...options(rest))).code).toBe(2);
  });

  it('a missing path is bad input; what is no license is not valid', async () => {
    expect(await verify('missing.lic')).toMatchObject({ code: 2, stdout: '' });
    expect(await verify('keys')).toMatchObject({ code: 2 });
    writeFileSync(join(folder, 'letter.txt'), 'Dear customer');
    expect(await verify('letter.txt')).toMatchObject({
      code: 1,
      answer: { code: 'malformed', claims: null },
    });
    expect(await verify('key/nonsense')).toMatchObject({ code: 1, answer: { code: 'malformed' } });
  });

  it('refuses public keys that are missing, private, or none', async () => {
    const { key } = JSON.parse((await issue('key')).stdout);
    for (const path of ['missing.pem', 'keys/private.pem', 'letter.txt'])
      expect((await run('verify', key, '--public-key', path)).code).toBe(2);
    expect((await run('verify', key)).code).toBe(2);
    expect((await verify(key, '--on', '2026-13-01')).code).toBe(2);
  });

  it('accepts several public keys while they are rotated', async () => {
    await run('keygen', '--out', 'next');
    const { key } = JSON.parse((await issue('key', { 'private-key': 'next/private.pem' })).stdout);
    expect((await verify(key)).answer.code).toBe('bad-signature');
    expect((await verify(key, '--public-key', 'next/public.pem')).answer.code).toBe('valid');
  });

  it('warns of a private key that others can read', async () => {
    await run('keygen', '--out', 'open');
    chmodSync(join(folder, 'open/private.pem'), 0o644);
    const ran = await issue('key', { 'private-key': 'open/private.pem' });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('chmod 600');
  });
});

describe('license revoke and inspect', () => {
  it('a revoked license is refused with its list; a changed list stops the check', async () => {
    const { key } = JSON.parse((await issue('key', { account: 'LEAKED' })).stdout);
    const revoke = () =>
      run(
        'revoke',
        key,
        '--private-key',
        'keys/private.pem',
        '--revocations',
        'list',
        '--on',
        '2026-06-01',
        '--json',
      );
    expect(JSON.parse((await revoke()).stdout)).toMatchObject({ state: 'revoked', changed: true });
    const list = readFileSync(join(folder, 'list'), 'utf8');
    expect(JSON.parse((await revoke()).stdout)).toMatchObject({ changed: false });
    expect(readFileSync(join(folder, 'list'), 'utf8')).toBe(list);
    expect(await verify(key, '--revocations', 'list')).toMatchObject({
      code: 1,
      answer: { code: 'revoked' },
    });
    const other = JSON.parse((await issue('key')).stdout).key;
    expect(await verify(other, '--revocations', 'list')).toMatchObject({ code: 0 });
    writeFileSync(join(folder, 'list'), list.slice(40));
    expect(await verify(key, '--revocations', 'list')).toMatchObject({ code: 2, stdout: '' });
    expect(await verify(key, '--revocations', 'nowhere')).toMatchObject({ code: 2 });
  });

  it('a clock set back does not bring an expired license to life where a list is newer', async () => {
    const { key } = JSON.parse((await issue('key')).stdout) as { key: string };
    const pem = readFileSync(join(folder, 'keys/private.pem'), 'utf8');
    const list = signedNear(signingRevocations([], '2999-01-01'), readPrivateKey(pem));
    writeFileSync(join(folder, 'newer.txt'), list);
    const given = [key, '--public-key', 'keys/public.pem', '--revocations', 'newer.txt', '--json'];
    const ran = await run('verify', ...given);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ valid: false, code: 'expired' });
    expect((await run('verify', ...given, '--on', '2026-06-15')).code).toBe(0);
  });

  it('inspect shows without checking, and refuses what is no license', async () => {
    const { key } = JSON.parse((await issue('key')).stdout);
    const shown = JSON.parse((await run('inspect', key, '--json')).stdout);
    expect(shown).toMatchObject({ form: 'key', claims: { account: 'ACME' }, verified: false });
    expect((await run('inspect', 'letter.txt')).code).toBe(1);
    expect((await run('inspect', 'missing.lic')).code).toBe(2);
  });
});
