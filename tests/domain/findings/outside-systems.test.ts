/** Rules that compare the book with accounting, CRM and mail: what they tell, with its records, and what they must not. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../domain/book/tables.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import type {
  AccountingRecords,
  OutsideCustomer,
  OutsideDocument,
  OutsidePayment,
  OutsideRecords,
} from '../../../domain/findings/outside.ts';
import { company, contract } from '../book-builder.ts';
import { AS_OF, type Given, shown, told } from './shown.ts';

const accounting = (
  records: Partial<AccountingRecords>,
  checkedOn: string | null = AS_OF,
): OutsideRecords => ({
  accounting: {
    records: { since: null, customers: [], documents: [], payments: [], ...records },
    checkedOn,
    reason: null,
  },
});

const document = (more: Partial<OutsideDocument> = {}): OutsideDocument => ({
  id: 'D-1',
  number: 'R-1001',
  customer: 'acc-1',
  type: 'invoice',
  issuedOn: '2026-10-01',
  currency: 'EUR',
  totalMinor: 11_900,
  url: 'https://accounting.example/D-1',
  ...more,
});
const invoice = (more: Partial<Row<'invoices'>> = {}): Partial<Row<'invoices'>> => ({
  invoice: 'R-1001',
  account: 'A-1',
  contract: 'C-1',
  issued: '2026-10-01',
  status: 'issued',
  total: '119.00',
  currency: 'EUR',
  ...more,
});
const OWNED: Given = {
  accounts: [{ account: 'A-1', name: 'Acme', currency: 'EUR', accountingId: 'acc-1' }],
};

describe('an invoice in accounting', () => {
  const rules = (documents: readonly OutsideDocument[], more: Partial<Row<'invoices'>> = {}) =>
    findingsOf(
      company({ ...OWNED, invoices: [invoice(more)] }),
      AS_OF,
      accounting({ documents }),
    ).findings.flatMap(({ rule, amountMinor }) =>
      rule.startsWith('invoice-') ? [[rule, amountMinor]] : [],
    );

  it('is the same by its number, however that is written', () => {
    expect(rules([document()])).toEqual([]);
    expect(rules([document({ number: 'r 1001' })])).toEqual([]);
    expect(rules([document({ currency: null })])).toEqual([]);
    const credit = { type: 'credit_note' as const, total: '-119.00' };
    expect(rules([document({ type: 'credit_note' })], credit)).toEqual([]);
    expect(rules([document({ type: 'credit_note' })], { ...credit, total: '119.00' })).toEqual([]);
  });

  it('is missing there', () => {
    expect(
      told('invoice-missing-in-accounting', { invoices: [invoice()] }, accounting({})).map(shown),
    ).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [11_900, 'EUR'],
        evidence: { invoice: 'R-1001', totalMinor: 11_900 },
        agreed: ['perennial invoices R-1001'],
        found: [],
      },
    ]);
    expect(rules([], { type: 'credit_note', total: '119.00' })).toEqual([
      ['invoice-missing-in-accounting', -11_900],
    ]);
  });

  it('is missed only on days that the extract tells of', () => {
    const missed = (issued: string, since: string | null, checkedOn: string | null = AS_OF) =>
      told(
        'invoice-missing-in-accounting',
        { invoices: [invoice({ issued })] },
        accounting({ since }, checkedOn),
      ).length;
    expect(missed('2026-10-01', '2026-10-01')).toBe(1);
    expect(missed('2026-09-30', '2026-10-01')).toBe(0);
    expect(missed('2026-10-01', null, '2026-10-01')).toBe(1);
    expect(missed('2026-10-02', null, '2026-10-01')).toBe(0);
    expect(missed(AS_OF, null, '2026-12-31')).toBe(1);
    expect(missed(AS_OF, null, null)).toBe(1);
    expect(missed('2026-11-21', null, '2026-12-31')).toBe(0);
  });

  it('differs there', () => {
    const given = { invoices: [invoice()] };
    const differs = (more: Partial<OutsideDocument>) =>
      told('invoice-differs-in-accounting', given, accounting({ documents: [document(more)] }));
    expect(differs({ totalMinor: 11_800 }).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [100, 'EUR'],
        evidence: {
          invoice: 'R-1001',
          totalMinor: 11_900,
          totalThereMinor: 11_800,
          currencyThere: 'EUR',
        },
        agreed: ['perennial invoices R-1001'],
        found: ['accounting documents D-1'],
      },
    ]);
    expect(differs({ currency: 'USD' }).map(({ amountMinor }) => amountMinor)).toEqual([0]);
    expect(differs({ type: 'credit_note' }).map(({ amountMinor }) => amountMinor)).toEqual([
      23_800,
    ]);
    expect(differs({ totalMinor: 1 })[0]?.sides.found[0]).toMatchObject({
      fields: { number: 'R-1001', customer: 'acc-1', totalMinor: 1, currency: 'EUR' },
      url: 'https://accounting.example/D-1',
    });
  });

  it('is there twice', () => {
    const documents = [
      document(),
      document({ id: 'D-2' }),
      document({ id: 'D-3', totalMinor: 100 }),
    ];
    const found = told(
      'invoice-twice-in-accounting',
      { invoices: [invoice()] },
      accounting({ documents }),
    );
    expect(found.map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [-12_000, 'EUR'],
        evidence: { invoice: 'R-1001', there: ['D-1', 'D-2', 'D-3'] },
        agreed: ['perennial invoices R-1001'],
        found: ['D-1', 'D-2', 'D-3'].map((id) => `accounting documents ${id}`),
      },
    ]);
    const credits = [document({ type: 'credit_note' }), document({ type: 'credit_note' })];
    const credit = { type: 'credit_note' as const, total: '119.00' };
    expect(rules(credits, credit)).toEqual([['invoice-twice-in-accounting', 11_900]]);
  });

  it('is only there, of a series of ours', () => {
    const only = (more: Partial<OutsideDocument>) =>
      told(
        'invoice-missing-here',
        { ...OWNED, invoices: [invoice()] },
        accounting({ documents: [document(), document({ id: 'D-9', ...more })] }),
      );
    expect(only({ number: 'R-1009' }).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, 'EUR'],
        evidence: { invoice: 'R-1009', record: 'D-9', totalMinor: 11_900 },
        agreed: [],
        found: ['accounting documents D-9'],
      },
    ]);
    expect(only({ number: 'X-1009' })).toEqual([]);
    expect(only({ number: 'r1001' })).toEqual([]);
    expect(only({ number: 'R-1009', issuedOn: AS_OF })).toHaveLength(1);
    expect(only({ number: 'R-1009', issuedOn: null })).toHaveLength(1);
    expect(only({ number: 'R-1009', issuedOn: '2026-11-21' })).toEqual([]);
    for (const customer of ['acc-2', null])
      expect(only({ number: 'R-1009', customer })[0]?.account).toBeNull();
  });
});

const payment = (more: Partial<Row<'payments'>> = {}): Partial<Row<'payments'>> => ({
  payment: 'P-1',
  account: 'A-1',
  received: '2026-10-10',
  amount: '119.00',
  currency: 'EUR',
  reference: 'R-1001',
  ...more,
});
const outside = (more: Partial<OutsidePayment> = {}): OutsidePayment => ({
  id: 'T-1',
  payment: null,
  customer: 'acc-1',
  receivedOn: '2026-10-10',
  currency: 'EUR',
  amountMinor: 11_900,
  reference: null,
  allocations: null,
  url: null,
  ...more,
});

describe('a payment in accounting', () => {
  const rules = (
    ours: Partial<Row<'payments'>>,
    theirs: Partial<OutsidePayment>,
    given: Given = OWNED,
  ) =>
    findingsOf(
      company({ ...given, payments: [payment(ours)] }),
      AS_OF,
      accounting({ payments: [outside(theirs)] }),
    )
      .findings.map(({ rule }) => rule)
      .filter((rule) => rule.includes('payment-missing') || rule.startsWith('allocation-'))
      .sort();
  const BOTH = ['payment-missing-here', 'payment-missing-in-accounting'];

  it('is the same by its name, else by amount, day and customer', () => {
    expect(rules({}, {})).toEqual([]);
    const named = { payment: 'P-1', amountMinor: 1, customer: 'acc-9', receivedOn: '2026-01-01' };
    expect(rules({}, named)).toEqual([]);
    expect(rules({}, { payment: 'P-9' })).toEqual(BOTH);
    expect(rules({}, { amountMinor: 11_901 })).toEqual(BOTH);
    expect(rules({}, { currency: 'USD' })).toEqual(BOTH);
    expect(rules({}, { customer: 'acc-9' })).toEqual(BOTH);
    for (const receivedOn of ['2026-10-06', '2026-10-14'])
      expect(rules({}, { receivedOn })).toEqual([]);
    for (const receivedOn of ['2026-10-05', '2026-10-15'])
      expect(rules({}, { receivedOn })).toEqual(BOTH);
  });

  it('is told by its reference where a customer is not known on both sides', () => {
    expect(rules({}, { customer: null, reference: 'r 1001' })).toEqual([]);
    expect(rules({}, { customer: null, reference: 'R-1002' })).toEqual(BOTH);
    expect(rules({}, { customer: null })).toEqual(BOTH);
    expect(rules({ reference: null }, { customer: null })).toEqual([]);
    expect(rules({}, { reference: 'R-1001' }, {})).toEqual([]);
    expect(rules({}, {}, {})).toEqual(BOTH);
  });

  it('has the currency of its account or of who sells to it where it says none', () => {
    const none = { currency: null };
    expect(rules(none, {})).toEqual([]);
    const entities = [
      { entity: 'DE', currency: 'EUR' },
      { entity: 'US', currency: 'USD' },
    ];
    const account = { account: 'A-1', name: 'Acme', accountingId: 'acc-1' };
    expect(rules(none, {}, { entities, accounts: [account] })).toEqual([]);
    const sold = { entities, accounts: [{ ...account, entity: 'US' }] };
    expect(rules(none, { currency: 'USD' }, sold)).toEqual([]);
    expect(rules(none, {}, { accounts: [account] })).toEqual(['payment-missing-here']);
  });

  it('is compared where it was received, on days that the extract tells of', () => {
    expect(rules({ status: 'returned' }, {})).toEqual(['payment-missing-here']);
    const missing = (received: string, since: string | null) =>
      told(
        'payment-missing-in-accounting',
        { ...OWNED, payments: [payment({ received })] },
        accounting({ since }),
      ).length;
    expect(missing('2026-10-10', '2026-10-10')).toBe(1);
    expect(missing('2026-10-09', '2026-10-10')).toBe(0);
    const here = (receivedOn: string, since: string | null) =>
      told(
        'payment-missing-here',
        OWNED,
        accounting({ since, payments: [outside({ receivedOn })] }),
      ).length;
    expect(here('2026-10-10', '2026-10-10')).toBe(1);
    expect(here('2026-10-09', '2026-10-10')).toBe(0);
    expect(here('2026-11-21', null)).toBe(0);
  });

  it('matches one of ours and no second one', () => {
    const payments = [payment(), payment({ payment: 'P-2' })];
    const found = told(
      'payment-missing-in-accounting',
      { ...OWNED, payments },
      accounting({ payments: [outside({ payment: 'P-2' }), outside({ id: 'T-2' })] }),
    );
    expect(found).toEqual([]);
    const [second] = told(
      'payment-missing-in-accounting',
      { ...OWNED, payments },
      accounting({ payments: [outside()] }),
    );
    expect(second?.evidence.payment).toBe('P-2');
  });

  it('is told with the records of the side that has it', () => {
    const given = { ...OWNED, payments: [payment()] };
    expect(told('payment-missing-in-accounting', given, accounting({})).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, 'EUR'],
        evidence: { payment: 'P-1', received: '2026-10-10', receivedMinor: 11_900 },
        agreed: ['bank payments P-1'],
        found: [],
      },
    ]);
    const there = accounting({ payments: [outside({ reference: 'R-1' })] });
    const [found, ...more] = told('payment-missing-here', OWNED, there);
    if (found === undefined) throw new Error('it is only there');
    expect(more).toEqual([]);
    expect(shown(found)).toEqual({
      subject: ['A-1', null, null],
      money: [0, 'EUR'],
      evidence: { record: 'T-1', received: '2026-10-10', receivedMinor: 11_900 },
      agreed: [],
      found: ['accounting payments T-1'],
    });
    expect(found.sides.found[0]?.fields).toMatchObject({
      customer: 'acc-1',
      reference: 'R-1',
      allocations: null,
    });
    const strange = accounting({ payments: [outside({ customer: 'acc-9' })] });
    expect(told('payment-missing-here', OWNED, strange)[0]?.account).toBeNull();
  });

  it('is split over the same documents, or told', () => {
    const split = (
      allocations: OutsidePayment['allocations'],
      own: Partial<Row<'payments'>>,
      given: Given = {},
    ) =>
      told(
        'allocation-differs-in-accounting',
        { ...OWNED, payments: [payment(own)], ...given },
        accounting({ payments: [outside({ allocations })] }),
      );
    const to = (name: string, amountMinor: number) => ({ document: name, amountMinor });
    const whole = { invoice: 'R-1001' };
    const parts = {
      payment_allocations: [
        { payment: 'P-1', invoice: 'R-1001', amount: '100.00' },
        { payment: 'P-1', invoice: 'R-1002', amount: '10.00' },
        { payment: 'P-1', invoice: 'R-1002', amount: '9.00' },
      ],
    };
    expect(split(null, whole)).toEqual([]);
    expect(split([to('r1001', 11_900)], whole)).toEqual([]);
    expect(split([to('R-1001', 11_000), to('R-1001', 900)], whole)).toEqual([]);
    expect(split([to('R-1001', 11_900), to('R-1002', 0)], whole)).toEqual([]);
    expect(split([to('R-1001', 10_000), to('R-1002', 1900)], {}, parts)).toEqual([]);
    expect(split([to('R-1001', 10_000), to('R-1002', 1900)], whole, parts)).toEqual([]);
    expect(split([], {})).toEqual([]);
    expect(split([], whole)).toHaveLength(1);
    expect(split([to('R-1001', 11_900)], {})).toHaveLength(1);
    expect(split([to('R-1001', 10_000)], {}, parts)).toHaveLength(1);
    const [found] = split([to('R-1001', 11_800), to('R-9', 100)], {}, parts);
    if (found === undefined) throw new Error('it is split otherwise');
    expect(shown(found)).toEqual({
      subject: ['A-1', null, null],
      money: [0, 'EUR'],
      evidence: { payment: 'P-1', record: 'T-1' },
      agreed: [
        'bank payments P-1',
        'perennial payment_allocations P-1 → R-1001',
        'perennial payment_allocations P-1 → R-1002',
        'perennial payment_allocations P-1 → R-1002',
      ],
      found: ['accounting payments T-1'],
    });
    expect(found.sides.agreed[1]?.fields).toEqual({ invoice: 'R-1001', amount: '100.00' });
    expect(found.sides.found[0]?.fields.allocations).toBe('R-1001: 11800; R-9: 100');
  });
});

const customer = (more: Partial<OutsideCustomer> = {}): OutsideCustomer => ({
  id: 'acc-1',
  name: 'Acme',
  addressLine1: '1 Main Street',
  city: 'Ulm',
  postalCode: '89073',
  country: 'DE',
  taxId: 'DE1',
  email: 'ap@acme.example',
  url: 'https://accounting.example/acc-1',
  ...more,
});
const account = (more: Partial<Row<'accounts'>> = {}): Partial<Row<'accounts'>> => ({
  account: 'A-1',
  name: 'Acme',
  currency: 'EUR',
  addressLine1: '1 Main Street',
  city: 'Ulm',
  postalCode: '89073',
  country: 'DE',
  taxId: 'DE1',
  billingEmail: 'ap@acme.example',
  accountingId: 'acc-1',
  crmId: 'crm-1',
  ...more,
});

describe('a customer in accounting', () => {
  const missing = (
    own: Partial<Row<'accounts'>>,
    customers: readonly OutsideCustomer[],
    given: Given = { contracts: [contract()] },
  ) =>
    told(
      'customer-missing-in-accounting',
      { accounts: [account(own)], ...given },
      accounting({ customers }),
    );

  it('is there by its id, else by tax id or name', () => {
    expect(missing({}, [customer({ name: 'x', taxId: 'x' })])).toEqual([]);
    expect(missing({}, [customer({ id: 'acc-2' })])).toHaveLength(1);
    const nameless = customer({ id: 'acc-2', name: null });
    expect(missing({ accountingId: null }, [nameless])).toEqual([]);
    expect(missing({ accountingId: null }, [customer({ taxId: null, name: 'ACME' })])).toEqual([]);
    expect(missing({ accountingId: null, taxId: null }, [nameless])).toHaveLength(1);
    expect(missing({ accountingId: null }, [customer({ taxId: 'x', name: 'x' })])).toHaveLength(1);
    expect(missing({ accountingId: null }, [])).toHaveLength(1);
  });

  it('is missed where it is billed and not closed', () => {
    expect(missing({}, [], {})).toEqual([]);
    expect(missing({ status: 'closed' }, [])).toEqual([]);
    const both = { contracts: [contract(), contract({ contract: 'C-2' })] };
    expect(missing({}, [], both).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, null],
        evidence: { record: 'acc-1' },
        agreed: ['perennial accounts A-1'],
        found: [],
      },
    ]);
  });

  it('is there twice', () => {
    const twice = (...customers: OutsideCustomer[]) =>
      told(
        'customer-duplicated-in-accounting',
        { accounts: [account()] },
        accounting({ customers }),
      );
    const other = { id: 'acc-2', name: 'Other', postalCode: '1', taxId: 'DE2' };
    expect(twice(customer(), customer(other))).toEqual([]);
    expect(twice(customer(), customer({ ...other, taxId: 'de 1' })).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, null],
        evidence: { record: 'acc-2', twin: 'acc-1', name: 'Other', taxId: 'de 1' },
        agreed: ['accounting customers acc-1'],
        found: ['accounting customers acc-2'],
      },
    ]);
    const named = customer({ id: 'acc-2', taxId: null });
    expect(twice(named, customer()).map(({ evidence }) => evidence)).toEqual([
      { record: 'acc-2', twin: 'acc-1', name: 'Acme', taxId: null },
    ]);
    expect(twice(customer({ name: null }), customer({ ...other, name: null }))).toEqual([]);
    expect(twice(customer({ postalCode: null }), customer({ ...other, name: 'Acme' }))).toEqual([]);
    const blank = { name: '-', taxId: '-' };
    expect(twice(customer(blank), customer({ id: 'acc-2', ...blank }))).toEqual([]);
    const elsewhere = [customer({ id: 'acc-0' }), customer(), customer({ id: 'acc-3' })];
    expect(twice(...elsewhere).map((one) => [one.account, one.evidence.record])).toEqual([
      ['A-1', 'acc-1'],
      [null, 'acc-3'],
    ]);
  });

  it('differs there or in the CRM, field by field', () => {
    const differs = (theirs: Partial<OutsideCustomer>, own: Partial<Row<'accounts'>> = {}) =>
      told(
        'customer-differs-in-accounting',
        { accounts: [account(own)] },
        accounting({ customers: [customer(theirs)] }),
      ).map(({ evidence }) => evidence.fields);
    const nothing = { name: null, addressLine1: null, city: null, postalCode: null };
    expect(differs({})).toEqual([]);
    expect(differs({ ...nothing, country: null, email: null })).toEqual([]);
    expect(differs({ name: 'ACME.', city: ' ulm' })).toEqual([]);
    expect(differs({ taxId: null })).toEqual([['taxId']]);
    const { taxId: _kept, ...untold } = customer();
    const known = { accounts: [account()] };
    expect(
      told('customer-differs-in-accounting', known, accounting({ customers: [untold] })),
    ).toEqual([]);
    expect(differs({ taxId: null }, { taxId: null })).toEqual([]);
    expect(differs({}, { taxId: null })).toEqual([['taxId']]);
    expect(differs({}, { city: null })).toEqual([]);
    const other = { name: 'x', addressLine1: 'x', city: 'x', postalCode: 'x', country: 'AT' };
    expect(differs({ ...other, taxId: 'x', email: 'x@x.example' })).toEqual([
      ['name', 'addressLine1', 'city', 'postalCode', 'country', 'taxId', 'email'],
    ]);
    expect(differs({ city: 'x' }, { status: 'closed' })).toEqual([]);
    expect(differs({ city: 'x' }, { accountingId: 'acc-2' })).toEqual([]);
    expect(differs({ city: 'x' }, { accountingId: null })).toEqual([]);
  });

  it('is told with both records, in accounting and in the CRM', () => {
    const given = { accounts: [account()] };
    const there = [customer({ city: 'Bonn' })];
    const [found] = told('customer-differs-in-accounting', given, accounting({ customers: there }));
    if (found === undefined) throw new Error('the city differs');
    expect(shown(found)).toEqual({
      subject: ['A-1', null, null],
      money: [0, null],
      evidence: { record: 'acc-1', fields: ['city'] },
      agreed: ['perennial accounts A-1'],
      found: ['accounting customers acc-1'],
    });
    expect(found.sides.found[0]).toMatchObject({
      fields: { name: 'Acme', city: 'Bonn', taxId: 'DE1' },
      url: 'https://accounting.example/acc-1',
    });
    const customers = [customer({ id: 'crm-1', city: 'Bonn' })];
    const crm: OutsideRecords = {
      crm: { records: { customers, since: null, deals: [] }, checkedOn: AS_OF, reason: null },
    };
    expect(told('customer-differs-in-crm', given, crm).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, null],
        evidence: { record: 'crm-1', fields: ['city'] },
        agreed: ['perennial accounts A-1'],
        found: ['crm customers crm-1'],
      },
    ]);
  });
});

describe('a customer that is here twice', () => {
  const twice = (...rows: Partial<Row<'accounts'>>[]) =>
    told('customer-duplicated', { accounts: rows.map(account) }, {});
  const second = { account: 'A-2', taxId: 'DE2', postalCode: '1' };

  it('has one name, and the same tax id or postal code', () => {
    expect(twice({}, second)).toEqual([]);
    expect(twice({ ...second, taxId: 'de 1' }, {}).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, null],
        evidence: { record: 'A-2', twin: 'A-1', name: 'Acme', taxId: 'de 1' },
        agreed: ['perennial accounts A-1'],
        found: ['perennial accounts A-2'],
      },
    ]);
    expect(twice({}, { ...second, postalCode: '89 073' })).toHaveLength(1);
    expect(twice({}, { ...second, name: 'Other', taxId: 'DE1' })).toEqual([]);
    expect(twice({}, { ...second, postalCode: '89073', country: 'AT' })).toEqual([]);
    expect(twice({ postalCode: null }, { ...second, postalCode: null })).toEqual([]);
    expect(twice({ taxId: null }, { ...second, taxId: null })).toEqual([]);
    expect(twice({ taxId: '-' }, { ...second, taxId: '-' })).toEqual([]);
    expect(twice({ name: '-' }, { ...second, name: '-', taxId: 'DE1' })).toEqual([]);
  });

  it('is of one seller, open, and no part of the other', () => {
    const same = { account: 'A-2' };
    expect(twice({}, same)).toHaveLength(1);
    expect(twice({ entity: 'DE' }, { ...same, entity: 'US' })).toEqual([]);
    expect(twice({}, { ...same, status: 'closed' })).toEqual([]);
    expect(twice({ status: 'closed' }, same)).toEqual([]);
    expect(twice({}, { ...same, parent: 'A-1' })).toEqual([]);
    expect(twice({ parent: 'A-2' }, same)).toEqual([]);
    expect(twice({ parent: 'A-9' }, { ...same, parent: 'A-9' })).toEqual([]);
    expect(twice({ parent: 'A-8' }, { ...same, parent: 'A-9' })).toHaveLength(1);
    expect(twice({}, same, { account: 'A-3' }).map(({ evidence }) => evidence.record)).toEqual([
      'A-2',
      'A-3',
    ]);
  });
});

describe('what an invoice needs', () => {
  const gaps = (
    own: Partial<Row<'accounts'>>,
    row: Partial<Row<'contracts'>> = {},
    given: Given = {},
  ) =>
    findingsOf(
      company({ accounts: [account(own)], contracts: [contract(row)], ...given }),
      AS_OF,
    ).findings.filter(({ rule }) => /^(contact|po|tax-id)-/.test(rule));
  const rules = (...asked: Parameters<typeof gaps>) => gaps(...asked).map(({ rule }) => rule);

  it('is an address: of the account or of a billing contact', () => {
    const none = { billingEmail: null };
    const contacts = (role: Row<'contacts'>['role'], of = 'A-1') => ({
      contacts: [{ account: of, name: 'Ada', email: 'ada@acme.example', role }],
    });
    expect(rules({})).toEqual([]);
    expect(gaps(none).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, null],
        evidence: { account: 'A-1' },
        agreed: [],
        found: ['perennial accounts A-1'],
      },
    ]);
    expect(rules(none, {}, contacts('billing'))).toEqual([]);
    expect(rules(none, {}, contacts('technical'))).toEqual(['contact-missing']);
    expect(rules(none, {}, contacts('billing', 'A-2'))).toEqual(['contact-missing']);
    expect(rules({ ...none, status: 'closed' })).toEqual([]);
    expect(rules(none, { status: 'draft' })).toEqual([]);
  });

  it('is an order number where the customer wants one, of a contract that runs', () => {
    const wanted = { poRequired: true };
    expect(gaps(wanted).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [0, null],
        evidence: { account: 'A-1' },
        agreed: ['perennial accounts A-1'],
        found: ['perennial contracts C-1'],
      },
    ]);
    expect(rules(wanted, { status: 'suspended' })).toEqual(['po-missing']);
    expect(rules(wanted, { end: AS_OF })).toEqual(['po-missing']);
    expect(rules(wanted, { poNumber: '4711' })).toEqual([]);
    expect(rules(wanted, { status: 'lapsed' })).toEqual([]);
    expect(rules(wanted, { start: '2025-01-01', end: '2026-11-19' })).toEqual([]);
    expect(rules({ poRequired: false })).toEqual([]);
  });

  it('is a tax id where the tax rests on it', () => {
    const DE = { entity: 'DE', country: 'DE', currency: 'EUR' };
    const others = [
      { entity: 'CH', country: 'CH', currency: 'CHF' },
      { entity: 'FR', country: 'FR', currency: 'EUR' },
    ];
    const of = (own: Partial<Row<'accounts'>>) =>
      rules(
        { taxId: null, kind: 'business', ...own },
        {},
        { entities: own.entity === undefined ? [DE] : [DE, ...others] },
      );
    const missing = ['tax-id-missing'];
    expect(of({ country: 'AT' })).toEqual(missing);
    expect(of({ country: 'AT', kind: 'consumer' })).toEqual([]);
    expect(of({ country: 'DE' })).toEqual([]);
    expect(of({ country: 'DE', entity: 'FR' })).toEqual(missing);
    expect(of({ country: 'CH' })).toEqual([]);
    expect(of({ country: 'AT', entity: 'CH' })).toEqual([]);
    expect(of({ country: null })).toEqual([]);
    for (const taxCategory of ['AE', 'K'] as const)
      expect(of({ country: 'DE', taxCategory })).toEqual(missing);
    expect(of({ country: 'DE', taxCategory: 'S' })).toEqual([]);
    const wrong = { taxCategory: 'AE' as const, country: 'AT', taxId: 'ATU1' };
    const [invalid] = gaps(wrong, {}, { entities: [DE] });
    expect([invalid?.rule, invalid?.evidence]).toEqual([
      'tax-id-invalid',
      { account: 'A-1', taxId: 'ATU1', fault: expect.any(String) },
    ]);
  });
});

describe('mail that came back', () => {
  const returned = (bounces: readonly string[], given: Given, own: Partial<Row<'accounts'>> = {}) =>
    told(
      'mail-undeliverable',
      { accounts: [account(own)], contracts: [contract()], ...given },
      {
        mail: {
          records: {
            bounces: bounces.map((address) => ({
              address,
              bouncedOn: '2026-11-01',
              reason: 'no such user',
            })),
          },
          checkedOn: AS_OF,
          reason: null,
        },
      },
    );
  const to = (given: Given, ...bounces: string[]) =>
    returned(bounces, given).map(({ evidence }) => evidence.email);

  it('is told with the account that it was for', () => {
    expect(returned([' AP@acme.example '], {}).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [0, null],
        evidence: { email: 'ap@acme.example', bouncedOn: '2026-11-01', reason: 'no such user' },
        agreed: ['perennial accounts A-1'],
        found: ['mail bounces ap@acme.example'],
      },
    ]);
    expect(returned(['ap@acme.example'], {})[0]?.sides.found[0]?.fields).toEqual({
      bouncedOn: '2026-11-01',
      reason: 'no such user',
    });
    expect(returned(['other@acme.example'], {})).toEqual([]);
    expect(returned([], {})).toEqual([]);
    expect(returned(['ap@acme.example'], {}, { status: 'closed' })).toEqual([]);
    expect(returned(['ap@acme.example'], { contracts: [] })).toEqual([]);
  });

  it('was for an address that something goes to', () => {
    const contact = (more: Partial<Row<'contacts'>>) => ({
      contacts: [{ account: 'A-1', name: 'Ada', email: ' Ada@acme.example', ...more }],
    });
    const ada = 'ada@acme.example';
    expect(to(contact({ role: 'billing' }), ada)).toEqual([ada]);
    expect(to(contact({ role: 'technical', receives: ['licenses'] }), ada)).toEqual([ada]);
    expect(to(contact({ role: 'technical', receives: [] }), ada)).toEqual([]);
    expect(to(contact({ role: 'technical', receives: null }), ada)).toEqual([]);
    const copied = { ccEmails: ['Copy@acme.example'], billingEmail: null };
    expect(
      returned(['copy@acme.example'], {}, copied).map(({ evidence }) => evidence.email),
    ).toEqual(['copy@acme.example']);
  });

  it('is of the customer of a contract and of who pays for it', () => {
    const accounts = [
      account(),
      account({ account: 'A-2', billingEmail: 'pay@parent.example' }),
      account({ account: 'A-3', billingEmail: 'x@other.example' }),
    ];
    const given = { accounts, contracts: [contract({ billTo: 'A-2' })] };
    expect(
      returned(['ap@acme.example', 'pay@parent.example', 'x@other.example'], given).map(
        (finding) => finding.account,
      ),
    ).toEqual(['A-1', 'A-2']);
  });
});
