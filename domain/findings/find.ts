/**
 * Runs every rule of the catalogue over a book, or over the parts of a book that is too large for memory. A rule that fails
 * is told as `rule-failed` and does not stop the others; a rule whose source was not read is told as not checked.
 */
import { indexBook } from '../book/book-index.ts';
import type { Book } from '../book/tables.ts';
import { billingBook } from '../charges/unbilled.ts';
import type { CivilDate } from '../dates/dates.ts';
import {
  misbilled,
  notComputable,
  serviceUnbilled,
  unbilled,
  usageUnbilled,
} from './billing-rules.ts';
import { CATALOGUE, type RuleCode } from './catalogue.ts';
import { atStake, type Finding, type Told } from './finding.ts';
import {
  licenseWithoutSubcontract,
  paidButCutOff,
  seatsOver,
  wrongAccount,
} from './license-rules.ts';
import { orderWithoutContract } from './order-rules.ts';
import type { OutsideRecords, SourceName } from './outside.ts';
import { partyGaps } from './party-rules.ts';
import { allocationDiffers, paymentUnallocated } from './payment-rules.ts';
import { priceListOutdated } from './price-rules.ts';
import { type Scene, sceneOf } from './scene.ts';
import { duplicateSubcontract, expiredActive } from './term-rules.ts';

export interface Rule {
  /** The codes under which it tells what it finds. */
  readonly codes: readonly RuleCode[];
  readonly find: (scene: Scene) => readonly Told[];
}

const rule = (find: Rule['find'], ...codes: readonly RuleCode[]): Rule => ({ codes, find });

/** Each rule by its name; what its codes compare, why it matters and what to do stands in the catalogue. */
export const RULES: Readonly<Record<string, Rule>> = {
  unbilled: rule(unbilled, 'unbilled'),
  misbilled: rule(misbilled, 'underbilled', 'overbilled', 'discount-expired'),
  serviceUnbilled: rule(serviceUnbilled, 'service-unbilled'),
  usageUnbilled: rule(usageUnbilled, 'usage-unbilled'),
  notComputable: rule(notComputable, 'not-computable'),
  seatsOver: rule(seatsOver, 'seats-over'),
  licenseWithoutSubcontract: rule(licenseWithoutSubcontract, 'license-without-subcontract'),
  paidButCutOff: rule(paidButCutOff, 'paid-not-licensed', 'license-ends-early'),
  wrongAccount: rule(wrongAccount, 'wrong-account'),
  orderWithoutContract: rule(orderWithoutContract, 'order-without-contract'),
  duplicateSubcontract: rule(duplicateSubcontract, 'duplicate-subcontract'),
  expiredActive: rule(expiredActive, 'expired-active'),
  priceListOutdated: rule(priceListOutdated, 'price-list-outdated'),
  partyGaps: rule(partyGaps, 'contact-missing', 'po-missing', 'tax-id-missing', 'tax-id-invalid'),
  paymentUnallocated: rule(paymentUnallocated, 'payment-unallocated'),
  allocationDiffers: rule(allocationDiffers, 'allocation-differs'),
};

/** Whether what a code compares was compared. */
export interface Check {
  readonly rule: RuleCode;
  readonly state: 'checked' | 'not-checked' | 'failed';
  /** What it needs besides the contract book. */
  readonly source: SourceName | null;
  /** The last day that it was compared as far as is known here; null: never. */
  readonly checkedOn: CivilDate | null;
  /** Why it was not compared, in words. */
  readonly cause: string | null;
}

export interface Findings {
  readonly findings: readonly Finding[];
  /** By currency: the sum of the positive amounts, each subcontract and period once. */
  readonly atStake: Readonly<Record<string, number>>;
  /** Every code of the catalogue: what was compared, and what was not. */
  readonly checks: readonly Check[];
}

/**
 * Everything that is wrong in a book as known on a day, most money first.
 * @param outside what other systems hold; what is absent is told as not checked
 */
export function findingsOf(book: Book, asOf: CivilDate, outside: OutsideRecords = {}): Findings {
  const scene = sceneOf(billingBook(indexBook(book)), asOf, outside);
  const findings: Finding[] = [];
  const checks: Check[] = [];
  for (const [name, { codes, find }] of Object.entries(RULES)) {
    const [needs] = codes.map((code) => CATALOGUE[code].needs);
    const missing = needs === null || needs === undefined ? null : unread(needs, outside);
    if (missing !== null) {
      checks.push(...codes.map((code) => ({ rule: code, ...missing })));
      continue;
    }
    const source = needs ?? null;
    try {
      findings.push(...find(scene).map(complete));
      checks.push(
        ...codes.map((code) => ({
          rule: code,
          state: 'checked' as const,
          source,
          checkedOn: asOf,
          cause: null,
        })),
      );
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      findings.push(ruleFailed(name, cause));
      checks.push(
        ...codes.map((code) => ({
          rule: code,
          state: 'failed' as const,
          source,
          checkedOn: null,
          cause,
        })),
      );
    }
  }
  findings.sort((a, b) => b.amountMinor - a.amountMinor);
  return { findings, atStake: atStake(findings), checks };
}

/** Why a source tells nothing; null where it was read. */
function unread(needs: SourceName, outside: OutsideRecords): Omit<Check, 'rule'> | null {
  const source = outside[needs];
  if (source !== undefined && source.records !== null) return null;
  return {
    state: 'not-checked',
    source: needs,
    checkedOn: source?.checkedOn ?? null,
    cause: source?.reason ?? `no records of ${needs} were given`,
  };
}

/** Severity and actions are the catalogue's unless the rule says otherwise. */
function complete(told: Told): Finding {
  const { severity, actions } = CATALOGUE[told.rule as RuleCode];
  return { ...told, severity: told.severity ?? severity, actions: told.actions ?? actions };
}

function ruleFailed(name: string, cause: string): Finding {
  return complete({
    rule: 'rule-failed',
    account: null,
    contract: null,
    subcontract: null,
    amountMinor: 0,
    currency: null,
    evidence: { rule: name, reason: cause },
    sides: { agreed: [], found: [] },
    suggestion: 'What this rule compares was not checked; correct the records that it names.',
  });
}
