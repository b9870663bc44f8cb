/** An issued document begins to live: its own workflow, and all that must hear of it. */
import { startInvoice, tellContract } from '../connectors/temporal/lifecycles.ts';
import {
  addTimelineEvent,
  type Db,
  getFact,
  getInvoice,
  type Invoice,
  policiesFor,
  timeZoneFor,
} from '../db/index.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { nextWorkingDay } from '../domain/dates/holidays.ts';
import { effectKey } from '../workflows/ids.ts';
import type { InvoiceArgs } from '../workflows/messages.ts';
import { offerCredit } from './credit-offer.ts';
import type { Deps } from './deps.ts';
import { stepFailed } from './failures.ts';

const WHAT = {
  invoice: 'Invoice',
  credit_note: 'Credit note',
  late_charge: 'Late charge',
} as const satisfies Record<Invoice['type'], string>;

/** What an invoice's workflow is started with. */
export async function invoiceArgs(
  db: Db,
  invoice: Invoice,
  clock: string | null,
): Promise<InvoiceArgs> {
  const found = await getInvoice(db, invoice.invoice);
  const contracts = new Set<string>();
  if (invoice.contract !== null) contracts.add(invoice.contract);
  for (const { contract } of found?.lines ?? []) if (contract !== null) contracts.add(contract);
  const issuer = await getFact(db, 'entities', { entity: invoice.entity });
  const timeZone =
    issuer === null ? await timeZoneFor(db, { account: invoice.account }) : issuer.timeZone;
  const { documentKey, issuedOn, dueOn, account, entity } = invoice;
  if (documentKey === null) throw stepFailed(`Document ${invoice.invoice} has no key.`);
  return {
    documentKey,
    invoice: invoice.invoice,
    account,
    contracts: [...contracts],
    issuedOn,
    dueOn,
    entity,
    timeZone: timeZone ?? 'UTC',
    clock,
    deliver: true,
  };
}

/** The first business day of the seller, from a day on: then its mails leave (billing rules §4). */
async function mailDay(db: Db, { entity }: Invoice, today: CivilDate): Promise<CivilDate> {
  const { holidays } = await policiesFor(db, { entity, on: today });
  return nextWorkingDay(today, holidays ?? null);
}

/**
 * The document's own process, a line in each contract's timeline, and each contract told. Its mail leaves on a business
 * day. Doing it again changes nothing.
 */
export async function beginLife(
  deps: Deps,
  invoice: Invoice,
  { clock, today }: { readonly clock: string | null; readonly today: CivilDate },
): Promise<void> {
  const { db, client } = deps;
  const args = await invoiceArgs(db, invoice, clock);
  const deliverOn = await mailDay(db, invoice, today);
  await startInvoice(client, { ...args, deliverOn }, invoice.totalMinor);
  const { issuedOn, dueOn } = invoice;
  const what = WHAT[invoice.type];
  for (const contract of args.contracts) {
    await addTimelineEvent(db, {
      key: effectKey(args.documentKey, `issued:${contract}`),
      contract,
      account: invoice.account,
      happenedOn: issuedOn,
      kind: 'invoice',
      words: `${what} ${invoice.invoice} issued, due ${dueOn}`,
      references: { invoice: invoice.invoice },
    });
    // A late charge covers nothing: no license and no renewal of a contract waits for it.
    if (invoice.type === 'late_charge') continue;
    const issued = { invoice: invoice.invoice, documentKey: args.documentKey, dueOn };
    await tellContract(client, { contract, clock }, { kind: 'issued', issued });
  }
  await offerCredit(deps, invoice, { clock, today });
}
