/** docs/integrating.md, sent request by request: an integrator who copies an example gets the answer that stands below it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Scene, scene, smallBook } from './fixture.ts';

interface Example {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly status: number;
  readonly answer: object;
}

const page = readFileSync(
  join(import.meta.dirname, '..', '..', '..', 'docs', 'integrating.md'),
  'utf8',
);
const PAIR = /```http\n([\s\S]*?)```\s+```json (\d{3})\n([\s\S]*?)```/g;

function exampleOf([, request = '', status, answer = '']: RegExpMatchArray): Example {
  const [head = '', ...rest] = request.split('\n\n');
  const [first = '', ...headers] = head.trim().split('\n');
  const [method, url] = first.split(' ');
  const body = rest.join('\n\n').trim();
  return {
    method: method as Example['method'],
    url: url ?? '',
    headers: Object.fromEntries(
      headers.map((header) => header.split(': ', 2).map((part) => part.trim())),
    ),
    body: body === '' ? null : body,
    status: Number(status),
    answer: JSON.parse(answer),
  };
}

const examples = [...page.matchAll(PAIR)].map(exampleOf);
let at: Scene;
beforeAll(async () => {
  at = await scene({}, smallBook());
});
afterAll(() => at?.close());

/** `{biller}` is the key of the person with that role. */
function withKeys(header: string): string {
  return header.replace(/\{(\w+)\}/, (_all, role) => {
    const person = at.people[role as keyof Scene['people']];
    return person.bearer.authorization.replace('Bearer ', '');
  });
}

it('shows every request with an answer', () => {
  expect(examples.length).toBe([...page.matchAll(/```http/g)].length);
  expect(examples.length).toBeGreaterThan(10);
});

it.each(examples.map((example, index) => [index + 1, example] as const))(
  'example %i is answered as the page says',
  async (_number, { method, url, headers, body, status, answer }) => {
    const sent = Object.entries(headers).map(([name, value]) => [name, withKeys(value)]);
    const got = await at.app.inject({
      method,
      url,
      headers: {
        ...Object.fromEntries(sent),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === null ? {} : { payload: body }),
    });
    expect(got.statusCode, `${method} ${url}: ${got.body}`).toBe(status);
    expect(got.json()).toMatchObject(answer);
  },
);
