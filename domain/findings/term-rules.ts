/** Rules over terms: what is covered twice, not at all, or past its end. */
import { compositeKey, groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { fullPeriodPrice, stateOn } from '../charges/recurring.ts';
import type { TermState } from '../charges/subcontract-history.ts';
import { RECURRING_KINDS, subcontractsEverOn } from '../charges/unbilled.ts';
import { addDays, addMonths, type CivilDate, daysBetween, later } from '../dates/dates.ts';
import { compare, toDecimal } from '../money/decimal.ts';
import { Refusal } from '../refusal.ts';
import { priceRuleOf } from '../renewal/agreement-facts.ts';
import { priceChange, raisedUnitPrice } from '../renewal/price-rules.ts';
import { drawUpOn, termMonths } from '../renewal/term.ts';
import type { Told } from './finding.ts';
import { contractRecord, subcontractRecord } from './records.ts';
import { historyOf, type Scene } from './scene.ts';
import { moreIf } from './what-if.ts';

/** One subcontract's days from its first to the one after its last, on the contract that it ends on. */
interface Stretch {
  readonly row: Row<'subcontracts'>;
  readonly contract: Row<'contracts'>;
  readonly from: CivilDate;
  readonly to: CivilDate;
  /** What holds on its first and last day. */
  readonly first: TermState;
  readonly last: TermState;
}

/** Null where it covers no day: never known, or removed before it began. */
function stretchOf(scene: Scene, row: Row<'subcontracts'>): Stretch | null {
  const ownerships = historyOf(scene, row)?.ownerships ?? [];
  const states = ownerships.flatMap((one) => one.states);
  const active = states.filter((state) => state.active);
  const [begins, ends] = [ownerships.at(0), ownerships.at(-1)];
  const [first, last, final] = [active.at(0), active.at(-1), states.at(-1)];
  const contract = scene.book.index.contracts.get(ends?.contract ?? '');
  if (begins === undefined || ends === undefined || contract === undefined) return null;
  if (first === undefined || last === undefined || final === undefined) return null;
  // Removed, or paused until further notice: covered up to that day.
  const to = final.active ? ends.to : final.from;
  const from = later(begins.from, first.from);
  return from < to ? { row, contract, from, to, first, last } : null;
}

function inTime(a: Stretch, b: Stretch): number {
  if (a.from !== b.from) return a.from < b.from ? -1 : 1;
  return a.row.subcontract < b.row.subcontract ? -1 : 1;
}

/** Stretches of recurring and other subcontracts by account and product, each group in the order of time. */
function groupsBy(scene: Scene, keyOf: (row: Row<'subcontracts'>) => string | null): Stretch[][] {
  const groups = new Map<string, Stretch[]>();
  for (const [contract, { terms }] of scene.contracts)
    for (const row of scene.book.index.subcontractsOf.get(contract) ?? []) {
      const own = keyOf(row);
      if (own === null) continue;
      const stretch = stretchOf(scene, row);
      if (stretch === null) continue;
      const key = compositeKey(terms.row.account, row.sku, own);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [stretch]);
      else group.push(stretch);
    }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.sort(inTime));
}

/** The same machine under the same product: what identifies a subcontract from one term to the next. */
const sameAsset = (row: Row<'subcontracts'>) => (row.serial === '' ? null : row.serial);

/** `duplicate-subcontract`: two of one account, same SKU and serial, overlapping in time; reported once, on the later. */
export function duplicateSubcontract(scene: Scene): Told[] {
  return groupsBy(scene, sameAsset).flatMap((group) =>
    group.flatMap((one, position) => {
      const twin = group.slice(0, position).find((before) => one.from < before.to);
      return twin === undefined ? [] : [duplicateOf(one, twin)];
    }),
  );
}

function duplicateOf(one: Stretch, twin: Stretch): Told {
  const name = twin.row.subcontract;
  return {
    rule: 'duplicate-subcontract',
    account: one.contract.account,
    contract: one.row.contract,
    subcontract: one.row.subcontract,
    amountMinor: 0,
    currency: null,
    evidence: { twin: name, sku: one.row.sku, serial: one.row.serial },
    sides: { agreed: [subcontractRecord(twin.row)], found: [subcontractRecord(one.row)] },
    suggestion: `Remove it if it is ${name} entered again, or correct the serial.`,
  };
}

/** Each subcontract with the one before it for the same machine, on another contract. */
function successions(scene: Scene): { before: Stretch; after: Stretch }[] {
  return groupsBy(scene, sameAsset).flatMap((group) =>
    group.flatMap((after, position) => {
      const before = group[position - 1];
      const apart = before !== undefined && before.contract.contract !== after.contract.contract;
      return apart ? [{ before, after }] : [];
    }),
  );
}

function isRecurring(scene: Scene, { row }: Stretch): boolean {
  return RECURRING_KINDS.has(scene.book.index.products.get(row.sku)?.kind ?? '');
}

/** `term-gap`: days between two terms of one machine; worth what they cost at the price of the earlier term. */
export function termGap(scene: Scene): Told[] {
  return successions(scene).flatMap(({ before, after }) => {
    const lastDay = addDays(after.from, -1);
    const isGap = before.to < after.from && after.from <= addMonths(before.to, 12);
    if (!isGap || !isRecurring(scene, before)) return [];
    const currency = scene.contracts.get(before.contract.contract)?.terms.currency ?? null;
    const days = { from: before.contract.start, through: lastDay };
    const otherwise = {
      contract: { end: lastDay, terminatedOn: null, status: 'active' as const },
      subcontract: { end: null },
    };
    return [
      {
        rule: 'term-gap',
        account: after.contract.account,
        contract: after.contract.contract,
        subcontract: after.row.subcontract,
        amountMinor: moreIf(scene, before.contract, before.row, days, otherwise),
        currency,
        evidence: {
          twin: before.row.subcontract,
          from: before.to,
          through: lastDay,
          days: daysBetween(before.to, after.from),
        },
        sides: {
          agreed: [subcontractRecord(before.row), contractRecord(before.contract)],
          found: [subcontractRecord(after.row), contractRecord(after.contract)],
        },
        suggestion: `Begin it on ${before.to}, the day after ${before.row.subcontract} ends.`,
      },
    ];
  });
}

/** Terms that share more days than this are two agreements, not one that was renewed too soon. */
const OVERLAP_DAYS_MOST = 92;

/**
 * `term-overlap`: the next term begins before the last one ends, and no serial tells the two apart (with one it is a
 * `duplicate-subcontract`); worth, as owed to the customer, the shared days at the price of the later term.
 */
export function termOverlap(scene: Scene): Told[] {
  return groupsBy(scene, () => '').flatMap((group) =>
    group.flatMap((after, position) => {
      const before = group.slice(0, position).findLast((one) => overlaps(one, after));
      if (before === undefined || !isRecurring(scene, after)) return [];
      return [overlapOf(scene, before, after)];
    }),
  );
}

function overlaps(before: Stretch, after: Stretch): boolean {
  const told = sameAsset(before.row) !== null && sameAsset(after.row) !== null;
  return (
    !told &&
    before.contract.contract !== after.contract.contract &&
    before.from < after.from &&
    after.from < before.to &&
    before.to < after.to &&
    daysBetween(after.from, before.to) <= OVERLAP_DAYS_MOST &&
    compare(before.last.quantity, after.first.quantity) === 0
  );
}

function overlapOf(scene: Scene, before: Stretch, after: Stretch): Told {
  const days = { from: after.contract.start, through: later(scene.asOf, before.to) };
  const otherwise = { subcontract: { start: before.to } };
  return {
    rule: 'term-overlap',
    account: after.contract.account,
    contract: after.contract.contract,
    subcontract: after.row.subcontract,
    amountMinor: moreIf(scene, after.contract, after.row, days, otherwise),
    currency: scene.contracts.get(after.contract.contract)?.terms.currency ?? null,
    evidence: {
      twin: before.row.subcontract,
      from: after.from,
      through: addDays(before.to, -1),
      days: daysBetween(after.from, before.to),
    },
    sides: {
      agreed: [subcontractRecord(before.row), contractRecord(before.contract)],
      found: [subcontractRecord(after.row), contractRecord(after.contract)],
    },
    suggestion: `Begin it on ${before.to}, and credit the days that ${before.row.subcontract} covers.`,
  };
}

/** A next term begins at most this long after the last; later it was sold anew. */
const RENEWED_WITHIN_DAYS = 31;

/**
 * `uplift-not-applied`: a later term's agreed price is below the price before it, raised by the earlier contract's price
 * rule; worth the running period at the raised price less the same as agreed. A contract that says that its price was
 * negotiated (price rule "none") is left alone.
 */
export function upliftNotApplied(scene: Scene): Told[] {
  return successions(scene).flatMap(({ before, after }) => {
    const near =
      before.to <= after.from && daysBetween(before.to, after.from) <= RENEWED_WITHIN_DAYS;
    if (!near || after.contract.priceRule === 'none' || !isRecurring(scene, after)) return [];
    const terms = scene.contracts.get(after.contract.contract)?.terms;
    const raised = terms === undefined ? null : raisedPrice(scene, before, terms.currency);
    const agreed = after.first.price;
    if (terms === undefined || raised === null || agreed === null) return [];
    if (compare(agreed, raised.price) >= 0) return [];
    return [
      {
        rule: 'uplift-not-applied',
        account: after.contract.account,
        contract: after.contract.contract,
        subcontract: after.row.subcontract,
        amountMinor: lostByPrice(scene, after, toDecimal(raised.price)),
        currency: terms.currency,
        evidence: {
          twin: before.row.subcontract,
          priceBefore: toDecimal(before.last.price ?? agreed),
          priceRaised: toDecimal(raised.price),
          priceAgreed: toDecimal(agreed),
          why: raised.words,
        },
        sides: {
          agreed: [subcontractRecord(before.row), contractRecord(before.contract)],
          found: [subcontractRecord(after.row)],
        },
        suggestion: `Amend the unit price to ${toDecimal(raised.price)}, or record that it was negotiated.`,
      },
    ];
  });
}

/** The price of the term before, raised by its contract's rule; null where the rule grants no rise of an agreed price. */
function raisedPrice(scene: Scene, { contract, last }: Stretch, currency: string) {
  if (last.price === null) return null;
  try {
    const rule = priceRuleOf(contract);
    if (rule.rule !== 'percent' && rule.rule !== 'index') return null;
    const indices = scene.book.index.book.indices.filter(({ index }) => index === contract.index);
    const months = termMonths(contract, contract.anchor ?? contract.start) ?? 12;
    const asOf = drawUpOn(contract.end, contract.noticeDays);
    const change = priceChange(rule, indices, months, asOf);
    if (change.kind !== 'factor') return null;
    return { price: raisedUnitPrice(last.price, change.factor, currency), words: change.words };
  } catch (error) {
    // A rule without what it needs is refused when the renewal is drawn up, and told there.
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function lostByPrice(scene: Scene, after: Stretch, unitPrice: string): number {
  const { row, contract } = after;
  const running = scene.contracts.get(contract.contract)?.running.get(row.subcontract);
  const from = running?.period.start ?? contract.start;
  const days = { from, through: running === undefined ? contract.start : from };
  return moreIf(scene, contract, row, days, { subcontract: { unitPrice } });
}

/**
 * `expired-active`: an active contract past its end with no later term of the account for the same SKUs; worth a year's
 * price of those of its subcontracts active at the end whose SKU no later term covers.
 */
export function expiredActive(scene: Scene): Told[] {
  return ended(scene, ({ status }) => status === 'active', {
    rule: 'expired-active',
    suggestion: 'Renew it, or let it lapse and end its licenses.',
  });
}

/**
 * `renewal-missed`: a contract that renews by itself and got no notice was let lapse within the last twelve months, and no
 * later term of the account covers the same SKUs; worth a year's price as in `expired-active`.
 */
export function renewalMissed(scene: Scene): Told[] {
  const oldest = addMonths(scene.asOf, -12);
  const isMissed = (row: Row<'contracts'>) =>
    row.status === 'lapsed' && row.autoRenew && row.noticeReceived === null && row.end >= oldest;
  return ended(scene, isMissed, {
    rule: 'renewal-missed',
    suggestion: 'Draw up the next term, or record the notice that ended it.',
  });
}

/** Contracts past their end, not terminated, that no later term of the account follows for the same SKUs. */
function ended(
  scene: Scene,
  wanted: (row: Row<'contracts'>) => boolean,
  words: Pick<Told, 'rule' | 'suggestion'>,
): Told[] {
  const findings: Told[] = [];
  const ofAccount = groupBy([...scene.contracts.values()], ({ terms }) => terms.row.account);
  for (const [contract, { terms }] of scene.contracts) {
    const { row } = terms;
    if (row.end >= scene.asOf || row.terminatedOn !== null || !wanted(row)) continue;
    const others = (ofAccount.get(row.account) ?? []).map((one) => one.terms.row);
    const covered = laterSkus(scene, row, others);
    const atEnd = subcontractsEverOn(scene.book, contract).filter((sub) => {
      const history = historyOf(scene, sub);
      return history !== null && stateOn(history, contract, row.end)?.active === true;
    });
    const uncovered = atEnd.filter((sub) => !covered.has(sub.sku));
    if (atEnd.length > 0 && uncovered.length === 0) continue;
    if (atEnd.length === 0 && covered.size > 0) continue;
    findings.push({
      ...words,
      account: row.account,
      contract,
      subcontract: null,
      amountMinor: uncovered.reduce((sum, sub) => sum + yearsPrice(scene, contract, sub), 0),
      currency: terms.currency,
      evidence: { end: row.end, subcontracts: uncovered.map((sub) => sub.subcontract) },
      sides: {
        agreed: [contractRecord(row)],
        found: uncovered.map((sub) => subcontractRecord(sub)),
      },
    });
  }
  return findings;
}

function laterSkus(
  scene: Scene,
  expired: Row<'contracts'>,
  others: readonly Row<'contracts'>[],
): Set<string> {
  const skus = new Set<string>();
  for (const row of others) {
    if (row.end <= expired.end || row.start <= expired.start) continue;
    for (const sub of subcontractsEverOn(scene.book, row.contract)) skus.add(sub.sku);
  }
  return skus;
}

/** A year's price after discounts, on the contract's last day; 0 where there is no price to tell it by. */
function yearsPrice(scene: Scene, contract: string, sub: Row<'subcontracts'>): number {
  const terms = scene.contracts.get(contract)?.terms;
  const history = historyOf(scene, sub);
  if (terms === undefined || history === null) return 0;
  const kind = scene.book.index.products.get(sub.sku)?.kind;
  if (kind !== 'maintenance' && kind !== 'subscription') return 0;
  try {
    return fullPeriodPrice(scene.book.index, terms, history, terms.row.end, { months: 12 });
  } catch (error) {
    if (error instanceof Refusal) return 0;
    throw error;
  }
}
