/** Findings over HTTP: the list, both sides, who looks after one, previews, deeds of two people, questions and answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideHeldItem } from '../../../activities/bill-run-held.ts';
import type {
  FindingDetail,
  FindingDone,
  FindingPreview,
  FindingSummary,
  FindingsOverview,
  FindingsReport,
  FoundYear,
  Page,
  Problem,
} from '../../../api/types.ts';
import { publicLinks } from '../../../connectors/mail/links.ts';
import {
  createRun,
  getFact,
  getRun,
  importBook,
  listRunItems,
  loadBook,
  reconcile,
  saveComputedRun,
} from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Book } from '../../../domain/book/tables.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import { CONFIGURATION } from '../../api/fixture.ts';
import { ok } from './answers.ts';
import { forgedLink, row, type Scene, scene, smallBook } from './fixture.ts';
import { unreachable } from './outside.ts';

const TODAY = '2026-11-20';

/** Billed 60 of 100; an order that nobody wrote a contract for; a license of too many seats; no billing contact. */
function troubledBook(): Book {
  const book = smallBook();
  return {
    ...book,
    accounts: book.accounts.map((one) => ({
      ...one,
      kind: 'business' as const,
      ownerEmail: 'owner@example.com',
      poRequired: true,
    })),
    invoices: book.invoices.map((one) => ({
      ...one,
      net: '60.00',
      tax: '0.00',
      total: '60.00',
      balance: '60.00',
    })),
    invoice_lines: book.invoice_lines.map((one) => ({ ...one, net: '60.00', tax: '0.00' })),
    licenses: [
      row('licenses', {
        license: 'L-1',
        account: 'A-1',
        subcontract: 'S-1',
        sku: 'CAD',
        seats: '3',
        kind: 'full',
        state: 'enabled',
        validFrom: '2026-01-01',
        validThrough: '2026-12-31',
      }),
    ],
    orders: [
      row('orders', {
        order: 'O-7',
        line: '1',
        account: 'A-1',
        sku: 'CAD',
        quantity: '2',
        unitPrice: '50',
        entity: 'ACME',
        stage: 'closed_won',
        closed: '2026-10-01',
        opportunity: 'OPP-7',
      }),
    ],
  };
}

let at: Scene;
const look = () => reconcile(at.db, { asOf: TODAY, cause: 'demand' });
beforeAll(async () => {
  at = await scene({ now: () => new Date(`${TODAY}T10:00:00Z`) }, troubledBook());
  await look();
});
afterAll(() => at?.close());

const as: Scene['as'] = (...request) => at.as(...request);
const read = <T>(path: string, role: keyof Scene['people'] = 'biller') =>
  ok<T>(as(role, 'GET', path), 200);
const list = (query = '') => read<Page<FindingSummary>>(`/findings${query}`);
async function named(rule: string): Promise<FindingDetail> {
  const [found] = (await list(`?rule=${rule}&state=all`)).items;
  if (found === undefined) throw new Error(`no ${rule}`);
  return read<FindingDetail>(`/findings/${found.finding}`);
}
const offered = ({ actions }: FindingDetail, action: string) => {
  const view = actions.find((one) => one.action === action);
  if (view === undefined) throw new Error(`no action ${action}`);
  const initial = view.fields.flatMap(({ name, initial: value }) =>
    value === null ? [] : [[name, value] as const],
  );
  return { view, input: Object.fromEntries(initial) };
};
async function preview(finding: string, action: string, input: Record<string, string> = {}) {
  const path = `/findings/${finding}/actions/${action}/preview`;
  return ok<FindingPreview>(as('biller', 'POST', path, { input }), 200);
}
async function act(
  finding: string,
  action: string,
  input: Record<string, string> = {},
): Promise<FindingDone> {
  const { shownHash } = await preview(finding, action, input);
  const body = { input, shownHash, reason: 'found by the nightly look' };
  return ok<FindingDone>(as('biller', 'POST', `/findings/${finding}/actions/${action}`, body), 202);
}
const refusal = async (answer: Promise<{ statusCode: number; json: <T>() => T }>) => {
  const { statusCode, json } = await answer;
  return [statusCode, json<Problem>().code];
};

describe('the list', () => {
  it('has one finding a discrepancy, most money first, and says what is at stake', async () => {
    const { items, total } = await list();
    expect(total).toBe(items.length);
    expect(items.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['order-without-contract', 'underbilled', 'seats-over', 'po-missing']),
    );
    const amounts = items.map(({ money }) => Math.abs(money?.amount ?? 0));
    expect(amounts).toEqual([...amounts].sort((a, b) => b - a));
    expect(items.find(({ rule }) => rule === 'underbilled')).toMatchObject({
      state: 'new',
      title: 'Billed too little',
      money: { amount: 4000, currency: 'EUR' },
      account: { account: 'A-1', name: 'Kunde & Co' },
      contract: 'C-1',
      subcontract: 'S-1',
      ageDays: 0,
    });
    const overview = await read<FindingsOverview>('/findings/overview');
    expect(overview).toMatchObject({ openCount: total, isStale: false, lastLook: { asOf: TODAY } });
    const asked = await read<FindingsReport>(`/reports/findings?asOf=${TODAY}`);
    expect(overview.atStake).toEqual(asked.atStake);
  });

  it('is filtered, searched and paged, and refuses what it does not know', async () => {
    expect((await list('?severity=low')).items.every(({ severity }) => severity === 'low')).toBe(
      true,
    );
    expect((await list('?owner=none')).total).toBe((await list()).total);
    expect((await list('?contract=C-1&rule=seats-over')).total).toBe(1);
    expect((await list('?state=resolved')).total).toBe(0);
    expect((await list('?limit=1')).nextCursor).not.toBeNull();
    for (const query of [
      '?state=lost',
      '?severity=9',
      '?colour=red',
      '?currency=EURO',
      '?sort=colour',
    ])
      expect([query, (await as('viewer', 'GET', `/findings${query}`)).statusCode]).toEqual([
        query,
        400,
      ]);
    expect(await refusal(as('viewer', 'GET', '/findings/F-99999'))).toEqual([404, 'not-found']);
    expect(await refusal(as('viewer', 'GET', '/findings/seventeen'))).toEqual([
      400,
      'validation-failed',
    ]);
  });

  it('says what was not compared, and never that it is fine', async () => {
    const { notChecked } = await read<FindingsOverview>('/findings/overview');
    await unreachable(at.db, '2026-11-18');
    await look();
    const after = await read<FindingsOverview>('/findings/overview');
    const outside = after.notChecked.filter(
      ({ source }) => source === 'accounting' || source === 'crm',
    );
    for (const { rule, cause, title } of outside)
      expect([rule, cause, title !== rule]).toEqual([
        rule,
        'books could not be read: it does not answer',
        true,
      ]);
    expect(after.notChecked.length).toBe(notChecked.length);
  });
});

describe('people', () => {
  it('take a finding on, accept it with a reason until a day, and are told why where they may not', async () => {
    const { finding } = await named('po-missing');
    expect((await as('viewer', 'POST', `/findings/${finding}/assign`, {})).statusCode).toBe(403);
    const mine = await as('support', 'POST', `/findings/${finding}/assign`, {});
    expect(mine.json<FindingDetail>()).toMatchObject({
      state: 'assigned',
      owner: { name: 'The support' },
    });
    const given = { owner: 'Biller@example.com', reason: 'you know them' };
    const theirs = await as('biller', 'POST', `/findings/${finding}/assign`, given);
    expect(theirs.json<FindingDetail>().owner?.name).toBe('The biller');
    const path = `/findings/${finding}/accept`;
    const until = '2026-12-31';
    expect((await as('support', 'POST', path, { until, reason: 'agreed' })).statusCode).toBe(403);
    for (const body of [{ until }, { until, reason: '' }, { until: '31 Dec', reason: 'agreed' }])
      expect(await refusal(as('biller', 'POST', path, body))).toEqual([400, 'validation-failed']);
    const past = { until: '2026-11-19', reason: 'agreed by phone' };
    expect(await refusal(as('biller', 'POST', path, past))).toEqual([422, 'invalid-input']);
    const nobody = as('biller', 'POST', `/findings/${finding}/assign`, { owner: 'nobody' });
    expect(await refusal(nobody)).toEqual([404, 'not-found']);
    const accepted = await as('biller', 'POST', path, {
      until,
      reason: 'they send it in December',
    });
    expect(accepted.json<FindingDetail>()).toMatchObject({
      state: 'accepted',
      acceptedUntil: until,
    });
    expect((await list('?rule=po-missing')).total).toBe(0);
    expect((await list('?rule=po-missing&state=accepted')).total).toBe(1);
    const { events } = await named('po-missing');
    expect(events.map(({ kind }) => kind)).toEqual(['found', 'assigned', 'assigned', 'accepted']);
    expect(events.at(-1)).toMatchObject({
      reason: 'they send it in December',
      actor: { name: 'The biller' },
    });
  });

  it('have the books looked over', async () => {
    expect((await as('viewer', 'POST', '/findings/look')).statusCode).toBe(403);
    const asked = await as('biller', 'POST', '/findings/look');
    expect([asked.statusCode, asked.headers.location]).toEqual([202, '/api/v1/findings/overview']);
    expect(at.processes.asked.at(-1)).toMatchObject({
      what: 'lookOverBooks',
      args: { cause: 'demand' },
    });
  });
});

describe('one decision', () => {
  it('shows both sides with links, and why it matters', async () => {
    const detail = await named('seats-over');
    expect(detail.agreed).toMatchObject([
      { table: 'subcontracts', id: 'S-1', link: '/contracts/C-1' },
    ]);
    expect(detail.found).toMatchObject([{ system: 'license', table: 'licenses', id: 'L-1' }]);
    expect(detail.matters).not.toBe('');
    expect(detail.may).toEqual({ assign: true, accept: true, act: true });
    expect((await read<FindingDetail>(`/findings/${detail.finding}`, 'viewer')).may).toEqual({
      assign: false,
      accept: false,
      act: false,
    });
  });

  it('bills now: a run of its own, submitted; what is shown is what the engine computes', async () => {
    const { finding } = await named('underbilled');
    const shown = await preview(finding, 'billNow');
    expect(shown.needsApproval).toBe(true);
    expect(shown.changes.find(({ name }) => name === 'This finding')).toEqual({
      name: 'This finding',
      before: '40.00 EUR',
      after: 'mended',
    });
    expect(shown.changes[0]?.after).toContain('40.00 EUR net');
    expect(
      (await as('approver', 'POST', `/findings/${finding}/actions/billNow/preview`, {})).statusCode,
    ).toBe(403);
    const forged = { input: {}, shownHash: 'f'.repeat(64), reason: 'a different amount' };
    const other = as('biller', 'POST', `/findings/${finding}/actions/billNow`, forged);
    expect(await refusal(other)).toEqual([409, 'numbers-changed']);
    at.processes.asked.length = 0;
    const done = await act(finding, 'billNow');
    const run = `2026-11+${finding}`;
    expect(done).toMatchObject({
      waitsForApproval: true,
      link: `/bill-runs/${encodeURIComponent(run)}`,
    });
    expect(at.processes.asked).toMatchObject([
      {
        what: 'start',
        workflow: run,
        args: {
          run,
          runOn: TODAY,
          startedBy: { user: at.people.biller.id },
          only: { contract: 'C-1', subject: 'S-1', periodStart: '2026-01-01' },
        },
      },
      { what: 'submit', workflow: `bill-run:${run}` },
    ]);
    expect((await named('underbilled')).events.at(-1)).toMatchObject({ kind: 'billing-asked' });
  });

  it('amends to the seats in use; the rule itself says that it is mended then', async () => {
    const detail = await named('seats-over');
    const { input } = offered(detail, 'amend');
    expect(input).toMatchObject({ kind: 'quantity', value: '3' });
    const { changes } = await preview(detail.finding, 'amend', { ...input, effective: TODAY });
    expect(changes.find(({ name }) => name === 'This finding')?.after).toBe('mended');
    at.processes.asked.length = 0;
    await act(detail.finding, 'amend', { ...input, effective: TODAY });
    expect(at.processes.asked).toMatchObject([
      {
        what: 'amend',
        workflow: 'C-1',
        args: [{ kind: 'quantity', value: '3', subcontract: 'S-1' }, { role: 'biller' }],
      },
      { what: 'lookOverBooks', args: { cause: 'after-action' } },
    ]);
    for (const wrong of [
      {},
      { ...input, value: 'three' },
      { ...input, effective: 'now' },
      { ...input, kind: 'price', value: '' },
      { ...input, colour: 'red' },
    ])
      expect(
        await refusal(
          as('biller', 'POST', `/findings/${detail.finding}/actions/amend/preview`, {
            input: wrong,
          }),
        ),
      ).toEqual([400, 'validation-failed']);
  });

  it('draws up the contract that an order lacks', async () => {
    const detail = await named('order-without-contract');
    const { input } = offered(detail, 'drawUpContract');
    const shown = await preview(detail.finding, 'drawUpContract', input);
    expect(shown.changes[0]).toEqual({
      name: 'This finding',
      before: '100.00 EUR',
      after: 'mended',
    });
    await act(detail.finding, 'drawUpContract', input);
    expect(await getFact(at.db, 'contracts', { contract: 'C-O-7' })).toMatchObject({
      start: '2026-10-01',
      end: '2027-09-30',
      account: 'A-1',
    });
    expect(at.processes.asked.slice(-2)).toMatchObject([
      { what: 'start', workflow: 'C-O-7' },
      { what: 'lookOverBooks' },
    ]);
    await look();
    expect(await named('order-without-contract')).toMatchObject({ state: 'resolved', actions: [] });
    const again = as(
      'biller',
      'POST',
      `/findings/${detail.finding}/actions/drawUpContract/preview`,
      { input },
    );
    expect(await refusal(again)).toEqual([409, 'already-decided']);
  });

  it('corrects our own record, checked as anywhere else', async () => {
    const { finding } = await named('contact-missing');
    const path = `/findings/${finding}/actions/correctRecord/preview`;
    for (const input of [{}, { billingEmail: 'no address' }, { name: 'x' }])
      expect(await refusal(as('biller', 'POST', path, { input }))).toEqual([
        400,
        'validation-failed',
      ]);
    await act(finding, 'correctRecord', { billingEmail: 'billing@kunde.example' });
    expect((await getFact(at.db, 'accounts', { account: 'A-1' }))?.billingEmail).toBe(
      'billing@kunde.example',
    );
    await look();
    expect((await named('contact-missing')).state).toBe('resolved');
  });

  it('writes to the CRM by a process of its own', async () => {
    const { finding } = await named('seats-over');
    const unknown = as('biller', 'POST', `/findings/${finding}/actions/correctInCrm/preview`, {});
    expect(await refusal(unknown)).toEqual([404, 'not-found']);
    const replaced = await act(finding, 'replaceLicense');
    expect(replaced.waitsForApproval).toBe(false);
    expect(at.processes.asked.at(-1)).toMatchObject({
      args: { fix: { kind: 'refresh-licenses', contract: 'C-1' }, actor: { role: 'biller' } },
    });
  });
});

describe('the owner of an account', () => {
  it('is asked by mail and answers behind a signed link, once', async () => {
    const detail = await named('seats-over');
    const { input } = offered(detail, 'askOwner');
    expect(input.to).toBe('owner@example.com');
    await act(detail.finding, 'askOwner', input);
    const { questions } = await named('seats-over');
    const [asked] = questions;
    if (asked === undefined) throw new Error('a question is kept');
    expect(at.processes.asked.at(-1)).toMatchObject({
      args: { fix: { kind: 'ask-owner', question: asked.question } },
    });
    const url = publicLinks('', CONFIGURATION.linkKey).answerQuestion(asked.question);
    const page = await at.app.inject({ method: 'GET', url });
    expect([page.statusCode, page.body.includes('Kunde &amp; Co')]).toEqual([200, true]);
    const send = (answer: string) =>
      at.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: `answer=${encodeURIComponent(answer)}`,
      });
    expect((await send('')).statusCode).toBe(400);
    expect((await send('<b>Yes</b>, they bought two more.')).statusCode).toBe(303);
    expect((await send('No.')).statusCode).toBe(303);
    expect((await at.app.inject({ method: 'GET', url })).body).toContain('&lt;b&gt;Yes&lt;/b&gt;');
    expect((await named('seats-over')).questions[0]?.answer).toBe(
      '<b>Yes</b>, they bought two more.',
    );
    const forged = await at.app.inject({ method: 'GET', url: forgedLink(url) });
    expect(forged.statusCode).toBe(404);
  });
});

describe('an old find in a bill run', () => {
  it('is really billed when a person includes it, and no more when they change their mind', async () => {
    const book = smallBook();
    const old: Book = {
      ...book,
      contracts: [
        row('contracts', {
          ...book.contracts[0],
          contract: 'C-OLD',
          start: '2024-01-01',
          end: '2024-12-31',
        }),
      ],
      subcontracts: [
        row('subcontracts', { ...book.subcontracts[0], subcontract: 'S-OLD', contract: 'C-OLD' }),
      ],
      invoices: [],
      invoice_lines: [],
    };
    await importBook(at.db, old, { importId: 'old', actor: { user: 'test', role: 'admin' } });
    const run = '2026-11';
    await createRun(at.db, { run, runOn: '2026-11-15', clock: null, startedBy: null });
    const whole = await loadBook(at.db, { clock: null });
    const keys = { invoice: invoiceKey, creditNote: creditNoteKey };
    await saveComputedRun(at.db, run, previewBillRun(whole, { run: '2026-11-15' }), keys);
    const [held] = (await listRunItems(at.db, run, { kinds: ['held'] })).filter(
      ({ contract }) => contract === 'C-OLD',
    );
    if (held === undefined) throw new Error('it is held');
    const before = (await getRun(at.db, run))?.control;
    const decide = (decision: 'include' | 'hold') =>
      decideHeldItem(at, {
        ...{ run, item: held.item, decision, reason: 'it is owed' },
        actor: { user: at.people.biller.id, role: 'biller' },
      });
    await decide('include');
    await decide('include');
    const billed = (await listRunItems(at.db, run, { kinds: ['invoice'] })).filter(
      ({ contract }) => contract === 'C-OLD',
    );
    expect(billed).toMatchObject([{ decision: 'include', state: 'computed', netMinor: 10000 }]);
    const control = (await getRun(at.db, run))?.control as Record<string, Record<string, number>>;
    const sheet = control.EUR ?? {};
    expect(sheet.due).toBe(
      (sheet.invoiced ?? 0) +
        (sheet.held ?? 0) +
        (sheet.excluded ?? 0) +
        (sheet.setAside ?? 0) +
        (sheet.carried ?? 0),
    );
    expect(sheet.invoiced).toBe(((before as typeof control).EUR?.invoiced ?? 0) + 10000);
    await decide('hold');
    expect((await getRun(at.db, run))?.control).toEqual(before);
    expect(
      (await listRunItems(at.db, run, { kinds: ['invoice'] })).filter(
        ({ contract }) => contract === 'C-OLD',
      ),
    ).toEqual([]);
    await look();
    const finding = (await list('?contract=C-OLD&rule=unbilled')).items[0]?.finding ?? '';
    const shown = await preview(finding, 'billNow');
    expect(shown.words).toContain('bill run 2026-11');
    at.processes.asked.length = 0;
    await act(finding, 'billNow');
    expect(at.processes.asked).toMatchObject([
      {
        what: 'include',
        workflow: 'bill-run:2026-11',
        args: [{ item: held.item }, { role: 'biller' }],
      },
    ]);
  });
});

describe('found this year', () => {
  it('adds up: what was found is what is open and what was made of it', async () => {
    const year = await read<FoundYear>('/reports/found?year=2026');
    const all = (await list('?state=all&limit=200')).items;
    const found = await Promise.all(
      all.map(({ finding }) => read<FindingDetail>(`/findings/${finding}`)),
    );
    const eur = year.totals.find(({ currency }) => currency === 'EUR');
    const sum = (of: 'foundMoney' | 'recovered' | 'prevented' | 'corrected') =>
      found.reduce((total, one) => total + (one[of]?.amount ?? 0), 0);
    expect(eur).toMatchObject({
      found: { amount: sum('foundMoney') },
      recovered: { amount: sum('recovered') },
      prevented: { amount: sum('prevented') },
      corrected: { amount: sum('corrected') },
    });
    const parts = (of: readonly { found: { amount: number }; prevented: { amount: number } }[]) =>
      of.reduce((total, one) => total + one.found.amount + one.prevented.amount, 0);
    expect(parts(year.months)).toBe(parts(year.totals));
    expect(parts(year.rules)).toBe(parts(year.totals));
    expect(sum('prevented')).toBe(10000);
    expect((await as('viewer', 'GET', '/reports/found?year=20')).statusCode).toBe(400);
    expect((await read<FoundYear>('/reports/found?year=2031')).totals).toEqual([]);
  });
});
