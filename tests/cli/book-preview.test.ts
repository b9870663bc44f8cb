import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { previewInParts } from '../../cli/book/streamed-preview.ts';
import { main } from '../../cli/main.ts';
import { divideBook } from '../../connectors/book/divided-book.ts';
import { checkBook, readBook } from '../../connectors/book/read.ts';
import { writeBook } from '../../connectors/book/write.ts';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { findingsOf } from '../../domain/findings/find.ts';
import { folder } from '../connectors/book/books.ts';

const SAMPLE = fileURLToPath(new URL('../../examples/sample-company', import.meta.url));
const RUN = '2026-11-15';

/** What is set aside or warned of comes in another order in parts. */
function comparable(answer: object): unknown {
  const { setAside, warnings, ...rest } = JSON.parse(JSON.stringify(answer)) as Record<
    string,
    unknown[]
  >;
  const sorted = (list: unknown[] | undefined) => list?.map((item) => JSON.stringify(item)).sort();
  return { ...rest, setAside: sorted(setAside), warnings: sorted(warnings) };
}

async function inMemory(path: string, contract?: string) {
  const { book, damaged } = await readBook(path);
  const asked = contract === undefined ? {} : { contract };
  const { carried: _, ...answer } = previewBillRun(book, { run: RUN, damaged, ...asked });
  return comparable(answer);
}

async function inParts(path: string, parts: number, contract?: string) {
  const asked = contract === undefined ? {} : { contract };
  const divided = await divideBook(path, { parts, ...asked });
  try {
    const preview = previewInParts(divided, { run: RUN, ...asked });
    return comparable(JSON.parse([...preview.json()].join('')) as object);
  } finally {
    await divided.close();
  }
}

describe('a preview in parts', () => {
  it('of the sample company is the preview in memory', async () => {
    const whole = await inMemory(SAMPLE);
    for (const parts of [1, 23]) expect(await inParts(SAMPLE, parts)).toEqual(whole);
  });

  it('of one contract is the preview in memory of it', async () => {
    const { book } = await readBook(SAMPLE);
    for (const { contract } of book.contracts.slice(0, 1))
      expect(await inParts(SAMPLE, 16, contract)).toEqual(await inMemory(SAMPLE, contract));
  });

  it('leaves nothing on disk', async () => {
    const divided = await divideBook(await folder(), { parts: 3 });
    previewInParts(divided, { run: RUN });
    expect((await readdir(divided.folder)).some((name) => name.startsWith('part-'))).toBe(true);
    await divided.close();
    expect(await readdir(tmpdir())).not.toContain(basename(divided.folder));
  });

  it('law: has the same figures on any book, whatever is grouped, moved, billed or faulty', async () => {
    await fc.assert(
      fc.asyncProperty(randomBook, fc.integer({ min: 2, max: 9 }), async (files, parts) => {
        const dir = await folder(files);
        try {
          expect(await inParts(dir, parts)).toEqual(await inMemory(dir));
        } finally {
          await rm(dir, { recursive: true });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('as a command prints what the command prints in memory, and totals to people', async () => {
    const [whole, parts] = [await command('--json'), await command('--json', '--in-parts')];
    expect(parts.code).toBe(0);
    expect(comparable(JSON.parse(parts.words))).toEqual(comparable(JSON.parse(whole.words)));
    expect(parts.talk).toBe(whole.talk);
    const people = await command('--in-parts');
    const { invoices, creditNotes, held } = JSON.parse(whole.words) as Record<string, unknown[]>;
    expect(people.words).toContain(
      `Invoices: ${invoices?.length}, credit notes: ${creditNotes?.length}, held: ${held?.length}`,
    );
    expect(people.words).toContain('Control sheet');
  });

  it('refuses a contract that the book does not have', async () => {
    expect(await command('--in-parts', '--contract', 'C-0000')).toMatchObject({
      code: 2,
      words: '',
    });
  });
});

async function command(...more: string[]) {
  let [words, talk] = ['', ''];
  const code = await main(['book', 'preview', SAMPLE, '--run', RUN, ...more], {
    stdout: { write: (text) => (words += text) },
    stderr: { write: (text) => (talk += text) },
    env: {},
    workingDirectory: '/',
  });
  return { code, words, talk };
}

/** Columns and rows as a file; every value is free of commas. */
function table(header: string, rows: readonly (readonly (string | number)[])[]): string {
  return `${header}\n${rows.map((row) => row.join(',')).join('\n')}\n`;
}

const one = (...of: readonly string[]) => fc.constantFrom(...of);
const ACCOUNTS = ['A-1', 'A-2', 'A-3', 'A-4'];
const CONTRACTS = Array.from({ length: 8 }, (_, at) => `C-${at}`);
const SUBCONTRACTS = Array.from({ length: 16 }, (_, at) => `S-${at}`);
const DAYS = ['2025-03-01', '2025-12-01', '2026-02-10', '2026-07-01', '2026-11-01'] as const;
const rowsOf = <T extends readonly (string | number)[]>(row: fc.Arbitrary<T>, most: number) =>
  fc.array(row, { maxLength: most });

/** Small books whose rows point at each other in every way that a bill run follows; some rows are faulty. */
const randomBook = fc
  .record({
    contracts: fc.tuple(
      ...CONTRACTS.map((contract) =>
        fc.tuple(
          fc.constant(contract),
          one(...ACCOUNTS),
          one('2025-01-01', '2025-06-15'),
          one('2026-12-31', '2027-06-14', '2024-01-01'),
          one('', '', 'account', 'po', 'contract'),
          one('', ...ACCOUNTS),
          one('', 'P-1'),
          one('', 'monthly', 'quarterly'),
        ),
      ),
    ),
    subcontracts: fc.tuple(
      ...SUBCONTRACTS.map((subcontract) =>
        fc.tuple(
          fc.constant(subcontract),
          one(...CONTRACTS, 'C-none'),
          one('M-1', 'M-1', 'L-1', 'U-1'),
          one('1', '3', 'many'),
          one('', '7.50'),
        ),
      ),
    ),
    amendments: rowsOf(
      fc.tuple(
        one(...SUBCONTRACTS),
        one('add', 'move', 'move', 'remove'),
        one(...CONTRACTS),
        one(...DAYS),
      ),
      6,
    ),
    usage: rowsOf(fc.tuple(one(...SUBCONTRACTS), one(...DAYS)), 6),
    timesheets: rowsOf(
      fc.tuple(one(...ACCOUNTS), one('', ...CONTRACTS), one(...DAYS), one('', 'USD')),
      6,
    ),
    invoices: rowsOf(fc.tuple(one(...ACCOUNTS), one('', ...CONTRACTS), one('', 'EUR', 'USD')), 5),
    lines: rowsOf(
      fc.tuple(
        fc.integer({ min: 0, max: 5 }),
        one('', ...SUBCONTRACTS),
        one('', '', 'E-0', 'E-1;E-2', 'T-0', 'T-1'),
        one('100.00', '7.50', '-3.00', '1.234'),
        one('', '2025-01-01', '2026-01-01', '2025-06-15'),
      ),
      8,
    ),
    policies: rowsOf(
      fc.tuple(
        one(
          'account:A-1',
          'account:A-2',
          'contract:C-1',
          'contract:C-5',
          'entity:E1',
          'contract:C-9',
        ),
        one('grouping:account', 'reductions:next-period', 'proration:thirty360', 'due_day:never'),
      ),
      3,
    ),
  })
  .map((given) => ({
    accounts: table(
      'account,name,tax_category,country,status',
      ACCOUNTS.map((account, at) => [account, account, '', 'DE', at === 3 ? 'closed' : '']),
    ),
    products: table('sku,name,kind', [
      ['M-1', 'Maintenance', 'maintenance'],
      ['L-1', 'License', 'license'],
      ['U-1', 'Calls', 'usage'],
    ]),
    prices: table(
      'price_list,sku,currency,unit_price',
      ['M-1', 'L-1', 'U-1'].map((sku) => ['default', sku, 'EUR', '100.00']),
    ),
    contracts: table(
      'contract,account,start,end,grouping,bill_to,po_number,billing_frequency',
      given.contracts,
    ),
    subcontracts: table('subcontract,contract,sku,quantity,unit_price', given.subcontracts),
    amendments: table(
      'amendment,subcontract,kind,value,effective',
      given.amendments.map(([subcontract, kind, contract, day], at) => [
        `M-${at}`,
        subcontract,
        kind,
        kind === 'move' ? contract : kind === 'add' ? '2' : '',
        day,
      ]),
    ),
    usage: table(
      'event,subcontract,metric,quantity,at',
      given.usage.map(([subcontract, day], at) => [
        `E-${at}`,
        subcontract,
        'U-1',
        5,
        `${day}T10:00:00Z`,
      ]),
    ),
    timesheets: table(
      'entry,account,date,hours,rate,contract,billable,approved_on,currency',
      given.timesheets.map(([account, contract, day, currency], at) => [
        `T-${at}`,
        account,
        day,
        2,
        80,
        contract,
        'yes',
        day,
        currency,
      ]),
    ),
    invoices: table(
      'invoice,account,issued,contract,currency',
      given.invoices.map(([account, contract, currency], at) => [
        `I-${at}`,
        account,
        '2026-01-15',
        contract,
        currency,
      ]),
    ),
    invoice_lines: table(
      'invoice,line,subcontract,entry,net,period_start,sku',
      given.lines.map(([invoice, subcontract, entry, net, from], at) => [
        `I-${invoice}`,
        at,
        subcontract,
        entry,
        net,
        from,
        subcontract === '' ? 'M-1' : '',
      ]),
    ),
    policies: table(
      'scope,id,policy,value',
      given.policies.map(([whose, what]) => [...whose.split(':'), ...what.split(':')]),
    ),
  }));

describe('the sample company as a workbook', () => {
  it('checks, previews and is searched like its CSV files', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'perennial-workbook-'));
    try {
      const csv = await readBook(SAMPLE);
      const [path = ''] = await writeBook(csv.book, dir, { format: 'xlsx' });
      const workbook = await readBook(path);
      expect(workbook.errors).toEqual([]);
      const [sheets, files] = [await checkBook(path), await checkBook(SAMPLE)];
      expect(sheets.ok).toBe(true);
      expect(sheets.tables).toEqual(files.tables);
      const warnings = ({ warnings: all }: typeof files) =>
        all.map(({ file: _, ...warning }) => warning);
      expect(warnings(sheets)).toEqual(warnings(files));
      const { damaged: one } = csv;
      const { damaged: other } = workbook;
      expect(previewBillRun(workbook.book, { run: RUN, damaged: other })).toEqual(
        previewBillRun(csv.book, { run: RUN, damaged: one }),
      );
      expect(findingsOf(workbook.book, RUN)).toEqual(findingsOf(csv.book, RUN));
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
