/** Sentences that stories are told in. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startBillRun, startContract, startPayment } from '../../connectors/temporal/lifecycles.ts';
import { getRun, invoicesOfContract, mailsOf, recordPayment } from '../../db/index.ts';
import { nextBusinessDay } from '../../domain/dates/dates.ts';
import { billRunWorkflowId, contractWorkflowId, paymentWorkflowId } from '../../workflows/ids.ts';
import { runApprove, runSubmit } from '../../workflows/messages.ts';
import { acme, type Setting } from './companies.ts';
import { CHECKER, createWorld, MAKER, type World } from './world.ts';

/** A company whose first term begins on 1 April of the next year, on the day before that year's run for it. */
export async function beginTerm(
  env: TestWorkflowEnvironment,
  years: number,
  rest: Partial<Setting> = {},
): Promise<{ world: World; year: number }> {
  const year = new Date(await env.currentTimeMs()).getUTCFullYear() + 1;
  const term = { start: `${year}-04-01`, end: `${year + years}-03-31` };
  const world = await createWorld(env, acme({ ...term, ...rest }));
  const { contracts = 1 } = rest;
  for (let n = 0; n < contracts; n += 1)
    await startContract(world.client, { contract: `C-${1001 + n}`, clock: null });
  await world.until(`${year}-02-14`);
  return { world, year };
}

/**
 * On the day before: the month's run is computed, submitted and approved by a second person, and issued. Where that is no
 * business day, time goes on to the one on which its mails leave.
 */
export async function billMonth(world: World, month: string): Promise<void> {
  const { client, db } = world;
  await startBillRun(client, { run: month, runOn: `${month}-15`, clock: null, startedBy: MAKER });
  const handle = client.workflow.getHandle(billRunWorkflowId(month));
  await world.eventually('a run in review', async () => {
    return (await getRun(db, month))?.state === 'in_review';
  });
  const { shownHash } = await handle.executeUpdate(runSubmit, { args: [MAKER] });
  await handle.executeUpdate(runApprove, { args: [{ shownHash }, CHECKER] });
  await world.eventually(
    'an issued run',
    async () => (await getRun(db, month))?.state === 'issued',
  );
  await mailsLeave(world, `${month}-15`);
}

/** Lives until mails of a day may leave; a business day's leave at once. */
export async function mailsLeave(world: World, day: string): Promise<void> {
  const on = nextBusinessDay(day);
  if (on > day) await world.until(on);
}

export async function invoiceOf(world: World, contract: string) {
  const [invoice] = await invoicesOfContract(world.db, contract);
  if (invoice === undefined) throw new Error(`${contract} has no invoice`);
  return invoice;
}

export interface Receipt {
  readonly payment: string;
  readonly on: string;
  readonly amountMinor: number;
  readonly reference: string;
}

/** Money arrives; its process has ended, or waits for a person, when this returns. */
export async function receive(world: World, { payment, on, amountMinor, reference }: Receipt) {
  const { client, db } = world;
  const row = { payment, account: 'A-1', receivedOn: on, amountMinor, currency: 'EUR', reference };
  await recordPayment(db, row);
  await startPayment(client, { payment, clock: null });
  const handle = client.workflow.getHandle(paymentWorkflowId(payment));
  await world.eventually(`payment ${payment} done`, async () => {
    return (await handle.describe()).status.name === 'COMPLETED';
  });
}

/** One run of a workflow whose history tells something. */
export interface Told {
  readonly workflowId: string;
  readonly runId?: string;
}

/**
 * A year of contract C-1001 in which everybody is on time: billed in February, paid ten days later, licensed, and turned
 * into its second year. Answers the three processes that it took.
 */
export async function liveOnTimeYear(
  world: World,
  year: number,
): Promise<{ readonly contract: Told; readonly invoice: Told; readonly payment: Told }> {
  await billMonth(world, `${year}-02`);
  const invoice = await invoiceOf(world, 'C-1001');
  await world.until(`${year}-02-24`);
  const { totalMinor: amountMinor, documentKey } = invoice;
  const on = `${year}-02-25`;
  await receive(world, { payment: 'bank:1', on, amountMinor, reference: invoice.invoice });
  await world.eventually('the key mail', async () => {
    const mails = await mailsOf(world.db, { account: 'A-1' });
    return mails.filter(({ kind, state }) => kind === 'key' && state === 'sent').length === 1;
  });
  const workflowId = contractWorkflowId('C-1001');
  const contract = world.client.workflow.getHandle(workflowId);
  const first = (await contract.describe()).runId;
  await world.until(`${year + 1}-04-02`);
  await world.eventually('the next billing year', async () => {
    return (await contract.describe()).runId !== first;
  });
  return {
    contract: { workflowId, runId: first },
    invoice: { workflowId: documentKey ?? '' },
    payment: { workflowId: paymentWorkflowId('bank:1') },
  };
}
