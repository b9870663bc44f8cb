/**
 * What the HTTP API answers, as types: the dashboard is built against this file and imports nothing else of the server.
 * Routes are named in each comment. Money is an integer in the currency's minor unit; dates are civil (`YYYY-MM-DD`), end
 * dates inclusive; instants are RFC 3339. A name ends in `On` for a date and in `At` for an instant.
 */
export type { BillLine, Control, Explanation, TaxSubtotal } from '../domain/bill-run/document.ts';
export type { StatementKind } from '../domain/ledger/statement-kind.ts';
export type { OrderDifference } from '../domain/papers/order.ts';
export type * from './types/accounts.ts';
export type * from './types/approvals.ts';
export type * from './types/bank.ts';
export type * from './types/bill-runs.ts';
export type * from './types/common.ts';
export type * from './types/contracts.ts';
export type * from './types/findings.ts';
export type * from './types/imports.ts';
export type * from './types/invoices.ts';
export type * from './types/licenses.ts';
export type * from './types/mails.ts';
export type * from './types/outside-systems.ts';
export type * from './types/papers.ts';
export type * from './types/payments.ts';
export type * from './types/people.ts';
export type * from './types/receivables.ts';
export type * from './types/settings.ts';
export type * from './types/today.ts';
