/** Rules over what is agreed, billed, licensed and ordered: what they tell, with its records, and what they must not. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../domain/book/tables.ts';
import { lastRunDay } from '../../../domain/findings/billing-rules.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import { amendment, company, contract, subcontract } from '../book-builder.ts';
import { AS_OF, type Given, shown, told } from './shown.ts';

type Invoice = Partial<Row<'invoices'>>;
type License = Partial<Row<'licenses'>>;

/** 2026 of S-1 (ten at 100) on I-1, paid. */
const billed = (more: Invoice = {}, line: Partial<Row<'invoice_lines'>> = {}): Given => ({
  contracts: [contract()],
  subcontracts: [subcontract()],
  invoices: [
    {
      invoice: 'I-1',
      account: 'A-1',
      contract: 'C-1',
      issued: '2026-01-10',
      currency: 'EUR',
      status: 'paid',
      ...more,
    },
  ],
  invoice_lines: [
    {
      invoice: 'I-1',
      line: '1',
      subcontract: 'S-1',
      net: '1000.00',
      tax: '0.00',
      periodStart: '2026-01-01',
      ...line,
    },
  ],
});
const license = (more: License = {}): License => ({
  license: 'L-1',
  account: 'A-1',
  subcontract: 'S-1',
  sku: 'MNT',
  seats: '10',
  kind: 'full',
  state: 'enabled',
  validThrough: '2026-12-31',
  ...more,
});
const unpaid = billed({ status: 'issued' });
const codes = (given: Given, pattern: RegExp) =>
  findingsOf(company(given), AS_OF)
    .findings.map(({ rule }) => rule)
    .filter((rule) => pattern.test(rule));

describe('seats-over', () => {
  const over = (more: License, given: Given = billed()) =>
    told('seats-over', { ...given, licenses: [license(more)] });

  it('is worth a full period of what is used beyond the quantity', () => {
    expect(over({ seats: '13' }).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', 'S-1'],
        money: [30_000, 'EUR'],
        evidence: { license: 'L-1', seats: '13', quantity: '10', periodStart: '2026-01-01' },
        agreed: ['perennial subcontracts S-1'],
        found: ['license licenses L-1'],
      },
    ]);
    const amendments = [amendment({ kind: 'quantity', value: '12', effective: '2026-06-01' })];
    const [raised] = over({ seats: '13' }, { ...billed(), amendments });
    expect([raised?.amountMinor, raised?.evidence.quantity]).toEqual([10_000, '12']);
    expect(raised?.sides.agreed[0]?.fields.quantity).toBe('12');
  });

  it('is told of licenses that serve in full on the day, of a running subcontract', () => {
    const more = { seats: '13' };
    expect(over({ seats: '10' })).toEqual([]);
    expect(over({ seats: null })).toEqual([]);
    expect(over({ ...more, kind: 'temporary' })).toEqual([]);
    expect(over({ ...more, state: 'suspended' })).toEqual([]);
    expect(over({ ...more, validThrough: '2026-11-19' })).toEqual([]);
    expect(over({ ...more, validThrough: AS_OF })).toHaveLength(1);
    expect(over({ ...more, validThrough: null })).toHaveLength(1);
    expect(over({ ...more, subcontract: null })).toEqual([]);
    expect(over({ ...more, subcontract: 'S-9' })).toEqual([]);
    const removed = [amendment({ kind: 'remove', effective: '2026-06-01' })];
    expect(over(more, { ...billed(), amendments: removed })).toEqual([]);
    const later = { ...billed(), subcontracts: [subcontract({ start: '2026-12-01' })] };
    expect(over(more, later)).toEqual([]);
    const broken = { ...billed(), contracts: [contract({ billingFrequency: 'weekly' })] };
    expect(over(more, broken)).toEqual([]);
    const unread = { ...billed(), subcontracts: [subcontract({ quantity: 'x' })] };
    expect(over(more, unread)).toEqual([]);
  });
});

describe('license-without-subcontract', () => {
  const without = (given: Given, more: License = {}) =>
    told('license-without-subcontract', { ...given, licenses: [license(more)] });
  const why = (given: Given, more: License = {}) =>
    without(given, more).map(({ evidence, amountMinor }) => [evidence.why, amountMinor]);

  it('is one that belongs to nothing', () => {
    const [found, ...more] = without(billed(), { subcontract: null, validThrough: null });
    if (found === undefined) throw new Error('it belongs to nothing');
    expect(more).toEqual([]);
    expect(found.severity).toBe('medium');
    expect(shown(found)).toEqual({
      subject: ['A-1', null, null],
      money: [0, null],
      evidence: {
        license: 'L-1',
        why: 'it has no subcontract',
        validThrough: null,
        periodStart: null,
        invoices: [],
      },
      agreed: [],
      found: ['license licenses L-1'],
    });
  });

  it('is one whose running period is not paid', () => {
    const [found] = without(unpaid);
    if (found === undefined) throw new Error('it is not paid');
    expect(found.severity).toBe('high');
    expect(shown(found)).toEqual({
      subject: ['A-1', 'C-1', 'S-1'],
      money: [100_000, 'EUR'],
      evidence: {
        license: 'L-1',
        why: 'the running period is not paid',
        validThrough: '2026-12-31',
        periodStart: '2026-01-01',
        invoices: ['I-1'],
      },
      agreed: ['perennial subcontracts S-1', 'perennial invoices I-1'],
      found: ['license licenses L-1'],
    });
    const half = { invoice: 'I-1', subcontract: 'S-1', net: '500.00', tax: '0.00' };
    const lines = ['1', '2'].map((line) => ({ ...half, line, periodStart: '2026-01-01' }));
    const parts = (balance: string) => ({
      ...billed({ status: 'issued', balance }),
      invoice_lines: lines,
    });
    expect(without(parts('500.00'))[0]?.evidence.invoices).toEqual(['I-1']);
    expect(without(parts('0.00'))).toEqual([]);
  });

  it('is one whose running period nobody billed, here or elsewhere', () => {
    const { invoices: _i, invoice_lines: _l, ...never } = billed();
    expect(why(never)).toEqual([['the running period was never billed', 100_000]]);
    expect(why({ ...never, subcontracts: [subcontract({ unitPrice: '0' })] })).toEqual([]);
    expect(why({ ...never, contracts: [contract({ billFrom: '2027-01-01' })] })).toEqual([]);
  });

  it('is one whose subcontract does not run', () => {
    const ended = { ...billed(), subcontracts: [subcontract({ end: '2026-06-30' })] };
    // 181 of 365 days of 1000.00.
    expect(why(ended)).toEqual([['its subcontract is not running', 49_589]]);
    const broken = { ...billed(), contracts: [contract({ billingFrequency: 'weekly' })] };
    expect(without(broken).map(shown)).toMatchObject([
      { subject: ['A-1', null, 'S-1'], money: [0, null], agreed: ['perennial subcontracts S-1'] },
    ]);
  });

  it('is none of a paid period, of what is bought once, or that does not serve', () => {
    expect(without(billed())).toEqual([]);
    for (const sku of ['LIC', 'XXX'])
      expect(without({ ...unpaid, subcontracts: [subcontract({ sku })] })).toEqual([]);
    expect(without(unpaid, { state: 'suspended' })).toEqual([]);
    expect(without(unpaid, { kind: 'temporary' })).toEqual([]);
  });
});

describe('paid and cut off', () => {
  const cut = (licenses: readonly License[], given: Given = billed()) =>
    findingsOf(company({ ...given, licenses: licenses.map(license) }), AS_OF).findings.filter(
      ({ rule }) => rule === 'paid-not-licensed' || rule === 'license-ends-early',
    );
  const rules = (...asked: Parameters<typeof cut>) => cut(...asked).map(({ rule }) => rule);

  it('is told with the last day that is paid', () => {
    const [none] = cut([{ kind: 'evaluation' }]);
    if (none === undefined) throw new Error('an evaluation does not serve');
    expect(none.rule).toBe('paid-not-licensed');
    expect(shown(none)).toEqual({
      subject: ['A-1', 'C-1', 'S-1'],
      money: [0, 'EUR'],
      evidence: { paidThrough: '2026-12-31', licenses: [], validThrough: null },
      agreed: ['perennial subcontracts S-1'],
      found: ['license licenses L-1'],
    });
    expect(none.sides.agreed[0]?.fields.paidThrough).toBe('2026-12-31');
    expect(cut([]).map((finding) => finding.sides.found)).toEqual([[]]);
    const early = [
      { validThrough: '2026-12-30' },
      { license: 'L-2', validThrough: '2026-06-30' },
      { license: 'L-3', state: 'suspended' as const },
    ];
    const [ends] = cut(early);
    expect(ends?.rule).toBe('license-ends-early');
    expect(ends?.evidence).toEqual({
      paidThrough: '2026-12-31',
      licenses: ['L-1', 'L-2'],
      validThrough: '2026-12-30',
    });
    expect(ends?.sides.found.map(({ id }) => id)).toEqual(['L-1', 'L-2', 'L-3']);
  });

  it('is not where one license reaches the day, whatever its kind', () => {
    expect(rules([{}])).toEqual([]);
    expect(rules([{ validThrough: null }])).toEqual([]);
    expect(rules([{ kind: 'temporary' }])).toEqual([]);
    expect(rules([{ validThrough: '2026-01-31' }, { license: 'L-2' }])).toEqual([]);
  });

  it('is not where nothing is paid or nothing runs', () => {
    expect(rules([], unpaid)).toEqual([]);
    const { invoices: _i, invoice_lines: _l, ...never } = billed();
    expect(rules([], never)).toEqual([]);
    for (const sku of ['LIC', 'XXX'])
      expect(rules([], { ...billed(), subcontracts: [subcontract({ sku })] })).toEqual([]);
    const removed = [amendment({ kind: 'remove', effective: '2026-06-01' })];
    expect(rules([], { ...billed(), amendments: removed })).toEqual([]);
    expect(rules([], { ...billed(), contracts: [contract({ end: '2026-11-19' })] })).toEqual([]);
  });

  it('ends with the subcontract where that ends before the period', () => {
    const ended = { ...billed(), subcontracts: [subcontract({ end: '2026-12-15' })] };
    expect(cut([], ended)[0]?.evidence.paidThrough).toBe('2026-12-15');
    expect(rules([{ validThrough: '2026-12-15' }], ended)).toEqual([]);
  });
});

describe('wrong-account', () => {
  const wrong = (more: License, row: Partial<Row<'contracts'>> = {}) =>
    told('wrong-account', {
      ...billed(),
      contracts: [contract(row)],
      licenses: [license({ account: 'A-2', ...more })],
    });

  it('is a license of neither the customer nor its end user', () => {
    expect(wrong({}).map(shown)).toEqual([
      {
        subject: ['A-2', 'C-1', 'S-1'],
        money: [0, null],
        evidence: { license: 'L-1', licenseAccount: 'A-2', contractAccount: 'A-1' },
        agreed: ['perennial contracts C-1'],
        found: ['license licenses L-1'],
      },
    ]);
    expect(wrong({ account: 'A-1' })).toEqual([]);
    expect(wrong({}, { endUser: 'A-2' })).toEqual([]);
    expect(wrong({ state: 'suspended' })).toHaveLength(1);
    for (const state of ['superseded', 'revoked'] as const) expect(wrong({ state })).toEqual([]);
    expect(wrong({ subcontract: 'S-9' })).toEqual([]);
    expect(wrong({ subcontract: null })).toEqual([]);
  });

  it('is compared with the contract that the subcontract is on by the day', () => {
    const moved = (effective: string) =>
      told('wrong-account', {
        ...billed(),
        accounts: ['A-1', 'A-2'].map((account) => ({ account, currency: 'EUR' })),
        contracts: [contract(), contract({ contract: 'C-2', account: 'A-2' })],
        amendments: [amendment({ kind: 'move', value: 'C-2', effective })],
        licenses: [license()],
      }).map(({ contract: of }) => of);
    expect(moved('2026-07-01')).toEqual(['C-2']);
    expect(moved(AS_OF)).toEqual(['C-2']);
    expect(moved('2026-12-01')).toEqual([]);
  });
});

describe('suspended-though-paid', () => {
  const off = (licenses: readonly License[], given: Given = billed()) =>
    told('suspended-though-paid', { ...given, licenses: licenses.map(license) });
  const first: License = { state: 'suspended' };
  const second: License = { license: 'L-2', kind: 'temporary' };
  const perpetual = (given: Given) => ({
    ...given,
    subcontracts: [subcontract({ sku: 'LIC' })],
  });

  it('is one beside which another still serves through the paid period', () => {
    expect(off([first, second]).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', 'S-1'],
        money: [0, null],
        evidence: { license: 'L-1', why: 'the period is paid through 2026-12-31' },
        agreed: ['perennial subcontracts S-1'],
        found: ['license licenses L-1', 'license licenses L-2'],
      },
    ]);
    expect(off([first, { ...second, validThrough: null }])).toHaveLength(1);
    expect(off([{ ...first, validThrough: null }, second])).toHaveLength(1);
    expect(off([first])).toEqual([]);
    expect(off([first, { ...second, kind: 'full' }])).toEqual([]);
    expect(off([first, second, { license: 'L-3' }])).toEqual([]);
    expect(off([first, { ...second, validThrough: '2026-12-30' }])).toEqual([]);
    expect(off([{ ...first, validThrough: '2026-12-30' }, second])).toEqual([]);
    expect(off([{ ...first, kind: 'temporary' }, second])).toEqual([]);
    expect(off([{ ...first, subcontract: 'S-9' }, second])).toEqual([]);
    expect(off([{ ...first, subcontract: null }, second])).toEqual([]);
    expect(off([first, second], unpaid)).toEqual([]);
  });

  it('is a perpetual one that is paid', () => {
    const found = off([first], perpetual(billed()));
    expect(found.map(({ evidence }) => evidence.why)).toEqual([
      'the license is perpetual and paid',
    ]);
    expect(off([first], perpetual(unpaid))).toEqual([]);
    expect(off([first, second], perpetual(billed()))).toEqual([]);
    const { invoices: _i, invoice_lines: _l, ...never } = billed();
    expect(off([first], perpetual(never))).toEqual([]);
  });
});

describe('billing', () => {
  const AGREED = ['perennial subcontracts S-1', 'perennial charges S-1 2026-01-01 2026-01-01'];

  it('that never happened is told with what should be billed', () => {
    const never: Given = { contracts: [contract()], subcontracts: [subcontract()] };
    expect(told('unbilled', never).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', 'S-1'],
        money: [100_000, 'EUR'],
        evidence: {
          periodStart: '2026-01-01',
          periodEnd: '2026-12-31',
          expectedMinor: 100_000,
          billedMinor: 0,
          invoices: [],
        },
        agreed: AGREED,
        found: [],
      },
    ]);
    const elsewhere = { ...never, contracts: [contract({ billFrom: '2027-01-01' })] };
    expect(codes(elsewhere, /billed/)).toEqual([]);
    expect(codes({ ...never, subcontracts: [subcontract({ unitPrice: '0' })] }, /billed/)).toEqual(
      [],
    );
    expect(codes({ ...never, contracts: [contract({ status: 'draft' })] }, /billed/)).toEqual([]);
  });

  it('of too little or too much is told with its lines', () => {
    const twice = (net: string): Given => {
      const { invoice_lines: lines = [], ...rest } = billed();
      const [line] = lines;
      return { ...rest, invoice_lines: ['1', '2'].map((name) => ({ ...line, line: name, net })) };
    };
    expect(told('underbilled', twice('300.00')).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', 'S-1'],
        money: [40_000, 'EUR'],
        evidence: {
          periodStart: '2026-01-01',
          periodEnd: '2026-12-31',
          expectedMinor: 100_000,
          billedMinor: 60_000,
          invoices: ['I-1'],
        },
        agreed: AGREED,
        found: ['perennial invoice_lines I-1/1', 'perennial invoice_lines I-1/2'],
      },
    ]);
    expect(told('overbilled', twice('600.00')).map(({ amountMinor }) => amountMinor)).toEqual([
      -20_000,
    ]);
    expect(codes(twice('500.00'), /billed|discount/)).toEqual([]);
  });

  it('of a discount after its last day is told apart, subcontract by subcontract', () => {
    const { invoices = [], invoice_lines: lines = [] } = billed();
    const line = (own: string, net: string) => ({ ...lines[0], line: own, subcontract: own, net });
    const given = (row: Partial<Row<'contracts'>>, sub: Partial<Row<'subcontracts'>>): Given => ({
      invoices,
      contracts: [contract(row)],
      subcontracts: ['S-1', 'S-2', 'S-3', 'S-4'].map((own) =>
        subcontract({ ...sub, subcontract: own }),
      ),
      invoice_lines: [
        line('S-1', '900.00'),
        line('S-2', '899.00'),
        line('S-3', '1100.00'),
        line('S-4', '1000.00'),
      ],
    });
    const found = (asked: Given) =>
      findingsOf(company(asked), AS_OF)
        .findings.filter(({ rule }) => /billed|discount/.test(rule))
        .map(({ rule, subcontract: own, amountMinor }) => [rule, own, amountMinor]);
    const expired = [
      ['underbilled', 'S-2', 10_100],
      ['discount-expired', 'S-1', 10_000],
      ['overbilled', 'S-3', -10_000],
    ];
    const contractual = { discountPercent: '10', discountTo: '2025-12-31' };
    expect(found(given(contractual, {}))).toEqual(expired);
    const promotion = (row: Partial<Row<'promotions'>>): Given => ({
      ...given({}, { promotion: 'TEN' }),
      promotions: [{ promotion: 'TEN', percent: '10', ...row }],
    });
    expect(found(promotion({ validTo: '2025-12-31' }))).toEqual(expired);
    const never = expired.map(([rule, ...rest]) => [
      rule === 'discount-expired' ? 'underbilled' : rule,
      ...rest,
    ]);
    expect(found(given({}, {}))).toEqual(never);
    // It has not begun: prolonging it explains nothing.
    expect(found(promotion({ validFrom: '2027-01-01', validTo: '2027-12-31' }))).toEqual(never);
  });

  it('in arrears is looked for up to the last 15th', () => {
    expect(['2026-11-15', '2026-11-14', '2026-11-30', '2026-01-01'].map(lastRunDay)).toEqual([
      '2026-11-15',
      '2026-10-15',
      '2026-11-15',
      '2025-12-15',
    ]);
  });
});

describe('service-unbilled', () => {
  const entry = (more: Partial<Row<'timesheets'>> = {}): Partial<Row<'timesheets'>> => ({
    entry: 'T-1',
    account: 'A-1',
    contract: 'C-1',
    date: '2026-10-01',
    hours: '1.5',
    rate: '100',
    approvedOn: '2026-10-02',
    ...more,
  });
  const service = (more: Partial<Row<'timesheets'>>, given: Given = {}) =>
    told('service-unbilled', { ...billed(), timesheets: [entry(more)], ...given });
  const amounts = (...asked: Parameters<typeof service>) =>
    service(...asked).map(({ amountMinor, currency }) => [amountMinor, currency]);

  it('is approved time that is on no invoice', () => {
    expect(service({}).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [15_000, 'EUR'],
        evidence: {
          entry: 'T-1',
          date: '2026-10-01',
          hours: '1.5',
          rate: '100',
          approvedOn: '2026-10-02',
        },
        agreed: ['perennial timesheets T-1'],
        found: [],
      },
    ]);
    expect(service({ description: 'Setup' })[0]?.sides.agreed[0]?.fields).toEqual({
      account: 'A-1',
      contract: 'C-1',
      date: '2026-10-01',
      hours: '1.5',
      rate: '100',
      approvedOn: '2026-10-02',
      description: 'Setup',
    });
    expect(amounts({ approvedOn: null })).toEqual([]);
    expect(amounts({ approvedOn: '2026-11-16' })).toEqual([]);
    expect(amounts({ billable: false })).toEqual([]);
    expect(amounts({}, { contracts: [contract({ status: 'draft' })] })).toEqual([]);
  });

  it('has its own currency, its contract’s, its account’s or its seller’s', () => {
    expect(amounts({ currency: 'USD' })).toEqual([[15_000, 'USD']]);
    expect(amounts({}, { contracts: [contract({ currency: 'CHF' })] })).toEqual([[15_000, 'CHF']]);
    const alone = { contract: null };
    expect(amounts(alone)).toEqual([[15_000, 'EUR']]);
    const account = { account: 'A-1', name: 'Acme' };
    const entities = [
      { entity: 'DE', currency: 'SEK' },
      { entity: 'US', currency: 'USD' },
    ];
    expect(amounts(alone, { accounts: [account], entities })).toEqual([[15_000, 'SEK']]);
    expect(amounts(alone, { accounts: [{ ...account, entity: 'US' }], entities })).toEqual([
      [15_000, 'USD'],
    ]);
    expect(amounts(alone, { accounts: [account] })).toEqual([]);
  });

  it('is not what was billed before the cut-over', () => {
    const from = (billFrom: string) => ({ contracts: [contract({ billFrom })] });
    expect(amounts({}, from('2026-10-02'))).toHaveLength(1);
    expect(amounts({}, from('2026-10-03'))).toEqual([]);
    const cutover = (day: string) => ({
      entities: [{ entity: 'DE', currency: 'EUR', cutover: day }],
    });
    expect(amounts({ contract: null }, cutover('2026-10-02'))).toHaveLength(1);
    expect(amounts({ contract: null }, cutover('2026-10-03'))).toEqual([]);
  });
});

describe('usage-unbilled', () => {
  const metered = (net: string | null, issued = '2026-11-18'): Given => ({
    contracts: [contract({ billingFrequency: 'monthly' })],
    subcontracts: [
      subcontract({ sku: 'API', quantity: '0', unitPrice: '2', includedQuantity: '10' }),
    ],
    usage: [
      {
        event: 'U-1',
        subcontract: 'S-1',
        metric: 'API',
        quantity: '17',
        at: '2026-10-10T12:00:00Z',
      },
      {
        event: 'U-2',
        subcontract: 'S-1',
        metric: 'API',
        quantity: '11',
        at: '2026-09-10T12:00:00Z',
      },
    ],
    invoices: [
      { invoice: 'I-1', account: 'A-1', contract: 'C-1', issued, currency: 'EUR', status: 'paid' },
    ],
    invoice_lines:
      net === null
        ? []
        : [
            {
              invoice: 'I-1',
              line: '1',
              subcontract: 'S-1',
              sku: 'API',
              net,
              periodStart: '2026-10-01',
            },
          ],
  });
  const usage = (given: Given) =>
    told('usage-unbilled', given).map(({ evidence, amountMinor }) => [
      evidence.periodStart,
      amountMinor,
    ]);

  it('is what was used beyond what is included, month by month', () => {
    // 7 and 1 calls at 2.00.
    expect(usage(metered(null))).toEqual([
      ['2026-10-01', 1400],
      ['2026-09-01', 200],
    ]);
  });

  it('is less what was billed since, after the last 15th too', () => {
    expect(usage(metered('14.00'))).toEqual([['2026-09-01', 200]]);
    expect(usage(metered('10.00'))).toEqual([
      ['2026-10-01', 400],
      ['2026-09-01', 200],
    ]);
  });
});

describe('what can not be computed', () => {
  it('is told with its code, its reason and the rows that contradict', () => {
    const broken = { ...billed(), contracts: [contract({ billingFrequency: 'weekly' })] };
    const [found] = told('not-computable', broken);
    if (found === undefined) throw new Error('no contract is billed weekly');
    expect(shown(found)).toEqual({
      subject: ['A-1', 'C-1', null],
      money: [0, null],
      evidence: { code: expect.any(String), reason: expect.any(String) },
      agreed: ['perennial contracts C-1'],
      found: [],
    });
    const unread = { ...billed(), subcontracts: [subcontract({ quantity: '-1' })] };
    expect(told('not-computable', unread).map(shown)).toMatchObject([
      {
        subject: ['A-1', 'C-1', 'S-1'],
        agreed: ['perennial contracts C-1', 'perennial subcontracts S-1'],
      },
    ]);
  });

  it('is a document whose amounts can not be read', () => {
    expect(told('not-computable', billed({ total: 'x' })).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [0, null],
        evidence: { invoice: 'I-1', reason: expect.any(String) },
        agreed: [],
        found: ['perennial invoices I-1'],
      },
    ]);
  });
});

describe('currency-mismatch', () => {
  const RULE = 'currency-mismatch';

  it('is a line in another currency than its contract, and nothing else is told of it', () => {
    const foreign = billed({ currency: 'USD' });
    expect(told(RULE, foreign).map(shown)).toMatchObject([
      {
        subject: ['A-1', 'C-1', 'S-1'],
        money: [0, null],
        evidence: { code: 'history-currency' },
        agreed: ['perennial contracts C-1', 'perennial subcontracts S-1'],
        found: [],
      },
    ]);
    expect(told('not-computable', foreign)).toEqual([]);
    expect(
      told(RULE, { ...billed(), contracts: [contract({ billingFrequency: 'weekly' })] }),
    ).toEqual([]);
  });

  it('is money in another currency than the invoice', () => {
    const paid = (row: Partial<Row<'payments'>>, ...invoices: string[]) =>
      told(RULE, {
        ...billed(),
        payments: [
          { payment: 'P-1', account: 'A-1', received: '2026-02-01', amount: '9.00', ...row },
        ],
        payment_allocations: invoices.map((invoice) => ({
          payment: 'P-1',
          invoice,
          amount: '9.00',
        })),
      });
    const dollars = { currency: 'USD' };
    expect(paid(dollars, 'I-1').map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [0, null],
        evidence: { payment: 'P-1', invoice: 'I-1', paidIn: 'USD', issuedIn: 'EUR' },
        agreed: ['perennial invoices I-1'],
        found: ['bank payments P-1'],
      },
    ]);
    expect(paid({ ...dollars, invoice: 'I-1' })).toHaveLength(1);
    expect(paid({ ...dollars, invoice: 'I-1' }, 'I-1')).toHaveLength(1);
    expect(paid(dollars)).toEqual([]);
    expect(paid(dollars, 'I-9')).toEqual([]);
    expect(paid({ currency: 'EUR' }, 'I-1')).toEqual([]);
    expect(paid({ currency: null }, 'I-1')).toEqual([]);
    expect(paid({ ...dollars, received: '2026-11-21' }, 'I-1')).toEqual([]);
    expect(paid({ ...dollars, status: 'returned' }, 'I-1')).toEqual([]);
  });
});
