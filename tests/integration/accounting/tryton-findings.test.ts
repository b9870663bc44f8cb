/**
 * The steps of the nightly look and of a fix, with a real Tryton that people have made a mess in: every difference is found
 * under its own code, what is mended there closes its finding, and a Tryton that is away closes nothing.
 */
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { connectedSystemsOf, createActivities, type Deps } from '../../../activities/index.ts';
import { createTrytonAccounting } from '../../../connectors/accounting/tryton/accounting.ts';
import type { TrytonOptions } from '../../../connectors/accounting/tryton/companies.ts';
import { createBuiltInCrm } from '../../../connectors/crm/built-in/crm.ts';
import {
  type Connection,
  connect,
  getFact,
  importBook,
  keepConnectedSystems,
  listFindingChecks,
  openFindings,
  type StoredFinding,
} from '../../../db/index.ts';
import { groupBy } from '../../../domain/book/book-index.ts';
import type { Book } from '../../../domain/book/tables.ts';
import type { FindingFix } from '../../../workflows/messages.ts';
import { createTestDatabase, skipAloud } from '../../infrastructure/servers.ts';
import { startTryton, type Tryton } from '../../infrastructure/tryton.ts';
import { row, smallBook } from '../api/fixture.ts';
import { type Hands, handsIn } from './by-hand.ts';

const AT = '2026-06-01T08:00:00Z';
const ANN = { user: 'ann', role: 'controller' };

let tryton: Tryton;
let connection: Connection;
let options: TrytonOptions;
let steps: ReturnType<typeof createActivities>;
beforeAll(async () => {
  tryton = await startTryton();
  if ('missing' in tryton) return;
  connection = connect(await createTestDatabase(), { max: 4 });
  await importBook(connection.db, ourBook(), { importId: 'test', actor: ANN });
  const { url, database, key } = tryton;
  const posting = { revenue: '4000', tax: '2200', paymentMethod: 'Bank' };
  options = { url, database, key, timeoutSeconds: 60, companies: {}, posting };
  const { db } = connection;
  const accounting = createTrytonAccounting(options);
  const crm = createBuiltInCrm(() => Promise.resolve());
  const deps = { db, accounting, crm } as unknown as Deps;
  await keepConnectedSystems(db, connectedSystemsOf(deps));
  steps = createActivities(deps);
  await makeMess(handsIn(options));
});
afterAll(async () => {
  if (tryton !== undefined && 'stop' in tryton) await tryton.stop();
  await connection?.close();
});

const ACCOUNTS = ['A-1', 'A-2', 'A-3', 'A-4'] as const;
const numberOf = (account: string) => `INV-${account.slice(2)}`;

/** Four customers, each with a contract and its invoice of the year; the first and the last have paid. */
function ourBook(): Book {
  const base = smallBook();
  const each = <T>(rows: readonly T[], change: (one: T, account: string) => T) =>
    ACCOUNTS.flatMap((account) => rows.map((one) => change(one, account)));
  const contract = (account: string) => `C-${account}`;
  const paid = (payment: string, account: string) =>
    row('payments', {
      ...{ payment, account, received: '2026-02-10', amount: '119.00', currency: 'EUR' },
      ...{ status: 'received', invoice: numberOf(account) },
    });
  return {
    ...base,
    accounts: each(base.accounts, (one, account) => ({
      ...one,
      ...{ account, name: `Customer ${account} & Co`, billingEmail: `${account}@customer.example` },
      ...{ addressLine1: `Hafen ${account.slice(2)}`, city: 'Kiel', postalCode: '24103' },
    })),
    contracts: each(base.contracts, (one, account) => ({
      ...{ ...one, account, contract: contract(account) },
    })),
    subcontracts: each(base.subcontracts, (one, account) => ({
      ...{ ...one, subcontract: `S-${account}`, contract: contract(account) },
    })),
    invoices: each(base.invoices, (one, account) => ({
      ...{ ...one, account, invoice: numberOf(account), contract: contract(account) },
      ...(account === 'A-1' || account === 'A-4' ? { status: 'paid', balance: '0.00' } : {}),
    })),
    invoice_lines: each(base.invoice_lines, (one, account) => ({
      ...{ ...one, invoice: numberOf(account), subcontract: `S-${account}` },
    })),
    payments: [paid('PAY-1', 'A-1'), paid('PAY-4', 'A-4')],
  };
}

const run = <T>(step: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run(step);
let fixes = 0;
function fix(made: FindingFix): Promise<void> {
  fixes += 1;
  const why = { actor: ANN, reason: 'decided in a test' };
  return run(() => steps.writeBack({ key: `fix:${fixes}`, finding: 1, fix: made, ...why, at: AT }));
}
let readings = 0;
/** Reads Tryton as every night does, and looks over the books. */
async function look(): Promise<void> {
  readings += 1;
  const key = `reading:${readings}`;
  await run(() => steps.readOutside({ source: 'accounting', key, at: AT }));
  await lookAgain();
}
const lookAgain = () => run(() => steps.reconcileBooks({ cause: 'demand', at: AT, clock: null }));

/** Open findings of the comparisons with accounting, by code. */
async function compared(): Promise<Record<string, StoredFinding[]>> {
  const found = (await openFindings(connection.db)).filter(({ rule }) =>
    /accounting|-here$/.test(rule),
  );
  return Object.fromEntries(groupBy(found, ({ rule }) => rule));
}
const codes = async () => Object.keys(await compared()).sort();

/** Posted by Perennial: A-1 with INV-1, A-3, A-4 with INV-4. The rest is people's. */
async function makeMess(hands: Hands): Promise<void> {
  for (const account of ['A-1', 'A-3', 'A-4'])
    await fix({ kind: 'post-customer-in-accounting', account });
  for (const document of ['INV-1', 'INV-4']) await fix({ kind: 'post-in-accounting', document });
  const accounting = createTrytonAccounting(options);
  const at = { cursor: null, changedSince: null, from: null };
  const page = await accounting.reader?.documents(at);
  const documents = page?.result === 'ok' ? page.records : [];
  const idOf = (number: string) => documents.find((one) => one.number === number)?.id ?? '';
  const customer = await accounting.corrections?.readCustomer('A-1');
  const party = customer?.result === 'ok' ? /\d+$/.exec(customer.record?.url ?? '')?.[0] : null;
  await hands.write('PUT', `model/party.party/${party}`, { name: 'Customer One AG' });
  const double = { street: 'Hafen 3', city: 'Kiel', postal_code: '24103', invoice: true };
  await hands.write('POST', 'model/party.party', {
    ...{ code: 'DOUBLE', name: 'Customer A-3 & Co', addresses: [['create', [double]]] },
  });
  await hands.invoice(idOf('INV-4'), { reference: 'INV-4', netMinor: 119_00 });
  await hands.invoice(idOf('INV-1'), { reference: 'INV-3', netMinor: 129_00 });
  await hands.invoice(idOf('INV-1'), { reference: 'INV-99', netMinor: 50_00 });
  const onAccount = { amountMinor: 119_00, description: 'Perennial PAY-1', linked: false };
  await hands.pay(idOf('INV-1'), onAccount);
  await hands.pay(idOf('INV-4'), { amountMinor: 33_00, description: 'cheque 17', linked: false });
}

function needsTryton(context: TestContext): void {
  if ('missing' in tryton) skipAloud(context, `Tryton cannot run here: ${tryton.missing}`);
}

describe('what people made of the books in Tryton', () => {
  it('is found, each difference under its code, with both sides and where they open', async (context) => {
    needsTryton(context);
    await look();
    const found = await compared();
    expect(Object.keys(found).sort()).toEqual([
      'allocation-differs-in-accounting',
      'customer-differs-in-accounting',
      'customer-duplicated-in-accounting',
      'customer-missing-in-accounting',
      'invoice-differs-in-accounting',
      'invoice-missing-here',
      'invoice-missing-in-accounting',
      'invoice-twice-in-accounting',
      'payment-missing-here',
      'payment-missing-in-accounting',
    ]);
    const accounts = Object.entries(found).map(([rule, all]) => [
      rule,
      all.map((one) => one.account),
    ]);
    expect(Object.fromEntries(accounts)).toMatchObject({
      'customer-differs-in-accounting': ['A-1'],
      'customer-missing-in-accounting': ['A-2'],
      'customer-duplicated-in-accounting': ['A-3'],
      'invoice-differs-in-accounting': ['A-3'],
      'invoice-missing-in-accounting': ['A-2'],
      'invoice-twice-in-accounting': ['A-4'],
      'payment-missing-in-accounting': ['A-4'],
      'allocation-differs-in-accounting': ['A-1'],
    });
    expect(found['invoice-differs-in-accounting']?.[0]).toMatchObject({ amountMinor: -10_00 });
    const [differs] = found['customer-differs-in-accounting'] ?? [];
    expect(differs?.told.sides.found[0]).toMatchObject({
      ...{ system: 'accounting', id: 'A-1', fields: { name: 'Customer One AG' } },
      url: expect.stringMatching(/\/#books\/model\/party\.party\/\d+$/),
    });
  });

  it('is mended there by decisions: the customer at once, the rest with the next reading', async (context) => {
    needsTryton(context);
    await fix({
      ...{ kind: 'correct-customer', source: 'accounting', customer: 'A-1' },
      changes: { name: 'Customer A-1 & Co' },
      expected: { name: 'Customer One AG' },
    });
    await lookAgain();
    expect(await codes()).not.toContain('customer-differs-in-accounting');
    await fix({ kind: 'post-customer-in-accounting', account: 'A-2' });
    expect(await getFact(connection.db, 'accounts', { account: 'A-2' })).toMatchObject({
      accountingId: 'A-2',
    });
    await fix({ kind: 'post-in-accounting', document: 'INV-2' });
    await fix({ kind: 'post-payment-in-accounting', payment: 'PAY-4' });
    await look();
    expect(await codes()).toEqual([
      'allocation-differs-in-accounting',
      'customer-duplicated-in-accounting',
      'invoice-differs-in-accounting',
      'invoice-missing-here',
      'invoice-twice-in-accounting',
      'payment-missing-here',
    ]);
  });

  it('is not overwritten where somebody was there meanwhile, and the refusal says so', async (context) => {
    needsTryton(context);
    const stale = fix({
      ...{ kind: 'correct-customer', source: 'accounting', customer: 'A-1' },
      changes: { name: 'Customer One GmbH' },
      expected: { name: 'Customer One AG' },
    });
    await expect(stale).rejects.toThrow('Somebody changed it in tryton meanwhile');
  });

  it('is not told as fine when Tryton is away: nothing is compared, nothing closes', async (context) => {
    needsTryton(context);
    const before = await codes();
    if ('stop' in tryton) await tryton.stop();
    await expect(look()).rejects.toThrow('Tryton');
    const reason = 'it does not answer';
    const noted = { source: 'accounting', key: 'reading:away', at: AT, reason } as const;
    await run(() => steps.noteUnread(noted));
    await lookAgain();
    expect(await codes()).toEqual(before);
    const checks = await listFindingChecks(connection.db);
    const away = checks.filter(({ comparison }) => comparison.endsWith('-in-accounting'));
    expect(away.length).toBeGreaterThan(0);
    for (const check of away) {
      expect(check).toMatchObject({
        checkedOn: '2026-06-01',
        cause: expect.stringContaining(reason),
      });
      expect(check.failedAt).not.toBeNull();
    }
  });
});
