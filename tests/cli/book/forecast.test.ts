/** `book forecast`, `explain` and workbooks through the names that scripts use, by hand-computed books. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBook } from '../../../connectors/book/read.ts';
import { writeBook } from '../../../connectors/book/write.ts';
import type { BillLine } from '../../../domain/bill-run/document.ts';
import type { Forecast } from '../../../domain/forecast/forecast.ts';
import { type Files, folder } from '../../connectors/book/books.ts';
import { type Preview, told, toldOf } from './told.ts';

const forecast = async (files: Files, from: string, months: number) => {
  const { code, answer } = await told<Forecast>(files, (path) => [
    'book',
    'forecast',
    path,
    '--from',
    from,
    '--months',
    String(months),
  ]);
  expect(code).toBe(0);
  return answer.months.map(
    ({ month, currency, billings, cash, earned }) =>
      `${month} ${currency} ${billings} ${cash} ${earned}`,
  );
};

describe('book forecast', () => {
  it('200.00 for 2026: billed in November, paid gross in December, earned by day from January on', async () => {
    expect(await forecast({}, '2025-11-01', 4)).toEqual([
      '2025-11 EUR 20000 0 0',
      '2025-12 EUR 0 23800 0',
      // 31/365, then 59/365 less what January had.
      '2026-01 EUR 0 0 1699',
      '2026-02 EUR 0 0 1534',
    ]);
  });

  it('a run before the first day is over: the next one bills', async () => {
    expect(await forecast({}, '2025-11-16', 3)).toEqual([
      '2025-11 EUR 0 0 0',
      '2025-12 EUR 20000 0 0',
      '2026-01 EUR 0 23800 1699',
    ]);
  });

  it('what is open comes on its due date, what is overdue at once; what was billed goes on being earned', async () => {
    const files = {
      invoices: `invoice,account,issued,due,contract,total,balance
I-1,A-1,2026-01-15,2026-02-14,C-1,238.00,100.00
I-2,A-1,2025-06-01,2025-07-01,,50.00,50.00
`,
      invoice_lines:
        'invoice,line,subcontract,sku,period_start,period_end,net\nI-1,1,S-1,M-1,2026-01-01,2026-12-31,200.00\n',
    };
    expect(await forecast(files, '2026-02-01', 2)).toEqual([
      // February earns 28 of 365 days: 59/365 less the 31/365 of January.
      '2026-02 EUR 0 15000 1534',
      '2026-03 EUR 0 0 1699',
    ]);
  });

  it('says whose money is missing', async () => {
    const { answer } = await told<Forecast>(
      { taxes: 'country,category,rate\nFR,S,20\n' },
      (path) => ['book', 'forecast', path, '--from', '2025-11-01', '--months', '1'],
    );
    expect(answer.setAside.map(({ contract, code }) => [contract, code])).toEqual([
      ['C-1', 'tax-rate-missing'],
    ]);
  });
});

describe('explain', () => {
  const explain = (files: Files, run: string) =>
    told<{ contract: string; run: string; lines: BillLine[]; held: object[]; setAside: object[] }>(
      files,
      (path) => ['explain', 'C-1', '--run', run, '--book', path],
    );

  it('a charge: its inputs and the arithmetic that made it', async () => {
    const files = {
      contracts:
        'contract,account,start,end,billing_frequency,discount_percent\nC-1,A-1,2026-01-01,2026-12-31,quarterly,10\n',
      subcontracts: 'subcontract,contract,sku,quantity,start\nS-1,C-1,M-1,2,2026-02-01\n',
    };
    const { answer } = await explain(files, '2025-12-15');
    // 2 × 100 × 3/12 × 59/90 × 0.9
    expect(answer.lines.map(({ net, explanation }) => [net, explanation.arithmetic])).toEqual([
      [2950, '2 × 100 × 3/12 × 59/90 × (1 − 10 %) = 29.5 → 29.50 EUR'],
    ]);
    expect(answer.lines[0]?.explanation.inputs).toMatchObject({
      quantity: '2',
      unitPrice: '100',
      priceSource: 'price list',
      days: '2026-02-01 to 2026-03-31',
      months: '3',
      share: '59/90',
      contractDiscountPercent: '10',
    });
  });

  it('an adjustment: what is owed, what was billed and by which invoice, with the charges as parts', async () => {
    const files = {
      invoices: 'invoice,account,issued,contract\nI-1,A-1,2026-01-15,C-1\n',
      invoice_lines:
        'invoice,line,subcontract,period_start,period_end,net\nI-1,1,S-1,2026-01-01,2026-12-31,150.00\n',
    };
    const { answer } = await explain(files, '2026-02-15');
    const [line] = answer.lines;
    expect(line?.explanation).toMatchObject({
      inputs: { expected: '200.00', billed: '150.00', invoices: 'I-1' },
      arithmetic: '200.00 − 150.00 = 50.00 EUR',
    });
    expect(line?.explanation.parts?.map(({ arithmetic }) => arithmetic)).toEqual([
      '2 × 100 = 200 → 200.00 EUR',
    ]);
  });

  it('what is held or set aside, with the reason', async () => {
    const old = { contracts: 'contract,account,start,end\nC-1,A-1,2024-01-01,2024-12-31\n' };
    expect((await explain(old, '2026-02-15')).answer.held).toHaveLength(1);
    const untaxed = { taxes: 'country,category,rate\nFR,S,20\n' };
    expect((await explain(untaxed, '2026-02-15')).answer.setAside).toEqual([
      expect.objectContaining({ contract: 'C-1', code: 'tax-rate-missing' }),
    ]);
  });
});

describe('a workbook', () => {
  it('answers like the CSV files that it was made of: decimals, dates and empty cells are the same', async () => {
    const path = await folder({
      contracts: `contract,account,start,end,anchor,billing_frequency,discount_percent,discount_from,discount_to,payment_terms
C-1,A-1,2026-01-01,2027-12-31,2026-01-31,monthly,12.5,2026-03-01,2026-03-15,2/10 net 30
C-2,A-1,2026-02-28,2029-02-27,,3 years,,,,
`,
      subcontracts: `subcontract,contract,sku,quantity,unit_price,included_quantity,recorded
S-1,C-1,M-1,2.5,,,
S-2,C-2,M-1,1000000,0.000125,,2026-01-10
`,
      amendments: `amendment,subcontract,kind,value,effective,recorded,reason
AM-1,S-1,add,0.5,2026-02-10,2026-02-01,
AM-2,S-2,move,C-1,2026-09-01,2026-03-01,
`,
    });
    try {
      const { book } = await readBook(path);
      const [workbook = ''] = await writeBook(book, join(path, 'out'), { format: 'xlsx' });
      const ask = (of: string) => toldOf<Preview>(['book', 'preview', of, '--run', '2026-04-15']);
      const [fromCsv, fromWorkbook] = [await ask(path), await ask(workbook)];
      expect(fromCsv.answer.invoices.length).toBeGreaterThan(0);
      expect(fromWorkbook).toEqual(fromCsv);
    } finally {
      await rm(path, { recursive: true });
    }
  });
});
