import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createViesRegister, viesAnswer } from '../../../connectors/vies/register.ts';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';

let server: Server | null = null;
afterEach(async () => {
  if (server !== null) await closeServer(server);
  server = null;
});

/** A stand-in for the register, which answers by number, and the paths that it was asked. */
async function register(
  answers: Record<string, { status?: number; body?: string; silent?: true }>,
  timeoutSeconds = 60,
) {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = answers[request.url?.split('/').at(-1) ?? ''];
    if (answer?.silent === true) return;
    response.writeHead(answer?.status ?? 404, { 'Content-Type': 'application/json' });
    response.end(answer?.body ?? '{}');
  });
  const url = `${await openHttpServer(server)}/rest-api/`;
  return { asked, url, vies: createViesRegister({ url, timeoutSeconds }) };
}

const found = (isValid: boolean, userError: string) => ({
  status: 200,
  body: JSON.stringify({
    isValid,
    userError,
    requestDate: '2026-11-15T10:00:00.000Z',
    name: '---',
    address: '---',
    vatNumber: '33864707',
  }),
});

describe('the VIES register', () => {
  it('says valid and invalid, and asks by country and number', async () => {
    const { vies, asked } = await register({
      U33864707: found(true, 'VALID'),
      U33864708: found(false, 'INVALID'),
    });
    expect(await vies.check('AT', 'U33864707')).toBe('valid');
    expect(await vies.check('AT', 'U33864708')).toBe('invalid');
    expect(asked).toEqual(['/rest-api/ms/AT/vat/U33864707', '/rest-api/ms/AT/vat/U33864708']);
  });

  it('does not call a number invalid because a state does not answer', async () => {
    const { vies } = await register({
      1: found(false, 'MS_UNAVAILABLE'),
      2: found(false, 'MS_MAX_CONCURRENT_REQ'),
      3: { status: 500, body: '{"actionSucceed":false}' },
      4: { status: 200, body: 'down for maintenance' },
      5: { status: 200, body: '{}' },
      6: { status: 429, body: JSON.stringify({ isValid: true, userError: 'VALID' }) },
    });
    for (const number of ['1', '2', '3', '4', '5', '6'])
      expect([number, await vies.check('DE', number)]).toEqual([number, 'unknown']);
  });

  it('does not wait for one that says nothing', async () => {
    const { vies } = await register({ 7: { silent: true } }, 0.3);
    expect(await vies.check('DE', '7')).toBe('unknown');
  });

  it('is unknown where nobody listens', async () => {
    const { url, vies } = await register({});
    if (server !== null) await closeServer(server);
    expect(await vies.check('DE', '136695976')).toBe('unknown');
    expect(url).toContain('127.0.0.1');
  });

  it('escapes what is no number', async () => {
    const { vies, asked } = await register({});
    await vies.check('IE', '1F23456/../X');
    expect(asked).toEqual(['/rest-api/ms/IE/vat/1F23456%2F..%2FX']);
  });

  it('reads an answer without a userError by its isValid', () => {
    expect(viesAnswer(200, { isValid: true })).toBe('valid');
    expect(viesAnswer(200, { isValid: false })).toBe('invalid');
    expect(viesAnswer(200, { isValid: 'yes' })).toBe('unknown');
  });
});
