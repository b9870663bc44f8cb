/** Random contract books: every frequency, policy, amendment and discount, with dates where calendars are awkward. */
import fc from 'fast-check';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { bookOf } from '../book-builder.ts';

const pick = <T>(...values: T[]) => fc.constantFrom(...values);
/** Given in so many of ten cases. */
const maybe = <T>(value: fc.Arbitrary<T>, ofTen = 5): fc.Arbitrary<T | null> =>
  fc.oneof(
    { arbitrary: value, weight: ofTen },
    { arbitrary: fc.constant(null), weight: 10 - ofTen },
  );

const pad = (n: number) => String(n).padStart(2, '0');
const day = (from: number, to: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.integer({ min: from, max: to }),
      fc.integer({ min: 1, max: 12 }),
      pick(1, 2, 14, 15, 16, 28, 29, 30, 31),
    )
    .map(([year, month, d]) => {
      const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
      return `${year}-${pad(month)}-${pad(Math.min(d, last))}`;
    });
const plus = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);

const quantity = pick('10', '1', '2', '3', '7', '12.5', '0.333333', '25', '0');
const price = pick('365', '1', '99.99', '120', '0.123456', '68.33', '1000.005', '12.345678', '0');
const percent = pick('10', '5', '12.5', '33.333333', '50', '100', '0');
const minorText = (currency: string) =>
  fc.integer({ min: -50_000, max: 200_000 }).map((minor) => {
    const places = currency === 'JPY' ? 0 : currency === 'KWD' ? 3 : 2;
    const digits = String(Math.abs(minor)).padStart(places + 1, '0');
    const whole = digits.slice(0, digits.length - places);
    const text = places === 0 ? whole : `${whole}.${digits.slice(-places)}`;
    return minor < 0 ? `-${text}` : text;
  });

const SKUS = ['MNT', 'SUB', 'LIC', 'API'] as const;

const contract = (id: string): fc.Arbitrary<Partial<Row<'contracts'>>> =>
  fc
    .record({
      start: day(2024, 2024),
      days: pick(364, 365, 366, 400, 730, 790, 364, 365, 500, 180, 27, 13, 0),
      billingFrequency: pick('monthly', 'quarterly', 'semiannual', 'annual', 'annual', '2 years'),
      anchor: maybe(day(2023, 2025), 2),
      billFrom: maybe(day(2023, 2025), 2),
      leadMonths: maybe(pick(0, 1, 7), 2),
      proration: maybe(
        pick('daily' as const, 'thirty360' as const, 'whole-months' as const, 'none' as const),
      ),
      reductions: maybe(pick('prorated' as const, 'next-period' as const)),
      grouping: maybe(pick('contract' as const, 'account' as const, 'po' as const), 2),
      poNumber: maybe(pick('PO-1', 'PO-2'), 2),
      discountPercent: maybe(percent, 2),
      discountFrom: maybe(day(2023, 2025), 2),
      discountDays: maybe(pick(0, 30, 200, 400), 2),
      minimum: maybe(pick('5', '100'), 2),
      terminatedOn: maybe(day(2024, 2026), 2),
      billTo: maybe(pick('A-2'), 2),
      status: maybe(pick('lapsed' as const, 'draft' as const), 1).map(
        (status) => status ?? ('active' as const),
      ),
    })
    .map(({ days, discountDays, ...row }) => ({
      ...row,
      contract: id,
      account: 'A-1',
      end: plus(row.start, days),
      discountTo: discountDays === null ? null : plus(row.discountFrom ?? row.start, discountDays),
    }));

const subcontract = (
  id: string,
  contracts: readonly string[],
): fc.Arbitrary<Partial<Row<'subcontracts'>>> =>
  fc
    .record({
      contract: pick(...contracts),
      sku: pick('MNT', 'MNT', 'MNT', 'SUB', 'LIC', 'API'),
      quantity,
      unitPrice: maybe(price, 7),
      discountPercent: maybe(percent, 2),
      promotion: maybe(pick('PR-1', 'PR-2', 'PR-3'), 2),
      includedQuantity: maybe(pick('0', '10', '100'), 2),
      start: maybe(day(2023, 2025), 2),
      end: maybe(day(2023, 2026), 2),
      recorded: maybe(day(2024, 2025), 2),
    })
    .map((row) => ({
      ...row,
      subcontract: id,
      end: row.end !== null && row.start !== null && row.end < row.start ? row.start : row.end,
    }));

const amendment = (
  id: string,
  subcontracts: readonly string[],
  contracts: readonly string[],
): fc.Arbitrary<Partial<Row<'amendments'>>> =>
  fc
    .record({
      subcontract: pick(...subcontracts),
      kind: pick(
        'add' as const,
        'remove' as const,
        'quantity' as const,
        'quantity' as const,
        'price' as const,
        'price' as const,
        'discount' as const,
        'pause' as const,
        'resume' as const,
        'move' as const,
      ),
      quantity,
      price,
      percent,
      to: pick(...contracts),
      effective: day(2024, 2026),
      recorded: maybe(day(2024, 2025), 2),
      reason: maybe(pick('change' as const, 'correction' as const), 2),
    })
    .map(({ quantity: units, price: unitPrice, percent: off, to, ...row }) => {
      const values: Partial<Record<typeof row.kind, string>> = {
        add: units,
        quantity: units,
        price: unitPrice,
        discount: off,
        move: to,
      };
      return { ...row, amendment: id, value: values[row.kind] ?? null };
    });

const usage = (id: string, subcontracts: readonly string[]): fc.Arbitrary<Partial<Row<'usage'>>> =>
  fc.record({
    event: fc.constant(id),
    subcontract: pick(...subcontracts),
    metric: pick('API', 'API', 'SUB'),
    quantity: pick('1', '50', '99.5', '120', '1000'),
    at: fc
      .tuple(
        day(2023, 2025),
        pick('T00:30:00Z', 'T11:30:00Z', 'T22:30:00Z', 'T23:30:00Z', 'T23:30:00-05:00'),
      )
      .map(([date, time]) => date + time),
  });

interface History {
  readonly invoice: Partial<Row<'invoices'>>;
  readonly line: Partial<Row<'invoice_lines'>>;
}

const history = (
  id: string,
  currency: string,
  subcontracts: readonly string[],
  contracts: readonly string[],
): fc.Arbitrary<History> =>
  fc
    .record({
      issued: day(2024, 2025),
      contract: maybe(pick(...contracts), 8),
      status: pick('issued', 'paid', 'issued', 'void', 'draft'),
      subcontract: pick(...subcontracts, ...subcontracts, ...subcontracts, null),
      sku: maybe(pick(...SKUS), 2),
      periodStart: maybe(day(2024, 2025), 7),
      net: minorText(currency),
      taxRate: maybe(pick('7', '19', '20'), 2),
      tax: maybe(pick('0', '1', '3'), 2),
    })
    .map(({ issued, contract: of, status, tax, ...line }) => ({
      invoice: { invoice: id, account: 'A-1', issued, contract: of, status, currency },
      line: { ...line, invoice: id, line: '1', tax: tax ?? '0' },
    }));

const listRows = (currency: string) =>
  fc
    .record({
      inclusive: fc.boolean(),
      graduated: fc.boolean(),
      first: pick(null, '0', '1', '3'),
      complete: fc.integer({ min: 0, max: 5 }),
      changed: maybe(day(2023, 2025), 2),
    })
    .map(({ inclusive, graduated, first, complete, changed }): Partial<Row<'prices'>>[] => {
      const tier = graduated ? ('graduated' as const) : ('volume' as const);
      const tax = inclusive ? ('inclusive' as const) : ('exclusive' as const);
      const common = { priceList: 'default', currency, tax };
      const skus = complete === 0 ? ['MNT'] : SKUS;
      const rows = skus.flatMap((sku) => [
        { ...common, sku, unitPrice: '100', minQuantity: first, tier },
        { ...common, sku, unitPrice: '89.95', minQuantity: '5', tier },
        { ...common, sku, unitPrice: '70.5', minQuantity: '20', tier },
      ]);
      const later =
        changed === null
          ? []
          : [
              {
                ...common,
                sku: 'MNT',
                unitPrice: '111.11',
                minQuantity: first,
                tier,
                validFrom: changed,
              },
            ];
      return [...rows, ...later];
    });

const account = (): fc.Arbitrary<Partial<Row<'accounts'>>> =>
  fc.record({
    name: fc.constant('Acme'),
    status: pick(
      'active' as const,
      'active' as const,
      'active' as const,
      'active' as const,
      'closed' as const,
    ),
    country: pick('DE', 'DE', 'US', 'FR'),
    region: maybe(pick('CA', 'NY'), 2),
    deliveryCountry: maybe(pick('DE', 'US'), 2),
    taxCategory: maybe(pick('S' as const, 'E' as const, 'AE' as const), 2),
    exemptionCertificate: maybe(pick('X-1'), 2),
    exemptionExpires: maybe(day(2024, 2026), 2),
    paymentTerms: maybe(pick('net 14', 'net 60'), 2),
  });

const TAXES: readonly Partial<Row<'taxes'>>[] = [
  { country: 'DE', category: 'S', rate: '16', validTo: '2024-12-31' },
  { country: 'DE', category: 'S', rate: '19', validFrom: '2025-01-01' },
  { country: 'DE', category: 'S', rate: '7', taxClass: 'reduced' },
  { country: 'DE', category: 'AE', rate: '0' },
  { country: 'DE', category: 'E', rate: '0' },
  { country: 'US', category: 'S', rate: '6.25' },
  { country: 'US', category: 'S', rate: '7.25', region: 'CA' },
  { country: 'US', category: 'E', rate: '0' },
  { country: 'FR', category: 'S', rate: '20' },
  { country: 'FR', category: 'E', rate: '0' },
];

const policies = fc.record({
  proration: maybe(pick('daily', 'thirty360', 'whole-months', 'none'), 2),
  reductions: maybe(pick('prorated', 'next-period'), 2),
  tax_point: maybe(pick('issue', 'start', 'end'), 2),
  negative: maybe(pick('credit-note', 'carry-forward'), 2),
  lead_months: maybe(pick('0', '2'), 2),
  old_find_months: maybe(pick('3', '36'), 4),
  validFrom: maybe(day(2023, 2025), 2),
  scope: pick('contract' as const, 'account' as const, 'entity' as const),
});

const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix}-${at + 1}`);
const all = <T>(names: readonly string[], arbitrary: (name: string) => fc.Arbitrary<T>) =>
  fc.tuple(...names.map(arbitrary)) as unknown as fc.Arbitrary<T[]>;

interface Sizes {
  readonly contracts: number;
  readonly subcontracts: number;
  readonly amendments: number;
  readonly usage: number;
  readonly lines: number;
  readonly currency: string;
  readonly taxed: boolean;
}

function booksOf(sizes: Sizes): fc.Arbitrary<Book> {
  const contracts = ids('C', sizes.contracts);
  const subcontracts = ids('S', sizes.subcontracts);
  const { currency } = sizes;
  return fc
    .record({
      accounts: fc.tuple(account(), account()),
      contracts: all(contracts, contract),
      subcontracts: all(subcontracts, (id) => subcontract(id, contracts)),
      amendments: all(ids('AM', sizes.amendments), (id) => amendment(id, subcontracts, contracts)),
      usage: all(ids('E', sizes.usage), (id) => usage(id, subcontracts)),
      history: all(ids('INV', sizes.lines), (id) => history(id, currency, subcontracts, contracts)),
      prices: listRows(currency),
      policies,
      promotionFrom: maybe(day(2023, 2025), 2),
      promotionDays: pick(0, 60, 365),
      zone: pick('UTC', 'America/New_York', 'Asia/Tokyo', 'Europe/Berlin'),
      taxRegions: maybe(fc.constant(['CA']), 2),
      taxClass: maybe(pick('reduced'), 2),
      noAnchorChange: fc.boolean(),
    })
    .map((given) => {
      const { validFrom, scope, ...values } = given.policies;
      const id = { contract: 'C-1', account: 'A-1', entity: 'E-1' }[scope];
      const from = given.promotionFrom;
      const promotion = {
        validFrom: from,
        validTo: from === null ? null : plus(from, given.promotionDays),
      };
      return bookOf({
        entities: [{ entity: 'E-1', timeZone: given.zone, currency, taxRegions: given.taxRegions }],
        accounts: given.accounts.map((row, at) => ({ ...row, account: `A-${at + 1}` })),
        products: [
          { sku: 'MNT', name: 'Maintenance', kind: 'maintenance', taxClass: given.taxClass },
          { sku: 'SUB', name: 'Subscription', kind: 'subscription' },
          { sku: 'LIC', name: 'License', kind: 'license' },
          { sku: 'API', name: 'Calls', kind: 'usage' },
        ],
        prices: given.prices,
        promotions: [
          { promotion: 'PR-1', percent: '20', ...promotion },
          { promotion: 'PR-2', amount: '50', currency, ...promotion },
          { promotion: 'PR-3', percent: '10', amount: '7', skus: ['MNT'], ...promotion },
        ],
        taxes: sizes.taxed ? TAXES : [],
        contracts: given.contracts.map((row) =>
          given.noAnchorChange ? { ...row, anchor: null } : row,
        ),
        subcontracts: given.subcontracts,
        amendments: given.amendments,
        usage: given.usage,
        invoices: given.history.map(({ invoice }) => invoice),
        invoice_lines: given.history.map(({ line }) => line),
        policies: Object.entries(values).flatMap(([policy, value]) =>
          value === null ? [] : [{ scope, id, policy, value, validFrom }],
        ),
      });
    });
}

const biasedBooks: fc.Arbitrary<{ book: Book; run: string }> = fc
  .record({
    contracts: pick(2, 1, 3),
    subcontracts: pick(2, 1, 3),
    amendments: pick(2, 0, 1, 3, 5, 8),
    usage: pick(2, 0, 4),
    lines: pick(1, 0, 2, 3),
    currency: pick('EUR', 'EUR', 'JPY', 'KWD'),
    taxed: fc.boolean(),
  })
  .chain((sizes) =>
    fc.record({
      book: booksOf(sizes),
      monthsLater: pick(6, 12, 3, 9, 11, 1, 2, 4, 5, 7, 8, 18, 0, -1),
      runDay: pick(15, 15, 15, 28, 1),
    }),
  )
  .map(({ book, monthsLater, runDay }) => {
    const latest =
      book.contracts
        .map((row) => row.start)
        .sort()
        .at(-1) ?? '';
    const [year = 0, month = 0] = latest.split('-').map(Number);
    const first = new Date(Date.UTC(year, month - 1 + monthsLater, runDay));
    return { book, run: first.toISOString().slice(0, 10) };
  });

/** A whole book and a day to run it on. Without fast-check's bias towards the smallest, most books bill something. */
export const books = fc.noBias(biasedBooks);
