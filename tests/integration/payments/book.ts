/** A book of open invoices for tests of what is paid on them, and a database that holds it. */
import { expect } from 'vitest';
import { creditSteps } from '../../../activities/credit-use.ts';
import type { Deps } from '../../../activities/deps.ts';
import { paymentSteps } from '../../../activities/payment-steps.ts';
import { createBuiltInAccounting } from '../../../connectors/accounting/built-in/accounting.ts';
import {
  assertPaymentInvariant,
  connect,
  type Db,
  getInvoice,
  importBook,
  type NewPayment,
  recordPayment,
  verifyLedger,
} from '../../../db/index.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import type { PaymentSteps } from '../../../workflows/steps.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { row, smallBook } from '../api/fixture.ts';

export const ADMIN = { user: 'ada', role: 'admin' };
/** Who decides on payments. */
export const PERSON = { user: 'mira', role: 'biller' };
export const RECEIVED_ON = '2026-02-10';
export const TODAY = '2026-03-02';
/** What every invoice of the book comes to. */
export const GROSS_MINOR = 11_900;
export const invoiceNumber = (n: number): string => `INV-${String(n).padStart(4, '0')}`;

/**
 * INV-0001 and on, of two customers in turn; each has two lines, of 60.00 and 59.00, for subcontracts S-1 and S-2.
 */
export function bookOfInvoices(invoices: number): Book {
  const base = smallBook();
  const [invoice] = base.invoices;
  const [line] = base.invoice_lines;
  const numbers = Array.from({ length: invoices }, (_, n) => n + 1);
  const accountOf = (n: number) => (n % 2 === 0 ? 'A-2' : 'A-1');
  return {
    ...base,
    accounts: [
      ...base.accounts,
      row('accounts', {
        ...(base.accounts[0] as Row<'accounts'>),
        account: 'A-2',
        name: 'Zwei AG',
      }),
    ],
    subcontracts: [
      ...base.subcontracts,
      row('subcontracts', {
        ...(base.subcontracts[0] as Row<'subcontracts'>),
        subcontract: 'S-2',
      }),
    ],
    invoices: numbers.map((n) =>
      row('invoices', {
        ...(invoice as Row<'invoices'>),
        invoice: invoiceNumber(n),
        account: accountOf(n),
      }),
    ),
    invoice_lines: numbers.flatMap((n) =>
      [1, 2].map((at) =>
        row('invoice_lines', {
          ...(line as Row<'invoice_lines'>),
          invoice: invoiceNumber(n),
          line: String(at),
          subcontract: `S-${at}`,
          net: at === 1 ? '50.42' : '49.58',
          tax: at === 1 ? '9.58' : '9.42',
        }),
      ),
    ),
  };
}

export interface InvoicedBook {
  readonly db: Db;
  readonly steps: PaymentSteps;
  /** A payment that came and was matched: of A-1 and of an invoice's amount unless said otherwise. @returns its key */
  received(rest?: Partial<NewPayment>, matchedOn?: string): Promise<string>;
  openOf(invoice: string): Promise<number | undefined>;
  /** The ledger is whole and every payment's parts sum to it. */
  booksAgree(): Promise<void>;
  close(): Promise<void>;
}

/** A database of its own with that many invoices, where payments are booked without a process. */
export async function invoicedBook(invoices: number): Promise<InvoicedBook> {
  const { db, close } = connect(await createTestDatabase(), { max: 4 });
  await importBook(db, bookOfInvoices(invoices), { importId: 'test', actor: ADMIN });
  const deps = { db, accounting: createBuiltInAccounting() } as Deps;
  const steps = { ...paymentSteps(deps), ...creditSteps(deps) };
  let made = 0;
  return {
    db,
    steps,
    received: async (rest = {}, matchedOn = TODAY) => {
      made += 1;
      const { payment } = await recordPayment(db, {
        payment: `manual:${made}`,
        account: 'A-1',
        receivedOn: RECEIVED_ON,
        amountMinor: GROSS_MINOR,
        currency: 'EUR',
        ...rest,
      });
      await steps.matchPayment({ payment: payment.payment, today: matchedOn, clock: null });
      return payment.payment;
    },
    openOf: async (invoice) => (await getInvoice(db, invoice))?.invoice.balanceMinor,
    booksAgree: async () => {
      expect(await verifyLedger(db)).toEqual([]);
      await assertPaymentInvariant(db);
    },
    close,
  };
}
