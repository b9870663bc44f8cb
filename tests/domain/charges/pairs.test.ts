/** Which periods and lines make a contract's pairs: moves, cut-overs, horizons, and what waits for a person. */
import { describe, expect, it } from 'vitest';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import {
  billingBook,
  differences,
  pairBalances,
  subcontractsEverOn,
} from '../../../domain/charges/unbilled.ts';
import { amendment, company, contract, subcontract } from '../book-builder.ts';

const AS_OF = '2026-11-20';
type Given = Parameters<typeof company>[0];
type Line = Partial<Row<'invoice_lines'>> & { readonly of?: Partial<Row<'invoices'>> };

/** Each line on a document of its own, issued in January unless it says otherwise. */
function documents(...lines: readonly Line[]): Given {
  return {
    invoices: lines.map(({ of }, at) => ({
      invoice: `I-${at}`,
      account: 'A-1',
      issued: '2026-01-10',
      currency: 'EUR',
      ...of,
    })),
    invoice_lines: lines.map(({ of: _document, ...line }, at) => ({
      invoice: `I-${at}`,
      line: '1',
      subcontract: 'S-1',
      net: '1000.00',
      ...line,
    })),
  };
}

function pairs(given: Given, of = 'C-1', asOf = AS_OF, horizon = AS_OF) {
  const book = billingBook(indexBook(company(given)));
  const refused: string[] = [];
  const found = pairBalances(book, book.termsOf(of), { asOf, horizon }, (own, { code }) =>
    refused.push(`${own} ${code}`),
  ).map((pair) => [pair.subcontract, pair.period.start, pair.expectedMinor, pair.billedMinor]);
  return { found, refused };
}
const found = (...asked: Parameters<typeof pairs>) => pairs(...asked).found;
const AGREED: Given = { contracts: [contract()], subcontracts: [subcontract()] };

describe('the subcontracts of a contract', () => {
  it('come by their numbers, with those that were moved to it, each once', () => {
    const names = (given: Given) =>
      subcontractsEverOn(billingBook(indexBook(company(given))), 'C-1').map(
        (row) => row.subcontract,
      );
    const two = [subcontract({ subcontract: 'S-2' }), subcontract()];
    expect(names({ contracts: [contract()], subcontracts: two })).toEqual(['S-1', 'S-2']);
    const contracts = [contract(), contract({ contract: 'C-2' })];
    const guest = subcontract({ subcontract: 'S-0', contract: 'C-2' });
    const move = (value: string, of: string, name: string) =>
      amendment({ amendment: name, subcontract: of, kind: 'move', value, effective: '2026-07-01' });
    const amendments = [move('C-1', 'S-0', 'M-1')];
    expect(names({ contracts, subcontracts: [...two, guest], amendments })).toEqual([
      'S-0',
      'S-1',
      'S-2',
    ]);
    const back = [
      move('C-2', 'S-1', 'M-1'),
      { ...move('C-1', 'S-1', 'M-2'), effective: '2026-08-01' },
    ];
    expect(names({ contracts, subcontracts: two, amendments: back })).toEqual(['S-1', 'S-2']);
    expect(names({ contracts: [contract()] })).toEqual([]);
  });
});

describe('after a move', () => {
  /** S-1 leaves C-1 for C-2 on 1 July; the periods of C-2 begin in April. */
  const moved = (line: Line, from = '2026-04-01'): Given => ({
    contracts: [
      contract({ end: '2027-12-31' }),
      contract({ contract: 'C-2', start: from, end: '2028-03-31' }),
    ],
    subcontracts: [subcontract()],
    amendments: [amendment({ kind: 'move', value: 'C-2', effective: '2026-07-01' })],
    ...documents(line),
  });
  const billedBy = (line: Line, from?: string) =>
    ['C-1', 'C-2'].filter((of) => found(moved(line, from), of).some((pair) => pair[3] !== 0));

  it('a line counts for the contract that it names', () => {
    expect(billedBy({ periodStart: '2026-04-01', of: { contract: 'C-1' } })).toEqual(['C-1']);
    expect(billedBy({ periodStart: '2026-08-01', of: { contract: 'C-1' } })).toEqual(['C-1']);
    expect(billedBy({ periodStart: '2026-05-01', of: { contract: 'C-2' } })).toEqual(['C-2']);
  });

  it('a line that names none counts for the one with a period of that very start', () => {
    expect(billedBy({ periodStart: '2026-01-01' })).toEqual(['C-1']);
    expect(billedBy({ periodStart: '2026-04-01' })).toEqual(['C-2']);
    expect(billedBy({ periodStart: '2027-01-01', of: { issued: '2026-11-01' } })).toEqual([]);
  });

  it('else for the one that the day falls to', () => {
    expect(billedBy({ periodStart: '2026-05-01' })).toEqual(['C-1']);
    expect(billedBy({ periodStart: '2026-06-30' })).toEqual(['C-1']);
    expect(billedBy({ periodStart: '2026-07-01' })).toEqual(['C-2']);
    expect(billedBy({ periodStart: '2026-01-01' }, '2026-01-01')).toEqual(['C-1']);
    expect(billedBy({ periodStart: '2026-08-01', of: { contract: 'C-9' } })).toEqual(['C-2']);
  });

  it('what is bought once stays with the contract that it began on', () => {
    const once = { ...moved({ net: '0.00' }), subcontracts: [subcontract({ sku: 'LIC' })] };
    expect(found(once, 'C-1')).toEqual([['S-1', '2026-01-01', 100_000, 0]]);
    expect(found(once, 'C-2')).toEqual([]);
  });
});

describe('the periods of a contract', () => {
  const years = { ...AGREED, contracts: [contract({ end: '2028-12-31' })] };

  it('are those that began by the horizon', () => {
    const starts = (horizon: string) => found(years, 'C-1', AS_OF, horizon).map((pair) => pair[1]);
    expect(starts('2025-12-31')).toEqual([]);
    expect(starts('2026-12-31')).toEqual(['2026-01-01']);
    expect(starts('2027-01-01')).toEqual(['2026-01-01', '2027-01-01']);
    expect(starts('2030-01-01')).toEqual(['2026-01-01', '2027-01-01', '2028-01-01']);
  });

  it('are what is covered and what was billed, in their order, each once', () => {
    const later = { ...years, subcontracts: [subcontract({ start: '2027-01-01' })] };
    const early = documents({ periodStart: '2026-01-01' }, { periodStart: '2026-05-01' });
    expect(found({ ...later, ...early }, 'C-1', AS_OF, '2027-01-01')).toEqual([
      ['S-1', '2026-01-01', 0, 200_000],
      ['S-1', '2027-01-01', 100_000, 0],
    ]);
    const ended = { ...years, subcontracts: [subcontract({ end: '2026-12-31' })] };
    const beyond = documents({ periodStart: '2027-01-01' });
    expect(found({ ...ended, ...beyond }, 'C-1', AS_OF, '2027-12-31')).toEqual([
      ['S-1', '2026-01-01', 100_000, 0],
      ['S-1', '2027-01-01', 0, 100_000],
    ]);
  });

  it('take lines issued by the day, of the contract’s own time and currency', () => {
    const billed = (line: Line) => found({ ...AGREED, ...documents(line) }).map((pair) => pair[3]);
    expect(billed({ periodStart: '2026-01-01' })).toEqual([100_000]);
    expect(billed({ periodStart: '2026-12-31' })).toEqual([100_000]);
    expect(billed({ periodStart: '2025-12-31' })).toEqual([0]);
    expect(billed({ periodStart: '2026-01-01', of: { issued: AS_OF } })).toEqual([100_000]);
    expect(billed({ periodStart: '2026-01-01', of: { issued: '2026-11-21' } })).toEqual([0]);
    const dollars = { ...AGREED, ...documents({ of: { currency: 'USD' } }) };
    expect(pairs(dollars)).toEqual({ found: [], refused: ['S-1 history-currency'] });
    const once = { ...AGREED, subcontracts: [subcontract({ sku: 'LIC' })] };
    expect(found({ ...once, ...documents({ periodStart: '2025-06-01' }) })).toEqual([
      ['S-1', '2026-01-01', 100_000, 100_000],
    ]);
  });

  it('are told of subcontract by subcontract: one that can not be computed stops no other', () => {
    const broken = subcontract({ subcontract: 'S-0', sku: 'XXX' });
    expect(pairs({ ...AGREED, subcontracts: [broken, subcontract()] })).toEqual({
      found: [['S-1', '2026-01-01', 100_000, 0]],
      refused: ['S-0 product-unknown'],
    });
  });
});

describe('a cut-over', () => {
  const cut = (billFrom: string, ...lines: Line[]) =>
    found({ ...AGREED, contracts: [contract({ billFrom })], ...documents(...lines) });
  const line = (issued: string): Line => ({ periodStart: '2026-01-01', of: { issued } });

  it('in a period counts what was agreed as billed elsewhere', () => {
    const elsewhere = [['S-1', '2026-01-01', 100_000, 100_000]];
    expect(cut('2026-05-01')).toEqual(elsewhere);
    expect(cut('2026-12-31')).toEqual(elsewhere);
    expect(cut('2026-01-01')).toEqual([['S-1', '2026-01-01', 100_000, 0]]);
    expect(cut('2027-01-01')).toEqual([]);
    // What the other system issued is that very amount.
    expect(cut('2026-05-01', line('2026-04-30'))).toEqual(elsewhere);
    expect(cut('2026-05-01', line('2026-05-01'))).toEqual([
      ['S-1', '2026-01-01', 100_000, 200_000],
    ]);
  });

  it('keeps a period in sight whose coverage shrank since', () => {
    const removed = amendment({ kind: 'remove', effective: '2026-01-01', recorded: '2026-06-01' });
    const given = { ...AGREED, contracts: [contract({ billFrom: '2026-05-01' })] };
    expect(found({ ...given, amendments: [removed] })).toEqual([['S-1', '2026-01-01', 0, 100_000]]);
  });
});

describe('metered usage', () => {
  const metered = (lines: readonly Line[], at: readonly string[], row = contract()): Given => ({
    contracts: [{ ...row, billingFrequency: 'monthly' }],
    subcontracts: [subcontract({ sku: 'API', quantity: '0', unitPrice: '2' })],
    usage: at.map((day, event) => ({
      event: `U-${event}`,
      subcontract: 'S-1',
      metric: 'API',
      quantity: '1',
      at: `${day}T12:00:00Z`,
    })),
    ...documents(...lines),
  });
  const usage = (given: Given, asOf = '2026-03-01') =>
    found(given, 'C-1', asOf, '2025-12-31').map((pair) => pair.slice(1));

  it('has the periods that began by the day', () => {
    expect(usage(metered([], ['2026-01-31', '2026-02-01', '2026-02-28']))).toEqual([
      ['2026-01-01', 200, 0],
      ['2026-02-01', 400, 0],
      ['2026-03-01', 0, 0],
    ]);
    expect(usage(metered([], ['2026-01-31']), '2026-02-28').map(([start]) => start)).toEqual([
      '2026-01-01',
      '2026-02-01',
    ]);
    expect(usage(metered([], []))).toEqual([]);
  });

  it('is billed without an event too', () => {
    const line = { periodStart: '2026-02-01', sku: 'API', net: '4.00' };
    expect(usage(metered([line], [])).filter(([, , billed]) => billed !== 0)).toEqual([
      ['2026-02-01', 0, 400],
    ]);
  });
});

describe('a run', () => {
  const run = (given: Given, runOn = '2026-03-15') => {
    const book = billingBook(indexBook(company(given)));
    return differences(book, book.termsOf('C-1'), runOn).map((one) => [
      one.period.start,
      one.differenceMinor,
      one.held,
      one.dueMonth,
    ]);
  };

  it('bills what is not even, and says since when it could have been', () => {
    expect(run(AGREED)[0]?.slice(0, 3)).toEqual(['2026-01-01', 100_000, false]);
    expect(run({ ...AGREED, ...documents({ periodStart: '2026-01-01' }) })).toEqual([]);
    const learnt = amendment({ kind: 'price', value: '110', effective: '2026-01-01' });
    const late = { ...AGREED, ...documents({ periodStart: '2026-01-01' }) };
    const due = (recorded: string) => run({ ...late, amendments: [{ ...learnt, recorded }] });
    expect(due('2026-03-15')).toEqual([['2026-01-01', 10_000, false, null]]);
    expect(due('2026-03-01')).toEqual([['2026-01-01', 10_000, false, null]]);
    expect(due('2026-02-15')).toEqual([['2026-01-01', 10_000, false, '2026-02']]);
    expect(due('2026-02-16')).toEqual([['2026-01-01', 10_000, false, null]]);
    // Before the invoice of 10 January all of it was open, since the first run that looks so far ahead.
    expect(due('2026-01-12')).toEqual([['2026-01-01', 10_000, false, '2025-11']]);
  });

  it('waits where a line of a recurring product names no subcontract', () => {
    const code = (line: Line, row: Partial<Row<'contracts'>> = {}) => {
      const loose = { subcontract: null, sku: 'MNT', periodStart: '2026-01-01', ...line };
      const of = { contract: 'C-1', ...line.of };
      try {
        run({ ...AGREED, contracts: [contract(row)], ...documents({ ...loose, of }) });
        return null;
      } catch (error) {
        return (error as { readonly code?: string }).code ?? 'none';
      }
    };
    expect(code({})).toBe('history-unassigned');
    expect(code({ of: { issued: '2026-03-15' } })).toBe('history-unassigned');
    expect(code({ of: { issued: '2026-03-16' } })).toBeNull();
    for (const sku of [null, 'LIC', 'XXX']) expect(code({ sku })).toBeNull();
    expect(code({ periodStart: '2025-12-31' })).toBeNull();
    expect(code({}, { start: '2025-01-01', billFrom: '2026-02-01' })).toBe('history-unassigned');
    const before = { periodStart: '2025-05-01' };
    expect(code(before, { start: '2025-01-01', billFrom: '2026-01-01' })).toBeNull();
    expect(code(before, { start: '2025-01-01', billFrom: '2025-12-31' })).toBe(
      'history-unassigned',
    );
  });
});
