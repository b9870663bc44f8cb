/** Words of the dashboard: money, dates and names as people read them, whatever the browser's locale. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  daysBetween,
  dayText,
  monthText,
  relativeText,
  shareOfSpan,
  spoken,
  weekdayText,
} from '../../web/words/dates.ts';
import {
  amountText,
  changePercent,
  decimalText,
  moneyText,
  parseAmount,
  sumByCurrency,
} from '../../web/words/money.ts';
import {
  countedRows,
  invoiceState,
  inWords,
  paymentName,
  runTitle,
  subjectName,
} from '../../web/words/names.ts';
import { csvText, type FileColumn, fileRows } from '../../web/words/rows.ts';

describe('money', () => {
  it('has the digits of its currency, a true minus, and no rounding', () => {
    expect(moneyText({ amount: 119000, currency: 'EUR' }, 'en-US')).toBe('1,190.00 EUR');
    expect(amountText({ amount: 119000, currency: 'EUR' }, 'de-DE')).toBe('1.190,00');
    expect(amountText({ amount: -5, currency: 'USD' }, 'en-US')).toBe('−0.05');
    expect(amountText({ amount: 1234, currency: 'JPY' }, 'en-US')).toBe('1,234');
    expect(amountText({ amount: 1234, currency: 'KWD' }, 'en-US')).toBe('1.234');
    expect(amountText({ amount: Number.MAX_SAFE_INTEGER, currency: 'USD' }, 'en-US')).toBe(
      '90,071,992,547,409.91',
    );
  });

  it('reads what people type and refuses what would have to be guessed', () => {
    const euros = (text: string) => parseAmount(text, 'EUR');
    expect(euros('1190')).toBe(119000);
    expect(euros('1,190.00')).toBe(119000);
    expect(euros('1.190,00')).toBe(119000);
    expect(euros("1'190.5")).toBe(119050);
    expect(euros('1,190')).toBe(119000);
    expect(euros('0,05')).toBe(5);
    expect(euros('−12.30')).toBe(-1230);
    expect(parseAmount('1.234', 'KWD')).toBe(1234);
    expect(parseAmount('1,234', 'JPY')).toBe(1234);
    for (const text of ['', 'twelve', '1.2345', '1,2,3', '12,34.56', '1e5', '--1'])
      expect(euros(text)).toBeNull();
  });

  it('reads back every amount that it writes', () => {
    const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'EUR');
    const amount = fc.integer({ min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(amount, currency, (minor, code) => {
        const text = decimalText({ amount: minor, currency: code });
        // Three digits after a single point read as a group where the currency has other digits; ours never has them.
        expect(parseAmount(text, code)).toBe(minor === 0 ? 0 : minor);
      }),
    );
  });

  it('never adds across currencies', () => {
    const eur = { amount: 100, currency: 'EUR' };
    const usd = { amount: 7, currency: 'USD' };
    expect(sumByCurrency([usd, eur, null, eur])).toEqual([{ amount: 200, currency: 'EUR' }, usd]);
  });

  it('says a change in percent, and nothing where there was nothing', () => {
    expect(changePercent(1050, 1000)).toBe('+5.0 %');
    expect(changePercent(950, 1000)).toBe('−5.0 %');
    expect(changePercent(1000, 1000)).toBe('±0.0 %');
    expect(changePercent(10, null)).toBeNull();
    expect(changePercent(10, 0)).toBeNull();
  });
});

describe('dates', () => {
  it('are the days they name in every time zone, as the locale writes them', () => {
    expect(dayText('2026-11-15', 'en-GB')).toBe('15 Nov 2026');
    expect(weekdayText('2026-11-15', 'de-DE')).toContain('So');
    expect(monthText('2026-11', 'en-GB')).toBe('November 2026');
    expect(dayText('not a day')).toBe('not a day');
  });

  it('count whole days over a change of the clocks and over leap days', () => {
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(daysBetween('2028-02-28', '2028-03-01')).toBe(2);
    expect(relativeText('2026-11-15', '2026-11-15', 'en')).toBe('today');
    expect(relativeText('2026-11-18', '2026-11-15', 'en')).toBe('in 3 days');
    expect(relativeText('2026-11-03', '2026-11-15', 'en')).toBe('12 days ago');
  });

  it('lie on an axis within its ends', () => {
    expect(shareOfSpan('2026-01-01', '2026-01-01', '2026-01-11')).toBe(0);
    expect(shareOfSpan('2026-01-06', '2026-01-01', '2026-01-11')).toBe(50);
    expect(shareOfSpan('2030-01-06', '2026-01-01', '2026-01-11')).toBe(100);
  });

  it('are spoken inside sentences, with a minus before amounts alone', () => {
    expect(spoken('due on 2027-01-14, -12.30 EUR for C-1042', 'en-GB')).toBe(
      'due on 14 Jan 2027, −12.30 EUR for C-1042',
    );
    expect(spoken('The bill run of 2026-12 is ready', 'en-GB')).toBe(
      'The bill run of December 2026 is ready',
    );
  });
});

describe('names', () => {
  it('never show an id that only a machine knows', () => {
    const payment = {
      payment: 'manual:6b0e7a2c-6a0f-4c3e-9d55-1f1f6a1c2b3d-77',
      reference: null,
      payer: 'Acme',
      account: null,
      receivedOn: '2026-11-03',
    };
    expect(paymentName(payment, 'en-GB')).toBe('Acme, 3 Nov 2026');
    expect(paymentName({ ...payment, payer: null }, 'en-GB')).toBe('Payment of 3 Nov 2026');
    expect(paymentName({ ...payment, payment: 'P-1001' })).toBe('P-1001');
    expect(subjectName('contract:C-1042')).toBe('C-1042');
    expect(subjectName('bill-run:2026-11')).toBe('2026-11');
    expect(subjectName('approval:invoice.credit:US-1:0a1b2c')).toBeNull();
  });

  it('say the worst of an invoice first', () => {
    const invoice = {
      state: 'issued',
      overdueDays: 12,
      type: 'invoice',
      disputed: false,
      balance: { amount: 1, currency: 'EUR' },
    } as const;
    expect(invoiceState(invoice)).toEqual({ words: 'Overdue', tone: 'bad' });
    expect(invoiceState({ ...invoice, disputed: true }).words).toBe('Disputed');
    expect(invoiceState({ ...invoice, overdueDays: 0, state: 'paid' }).words).toBe('Paid');
    expect(inWords('bill-run.approve')).toBe('Bill run: approve');
  });
});

describe('files of a list', () => {
  interface Row {
    readonly name: string;
    readonly minor: number;
  }
  const columns: readonly FileColumn<Row>[] = [
    { label: 'Name', value: (row) => row.name },
    {
      label: 'Open',
      value: (row) => row.minor,
      money: (row) => ({ amount: row.minor, currency: 'EUR' }),
    },
  ];

  it('hold amounts that a sheet can add, and run no formula', () => {
    const rows = fileRows(columns, [{ name: '=HYPERLINK("x"), "quoted"', minor: -119000 }]);
    expect(csvText(rows)).toBe(
      'Name,Open,Open currency\r\n"\'=HYPERLINK(""x""), ""quoted""",-1190.00,EUR\r\n',
    );
  });
});

describe('runs', () => {
  it('are named by their month, and one that bills a finding by that', () => {
    expect(runTitle('2026-11', 'en')).toBe('Bill run of November 2026');
    expect(runTitle('2026-11@DEMO', 'en')).toBe('Bill run of November 2026');
    expect(runTitle('2026-11+F-17', 'en')).toBe('Billing of F-17, November 2026');
    expect(runTitle('2026-11+C-17.2', 'en')).toBe('Billing of C-17.2, November 2026');
    expect(subjectName('bill-run:2026-11+C-17.2')).toBe('2026-11+C-17.2');
    expect(subjectName('bill-run:2026-11+F-17')).toBe('2026-11+F-17');
  });
});

describe('rows of the book, counted', () => {
  it.each([
    [1, 'entities', '1 entity'],
    [1, 'invoice_lines', '1 invoice line'],
    [0, 'accounts', '0 accounts'],
    [466, 'payment_allocations', '466 payment allocations'],
  ])('%i of %s: %s', (rows, table, words) => {
    expect(countedRows(rows, table)).toBe(words);
  });
});
