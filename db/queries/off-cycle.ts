/** Runs of one contract between the months' runs: what is agreed along with one, and taking one back. */
import type { Row } from '../../domain/book/tables.ts';
import { ONE_OFF_KINDS } from '../../domain/charges/unbilled.ts';
import type { Db } from '../connect.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { audit } from './audit.ts';
import { type BillRun, endRunRefused, lockedRun } from './billing.ts';
import { addAmendment } from './contracts.ts';
import { factRows, getFact, putFact } from './facts.ts';

/** A one-off product of a contract, agreed on a day: `quantity` and `unitPrice` (null: the price list's) as decimal strings. */
export interface AgreedOneOff {
  readonly subcontract: string;
  readonly sku: string;
  readonly quantity: string;
  readonly unitPrice: string | null;
}

/** The subcontract that an agreed item becomes: of its contract, delivered and known on the day. */
export function oneOffSubcontract(
  contract: string,
  { subcontract, sku, quantity, unitPrice }: AgreedOneOff,
  on: string,
): Row<'subcontracts'> {
  return {
    ...{ subcontract, contract, sku, quantity, unitPrice, start: on, recorded: on },
    ...{ end: null, discountPercent: null, promotion: null, includedQuantity: null },
    ...{ serial: null, status: 'active', opportunity: null, custom: {} },
  };
}

/**
 * Refuses what can not be delivered once under a contract on a day, in words.
 * @throws Refusal `invalid-input`, `not-found`
 */
export async function demandDeliverable(
  db: Db,
  contract: Row<'contracts'>,
  items: readonly AgreedOneOff[],
  on: string,
): Promise<void> {
  if (items.length === 0) return;
  const { contract: number, start, end, terminatedOn } = contract;
  const last = terminatedOn !== null && terminatedOn < end ? terminatedOn : end;
  if (on < start || on > last)
    throw new Refusal(
      'invalid-input',
      `${number} runs from ${start} through ${last}: nothing can be delivered under it on ${on}.`,
    );
  const products = new Map(
    (await factRows(db, 'products', { sku: items.map(({ sku }) => sku) })).map((row) => [
      row.sku,
      row.kind,
    ]),
  );
  for (const { sku } of items) {
    const kind = products.get(sku);
    if (kind === undefined) throw new Refusal('not-found', `There is no product ${sku}.`);
    if (!ONE_OFF_KINDS.has(kind))
      throw new Refusal(
        'invalid-input',
        `${sku} is ${kind}: only licenses, goods and fees are charged once. Agree on a subcontract for it.`,
      );
  }
}

/** Writes what was agreed along with a run; done again it changes nothing. */
export async function agreeOneOffs(
  db: Db,
  input: {
    run: string;
    contract: string;
    on: string;
    items: readonly AgreedOneOff[];
    actor: Actor;
    reason: string | null;
  },
): Promise<void> {
  const { run, contract, on, items, actor, reason } = input;
  await db.transaction(async (tx) => {
    for (const item of items) {
      const { subcontract } = item;
      if ((await getFact(tx, 'subcontracts', { subcontract })) !== null) continue;
      await putFact(tx, 'subcontracts', oneOffSubcontract(contract, item, on));
      const details = { run, contract, ...item };
      await audit(tx, {
        actor,
        action: 'subcontract.create',
        subject: subcontract,
        reason,
        details,
      });
    }
  });
}

/**
 * Ends an off-cycle run that is not approved: nothing of it goes out, and what was agreed along with it (`items`, names of
 * subcontracts) is taken back as never begun. Done again it changes nothing.
 * @throws Refusal `already-decided` once it is approved, `invalid-input` for a month's run
 */
export async function withdrawRun(
  db: Db,
  input: { run: string; reason: string; actor: Actor; items: readonly string[] },
): Promise<BillRun> {
  const { run, reason, actor, items } = input;
  if (!run.includes('+'))
    throw new Refusal('invalid-input', `${run} is a month’s run: leave documents out of it.`);
  return db.transaction(async (tx) => {
    const before = await lockedRun(tx, run);
    if (before.state === 'refused') return before;
    if (!['computing', 'in_review', 'submitted', 'failed'].includes(before.state))
      throw new Refusal(
        'already-decided',
        `The run ${run} is ${before.state}: it was approved already. Correct it by a credit note.`,
      );
    for (const subcontract of items) await takeBack(tx, subcontract, before);
    const ended = await endRunRefused(tx, run, reason);
    await audit(tx, {
      actor,
      action: 'bill-run.withdraw',
      subject: run,
      reason,
      details: { items },
    });
    return ended;
  });
}

/** Removed from its first day on: it was never delivered. A run that was never computed had agreed on nothing yet. */
async function takeBack(tx: Db, subcontract: string, { run, runOn }: BillRun): Promise<void> {
  if ((await getFact(tx, 'subcontracts', { subcontract })) === null) return;
  await addAmendment(tx, {
    ...{ amendment: `withdrawn:${run}:${subcontract}`, subcontract, kind: 'remove', value: null },
    ...{ effective: runOn, recorded: runOn, reason: 'correction', custom: {} },
  });
}
