/**
 * The accounting of an installation that has none connected: our own ledger. Its entries are posted in the transaction
 * that issues the document or applies the payment, so here only that they are there is confirmed.
 */
import type { Accounting, AccountingAnswer } from '../port.ts';

/** @param isPosted whether the ledger holds an entry of a document or payment. */
export function createBuiltInAccounting(isPosted: (thing: string) => Promise<boolean>): Accounting {
  const confirm = async (thing: string): Promise<AccountingAnswer> =>
    (await isPosted(thing))
      ? { result: 'ok', reference: thing }
      : { result: 'rejected', message: `The ledger holds no entry of ${thing}.` };
  return {
    system: 'built-in-ledger',
    external: false,
    postDocument: ({ invoice }) => confirm(invoice),
    postPayment: ({ payment }) => confirm(payment),
  };
}
