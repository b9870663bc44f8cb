import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earnedThrough } from '../../../domain/ledger/earned-revenue.ts';
import {
  isBalanced,
  netPostings,
  postingsForCreditNote,
  postingsForIssue,
  postingsForOpening,
  postingsForPayment,
  postingsForReceipt,
  postingsForRefund,
  postingsForWriteOff,
  reverse,
} from '../../../domain/ledger/postings.ts';
import { taxShares } from '../../../domain/ledger/tax-shares.ts';

const amount = fc.integer({ min: 0, max: 1e9 });
const place = { account: 'A', currency: 'USD' };
const lines = fc.array(
  fc.record({ line: fc.constantFrom('1', '2', '3'), net: amount, tax: amount }),
  { minLength: 1 },
);

describe('postings', () => {
  it('balance, whatever is issued, credited, received, allocated, written off or opened', () => {
    fc.assert(
      fc.property(lines, amount, amount, amount, fc.boolean(), (some, a, b, c, taxRelief) => {
        const document = { ...place, invoice: 'I', lines: some };
        const all = [
          postingsForIssue({ ...document, type: 'invoice' }),
          postingsForIssue({ ...document, type: 'late_charge' }),
          postingsForCreditNote({
            ...document,
            lines: some.map(({ line, net, tax }) => ({ line, net: -net, tax: -tax })),
          }),
          postingsForReceipt({ ...place, amount: a }),
          postingsForRefund({ ...place, amount: a }),
          postingsForPayment(place, [
            {
              invoice: 'I',
              account: 'A',
              amount: a,
              discount: b,
              writtenOff: c,
              net: 100,
              tax: 19,
            },
          ]),
          postingsForOpening({
            ...place,
            invoice: 'I',
            balance: a,
            deferred: [{ line: '1', amount: b }],
          }),
          postingsForWriteOff({
            ...place,
            invoice: 'I',
            open: a,
            net: 100,
            tax: 19,
            taxRelief,
            unearned: [{ line: '1', amount: b }],
          }),
        ];
        for (const postings of all) {
          expect(isBalanced(postings)).toBe(true);
          expect(netPostings([...postings, ...reverse(postings)])).toEqual([]);
        }
      }),
    );
  });

  it('put an invoice on receivable, its lines on deferred revenue, its tax on tax', () => {
    const postings = postingsForIssue({
      ...place,
      invoice: 'I',
      type: 'invoice',
      lines: [{ line: '1', net: 1000, tax: 190 }],
    });
    expect(
      postings.map(({ ledgerAccount, amountMinor, line }) => [ledgerAccount, amountMinor, line]),
    ).toEqual([
      ['receivable', 1190, null],
      ['deferred-revenue', -1000, '1'],
      ['tax', -190, null],
    ]);
  });

  it('write off what is not earned first, the rest as bad debt, with the relief of tax', () => {
    const postings = postingsForWriteOff({
      ...place,
      invoice: 'I',
      open: 1190,
      net: 1000,
      tax: 190,
      taxRelief: true,
      unearned: [{ line: '1', amount: 400 }],
    });
    expect(
      Object.fromEntries(
        postings.map(({ ledgerAccount, amountMinor }) => [ledgerAccount, amountMinor]),
      ),
    ).toEqual({
      'deferred-revenue': 400,
      tax: 190,
      'bad-debt': 600,
      receivable: -1190,
    });
  });
});

describe('earned revenue', () => {
  it('runs from nothing to all, by day, and never back', () => {
    const line = {
      net: 36_500,
      periodStart: '2027-01-01',
      periodEnd: '2027-12-31',
      on: '2026-11-15',
    };
    expect(earnedThrough(line, '2026-12-31')).toBe(0);
    expect(earnedThrough(line, '2027-01-01')).toBe(100);
    expect(earnedThrough(line, '2027-01-31')).toBe(3100);
    expect(earnedThrough(line, '2027-12-31')).toBe(36_500);
    expect(earnedThrough({ ...line, net: -36_500 }, '2027-01-31')).toBe(-3100);
    expect(earnedThrough({ ...line, periodStart: null }, '2026-11-15')).toBe(36_500);
    expect(earnedThrough({ ...line, periodStart: null }, '2026-11-14')).toBe(0);
  });
});

describe('tax shares', () => {
  it('sum to the tax of their group, also with lines of either sign', () => {
    const net = fc.integer({ min: -1e7, max: 1e7 });
    fc.assert(
      fc.property(fc.array(net, { minLength: 1, maxLength: 20 }), (nets) => {
        const base = nets.reduce((a, b) => a + b, 0);
        // `+ 0`: a base just below nothing rounds to minus zero, which no sum is.
        const tax = Math.sign(base) * Math.round((Math.abs(base) * 19) / 100) + 0;
        const shares = taxShares(
          nets.map((one) => ({ net: one, taxCategory: 'S', taxRate: '19.0' })),
          [{ category: 'S', rate: '19', tax }],
        );
        expect(shares.reduce((a, b) => a + b, 0)).toBe(tax);
      }),
    );
    expect(() => taxShares([], [{ category: 'S', rate: '19', tax: 1 }])).toThrow(/has no line/);
  });
});
