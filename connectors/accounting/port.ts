/**
 * What Perennial tells an accounting system: documents issued and money received, by their business keys; and what it reads
 * there to compare (domain/findings), where the system offers it.
 */
import type {
  OutsideCustomer,
  OutsideDocument,
  OutsidePayment,
} from '../../domain/findings/outside.ts';
import type {
  CustomerCorrections,
  CustomerFields,
  ReachAnswer,
  ReadPages,
} from '../outside-system.ts';

export interface AccountingDocument {
  /** `invoice:C-1042:2027-01`; the number is the natural key to find it by. */
  readonly key: string;
  readonly invoice: string;
  readonly type: 'invoice' | 'credit_note' | 'late_charge';
  readonly account: string;
  /** The customer's id there (`accounts.accounting_id`); null where it is not known. */
  readonly customer: string | null;
  readonly entity: string;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly currency: string;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

export interface AccountingPayment {
  readonly key: string;
  readonly payment: string;
  readonly account: string | null;
  /** The customer's id there (`accounts.accounting_id`); null where it is not known. */
  readonly customer: string | null;
  /** Whose money it is, by the account or the invoices that it pays; null where neither tells. */
  readonly entity: string | null;
  readonly receivedOn: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly allocations: readonly { readonly invoice: string; readonly amountMinor: number }[];
}

export type AccountingAnswer =
  | { readonly result: 'ok'; readonly reference: string }
  | { readonly result: 'rejected'; readonly message: string }
  | { readonly result: 'unknown'; readonly message: string };

/** Money that people or a bank feed entered in the accounting system. */
export interface SeenPayment {
  /** The system's own name of it, one for ever. */
  readonly id: string;
  /** What we named it when we posted it ourselves; null where it began there. */
  readonly ours: string | null;
  readonly account: string | null;
  readonly receivedOn: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** What was written on it: invoice numbers, as a rule. */
  readonly reference: string;
  readonly payer: string | null;
  readonly bankAccount: string | null;
  /** It was taken back there: the day and, in words, why. */
  readonly reversed: { readonly on: string; readonly reason: string } | null;
}

export type SeenPayments =
  | {
      readonly result: 'ok';
      readonly payments: readonly SeenPayment[];
      /** Where the next page, or the next look, begins. The same place may tell the same payments again. */
      readonly cursor: string;
      readonly more: boolean;
    }
  | { readonly result: 'rejected'; readonly message: string }
  | { readonly result: 'unknown'; readonly message: string };

/** What it holds, to compare with ours. Each list is complete when its last page is read. */
export interface AccountingReader {
  /** True where the lists can be asked for what changed since an instant. */
  readonly incremental: boolean;
  /** Customers that are in use; archived ones are left out. */
  readonly customers: ReadPages<OutsideCustomer>;
  /** Posted invoices and credit notes to customers; drafts and cancelled ones are left out. */
  readonly documents: ReadPages<OutsideDocument>;
  /** Money received from customers, with what it was allocated to; `payment` is our name where we posted it. */
  readonly payments: ReadPages<OutsidePayment>;
}

/** A customer to create there. */
export interface AccountingCustomer extends CustomerFields {
  /** `account:A-1001`: the same customer again is one customer. */
  readonly key: string;
  /** Our id: what it is found by there. */
  readonly account: string;
}

export interface Accounting {
  readonly system: string;
  /** True where postings leave the house: then each is a step of its own with its own retries. */
  readonly external: boolean;
  /** Creates the document unless one with its number is there already. */
  postDocument(document: AccountingDocument): Promise<AccountingAnswer>;
  postPayment(payment: AccountingPayment): Promise<AccountingAnswer>;
  /** A page of the payments that it has seen since a place; absent where nobody enters payments there. */
  readonly seenPayments?: (since: string | null) => Promise<SeenPayments>;
  /** Absent: nothing can be compared with it, and its comparisons are told as not checked. */
  readonly reader?: AccountingReader;
  /** Absent: customers there are corrected by hand. */
  readonly corrections?: CustomerCorrections;
  /** Creates the customer unless one with its key is there; `reference` is its id there (`accounts.accounting_id`). */
  readonly postCustomer?: (customer: AccountingCustomer) => Promise<AccountingAnswer>;
  /** Absent where nothing is to be reached. */
  readonly reach?: () => Promise<ReachAnswer>;
}
