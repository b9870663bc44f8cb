import { describe, expect, it } from 'vitest';
import { allocate } from '../../../domain/allocation/allocation.ts';
import {
  type AllocationAnswer,
  AllocationRefusal,
  type ExplicitAmount,
  faultOf,
} from '../../../domain/allocation/case.ts';
import { clear, earnedDiscount, spreadOverLines } from '../../../domain/allocation/clearing.ts';
import { subsetsThatSum } from '../../../domain/allocation/subset.ts';
import { caseOf, invoice } from './cases.ts';

/** What was put where: `{'INV-1/1': 1000}`. */
const parts = (answer: AllocationAnswer) =>
  Object.fromEntries(
    answer.allocations.map((one) => [`${one.invoice}/${one.line}`, one.amount] as const),
  );

function expectReview(answer: AllocationAnswer, amount: number, because: RegExp) {
  expect(answer).toMatchObject({
    decision: 'review',
    rule: null,
    allocations: [],
    discountTaken: [],
    writtenOff: [],
    unapplied: amount,
  });
  expect(answer.explanation).toMatch(because);
}

const twoLines = [
  { line: '1', subcontract: 'S-1', open: 600 },
  { line: '2', subcontract: 'S-2', open: 400 },
];

describe('explicit', () => {
  const open = [invoice('INV-1', 1000, { lines: twoLines }), invoice('INV-2', 500)];
  const explicit = (amount: number, lines: NonNullable<Parameters<typeof caseOf>[2]>['lines']) =>
    allocate(caseOf(amount, open, { lines: lines ?? [] }));

  it('pays what is named, down to the line and the subcontract; the rest is unapplied', () => {
    const answer = explicit(1300, [
      { invoice: 'INV-1', subcontract: 'S-2', amount: 400 },
      { invoice: 'INV-1', line: '1', amount: 100 },
      { invoice: 'INV-2', amount: 500 },
    ]);
    expect(answer).toMatchObject({ decision: 'automatic', rule: 'explicit', unapplied: 300 });
    expect(parts(answer)).toEqual({ 'INV-1/1': 100, 'INV-1/2': 400, 'INV-2/1': 500 });
    expect(answer.allocations[1]?.subcontract).toBe('S-2');
  });

  it('lets what names a line come before what names its invoice', () => {
    const answer = explicit(700, [
      { invoice: 'INV-1', amount: 300 },
      { invoice: 'INV-1', line: '1', amount: 400 },
    ]);
    expect(parts(answer)).toEqual({ 'INV-1/1': 600, 'INV-1/2': 100 });
  });

  it.each([
    ['more than the payment', 900, [{ invoice: 'INV-1', amount: 1000 }], /more than the payment/],
    ['more than the balance', 2000, [{ invoice: 'INV-2', amount: 501 }], /more than the 500 open/],
    [
      'together more than the balance',
      2000,
      [
        { invoice: 'INV-2', amount: 300 },
        { invoice: 'INV-2', amount: 300 },
      ],
      /more than the 200 open/,
    ],
    ['more than the line', 2000, [{ invoice: 'INV-1', line: '2', amount: 401 }], /line 2/],
    ['an unknown line', 2000, [{ invoice: 'INV-1', line: '9', amount: 1 }], /no line 9/],
    [
      'a line of another subcontract',
      2000,
      [{ invoice: 'INV-1', line: '1', subcontract: 'S-2', amount: 1 }],
      /there is no line 1 subcontract S-2/,
    ],
    ['an unknown invoice', 1000, [{ invoice: 'INV-9', amount: 1000 }], /INV-9 is no open invoice/],
    ['costs that are not there', 9, [{ invoice: 'INV-1', line: 'costs', amount: 9 }], /costs/],
  ])('leaves %s to a person, whatever later rules would say', (_, amount, lines, because) => {
    expectReview(explicit(amount, lines), amount, because);
  });

  it('pays an invoice of another account, and costs where they are named', () => {
    const foreign = invoice('INV-7', 1000, { account: 'A-2', costs: 40 });
    const answer = allocate(
      caseOf(540, [...open, foreign], {
        lines: [
          { invoice: 'INV-7', amount: 500 },
          { invoice: 'INV-7', line: 'costs', amount: 40 },
        ],
      }),
    );
    expect(parts(answer)).toEqual({ 'INV-7/1': 500, 'INV-7/costs': 40 });
  });

  it('leaves another currency to a person', () => {
    const dollars = invoice('INV-8', 500, { currency: 'USD' });
    const lines = [{ invoice: 'INV-8', amount: 500 }];
    expectReview(allocate(caseOf(500, [dollars], { lines })), 500, /USD/);
  });
});

describe('explicit, in detail', () => {
  const open = [
    invoice('INV-1', 0, { lines: twoLines, costs: 40, interest: 7 }),
    invoice('INV-2', 500),
    invoice('INV-3', 100),
  ];
  const explicit = (amount: number, lines: readonly ExplicitAmount[]) =>
    allocate(caseOf(amount, open, { lines }));

  it('shows a person what was stated, invoice by invoice, where it does not fit', () => {
    const answer = explicit(2000, [
      { invoice: 'INV-2', amount: 300 },
      { invoice: 'INV-1', amount: 20 },
      { invoice: 'INV-2', amount: 201 },
    ]);
    expectReview(answer, 2000, /201 is more than the 200 open on INV-2/);
    expect(answer.proposals).toEqual([
      [
        { invoice: 'INV-1', amount: 20 },
        { invoice: 'INV-2', amount: 501 },
      ],
    ]);
  });

  it('reads an invoice’s number as the open invoice spells it, where just one is meant', () => {
    expect(parts(explicit(500, [{ invoice: 'inv 2', amount: 500 }]))).toEqual({ 'INV-2/1': 500 });
    expectReview(explicit(5, [{ invoice: 'INV-9', amount: 5 }]), 5, /INV-9 is no open invoice/);
    expectReview(explicit(5, [{ invoice: '--', amount: 5 }]), 5, /-- is no open invoice/);
    const twins = [invoice('RE-O1', 5), invoice('RE-01', 5)];
    const lines = [{ invoice: 're 01', amount: 5 }];
    expectReview(allocate(caseOf(5, twins, { lines })), 5, /re 01 is no open invoice/);
    const exact = [{ invoice: 'RE-01', amount: 5 }];
    expect(parts(allocate(caseOf(5, twins, { lines: exact })))).toEqual({ 'RE-01/1': 5 });
  });

  it('takes costs and interest where they are named, as far as they go, together with the rest', () => {
    const answer = explicit(1047, [
      { invoice: 'INV-1', line: 'interest', amount: 7 },
      { invoice: 'INV-1', line: 'costs', amount: 30 },
      { invoice: 'INV-1', amount: 1010 },
    ]);
    expect(parts(answer)).toEqual({
      'INV-1/1': 600,
      'INV-1/2': 400,
      'INV-1/costs': 40,
      'INV-1/interest': 7,
    });
    expect(answer.allocations.map(({ subcontract }) => subcontract)).toEqual([
      'S-1',
      'S-2',
      null,
      null,
    ]);
    for (const [line, amount, why] of [
      ['costs', 41, /41 is more than the 40 of costs open/],
      ['interest', 8, /8 is more than the 7 of interest open/],
    ] as const)
      expectReview(explicit(99, [{ invoice: 'INV-1', line, amount }]), 99, why);
    expectReview(
      explicit(99, [{ invoice: 'INV-1', line: 'interest', subcontract: 'S-1', amount: 1 }]),
      99,
      /interest of INV-1 belong to no subcontract/,
    );
  });

  it('counts what is named twice together, and names what is not there', () => {
    const twice = { invoice: 'INV-1', line: '1' };
    expect(
      parts(
        explicit(600, [
          { ...twice, amount: 350 },
          { ...twice, amount: 250 },
        ]),
      ),
    ).toEqual({
      'INV-1/1': 600,
    });
    expectReview(
      explicit(700, [
        { ...twice, amount: 350 },
        { ...twice, amount: 251 },
      ]),
      700,
      /251 is more than the 250 open on line 1 of INV-1/,
    );
    const gone = { invoice: 'INV-1', line: '1', subcontract: 'S-2', amount: 1 };
    expectReview(explicit(1, [gone]), 1, /there is no line 1 subcontract S-2 of INV-1/);
    const other = { invoice: 'INV-1', subcontract: 'S-9', amount: 1 };
    expectReview(explicit(1, [other]), 1, /there is no subcontract S-9 of INV-1/);
  });

  it('explains what it did, in numbers that add up', () => {
    const lines = [
      { invoice: 'INV-3', amount: 100 },
      { invoice: 'INV-2', amount: 300 },
    ];
    expect(explicit(450, lines).explanation).toBe(
      'Rule explicit: 450 EUR (minor units) received 2026-11-20; the payment names 100 + 300 = 400 ' +
        'for INV-2, INV-3. Allocated: INV-2 300, INV-3 100; 300 + 100 + 50 = 450, of which 50 unapplied.',
    );
  });
});

describe('the explanation', () => {
  it('tells discounts and write-offs with their amounts, where there are any', () => {
    const discount = { percent: '2', until: '2026-11-20' };
    const open = [invoice('INV-1', 1000, { discount }), invoice('INV-2', 500)];
    const answer = allocate(caseOf(1480, open, { reference: 'INV-1 INV-2' }));
    expect(answer.explanation).toBe(
      'Rule reference: 1480 EUR (minor units) received 2026-11-20; the text names INV-1, INV-2: ' +
        '1000 + 500 = 1500, less earned early-payment discounts of 20 is the amount. ' +
        'Allocated: INV-1 980, INV-2 500; 980 + 500 + 0 = 1480, of which 0 unapplied. ' +
        'Discount taken: INV-1 20.',
    );
    const short = allocate(
      caseOf(
        1499,
        [invoice('INV-1', 1000), invoice('INV-2', 500)],
        { reference: 'INV-1 INV-2' },
        {
          tolerance: 1,
        },
      ),
    );
    expect(short.writtenOff).toEqual([{ invoice: 'INV-2', amount: 1 }]);
    expect(short.explanation).toBe(
      'Rule reference: 1499 EUR (minor units) received 2026-11-20; the text names INV-1, INV-2: ' +
        '1000 + 500 = 1500, more than 1499: oldest due first. ' +
        'Allocated: INV-1 1000, INV-2 499; 1000 + 499 + 0 = 1499, of which 0 unapplied. ' +
        'Written off within the tolerance: INV-2 1.',
    );
  });

  it('does not write off what a discount closes', () => {
    const discount = { percent: '2', until: '2026-11-20' };
    const one = [invoice('INV-1', 1000, { discount })];
    const answer = allocate(caseOf(980, one, {}, { tolerance: 50 }));
    expect(answer).toMatchObject({ writtenOff: [], unapplied: 0 });
    expect(answer.discountTaken).toEqual([{ invoice: 'INV-1', amount: 20 }]);
  });

  it('of a review says why nothing fits', () => {
    const usd = invoice('INV-2', 50, { currency: 'USD' });
    expectReview(allocate(caseOf(7, [], { account: null })), 7, /without a known payer/);
    expectReview(allocate(caseOf(7, [usd])), 7, /no open invoice of A-1 is in EUR/);
    expectReview(allocate(caseOf(7, [usd, invoice('INV-1', 9)])), 7, /does not pay the oldest/);
    const credit = [invoice('INV-1', -9)];
    expectReview(
      allocate(caseOf(7, credit, {}, { oldestFirst: true })),
      7,
      /nothing of A-1 can take the payment/,
    );
    expect(allocate(caseOf(7, [usd])).proposals).toEqual([]);
  });
});

describe('what is for a person', () => {
  it('is a credit note that the text names, and an invoice whose credit lines outweigh', () => {
    const credit = invoice('INV-1', -100);
    expectReview(
      allocate(caseOf(5, [credit], { reference: 'INV-1' })),
      5,
      /INV-1 has a balance of -100/,
    );
    const owing = invoice('INV-2', -10, { costs: 40 });
    const answer = allocate(caseOf(30, [owing], { reference: 'INV-2' }));
    expectReview(answer, 30, /INV-2 has a balance of 30/);
    expect(answer.proposals).toEqual([[{ invoice: 'INV-2', amount: 30 }]]);
    expect(allocate(caseOf(30, [owing])).decision).toBe('review');
  });

  it('is a smaller amount than named that would leave an equal balance open, at most five readings', () => {
    const others = [1, 2, 3, 4, 5, 6].map((n) => invoice(`X-${n}`, 300));
    const named = invoice('INV-1', 1000);
    const answer = allocate(caseOf(300, [named, ...others], { reference: 'INV-1' }));
    expect(answer.proposals.map((reading) => reading[0]?.invoice)).toEqual([
      'INV-1',
      'X-1',
      'X-2',
      'X-3',
      'X-4',
    ]);
    const six = allocate(caseOf(300, others));
    expect(six.proposals).toHaveLength(5);
  });

  it('is not a smaller amount that closes the oldest named one by itself', () => {
    const open = [
      invoice('INV-1', 300, { due: '2026-01-31' }),
      invoice('INV-2', 700, { due: '2026-02-28' }),
    ];
    const answer = allocate(caseOf(300, open, { reference: 'INV-1 INV-2' }));
    expect(answer).toMatchObject({ rule: 'reference', unapplied: 0 });
    expect(parts(answer)).toEqual({ 'INV-1/1': 300 });
    // The younger one is what the amount would close.
    const younger = allocate(caseOf(700, open, { reference: 'INV-1 INV-2' }));
    expectReview(younger, 700, /just the balance of INV-2/);
    // The older one is closed, and a part of the younger is paid with the rest: no single balance.
    expect(allocate(caseOf(400, open, { reference: 'INV-1 INV-2' })).rule).toBe('reference');
  });

  it('is a contract beside one of its invoices, unless both readings say the same', () => {
    const open = [
      invoice('INV-1', 300, { contract: 'C-1', due: '2026-01-31' }),
      invoice('INV-2', 700, { contract: 'C-1', due: '2026-02-28' }),
    ];
    // Less than the older one, which both readings pay first.
    const same = allocate(caseOf(200, open, { reference: 'C-1 INV-1' }));
    expect(parts(same)).toEqual({ 'INV-1/1': 200 });
    const doubt = allocate(caseOf(200, open, { reference: 'C-1 INV-2' }));
    expectReview(doubt, 200, /both readings fit/);
    expect(doubt.proposals).toEqual([
      [{ invoice: 'INV-2', amount: 200 }],
      [{ invoice: 'INV-1', amount: 200 }],
    ]);
  });
});

describe('sums of balances', () => {
  const found = (target: number, balances: number[], atMost = 5) =>
    subsetsThatSum(target, balances, atMost);

  it('are of two or more, all of them if need be, and leave out what can not be part', () => {
    expect(found(30, [10, 20])).toEqual({ complete: true, subsets: [[0, 1]] });
    expect(found(30, [30])).toEqual({ complete: true, subsets: [] });
    expect(found(30, [30, 31, 0, -5])).toEqual({ complete: true, subsets: [] });
    expect(found(30, [-5, 10, 35, 20, 0])).toEqual({ complete: true, subsets: [[1, 3]] });
    expect(found(31, [10, 20])).toEqual({ complete: true, subsets: [] });
    expect(found(60, [10, 20, 30])).toEqual({ complete: true, subsets: [[0, 1, 2]] });
    expect(found(30, [30, 10, 20])).toEqual({ complete: true, subsets: [[1, 2]] });
  });

  it('are no more than are asked for, and unknown over too many balances', () => {
    const tens = Array(6).fill(10);
    expect(found(20, tens, 3).subsets).toHaveLength(3);
    expect(found(20, tens, 99).subsets).toHaveLength(15);
    const many = Array.from({ length: 37 }, (_, at) => at + 1);
    expect(found(50, many)).toEqual({ complete: false, subsets: [] });
    expect(found(50, many.slice(1)).complete).toBe(true);
    // Beyond the limit all of them together are still seen, and what is too large does not count.
    expect(found(703, many).subsets).toEqual([many.map((_, at) => at)]);
    expect(found(3, [...many, 1, 2]).complete).toBe(true);
  });
});

describe('clearing', () => {
  const discounted = (open: number, percent = '2') =>
    earnedDiscount(
      invoice('INV-1', open, { discount: { percent, until: '2026-11-20' } }),
      '2026-11-20',
    );

  it('gives a discount on open lines above zero alone', () => {
    expect([discounted(1025), discounted(0), discounted(-1000), discounted(1000, '0')]).toEqual([
      21, 0, 0, 0,
    ]);
  });

  it('puts nothing anywhere where there is nothing, and no more than there is', () => {
    const lines = [{ open: 60 }, { open: -10 }, { open: 40, disputed: true }];
    expect(spreadOverLines(0, lines, 'in-order')).toEqual([0, 0, 0]);
    expect(spreadOverLines(50, lines, 'in-order')).toEqual([60, -10, 0]);
    expect(spreadOverLines(70, lines, 'pro-rata')).toEqual([60, -10, 20]);
    expect(spreadOverLines(90, lines, 'in-order')).toEqual([60, -10, 40]);
    expect(() => spreadOverLines(91, lines, 'in-order')).toThrow('1 more than the lines have open');
  });

  it('says what the selection can not take', () => {
    const policy = { clearing: 'principal-first', lineOrder: 'in-order' } as const;
    const two = [invoice('INV-1', -5, { costs: 10 }), invoice('INV-2', 50, { interest: 3 })];
    expect(clear(100, two, policy)).toEqual({
      left: 37,
      allocations: [
        { invoice: 'INV-1', line: 'costs', subcontract: null, amount: 10 },
        { invoice: 'INV-2', line: '1', subcontract: 'S-INV-2', amount: 50 },
        { invoice: 'INV-2', line: 'interest', subcontract: null, amount: 3 },
      ],
    });
    const bare = [invoice('INV-3', 0, { lines: [{ line: 1, open: 5 }] })];
    expect(clear(5, bare, policy).allocations).toEqual([
      { invoice: 'INV-3', line: 1, subcontract: null, amount: 5 },
    ]);
  });
});

describe('reference', () => {
  const first = invoice('INV-2026-0001', 1000, { due: '2026-10-31', contract: 'C-1' });
  const second = invoice('INV-2026-0002', 700, { due: '2026-11-30', contract: 'C-1' });
  const third = invoice('INV-2026-0003', 450, { due: '2026-09-30', contract: 'C-2' });
  const open = [second, third, first];
  const named = (amount: number, reference: string, more = {}) =>
    allocate(caseOf(amount, open, { reference, ...more }));

  it.each([
    'INV-2026-0001 INV-2026-0002',
    'inv 2026 0001, inv 2026 0002',
    'Rg. INV2O26OOO1/INV2O26OOO2',
    'INV–2026–0001+INV—2026—0002',
    'INV-2026-00\n01 INV-2026-0002',
    'INV-2026-0001INV-2026-0002',
    'Zahlung (INV-2026-0001; INV-2026-0002) DANKE',
  ])('reads %j', (reference) => {
    const answer = named(1700, reference);
    expect(answer).toMatchObject({ decision: 'automatic', rule: 'reference', unapplied: 0 });
    expect(parts(answer)).toEqual({ 'INV-2026-0001/1': 1000, 'INV-2026-0002/1': 700 });
  });

  it.each(['XINV-2026-0001', 'INV-2026-00012', 'INV-2026-0001-7', 'PINV20260001'])(
    'does not read %j as INV-2026-0001',
    (reference) => expectReview(named(999, reference), 999, /no reference/),
  );

  it('takes a contract number for all its open invoices', () => {
    expect(parts(named(1700, 'Wartung c1'))).toEqual({
      'INV-2026-0001/1': 1000,
      'INV-2026-0002/1': 700,
    });
  });

  it('takes the exact one of two readings where an invoice and its contract are named', () => {
    expect(parts(named(700, 'C-1, INV-2026-0002'))).toEqual({ 'INV-2026-0002/1': 700 });
    expect(parts(named(1700, 'C-1, INV-2026-0002'))).toEqual({
      'INV-2026-0001/1': 1000,
      'INV-2026-0002/1': 700,
    });
    expectReview(named(800, 'C-1, INV-2026-0002'), 800, /both readings fit/);
  });

  it('leaves an excess unapplied', () => {
    expect(named(1100, 'INV-2026-0001')).toMatchObject({ rule: 'reference', unapplied: 100 });
  });

  it('pays less to the oldest due of the named, not to others', () => {
    expect(parts(named(1200, 'INV-2026-0002 INV-2026-0001'))).toEqual({
      'INV-2026-0001/1': 1000,
      'INV-2026-0002/1': 200,
    });
  });

  it('leaves a smaller amount that is just another balance to a person', () => {
    const answer = named(450, 'INV-2026-0001');
    expectReview(answer, 450, /just the balance of INV-2026-0003/);
    expect(answer.proposals).toEqual([
      [{ invoice: 'INV-2026-0001', amount: 450 }],
      [{ invoice: 'INV-2026-0003', amount: 450 }],
    ]);
    expectReview(named(700, 'C-1'), 700, /just the balance of INV-2026-0002/);
  });

  it('leaves a look-alike beside a known number to a person; alone it says nothing', () => {
    expectReview(named(1000, 'INV-2026-0001, INV-2026-0009'), 1000, /INV-2026-0009/);
    expect(named(1000, 'INV-2026-0009').rule).toBe('exact');
    expect(named(1000, 'INV-2026-0001, order 4711').rule).toBe('reference');
  });

  it('leaves a mention of another account to a person, unless the payer is not known', () => {
    const foreign = [...open, invoice('INV-2026-0050', 800, { account: 'A-2' })];
    const reference = 'INV-2026-0050';
    expectReview(allocate(caseOf(800, foreign, { reference })), 800, /account A-2/);
    expect(allocate(caseOf(800, foreign, { reference, account: null })).rule).toBe('reference');
  });

  it('leaves a currency other than the invoice’s to a person', () => {
    expectReview(named(1000, 'INV-2026-0001', { currency: 'USD' }), 1000, /EUR/);
  });

  it('leaves numbers that cannot be told apart to a person', () => {
    const twins = [invoice('INV-O1', 300), invoice('INV-01', 300)];
    expectReview(allocate(caseOf(300, twins, { reference: 'inv 01' })), 300, /more than one/);
  });

  it('takes the longest number where one holds another', () => {
    const nested = [
      invoice('C-1042-01', 300, { contract: 'C-1042' }),
      invoice('C-1042-02', 310, { contract: 'C-1042' }),
    ];
    const answer = allocate(caseOf(310, nested, { reference: 'C-1042-02' }));
    expect(parts(answer)).toEqual({ 'C-1042-02/1': 310 });
    expect(allocate(caseOf(999, nested, { reference: 'C-1042-07' })).decision).toBe('review');
  });

  it('does not read bare numbers out of amounts, dates and bank accounts', () => {
    const bare = [invoice('1190', 500), invoice('37040044', 500), invoice('20261122', 800)];
    const noise = '1190.00 EUR, 1.190,00 vom 22.11.2026, DE89 3704 0044 0532 0130 00';
    expect(allocate(caseOf(800, bare, { reference: noise })).rule).toBe('exact');
    expect(allocate(caseOf(500, bare, { reference: 'Rechnung 1190.' })).rule).toBe('reference');
  });

  it('leaves what is already paid to a person', () => {
    const paid = invoice('INV-2026-0004', 0);
    expectReview(allocate(caseOf(5, [paid], { reference: 'INV-2026-0004' })), 5, /nothing of it/);
  });
});

describe('early-payment discounts', () => {
  const discount = { percent: '2', until: '2026-11-20' };
  const lines = [
    { line: '1', subcontract: 'S-1', open: 333 },
    { line: '2', subcontract: 'S-2', open: 333 },
    { line: '3', subcontract: 'S-3', open: 359 },
  ];
  // 2 % of 1025 is 20.5, half away from zero 21
  const agreed = invoice('INV-1', 0, { discount, lines, costs: 10 });

  it('is taken off by exact, spread by largest remainder, costs untouched', () => {
    const answer = allocate(caseOf(1014, [agreed]));
    expect(answer).toMatchObject({
      rule: 'exact',
      discountTaken: [{ invoice: 'INV-1', amount: 21 }],
      unapplied: 0,
    });
    expect(parts(answer)).toEqual({
      'INV-1/1': 326,
      'INV-1/2': 326,
      'INV-1/3': 352,
      'INV-1/costs': 10,
    });
  });

  it('is earned until its last day and not after', () => {
    expect(allocate(caseOf(1014, [agreed], { received: '2026-11-21' })).decision).toBe('review');
    const reference = 'INV-1';
    const late = allocate(caseOf(1014, [agreed], { received: '2026-11-21', reference }));
    expect(late).toMatchObject({ rule: 'reference', discountTaken: [], unapplied: 0 });
  });

  it('is taken off by reference only where the amount is only so equal', () => {
    const reference = 'INV-1, INV-2';
    const other = invoice('INV-2', 500);
    const taken = allocate(caseOf(1514, [agreed, other], { reference }));
    expect(taken.discountTaken).toEqual([{ invoice: 'INV-1', amount: 21 }]);
    const full = allocate(caseOf(1535, [agreed, other], { reference }));
    expect(full).toMatchObject({ rule: 'reference', discountTaken: [], unapplied: 0 });
    const more = allocate(caseOf(1600, [agreed, other], { reference }));
    expect(more).toMatchObject({ rule: 'reference', discountTaken: [], unapplied: 65 });
  });

  it('makes a second reading of exact', () => {
    const same = invoice('INV-2', 1014);
    expectReview(allocate(caseOf(1014, [agreed, same])), 1014, /INV-1, INV-2/);
  });
});

describe('exact', () => {
  it('pays the one invoice of the payer that has this balance', () => {
    const open = [
      invoice('INV-1', 100),
      invoice('INV-2', 200),
      invoice('X-1', 100, { account: 'B' }),
    ];
    expect(allocate(caseOf(100, open))).toMatchObject({ rule: 'exact', unapplied: 0 });
    expectReview(allocate(caseOf(100, open, { account: null })), 100, /INV-1, X-1/);
    expect(allocate(caseOf(200, open, { account: null })).rule).toBe('exact');
  });

  it('leaves twins to a person though the policy pays the oldest first', () => {
    const twins = [invoice('INV-1', 100), invoice('INV-2', 100)];
    const answer = allocate(caseOf(100, twins, {}, { oldestFirst: true }));
    expectReview(answer, 100, /INV-1, INV-2/);
    expect(answer.proposals).toHaveLength(2);
  });

  it('knows no tolerance and no other currency', () => {
    const open = [invoice('INV-1', 100)];
    expect(allocate(caseOf(99, open, {}, { tolerance: 5 })).decision).toBe('review');
    expectReview(allocate(caseOf(100, open, { currency: 'USD' })), 100, /in USD/);
  });
});

describe('subset', () => {
  const open = [invoice('INV-1', 100), invoice('INV-2', 230), invoice('INV-3', 470)];

  it('pays the one set of full balances that sums to the amount', () => {
    const answer = allocate(caseOf(570, open));
    expect(answer.rule).toBe('subset');
    expect(parts(answer)).toEqual({ 'INV-1/1': 100, 'INV-3/1': 470 });
    expect(allocate(caseOf(800, open)).rule).toBe('subset');
  });

  it('is not tried without a known payer, nor over other accounts', () => {
    expect(allocate(caseOf(570, open, { account: null })).decision).toBe('review');
    const mixed = [invoice('INV-1', 100), invoice('INV-3', 470, { account: 'B' })];
    expect(allocate(caseOf(570, mixed)).decision).toBe('review');
  });

  it('leaves two sets to a person, whatever the policy', () => {
    const two = [...open, invoice('INV-4', 330), invoice('INV-5', 240)];
    expectReview(allocate(caseOf(570, two, {}, { oldestFirst: true })), 570, /more than one set/);
  });

  it('gives up on too many invoices, which means review', () => {
    const many = Array.from({ length: 60 }, (_, at) => invoice(`INV-${at + 100}`, 1001 + 2 * at));
    expectReview(allocate(caseOf(7777, many, {}, { oldestFirst: true })), 7777, /too many/);
  });
});

describe('oldest-first', () => {
  const open = [
    invoice('INV-3', 300, { due: '2026-09-01' }),
    invoice('INV-2', 300, { due: '2026-08-01' }),
    invoice('INV-1', 300, { due: '2026-09-01' }),
  ];

  it('pays by due date, then number, where the policy allows it', () => {
    const answer = allocate(caseOf(500, open, {}, { oldestFirst: true }));
    expect(answer.rule).toBe('oldest-first');
    expect(parts(answer)).toEqual({ 'INV-2/1': 300, 'INV-1/1': 200 });
    expectReview(allocate(caseOf(500, open)), 500, /does not pay the oldest first/);
  });

  it('needs a known payer with something open', () => {
    const policy = { oldestFirst: true };
    expect(allocate(caseOf(500, open, { account: null }, policy)).decision).toBe('review');
    expectReview(allocate(caseOf(500, open, { account: 'B' }, policy)), 500, /no open invoice/);
    expectReview(allocate(caseOf(500, [], {}, policy)), 500, /no open invoice/);
  });

  it('leaves an excess unapplied and writes off within the tolerance what money reached', () => {
    expect(allocate(caseOf(1000, open, {}, { oldestFirst: true })).unapplied).toBe(100);
    const short = allocate(caseOf(598, open, {}, { oldestFirst: true, tolerance: 2 }));
    expect(short.writtenOff).toEqual([{ invoice: 'INV-1', amount: 2 }]);
    const open3 = allocate(caseOf(597, open, {}, { oldestFirst: true, tolerance: 2 }));
    expect(open3.writtenOff).toEqual([]);
  });
});

describe('inside invoices', () => {
  const reference = 'INV-1 INV-2';
  const lines = [
    { line: '1', subcontract: 'S-1', open: 500 },
    { line: '2', subcontract: 'S-2', open: 300 },
    { line: '3', subcontract: 'S-3', open: 201 },
  ];

  it('fills lines in order, or in proportion by largest remainder', () => {
    const one = [invoice('INV-1', 0, { lines })];
    const of = (lineOrder: 'in-order' | 'pro-rata') =>
      Object.values(parts(allocate(caseOf(700, one, { reference: 'INV-1' }, { lineOrder }))));
    expect(of('in-order')).toEqual([500, 200]);
    expect(of('pro-rata')).toEqual([350, 210, 140]);
  });

  it('pays undisputed lines first', () => {
    const disputed = lines.map((line) => ({ ...line, disputed: line.line === '1' }));
    const one = [invoice('INV-1', 0, { lines: disputed })];
    expect(parts(allocate(caseOf(600, one, { reference: 'INV-1' })))).toEqual({
      'INV-1/1': 99,
      'INV-1/2': 300,
      'INV-1/3': 201,
    });
  });

  it('uses up credit lines with the money', () => {
    const credit = [...lines, { line: '4', subcontract: 'S-4', open: -101 }];
    const one = [invoice('INV-1', 0, { lines: credit })];
    expect(parts(allocate(caseOf(900, one)))).toEqual({
      'INV-1/1': 500,
      'INV-1/2': 300,
      'INV-1/3': 201,
      'INV-1/4': -101,
    });
  });

  it('clears principal across the selection first, or costs, then interest, then principal', () => {
    const two = [
      invoice('INV-1', 100, { costs: 40, interest: 7, due: '2026-01-31' }),
      invoice('INV-2', 100, { costs: 40, interest: 7, due: '2026-02-28' }),
    ];
    const of = (amount: number, clearing: 'principal-first' | 'costs-interest-principal') =>
      parts(allocate(caseOf(amount, two, { reference }, { clearing })));
    expect(of(150, 'principal-first')).toEqual({ 'INV-1/1': 100, 'INV-2/1': 50 });
    expect(of(283, 'principal-first')).toEqual({
      'INV-1/1': 100,
      'INV-1/costs': 40,
      'INV-1/interest': 3,
      'INV-2/1': 100,
      'INV-2/costs': 40,
    });
    expect(of(100, 'costs-interest-principal')).toEqual({
      'INV-1/1': 6,
      'INV-1/costs': 40,
      'INV-1/interest': 7,
      'INV-2/costs': 40,
      'INV-2/interest': 7,
    });
  });
});

describe('refusals', () => {
  const codeOf = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (error instanceof AllocationRefusal) return `${error.code} ${error.path}`;
      throw error;
    }
    return 'accepted';
  };
  const good = invoice('INV-1', 100);

  it('of one open invoice are told by themselves', () => {
    const percent = (text: string) =>
      faultOf(invoice('INV-1', 100, { discount: { percent: text, until: '2026-11-20' } }));
    expect([faultOf(good), percent('0'), percent('100'), percent('2.5')]).toEqual(
      Array(4).fill(null),
    );
    for (const text of ['-1', '100.01', 'two', '1.1234567'])
      expect(percent(text)).toMatchObject({
        code: 'discount-invalid',
        path: 'INV-1.discount.percent',
      });
    const line = (name: string) => invoice('INV-1', 0, { lines: [{ line: name, open: 1 }] });
    expect(faultOf(line('interest'))).toMatchObject({ code: 'reserved-line' });
    expect(faultOf(line('costs'))).toMatchObject({ code: 'reserved-line' });
  });
  it.each([
    ['amount-not-positive payment.amount', caseOf(0, [good])],
    ['amount-not-positive payment.amount', caseOf(-5, [good])],
    ['amount-not-integer payment.amount', caseOf(1.5, [good])],
    ['amount-not-integer payment.amount', caseOf(2 ** 53, [good])],
    ['date-invalid payment.received', caseOf(1, [good], { received: '2026-02-29' })],
    [
      'amount-not-positive payment.lines[0].amount',
      caseOf(1, [good], { lines: [{ invoice: 'INV-1', amount: 0 }] }),
    ],
    ['amount-negative policy.tolerance', caseOf(1, [good], {}, { tolerance: -1 })],
    ['duplicate-invoice openInvoices[1].invoice', caseOf(1, [good, good])],
    ['balance-differs openInvoices[0].balance', caseOf(1, [{ ...good, balance: 99 }])],
    ['amount-negative openInvoices[0].costs', caseOf(1, [{ ...good, costs: -1 }])],
    [
      'duplicate-line openInvoices[0].lines[1].line',
      caseOf(1, [invoice('I', 0, { lines: twoLines.map((line) => ({ ...line, line: 1 })) })]),
    ],
    [
      'reserved-line openInvoices[0].lines[0].line',
      caseOf(1, [invoice('I', 0, { lines: [{ line: 'costs', open: 1 }] })]),
    ],
    [
      'discount-invalid openInvoices[0].discount.percent',
      caseOf(1, [invoice('I', 5, { discount: { percent: '101', until: '2026-01-01' } })]),
    ],
  ])('%s', (code, question) => {
    expect(codeOf(() => allocate(question))).toBe(code);
  });
});
