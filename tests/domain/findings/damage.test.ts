/**
 * Properties of every rule: a clean book has no findings; each kind of damage done to it is found, with the exact amount; mending
 * clears it; records that are half known are findings, never crashes.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOK_TABLES,
  type Book,
  type ColumnSpec,
  camel,
  type Row,
  TABLE_NAMES,
} from '../../../domain/book/tables.ts';
import { RULE_CODES, type RuleCode } from '../../../domain/findings/catalogue.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import type { OutsideRecords } from '../../../domain/findings/outside.ts';
import { ratio, roundHalfAway } from '../../../domain/money/decimal.ts';
import { formatMinor } from '../../../domain/money/money.ts';
import { bookOf } from '../book-builder.ts';

const AS_OF = '2026-11-20';

interface Size {
  readonly contracts: number;
  readonly quantity: number;
  /** In whole units of the currency, so that every amount is whole. */
  readonly price: number;
}

const SIZES = fc.record({
  contracts: fc.integer({ min: 1, max: 5 }),
  quantity: fc.integer({ min: 1, max: 40 }),
  price: fc.integer({ min: 1, max: 900 }),
});

type Mutable = { -readonly [T in keyof Book]: Row<T>[] };
type Read = { [K in keyof Required<OutsideRecords>]: unknown };

/** Two years of each contract, billed, paid, licensed, ordered and posted: nothing is wrong. */
function clean({ contracts, quantity, price }: Size): { book: Mutable; outside: OutsideRecords } {
  const numbers = Array.from({ length: contracts }, (_, at) => at + 1);
  const net = quantity * price * 100;
  const tax = (net * 19) / 100;
  const money = (minor: number) => formatMinor(minor, 'EUR');
  const periods = ['2025-03-01', '2026-03-01'].map((start, at) => ({
    start,
    end: at === 0 ? '2026-02-28' : '2027-02-28',
    issued: at === 0 ? '2025-01-15' : '2026-01-15',
    paid: at === 0 ? '2025-02-10' : '2026-02-10',
  }));
  const bills = numbers.flatMap((n) =>
    periods.map((period, at) => ({ n, ...period, name: `R-${1000 + 2 * n + at}` })),
  );
  const book = bookOf({
    entities: [{ entity: 'DE', country: 'DE', currency: 'EUR' }],
    accounts: numbers.map((n) => ({
      account: `A-${n}`,
      name: `Customer ${n}`,
      country: 'DE',
      city: 'Ulm',
      addressLine1: `${n} Main Street`,
      postalCode: String(10_000 + n),
      taxId: `DE${n}`,
      billingEmail: `ap${n}@customer.example`,
      crmId: `crm-${n}`,
      accountingId: `acc-${n}`,
    })),
    products: [
      { sku: 'MNT', name: 'Maintenance', kind: 'maintenance' },
      { sku: 'LIC', name: 'License', kind: 'license' },
      { sku: 'API', name: 'Calls', kind: 'usage' },
    ],
    contracts: numbers.map((n) => ({
      contract: `C-${n}`,
      account: `A-${n}`,
      start: '2025-03-01',
      end: '2028-02-29',
    })),
    subcontracts: numbers.map((n) => ({
      subcontract: `S-${n}`,
      contract: `C-${n}`,
      sku: 'MNT',
      quantity: String(quantity),
      unitPrice: String(price),
      serial: `N-${n}`,
      opportunity: `opp-${n}`,
    })),
    orders: numbers.map((n) => ({
      order: `O-${n}`,
      account: `A-${n}`,
      sku: 'MNT',
      quantity: String(quantity),
      opportunity: `opp-${n}`,
      stage: 'closed_won',
      closed: '2025-02-01',
      contract: `C-${n}`,
    })),
    invoices: bills.map(({ n, name, issued }) => ({
      invoice: name,
      account: `A-${n}`,
      issued,
      contract: `C-${n}`,
      currency: 'EUR',
      status: 'paid',
      total: money(net + tax),
      balance: '0.00',
    })),
    invoice_lines: bills.map(({ n, name, start, end }) => ({
      invoice: name,
      line: '1',
      subcontract: `S-${n}`,
      sku: 'MNT',
      periodStart: start,
      periodEnd: end,
      net: money(net),
      tax: money(tax),
    })),
    payments: bills.map(({ n, name, paid }) => ({
      payment: `P-${name}`,
      account: `A-${n}`,
      received: paid,
      amount: money(net + tax),
      currency: 'EUR',
      invoice: name,
    })),
    payment_allocations: bills.map(({ name }) => ({
      payment: `P-${name}`,
      invoice: name,
      amount: money(net + tax),
    })),
    licenses: numbers.map((n) => ({
      license: `L-${n}`,
      account: `A-${n}`,
      subcontract: `S-${n}`,
      sku: 'MNT',
      seats: String(quantity),
      kind: 'full',
      validFrom: '2026-03-01',
      validThrough: '2027-02-28',
    })),
  }) as Mutable;
  return { book, outside: asRead(book, net + tax) };
}

/** What other systems hold of it: the same. */
function asRead(book: Mutable, totalMinor: number): OutsideRecords {
  const of = (id: string | null, row: Row<'accounts'>) => ({
    id: id ?? '',
    name: row.name,
    addressLine1: row.addressLine1,
    city: row.city,
    postalCode: row.postalCode,
    country: row.country,
    taxId: row.taxId,
    email: row.billingEmail,
    url: null,
  });
  const read = { checkedOn: AS_OF, reason: null };
  return {
    accounting: {
      ...read,
      records: {
        since: null,
        customers: book.accounts.map((row) => of(row.accountingId, row)),
        documents: book.invoices.map((row) => ({
          id: `doc-${row.invoice}`,
          number: row.invoice,
          customer: row.account.replace('A', 'acc'),
          type: 'invoice',
          issuedOn: row.issued,
          currency: 'EUR',
          totalMinor,
          url: null,
        })),
        payments: book.payments.map((row) => ({
          id: `pay-${row.payment}`,
          payment: null,
          customer: row.account.replace('A', 'acc'),
          receivedOn: row.received,
          currency: 'EUR',
          amountMinor: totalMinor,
          reference: null,
          allocations: [{ document: row.invoice ?? '', amountMinor: totalMinor }],
          url: null,
        })),
      },
    },
    crm: {
      ...read,
      records: {
        since: null,
        customers: book.accounts.map((row) => of(row.crmId, row)),
        deals: book.orders.map(({ opportunity, closed, account }) => ({
          id: opportunity ?? '',
          customer: account.replace('A', 'crm'),
          stage: 'closed_won',
          closedOn: closed,
          currency: 'EUR',
          amountMinor: totalMinor,
          url: null,
        })),
      },
    },
    mail: { ...read, records: { bounces: [] } },
    ledger: { ...read, records: { entries: [], receivables: [] } },
  };
}

type Damage = (
  book: Mutable,
  outside: { [K in keyof Read]: Record<string, unknown[]> },
  n: number,
  size: Size,
) => Readonly<Record<string, number>>;

const net = ({ quantity, price }: Size) => quantity * price * 100;
const gross = (size: Size) => (net(size) * 119) / 100;
/** Changes the n-th row of a table. */
function set<R>(rows: R[], n: number, part: Partial<R>): void {
  const row = rows[n - 1];
  if (row === undefined) throw new RangeError(`there is no row ${n}`);
  rows[n - 1] = { ...row, ...part };
}
const row = <T extends keyof Book>(table: T, values: Partial<Row<T>>): Row<T> => {
  const [made] = bookOf({ [table]: [values] })[table];
  if (made === undefined) throw new RangeError('no row was made');
  return made as Row<T>;
};
/** The later of a contract's two bills. */
const lastBill = (n: number) => `R-${1001 + 2 * n}`;
const at = (rows: readonly { readonly invoice: string | null }[], name: string) =>
  rows.findIndex(({ invoice }) => invoice === name) + 1;

/** What is done, and what is then found: each code with its exact amount. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  'a subcontract nobody billed': (book, _o, n, size) => {
    const from = { sku: 'MNT', quantity: '3', unitPrice: String(size.price), start: '2026-03-01' };
    book.subcontracts.push(
      row('subcontracts', { subcontract: 'S-X', contract: `C-${n}`, ...from }),
    );
    return { unbilled: 300 * size.price };
  },
  'a price that rose': (book, _o, n, size) => {
    const price = {
      kind: 'price',
      value: String(size.price + 2),
      effective: '2026-03-01',
    } as const;
    book.amendments.push(row('amendments', { amendment: 'M', subcontract: `S-${n}`, ...price }));
    return { underbilled: 200 * size.quantity };
  },
  'a price that fell': (book, _o, n, size) => {
    const price = {
      kind: 'price',
      value: String(size.price - 1),
      effective: '2026-03-01',
    } as const;
    book.amendments.push(row('amendments', { amendment: 'M', subcontract: `S-${n}`, ...price }));
    return { overbilled: -100 * size.quantity };
  },
  'seats in the license only': (book, _o, n, size) => {
    set(book.licenses, n, { seats: String(size.quantity + 4) });
    return { 'seats-over': 400 * size.price };
  },
  'an invoice that is not paid': (book, _o, n, size) => {
    const name = lastBill(n);
    set(book.invoices, at(book.invoices, name), {
      balance: formatMinor(gross(size), 'EUR'),
      status: 'issued',
    });
    book.payments = book.payments.filter(({ invoice }) => invoice !== name);
    book.payment_allocations = book.payment_allocations.filter(({ invoice }) => invoice !== name);
    return { 'license-without-subcontract': net(size), 'payment-missing-here': 0 };
  },
  'a license that is off': (book, _o, n) => {
    set(book.licenses, n, { state: 'suspended' });
    return { 'paid-not-licensed': 0 };
  },
  'a license that ends early': (book, _o, n) => {
    set(book.licenses, n, { validThrough: '2026-12-31' });
    return { 'license-ends-early': 0 };
  },
  'a license off beside a temporary one': (book, _o, n) => {
    const license = book.licenses[n - 1];
    if (license === undefined) throw new RangeError('no license');
    set(book.licenses, n, { state: 'suspended' });
    book.licenses.push({ ...license, license: 'L-X', kind: 'temporary', state: 'enabled' });
    return { 'suspended-though-paid': 0 };
  },
  'a license of somebody else': (book, _o, n) => {
    book.accounts.push(row('accounts', { account: 'A-X', name: 'Other', country: 'DE' }));
    set(book.licenses, n, { account: 'A-X' });
    return { 'wrong-account': 0 };
  },
  'an order that was forgotten': (book, _o, n) => {
    const order = { account: `A-${n}`, sku: 'MNT', quantity: '2', unitPrice: '50' };
    book.orders.push(row('orders', { order: 'O-X', stage: 'closed_won', ...order }));
    return { 'order-without-contract': 10_000 };
  },
  'a delivery that was forgotten': (book, _o, n) => {
    const order = { account: `A-${n}`, sku: 'LIC', quantity: '2', unitPrice: '50' };
    const delivered = { stage: 'open', delivered: '2026-10-01' } as const;
    book.orders.push(row('orders', { order: 'O-X', ...delivered, ...order }));
    return { 'delivered-without-contract': 10_000 };
  },
  'an opportunity that nobody won': (book, outside, n) => {
    set(book.subcontracts, n, { opportunity: 'opp-other' });
    outside.crm.deals = (outside.crm.deals ?? []).filter((_, deal) => deal !== n - 1);
    return { 'contract-without-order': 0 };
  },
  'a deal that nobody ordered': (_b, outside) => {
    const deal = { id: 'opp-X', customer: null, stage: 'closed_won', closedOn: null, url: null };
    outside.crm.deals?.push({ ...deal, currency: 'EUR', amountMinor: 70_000 });
    return { 'deal-without-contract': 70_000 };
  },
  'a subcontract entered twice': (book, _o, n) => {
    const twin = book.subcontracts[n - 1];
    if (twin === undefined) throw new RangeError('no subcontract');
    book.subcontracts.push({ ...twin, subcontract: 'S-X', quantity: '0', start: '2026-09-01' });
    return { 'duplicate-subcontract': 0 };
  },
  'service time that was forgotten': (book, _o, n) => {
    const entry = { account: `A-${n}`, contract: `C-${n}`, date: '2026-09-01', hours: '1.5' };
    const approved = { rate: '100', approvedOn: '2026-09-02', billable: true };
    book.timesheets.push(row('timesheets', { entry: 'T-X', ...entry, ...approved }));
    return { 'service-unbilled': 15_000 };
  },
  'an active contract past its end': (book, _o, n, size) => {
    const row = { start: '2024-03-01', end: '2026-02-28', billFrom: '2025-03-01' };
    set(book.contracts, n, row);
    const name = lastBill(n);
    book.invoice_lines = book.invoice_lines.filter(({ invoice }) => invoice !== name);
    set(book.licenses, n, { state: 'superseded' });
    set(book.invoices, at(book.invoices, name), { contract: null });
    return { 'expired-active': net(size) };
  },
  'a renewal that was forgotten': (book, outside, n, size) => {
    DAMAGES['an active contract past its end']?.(book, outside, n, size);
    set(book.contracts, n, { status: 'lapsed', autoRenew: true });
    return { 'renewal-missed': net(size) };
  },
  'a discount billed on': (book, _o, n, size) => {
    // Ten percent, until the period before: the price that was billed is the discounted one.
    set(book.subcontracts, n, { unitPrice: String(size.price * 10) });
    set(book.contracts, n, { discountPercent: '90', discountTo: '2026-02-28' });
    return { 'discount-expired': 9 * net(size) };
  },
  'money that nobody allocated': (book, outside, n) => {
    const payment = { payment: 'P-X', account: `A-${n}`, received: '2026-11-02', amount: '12.34' };
    book.payments.push(row('payments', payment));
    outside.accounting.payments?.push({
      id: 'pay-X',
      payment: 'P-X',
      customer: null,
      receivedOn: '2026-11-02',
      currency: 'EUR',
      amountMinor: 1234,
      reference: null,
      allocations: [],
      url: null,
    });
    return { 'payment-unallocated': 1234 };
  },
  'a balance that is not true': (book, _o, n) => {
    set(book.invoices, at(book.invoices, `R-${1000 + 2 * n}`), { balance: '0.50' });
    return { 'allocation-differs': -50 };
  },
  'money of another currency': (book, _o, n) => {
    set(book.payments, 2 * n, { currency: 'CHF' });
    return {
      'currency-mismatch': 0,
      'payment-missing-in-accounting': 0,
      'payment-missing-here': 0,
    };
  },
  'no contact': (book, _o, n) => {
    set(book.accounts, n, { billingEmail: null });
    return { 'contact-missing': 0 };
  },
  'no order number': (book, _o, n) => {
    set(book.accounts, n, { poRequired: true });
    return { 'po-missing': 0 };
  },
  'a price list that ended': (book, _o, n, size) => {
    set(book.subcontracts, n, { unitPrice: null });
    const price = { priceList: 'default', sku: 'MNT', currency: 'EUR', validTo: '2026-10-31' };
    book.prices.push(row('prices', { ...price, unitPrice: String(size.price) }));
    return { 'price-list-outdated': 0 };
  },
  'an invoice that accounting lacks': (_b, outside, n, size) => {
    outside.accounting.documents?.splice(2 * n - 1, 1);
    return { 'invoice-missing-in-accounting': gross(size) };
  },
  'an invoice that is another there': (_b, outside, n) => {
    const documents = outside.accounting.documents as { totalMinor: number }[];
    set(documents, 2 * n, { totalMinor: (documents[2 * n - 1]?.totalMinor ?? 0) - 700 });
    return { 'invoice-differs-in-accounting': 700 };
  },
  'an invoice that is there twice': (_b, outside, n, size) => {
    outside.accounting.documents?.push(outside.accounting.documents[2 * n - 1]);
    return { 'invoice-twice-in-accounting': -gross(size) };
  },
  'an invoice that is only there': (_b, outside, n) => {
    const document = outside.accounting.documents?.[2 * n - 1] as object;
    outside.accounting.documents?.push({ ...document, id: 'doc-X', number: 'R-99999' });
    return { 'invoice-missing-here': 0 };
  },
  'money that is allocated otherwise there': (_b, outside, n) => {
    const payments = outside.accounting.payments as { allocations: unknown }[];
    set(payments, n, { allocations: [{ document: 'R-1', amountMinor: 1 }] });
    return { 'allocation-differs-in-accounting': 0 };
  },
  'a customer that is in our record twice': (book, _o, n) => {
    const { name, taxId } = book.accounts[n - 1] as Row<'accounts'>;
    book.accounts.push(row('accounts', { account: 'A-X', name, taxId }));
    return { 'customer-duplicated': 0 };
  },
  'a customer that accounting lacks': (_b, outside, n) => {
    outside.accounting.customers?.splice(n - 1, 1);
    return { 'customer-missing-in-accounting': 0 };
  },
  'a customer that is there twice': (_b, outside, n) => {
    const customer = outside.accounting.customers?.[n - 1] as object;
    outside.accounting.customers?.push({ ...customer, id: 'acc-X' });
    return { 'customer-duplicated-in-accounting': 0 };
  },
  'a customer that moved': (_b, outside, n) => {
    set(outside.accounting.customers as { city: string }[], n, { city: 'Elsewhere' });
    return { 'customer-differs-in-accounting': 0 };
  },
  'a customer that moved in the CRM': (_b, outside, n) => {
    set(outside.crm.customers as { city: string }[], n, { city: 'Elsewhere' });
    return { 'customer-differs-in-crm': 0 };
  },
  'mail that comes back': (_b, outside, n) => {
    const bounce = { address: `AP${n}@customer.example`, bouncedOn: '2026-11-01', reason: null };
    outside.mail.bounces?.push(bounce);
    return { 'mail-undeliverable': 0 };
  },
  'postings out of balance': (_b, outside) => {
    const entry = { entry: 'E', currency: 'EUR', sumMinor: -7, document: null };
    outside.ledger.entries?.push(entry);
    return { 'ledger-imbalance': 7 };
  },
  'a gap between two terms': (book, _o, n, size) => {
    const term = { account: `A-${n}`, start: '2028-03-31', end: '2029-03-30' };
    book.contracts.push(row('contracts', { contract: 'C-X', ...term }));
    const same = { sku: 'MNT', serial: `N-${n}`, quantity: '1', unitPrice: '1' };
    const sold = { subcontract: 'S-X', contract: 'C-X', opportunity: `opp-${n}` };
    book.subcontracts.push(row('subcontracts', { ...sold, ...same }));
    // 1 to 30 March 2028, of the 365 days to 28 February 2029.
    return { 'term-gap': Number(roundHalfAway(ratio(net(size) * 30, 365))) };
  },
  'two terms at once': (book, _o, n) => {
    set(book.subcontracts, n, { serial: null });
    const term = { account: `A-${n}`, start: '2028-02-10', end: '2029-02-09' };
    book.contracts.push(row('contracts', { contract: 'C-X', ...term }));
    const quantity = book.subcontracts[n - 1]?.quantity ?? '1';
    const same = { sku: 'MNT', quantity, unitPrice: '366', opportunity: `opp-${n}` };
    book.subcontracts.push(row('subcontracts', { subcontract: 'S-X', contract: 'C-X', ...same }));
    // 10 to 29 February 2028, of the 366 days to 9 February 2029.
    return { 'term-overlap': -2000 * Number(quantity) };
  },
  'a rise that was forgotten': (book, _o, n, size) => {
    set(book.contracts, n, { priceRule: 'percent', upliftPercent: '5' });
    const term = { account: `A-${n}`, start: '2028-03-01', end: '2029-02-28' };
    book.contracts.push(row('contracts', { contract: 'C-X', ...term }));
    const same = { sku: 'MNT', serial: `N-${n}`, opportunity: `opp-${n}` };
    const terms = { quantity: String(size.quantity), unitPrice: String(size.price) };
    book.subcontracts.push(
      row('subcontracts', { subcontract: 'S-X', contract: 'C-X', ...same, ...terms }),
    );
    return { 'uplift-not-applied': net(size) / 20 };
  },
  'usage that was forgotten': (book, _o, n) => {
    const metered = { sku: 'API', quantity: '0', unitPrice: '2', includedQuantity: '10' };
    const sold = { subcontract: 'S-X', contract: `C-${n}`, opportunity: `opp-${n}` };
    book.subcontracts.push(row('subcontracts', { ...sold, ...metered }));
    const used = { metric: 'API', quantity: '17', at: '2026-10-10T12:00:00Z' };
    book.usage.push(row('usage', { event: 'U-X', subcontract: 'S-X', ...used }));
    return { 'usage-unbilled': 1400 };
  },
  'no tax id': (book, outside, n) => {
    set(book.accounts, n, { taxId: null, taxCategory: 'AE' });
    for (const customers of [outside.accounting.customers, outside.crm.customers])
      set(customers as { taxId: string | null }[], n, { taxId: null });
    return { 'tax-id-missing': 0 };
  },
  'a tax id that can not be': (book, _o, n) => {
    set(book.accounts, n, { taxCategory: 'AE' });
    return { 'tax-id-invalid': 0 };
  },
  'facts that contradict each other': (book, _o, n) => {
    set(book.subcontracts, n, { quantity: '-1' });
    set(book.licenses, n, { state: 'superseded' });
    return { 'not-computable': 0 };
  },
};

/** Damage to the book alone needs none of it. */
const NOTHING = { accounting: {}, crm: {}, mail: {}, ledger: {} };

function foundIn(book: Book, outside: OutsideRecords): Record<string, number> {
  const { findings } = findingsOf(book, AS_OF, outside);
  return Object.fromEntries(findings.map(({ rule, amountMinor }) => [rule, amountMinor]));
}

function damaged(size: Size, n: number, damage: Damage) {
  const { book, outside } = clean(size);
  const records = Object.fromEntries(
    Object.entries(outside).map(([name, source]) => [name, source.records]),
  );
  const expected = damage(book, records as Parameters<Damage>[1], n, size);
  return { found: foundIn(book, outside), expected };
}

describe('a clean book', () => {
  it('law: has no findings, and everything was checked', () => {
    fc.assert(
      fc.property(SIZES, (size) => {
        const { book, outside } = clean(size);
        const { findings, atStake, checks } = findingsOf(book, AS_OF, outside);
        expect(findings).toEqual([]);
        expect(atStake).toEqual({});
        expect(checks.every(({ state }) => state === 'checked')).toBe(true);
      }),
    );
  });
});

describe('damage to a clean book', () => {
  for (const [name, damage] of Object.entries(DAMAGES))
    it(`law: ${name} is found, with the exact amount, and nothing else is`, () => {
      fc.assert(
        fc.property(SIZES, fc.nat(), (size, seed) => {
          const { found, expected } = damaged(size, 1 + (seed % size.contracts), damage);
          expect(found).toEqual(expected);
        }),
        { numRuns: 8 },
      );
    });
});

describe('mending', () => {
  const money = ['a subcontract nobody billed', 'a price that rose', 'a price that fell'];
  for (const name of money)
    it(`law: billing or crediting what was found clears it: ${name}`, () => {
      fc.assert(
        fc.property(SIZES, (size) => {
          const { book } = clean(size);
          DAMAGES[name]?.(book, NOTHING, 1, size);
          const [first] = findingsOf(book, AS_OF).findings;
          if (first === undefined) throw new RangeError('nothing was found');
          const amount = formatMinor(first.amountMinor, 'EUR');
          const document = { account: 'A-1', issued: '2026-11-20', contract: 'C-1' };
          const paid = { status: 'paid', total: amount };
          book.invoices.push(row('invoices', { invoice: 'R-mend', ...document, ...paid }));
          book.invoice_lines.push(
            row('invoice_lines', {
              invoice: 'R-mend',
              line: '1',
              subcontract: first.subcontract,
              sku: 'MNT',
              periodStart: String(first.evidence.periodStart),
              periodEnd: String(first.evidence.periodEnd),
              net: amount,
              tax: '0.00',
            }),
          );
          const left = findingsOf(book, AS_OF).findings.map(({ rule }) => rule);
          expect(left).not.toContain(first.rule);
        }),
        { numRuns: 8 },
      );
    });

  it('law: taking the damage back clears it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(DAMAGES)), SIZES, (damage, size) => {
        expect(damaged(size, 1, damage).found).not.toEqual({});
        const { book, outside } = clean(size);
        expect(foundIn(book, outside)).toEqual({});
      }),
      { numRuns: 20 },
    );
  });
});

describe('half-known records', () => {
  const ODD = [null, '', '0', '-1', 'x', '9999-12-31', '1970-01-01', '1e9', 'EUR'];

  it('law: whatever is missing or odd, the rules answer, and say what could not be told', () => {
    const tables = TABLE_NAMES.filter(
      (table) => clean({ contracts: 1, quantity: 1, price: 1 }).book[table].length > 0,
    );
    const harm = fc.record({
      table: fc.constantFrom(...tables),
      at: fc.nat(),
      column: fc.nat(),
      value: fc.constantFrom(...ODD),
    });
    fc.assert(
      fc.property(SIZES, fc.array(harm, { minLength: 1, maxLength: 4 }), (size, harms) => {
        const { book, outside } = clean(size);
        for (const { table, at: position, column, value } of harms) {
          const rows = book[table] as Record<string, unknown>[];
          const target = rows[position % rows.length] ?? {};
          const columns: [string, ColumnSpec][] = Object.entries(BOOK_TABLES[table].columns);
          const [name, spec] = columns[column % columns.length] ?? ['', { kind: 'text' }];
          // Nothing where something is required, and words that a column does not know, never get past the reader.
          const given = spec.required === true || spec.default !== undefined;
          if (given && (value === null || spec.values !== undefined)) continue;
          const odd = spec.values === undefined ? value : null;
          rows[position % rows.length] = { ...target, [camel(name)]: odd };
        }
        const { findings } = findingsOf(book, AS_OF, outside);
        for (const { rule, amountMinor, suggestion, actions } of findings) {
          expect(RULE_CODES).toContain(rule as RuleCode);
          expect(Number.isSafeInteger(amountMinor)).toBe(true);
          expect(suggestion).not.toBe('');
          expect(actions.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 100 },
    );
  });
});
