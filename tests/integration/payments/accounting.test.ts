/** Payments that were entered in the accounting system: into the inbox once, in pages, and taken back. */
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { accountingSteps } from '../../../activities/accounting-steps.ts';
import type { Deps } from '../../../activities/deps.ts';
import type { SeenPayment, SeenPayments } from '../../../connectors/accounting/port.ts';
import {
  type Connection,
  connect,
  getPayment,
  importBook,
  recordPayment,
} from '../../../db/index.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { smallBook } from '../api/fixture.ts';

let connection: Connection;
let told: { readonly what: string; readonly workflow: string }[];
/** What stands in the accounting system, in the order in which it was entered or last changed. */
let entered: SeenPayment[];
let answer: SeenPayments | null;
const PAGE = 3;
let asked: (string | null)[];

beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  const actor = { user: 'ada', role: 'admin' };
  await importBook(connection.db, smallBook(), { importId: 'test', actor });
});
afterAll(() => connection?.close());
beforeEach(() => {
  told = [];
  entered = [];
  answer = null;
  asked = [];
});

/** A look begins one payment before the place where the last one ended, as systems with coarse times do. */
function page(since: string | null): SeenPayments {
  asked.push(since);
  if (answer !== null) return answer;
  const from = since === null ? 0 : Math.max(0, Number(since) - 1);
  const to = Math.min(entered.length, from + PAGE);
  const payments = entered.slice(from, to);
  return { result: 'ok', payments, cursor: String(to), more: to < entered.length };
}

let systems = 0;
function look(system: string) {
  const note =
    (what: string) =>
    async (_type: unknown, { workflowId }: { workflowId: string }) => {
      told.push({ what, workflow: workflowId });
    };
  const workflow = { start: note('start'), signalWithStart: note('reverse') };
  const deps = {
    db: connection.db,
    client: { workflow } as unknown as Client,
    accounting: {
      system,
      external: true,
      seenPayments: async (since: string | null) => page(since),
    },
  } as unknown as Deps;
  return accountingSteps(deps).takePaymentsSeen({ at: '2026-12-01T00:00:00Z' });
}
function freshSystem(): string {
  systems += 1;
  return `books${systems}`;
}

const seen = (id: string, rest: Partial<SeenPayment> = {}): SeenPayment => ({
  id,
  ours: null,
  account: 'A-1',
  receivedOn: '2026-11-30',
  amountMinor: 119_00,
  currency: 'EUR',
  reference: 'INV-OLD-1',
  payer: 'Kunde & Co',
  bankAccount: null,
  reversed: null,
  ...rest,
});

it('takes each payment once, page by page, and goes on where the last look ended', async () => {
  const system = freshSystem();
  entered = ['1', '2', '3', '4', '5'].map((id) => seen(id));
  expect(await look(system)).toEqual({ seen: 6, taken: 5, reversed: 0, failed: [] });
  expect(asked).toEqual([null, '3']);
  expect(await getPayment(connection.db, `${system}:3`)).toMatchObject({
    account: 'A-1',
    amountMinor: 119_00,
    reference: 'INV-OLD-1',
  });
  expect(told.map(({ workflow }) => workflow)).toContain(`payment:${system}:5`);
  expect((await look(system)).taken).toBe(0);
  entered.push(seen('6'));
  expect((await look(system)).taken).toBe(1);
});

it('leaves alone what we posted there ourselves, and knows no payer that is not in the book', async () => {
  const system = freshSystem();
  entered = [seen('1', { ours: 'stripe:pi_1' }), seen('2', { account: 'NOBODY' })];
  expect(await look(system)).toMatchObject({ seen: 2, taken: 1 });
  expect(await getPayment(connection.db, `${system}:1`)).toBeNull();
  expect(await getPayment(connection.db, `${system}:2`)).toMatchObject({ account: null });
});

it('takes back what is taken back there, its own and ours, once', async () => {
  const system = freshSystem();
  const reversed = { on: '2026-12-01', reason: 'returned debit' };
  await recordPayment(connection.db, {
    payment: `manual:${system}`,
    account: 'A-1',
    receivedOn: '2026-11-30',
    amountMinor: 119_00,
    currency: 'EUR',
  });
  entered = [seen('1', { reversed }), seen('2', { ours: `manual:${system}`, reversed })];
  expect(await look(system)).toEqual({ seen: 2, taken: 1, reversed: 2, failed: [] });
  expect(told).toEqual([
    { what: 'start', workflow: `payment:${system}:1` },
    { what: 'reverse', workflow: `payment:${system}:1` },
    { what: 'reverse', workflow: `payment:manual:${system}` },
  ]);
  expect((await look(system)).reversed).toBe(0);
});

it('tells what can not be taken, takes the rest, and asks for it again', async () => {
  const system = freshSystem();
  entered = [seen('1', { amountMinor: 0 }), seen('2')];
  const first = await look(system);
  expect(first).toMatchObject({ seen: 2, taken: 1 });
  expect(first.failed[0]).toContain(`${system} 1: A payment is a whole number above zero`);
  entered[0] = seen('1');
  expect(await look(system)).toEqual({ seen: 2, taken: 1, reversed: 0, failed: [] });
});

it('a system that refuses parks the look; one that is silent is asked again', async () => {
  const system = freshSystem();
  answer = { result: 'rejected', message: 'no such company' };
  await expect(look(system)).rejects.toMatchObject({ type: 'step-failed' });
  answer = { result: 'unknown', message: 'time-out' };
  await expect(look(system)).rejects.toMatchObject({ type: 'outcome-unknown' });
});
