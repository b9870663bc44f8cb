/** How an answer of Tryton's that is no success is understood, on a server that answers what we say. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { askTryton, searchTryton } from '../../../connectors/accounting/tryton/client.ts';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';

let server: Server;
let url: string;
let answer: { status: number; headers?: Record<string, string>; body: string };
let asked: IncomingMessage[];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  url = await openHttpServer(server);
});
beforeEach(() => {
  asked = [];
});
afterAll(() => closeServer(server));

const ask = (timeoutSeconds = 30) =>
  askTryton(
    { url: `${url}/`, database: 'books', key: 'secret-key', timeoutSeconds },
    { method: 'GET', path: 'model/party.party/3' },
    z.object({ id: z.int() }),
  );

it.each([
  [
    400,
    '{"status":400,"message":"Not so.","description":"But so."}',
    'rejected',
    'Not so. But so.',
  ],
  [401, '<p>Unauthorized</p>', 'rejected', 'type REST'],
  [403, '<p>Forbidden</p>', 'rejected', 'may not do this'],
  [404, '<title>404</title><p>Gone &amp; away</p>', 'rejected', 'TRYTON_DATABASE'],
  [409, '<p>Sure?</p>', 'rejected', 'Sure?'],
  [423, '<p>Somebody else writes it</p>', 'unknown', 'Somebody else'],
  [429, '', 'unknown', '429'],
  [500, '<p>KeyError</p>', 'unknown', 'KeyError'],
  [504, '', 'unknown', '504'],
  [200, '{"id":"three"}', 'unknown', 'cannot be read'],
  [200, 'a proxy’s page', 'unknown', 'cannot be read'],
  [301, '', 'unknown', 'redirect'],
])('%i %s is %s', async (status, body, result, words) => {
  answer = { status, body, headers: status === 301 ? { location: `${url}/elsewhere` } : {} };
  const got = await ask();
  expect(got).toMatchObject({ result, message: expect.stringContaining(words) });
  expect(JSON.stringify(got)).not.toContain('secret-key');
  expect(asked).toHaveLength(1);
});

it('says how long it is to be left alone where it was told', async () => {
  answer = { status: 429, body: '', headers: { 'retry-after': '17' } };
  expect(await ask()).toMatchObject({ result: 'unknown', retryAfterSeconds: 17 });
  answer = { status: 503, body: '', headers: { 'retry-after': 'Sat, 01 Jan 2028 00:00:00 GMT' } };
  expect(await ask()).not.toHaveProperty('retryAfterSeconds');
});

it('asks with the key as bearer, and searches by id in the alphabet of URLs', async () => {
  answer = { status: 200, body: '[]' };
  const connection = { url, database: 'my books', key: 'secret-key', timeoutSeconds: 30 };
  const domain = [['name', '=', '»ÿ¿?>~']];
  const search = { domain, limit: 7, fields: ['code', 'a.b'], context: { company: 3 } };
  const found = await searchTryton(connection, 'party.party', search, z.unknown());
  expect(found).toEqual({ result: 'ok', value: [] });
  const [request] = asked;
  expect(request?.headers.authorization).toBe('Bearer secret-key');
  const { pathname, searchParams } = new URL(request?.url ?? '', url);
  expect(pathname).toBe('/my%20books/rest/model/party.party');
  const decoded = (text: string | null) =>
    JSON.parse(Buffer.from(text ?? '', 'base64url').toString()) as unknown;
  expect(searchParams.get('d')).toMatch(/^[\w-]+=*$/);
  expect(decoded(searchParams.get('d'))).toEqual(domain);
  expect(decoded(searchParams.get('o'))).toEqual([['id', 'ASC']]);
  expect([searchParams.get('s'), searchParams.getAll('f')]).toEqual(['7', ['code', 'a.b']]);
  expect(decoded(`${request?.headers['x-tryton-context']}`)).toEqual({ company: 3 });
});
