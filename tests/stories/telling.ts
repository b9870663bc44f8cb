/** Sentences that stories are told in. */
import { startBillRun, startPayment } from '../../connectors/temporal/lifecycles.ts';
import { getRun, invoicesOfContract, recordPayment } from '../../db/index.ts';
import { billRunWorkflowId, paymentWorkflowId } from '../../workflows/ids.ts';
import { runApprove, runSubmit } from '../../workflows/messages.ts';
import { CHECKER, MAKER, type World } from './world.ts';

/** On the day before: the month's run is computed, submitted and approved by a second person, and issued. */
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
