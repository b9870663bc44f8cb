/**
 * The allocation of payments against its second reading, case by case. Small numbers, so that balances, sums and numbers
 * coincide; PERENNIAL_RANDOM_CASES asks for more cases, PERENNIAL_SEED=random for new ones.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allocate } from '../../../domain/allocation/allocation.ts';
import { type Case, type Named, type Open, referenceAllocation } from './allocation.ts';

const CASES = Number(process.env.PERENNIAL_RANDOM_CASES ?? '1000');
const NUMBERS = [
  'INV-1',
  'INV-10',
  'INV-11',
  'INV-100',
  'INV-2026-00017',
  'INV-2026-00018',
  'RE 7',
];

const lineOf = fc.record({ subcontract: fc.constantFrom('S-1', 'S-2'), open: fc.nat(12) });
const openInvoice = (invoice: string): fc.Arbitrary<Open> =>
  fc
    .record({
      account: fc.constantFrom('A-1', 'A-1', 'A-1', 'A-2'),
      contract: fc.constantFrom('C-1', 'C-10', null),
      currency: fc.constantFrom(...Array<string>(9).fill('EUR'), 'USD'),
      due: fc.constantFrom('2026-01-31', '2026-02-28'),
      costs: fc.constantFrom(0, 0, 0, 4),
      interest: fc.constantFrom(0, 0, 0, 3),
      percent: fc.constantFrom(null, null, '2', '10', '33.333333', '50'),
      until: fc.constantFrom('2026-01-09', '2026-01-10'),
      lines: fc.array(lineOf, { minLength: 1, maxLength: 3 }),
    })
    .map(({ percent, until, lines: drawn, ...rest }) => {
      const lines = drawn.map((line, at) => ({ line: String(at + 1), ...line }));
      const principal = lines.reduce((sum, { open }) => sum + open, 0);
      const agreed = percent === null ? {} : { discount: { percent, until } };
      return {
        ...rest,
        ...agreed,
        invoice,
        lines,
        balance: rest.costs + rest.interest + principal,
      };
    });

/** A number as a customer types it. */
const typed = (number: string) =>
  fc.constantFrom(
    number,
    number.toLowerCase(),
    number.replace(/-/g, ' '),
    number.replace(/[- ]/g, ''),
    number.replace(/0/g, 'O'),
    number.replace(/-/g, ' – '),
  );

const named = (invoices: readonly Open[]): fc.Arbitrary<Named> =>
  fc.record(
    {
      invoice: fc.constantFrom(...invoices.map(({ invoice }) => invoice), 'INV-404'),
      line: fc.constantFrom('1', '2', 'costs', 'interest'),
      subcontract: fc.constantFrom('S-1', 'S-2'),
      amount: fc.integer({ min: 1, max: 15 }),
    },
    { requiredKeys: ['invoice', 'amount'] },
  );

const cases: fc.Arbitrary<Case> = fc
  .subarray(NUMBERS)
  .chain((numbers) => fc.tuple(...numbers.map(openInvoice)))
  .chain((openInvoices) =>
    fc.record({
      openInvoices: fc.constant(openInvoices as Open[]),
      meant: fc.subarray(openInvoices as Open[]),
      besides: fc.subarray(['C-1', 'INV-99', 'RE 9', '5.00', 'danke'], { maxLength: 2 }),
      silent: fc.boolean(),
      off: fc.constantFrom(0, 0, 0, 1, -1, 2),
      discounted: fc.boolean(),
      any: fc.integer({ min: 1, max: 40 }),
      account: fc.constantFrom('A-1', 'A-1', 'A-2', null),
      lines: fc.array(named(openInvoices as Open[]), { minLength: 1, maxLength: 3 }),
      isExplicit: fc.constantFrom(false, false, false, true),
      policy: fc.record({
        oldestFirst: fc.boolean(),
        lineOrder: fc.constantFrom('in-order' as const, 'pro-rata' as const),
        tolerance: fc.constantFrom(0, 0, 2),
        clearing: fc.constantFrom('principal-first' as const, 'costs-interest-principal' as const),
      }),
    }),
  )
  .chain((drawn) => {
    const { meant, besides, silent, lines, isExplicit } = drawn;
    const words = silent ? [] : [...meant.map(({ invoice }) => invoice), ...besides];
    return fc.tuple(...words.map(typed)).map((texts): Case => {
      const earned = meant.map(({ discount, lines: own }) =>
        discount === undefined || discount.until < '2026-01-10'
          ? 0
          : Math.round((own.reduce((sum, l) => sum + l.open, 0) * Number(discount.percent)) / 100),
      );
      const less = drawn.discounted ? earned.reduce((sum, one) => sum + one, 0) : 0;
      const sum = meant.reduce<number>((total, { balance }) => total + balance, drawn.off - less);
      const told = lines.reduce<number>((total, { amount }) => total + amount, drawn.off);
      const wanted = isExplicit ? told : sum;
      const { openInvoices, policy, account } = drawn;
      const payment = {
        amount: wanted > 0 ? wanted : drawn.any,
        currency: 'EUR',
        received: '2026-01-10',
        account,
        reference: texts.join(', '),
        ...(isExplicit ? { lines } : {}),
      };
      return { payment, policy, openInvoices };
    });
  })
  // A contract beside one of its invoices may be meant whole or not: tests/domain/allocation says which.
  .filter(
    ({ payment, openInvoices }) =>
      !/c[\s–-]*1(?!\d)/i.test(payment.reference) ||
      !openInvoices.some(({ contract }) => contract === 'C-1') ||
      !/inv|re/i.test(payment.reference),
  );

const byName = (amounts: readonly { readonly invoice: string; readonly amount: number }[]) =>
  Object.fromEntries(amounts.map(({ invoice, amount }) => [invoice, amount]));

it(`allocation and its second reading agree on ${CASES} random cases`, {
  timeout: 3_600_000,
}, () => {
  fc.assert(
    fc.property(cases, (given) => {
      const answer = allocate(given);
      expect({
        rule: answer.rule,
        allocations: Object.fromEntries(
          answer.allocations.map(({ invoice, line, subcontract, amount }) => [
            `${invoice}/${line}/${subcontract ?? ''}`,
            amount,
          ]),
        ),
        discountTaken: byName(answer.discountTaken),
        writtenOff: byName(answer.writtenOff),
        unapplied: answer.unapplied,
      }).toEqual(referenceAllocation(given));
    }),
    { numRuns: CASES },
  );
});
