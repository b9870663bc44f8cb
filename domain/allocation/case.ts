/**
 * What an allocation is asked and what it answers (billing rules §7; the JSON of `payment allocate`), and the laws that
 * a case must keep before any rule looks at it. Amounts are integers in the minor unit of their currency.
 */
import type { CivilDate } from '../dates/dates.ts';
import { isCivilDate } from '../dates/dates.ts';
import { compare, fraction, isDecimal } from '../money/decimal.ts';

/** A line's number as its invoice spells it; two spellings are compared as text. */
export type LineId = string | number;

/** The two parts of a balance that are no lines of the invoice. */
export const COSTS = 'costs';
export const INTEREST = 'interest';

/** An amount that the payer (or the payment's metadata) gives to an invoice, or to a part of it. */
export interface ExplicitAmount {
  readonly invoice: string;
  /** A line of the invoice, or `costs`, or `interest`. */
  readonly line?: LineId | null;
  readonly subcontract?: string | null;
  readonly amount: number;
}

export interface PaymentReceived {
  readonly amount: number;
  readonly currency: string;
  /** The day the money arrived; decides whether an early-payment discount is earned. */
  readonly received: CivilDate;
  /** The paying account, or null where nobody knows yet. */
  readonly account: string | null;
  /** The remittance text, as the bank gives it. */
  readonly reference: string;
  readonly lines?: readonly ExplicitAmount[];
}

export type LineOrder = 'in-order' | 'pro-rata';
export type Clearing = 'principal-first' | 'costs-interest-principal';

export interface AllocationPolicy {
  readonly oldestFirst: boolean;
  readonly lineOrder: LineOrder;
  /** The most of a matched invoice that may be left and is written off. */
  readonly tolerance: number;
  readonly clearing: Clearing;
}

export const DEFAULT_POLICY: AllocationPolicy = {
  oldestFirst: false,
  lineOrder: 'in-order',
  tolerance: 0,
  clearing: 'principal-first',
};

export interface OpenLine {
  readonly line: LineId;
  readonly subcontract?: string | null;
  /** What is open of the line, its share of tax included; negative for a credit line. */
  readonly open: number;
  /** A disputed line is paid after the undisputed ones of its invoice. */
  readonly disputed?: boolean;
}

export interface EarlyPaymentDiscount {
  /** Percent of the open lines, a decimal string. */
  readonly percent: string;
  /** The last day on which a payment earns it. */
  readonly until: CivilDate;
}

export interface OpenInvoice {
  readonly invoice: string;
  readonly account: string;
  readonly contract?: string | null;
  readonly currency: string;
  readonly issued?: CivilDate;
  readonly due: CivilDate;
  /** Costs + interest + the open lines. */
  readonly balance: number;
  readonly costs: number;
  readonly interest: number;
  readonly discount?: EarlyPaymentDiscount;
  readonly lines: readonly OpenLine[];
}

export interface AllocationCase {
  readonly payment: PaymentReceived;
  readonly policy: AllocationPolicy;
  readonly openInvoices: readonly OpenInvoice[];
}

export const ALLOCATION_RULES = [
  'explicit',
  'reference',
  'exact',
  'subset',
  'oldest-first',
] as const;
export type AllocationRule = (typeof ALLOCATION_RULES)[number];

export interface Allocation {
  readonly invoice: string;
  readonly line: LineId;
  readonly subcontract: string | null;
  readonly amount: number;
}

export interface InvoiceAmount {
  readonly invoice: string;
  readonly amount: number;
}

export interface AllocationAnswer {
  readonly decision: 'automatic' | 'review';
  readonly rule: AllocationRule | null;
  readonly allocations: readonly Allocation[];
  readonly discountTaken: readonly InvoiceAmount[];
  readonly writtenOff: readonly InvoiceAmount[];
  readonly unapplied: number;
  /** The readings that a person chooses from; empty where nothing fits or where the decision is automatic. */
  readonly proposals: readonly (readonly InvoiceAmount[])[];
  readonly explanation: string;
}

export type AllocationRefusalCode =
  | 'amount-not-integer' // an amount that is no safe integer
  | 'amount-not-positive' // a payment or an explicit amount of zero or less
  | 'amount-negative' // costs, interest or a tolerance below zero
  | 'balance-differs' // a balance other than costs + interest + open lines
  | 'discount-invalid' // a percentage that is no decimal from 0 to 100
  | 'date-invalid'
  | 'duplicate-invoice'
  | 'duplicate-line'
  | 'reserved-line'; // a line called costs or interest

/** A case that no rule may look at. `path` names the place inside the case: `openInvoices[2].balance`. */
export class AllocationRefusal extends Error {
  override readonly name = 'AllocationRefusal';
  readonly code: AllocationRefusalCode;
  readonly path: string;
  constructor(code: AllocationRefusalCode, path: string, message: string) {
    super(`${path}: ${message}`);
    this.code = code;
    this.path = path;
  }
}

function demandInteger(value: number, path: string): void {
  if (Number.isSafeInteger(value)) return;
  throw new AllocationRefusal(
    'amount-not-integer',
    path,
    `${value} is not a whole number of minor units`,
  );
}

function demandPositive(value: number, path: string): void {
  demandInteger(value, path);
  if (value > 0) return;
  throw new AllocationRefusal('amount-not-positive', path, `an amount above zero, not ${value}`);
}

function demandNotNegative(value: number, path: string): void {
  demandInteger(value, path);
  if (value >= 0) return;
  throw new AllocationRefusal('amount-negative', path, `zero or more, not ${value}`);
}

function demandDate(value: CivilDate, path: string): void {
  if (isCivilDate(value)) return;
  throw new AllocationRefusal('date-invalid', path, `a date YYYY-MM-DD, not ${value}`);
}

function checkLines(invoice: OpenInvoice, path: string): void {
  const seen = new Set<string>();
  for (const [index, line] of invoice.lines.entries()) {
    const name = String(line.line);
    const at = `${path}.lines[${index}]`;
    if (name === COSTS || name === INTEREST)
      throw new AllocationRefusal('reserved-line', `${at}.line`, `"${name}" cannot name a line`);
    if (seen.has(name))
      throw new AllocationRefusal('duplicate-line', `${at}.line`, `line ${name} appears twice`);
    seen.add(name);
    demandInteger(line.open, `${at}.open`);
  }
}

function checkDiscount(discount: EarlyPaymentDiscount, path: string): void {
  demandDate(discount.until, `${path}.until`);
  const { percent } = discount;
  const inRange =
    isDecimal(percent) &&
    compare(fraction(percent), fraction(0)) >= 0 &&
    compare(fraction(percent), fraction(100)) <= 0;
  if (inRange) return;
  throw new AllocationRefusal('discount-invalid', `${path}.percent`, 'a decimal from 0 to 100');
}

function checkInvoice(invoice: OpenInvoice, path: string): void {
  demandDate(invoice.due, `${path}.due`);
  demandInteger(invoice.balance, `${path}.balance`);
  demandNotNegative(invoice.costs, `${path}.costs`);
  demandNotNegative(invoice.interest, `${path}.interest`);
  checkLines(invoice, path);
  if (invoice.discount !== undefined) checkDiscount(invoice.discount, `${path}.discount`);
  const sum = invoice.costs + invoice.interest + principalOf(invoice);
  demandInteger(sum, `${path}.lines`);
  if (sum === invoice.balance) return;
  throw new AllocationRefusal(
    'balance-differs',
    `${path}.balance`,
    `${invoice.balance} is not costs + interest + the open lines, which is ${sum}`,
  );
}

/** What makes an open invoice unfit for any case, null where it is fit. One such invoice must not stop other payers' money. */
export function faultOf(invoice: OpenInvoice): AllocationRefusal | null {
  try {
    checkInvoice(invoice, invoice.invoice);
    return null;
  } catch (error) {
    if (error instanceof AllocationRefusal) return error;
    throw error;
  }
}

/** @throws AllocationRefusal on the first thing in the case that cannot be. */
export function checkCase({ payment, policy, openInvoices }: AllocationCase): void {
  demandPositive(payment.amount, 'payment.amount');
  demandDate(payment.received, 'payment.received');
  for (const [index, entry] of (payment.lines ?? []).entries())
    demandPositive(entry.amount, `payment.lines[${index}].amount`);
  demandNotNegative(policy.tolerance, 'policy.tolerance');
  const seen = new Set<string>();
  for (const [index, invoice] of openInvoices.entries()) {
    const path = `openInvoices[${index}]`;
    if (seen.has(invoice.invoice))
      throw new AllocationRefusal(
        'duplicate-invoice',
        `${path}.invoice`,
        `${invoice.invoice} appears twice`,
      );
    seen.add(invoice.invoice);
    checkInvoice(invoice, path);
  }
}

/** The open lines of an invoice, together. */
export function principalOf(invoice: OpenInvoice): number {
  return invoice.lines.reduce((sum, line) => sum + line.open, 0);
}

/** Whether money can be put on it: a credit note, or an invoice whose credit lines outweigh the others, is for a person. */
export function isPayable(invoice: OpenInvoice): boolean {
  return invoice.balance > 0 && principalOf(invoice) >= 0;
}

/** By due date, then number (billing rules §7.5): the order of every selection, whatever the order of the input. */
export function oldestDueFirst(invoices: readonly OpenInvoice[]): OpenInvoice[] {
  return [...invoices].sort((a, b) =>
    a.due !== b.due ? (a.due < b.due ? -1 : 1) : a.invoice < b.invoice ? -1 : 1,
  );
}
