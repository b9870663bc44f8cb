/** A finding: a discrepancy with money at stake (glossary). */
import type { CivilDate } from '../dates/dates.ts';

export type Severity = 'high' | 'medium' | 'low';

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
  /** The records of both sides, by name. */
  readonly evidence: Readonly<Record<string, string | number | readonly string[] | null>>;
  /** What to do about it, in one sentence. */
  readonly suggestion: string;
}

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
