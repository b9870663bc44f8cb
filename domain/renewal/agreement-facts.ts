/** What a renewal agreement follows from, read from the book (billing rules §9). */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { ContractTerms } from '../charges/contract-terms.ts';
import { contractDiscount, inForce, promotionOf } from '../charges/discounts.ts';
import { agreedPrice, listPrice, type Price } from '../charges/pricing.ts';
import { stateOn } from '../charges/recurring.ts';
import {
  isKnown,
  subcontractHistory,
  type TermState,
  type TermsOf,
} from '../charges/subcontract-history.ts';
import { RECURRING_KINDS } from '../charges/unbilled.ts';
import { addDays, type CivilDate } from '../dates/dates.ts';
import { add, type Fraction, fraction, isDecimal, isZero, ZERO } from '../money/decimal.ts';
import { wholeNumberPolicy } from '../policies/policies.ts';
import { Refusal } from '../refusal.ts';
import type { LeftSubcontract, RenewingContract, RenewingSubcontract } from './agreement.ts';
import type { PriceRule } from './price-rules.ts';
import { type Term, termAfter } from './term.ts';

/**
 * The facts of a contract's next term as known on a day. Prices, quantities, discounts and removals
 * that were agreed in advance for the next term's first day are in it.
 * @throws Refusal where a fact is missing or contradicts another.
 */
export function renewalFacts(
  index: BookIndex,
  termsOf: TermsOf,
  contract: string,
  asOf: CivilDate,
): RenewingContract {
  const terms = termsOf(contract);
  const { row } = terms;
  const running: Term = { start: row.start, end: row.end };
  const nextMonths = wholeNumberPolicy(index, terms.scope, 'renewal_months', asOf);
  const next = termAfter(running, terms.cycle.anchor, nextMonths ?? undefined);
  const rule = priceRuleOf(row);
  const read = { index, termsOf, terms, asOf, nextStart: next.start, rule };
  const rows = [
    ...(index.subcontractsOf.get(contract) ?? []),
    ...(index.movedTo.get(contract) ?? []),
  ];
  const parts = [...new Set(rows)].map((subcontract) => renewing(read, subcontract));
  return {
    contract,
    account: row.account,
    currency: terms.currency,
    term: running,
    anchor: terms.cycle.anchor,
    nextMonths,
    noticeDays: row.noticeDays,
    autoRenew: row.autoRenew,
    poRequired: index.accounts.get(row.account)?.poRequired ?? false,
    rule,
    indexValues:
      rule.rule === 'index' ? index.book.indices.filter((value) => value.index === rule.index) : [],
    subcontracts: parts.flatMap((part) => (part !== null && 'price' in part ? [part] : [])),
    left: parts.flatMap((part) => (part !== null && 'reason' in part ? [part] : [])),
  };
}

/** The price rule of a contract; a rule without what it needs is refused, not read as "none". */
export function priceRuleOf(row: Row<'contracts'>): PriceRule {
  const incomplete = (column: string) =>
    new Refusal(
      'price-rule-incomplete',
      `contract ${row.contract}: price rule ${row.priceRule} needs ${column}`,
    );
  switch (row.priceRule) {
    case null:
    case 'none':
      return { rule: 'none' };
    case 'list':
      return { rule: 'list' };
    case 'percent':
      if (row.upliftPercent === null) throw incomplete('uplift_percent');
      return { rule: 'percent', percent: row.upliftPercent };
    case 'index':
      if (row.index === null) throw incomplete('index');
      return { rule: 'index', index: row.index, floor: row.upliftFloor, cap: row.upliftCap };
  }
}

interface Reading {
  readonly index: BookIndex;
  readonly termsOf: TermsOf;
  readonly terms: ContractTerms;
  readonly asOf: CivilDate;
  readonly nextStart: CivilDate;
  readonly rule: PriceRule;
}

/**
 * A subcontract that goes on, one that does not with the reason, or null where it is no part of
 * renewals at all.
 */
function renewing(
  read: Reading,
  row: Row<'subcontracts'>,
): RenewingSubcontract | LeftSubcontract | null {
  const { index, terms, nextStart } = read;
  const product = index.products.get(row.sku);
  if (product === undefined || !RECURRING_KINDS.has(product.kind)) return null;
  const knowledge = { asOf: read.asOf, agreedBefore: null };
  const history = subcontractHistory(index, read.termsOf, row, knowledge);
  const last = addDays(nextStart, -1);
  const state = history === null ? null : stateOn(history, terms.row.contract, last);
  if (history === null || state === null) return null;
  const left = (reason: string): LeftSubcontract => ({ subcontract: row.subcontract, reason });
  if (row.status === 'terminated') return left('terminated');
  if (!state.active) return left(`not active on ${last}`);
  const next = agreedAhead(read, row, state);
  if (next === null || isZero(next.quantity))
    return left(`removed, paused or moved from ${nextStart} on`);
  const agreed = next.price !== null && next.price !== state.price ? next.price : null;
  return {
    subcontract: row.subcontract,
    sku: row.sku,
    description: product.name,
    startedOn: row.start ?? terms.row.start,
    quantity: next.quantity,
    price: priceOf(read, row.sku, state, last),
    negotiatedUnitPrice: agreed,
    nextListPrice:
      read.rule.rule === 'list' && agreed === null ? listed(read, row.sku, nextStart) : null,
    discountsNow: discountsOn(read, row, state.discount, last),
    discountsNext: discountsOn(read, row, next.discount, nextStart),
  };
}

function listed({ index, terms }: Reading, sku: string, on: CivilDate): Price {
  return listPrice(index, terms.row.priceList, sku, terms.currency, on);
}

function priceOf(read: Reading, sku: string, state: TermState, on: CivilDate): Price {
  return state.price === null ? listed(read, sku, on) : agreedPrice(state.price);
}

interface AgreedAhead {
  readonly quantity: Fraction;
  readonly price: Fraction | null;
  readonly discount: Fraction;
}

/**
 * Amendments for the next term's first day; billing ignores them as long as the term ends before
 * it.
 */
function agreedAhead(
  read: Reading,
  row: Row<'subcontracts'>,
  state: TermState,
): AgreedAhead | null {
  const knowledge = { asOf: read.asOf, agreedBefore: null };
  let { quantity, price, discount }: AgreedAhead = state;
  for (const amendment of read.index.amendmentsOf.get(row.subcontract) ?? []) {
    if (amendment.effective !== read.nextStart) continue;
    if (!isKnown(knowledge, amendment.recorded, amendment.effective)) continue;
    if (['remove', 'pause', 'move'].includes(amendment.kind)) return null;
    if (amendment.kind === 'resume') continue;
    const value = amendedValue(amendment);
    if (amendment.kind === 'quantity') quantity = value;
    if (amendment.kind === 'add') quantity = add(quantity, value);
    if (amendment.kind === 'price') price = value;
    if (amendment.kind === 'discount') discount = value;
  }
  return { quantity, price, discount };
}

/** @throws Refusal `amendment-invalid`: a missing price or quantity is never zero. */
function amendedValue({ amendment, kind, value }: Row<'amendments'>): Fraction {
  if (value !== null && isDecimal(value)) return fraction(value);
  throw new Refusal(
    'amendment-invalid',
    `amendment ${amendment} (${kind}) needs a number as value`,
  );
}

function discountsOn(
  { index, terms }: Reading,
  row: Row<'subcontracts'>,
  line: Fraction,
  on: CivilDate,
): Fraction[] {
  const contract = contractDiscount(terms.row);
  const promotion = promotionOf(index, row.promotion, row.sku, terms.currency);
  return [
    line,
    contract !== null && inForce(contract, on) ? contract.percent : ZERO,
    promotion !== null && inForce(promotion, on) ? promotion.percent : ZERO,
  ].filter((percent) => !isZero(percent));
}
