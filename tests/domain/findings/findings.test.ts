/** What each rule finds, and its exact amount (docs/rules: `book findings`). A clean book has none. */
import { describe, expect, it } from 'vitest';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import { bookOf } from '../book-builder.ts';

const AS_OF = '2026-11-20';

/** A year of ten seats at 100, discounted by 10 %, billed, paid and licensed: nothing is wrong with it. */
function cleanRows() {
  return {
    entities: [{ entity: 'DE', country: 'DE', currency: 'EUR' }],
    accounts: [
      { account: 'A-1', name: 'Acme', country: 'DE', billingEmail: 'ap@acme.example' },
      { account: 'A-2', name: 'Birch', country: 'DE', billingEmail: 'ap@birch.example' },
    ] as Partial<Row<'accounts'>>[],
    products: [
      { sku: 'MNT', name: 'Maintenance', kind: 'maintenance' },
      { sku: 'API', name: 'Calls', kind: 'usage' },
    ] as Partial<Row<'products'>>[],
    contracts: [
      {
        contract: 'C-1',
        account: 'A-1',
        start: '2026-03-01',
        end: '2028-02-29',
        discountPercent: '10',
      },
    ] as Partial<Row<'contracts'>>[],
    subcontracts: [
      {
        subcontract: 'S-1',
        contract: 'C-1',
        sku: 'MNT',
        quantity: '10',
        unitPrice: '100',
        serial: 'X',
      },
    ] as Partial<Row<'subcontracts'>>[],
    invoices: [
      {
        invoice: 'I-1',
        account: 'A-1',
        issued: '2026-01-15',
        contract: 'C-1',
        total: '1071.00',
        balance: '0.00',
        status: 'paid',
      },
    ] as Partial<Row<'invoices'>>[],
    invoice_lines: [
      {
        invoice: 'I-1',
        line: '1',
        subcontract: 'S-1',
        sku: 'MNT',
        net: '900.00',
        taxRate: '19',
        tax: '171.00',
        periodStart: '2026-03-01',
        periodEnd: '2027-02-28',
      },
    ] as Partial<Row<'invoice_lines'>>[],
    payments: [
      { payment: 'P-1', account: 'A-1', received: '2026-02-10', amount: '1071.00', invoice: 'I-1' },
    ] as Partial<Row<'payments'>>[],
    licenses: [
      {
        license: 'L-1',
        account: 'A-1',
        subcontract: 'S-1',
        sku: 'MNT',
        seats: '10',
        kind: 'full',
        validFrom: '2026-03-01',
        validThrough: '2027-02-28',
      },
    ] as Partial<Row<'licenses'>>[],
    amendments: [] as Partial<Row<'amendments'>>[],
    orders: [] as Partial<Row<'orders'>>[],
    timesheets: [] as Partial<Row<'timesheets'>>[],
    usage: [] as Partial<Row<'usage'>>[],
    prices: [] as Partial<Row<'prices'>>[],
  };
}
type Rows = ReturnType<typeof cleanRows>;

function found(damage: (rows: Rows) => void): {
  summary: [string, string | null, number][];
  atStake: unknown;
} {
  const rows = cleanRows();
  damage(rows);
  const { findings, atStake } = findingsOf(bookOf(rows) as Book, AS_OF);
  return {
    summary: findings.map((f) => [f.rule, f.subcontract ?? f.contract, f.amountMinor]),
    atStake,
  };
}
const change = <R>(rows: R[], part: Partial<R>) =>
  rows.splice(0, 1, { ...(rows[0] as R), ...part });

describe('findings', () => {
  it('a clean book has none', () => {
    expect(found(() => undefined)).toEqual({ summary: [], atStake: {} });
  });
  it('unbilled: a subcontract that nobody billed', () => {
    const answer = found((rows) =>
      rows.subcontracts.push({
        subcontract: 'S-2',
        contract: 'C-1',
        sku: 'MNT',
        quantity: '2',
        unitPrice: '100',
      }),
    );
    expect(answer).toEqual({ summary: [['unbilled', 'S-2', 18000]], atStake: { EUR: 18000 } });
  });
  it('underbilled and overbilled: expected minus billed', () => {
    expect(
      found((rows) =>
        rows.amendments.push({
          amendment: 'M',
          subcontract: 'S-1',
          kind: 'price',
          value: '110',
          effective: '2026-03-01',
        }),
      ).summary,
    ).toEqual([['underbilled', 'S-1', 9000]]);
    expect(
      found((rows) =>
        rows.amendments.push({
          amendment: 'M',
          subcontract: 'S-1',
          kind: 'price',
          value: '90',
          effective: '2026-03-01',
        }),
      ).summary,
    ).toEqual([['overbilled', 'S-1', -9000]]);
  });
  it('discount-expired: a discount billed after its last day, instead of underbilled', () => {
    expect(found((rows) => change(rows.contracts, { discountTo: '2026-02-28' })).summary).toEqual([
      ['discount-expired', 'S-1', 10000],
    ]);
  });
  it('seats-over: a full period of the excess, after discounts', () => {
    expect(found((rows) => change(rows.licenses, { seats: '13' })).summary).toEqual([
      ['seats-over', 'S-1', 27000],
    ]);
  });
  it('license-without-subcontract: missing, ended, or unpaid', () => {
    const loose = found((rows) =>
      rows.licenses.push({
        license: 'L-2',
        account: 'A-1',
        kind: 'full',
        validThrough: '2027-02-28',
      }),
    );
    expect(loose.summary).toEqual([['license-without-subcontract', null, 0]]);
    const unpaid = found((rows) => {
      change(rows.invoices, { balance: '1071.00', status: 'issued' });
      rows.payments.length = 0;
    });
    expect(unpaid).toEqual({
      summary: [['license-without-subcontract', 'S-1', 90000]],
      atStake: { EUR: 90000 },
    });
  });
  it('paid-not-licensed and license-ends-early', () => {
    expect(found((rows) => change(rows.licenses, { state: 'suspended' })).summary).toEqual([
      ['paid-not-licensed', 'S-1', 0],
    ]);
    expect(found((rows) => change(rows.licenses, { validThrough: '2027-02-27' })).summary).toEqual([
      ['license-ends-early', 'S-1', 0],
    ]);
  });
  it('wrong-account', () => {
    expect(found((rows) => change(rows.licenses, { account: 'A-2' })).summary).toEqual([
      ['wrong-account', 'S-1', 0],
    ]);
  });
  it('order-without-contract: quantity × unit price', () => {
    const order = {
      order: 'O-1',
      account: 'A-1',
      sku: 'MNT',
      quantity: '3',
      unitPrice: '99.5',
      opportunity: 'opp-1',
      stage: 'closed_won',
    } as const;
    expect(found((rows) => rows.orders.push(order)).summary).toEqual([
      ['order-without-contract', null, 29850],
    ]);
    expect(
      found((rows) => {
        rows.orders.push(order);
        change(rows.subcontracts, { opportunity: 'opp-1' });
      }).summary,
    ).toEqual([]);
  });
  it('service-unbilled and usage-unbilled: up to the last 15th', () => {
    const entry = {
      account: 'A-1',
      date: '2026-11-01',
      hours: '2',
      rate: '100',
      contract: 'C-1',
    } as const;
    const service = found((rows) => {
      rows.timesheets.push({ ...entry, entry: 'T-1', approvedOn: '2026-11-15' });
      rows.timesheets.push({ ...entry, entry: 'T-2', approvedOn: '2026-11-16' });
    });
    expect(service.summary).toEqual([['service-unbilled', 'C-1', 20000]]);
    const usage = found((rows) => {
      rows.subcontracts.push({
        subcontract: 'S-9',
        contract: 'C-1',
        sku: 'API',
        quantity: '0',
        unitPrice: '1',
        includedQuantity: '5',
      });
      rows.usage.push({
        event: 'E',
        subcontract: 'S-9',
        metric: 'API',
        quantity: '15',
        at: '2026-11-15T22:59:00Z',
      });
      rows.usage.push({
        event: 'F',
        subcontract: 'S-9',
        metric: 'API',
        quantity: '15',
        at: '2026-11-16T12:00:00Z',
      });
    });
    expect(usage.summary).toEqual([['usage-unbilled', 'S-9', 900]]);
  });
  it('duplicate-subcontract: once, on the later', () => {
    const answer = found((rows) =>
      rows.subcontracts.push({
        subcontract: 'S-2',
        contract: 'C-1',
        sku: 'MNT',
        quantity: '0',
        unitPrice: '100',
        serial: 'X',
        start: '2026-09-01',
      }),
    );
    expect(answer.summary).toEqual([['duplicate-subcontract', 'S-2', 0]]);
  });
  it('expired-active: a year of what no later term covers', () => {
    const expired = (rows: Rows) => {
      change(rows.contracts, { end: '2026-08-31' });
      rows.licenses.length = 0;
      change(rows.invoice_lines, { net: '453.70', tax: '86.20' });
      change(rows.invoices, { total: '539.90' });
      change(rows.payments, { amount: '539.90' });
    };
    expect(found(expired).summary).toEqual([['expired-active', 'C-1', 90000]]);
    const renewed = found((rows) => {
      expired(rows);
      rows.contracts.push({
        contract: 'C-2',
        account: 'A-1',
        start: '2026-12-01',
        end: '2027-11-30',
      });
      rows.subcontracts.push({
        subcontract: 'S-2',
        contract: 'C-2',
        sku: 'MNT',
        quantity: '10',
        unitPrice: '100',
      });
    });
    expect(renewed.summary).toEqual([]);
  });
  it('price-list-outdated, and what can not be computed is said', () => {
    const answer = found((rows) => {
      change(rows.subcontracts, { unitPrice: null });
      rows.prices.push({
        priceList: 'default',
        sku: 'MNT',
        currency: 'EUR',
        unitPrice: '100',
        validTo: '2026-09-30',
      });
    });
    expect(answer.summary).toEqual([['price-list-outdated', 'S-1', 0]]);
    const never = found((rows) => change(rows.subcontracts, { unitPrice: null }));
    expect(never.summary.map(([rule]) => rule)).toContain('not-computable');
  });
  it('payment-unallocated and allocation-differs', () => {
    const spare = found((rows) =>
      rows.payments.push({
        payment: 'P-2',
        account: 'A-1',
        received: '2026-11-01',
        amount: '50.00',
      }),
    );
    expect(spare.summary).toEqual([['payment-unallocated', null, 5000]]);
    const differs = found((rows) => change(rows.payments, { amount: '1000.00' }));
    expect(differs.summary).toEqual([['allocation-differs', 'C-1', 7100]]);
  });
  it('contact-missing, po-missing and tax-id-missing', () => {
    expect(found((rows) => change(rows.accounts, { billingEmail: null })).summary).toEqual([
      ['contact-missing', null, 0],
    ]);
    expect(found((rows) => change(rows.accounts, { poRequired: true })).summary).toEqual([
      ['po-missing', 'C-1', 0],
    ]);
    expect(found((rows) => change(rows.accounts, { taxCategory: 'AE' })).summary).toEqual([
      ['tax-id-missing', null, 0],
    ]);
    expect(
      found((rows) => change(rows.accounts, { country: 'FR', kind: 'business' })).summary,
    ).toEqual([['tax-id-missing', null, 0]]);
  });
  it('money of one subcontract and period counts once', () => {
    const answer = found((rows) => {
      change(rows.licenses, { seats: '12' });
      change(rows.invoices, { balance: '1071.00', status: 'issued' });
      rows.payments.length = 0;
    });
    expect(answer.summary.map(([rule]) => rule).sort()).toEqual([
      'license-without-subcontract',
      'seats-over',
    ]);
    expect(answer.atStake).toEqual({ EUR: 90000 });
  });
});
