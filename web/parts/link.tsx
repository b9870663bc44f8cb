/** Links inside the dashboard: real addresses, so that they open in a new tab too, followed without a reload. */
import { Anchor, type AnchorProps } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';

export function useGo(): (to: string) => void {
  const router = useRouter();
  return (to) => router.history.push(to);
}

interface Props extends AnchorProps {
  readonly to: string;
  readonly children: ReactNode;
  readonly label?: string;
}

export function Go({ to, children, label, ...rest }: Props) {
  const go = useGo();
  const follow = (event: MouseEvent) => {
    event.stopPropagation();
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <Anchor href={to} onClick={follow} aria-label={label} {...rest}>
      {children}
    </Anchor>
  );
}

export const pathOf = {
  run: (run: string) => `/bill-runs/${encodeURIComponent(run)}`,
  contract: (contract: string) => `/contracts/${encodeURIComponent(contract)}`,
  account: (account: string) => `/accounts/${encodeURIComponent(account)}`,
  invoice: (invoice: string) => `/invoices/${encodeURIComponent(invoice)}`,
  license: (license: string) => `/licenses/${encodeURIComponent(license)}`,
  approval: (approval: string) => `/approvals/${encodeURIComponent(approval)}`,
  purchaseOrder: (paper: string) => `/purchase-orders/${encodeURIComponent(paper)}`,
  payment: (payment: string) => `/cash/${encodeURIComponent(payment)}`,
};
