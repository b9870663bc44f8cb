/**
 * What a run bills, computed a second time: slowly, day by day, in the words of docs/rules/billing-rules.md §1–§5. It shares
 * no code with domain/ but the shape of a row; the two must agree on every book.
 */
import type { Book, Row } from '../../../domain/book/tables.ts';
import { type Day, dayOf, endOfMonthAfter, minor, monthsAfter, Q, textOf } from './arithmetic.ts';

/** A contract that can not be billed, with the code that it is set aside with. */
export class Aside extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export interface RefLine {
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly kind: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly net: number;
  readonly category: string;
  readonly rate: string;
  readonly dueMonth: string | null;
}
export interface RefDocument {
  readonly subject: string;
  readonly account: string;
  readonly currency: string;
  readonly due: string;
  readonly lines: readonly RefLine[];
  readonly net: number;
  readonly tax: number;
}
export interface RefRun {
  readonly documents: readonly RefDocument[];
  readonly held: readonly string[];
  readonly setAside: readonly string[];
  readonly carried: readonly string[];
}

// ------------------------------------------------------------------ facts

const FREQUENCIES: Readonly<Record<string, number>> = {
  monthly: 1,
  quarterly: 3,
  semiannual: 6,
  annual: 12,
  '2 years': 24,
  '3 years': 36,
};

class Facts {
  readonly book: Book;
  constructor(book: Book) {
    this.book = book;
  }
  contract(id: string): Row<'contracts'> {
    const row = this.book.contracts.find((c) => c.contract === id);
    if (row === undefined) throw new Aside('contract-unknown');
    return row;
  }
  account(id: string): Row<'accounts'> {
    const row = this.book.accounts.find((a) => a.account === id);
    if (row === undefined) throw new Aside('account-unknown');
    return row;
  }
  product(sku: string): Row<'products'> {
    const row = this.book.products.find((p) => p.sku === sku);
    if (row === undefined) throw new Aside('product-unknown');
    return row;
  }
  entity(): Row<'entities'> | undefined {
    return this.book.entities[0];
  }
  payer(c: Row<'contracts'>): Row<'accounts'> {
    return this.account(c.billTo ?? c.account);
  }
  currency(c: Row<'contracts'>): string {
    return c.currency ?? this.account(c.account).currency ?? this.entity()?.currency ?? 'none';
  }
  billFrom(c: Row<'contracts'>): Day {
    return dayOf(c.billFrom ?? this.entity()?.cutover ?? c.start);
  }
  /** A policy of the table: the nearest scope, the latest start. */
  policy(c: Row<'contracts'>, name: string, on: Day): string | null {
    const near = [
      ['contract', c.contract],
      ['account', c.account],
      ['entity', this.entity()?.entity ?? ''],
    ];
    for (const [scope, id] of near) {
      const inForce = this.book.policies
        .filter((p) => p.scope === scope && p.id === id && p.policy === name)
        .filter((p) => p.validFrom === null || dayOf(p.validFrom) <= on)
        .sort((a, b) => ((a.validFrom ?? '') < (b.validFrom ?? '') ? -1 : 1));
      const last = inForce.at(-1);
      if (last !== undefined) return last.value;
    }
    return null;
  }
}

interface Period {
  /** The whole cycle. */
  readonly cycle: readonly [Day, Day];
  readonly start: Day;
  readonly k: number;
}

const monthsOf = (c: Row<'contracts'>): number => FREQUENCIES[c.billingFrequency] ?? 12;

/** Period k starts k × n months after the anchor; its start is never before the contract's. */
function period(c: Row<'contracts'>, k: number): Period {
  const anchor = dayOf(c.anchor ?? c.start);
  const n = monthsOf(c);
  const cycle = [monthsAfter(anchor, k * n), monthsAfter(anchor, (k + 1) * n)] as const;
  return { cycle, start: Math.max(cycle[0], dayOf(c.start)), k };
}

/** Every period that overlaps the time from the contract's start to a day. */
function periodsUntil(c: Row<'contracts'>, last: Day): Period[] {
  const all: Period[] = [];
  for (let k = -60; k < 200; k += 1) {
    const p = period(c, k);
    if (p.cycle[1] > dayOf(c.start) && p.start <= last) all.push(p);
    if (p.cycle[0] > last) break;
  }
  return all;
}

/** The first day that the contract does not cover; a termination takes effect after its date. */
function endOf(f: Facts, c: Row<'contracts'>, agreedBefore: Day | null): Day {
  const agreed = dayOf(c.end) + 1;
  if (c.terminatedOn === null) return agreed;
  const effective = dayOf(c.terminatedOn) + 1;
  if (agreedBefore !== null && effective >= agreedBefore) return agreed;
  if (effective <= dayOf(c.start)) return dayOf(c.start);
  const p = periodsUntil(c, effective).find((q) => q.start <= effective && effective < q.cycle[1]);
  if (p === undefined) throw new Error('every day from the start on lies in a period');
  const reductions = c.reductions ?? f.policy(c, 'reductions', p.start) ?? 'prorated';
  const waits = reductions === 'next-period' && effective > p.start;
  return Math.min(agreed, waits ? p.cycle[1] : effective);
}

// ------------------------------------------------------------------ history

interface Terms {
  readonly quantity: Q;
  /** Null takes the list's. */
  readonly price: Q | null;
  readonly discount: Q;
  readonly active: boolean;
}
/** One thing that happened to a subcontract: from this day on these terms hold on that contract. */
interface Step {
  readonly on: Day;
  readonly contract: string;
  readonly terms: Terms;
  readonly correction: boolean;
  /** The subcontract's first day, or its first on a contract that it moved to. */
  readonly begins: boolean;
}
interface Story {
  readonly steps: readonly Step[];
  /** Days on a contract, removals and pauses aside: [from, to). */
  readonly stays: readonly { contract: string; from: Day; to: Day }[];
}
/** What counts: facts known on a day; before a cut-over, only those recorded, else in effect, before it. */
interface Known {
  readonly on: Day;
  readonly before: Day | null;
}

function counts(known: Known, recorded: string | null, effect: Day): boolean {
  if (recorded !== null && dayOf(recorded) > known.on) return false;
  return known.before === null || (recorded === null ? effect : dayOf(recorded)) < known.before;
}

function storyOf(f: Facts, s: Row<'subcontracts'>, known: Known): Story {
  const home = f.contract(s.contract);
  if (!counts(known, s.recorded, dayOf(s.start ?? home.start))) return { steps: [], stays: [] };
  const lastDay = (c: Row<'contracts'>) => {
    const end = endOf(f, c, known.before);
    if (s.end === null || (c !== home && s.end >= home.end)) return end;
    return Math.min(end, dayOf(s.end) + 1);
  };
  const start = Math.max(dayOf(s.start ?? home.start), dayOf(home.start));
  let terms: Terms = {
    quantity: Q.of(s.quantity),
    price: s.unitPrice === null ? null : Q.of(s.unitPrice),
    discount: Q.of(s.discountPercent ?? '0'),
    active: true,
  };
  let owner = home;
  let from = start;
  let to = lastDay(home);
  let gone = false;
  const steps: Step[] = [
    { on: start, contract: home.contract, terms, correction: false, begins: true },
  ];
  const stays = [{ contract: home.contract, from, to }];
  const rank = (a: Row<'amendments'>) => `${a.effective} ${a.recorded ?? '0'} ${a.amendment}`;
  const mine = f.book.amendments
    .filter((a) => a.subcontract === s.subcontract)
    .filter((a) => counts(known, a.recorded, dayOf(a.effective)))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  for (const a of mine) {
    const on = Math.max(dayOf(a.effective), from);
    if (gone || on >= to) continue;
    const correction = a.reason === 'correction';
    if (a.kind === 'move') {
      owner = f.contract(a.value ?? '');
      stays.push({ contract: owner.contract, from: Math.max(on, dayOf(owner.start)), to: 0 });
      const left = stays.at(-2);
      if (left !== undefined) left.to = on;
      from = Math.max(on, dayOf(owner.start));
      to = lastDay(owner);
      const here = stays.at(-1);
      if (here !== undefined) here.to = to;
      steps.push({ on: from, contract: owner.contract, terms, correction: false, begins: true });
      continue;
    }
    terms = amended(terms, a);
    gone = a.kind === 'remove';
    steps.push({ on, contract: owner.contract, terms, correction, begins: false });
  }
  return { steps, stays: stays.filter((stay) => stay.from < stay.to) };
}

function amended(t: Terms, a: Row<'amendments'>): Terms {
  const value = () => Q.of(a.value ?? '0');
  if (a.kind === 'add') return { ...t, quantity: t.quantity.plus(value()) };
  if (a.kind === 'quantity') return { ...t, quantity: value() };
  if (a.kind === 'price') return { ...t, price: value() };
  if (a.kind === 'discount') return { ...t, discount: value() };
  return { ...t, active: a.kind === 'resume' };
}

/** The contract that a subcontract is on; before its start the first, after its end the last. */
function ownerOn(s: Row<'subcontracts'>, story: Story, on: Day): string {
  let owner = story.stays[0]?.contract ?? s.contract;
  for (const stay of story.stays) if (stay.from <= on) owner = stay.contract;
  return owner;
}

// ------------------------------------------------------------------ prices

interface ListPrice {
  readonly tiers: readonly { readonly from: Q; readonly price: Q }[];
  readonly graduated: boolean;
  readonly inclusive: boolean;
}

function listPrice(f: Facts, c: Row<'contracts'>, sku: string, on: Day): ListPrice {
  const rows = f.book.prices
    .filter((p) => p.priceList === (c.priceList ?? 'default') && p.sku === sku)
    .filter((p) => p.currency === f.currency(c))
    .filter((p) => p.validFrom === null || dayOf(p.validFrom) <= on)
    .filter((p) => p.validTo === null || on <= dayOf(p.validTo));
  if (rows.length === 0) throw new Aside('missing-price');
  const newest = rows.filter(
    (p) =>
      !rows.some(
        (q) =>
          (q.minQuantity ?? '0') === (p.minQuantity ?? '0') &&
          (q.validFrom ?? '') > (p.validFrom ?? ''),
      ),
  );
  return {
    tiers: newest
      .map((p) => ({ from: Q.of(p.minQuantity ?? '0'), price: Q.of(p.unitPrice) }))
      .sort((a, b) => (a.from.less(b.from) ? -1 : 1)),
    graduated: newest.some((p) => p.tier === 'graduated'),
    inclusive: newest.some((p) => p.tax === 'inclusive'),
  };
}

/** Volume: all units at the reached price. Graduated: each whole unit, and the begun last one, at its own. */
function priced(list: ListPrice, quantity: Q): Q {
  const lowest = list.tiers[0];
  if (quantity.zero) return Q.of(0);
  if (lowest === undefined || (Q.of(1).less(lowest.from) && quantity.less(lowest.from)))
    throw new Aside('missing-price');
  const reached = (unit: Q) => {
    let price = lowest.price;
    for (const tier of list.tiers) if (!unit.less(tier.from)) price = tier.price;
    return price;
  };
  if (!list.graduated) return quantity.times(reached(quantity));
  let sum = Q.of(0);
  for (let unit = 1; Q.of(unit - 1).less(quantity); unit += 1) {
    const begun = quantity.minus(Q.of(unit - 1));
    sum = sum.plus((begun.less(Q.of(1)) ? begun : Q.of(1)).times(reached(Q.of(unit))));
  }
  return sum;
}

const agreed = (price: Q): ListPrice => ({
  tiers: [{ from: Q.of(0), price }],
  graduated: false,
  inclusive: false,
});

interface Dated {
  readonly percent: Q;
  readonly amount: Q;
  readonly from: Day;
  /** The first day without it. */
  readonly to: Day;
}
const dated = (
  percent: string | null,
  amount: string | null,
  from: string | null,
  to: string | null,
): Dated => ({
  percent: Q.of(percent ?? '0'),
  amount: Q.of(amount ?? '0'),
  from: from === null ? Number.NEGATIVE_INFINITY : dayOf(from),
  to: to === null ? Number.POSITIVE_INFINITY : dayOf(to) + 1,
});
const contractDiscount = (c: Row<'contracts'>): Dated | null =>
  c.discountPercent === null ? null : dated(c.discountPercent, null, c.discountFrom, c.discountTo);
function promotionOf(f: Facts, s: Row<'subcontracts'>): Dated | null {
  const p = f.book.promotions.find((row) => row.promotion === s.promotion);
  if (p === undefined || (p.skus !== null && p.skus.length > 0 && !p.skus.includes(s.sku)))
    return null;
  return dated(p.percent, p.amount, p.validFrom, p.validTo);
}
const holds = (d: Dated | null, on: Day): boolean => d !== null && d.from <= on && on < d.to;
const percentOn = (d: Dated | null, on: Day): Q =>
  d !== null && holds(d, on) ? d.percent : Q.of(0);

// ------------------------------------------------------------------ what should be billed

interface Part {
  readonly minor: number;
  readonly inclusive: boolean;
  readonly sku: string;
}
interface Ask {
  readonly f: Facts;
  readonly c: Row<'contracts'>;
  readonly s: Row<'subcontracts'>;
  readonly p: Period;
  readonly known: Known;
}

/** Days of one unbroken run on the same terms. */
interface Segment {
  readonly terms: Terms;
  readonly days: Day[];
}

function recurring({ f, c, s, p, known }: Ask): Part[] {
  const story = storyOf(f, s, known);
  const stays = story.stays.filter((stay) => stay.contract === c.contract);
  return stays.flatMap((stay) => recurringOfStay({ f, c, s, p, known }, story, stay));
}

function recurringOfStay(ask: Ask, story: Story, stay: Story['stays'][number]): Part[] {
  const { f, c, s, p } = ask;
  const first = Math.max(stay.from, p.start);
  const until = Math.min(stay.to, p.cycle[1]);
  if (first >= until) return [];
  const segments = segmentsOf(ask, story, stay, first, until);
  const policy = c.proration ?? f.policy(c, 'proration', p.start) ?? 'daily';
  const promotion = promotionOf(f, s);
  let off = promotion?.amount ?? Q.of(0);
  const parts: Part[] = [];
  for (const [at, segment] of segments.entries()) {
    const share = shareOf(policy, c, p, segments, at);
    const on = segment.days[0] ?? 0;
    if (share.zero) continue;
    const price =
      segment.terms.price === null ? listPrice(f, c, s.sku, p.start) : agreed(segment.terms.price);
    let exact = priced(price, segment.terms.quantity)
      .times(Q.of(monthsOf(c)).over(Q.of(12)))
      .times(share)
      .times(segment.terms.discount.off)
      .times(percentOn(contractDiscount(c), on).off)
      .times(percentOn(promotion, on).off);
    if (holds(promotion, on)) {
      const granted = off.less(exact) ? off : exact;
      exact = exact.minus(granted);
      off = off.minus(granted);
    }
    parts.push({
      minor: minor(exact, f.currency(c)),
      inclusive: price.inclusive,
      sku: s.sku,
    });
  }
  return parts.filter((part) => part.minor !== 0);
}

function segmentsOf(
  { f, c, s, p }: Ask,
  story: Story,
  stay: Story['stays'][number],
  first: Day,
  until: Day,
): Segment[] {
  const waits =
    (c.reductions ?? f.policy(c, 'reductions', p.start) ?? 'prorated') === 'next-period';
  const steps = story.steps.filter((step) => step.contract === stay.contract);
  const yearly = (t: Terms): Q => {
    if (!t.active || t.quantity.zero) return Q.of(0);
    const price = t.price === null ? listPrice(f, c, s.sku, p.start) : agreed(t.price);
    return priced(price, t.quantity).times(t.discount.off);
  };
  const boundaries = [contractDiscount(c), promotionOf(f, s)].flatMap((d) =>
    d === null ? [] : [d.from, d.to],
  );
  let standing = steps.filter((step) => step.on <= first).at(-1)?.terms;
  if (standing === undefined) throw new Error('a stay begins with a step');
  const segments: Segment[] = [];
  let open: Segment | null = null;
  for (let day = first; day < until; day += 1) {
    const today = day === first ? [] : steps.filter((step) => step.on === day);
    const before: Terms = standing;
    for (const step of today)
      if (!waits || step.correction || !yearly(step.terms).less(yearly(standing)))
        standing = step.terms;
    const changed = waits ? !same(before, standing) : today.length > 0;
    if (changed || boundaries.includes(day)) open = null;
    if (!changed) standing = before;
    if (!standing.active || standing.quantity.zero) open = null;
    else if (open === null) {
      open = { terms: standing, days: [day] };
      segments.push(open);
    } else open.days.push(day);
  }
  return segments;
}

function same(a: Terms, b: Terms): boolean {
  const equal = (x: Q, y: Q) => !x.less(y) && !y.less(x);
  const prices =
    a.price === null || b.price === null ? a.price === b.price : equal(a.price, b.price);
  return (
    a.active === b.active &&
    prices &&
    equal(a.quantity, b.quantity) &&
    equal(a.discount, b.discount)
  );
}

function shareOf(
  policy: string,
  c: Row<'contracts'>,
  p: Period,
  segments: readonly Segment[],
  at: number,
): Q {
  const days = segments[at]?.days ?? [];
  const [from, to] = p.cycle;
  if (policy === 'daily') return Q.of(days.length).over(Q.of(to - from));
  if (policy === 'none') return Q.of(at === 0 ? 1 : 0);
  if (policy === 'thirty360') {
    const serial = (day: Day) => {
      const [y = 0, m = 0, d = 0] = textOf(day).split('-').map(Number);
      return y * 360 + m * 30 + Math.min(d, 30);
    };
    const length = serial((days.at(-1) ?? 0) + 1) - serial(days[0] ?? 0);
    return Q.of(length).over(Q.of(serial(to) - serial(from)));
  }
  let months = 0;
  const n = monthsOf(c);
  for (let month = 0; month < n; month += 1) {
    const anchor = dayOf(c.anchor ?? c.start);
    const begin = monthsAfter(anchor, p.k * n + month);
    const end = monthsAfter(anchor, p.k * n + month + 1);
    let owner = -1;
    for (let day = begin; day < end && owner < 0; day += 1)
      owner = segments.findIndex((segment) => segment.days.includes(day));
    if (owner === at) months += 1;
  }
  return Q.of(months).over(Q.of(n));
}

/** Once, without proration, when R has reached the start; corrections and changes of quantity count from their day. */
function oneOff({ f, c, s, p, known }: Ask): Part[] {
  const story = storyOf(f, s, known);
  const stay = story.stays[0];
  if (stay === undefined || stay.contract !== c.contract || stay.from > known.on) return [];
  const steps = story.steps.filter((step) => step.contract === c.contract && step.on < stay.to);
  const atStart = steps.filter((step) => step.on <= stay.from).at(-1);
  const now = steps.filter((step) => step.on <= known.on).at(-1);
  if (atStart === undefined || now === undefined) return [];
  if (!now.terms.active && (now.correction || now === atStart)) return [];
  const { price: own, discount } = atStart.terms;
  const price = own === null ? listPrice(f, c, s.sku, p.start) : agreed(own);
  const promotion = promotionOf(f, s);
  let exact = priced(price, now.terms.quantity)
    .times(discount.off)
    .times(percentOn(contractDiscount(c), stay.from).off)
    .times(percentOn(promotion, stay.from).off);
  if (promotion !== null && holds(promotion, stay.from))
    exact = exact.minus(promotion.amount.less(exact) ? promotion.amount : exact);
  const part = { minor: minor(exact, f.currency(c)), inclusive: price.inclusive, sku: s.sku };
  return part.minor === 0 ? [] : [part];
}

/** The civil day of an instant in the entity's time zone, as Intl tells it. */
export function civilDay(at: string, zone: string): Day {
  if (at.length === 10) return dayOf(at);
  const shown = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(at));
  return dayOf(shown);
}

/** Event by event: what each adds to the excess is charged at the terms of its day, and rounded per unbroken terms. */
function usage({ f, c, s, p, known }: Ask): Part[] {
  const story = storyOf(f, s, known);
  const covers = (stay: Story['stays'][number]) =>
    stay.contract === c.contract && stay.from < p.cycle[1] && stay.to > p.cycle[0];
  if (!story.stays.some(covers)) return [];
  const zone = f.entity()?.timeZone ?? 'UTC';
  const events = f.book.usage
    .filter((e) => e.subcontract === s.subcontract)
    .map((e) => ({ e, on: civilDay(e.at, zone) }))
    .filter(({ on }) => on <= known.on && (known.before === null || on < known.before))
    .filter(({ on }) => on >= p.start && on < p.cycle[1] && ownerOn(s, story, on) === c.contract)
    .sort((a, b) => a.on - b.on);
  const metrics = [...new Set(events.map(({ e }) => e.metric))].sort();
  return metrics.flatMap((metric) =>
    usageOfMetric(
      { f, c, s, p, known },
      story,
      metric,
      events.filter(({ e }) => e.metric === metric),
    ),
  );
}

function usageOfMetric(
  { f, c, s, p }: Ask,
  story: Story,
  metric: string,
  events: readonly { readonly e: Row<'usage'>; readonly on: Day }[],
): Part[] {
  const own = metric === s.sku;
  const stayed = (on: Day) =>
    story.stays.some((stay) => stay.contract === c.contract && on < stay.to);
  const steps = own
    ? story.steps.filter((step) => step.contract === c.contract && stayed(step.on))
    : [];
  const promotion = own ? promotionOf(f, s) : null;
  const discount = contractDiscount(c);
  const included = Q.of(s.includedQuantity ?? '0');
  const termsOn = (day: Day) => {
    const terms = steps.filter((step) => step.on <= Math.max(day, steps[0]?.on ?? 0)).at(-1)?.terms;
    return { price: terms?.price ?? null, line: terms?.discount ?? Q.of(0) };
  };
  const excess = (q: Q) => (included.less(q) ? q.minus(included) : Q.of(0));
  let metered = Q.of(0);
  let left = promotion?.amount ?? Q.of(0);
  const parts: Part[] = [];
  for (let day = p.start; day < p.cycle[1]; ) {
    const { price, line } = termsOn(day);
    const steady = (other: Day) =>
      Number(holds(discount, other)) === Number(holds(discount, day)) &&
      Number(holds(promotion, other)) === Number(holds(promotion, day)) &&
      same(
        {
          quantity: Q.of(0),
          active: true,
          price: termsOn(other).price,
          discount: termsOn(other).line,
        },
        { quantity: Q.of(0), active: true, price, discount: line },
      );
    let next = day + 1;
    while (next < p.cycle[1] && steady(next)) next += 1;
    const here = events.filter(({ on }) => on >= day && on < next);
    const list = price === null && here.length > 0 ? listPrice(f, c, metric, p.start) : null;
    const before = excess(metered);
    for (const { e } of here) metered = metered.plus(Q.of(e.quantity));
    if (here.length > 0) {
      const at = list ?? agreed(price ?? Q.of(0));
      let exact = priced(at, excess(metered))
        .minus(priced(at, before))
        .times(line.off)
        .times(percentOn(discount, day).off)
        .times(percentOn(promotion, day).off);
      if (holds(promotion, day)) {
        const granted = left.less(exact) ? left : exact;
        exact = exact.minus(granted);
        left = left.minus(granted);
      }
      parts.push({ minor: minor(exact, f.currency(c)), inclusive: at.inclusive, sku: metric });
    }
    day = next;
  }
  return parts.filter((part) => part.minor !== 0);
}

// ------------------------------------------------------------------ the subtraction

interface Pair {
  readonly s: Row<'subcontracts'>;
  readonly p: Period;
  readonly component: 'advance' | 'usage';
  readonly parts: readonly Part[];
  readonly billed: readonly Row<'invoice_lines'>[];
  readonly elsewhere: number;
  readonly difference: number;
  readonly inclusive: boolean;
}

const ONE_OFF = ['license', 'goods', 'fee'];
const RECURRING = ['maintenance', 'subscription'];

/** Lines of documents that count, issued by the day, of this subcontract on this contract. */
function issuedLines(f: Facts, c: Row<'contracts'>, s: Row<'subcontracts'>, story: Story, on: Day) {
  return f.book.invoice_lines.flatMap((line) => {
    if (line.subcontract !== s.subcontract) return [];
    const invoice = f.book.invoices.find((row) => row.invoice === line.invoice);
    if (invoice === undefined || ['draft', 'void'].includes(invoice.status)) return [];
    if (dayOf(invoice.issued) > on) return [];
    const counted = dayOf(line.periodStart ?? invoice.issued);
    const owners = [s.contract, ...story.stays.map((stay) => stay.contract)];
    const begun = [...new Set(owners)].filter((owner) =>
      periodsUntil(f.contract(owner), counted).some((p) => p.start === counted),
    );
    const guessed = begun.length === 1 ? begun[0] : ownerOn(s, story, counted);
    const named = invoice.contract !== null && owners.includes(invoice.contract);
    if ((named ? invoice.contract : guessed) !== c.contract) return [];
    const sku = line.sku ?? s.sku;
    const isUsage = f.product(sku).kind === 'usage';
    return [{ line, counted, issued: dayOf(invoice.issued), isUsage }];
  });
}

function outsideBooks(f: Facts, c: Row<'contracts'>, p: Period): boolean {
  const from = f.billFrom(c);
  const term = Math.max(endOf(f, c, null), endOf(f, c, from));
  const end = p.start < term ? Math.min(p.cycle[1], term) : p.cycle[1];
  return end <= from;
}

function pairOf(ask: Ask, component: Pair['component'], only: boolean): Pair {
  const { f, c, s, p, known } = ask;
  const kind = f.product(s.sku).kind;
  const story = storyOf(f, s, known);
  const expected = (k: Known): Part[] => {
    const asked = { ...ask, known: k };
    if (component === 'usage') return usage(asked);
    if (ONE_OFF.includes(kind)) return oneOff(asked);
    return RECURRING.includes(kind) ? recurring(asked) : [];
  };
  const parts = expected(known);
  const from = f.billFrom(c);
  const straddles = p.start < from && from < p.cycle[1];
  const elsewhere = straddles ? sum(expected({ on: known.on, before: from })) : 0;
  const inclusive = parts.some((part) => part.inclusive);
  const billed = issuedLines(f, c, s, story, known.on)
    .filter((item) => item.isUsage === (component === 'usage'))
    .filter((item) => only || (item.counted >= p.start && item.counted < p.cycle[1]))
    .filter((item) => !straddles || item.issued >= from)
    .map((item) => item.line);
  const paid = billed.reduce((total, line) => {
    const tax = inclusive ? Q.of(line.tax ?? '0') : Q.of(0);
    return total + minor(Q.of(line.net).plus(tax), f.currency(c));
  }, 0);
  const difference = sum(parts) - elsewhere - paid;
  return { s, p, component, parts, billed, elsewhere, difference, inclusive };
}

const sum = (parts: readonly Part[]): number => parts.reduce((all, part) => all + part.minor, 0);

function horizonOf(f: Facts, c: Row<'contracts'>, r: Day): Day {
  const policy = f.policy(c, 'lead_months', r);
  const lead = c.leadMonths ?? (policy === null ? null : Number(policy));
  return endOfMonthAfter(r, lead ?? (monthsOf(c) >= 12 ? 2 : 1));
}

/** Every pair of a contract that a run of day r looks at. */
function pairsOf(f: Facts, c: Row<'contracts'>, r: Day): Pair[] {
  const known = { on: r, before: null };
  const horizon = horizonOf(f, c, r);
  const mine = f.book.subcontracts
    .filter(
      (s) =>
        s.contract === c.contract ||
        f.book.amendments.some(
          (a) => a.kind === 'move' && a.value === c.contract && a.subcontract === s.subcontract,
        ),
    )
    .sort((a, b) => (a.subcontract < b.subcontract ? -1 : 1));
  return mine.flatMap((s) => {
    const kind = f.product(s.sku).kind;
    const asks = periodsUntil(c, Math.max(horizon, r))
      .filter((p) => !outsideBooks(f, c, p))
      .map((p) => ({ f, c, s, p, known }));
    const advance = ONE_OFF.includes(kind)
      ? oneOffPair(f, c, s, known)
      : asks.filter(({ p }) => p.start <= horizon).map((ask) => pairOf(ask, 'advance', false));
    const metered = asks.filter(({ p }) => p.start <= r).map((ask) => pairOf(ask, 'usage', false));
    return [...advance, ...metered];
  });
}

/** A one-off has one pair, of the period that holds its start; all its lines count. */
function oneOffPair(f: Facts, c: Row<'contracts'>, s: Row<'subcontracts'>, known: Known): Pair[] {
  const stay = storyOf(f, s, known).stays[0];
  if (stay === undefined || stay.contract !== c.contract) return [];
  const p = periodsUntil(c, stay.from).find((q) => q.start <= stay.from && stay.from < q.cycle[1]);
  if (p === undefined || outsideBooks(f, c, p)) return [];
  return [pairOf({ f, c, s, p, known }, 'advance', true)];
}

// ------------------------------------------------------------------ tax

interface Tax {
  readonly category: string;
  readonly rate: Q;
}

function taxOf(f: Facts, payer: Row<'accounts'>, sku: string | null, on: Day): Tax {
  const product = sku === null ? null : f.product(sku);
  const expired = payer.exemptionExpires !== null && dayOf(payer.exemptionExpires) < on;
  const certified = payer.taxCategory ?? (payer.exemptionCertificate === null ? null : 'E');
  const accounts = certified === 'E' && expired ? null : certified;
  const category = accounts ?? product?.taxCategory ?? 'S';
  if (f.book.taxes.length === 0) return { category, rate: Q.of(0) };
  const country = payer.deliveryCountry ?? payer.country;
  const region = payer.deliveryRegion ?? payer.region;
  const registered = f.entity()?.taxRegions ?? [];
  if (country === 'US' && registered.length > 0 && !registered.includes(region ?? ''))
    return { category, rate: Q.of(0) };
  const rows = f.book.taxes
    .filter((t) => t.country === country && t.category === category)
    .filter((t) => t.region === null || t.region === region)
    .filter((t) => t.taxClass === null || t.taxClass === product?.taxClass)
    .filter((t) => t.validFrom === null || dayOf(t.validFrom) <= on)
    .filter((t) => t.validTo === null || on <= dayOf(t.validTo))
    .sort(
      (a, b) => specific(b) - specific(a) || ((a.validFrom ?? '') > (b.validFrom ?? '') ? -1 : 1),
    );
  const best = rows[0];
  if (best === undefined) throw new Aside('tax-rate-missing');
  return { category, rate: Q.of(best.rate) };
}

const specific = (t: Row<'taxes'>) => (t.region === null ? 0 : 2) + (t.taxClass === null ? 0 : 1);
const shownRate = (rate: Q): string => String(Number(rate.n) / Number(rate.d));

// ------------------------------------------------------------------ the run

interface Draft extends RefLine {
  readonly gross: number | null;
  readonly exactRate: Q;
}
interface Group {
  readonly c: Row<'contracts'>;
  readonly subject: string;
  readonly payer: Row<'accounts'>;
  readonly currency: string;
  minimum: number;
  readonly lines: Draft[];
}

/** What a run of day R issues, holds and sets aside. */
export function referenceRun(book: Book, run: string): RefRun {
  const f = new Facts(book);
  const r = dayOf(run);
  const groups = new Map<string, Group>();
  const held: string[] = [];
  const setAside: string[] = [];
  const contracts = [...book.contracts].sort((a, b) => (a.contract < b.contract ? -1 : 1));
  for (const c of contracts) {
    if (c.status === 'draft') continue;
    try {
      addContract(f, c, r, groups, held);
    } catch (error) {
      if (!(error instanceof Aside)) throw error;
      setAside.push(`${c.contract} ${error.code}`);
    }
  }
  const documents: RefDocument[] = [];
  const carried: string[] = [];
  for (const group of groups.values()) {
    const document = documentOf(group, r);
    const forward = f.policy(group.c, 'negative', r) === 'carry-forward';
    const waits = document.net < 0 ? forward : document.net === 0 || document.net < group.minimum;
    if (waits) carried.push(`${group.subject} ${document.net}`);
    else documents.push(document);
  }
  return { documents, held, setAside, carried };
}

function addContract(
  f: Facts,
  c: Row<'contracts'>,
  r: Day,
  groups: Map<string, Group>,
  held: string[],
): void {
  assertAssigned(f, c, r);
  const pairs = pairsOf(f, c, r).filter((pair) => pair.difference !== 0);
  const oldest = monthsAfter(r, -Number(f.policy(c, 'old_find_months', r) ?? '12'));
  for (const pair of pairs)
    if (pair.p.start < oldest)
      held.push([c.contract, pair.s.subcontract, textOf(pair.p.start), pair.difference].join(' '));
  const lines = pairs
    .filter((pair) => pair.p.start >= oldest)
    .flatMap((pair) => linesOf(f, c, pair, r));
  if (lines.length === 0) return;
  const payer = f.payer(c);
  if (payer.status === 'closed' || f.account(c.account).status === 'closed')
    throw new Aside('account-closed');
  const grouping = c.grouping ?? f.policy(c, 'grouping', r) ?? 'contract';
  let subject = c.contract;
  if (grouping === 'account') subject = payer.account;
  if (grouping === 'po' && c.poNumber !== null) subject = `${payer.account}-${c.poNumber}`;
  const currency = f.currency(c);
  const key = `${payer.account} ${subject} ${currency}`;
  const group = groups.get(key) ?? { c, subject, payer, currency, minimum: 0, lines: [] };
  groups.set(key, group);
  group.minimum = Math.max(
    group.minimum,
    c.minimum === null ? 0 : minor(Q.of(c.minimum), currency),
  );
  group.lines.push(...lines);
}

/** A history line of a recurring product with a contract but no subcontract waits for a person. */
function assertAssigned(f: Facts, c: Row<'contracts'>, r: Day): void {
  for (const line of f.book.invoice_lines) {
    const invoice = f.book.invoices.find((row) => row.invoice === line.invoice);
    if (invoice === undefined || ['draft', 'void'].includes(invoice.status)) continue;
    if (invoice.contract !== c.contract || line.subcontract !== null || line.sku === null) continue;
    if (!RECURRING.includes(f.product(line.sku).kind) || dayOf(invoice.issued) > r) continue;
    const counted = dayOf(line.periodStart ?? invoice.issued);
    const p = periodsUntil(c, counted).find((q) => q.start <= counted && counted < q.cycle[1]);
    if (p !== undefined && p.cycle[1] > f.billFrom(c)) throw new Aside('history-unassigned');
  }
}

function linesOf(f: Facts, c: Row<'contracts'>, pair: Pair, r: Day): Draft[] {
  const untouched = pair.billed.length === 0 && pair.elsewhere === 0;
  const term = [endOf(f, c, null), dayOf(c.end) + 1].find((end) => end > pair.p.start);
  const lastDay = Math.min(pair.p.cycle[1], term ?? pair.p.cycle[1]) - 1;
  const point = f.policy(c, 'tax_point', r) ?? 'issue';
  const on = point === 'start' ? pair.p.start : point === 'end' ? lastDay : r;
  const common = {
    contract: c.contract,
    subcontract: pair.s.subcontract,
    periodStart: textOf(pair.p.start),
    periodEnd: textOf(lastDay),
    dueMonth: firstDue(f, c, pair, r),
  };
  const draft = (kind: string, amount: number, inclusive: boolean, tax: Tax): Draft => ({
    ...common,
    kind,
    category: tax.category,
    rate: shownRate(tax.rate),
    exactRate: tax.rate,
    gross: inclusive ? amount : null,
    net: inclusive
      ? Q.of(amount)
          .over(Q.of(1).plus(tax.rate.over(Q.of(100))))
          .round()
      : amount,
  });
  if (untouched) {
    const kind = f.product(pair.s.sku).kind;
    const named =
      pair.component === 'usage' ? 'usage' : ONE_OFF.includes(kind) ? 'one-off' : 'recurring';
    return pair.parts.map((part) =>
      draft(named, part.minor, part.inclusive, taxOf(f, f.payer(c), part.sku, on)),
    );
  }
  const repeated = creditedTax(f, pair);
  const tax = repeated ?? taxOf(f, f.payer(c), pair.parts[0]?.sku ?? pair.s.sku, on);
  return [draft('adjustment', pair.difference, pair.inclusive, tax)];
}

/** A credit repeats the treatment of the latest line that billed the pair. */
function creditedTax(f: Facts, pair: Pair): Tax | null {
  if (pair.difference > 0) return null;
  const issued = (line: Row<'invoice_lines'>) =>
    f.book.invoices.find((row) => row.invoice === line.invoice)?.issued ?? '';
  const billed = pair.billed
    .filter((line) => !line.net.startsWith('-') && Number(line.net) !== 0)
    .sort((a, b) => {
      const [x, y] = [`${issued(a)} ${a.invoice} ${a.line}`, `${issued(b)} ${b.invoice} ${b.line}`];
      return x < y ? -1 : 1;
    });
  const last = billed.at(-1);
  if (last === undefined || last.taxRate === null) return null;
  return { category: last.taxCategory ?? 'S', rate: Q.of(last.taxRate) };
}

/** The month of the first of the unbroken earlier runs on whose day the pair was unbilled. */
function firstDue(f: Facts, c: Row<'contracts'>, pair: Pair, r: Day): string | null {
  let due: string | null = null;
  for (let back = 1; back <= 60; back += 1) {
    const day = monthsAfter(r, -back);
    const latest = pair.component === 'usage' ? day : horizonOf(f, c, day);
    if (pair.p.start > latest) break;
    const single = ONE_OFF.includes(f.product(pair.s.sku).kind) && pair.component === 'advance';
    const known = { on: day, before: null };
    const then = attempted(() =>
      single
        ? oneOffPair(f, c, pair.s, known)[0]
        : pairOf({ f, c, s: pair.s, p: pair.p, known }, pair.component, false),
    );
    if (then === undefined || then.difference === 0) break;
    due = textOf(day).slice(0, 7);
  }
  return due;
}

/** A run that would have set the contract aside would not have billed it. */
function attempted<T>(compute: () => T | undefined): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof Aside) return undefined;
    throw error;
  }
}

function documentOf({ subject, payer, currency, lines, c }: Group, r: Day): RefDocument {
  const kinds = [...new Set(lines.map((line) => `${line.category} ${line.rate}`))];
  const tax = kinds
    .map((kind) => {
      const mine = lines.filter((line) => `${line.category} ${line.rate}` === kind);
      const rate = (mine[0]?.exactRate ?? Q.of(0)).over(Q.of(100));
      const base = mine
        .filter((line) => line.gross === null)
        .reduce((all, line) => all + line.net, 0);
      const inside = mine.reduce((all, line) => all + ((line.gross ?? line.net) - line.net), 0);
      return Q.of(base).times(rate).round() + inside;
    })
    .reduce((all, part) => all + part, 0);
  const net = lines.reduce((all, line) => all + line.net, 0);
  const days = /net (\d+)/.exec(c.paymentTerms ?? payer.paymentTerms ?? 'net 30')?.[1] ?? '30';
  const shown = lines.map(({ gross: _gross, exactRate: _rate, ...line }) => line);
  return {
    subject,
    account: payer.account,
    currency,
    due: textOf(r + Number(days)),
    lines: shown,
    net,
    tax,
  };
}
