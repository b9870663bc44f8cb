/**
 * What the contract book does not hold: the records of other systems, as they were read last. A source that is absent was
 * never asked; one without records could not be reached. Neither is ever "all fine": its rules are told as not checked.
 */
import type { CivilDate } from '../dates/dates.ts';

export type SourceName = 'accounting' | 'crm' | 'mail' | 'ledger';

export interface Source<Records> {
  /** Null where the system could not be read; what it would have told is then not checked. */
  readonly records: Records | null;
  /** The day of the last complete reading; null where there was none. */
  readonly checkedOn: CivilDate | null;
  /** Why it could not be read, in words; null where it could. */
  readonly reason: string | null;
}

/** A customer as another system keeps it; what it does not say is null. */
export interface OutsideCustomer {
  /** Its own id there (`accounts.accounting_id`, `accounts.crm_id`). */
  readonly id: string;
  readonly name: string | null;
  readonly addressLine1: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  /** Absent: that system keeps no tax ids, and there is nothing to compare. */
  readonly taxId?: string | null;
  readonly email: string | null;
  readonly url: string | null;
}

export interface OutsideDocument {
  readonly id: string;
  /** The number printed on it: what it is found by. */
  readonly number: string;
  /** The customer's id there. */
  readonly customer: string | null;
  readonly type: 'invoice' | 'credit_note' | 'late_charge';
  readonly issuedOn: CivilDate | null;
  readonly currency: string | null;
  /** Tax included; without a sign for credit notes. */
  readonly totalMinor: number;
  readonly url: string | null;
}

export interface OutsidePayment {
  readonly id: string;
  /** The payment's name here, where it was posted from here; else null, and day, amount and reference tell. */
  readonly payment: string | null;
  readonly customer: string | null;
  readonly receivedOn: CivilDate;
  readonly currency: string;
  readonly amountMinor: number;
  readonly reference: string | null;
  /** Documents by number; null where that system does not tell allocations. */
  readonly allocations:
    | readonly { readonly document: string; readonly amountMinor: number }[]
    | null;
  readonly url: string | null;
}

export interface AccountingRecords {
  /** Documents and payments from this day on are in the extract; null: all of them are. */
  readonly since: CivilDate | null;
  readonly customers: readonly OutsideCustomer[];
  readonly documents: readonly OutsideDocument[];
  readonly payments: readonly OutsidePayment[];
}

export interface OutsideDeal {
  /** The opportunity's id (`orders.opportunity`, `subcontracts.opportunity`). */
  readonly id: string;
  readonly customer: string | null;
  readonly stage: 'open' | 'closed_won' | 'closed_lost';
  readonly closedOn: CivilDate | null;
  readonly currency: string | null;
  readonly amountMinor: number | null;
  readonly url: string | null;
}

export interface CrmRecords {
  readonly customers: readonly OutsideCustomer[];
  /** Deals closed from this day on are in the extract; null: all of them are. */
  readonly since: CivilDate | null;
  readonly deals: readonly OutsideDeal[];
}

export interface MailRecords {
  /** Mails that came back for good, one an address or more. */
  readonly bounces: readonly {
    readonly address: string;
    readonly bouncedOn: CivilDate;
    readonly reason: string | null;
  }[];
}

export interface LedgerRecords {
  /** The sum of each entry's postings by currency; entries of zero may be left out. */
  readonly entries: readonly {
    readonly entry: string;
    readonly currency: string;
    readonly sumMinor: number;
    readonly document: string | null;
  }[];
  /** Receivable of each account by the ledger and by its open documents; even ones may be left out. */
  readonly receivables: readonly {
    readonly account: string;
    readonly currency: string;
    readonly ledgerMinor: number;
    readonly openMinor: number;
  }[];
}

export interface OutsideRecords {
  readonly accounting?: Source<AccountingRecords>;
  readonly crm?: Source<CrmRecords>;
  readonly mail?: Source<MailRecords>;
  readonly ledger?: Source<LedgerRecords>;
}
