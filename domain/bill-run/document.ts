/**
 * What a bill run computes: documents before they have a number. The same shapes that `book preview --json` prints
 * (docs/rules/interfaces). Money in integer minor units; quantities, prices, rates as decimal strings.
 */
import type { CivilDate } from '../dates/dates.ts';

export type LineKind = 'recurring' | 'adjustment' | 'service' | 'usage' | 'one-off';

/** Why an amount is what it is: the rule, its inputs, the arithmetic, in steps that a person can follow. */
export interface Explanation {
  /** The rule's short name and section, e.g. "recurring charge, §3". */
  readonly rule: string;
  /** One sentence for people. */
  readonly words: string;
  /** Named inputs as they were used: {quantity: "10", unitPrice: "120.00", days: "14/365", …}. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The formula with its numbers: "10 × 120 × 12/12 × 14/365 = 46.03". */
  readonly arithmetic: string;
  /** The parts where an amount is a difference of others: expected charges and what was billed before. */
  readonly parts?: readonly Explanation[];
}

export interface BillLine {
  /** Contract that the line belongs to: documents grouped by account hold several. */
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly sku: string | null;
  readonly kind: LineKind;
  readonly description: string;
  readonly periodStart: CivilDate | null;
  /** Inclusive and within the contract. */
  readonly periodEnd: CivilDate | null;
  /** First and last day that the line pays for: its segment, where the period has several. Null for service time. */
  readonly coverStart?: CivilDate | null;
  readonly coverEnd?: CivilDate | null;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly discountPercent: string;
  readonly net: number;
  readonly taxCategory: string;
  readonly taxRate: string;
  /** The line's own tax, where its price includes tax: net + tax is the price. Other lines share their group's. */
  readonly tax?: number;
  readonly caughtUp: boolean;
  /** The run month (YYYY-MM) in which a caught-up line was due. */
  readonly dueMonth?: string;
  /** Timesheet entries or usage events that the line bills. */
  readonly entries?: readonly string[];
  readonly explanation: Explanation;
}

export interface TaxSubtotal {
  readonly category: string;
  readonly rate: string;
  readonly base: number;
  readonly tax: number;
  /** Why no tax is due (exempt, reverse charge…), or the rate's own text. */
  readonly reason: string | null;
}

export interface BillDocument {
  readonly contract: string | null;
  /** What the document is grouped by: a contract's number, an account's, or a purchase order's. */
  readonly subject: string;
  readonly entity: string;
  readonly account: string;
  readonly currency: string;
  readonly issueDate: CivilDate;
  readonly dueDate: CivilDate;
  readonly paymentTerms: string;
  readonly poNumber: string | null;
  readonly lines: readonly BillLine[];
  readonly taxes: readonly TaxSubtotal[];
  readonly net: number;
  readonly tax: number;
  readonly total: number;
}

/** A difference that is too old to bill by itself (billing rules §1, old finds). */
export interface HeldFind {
  readonly contract: string;
  readonly subcontract: string;
  /** The entry of service time that it is; absent for subcontracts. */
  readonly entry?: string;
  readonly periodStart: CivilDate;
  readonly net: number;
  /** The account, where no contract is concerned: service time of an account's own. */
  readonly account?: string;
  readonly reason: string;
}

/** A contract left out with its reason; the others go on. `code` is stable, `reason` says what to correct. */
export interface SetAside {
  readonly contract: string;
  /** The account, where no contract is concerned: service time of an account's own. */
  readonly account?: string;
  readonly code: string;
  readonly reason: string;
}

/** What is not issued because it is zero, below the minimum, or carried forward by policy. */
export interface Carried {
  readonly contract: string | null;
  readonly subject: string;
  readonly account: string;
  readonly currency: string;
  readonly net: number;
  readonly reason: string;
}

/** due = invoiced + held + excluded + set aside + carried, per currency, in minor units (billing rules §4). */
export interface Control {
  readonly [currency: string]: {
    readonly due: number;
    /** Invoices and credit notes. */
    readonly invoiced: number;
    /** Of what is invoiced: the credit notes, a negative amount. */
    readonly credited: number;
    readonly held: number;
    readonly excluded: number;
    readonly setAside: number;
    readonly carried: number;
  };
}

/** The whole answer of a run's computation for run date `run`. */
export interface BillRunPreview {
  readonly run: CivilDate;
  readonly invoices: readonly BillDocument[];
  readonly creditNotes: readonly BillDocument[];
  readonly held: readonly HeldFind[];
  readonly setAside: readonly SetAside[];
  readonly carried: readonly Carried[];
  readonly control: Control;
  readonly warnings: readonly string[];
}
