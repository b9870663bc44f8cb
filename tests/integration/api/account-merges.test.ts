/** Two customers made one: from a finding, by two people; the books add up before and after, and what was issued stays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AccountPage,
  Approval,
  FindingDetail,
  FindingDone,
  FindingPreview,
  FindingSummary,
  MergePreview,
  Page,
  Problem,
} from '../../../api/types.ts';
import {
  applyAllocation,
  assertPaymentInvariant,
  createRun,
  getFact,
  getPayment,
  listRunItems,
  loadBook,
  mergeOf,
  openInvoices,
  openInvoicesFor,
  payerOf,
  putSetting,
  recipientsFor,
  reconcile,
  recordPayment,
  rememberPayer,
  saveComputedRun,
  survivorOf,
  trialBalance,
  unappliedCredit,
  verifyAudit,
  verifyLedger,
} from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Book } from '../../../domain/book/tables.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import { ok } from './answers.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

const TODAY = '2026-11-20';

/** Kunde & Co twice: each with a contract, an open invoice and a contact; two strangers in other books. */
function twinBook(): Book {
  const book = smallBook();
  const [account] = book.accounts;
  const [contract] = book.contracts;
  const [subcontract] = book.subcontracts;
  const [invoice] = book.invoices;
  const [line] = book.invoice_lines;
  if (!account || !contract || !subcontract || !invoice || !line) throw new Error('no small book');
  const kunde = { ...account, postalCode: '89073', billingEmail: 'ap@kunde.example' };
  return {
    ...book,
    entities: [...book.entities, row('entities', { entity: 'US', currency: 'USD', country: 'US' })],
    accounts: [
      kunde,
      { ...kunde, account: 'A-2', billingEmail: null },
      { ...kunde, account: 'A-3', name: 'Overseas', entity: 'US' },
      { ...kunde, account: 'A-4', name: 'In francs', currency: 'CHF' },
      { ...kunde, account: 'A-5', name: 'Kunde Holding' },
      { ...kunde, account: 'A-6', name: 'Kunde Group' },
    ],
    contacts: [
      row('contacts', { account: 'A-1', email: 'ann@kunde.example', role: 'billing' }),
      row('contacts', { account: 'A-2', email: 'ANN@kunde.example', role: 'billing' }),
      row('contacts', { account: 'A-2', email: 'bob@kunde.example', role: 'technical' }),
    ],
    contracts: [contract, { ...contract, contract: 'C-2', account: 'A-2', endUser: 'A-2' }],
    subcontracts: [subcontract, { ...subcontract, subcontract: 'S-2', contract: 'C-2' }],
    invoices: [invoice, { ...invoice, invoice: 'INV-OLD-2', account: 'A-2', contract: 'C-2' }],
    invoice_lines: [line, { ...line, invoice: 'INV-OLD-2', subcontract: 'S-2' }],
    incidents: [row('incidents', { incident: 'T-1', account: 'A-2', opened: '2026-05-01' })],
  };
}

let at: Scene;
beforeAll(async () => {
  at = await scene({ now: () => new Date(`${TODAY}T10:00:00Z`) }, twinBook());
  const money = { currency: 'EUR', receivedOn: '2026-11-02' };
  await recordPayment(at.db, { payment: 'bank:1', account: 'A-2', amountMinor: 5000, ...money });
  await rememberPayer(at.db, {
    ...{ bankAccount: 'DE89370400440532013000', account: 'A-2' },
    ...{ payment: 'bank:1', learntBy: 'ann' },
  });
});
afterAll(() => at?.close());

const as: Scene['as'] = (...request) => at.as(...request);
const codeOf = async (answer: ReturnType<typeof as>) => (await answer).json<Problem>().code;
const look = () => reconcile(at.db, { asOf: TODAY, cause: 'demand' });
const previewOf = (account: string, into: string) =>
  as('biller', 'POST', `/accounts/${account}/merge/preview`, { into });
const duplicates = async (state: string) =>
  (
    await ok<Page<FindingSummary>>(
      as('biller', 'GET', `/findings?rule=customer-duplicated&state=${state}`),
      200,
    )
  ).items;

describe('what is refused', () => {
  it('says with a code why two can not become one', async () => {
    expect(await codeOf(previewOf('A-1', 'A-1'))).toBe('account-is-itself');
    expect(await codeOf(previewOf('A-1', 'A-3'))).toBe('entity-differs');
    expect(await codeOf(previewOf('A-1', 'A-4'))).toBe('currency-differs');
    expect(await codeOf(previewOf('A-1', 'A-9'))).toBe('not-found');
    expect(await codeOf(as('viewer', 'POST', '/accounts/A-2/merge/preview', { into: 'A-1' }))).toBe(
      'not-permitted',
    );
  });

  it('takes nothing but what was shown', async () => {
    const { words, changes, needsApproval } = await ok<MergePreview>(previewOf('A-2', 'A-1'), 200);
    expect(words).toContain('Kunde & Co (A-2) becomes part of Kunde & Co (A-1)');
    expect(needsApproval).toBe(true);
    expect(changes).toContainEqual({ name: 'Contracts', before: '2 of A-2', after: '2 of A-1' });
    expect(changes).toContainEqual({ name: 'Contacts', before: '1 of A-2', after: '1 of A-1' });
    const body = { into: 'A-1', reason: 'the same firm', shownHash: 'of something else' };
    expect(await codeOf(as('biller', 'POST', '/accounts/A-2/merge', body))).toBe('numbers-changed');
  });
});

describe('a merge', () => {
  it('is asked for by one person from the finding, and approved by another', async () => {
    await look();
    const [found] = await duplicates('new');
    expect(found?.account).toMatchObject({ account: 'A-1' });
    const path = `/findings/${found?.finding}/actions/mergeCustomer`;
    const detail = await ok<FindingDetail>(as('biller', 'GET', `/findings/${found?.finding}`), 200);
    const offer = detail.actions.find(({ action }) => action === 'mergeCustomer');
    expect(offer).toMatchObject({ needsApproval: true, unavailable: null });
    expect(offer?.fields.map(({ initial }) => initial)).toEqual(['A-1']);
    const input = { into: 'A-1' };
    const { shownHash } = await ok<FindingPreview>(
      as('biller', 'POST', `${path}/preview`, { input }),
      200,
    );
    const before = { trial: await trialBalance(at.db), differences: await verifyLedger(at.db) };
    expect(before.differences).toEqual([]);
    const asked = { input, shownHash, reason: 'the same firm' };
    const done = await ok<FindingDone>(as('biller', 'POST', path, asked), 202);
    expect(done.waitsForApproval).toBe(true);
    expect(await mergeOf(at.db, 'A-2')).toBeNull();

    const [waiting] = (
      await ok<Page<Approval>>(as('approver', 'GET', '/approvals?state=waiting'), 200)
    ).items;
    const decide = `/approvals/${encodeURIComponent(waiting?.approval ?? '')}/approve`;
    const shown = { shownHash: waiting?.shownHash };
    expect(await codeOf(as('biller', 'POST', decide, shown))).toBe('not-permitted');
    await ok<Approval>(as('approver', 'POST', decide, shown), 200);
    expect(await mergeOf(at.db, 'A-2')).toMatchObject({ survivor: 'A-1', reason: 'the same firm' });
    expect(await verifyLedger(at.db)).toEqual([]);
    // Only which customer's the credit is has changed: every ledger account has the balance that it had.
    const balances = (rows: typeof before.trial) =>
      rows.map(({ ledgerAccount, currency, balanceMinor }) => [
        ledgerAccount,
        currency,
        balanceMinor,
      ]);
    expect(balances(await trialBalance(at.db))).toEqual(balances(before.trial));
    await assertPaymentInvariant(at.db);
    expect(await verifyAudit(at.db)).toMatchObject({ ok: true });
  });

  it('moved what is agreed, and left what was issued', async () => {
    const { db } = at;
    expect(await getFact(db, 'contracts', { contract: 'C-2' })).toMatchObject({
      account: 'A-1',
      endUser: 'A-1',
    });
    expect(await getFact(db, 'accounts', { account: 'A-2' })).toMatchObject({ status: 'closed' });
    expect(await getFact(db, 'incidents', { incident: 'T-1' })).toMatchObject({ account: 'A-1' });
    expect(await payerOf(db, 'DE89370400440532013000')).toBe('A-1');
    expect((await getPayment(db, 'bank:1'))?.account).toBe('A-1');
    expect([await unappliedCredit(db, 'A-1'), await unappliedCredit(db, 'A-2')]).toEqual([
      { EUR: 5000 },
      {},
    ]);
    const page = await ok<AccountPage>(as('viewer', 'GET', '/accounts/A-1'), 200);
    expect(page.contracts.map(({ contract }) => contract).sort()).toEqual(['C-1', 'C-2']);
    expect(page.contacts.map(({ email }) => email)).toEqual([
      'ann@kunde.example',
      'bob@kunde.example',
    ]);
    expect(page.merged).toEqual([
      { account: 'A-2', name: 'Kunde & Co', open: [{ amount: 11900, currency: 'EUR' }] },
    ]);
    const merged = await ok<AccountPage>(as('viewer', 'GET', '/accounts/A-2'), 200);
    expect(merged.mergedInto).toEqual({ account: 'A-1', name: 'Kunde & Co' });
    expect(merged.invoices.map(({ invoice }) => invoice)).toEqual(['INV-OLD-2']);
  });

  it('lets the survivor pay, and be reminded of, what the merged one was issued', async () => {
    const { db } = at;
    const open = await openInvoices(db, { clock: null, account: 'A-1' });
    expect(open.map(({ invoice, account }) => [invoice, account]).sort()).toEqual([
      ['INV-OLD-1', 'A-1'],
      ['INV-OLD-2', 'A-1'],
    ]);
    const traits = { account: 'A-1', currency: 'EUR', amountMinor: 23800, receivedOn: TODAY };
    const candidates = await openInvoicesFor(
      db,
      { ...traits, reference: null, lines: null },
      { clock: null },
    );
    expect(candidates).toEqual(open);
    const of = await recipientsFor(db, 'A-2', 'reminder');
    expect(of).toEqual(await recipientsFor(db, 'A-1', 'reminder'));
    const { payment } = await recordPayment(db, {
      ...{ payment: 'bank:2', account: 'A-2', amountMinor: 100, currency: 'EUR' },
      receivedOn: TODAY,
    });
    expect(payment.account).toBe('A-1');
    await applyAllocation(db, {
      ...{ payment: 'bank:1', on: TODAY, rule: 'person' },
      allocations: [{ invoice: 'INV-OLD-2', line: null, amount: 5000 }],
    });
    expect(await verifyLedger(db)).toEqual([]);
    await assertPaymentInvariant(db);
    const { merged } = await ok<AccountPage>(as('viewer', 'GET', '/accounts/A-1'), 200);
    expect(merged.map((one) => one.open)).toEqual([[{ amount: 6900, currency: 'EUR' }]]);
  });

  it('clears the finding at the next look', async () => {
    expect(at.processes.asked).toContainEqual({
      what: 'lookOverBooks',
      workflow: 'reconciliation',
      args: { cause: 'after-action' },
    });
    await look();
    expect((await duplicates('resolved')).length).toBe(1);
    expect(await duplicates('new')).toEqual([]);
  });

  it('is not made twice, nor back', async () => {
    expect(await codeOf(previewOf('A-2', 'A-1'))).toBe('already-merged');
    expect(await codeOf(previewOf('A-1', 'A-2'))).toBe('already-merged');
    expect(await survivorOf(at.db, 'A-2')).toBe('A-1');
    const any = { 'if-match': '*' };
    const reopened = as('biller', 'POST', '/accounts/A-2/reopen', { reason: 'a mistake' }, any);
    expect(await codeOf(reopened)).toBe('already-merged');
    const renamed = as('biller', 'PATCH', '/accounts/A-2', { name: 'Kunde' }, any);
    expect(await codeOf(renamed)).toBe('already-merged');
  });

  it('goes on to the next: what it answered for, that one answers for; a company of one decides alone', async () => {
    const admin = { user: at.people.admin.id, role: 'admin' };
    await putSetting(at.db, 'four-eyes', false, admin, 'a company of one');
    const { shownHash, needsApproval } = await ok<MergePreview>(previewOf('A-1', 'A-5'), 200);
    expect(needsApproval).toBe(false);
    const body = { into: 'A-5', reason: 'bought', shownHash };
    const done = await ok<Approval>(as('biller', 'POST', '/accounts/A-1/merge', body), 200);
    expect(done.state).toBe('approved');
    expect([await survivorOf(at.db, 'A-2'), await survivorOf(at.db, 'A-1')]).toEqual([
      'A-5',
      'A-5',
    ]);
    expect((await mergeOf(at.db, 'A-2'))?.mergedInto).toBe('A-1');
    const page = await ok<AccountPage>(as('viewer', 'GET', '/accounts/A-5'), 200);
    expect(page.merged.map(({ account }) => account)).toEqual(['A-1', 'A-2']);
    expect(await verifyLedger(at.db)).toEqual([]);
  });

  it('waits for a run that was computed with its documents', async () => {
    const run = '2027-01';
    await createRun(at.db, { run, runOn: '2027-01-15', clock: null, startedBy: null });
    const book = await loadBook(at.db, { clock: null });
    const keys = { invoice: invoiceKey, creditNote: creditNoteKey };
    await saveComputedRun(at.db, run, previewBillRun(book, { run: '2027-01-15' }), keys);
    expect(
      (await listRunItems(at.db, run, { kinds: ['invoice'] })).map(({ account }) => account),
    ).toContain('A-5');
    expect(await codeOf(previewOf('A-5', 'A-6'))).toBe('state-conflict');
  });
});
