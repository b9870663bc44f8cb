/**
 * Policies: dated data, set per selling entity, overridable per account and per contract (docs/rules). A column of the
 * contract or account that says the same thing is the nearest word of all.
 */
import type { BookIndex, Nested2 } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import { Refusal } from '../refusal.ts';

/** Every policy with its accepted values and its default; numbers are checked as whole numbers. */
export const POLICIES = {
  proration: { values: ['daily', 'thirty360', 'whole-months', 'none'], default: 'daily' },
  reductions: { values: ['prorated', 'next-period'], default: 'prorated' },
  grouping: { values: ['contract', 'account', 'po'], default: 'contract' },
  negative: { values: ['credit-note', 'carry-forward'], default: 'credit-note' },
  tax_point: { values: ['issue', 'start', 'end', 'payment'], default: 'issue' },
  due_day: { values: ['calendar', 'next-business-day'], default: 'calendar' },
  vat_check: { values: ['off', 'format', 'vies'], default: 'off' },
  time_zone: { values: ['entity', 'account'], default: 'entity' },
} as const;
export type PolicyName = keyof typeof POLICIES;
export type PolicyValue<P extends PolicyName> = (typeof POLICIES)[P]['values'][number];

/** Whose policies are asked for. Null where there is none: service time has no contract, a default entity no id. */
export interface PolicyScope {
  readonly contract: string | null;
  readonly account: string | null;
  readonly entity: string | null;
}

/** The text of a policy in force on a day, nearest scope first; null where nobody set it. */
export function policyText(
  index: BookIndex,
  scope: PolicyScope,
  policy: string,
  on: CivilDate,
): string | null {
  const set = index.policies.get(policy);
  if (set === undefined) return null;
  return (
    textIn(set, 'contract', scope.contract, on) ??
    textIn(set, 'account', scope.account, on) ??
    textIn(set, 'entity', entityOn(index, scope, on), on)
  );
}

/** The dated policy by which a contract or an account moves to another of our entities: its value is that entity. */
export const SELLER_POLICY = 'entity';

/**
 * The entity that sells in a scope on a day, the contract's own word before the account's; `scope.entity` is who sells where
 * nothing was moved.
 */
export function entityOn(index: BookIndex, scope: PolicyScope, on: CivilDate): string | null {
  const moves = index.policies.get(SELLER_POLICY);
  if (moves === undefined) return scope.entity;
  const ofContract =
    scope.contract === null ? null : (index.contracts.get(scope.contract)?.entity ?? null);
  return (
    textIn(moves, 'contract', scope.contract, on) ??
    ofContract ??
    textIn(moves, 'account', scope.account, on) ??
    scope.entity
  );
}

/** What one scope says on a day: of several rows the one that is valid from the latest day, of those the last. */
function textIn(
  set: Nested2<Row<'policies'>>,
  scope: keyof PolicyScope,
  id: string | null,
  on: CivilDate,
): string | null {
  if (id === null) return null;
  let value: string | null = null;
  let since = '';
  for (const row of set.get(scope)?.get(id) ?? []) {
    const validFrom = row.validFrom ?? '';
    if (validFrom > on || (value !== null && validFrom < since)) continue;
    since = validFrom;
    value = row.value;
  }
  return value;
}

/**
 * A policy's value on a day.
 * @throws Refusal `policy-invalid` where the book holds a value that the policy does not know.
 */
export function policyOf<P extends PolicyName>(
  index: BookIndex,
  scope: PolicyScope,
  policy: P,
  on: CivilDate,
): PolicyValue<P> {
  const text = policyText(index, scope, policy, on);
  if (text === null) return POLICIES[policy].default;
  const values: readonly string[] = POLICIES[policy].values;
  const value = text.trim().toLowerCase();
  if (!values.includes(value))
    throw new Refusal(
      'policy-invalid',
      `policy ${policy} has the value "${text}"; it accepts ${values.join(', ')}`,
    );
  return value as PolicyValue<P>;
}

/** A policy that is a whole number of months or days; null where nobody set it. */
export function wholeNumberPolicy(
  index: BookIndex,
  scope: PolicyScope,
  policy: string,
  on: CivilDate,
): number | null {
  const text = policyText(index, scope, policy, on);
  if (text === null) return null;
  if (!/^\d{1,4}$/.test(text.trim()))
    throw new Refusal(
      'policy-invalid',
      `policy ${policy} has the value "${text}"; it needs a whole number`,
    );
  return Number(text.trim());
}
