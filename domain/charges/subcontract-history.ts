/**
 * A subcontract's history: who owned it when, and which quantity, price and discount held from which day, as far as was
 * known on a date (billing rules §1 "known", §3 "amendments").
 */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { addDays, type CivilDate, earlier, later } from '../dates/dates.ts';
import { add, type Fraction, fraction, isDecimal, signOf } from '../money/decimal.ts';
import { Refusal } from '../refusal.ts';
import { type ContractTerms, contractTerms, endAgreedBefore } from './contract-terms.ts';
import { percentOf } from './discounts.ts';

/** What holds from one change to the next. */
export interface TermState {
  readonly from: CivilDate;
  readonly quantity: Fraction;
  /** The agreed price per unit (and year); null takes the price list's. */
  readonly price: Fraction | null;
  /** Line discount in percent. */
  readonly discount: Fraction;
  /** False while paused or once removed. */
  readonly active: boolean;
  /** The change that began it was marked as a correction: it credits even where reductions wait. */
  readonly correction: boolean;
  /** What held for no day, because further amendments of the same day followed: reductions that wait look at each. */
  readonly replaced: readonly TermState[];
}

/** One stretch of time on one contract; half-open. */
export interface Ownership {
  readonly contract: string;
  readonly from: CivilDate;
  /** The first day that is not covered by this contract any more, whatever amendments remove. */
  readonly to: CivilDate;
  readonly states: readonly TermState[];
}

export interface SubcontractHistory {
  readonly row: Row<'subcontracts'>;
  readonly ownerships: readonly Ownership[];
  /** Amendments that were ignored, in words. */
  readonly warnings: readonly string[];
}

/** Which facts count: those known on a run's day, or those that were agreed before a cut-over. */
export interface Knowledge {
  readonly asOf: CivilDate;
  /** Set to ask for what was agreed before this day (billing rules §1, cut-over). */
  readonly agreedBefore: CivilDate | null;
}

/** Whether a fact counts. `takesEffect` stands in for a recorded date that was not given, at a cut-over. */
export function isKnown(
  knowledge: Knowledge,
  recorded: CivilDate | null,
  takesEffect: CivilDate,
): boolean {
  if (recorded !== null && recorded > knowledge.asOf) return false;
  return knowledge.agreedBefore === null || (recorded ?? takesEffect) < knowledge.agreedBefore;
}

interface Draft {
  contract: ContractTerms;
  from: CivilDate;
  to: CivilDate;
  states: TermState[];
}

/** Contracts' terms, computed once per contract; a refusal is remembered and thrown again. */
export type TermsOf = (contract: string) => ContractTerms;

export function termsCache(index: BookIndex): TermsOf {
  const cache = new Map<string, ContractTerms | Refusal>();
  return (contract) => {
    let known = cache.get(contract);
    if (known === undefined) {
      known = resolve(index, contract);
      cache.set(contract, known);
    }
    if (known instanceof Refusal) throw known;
    return known;
  };
}

function resolve(index: BookIndex, contract: string): ContractTerms | Refusal {
  const row = index.contracts.get(contract);
  if (row === undefined)
    return new Refusal('contract-unknown', `the book has no contract ${contract}`);
  try {
    return contractTerms(index, row);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/**
 * The history of one subcontract; null where it was not known yet.
 * @throws Refusal where its facts contradict each other (a negative quantity, a move to another currency…).
 */
export function subcontractHistory(
  index: BookIndex,
  termsOf: TermsOf,
  row: Row<'subcontracts'>,
  knowledge: Knowledge,
): SubcontractHistory | null {
  const contract = termsOf(row.contract);
  const start = later(row.start ?? contract.row.start, contract.row.start);
  if (!isKnown(knowledge, row.recorded, row.start ?? contract.row.start)) return null;
  const warnings: string[] = [];
  const first: TermState = {
    from: start,
    quantity: quantityOf(row.quantity, `subcontract ${row.subcontract}`),
    price: row.unitPrice === null ? null : priceOf(row.unitPrice, `subcontract ${row.subcontract}`),
    discount: percentOf(row.discountPercent ?? '0', `subcontract ${row.subcontract}`),
    active: true,
    correction: false,
    replaced: [],
  };
  let owner: Draft = {
    contract,
    from: start,
    to: ownEnd(row, contract, contract, knowledge),
    states: [first],
  };
  const owners = [owner];
  let removed = false;
  for (const amendment of index.amendmentsOf.get(row.subcontract) ?? []) {
    if (!isKnown(knowledge, amendment.recorded, amendment.effective)) continue;
    const effective = later(amendment.effective, owner.from);
    if (removed || effective >= owner.to) {
      warnings.push(
        `amendment ${amendment.amendment} of ${row.subcontract} takes effect on ${amendment.effective}, ` +
          'after the subcontract ends; it is ignored',
      );
      continue;
    }
    const state = owner.states.at(-1) ?? first;
    if (amendment.kind === 'move') {
      owner = moved(termsOf, row, amendment, owner, effective, knowledge);
      owners.push(owner);
      continue;
    }
    const next = amended(state, amendment, effective);
    const sameDay = next.from === state.from;
    if (sameDay) owner.states.pop();
    owner.states.push({ ...next, replaced: sameDay ? [...state.replaced, state] : [] });
    removed = amendment.kind === 'remove';
  }
  return {
    row,
    warnings,
    ownerships: owners
      .filter((draft) => draft.from < draft.to)
      .map((draft) => ({
        contract: draft.contract.row.contract,
        from: draft.from,
        to: draft.to,
        states: draft.states,
      })),
  };
}

/**
 * The first day after a subcontract's own end on a contract: its contract's end unless it ends earlier; a later end is
 * clipped. Moved, it ends with its new contract, unless it was agreed to end before its first one did (§3, co-terming).
 */
function ownEnd(
  row: Row<'subcontracts'>,
  first: ContractTerms,
  owner: ContractTerms,
  { agreedBefore }: Knowledge,
): CivilDate {
  const contractEnd =
    agreedBefore === null ? owner.end : endAgreedBefore(owner.row, owner.end, agreedBefore);
  if (row.end === null || (owner !== first && row.end >= first.row.end)) return contractEnd;
  return earlier(addDays(row.end, 1), contractEnd);
}

function moved(
  termsOf: TermsOf,
  row: Row<'subcontracts'>,
  amendment: Row<'amendments'>,
  owner: Draft,
  effective: CivilDate,
  knowledge: Knowledge,
): Draft {
  const to = termsOf(amendment.value ?? '');
  if (to.currency !== owner.contract.currency)
    throw new Refusal(
      'move-currency',
      `amendment ${amendment.amendment} moves ${row.subcontract} from ${owner.contract.currency} to contract ` +
        `${to.row.contract} in ${to.currency}; end it there and start a new subcontract instead`,
    );
  const state = owner.states.at(-1);
  const from = later(effective, to.row.start);
  owner.to = effective;
  const states = state === undefined ? [] : [{ ...state, from, correction: false, replaced: [] }];
  return { contract: to, from, to: ownEnd(row, termsOf(row.contract), to, knowledge), states };
}

function quantityOf(text: string, what: string): Fraction {
  const quantity = fraction(text);
  if (signOf(quantity) < 0)
    throw new Refusal(
      'negative-quantity',
      `${what} has the quantity ${text}; it can not be negative`,
    );
  return quantity;
}

function priceOf(text: string, what: string): Fraction {
  const price = fraction(text);
  if (signOf(price) < 0)
    throw new Refusal(
      'negative-price',
      `${what} has the unit price ${text}; it can not be negative`,
    );
  return price;
}

/** The contract that a subcontract is on, on a day: before its start the first, after its end the last. */
export function ownerOn(
  history: SubcontractHistory | null,
  row: Row<'subcontracts'>,
  on: CivilDate,
): string {
  const ownerships = history?.ownerships ?? [];
  let owner = ownerships[0]?.contract ?? row.contract;
  for (const stretch of ownerships) if (stretch.from <= on) owner = stretch.contract;
  return owner;
}

/** The state after an amendment: price, quantity and discount replace, `add` adds (§3). */
function amended(state: TermState, amendment: Row<'amendments'>, from: CivilDate): TermState {
  const next = { ...state, from, correction: amendment.reason === 'correction' };
  const what = `amendment ${amendment.amendment}`;
  switch (amendment.kind) {
    case 'remove':
    case 'pause':
      return { ...next, active: false };
    case 'resume':
      return { ...next, active: true };
    case 'quantity':
      return { ...next, quantity: quantityOf(decimalValueOf(amendment), what) };
    case 'add': {
      const quantity = add(state.quantity, fraction(decimalValueOf(amendment)));
      if (signOf(quantity) < 0)
        throw new Refusal('negative-quantity', `${what} takes away more than there is`);
      return { ...next, quantity };
    }
    case 'price':
      return { ...next, price: priceOf(decimalValueOf(amendment), what) };
    case 'discount':
      return { ...next, discount: percentOf(decimalValueOf(amendment), what) };
    default:
      return next;
  }
}

function decimalValueOf(amendment: Row<'amendments'>): string {
  if (amendment.value === null || !isDecimal(amendment.value))
    throw new Refusal(
      'amendment-invalid',
      `amendment ${amendment.amendment} (${amendment.kind}) needs a decimal value, not "${amendment.value ?? ''}"`,
    );
  return amendment.value;
}
