/** The Receivables page: GET /api/v1/reports/receivables?asOf=&entity= */
import type { AccountRef, Money } from './common.ts';
import type { InvoiceSummary } from './invoices.ts';

export interface AgingBucket {
  readonly bucket: 'not-due' | '1-30' | '31-60' | '61-90' | 'over-90';
  readonly amount: Money;
  readonly invoices: number;
}
export interface ReceivableRow {
  readonly account: AccountRef;
  readonly currency: string;
  /** Balances by bucket in the order of `aging`, minor units. */
  readonly open: number;
  readonly notDue: number;
  readonly days1To30: number;
  readonly days31To60: number;
  readonly days61To90: number;
  readonly over90: number;
  readonly unappliedCredit: number;
  readonly oldestDueOn: string | null;
  readonly reminderStage: number;
  readonly promisedUntil: string | null;
  readonly disputed: number;
  readonly creditHold: boolean;
  readonly ownerEmail: string | null;
  readonly invoices: readonly InvoiceSummary[];
}
export interface Receivables {
  readonly asOf: string;
  /** All entities that have receivables, and the one that is shown (null: all). */
  readonly entities: readonly { readonly entity: string; readonly name: string }[];
  readonly entity: string | null;
  readonly totals: readonly {
    readonly currency: string;
    readonly open: Money;
    readonly overdue: Money;
    readonly disputed: Money;
    readonly promised: Money;
    readonly unappliedCredit: Money;
    readonly aging: readonly AgingBucket[];
  }[];
  /** Most overdue first. */
  readonly rows: readonly ReceivableRow[];
}
