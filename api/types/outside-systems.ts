/** Accounting and CRM, as what they hold is compared with ours. */
import type { UserRef } from './common.ts';

/** GET /api/v1/connectors: accounting and CRM, as what they hold is compared with ours. */
export interface OutsideSystemView {
  readonly source: 'accounting' | 'crm';
  /** `tryton`, `hubspot`; `export` where people bring files. */
  readonly system: string;
  /** A connection reads it; exports are refused then. */
  readonly isRead: boolean;
  /** Customers there can be corrected from here. */
  readonly corrects: boolean;
  /** The day that its records tell of; null: there are none. */
  readonly asOf: string | null;
  readonly ageDays: number | null;
  /** How many records were read, or brought, the last time. */
  readonly records: number;
  readonly fileName: string | null;
  readonly isReading: boolean;
  /** Why the last reading did not come to its end: nothing is compared since. */
  readonly failed: { readonly at: string; readonly reason: string } | null;
}
/** GET /api/v1/connectors/readings */
export interface OutsideReadingView {
  readonly reading: number;
  readonly source: 'accounting' | 'crm';
  readonly system: string;
  readonly state: 'running' | 'complete' | 'failed';
  readonly asOf: string;
  readonly isWhole: boolean;
  readonly records: number;
  readonly fileName: string | null;
  readonly askedBy: UserRef;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly reason: string | null;
}
/** POST /api/v1/connectors/{source}/test */
export interface ReachView {
  readonly source: 'accounting' | 'crm';
  readonly system: string;
  readonly isReached: boolean;
  /** What answered, or why nothing did. */
  readonly words: string;
}
