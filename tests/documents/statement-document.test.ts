/** A statement from the books: running balances, names that customers know, ages to the day. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parties } from '../../documents/from-record.ts';
import type { OpenItem } from '../../documents/model.ts';
import { statementFaults } from '../../documents/pdf/statement-paper.ts';
import {
  otherIssuers,
  type RecordedStatement,
  statementDocument,
} from '../../documents/statement-document.ts';
import { BOOK_TABLES, camel, type Row, type TableName } from '../../domain/book/tables.ts';

function row<T extends TableName>(table: T, given: Partial<Row<T>>): Row<T> {
  const columns = Object.keys(BOOK_TABLES[table].columns);
  const empty = Object.fromEntries(columns.map((column) => [camel(column), null]));
  return { ...empty, custom: {}, ...given } as unknown as Row<T>;
}

const parties = (language: string | null): Parties => ({
  entity: row('entities', { entity: 'ACME', legalName: 'Acme GmbH', country: 'DE' }),
  account: row('accounts', { account: 'A-1', name: 'Kunde & Co', language }),
  contactName: null,
});

const item = (invoice: string, openMinor: number, daysOverdue: number): OpenItem => ({
  invoice,
  issueDate: '2026-01-15',
  dueDate: '2026-02-14',
  totalMinor: openMinor,
  openMinor,
  daysOverdue,
  disputed: false,
  contract: null,
  interestMinor: 0,
});

const recorded = (given: Partial<RecordedStatement>): RecordedStatement => ({
  currency: 'EUR',
  from: '2026-01-01',
  to: '2026-12-31',
  openingMinor: 0,
  unappliedMinor: 0,
  movements: [],
  openItems: [],
  dueOn: new Map(),
  paymentNames: new Map(),
  ...given,
});

describe('a statement from the books', () => {
  it('names each other entity of ours that issued what is open, with its documents', () => {
    const swiss = row('entities', { entity: 'SWISS', legalName: 'Acme Schweiz AG', country: 'CH' });
    const books = recorded({
      openItems: [
        item('INV-1', 100, 0),
        item('CH-1', 200, 0),
        item('CH-2', 300, 5),
        item('X', -5, 0),
      ],
      issuers: new Map([
        ['INV-1', 'ACME'],
        ['CH-1', 'SWISS'],
        ['CH-2', 'SWISS'],
        ['X', 'US'],
      ]),
      openingMinor: 595,
    });
    expect(otherIssuers(books, 'ACME')).toEqual(['SWISS']);
    expect(otherIssuers(books, 'SWISS')).toEqual(['ACME']);
    const { otherPayees } = statementDocument(books, parties(null), [swiss]);
    expect(otherPayees).toMatchObject([
      { seller: { legalName: 'Acme Schweiz AG' }, documents: 'CH-1, CH-2' },
    ]);
  });

  it('runs the balance, and names a payment and what became of it as the customer does', () => {
    const statement = statementDocument(
      recorded({
        openingMinor: 1000,
        movements: [
          { on: '2026-02-01', kind: 'invoice', number: 'INV-1', amountMinor: 11_900 },
          { on: '2026-02-20', kind: 'payment', number: 'stripe:evt_1', amountMinor: -12_900 },
          {
            on: '2026-03-01',
            kind: 'reversal',
            number: 'stripe:evt_1:reversed:evt_2',
            amountMinor: 12_900,
          },
          { on: '2026-03-05', kind: 'payment', number: 'manual:77', amountMinor: -900 },
          {
            on: '2026-03-06',
            kind: 'opening',
            number: 'opening:payment:stripe:evt_1',
            amountMinor: -100,
          },
        ],
        dueOn: new Map([['INV-1', '2026-03-03']]),
        paymentNames: new Map([['stripe:evt_1', 'Your transfer 4711']]),
      }),
      parties('de'),
    );
    expect(
      statement.entries.map(({ document, description, dueDate, balanceMinor }) => [
        document,
        description,
        dueDate,
        balanceMinor,
      ]),
    ).toEqual([
      ['INV-1', 'Rechnung', '2026-03-03', 12_900],
      ['Your transfer 4711', 'Zahlung, vielen Dank', null, 0],
      ['Your transfer 4711', 'Zahlung zurückgebucht', null, 12_900],
      ['', 'Zahlung, vielen Dank', null, 12_000],
      ['Your transfer 4711', 'Übertrag', null, 11_900],
    ]);
    expect(statement.closingMinor).toBe(11_900);
    expect(statementFaults(statement)).toEqual([]);
  });

  it('puts an open item into its age, the boundary days into the younger one', () => {
    const days = [0, 1, 30, 31, 60, 61, 90, 91, 400];
    const statement = statementDocument(
      recorded({ openItems: days.map((late, at) => item(`INV-${at}`, 10 ** at, late)) }),
      parties(null),
    );
    expect(statement.aging).toEqual([
      { label: 'not due', amountMinor: 1 },
      { label: '1–30 days', amountMinor: 110 },
      { label: '31–60 days', amountMinor: 11_000 },
      { label: '61–90 days', amountMinor: 1_100_000 },
      { label: 'over 90 days', amountMinor: 110_000_000 },
    ]);
  });

  it('closes at opening plus movements, and its ages sum to what is open, whatever happened', () => {
    const amounts = fc.array(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), { maxLength: 20 });
    const items = fc.array(fc.tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.nat(500)), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 9), max: 10 ** 9 }),
        amounts,
        items,
        (opening, all, open) => {
          const statement = statementDocument(
            recorded({
              openingMinor: opening,
              movements: all.map((amountMinor, at) => ({
                on: '2026-05-01',
                kind: amountMinor < 0 ? 'payment' : 'invoice',
                number: `N-${at}`,
                amountMinor,
              })),
              openItems: open.map(([minor, late], at) => item(`INV-${at}`, minor, late)),
            }),
            parties(null),
          );
          expect(statementFaults(statement)).toEqual([]);
          expect(statement.closingMinor).toBe(all.reduce((sum, one) => sum + one, opening));
          const sum = (minors: readonly number[]) => minors.reduce((total, one) => total + one, 0);
          expect(sum(statement.aging.map(({ amountMinor }) => amountMinor))).toBe(
            sum(open.map(([minor]) => minor)),
          );
        },
      ),
    );
  });
});
