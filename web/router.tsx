/** Addresses of the dashboard. Each page is loaded when it is first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { PageHead } from './parts/page.tsx';
import { Shell } from './parts/shell.tsx';
import { PageSkeleton, ProblemPanel } from './parts/states.tsx';

const root = createRootRoute({
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
  notFoundComponent: () => (
    <PageHead
      title="There is no such page"
      below="The address may be mistyped, or the thing was thrown away. The navigation leads on."
    />
  ),
});

const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load as never, name),
  });

const routes = [
  page('/', () => import('./pages/today.tsx'), 'TodayPage'),
  page('/bill-runs', () => import('./pages/bill-runs.tsx'), 'BillRunsPage'),
  page('/bill-runs/$run', () => import('./pages/bill-run/bill-run.tsx'), 'BillRunPage'),
  page('/receivables', () => import('./pages/receivables.tsx'), 'ReceivablesPage'),
  page('/cash', () => import('./pages/cash.tsx'), 'CashPage'),
  page('/cash/bank-file', () => import('./pages/bank-file.tsx'), 'BankFilePage'),
  page('/cash/closing', () => import('./pages/closing.tsx'), 'ClosingPage'),
  page('/cash/$payment', () => import('./pages/payment/payment.tsx'), 'PaymentPage'),
  page('/renewals', () => import('./pages/renewals.tsx'), 'RenewalsPage'),
  page('/purchase-orders', () => import('./pages/purchase-orders.tsx'), 'PurchaseOrdersPage'),
  page('/purchase-orders/$paper', () => import('./pages/purchase-order.tsx'), 'PurchaseOrderPage'),
  page('/contracts', () => import('./pages/contracts.tsx'), 'ContractsPage'),
  page('/contracts/$contract', () => import('./pages/contract/contract.tsx'), 'ContractPage'),
  page('/accounts', () => import('./pages/accounts.tsx'), 'AccountsPage'),
  page('/accounts/$account', () => import('./pages/account.tsx'), 'AccountPage'),
  page('/invoices', () => import('./pages/invoices.tsx'), 'InvoicesPage'),
  page('/invoices/$invoice', () => import('./pages/invoice.tsx'), 'InvoicePage'),
  page('/approvals/$approval', () => import('./pages/approval.tsx'), 'ApprovalPage'),
  page('/findings', () => import('./pages/findings.tsx'), 'FindingsPage'),
  page('/findings/found', () => import('./pages/findings-year.tsx'), 'FoundYearPage'),
  page('/findings/$finding', () => import('./pages/finding.tsx'), 'FindingPage'),
  page('/licenses/$license', () => import('./pages/license.tsx'), 'LicensePage'),
  page('/corrections', () => import('./pages/corrections.tsx'), 'CorrectionsPage'),
  page('/rehearsals', () => import('./pages/rehearsals.tsx'), 'RehearsalsPage'),
  page('/company', () => import('./pages/company/company.tsx'), 'CompanyPage'),
  page('/import', () => import('./pages/import/import.tsx'), 'ImportPage'),
  page('/import/$upload', () => import('./pages/import/upload.tsx'), 'UploadPage'),
  page('/settings', () => import('./pages/settings.tsx'), 'SettingsPage'),
];

/** Query values stay text: `2026` is a search, not a number. */
export const router = createRouter({
  routeTree: root.addChildren(routes),
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (values) => {
    const text = new URLSearchParams(values as Record<string, string>).toString();
    return text === '' ? '' : `?${text}`;
  },
  scrollRestoration: true,
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: ({ error, reset }) => (
    <ProblemPanel error={error instanceof Error ? error : new Error(String(error))} retry={reset} />
  ),
});
