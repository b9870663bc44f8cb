/** Metered usage by hand: which day, metric and stretch of terms it falls to (docs/rules/billing-rules.md §3 and §5). */
import { describe, expect, it } from 'vitest';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { billingBook, pairBalances } from '../../../domain/charges/unbilled.ts';
import { amendment, company, contract, subcontract } from '../book-builder.ts';

type Given = Parameters<typeof company>[0];
type Event = readonly [event: string, at: string, quantity: string, metric?: string];

/** By the month, 2.00 a call over ten; what an event does not say is at noon. */
const metered = (
  events: readonly Event[],
  more: Given = {},
  own: Partial<Row<'subcontracts'>> = {},
) =>
  company({
    contracts: [contract({ billingFrequency: 'monthly' })],
    subcontracts: [
      subcontract({ sku: 'API', quantity: '0', unitPrice: '2', includedQuantity: '10', ...own }),
    ],
    usage: events.map(([event, at, quantity, metric = 'API']) => ({
      event,
      subcontract: 'S-1',
      metric,
      quantity,
      at: at.includes('T') ? at : `${at}T12:00:00Z`,
    })),
    ...more,
  });

function charges(of: Book, name = 'C-1', asOf = '2026-12-31') {
  const book = billingBook(indexBook(of));
  const refuse = (_: string, refusal: Error) => {
    throw refusal;
  };
  return pairBalances(book, book.termsOf(name), { asOf, horizon: asOf }, refuse).flatMap((pair) =>
    pair.component === 'usage' ? pair.charges : [],
  );
}
const short = (...asked: Parameters<typeof charges>) =>
  charges(...asked).map(({ from, to, amountMinor }) => [from, to, amountMinor]);

describe('usage', () => {
  it('falls to the period of its day, and is charged above what is included', () => {
    const events: Event[] = [
      ['U-1', '2026-10-31T23:59:59Z', '11'],
      ['U-2', '2026-11-01T00:00:00Z', '12'],
      ['U-3', '2026-12-05', '10'],
    ];
    expect(short(metered(events))).toEqual([
      ['2026-10-01', '2026-11-01', 200],
      ['2026-11-01', '2026-12-01', 400],
    ]);
    expect(short(metered(events), 'C-1', '2026-10-31')).toEqual([
      ['2026-10-01', '2026-11-01', 200],
    ]);
  });

  it('is counted in the order of days, then of events', () => {
    const [charge] = charges(
      metered([
        ['U-4', '2026-10-11', '1'],
        ['U-2', '2026-10-10', '9'],
        ['U-1', '2026-10-10', '9'],
        ['U-3', '2026-10-09', '1'],
      ]),
    );
    expect(charge?.metered?.events).toEqual(['U-3', 'U-1', 'U-2', 'U-4']);
    expect(charge?.amountMinor).toBe(2000);
  });

  it('is charged metric by metric, each with the included quantity of its own', () => {
    const prices = ['ZIP', 'AAA'].map((sku) => ({
      priceList: 'default',
      sku,
      currency: 'EUR',
      unitPrice: '3',
    }));
    const events: Event[] = [
      ['U-1', '2026-10-10', '11', 'ZIP'],
      ['U-2', '2026-10-10', '12'],
      ['U-3', '2026-10-10', '13', 'AAA'],
    ];
    const found = charges(metered(events, { prices }));
    expect(found.map(({ sku, amountMinor }) => [sku, amountMinor])).toEqual([
      ['AAA', 900],
      ['API', 400],
      ['ZIP', 300],
    ]);
  });

  it('has the day of the seller’s zone, or of the account’s where that is the policy', () => {
    const accounts = [{ account: 'A-1', currency: 'EUR', timeZone: 'America/New_York' }];
    const entities = [{ entity: 'UK', currency: 'EUR', timeZone: 'UTC' }];
    const of = metered([['U-1', '2026-11-01T01:00:00Z', '11']], { accounts, entities });
    const policy = { scope: 'account', id: 'A-1', policy: 'time_zone', value: 'account' } as const;
    const { policies } = company({ policies: [policy] });
    expect(short(of)).toEqual([['2026-11-01', '2026-12-01', 200]]);
    expect(short({ ...of, policies })).toEqual([['2026-10-01', '2026-11-01', 200]]);
    expect(short(of)).toEqual([['2026-11-01', '2026-12-01', 200]]);
  });

  it('is charged, after a move, by the contract of the day', () => {
    const contracts = ['C-1', 'C-2'].map((name) =>
      contract({ contract: name, billingFrequency: 'monthly' }),
    );
    const amendments = [amendment({ kind: 'move', value: 'C-2', effective: '2026-10-15' })];
    const of = metered(
      [
        ['U-1', '2026-10-14', '11'],
        ['U-2', '2026-10-15', '13'],
      ],
      { contracts, amendments },
    );
    expect(charges(of, 'C-1').map(({ amountMinor }) => amountMinor)).toEqual([200]);
    expect(charges(of, 'C-2').map(({ amountMinor }) => amountMinor)).toEqual([600]);
  });
});

describe('a period of usage', () => {
  const EVENTS: Event[] = [
    ['U-1', '2026-10-14', '12'],
    ['U-2', '2026-10-15', '5'],
  ];
  const price = (value: string, effective: string) =>
    amendment({ kind: 'price', value, effective });
  const priced = (...changes: ReturnType<typeof price>[]) =>
    short(
      metered(EVENTS, { amendments: changes.map((row, at) => ({ ...row, amendment: `M-${at}` })) }),
    );
  const WHOLE = [['2026-10-01', '2026-11-01', 1400]];
  const CUT = [
    ['2026-10-01', '2026-10-15', 400],
    ['2026-10-15', '2026-11-01', 2000],
  ];

  it('is cut where the agreed price changes within it', () => {
    expect(priced()).toEqual(WHOLE);
    expect(priced(price('4', '2026-10-15'))).toEqual(CUT);
    expect(priced(price('4', '2026-10-01'))).toEqual([['2026-10-01', '2026-11-01', 2800]]);
    expect(priced(price('4', '2026-11-01'))).toEqual(WHOLE);
    expect(priced(price('4', '2026-11-15'))).toEqual(WHOLE);
    expect(priced(price('4', '2026-09-15'), price('2', '2026-09-20'))).toEqual(WHOLE);
  });

  it('is not cut where nothing that is charged changes', () => {
    expect(priced(price('2.00', '2026-10-15'))).toEqual(WHOLE);
    const seats = amendment({ kind: 'quantity', value: '3', effective: '2026-10-15' });
    expect(short(metered(EVENTS, { amendments: [seats] }))).toEqual(WHOLE);
  });

  it('is cut where the price list gives way to an agreed price', () => {
    const prices = [{ priceList: 'default', sku: 'API', currency: 'EUR', unitPrice: '2' }];
    const listed = (amendments: Given['amendments']) =>
      short(metered(EVENTS, { prices, amendments: amendments ?? [] }, { unitPrice: null }));
    expect(listed([price('4', '2026-10-15')])).toEqual(CUT);
    const seats = amendment({ kind: 'quantity', value: '3', effective: '2026-10-15' });
    expect(listed([seats])).toEqual(WHOLE);
  });

  it('is cut where a discount ends or begins', () => {
    const discounted = (row: Partial<Row<'contracts'>>) =>
      short(
        metered(EVENTS, {
          contracts: [contract({ billingFrequency: 'monthly', discountPercent: '50', ...row })],
        }),
      );
    expect(discounted({ discountTo: '2026-10-14' })).toEqual([
      ['2026-10-01', '2026-10-15', 200],
      ['2026-10-15', '2026-11-01', 1000],
    ]);
    expect(discounted({})).toEqual([['2026-10-01', '2026-11-01', 700]]);
    const line = amendment({ kind: 'discount', value: '50', effective: '2026-10-15' });
    expect(short(metered(EVENTS, { amendments: [line] }))).toEqual([
      ['2026-10-01', '2026-10-15', 400],
      ['2026-10-15', '2026-11-01', 500],
    ]);
  });

  it('is taken a promotion’s amount off once, over all its stretches', () => {
    const promotions = [{ promotion: 'OFF', amount: '15.00', currency: 'EUR' }];
    const of = metered(
      EVENTS,
      { promotions, amendments: [price('4', '2026-10-15')] },
      { promotion: 'OFF' },
    );
    // 4.00 of it in the first stretch, the other 11.00 in the second.
    expect(short(of)).toEqual([['2026-10-15', '2026-11-01', 900]]);
    const [charge] = charges(of);
    expect(charge?.promotion?.name).toBe('OFF');
    expect(charges(metered(EVENTS))[0]?.promotion).toBeNull();
  });
});
