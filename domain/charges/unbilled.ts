/**
 * Should-bill minus billed: the one subtraction that bill runs, previews, findings and forecasts rest on (billing rules §1).
 * It is always by (subcontract, billing period); usage is kept apart from what is charged in advance.
 */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { addDays, addMonths, type CivilDate, earlier, later, monthOf } from '../dates/dates.ts';
import { Refusal } from '../refusal.ts';
import { type BilledLine, type BilledLines, billedLines } from './billed.ts';
import { type Charge, isTaxInclusive } from './charge.ts';
import { type ContractTerms, horizonOf, oldFindMonths } from './contract-terms.ts';
import { oneOffCharges } from './one-off.ts';
import { type BillingPeriod, periodByNumber, periodContaining } from './periods.ts';
import { recurringCharges } from './recurring.ts';
import {
  type Knowledge,
  type Ownership,
  ownerOn,
  type SubcontractHistory,
  subcontractHistory,
  type TermsOf,
  termsCache,
} from './subcontract-history.ts';
import { usageCharges } from './usage.ts';

export const RECURRING_KINDS: ReadonlySet<string> = new Set(['maintenance', 'subscription']);
export const ONE_OFF_KINDS: ReadonlySet<string> = new Set(['license', 'goods', 'fee']);

/** What one subcontract owes for one billing period, and what was billed of it. Amounts in minor units. */
export interface PairBalance {
  readonly contract: string;
  readonly subcontract: string;
  readonly component: 'advance' | 'usage';
  readonly period: BillingPeriod;
  /** The period's last day within the contract. */
  readonly lastDay: CivilDate;
  readonly charges: readonly Charge[];
  readonly billedLines: readonly BilledLine[];
  readonly expectedMinor: number;
  /** Issued lines, and what counts as billed elsewhere at the cut-over. */
  readonly billedMinor: number;
  /** Of `billedMinor`: agreed before the cut-over. */
  readonly elsewhereMinor: number;
  /** Amounts include tax: the price list does. */
  readonly taxInclusive: boolean;
}

/** A pair that is not even: what a run would bill or credit. */
export interface Difference extends PairBalance {
  readonly differenceMinor: number;
  /** Too old to be billed by itself: a person includes or accepts it. */
  readonly held: boolean;
  /** The month (YYYY-MM) in whose run it was due first, where an earlier run would have billed it already. */
  readonly dueMonth: string | null;
}

/** A book prepared for billing questions: look-ups, contracts' terms, issued lines. Pure; nothing in it changes. */
export interface BillingBook {
  readonly index: BookIndex;
  readonly termsOf: TermsOf;
  readonly billed: BilledLines;
}

export interface AskedFor {
  readonly asOf: CivilDate;
  /** Periods that start later than this are not asked for. */
  readonly horizon: CivilDate;
  /** Only this pair of a subcontract, where one alone is asked for. */
  readonly only?: { readonly number: number; readonly component: PairBalance['component'] };
}

interface Asset {
  readonly row: Row<'subcontracts'>;
  readonly history: SubcontractHistory | null;
  readonly ownerships: readonly Ownership[];
}

/**
 * All pairs of a contract up to a horizon, even ones included, as known on a day. In order of subcontract and period.
 * A subcontract that can not be computed is told to `onRefusal`, and the others go on.
 */
export function pairBalances(
  book: BillingBook,
  terms: ContractTerms,
  asked: AskedFor,
  onRefusal: (subcontract: string, refusal: Refusal) => void,
): PairBalance[] {
  return subcontractsEverOn(book, terms.row.contract).flatMap((row) => {
    try {
      return pairsOf(book, terms, assetOf(book, terms, row, asked.asOf), asked);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      onRefusal(row.subcontract, error);
      return [];
    }
  });
}

/** Amendments of a contract's subcontracts that are ignored because they take effect after the end (§3). */
export function ignoredAmendments(
  book: BillingBook,
  terms: ContractTerms,
  asOf: CivilDate,
): string[] {
  return subcontractsEverOn(book, terms.row.contract)
    .filter((row) => book.index.amendmentsOf.has(row.subcontract))
    .flatMap((row) => assetOf(book, terms, row, asOf).history?.warnings ?? []);
}

/**
 * What a run of `runOn` would bill or credit for a contract.
 * @throws Refusal where the contract's facts contradict each other or lack a price.
 */
export function differences(
  book: BillingBook,
  terms: ContractTerms,
  runOn: CivilDate,
): Difference[] {
  assertHistoryAssigned(book, terms, runOn);
  const horizon = horizonOf(book.index, terms, runOn);
  const oldest = addMonths(runOn, -oldFindMonths(book.index, terms.scope, runOn));
  const found: Difference[] = [];
  // All histories first: one that contradicts itself is told before what no price was found for.
  const assets = subcontractsEverOn(book, terms.row.contract).map((row) =>
    assetOf(book, terms, row, runOn),
  );
  for (const asset of assets) {
    for (const pair of pairsOf(book, terms, asset, { asOf: runOn, horizon })) {
      const differenceMinor = pair.expectedMinor - pair.billedMinor;
      if (differenceMinor === 0) continue;
      const held = pair.period.start < oldest;
      const dueMonth = held ? null : firstDueMonth(book, terms, asset.row, pair, runOn);
      found.push(differenceOf(pair, differenceMinor, held, dueMonth));
    }
  }
  return found;
}

/** Written out: a run makes one for each line, and a spread takes several times as long. */
function differenceOf(
  pair: PairBalance,
  differenceMinor: number,
  held: boolean,
  dueMonth: string | null,
): Difference {
  return {
    contract: pair.contract,
    subcontract: pair.subcontract,
    component: pair.component,
    period: pair.period,
    lastDay: pair.lastDay,
    charges: pair.charges,
    billedLines: pair.billedLines,
    expectedMinor: pair.expectedMinor,
    billedMinor: pair.billedMinor,
    elsewhereMinor: pair.elsewhereMinor,
    taxInclusive: pair.taxInclusive,
    differenceMinor,
    held,
    dueMonth,
  };
}

/** A history line of a recurring product without a subcontract waits for a person, who assigns it (§1). */
function assertHistoryAssigned(book: BillingBook, terms: ContractTerms, runOn: CivilDate): void {
  const unreadable = book.billed.unreadable.get(terms.row.contract);
  if (unreadable !== undefined) throw unreadable;
  for (const line of book.billed.unassigned.get(terms.row.contract) ?? []) {
    const product = line.sku === null ? undefined : book.index.products.get(line.sku);
    if (product === undefined || !RECURRING_KINDS.has(product.kind)) continue;
    if (line.issuedOn > runOn || line.entry !== null) continue;
    if (line.countsOn < terms.row.start) continue;
    if (periodContaining(terms.cycle, line.countsOn).cycleEnd <= terms.billFrom) continue;
    throw new Refusal(
      'history-unassigned',
      `line ${line.line} of ${line.invoice} bills ${line.sku} on contract ${terms.row.contract} and names no ` +
        'subcontract; assign it to one',
    );
  }
}

/** The subcontracts that are or once were on a contract, in order of their numbers. */
export function subcontractsEverOn(
  book: BillingBook,
  contract: string,
): readonly Row<'subcontracts'>[] {
  const own = book.index.subcontractsOf.get(contract) ?? [];
  const movedIn = book.index.movedTo.get(contract) ?? [];
  const rows = movedIn.length === 0 ? own : [...new Set([...own, ...movedIn])];
  return isAscending(rows)
    ? rows
    : rows.toSorted((a, b) => (a.subcontract < b.subcontract ? -1 : 1));
}

function isAscending(rows: readonly Row<'subcontracts'>[]): boolean {
  return rows.every((row, at) => at === 0 || (rows[at - 1]?.subcontract ?? '') < row.subcontract);
}

function assetOf(
  book: BillingBook,
  terms: ContractTerms,
  row: Row<'subcontracts'>,
  asOf: CivilDate,
): Asset {
  const history = subcontractHistory(book.index, book.termsOf, row, { asOf, agreedBefore: null });
  const { contract } = terms.row;
  const ownerships = history?.ownerships.filter((stretch) => stretch.contract === contract) ?? [];
  return { row, history, ownerships };
}

function pairsOf(
  book: BillingBook,
  terms: ContractTerms,
  asset: Asset,
  asked: AskedFor,
): PairBalance[] {
  const unreadable = book.billed.unreadable.get(asset.row.subcontract);
  if (unreadable !== undefined) throw unreadable;
  const oneOff = ONE_OFF_KINDS.has(kindOf(book, asset.row));
  const lines = linesOf(book, terms, asset, asked.asOf, oneOff);
  const pairs: PairBalance[] = [];
  if (oneOff && wants(asked, 'advance')) {
    const pair = oneOffPair(book, terms, asset, lines.advance, asked);
    if (pair !== null) pairs.push(pair);
  } else if (wants(asked, 'advance')) {
    for (const period of periodsToAsk(terms, asset, lines.advance, asked))
      pairs.push(advancePair(book, terms, asset, lines.advance, period, asked.asOf));
  }
  const metered = lines.usage.length > 0 || book.index.usageOf.has(asset.row.subcontract);
  if (metered && wants(asked, 'usage'))
    pairs.push(...usagePairs(book, terms, asset, lines.usage, asked));
  return pairs;
}

function wants({ only }: AskedFor, component: PairBalance['component']): boolean {
  return only === undefined || only.component === component;
}

/** The lines that count for a subcontract on this contract: after a move, history stays with the contract that billed it. */
function linesOf(
  book: BillingBook,
  terms: ContractTerms,
  asset: Asset,
  asOf: CivilDate,
  oneOff: boolean,
): { advance: BilledLine[]; usage: BilledLine[] } {
  const { contract } = terms.row;
  const advance: BilledLine[] = [];
  const usage: BilledLine[] = [];
  for (const line of book.billed.ofSubcontract.get(asset.row.subcontract) ?? []) {
    if (line.issuedOn > asOf || (!oneOff && line.countsOn < terms.row.start)) continue;
    if (line.component === 'service' || ownerOfLine(book, asset, line) !== contract) continue;
    if (line.currency !== terms.currency) throw foreignLine(line, terms);
    (line.component === 'usage' ? usage : advance).push(line);
  }
  return { advance, usage };
}

function foreignLine(line: BilledLine, terms: ContractTerms): Refusal {
  return new Refusal(
    'history-currency',
    `line ${line.line} of ${line.invoice} is in ${line.currency}, contract ${terms.row.contract} in ` +
      `${terms.currency}; amounts in different currencies never add`,
  );
}

/**
 * The contract that billed a line: the one that the document or line names; where neither does, the only one of the
 * subcontract's contracts with a period of that very start, else the one that the line's day falls to.
 */
function ownerOfLine(book: BillingBook, asset: Asset, line: BilledLine): string {
  if (line.contract === asset.row.contract) return line.contract;
  const ownerships = asset.history?.ownerships ?? [];
  const owners = new Set([asset.row.contract, ...ownerships.map((stretch) => stretch.contract)]);
  if (line.contract !== null && owners.has(line.contract)) return line.contract;
  if (owners.size > 1) {
    const fitting = [...owners].filter((contract) => {
      const { cycle, row } = book.termsOf(contract);
      return (
        line.countsOn >= row.start && periodContaining(cycle, line.countsOn).start === line.countsOn
      );
    });
    const [only, second] = fitting;
    if (only !== undefined && second === undefined) return only;
  }
  return ownerOn(asset.history, asset.row, line.countsOn);
}

/** @throws Refusal `product-unknown`: what a product's kind does not tell can not be billed. */
function kindOf(book: BillingBook, row: Row<'subcontracts'>): string {
  const product = book.index.products.get(row.sku);
  if (product === undefined)
    throw new Refusal(
      'product-unknown',
      `subcontract ${row.subcontract} names product ${row.sku}, which the book does not have`,
    );
  return product.kind;
}

/**
 * Periods in the books: not ended before the cut-over, started by the horizon, and either covered by the subcontract or
 * billed for it.
 */
function periodsToAsk(
  terms: ContractTerms,
  asset: Asset,
  lines: readonly BilledLine[],
  asked: AskedFor,
): BillingPeriod[] {
  if (asked.only !== undefined) {
    const only = periodByNumber(terms.cycle, asked.only.number);
    return isAsked(terms, only, asked, asked.horizon) ? [only] : [];
  }
  const periods: BillingPeriod[] = [];
  for (const stretch of asset.ownerships) {
    let period = periodContaining(
      terms.cycle,
      later(stretch.from, earlier(terms.billFrom, stretch.to)),
    );
    while (period.cycleStart < stretch.to && period.start <= asked.horizon) {
      periods.push(period);
      period = periodByNumber(terms.cycle, period.number + 1);
    }
  }
  addPeriodsOf(lines, terms, periods);
  // Coverage may have shrunk after the cut-over; what was agreed by then must still be seen, to be credited.
  if (terms.billFrom > terms.row.start) periods.push(periodContaining(terms.cycle, terms.billFrom));
  return askedInOrder(terms, periods, asked, asked.horizon);
}

/** Adds the periods that lines count against, as far as coverage has not asked for them. */
function addPeriodsOf(
  lines: readonly BilledLine[],
  { cycle }: ContractTerms,
  periods: BillingPeriod[],
): void {
  for (const line of lines) {
    const period = periodContaining(cycle, line.countsOn);
    if (!periods.includes(period)) periods.push(period);
  }
}

/** Those of some periods that are asked for, each once, in their order. */
function askedInOrder(
  terms: ContractTerms,
  periods: BillingPeriod[],
  asked: AskedFor,
  latest: CivilDate,
): BillingPeriod[] {
  const all = periods.length === 1 ? periods : periods.sort((a, b) => a.number - b.number);
  return all.filter(
    (period, at) => period.number !== all[at - 1]?.number && isAsked(terms, period, asked, latest),
  );
}

function isAsked(
  terms: ContractTerms,
  period: BillingPeriod,
  asked: AskedFor,
  latest: CivilDate,
): boolean {
  if (asked.only !== undefined && period.number !== asked.only.number) return false;
  return period.start <= latest && !isOutsideBooks(terms, period);
}

/** Periods that ended before the cut-over, within the term as it was agreed by then, are outside the books (§1). */
function isOutsideBooks(terms: ContractTerms, period: BillingPeriod): boolean {
  const agreedEnd = later(terms.end, terms.endAtCutover);
  const end = period.start < agreedEnd ? earlier(period.cycleEnd, agreedEnd) : period.cycleEnd;
  return end <= terms.billFrom;
}

/** A period that began before the cut-over and had not ended: what was agreed by then counts as billed elsewhere. */
function isStraddling(terms: ContractTerms, period: BillingPeriod): boolean {
  return period.start < terms.billFrom && terms.billFrom < period.cycleEnd;
}

function inPeriod(lines: readonly BilledLine[], period: BillingPeriod): BilledLine[] {
  return lines.filter((line) => line.countsOn >= period.start && line.countsOn < period.cycleEnd);
}

type ChargesBy = (history: SubcontractHistory, knowledge: Knowledge) => readonly Charge[];

/** The balance of one pair, from whatever computes its charges. */
function balance(
  book: BillingBook,
  terms: ContractTerms,
  asset: Asset,
  component: PairBalance['component'],
  period: BillingPeriod,
  lines: readonly BilledLine[],
  asOf: CivilDate,
  chargesBy: ChargesBy,
): PairBalance {
  const charges =
    asset.history === null ? [] : chargesBy(asset.history, { asOf, agreedBefore: null });
  const straddling = isStraddling(terms, period);
  const elsewhereMinor = straddling
    ? total(agreedByCutover(book, terms, asset.row, asOf, chargesBy))
    : 0;
  // What another system issued before the cut-over is what `elsewhereMinor` stands for.
  const billedLines = straddling
    ? lines.filter((line) => line.isOwn || line.issuedOn >= terms.billFrom)
    : lines;
  const taxInclusive = charges.some(isTaxInclusive);
  const issuedMinor = billedLines.reduce(
    (sum, line) => sum + line.netMinor + (taxInclusive ? line.taxMinor : 0),
    0,
  );
  return {
    contract: terms.row.contract,
    subcontract: asset.row.subcontract,
    component,
    period,
    lastDay: lastDayOf(terms, period),
    charges,
    billedLines,
    expectedMinor: total(charges),
    billedMinor: elsewhereMinor + issuedMinor,
    elsewhereMinor,
    taxInclusive,
  };
}

/** The period's last day within the contract; of a period after a termination, within the term as agreed. */
function lastDayOf(terms: ContractTerms, period: BillingPeriod): CivilDate {
  const ends = [terms.end, addDays(terms.row.end, 1)];
  const end = ends.find((day) => day > period.start) ?? period.cycleEnd;
  return addDays(earlier(period.cycleEnd, end), -1);
}

function agreedByCutover(
  book: BillingBook,
  terms: ContractTerms,
  row: Row<'subcontracts'>,
  asOf: CivilDate,
  chargesBy: ChargesBy,
): readonly Charge[] {
  const knowledge = { asOf, agreedBefore: terms.billFrom };
  const history = subcontractHistory(book.index, book.termsOf, row, knowledge);
  return history === null ? [] : chargesBy(history, knowledge);
}

function total(charges: readonly Charge[]): number {
  return charges.reduce((sum, charge) => sum + charge.amountMinor, 0);
}

function ownershipsOn(history: SubcontractHistory, contract: string): Ownership[] {
  return history.ownerships.filter((stretch) => stretch.contract === contract);
}

function advancePair(
  book: BillingBook,
  terms: ContractTerms,
  asset: Asset,
  lines: readonly BilledLine[],
  period: BillingPeriod,
  asOf: CivilDate,
): PairBalance {
  const recurring = RECURRING_KINDS.has(kindOf(book, asset.row));
  return balance(book, terms, asset, 'advance', period, inPeriod(lines, period), asOf, (history) =>
    recurring
      ? ownershipsOn(history, terms.row.contract).flatMap((stretch) =>
          recurringCharges(book.index, terms, history, stretch, period),
        )
      : [],
  );
}

/** One-off: all its lines count, whenever they were issued; its pair is the period that contains its start. */
function oneOffPair(
  book: BillingBook,
  terms: ContractTerms,
  asset: Asset,
  lines: readonly BilledLine[],
  asked: AskedFor,
): PairBalance | null {
  const starts = asset.ownerships.at(0)?.from ?? lines.at(0)?.countsOn;
  if (starts === undefined || isMovedIn(asset, terms)) return null;
  const period = periodContaining(terms.cycle, starts);
  if (isOutsideBooks(terms, period)) return null;
  return balance(book, terms, asset, 'advance', period, lines, asked.asOf, (history) =>
    ownershipsOn(history, terms.row.contract)
      .slice(0, 1)
      .flatMap((stretch) => oneOffCharges(book.index, terms, history, stretch, period, asked.asOf)),
  );
}

/** A one-off was charged by the contract it began on; a move changes nothing about that. */
function isMovedIn(asset: Asset, terms: ContractTerms): boolean {
  return asset.history?.ownerships.at(0)?.contract !== terms.row.contract;
}

function usagePairs(
  book: BillingBook,
  terms: ContractTerms,
  asset: Asset,
  lines: readonly BilledLine[],
  asked: AskedFor,
): PairBalance[] {
  const periods: BillingPeriod[] = [];
  for (const stretch of asset.ownerships) {
    let period = periodContaining(terms.cycle, stretch.from);
    while (period.cycleStart < stretch.to && period.start <= asked.asOf) {
      periods.push(period);
      period = periodByNumber(terms.cycle, period.number + 1);
    }
  }
  addPeriodsOf(lines, terms, periods);
  // As in advance: what was agreed by the cut-over must be seen, though a later move took it away.
  if (terms.billFrom > terms.row.start) periods.push(periodContaining(terms.cycle, terms.billFrom));
  return askedInOrder(terms, periods, asked, asked.asOf).map((period) =>
    balance(
      book,
      terms,
      asset,
      'usage',
      period,
      inPeriod(lines, period),
      asked.asOf,
      (history, knowledge) => usageCharges(book.index, terms, history, period, knowledge),
    ),
  );
}

/** How far back a caught-up pair is traced to the month in which it was due first. */
const TRACED_MONTHS = 60;

/**
 * The month in which a pair was due first, where the previous month's run would have billed it already (§4, caught up);
 * null where it is due now for the first time.
 */
function firstDueMonth(
  book: BillingBook,
  terms: ContractTerms,
  row: Row<'subcontracts'>,
  pair: PairBalance,
  runOn: CivilDate,
): string | null {
  let due: string | null = null;
  const learntOn = lastLearntOn(book, row, pair, runOn);
  for (let back = 1; back <= TRACED_MONTHS; back += 1) {
    const earlierRun = addMonths(runOn, -back);
    // What was known then as it is now was unbilled then as it is now; only the horizon was nearer.
    const billed =
      learntOn !== null && earlierRun >= learntOn
        ? pair.period.start <= horizonOf(book.index, terms, earlierRun)
        : wouldHaveBilled(book, terms, row, pair, earlierRun);
    if (!billed) break;
    due = monthOf(earlierRun);
  }
  return due;
}

/**
 * The last day by a run's on which something about a recurring subcontract was recorded or billed: from then on its pairs
 * answered as they do now. Null where that can not be told so simply: usage and one-offs follow the calendar too.
 */
function lastLearntOn(
  book: BillingBook,
  row: Row<'subcontracts'>,
  pair: PairBalance,
  runOn: CivilDate,
): CivilDate | null {
  if (pair.component === 'usage' || !RECURRING_KINDS.has(kindOf(book, row))) return null;
  let last = laterKnown('', row.recorded, runOn);
  for (const { recorded } of book.index.amendmentsOf.get(row.subcontract) ?? [])
    last = laterKnown(last, recorded, runOn);
  for (const { issuedOn } of book.billed.ofSubcontract.get(row.subcontract) ?? [])
    last = laterKnown(last, issuedOn, runOn);
  return last;
}

/** The later of two days, of which the second counts only by a run's. */
function laterKnown(last: CivilDate, day: CivilDate | null, runOn: CivilDate): CivilDate {
  return day !== null && day <= runOn && day > last ? day : last;
}

/** Whether a run would have billed the pair: one that would have set it aside, for want of a price, would not. */
function wouldHaveBilled(
  book: BillingBook,
  terms: ContractTerms,
  row: Row<'subcontracts'>,
  pair: PairBalance,
  asOf: CivilDate,
): boolean {
  try {
    return wasUnbilled(book, terms, row, pair, asOf);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function wasUnbilled(
  book: BillingBook,
  terms: ContractTerms,
  row: Row<'subcontracts'>,
  pair: PairBalance,
  asOf: CivilDate,
): boolean {
  const horizon = pair.component === 'usage' ? asOf : horizonOf(book.index, terms, asOf);
  if (pair.period.start > horizon) return false;
  const asset = assetOf(book, terms, row, asOf);
  const only = { number: pair.period.number, component: pair.component };
  const [then] = pairsOf(book, terms, asset, { asOf, horizon, only });
  return then !== undefined && then.expectedMinor !== then.billedMinor;
}

/** Prepares a book for billing questions. */
export function billingBook(index: BookIndex): BillingBook {
  return { index, termsOf: termsCache(index), billed: billedLines(index) };
}
