import { describe, expect, it } from 'vitest';
import type { CandidateView } from '../../api/types.ts';
import {
  decisionOf,
  isTaken,
  overLines,
  type Rest,
  withInvoice,
  without,
} from '../../web/pages/payment/split.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const candidate = (balance: number, suggested: number, lines: readonly number[]) =>
  ({
    invoice: { invoice: 'INV-1', balance: eur(balance) },
    suggested: eur(suggested),
    lines: lines.map((open, at) => ({ line: String(at + 1), open: eur(open) })),
    reasons: [],
  }) as unknown as CandidateView;

describe('a payment’s split', () => {
  it('takes what is suggested, at most what is left, and the rest stays', () => {
    const taken = withInvoice({}, candidate(11_900, 11_900, []), 20_000);
    expect(decisionOf(taken, 20_000, 'EUR')).toEqual({
      lines: [{ invoice: 'INV-1', line: null, amountMinor: 11_900 }],
      sumMinor: 11_900,
      leftMinor: 8100,
      faulty: false,
    });
    const part = withInvoice({}, candidate(11_900, 11_900, []), 5000);
    expect(decisionOf(part, 5000, 'EUR').lines[0]?.amountMinor).toBe(5000);
    const asked = withInvoice({}, candidate(11_900, 4200, []), 20_000);
    expect(decisionOf(asked, 20_000, 'EUR').sumMinor).toBe(4200);
  });

  it('says of the rest what others kept: no more than is open, nothing where all came', () => {
    const rests = (rest: Rest) => ({ 'INV-1': { rest, openMinor: 11_900 } });
    const linesOf = (text: string, rest: Rest) =>
      decisionOf({ 'INV-1': text }, 20_000, 'EUR', rests(rest)).lines[0];
    const line = { invoice: 'INV-1', line: null, amountMinor: 10_000 };
    expect(linesOf('100.00', 'withheld')).toEqual({ ...line, withheldMinor: 1900 });
    expect(linesOf('100.00', 'bank-fee')).toEqual({ ...line, bankFeeMinor: 1900 });
    expect(linesOf('100.00', 'open')).toEqual(line);
    expect(linesOf('119.00', 'withheld')).toEqual({ ...line, amountMinor: 11_900 });
  });

  it('goes over lines in their order, so that whole subcontracts are covered', () => {
    const one = candidate(11_900, 7000, [6000, 5900]);
    const split = overLines(withInvoice({}, one, 7000), one, 0);
    expect(decisionOf(split, 7000, 'EUR').lines).toEqual([
      { invoice: 'INV-1', line: '1', amountMinor: 6000 },
      { invoice: 'INV-1', line: '2', amountMinor: 1000 },
    ]);
    expect(isTaken(split, 'INV-1')).toBe(true);
    expect(without(split, 'INV-1')).toEqual({});
  });

  it('says where something typed can not be', () => {
    expect(decisionOf({ 'INV-1': 'ten' }, 100, 'EUR').faulty).toBe(true);
    expect(decisionOf({ 'INV-1': '-1.00' }, 100, 'EUR').faulty).toBe(true);
    expect(decisionOf({ 'INV-1': '1.01' }, 100, 'EUR')).toMatchObject({
      leftMinor: -1,
      faulty: true,
    });
    expect(decisionOf({ 'INV-1\n2': '' }, 100, 'EUR').faulty).toBe(false);
  });
});
