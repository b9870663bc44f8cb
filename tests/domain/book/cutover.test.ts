/** The cut-over of a book: asked for once, put where the engine reads it, and nowhere that the book says otherwise. */
import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { withCutover } from '../../../domain/book/cutover.ts';
import { type Book, emptyBook } from '../../../domain/book/tables.ts';

const contract = (id: string, more: object = {}) =>
  rowOf('contracts', {
    contract: id,
    account: 'A',
    start: '2025-01-01',
    end: '2027-12-31',
    ...more,
  });
const book: Book = {
  ...emptyBook(),
  entities: [
    rowOf('entities', { entity: 'ONE' }),
    rowOf('entities', { entity: 'TWO', cutover: '2026-07-01' }),
  ],
  accounts: [rowOf('accounts', { account: 'A', name: 'A', entity: 'ONE' })],
  contracts: [
    contract('C-1'),
    contract('C-2', { entity: 'ELSEWHERE' }),
    contract('C-3', { entity: 'ELSEWHERE', billFrom: '2025-06-01' }),
    contract('C-4', { entity: 'ELSEWHERE', start: '2026-12-01' }),
  ],
};

describe('a cut-over', () => {
  it('goes to entities without one, and to contracts of entities that the book does not hold', () => {
    const { entities, contracts } = withCutover(book, '2026-12-01');
    expect(entities.map(({ cutover }) => cutover)).toEqual(['2026-12-01', '2026-07-01']);
    expect(contracts.map(({ billFrom }) => billFrom)).toEqual([
      null,
      '2026-12-01',
      '2025-06-01',
      null,
    ]);
  });

  it('that is not given changes nothing, and given twice no more than once', () => {
    expect(withCutover(book, null)).toBe(book);
    const once = withCutover(book, '2026-12-01');
    expect(withCutover(once, '2026-12-01')).toEqual(once);
  });
});
