/**
 * Starts the lifecycles that the facts call for: a contract workflow for every contract that lives, an invoice workflow
 * for imported open invoices that may be reminded of. Idempotent, so it runs at every start and after every import.
 */
import type { Client } from '@temporalio/client';
import { startContract, startInvoice } from '../connectors/temporal/lifecycles.ts';
import {
  contractFacts,
  contractsToRun,
  type Db,
  entityFor,
  type Invoice,
  invoicesOfContract,
  policiesFor,
} from '../db/index.ts';
import { importedInvoiceKey } from '../workflows/ids.ts';

/** Calls to the engine at a time: enough to be quick, few enough to leave room for people. */
const AT_A_TIME = 16;

async function inBatches<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_A_TIME)
    await Promise.all(items.slice(at, at + AT_A_TIME).map(work));
}

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

/** @param clock null for the real world; a test clock's name for its rehearsal. */
export async function startLifecycles(
  db: Db,
  client: Client,
  clock: string | null = null,
): Promise<Started> {
  const contracts = await contractsToRun(db, { clock });
  let importedInvoices = 0;
  await inBatches(contracts, async (contract) => {
    const facts = await contractFacts(db, contract);
    if (facts === null) return;
    const party = { account: facts.contract.account, entity: facts.entity?.entity ?? null };
    await startContract(client, { contract, clock }, party);
    for (const invoice of await invoicesOfContract(db, contract)) {
      const imported = invoice.documentKey === null && invoice.type === 'invoice';
      if (!imported || invoice.balanceMinor <= 0 || !(await mayBeDunned(db, invoice))) continue;
      await startImported(db, client, invoice, clock);
      importedInvoices += 1;
    }
  });
  return { contracts: contracts.length, importedInvoices };
}

async function startImported(
  db: Db,
  client: Client,
  invoice: Invoice,
  clock: string | null,
): Promise<void> {
  const { account, entity, issuedOn, dueOn, contract } = invoice;
  const timeZone = (await entityFor(db, { account }))?.timeZone ?? 'UTC';
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
