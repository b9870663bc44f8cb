/** Records that must hold: the audit chain, effects, idempotency, lists, rehearsals that leave nothing behind. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  advanceClock,
  audit,
  type Connection,
  claimIdempotencyKey,
  connect,
  copyAccounts,
  createApiKey,
  createClock,
  createSession,
  createSignInLink,
  createUser,
  findApiKey,
  findSession,
  hashOf,
  importBook,
  issueSingle,
  LIST_NAMES,
  listRows,
  loadBook,
  policiesFor,
  recipientsFor,
  recordPayment,
  removeClock,
  revokeApiKey,
  storeIdempotencyAnswer,
  useSignInLink as takeSignInLink,
  verifyAudit,
  verifyLedger,
  withEffect,
} from '../../../db/index.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN, document, line, row, sampleBook } from './sample-facts.ts';

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase());
  const book = sampleBook({
    contacts: [row('contacts', { account: 'A-1', email: 'keys@example.com', receives: ['key'] })],
    policies: [
      row('policies', { scope: 'entity', id: 'US', policy: 'tolerance', value: '0' }),
      row('policies', {
        scope: 'account',
        id: 'A-1',
        policy: 'tolerance',
        value: '5',
        validFrom: '2026-12-01',
      }),
    ],
    invoices: [
      row('invoices', { invoice: 'OLD-1', account: 'A-1', issued: '2026-01-15', total: '100.00' }),
    ],
    payments: [
      row('payments', { payment: 'P-1', account: 'A-1', received: '2026-03-01', amount: '40.00' }),
    ],
    payment_allocations: [
      row('payment_allocations', { payment: 'P-1', invoice: 'OLD-1', amount: '40.00' }),
    ],
  });
  await importBook(connection.db, book, { importId: 'one', actor: ANN });
});
afterAll(() => connection?.close());

describe('the audit trail', () => {
  it('is whole when many write at once, and shows what was changed past the triggers', async () => {
    const { db } = connection;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        audit(db, {
          actor: ANN,
          action: 'test.write',
          subject: `S-${index}`,
          details: { b: 1, a: [null, 'x'] },
        }),
      ),
    );
    expect(await verifyAudit(db)).toMatchObject({ ok: true, brokenAt: null });
    const tampered = db.transaction(async (tx) => {
      await tx.execute(sql`alter table audit_events disable trigger all`);
      await tx.execute(sql`update audit_events set details = '{"b":2}' where subject = 'S-7'`);
      const verdict = await verifyAudit(tx);
      throw Object.assign(new Error('undone'), { verdict });
    });
    await expect(tampered).rejects.toMatchObject({
      verdict: { ok: false, problem: expect.stringMatching(/changed/) },
    });
    const removed = db.transaction(async (tx) => {
      await tx.execute(sql`alter table audit_events disable trigger all`);
      await tx.execute(sql`delete from audit_events where subject = 'S-7'`);
      throw Object.assign(new Error('undone'), { verdict: await verifyAudit(tx) });
    });
    await expect(removed).rejects.toMatchObject({
      verdict: { ok: false, problem: expect.stringMatching(/removed/) },
    });
  });
});

describe('an effect', () => {
  it('runs once to its end, gives its first result again, and refuses another input', async () => {
    const { db } = connection;
    let runs = 0;
    const effect = {
      key: 'invoice:C-1:2026-11:accounting',
      system: 'ledger',
      inputHash: hashOf({ b: 1, a: 2 }),
    };
    expect(hashOf({ a: 2, b: 1 })).toBe(effect.inputHash);
    await expect(
      withEffect(db, effect, async () => {
        throw new Error('network');
      }),
    ).rejects.toThrow('network');
    const second = await withEffect(db, effect, async ({ attempt, previousState }) => {
      runs += 1;
      return { state: 'ok', result: { attempt, previousState } };
    });
    expect(second).toEqual({
      state: 'ok',
      result: { attempt: 2, previousState: 'pending' },
      repeated: false,
    });
    const third = await withEffect(db, effect, async () => {
      runs += 1;
      return { state: 'ok', result: null };
    });
    expect(third).toMatchObject({ result: { attempt: 2 }, repeated: true });
    expect(runs).toBe(1);
    await expect(
      withEffect(db, { ...effect, inputHash: 'other' }, async () => ({ state: 'ok', result: 1 })),
    ).rejects.toMatchObject({ code: 'effect-input-changed' });
  });

  it('keeps the first answer of a request', async () => {
    const { db } = connection;
    const input = { user: 'u', key: 'k', requestHash: 'h' };
    expect(await claimIdempotencyKey(db, input)).toEqual({ state: 'new' });
    expect(await claimIdempotencyKey(db, input)).toEqual({ state: 'running' });
    await storeIdempotencyAnswer(db, { ...input, status: 201, body: { a: 1 } });
    expect(await claimIdempotencyKey(db, input)).toEqual({
      state: 'done',
      status: 201,
      body: { a: 1 },
    });
    await expect(claimIdempotencyKey(db, { ...input, requestHash: 'x' })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
  });
});

describe('people', () => {
  it('are known by tokens that are stored as hashes; a link works once, a revoked key never', async () => {
    const { db } = connection;
    const user = await createUser(db, { email: 'Ann@Example.com', name: 'Ann', role: 'biller' });
    const session = await createSession(db, user.id, 60);
    expect((await findSession(db, session.token))?.user.email).toBe('Ann@Example.com');
    expect(await findSession(db, (await createSession(db, user.id, -1)).token)).toBeNull();
    const link = await createSignInLink(db, user.id, 60);
    const taken = await Promise.all([
      takeSignInLink(db, link.token),
      takeSignInLink(db, link.token),
    ]);
    expect(taken.filter((found) => found !== null)).toHaveLength(1);
    const key = await createApiKey(db, { user: user.id, name: 'ci' });
    expect((await findApiKey(db, key.token))?.user.id).toBe(user.id);
    await revokeApiKey(db, key.id);
    expect(await findApiKey(db, key.token)).toBeNull();
    const stored = await db.execute(
      sql`select token_hash from sessions union select token_hash from api_keys`,
    );
    expect(JSON.stringify(stored)).not.toContain(session.token);
  });
});

describe('lists', () => {
  it('answer a page for every noun', async () => {
    for (const list of LIST_NAMES)
      expect((await listRows(connection.db, list)).total).toBeGreaterThanOrEqual(0);
  });

  it('filter, sort and go on page by page without leaving a row out', async () => {
    const { db } = connection;
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page = await listRows(db, 'auditEvents', { limit: 7, sort: '-action', cursor });
      seen.push(...page.rows.map(({ seq }) => seq));
      cursor = page.next;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe((await listRows(db, 'auditEvents')).total);
    const found = await listRows(db, 'accounts', {
      filter: { name: { like: 'customer a-2' } },
      search: 'CUSTOMER',
    });
    expect(found.rows).toEqual([
      expect.objectContaining({ account: 'A-2', ccEmails: ['cc@example.com'] }),
    ]);
    const days = await listRows(db, 'invoices', {
      filter: { issuedOn: { from: '2026-01-15', to: '2026-01-15' } },
    });
    expect(days.total).toBe(1);
    await expect(listRows(db, 'accounts', { sort: 'nothing' })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await expect(listRows(db, 'accounts', { cursor: 'xx' })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('know who gets a mail, and which policy holds', async () => {
    const { db } = connection;
    expect(await recipientsFor(db, 'A-1', 'key')).toEqual({ to: ['keys@example.com'], cc: [] });
    const scope = { entity: 'US', account: 'A-1' };
    expect((await policiesFor(db, { ...scope, on: '2026-11-30' })).tolerance).toBe('0');
    expect((await policiesFor(db, { ...scope, on: '2026-12-01' })).tolerance).toBe('5');
  });
});

describe('a rehearsal', () => {
  it('bills copies in series of its own and is gone without a trace when it is removed', async () => {
    const { db } = connection;
    const before = await loadBook(db);
    const open = await verifyLedger(db);
    await createClock(db, { clock: 'DEMO', today: '2026-11-15' });
    const copies = await copyAccounts(db, { clock: 'DEMO', prefix: 'DEMO-', accounts: ['A-1'] });
    expect(copies).toEqual({ accounts: ['DEMO-A-1'], contracts: ['DEMO-C-1'] });
    expect(await loadBook(db)).toEqual(before);
    const copied = await loadBook(db, { clock: 'DEMO' });
    expect(copied.entities.map(({ entity }) => entity)).toEqual(['DEMO-US']);
    expect(copied.invoices).toMatchObject([{ invoice: 'DEMO-OLD-1', account: 'DEMO-A-1' }]);
    expect(copied.policies.map(({ id }) => id).sort()).toEqual(['DEMO-A-1', 'DEMO-US']);
    const { invoice } = await issueSingle(db, {
      documentKey: 'invoice:DEMO-C-1:2026-11',
      type: 'invoice',
      issuedOn: '2026-11-16',
      document: document({
        contract: 'DEMO-C-1',
        account: 'DEMO-A-1',
        entity: 'DEMO-US',
        lines: [line({ contract: 'DEMO-C-1', subcontract: 'DEMO-S-1' })],
      }),
    });
    expect(invoice.invoice).toBe('DEMO-INV-2026-00001');
    await recordPayment(db, {
      payment: 'manual:demo',
      account: 'DEMO-A-1',
      receivedOn: '2026-11-20',
      amountMinor: 5,
      currency: 'USD',
    });
    await expect(advanceClock(db, 'DEMO', '2026-11-01')).rejects.toMatchObject({
      code: 'clock-backwards',
    });
    const { deleted } = await removeClock(db, 'DEMO');
    expect(deleted).toMatchObject({ invoices: 2, payments: 2, contracts: 1, entities: 1 });
    const left = await db.execute<{ left: number }>(sql`
      select (select count(*) from accounts where account like 'DEMO%') + (select count(*) from invoices where invoice like 'DEMO%')
        + (select count(*) from ledger_entries where entity like 'DEMO%') + (select count(*) from number_series) as left`);
    expect(Number(left[0]?.left)).toBe(0);
    expect(await loadBook(db)).toEqual(before);
    expect(await verifyLedger(db)).toEqual(open);
    expect(await verifyAudit(db)).toMatchObject({ ok: true });
  });
});
