/** What a contract's charges follow from, with every default resolved (contract-book.md, "Defaults"). */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { addDays, addMonths, type CivilDate, earlier, endOfMonth } from '../dates/dates.ts';
import {
  type PolicyName,
  type PolicyScope,
  type PolicyValue,
  policyOf,
  policyText,
  wholeNumberPolicy,
} from '../policies/policies.ts';
import { Refusal } from '../refusal.ts';
import { type Cycle, cycleOf, frequencyMonths, periodContaining } from './periods.ts';

export interface ContractTerms {
  readonly row: Row<'contracts'>;
  /** Who is invoiced: the bill-to account where one is named, else the contract's account. */
  readonly billingAccount: Row<'accounts'>;
  readonly entityId: string;
  readonly entity: Row<'entities'> | null;
  readonly timeZone: string;
  readonly currency: string;
  readonly cycle: Cycle;
  /** The first day after the last covered one, termination included. */
  readonly end: CivilDate;
  /** The same as agreed by the cut-over: a termination that took effect later is left out. */
  readonly endAtCutover: CivilDate;
  readonly billFrom: CivilDate;
  readonly scope: PolicyScope;
}

/** Without an entities table there is one default entity: UTC, each account's currency. */
export const DEFAULT_ENTITY = 'default';

/** The entity of a contract or account: the nearest that is named, else the book's only one. */
export function entityOf(
  index: BookIndex,
  named: string | null,
  what: string,
): { id: string; row: Row<'entities'> | null } {
  if (named !== null) {
    const row = index.entities.get(named);
    if (row === undefined)
      throw new Refusal(
        'entity-unknown',
        `${what} names entity ${named}, which the book does not have`,
      );
    return { id: named, row };
  }
  const [only, second] = index.book.entities;
  if (only === undefined) return { id: DEFAULT_ENTITY, row: null };
  if (second !== undefined)
    throw new Refusal('entity-missing', `${what} names no entity, and the book has several`);
  return { id: only.entity, row: only };
}

function accountOf(index: BookIndex, id: string, what: string): Row<'accounts'> {
  const account = index.accounts.get(id);
  if (account === undefined)
    throw new Refusal(
      'account-unknown',
      `${what} names account ${id}, which the book does not have`,
    );
  return account;
}

/** @throws Refusal with a code where a fact that every charge needs is missing or contradicts another. */
export function contractTerms(index: BookIndex, row: Row<'contracts'>): ContractTerms {
  const what = `contract ${row.contract}`;
  const account = accountOf(index, row.account, what);
  const billingAccount = row.billTo === null ? account : accountOf(index, row.billTo, what);
  const entity = entityOf(index, row.entity ?? account.entity, what);
  const currency = row.currency ?? account.currency ?? entity.row?.currency ?? null;
  if (currency === null)
    throw new Refusal(
      'currency-missing',
      `${what}: neither it, its account nor its entity names a currency`,
    );
  const months = frequencyMonths(row.billingFrequency);
  if (months === null)
    throw new Refusal(
      'frequency-invalid',
      `${what}: "${row.billingFrequency}" is no billing frequency`,
    );
  if (row.end < row.start)
    throw new Refusal('term-invalid', `${what} ends on ${row.end}, before its start ${row.start}`);
  const scope = {
    contract: row.contract,
    account: row.account,
    entity: entity.row?.entity ?? null,
  };
  const cycle = cycleOf(row.anchor ?? row.start, months, row.start);
  const billFrom = row.billFrom ?? entity.row?.cutover ?? row.start;
  const agreedEnd = addDays(row.end, 1);
  const terminated = terminationEnd(index, row, scope, cycle);
  const end = terminated === null ? agreedEnd : earlier(agreedEnd, terminated);
  return {
    row,
    billingAccount,
    entityId: entity.id,
    entity: entity.row,
    timeZone: entity.row?.timeZone ?? 'UTC',
    currency,
    cycle,
    end,
    endAtCutover: endAgreedBefore(row, end, billFrom),
    billFrom,
    scope,
  };
}

/** The end as it was agreed before a day: a termination that took effect on it or later is left out (§1, cut-over). */
export function endAgreedBefore(
  row: Row<'contracts'>,
  end: CivilDate,
  before: CivilDate,
): CivilDate {
  const terminated = row.terminatedOn !== null && addDays(row.terminatedOn, 1) < before;
  return terminated ? end : addDays(row.end, 1);
}

/**
 * The first day that a termination leaves uncovered. It takes effect after its date; where reductions wait for the next
 * billing period, so does it (billing rules §3).
 */
function terminationEnd(
  index: BookIndex,
  row: Row<'contracts'>,
  scope: PolicyScope,
  cycle: Cycle,
): CivilDate | null {
  if (row.terminatedOn === null) return null;
  const effective = addDays(row.terminatedOn, 1);
  if (effective <= row.start) return row.start;
  const period = periodContaining(cycle, effective);
  const policy = row.reductions ?? policyOf(index, scope, 'reductions', period.start);
  return policy === 'next-period' && effective > period.start ? period.cycleEnd : effective;
}

const CONTRACT_COLUMNS = {
  proration: 'proration',
  reductions: 'reductions',
  grouping: 'grouping',
} as const satisfies Partial<Record<PolicyName, keyof Row<'contracts'>>>;

/** A policy of a contract: its own column, else the policies table, else the default. */
export function contractPolicy<P extends keyof typeof CONTRACT_COLUMNS>(
  index: BookIndex,
  terms: ContractTerms,
  policy: P,
  on: CivilDate,
): PolicyValue<P> {
  const own = terms.row[CONTRACT_COLUMNS[policy]];
  return (own ?? policyOf(index, terms.scope, policy, on)) as PolicyValue<P>;
}

/**
 * The horizon of a run (billing rules §4): the last day of the second month after R for annual and longer frequencies, of
 * the first for shorter ones; `lead_months` says otherwise.
 */
export function horizonOf(index: BookIndex, terms: ContractTerms, runOn: CivilDate): CivilDate {
  const byFrequency = terms.cycle.months >= 12 ? 2 : 1;
  const lead =
    terms.row.leadMonths ??
    wholeNumberPolicy(index, terms.scope, 'lead_months', runOn) ??
    byFrequency;
  return endOfMonth(addMonths(runOn, lead));
}

/** Months after which a difference is an old find; the default is 12 (billing rules §1). */
export function oldFindMonths(index: BookIndex, scope: PolicyScope, runOn: CivilDate): number {
  return wholeNumberPolicy(index, scope, 'old_find_months', runOn) ?? 12;
}

/** Payment terms as agreed: the contract's, else the account's, else the policy's. */
export function agreedPaymentTerms(
  index: BookIndex,
  own: string | null,
  account: Row<'accounts'>,
  scope: PolicyScope,
  on: CivilDate,
): string | null {
  return own ?? account.paymentTerms ?? policyText(index, scope, 'payment_terms', on);
}
