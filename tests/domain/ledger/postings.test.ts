import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earnedThrough } from '../../../domain/ledger/earned-revenue.ts';
import {
  isBalanced,
  netPostings,
  postingsForCreditNote,
  postingsForIssue,
  postingsForOpening,
  postingsForOpeningCredit,
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
              withheld: b,
              bankFee: a,
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

describe('each event, side by side', () => {
  const short = (postings: ReturnType<typeof reverse>) =>
    postings.map(
      ({ ledgerAccount, amountMinor, currency, account, invoice, line }) =>
        `${ledgerAccount} ${amountMinor} ${currency} ${account} ${invoice} ${line}`,
    );

  it('a late charge is earned at once', () => {
    const lines = [{ line: '1', net: 500, tax: 0 }];
    expect(short(postingsForIssue({ ...place, invoice: 'L', type: 'late_charge', lines }))).toEqual(
      ['receivable 500 USD A L null', 'late-charges -500 USD A L 1'],
    );
  });

  it('a receipt goes to the bank and waits as unapplied credit; a refund is its reverse', () => {
    expect(short(postingsForReceipt({ ...place, amount: 700 }))).toEqual([
      'bank 700 USD A null null',
      'unapplied-credit -700 USD A null null',
    ]);
    expect(short(postingsForRefund({ ...place, amount: 700 }))).toEqual([
      'bank -700 USD A null null',
      'unapplied-credit 700 USD A null null',
    ]);
  });

  it('a payment settles the receivable; its discount is split over net and tax, its tolerance is bad debt, tax withheld a receivable', () => {
    const settled = { invoice: 'I', account: 'A', amount: 1000, discount: 24, writtenOff: 6 };
    const kept = { withheld: 150, bankFee: 10 };
    expect(
      short(postingsForPayment(place, [{ ...settled, ...kept, net: 1000, tax: 190 }])),
    ).toEqual([
      'unapplied-credit 1000 USD A null null',
      'discount-allowed 20 USD A I null',
      'tax 4 USD A I null',
      'bad-debt 6 USD A I null',
      'tax-withheld 150 USD A I null',
      'bank-fees 10 USD A I null',
      'receivable -1190 USD A I null',
    ]);
  });

  it('a write-off without relief keeps the tax owed', () => {
    const postings = postingsForWriteOff({
      ...place,
      invoice: 'I',
      open: 1190,
      net: 1000,
      tax: 190,
      taxRelief: false,
      unearned: [
        { line: '1', amount: 400 },
        { line: '2', amount: 900 },
      ],
    });
    expect(short(postings)).toEqual([
      'deferred-revenue 400 USD A I 1',
      'deferred-revenue 790 USD A I 2',
      'receivable -1190 USD A I null',
    ]);
  });

  it('an opening brings the balance and what is not earned; the rest was settled before', () => {
    const deferred = [{ line: '1', amount: 300 }];
    expect(short(postingsForOpening({ ...place, invoice: 'I', balance: 1190, deferred }))).toEqual([
      'receivable 1190 USD A I null',
      'deferred-revenue -300 USD A I 1',
      'opening-balance -890 USD A I null',
    ]);
    expect(short(postingsForOpeningCredit({ ...place, amount: 50 }))).toEqual([
      'opening-balance 50 USD A null null',
      'unapplied-credit -50 USD A null null',
    ]);
  });

  it('what does not sum to zero in each currency is not balanced', () => {
    const [bank, credit] = postingsForReceipt({ ...place, amount: 7 });
    if (bank === undefined || credit === undefined) throw new Error('a receipt has two sides');
    expect(isBalanced([bank])).toBe(false);
    expect(isBalanced([bank, { ...credit, currency: 'EUR' }])).toBe(false);
  });

  it('several entries come to one for each place', () => {
    const once = postingsForReceipt({ ...place, amount: 7 });
    expect(short(netPostings([...once, ...once]))).toEqual([
      'bank 14 USD A null null',
      'unapplied-credit -14 USD A null null',
    ]);
  });
});

describe('tax shares by hand', () => {
  const share = (nets: readonly number[], tax: number, rate = '20') =>
    taxShares(
      nets.map((net) => ({ net, taxCategory: 'S', taxRate: rate })),
      [{ category: 'S', rate, tax }],
    );

  it('largest remainders first, ties to the earlier', () => {
    // 13.666 each: the unit that is left over goes to the first two.
    expect(share([6833, 6833, 6833, 6833], 5466)).toEqual([1367, 1367, 1366, 1366]);
    expect(share([100, 200, 100], 2)).toEqual([1, 1, 0]);
    expect(share([1, 2], 1)).toEqual([0, 1]);
    expect(share([1, 3, 2], 1)).toEqual([0, 1, 0]);
    expect(share([1, 3, 2], 2)).toEqual([0, 1, 1]);
    expect(share([1, 3, 2], 4)).toEqual([1, 2, 1]);
  });

  it('a credit beside its lines bears a negative share', () => {
    expect(share([1000, -400, 400], 200)).toEqual([200, -80, 80]);
    expect(share([-1000, 400], -120)).toEqual([-200, 80]);
    expect(share([-6833, -6833, -6833, -6833], -5466).reduce((a, b) => a + b, 0)).toBe(-5466);
  });

  it('lines that cancel each other out bear the tax of their own', () => {
    expect(share([1000, -1000], 0)).toEqual([200, -200]);
    expect(share([333, -333], 0, '7.5')).toEqual([25, -25]);
  });

  it('tax that a price includes is the line’s own; only the rest is shared', () => {
    const shares = taxShares(
      [
        { net: 840, taxCategory: 'S', taxRate: '19', tax: 160 },
        { net: 100, taxCategory: 'S', taxRate: '19.00' },
        { net: 100, taxCategory: 'Z', taxRate: '0' },
        { net: 100, taxCategory: 'S', taxRate: '7' },
      ],
      [
        { category: 'S', rate: '19', tax: 179 },
        { category: 'S', rate: '7', tax: 7 },
      ],
    );
    expect(shares).toEqual([160, 19, 0, 7]);
    const alone = [{ net: 840, taxCategory: 'S', taxRate: '19', tax: 160 }];
    expect(taxShares(alone, [{ category: 'S', rate: '19', tax: 160 }])).toEqual([160]);
    expect(taxShares([], [{ category: 'S', rate: '19', tax: 0 }])).toEqual([]);
  });
});

describe('what is earned', () => {
  it('of a period of one day all of it that day, of one that is no period all of it at once', () => {
    const day = { net: 900, periodStart: '2027-03-05', periodEnd: '2027-03-05', on: '2027-01-01' };
    expect([earnedThrough(day, '2027-03-04'), earnedThrough(day, '2027-03-05')]).toEqual([0, 900]);
    expect(earnedThrough({ ...day, periodEnd: '2027-03-04' }, '2027-01-01')).toBe(900);
    expect(earnedThrough({ ...day, periodEnd: null }, '2027-01-01')).toBe(900);
  });
});
