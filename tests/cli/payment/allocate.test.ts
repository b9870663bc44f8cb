import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';

const folder = mkdtempSync(join(tmpdir(), 'perennial-allocate-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function allocate(content: unknown, ...options: string[]) {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(join(folder, 'case.json'), text);
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(['payment', 'allocate', 'case.json', ...options], {
    stdout: { write: (chunk) => out.push(chunk) },
    stderr: { write: (chunk) => err.push(chunk) },
    env: { INIT_CWD: folder },
    workingDirectory: '/',
  });
  return { code, out: out.join(''), err: err.join('') };
}

const good = {
  payment: {
    amount: 1000,
    currency: 'EUR',
    received: '2026-11-20',
    account: 'A-1',
    reference: 'inv 1',
    lines: [],
  },
  policy: {
    oldestFirst: false,
    lineOrder: 'in-order',
    tolerance: 0,
    clearing: 'principal-first',
  },
  openInvoices: [
    {
      invoice: 'INV-1',
      account: 'A-1',
      contract: 'C-1',
      currency: 'EUR',
      issued: '2026-10-15',
      due: '2026-11-14',
      balance: 1000,
      costs: 0,
      interest: 0,
      discount: { percent: '2', until: '2026-10-25' },
      lines: [{ line: 1, subcontract: 'S-1', open: 1000 }],
    },
  ],
};

describe('payment allocate', () => {
  it('answers one case with an object and an array with an array, exit 0', async () => {
    const one = await allocate(good, '--json');
    expect([one.code, one.err]).toEqual([0, '']);
    const { explanation, ...answer } = JSON.parse(one.out);
    expect(explanation).toMatch(/reference/);
    expect(answer).toEqual({
      decision: 'automatic',
      rule: 'reference',
      allocations: [{ invoice: 'INV-1', line: 1, subcontract: 'S-1', amount: 1000 }],
      discountTaken: [],
      writtenOff: [],
      unapplied: 0,
      proposals: [],
    });
    const review = { ...good, payment: { ...good.payment, amount: 3, reference: '' } };
    const two = await allocate([good, review], '--json');
    expect(two.code).toBe(0);
    expect(JSON.parse(two.out).map((one: { rule: unknown }) => one.rule)).toEqual([
      'reference',
      null,
    ]);
    expect(JSON.parse((await allocate([], '--json')).out)).toEqual([]);
  });

  it('speaks to people without --json', async () => {
    const { out } = await allocate(good);
    expect(out).toMatch(/^automatic, rule reference\n {2}INV-1 1 \(S-1\): 1000\n/);
  });

  it('takes what may be left out', async () => {
    const { payment, openInvoices } = good;
    const { amount, currency, received } = payment;
    const bare = openInvoices.map(({ invoice, account, currency: code, due, balance, lines }) => ({
      invoice,
      account,
      currency: code,
      due,
      balance,
      lines: lines.map(({ line, open }) => ({ line, open })),
    }));
    const minimal = { payment: { amount, currency, received, account: null }, openInvoices: bare };
    const { code, out } = await allocate(minimal, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ rule: 'exact', allocations: [{ subcontract: null }] });
  });

  it.each([
    ['no JSON', '{', /case\.json is not JSON/],
    ['no case', {}, /payment: /],
    ['a fraction', { ...good, payment: { ...good.payment, amount: 1.5 } }, /payment\.amount: /],
    ['a text', { ...good, payment: { ...good.payment, amount: '1' } }, /payment\.amount: /],
    ['zero', { ...good, payment: { ...good.payment, amount: 0 } }, /payment\.amount: .*positive/],
    [
      'a date that is none',
      { ...good, payment: { ...good.payment, received: '2026-02-30' } },
      /payment\.received: a date YYYY-MM-DD/,
    ],
    [
      'the second of two, with a balance that differs',
      [good, { ...good, openInvoices: [{ ...good.openInvoices[0], balance: 5 }] }],
      /\[1\]\.openInvoices\[0\]\.balance: .*balance-differs/,
    ],
  ])('refuses %s with exit 2 and the place', async (_, content, message) => {
    const { code, out, err } = await allocate(content, '--json');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('refuses a file that is not there with exit 2', async () => {
    const err: string[] = [];
    const code = await main(['payment', 'allocate', 'nowhere.json'], {
      stdout: { write: () => true },
      stderr: { write: (chunk) => err.push(chunk) },
      env: {},
      workingDirectory: folder,
    });
    expect([code, err.join('')]).toEqual([2, expect.stringMatching(/cannot read nowhere\.json/)]);
  });
});
