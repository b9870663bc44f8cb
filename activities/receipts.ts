/** The receipt: one mail for a payment that was applied, with what it covered (billing rules §7). */
import {
  allocationsOfPayment,
  type Db,
  exchangedFrom,
  getInvoice,
  getMail,
  getPayment,
  type InvoiceLine,
  linesOfInvoices,
  type Payment,
  recipientsFor,
} from '../db/index.ts';
import type { CoveredLine } from '../documents/mails/index.ts';
import { effectKey } from '../workflows/ids.ts';
import type { PaymentSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { receiptMail } from './letters.ts';
import { partiesOf, sendMail } from './mails.ts';

const keyOf = (payment: string) => effectKey(payment, 'receipt');

/** Whether the customer is still to be told: money of theirs was applied, they have an address, and no receipt went out. */
export async function receiptIsDue(
  db: Db,
  { payment, account, state, imported }: Payment,
): Promise<boolean> {
  if (state !== 'allocated' || account === null || imported !== null) return false;
  const [mail, recipients] = await Promise.all([
    getMail(db, keyOf(payment)),
    recipientsFor(db, account, 'invoice'),
  ]);
  return mail?.state !== 'sent' && recipients.to.length > 0;
}

const place = (invoice: string, line: string | null) => JSON.stringify([invoice, line]);

/** What a payment was allocated to, and the lines of these invoices. */
export interface Paid {
  readonly invoices: readonly string[];
  readonly allocations: Awaited<ReturnType<typeof allocationsOfPayment>>;
  readonly lines: readonly InvoiceLine[];
}

export async function paidBy(db: Db, payment: string): Promise<Paid> {
  const allocations = await allocationsOfPayment(db, payment);
  const invoices = [...new Set(allocations.map(({ invoice }) => invoice))];
  return { invoices, allocations, lines: await linesOfInvoices(db, invoices) };
}

/** What a payment paid, line by line, as its receipt tells it. */
export function coveredBy({ allocations, lines: all }: Paid): CoveredLine[] {
  const lines = new Map(all.map((own) => [place(own.invoice, own.line), own]));
  const paid = new Map<string, { invoice: string; line: string | null; amountMinor: number }>();
  for (const { invoice, line, amountMinor } of allocations) {
    const at = place(invoice, line);
    const before = paid.get(at)?.amountMinor ?? 0;
    paid.set(at, { invoice, line, amountMinor: before + amountMinor });
  }
  const covered: CoveredLine[] = [];
  for (const { invoice, line, amountMinor } of paid.values()) {
    if (amountMinor <= 0) continue;
    const own = lines.get(place(invoice, line));
    const description = own?.description ?? own?.sku ?? line ?? invoice;
    covered.push({ invoice, subcontract: own?.subcontract ?? null, description, amountMinor });
  }
  return covered;
}

/** Sends it once; a payment that was taken back meanwhile has none. */
export async function sendReceipt(
  deps: Deps,
  { payment, today }: Parameters<PaymentSteps['sendReceipt']>[0],
): Promise<void> {
  const { db, links } = deps;
  const row = await getPayment(db, payment);
  if (row === null || row.account === null || !(await receiptIsDue(db, row))) return;
  const { account, receivedOn, amountMinor, currency, unappliedMinor } = row;
  const [paid, parties] = await Promise.all([paidBy(db, payment), partiesOf(db, account)]);
  const covered = coveredBy(paid);
  const [first] = covered;
  if (first === undefined) return;
  const accountUrl = links.account(account);
  const counted = { amountMinor, currency, came: exchangedFrom(row), unappliedMinor };
  const content = { receivedOn, ...counted, covered, accountUrl };
  const invoice = await getInvoice(db, first.invoice);
  await sendMail(deps, {
    key: keyOf(payment),
    kind: 'receipt',
    account,
    contract: invoice?.invoice.contract ?? invoice?.lines[0]?.contract ?? null,
    invoice: first.invoice,
    text: await receiptMail(content, parties),
    attachments: [],
    follows: [],
    to: null,
    cc: [],
    today,
  });
}
