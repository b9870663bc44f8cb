/** The Customer page: what it shows of balance and mails, the statement, and a mail that goes out again. */

import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allRows } from '../../../api/http/lists.ts';
import { createPapers } from '../../../api/papers.ts';
import { ProblemError } from '../../../api/problems.ts';
import type { AccountPage, Problem, StatementView } from '../../../api/types.ts';
import { statementIn, statementsOf } from '../../../api/views/statements.ts';
import {
  type AuditEvent,
  beginMail,
  finishMail,
  getFact,
  type NewMail,
  withEffect,
} from '../../../db/index.ts';
import { runJob } from '../../../documents/render-jobs.ts';
import type { RenderPool } from '../../../documents/render-pool.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

let at: Scene;
beforeAll(async () => {
  const book = smallBook();
  at = await scene(
    { now: () => new Date('2026-03-20T12:00:00Z') },
    {
      ...book,
      payments: [
        row('payments', {
          payment: 'P-1',
          account: 'A-1',
          received: '2026-03-01',
          currency: 'EUR',
          amount: '19.00',
          status: 'received',
          reference: 'Transfer 4711',
        }),
      ],
    },
  );
});
afterAll(() => at?.close());

/** Prints in this process. */
const printing: RenderPool = {
  async render(kind, model) {
    const bytes = await runJob(kind, model);
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  },
  close: async () => {},
};

const as: Scene['as'] = (...request) => at.as(...request);

describe('a statement', () => {
  it('adds up over a period, and takes what was before into its opening', async () => {
    const answer = await as('viewer', 'GET', '/statements/A-1?from=2026-01-01&to=2026-03-20');
    expect(answer.statusCode, answer.body).toBe(200);
    const [euros] = answer.json<StatementView>().currencies;
    const moved = euros?.movements.reduce((sum, { amount }) => sum + amount.amount, 0) ?? 0;
    expect(euros?.closing.amount).toBe((euros?.opening.amount ?? 0) + moved);
    expect(euros?.closing).toEqual({ amount: 10_000, currency: 'EUR' });
    expect(euros?.movements.map(({ number }) => number)).toEqual(['INV-OLD-1', 'Transfer 4711']);
    expect(euros?.openItems).toMatchObject([
      { invoice: 'INV-OLD-1', dueOn: '2026-02-14', open: { amount: 11_900 }, overdueDays: 34 },
    ]);
    expect(euros?.unappliedCredit.amount).toBe(1_900);
    const later = await as('viewer', 'GET', '/statements/A-1?from=2026-03-10&to=2026-03-20');
    expect(later.json<StatementView>().currencies[0]).toMatchObject({
      opening: { amount: 10_000 },
      closing: { amount: 10_000 },
      movements: [],
    });
  });

  it('is printed in the currency that is asked for, or the only one', async () => {
    const paper = await as('viewer', 'GET', '/statements/A-1/pdf');
    expect(paper.statusCode, paper.body).toBe(200);
    expect(paper.headers['content-type']).toBe('application/pdf');
    expect(paper.headers['content-disposition']).toContain('statement-A-1-EUR.pdf');
    const other = await as('viewer', 'GET', '/statements/A-1/pdf?currency=USD');
    expect(other.statusCode).toBe(422);
    expect(other.json<Problem>().detail).toContain('only in EUR');
  });

  it('is on paper what it is in the answer', async () => {
    const account = await getFact(at.db, 'accounts', { account: 'A-1' });
    if (account === null) throw new Error('the book has A-1');
    const period = { from: '2026-01-01', to: '2026-03-20' };
    const statement = statementIn(await statementsOf(at.db, account, period), undefined);
    const papers = createPapers({ db: at.db, renderPool: printing, payUrl: () => null });
    const { fileName, content } = await papers.statementPdf('A-1', statement);
    expect(fileName).toBe('statement-A-1-2026-01-01-2026-03-20-EUR.pdf');
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(content)), {
      mergePages: true,
    });
    for (const words of ['Acme GmbH', 'Kunde & Co', 'INV-OLD-1', 'Transfer 4711', '100.00 EUR'])
      expect(text.replace(/\s+/g, ' ')).toContain(words);
  });

  it.each([
    ['an account that is not there', '/statements/A-9', 404, 'not-found'],
    [
      'a period that ends before it begins',
      '/statements/A-1?from=2026-03-02&to=2026-03-01',
      422,
      'invalid-input',
    ],
    ['a day that is still to come', '/statements/A-1?to=2026-03-21', 422, 'invalid-input'],
    ['a day that is none', '/statements/A-1?to=2026-02-30', 400, 'validation-failed'],
  ])('refuses %s', async (_name, url, status, code) => {
    const answer = await as('viewer', 'GET', url);
    expect(answer.statusCode, answer.body).toBe(status);
    expect(answer.json<Problem>().code).toBe(code);
  });
});

describe('a mail that could not be delivered', () => {
  /** Noted and tried as the step of sending does it. */
  async function failed(
    key: string,
    given: Partial<NewMail> = {},
    state: 'rejected' | 'unknown' | 'sent' = 'rejected',
  ) {
    await beginMail(at.db, {
      key,
      kind: 'invoice',
      account: 'A-1',
      contract: 'C-1',
      invoice: 'INV-OLD-1',
      recipients: ['nobody@example.com'],
      subject: `Mail ${key}`,
      messageId: `<${key}@example.com>`,
      sentOn: '2026-03-18',
      ...given,
    });
    const effect = { key, system: 'smtp', inputHash: 'h' };
    await withEffect(at.db, effect, async () =>
      state === 'sent' ? { state: 'ok', result: 'x' } : { state, reason: '550 no such mailbox' },
    );
    await finishMail(at.db, key, state, state === 'sent' ? null : '550 no such mailbox');
  }
  const again = (key: string, role: keyof Scene['people'] = 'biller', headers = {}) =>
    as(role, 'POST', `/mails/${encodeURIComponent(key)}/send-again`, undefined, headers);
  const mailsShown = async () =>
    (await as('viewer', 'GET', '/accounts/A-1')).json<AccountPage>().mails;
  const nothingParked = () => new ProblemError('nothing-parked', 'Nothing waits.');

  beforeEach(async () => {
    await at.db.execute(sql`delete from mails`);
    await at.db.execute(sql`delete from effects`);
    at.processes.asked.length = 0;
    at.processes.requests.length = 0;
    at.processes.refuse = null;
  });

  it('stands on the Customer page with its reason, and is retried under its own key', async () => {
    await failed('inv:mail');
    expect(await mailsShown()).toMatchObject([
      { key: 'inv:mail', state: 'rejected', reason: '550 no such mailbox', sendsAgain: true },
    ]);
    const answer = await again('inv:mail');
    expect(answer.statusCode, answer.body).toBe(202);
    expect(at.processes.asked).toMatchObject([
      { what: 'resolve', workflow: 'invoice:imported:INV-OLD-1' },
    ]);
    const events = await allRows<AuditEvent>(at.db, 'auditEvents', { subject: 'INV-OLD-1' });
    expect(events.find(({ action }) => action === 'mail.send-again')).toMatchObject({
      subject: 'INV-OLD-1',
      details: { mail: 'inv:mail' },
    });
  });

  it('is one message to the process, however often the same attempt is asked for', async () => {
    await failed('inv:mail');
    await Promise.all([again('inv:mail'), again('inv:mail', 'admin')]);
    expect(at.processes.requests).toEqual(['send-again:inv:mail:1', 'send-again:inv:mail:1']);
    const keyed = { 'idempotency-key': 'once' };
    at.processes.asked.length = 0;
    await again('inv:mail', 'biller', keyed);
    const second = await again('inv:mail', 'biller', keyed);
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(at.processes.asked).toHaveLength(1);
  });

  it('is told with the addresses of its last attempt, and stays as it left', async () => {
    await failed('inv:mail');
    const attempt = { recipients: ['right@example.com'], sentOn: '2026-03-20' };
    await failed('inv:mail', attempt, 'sent');
    expect(await mailsShown()).toMatchObject([
      { state: 'sent', reason: null, undelivered: false, ...attempt },
    ]);
    await failed('inv:mail', { recipients: ['other@example.com'] }, 'sent');
    expect(await mailsShown()).toMatchObject([attempt]);
  });

  it('goes out as a copy where nothing waits in the process any more', async () => {
    await failed('inv:mail');
    at.processes.refuse = nothingParked();
    expect((await again('inv:mail')).statusCode).toBe(202);
    expect(at.processes.asked.map(({ what }) => what)).toEqual(['resolve', 'resend']);
  });

  it('is not copied while it is being tried again by itself', async () => {
    await failed('inv:mail', {}, 'unknown');
    at.processes.refuse = nothingParked();
    const answer = await again('inv:mail');
    expect(answer.statusCode).toBe(409);
    expect(answer.json<Problem>().detail).toContain('tried again by itself');
    expect(at.processes.asked.map(({ what }) => what)).toEqual(['resolve']);
  });

  it('is no longer undelivered once a later one about the same has left', async () => {
    await failed('inv:mail');
    await failed('inv:mail:again-1', {}, 'sent');
    const shown = await mailsShown();
    expect(shown.map(({ sendsAgain }) => sendsAgain)).toEqual([false, false]);
    for (const key of ['inv:mail', 'inv:mail:again-1']) {
      const answer = await again(key);
      expect(answer.statusCode).toBe(409);
      expect(answer.json<Problem>().code).toBe('state-conflict');
    }
    expect(at.processes.asked).toEqual([]);
  });

  it.each([
    ['key', 'license:L-1:mail', 'resolve', 'C-1'],
    ['renewal', 'renewal:C-1:2028-01-01:mail', 'resolve', 'C-1'],
    ['receipt', 'P-1:receipt', 'resolve', 'P-1'],
    ['reminder', 'reminder:A-1:1:2026-02-14', 'resolve', 'invoice:imported:INV-OLD-1'],
  ])('of kind %s goes to the process that sends it', async (kind, key, what, workflow) => {
    await failed(key, { kind });
    expect((await again(key)).statusCode).toBe(202);
    expect(at.processes.asked).toMatchObject([{ what, workflow }]);
  });

  it('is not sent by whoever may not, and not where no process sends it', async () => {
    await failed('question:1:mail', { kind: 'question', invoice: null });
    expect((await mailsShown())[0]).toMatchObject({ undelivered: true, sendsAgain: false });
    expect((await again('question:1:mail')).statusCode).toBe(409);
    expect((await again('question:1:mail', 'viewer')).statusCode).toBe(403);
    expect((await again('nothing')).statusCode).toBe(404);
  });
});

it('tells of a balance by currency, credit taken off, and of what is open by age', async () => {
  const { balances } = (await as('viewer', 'GET', '/accounts/A-1')).json<AccountPage>();
  expect(balances).toHaveLength(1);
  expect(balances[0]).toMatchObject({
    currency: 'EUR',
    open: { amount: 11_900 },
    overdue: { amount: 11_900 },
    unappliedCredit: { amount: 1_900 },
    balance: { amount: 10_000 },
  });
  expect(balances[0]?.aging.map(({ bucket, amount }) => [bucket, amount.amount])).toEqual([
    ['not-due', 0],
    ['1-30', 0],
    ['31-60', 11_900],
    ['61-90', 0],
    ['over-90', 0],
  ]);
});
