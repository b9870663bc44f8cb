/** Bank files, payers, the bank’s balance and the closing of months. */
import type { AccountRef, Money } from './common.ts';

/** GET /api/v1/bank-accounts: who is known to pay from which bank account. */
export interface PayerView {
  readonly bankAccount: string;
  readonly account: AccountRef;
  readonly payment: string;
  readonly learntBy: string;
  readonly learntAt: string;
}
/** GET /api/v1/ledger/closings */
export interface ClosingView {
  readonly entity: string;
  readonly legalName?: string | null;
  readonly closedThrough: string | null;
  readonly months: readonly string[];
}
/** GET /api/v1/reports/bank-balance?asOf=; amounts in minor units, bank − ledger. */
export interface BankBalanceView {
  readonly currency: string;
  readonly bankMinor: number;
  readonly ledgerMinor: number;
  readonly differenceMinor: number;
  readonly items: readonly {
    readonly kind: 'before-first-statement' | 'not-in-ledger' | 'not-on-statement';
    readonly currency: string;
    readonly amountMinor: number;
    readonly on: string | null;
    readonly words: string;
  }[];
  readonly unexplainedMinor: number;
}
/** How a bank's CSV is read; saved under a name by PUT /api/v1/bank-mappings/{name}. */
export interface BankMapping {
  readonly account: string;
  readonly currency: string;
  readonly delimiter: ',' | ';' | '\t';
  readonly decimal: '.' | ',';
  readonly dateFormat: 'YYYY-MM-DD' | 'DD.MM.YYYY' | 'DD/MM/YYYY' | 'MM/DD/YYYY';
  readonly skipLines?: number | undefined;
  readonly columns: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly pendingValues?: readonly string[] | undefined;
  readonly debitValues?: readonly string[] | undefined;
}
/** POST /api/v1/imports/bank-file/preview: what a file is, before anything is booked. */
export interface BankFilePreview {
  readonly format: 'camt' | 'mt940' | 'bai2' | 'csv';
  /** The header and first rows of a CSV, and what its columns seem to be. */
  readonly csv: {
    readonly delimiter: string;
    readonly skipLines: number;
    readonly headers: readonly string[];
    readonly rows: readonly (readonly string[])[];
    readonly suggestion: BankMapping;
    /** The saved mapping that fits these headers. */
    readonly saved: string | null;
  } | null;
  readonly statements: readonly {
    readonly account: string;
    readonly currency: string;
    readonly opening: number | null;
    readonly closing: number | null;
    readonly closingOn: string;
    readonly entries: number;
    readonly receivedMinor: number;
    readonly sample: readonly {
      readonly bookedOn: string;
      readonly amount: Money;
      readonly payer: string | null;
      readonly reference: string;
    }[];
  }[];
  /** Why the file would not be taken as it is read now; null where it would. */
  readonly problem: string | null;
}
export type BankLineOutcome = 'taken' | 'reversed' | 'known' | 'ignored' | 'refused';
/** What became of one entry of a bank's file; `amount` is negative for what went out. */
export interface BankImportLine {
  readonly entry: string;
  readonly bookedOn: string;
  readonly amount: Money;
  readonly payer: string | null;
  readonly reference: string;
  readonly outcome: BankLineOutcome;
  readonly why: string | null;
  readonly payment: string | null;
}
/** POST /api/v1/imports: a bank's file, line by line. */
export interface BankImportReport {
  readonly import: string;
  readonly file: string;
  readonly format: string;
  readonly counts: Readonly<Record<BankLineOutcome, number>>;
  readonly statements: readonly {
    readonly statement: string;
    readonly account: string;
    readonly closingOn: string;
    /** False where the same statement was taken before. */
    readonly isNew: boolean;
    /** Announced, not booked: left out. */
    readonly pendingCount: number;
    /** Which statement seems not to have come before this one; null where none is missing. */
    readonly missing: string | null;
    readonly lines: readonly BankImportLine[];
  }[];
}
