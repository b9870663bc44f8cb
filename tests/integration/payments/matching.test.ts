/** Matching as the running system asks for it: among all open invoices of one world, and no other (billing rules §7). */
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../../../activities/deps.ts';
import { paymentSteps } from '../../../activities/payment-steps.ts';
import { createBuiltInAccounting } from '../../../connectors/accounting/built-in/accounting.ts';
import {
  allocationsOfPayment,
  type Connection,
  connect,
  copyAccounts,
  createClock,
  getInvoice,
  getPayment,
  importBook,
  type NewPayment,
  openInvoices,
  openInvoicesFor,
  recordPayment,
  verifyLedger,
} from '../../../db/index.ts';
import { allocate } from '../../../domain/allocation/allocation.ts';
import { type Book, emptyBook } from '../../../domain/book/tables.ts';
import type { PaymentSteps } from '../../../workflows/steps.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { row } from '../api/fixture.ts';

const ACTOR = { user: 'test', role: 'admin' };
const PERSON = { user: 'mira', role: 'biller' };
const MANY = 10_000;
const RUNS = Number(process.env.RUNS ?? 150);
const ACCOUNTS = 500;

/** Accounts A-1 … A-n with open invoices of two lines each; every amount is another. */
function bookOf(invoices: number, accounts: number): Book {
  const numbers = Array.from({ length: invoices }, (_, n) => n + 1);
  const contractOf = (n: number) => `C-${((n - 1) % accounts) + 1}`;
  const accountOf = (n: number) => `A-${((n - 1) % accounts) + 1}`;
  const first = Array.from({ length: accounts }, (_, n) => n + 1);
  const named = (n: number) => `INV-${String(n).padStart(6, '0')}`;
  return {
    ...emptyBook(),
    entities: [
      row('entities', { entity: 'HQ', legalName: 'HQ', currency: 'EUR', timeZone: 'UTC' }),
    ],
    accounts: first.map((n) =>
      row('accounts', {
        account: accountOf(n),
        name: `Customer ${n}`,
        status: 'active',
        entity: 'HQ',
      }),
    ),
    products: [row('products', { sku: 'CAD', name: 'CAD', kind: 'maintenance' })],
    contracts: first.map((n) =>
      row('contracts', {
        contract: contractOf(n),
        account: accountOf(n),
        start: '2026-01-01',
        end: '2026-12-31',
        billingFrequency: 'annual',
        autoRenew: false,
        status: 'active',
      }),
    ),
    subcontracts: first.map((n) =>
      row('subcontracts', {
        subcontract: `S-${n}`,
        contract: contractOf(n),
        sku: 'CAD',
        quantity: '1',
        unitPrice: '1',
        status: 'active',
      }),
    ),
    invoices: numbers.map((n) =>
      row('invoices', {
        invoice: named(n),
        account: accountOf(n),
        contract: contractOf(n),
        entity: 'HQ',
        issued: '2026-01-15',
        due: '2026-02-14',
        type: 'invoice',
        currency: n % 10 === 0 ? 'USD' : 'EUR',
        status: 'issued',
        net: `${n}.00`,
        tax: '0.00',
        total: `${n}.00`,
        balance: `${n}.00`,
      }),
    ),
    invoice_lines: numbers.flatMap((n) =>
      ['1', '2'].map((line) =>
        row('invoice_lines', {
          invoice: named(n),
          line,
          subcontract: `S-${((n - 1) % accounts) + 1}`,
          sku: 'CAD',
          net: line === '1' ? `${n - 1}.00` : '1.00',
          tax: '0.00',
        }),
      ),
    ),
  };
}

async function world(book: Book) {
  const connection = connect(await createTestDatabase(), { max: 4 });
  await importBook(connection.db, book, { importId: 'test', actor: ACTOR });
  const accounting = createBuiltInAccounting();
  const told: { readonly workflowId: string; readonly signalArgs: unknown[] }[] = [];
  const signalWithStart = async (_type: string, options: (typeof told)[number]) => {
    told.push(options);
  };
  const client = { workflow: { signalWithStart } } as unknown as Deps['client'];
  const steps = paymentSteps({ db: connection.db, accounting, client } as Deps);
  return { connection, told, steps };
}

let connection: Connection;
let steps: Omit<PaymentSteps, 'useCredit'>;
let made = 0;
beforeAll(async () => {
  ({ connection, steps } = await world(bookOf(40, 4)));
});
afterAll(() => connection?.close());

const matched = async (rest: Partial<NewPayment>, clock: string | null = null) => {
  made += 1;
  const { db } = connection;
  const { payment } = await recordPayment(db, {
    payment: `manual:${made}`,
    account: null,
    receivedOn: '2026-02-01',
    amountMinor: 1,
    currency: 'EUR',
    ...rest,
  });
  const plan = await steps.matchPayment({ payment: payment.payment, today: '2026-02-01', clock });
  const words = JSON.stringify((await getPayment(db, payment.payment))?.matching);
  return { plan, words, payment: payment.payment };
};
const openOf = async (invoice: string) =>
  (await getInvoice(connection.db, invoice))?.invoice.balanceMinor;

describe('among the open invoices of every account', () => {
  it('a mention of another account’s invoice goes to a person', async () => {
    const { plan, words } = await matched({
      account: 'A-1',
      amountMinor: 200,
      reference: 'INV-000002',
    });
    expect(plan.state).toBe('review');
    expect(words).toContain('of account A-2');
    expect(await openOf('INV-000002')).toBe(200);
  });

  it('an explicit payment of another account’s invoice pays it', async () => {
    const { plan } = await matched({
      account: 'A-1',
      amountMinor: 300,
      lines: [{ invoice: 'INV-000003', amount: 300 }],
    });
    expect(plan).toMatchObject({ state: 'allocated', unappliedMinor: 0 });
    expect(await openOf('INV-000003')).toBe(0);
    expect(await verifyLedger(connection.db)).toEqual([]);
  });

  it('an invoice in another currency goes to a person', async () => {
    const { plan, words } = await matched({
      account: 'A-2',
      amountMinor: 1000,
      reference: 'INV-000010',
    });
    expect(plan.state).toBe('review');
    expect(words).toContain('is in USD, the payment in EUR');
  });

  it('a payment of nobody known becomes the account’s whose invoice it names, with what is left', async () => {
    const { plan } = await matched({ amountMinor: 750, reference: 'Rechnung inv 000007' });
    expect(plan).toMatchObject({ account: 'A-3', state: 'allocated', unappliedMinor: 50 });
    expect(await verifyLedger(connection.db)).toEqual([]);
  });

  it('a person may pay any account’s invoice with it', async () => {
    const { payment } = await matched({ account: 'A-1', amountMinor: 777 });
    const lines = [{ invoice: 'INV-000006', line: null, amountMinor: 600 }];
    const decision = { lines, reason: 'they pay for each other', actor: PERSON };
    const args = { payment, ...decision, today: '2026-02-02', clock: null };
    expect(await steps.allocatePayment(args)).toEqual({ allocated: 600 });
    expect((await getPayment(connection.db, payment))?.account).toBe('A-1');
    expect(await openOf('INV-000006')).toBe(0);
  });
});

describe('the few open invoices that a payment could concern', () => {
  const POLICY = { oldestFirst: true, lineOrder: 'in-order', tolerance: 0 } as const;
  const number = fc
    .integer({ min: 1, max: 45 })
    .chain((n) =>
      fc.constantFrom(
        `INV-${String(n).padStart(6, '0')}`,
        `inv ${String(n).padStart(6, '0').replaceAll('0', 'O')}`,
        `INV${String(n).padStart(6, '0')}`,
        `C-${n % 6}`,
        `${n}.00`,
        'thanks',
      ),
    );
  const payment = fc.record({
    account: fc.constantFrom(null, 'A-1', 'A-2', 'A-3', 'A-9'),
    amountMinor: fc.oneof(
      fc.integer({ min: 1, max: 90 }).map((n) => n * 100),
      // What 2.5 % off leaves, rounded half away.
      fc.integer({ min: 1, max: 45 }).map((n) => n * 100 - Math.round(n * 2.5)),
    ),
    currency: fc.constantFrom('EUR', 'EUR', 'USD'),
    reference: fc.array(number, { maxLength: 4 }).map((parts) => parts.join(' ')),
    named: fc.option(fc.integer({ min: 1, max: 45 })),
  });

  it('give the answer that all of them give', async () => {
    const { db } = connection;
    // An issued document never changes: the trigger that says so is passed by.
    const agree = (terms: string | null) =>
      db.transaction(async (tx) => {
        await tx.execute(sql`set local session_replication_role = replica`);
        await tx.execute(
          sql`update invoices set payment_terms = ${terms} where account in ('A-1', 'A-3')`,
        );
      });
    await agree('2.5/30 net 60');
    const all = await openInvoices(db, { clock: null });
    await fc.assert(
      fc.asyncProperty(payment, async ({ named, ...rest }) => {
        const lines =
          named === null
            ? null
            : [{ invoice: `INV-${String(named).padStart(6, '0')}`, amount: rest.amountMinor }];
        const received = { ...rest, receivedOn: '2026-02-01', lines };
        const few = await openInvoicesFor(db, received, { clock: null });
        const answer = (open: typeof all) =>
          allocate({
            payment: {
              amount: rest.amountMinor,
              currency: rest.currency,
              received: received.receivedOn,
              account: rest.account,
              reference: rest.reference,
              ...(lines === null ? {} : { lines }),
            },
            policy: { ...POLICY, clearing: 'principal-first' },
            openInvoices: open,
          });
        expect(answer(few)).toEqual(answer(all));
      }),
      { numRuns: RUNS },
    );
    await agree(null);
  });
});

describe('worlds', () => {
  it('are apart: a rehearsal’s invoices are neither paid by real money nor the other way round', async () => {
    const { db } = connection;
    await createClock(db, { clock: 'DEMO', today: '2026-02-01' });
    await copyAccounts(db, { clock: 'DEMO', prefix: 'DEMO-', accounts: ['A-4'] });
    const real = await openInvoices(db, { clock: null });
    const rehearsed = await openInvoices(db, { clock: 'DEMO' });
    expect(real.some(({ invoice }) => invoice.startsWith('DEMO-'))).toBe(false);
    expect(rehearsed.length).toBeGreaterThan(5);
    expect(rehearsed.every(({ account }) => account === 'DEMO-A-4')).toBe(true);
    const inReal = await matched({ amountMinor: 800, reference: 'DEMO-INV-000008' });
    expect(await openOf('DEMO-INV-000008')).toBe(800);
    expect((await allocationsOfPayment(db, inReal.payment)).length).toBeLessThan(3);
    const rehearsal = await matched({ amountMinor: 1200, reference: 'DEMO-INV-000012' }, 'DEMO');
    expect(rehearsal.plan.account).toBe('DEMO-A-4');
    expect(await openOf('DEMO-INV-000012')).toBe(0);
    expect(await openOf('INV-000012')).toBe(1200);
  });
});

describe('the step that plans a payment', () => {
  it('matches a new one, once, and says which contracts it covered and which not yet', async () => {
    const own = await world(bookOf(4, 2));
    try {
      const { db } = own.connection;
      const planned = async (payment: string, line: string, amount: number) => {
        await recordPayment(db, {
          payment,
          account: 'A-1',
          receivedOn: '2026-02-01',
          amountMinor: amount,
          currency: 'EUR',
          lines: [{ invoice: 'INV-000003', line, amount }],
        });
        const args = { payment, clock: null, at: '2026-02-01T12:00:00Z', match: true };
        const plan = await own.steps.planPayment(args);
        expect(await own.steps.planPayment(args)).toEqual(plan);
        expect(await allocationsOfPayment(db, payment)).toHaveLength(1);
        return plan;
      };
      const part = await planned('manual:part', '1', 200);
      expect(part).toMatchObject({ state: 'allocated', today: '2026-02-01' });
      expect(part.affected).toMatchObject([{ invoice: 'INV-000003', contracts: [] }]);
      expect(own.told).toEqual([]);
      const rest = await planned('manual:rest', '2', 100);
      expect(rest.affected[0]?.contracts).toMatchObject([
        { contract: 'C-1', covered: [{ subcontract: 'S-1' }], whole: true },
      ]);
      // Once when it was matched, and once when the same was asked again.
      expect(rest.told).toBe(true);
      const news = { invoice: 'INV-000003', whole: true, payment: 'manual:rest' };
      expect(own.told).toMatchObject([
        { workflowId: 'contract:C-1', signalArgs: [news] },
        { workflowId: 'contract:C-1', signalArgs: [news] },
      ]);
    } finally {
      await own.connection.close();
    }
  });
});

describe('the first step of a payment that is being stored', () => {
  it('waits a moment for it, and is tried again where it does not come', async () => {
    const own = await world(bookOf(4, 2));
    try {
      const { db } = own.connection;
      const args = {
        payment: 'stripe:pi_1',
        clock: null,
        at: '2026-02-01T12:00:00Z',
        match: true,
      };
      // What is no refusal is tried again by the engine.
      const failure = await own.steps.planPayment(args).catch((error: unknown) => error);
      expect(failure).toMatchObject({ message: 'Payment stripe:pi_1 is not stored yet.' });
      expect(failure).not.toHaveProperty('nonRetryable', true);
      const [plan] = await Promise.all([
        own.steps.planPayment(args),
        recordPayment(db, {
          payment: 'stripe:pi_1',
          account: null,
          receivedOn: '2026-02-01',
          amountMinor: 300,
          currency: 'EUR',
          reference: 'INV-000003',
        }),
      ]);
      expect(plan.state).toBe('allocated');
    } finally {
      await own.connection.close();
    }
  });
});

describe(`among ${MANY} open invoices`, () => {
  it('takes its place in a step’s seconds', async () => {
    const large = await world(bookOf(MANY, ACCOUNTS));
    try {
      const { db } = large.connection;
      const { payment } = await recordPayment(db, {
        payment: 'manual:large',
        account: null,
        receivedOn: '2026-02-01',
        amountMinor: 123_400 + 567_800,
        currency: 'EUR',
        reference: 'pays INV-001234 and INV 005678, thanks',
      });
      const args = { payment: payment.payment, today: '2026-02-01', clock: null };
      const plan = await large.steps.matchPayment(args);
      expect(plan.state).toBe('allocated');
      expect(plan.affected.map(({ invoice }) => invoice)).toEqual(['INV-001234', 'INV-005678']);
    } finally {
      await large.connection.close();
    }
  });
});
