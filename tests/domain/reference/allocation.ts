/**
 * Which invoices a payment pays, worked out a second time in the words of docs/rules/billing-rules.md §7: every subset is tried,
 * money is put down part by part, and no code of domain/ is shared. Texts are read plainly: a number is its characters with any
 * spaces and dashes between them, standing alone. The two must agree on every case.
 */
export interface Line {
  readonly line: string;
  readonly subcontract: string;
  readonly open: number;
}
export interface Open {
  readonly invoice: string;
  readonly account: string;
  readonly contract: string | null;
  readonly currency: string;
  readonly due: string;
  readonly balance: number;
  readonly costs: number;
  readonly interest: number;
  readonly discount?: { readonly percent: string; readonly until: string };
  readonly lines: readonly Line[];
}
export interface Named {
  readonly invoice: string;
  readonly line?: string;
  readonly subcontract?: string;
  readonly amount: number;
}
export interface Case {
  readonly payment: {
    readonly amount: number;
    readonly currency: string;
    readonly received: string;
    readonly account: string | null;
    readonly reference: string;
    readonly lines?: readonly Named[];
  };
  readonly policy: {
    readonly oldestFirst: boolean;
    readonly lineOrder: 'in-order' | 'pro-rata';
    readonly tolerance: number;
    readonly clearing: 'principal-first' | 'costs-interest-principal';
  };
  readonly openInvoices: readonly Open[];
}

type Amounts = Readonly<Record<string, number>>;
export interface Answer {
  readonly rule: string | null;
  /** By `invoice/line/subcontract`. */
  readonly allocations: Amounts;
  readonly discountTaken: Amounts;
  readonly writtenOff: Amounts;
  readonly unapplied: number;
}

/** A person decides. */
class ForAPerson extends Error {}
const aside = (why: string): never => {
  throw new ForAPerson(why);
};

const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);
const balances = (invoices: readonly Open[]) => sum(invoices.map(({ balance }) => balance));

export function referenceAllocation(given: Case): Answer {
  try {
    return matched(given);
  } catch (error) {
    if (!(error instanceof ForAPerson)) throw error;
    const { amount } = given.payment;
    return { rule: null, allocations: {}, discountTaken: {}, writtenOff: {}, unapplied: amount };
  }
}

function matched(given: Case): Answer {
  const { payment, policy, openInvoices } = given;
  const { amount, currency, account } = payment;
  if (payment.lines !== undefined && payment.lines.length > 0) return explicit(given);
  const own = openInvoices.filter(
    (one) =>
      one.balance > 0 && one.currency === currency && (account === null || one.account === account),
  );
  const named = namedIn(payment.reference, openInvoices);
  if (named.length > 0) return byReference(given, named, own);
  const fitting = own.filter((one) => {
    const off = discount(one, payment.received);
    return one.balance === amount || (off > 0 && one.balance - off === amount);
  });
  const [fit] = fitting;
  if (fitting.length > 1) aside('two balances fit');
  if (fit !== undefined) return settled(given, 'exact', fitting, fit.balance !== amount);
  if (account === null) aside('nobody knows the payer');
  const sets = subsets(own).filter((set) => set.length > 1 && balances(set) === amount);
  if (sets.length > 1) aside('two sums fit');
  if (sets[0] !== undefined) return settled(given, 'subset', sets[0], false);
  if (!policy.oldestFirst || own.length === 0) aside('nothing fits');
  return settled(given, 'oldest-first', own, false);
}

function subsets<T>(items: readonly T[]): T[][] {
  const sets: T[][] = [[]];
  for (const item of items) sets.push(...sets.map((set) => [...set, item]));
  return sets;
}

// ------------------------------------------------------------------ reference

const GAP = '[\\s\\-\u2010-\u2015]*';

const plain = (char: string) => char.replace(/[./]/, '\\$&');

/** A number with any spaces and dashes between its characters, O and 0 the same. */
const spelled = (number: string) =>
  [...number.replace(/[\s-]/g, '')]
    .map((char) => (/[O0]/i.test(char) ? '[O0]' : plain(char)))
    .join(GAP);

/** Any number of the same letters and count of digits, written with the same gaps or fewer. */
const alike = (number: string) =>
  number
    .replace(/([A-Z])(?=\d)/gi, '$1-')
    .split(/[\s-]+/)
    .map((part) => [...part].map((char) => (/\d/.test(char) ? '[O\\d]' : plain(char))).join(''))
    .join(GAP);

/** Where a pattern stands alone in a text. */
function places(text: string, source: string): { from: number; to: number }[] {
  const whole = new RegExp(`(?<![A-Z\\d])${source}(?![A-Z\\d])`, 'gi');
  return [...text.matchAll(whole)].map((m) => ({ from: m.index, to: m.index + m[0].length }));
}

/** The invoices that a text names by their numbers or their contracts'; the longest number wins at a place. */
function namedIn(text: string, openInvoices: readonly Open[]): Open[] {
  const numbers = openInvoices.flatMap(({ invoice, contract }) =>
    contract === null ? [invoice] : [invoice, contract],
  );
  const found = [...new Set(numbers)].flatMap((number) =>
    places(text, spelled(number)).map((place) => ({ ...place, number })),
  );
  const longest = found.filter(
    (one) =>
      !found.some(
        (other) =>
          other.from <= one.from && other.to >= one.to && other.to - other.from > one.to - one.from,
      ),
  );
  const named = new Set(longest.map(({ number }) => number));
  const chosen = openInvoices.filter(
    ({ invoice, contract }) => named.has(invoice) || (contract !== null && named.has(contract)),
  );
  if (chosen.length === 0) return [];
  for (const { invoice } of openInvoices)
    for (const place of places(text, alike(invoice)))
      if (!longest.some((one) => one.from < place.to && place.from < one.to))
        aside('a number that looks like an open invoice’s is not known');
  return chosen;
}

function byReference(given: Case, named: readonly Open[], own: readonly Open[]): Answer {
  const { amount, account, currency, received } = given.payment;
  if (named.some((one) => account !== null && one.account !== account)) aside('another’s');
  if (named.some((one) => one.currency !== currency)) aside('another currency');
  const total = balances(named);
  if (total === 0) aside('nothing of it is open');
  const off = sum(named.map((one) => discount(one, received)));
  if (amount >= total) return settled(given, 'reference', named, false);
  if (off > 0 && amount === total - off) return settled(given, 'reference', named, true);
  const [oldest] = byDue(named.filter(({ balance }) => balance > 0));
  const same = own.filter(({ balance }) => balance === amount);
  // Of the named themselves it may be the one that the money goes to anyway.
  if (same.some((one) => !named.includes(one)) || (same.length > 0 && oldest?.balance !== amount))
    aside('just another balance');
  return settled(given, 'reference', named, false);
}

// ------------------------------------------------------------------ money

const byDue = (invoices: readonly Open[]) =>
  [...invoices].sort((a, b) => (`${a.due} ${a.invoice}` < `${b.due} ${b.invoice}` ? -1 : 1));

/** d % of the open lines, in millionths, rounded half away from zero. */
function discount({ discount: agreed, lines }: Open, received: string): number {
  if (agreed === undefined || received > agreed.until) return 0;
  const [whole = '', decimals = ''] = agreed.percent.split('.');
  const twice =
    2n * BigInt(whole + decimals.padEnd(6, '0')) * BigInt(sum(lines.map((l) => l.open)));
  return Number((twice + 100_000_000n) / 200_000_000n);
}

function largestRemainder(amount: number, weights: readonly number[]): number[] {
  const all = sum(weights);
  if (all === 0) return weights.map(() => 0);
  const parts = weights.map((weight) => Math.floor((amount * weight) / all));
  const rest = weights.map((weight, at) => ({ at, left: (amount * weight) % all }));
  rest.sort((a, b) => b.left - a.left || a.at - b.at);
  for (const { at } of rest.slice(0, amount - sum(parts))) parts[at] = (parts[at] ?? 0) + 1;
  return parts;
}

/** What is open and what was put down, part by part: the lines of an invoice, then its costs and interest. */
interface Part {
  readonly invoice: Open;
  readonly name: string;
  readonly subcontract: string;
  readonly kind: 'principal' | 'costs' | 'interest';
  open: number;
  paid: number;
}

function partsOf(invoices: readonly Open[], discounted: (one: Open) => readonly number[]): Part[] {
  return invoices.flatMap((invoice) => {
    const off = discounted(invoice);
    const none = { invoice, subcontract: '', paid: 0 };
    return [
      ...invoice.lines.map(({ line, subcontract, open }, at): Part => {
        const left = open - (off[at] ?? 0);
        return { invoice, name: line, subcontract, kind: 'principal', open: left, paid: 0 };
      }),
      { ...none, name: 'costs', kind: 'costs' as const, open: invoice.costs },
      { ...none, name: 'interest', kind: 'interest' as const, open: invoice.interest },
    ];
  });
}

/** Puts money on parts; answers what did not fit. */
function put(money: number, parts: readonly Part[], order: Case['policy']['lineOrder']): number {
  const left = parts.map(({ open, paid }) => open - paid);
  const amount = Math.min(money, sum(left));
  const shares = order === 'pro-rata' ? largestRemainder(amount, left) : null;
  let rest = amount;
  for (const [at, part] of parts.entries()) {
    const share = shares?.[at] ?? Math.min(rest, left[at] ?? 0);
    part.paid += share;
    rest -= share;
  }
  return money - amount;
}

function clear({ policy }: Case, money: number, parts: readonly Part[]): number {
  const kinds =
    policy.clearing === 'principal-first'
      ? (['principal', 'costs', 'interest'] as const)
      : (['costs', 'interest', 'principal'] as const);
  const invoices = [...new Set(parts.map(({ invoice }) => invoice))];
  let left = money;
  for (const kind of kinds)
    for (const invoice of invoices) {
      const own = parts.filter((part) => part.invoice === invoice && part.kind === kind);
      left = put(left, own, policy.lineOrder);
    }
  return left;
}

function settled(given: Case, rule: string, chosen: readonly Open[], taken: boolean): Answer {
  const { amount, received } = given.payment;
  const off = (one: Open) => (taken ? discount(one, received) : 0);
  const parts = partsOf(byDue(chosen), (one) =>
    largestRemainder(
      off(one),
      one.lines.map(({ open }) => open),
    ),
  );
  clear(given, amount, parts);
  return answered(given, rule, parts, off);
}

function answered(
  { payment, policy }: Case,
  rule: string,
  parts: readonly Part[],
  off: (one: Open) => number,
): Answer {
  const allocations: Record<string, number> = {};
  const discountTaken: Record<string, number> = {};
  const writtenOff: Record<string, number> = {};
  for (const { invoice, name, subcontract, paid } of parts)
    if (paid > 0) allocations[`${invoice.invoice}/${name}/${subcontract}`] = paid;
  for (const invoice of new Set(parts.map((part) => part.invoice))) {
    const paid = sum(parts.filter((part) => part.invoice === invoice).map((part) => part.paid));
    if (off(invoice) > 0) discountTaken[invoice.invoice] = off(invoice);
    const left = invoice.balance - paid - off(invoice);
    if (paid > 0 && left > 0 && left <= policy.tolerance) writtenOff[invoice.invoice] = left;
  }
  const unapplied = payment.amount - sum(Object.values(allocations));
  return { rule, allocations, discountTaken, writtenOff, unapplied };
}

// ------------------------------------------------------------------ explicit

function explicit(given: Case): Answer {
  const { payment, policy, openInvoices } = given;
  const lines = payment.lines ?? [];
  if (sum(lines.map(({ amount }) => amount)) > payment.amount) aside('more than the payment');
  const chosen = byDue(openInvoices.filter((one) => lines.some((l) => l.invoice === one.invoice)));
  if (lines.some((line) => !chosen.some(({ invoice }) => invoice === line.invoice)))
    aside('no such invoice');
  if (chosen.some(({ currency }) => currency !== payment.currency)) aside('another currency');
  const parts = partsOf(chosen, () => []);
  const width = ({ line, subcontract }: Named) =>
    line !== undefined ? 0 : subcontract !== undefined ? 1 : 2;
  for (const one of [...lines].sort((a, b) => width(a) - width(b))) {
    const meant = parts.filter(
      ({ invoice, name, subcontract, kind }) =>
        invoice.invoice === one.invoice &&
        (one.line === undefined ? width(one) === 2 || kind === 'principal' : name === one.line) &&
        (one.subcontract === undefined || subcontract === one.subcontract),
    );
    const left =
      width(one) === 2 ? clear(given, one.amount, meant) : put(one.amount, meant, policy.lineOrder);
    if (left > 0) aside('more than is open');
  }
  return answered(given, 'explicit', parts, () => 0);
}
