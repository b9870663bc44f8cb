/** What must be so after a run that was broken off: everything was done, and nothing twice. */
import { expect } from 'vitest';
import { invoicesOfAccount, mailsOf, verifyAudit, verifyLedger } from '../../db/index.ts';
import { invoiceKey } from '../../workflows/ids.ts';
import { eventually } from '../infrastructure/eventually.ts';
import type { Plant } from './plant.ts';

export async function sentMails({ database }: Plant): Promise<number> {
  const mails = await mailsOf(database.db, { account: 'A-1' });
  return mails.filter(({ state }) => state === 'sent').length;
}

/** Each contract of a plant of one account has one document, one number and one mail, and the books are whole. */
export async function allIssuedAndMailedOnce(plant: Plant): Promise<void> {
  const { contracts, run, sink } = plant;
  const { db } = plant.database;
  await plant.issued();
  const invoices = await invoicesOfAccount(db, 'A-1');
  expect(invoices.map(({ documentKey }) => documentKey).sort()).toEqual(
    contracts.map((contract) => invoiceKey(contract, run)),
  );
  expect(new Set(invoices.map(({ invoice }) => invoice)).size).toBe(contracts.length);
  expect(await verifyLedger(db)).toEqual([]);
  expect((await verifyAudit(db)).ok).toBe(true);
  await eventually('all mails', async () => (await sentMails(plant)) === contracts.length);
  expect(new Set(sink.mails.map(({ messageId }) => messageId)).size).toBe(contracts.length);
}
