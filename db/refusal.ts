/** What the database's rules refuse, with a stable code that api/ maps to a status and the command line to exit 4. */
import { Refusal as RefusalOfRules } from '../domain/refusal.ts';

export type DbRefusalCode =
  | 'not-found'
  | 'invalid-input'
  | 'run-exists'
  | 'run-not-in-review'
  | 'run-not-submitted'
  | 'run-not-approved'
  | 'run-item-unknown'
  | 'run-item-left-out'
  | 'own-run'
  | 'own-approval'
  | 'already-decided'
  | 'state-conflict'
  | 'account-is-itself'
  | 'already-merged'
  | 'account-closed'
  | 'entity-differs'
  | 'numbers-changed'
  | 'issue-date-before-last'
  | 'issued-document-changed'
  | 'duplicate-row'
  | 'in-use'
  | 'import-in-use'
  | 'import-not-last'
  | 'ledger-differs'
  | 'period-closed'
  | 'invoice-void'
  | 'invoice-settled'
  | 'payment-settled'
  | 'collection-under-way'
  | 'allocation-exceeds'
  | 'currency-differs'
  | 'currency-exchanged'
  | 'effect-input-changed'
  | 'idempotency-key-reused'
  | 'clock-exists'
  | 'clock-backwards';

/** A refusal of the rules (domain/refusal.ts) with a code of this list and what it is about. */
export class Refusal extends RefusalOfRules {
  declare readonly code: DbRefusalCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: DbRefusalCode, message: string, details: Record<string, unknown> = {}) {
    super(code, message);
    this.details = details;
  }
}

/** Who acts, as the audit trail knows them: `{user: 'ann@example.com', role: 'biller'}`; services name themselves. */
export interface Actor {
  readonly user: string;
  readonly role: string;
}
