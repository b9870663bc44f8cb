/**
 * The accounting of an installation that has none connected: our own ledger. Its entries are posted in the transaction
 * that issues the document or applies the payment, so nothing is left to do here, and workflows do not ask (`external`).
 */
import type { Accounting } from '../port.ts';

export function createBuiltInAccounting(): Accounting {
  return {
    system: 'built-in-ledger',
    external: false,
    postDocument: ({ invoice }) => Promise.resolve({ result: 'ok', reference: invoice }),
    postPayment: ({ payment }) => Promise.resolve({ result: 'ok', reference: payment }),
  };
}
