/**
 * Laws of should-bill minus billed over time (docs/rules/billing-rules.md §1): runs, amendments and credits come in any order,
 * and the books end the same.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BillDocument, BillRunPreview } from '../../../domain/bill-run/document.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { rowOf } from '../../../domain/book/blank-row.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { addDays } from '../../../domain/dates/dates.ts';
import { withIssued } from '../../../domain/forecast/issued.ts';
import { divide, fraction, multiply, ratio, roundHalfAway } from '../../../domain/money/decimal.ts';
import { formatMinor, parseMinor, safeMinor } from '../../../domain/money/money.ts';
import { bookOf } from '../book-builder.ts';
import { books } from '../reference/books.ts';

const RUNS = { numRuns: 60 };
const FIRST = '2025-01-01';
const LAST_RUN = '2027-06-15';

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const documents = (preview: BillRunPreview): BillDocument[] => [
  ...preview.invoices,
  ...preview.creditNotes,
];
const day = (most: number) => fc.integer({ min: 0, max: most }).map((days) => addDays(FIRST, days));

type Kind = Row<'amendments'>['kind'];
const value = (kind: Kind, n: number): string | null => {
  if (kind === 'move') return n % 2 === 0 ? 'C-1' : 'C-2';
  if (kind === 'discount') return String(n * 3);
  if (kind === 'price') return `${n}.${n}7`;
  return kind === 'add' || kind === 'quantity' ? String(n) : null;
};
const KINDS: readonly Kind[] = [
  'add',
  'quantity',
  'quantity',
  'price',
  'discount',
  'pause',
  'resume',
  'remove',
  'move',
];

/** What happens on a day: a run bills what is unbilled, an amendment is learnt, a part of some issued line is credited. */
const step = fc.oneof(
  fc.record({ what: fc.constant('run' as const), on: day(880) }),
  fc.record({
    what: fc.constant('amendment' as const),
    on: day(880),
    kind: fc.constantFrom(...KINDS),
    n: fc.integer({ min: 0, max: 9 }),
    of: fc.constantFrom('S-1', 'S-2'),
    effective: day(800),
    correction: fc.boolean(),
  }),
  fc.record({
    what: fc.constant('credit' as const),
    on: day(880),
    line: fc.nat(50),
    percent: fc.integer({ min: 1, max: 100 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const start = fc
  .record({
    frequency: fc.constantFrom('monthly', 'quarterly', 'semiannual', 'annual', '2 years'),
    other: fc.constantFrom('monthly', 'annual'),
    anchor: fc.constantFrom(null, '2025-01-31', '2024-08-15'),
    proration: fc.constantFrom(
      'daily' as const,
      'thirty360' as const,
      'whole-months' as const,
      'none' as const,
    ),
    reductions: fc.constantFrom('prorated' as const, 'next-period' as const),
    promotion: fc.constantFrom(null, 'SPRING'),
  })
  .map(({ frequency, other, promotion, ...more }) => {
    const term = { account: 'A-1', start: FIRST, end: '2026-12-31', ...more };
    const terms = {
      subcontract: 'S-1',
      contract: 'C-1',
      sku: 'MNT',
      quantity: '3',
      unitPrice: '333.33',
    };
    return bookOf({
      accounts: [{ account: 'A-1', name: 'Acme', currency: 'EUR', country: 'DE' }],
      products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
      taxes: [{ country: 'DE', category: 'S', rate: '19' }],
      contracts: [
        { ...term, contract: 'C-1', billingFrequency: frequency },
        { ...term, contract: 'C-2', billingFrequency: other, anchor: null },
      ],
      subcontracts: [
        { ...terms, promotion },
        {
          ...terms,
          subcontract: 'S-2',
          quantity: '7',
          start: '2025-03-10',
          recorded: '2025-02-01',
        },
      ],
      promotions: [
        { promotion: 'SPRING', percent: '5', amount: '9', currency: 'EUR', validTo: '2025-06-30' },
      ],
      policies: [{ scope: 'account', id: 'A-1', policy: 'old_find_months', value: '600' }],
    });
  });

function amended(
  book: Book,
  { on, kind, n, of, effective, correction }: Extract<Step, { what: 'amendment' }>,
  at: number,
): Book {
  const amendment = rowOf('amendments', {
    amendment: `AM-${at}`,
    subcontract: of,
    kind,
    value: value(kind, n),
    effective,
    recorded: on,
    reason: correction ? 'correction' : 'change',
  });
  return { ...book, amendments: [...book.amendments, amendment] };
}

function credited(
  book: Book,
  { on, line, percent }: Extract<Step, { what: 'credit' }>,
  at: number,
): Book {
  const issued = book.invoice_lines[line % Math.max(book.invoice_lines.length, 1)];
  if (issued === undefined) return book;
  const net = safeMinor(
    roundHalfAway(multiply(ratio(parseMinor(issued.net, 'EUR'), 1), ratio(percent, 100))),
  );
  const note = { invoice: `CN-${at}`, line: '1', net: formatMinor(0 - net, 'EUR') };
  const from = book.invoices.find((row) => row.invoice === issued.invoice);
  return {
    ...book,
    invoices: [
      ...book.invoices,
      rowOf('invoices', {
        ...note,
        account: 'A-1',
        issued: on,
        type: 'credit_note',
        credits: issued.invoice,
        contract: from?.contract ?? null,
      }),
    ],
    invoice_lines: [
      ...book.invoice_lines,
      rowOf('invoice_lines', {
        ...note,
        subcontract: issued.subcontract,
        periodStart: issued.periodStart,
        periodEnd: issued.periodEnd,
      }),
    ],
  };
}

/** The steps, day after day; the book as it is then. */
function lived(book: Book, steps: readonly Step[]): Book {
  let now = book;
  for (const [at, one] of [...steps]
    .sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0))
    .entries()) {
    if (one.what === 'run') now = withIssued(now, previewBillRun(now, { run: one.on }), `R-${at}`);
    else if (one.what === 'amendment') now = amended(now, one, at);
    else now = credited(now, one, at);
  }
  return now;
}

const billed = (book: Book) => sum(book.invoice_lines.map((line) => parseMinor(line.net, 'EUR')));
const open = (preview: BillRunPreview) =>
  sum(documents(preview).map(({ net }) => net)) +
  sum(preview.held.map(({ net }) => net)) +
  sum(preview.carried.map(({ net }) => net));
const pristine = (book: Book): Book => ({ ...book, invoices: [], invoice_lines: [] });

describe('runs, amendments and credits in any order', () => {
  it('billed + unbilled is what the facts alone say is owed', () => {
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 14 }), (book, steps) => {
        const now = lived(book, steps);
        const preview = previewBillRun(now, { run: LAST_RUN });
        expect(preview.setAside).toEqual([]);
        const owed = previewBillRun(pristine(now), { run: LAST_RUN });
        expect(billed(now) + open(preview)).toBe(open(owed));
      }),
      RUNS,
    );
  });

  it('the runs in between make no difference, and a run that is started twice bills nothing more', () => {
    fc.assert(
      fc.property(
        start,
        fc.array(step, { maxLength: 14 }),
        fc.array(day(880), { maxLength: 5 }),
        (book, steps, days) => {
          const facts = steps.filter(({ what }) => what === 'amendment');
          const runs = days.map((on) => ({ what: 'run' as const, on }));
          const ended = [facts, [...facts, ...runs]].map((all) => {
            const now = lived(book, all);
            const settled = withIssued(now, previewBillRun(now, { run: LAST_RUN }), 'LAST');
            expect(documents(previewBillRun(settled, { run: LAST_RUN }))).toEqual([]);
            return billed(settled);
          });
          expect(ended[1]).toBe(ended[0]);
        },
      ),
      RUNS,
    );
  });
});

describe('reversing', () => {
  const perPair = (preview: BillRunPreview) => {
    const sums = new Map<string, number>();
    for (const line of documents(preview).flatMap((document) => document.lines)) {
      const key = `${line.contract} ${line.subcontract} ${line.periodStart}`;
      sums.set(key, (sums.get(key) ?? 0) + line.net);
    }
    return [...sums].filter(([, net]) => net !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  };

  it('all that was billed, credited in full, is unbilled again, pair by pair', () => {
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 8 }), (book, steps) => {
        const facts = lived(
          book,
          steps.filter(({ what }) => what === 'amendment'),
        );
        const first = previewBillRun(facts, { run: LAST_RUN });
        let now = withIssued(facts, first, 'R');
        for (const [line] of now.invoice_lines.entries())
          now = credited(now, { what: 'credit', on: LAST_RUN, line, percent: 100 }, line);
        expect(billed(now)).toBe(0);
        expect(perPair(previewBillRun(now, { run: LAST_RUN }))).toEqual(perPair(first));
      }),
      RUNS,
    );
  });

  it('an amendment that a correction of the same day takes back leaves nothing to bill', () => {
    fc.assert(
      fc.property(
        start,
        fc.constantFrom('price', 'quantity', 'discount'),
        fc.integer({ min: 0, max: 9 }),
        day(700),
        day(700),
        (book, kind, n, effective, run) => {
          const own = { price: '333.33', quantity: '3', discount: '0' }[kind] ?? '';
          const changes = [value(kind as Kind, n), own].map((to, at) =>
            rowOf('amendments', {
              amendment: `AM-${at}`,
              subcontract: 'S-1',
              kind: kind as Kind,
              value: to,
              effective,
              recorded: addDays(run, at),
              reason: 'correction',
            }),
          );
          const before = withIssued(book, previewBillRun(book, { run }), 'R-1');
          const learnt = { ...before, amendments: changes.slice(0, 1) };
          const wrong = withIssued(learnt, previewBillRun(learnt, { run }), 'R-2');
          const righted = { ...wrong, amendments: changes };
          const settled = withIssued(righted, previewBillRun(righted, { run: LAST_RUN }), 'R-3');
          const never = withIssued(book, previewBillRun(book, { run: LAST_RUN }), 'R');
          // A cut that changes nothing is one more rounding for each segment.
          expect(Math.abs(billed(settled) - billed(never))).toBeLessThanOrEqual(1);
        },
      ),
      RUNS,
    );
  });
});

describe('splitting', () => {
  it('a term in two contracts of one anchor: the parts add up to the whole within their roundings', () => {
    const net = (
      terms: readonly (readonly [string, string])[],
      frequency: string,
      proration: 'daily' | 'thirty360',
    ) => {
      const preview = previewBillRun(
        bookOf({
          accounts: [{ account: 'A-1', name: 'Acme', currency: 'EUR' }],
          products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
          contracts: terms.map(([from, end], at) => ({
            contract: `C-${at}`,
            account: 'A-1',
            start: from,
            end,
            anchor: FIRST,
            billingFrequency: frequency,
            proration,
          })),
          subcontracts: terms.map((_, at) => ({
            subcontract: `S-${at}`,
            contract: `C-${at}`,
            sku: 'MNT',
            quantity: '7',
            unitPrice: '123.456789',
          })),
          policies: [{ scope: 'account', id: 'A-1', policy: 'old_find_months', value: '600' }],
        }),
        { run: LAST_RUN },
      );
      return sum(documents(preview).map((document) => document.net));
    };
    fc.assert(
      fc.property(
        fc.constantFrom('monthly', 'quarterly', 'annual', '2 years'),
        fc.constantFrom('daily' as const, 'thirty360' as const),
        fc.integer({ min: 1, max: 728 }),
        (frequency, proration, days) => {
          const cut = addDays(FIRST, days);
          const whole = net([[FIRST, '2026-12-31']], frequency, proration);
          const parts = net(
            [
              [FIRST, addDays(cut, -1)],
              [cut, '2026-12-31'],
            ],
            frequency,
            proration,
          );
          // One period is cut in two: three roundings of at most half a cent each.
          expect(Math.abs(whole - parts)).toBeLessThanOrEqual(1);
        },
      ),
      RUNS,
    );
  });
});

describe('tax by rate', () => {
  it('is computed on the sum of its lines and rounded once; the parts sum to the document’s', () => {
    fc.assert(
      fc.property(books, ({ book, run }) => {
        for (const document of documents(previewBillRun(book, { run }))) {
          for (const { category, rate, base, tax } of document.taxes) {
            const lines = document.lines.filter(
              (line) => line.taxCategory === category && line.taxRate === rate,
            );
            expect(sum(lines.map((line) => line.net))).toBe(base);
            const included = sum(lines.map((line) => line.tax ?? 0));
            const exclusive = sum(
              lines.filter((line) => line.tax === undefined).map((line) => line.net),
            );
            const exact = divide(multiply(ratio(exclusive, 1), fraction(rate)), fraction(100));
            expect(tax).toBe(included + safeMinor(roundHalfAway(exact)));
          }
          const groups = document.taxes.map(({ category, rate }) => `${category} ${rate}`);
          expect(new Set(groups).size).toBe(groups.length);
          expect(sum(document.taxes.map(({ tax }) => tax))).toBe(document.tax);
        }
      }),
      RUNS,
    );
  });
});
