/**
 * A contract is billed between the months' runs, with a dongle that is agreed along with it: shown, submitted, approved by a
 * second person, mailed. The month's run that comes after it finds nothing left; a second one is withdrawn and leaves no trace.
 */
import { expect, it } from 'vitest';
import { startBillRun } from '../../connectors/temporal/lifecycles.ts';
import {
  getFact,
  getInvoice,
  getRun,
  invoicesOfContract,
  listRunItems,
  verifyLedger,
} from '../../db/index.ts';
import { addDays, addMonths, startOfMonth } from '../../domain/dates/dates.ts';
import { billRunWorkflowId, offCycleItem, offCycleRunName, runName } from '../../workflows/ids.ts';
import { runApprove, runSubmit, runWithdraw } from '../../workflows/messages.ts';
import { useTimeSkipping } from '../infrastructure/engines.ts';
import { acme } from './companies.ts';
import { bookOf, CHECKER, createWorld, MAKER, type World } from './world.ts';

const timeSkipping = useTimeSkipping('file');
const CONTRACT = 'C-1001';

interface Asked {
  readonly run: string;
  readonly runOn: string;
  readonly quantity: string;
}

const item = (run: string) => offCycleItem(run, 1);
async function begin({ client }: World, { run, runOn, quantity }: Asked) {
  const items = [{ subcontract: item(run), sku: 'DONGLE', quantity, unitPrice: '45' }];
  const whole = { contract: CONTRACT, account: 'A-1', subject: null, periodStart: null };
  const only = { ...whole, items, reason: 'wanted at once' };
  await startBillRun(client, { run, runOn, clock: null, startedBy: MAKER, only });
  return client.workflow.getHandle(billRunWorkflowId(run));
}

it('is billed at once by two people, and by nobody again', async (context) => {
  const env = timeSkipping(context);
  const today = new Date(await env.currentTimeMs()).toISOString().slice(0, 10);
  const month = today.slice(0, 7);
  const start = addMonths(startOfMonth(today), -2);
  const end = addDays(addMonths(start, 12), -1);
  const book = acme({ start, end });
  const { products } = bookOf({
    products: [{ sku: 'DONGLE', name: 'License dongle', kind: 'goods' }],
  });
  const world = await createWorld(env, { ...book, products: [...book.products, ...products] });
  const { db, client, eventually } = world;
  try {
    const run = offCycleRunName(month, CONTRACT);
    const handle = await begin(world, { run, runOn: today, quantity: '2' });
    // Asked while it is being computed: it waits for that.
    const { shownHash } = await handle.executeUpdate(runSubmit, { args: [MAKER] });
    expect(await listRunItems(db, run)).toMatchObject([
      { kind: 'invoice', netMinor: 249_000, contract: CONTRACT },
    ]);
    expect(await getFact(db, 'subcontracts', { subcontract: item(run) })).toMatchObject({
      ...{ contract: CONTRACT, sku: 'DONGLE', quantity: '2', start: today, recorded: today },
    });
    await expect(
      handle.executeUpdate(runApprove, { args: [{ shownHash }, MAKER] }),
    ).rejects.toMatchObject({ cause: { type: 'own-run' } });
    await handle.executeUpdate(runApprove, { args: [{ shownHash }, CHECKER] });
    const [invoice] = await eventually('its invoice', async () => {
      const all = await invoicesOfContract(db, CONTRACT);
      return all.length > 0 ? all : null;
    });
    expect(invoice).toMatchObject({ netMinor: 249_000, taxMinor: 47_310, run, state: 'issued' });
    await handle.result();
    await world.until(addDays(today, 5));
    await eventually('its mail', async () =>
      world.mails.find(({ subject }) => subject?.includes(invoice?.invoice ?? '?')),
    );
    expect((await getInvoice(db, invoice?.invoice ?? ''))?.invoice.deliveredAt).not.toBeNull();

    // The month's run: whatever day its run date is, nothing of the contract is left.
    const whole = runName(month, null);
    const runOn = `${month}-15`;
    await startBillRun(client, { run: whole, runOn, clock: null, startedBy: MAKER });
    await eventually(
      'the month’s run',
      async () => (await getRun(db, whole))?.state === 'in_review',
    );
    expect(await listRunItems(db, whole)).toEqual([]);

    // A second one, that nobody wants any more.
    const second = offCycleRunName(month, CONTRACT, 2);
    const other = await begin(world, { run: second, runOn: addDays(today, 5), quantity: '1' });
    await other.executeUpdate(runSubmit, { args: [MAKER] });
    await other.executeUpdate(runWithdraw, { args: [{ reason: 'a mistake' }, MAKER] });
    await world.saveHistory(billRunWorkflowId(second), 'bill-run-withdrawn');
    expect(await other.result()).toEqual({ issued: 0, failed: 0 });
    expect(await getRun(db, second)).toMatchObject({ state: 'refused', reason: 'a mistake' });
    await client.workflow
      .getHandle(billRunWorkflowId(whole))
      .executeUpdate(runWithdraw, { args: [{ reason: 'this one too' }, MAKER] })
      .then(
        () => expect.fail('a month’s run is not withdrawn'),
        (error: { cause?: { type?: string } }) => expect(error.cause?.type).toBe('invalid-input'),
      );
    expect(await invoicesOfContract(db, CONTRACT)).toHaveLength(1);
    expect(await verifyLedger(db)).toEqual([]);
  } finally {
    await world.end();
  }
});
