/**
 * Starts the lifecycles that the facts call for: a contract workflow for every contract that lives, an invoice workflow
 * for imported open invoices that may be reminded of. Idempotent, so it runs at every start and after every import.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { startContract, startInvoice } from '../connectors/temporal/lifecycles.ts';
import {
  contractFacts,
  contractsToRun,
  type Db,
  getContractState,
  type Invoice,
  invoicesOfContract,
  policiesFor,
  timeZoneFor,
} from '../db/index.ts';
import { importedInvoiceKey } from '../workflows/ids.ts';

/** Begun side by side: enough to be quick, few enough to leave room for people. */
const AT_A_TIME = 8;
/** So long a batch may take to say where it stands before the next one is begun all the same. */
const BATCH_MS = 10_000;

/** Imported open invoices are reminded of only where the policy `dun_imported` says yes: history went its own way. */
async function mayBeDunned(
  db: Db,
  { account, entity, contract, dueOn }: Invoice,
): Promise<boolean> {
  const policies = await policiesFor(db, { account, entity, contract, on: dueOn });
  return policies.dun_imported === 'yes';
}

export interface Started {
  readonly contracts: number;
  readonly importedInvoices: number;
}

export interface StartOptions {
  /** Null for the real world; a test clock's name for its rehearsal. */
  readonly clock?: string | null;
  /** Ends the work between two batches; what was not begun is begun by the next start. */
  readonly signal?: AbortSignal;
  /** Hears after each batch how many of all contracts are begun. */
  readonly onProgress?: (begun: number, all: number) => void;
}

/** A batch is begun once the one before stands: hundreds at once would hold up what people ask for meanwhile. */
export async function startLifecycles(
  db: Db,
  client: Client,
  { clock = null, signal, onProgress }: StartOptions = {},
): Promise<Started> {
  const contracts = await contractsToRun(db, { clock });
  let begun = 0;
  let importedInvoices = 0;
  while (begun < contracts.length && signal?.aborted !== true) {
    const batch = contracts.slice(begun, begun + AT_A_TIME);
    const imported = await Promise.all(batch.map((one) => startOne(db, client, one, clock)));
    importedInvoices += imported.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    await untilTheyStand(
      db,
      batch.filter((_, at) => imported[at] !== null),
    );
    begun += batch.length;
    onProgress?.(begun, contracts.length);
  }
  return { contracts: begun, importedInvoices };
}

/** @returns how many imported invoices of the contract are looked after now; null where it is gone meanwhile. */
async function startOne(
  db: Db,
  client: Client,
  contract: string,
  clock: string | null,
): Promise<number | null> {
  const facts = await contractFacts(db, contract);
  if (facts === null) return null;
  const party = { account: facts.contract.account, entity: facts.entity?.entity ?? null };
  await startContract(client, { contract, clock }, party);
  let importedInvoices = 0;
  for (const invoice of await invoicesOfContract(db, contract)) {
    const imported = invoice.documentKey === null && invoice.type === 'invoice';
    if (!imported || invoice.balanceMinor <= 0 || !(await mayBeDunned(db, invoice))) continue;
    await startImported(db, client, invoice, clock);
    importedInvoices += 1;
  }
  return importedInvoices;
}

/** A contract that has begun writes where it stands; on later starts all have. */
async function untilTheyStand(db: Db, batch: readonly string[]): Promise<void> {
  const endsAt = Date.now() + BATCH_MS;
  for (const contract of batch)
    while (Date.now() < endsAt && (await getContractState(db, contract)) === null) await wait(50);
}

async function startImported(
  db: Db,
  client: Client,
  invoice: Invoice,
  clock: string | null,
): Promise<void> {
  const { account, entity, issuedOn, dueOn, contract } = invoice;
  const timeZone = await timeZoneFor(db, { account });
  const args = {
    documentKey: importedInvoiceKey(invoice.invoice),
    invoice: invoice.invoice,
    account,
    contracts: contract === null ? [] : [contract],
    issuedOn,
    dueOn,
    entity,
    timeZone,
    clock,
    deliver: false,
  };
  await startInvoice(client, args, invoice.totalMinor);
}
