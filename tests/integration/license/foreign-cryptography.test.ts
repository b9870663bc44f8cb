import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../cli/start/cache-folder.ts';
import { signLicense } from '../../../connectors/license/own/issuer.ts';
import { generateKeyPair, readPrivateKey } from '../../../connectors/license/own/signing-key.ts';
import type { LicenseClaims } from '../../../domain/licenses/claims.ts';
import type { VectorCase, Vectors } from '../../connectors/license/vectors.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PUBLISHED = here('../../../examples/verify-license/vectors.json');
const PYTHON_EXAMPLE = here('../../../examples/verify-license/python/verify_license.py');
const CRYPTOGRAPHY = 'cryptography==48.0.0';

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
function pythonWithCryptography(): string {
  const environment = cacheFolder('python', CRYPTOGRAPHY.replace('==', '-'));
  const python = join(environment, 'bin', 'python');
  if (!existsSync(join(environment, 'complete'))) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
    const install = ['-m', 'pip', 'install', '-q', '--retries', '1', CRYPTOGRAPHY];
    execFileSync(python, install, { stdio: 'pipe', timeout: 50_000 });
    writeFileSync(join(environment, 'complete'), '');
  }
  return python;
}

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

  it("hold under the Python example and OpenSSL's cryptography", (context) => {
    const reason = missing('python3', '--version');
    if (reason !== null) context.skip(reason);
    let python: string;
    try {
      python = pythonWithCryptography();
    } catch (error) {
      return context.skip(`${CRYPTOGRAPHY} cannot be installed here (${(error as Error).message})`);
    }
    const answer = execFileSync(python, [PYTHON_EXAMPLE, path]);
    expect(JSON.parse(answer.toString())).toEqual(expected(path));
  });
});
