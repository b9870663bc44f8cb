/** The Findings page: discrepancies with money at stake, computed from the record as of a day. */

import { loadBook } from '../../db/index.ts';
import { findingsOf } from '../../domain/findings/find.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { Findings } from '../types.ts';
import { money } from './money.ts';
import { accountNames, todayOf } from './parties.ts';

export async function findings(
  { db, now }: Pick<ApiDependencies, 'db' | 'now'>,
  wanted: { asOf?: string | undefined; rule?: string | undefined; account?: string | undefined },
): Promise<Findings> {
  const asOf = wanted.asOf ?? (await todayOf(db, now()));
  const found = findingsOf(await loadBook(db), asOf);
  const mine = found.findings.filter(
    ({ rule, account }) =>
      (wanted.rule === undefined || rule === wanted.rule) &&
      (wanted.account === undefined || account === wanted.account),
  );
  const nameOf = await accountNames(
    db,
    mine.map(({ account }) => account),
  );
  const weight = ({ amountMinor }: { amountMinor: number }) => Math.abs(amountMinor);
  return {
    asOf,
    atStake: Object.entries(found.atStake).map(([currency, minor]) => money(minor, currency)),
    findings: [...mine]
      .sort((a, b) => weight(b) - weight(a))
      .map((finding) => ({
        rule: finding.rule,
        severity: finding.severity,
        account: finding.account === null ? null : nameOf(finding.account),
        contract: finding.contract,
        subcontract: finding.subcontract,
        money: finding.currency === null ? null : money(finding.amountMinor, finding.currency),
        evidence: inSentence(finding.evidence),
        records: asTexts(finding.evidence),
        suggestion: finding.suggestion,
      })),
  };
}

type Evidence = ReturnType<typeof findingsOf>['findings'][number]['evidence'];

function asTexts(evidence: Evidence): Record<string, string> {
  return Object.fromEntries(
    Object.entries(evidence).map(([name, value]) => [
      name,
      value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
}

/** `licenseSeats: 12` reads "license seats 12". */
function inSentence(evidence: Evidence): string {
  return Object.entries(asTexts(evidence))
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name.replace(/([A-Z])/g, ' $1').toLowerCase()} ${value}`)
    .join('; ');
}
