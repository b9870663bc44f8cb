/** The Customer page: what it shows of balance and mails, the statement, and a mail that goes out again. */

import { createHash } from 'node:crypto';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPapers } from '../../../api/papers.ts';
import type { Problem, StatementView } from '../../../api/types.ts';
import { statementIn, statementsOf } from '../../../api/views/statements.ts';
import { getFact } from '../../../db/index.ts';
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

const as = (
  role: keyof Scene['people'],
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
  headers: Record<string, string> = {},
) =>
  at.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { ...at.people[role].bearer, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });

describe('a statement', () => {
  it('adds up over a period, and takes what was before into its opening', async () => {
    const answer = await as('viewer', 'GET', '/statements/A-1?from=2026-01-01&to=2026-03-20');
    expect(answer.statusCode, answer.body).toBe(200);
    const [euros] = answer.json<StatementView>().currencies;
    const moved = euros?.movements.reduce((sum, { amount }) => sum + amount.amount, 0) ?? 0;
    expect(euros?.closing.amount).toBe((euros?.opening.amount ?? 0) + moved);
    expect(euros?.closing).toEqual({ amount: 10_000, currency: 'EUR' });
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
  }, 30_000);

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
