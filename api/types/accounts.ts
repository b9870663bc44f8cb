/** Customers: their page, statements and contacts, and what a merge or move would change. */
import type { StatementKind } from '../../domain/ledger/statement-kind.ts';
import type { AccountRef, Money, PreviewChange } from './common.ts';
import type { ContractSummary, TimelineEntry } from './contracts.ts';
import type { InvoiceSummary } from './invoices.ts';
import type { LicenseView } from './licenses.ts';
import type { MailView } from './mails.ts';
import type { PaymentSummary } from './payments.ts';
import type { Receivables } from './receivables.ts';

/** GET /api/v1/accounts?q=&status= */
export interface AccountSummary {
  readonly account: string;
  readonly name: string;
  readonly status: 'active' | 'closed';
  readonly country: string | null;
  readonly currency: string | null;
  readonly billingEmail: string | null;
  readonly open: readonly Money[];
  readonly overdue: readonly Money[];
  readonly contractCount: number;
  readonly clock: string | null;
}
/** GET /api/v1/statements/{account}?from=&to=: one a currency; opening + movements = closing. */
export interface StatementView {
  readonly account: AccountRef;
  readonly from: string;
  readonly to: string;
  readonly currencies: readonly {
    readonly currency: string;
    readonly opening: Money;
    readonly closing: Money;
    readonly unappliedCredit: Money;
    readonly movements: readonly {
      readonly on: string;
      readonly kind: StatementKind;
      /** The document's, or what the payment is known by. */
      readonly number: string;
      readonly amount: Money;
    }[];
    readonly openItems: readonly {
      readonly invoice: string;
      readonly issuedOn: string;
      readonly dueOn: string;
      readonly total: Money;
      readonly open: Money;
      readonly overdueDays: number;
      readonly disputed: boolean;
    }[];
  }[];
}
export interface ContactView {
  readonly account: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: string | null;
  readonly receives: readonly string[];
  readonly phone: string | null;
  /** How the last mail to this address ended. */
  readonly delivery: { readonly state: MailView['state']; readonly on: string } | null;
}
/** GET /api/v1/accounts/{account} */
export interface AccountPage extends AccountSummary {
  /** The account that answers for it since it was merged; null where it stands by itself. */
  readonly mergedInto: AccountRef | null;
  /** Accounts merged into it, with what is open of the documents that were issued to them. */
  readonly merged: readonly (AccountRef & { readonly open: readonly Money[] })[];
  readonly parent: string | null;
  readonly entity: string | null;
  /** Who of us sold to it and since when, who will included; oldest first, `since` null from the beginning. */
  readonly sellers: readonly { readonly entity: string; readonly since: string | null }[];
  readonly kind: string | null;
  readonly language: string | null;
  readonly taxId: string | null;
  readonly address: readonly string[];
  readonly paymentTerms: string | null;
  readonly poRequired: boolean;
  readonly insolventSince: string | null;
  readonly ownerEmail: string | null;
  readonly unappliedCredit: readonly Money[];
  /** One a currency in which anything is open or unapplied, with what is open by age. */
  readonly balances: readonly (Receivables['totals'][number] & {
    /** Open less unapplied credit: what the account owes after all. */
    readonly balance: Money;
  })[];
  /** Days from issue to payment over the last two years; null without a paid invoice. */
  readonly averageDaysToPay: number | null;
  readonly contacts: readonly ContactView[];
  readonly contracts: readonly ContractSummary[];
  readonly invoices: readonly InvoiceSummary[];
  readonly payments: readonly PaymentSummary[];
  readonly licenses: readonly LicenseView[];
  /** Newest first. */
  readonly mails: readonly MailView[];
  readonly incidents: readonly {
    readonly incident: string;
    readonly opened: string;
    readonly closed: string | null;
    readonly sku: string | null;
    readonly severity: string | null;
    readonly subject: string | null;
    readonly minutes: number | null;
  }[];
  readonly notes: readonly {
    readonly key: string;
    readonly on: string;
    readonly subject: string;
    readonly body: string;
  }[];
  readonly timeline: readonly TimelineEntry[];
}
/** GET /api/v1/corrections: what a customer proposes to change in their own record. */
export interface CorrectionView {
  readonly correction: string;
  readonly account: string;
  readonly state: 'waiting' | 'accepted' | 'refused';
  readonly changes: readonly {
    readonly table: 'accounts' | 'contacts';
    readonly contact: string | null;
    readonly column: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly remark: string | null;
  readonly proposedOn: string;
  readonly decidedBy: string | null;
  readonly decidedOn: string | null;
  readonly reason: string | null;
}
/** POST /api/v1/accounts/{account}/merge/preview: what would become of the two; `merge` takes its hash. */
export interface MergePreview {
  readonly account: AccountRef;
  readonly into: AccountRef;
  readonly words: string;
  readonly changes: readonly PreviewChange[];
  readonly needsApproval: boolean;
  readonly shownHash: string;
}
/** POST /api/v1/accounts/{account}/move/preview: what moving it to another of our entities would change; `move` takes its hash. */
export interface AccountMovePreview {
  readonly account: AccountRef;
  readonly entity: string;
  /** The first day of the new entity's. */
  readonly from: string;
  readonly words: string;
  readonly changes: readonly PreviewChange[];
  readonly needsApproval: boolean;
  readonly shownHash: string;
}
