/** The company's own settings, its papers before they are saved, rules that approve, and a month's files. */
import { zipSync } from 'fflate';
import readExcelFile from 'read-excel-file/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeView, CompanyView, Page, Problem, Setting } from '../../../api/types.ts';
import {
  approveByPolicy,
  createRun,
  getRun,
  loadBook,
  saveComputedRun,
  submitRun,
} from '../../../db/index.ts';
import { PREVIEW_KINDS } from '../../../documents/mails/previews.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import { type Scene, scene, smallBook } from './fixture.ts';

let at: Scene;
beforeAll(async () => {
  at = await scene({ now: () => new Date('2026-11-10T12:00:00Z') }, smallBook());
});
afterAll(() => at?.close());

const as: Scene['as'] = (...request) => at.as(...request);
async function change(body: object, status = 200) {
  const { headers } = await as('admin', 'GET', '/settings/company/ACME');
  const answer = await as(
    'admin',
    'PATCH',
    '/settings/company/ACME',
    { reason: 'moved', ...body },
    {
      'if-match': String(headers.etag),
    },
  );
  expect(answer.statusCode, answer.body).toBe(status);
  return answer;
}
/** One pixel, whole. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('a company', () => {
  it('shows who sells, its numbers and its reminders', async () => {
    const answer = await as('biller', 'GET', '/settings/company/ACME');
    expect(answer.json<CompanyView>()).toMatchObject({
      entity: 'ACME',
      columns: { legal_name: 'Acme GmbH', iban: 'DE02120300000000202051' },
      invoices: { series: 'INV', next: 'INV-2026-00001', lastIssuedOn: null },
      ladder: null,
    });
    expect(answer.json<CompanyView>().stages.length).toBeGreaterThan(3);
    expect((await as('viewer', 'GET', '/settings/company/ACME')).statusCode).toBe(403);
  });

  it('is changed by an admin, checked like an import, and audited', async () => {
    const bad = await change(
      { columns: { iban: 'DE00120300000000202051', country: 'Germany' } },
      400,
    );
    expect(bad.json<Problem>().errors?.map(({ path }) => path)).toEqual(['iban', 'country']);
    await change({
      columns: { city: 'Bremen', fiscal_year_start: '04-01' },
      ladder: '3 reminder; 20 final-notice',
    });
    const view = (await as('admin', 'GET', '/settings/company/ACME')).json<CompanyView>();
    expect(view).toMatchObject({
      columns: { city: 'Bremen', fiscal_year_start: '04-01' },
      ladder: '3 reminder; 20 final-notice',
    });
    expect(view.stages.map(({ dayOffset }) => dayOffset)).toEqual([3, 20]);
    expect((await change({ ladder: '20 reminder; 3 shout' }, 400)).json<Problem>().detail).toMatch(
      /shout/,
    );
    const { items } = (await as('admin', 'GET', '/audit?action=company.change')).json<
      Page<ChangeView>
    >();
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items[0])).toContain('Bremen');
    const biller = await as('biller', 'PATCH', '/settings/company/ACME', {
      reason: 'no',
      columns: {},
    });
    expect(biller.statusCode).toBe(403);
  });

  it('numbers only forward, and never with a gap', async () => {
    await change({ nextNumber: 120 });
    const back = await change({ nextNumber: 119 }, 422);
    expect(back.json<Problem>().detail).toMatch(/only go forward, the next is INV-2026-00120/);
    const view = (await as('admin', 'GET', '/settings/company/ACME')).json<CompanyView>();
    expect(view.invoices.next).toBe('INV-2026-00120');
  });

  it('takes a logo that its papers can print, and says why it takes no other', async () => {
    const put = (content: string | null) =>
      as('admin', 'PUT', '/settings/company/ACME/logo', { content, reason: 'new logo' });
    const said = async (bytes: Buffer) =>
      (await put(bytes.toString('base64'))).json<Problem>().detail;
    expect(await said(Buffer.from('<svg onload="alert(1)"/>'))).toMatch(/SVG.*save it as PNG/);
    expect(await said(Buffer.from('GIF89a'))).toMatch(/no PNG or JPEG/);
    expect(await said(Buffer.from(PNG, 'base64').subarray(0, 50))).toMatch(/cut off/);
    expect(await said(Buffer.alloc(400_000))).toMatch(/larger than 300 KB/);
    expect(await said(Buffer.from(zipSync({ a: new Uint8Array(9) })))).toMatch(/no PNG or JPEG/);
    expect((await put(PNG)).json<CompanyView>().logo).toBe(`data:image/png;base64,${PNG}`);
    expect((await put(null)).json<CompanyView>().logo).toBeNull();
  });

  it('sees its invoice and every mail on real data before it saves', async () => {
    const changes = encodeURIComponent(JSON.stringify({ columns: { legal_name: 'Acme & Söhne' } }));
    const paper = await as(
      'biller',
      'GET',
      `/settings/company/ACME/preview/invoice?changes=${changes}`,
    );
    expect([paper.statusCode, paper.headers['content-type']]).toEqual([200, 'application/pdf']);
    for (const kind of PREVIEW_KINDS)
      for (const language of ['en', 'de']) {
        const url = `/settings/company/ACME/preview/mails/${kind}?language=${language}&changes=${changes}`;
        const mail = await as('biller', 'GET', url);
        expect(mail.statusCode, `${kind} ${mail.body}`).toBe(200);
        expect(mail.body, kind).toContain('Acme &amp; Söhne');
      }
    const german = await as(
      'biller',
      'GET',
      '/settings/company/ACME/preview/mails/invoice?language=de',
    );
    expect(german.body).toMatch(/Rechnung/);
    const stored = (await as('admin', 'GET', '/settings/company/ACME')).json<CompanyView>();
    expect(stored.columns.legal_name).toBe('Acme GmbH');
  });
});

const RUN = '2026-12';
describe('a rule that approves', () => {
  const setRule = async (value: object | null) => {
    const found = await as('admin', 'GET', '/settings/automatic-approval');
    const answer = await as(
      'admin',
      'PATCH',
      '/settings/automatic-approval',
      { value, reason: 'small runs need no second person' },
      { 'if-match': String(found.headers.etag) },
    );
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json<Setting>();
  };

  it('is off until an admin turns it on', async () => {
    const book = await loadBook(at.db);
    await createRun(at.db, { run: RUN, runOn: `${RUN}-15`, clock: null, startedBy: null });
    await saveComputedRun(at.db, RUN, previewBillRun(book, { run: `${RUN}-15` }), {
      invoice: invoiceKey,
      creditNote: creditNoteKey,
    });
    await submitRun(at.db, { run: RUN, actor: { user: at.people.biller.id, role: 'biller' } });
    expect(await approveByPolicy(at.db, RUN)).toMatchObject({ approved: false });
  });

  it('leaves what is above its amount, or of another currency, to people', async () => {
    await setRule({ atMostMinor: { EUR: 100 }, submits: false });
    expect((await approveByPolicy(at.db, RUN)).why).toMatch(/bills more in EUR/);
    await setRule({ atMostMinor: { USD: 1_000_000 }, submits: false });
    expect((await approveByPolicy(at.db, RUN)).why).toMatch(/no limit is set for EUR/);
  });

  it('approves what fits, and the audit trail names the rule and the numbers', async () => {
    await setRule({ atMostMinor: { EUR: 1_000_000 }, submits: false });
    expect(await approveByPolicy(at.db, RUN)).toEqual({ approved: true, why: null });
    expect(await approveByPolicy(at.db, RUN)).toEqual({ approved: true, why: null });
    expect(await getRun(at.db, RUN)).toMatchObject({
      state: 'approved',
      checker: 'policy:automatic-approval',
    });
    const { items } = (await as('admin', 'GET', '/audit?action=bill-run.approve')).json<
      Page<ChangeView>
    >();
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items[0])).toContain('atMostMinor');
  });
});

describe('a month’s files', () => {
  const file = (url: string) => as('biller', 'GET', url);

  it('are the control sheet as a workbook of figures', async () => {
    const { rawPayload, headers } = await file(`/bill-runs/${RUN}/control-sheet`);
    expect(headers['content-disposition']).toContain('control-sheet-2026-12.xlsx');
    const sheets = await readExcelFile(rawPayload);
    expect(sheets.map(({ sheet }) => sheet)).toEqual(['Control sheet', 'Comparison', 'Documents']);
    const [header = [], row = []] = sheets[0]?.data ?? [];
    const at2 = (name: string) => row[header.indexOf(name)];
    expect([at2('Currency'), at2('Due'), at2('Adds up')]).toEqual(['EUR', 100, 'yes']);
  });

  it('are the register and the journal', async () => {
    const span = 'from=2026-01-01&to=2026-12-31';
    const register = await file(`/exports/invoice-register?${span}&imported=true`);
    expect(register.body.split('\n').slice(0, 2).join('\n')).toContain('INV-OLD-1');
    expect((await file(`/exports/invoice-register?${span}`)).body.trim()).toBe('');
    const journal = await file(`/exports/journal?${span}&format=hledger`);
    expect(journal.body).toContain('INV-OLD-1');
    expect((await file(`/exports/journal?${span}`)).body).toContain('receivable');
    const wrong = await file('/exports/journal?from=2026-12-31&to=2026-01-01');
    expect(wrong.statusCode).toBe(400);
  });
});
