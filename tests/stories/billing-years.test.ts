/** Dated stories of a contract's year on the time-skipping server, with the real database, papers and mails. */
import { afterEach, expect, it } from 'vitest';
import { startPayment } from '../../connectors/temporal/lifecycles.ts';
import {
  allocationsOfPayment,
  contractFacts,
  getInvoice,
  getRenewal,
  licensesOf,
  mailsOf,
} from '../../db/index.ts';
import { contractWorkflowId, paymentWorkflowId, renewalKey } from '../../workflows/ids.ts';
import { contractDecideRenewal } from '../../workflows/messages.ts';
import { useTimeSkipping } from '../infrastructure/engines.ts';
import { billableActions } from './billable-actions.ts';
import type { Setting } from './companies.ts';
import { beginTerm, billMonth, invoiceOf, liveOnTimeYear, receive } from './telling.ts';
import { MAKER, type World } from './world.ts';

/** Where Temporal's bill for one contract and year may end (design). */
const MOST_ACTIONS = 24;

// The time-skipping server knows no second world: each story has a server of its own.
const timeSkipping = useTimeSkipping('test');
let world: World | undefined;
let year = 0;
afterEach(async () => {
  await world?.end();
  world = undefined;
});

async function begin(
  context: Parameters<typeof timeSkipping>[0],
  years: number,
  rest: Partial<Setting> = {},
): Promise<World> {
  const begun = await beginTerm(timeSkipping(context), years, rest);
  ({ world, year } = begun);
  return begun.world;
}

it('an on-time year costs at most twenty-four billable actions', async (context) => {
  const story = await begin(context, 3);
  const told = await liveOnTimeYear(story, year);
  const histories = await Promise.all(
    Object.values(told).map(({ workflowId, runId }) =>
      story.client.workflow.getHandle(workflowId, runId).fetchHistory(),
    ),
  );
  const counted = histories.map(billableActions);
  const total = counted.reduce((sum, one) => sum + one.total, 0);
  expect(total, JSON.stringify(counted)).toBeLessThanOrEqual(MOST_ACTIONS);
  expect(total, JSON.stringify(counted)).toBeGreaterThan(10);
  for (const [name, { workflowId, runId }] of Object.entries(told))
    await story.saveHistory(workflowId, `${name}-on-time`, runId);
  await story.saveHistory(`bill-run:${year}-02`, 'bill-run-approved');
});

it('a late payer is reminded by the ladder, bridged by grace, and licensed once paid', async (context) => {
  const story = await begin(context, 3);
  await billMonth(story, `${year}-02`);
  const invoice = await invoiceOf(story, 'C-1001');
  await story.until(`${year}-04-10`);
  const kinds = async () => (await mailsOf(story.db, { account: 'A-1' })).map(({ kind }) => kind);
  await story.eventually('the mail with both keys', async () => {
    return (await kinds()).filter((kind) => kind === 'key').length === 1;
  });
  const temporary = await licensesOf(story.db, { contract: 'C-1001' });
  expect(temporary.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'temporary enabled',
    'temporary enabled',
  ]);
  const reminders = (await kinds()).filter((kind) => kind === 'reminder').length;
  expect(reminders).toBe(3);
  const { totalMinor: amountMinor } = invoice;
  const on = `${year}-04-10`;
  await receive(story, { payment: 'bank:2', on, amountMinor, reference: invoice.invoice });
  await story.eventually('full licenses', async () => {
    const all = await licensesOf(story.db, { contract: 'C-1001' });
    return all.filter(({ kind, state }) => kind === 'full' && state === 'enabled').length === 2;
  });
  await story.until(`${year}-07-01`);
  expect((await kinds()).filter((kind) => kind === 'reminder')).toHaveLength(reminders);
  await story.saveHistory(invoice.documentKey ?? '', 'invoice-late');
  await story.saveHistory(contractWorkflowId('C-1001'), 'contract-grace');
});

it('part of the money licenses the subcontracts that it covers, and no other', async (context) => {
  const story = await begin(context, 3, { subcontracts: 3 });
  await billMonth(story, `${year}-02`);
  const invoice = await invoiceOf(story, 'C-1001');
  const part = invoice.totalMinor / 3;
  const on = `${year}-02-20`;
  await receive(story, {
    payment: 'bank:3',
    on,
    amountMinor: part,
    reference: invoice.invoice,
  });
  const [license, ...others] = await story.eventually('one license', async () => {
    const all = await licensesOf(story.db, { contract: 'C-1001' });
    return all.length > 0 ? all : null;
  });
  expect(others).toEqual([]);
  expect(license?.subcontract).toBe('C-1001/1');
  expect((await getInvoice(story.db, invoice.invoice))?.invoice.state).toBe('partially_paid');
  await story.saveHistory(invoice.documentKey ?? '', 'invoice-partly-paid');
});

it('one payment over two invoices licenses five subcontracts, however often its webhook comes', async (context) => {
  const story = await begin(context, 3, { contracts: 2, subcontracts: 5 });
  await billMonth(story, `${year}-02`);
  const invoices = [await invoiceOf(story, 'C-1001'), await invoiceOf(story, 'C-1002')];
  const amountMinor = invoices.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
  const reference = invoices.map(({ invoice }) => invoice).join(' and ');
  const payment = 'stripe:evt_1';
  await receive(story, { payment, on: `${year}-02-20`, amountMinor, reference });
  for (let n = 0; n < 100; n += 1) await startPayment(story.client, { payment, clock: null });
  await story.eventually('ten licenses', async () => {
    const all = [
      ...(await licensesOf(story.db, { contract: 'C-1001' })),
      ...(await licensesOf(story.db, { contract: 'C-1002' })),
    ];
    return all.length === 10;
  });
  const allocated = await allocationsOfPayment(story.db, payment);
  expect(allocated.reduce((sum, one) => sum + one.amountMinor, 0)).toBe(amountMinor);
  expect(allocated).toHaveLength(10);
  await story.eventually(
    'ten keys in one mail, two invoices, one receipt',
    async () => story.mails.length === 4,
  );
  const carried = story.mails.filter(({ subject }) => subject?.includes('license keys'));
  expect(carried).toHaveLength(1);
  expect(carried[0]?.text?.match(/^key\//gm)).toHaveLength(10);
  for (const { invoice } of invoices) expect(carried[0]?.text).toContain(invoice);
  const receipts = story.mails.filter(({ subject }) => subject?.startsWith('Receipt:'));
  expect(receipts).toHaveLength(1);
  for (const { invoice } of invoices) expect(receipts[0]?.text).toContain(invoice);
  await story.saveHistory(paymentWorkflowId(payment), 'payment-keys-first');
});

it('an accepted renewal begins the next term without a hole', async (context) => {
  const story = await begin(context, 1);
  await billMonth(story, `${year}-02`);
  const invoice = await invoiceOf(story, 'C-1001');
  const { totalMinor: amountMinor } = invoice;
  const on = `${year}-02-20`;
  await receive(story, { payment: 'bank:5', on, amountMinor, reference: invoice.invoice });
  await story.until(`${year + 1}-01-05`);
  const renewal = renewalKey('C-1001', `${year + 1}-04-01`);
  await story.eventually('the renewal mail', async () => {
    return (await getRenewal(story.db, renewal))?.state === 'sent';
  });
  const contract = story.client.workflow.getHandle(contractWorkflowId('C-1001'));
  const answer = { renewal, decision: 'accept', on: `${year + 1}-01-06`, reason: null } as const;
  await contract.executeUpdate(contractDecideRenewal, { args: [answer, MAKER] });
  expect((await contractFacts(story.db, 'C-1001'))?.contract.end).toBe(`${year + 2}-03-31`);
  const { runId } = await contract.describe();
  await story.until(`${year + 1}-02-14`);
  await billMonth(story, `${year + 1}-02`);
  expect((await invoiceOf(story, 'C-1001')).netMinor).toBe(invoice.netMinor);
  await story.until(`${year + 1}-04-02`);
  await story.eventually('the next year as a run of its own', async () => {
    return (await contract.describe()).runId !== runId;
  });
  await story.saveHistory(contractWorkflowId('C-1001'), 'contract-renewed', runId);
});
