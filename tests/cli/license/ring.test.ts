/** `license keys|rotate|retire` on a folder, `license reissue|evaluate` against an API that notes what it is asked. */
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import { currentKeyId, ensureFirstPair } from '../../../connectors/license/own/key-ring.ts';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';

const home = mkdtempSync(join(tmpdir(), 'perennial-ring-'));
const ring = join(home, 'license-keys');
let server: Server;
let env: Record<string, string>;
let asked: { path: string; body: unknown }[] = [];
let answer: { status: number; body: object };

beforeAll(async () => {
  ensureFirstPair(ring, Buffer.alloc(32, 5));
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      asked.push({ path: `${request.method} ${request.url}`, body: JSON.parse(text) });
      response.setHeader('content-type', 'application/json');
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
  });
  const PERENNIAL_URL = await openHttpServer(server);
  env = { PERENNIAL_URL, PERENNIAL_API_KEY: 'pk_test', INIT_CWD: home };
});
afterAll(async () => {
  await closeServer(server);
  rmSync(home, { recursive: true });
});

async function run(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  asked = [];
  const code = await main(['license', ...argv], {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    env,
    workingDirectory: '/',
  });
  return { code, stdout, stderr };
}
const listed = async (...argv: string[]) => {
  const ran = await run(...argv, '--folder', 'license-keys', '--json');
  return JSON.parse(ran.stdout) as { keys: { keyId: string; current: boolean }[] };
};

describe('the key pairs of an installation', () => {
  it('are listed, rotated and retired; what signs now is never retired', async () => {
    const first = currentKeyId(ring) ?? '';
    expect((await listed('keys')).keys).toMatchObject([{ keyId: first, current: true }]);
    expect((await run('rotate', '--folder', 'license-keys', '--dry-run')).code).toBe(0);
    expect(currentKeyId(ring)).toBe(first);
    const rotated = await listed('rotate');
    const second = currentKeyId(ring) ?? '';
    expect(rotated.keys.map(({ keyId, current }) => [keyId, current])).toEqual([
      [second, true],
      [first, false],
    ]);
    const refused = await run('retire', second, '--folder', 'license-keys');
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain('rotate first');
    expect((await run('retire', 'nonsense', '--folder', 'license-keys')).code).toBe(4);
    expect((await listed('retire', first)).keys.map(({ keyId }) => keyId)).toEqual([second]);
    expect(existsSync(join(ring, `${first}.private.pem`))).toBe(false);
    for (const name of readdirSync(ring).filter((one) => one.endsWith('private.pem')))
      expect(statSync(join(ring, name)).mode & 0o077).toBe(0);
  });

  it('a lost private key: a new pair signs, what the old one signed is accepted still', async () => {
    const lost = currentKeyId(ring) ?? '';
    rmSync(join(ring, `${lost}.private.pem`));
    const { keys } = await listed('rotate');
    expect(keys.map(({ keyId }) => keyId)).toContain(lost);
    expect(keys[0]).toMatchObject({ current: true });
    expect(keys[0]?.keyId).not.toBe(lost);
  });
});

describe('a customer’s key', () => {
  it('that was lost is sent again, that leaked is replaced; with a reason', async () => {
    answer = { status: 200, body: { license: 'L-S-1-full-2027-12-31-2' } };
    const lost = await run('reissue', 'L-S-1-full-2027-12-31', '--reason', 'their disk died');
    expect(lost).toMatchObject({ code: 0, stdout: expect.stringContaining('goes out by mail') });
    expect(asked).toEqual([
      {
        path: 'POST /api/v1/licenses/L-S-1-full-2027-12-31/reissue',
        body: { leaked: false, reason: 'their disk died' },
      },
    ]);
    const leaked = await run('reissue', 'L-1', '--leaked', '--reason', 'posted in a forum');
    expect(leaked.stdout).toContain('L-S-1-full-2027-12-31-2 takes its place');
    expect(asked[0]?.body).toEqual({ leaked: true, reason: 'posted in a forum' });
    expect((await run('reissue', 'L-1')).code).toBe(2);
    expect((await run('reissue', 'L-1', '--dry-run', '--reason', 'found online')).code).toBe(0);
    expect(asked).toEqual([]);
  });

  it('that is not in force is refused with what to do', async () => {
    const detail = 'L-1 is superseded: act on what replaced it.';
    answer = { status: 409, body: { status: 409, code: 'license-not-current', title: '', detail } };
    const refused = await run('reissue', 'L-1', '--leaked', '--reason', 'found online');
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining(detail) });
  });

  it('for an evaluation is issued at once', async () => {
    answer = { status: 200, body: { license: 'L-A-1-CAD', key: 'key/a.b' } };
    const order = ['--account', 'A-1', '--product', 'CAD', '--through', '2027-03-01'];
    const made = await run('evaluate', ...order, '--seats', '3', '--reason', 'a trade fair');
    expect(made).toMatchObject({ code: 0, stdout: 'L-A-1-CAD\nkey/a.b\n' });
    const { body } = asked[0] ?? {};
    const told = { account: 'A-1', sku: 'CAD', seats: 3, through: '2027-03-01' };
    expect(body).toEqual({ ...told, reason: 'a trade fair' });
  });
});

it.each([
  'keygen',
  'issue',
  'verify',
  'inspect',
  'revoke',
  'keys',
  'rotate',
  'retire',
  'reissue',
  'evaluate',
])('license %s --help says what it does and takes', async (verb) => {
  const help = await run(verb, '--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain(`license ${verb}`);
  expect((await run(verb, '--nonsense')).code).toBe(2);
});
