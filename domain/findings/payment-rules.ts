/** Rules over money received and what it was allocated to. */
import { groupBy } from '../book/book-index.ts';
import { parseMinor } from '../money/money.ts';
import type { Told } from './finding.ts';
import { isReceived } from './receivables.ts';
import { bookRecord, invoiceRecord, paymentRecord } from './records.ts';
import type { Scene } from './scene.ts';

/** `payment-unallocated`: money received without (full) allocation; a payment that names its invoice counts as full. */
export function paymentUnallocated(scene: Scene): Told[] {
  const { index } = scene.book;
  const allocated = groupBy(index.book.payment_allocations, (row) => row.payment);
  const findings: Told[] = [];
  for (const payment of index.book.payments) {
    if (!isReceived(payment, scene.asOf) || payment.invoice !== null) continue;
    const account = index.accounts.get(payment.account);
    const entity = index.entities.get(account?.entity ?? '') ?? index.book.entities.at(0);
    const currency = payment.currency ?? account?.currency ?? entity?.currency;
    if (currency === undefined || currency === null) continue;
    const parts = allocated.get(payment.payment) ?? [];
    const open = parts.reduce(
      (rest, { amount }) => rest - parseMinor(amount, currency),
      parseMinor(payment.amount, currency),
    );
    if (open <= 0) continue;
    findings.push({
      rule: 'payment-unallocated',
      account: payment.account,
      contract: null,
      subcontract: null,
      amountMinor: open,
      currency,
      evidence: {
        payment: payment.payment,
        received: payment.received,
        amount: payment.amount,
        reference: payment.reference,
      },
      sides: {
        agreed: parts.map(({ invoice, amount }) =>
          bookRecord('payment_allocations', `${payment.payment} → ${invoice}`, { invoice, amount }),
        ),
        found: [paymentRecord(payment)],
      },
      suggestion: 'Allocate it to open invoices, or keep it as credit of the account.',
    });
  }
  return findings;
}

/** `allocation-differs`: total − credits − balance is not what payments were allocated; the difference. */
export function allocationDiffers(scene: Scene): Told[] {
  const allocations = groupBy(scene.book.index.book.payment_allocations, (row) => row.invoice);
  const findings: Told[] = [];
  for (const state of scene.documents.values()) {
    if (state.balanceMinor === null || state.invoice.type === 'credit_note') continue;
    const settled = state.totalMinor - state.creditedMinor - state.balanceMinor;
    const difference = settled - state.allocatedMinor;
    if (difference === 0) continue;
    findings.push({
      rule: 'allocation-differs',
      account: state.invoice.account,
      contract: state.invoice.contract,
      subcontract: null,
      amountMinor: difference,
      currency: state.currency,
      evidence: {
        invoice: state.invoice.invoice,
        totalMinor: state.totalMinor,
        creditedMinor: state.creditedMinor,
        balanceMinor: state.balanceMinor,
        allocatedMinor: state.allocatedMinor,
      },
      sides: {
        agreed: [invoiceRecord(state.invoice)],
        found: (allocations.get(state.invoice.invoice) ?? []).map(({ payment, amount }) =>
          bookRecord('payment_allocations', `${payment} → ${state.invoice.invoice}`, {
            payment,
            amount,
          }),
        ),
      },
      suggestion: 'Find the payment that is missing, or correct the balance.',
    });
  }
  return findings;
}
