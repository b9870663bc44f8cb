/** Contracts, runs, credits, payments, webhooks: what reaches the record and the processes, and what is refused. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemError } from '../../../api/problems.ts';
import type {
  AccountPage,
  Approval,
  BillRunPreviewAnswer,
  BillRunReview,
  ContractPage,
  InvoicePage,
  Page,
  Problem,
  Receivables,
  Today,
} from '../../../api/types.ts';
import { publicLinks } from '../../../connectors/mail/links.ts';
import { createRun, decideItem, getPayment, loadBook, saveComputedRun } from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import { CONFIGURATION } from '../../api/fixture.ts';
import { forgedLink, type Scene, scene, smallBook } from './fixture.ts';

let at: Scene;
beforeAll(async () => {
  at = await scene({}, smallBook());
});
afterAll(() => at?.close());

const as: Scene['as'] = (...request) => at.as(...request);

describe('pages', () => {
  it('show a contract with its segments, invoices and one “now”', async () => {
    const answer = await as('viewer', 'GET', '/contracts/C-1');
    expect(answer.statusCode, answer.body).toBe(200);
    const page = answer.json<ContractPage>();
    expect(page.account).toEqual({ account: 'A-1', name: 'Kunde & Co' });
    expect(page.subcontracts[0]?.segments).toMatchObject([
      { start: '2026-01-01', end: '2027-12-31', quantity: '1', unitPrice: '100', paused: false },
    ]);
    expect(page.timeline.filter(({ tense }) => tense === 'now')).toHaveLength(1);
    expect(page.invoices.map(({ invoice }) => invoice)).toEqual(['INV-OLD-1']);
    expect(page.may).toEqual([]);
    expect(page.temporalUiUrl).toBeNull();
    const biller = (await as('biller', 'GET', '/contracts/C-1')).json<ContractPage>();
    expect(biller.may).toEqual(['amend', 'hold', 'terminate', 'grace']);
  });

  it('show a customer, receivables and today', async () => {
    const customer = (await as('viewer', 'GET', '/accounts/A-1')).json<AccountPage>();
    expect(customer.open).toEqual([{ amount: 11900, currency: 'EUR' }]);
    const owed = (
      await as('viewer', 'GET', '/reports/receivables?asOf=2026-03-01')
    ).json<Receivables>();
    expect(owed.totals[0]).toMatchObject({
      currency: 'EUR',
      open: { amount: 11900 },
      overdue: { amount: 11900 },
    });
    expect(owed.totals[0]?.aging.find(({ bucket }) => bucket === '1-30')).toMatchObject({
      amount: { amount: 11900, currency: 'EUR' },
      invoices: 1,
    });
    const today = await as('viewer', 'GET', '/reports/today');
    expect(today.statusCode, today.body).toBe(200);
    expect(today.json<Today>().receivable[0]?.open.amount).toBe(11900);
  });

  it('list by pages with a cursor, and refuse what they do not know', async () => {
    for (const sku of ['P1', 'P2', 'P3'])
      await as('biller', 'POST', '/products', { sku, name: sku, kind: 'fee' });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<{ sku: string }> = (
        await as('viewer', 'GET', `/products?limit=2&sort=sku${query}`)
      ).json();
      expect(page.total).toBe(4);
      seen.push(...page.items.map(({ sku }) => sku));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['CAD', 'P1', 'P2', 'P3']);
    for (const query of ['colour=red', 'limit=0', 'sort=colour', 'cursor=nonsense']) {
      const answer = await as('viewer', 'GET', `/products?${query}`);
      expect([query, answer.statusCode, answer.json<Problem>().code]).toEqual([
        query,
        400,
        'validation-failed',
      ]);
    }
  });

  it('change a row only for who has read it', async () => {
    const read = await as('biller', 'GET', '/accounts/A-1');
    const change = (tag?: string) =>
      as(
        'biller',
        'PATCH',
        '/accounts/A-1',
        { city: 'Berlin' },
        tag === undefined ? {} : { 'if-match': tag },
      );
    expect((await change()).statusCode).toBe(428);
    expect((await change('"other"')).statusCode).toBe(412);
    const tag = String(read.headers.etag);
    expect((await change(tag)).statusCode).toBe(200);
    expect((await change(tag)).json<Problem>().code).toBe('precondition-failed');
  });

  it('preview a run without effect', async () => {
    const answer = await as('biller', 'POST', '/bill-runs/preview', { runOn: '2026-11-15' });
    const preview = answer.json<BillRunPreviewAnswer>();
    expect(preview.documents).toMatchObject([
      { kind: 'invoice', contract: 'C-1', net: { amount: 10000, currency: 'EUR' } },
    ]);
    expect((await as('biller', 'GET', '/bill-runs')).json<Page<unknown>>().total).toBe(0);
  });
});

describe('contracts', () => {
  it('pass on what a person asks, with who asked', async () => {
    at.processes.asked.length = 0;
    const held = await as('biller', 'POST', '/contracts/C-1/hold', { reason: 'price dispute' });
    expect(held.statusCode).toBe(204);
    expect(at.processes.asked).toEqual([
      {
        what: 'hold',
        workflow: 'C-1',
        args: [{ reason: 'price dispute' }, { user: at.people.biller.id, role: 'biller' }],
      },
    ]);
  });
  it('keep the code of a refusal, and say so when nobody works', async () => {
    at.processes.refuse = new ProblemError('contract-already-held', 'C-1 is on hold since May.');
    const refused = await as('biller', 'POST', '/contracts/C-1/hold', { reason: 'again' });
    expect([refused.statusCode, refused.json<Problem>().code]).toEqual([
      409,
      'contract-already-held',
    ]);
    at.processes.refuse = new ProblemError('worker-unavailable', 'No worker took it.');
    const late = await as('biller', 'POST', '/contracts/C-1/release', { reason: 'settled' });
    expect([late.statusCode, late.headers['retry-after']]).toEqual([503, '5']);
    expect(late.json<Problem>()).toMatchObject({ retryable: true, whoActs: 'operator' });
  });
  it('are not found where there are none', async () => {
    const answer = await as('biller', 'POST', '/contracts/C-404/hold', { reason: 'nothing' });
    expect(answer.json<Problem>().code).toBe('not-found');
  });
});

describe('a bill run', () => {
  it('shows its head, exceptions and documents, and who may decide', async () => {
    const runOn = '2026-11-15';
    await createRun(at.db, { run: '2026-11', runOn, clock: null, startedBy: null });
    const preview = previewBillRun(await loadBook(at.db), { run: runOn });
    await saveComputedRun(at.db, '2026-11', preview, {
      invoice: invoiceKey,
      creditNote: creditNoteKey,
    });
    const answer = await as('biller', 'GET', '/bill-runs/2026-11');
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toMatchObject({
      run: '2026-11',
      state: 'in_review',
      invoiceCount: 1,
      controlAddsUp: true,
      counts: { invoices: 1 },
      may: { submit: true, approve: false, change: true },
    });
    expect(answer.json<{ willDo: string }>().willDo).toMatch(/^Issues 1 invoice for 100\.00 EUR/);
    const items = (await as('viewer', 'GET', '/bill-runs/2026-11/items')).json<
      Page<{ item: string }>
    >();
    const detail = await as(
      'viewer',
      'GET',
      `/bill-runs/2026-11/items/${encodeURIComponent(items.items[0]?.item ?? '')}`,
    );
    expect(detail.json<{ lines: { net: number }[] }>().lines[0]?.net).toBe(10000);
    const item = items.items[0]?.item ?? '';
    const sheet = async (decision: 'include' | 'exclude' | 'hold') => {
      const actor = { user: 'test', role: 'biller' };
      await decideItem(at.db, { run: '2026-11', item, decision, reason: 'a reason', actor });
      const { control, controlAddsUp } = (
        await as('biller', 'GET', '/bill-runs/2026-11')
      ).json<BillRunReview>();
      expect(controlAddsUp).toBe(true);
      return control.EUR;
    };
    const due = { due: 10_000, credited: 0, setAside: 0, carried: 0 };
    expect(await sheet('exclude')).toEqual({ ...due, invoiced: 0, held: 0, excluded: 10_000 });
    expect(await sheet('hold')).toEqual({ ...due, invoiced: 0, held: 10_000, excluded: 0 });
    expect(await sheet('include')).toEqual({ ...due, invoiced: 10_000, held: 0, excluded: 0 });
    const file = await as('viewer', 'GET', '/bill-runs/2026-11/result');
    expect(file.body.split('\n')[0]).toContain('item,kind,decision');
  });
  it('streams its progress until it has ended', async () => {
    const { setRunState } = await import('../../../db/index.ts');
    await createRun(at.db, { run: '2026-10', runOn: '2026-10-15', clock: null, startedBy: null });
    await setRunState(at.db, '2026-10', 'failed', 'for the test');
    const answer = await as('viewer', 'GET', '/bill-runs/2026-10/stream');
    expect(answer.headers['content-type']).toBe('text/event-stream');
    expect(answer.body).toMatch(/^event: progress\ndata: \{"run":"2026-10","state":"failed"/);
  });
});

describe('a credit', () => {
  it('waits for a second person, who is shown what it is', async () => {
    const asked = await as('admin', 'POST', '/invoices/INV-OLD-1/credit', {
      lines: [{ line: '1', netMinor: 1000 }],
      reason: 'agreed discount',
    });
    expect(asked.statusCode, asked.body).toBe(202);
    const approval = asked.json<Approval>();
    expect(approval).toMatchObject({ state: 'waiting', mayDecide: false });
    const path = `/approvals/${encodeURIComponent(approval.approval)}/approve`;
    const { shownHash } = approval;
    const own = await as('admin', 'POST', path, { shownHash });
    expect([own.statusCode, own.json<Problem>().code]).toEqual([403, 'four-eyes']);
    const other = await as('approver', 'POST', path, { shownHash: '00000000' });
    expect(other.json<Problem>().code).toBe('numbers-changed');
    const approved = await as('approver', 'POST', path, { shownHash });
    expect(approved.statusCode, approved.body).toBe(200);
    const twice = await as('approver', 'POST', path, { shownHash });
    expect(twice.json<Problem>().code).toBe('already-decided');
    const page = (await as('viewer', 'GET', '/invoices/INV-OLD-1')).json<InvoicePage>();
    expect(page.creditNotes).toMatchObject([{ total: { amount: -1190, currency: 'EUR' } }]);
    expect(page.balance.amount).toBe(11900 - 1190);
  });
});

describe('Stripe’s webhook', () => {
  const secret = CONFIGURATION.stripeWebhookSecret ?? '';
  const event = (id: string, intent: string, amount = 5000) =>
    JSON.stringify({
      id,
      object: 'event',
      type: 'payment_intent.succeeded',
      created: Math.floor(Date.now() / 1000),
      data: {
        object: {
          id: intent,
          amount_received: amount,
          currency: 'eur',
          metadata: { account: 'A-1', invoice: 'INV-OLD-1' },
        },
      },
    });
  const post = (
    body: string,
    options: { key?: string; ageSeconds?: number; header?: string } = {},
  ) => {
    const t = Math.floor(Date.now() / 1000) - (options.ageSeconds ?? 0);
    const mac = createHmac('sha256', options.key ?? secret)
      .update(`${t}.${body}`)
      .digest('hex');
    return at.app.inject({
      method: 'POST',
      url: '/webhooks/stripe',
      payload: body,
      headers: {
        'content-type': 'application/json',
        'stripe-signature': options.header ?? `t=${t},v1=${mac}`,
      },
    });
  };

  it('stores a payment once and starts its process', async () => {
    at.processes.asked.length = 0;
    const body = event('evt_1', 'pi_1');
    const first = await post(body);
    expect(first.json()).toEqual({ received: true, outcome: 'processed' });
    const again = await post(body);
    expect([again.statusCode, again.json()]).toEqual([
      200,
      { received: true, outcome: 'duplicate' },
    ]);
    expect(await getPayment(at.db, 'stripe:pi_1')).toMatchObject({
      account: 'A-1',
      amountMinor: 5000,
      currency: 'EUR',
      state: 'received',
    });
    expect(at.processes.asked).toEqual([
      { what: 'start', workflow: 'stripe:pi_1', args: { payment: 'stripe:pi_1', clock: null } },
    ]);
  });

  it('takes an event up again that broke off while the engine was away', async () => {
    const body = event('evt_2', 'pi_2');
    at.processes.refuse = new ProblemError('engine-unavailable', 'Temporal is away.');
    expect((await post(body)).statusCode).toBe(503);
    expect((await post(body)).json()).toEqual({ received: true, outcome: 'processed' });
  });

  it.each([
    ['forged', () => post(event('evt_3', 'pi_3'), { key: 'whsec_other' }), 'signature-invalid'],
    ['old', () => post(event('evt_3', 'pi_3'), { ageSeconds: 301 }), 'signature-expired'],
    ['unsigned', () => post(event('evt_3', 'pi_3'), { header: '' }), 'signature-missing'],
    ['no event', () => post('{"hello":"world"}'), 'webhook-malformed'],
    ['no JSON', () => post('hello'), 'webhook-malformed'],
    ['oversized', () => post(`"${'x'.repeat(300_000)}"`), 'webhook-too-large'],
  ])('refuses what is %s, without a trace in the record', async (_name, send, code) => {
    const answer = await send();
    expect([answer.statusCode, answer.json<Problem>().code]).toEqual([400, code]);
    expect(await getPayment(at.db, 'stripe:pi_3')).toBeNull();
  });
});

describe('the page behind an invoice’s mail', () => {
  it('opens with its link alone and shows how to pay', async () => {
    const url = publicLinks('', CONFIGURATION.linkKey).payInvoice('INV-OLD-1');
    const page = await at.app.inject({ url });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('DE02120300000000202051');
    expect(page.body).toContain('Kunde &amp; Co');
    const pdf = await at.app.inject({ url: `${url}/pdf` });
    expect(pdf.headers['content-type']).toBe('application/pdf');
    const forged = await at.app.inject({ url: forgedLink(url) });
    expect([forged.statusCode, forged.json<Problem>().code]).toEqual([404, 'link-invalid']);
  });
});
