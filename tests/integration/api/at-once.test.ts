/** Two people, two presses or two tabs at once: one of them decides, the other is told in words; nothing is done twice. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Approval, InvoicePage, Problem } from '../../../api/types.ts';
import {
  approveRun,
  beginMail,
  createRun,
  decideItem,
  finishMail,
  getRun,
  issueDocument,
  loadBook,
  refuseRun,
  saveComputedRun,
  submitRun,
  verifyLedger,
} from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import { type Scene, scene, smallBook } from './fixture.ts';

const RUN = '2026-11';
const ITEM = 'invoice:C-1:2026-11';
const MAKER = { user: 'mira', role: 'biller' };
const CHECKER = { user: 'ched', role: 'approver' };
const SECOND = { user: 'cara', role: 'approver' };

let at: Scene;
beforeAll(async () => {
  at = await scene({ now: () => new Date('2026-11-20T10:00:00Z') }, smallBook());
});
afterAll(() => at?.close());
const as: Scene['as'] = (...request) => at.as(...request);
const codes = (answers: readonly PromiseSettledResult<unknown>[]) =>
  answers
    .map((answer) => (answer.status === 'fulfilled' ? 'done' : String(answer.reason.code)))
    .sort();

async function compute() {
  await createRun(at.db, { run: RUN, runOn: '2026-11-15', clock: null, startedBy: null });
  const preview = previewBillRun(await loadBook(at.db), { run: '2026-11-15', toIssue: true });
  await saveComputedRun(at.db, RUN, preview, { invoice: invoiceKey, creditNote: creditNoteKey });
}

it('a run that is approved and refused at once is one of both; approved by two, by one', async () => {
  const { db } = at;
  await compute();
  const shown = await submitRun(db, { run: RUN, actor: MAKER });
  const reason = 'the discount is missing';
  await refuseRun(db, { run: RUN, reason, actor: CHECKER });
  expect(await getRun(db, RUN)).toMatchObject({ state: 'in_review', reason, shownHash: null });
  // Held, and computed again: the decision stays, and the numbers are others than those of the stale page.
  await decideItem(db, { run: RUN, item: ITEM, decision: 'hold', reason, actor: MAKER });
  await compute();
  const held = await submitRun(db, { run: RUN, actor: MAKER });
  expect(held.shownHash).not.toBe(shown.shownHash);
  await expect(approveRun(db, { run: RUN, ...shown, actor: CHECKER })).rejects.toMatchObject({
    code: 'numbers-changed',
  });
  await refuseRun(db, { run: RUN, reason: 'take it in again', actor: SECOND });
  const include = { run: RUN, item: ITEM, decision: 'include', reason: null } as const;
  await decideItem(db, { ...include, actor: MAKER });
  // A press that came twice.
  const presses = await Promise.allSettled(
    [1, 2].map(() => submitRun(db, { run: RUN, actor: MAKER })),
  );
  expect(codes(presses)).toEqual(['done', 'run-not-in-review']);
  expect((await getRun(db, RUN))?.shownHash).toBe(shown.shownHash);
  const both = await Promise.allSettled(
    [CHECKER, SECOND].map((actor) => approveRun(db, { run: RUN, ...shown, actor })),
  );
  expect(codes(both)).toEqual(['already-decided', 'done']);
  const late = refuseRun(db, { run: RUN, reason: 'too late', actor: SECOND });
  await expect(late).rejects.toMatchObject({ code: 'already-decided' });
});

it('an invoice is voided once, by whoever came first, and is not credited then', async () => {
  const { db } = at;
  const { invoice } = await issueDocument(db, { run: RUN, item: ITEM, issuedOn: '2026-11-20' });
  const path = `/invoices/${invoice.invoice}`;
  const mail = { key: `${ITEM}:mail`, invoice: invoice.invoice };
  await beginMail(db, {
    ...{ ...mail, kind: 'invoice', account: 'A-1', contract: 'C-1', subject: 'Your invoice' },
    ...{ messageId: '<1@seller.example>', recipients: ['ap@kunde.example'], sentOn: '2026-11-20' },
  });
  const early = await as('biller', 'POST', `${path}/void`, { reason: 'the wrong customer' });
  expect(early.json<Problem>().detail).toBe(
    `${invoice.invoice} is being sent: wait for its mail, then correct it by a credit note.`,
  );
  // Their server would not take it: nobody has it.
  await finishMail(db, mail.key, 'rejected', 'no such mailbox');
  const press = () => as('biller', 'POST', `${path}/void`, { reason: 'the wrong customer' });
  const answers = await Promise.all([press(), press()]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  const page = (await as('viewer', 'GET', path)).json<InvoicePage>();
  expect(page).toMatchObject({ state: 'void', balance: { amount: 0 } });
  const credit = await as('biller', 'POST', `${path}/credit`, { reason: 'the same again' });
  expect(credit.json<Problem>().code).toBe('invoice-void');
  expect(await verifyLedger(db)).toEqual([]);
  const sent = await as('biller', 'POST', '/invoices/INV-OLD-1/void', { reason: 'not ours' });
  expect(sent.json<Problem>()).toMatchObject({
    code: 'invoice-settled',
    detail: 'INV-OLD-1 was sent: correct it by a credit note.',
  });
});

it('a credit approved by two at once is one credit note', async () => {
  const ask = { lines: [{ line: '1', netMinor: 1000 }], reason: 'agreed discount' };
  const key = { 'idempotency-key': 'pressed-twice' };
  const press = () => as('biller', 'POST', '/invoices/INV-OLD-1/credit', ask, key);
  const [first, second] = await Promise.all([press(), press()]);
  const given = [first, second].find(({ statusCode }) => statusCode === 202);
  const { approval, shownHash } = given?.json<Approval>() ?? { approval: '', shownHash: '' };
  // The other press is told to wait, or gets the first one's answer.
  expect([first, second].map(({ statusCode }) => statusCode).sort()).toSatisfy(
    ([a, b]: number[]) => a === 202 && (b === 202 || b === 409),
  );
  const decide = `/approvals/${encodeURIComponent(approval)}/approve`;
  const answers = await Promise.all([
    as('approver', 'POST', decide, { shownHash }),
    as('admin', 'POST', decide, { shownHash }),
  ]);
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
  const refused = answers.find(({ statusCode }) => statusCode === 409);
  expect(refused?.json<Problem>().code).toBe('already-decided');
  const page = (await as('viewer', 'GET', '/invoices/INV-OLD-1')).json<InvoicePage>();
  expect(page.creditNotes).toHaveLength(1);
  expect(page.balance.amount).toBe(11_900 - 1190);
});
