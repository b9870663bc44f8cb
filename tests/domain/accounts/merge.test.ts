/** One customer made of two: what moves, what stays, and which two can not become one. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNT_COLUMNS,
  type MergeSide,
  mergedBook,
  mergeRefusal,
} from '../../../domain/accounts/merge.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import { bookOf } from '../book-builder.ts';

const twins = (more: Partial<Row<'accounts'>> = {}): Book =>
  bookOf({
    entities: [{ entity: 'DE', country: 'DE', currency: 'EUR' }],
    accounts: [
      {
        account: 'A-1',
        name: 'Acme & Co',
        country: 'DE',
        postalCode: '89073',
        billingEmail: 'ap@a.example',
      },
      {
        account: 'A-2',
        name: 'ACME &  Co',
        country: 'DE',
        postalCode: '89073',
        parent: 'A-1',
        ...more,
      },
      { account: 'A-3', name: 'Acme Service', country: 'DE', parent: 'A-2' },
    ],
    contacts: [
      { account: 'A-1', email: 'ann@a.example' },
      { account: 'A-2', email: 'Ann@A.example' },
      { account: 'A-2', email: 'bob@a.example' },
    ],
    products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
    contracts: [
      { contract: 'C-1', account: 'A-1', start: '2026-03-01', end: '2027-02-28' },
      { contract: 'C-2', account: 'A-2', start: '2026-03-01', end: '2027-02-28', billTo: 'A-2' },
    ],
    invoices: [{ invoice: 'I-2', account: 'A-2', issued: '2026-01-15', contract: 'C-2' }],
    payments: [{ payment: 'P-2', account: 'A-2', received: '2026-02-01', amount: '1.00' }],
    incidents: [{ incident: 'T-1', account: 'A-2', opened: '2026-02-01' }],
  });

const sideOf = (row: Row<'accounts'>, more: Partial<MergeSide> = {}): MergeSide => ({
  row,
  entity: { entity: 'DE', currency: 'EUR' },
  mergedInto: null,
  clock: null,
  ...more,
});
const account = (book: Book, name: string): Row<'accounts'> => {
  const row = book.accounts.find((one) => one.account === name);
  if (row === undefined) throw new RangeError(`there is no ${name}`);
  return row;
};

describe('what moves', () => {
  it('is everything that names the account, but documents and money', () => {
    const names = ACCOUNT_COLUMNS.map(({ table, column }) => `${table}.${column}`);
    expect(names).toEqual([
      'accounts.parent',
      'contracts.account',
      'contracts.bill_to',
      'contracts.end_user',
      'contracts.reseller',
      'quotes.account',
      'orders.account',
      'timesheets.account',
      'licenses.account',
      'incidents.account',
    ]);
  });

  it('leaves documents, money and the contacts that are there already where they are', () => {
    const book = twins();
    const after = mergedBook(book, 'A-2', 'A-1');
    expect(after.contracts.map((row) => [row.account, row.billTo])).toEqual([
      ['A-1', null],
      ['A-1', 'A-1'],
    ]);
    expect(after.incidents[0]?.account).toBe('A-1');
    expect(after.invoices).toEqual(book.invoices);
    expect(after.payments).toEqual(book.payments);
    expect(after.contacts.map((row) => [row.account, row.email])).toEqual([
      ['A-1', 'ann@a.example'],
      ['A-2', 'Ann@A.example'],
      ['A-1', 'bob@a.example'],
    ]);
    expect(account(after, 'A-2')).toMatchObject({ status: 'closed', parent: 'A-1' });
    expect(account(after, 'A-3').parent).toBe('A-1');
  });

  it('never puts an account above itself', () => {
    const after = mergedBook(twins(), 'A-1', 'A-2');
    expect(account(after, 'A-2').parent).toBeNull();
    expect(account(after, 'A-3').parent).toBe('A-2');
  });

  it('keeps every row, and no contract stays with the merged one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('A-1', 'A-2', 'A-3'), { maxLength: 12 }),
        fc.constantFrom<[string, string]>(['A-1', 'A-2'], ['A-2', 'A-1'], ['A-3', 'A-1']),
        (owners, [from, into]) => {
          const contracts = owners.map((owner, at) => ({
            contract: `C-${at}`,
            ...{ account: owner, endUser: owner, start: '2026-01-01', end: '2026-12-31' },
          }));
          const book = { ...twins(), contracts: bookOf({ contracts }).contracts };
          const after = mergedBook(book, from, into);
          for (const table of ['accounts', 'contacts', 'contracts', 'invoices'] as const)
            expect(after[table].length).toBe(book[table].length);
          expect(after.contracts.map((row) => row.account)).toEqual(
            owners.map((owner) => (owner === from ? into : owner)),
          );
          expect(after.contracts.every((row) => row.endUser !== from)).toBe(true);
          // Done twice it is done once.
          expect(mergedBook(after, from, into)).toEqual(after);
        },
      ),
    );
  });
});

describe('who can not be merged', () => {
  const book = twins();
  const [one, two] = [account(book, 'A-1'), account(book, 'A-2')];
  const cases: Readonly<Record<string, [MergeSide, MergeSide, string | undefined]>> = {
    'two that may': [sideOf(two), sideOf(one), undefined],
    itself: [sideOf(one), sideOf(one), 'account-is-itself'],
    'one that was merged': [sideOf(two, { mergedInto: 'A-1' }), sideOf(one), 'already-merged'],
    'into one that was merged into it': [
      sideOf(one),
      sideOf(two, { mergedInto: 'A-1' }),
      'already-merged',
    ],
    'into a closed one': [sideOf(one), sideOf({ ...two, status: 'closed' }), 'account-closed'],
    'of a rehearsal': [sideOf(two, { clock: 'DEMO' }), sideOf(one), 'state-conflict'],
    'of another company': [
      sideOf(two, { entity: { entity: 'US', currency: 'EUR' } }),
      sideOf(one),
      'entity-differs',
    ],
    'in another currency': [sideOf({ ...two, currency: 'USD' }), sideOf(one), 'currency-differs'],
  };
  for (const [name, [from, into, code]] of Object.entries(cases))
    it(name, () => expect(mergeRefusal(from, into)?.code).toBe(code));
});

describe('the rule `customer-duplicated`', () => {
  const of = (book: Book) =>
    findingsOf(book, '2026-11-20').findings.filter(({ rule }) => rule === 'customer-duplicated');

  it('tells two of one name and postal code once, and is mended by the merge', () => {
    const book = twins({ parent: null });
    expect(of(book).map(({ account: twin, evidence }) => [twin, evidence.record])).toEqual([
      ['A-1', 'A-2'],
    ]);
    expect(of(mergedBook(book, 'A-2', 'A-1'))).toEqual([]);
    expect(of(mergedBook(book, 'A-1', 'A-2'))).toEqual([]);
  });

  it('tells two of one name and tax id', () => {
    const tax = { taxId: 'DE 136695976', postalCode: null };
    const book = twins({ parent: null, ...tax });
    expect(of(book)).toEqual([]);
    const both = book.accounts.map((row) =>
      row.account === 'A-1' ? { ...row, taxId: 'DE136695976' } : row,
    );
    expect(of({ ...book, accounts: both }).length).toBe(1);
  });

  it('leaves parts of one group, other places, other companies and closed ones alone', () => {
    const others: Partial<Row<'accounts'>>[] = [
      {},
      { parent: null, postalCode: '10115' },
      { parent: null, name: 'Other' },
      { parent: null, status: 'closed' },
      { parent: null, entity: 'DE' },
    ];
    for (const more of others) expect(of(twins(more))).toEqual([]);
  });
});
