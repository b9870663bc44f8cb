/**
 * Tryton as the accounting system (8.0 and later, over its REST interface): customers, invoices and payments are read to be
 * compared, customers are corrected, and what Perennial issues and receives is posted. Money crosses as decimal text, never as
 * a floating-point number.
 */
import type { ReachAnswer } from '../../outside-system.ts';
import type { Accounting } from '../port.ts';
import { companiesOf, type TrytonOptions } from './companies.ts';
import { postCustomer, trytonCorrections } from './corrections.ts';
import { postDocument } from './documents.ts';
import { postPayment } from './payments.ts';
import { postingFault } from './posting.ts';
import { trytonReader } from './reading.ts';

export function createTrytonAccounting(options: TrytonOptions): Accounting {
  const companies = companiesOf(options);
  return {
    system: 'tryton',
    external: true,
    postDocument: (document) => postDocument(options, companies, document),
    postPayment: (payment) => postPayment(options, companies, payment),
    postCustomer: (customer) => postCustomer(options, companies, customer),
    reader: trytonReader(options, companies),
    corrections: trytonCorrections(options, companies),
    reach: () => reach(options),
  };
}

async function reach(options: TrytonOptions): Promise<ReachAnswer> {
  const companies = await companiesOf(options)();
  if (companies.result !== 'ok') return companies;
  const fault = await postingFault(options, companies.value);
  if (fault !== null) return fault;
  const names = [...new Set([...companies.value.values()].map(({ name }) => name))].join(', ');
  const does =
    options.posting === undefined ? 'read and corrected, nothing is posted' : 'posted to';
  const { host } = new URL(options.url);
  return { result: 'ok', words: `Tryton at ${host}, ${options.database}: ${names}; ${does}` };
}
