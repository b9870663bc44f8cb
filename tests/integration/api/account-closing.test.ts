/** Closing a customer: what is open with it is named, a person may decide all the same, and it can be opened again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccountPage } from '../../../api/types.ts';
import { changeFact, loadBook, openWith, recordPayment, verifyAudit } from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { problem } from './answers.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

const TODAY = '2026-11-20';
let at: Scene;
beforeAll(async () => {
  const small = smallBook();
  const idle = row('accounts', { account: 'A-2', name: 'Idle', entity: 'ACME', status: 'active' });
  at = await scene(
    { now: () => new Date(`${TODAY}T10:00:00Z`) },
    { ...small, accounts: [...small.accounts, idle] },
  );
  const money = { amountMinor: 2500, currency: 'EUR', receivedOn: TODAY };
  await recordPayment(at.db, { payment: 'bank:1', account: 'A-1', ...money });
});
afterAll(() => at?.close());

const as: Scene['as'] = (...request) => at.as(...request);
async function close(account: string, body: object, verb = 'close') {
  const read = await as('biller', 'GET', `/accounts/${account}`);
  const headers = { 'if-match': String(read.headers.etag) };
  return as('biller', 'POST', `/accounts/${account}/${verb}`, body, headers);
}
const statusOf = async (account: string) =>
  (await as('viewer', 'GET', `/accounts/${account}`)).json<AccountPage>().status;

it('a customer with nothing open is closed, and stays closed', async () => {
  expect(await openWith(at.db, 'A-2', TODAY)).toEqual([]);
  expect((await close('A-2', { reason: 'they are gone' })).statusCode).toBe(200);
  expect((await close('A-2', { reason: 'they are gone' })).statusCode).toBe(200);
  expect(await statusOf('A-2')).toBe('closed');
});

it('one with contracts, money owed and money held is refused with all of it', async () => {
  expect(await problem(close('A-1', { reason: 'they are gone' }))).toBe(
    'in-use: A-1 still has running contracts: C-1; 119.00 EUR open on 1 document; 25.00 EUR unapplied credit. ' +
      'Settle that, or close it all the same with a reason.',
  );
  expect(await statusOf('A-1')).toBe('active');
  const ended = { status: 'terminated', terminatedOn: '2026-10-31' } as const;
  await changeFact(at.db, 'contracts', { contract: 'C-1' }, ended);
  expect(await problem(close('A-1', { reason: 'they are gone' }))).not.toContain('contracts');
  await changeFact(
    at.db,
    'contracts',
    { contract: 'C-1' },
    { status: 'active', terminatedOn: null },
  );
});

it('is closed all the same by a person’s decision, which keeps what was open; runs set it aside', async () => {
  expect((await close('A-1', { reason: 'insolvent', despite: true })).statusCode).toBe(200);
  expect(await statusOf('A-1')).toBe('closed');
  expect(await verifyAudit(at.db)).toMatchObject({ ok: true });
  const { setAside } = previewBillRun(await loadBook(at.db), { run: '2026-11-15' });
  expect(setAside).toMatchObject([{ contract: 'C-1', code: 'account-closed' }]);
  expect((await close('A-1', { reason: 'they came back' }, 'reopen')).statusCode).toBe(200);
  expect(await statusOf('A-1')).toBe('active');
});

it('is closed as it was read, by billers, and not by writing over its state', async () => {
  const path = '/accounts/A-1/close';
  const body = { reason: 'they are gone', despite: true };
  expect(await problem(as('biller', 'POST', path, body))).toContain('precondition-required');
  expect(await problem(as('biller', 'POST', path, body, { 'if-match': '"stale"' }))).toBe(
    'precondition-failed: Somebody changed it after you read it. Read it again and repeat your change.',
  );
  const any = { 'if-match': '*' };
  expect(await problem(as('support', 'POST', path, body, any))).toContain('not-permitted');
  expect(await problem(close('A-404', body))).toContain('not-found');
  expect(
    await problem(as('biller', 'PATCH', '/accounts/A-1', { status: 'closed' }, any)),
  ).toContain('validation-failed');
});
