/** Look-ups over a book, and rows with nothing given. */
import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { compositeKey, groupBy, indexBook } from '../../../domain/book/book-index.ts';
import { withCutover } from '../../../domain/book/cutover.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { bookOf } from '../book-builder.ts';

describe('amendments', () => {
  const order = (amendments: Partial<Row<'amendments'>>[]) =>
    indexBook(bookOf({ amendments: amendments.map((row) => ({ subcontract: 'S-1', ...row })) }))
      .amendmentsOf.get('S-1')
      ?.map(({ amendment }) => amendment);
  const at = (amendment: string, effective: string, recorded: string | null = null) => ({
    amendment,
    effective,
    recorded,
  });

  it('apply by the day they take effect, then the day they were recorded, then their number', () => {
    const rows = [
      at('M-5', '2026-02-01'),
      at('M-4', '2026-01-01', '2026-01-09'),
      at('M-3', '2026-01-01', '2026-01-09'),
      at('M-2', '2026-01-01', '2026-01-08'),
      at('M-9', '2026-01-01'),
    ];
    const expected = ['M-9', 'M-2', 'M-3', 'M-4', 'M-5'];
    expect(order(rows)).toEqual(expected);
    expect(order([...rows].reverse())).toEqual(expected);
    expect(
      order([at('A', '2026-03-01', '2025-01-01'), at('B', '2026-02-01', '2026-02-01')]),
    ).toEqual(['B', 'A']);
  });

  it('that move tell what comes to a contract, each once, and nothing that is there already', () => {
    const move = (amendment: string, subcontract: string, value: string | null, more = {}) => ({
      amendment,
      subcontract,
      value,
      kind: 'move' as const,
      effective: '2026-01-01',
      ...more,
    });
    const { movedTo } = indexBook(
      bookOf({
        subcontracts: ['S-1', 'S-2'].map((subcontract) => ({ subcontract, contract: 'C-1' })),
        amendments: [
          move('M-1', 'S-1', 'C-2'),
          move('M-2', 'S-2', 'C-2'),
          move('M-3', 'S-1', 'C-2'),
          move('M-4', 'S-1', 'C-1'),
          move('M-5', 'S-9', 'C-2'),
          move('M-6', 'S-2', null),
          { ...move('M-7', 'S-2', 'C-3'), kind: 'price' as const },
        ],
      }),
    );
    expect([...movedTo].map(([to, rows]) => [to, rows.map((row) => row.subcontract)])).toEqual([
      ['C-2', ['S-1', 'S-2']],
    ]);
  });
});

describe('an index', () => {
  const index = indexBook(
    bookOf({
      entities: [{ entity: 'E-1' }, { entity: 'E-2' }],
      timesheets: [
        { entry: 'T-1', account: 'A-1', contract: 'C-1' },
        { entry: 'T-2', account: 'A-1' },
        { entry: 'T-3', account: 'A-2' },
      ],
      policies: [
        { policy: 'renewal', scope: 'account', id: 'A-1', value: '1' },
        { policy: 'renewal', scope: 'account', id: 'A-1', value: '2' },
        { policy: 'renewal', scope: 'entity', id: 'A-1', value: '3' },
      ],
    }),
  );

  it('finds rows by their key and by what they belong to', () => {
    expect(index.entities.get('E-2')?.entity).toBe('E-2');
    expect(index.timesheetsOf.get('C-1')?.map(({ entry }) => entry)).toEqual(['T-1']);
    // Time of a contract is not told again under its account.
    expect(index.timesheetsOfAccount.get('A-1')?.map(({ entry }) => entry)).toEqual(['T-2']);
    expect(index.timesheetsOfAccount.get('A-2')?.map(({ entry }) => entry)).toEqual(['T-3']);
    const values = index.policies.get('renewal')?.get('account')?.get('A-1');
    expect(values?.map(({ value }) => value)).toEqual(['1', '2']);
  });

  it('groups in the order of the rows, and leaves out what has no key', () => {
    const groups = groupBy(['b1', 'a1', '', 'b2'], (row) => (row === '' ? null : row.slice(0, 1)));
    expect([...groups]).toEqual([
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
    ]);
  });

  it('puts keys together so that no two pairs share one', () => {
    expect(compositeKey('a', 'bc')).not.toBe(compositeKey('ab', 'c'));
    expect(compositeKey('a', 'b')).toBe(compositeKey('a', 'b'));
  });
});

it('a row with nothing given has the defaults of its columns, and shares nothing with another', () => {
  const contract = rowOf('contracts', { contract: 'C-1' });
  expect(contract).toMatchObject({ contract: 'C-1', account: null, billingFrequency: 'annual' });
  const [one, other] = [rowOf('accounts', {}), rowOf('accounts', {})];
  expect(one).toEqual(other);
  expect(one.custom).not.toBe(other.custom);
  expect(rowOf('timesheets', {}).billable).toBeNull();
});

describe('a cut-over', () => {
  const dates = { start: '2025-01-01', end: '2027-12-31' };
  const billFrom = (given: Parameters<typeof bookOf>[0]) =>
    withCutover(bookOf(given), '2026-12-01').contracts.map((row) => row.billFrom);

  it('goes by the account’s entity, else the book’s first, else to the contract itself', () => {
    const contracts = [{ contract: 'C-1', account: 'A-1', ...dates }];
    expect(billFrom({ contracts })).toEqual(['2026-12-01']);
    expect(billFrom({ contracts, entities: [{ entity: 'E' }] })).toEqual([null]);
    const accounts = [{ account: 'A-1', entity: 'ELSEWHERE' }];
    expect(billFrom({ contracts, accounts, entities: [{ entity: 'E' }] })).toEqual(['2026-12-01']);
    expect(
      billFrom({
        contracts,
        accounts: [{ account: 'A-1', entity: 'E' }],
        entities: [{ entity: 'E' }],
      }),
    ).toEqual([null]);
  });
});
