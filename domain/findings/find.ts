/**
 * The catalogue of rules, and the one function that runs them all over a book. A rule that fails is told as
 * `rule-failed` and does not stop the others.
 */
import { indexBook } from '../book/book-index.ts';
import type { Book } from '../book/tables.ts';
import { billingBook } from '../charges/unbilled.ts';
import type { CivilDate } from '../dates/dates.ts';
import {
  duplicateSubcontract,
  expiredActive,
  orderWithoutContract,
  partyGaps,
  priceListOutdated,
} from './agreement-rules.ts';
import {
  misbilled,
  notComputable,
  serviceUnbilled,
  unbilled,
  usageUnbilled,
} from './billing-rules.ts';
import { atStake, type Finding } from './finding.ts';
import {
  licenseWithoutSubcontract,
  paidButCutOff,
  seatsOver,
  wrongAccount,
} from './license-rules.ts';
import { allocationDiffers, paymentUnallocated } from './payment-rules.ts';
import { type Scene, sceneOf } from './scene.ts';

type Rule = (scene: Scene) => readonly Finding[];

/** Each rule by what it looks for; its docstring says what it compares, why it matters and what to do. */
export const RULES: Readonly<Record<string, Rule>> = {
  unbilled,
  misbilled,
  serviceUnbilled,
  usageUnbilled,
  notComputable,
  seatsOver,
  licenseWithoutSubcontract,
  paidButCutOff,
  wrongAccount,
  orderWithoutContract,
  duplicateSubcontract,
  expiredActive,
  priceListOutdated,
  partyGaps,
  paymentUnallocated,
  allocationDiffers,
};

export interface Findings {
  readonly findings: readonly Finding[];
  /** By currency: the sum of the positive amounts, each subcontract and period once. */
  readonly atStake: Readonly<Record<string, number>>;
}

/** Everything that is wrong in a book as known on a day, most money first. */
export function findingsOf(book: Book, asOf: CivilDate): Findings {
  const scene = sceneOf(billingBook(indexBook(book)), asOf);
  const findings = Object.entries(RULES).flatMap(([name, rule]) => run(name, rule, scene));
  findings.sort((a, b) => b.amountMinor - a.amountMinor);
  return { findings, atStake: atStake(findings) };
}

function run(name: string, rule: Rule, scene: Scene): readonly Finding[] {
  try {
    return rule(scene);
  } catch (error) {
    return [
      {
        rule: 'rule-failed',
        severity: 'high',
        account: null,
        contract: null,
        subcontract: null,
        amountMinor: 0,
        currency: null,
        evidence: { rule: name, reason: error instanceof Error ? error.message : String(error) },
        suggestion: 'What this rule compares was not checked; correct the records that it names.',
      },
    ];
  }
}
