import { describe, expect, it } from 'vitest';
import {
  type CandidateClues,
  namesAlike,
  rankCandidates,
} from '../../../domain/allocation/candidates.ts';
import type { OpenInvoice } from '../../../domain/allocation/case.ts';
import { keysInText } from '../../../domain/allocation/text-windows.ts';

const open = (
  invoice: string,
  account: string,
  balance: number,
  rest: object = {},
): OpenInvoice => ({
  invoice,
  account,
  contract: `C-${account}`,
  currency: 'EUR',
  issued: '2026-01-01',
  due: '2026-02-01',
  balance,
  costs: 0,
  interest: 0,
  lines: [{ line: '1', open: balance }],
  ...rest,
});
const payment = {
  amount: 11_900,
  currency: 'EUR',
  received: '2026-01-10',
  account: null,
  reference: 'Rg INV 0001',
};
const clues: CandidateClues = {
  leftMinor: 11_900,
  proposals: [],
  papers: new Map(),
  payerName: 'Bäcker & Söhne GmbH',
  nameOf: (account) => (account === 'A-3' ? 'Backer Sohne' : `Customer ${account}`),
};

describe('candidates', () => {
  it('come with the reasons that the rules look at, the heaviest first', () => {
    const invoices = [
      open('INV-0005', 'A-5', 99_900),
      open('INV-0004', 'A-4', 11_900),
      open('INV-0003', 'A-3', 20_000),
      open('INV-0002', 'A-2', 12_143, { discount: { percent: '2', until: '2026-01-11' } }),
      open('INV-0001', 'A-1', 5000),
    ];
    const ranked = rankCandidates(payment, invoices, clues, 10);
    expect(ranked.map(({ invoice, reasons }) => [invoice.invoice, reasons])).toEqual([
      ['INV-0001', ['number-named', 'could-be-part']],
      ['INV-0004', ['balance-equals']],
      ['INV-0002', ['balance-less-discount']],
      ['INV-0003', ['name-alike']],
      ['INV-0005', []],
    ]);
    expect(ranked.map(({ suggestedMinor }) => suggestedMinor)).toEqual([
      5000, 11_900, 11_900, 11_900, 11_900,
    ]);
  });

  it('take the amount that a paper gives, and are of the payment’s currency', () => {
    const invoices = [
      open('INV-0001', 'A-1', 5000),
      open('INV-9', 'A-1', 700, { currency: 'USD' }),
    ];
    const papers = new Map([['INV-0001', 4200]]);
    const [first, ...others] = rankCandidates(payment, invoices, { ...clues, papers }, 10);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ suggestedMinor: 4200 });
    expect(first?.reasons).toContain('paper-names');
  });

  it('say who pays, which contract is named and what a reading pays', () => {
    const invoices = [
      open('INV-0001', 'A-1', 5000, { contract: 'C-77' }),
      open('INV-0002', 'A-2', 5000, { contract: null }),
      open('INV-0003', 'A-3', 20_000),
    ];
    const known = { ...payment, account: 'A-3', reference: 'Vertrag C 77' };
    const proposals = [[{ invoice: 'INV-0002', amount: 5000 }]];
    const reasons = (given: typeof payment | typeof known, more: Partial<CandidateClues> = {}) =>
      Object.fromEntries(
        rankCandidates(given, invoices, { ...clues, ...more }, 10).map((one) => [
          one.invoice.invoice,
          one.reasons,
        ]),
      );
    expect(reasons(known, { proposals })).toEqual({
      'INV-0001': ['contract-named', 'could-be-part'],
      'INV-0002': ['in-a-reading', 'could-be-part'],
      // Its payer is known, so that the name says nothing more.
      'INV-0003': ['payer-known'],
    });
    expect(reasons({ ...payment, reference: '' }, { payerName: null })).toEqual({
      'INV-0001': ['could-be-part'],
      'INV-0002': ['could-be-part'],
      'INV-0003': [],
    });
  });

  it('of one weight come oldest due first, then by number, and no more than are asked for', () => {
    const same = (number: string, due: string) => open(number, 'A-9', 5000, { due });
    const invoices = [
      same('INV-8', '2026-03-01'),
      same('INV-7', '2026-02-01'),
      same('INV-6', '2026-03-01'),
      open('INV-5', 'A-9', 0),
      open('INV-4', 'A-9', -100),
    ];
    const ranked = (most: number) =>
      rankCandidates({ ...payment, reference: '' }, invoices, clues, most).map(
        ({ invoice }) => invoice.invoice,
      );
    expect(ranked(10)).toEqual(['INV-7', 'INV-6', 'INV-8']);
    expect(ranked(2)).toEqual(['INV-7', 'INV-6']);
  });

  it('take no discount for one, whose balance is the amount or whose day is over', () => {
    const late = { discount: { percent: '2', until: '2026-01-09' } };
    const reasons = (balance: number, more: object) =>
      rankCandidates(
        { ...payment, reference: '' },
        [open('INV-1', 'A-1', balance, more)],
        clues,
        1,
      ).flatMap((one) => one.reasons);
    expect(reasons(12_143, late)).toEqual([]);
    expect(reasons(12_000, { discount: { percent: '2', until: '2026-01-11' } })).toEqual([]);
    expect(reasons(11_900, {})).toEqual(['balance-equals']);
  });

  it('know a company by its words, not by its form', () => {
    expect(namesAlike('MÜLLER GMBH & CO KG', 'Muller')).toBe(true);
    expect(namesAlike('Acme Ltd', 'Apex Ltd')).toBe(false);
    expect(namesAlike('GmbH', 'Acme GmbH')).toBe(false);
    expect(namesAlike('Muller', 'MÜLLER GMBH & CO KG')).toBe(true);
    expect(namesAlike('Acme Tools', 'Acme Works')).toBe(false);
    expect(namesAlike('Acme Tools', 'Acme Hand Tools')).toBe(true);
    // Initials are shared by many; a name without letters is none.
    expect(namesAlike('A. Weber', 'B. Weber')).toBe(true);
    expect(namesAlike('***', '***')).toBe(false);
  });
});

describe('places of a text that could be numbers', () => {
  it('are found by their shape, whatever the spaces, case and O', () => {
    const shapes = ['INV-1111-11111', 'C-1111', 'RE111111'];
    expect(keysInText('Rg. inv 2O26 OOO17 zu C 1042', shapes).sort()).toEqual([
      'C1042',
      'INV202600017',
    ]);
    expect(keysInText('', shapes)).toEqual([]);
    expect(keysInText('C1042', ['', '-'])).toEqual([]);
    expect(keysInText('12345', ['111'])).toEqual(['123', '234', '345']);
  });
});
