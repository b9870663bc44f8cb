/**
 * The billing rules sentence by sentence, through the names that scripts use: small books as CSV files, `perennial book
 * preview`, and amounts that were computed by hand. Unless a story says otherwise: two units at 100.00 EUR a year, 19 % tax.
 */
import { describe, expect, it } from 'vitest';
import { aside, documents, lines, type Preview, preview, short, sums, told } from './told.ts';

const contracts = (columns: string, values: string) =>
  `contract,account,start,end,${columns}\nC-1,A-1,2026-01-01,2026-12-31,${values}\n`;
const contract = (start: string, end: string, columns = '', values = '') =>
  `contract,account,start,end${columns && `,${columns}`}\nC-1,A-1,${start},${end}${values && `,${values}`}\n`;
const amendments = (...rows: string[]) =>
  `amendment,subcontract,kind,value,effective,recorded,reason\n${rows.join('\n')}\n`;
const subcontract = (columns: string, values: string) =>
  `subcontract,contract,sku,quantity,${columns}\nS-1,C-1,M-1,2,${values}\n`;
const priced = (quantity: string, price: string) =>
  `subcontract,contract,sku,quantity,unit_price\nS-1,C-1,M-1,${quantity},${price}\n`;
const policies = (...rows: string[]) => `scope,id,policy,value\n${rows.join('\n')}\n`;

/** An issued invoice of one line each: number, date, subcontract, first day, last day, net. */
const history = (...rows: readonly [string, string, string, string, string, string][]) => ({
  invoices: `invoice,account,issued,contract\n${rows.map(([id, on]) => `${id},A-1,${on},C-1`).join('\n')}\n`,
  invoice_lines: `invoice,line,subcontract,sku,period_start,period_end,net\n${rows
    .map(([id, , of, from, through, net]) => `${id},1,${of},M-1,${from},${through},${net}`)
    .join('\n')}\n`,
});

describe('periods (§3)', () => {
  it('start 2011-01-01, anchor day 15, end 2012-01-26, annual: 14/365, then 1, then 12/366', async () => {
    // 365 × 366 a year, so that both fractions come out even.
    const answer = await preview(
      {
        contracts: contract('2011-01-01', '2012-01-26', 'anchor', '2011-01-15'),
        subcontracts: priced('1', '133590'),
      },
      '2011-12-15',
    );
    expect(short(answer)).toEqual([
      'S-1 recurring 2011-01-01..2011-01-14 512400',
      'S-1 recurring 2011-01-15..2012-01-14 13359000',
      'S-1 recurring 2012-01-15..2012-01-26 438000',
    ]);
  });

  it.each([
    ['monthly', '2026-01-15', ['2026-01-01..2026-01-31 1667', '2026-02-01..2026-02-28 1667']],
    ['quarterly', '2026-03-15', ['2026-01-01..2026-03-31 5000', '2026-04-01..2026-06-30 5000']],
    ['semiannual', '2026-06-15', ['2026-01-01..2026-06-30 10000', '2026-07-01..2026-12-31 10000']],
    ['annual', '2025-11-15', ['2026-01-01..2026-12-31 20000']],
  ])('%s, as far as the horizon reaches', async (frequency, run, expected) => {
    const answer = await preview({ contracts: contracts('billing_frequency', frequency) }, run);
    expect(short(answer)).toEqual(expected.map((words) => `S-1 recurring ${words}`));
  });

  it('three years prepaid are one line; billed annually they are three, each in its year', async () => {
    const prepaid = {
      contracts: contract('2026-01-01', '2028-12-31', 'billing_frequency', '3 years'),
    };
    expect(short(await preview(prepaid, '2026-01-15'))).toEqual([
      'S-1 recurring 2026-01-01..2028-12-31 60000',
    ]);
    const annually = { contracts: contract('2026-01-01', '2028-12-31') };
    expect(short(await preview(annually, '2026-10-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 20000',
    ]);
    expect(short(await preview(annually, '2026-11-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 20000',
      'S-1 recurring 2027-01-01..2027-12-31 20000',
    ]);
  });

  it('month ends clamp and the anchor is kept: 31 Jan, 28 Feb, 31 Mar', async () => {
    const answer = await preview(
      { contracts: contract('2026-01-31', '2026-05-30', 'billing_frequency', 'monthly') },
      '2026-04-15',
    );
    expect(lines(answer).map((line) => `${line.periodStart}..${line.periodEnd}`)).toEqual([
      '2026-01-31..2026-02-27',
      '2026-02-28..2026-03-30',
      '2026-03-31..2026-04-29',
      '2026-04-30..2026-05-30',
    ]);
  });

  it('an anchor moved from 1 January to 1 April bills the ninety days between once', async () => {
    const files = {
      contracts: contract('2026-01-01', '2027-12-31', 'anchor', '2026-04-01'),
      subcontracts: priced('1', '365'),
      ...history(['I-1', '2025-11-15', 'S-1', '2026-01-01', '2026-12-31', '365.00']),
    };
    // The stub is worth 90 of the 365 that were billed; the year from April on is billed in full: 90 more in all.
    const answer = await preview(files, '2026-06-15');
    expect(short(answer)).toEqual([
      'S-1 adjustment 2026-01-01..2026-03-31 -27500',
      'S-1 recurring 2026-04-01..2027-03-31 36500',
    ]);
    expect(documents(answer)[0]?.net).toBe(9000);
  });

  it('a termination takes effect after its date; the last day is billed', async () => {
    const answer = await preview(
      { contracts: contracts('terminated_on', '2026-01-31'), subcontracts: priced('1', '365') },
      '2026-01-15',
    );
    expect(short(answer)).toEqual(['S-1 recurring 2026-01-01..2026-01-31 3100']);
  });
});

describe('proration (§3)', () => {
  const from = (proration: string) => ({
    contracts: contracts('proration', proration),
    subcontracts: subcontract('unit_price,start', '180,2026-03-16'),
  });

  it.each([
    // 16 March to 31 December: 291 of 365 days; 9 months and 15 days of 30; ten of twelve months; the whole period.
    ['daily', 28701],
    ['thirty360', 28500],
    ['whole-months', 30000],
    ['none', 36000],
  ])('%s', async (proration, net) => {
    expect(lines(await preview(from(proration), '2026-01-15')).map((line) => line.net)).toEqual([
      net,
    ]);
  });

  it('a month belongs to the segment that is active on its first active day', async () => {
    const files = {
      contracts: contracts('proration', 'whole-months'),
      subcontracts: priced('1', '120'),
      amendments: amendments('A-1,S-1,quantity,2,2026-06-15,,'),
    };
    // June is still the first segment's: 6 × 10, then 6 × 20.
    expect(lines(await preview(files, '2026-01-15')).map((line) => line.net)).toEqual([
      6000, 12000,
    ]);
  });
});

describe('amendments (§3)', () => {
  const year = { subcontracts: priced('10', '365') };

  it('cut the year: each segment is its own charge, in the same period', async () => {
    const answer = await preview(
      {
        ...year,
        amendments: amendments('A-1,S-1,add,5,2026-07-01,,', 'A-2,S-1,price,73,2026-10-01,,'),
      },
      '2026-01-15',
    );
    // 181 days × 10, 92 × 15, 92 × 15 at a fifth of the price.
    expect(short(answer)).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 181000',
      'S-1 recurring 2026-01-01..2026-12-31 138000',
      'S-1 recurring 2026-01-01..2026-12-31 27600',
    ]);
    expect(lines(answer).map((line) => line.quantity)).toEqual(['10', '15', '15']);
  });

  it('before the start hold from it, in the order of their effective dates', async () => {
    const answer = await preview(
      {
        ...year,
        amendments: amendments('A-1,S-1,add,1,2025-12-01,,', 'A-2,S-1,quantity,4,2025-11-01,,'),
      },
      '2026-01-15',
    );
    expect(lines(answer).map((line) => [line.quantity, line.net])).toEqual([['5', 182500]]);
  });

  it('on one day apply by recorded date, then id', async () => {
    const answer = await preview(
      {
        ...year,
        amendments: amendments(
          'A-3,S-1,quantity,7,2026-01-01,2026-01-02,',
          'A-9,S-1,add,1,2026-01-01,2026-01-02,',
          'A-1,S-1,quantity,1,2026-01-01,2026-01-05,',
        ),
      },
      '2026-01-15',
    );
    expect(lines(answer).map((line) => line.quantity)).toEqual(['1']);
    const before = await preview(
      {
        ...year,
        amendments: amendments(
          'A-9,S-1,add,1,2026-01-01,2026-01-02,',
          'A-3,S-1,quantity,7,2026-01-01,2026-01-02,',
        ),
      },
      '2026-01-15',
    );
    expect(lines(before).map((line) => line.quantity)).toEqual(['8']);
  });

  it('removal: the day before is the last one covered; a pause costs nothing until it ends', async () => {
    const removed = await preview(
      { ...year, amendments: amendments('A-1,S-1,remove,,2026-02-01,,') },
      '2026-01-15',
    );
    expect(lines(removed).map((line) => [line.net, line.coverEnd])).toEqual([
      [31000, '2026-01-31'],
    ]);
    const paused = await preview(
      {
        ...year,
        amendments: amendments('A-1,S-1,pause,,2026-02-01,,', 'A-2,S-1,resume,,2026-03-01,,'),
      },
      '2026-01-15',
    );
    expect(lines(paused).map((line) => line.net)).toEqual([31000, 306000]);
  });

  it('after the end or the removal are reported and ignored; nothing is set aside', async () => {
    const answer = await preview(
      {
        ...year,
        amendments: amendments(
          'A-1,S-1,remove,,2026-02-01,,',
          'A-2,S-1,quantity,99,2026-03-01,,',
          'A-3,S-1,price,1,2027-01-01,,',
        ),
      },
      '2026-01-15',
    );
    expect(lines(answer).map((line) => line.net)).toEqual([31000]);
    expect(answer.setAside).toEqual([]);
    expect(answer.warnings.join()).toMatch(/A-2 .*ignored.*A-3 .*ignored/);
  });

  it('a ramp: prices agreed in advance for later years, annually and prepaid', async () => {
    const ramp = amendments(
      'A-1,S-1,price,200,2027-01-01,2025-12-01,',
      'A-2,S-1,price,300,2028-01-01,2025-12-01,',
    );
    const term = (frequency: string) =>
      contract('2026-01-01', '2028-12-31', 'billing_frequency', frequency);
    const annual = {
      contracts: term('annual'),
      subcontracts: priced('1', '100'),
      amendments: ramp,
    };
    expect(short(await preview(annual, '2026-12-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 10000',
      'S-1 recurring 2027-01-01..2027-12-31 20000',
    ]);
    // 1096 days: 365/1096 × 300, 365/1096 × 600, 366/1096 × 900.
    const prepaid = { ...annual, contracts: term('3 years') };
    expect(lines(await preview(prepaid, '2026-01-15')).map((line) => line.net)).toEqual([
      9991, 19982, 30055,
    ]);
  });

  it('reductions that wait: the highest agreed stands until the next period, a correction credits', async () => {
    const waiting = (row: string) => ({
      contracts: contract('2026-01-01', '2027-12-31', 'reductions', 'next-period'),
      ...year,
      ...history(['I-1', '2025-11-15', 'S-1', '2026-01-01', '2026-12-31', '3650.00']),
      amendments: amendments(row),
    });
    expect(short(await preview(waiting('A-1,S-1,quantity,6,2026-07-01,,'), '2026-11-15'))).toEqual([
      'S-1 recurring 2027-01-01..2027-12-31 219000',
    ]);
    const corrected = await preview(
      waiting('A-1,S-1,quantity,6,2026-07-01,,correction'),
      '2026-08-15',
    );
    // Four units for the 184 days from July on.
    expect(short(corrected)).toEqual(['S-1 adjustment 2026-01-01..2026-12-31 -73600']);
    expect(corrected.creditNotes).toHaveLength(1);
  });

  it('co-terming: what joins in July ends with its contract, whatever end it was given', async () => {
    const files = { subcontracts: subcontract('start,end', '2026-07-01,2027-06-30') };
    // 184/365 of 200.00; the period is the contract's.
    expect(short(await preview(files, '2026-05-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 10082',
    ]);
    const earlier = { subcontracts: subcontract('start,end', '2026-07-01,2026-09-30') };
    expect(short(await preview(earlier, '2026-05-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 5041',
    ]);
  });
});

describe('a move between contracts (§1, §3)', () => {
  const files = {
    contracts: `contract,account,start,end,currency
C-1,A-1,2026-01-01,2026-12-31,
C-2,A-1,2026-04-01,2027-03-31,
C-3,A-1,2026-01-01,2026-12-31,USD
`,
    subcontracts: priced('1', '365'),
    ...history(['I-1', '2025-11-15', 'S-1', '2026-01-01', '2026-12-31', '365.00']),
  };

  it('credits where it was billed, charges where it went, and ends with the new contract', async () => {
    const answer = await preview(
      { ...files, amendments: amendments('A-1,S-1,move,C-2,2026-07-01,,') },
      '2026-08-15',
    );
    // C-1 keeps 181 days; C-2 has 1 July to 31 March, 274 of 365.
    expect(documents(answer).map((document) => [document.contract, document.net])).toEqual([
      ['C-2', 27400],
      ['C-1', -18400],
    ]);
    expect(short(answer)).toEqual([
      'S-1 recurring 2026-04-01..2027-03-31 27400',
      'S-1 adjustment 2026-01-01..2026-12-31 -18400',
    ]);
  });

  it('to another currency sets aside, and says what to do', async () => {
    const answer = await preview(
      { ...files, amendments: amendments('A-1,S-1,move,C-3,2026-07-01,,') },
      '2026-08-15',
    );
    expect(aside(answer)).toEqual(['C-1 move-currency', 'C-3 move-currency']);
    expect(answer.setAside[0]?.reason).toContain('A-1');
  });
});

describe('known on a date (§1)', () => {
  it('a preview of a past date answers as it was known then; later the difference is one line', async () => {
    const files = {
      subcontracts: priced('10', '365'),
      amendments: amendments('A-1,S-1,quantity,8,2026-03-01,2026-06-01,'),
      ...history(['I-1', '2026-01-15', 'S-1', '2026-01-01', '2026-12-31', '3650.00']),
    };
    expect(documents(await preview(files, '2026-05-15'))).toEqual([]);
    const answer = await preview(files, '2026-06-15');
    expect(short(answer)).toEqual(['S-1 adjustment 2026-01-01..2026-12-31 -61200']);
    const [line] = lines(answer);
    expect([line?.quantity, line?.unitPrice]).toEqual(['1', '-612.00']);
  });

  it('an invoice is known from its issue date on', async () => {
    const files = history(['I-1', '2026-02-20', 'S-1', '2026-01-01', '2026-12-31', '200.00']);
    expect(documents(await preview(files, '2026-02-15'))).toHaveLength(1);
    expect(documents(await preview(files, '2026-03-15'))).toEqual([]);
  });
});

describe('history (§1)', () => {
  it.each(['draft', 'void'])('a %s counts for nothing', async (status) => {
    const files = {
      invoices: `invoice,account,issued,contract,status\nI-1,A-1,2026-01-15,C-1,${status}\n`,
      invoice_lines:
        'invoice,line,subcontract,sku,period_start,period_end,net\nI-1,1,S-1,M-1,2026-01-01,2026-12-31,200.00\n',
    };
    expect(short(await preview(files, '2026-02-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 20000',
    ]);
  });

  it('a line without a period counts by its issue date; a credit note takes it back', async () => {
    const files = {
      invoices: `invoice,account,issued,type,credits
I-1,A-1,2026-01-20,invoice,
I-2,A-1,2026-02-01,credit_note,I-1
`,
      invoice_lines: 'invoice,line,subcontract,net\nI-1,1,S-1,200.00\nI-2,1,S-1,-50.00\n',
    };
    const answer = await preview(files, '2026-02-15');
    expect(short(answer)).toEqual(['S-1 adjustment 2026-01-01..2026-12-31 5000']);
  });

  it('billed past a subcontract’s end is credited', async () => {
    const files = {
      subcontracts: subcontract('end', '2026-06-30'),
      ...history(['I-1', '2026-01-15', 'S-1', '2026-01-01', '2026-12-31', '200.00']),
    };
    // 184/365 of 200.00.
    expect(short(await preview(files, '2026-07-15'))).toEqual([
      'S-1 adjustment 2026-01-01..2026-12-31 -10082',
    ]);
  });

  it('of a recurring product without a subcontract waits for a person; other lines match nothing', async () => {
    const line = (sku: string) => ({
      products: 'sku,name,kind\nM-1,Maintenance,maintenance\nT-1,Training,fee\n',
      invoices: 'invoice,account,issued,contract\nI-1,A-1,2026-01-20,C-1\n',
      invoice_lines: `invoice,line,sku,net\nI-1,1,${sku},200.00\n`,
    });
    expect(aside(await preview(line('M-1'), '2026-02-15'))).toEqual(['C-1 history-unassigned']);
    expect(short(await preview(line('T-1'), '2026-02-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 20000',
    ]);
  });
});

describe('cut-over (§1)', () => {
  const taken = (billFrom: string) => ({
    contracts: contract('2025-01-01', '2027-12-31', 'bill_from', billFrom),
    subcontracts: priced('10', '365'),
  });

  it('the running period was billed elsewhere, the next one is billed here', async () => {
    expect(documents(await preview(taken('2026-05-01'), '2026-06-15'))).toEqual([]);
    expect(short(await preview(taken('2026-05-01'), '2026-11-15'))).toEqual([
      'S-1 recurring 2027-01-01..2027-12-31 365000',
    ]);
  });

  it('a period that starts on the day bills in full', async () => {
    expect(short(await preview(taken('2026-01-01'), '2026-06-15'))).toEqual([
      'S-1 recurring 2026-01-01..2026-12-31 365000',
    ]);
  });

  it('only later facts bill: recorded on or after the day, or, unrecorded, effective on it or later', async () => {
    const files = {
      ...taken('2026-05-01'),
      amendments: amendments(
        'A-1,S-1,add,1,2026-03-01,2026-04-30,',
        'A-2,S-1,add,2,2026-03-01,2026-05-01,',
        'A-3,S-1,add,4,2026-04-30,,',
        'A-4,S-1,add,8,2026-07-01,,',
      ),
    };
    // A-2: 2 × 306 days; A-4: 8 × 184 days. One line for the difference.
    expect(short(await preview(files, '2026-06-15'))).toEqual([
      'S-1 adjustment 2026-01-01..2026-12-31 208400',
    ]);
  });

  it('the entity’s day holds where the contract gives none', async () => {
    const files = {
      ...taken(''),
      entities: 'entity,legal_name,country,currency,cutover\nE1,Seller,DE,EUR,2026-05-01\n',
    };
    expect(documents(await preview(files, '2026-06-15'))).toEqual([]);
  });
});

describe('old finds (§1)', () => {
  const files = { contracts: contract('2025-06-15', '2027-06-14') };

  it('exactly twelve months before the run are billed, a day more is held', async () => {
    expect(short(await preview(files, '2026-06-15'))).toHaveLength(2);
    const answer = await preview(files, '2026-06-16');
    expect(short(answer)).toEqual(['S-1 recurring 2026-06-15..2027-06-14 20000']);
    expect(answer.held).toEqual([
      expect.objectContaining({
        contract: 'C-1',
        subcontract: 'S-1',
        periodStart: '2025-06-15',
        net: 20000,
      }),
    ]);
    expect(answer.control.EUR).toMatchObject({ due: 40000, invoiced: 20000, held: 20000 });
  });
});

describe('caught up (§4)', () => {
  it('what the previous run would have billed is marked with the month it was due', async () => {
    const monthly = { contracts: contracts('billing_frequency', 'monthly') };
    expect(
      lines(await preview(monthly, '2026-03-15')).map((line) => [
        line.periodStart,
        line.caughtUp,
        line.dueMonth,
      ]),
    ).toEqual([
      ['2026-01-01', true, '2025-12'],
      ['2026-02-01', true, '2026-01'],
      ['2026-03-01', true, '2026-02'],
      ['2026-04-01', false, undefined],
    ]);
  });

  it('what was learnt since is not', async () => {
    const late = { subcontracts: subcontract('recorded', '2026-03-01') };
    expect(lines(await preview(late, '2026-03-15')).map((line) => line.caughtUp)).toEqual([false]);
  });
});

describe('prices and discounts (§5)', () => {
  const list = (...rows: string[]) =>
    `price_list,sku,currency,unit_price,min_quantity,tier,tax,valid_from,valid_to\n${rows.join('\n')}\n`;

  it('volume: all units at the reached price; graduated: each unit at its own', async () => {
    const tiers = (model: string) => ({
      prices: list(
        `default,M-1,EUR,10,1,${model},,,`,
        `default,M-1,EUR,8,11,${model},,,`,
        `default,M-1,EUR,5,101,${model},,,`,
      ),
      subcontracts:
        'subcontract,contract,sku,quantity\nS-1,C-1,M-1,120\nS-2,C-1,M-1,10\nS-3,C-1,M-1,11\n',
    });
    expect(lines(await preview(tiers('volume'), '2026-01-15')).map((line) => line.net)).toEqual([
      60000, 10000, 8800,
    ]);
    // 10 × 10 + 90 × 8 + 20 × 5 = 920; 10 × 10; 10 × 10 + 1 × 8.
    expect(lines(await preview(tiers('graduated'), '2026-01-15')).map((line) => line.net)).toEqual([
      92000, 10000, 10800,
    ]);
  });

  it('line discount, contract discount, promotion, one after the other, rounded once', async () => {
    const files = {
      contracts: contracts('discount_percent', '10'),
      subcontracts: subcontract('unit_price,discount_percent,promotion', '33.33,5,SPRING'),
      promotions: 'promotion,percent,amount,currency\nSPRING,2,1.00,EUR\n',
    };
    // 66.66 × 0.95 × 0.9 × 0.98 − 1.00 = 54.8544…
    expect(lines(await preview(files, '2026-01-15')).map((line) => line.net)).toEqual([5485]);
  });

  it('dated ones cut: the first day and the day after the last', async () => {
    const files = {
      contracts: contracts(
        'discount_percent,discount_from,discount_to',
        '50,2026-02-01,2026-02-28',
      ),
      subcontracts: priced('1', '365'),
    };
    expect(
      lines(await preview(files, '2026-01-15')).map((line) => [line.coverStart, line.net]),
    ).toEqual([
      ['2026-01-01', 3100],
      ['2026-02-01', 1400],
      ['2026-03-01', 30600],
    ]);
  });

  it('a promotional amount is taken off once a period, not prorated', async () => {
    const files = {
      contracts: contracts('billing_frequency', 'semiannual'),
      subcontracts: subcontract('start,promotion', '2026-04-01,GIFT'),
      promotions: 'promotion,amount,currency,valid_to\nGIFT,7.00,EUR,2026-09-30\n',
    };
    // 91/181 of 100.00, less 7.00; the second half: 92/184 with the promotion, 92/184 without.
    expect(lines(await preview(files, '2026-06-15')).map((line) => line.net)).toEqual([
      4328, 4300, 5000,
    ]);
  });

  it('a list price is the one on the period’s start and never cuts', async () => {
    const files = {
      contracts: contract('2026-01-01', '2027-12-31', 'billing_frequency', 'annual'),
      prices: list('default,M-1,EUR,100,,,,,2026-06-30', 'default,M-1,EUR,120,,,,2026-07-01,'),
    };
    expect(lines(await preview(files, '2026-11-15')).map((line) => line.net)).toEqual([
      20000, 24000,
    ]);
  });

  it('a missing price sets the contract aside, and no other', async () => {
    const files = {
      contracts:
        'contract,account,start,end\nC-1,A-1,2026-01-01,2026-12-31\nC-2,A-1,2026-01-01,2026-12-31\n',
      subcontracts:
        'subcontract,contract,sku,quantity,unit_price\nS-1,C-1,M-1,2,\nS-2,C-2,M-1,2,1\n',
      prices: list('default,M-1,USD,100,,,,,'),
    };
    const answer = await preview(files, '2026-01-15');
    expect(aside(answer)).toEqual(['C-1 missing-price']);
    expect(short(answer)).toEqual(['S-2 recurring 2026-01-01..2026-12-31 200']);
  });

  it.each([
    // A thousand calls at 0.000125; a third of a yen rounds down, half a one up; KWD has three decimals.
    ['EUR', '1000', '0.000125', 13],
    ['JPY', '1', '100.5', 101],
    ['JPY', '1', '100.4', 100],
    ['KWD', '3', '1.234567', 3704],
  ])('%s: %s at %s', async (currency, quantity, price, net) => {
    const files = {
      accounts: `account,name,currency,country\nA-1,Acme,${currency},DE\n`,
      subcontracts: priced(quantity, price),
    };
    expect(lines(await preview(files, '2026-01-15')).map((line) => line.net)).toEqual([net]);
  });
});

describe('tax (§5)', () => {
  const two = (one: string, other: string) =>
    `subcontract,contract,sku,quantity,unit_price\nS-1,C-1,M-1,1,${one}\nS-2,C-1,M-1,1,${other}\n`;

  it('is computed on the sum of the nets, then rounded', async () => {
    // 19 % of 0.03 + 0.03: 0.0114; line by line it would be 0.02.
    expect(sums(await preview({ subcontracts: two('0.03', '0.03') }, '2026-01-15'))).toEqual([
      '6+1=7 due 2026-02-14',
    ]);
  });

  it('inclusive prices: the total is the gross', async () => {
    const files = {
      prices: 'price_list,sku,currency,unit_price,tax\ndefault,M-1,EUR,10.05,inclusive\n',
      subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,1\nS-2,C-1,M-1,1\n',
    };
    // 10.05 ÷ 1.19 = 8.4454 → 8.45 each.
    expect(sums(await preview(files, '2026-01-15'))).toEqual(['1690+320=2010 due 2026-02-14']);
  });

  it.each([
    ['issue', '2026-06-15', '16'],
    ['start', '2026-06-15', '19'],
    ['end', '2026-06-15', '7'],
  ])('tax point %s', async (point, run, rate) => {
    const files = {
      taxes:
        'country,category,rate,valid_from,valid_to\nDE,S,19,,2026-03-31\nDE,S,16,2026-04-01,2026-06-30\nDE,S,7,2026-07-01,\n',
      policies: policies(`account,A-1,tax_point,${point}`),
    };
    expect(lines(await preview(files, run)).map((line) => line.taxRate)).toEqual([rate]);
  });

  it('the place of delivery, its region and the tax class decide; the most precise row wins', async () => {
    const files = {
      accounts: 'account,name,country,delivery_country,delivery_region\nA-1,Acme,DE,US,NY\n',
      products:
        'sku,name,kind,tax_class\nM-1,Maintenance,maintenance,software\nH-1,Help,maintenance,\n',
      taxes:
        'country,region,category,tax_class,rate\nDE,,S,,19\nUS,,S,,1\nUS,NY,S,,4\nUS,NY,S,software,8.875\nUS,CA,S,software,9\n',
      subcontracts:
        'subcontract,contract,sku,quantity,unit_price\nS-1,C-1,M-1,1,100\nS-2,C-1,H-1,1,100\n',
    };
    expect(lines(await preview(files, '2026-01-15')).map((line) => line.taxRate)).toEqual([
      '8.875',
      '4',
    ]);
  });

  it('the account’s category wins over the product’s; a reason is given', async () => {
    const files = {
      accounts: 'account,name,country,tax_category\nA-1,Acme,FR,AE\n',
      products: 'sku,name,kind,tax_category\nM-1,Maintenance,maintenance,Z\n',
      taxes: 'country,category,rate\nFR,AE,0\nFR,Z,0\n',
    };
    const [document] = documents(await preview(files, '2026-01-15'));
    expect(document?.taxes).toEqual([
      {
        category: 'AE',
        rate: '0',
        base: 20000,
        tax: 0,
        reason: expect.stringMatching(/reverse charge/i),
      },
    ]);
  });

  it('an exemption holds through its last day', async () => {
    const files = (expires: string) => ({
      accounts: `account,name,country,tax_category,exemption_certificate,exemption_expires\nA-1,Acme,DE,E,X-1,${expires}\n`,
      taxes: 'country,category,rate\nDE,S,19\nDE,E,0\n',
    });
    expect(lines(await preview(files('2026-01-15'), '2026-01-15'))[0]?.taxCategory).toBe('E');
    expect(lines(await preview(files('2026-01-14'), '2026-01-15'))[0]?.taxCategory).toBe('S');
  });

  it('no match sets aside; without a table the rate is zero and a warning says so', async () => {
    expect(
      aside(await preview({ taxes: 'country,category,rate\nFR,S,20\n' }, '2026-01-15')),
    ).toEqual(['C-1 tax-rate-missing']);
    const untaxed = await preview({ taxes: null }, '2026-01-15');
    expect(sums(untaxed)).toEqual(['20000+0=20000 due 2026-02-14']);
    expect(untaxed.warnings.join()).toMatch(/no taxes.*zero/);
  });

  it('a VAT number that is not validated yet holds its invoice and no other', async () => {
    const files = {
      accounts: `account,name,country,tax_id,tax_category
A-1,Acme,FR,FR40303265045,AE
A-2,Beta,FR,,S
A-3,Gamma,FR,FR40303265044,AE
`,
      contracts: `contract,account,start,end
C-1,A-1,2026-01-01,2026-12-31
C-2,A-2,2026-01-01,2026-12-31
C-3,A-3,2026-01-01,2026-12-31
`,
      subcontracts:
        'subcontract,contract,sku,quantity\nS-1,C-1,M-1,2\nS-2,C-2,M-1,2\nS-3,C-3,M-1,2\n',
      taxes: 'country,category,rate\nFR,AE,0\nFR,S,20\n',
      policies: policies('entity,E1,vat_check,vies'),
    };
    const answer = await preview(files, '2026-01-15');
    expect(aside(answer)).toEqual(['C-1 vat-pending', 'C-3 vat-invalid']);
    expect(sums(answer)).toEqual(['20000+4000=24000 due 2026-02-14']);
    expect(answer.control.EUR).toMatchObject({ due: 60000, invoiced: 20000, setAside: 40000 });
    const offline = { ...files, policies: policies('entity,E1,vat_check,format') };
    expect(aside(await preview(offline, '2026-01-15'))).toEqual(['C-3 vat-invalid']);
  });
});

describe('due dates (§5)', () => {
  it.each([
    ['net 14', '2026-01-29'],
    ['net 30 end-of-month', '2026-02-28'],
    ['due on receipt', '2026-01-15'],
    ['2/10 net 45', '2026-03-01'],
  ])('%s', async (terms, due) => {
    const answer = await preview({ contracts: contracts('payment_terms', terms) }, '2026-01-15');
    expect(documents(answer).map((document) => document.dueDate)).toEqual([due]);
  });

  it('move to the next business day where the policy says so: from a Saturday to Monday', async () => {
    const files = {
      contracts: contracts('payment_terms', 'net 30'),
      policies: policies('contract,C-1,due_day,next-business-day'),
    };
    const answer = await preview(files, '2026-01-15');
    expect(documents(answer).map((document) => document.dueDate)).toEqual(['2026-02-16']);
  });

  it('and past the seller’s holidays', async () => {
    const files = {
      policies: policies('entity,E1,due_day,next-business-day', 'entity,E1,holidays,02-16'),
    };
    const answer = await preview(files, '2026-01-15');
    expect(documents(answer).map((document) => document.dueDate)).toEqual(['2026-02-17']);
  });

  it('the contract’s terms win over the account’s, these over the default; nonsense sets aside', async () => {
    const accounts = 'account,name,country,payment_terms\nA-1,Acme,DE,net 10\n';
    const own = { accounts, contracts: contracts('payment_terms', 'net 20') };
    expect(documents(await preview(own, '2026-01-15'))[0]?.dueDate).toBe('2026-02-04');
    expect(documents(await preview({ accounts }, '2026-01-15'))[0]?.dueDate).toBe('2026-01-25');
    const odd = { contracts: contracts('payment_terms', 'when it suits') };
    const answer = await preview(odd, '2026-01-15');
    expect([documents(answer), answer.setAside.length]).toEqual([[], 1]);
  });
});

describe('arrears and one-off (§3)', () => {
  it('a license is charged once, from its start on, in full', async () => {
    const files = {
      products: 'sku,name,kind\nM-1,Seat,license\n',
      subcontracts: subcontract('start', '2026-07-01'),
    };
    expect(documents(await preview(files, '2026-06-15'))).toEqual([]);
    expect(short(await preview(files, '2026-07-15'))).toEqual([
      'S-1 one-off 2026-01-01..2026-12-31 20000',
    ]);
  });

  it('usage above what the period includes, up to and including the run’s day', async () => {
    const files = {
      products: 'sku,name,kind\nM-1,Maintenance,maintenance\nAPI,Calls,usage\n',
      prices: 'price_list,sku,currency,unit_price\ndefault,API,EUR,0.50\n',
      contracts: contracts('billing_frequency', 'monthly'),
      subcontracts: 'subcontract,contract,sku,quantity,included_quantity\nS-1,C-1,API,1,100\n',
      usage: `event,subcontract,metric,quantity,at
U-1,S-1,API,60,2026-01-03T10:00:00Z
U-2,S-1,API,70,2026-01-15T10:00:00Z
U-3,S-1,API,500,2026-01-16T10:00:00Z
`,
    };
    expect(short(await preview(files, '2026-01-15'))).toEqual([
      'S-1 usage 2026-01-01..2026-01-31 1500',
    ]);
  });

  it('service time by the date of approval, on its contract or on an invoice of the account’s own', async () => {
    const files = {
      ...history(['I-1', '2026-01-10', 'S-1', '2026-01-01', '2026-12-31', '200.00']),
      timesheets: `entry,account,date,hours,rate,contract,billable,approved_on
T-1,A-1,2026-01-05,2.5,100,C-1,yes,2026-02-15
T-2,A-1,2026-01-05,1,80,,yes,2026-02-14
T-3,A-1,2026-01-05,9,80,C-1,yes,2026-02-16
T-4,A-1,2026-01-05,9,80,C-1,no,2026-02-01
T-5,A-1,2026-01-05,9,80,C-1,yes,
`,
    };
    const answer = await preview(files, '2026-02-15');
    expect(documents(answer).map((document) => [document.contract, document.net])).toEqual([
      ['C-1', 25000],
      [null, 8000],
    ]);
    expect(lines(answer).map((line) => line.kind)).toEqual(['service', 'service']);
  });

  it('service time that was approved before the contract was taken over is not billed here', async () => {
    const files = {
      ...history(['I-1', '2026-01-10', 'S-1', '2026-01-01', '2026-12-31', '200.00']),
      contracts: contracts('bill_from', '2026-02-01'),
      timesheets:
        'entry,account,date,hours,rate,contract,approved_on\nT-1,A-1,2026-01-10,2,100,C-1,2026-01-31\nT-2,A-1,2026-01-10,1,100,C-1,2026-02-01\n',
    };
    expect(lines(await preview(files, '2026-02-15')).map((line) => line.net)).toEqual([10000]);
  });
});

describe('documents (§4)', () => {
  const three = (columns: string, ...values: string[]) =>
    `contract,account,start,end,${columns}\n${values
      .map((value, at) => `C-${at + 1},A-1,2026-01-01,2026-12-31,${value}`)
      .join('\n')}\n`;
  const subcontracts =
    'subcontract,contract,sku,quantity\nS-1,C-1,M-1,1\nS-2,C-2,M-1,2\nS-3,C-3,M-1,3\n';

  it('one for each contract, for the account, or for an order number', async () => {
    const grouped = async (grouping: string) =>
      documents(
        await preview(
          {
            contracts: three(
              'po_number,grouping',
              `P-1,${grouping}`,
              `P-1,${grouping}`,
              `,${grouping}`,
            ),
            subcontracts,
          },
          '2026-01-15',
        ),
      ).map((document) => [document.contract, document.poNumber, document.net]);
    expect(await grouped('contract')).toEqual([
      ['C-1', 'P-1', 10000],
      ['C-2', 'P-1', 20000],
      ['C-3', null, 30000],
    ]);
    expect(await grouped('account')).toEqual([[null, null, 60000]]);
    expect(await grouped('po')).toEqual([
      [null, 'P-1', 30000],
      ['C-3', null, 30000],
    ]);
  });

  it('below the minimum it is carried, and the control sheet adds up', async () => {
    const answer = await preview(
      { contracts: three('minimum', '100.01', '200.00', ''), subcontracts },
      '2026-01-15',
    );
    expect(documents(answer).map((document) => document.contract)).toEqual(['C-2', 'C-3']);
    expect(answer.control.EUR).toMatchObject({ due: 60000, invoiced: 50000, carried: 10000 });
  });

  it('a negative result is a credit note, or is carried forward', async () => {
    const files = history(['I-1', '2026-01-10', 'S-1', '2026-01-01', '2026-12-31', '250.00']);
    const answer = await preview(files, '2026-02-15');
    expect(answer.creditNotes.map(({ net, tax, total }) => [net, tax, total])).toEqual([
      [-5000, -950, -5950],
    ]);
    const carried = await preview(
      { ...files, policies: policies('account,A-1,negative,carry-forward') },
      '2026-02-15',
    );
    expect(documents(carried)).toEqual([]);
    expect(carried.control.EUR).toMatchObject({ due: -5000, invoiced: 0, carried: -5000 });
  });

  it('a net of zero is not issued', async () => {
    const files = {
      subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,1\nS-2,C-1,M-1,1\n',
      ...history(['I-1', '2026-01-10', 'S-1', '2026-01-01', '2026-12-31', '200.00']),
    };
    const answer = await preview(files, '2026-02-15');
    expect([documents(answer), answer.setAside, answer.control.EUR?.due]).toEqual([[], [], 0]);
  });

  it('a draft is not billed; a closed account sets aside only where something is due', async () => {
    expect(
      documents(await preview({ contracts: contracts('status', 'draft') }, '2026-01-15')),
    ).toEqual([]);
    const closed = { accounts: 'account,name,status,country\nA-1,Acme,closed,DE\n' };
    expect(aside(await preview(closed, '2026-01-15'))).toEqual(['C-1 account-closed']);
    const paid = history(['I-1', '2026-01-10', 'S-1', '2026-01-01', '2026-12-31', '200.00']);
    expect(aside(await preview({ ...closed, ...paid }, '2026-02-15'))).toEqual([]);
  });

  it('lead_months moves the horizon', async () => {
    expect(documents(await preview({}, '2025-10-15'))).toEqual([]);
    expect(
      documents(await preview({ contracts: contracts('lead_months', '3') }, '2025-10-15')),
    ).toHaveLength(1);
  });

  it('a bill-to account is invoiced, by its own terms and place', async () => {
    const files = {
      accounts: 'account,name,country,payment_terms\nA-1,Acme,DE,\nA-2,Holding,FR,net 10\n',
      contracts: contracts('bill_to', 'A-2'),
      taxes: 'country,category,rate\nDE,S,19\nFR,S,20\n',
    };
    const answer = await preview(files, '2026-01-15');
    expect(documents(answer).map((document) => document.account)).toEqual(['A-2']);
    expect(sums(answer)).toEqual(['20000+4000=24000 due 2026-01-25']);
  });
});

describe('bad input', () => {
  it.each([
    [
      'a negative quantity',
      { subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,-2\n' },
      'quantity',
    ],
    ['a negative unit price', { subcontracts: priced('2', '-5') }, 'unit_price'],
    [
      'a negative price of a list',
      { prices: 'price_list,sku,currency,unit_price\ndefault,M-1,EUR,-5\n' },
      'unit_price',
    ],
    [
      'an amended price below zero',
      { amendments: amendments('A-1,S-1,price,-5,2026-07-01,,') },
      'value',
    ],
    [
      'an amended quantity below zero',
      { amendments: amendments('A-1,S-1,quantity,-5,2026-07-01,,') },
      'value',
    ],
    [
      'a discount above 100',
      { subcontracts: subcontract('discount_percent', '101') },
      'discount_percent',
    ],
  ])(
    '%s: the check faults it, the preview sets the contract aside with the row',
    async (_, files, column) => {
      const check = await told<{ errors: { column: string; row: number }[] }>(files, (path) => [
        'book',
        'check',
        path,
      ]);
      expect(check.code).toBe(2);
      expect(check.answer.errors).toEqual([expect.objectContaining({ column, row: 2 })]);
      const other = {
        ...files,
        contracts:
          'contract,account,start,end\nC-1,A-1,2026-01-01,2026-12-31\nC-9,A-1,2026-01-01,2026-12-31\n',
        subcontracts: `${'subcontracts' in files ? files.subcontracts : 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,2\n'}`,
        timesheets:
          'entry,account,date,hours,rate,contract,approved_on\nT-1,A-1,2026-01-05,1,100,C-9,2026-01-10\n',
      };
      const answer: Preview = await preview(other, '2026-01-15');
      expect(answer.setAside.map((item) => item.contract)).toEqual(['C-1']);
      expect(lines(answer).map((line) => [line.contract, line.net])).toEqual([['C-9', 10000]]);
    },
  );
});
