/** Small builders for allocation cases; what a test does not say is the plainest value. */
import {
  type AllocationCase,
  type AllocationPolicy,
  DEFAULT_POLICY,
  type OpenInvoice,
  type PaymentReceived,
} from '../../../domain/allocation/case.ts';

/** An open invoice whose balance follows from its parts; by default one line over the whole `open` amount. */
export function invoice(
  number: string,
  open: number,
  more: Partial<Omit<OpenInvoice, 'invoice' | 'balance'>> = {},
): OpenInvoice {
  const lines = more.lines ?? [{ line: '1', subcontract: `S-${number}`, open }];
  const { costs = 0, interest = 0 } = more;
  const principal = lines.reduce((sum, line) => sum + line.open, 0);
  return {
    account: 'A-1',
    contract: null,
    currency: 'EUR',
    due: '2026-11-30',
    ...more,
    invoice: number,
    costs,
    interest,
    lines,
    balance: costs + interest + principal,
  };
}

export function caseOf(
  amount: number,
  openInvoices: readonly OpenInvoice[],
  payment: Partial<PaymentReceived> = {},
  policy: Partial<AllocationPolicy> = {},
): AllocationCase {
  return {
    payment: {
      amount,
      currency: 'EUR',
      received: '2026-11-20',
      account: 'A-1',
      reference: '',
      ...payment,
    },
    policy: { ...DEFAULT_POLICY, ...policy },
    openInvoices,
  };
}
