/**
 * The renewal agreement (billing rules §9): a pro-forma for the next term, with each active
 * subcontract at its new price and what changed. It has no number and makes no receivable.
 */

import { remaining } from '../charges/discounts.ts';
import { amountOf, type Price } from '../charges/pricing.ts';
import type { CivilDate } from '../dates/dates.ts';
import {
  compare,
  divide,
  type Fraction,
  multiply,
  ONE,
  ratio,
  toDecimal,
} from '../money/decimal.ts';
import { toMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';
import { type IndexValue, type PriceRule, priceChange, raisedUnitPrice } from './price-rules.ts';
import { drawUpOn, type NextTerm, noticeBy, type Term, termAfter } from './term.ts';

/** A recurring subcontract as it stands on the term's last day. */
export interface RenewingSubcontract {
  readonly subcontract: string;
  readonly sku: string;
  readonly description: string;
  readonly startedOn: CivilDate;
  readonly quantity: Fraction;
  /** In force on the term's last day. */
  readonly price: Price;
  /** Agreed with the customer for the next term, per unit and year; null leaves it to the rule. */
  readonly negotiatedUnitPrice: Fraction | null;
  /**
   * The list's on the next term's first day; null where it has none. Asked for by the rule `list`
   * only.
   */
  readonly nextListPrice: Price | null;
  /** Percentages off on the term's last day, and on the next term's first. */
  readonly discountsNow: readonly Fraction[];
  readonly discountsNext: readonly Fraction[];
}

export interface RenewingContract {
  readonly contract: string;
  readonly account: string;
  readonly currency: string;
  readonly term: Term;
  readonly anchor: CivilDate;
  /** Another length than the running term's; null keeps it. */
  readonly nextMonths: number | null;
  readonly noticeDays: number | null;
  readonly autoRenew: boolean;
  readonly poRequired: boolean;
  readonly rule: PriceRule;
  readonly indexValues: readonly IndexValue[];
  readonly subcontracts: readonly RenewingSubcontract[];
  /** Subcontracts that do not go on, with the reason in words. */
  readonly left: readonly LeftSubcontract[];
}

export interface LeftSubcontract {
  readonly subcontract: string;
  readonly reason: string;
}

export interface AgreementLine {
  readonly subcontract: string;
  readonly sku: string;
  readonly description: string;
  readonly quantity: string;
  /** Per unit and year, before discounts. */
  readonly oldUnitPrice: string;
  readonly newUnitPrice: string;
  readonly rule: PriceRule['rule'] | 'negotiated';
  /**
   * The whole next term at the old and at the new price, after discounts; with tax where the list's
   * price has it.
   */
  readonly oldNetMinor: number;
  readonly netMinor: number;
  /** How the new price came about, and that a late starter now shares the contract's term. */
  readonly words: string;
}

export interface Agreement {
  readonly contract: string;
  readonly account: string;
  readonly currency: string;
  readonly term: NextTerm;
  readonly drawUpOn: CivilDate;
  readonly noticeBy: CivilDate;
  /**
   * The last day of the running term: with no answer by then the contract lapses (or renews, where
   * agreed).
   */
  readonly answerBy: CivilDate;
  readonly autoRenew: boolean;
  readonly poRequired: boolean;
  readonly lines: readonly AgreementLine[];
  readonly left: readonly LeftSubcontract[];
  readonly oldNetMinor: number;
  readonly netMinor: number;
  /** What changed, one sentence each, for the agreement's first page. */
  readonly changes: readonly string[];
}

/**
 * The agreement for the term after the running one.
 * @throws Refusal where a price cannot be found (`missing-price`, `index-missing`) or nothing is
 *   left to renew (`nothing-to-renew`): a person decides, no price is guessed.
 */
export function drawUpAgreement(facts: RenewingContract, asOf: CivilDate): Agreement {
  const { contract, account, currency, term: running, autoRenew, poRequired, left } = facts;
  if (facts.subcontracts.length === 0)
    throw new Refusal(
      'nothing-to-renew',
      `contract ${contract} has no active subcontract to renew`,
    );
  const term = termAfter(running, facts.anchor, facts.nextMonths ?? undefined);
  const change = priceChange(facts.rule, facts.indexValues, term.months, asOf);
  const lines = facts.subcontracts.map((subcontract) => {
    const next = newPrice(subcontract, facts.rule, change, currency);
    return lineOf(subcontract, next, { currency, months: term.months, running });
  });
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    contract,
    account,
    currency,
    term,
    drawUpOn: drawUpOn(running.end, facts.noticeDays),
    noticeBy: noticeBy(running.end, facts.noticeDays),
    answerBy: running.end,
    autoRenew,
    poRequired,
    lines,
    left,
    oldNetMinor: sum(lines.map((line) => line.oldNetMinor)),
    netMinor: sum(lines.map((line) => line.netMinor)),
    changes: changesOf(lines, left),
  };
}

interface NewPrice {
  readonly price: Price;
  readonly rule: AgreementLine['rule'];
  readonly words: string;
}

function newPrice(
  subcontract: RenewingSubcontract,
  { rule }: PriceRule,
  change: ReturnType<typeof priceChange>,
  currency: string,
): NewPrice {
  const { price, quantity, negotiatedUnitPrice, nextListPrice, sku } = subcontract;
  if (negotiatedUnitPrice !== null)
    return { price: flat(negotiatedUnitPrice), rule: 'negotiated', words: 'negotiated' };
  if (change.kind === 'factor') {
    const raised = raisedUnitPrice(unitPriceOf(price, quantity), change.factor, currency);
    const same = compare(change.factor, ONE) === 0;
    if (price.taxInclusive && !same)
      throw new Refusal(
        'price-rule-invalid',
        `the price of ${sku} includes tax, so it renews by the price list or by negotiation only`,
      );
    return { price: same ? price : flat(raised), rule, words: change.words };
  }
  if (nextListPrice === null)
    throw new Refusal('missing-price', `the price list has no price for ${sku} in the next term`);
  return { price: nextListPrice, rule, words: change.words };
}

function flat(unitPrice: Fraction): Price {
  return {
    source: 'agreed',
    tiers: [{ from: ratio(0, 1), unitPrice }],
    model: 'volume',
    taxInclusive: false,
  };
}

/** What one unit costs a year at this quantity, tiers worked in. */
function unitPriceOf(price: Price, quantity: Fraction): Fraction {
  return divide(amountOf(price, quantity), quantity);
}

function lineOf(
  subcontract: RenewingSubcontract,
  next: NewPrice,
  terms: { readonly currency: string; readonly months: number; readonly running: Term },
): AgreementLine {
  const { quantity, price, startedOn, discountsNow, discountsNext } = subcontract;
  const net = (from: Price, discounts: readonly Fraction[]) => {
    const full = multiply(amountOf(from, quantity), ratio(terms.months, 12));
    return toMinor(
      discounts.reduce((sum, off) => multiply(sum, remaining(off)), full),
      terms.currency,
    );
  };
  const late = startedOn > terms.running.start;
  const coTermed = late ? `; joined on ${startedOn}, now for the whole term` : '';
  return {
    subcontract: subcontract.subcontract,
    sku: subcontract.sku,
    description: subcontract.description,
    quantity: toDecimal(quantity),
    oldUnitPrice: toDecimal(unitPriceOf(price, quantity)),
    newUnitPrice: toDecimal(unitPriceOf(next.price, quantity)),
    rule: next.rule,
    oldNetMinor: net(price, discountsNow),
    netMinor: net(next.price, discountsNext),
    words: `${next.words}${coTermed}`,
  };
}

function changesOf(lines: readonly AgreementLine[], left: readonly LeftSubcontract[]): string[] {
  const changed = lines.flatMap(
    ({ subcontract, description, oldUnitPrice, newUnitPrice, words, ...line }) => {
      if (oldUnitPrice !== newUnitPrice)
        return [
          `${description} (${subcontract}): ${oldUnitPrice} → ${newUnitPrice} per unit and year, ${words}`,
        ];
      if (line.oldNetMinor === line.netMinor) return [];
      return [`${description} (${subcontract}): same unit price, another discount`];
    },
  );
  return [
    ...changed,
    ...left.map(({ subcontract, reason }) => `${subcontract} does not go on: ${reason}`),
  ];
}
