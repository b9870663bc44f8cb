/** A finding: a discrepancy with money at stake (glossary). */
import type { CivilDate } from '../dates/dates.ts';

export type Severity = 'high' | 'medium' | 'low';

/** What one decision can do about a finding; each rule says in the catalogue which of them it offers. */
export const ACTION_KINDS = [
  /** Bill the difference off-cycle, with the checks of a run. */
  'billNow',
  /** Credit the difference. */
  'credit',
  /** Amend the subcontract: quantity, price, discount, end. */
  'amend',
  /** Move the subcontract to another contract, or the license to another account. */
  'move',
  /** Switch the license on again. */
  'reEnable',
  /** Replace the license by one that says what is paid. */
  'replaceLicense',
  /** Switch the license off. */
  'suspendLicense',
  /** Draw up the contract that an order lacks. */
  'drawUpContract',
  /** Draw up the next term, or let the contract lapse. */
  'renew',
  /** Allocate the money, or take back an allocation. */
  'allocate',
  /** Add or correct a price. */
  'addPrice',
  /** Make one customer of two. */
  'mergeCustomer',
  /** Correct the record here: an account, a contact, a contract, an order. */
  'correctRecord',
  'correctInCrm',
  'correctInAccounting',
  /** Ask the account's owner by mail, with a link to answer. */
  'askOwner',
  /** Let it be, with a reason, until a day. */
  'accept',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** Where a record is kept. */
export type System = 'perennial' | 'crm' | 'accounting' | 'license' | 'bank' | 'mail';

/** One record that was compared. */
export interface EvidenceRecord {
  readonly system: System;
  /** The record's table: a table of the contract book, or what its system calls it. */
  readonly table: string;
  readonly id: string;
  /** What was compared of it. */
  readonly fields: Readonly<Record<string, string | number | null>>;
  /** Where it is seen in its own system; null where that is not known. */
  readonly url: string | null;
}

/** The two sides of a discrepancy. An empty side is one that has no such record. */
export interface Sides {
  /** What is agreed, or what the record that is right for it says. */
  readonly agreed: readonly EvidenceRecord[];
  /** What was found instead. */
  readonly found: readonly EvidenceRecord[];
}

export interface Finding {
  /** The rule's stable code (docs/rules: `book findings`). */
  readonly rule: string;
  readonly severity: Severity;
  readonly account: string | null;
  readonly contract: string | null;
  readonly subcontract: string | null;
  /** Positive: revenue missed or at risk; negative: owed to the customer; in minor units. */
  readonly amountMinor: number;
  readonly currency: string | null;
  /** What was compared, by name; the names that identify the discrepancy are the same each time. */
  readonly evidence: Readonly<Record<string, string | number | readonly string[] | null>>;
  /** The records of both sides, to be shown next to each other. */
  readonly sides: Sides;
  /** What to do about it, in one sentence. */
  readonly suggestion: string;
  /** What one decision can do about it, the likeliest first. */
  readonly actions: readonly ActionKind[];
}

/** What a rule tells; severity and actions are the catalogue's unless it says otherwise. */
export type Told = Omit<Finding, 'severity' | 'actions'> & {
  readonly severity?: Severity;
  readonly actions?: readonly ActionKind[];
};

/** Money of one subcontract and period counts once, under whatever rules it was found. */
export function periodOf(finding: Finding): CivilDate | null {
  const { periodStart } = finding.evidence;
  return typeof periodStart === 'string' ? periodStart : null;
}

/** The sum of what is missed or at risk, by currency, each subcontract and period once. */
export function atStake(findings: readonly Finding[]): Record<string, number> {
  const sums: Record<string, number> = {};
  const counted = new Map<string, number>();
  for (const finding of findings) {
    if (finding.amountMinor <= 0 || finding.currency === null) continue;
    const period = periodOf(finding);
    let more = finding.amountMinor;
    if (finding.subcontract !== null && period !== null) {
      const key = `${finding.subcontract}\u001f${period}`;
      const before = counted.get(key) ?? 0;
      more = Math.max(finding.amountMinor - before, 0);
      counted.set(key, before + more);
    }
    sums[finding.currency] = (sums[finding.currency] ?? 0) + more;
  }
  return sums;
}
