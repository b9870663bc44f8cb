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

  it('know a company by its words, not by its form', () => {
    expect(namesAlike('MÜLLER GMBH & CO KG', 'Muller')).toBe(true);
    expect(namesAlike('Acme Ltd', 'Apex Ltd')).toBe(false);
    expect(namesAlike('GmbH', 'Acme GmbH')).toBe(false);
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
    expect(keysInText('12345', ['111'])).toEqual(['123', '234', '345']);
  });
});
