/** A company's own data: uploaded, mapped, corrected, looked at, imported, undone. And what strangers upload. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  BookImportReport,
  BookImportSummary,
  BookProblem,
  BookUpload,
  LastImport,
  Problem,
} from '../../../api/types.ts';
import { checkBook } from '../../../connectors/book/read.ts';
import { templateSheets } from '../../../connectors/book/templates.ts';
import { workbookOf } from '../../../connectors/book/write.ts';
import {
  exportBook,
  getFact,
  getInvoice,
  importBook,
  recordPayment,
  trialBalance,
} from '../../../db/index.ts';
import { emptyBook } from '../../../domain/book/tables.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

let at: Scene;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-uploads-'));
  at = await scene({
    configuration: { uploadFolder: folder },
    now: () => new Date('2026-11-10T12:00:00Z'),
  });
});
afterAll(async () => {
  await at?.close();
  await rm(folder, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string | Uint8Array>>;
async function multipart(files: Files): Promise<{ payload: Buffer; type: string }> {
  const form = new FormData();
  for (const [name, content] of Object.entries(files))
    form.append('files', new Blob([content as Uint8Array<ArrayBuffer>]), name);
  const body = new Response(form);
  return {
    payload: Buffer.from(await body.arrayBuffer()),
    type: body.headers.get('content-type') ?? '',
  };
}
async function upload(
  files: Files,
  where = '/imports/uploads',
  role: 'biller' | 'viewer' = 'biller',
) {
  const { payload, type } = await multipart(files);
  const headers = { ...at.people[role].bearer, 'content-type': type };
  return at.app.inject({ method: 'POST', url: `/api/v1${where}`, headers, payload });
}
async function ask<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
  status = 200,
): Promise<T> {
  const answer = await at.as('biller', method, url, payload);
  expect(answer.statusCode, answer.body).toBe(status);
  return (answer.body === '' ? null : answer.json()) as T;
}
const problem = (method: 'POST' | 'PATCH', url: string, payload: object, status: number) =>
  ask<Problem>(method, url, payload, status);

const GERMAN: Files = {
  'Kunden.csv': 'Kundennr;Firma;Land;Branche\r\nK1;Müller & Co;DE;Maschinenbau\r\nK2;Meyer;DE;\r\n',
  'Artikel.csv': 'Artikelnr;Bezeichnung;Typ\r\nCAD;CAD-Pflege;maintenance\r\n',
  'Verträge.csv':
    'Vertragsnr;Kundennr;Laufzeit von;Laufzeit bis;Währung\r\n' +
    'C-1;K1;01.12.2025;30.11.2027;EUR\r\nC-2;K2;31.02.2026;31.12.2027;EUR\r\n',
  'Vertragspositionen.csv':
    'Position;Vertragsnr;Artikel;Menge;Einzelpreis\r\nS-1;C-1;CAD;5;"1.200,00"\r\nS-2;C-2;CAD;zwei;10,50\r\n',
  'Rechnungen.csv':
    'Rechnungsnr;Kundennr;Rechnungsdatum;Vertragsnr;Währung;Netto;Brutto;Offen\r\n' +
    'R-1;K1;15.11.2025;C-1;EUR;6000,00;6000,00;6000,00\r\n',
  'Rechnungspositionen.csv':
    'invoice;line;subcontract;period_start;period_end;net\r\nR-1;1;S-1;2025-12-01;2026-11-30;6000.00\r\n',
  'Zahlungen.csv': 'Zahlung;Kundennr;Eingang;Betrag;Währung\r\nP-1;K1;20.11.2025;250,00;EUR\r\n',
};
function first<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('there is no row');
  return row;
}
const balances = async () =>
  (await trialBalance(at.db, {})).map(({ ledgerAccount, balanceMinor }) => [
    ledgerAccount,
    balanceMinor,
  ]);
const ledgerIsEmpty = async () => (await trialBalance(at.db, {})).length === 0;

describe('a company’s own data', () => {
  let id: string;
  const to = (path: string) => `/imports/uploads/${id}${path}`;

  it('waits in its upload, mapped by a guess, with its faults; the record is not touched', async () => {
    const answer = await upload(GERMAN);
    expect(answer.statusCode, answer.body).toBe(201);
    const found = answer.json<BookUpload>();
    id = found.upload;
    expect(found).toMatchObject({ source: '7 files', errorCount: 2, importId: null });
    expect(found.files.map(({ table }) => table).sort()).toEqual([
      'accounts', 'contracts', 'invoice_lines', 'invoices', 'payments', 'products', 'subcontracts',
    ]); // biome-ignore format: a set of names
    const { items } = await ask<{ items: BookProblem[] }>('GET', to('/problems'));
    expect(items).toMatchObject([
      { table: 'contracts', row: 3, column: 'start', cells: { contract: 'C-2', account: 'K2' } },
      {
        table: 'subcontracts',
        row: 3,
        column: 'quantity',
        value: 'zwei',
        cells: { subcontract: 'S-2' },
      },
    ]);
    expect((await exportBook(at.db)).accounts).toEqual([]);
  });

  it('refuses a summary while rows are wrong, and leaves them out where a person says so', async () => {
    const body = { cutover: '2026-12-01' };
    expect((await problem('POST', to('/summary'), body, 422)).code).toBe('upload-faulty');
    const some = await ask<BookImportSummary>('POST', to('/summary'), {
      ...body,
      acceptValid: true,
    });
    expect(some).toMatchObject({ leftOut: 2, contracts: 1, subcontracts: 1 });
  });

  it('is corrected in place, and the corrected files come back', async () => {
    await ask('PATCH', to('/rows'), { table: 'contracts', row: 3, cells: { start: '2026-01-01' } });
    const left = await ask<BookUpload>('PATCH', to('/rows'), {
      table: 'subcontracts',
      row: 3,
      cells: { quantity: '2' },
    });
    expect(left).toMatchObject({ errorCount: 0, correctedRows: 2 });
    const file = await at.as('biller', 'GET', to('/file?format=zip'));
    const back = unzipSync(file.rawPayload);
    expect(Object.keys(back)).not.toContain('perennial-errors.csv');
    expect(Buffer.from(back['subcontracts.csv'] ?? []).toString()).toContain('S-2,C-2,CAD,2,10.50');
    const dir = await mkdtemp(join(folder, 'back-'));
    for (const [name, content] of Object.entries(back)) await writeFile(join(dir, name), content);
    expect((await checkBook(dir)).ok).toBe(true);
    await rm(dir, { recursive: true });
  });

  it('keeps its mapping under a name, and uses it for the next files of that source', async () => {
    const { files } = await ask<BookUpload>('GET', to(''));
    const mapping = files.map(({ file, table, columns, dates, decimals }) => ({
      file, table, dates, decimals,
      columns: table === 'accounts' ? { ...columns, Branche: 'industry' } : columns,
    })); // biome-ignore format: one row a file
    const mapped = await ask<BookUpload>('PUT', to('/mapping'), { files: mapping, saveAs: 'ERP' });
    expect(mapped).toMatchObject({ mappingName: 'ERP', errorCount: 0, correctedRows: 2 });
    const again = await upload(
      { 'Kunden 12.csv': GERMAN['Kunden.csv'] ?? '' },
      '/imports/uploads?mapping=ERP',
    );
    const next = again.json<BookUpload>();
    expect(next.files[0]).toMatchObject({ table: 'accounts', columns: { Branche: 'industry' } });
    await ask('DELETE', `/imports/uploads/${next.upload}`, undefined, 204);
    const { items } = await ask<{ items: string[] }>('GET', '/imports/mappings');
    expect(items).toEqual(['ERP']);
  });

  let version: number;
  it('says what would happen, by the engine, before anything is written', async () => {
    const summary = await ask<BookImportSummary>('POST', to('/summary'), { cutover: '2026-12-01' });
    version = summary.version;
    expect(summary).toMatchObject({
      accounts: 2,
      contracts: 2,
      openInvoices: [{ count: 1, amount: { amount: 600_000, currency: 'EUR' } }],
      unapplied: [{ count: 1, amount: { amount: 25_000, currency: 'EUR' } }],
      nextRun: {
        runOn: '2026-11-15',
        invoices: 2,
        totals: [{ count: 2, amount: { amount: 602_100, currency: 'EUR' } }],
      },
      rows: { accounts: { added: 2, changed: 0, same: 0 } },
    });
    expect((await exportBook(at.db)).contracts).toEqual([]);
    expect(await ledgerIsEmpty()).toBe(true);
  });

  let imported: string;
  it('is imported as it was shown, and not where it was changed since', async () => {
    const body = { cutover: '2026-12-01', version: version - 1 };
    expect((await problem('POST', to('/commit'), body, 409)).code).toBe('import-differs');
    const report = await ask<BookImportReport>('POST', to('/commit'), { ...body, version });
    imported = report.importId ?? '';
    expect(report.rows.subcontracts).toEqual({ added: 2, changed: 0, same: 0 });
    expect(await getFact(at.db, 'accounts', { account: 'K1' })).toMatchObject({
      custom: { industry: 'Maschinenbau' },
    });
    expect((await getFact(at.db, 'contracts', { contract: 'C-1' }))?.billFrom).toBe('2026-12-01');
    expect(await ledgerIsEmpty()).toBe(false);
  });

  it('changes nothing when it is imported again, and comes back on export', async () => {
    const again = (await upload(GERMAN, '/imports/uploads?mapping=ERP')).json<BookUpload>();
    id = again.upload;
    await ask('PATCH', to('/rows'), { table: 'contracts', row: 3, cells: { start: '2026-01-01' } });
    const ready = await ask<BookUpload>('PATCH', to('/rows'), {
      table: 'subcontracts',
      row: 3,
      cells: { quantity: '2' },
    });
    const body = { cutover: '2026-12-01', version: ready.version };
    const report = await ask<BookImportReport>('POST', to('/commit'), body);
    expect(report.importId).toBeNull();
    for (const { added, changed } of Object.values(report.rows)) expect(added + changed).toBe(0);
    const file = await at.as('biller', 'GET', '/exports/book?format=zip');
    const accounts = Buffer.from(unzipSync(file.rawPayload)['accounts.csv'] ?? []).toString();
    expect(accounts).toContain('industry');
    expect(accounts).toContain('Müller & Co');
  });

  it('is undone whole while nothing rests on it: added rows go, changed ones come back', async () => {
    const actor = { user: 'test', role: 'admin' };
    const before = await exportBook(at.db);
    const history = await balances();
    const change = {
      ...emptyBook(),
      accounts: [
        { ...first(before.accounts), name: 'Renamed' },
        row('accounts', { account: 'K3', name: 'New', status: 'active' }),
      ],
      invoices: [{ ...first(before.invoices), balance: '400.00', status: 'partially_paid' }],
    };
    await importBook(at.db, change, { importId: 'second', actor, source: 'second.xlsx' });
    expect(
      (await problem('POST', `/imports/${imported}/undo`, { reason: 'wrong' }, 409)).code,
    ).toBe('import-not-last');
    await ask('POST', '/imports/second/undo', { reason: 'the wrong file' });
    const after = await exportBook(at.db);
    expect({ ...after, accounts: new Set(after.accounts) }).toEqual({
      ...before,
      accounts: new Set(before.accounts),
    });
    expect(await balances()).toEqual(history);
    const last = await ask<LastImport>('GET', '/imports/last');
    expect(last).toMatchObject({ import: { id: imported }, obstacles: [] });
    await ask('POST', `/imports/${imported}/undo`, { reason: 'start over' });
    expect(at.processes.asked.at(-1)).toMatchObject({
      what: 'end',
      args: ['contract:C-1', 'contract:C-2'],
    });
    const empty = await exportBook(at.db);
    expect(Object.values(empty).flat()).toEqual([]);
    expect(await ledgerIsEmpty()).toBe(true);
    expect(await ask('GET', '/imports/last')).toEqual({ import: null, obstacles: [] });
  });

  it('is not undone once something rests on it, which is said', async () => {
    const actor = { user: 'test', role: 'admin' };
    await importBook(at.db, smallBook(), { importId: 'third', actor });
    await recordPayment(at.db, {
      payment: 'manual:1', account: 'A-1', receivedOn: '2026-11-02', amountMinor: 100,
      currency: 'EUR', method: 'bank', reference: '', payer: null, bankAccount: null,
    }); // biome-ignore format: one payment
    const refused = await problem('POST', '/imports/third/undo', { reason: 'no' + ' more' }, 409);
    expect(refused).toMatchObject({ code: 'import-in-use' });
    expect(refused.detail).toMatch(/manual:1/);
    expect(await getInvoice(at.db, 'INV-OLD-1')).not.toBeNull();
    const { obstacles } = await ask<LastImport>('GET', '/imports/last');
    expect(obstacles).toHaveLength(1);
  });
});

describe('their words', () => {
  const files: Files = {
    'Kunden.csv': 'Kundennr;Firma;Land;Status\r\nK9;Weber;Deutschland;aktiv\r\n',
    'Artikel.csv': 'Artikelnr;Bezeichnung;Typ\r\nCAD;CAD-Pflege;Wartung\r\n',
    'Verträge.csv':
      'Vertragsnr;Kundennr;Laufzeit von;Laufzeit bis;Währung;Turnus\r\n' +
      'C-8;K9;01.12.2025;30.11.2027;EUR;jährlich\r\nC-9;K9;01.12.2025;30.11.2027;EUR;nach Absprache\r\n',
    'Vertragspositionen.csv':
      'Position;Vertragsnr;Artikel;Menge;Einzelpreis\r\nS-8;C-8;cad;5;"1.200,00"\r\n',
  };
  const contractsIn = ({ files: all }: BookUpload) =>
    first(all.filter(({ table }) => table === 'contracts'));

  it('become the book’s: what is known at once, the rest as a person says, and again next month', async () => {
    const taken = (await upload(files)).json<BookUpload>();
    expect(taken.errorCount).toBe(1);
    expect(contractsIn(taken)).toMatchObject({
      values: { Turnus: { jährlich: 'annual' } },
      found: [
        { header: 'Währung', column: 'currency' },
        {
          header: 'Turnus',
          column: 'billing_frequency',
          values: [{ value: 'jährlich' }, { value: 'nach Absprache', accepted: false }],
        },
      ],
    });
    const sent = taken.files.map(({ headers: _h, sample: _s, found: _f, ...file }) =>
      file.table === 'contracts'
        ? { ...file, values: { Turnus: { ...file.values.Turnus, 'nach Absprache': 'quarterly' } } }
        : file,
    );
    const path = `/imports/uploads/${taken.upload}/mapping`;
    const mapped = await ask<BookUpload>('PUT', path, { files: sent, saveAs: 'their words' });
    expect(mapped).toMatchObject({ errorCount: 0, mappingName: 'their words' });
    const next = await upload(files, '/imports/uploads?mapping=their%20words');
    expect(next.json<BookUpload>()).toMatchObject({ errorCount: 0 });
    expect(contractsIn(next.json()).values.Turnus).toEqual({
      jährlich: 'annual',
      'nach Absprache': 'quarterly',
    });
    const faulty = sent.map((file) => ({ ...file, values: { Turnus: { jährlich: 5 } } }));
    const refused = await ask<Problem>('PUT', path, { files: faulty }, 400);
    expect(refused.code).toBe('validation-failed');
    for (const one of [taken, next.json<BookUpload>()])
      await ask('DELETE', `/imports/uploads/${one.upload}`, undefined, 204);
    await ask('DELETE', '/imports/mappings/their%20words', undefined, 204);
  });
});

describe('templates', () => {
  it('are what can be uploaded as they are', async () => {
    for (const format of ['xlsx', 'zip']) {
      const { rawPayload } = await at.as('biller', 'GET', `/imports/template?format=${format}`);
      const found = (await upload({ [`book.${format}`]: rawPayload })).json<BookUpload>();
      expect([found.errorCount, found.leftOut, Object.keys(found.tables).length]).toEqual([
        0,
        [],
        23,
      ]);
      await ask('DELETE', `/imports/uploads/${found.upload}`, undefined, 204);
    }
  });
});

describe('what strangers upload', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const said = async (files: Files, status: number) => {
    const before = await readdir(folder);
    const answer = await upload(files);
    expect(answer.statusCode, answer.body).toBe(status);
    expect(await readdir(folder)).toEqual(before);
    return answer.json<Problem>().detail;
  };

  it('is refused in words, and nothing of it is kept', async () => {
    const macros = zipSync({ 'xl/workbook.xml': bytes('<x/>'), 'xl/vbaProject.bin': bytes('x') });
    expect(await said({ 'book.xlsx': macros }, 422)).toMatch(/holds macros; save it as .xlsx/);
    expect(await said({ 'book.xlsm': macros }, 422)).toMatch(/may hold macros/);
    expect(await said({ 'b.zip': zipSync({ '../../x.csv': bytes('x') }) }, 422)).toMatch(
      /leads out/,
    );
    const bomb = zipSync({ 'accounts.csv': new Uint8Array(8 * 1024 * 1024) });
    expect(await said({ 'b.zip': bomb }, 422)).toMatch(/far more than a book holds/);
    const whole = Buffer.from(await workbookOf(templateSheets()));
    expect(await said({ 'book.xlsx': whole.subarray(0, whole.length / 2) }, 422)).toMatch(
      /cut off/,
    );
    expect(await said({ 'accounts.csv': '' }, 422)).toMatch(/is empty/);
    expect(await said({ 'notes.txt': 'x' }, 422)).toMatch(/no table/);
    expect(await said({ 'book.xlsx': whole, 'accounts.csv': 'account\n' }, 422)).toMatch(/either/);
  });

  it('of 200 MB is stopped at the limit', async () => {
    const answer = await said({ 'accounts.csv': new Uint8Array(200 * 1024 * 1024).fill(65) }, 413);
    expect(answer).toMatch(/larger than 100 MB.*perennial book import/s);
  });

  it('breaks off half-way and leaves nothing', async () => {
    const { payload, type } = await multipart(GERMAN);
    const before = await readdir(folder);
    const answer = await at.app.inject({
      method: 'POST',
      url: '/api/v1/imports/uploads',
      headers: { ...at.people.biller.bearer, 'content-type': type },
      payload: payload.subarray(0, payload.length - 400),
    });
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json<Problem>().detail).toMatch(/broke off/);
    expect(await readdir(folder)).toEqual(before);
  });

  it('is open only to those who bill', async () => {
    expect((await upload(GERMAN, '/imports/uploads', 'viewer')).statusCode).toBe(403);
  });
});
