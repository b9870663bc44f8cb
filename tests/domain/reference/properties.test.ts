/** Laws that hold for every book, whatever is in it (billing rules §1–§4). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BillDocument, BillRunPreview } from '../../../domain/bill-run/document.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import { BOOK_TABLES, type Book, type Row, type TableName } from '../../../domain/book/tables.ts';
import { billingBook, pairBalances } from '../../../domain/charges/unbilled.ts';
import { addMonths } from '../../../domain/dates/dates.ts';
import { withIssued } from '../../../domain/forecast/issued.ts';
import { bookOf } from '../book-builder.ts';
import { books } from './books.ts';

const RUNS = { numRuns: 250 };

const documents = (preview: BillRunPreview): BillDocument[] => [
  ...preview.invoices,
  ...preview.creditNotes,
];
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** Documents and the rest of an answer, without the order in which a caller may want them. */
const answer = (preview: BillRunPreview) => ({
  documents: documents(preview),
  held: preview.held,
  setAside: preview.setAside,
  carried: preview.carried,
});

describe('documents and control sheet', () => {
  it('lines sum to the net, taxes to the tax, columns to what is due', () => {
    fc.assert(
      fc.property(books, ({ book, run }) => {
        const preview = previewBillRun(book, { run });
        for (const document of documents(preview)) {
          expect(sum(document.lines.map((line) => line.net))).toBe(document.net);
          expect(sum(document.taxes.map((part) => part.tax))).toBe(document.tax);
          expect(sum(document.taxes.map((part) => part.base))).toBe(document.net);
          expect(document.net + document.tax).toBe(document.total);
          expect(document.net).not.toBe(0);
        }
        for (const [currency, sheet] of Object.entries(preview.control)) {
          const { invoiced, held, excluded, setAside, carried } = sheet;
          expect(invoiced + held + excluded + setAside + carried).toBe(sheet.due);
          const mine = documents(preview).filter((document) => document.currency === currency);
          expect(sum(mine.map((document) => document.net))).toBe(invoiced);
          expect(sum(preview.carried.map((item) => item.net))).toBe(carried);
          expect(sum(preview.held.map((find) => find.net))).toBe(held);
        }
      }),
      RUNS,
    );
  });
});

describe('billed + unbilled = expected', () => {
  const uneven = (book: Book, run: string) => {
    const preview = previewBillRun(book, { run });
    return { documents: documents(preview), held: preview.held };
  };

  it('a run that was issued bills nothing more, in whatever months runs came before', () => {
    fc.assert(
      fc.property(
        books,
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
        (given, backs) => {
          const runs = backs
            .sort((a, b) => b - a)
            .map((back) => addMonths(given.run, -back))
            .concat(given.run);
          let { book } = given;
          for (const [at, run] of runs.entries())
            book = withIssued(book, previewBillRun(book, { run }), `N${at}`);
          expect(uneven(book, given.run).documents).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  it('what was billed by all runs is what is expected, pair by pair', () => {
    fc.assert(
      fc.property(books, fc.integer({ min: 1, max: 6 }), (given, back) => {
        let { book } = given;
        for (const run of [addMonths(given.run, -back), given.run])
          book = withIssued(book, previewBillRun(book, { run }), run);
        const last = previewBillRun(book, { run: given.run });
        const aside = new Set(last.setAside.map((item) => item.contract));
        const waiting = last.carried.map((item) => item.subject);
        const prepared = billingBook(indexBook(book));
        for (const row of book.contracts) {
          const skipped = row.status === 'draft' || aside.has(row.contract);
          if (skipped || waiting.length > 0) continue;
          const terms = prepared.termsOf(row.contract);
          const asked = { asOf: given.run, horizon: given.run };
          const oldest = addMonths(given.run, -3);
          for (const pair of pairBalances(prepared, terms, asked, (_, refusal) => {
            throw refusal;
          }))
            if (pair.period.start >= oldest) expect(pair.billedMinor).toBe(pair.expectedMinor);
        }
      }),
      RUNS,
    );
  });
});

describe('what must not matter', () => {
  it('the order of rows', () => {
    fc.assert(
      fc.property(books, fc.infiniteStream(fc.nat()), ({ book, run }, keys) => {
        const shuffled = Object.fromEntries(
          Object.entries(book).map(([table, rows]) => [
            table,
            [...(rows as readonly object[])]
              .map((row) => ({ row, key: keys.next().value as number }))
              .sort((a, b) => a.key - b.key)
              .map(({ row }) => row),
          ]),
        ) as unknown as Book;
        expect(answer(previewBillRun(shuffled, { run }))).toEqual(
          answer(previewBillRun(book, { run })),
        );
      }),
      RUNS,
    );
  });

  it('facts that are recorded after the day a preview asks for', () => {
    const laterFacts = (run: string): { [T in TableName]?: Partial<Row<T>>[] } => {
      const recorded = addMonths(run, 1);
      return {
        amendments: [
          {
            amendment: 'LATE-1',
            subcontract: 'S-1',
            kind: 'remove',
            effective: addMonths(run, -3),
            recorded,
          },
          {
            amendment: 'LATE-2',
            subcontract: 'S-1',
            kind: 'price',
            value: '9',
            effective: run,
            recorded,
          },
        ],
        subcontracts: [
          {
            subcontract: 'S-LATE',
            contract: 'C-1',
            sku: 'MNT',
            quantity: '5',
            unitPrice: '77',
            recorded,
          },
        ],
        invoices: [{ invoice: 'I-LATE', account: 'A-1', issued: recorded, contract: 'C-1' }],
        invoice_lines: [
          { invoice: 'I-LATE', line: '1', subcontract: 'S-1', net: '12', periodStart: run },
        ],
        usage: [
          {
            event: 'U-LATE',
            subcontract: 'S-1',
            metric: 'API',
            quantity: '9',
            at: `${recorded}T12:00:00Z`,
          },
        ],
      };
    };
    fc.assert(
      fc.property(books, ({ book, run }) => {
        const more = laterFacts(run);
        const merged = Object.fromEntries(
          (Object.keys(BOOK_TABLES) as TableName[]).map((table) => [
            table,
            [...book[table], ...(more[table] ?? []).map((row) => rowOf(table, row as object))],
          ]),
        ) as unknown as Book;
        expect(answer(previewBillRun(merged, { run }))).toEqual(
          answer(previewBillRun(book, { run })),
        );
      }),
      RUNS,
    );
  });

  it('a contract of others that is broken', () => {
    const broken: readonly Partial<Row<'contracts'>>[] = [
      { account: 'NOBODY' },
      { entity: 'NOWHERE' },
      { billingFrequency: 'now and then' },
      { start: '2027-01-01', end: '2026-01-01' },
      { discountPercent: '-5' },
      { paymentTerms: 'when it suits' },
      { minimum: '1.23456' },
      { start: 'yesterday' },
    ];
    fc.assert(
      fc.property(books, fc.constantFrom(...broken), ({ book, run }, damage) => {
        const row = {
          contract: 'Z-9',
          account: 'A-1',
          start: '2024-01-01',
          end: '2025-12-31',
          ...damage,
        };
        const subcontract = {
          subcontract: 'Z-9-1',
          contract: 'Z-9',
          sku: 'MNT',
          quantity: '1',
          unitPrice: '10',
        };
        const more: Book = {
          ...book,
          contracts: [rowOf('contracts', row), ...book.contracts],
          subcontracts: [rowOf('subcontracts', subcontract), ...book.subcontracts],
        };
        const before = answer(previewBillRun(book, { run }));
        const after = answer(previewBillRun(more, { run }));
        const others = <R extends { readonly contract: string }>(rows: readonly R[]) =>
          rows.filter((row) => row.contract !== 'Z-9');
        expect({
          ...after,
          held: others(after.held),
          setAside: others(after.setAside),
        }).toEqual(before);
      }),
      RUNS,
    );
  });
});

describe('every day of the term is billed once', () => {
  it('amendments that change nothing cut, but add up to the whole within a rounding each', () => {
    const frequencies = ['monthly', 'quarterly', 'semiannual', 'annual', '2 years'];
    fc.assert(
      fc.property(
        fc.constantFrom(...frequencies),
        fc.constantFrom('2024-01-31', '2024-02-29', '2023-12-15', '2024-08-30'),
        fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }),
        fc.constantFrom('daily' as const, 'thirty360' as const),
        (billingFrequency, start, cuts, proration) => {
          const whole = (amendments: readonly Partial<Row<'amendments'>>[]) => {
            const preview = previewBillRun(
              bookOf({
                accounts: [{ account: 'A-1', name: 'Acme', currency: 'EUR' }],
                products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
                contracts: [
                  {
                    contract: 'C-1',
                    account: 'A-1',
                    start,
                    end: '2025-12-31',
                    billingFrequency,
                    proration,
                  },
                ],
                subcontracts: [
                  {
                    subcontract: 'S-1',
                    contract: 'C-1',
                    sku: 'MNT',
                    quantity: '3',
                    unitPrice: '123.456789',
                  },
                ],
                amendments,
                policies: [{ scope: 'account', id: 'A-1', policy: 'old_find_months', value: '60' }],
              }),
              { run: '2026-01-15' },
            );
            const lines = preview.invoices.flatMap((document) => document.lines);
            return { net: sum(lines.map((line) => line.net)), lines };
          };
          const from = Date.parse(start);
          const amendments = cuts.map((days, at) => ({
            amendment: `AM-${at}`,
            subcontract: 'S-1',
            kind: 'quantity' as const,
            value: '3',
            effective: new Date(from + days * 86_400_000).toISOString().slice(0, 10),
          }));
          const plain = whole([]);
          const cut = whole(amendments);
          expect(Math.abs(cut.net - plain.net)).toBeLessThanOrEqual(cuts.length);
          const covered = cut.lines.flatMap((line) =>
            daysOf(line.coverStart ?? '', line.coverEnd ?? ''),
          );
          expect(new Set(covered).size).toBe(covered.length);
          // By 30E/360 a 31st alone is no day, and a line of zero is not listed.
          if (proration === 'daily')
            expect(covered.length).toBe(daysOf(start, '2025-12-31').length);
        },
      ),
      RUNS,
    );
  });
});

function daysOf(from: string, through: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(through); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
