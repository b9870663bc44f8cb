/** What a remittance advice says: payer, invoices, amounts and sum; read badly, less is understood and nothing wrongly. */
import { describe, expect, it } from 'vitest';
import { readRemittance } from '../../../domain/papers/remittance.ts';

const known = [
  { invoice: 'INV-2026-01171', currency: 'EUR', balance: 40_627 },
  { invoice: 'INV-2026-01172', currency: 'EUR', balance: 479_880 },
];

it('never gives a number the amount of the one below it, which was misread', () => {
  const rows = ['INV-2026-01171 A.362,77 b', 'TNY-2026-01.172 4.798,80', 'Summe 5.205,07 EUR'];
  expect(readRemittance(rows.join('\n'), known).lines).toEqual([
    { invoice: 'INV-2026-01171', amountMinor: null },
  ]);
});

it('still finds an amount that stands in the row below, beside a date', () => {
  const rows = [
    'INV-2026-01171',
    'vom 03.10.2026   406,27',
    'INV-2026-01172',
    '2026-10-04 4.798,80',
  ];
  expect(readRemittance(`${rows.join('\n')}\nEUR`, known).lines).toEqual([
    { invoice: 'INV-2026-01171', amountMinor: 40_627 },
    { invoice: 'INV-2026-01172', amountMinor: 479_880 },
  ]);
});

const advice = (...rows: string[]) => readRemittance(rows.join('\n'), known);
const amountsOf = (...rows: string[]) => advice(...rows).lines.map((line) => line.amountMinor);
const [FIRST, SECOND] = ['INV-2026-01171', 'INV-2026-01172'];

describe('a remittance advice', () => {
  it('is read whole: who pays, which invoices, how much of each, and the sum', () => {
    const rows = ['Payer: Acme GmbH', `${FIRST} 406,27`, `${SECOND} 100,00`, 'Total: 506,27 EUR'];
    expect(advice(...rows)).toEqual({
      payer: 'Acme GmbH',
      currency: 'EUR',
      totalMinor: 50_627,
      lines: [
        { invoice: FIRST, amountMinor: 40_627 },
        { invoice: SECOND, amountMinor: 10_000 },
      ],
      unknown: [],
    });
    expect(advice(...rows, 'INV-2026-09999').unknown).toEqual(['INV-2026-09999']);
    const old = readRemittance(rows.map((row) => `  ${row} `).join('\r'), known);
    expect(old).toEqual(advice(...rows));
  });

  it('that names nothing of ours has no line and no sum', () => {
    expect(advice('Thank you')).toEqual({
      payer: null,
      currency: null,
      totalMinor: null,
      lines: [],
      unknown: [],
    });
    expect(readRemittance('EUR 5,00', [])).toMatchObject({ currency: 'EUR', totalMinor: null });
  });

  it('has the currency that it names, else the one of all invoices that it names', () => {
    const foreign = { invoice: 'INV-2026-01173', currency: 'USD', balance: 100 };
    const of = (text: string) => readRemittance(text, [...known, foreign]);
    expect(of(`${FIRST} 406,27`).currency).toBe('EUR');
    expect(of(`${FIRST} 406,27 SEK`).currency).toBe('SEK');
    expect(of('INV-2026-01173 1,00').currency).toBe('USD');
    expect(of(`${FIRST} 406,27\nINV-2026-01173 1,00\nTotal 407,27`)).toMatchObject({
      currency: null,
      totalMinor: null,
      lines: [
        { invoice: FIRST, amountMinor: null },
        { invoice: 'INV-2026-01173', amountMinor: null },
      ],
    });
  });
});

describe('the amount of an invoice', () => {
  it('is the last of its row that is more than nothing', () => {
    expect(amountsOf(`${FIRST} 500,00 93,73 406,27`)).toEqual([40_627]);
    expect(amountsOf(`${FIRST} 500,00 0,00`)).toEqual([50_000]);
    expect(amountsOf(`${FIRST} see below`)).toEqual([null]);
  });

  it('is its balance where only the balances come to the sum', () => {
    const rows = [`${FIRST} 406,27 0,01`, `${SECOND} 4.798,80 0,01`];
    expect(amountsOf(...rows, 'Total 5.205,07')).toEqual([40_627, 479_880]);
    expect(amountsOf(...rows, 'Total 0,02')).toEqual([1, 1]);
    expect(amountsOf(...rows, 'Total 7,00')).toEqual([1, 1]);
    expect(amountsOf(...rows)).toEqual([1, 1]);
    // A sum of the last amounts is taken, though balances come to it as well.
    expect(amountsOf(`${FIRST} 406,27`, `${SECOND} 7,00`, 'Total 413,27')).toEqual([40_627, 700]);
    expect(amountsOf(`${FIRST} 406,27 0,01`, `${SECOND} 7,00`, 'Total 413,27')).toEqual([
      40_627, 700,
    ]);
  });

  it('is in the two rows below where its own has none, up to a total or another number', () => {
    expect(amountsOf(FIRST, 'Rechnung', '406,27')).toEqual([40_627]);
    expect(amountsOf(FIRST, 'Rechnung', 'vom Oktober', '406,27')).toEqual([null]);
    expect(amountsOf(FIRST, 'Total 406,27')).toEqual([null]);
    expect(amountsOf(`${FIRST} 1,00`, '406,27')).toEqual([100]);
    expect(amountsOf(FIRST, `${SECOND} 406,27`)).toEqual([null, 40_627]);
    expect(amountsOf(FIRST, 'Beleg 12345  406,27')).toEqual([null]);
    expect(amountsOf(FIRST, 'Beleg 1234  406,27')).toEqual([40_627]);
    expect(amountsOf('406,27', FIRST)).toEqual([null]);
  });

  it('is unknown where one row names several', () => {
    expect(amountsOf(`We paid ${FIRST} and ${SECOND} with 406,27`)).toEqual([null, null]);
  });

  it('is no piece of the number itself', () => {
    const odd = [{ invoice: 'R 2026.11', currency: 'EUR', balance: 500 }];
    expect(readRemittance('R 2026.11 vom Mai', odd).lines).toEqual([
      { invoice: 'R 2026.11', amountMinor: null },
    ]);
    expect(readRemittance('R 2026.11 zu 5,00', odd).lines).toEqual([
      { invoice: 'R 2026.11', amountMinor: 500 },
    ]);
  });
});

describe('the sum of an advice', () => {
  const total = (...rows: string[]) => advice('All in EUR', ...rows).totalMinor;

  it.each([
    'Total',
    'Grand total',
    'Total paid:',
    'Amount paid',
    'Summe',
    'Gesamt',
    'Gesamtbetrag',
    'Zahlbetrag',
    'Zahlungsbetrag EUR',
  ])('stands behind "%s"', (word) => {
    expect(total(`${FIRST} 406,27`, `${word} 506,27`)).toBe(50_627);
  });

  it('is the last amount of the last total, or stands below it', () => {
    expect(total('Total 1,00 2,00 3,00')).toBe(300);
    expect(total('Total 1,00', 'Total 3,00')).toBe(300);
    expect(total('5,00', 'Total', '3,00 4,00')).toBe(300);
    expect(total('3,00', 'Total')).toBeNull();
    expect(total('3,00')).toBeNull();
  });

  it('is no subtotal and nothing carried forward', () => {
    expect(total('Total 3,00', 'Sub-total 2,00', 'Sub total 4,00')).toBe(400);
    expect(total('Total 3,00', 'Zwischensumme 2,00', 'Summe Übertrag 1,00')).toBe(300);
    expect(total('Total 3,00', 'Total carried forward 2,00')).toBe(300);
    expect(total('Total 3,00', 'Subtotal / total 2,00')).toBe(300);
  });

  it('is that of the lines where none is stated and each has an amount', () => {
    expect(total(`${FIRST} 406,27`, `${SECOND} 100,00`)).toBe(50_627);
    expect(total(`${FIRST} 406,27`, SECOND)).toBeNull();
  });
});

describe('who pays', () => {
  it.each([
    ['Payer: Acme', 'Acme'],
    ['Auftraggeber:Acme GmbH', 'Acme GmbH'],
    ['Firma | Acme', 'Acme'],
    ['Customer  :  Acme', 'Acme'],
    ['From: "Acme Payables" <ap@acme.example>', 'Acme Payables'],
    ['From: Acme <ap@acme.example> ', 'Acme'],
    ['From: Acme<a@b.example>  ', 'Acme'],
    ['From: The "Old" Mill', 'The "Old" Mill'],
    ['From: "A" <x> Mill', 'A" <x> Mill'],
    ['Our customer: Acme', null],
    ['Company Acme', null],
    ['From: <ap@acme.example>', null],
    ['From: <ap@acme.example>\nPayer: Acme', 'Acme'],
    [`Payer: ${'x'.repeat(121)}`, null],
    [`Payer: ${'x'.repeat(120)}`, 'x'.repeat(120)],
  ])('of "%s" is %s', (text, payer) => {
    expect(readRemittance(text, known).payer).toBe(payer);
  });
});
