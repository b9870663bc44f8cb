import { expect, it } from 'vitest';
import { startBillRun, startContract, startPayment } from '../../connectors/temporal/lifecycles.ts';
import {
  getInvoice,
  invoicesOfContract,
  licensesOf,
  listRunItems,
  recordPayment,
  timelineOf,
} from '../../db/index.ts';
import { billRunWorkflowId } from '../../workflows/ids.ts';
import { runApprove, runSubmit } from '../../workflows/messages.ts';
import { useTimeSkipping } from '../infrastructure/engines.ts';
import { acme } from './companies.ts';
import { mailsLeave } from './telling.ts';
import { CHECKER, createWorld, MAKER } from './world.ts';

const timeSkipping = useTimeSkipping('file');

it('bills, delivers, is paid and sends keys, all on time', async (context) => {
  const env = timeSkipping(context);
  const today = new Date(await env.currentTimeMs()).toISOString().slice(0, 10);
  const year = Number(today.slice(0, 4)) + 1;
  const world = await createWorld(env, acme({ start: `${year}-04-01`, end: `${year + 2}-03-31` }));
  const { db, client } = world;
  try {
    await startContract(client, { contract: 'C-1001', clock: null });
    await world.until(`${year}-02-14`);
    const run = `${year}-02`;
    await startBillRun(client, { run, runOn: `${run}-15`, clock: null, startedBy: MAKER });
    const handle = client.workflow.getHandle(billRunWorkflowId(run));
    await world.eventually(
      'the run in review',
      async () => (await listRunItems(db, run)).length > 0,
    );
    const { shownHash } = await handle.executeUpdate(runSubmit, { args: [MAKER] });
    await handle.executeUpdate(runApprove, { args: [{ shownHash }, CHECKER] });
    const [invoice] = await world.eventually('an invoice', async () => {
      const all = await invoicesOfContract(db, 'C-1001');
      return all.length > 0 ? all : null;
    });
    expect(invoice?.totalMinor).toBe(2 * 120_000 * 1.19);
    await mailsLeave(world, `${run}-15`);
    await world.eventually('the invoice mail', async () => world.mails.length > 0);
    expect(world.mails[0]?.subject).toContain(invoice?.invoice);
    expect(world.mails[0]?.attachments[0]?.contentType).toBe('application/pdf');

    await recordPayment(db, {
      payment: 'manual:1',
      account: 'A-1',
      receivedOn: `${year}-02-20`,
      amountMinor: invoice?.totalMinor ?? 0,
      currency: 'EUR',
      reference: invoice?.invoice ?? '',
    });
    await startPayment(client, { payment: 'manual:1', clock: null });
    await world.eventually('two licenses', async () => {
      return (await licensesOf(db, { contract: 'C-1001' })).length === 2;
    });
    const licenses = await licensesOf(db, { contract: 'C-1001' });
    expect(licenses.map(({ kind, validThrough }) => `${kind} ${validThrough}`)).toEqual([
      `full ${year + 1}-03-31`,
      `full ${year + 1}-03-31`,
    ]);
    // The invoice, one mail with both keys, and the receipt.
    await world.eventually('a key mail and a receipt', async () => world.mails.length === 3);
    expect((await getInvoice(db, invoice?.invoice ?? ''))?.invoice.state).toBe('paid');
    expect((await timelineOf(db, { contract: 'C-1001' })).map(({ kind }) => kind)).toContain(
      'license',
    );
  } finally {
    await world.end();
  }
});
