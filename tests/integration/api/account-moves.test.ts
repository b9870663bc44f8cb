/** A customer moved to another of our entities: shown, approved, billed there from the day on; what is open stays; and back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountMovePreview, AccountPage, Approval, Page } from '../../../api/types.ts';
import {
  approveRun,
  createRun,
  entityFor,
  exportBook,
  getFact,
  getInvoice,
  issueDocument,
  listRunItems,
  loadBook,
  recordPayment,
  saveComputedRun,
  setRunState,
  submitRun,
  trialBalance,
  verifyAudit,
  verifyLedger,
} from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Book } from '../../../domain/book/tables.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import { ok, problem } from './answers.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

const TODAY = '2026-11-20';
const FROM = '2026-12-01';
const KEYS = { invoice: invoiceKey, creditNote: creditNoteKey };

/** ACME in Germany and SWISS, each with its series, bank and tax; C-1 names ACME itself, C-2 does not, C-3 names a third. */
function book(): Book {
  const small = smallBook();
  const [contract] = small.contracts;
  const [subcontract] = small.subcontracts;
  const [acme] = small.entities;
  if (!contract || !subcontract || !acme) throw new Error('no small book');
  return {
    ...small,
    entities: [
      acme,
      row('entities', {
        ...{ entity: 'SWISS', legalName: 'Acme Schweiz AG', country: 'CH', currency: 'CHF' },
        ...{ timeZone: 'Europe/Zurich', iban: 'CH9300762011623852957', invoiceSeries: 'CH' },
      }),
      row('entities', { entity: 'US', currency: 'USD', country: 'US' }),
    ],
    taxes: [row('taxes', { country: 'DE', category: 'S', rate: '19' })],
    contracts: [
      contract,
      { ...contract, contract: 'C-2', entity: null, currency: null },
      { ...contract, contract: 'C-3', entity: 'US' },
    ],
    subcontracts: [
      subcontract,
      { ...subcontract, subcontract: 'S-2', contract: 'C-2', unitPrice: '70' },
    ],
    accounts: [
      ...small.accounts,
      row('accounts', { account: 'A-9', name: 'Gone', entity: 'ACME', status: 'closed' }),
    ],
  };
}

let at: Scene;
let today = TODAY;
beforeAll(async () => {
  at = await scene({ now: () => new Date(`${today}T10:00:00Z`) }, book());
});
afterAll(() => at?.close());

const as: Scene['as'] = (...request) => at.as(...request);
const PATH = '/accounts/A-1/move';
const previewOf = (entity: string, from = FROM, account = 'A-1') =>
  as('biller', 'POST', `/accounts/${account}/move/preview`, { entity, from });

async function move(entity: string, from: string): Promise<void> {
  const { shownHash } = await ok<AccountMovePreview>(previewOf(entity, from), 200);
  const asked = { entity, from, reason: 'sold by them now', shownHash };
  const waiting = await ok<Approval>(as('biller', 'POST', PATH, asked), 202);
  expect(waiting).toMatchObject({ action: 'account.move', state: 'waiting', mayDecide: false });
  const [listed] = (
    await ok<Page<Approval>>(as('approver', 'GET', '/approvals?state=waiting'), 200)
  ).items;
  expect(listed?.summary).toBe(`Move Kunde & Co (A-1) to ${entity} from ${from} on`);
  const path = `/approvals/${encodeURIComponent(waiting.approval)}/approve`;
  const decision = { shownHash: waiting.shownHash };
  expect(await problem(as('biller', 'POST', path, decision))).toContain('not-permitted');
  await ok(as('approver', 'POST', path, decision), 200);
}

async function issue(run: string, runOn: string) {
  const { db } = at;
  await createRun(db, { run, runOn, clock: null, startedBy: null });
  await saveComputedRun(db, run, previewBillRun(await loadBook(db), { run: runOn }), KEYS);
  const { shownHash } = await submitRun(db, { run, actor: { user: 'mira', role: 'biller' } });
  await approveRun(db, { run, shownHash, actor: { user: 'ched', role: 'approver' } });
  const issued = [];
  for (const { item } of await listRunItems(db, run, { kinds: ['invoice'] }))
    issued.push((await issueDocument(db, { run, item, issuedOn: runOn })).invoice);
  await setRunState(db, run, 'issued');
  return issued;
}

describe('what is refused', () => {
  it('is said in words', async () => {
    expect(await problem(previewOf('ACME'))).toBe(
      'invalid-input: A-1 buys from ACME on 2026-12-01 already.',
    );
    expect(await problem(previewOf('NOBODY'))).toContain('not-found: There is no entity NOBODY');
    expect(await problem(previewOf('SWISS', '2026-11-01'))).toMatch(
      /^invalid-input: A move takes effect on 2026-11-20 or later/,
    );
    expect(await problem(previewOf('SWISS', FROM, 'A-9'))).toContain('account-closed');
    expect(await problem(previewOf('SWISS', FROM, 'A-8'))).toContain('not-found');
    expect(
      await problem(as('support', 'POST', `${PATH}/preview`, { entity: 'SWISS', from: FROM })),
    ).toContain('not-permitted');
  });

  it('so is another entity written over the account’s own once documents name it', async () => {
    const read = await as('biller', 'GET', '/accounts/A-1');
    const headers = { 'if-match': String(read.headers.etag) };
    expect(
      await problem(as('biller', 'PATCH', '/accounts/A-1', { entity: 'SWISS' }, headers)),
    ).toMatch(/^state-conflict: Documents were issued to A-1/);
  });
});

describe('a move', () => {
  it('shows what changes and what stays before it is done', async () => {
    const { changes, words, needsApproval } = await ok<AccountMovePreview>(previewOf('SWISS'), 200);
    expect(words).toContain('buys from Acme Schweiz AG instead of Acme GmbH');
    expect(needsApproval).toBe(true);
    const of = Object.fromEntries(
      changes.map(({ name, before, after }) => [name, [before, after]]),
    );
    expect(of).toMatchObject({
      'Number series': ['INV', 'CH'],
      'Paid to': ['DE02120300000000202051', 'CH9300762011623852957'],
      'Currency of the books': ['EUR', 'CHF'],
      'Total of the run of 2026-12-15': ['285.60 EUR', '285.60 EUR'],
      'Open documents': ['119.00 EUR', '119.00 EUR, unchanged'],
      'Contracts that name it': ['C-1', 'SWISS'],
      'Contracts of a third entity': ['C-3', 'stay'],
    });
    expect(await getFact(at.db, 'accounts', { account: 'A-1' })).toMatchObject({ currency: null });
  });

  it('is made by two people, and audited', async () => {
    expect(
      await problem(
        as('biller', 'POST', PATH, {
          ...{ entity: 'SWISS', from: FROM, reason: 'sold by them', shownHash: 'of another' },
        }),
      ),
    ).toContain('numbers-changed');
    await move('SWISS', FROM);
    expect(await getFact(at.db, 'accounts', { account: 'A-1' })).toMatchObject({
      ...{ entity: 'ACME', currency: 'EUR' },
    });
    const { sellers } = await ok<AccountPage>(as('viewer', 'GET', '/accounts/A-1'), 200);
    expect(sellers).toEqual([
      { entity: 'ACME', since: null },
      { entity: 'SWISS', since: FROM },
    ]);
    expect(await verifyAudit(at.db)).toMatchObject({ ok: true });
    const on = (day: string, of: object) => entityFor(at.db, { ...of, on: day });
    expect((await on('2026-11-30', { account: 'A-1' }))?.entity).toBe('ACME');
    for (const of of [{ account: 'A-1' }, { contract: 'C-1' }, { contract: 'C-2' }])
      expect((await on(FROM, of))?.entity).toBe('SWISS');
    expect((await on(FROM, { contract: 'C-3' }))?.entity).toBe('US');
  });

  it('lets later runs bill under the other’s name, series and bank, in what was agreed', async () => {
    const issued = await issue('2026-12', '2026-12-15');
    expect(issued.map(({ invoice, entity, currency }) => [invoice, entity, currency])).toEqual([
      ['CH-2026-00001', 'SWISS', 'EUR'],
      ['CH-2026-00002', 'SWISS', 'EUR'],
    ]);
    const found = await getInvoice(at.db, 'CH-2026-00001');
    expect(found?.invoice.snapshot).toMatchObject({ seller: { iban: 'CH9300762011623852957' } });
    // What was open stays with who issued it.
    expect((await getInvoice(at.db, 'INV-OLD-1'))?.invoice).toMatchObject({
      ...{ entity: 'ACME', balanceMinor: 11_900 },
    });
    today = '2026-12-16';
    const money = { amountMinor: 5000, currency: 'EUR', receivedOn: today };
    await recordPayment(at.db, { payment: 'bank:1', account: 'A-1', ...money });
    const books = (entity: string) => trialBalance(at.db, { entity });
    expect(await books('SWISS')).toContainEqual(
      expect.objectContaining({ ledgerAccount: 'bank', balanceMinor: 5000 }),
    );
    expect(await verifyLedger(at.db)).toEqual([]);
  });

  it('comes back out of an export, and in again, as policies', async () => {
    const { policies } = await exportBook(at.db);
    expect(policies).toContainEqual(
      expect.objectContaining({ scope: 'account', id: 'A-1', policy: 'entity', value: 'SWISS' }),
    );
  });

  it('is undone by moving back', async () => {
    await move('ACME', '2027-01-01');
    expect((await entityFor(at.db, { contract: 'C-1', on: '2027-01-01' }))?.entity).toBe('ACME');
    expect((await entityFor(at.db, { contract: 'C-2', on: '2027-01-01' }))?.entity).toBe('ACME');
    expect((await entityFor(at.db, { contract: 'C-2', on: '2026-12-31' }))?.entity).toBe('SWISS');
  });

  it('waits for a run that holds documents of the customer', async () => {
    const run = '2027-11';
    await createRun(at.db, { run, runOn: '2027-11-15', clock: null, startedBy: null });
    const whole = await loadBook(at.db);
    // The contract's next year.
    const longer = whole.contracts.map((one) => ({ ...one, end: '2029-12-31' }));
    const preview = previewBillRun({ ...whole, contracts: longer }, { run: '2027-11-15' });
    await saveComputedRun(at.db, run, preview, KEYS);
    expect(await problem(previewOf('SWISS', '2027-11-01'))).toMatch(
      /^state-conflict: The bill run 2027-11 has documents of A-1/,
    );
    expect(await problem(previewOf('SWISS', '2027-11-16'))).not.toContain('state-conflict');
  });
});
