/** Recall and precision of each rule, measured against what the sample company's script planted. */
import type { Finding } from '../domain/findings/finding.ts';
import type { Planted } from './sample-mess.ts';

export interface RuleProof {
  readonly rule: string;
  /** Cases planted that the rule must find. */
  readonly planted: number;
  readonly found: number;
  readonly missed: number;
  /** Findings of the rule, and those of them that nothing planted explains. */
  readonly findings: number;
  readonly unplanted: number;
}

export interface Proof {
  readonly rules: readonly RuleProof[];
  readonly missed: readonly { readonly rule: string; readonly planted: Planted }[];
  readonly unplanted: readonly Finding[];
}

/** Whether a finding is about the records that a case was planted in. */
function isAbout({ account, contract, subcontract, record }: Planted, finding: Finding): boolean {
  if (record !== null && !Object.values(finding.evidence).includes(record)) return false;
  if (subcontract !== null) return finding.subcontract === subcontract;
  if (contract !== null) return finding.contract === contract;
  return account === null || finding.account === account;
}

export function proofOf(planted: readonly Planted[], findings: readonly Finding[]): Proof {
  const missed = planted.flatMap((one) =>
    one.rules
      .filter((rule) => !findings.some((found) => found.rule === rule && isAbout(one, found)))
      .map((rule) => ({ rule, planted: one })),
  );
  const unplanted = findings.filter(
    (found) =>
      !planted.some(
        (one) => [...one.rules, ...one.also].includes(found.rule) && isAbout(one, found),
      ),
  );
  const count = <T>(list: readonly T[], wanted: (one: T) => boolean) => list.filter(wanted).length;
  const codes = new Set([...planted.flatMap(({ rules }) => rules), ...findings.map((f) => f.rule)]);
  const rules = [...codes].sort().map((rule) => {
    const cases = count(planted, (one) => one.rules.includes(rule));
    const lost = count(missed, (one) => one.rule === rule);
    return {
      rule,
      planted: cases,
      found: cases - lost,
      missed: lost,
      findings: count(findings, (one) => one.rule === rule),
      unplanted: count(unplanted, (one) => one.rule === rule),
    };
  });
  return { rules, missed, unplanted };
}
