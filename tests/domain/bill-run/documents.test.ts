/** Lines and documents of a run in detail, worked out by hand (docs/rules/billing-rules.md §1, §3–§5). */
import { describe, expect, it } from 'vitest';
import type { BillDocument, BillLine } from '../../../domain/bill-run/document.ts';
import { type PreviewOptions, previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { company, contract, subcontract } from '../book-builder.ts';

type Given = Parameters<typeof company>[0];
const RUN = '2026-01-15';

const run = (given: Given, options: Partial<PreviewOptions> = {}) =>
  previewBillRun(company({ contracts: [contract()], ...given }), { run: RUN, ...options });
const documentsOf = (given: Given, options?: Partial<PreviewOptions>): BillDocument[] => {
  const { invoices, creditNotes } = run(given, options);
  return [...invoices, ...creditNotes];
};
const only = (given: Given, options?: Partial<PreviewOptions>): BillLine => {
  const [line, ...others] = documentsOf(given, options).flatMap(({ lines }) => lines);
  if (line === undefined || others.length > 0) throw new Error('there is one line');
  return line;
};
/** History that billed S-1 for 2026. */
const history = (net: string, row: Partial<Row<'invoice_lines'>> = {}, issued = '2025-12-01') => ({
  invoices: [{ invoice: 'OLD', account: 'A-1', issued, contract: 'C-1' }],
  invoice_lines: [
    { invoice: 'OLD', line: '1', subcontract: 'S-1', net, periodStart: '2026-01-01', ...row },
  ],
});
const yearly = { subcontracts: [subcontract()] };
const entry = (row: Partial<Row<'timesheets'>> = {}) => ({
  entry: 'T-1',
  account: 'A-1',
  date: '2026-01-08',
  hours: '2.50',
  rate: '50.00',
  approvedOn: '2026-01-10',
  ...row,
});

describe('a line', () => {
  it('says what it is for, for which days', () => {
    expect(only(yearly)).toMatchObject({
      description: 'CAD Maintenance, 2026-01-01 to 2026-12-31',
      coverStart: '2026-01-01',
      coverEnd: '2026-12-31',
      discountPercent: '0',
      caughtUp: true,
      dueMonth: '2025-11',
    });
    const once = only({ subcontracts: [subcontract({ sku: 'LIC', start: '2026-01-10' })] });
    expect(once).toMatchObject({ description: 'CAD License', kind: 'one-off', caughtUp: false });
    expect(once).not.toHaveProperty('dueMonth');
    expect(once).not.toHaveProperty('entries');
    const usage = [
      {
        event: 'E-1',
        subcontract: 'S-1',
        metric: 'API',
        quantity: '3',
        at: '2026-01-02T00:00:00Z',
      },
      {
        event: 'E-2',
        subcontract: 'S-1',
        metric: 'API',
        quantity: '4',
        at: '2026-01-03T00:00:00Z',
      },
    ];
    expect(
      only({ subcontracts: [subcontract({ sku: 'API', quantity: '0' })], usage }),
    ).toMatchObject({
      kind: 'usage',
      net: 70_000,
      entries: ['E-1', 'E-2'],
    });
  });

  it('of service time says what was done, or on which day', () => {
    const service = only({ timesheets: [entry({ description: 'Training' })] });
    expect(service).toMatchObject({
      kind: 'service',
      description: 'Training',
      contract: null,
      sku: null,
      quantity: '2.5',
      unitPrice: '50',
      net: 12_500,
      entries: ['T-1'],
      caughtUp: false,
    });
    expect(only({ timesheets: [entry()] }).description).toBe('Service on 2026-01-08');
    const late = only({ timesheets: [entry({ approvedOn: '2025-12-14' })] });
    expect(late).toMatchObject({ caughtUp: true, dueMonth: '2025-12' });
  });

  it('that adjusts tells what is owed, what was billed and by which invoices', () => {
    const line = only({ ...yearly, ...history('900.00') });
    expect(line).toMatchObject({
      kind: 'adjustment',
      sku: 'MNT',
      net: 10_000,
      quantity: '1',
      unitPrice: '100.00',
      description: 'CAD Maintenance, adjustment for 2026-01-01 to 2026-12-31',
    });
    expect(line.explanation).toMatchObject({
      rule: 'should-bill minus billed, billing rules §1',
      words:
        'CAD Maintenance: 1000.00 EUR is owed for 2026-01-01 to 2026-12-31, 900.00 was billed before',
      inputs: { expected: '1000.00', billed: '900.00', invoices: 'OLD' },
      arithmetic: '1000.00 − 900.00 = 100.00 EUR',
    });
    expect(line.explanation.inputs).not.toHaveProperty('billedElsewhere');
    expect(line.explanation.parts?.map(({ arithmetic }) => arithmetic)).toEqual([
      '10 × 100 = 1000 → 1000.00 EUR',
    ]);
    const credit = only({ ...yearly, ...history('1200.00') });
    expect(credit).toMatchObject({
      net: -20_000,
      description: 'CAD Maintenance, credit for 2026-01-01 to 2026-12-31',
    });
  });

  it('after a cut-over tells what was billed elsewhere', () => {
    const { explanation } = only(
      {
        contracts: [contract({ billFrom: '2026-07-01' })],
        subcontracts: [subcontract()],
        amendments: [
          {
            amendment: 'M-1',
            subcontract: 'S-1',
            kind: 'quantity',
            value: '20',
            effective: '2026-07-01',
          },
        ],
      },
      { run: '2026-07-15' },
    );
    // 184 of 365 days of ten more: 504.11.
    expect(explanation.inputs).toMatchObject({ billedElsewhere: '1000.00', expected: '1504.11' });
    expect(explanation.inputs).not.toHaveProperty('invoices');
  });

  it('that credits repeats the tax of the latest line that billed, and only where that says one', () => {
    const taxes = [{ country: 'DE', category: 'S' as const, rate: '19' }];
    const credit = (row: Partial<Row<'invoice_lines'>>) => {
      const { taxCategory, taxRate } = only({ ...yearly, taxes, ...history('1200.00', row) });
      return `${taxCategory} ${taxRate}`;
    };
    expect(credit({ taxRate: '16.0', taxCategory: 'Z' })).toBe('Z 16');
    expect(credit({ taxRate: '16.0' })).toBe('S 16');
    expect(credit({})).toBe('S 19');
    const added = only({ ...yearly, taxes, ...history('900.00', { taxRate: '16' }) });
    expect(added.taxRate).toBe('19');
    const { invoices, invoice_lines: lines } = history('1200.00', { taxRate: '16' });
    const zero = { ...lines[0], line: '2', net: '0.00', taxRate: '7' };
    const minus = { ...lines[0], line: '3', net: '-100.00', taxRate: '5' };
    expect(
      only({ ...yearly, taxes, invoices, invoice_lines: [...lines, zero, minus] }).taxRate,
    ).toBe('16');
  });

  it('has the tax of its tax point: the issue, the start or the end', () => {
    const taxes = [
      { country: 'DE', category: 'S' as const, rate: '1', validTo: '2026-01-01' },
      {
        country: 'DE',
        category: 'S' as const,
        rate: '2',
        validFrom: '2026-01-02',
        validTo: '2026-12-30',
      },
      { country: 'DE', category: 'S' as const, rate: '3', validFrom: '2026-12-31' },
    ];
    const at = (value: string | null) =>
      only({
        ...yearly,
        taxes,
        policies:
          value === null ? [] : [{ scope: 'contract', id: 'C-1', policy: 'tax_point', value }],
      }).taxRate;
    expect([at(null), at('issue'), at('start'), at('end'), at('payment')]).toEqual([
      '2',
      '2',
      '1',
      '3',
      '2',
    ]);
  });
});

describe('documents', () => {
  const two = (rows: Partial<Row<'contracts'>>[], more: Given = {}) =>
    documentsOf({
      contracts: rows.map((row, at) => contract({ contract: `C-${at + 1}`, ...row })),
      subcontracts: rows.map((_, at) =>
        subcontract({ subcontract: `S-${at + 1}`, contract: `C-${at + 1}` }),
      ),
      ...more,
    });

  it('of an account gather its contracts, with their highest minimum and the order number they share', () => {
    const grouping = 'account' as const;
    const gathered = (a: Partial<Row<'contracts'>>, b: Partial<Row<'contracts'>>) =>
      two([
        { grouping, ...a },
        { grouping, ...b },
      ]).map(({ contract: of, subject, poNumber, net }) => [of, subject, poNumber, net]);
    expect(gathered({ poNumber: 'PO' }, { poNumber: 'PO' })).toEqual([
      [null, 'A-1', 'PO', 200_000],
    ]);
    expect(gathered({ poNumber: 'PO' }, {})).toEqual([[null, 'A-1', null, 200_000]]);
    expect(gathered({ minimum: '2000.00' }, { minimum: '5' })).toHaveLength(1);
    expect(gathered({ minimum: '2000.01' }, { minimum: '5' })).toEqual([]);
    expect(gathered({ minimum: '5' }, { minimum: '2000.01' })).toEqual([]);
  });

  it('come in the order of contracts, then of accounts, whatever the order of rows', () => {
    const subjects = two([{ contract: 'C-2' }, { contract: 'C-1' }], {
      subcontracts: ['C-1', 'C-2'].map((of) => subcontract({ subcontract: of, contract: of })),
      accounts: ['A-1', 'A-3', 'A-2'].map((account) => ({
        account,
        currency: 'EUR',
        country: 'DE',
      })),
      timesheets: ['A-3', 'A-2'].map((account) => entry({ entry: `T-${account}`, account })),
    }).map(({ subject }) => subject);
    expect(subjects).toEqual(['C-1', 'C-2', 'A-2', 'A-3']);
  });

  it('say in words that a book has no taxes', () => {
    expect(run(yearly).warnings).toEqual(['the book has no taxes: every rate is zero']);
    expect(
      run({ ...yearly, taxes: [{ country: 'DE', category: 'S', rate: '19' }] }).warnings,
    ).toEqual([]);
  });

  it('are due on a business day where the policy says so', () => {
    // Net 30 from 2 January 2026 is Sunday, 1 February.
    const due = (policies: Partial<Row<'policies'>>[]) =>
      documentsOf({ ...yearly, policies }, { run: '2026-01-02' })[0]?.dueDate;
    const of = (policy: 'due_day' | 'holidays', value: string): Partial<Row<'policies'>> => ({
      scope: 'contract',
      id: 'C-1',
      policy,
      value,
    });
    expect(due([])).toBe('2026-02-01');
    expect(due([of('due_day', 'next-business-day')])).toBe('2026-02-02');
    expect(due([of('due_day', 'next-business-day'), of('holidays', '2026-02-02')])).toBe(
      '2026-02-03',
    );
  });

  it('of zero are carried, and counted so', () => {
    const { carried, control } = run({
      subcontracts: [subcontract(), subcontract({ subcontract: 'S-2' })],
      invoices: [{ invoice: 'OLD', account: 'A-1', issued: '2025-12-01', contract: 'C-1' }],
      invoice_lines: [
        {
          invoice: 'OLD',
          line: '1',
          subcontract: 'S-1',
          net: '2000.00',
          periodStart: '2026-01-01',
        },
      ],
    });
    expect(carried).toMatchObject([{ subject: 'C-1', net: 0, reason: 'its lines come to zero' }]);
    expect(control.EUR).toMatchObject({ due: 0, carried: 0, invoiced: 0 });
  });

  it('of credits count as invoiced, and the sheet adds up', () => {
    const { control } = run({
      contracts: [contract(), contract({ contract: 'C-2' }), contract({ contract: 'C-3' })],
      subcontracts: [
        subcontract(),
        subcontract({ subcontract: 'S-2', contract: 'C-2' }),
        subcontract({ subcontract: 'S-3', contract: 'C-3', unitPrice: null }),
      ],
      ...history('1200.00'),
      timesheets: [entry({ approvedOn: '2025-01-14' })],
    });
    expect(control.EUR).toEqual({
      due: 92_500,
      invoiced: 80_000,
      credited: -20_000,
      held: 12_500,
      excluded: 0,
      setAside: 0,
      carried: 0,
    });
  });
});

describe('what is asked for', () => {
  const given: Given = {
    subcontracts: [subcontract(), subcontract({ subcontract: 'S-2', start: '2025-01-01' })],
    contracts: [contract({ start: '2024-01-01' })],
    timesheets: [entry({ contract: 'C-1' }), entry({ entry: 'T-2', approvedOn: '2024-02-01' })],
  };
  const lines = (options: Partial<PreviewOptions>) =>
    documentsOf(given, options)
      .flatMap((document) => document.lines)
      .map((line) => `${line.subcontract ?? line.entries?.[0]} ${line.periodStart}`);

  it('is a contract, an account’s service time, or one difference, which nothing holds', () => {
    expect(lines({ contract: 'C-9' })).toEqual([]);
    expect(lines({ contract: 'C-1' })).not.toContain('T-2 2026-01-08');
    expect(lines({ only: { subject: 'S-1', periodStart: '2024-01-01' } })).toEqual([
      'S-1 2024-01-01',
    ]);
    expect(lines({ only: { subject: 'S-1', periodStart: '2024-01-02' } })).toEqual([]);
    expect(lines({ only: { subject: 'T-1', periodStart: '2026-01-08' } })).toEqual([
      'T-1 2026-01-08',
    ]);
    expect(lines({ only: { subject: 'T-2', periodStart: '2026-01-08' } })).toEqual([
      'T-2 2026-01-08',
    ]);
    expect(lines({ serviceOf: 'A-1' })).toEqual([]);
  });

  it('holds old finds otherwise, each told once with its owner', () => {
    expect(
      run({ ...given, subcontracts: [] }).held.map((find) => [
        find.contract,
        'account' in find ? find.account : null,
        'entry' in find ? find.entry : null,
        find.net,
      ]),
    ).toEqual([['', 'A-1', 'T-2', 12_500]]);
    const onContract = run({
      timesheets: [entry({ contract: 'C-1', approvedOn: '2024-02-01' })],
      contracts: [contract({ start: '2024-01-01' })],
    });
    expect(onContract.held).toMatchObject([{ contract: 'C-1', entry: 'T-1', net: 12_500 }]);
    expect(onContract.control.EUR).toMatchObject({ due: 12_500, held: 12_500 });
  });

  it('is set aside where rows were left out, or name a contract that is not there', () => {
    const damaged = new Map([
      ['C-1', 'a row of it was left out'],
      ['C-8', 'its own row was left out'],
    ]);
    const aside = (more: Given, options: Partial<PreviewOptions> = {}) =>
      run({ ...yearly, ...more }, options).setAside.map(({ contract: of, code, reason }) => [
        of,
        code,
        reason.split(' names ')[0],
      ]);
    expect(aside({}, { damaged })).toEqual([
      ['C-1', 'row-invalid', 'a row of it was left out'],
      ['C-8', 'row-invalid', 'its own row was left out'],
    ]);
    expect(aside({}, { damaged, contract: 'C-8' })).toEqual([
      ['C-8', 'row-invalid', 'its own row was left out'],
    ]);
    const orphans: Given = {
      subcontracts: [
        subcontract({ subcontract: 'S-9', contract: 'C-9' }),
        subcontract({ subcontract: 'S-8', contract: 'C-9' }),
        subcontract({ subcontract: 'S-7', contract: 'C-7' }),
      ],
      timesheets: ['T-1', 'T-2'].map((number) => entry({ entry: number, contract: 'C-6' })),
    };
    expect(aside(orphans)).toEqual([
      ['C-6', 'contract-unknown', 'service time T-1, T-2'],
      ['C-7', 'contract-unknown', 'subcontract S-7'],
      ['C-9', 'contract-unknown', 'subcontract S-9, S-8'],
    ]);
    expect(aside(orphans, { contract: 'C-9' })).toHaveLength(1);
    expect(aside(orphans, { damaged: new Map([['C-9', 'its row']]) }).map(([of]) => of)).toEqual([
      'C-9',
      'C-6',
      'C-7',
    ]);
    expect(aside(orphans, { only: { subject: 'S-1', periodStart: '2026-01-01' } })).toEqual([]);
  });

  it('is nothing of a closed account, whose money is counted as set aside', () => {
    const closed = (accounts: Partial<Row<'accounts'>>[], more: Given = yearly, row = {}) => {
      const { setAside, control } = run({ contracts: [contract(row)], accounts, ...more });
      return [setAside.map(({ code }) => code), control.EUR?.setAside ?? 0];
    };
    const account = (number: string, status: 'active' | 'closed') => ({
      account: number,
      currency: 'EUR',
      status,
    });
    const A1 = account('A-1', 'closed');
    expect(closed([A1])).toEqual([['account-closed'], 100_000]);
    expect(
      closed([account('A-1', 'active'), account('A-2', 'closed')], yearly, { billTo: 'A-2' }),
    ).toEqual([['account-closed'], 100_000]);
    expect(closed([A1, account('A-2', 'active')], yearly, { billTo: 'A-2' })).toEqual([
      ['account-closed'],
      100_000,
    ]);
    expect(closed([A1], {})).toEqual([[], 0]);
    expect(closed([A1], { timesheets: [entry()] })).toEqual([['account-closed'], 12_500]);
    expect(closed([A1], { timesheets: [entry({ contract: 'C-1' })] })).toEqual([
      ['account-closed'],
      12_500,
    ]);
  });

  it('is service time in the entry’s own currency, on a document of its own', () => {
    const of = documentsOf({
      timesheets: [entry(), entry({ entry: 'T-2', currency: 'USD', hours: '1' })],
    });
    expect(of.map(({ currency, net, contract: on }) => [currency, net, on])).toEqual([
      ['EUR', 12_500, null],
      ['USD', 5000, null],
    ]);
    const unknown = run({ timesheets: [entry({ account: 'A-9' })] });
    expect(unknown.setAside).toMatchObject([
      { contract: '', account: 'A-9', code: 'account-unknown' },
    ]);
    const bare = run({ accounts: [{ account: 'A-1' }], contracts: [], timesheets: [entry()] });
    expect(bare.setAside).toMatchObject([{ account: 'A-1', code: 'currency-missing' }]);
  });

  it('is set aside whole where a document can not be made', () => {
    const { setAside, control } = run({
      contracts: [contract({ paymentTerms: 'soon' })],
      ...yearly,
    });
    expect(setAside).toMatchObject([{ contract: 'C-1', code: 'payment-terms-invalid' }]);
    expect(setAside[0]).not.toHaveProperty('account');
    expect(control.EUR?.setAside).toBe(100_000);
    const account = [{ account: 'A-1', currency: 'EUR', paymentTerms: 'soon' }];
    expect(run({ accounts: account, timesheets: [entry()] }).setAside).toMatchObject([
      { contract: '', account: 'A-1', code: 'payment-terms-invalid' },
    ]);
  });
});

describe('a run to issue, late by days', () => {
  const late = (given: Given, toIssue: boolean) =>
    documentsOf(given, { toIssue }).flatMap(({ lines }) => lines.map(({ net }) => net));

  it('leaves what was billed since for the same period, and nothing else', () => {
    const since = (row: Partial<Row<'invoice_lines'>>, issued = '2026-01-20') => ({
      ...yearly,
      ...history('900.00', row, issued),
    });
    expect([late(since({}), false), late(since({}), true)]).toEqual([[100_000], []]);
    expect(late(since({ periodStart: '2026-12-31' }), true)).toEqual([]);
    expect(late(since({ periodStart: '2027-01-01' }), true)).toEqual([100_000]);
    expect(late(since({ periodStart: '2025-12-31' }), true)).toEqual([100_000]);
    // What the run knew was billed is no reason to wait.
    expect(late(since({}, '2026-01-15'), true)).toEqual([10_000]);
  });

  it('leaves service time that was billed since', () => {
    const since = (issued: string, contractNumber: string | null) => ({
      timesheets: [entry({ contract: contractNumber })],
      invoices: [{ invoice: 'I-1', account: 'A-1', issued }],
      invoice_lines: [{ invoice: 'I-1', line: '1', net: '125.00', entry: 'T-1' }],
    });
    for (const of of ['C-1', null]) {
      expect(late(since('2026-01-20', of), false)).toEqual([12_500]);
      expect(late(since('2026-01-20', of), true)).toEqual([]);
    }
    expect(late({ timesheets: [entry()] }, true)).toEqual([12_500]);
  });
});
