/** `perennial doctor` in wrong states, made for real: what it finds, and that it says what to do. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../cli/doctor/check.ts';
import { diagnose } from '../../cli/doctor.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { openServer } from '../infrastructure/local-server.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'perennial-doctor-'));
const DATA = join(FOLDER, 'data');
const servers: { close(done: () => void): unknown }[] = [];
let nobody: number;
let silent: number;
let smtp: number;
let http: number;

function listening(server: Server): Promise<number> {
  servers.push(server);
  return openServer(server);
}

beforeAll(async () => {
  mkdirSync(join(DATA, 'file'), { recursive: true });
  writeFileSync(join(DATA, 'secrets.json'), '{}');
  chmodSync(join(DATA, 'secrets.json'), 0o644);
  nobody = await anyFreePort();
  silent = await listening(createServer((socket) => void socket.on('error', () => {})));
  const mail = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) =>
      password === 'right' ? done(null, { user: 'u' }) : done(new Error('wrong credentials')),
  });
  await new Promise<void>((done) => mail.listen(0, '127.0.0.1', () => done()));
  servers.push(mail);
  smtp = (mail.server.address() as AddressInfo).port;
  http = await listening(
    createHttpServer((request, response) => {
      const status =
        request.url === '/v1/account' ? 401 : request.url === '/check-status' ? 503 : 200;
      response.writeHead(status).end('{}');
    }),
  );
});
afterAll(async () => {
  await Promise.all(servers.map((one) => new Promise<void>((done) => one.close(() => done()))));
  rmSync(FOLDER, { recursive: true, force: true });
});

const of = (checks: readonly Check[], name: string): Check => {
  const found = checks.find(({ check }) => check === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
};

describe('perennial doctor', () => {
  it('says of each wrong state what is wrong and what to do', async () => {
    const checks = await diagnose({
      PERENNIAL_DATA: DATA,
      PORT: String(silent),
      DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${nobody}/perennial`,
      TEMPORAL_ADDRESS: `127.0.0.1:${nobody}`,
      SMTP_URL: `smtp://u:wrong-secret@127.0.0.1:${smtp}`,
      STRIPE_SECRET_KEY: 'sk_test_hidden',
      STRIPE_API_URL: `http://127.0.0.1:${http}`,
      HUBSPOT_TOKEN: 'hidden-token',
      HUBSPOT_URL: `http://127.0.0.1:${nobody}`,
      VIES_URL: `http://127.0.0.1:${http}`,
      TRYTON_URL: `http://127.0.0.1:${http}`,
      BANK_FOLDER: join(DATA, 'nowhere'),
      MAIL_BOUNCE_FOLDER: join(DATA, 'secrets.json'),
    });
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['file permissions', /^chmod 600 .*secrets\.json$/],
      ['ports', /another PORT/],
      ['postgres', /Start the server/],
      ['temporal', /Start the server or correct TEMPORAL_ADDRESS/],
      ['mail', /user and password in SMTP_URL/],
      ['stripe', /Correct STRIPE_SECRET_KEY/],
      ['crm', /let this machine reach it/],
      ['vies', /ask its operator/],
      ['accounting', /Set what is missing/],
      ['bank folder', /correct BANK_FOLDER/],
      ['bounce folder', /correct MAIL_BOUNCE_FOLDER/],
    ];
    for (const [name, todo] of wrong)
      expect(of(checks, name)).toMatchObject({
        status: 'problem',
        todo: expect.stringMatching(todo),
      });
    expect(of(checks, 'node').status).toBe('ok');
    expect(JSON.stringify(checks)).not.toMatch(/hunter2|wrong-secret|hidden/);
  });

  it('is content where what is configured lets us in', async () => {
    const checks = await diagnose({
      PERENNIAL_DATA: join(FOLDER, 'fresh'),
      SMTP_URL: `smtp://u:right@127.0.0.1:${smtp}`,
      BANK_FOLDER: FOLDER,
      PORT: String(nobody),
    });
    for (const name of ['configuration', 'data folder', 'file permissions', 'mail', 'bank folder'])
      expect(of(checks, name)).toMatchObject({ status: 'ok', todo: null });
    expect(checks.filter(({ status }) => status === 'problem')).toEqual([]);
  });

  it('names a variable that can not be used, and shows no secret', async () => {
    const checks = await diagnose({ PERENNIAL_DATA: DATA, SMTP_URL: 'ftp://u:hunter2@host' });
    expect(of(checks, 'configuration')).toMatchObject({
      status: 'problem',
      found: expect.stringContaining('SMTP_URL'),
    });
    expect(JSON.stringify(checks)).not.toContain('hunter2');
  });
});
