import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { cacheFolder } from '../../../cli/start/cache-folder.ts';
import { signLicense } from '../../../connectors/license/own/issuer.ts';
import { signingRevocations } from '../../../connectors/license/own/revocations.ts';
import { signedNear } from '../../../connectors/license/own/signing.ts';
import { generateKeyPair, readPrivateKey } from '../../../connectors/license/own/signing-key.ts';
import type { LicenseClaims } from '../../../domain/licenses/claims.ts';
import type { VectorCase, Vectors } from '../../connectors/license/vectors.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PUBLISHED = here('../../../examples/verify-license/vectors.json');
const PYTHON_EXAMPLE = here('../../../examples/verify-license/python/verify_license.py');
const PYNACL = 'pynacl==1.6.2';

/** A key that is on a list from 1 June 2026 on, and one that is not. */
const REVOKED = revoked();
const folder = mkdtempSync(join(tmpdir(), 'perennial-license-'));
const fresh = join(folder, 'fresh.json');
writeFileSync(fresh, JSON.stringify(freshVectors()));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Licenses of a new key pair, of all forms and kinds, so that no golden file can be right by
 * accident.
 */
function freshVectors(): Vectors {
  const pair = generateKeyPair();
  const privateKey = readPrivateKey(pair.privatePem);
  const forms = ['key', 'file', 'encrypted-file'] as const;
  const kinds = ['full', 'temporary', 'evaluation'] as const;
  const cases = Array.from({ length: 30 }, (_, index): VectorCase => {
    const claims: LicenseClaims = {
      account: `Kunde № ${index} ${'ä€😀'.slice(0, index % 5)}x`,
      product: 'CAD',
      edition: 'E'.repeat(1 + index),
      seats: 1 + index * 7919,
      validFrom: '2026-01-01',
      validThrough: '2026-12-31',
      kind: kinds[index % 3] ?? 'full',
    };
    const form = forms[(index >> 1) % 3] ?? 'key';
    const { key, file } = signLicense(claims, form, privateKey);
    const common = { name: `${form} ${index}`, on: '2026-12-31', code: 'valid', claims } as const;
    return { ...common, license: file ?? key, licenseKey: key };
  });
  return { about: 'made for one test', publicKey: pair.publicPem, cases };
}

function revoked() {
  const { privatePem, publicPem } = generateKeyPair();
  const privateKey = readPrivateKey(privatePem);
  const dates = { validFrom: '2026-01-01', validThrough: '2026-12-31', kind: 'full' } as const;
  const sign = (seats: number) =>
    signLicense({ account: 'A', product: 'CAD', edition: 'E', seats, ...dates }, 'key', privateKey);
  const [one, other] = [sign(1), sign(2)];
  const entry = { fingerprint: one.fingerprint, state: 'revoked', on: '2026-06-01' } as const;
  const list = signedNear(signingRevocations([entry], '2026-06-02'), privateKey);
  return { key: one.key, other: other.key, list, publicPem };
}

function expected(path: string) {
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
  return Object.fromEntries(cases.map(({ name, code, claims }) => [name, { code, claims }]));
}

/** What stops a tool from running here, or null where it runs. */
function missing(program: string, argument: string): string | null {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' });
    return null;
  } catch (error) {
    return `${program} is not usable here (${(error as Error).message})`;
  }
}

/** A virtual environment of the user's cache, made once. */
function pythonWithNacl(): string {
  const environment = cacheFolder('python', PYNACL.replace('==', '-'));
  const python = join(environment, 'bin', 'python');
  if (!existsSync(join(environment, 'complete'))) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
    const install = ['-m', 'pip', 'install', '-q', '--retries', '1', PYNACL];
    execFileSync(python, install, { stdio: 'pipe', timeout: 240_000 });
    writeFileSync(join(environment, 'complete'), '');
  }
  return python;
}

/** Python with PyNaCl, or the test is skipped aloud. */
function pythonOrSkip(context: TestContext): string {
  const reason = missing('python3', '--version');
  if (reason !== null) context.skip(reason);
  try {
    return pythonWithNacl();
  } catch (error) {
    return context.skip(`${PYNACL} cannot be installed here (${(error as Error).message})`);
  }
}

it('the Python example reads the signed revocation list, and mistrusts a clock set back', (context) => {
  const python = pythonOrSkip(context);
  const list = join(folder, 'revocations.txt');
  writeFileSync(list, REVOKED.list);
  const code = [
    'import sys, verify_license as v',
    'key, other, path, pem = sys.argv[1:]',
    'text = open(path).read()',
    'days = ("2026-05-31", "2026-06-01")',
    'answers = [v.is_revoked(one, text, [pem], day) for one in (key, other) for day in days]',
    'answers.append(v.trusted_day("2025-01-01", "2026-03-01") == "2026-03-01")',
    'try: v.is_revoked(key, text.replace("ey", "eZ", 1), [pem], days[0]); answers.append("taken")',
    'except (v.Refused, ValueError): answers.append("refused")',
    'print(answers)',
  ].join('\n');
  const { key, other, publicPem } = REVOKED;
  const options = { cwd: here('../../../examples/verify-license/python') };
  const args = ['-B', '-c', code, key, other, list, publicPem];
  const answer = execFileSync(python, args, options).toString().trim();
  expect(answer).toBe("[False, True, False, False, True, 'refused']");
});

describe.each([
  ['the published vectors', PUBLISHED],
  ['fresh ones', fresh],
])('%s', (_, path) => {
  it("hold under Go's own cryptography", (context) => {
    const reason = missing('go', 'version');
    if (reason !== null) context.skip(reason);
    const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '' };
    const answer = execFileSync('go', ['run', '.', path], { cwd: here('./go'), env });
    expect(JSON.parse(answer.toString())).toEqual(expected(path));
  });

  it('hold under the Python example with PyNaCl', (context) => {
    const python = pythonOrSkip(context);
    const answer = execFileSync(python, [PYTHON_EXAMPLE, path]);
    expect(JSON.parse(answer.toString())).toEqual(expected(path));
  });
});
