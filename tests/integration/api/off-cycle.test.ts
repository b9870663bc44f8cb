/** One contract billed between the months' runs: shown, run, approved; nothing of it is billed twice, whoever comes first. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BillRunReview, OffCyclePreview } from '../../../api/types.ts';
import {
  agreeOneOffs,
  approveRun,
  createRun,
  databaseNow,
  decideItem,
  documentsBesides,
  getFact,
  issueDocument,
  listRunItems,
  loadBook,
  runItemsToIssue,
  saveComputedRun,
  setRunState,
  submitRun,
  voidInvoice,
  withdrawRun,
} from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Book } from '../../../domain/book/tables.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import type { BillRunArgs } from '../../../workflows/messages.ts';
import { problem } from './answers.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

const TODAY = '2026-11-20';
const KEYS = { invoice: invoiceKey, creditNote: creditNoteKey };
const MAKER = { user: 'mira', role: 'biller' };
const CHECKER = { user: 'ched', role: 'approver' };

/** C-1 owes 2027; C-2 ended long ago; C-3 is a draft; F-2 is called as a finding is; A-1 had two hours of help. */
function book(): Book {
  const small = smallBook();
  const [contract] = small.contracts;
  const [subcontract] = small.subcontracts;
  if (!contract || !subcontract) throw new Error('no small book');
  return {
    ...small,
    products: [
      ...small.products,
      row('products', { sku: 'DONGLE', name: 'License dongle', kind: 'goods' }),
      row('products', { sku: 'HELP', name: 'Help', kind: 'service' }),
    ],
    prices: [
      row('prices', { priceList: 'default', sku: 'DONGLE', currency: 'EUR', unitPrice: '45' }),
    ],
    contracts: [
      contract,
      { ...contract, contract: 'C-2', start: '2024-01-01', end: '2024-12-31' },
      { ...contract, contract: 'C-3', status: 'draft' },
      { ...contract, contract: 'F-2' },
    ],
    subcontracts: [
      subcontract,
      { ...subcontract, subcontract: 'S-F', contract: 'F-2', unitPrice: '70' },
    ],
    timesheets: [
      row('timesheets', {
        ...{ entry: 'T-1', account: 'A-1', date: '2026-11-03', hours: '2', rate: '80' },
        ...{ billable: true, approvedOn: '2026-11-10', currency: 'EUR' },
      }),
    ],
  };
}

let at: Scene;
beforeAll(async () => {
  at = await scene({ now: () => new Date(`${TODAY}T10:00:00Z`) }, book());
});
afterAll(() => at?.close());

const as: Scene['as'] = (...request) => at.as(...request);
async function ok<T>(answer: ReturnType<typeof as>, status: number): Promise<T> {
  const { statusCode, body, json } = await answer;
  expect(statusCode, body).toBe(status);
  return statusCode === 204 ? (undefined as T) : json<T>();
}
const previewOf = (body: object) => as('biller', 'POST', '/bill-runs/off-cycle/preview', body);
const startOf = (body: object, headers = {}) =>
  as('biller', 'POST', '/bill-runs/off-cycle', body, headers);

/** What the worker does with a run that was started: agrees, reads the book, computes. */
async function compute({ run, runOn, startedBy, only }: BillRunArgs): Promise<void> {
  const { db } = at;
  const contract = only?.contract ?? null;
  await createRun(db, { run, runOn, clock: null, startedBy });
  if (contract !== null)
    await agreeOneOffs(db, {
      ...{ run, contract, on: runOn, items: only?.items ?? [] },
      ...{ actor: startedBy ?? MAKER, reason: only?.reason ?? null },
    });
  const readAt = await databaseNow(db);
  const whole = await loadBook(db, contract === null ? {} : { contracts: [contract] });
  const isService = contract === null && only !== undefined;
  const preview = previewBillRun(whole, {
    ...{ run: runOn, toIssue: true },
    ...(contract === null ? {} : { contract }),
    ...(isService ? { serviceOf: only.account ?? '' } : {}),
  });
  await saveComputedRun(db, run, preview, KEYS, readAt);
}

async function issue(run: string) {
  const { db } = at;
  const { shownHash } = await submitRun(db, { run, actor: MAKER });
  await approveRun(db, { run, shownHash, actor: CHECKER });
  await setRunState(db, run, 'issuing');
  const issued = [];
  for (const item of await runItemsToIssue(db, run))
    issued.push((await issueDocument(db, { run, item, issuedOn: TODAY })).invoice);
  await setRunState(db, run, 'issued');
  return issued;
}

const started = (): BillRunArgs => {
  const args = at.processes.asked.findLast(({ what }) => what === 'start')?.args;
  if (args === undefined) throw new Error('no run was started');
  return args as BillRunArgs;
};
const documentsOf = async (run: string) =>
  (await listRunItems(at.db, run, { kinds: ['invoice', 'credit_note'] })).map(
    ({ item, decision, netMinor }) => [item, decision, netMinor],
  );
const monthRun = (run: string) =>
  compute({ run, runOn: `${run}-15`, clock: null, startedBy: MAKER });

describe('what can not be billed off-cycle', () => {
  it('is said in words, with what to do', async () => {
    expect(await problem(previewOf({ contract: 'C-9' }))).toContain('not-found');
    expect(await problem(previewOf({ contract: 'C-3' }))).toMatch(
      /^state-conflict: C-3 is a draft/,
    );
    expect(await problem(previewOf({}))).toBe('invalid-input: Name a contract or an account.');
    const dongle = { sku: 'DONGLE', quantity: '1' };
    expect(await problem(previewOf({ contract: 'C-2', items: [dongle] }))).toMatch(
      /invalid-input: C-2 runs from 2024-01-01 through 2024-12-31/,
    );
    expect(await problem(previewOf({ account: 'A-1', items: [dongle] }))).toMatch(
      /Name the contract under which/,
    );
    const care = { sku: 'CAD', quantity: '1' };
    expect(await problem(previewOf({ contract: 'C-1', items: [care] }))).toMatch(
      /CAD is maintenance: only licenses, goods and fees are charged once/,
    );
    expect(await problem(previewOf({ contract: 'C-2' }))).toMatch(/Nothing is due of C-2/);
    const half = { contract: 'C-1', items: [{ sku: 'DONGLE', quantity: '1,5' }] };
    expect(await problem(previewOf(half))).toContain('validation-failed');
  });

  it('is for billers alone', async () => {
    for (const role of ['viewer', 'support', 'approver', 'auditor'] as const)
      expect(
        await problem(as(role, 'POST', '/bill-runs/off-cycle/preview', { contract: 'C-1' })),
      ).toContain('not-permitted');
  });
});

describe('a contract with an item agreed along with it', () => {
  const asked = { contract: 'C-1', items: [{ sku: 'DONGLE', quantity: '2' }] };
  let shown: OffCyclePreview;

  it('is shown with the reason of each amount; nothing is written', async () => {
    shown = await ok<OffCyclePreview>(previewOf(asked), 200);
    expect(shown.words).toMatch(/^Bill run 2026-11\+C-1 would issue 1 document for 190\.00 EUR/);
    const lines = shown.documents.flatMap((document) => document.lines);
    expect(lines.map(({ sku, net }) => [sku, net])).toEqual([
      ['DONGLE', 9000],
      ['CAD', 10_000],
    ]);
    expect(lines[0]?.explanation.arithmetic).toContain('45');
    expect(shown.needsApproval).toBe(true);
    expect(await getFact(at.db, 'subcontracts', { subcontract: '2026-11_C-1-1' })).toBeNull();
  });

  it('starts one run, once, of exactly what was shown', async () => {
    const { shownHash } = shown;
    const reason = 'wants it before the year’s end';
    expect(await problem(startOf({ ...asked, reason, shownHash: 'something else' }))).toContain(
      'numbers-changed',
    );
    const key = { 'idempotency-key': 'off-cycle-1' };
    const look = { accepted: true, look: '/api/v1/bill-runs/2026-11%2BC-1' };
    expect(await ok(startOf({ ...asked, reason, shownHash }, key), 202)).toEqual(look);
    expect(await ok(startOf({ ...asked, reason, shownHash }, key), 202)).toEqual(look);
    expect(at.processes.asked.filter(({ what }) => what === 'start')).toHaveLength(1);
    const args = started();
    expect(args).toMatchObject({ run: '2026-11+C-1', runOn: TODAY, only: { contract: 'C-1' } });
    await compute(args);
    expect(await documentsOf('2026-11+C-1')).toEqual([['invoice:C-1:2026-11', 'include', 19_000]]);
  });

  it('is refused while an open run has it', async () => {
    expect(await problem(previewOf({ contract: 'C-1' }))).toBe(
      'state-conflict: Bill run 2026-11+C-1 would bill C-1: decide there, or leave it out there first.',
    );
  });

  it('withdrawn, takes back what was agreed with it, and leaves the rest to the month', async () => {
    const { run, only } = started();
    const items = (only?.items ?? []).map(({ subcontract }) => subcontract);
    const because = { reason: 'they wait after all', actor: MAKER };
    await withdrawRun(at.db, { run, items, ...because });
    expect((await withdrawRun(at.db, { run, items, ...because })).state).toBe('refused');
    const next = await ok<OffCyclePreview>(previewOf({ contract: 'C-1' }), 200);
    expect(next.words).toContain('2026-11+C-1.2 would issue 1 document for 100.00 EUR');
    await expect(
      withdrawRun(at.db, { run: '2026-11', items: [], ...because }),
    ).rejects.toMatchObject({ code: 'invalid-input' });
  });
});

describe('a month’s run beside it', () => {
  it('keeps what an off-cycle run bills out of its own, and that out of the month’s', async () => {
    await monthRun('2026-11');
    expect(await problem(previewOf({ contract: 'C-1' }))).toMatch(
      /Bill run 2026-11 would bill C-1/,
    );
    const leave = { run: '2026-11', decision: 'exclude', reason: 'billed alone' } as const;
    await decideItem(at.db, { ...leave, item: 'invoice:C-1:2026-11', actor: MAKER });
    const shown = await ok<OffCyclePreview>(previewOf({ contract: 'C-1' }), 200);
    const { shownHash } = shown;
    await ok(startOf({ contract: 'C-1', reason: 'their budget', shownHash }), 202);
    await compute(started());
    // Its key is its own, though the month's has its document only left out.
    expect(await documentsOf('2026-11+C-1.2')).toEqual([
      ['invoice:C-1:2026-11:2', 'include', 10_000],
    ]);
    const include = { run: '2026-11', item: 'invoice:C-1:2026-11', reason: null, actor: MAKER };
    await expect(decideItem(at.db, { ...include, decision: 'include' })).rejects.toMatchObject({
      code: 'state-conflict',
      message: expect.stringContaining('2026-11+C-1.2'),
    });
  });

  it('is told what was billed since it was computed, and computed again it bills it no more', async () => {
    const [invoice] = await issue('2026-11+C-1.2');
    expect(invoice).toMatchObject({ netMinor: 10_000, run: '2026-11+C-1.2' });
    const include = { run: '2026-11', item: 'invoice:C-1:2026-11', reason: null, actor: MAKER };
    await expect(decideItem(at.db, { ...include, decision: 'include' })).rejects.toMatchObject({
      code: 'numbers-changed',
      message: expect.stringContaining('compute it again'),
    });
    await monthRun('2026-11');
    expect((await documentsOf('2026-11')).map(([item]) => item)).not.toContain(
      'invoice:C-1:2026-11',
    );
    expect(await problem(previewOf({ contract: 'C-1' }))).toMatch(/Nothing is due of C-1/);
  });

  it('bills again what was voided before it was sent', async () => {
    const [item] = await listRunItems(at.db, '2026-11+C-1.2', { kinds: ['invoice'] });
    const invoice = item?.invoice ?? '';
    await voidInvoice(at.db, { invoice, on: TODAY, reason: 'wrong address', actor: MAKER });
    await monthRun('2026-11');
    expect(await documentsOf('2026-11')).toContainEqual(['invoice:C-1:2026-11', 'include', 10_000]);
  });

  it('and two open runs never freeze the same', async () => {
    // Both were computed in the same moment: neither saw the other.
    await createRun(at.db, { run: '2026-12', runOn: '2026-12-15', clock: null, startedBy: null });
    const whole = await loadBook(at.db);
    const readAt = await databaseNow(at.db);
    await saveComputedRun(at.db, '2026-12', previewBillRun(whole, { run: TODAY }), KEYS, readAt);
    const shared = await documentsBesides(at.db, '2026-12', { offCycle: false });
    expect(shared.map(({ other }) => other)).toContain('2026-11');
    expect(await documentsBesides(at.db, '2026-12', { offCycle: true })).toEqual([]);
    const both = await Promise.allSettled(
      ['2026-11', '2026-12'].map((run) => submitRun(at.db, { run, actor: MAKER })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'state-conflict' },
    });
    for (const run of ['2026-11', '2026-12']) await setRunState(at.db, run, 'failed', 'put aside');
  });
});

describe('names', () => {
  it('are told from those of findings', async () => {
    const shown = await ok<OffCyclePreview>(previewOf({ contract: 'F-2' }), 200);
    expect(shown.words).toMatch(/^Bill run 2026-11\+F-2\.2 /);
  });

  it('an account’s own service time has a run, too', async () => {
    const asked = { account: 'A-1' };
    const { shownHash, documents } = await ok<OffCyclePreview>(previewOf(asked), 200);
    expect(documents.map(({ contract, net }) => [contract, net.amount])).toEqual([[null, 16_000]]);
    await ok(startOf({ ...asked, reason: 'asked for at once', shownHash }), 202);
    await compute(started());
    const review = await ok<BillRunReview>(as('biller', 'GET', '/bill-runs/2026-11%2BA-1'), 200);
    expect(review).toMatchObject({ invoiceCount: 1, may: { submit: true, withdraw: true } });
    expect(await problem(previewOf(asked))).toMatch(/2026-11\+A-1 would bill A-1/);
    await issue('2026-11+A-1');
    expect(await problem(previewOf(asked))).toMatch(/Nothing is due of service time of A-1/);
  });

  it('a withdrawal asks the run’s own process', async () => {
    const path = '/bill-runs/2026-11%2BA-1/withdraw';
    expect(await problem(as('approver', 'POST', path, { reason: 'not now' }))).toContain(
      'not-permitted',
    );
    await ok(as('biller', 'POST', path, { reason: 'not now' }), 204);
    expect(at.processes.asked.at(-1)).toMatchObject({
      what: 'withdraw',
      workflow: 'bill-run:2026-11+A-1',
    });
  });
});
