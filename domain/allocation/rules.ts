/**
 * The five matching rules of billing rules §7, each a function of the case: a match, a conflict for a person, or nothing
 * to say (null), in which case the next rule is asked.
 */
import {
  type Allocation,
  type AllocationCase,
  type AllocationRule,
  COSTS,
  type ExplicitAmount,
  INTEREST,
  type InvoiceAmount,
  isPayable,
  type OpenInvoice,
  oldestDueFirst,
} from './case.ts';
import { afterDiscount, clear, earnedDiscount, spreadOverLines } from './clearing.ts';
import { type Mentions, mentionsIn, numberKey } from './references.ts';
import { SUBSET_SEARCH_LIMIT, subsetsThatSum } from './subset.ts';

/** A way to understand a payment: the invoices it pays, where the money goes and which discounts it takes. */
export interface Reading {
  readonly invoices: readonly OpenInvoice[];
  readonly allocations: readonly Allocation[];
  readonly discountTaken: readonly InvoiceAmount[];
  readonly why: string;
}

export type Outcome =
  | { readonly kind: 'match'; readonly reading: Reading }
  | {
      readonly kind: 'conflict';
      readonly why: string;
      readonly proposals: readonly (readonly InvoiceAmount[])[];
    }
  | null;

/** How many readings a person is shown. */
const MOST_PROPOSALS = 5;

const plus = (amounts: readonly number[]) => amounts.join(' + ');
const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0);
const namesOf = (invoices: readonly OpenInvoice[]) =>
  invoices.map(({ invoice }) => invoice).join(', ');

function conflict(
  why: string,
  proposals: readonly (readonly InvoiceAmount[])[] = [],
): NonNullable<Outcome> {
  return { kind: 'conflict', why, proposals: proposals.filter((reading) => reading.length > 0) };
}

/** What a reading puts on each invoice. */
export function perInvoice({ invoices, allocations }: Reading): InvoiceAmount[] {
  return invoices
    .map(({ invoice }) => ({
      invoice,
      amount: sumOf(allocations.filter((one) => one.invoice === invoice).map((one) => one.amount)),
    }))
    .filter(({ amount }) => amount !== 0);
}

/** The selection paid in full, or as far as the amount goes, oldest due first. */
function paying(
  { payment, policy }: AllocationCase,
  invoices: readonly OpenInvoice[],
  why: string,
): Reading {
  const { allocations } = clear(payment.amount, invoices, policy);
  return { invoices, allocations, discountTaken: [], why };
}

/** The selection paid in full less the early-payment discounts that the payment's day earns. */
function payingDiscounted(
  { payment, policy }: AllocationCase,
  invoices: readonly OpenInvoice[],
  why: string,
): Reading {
  const discounts = invoices.map((invoice) => earnedDiscount(invoice, payment.received));
  const reduced = invoices.map((invoice, index) => afterDiscount(invoice, discounts[index] ?? 0));
  const { allocations } = clear(payment.amount, reduced, policy);
  const discountTaken = invoices
    .map(({ invoice }, index) => ({ invoice, amount: discounts[index] ?? 0 }))
    .filter(({ amount }) => amount > 0);
  return { invoices, allocations, discountTaken, why };
}

/** Where reference and exact look: the payer's open invoices, or everybody's where the payer is not known. */
function scopeOf({ payment, openInvoices }: AllocationCase): OpenInvoice[] {
  return oldestDueFirst(
    openInvoices.filter(
      (invoice) =>
        isPayable(invoice) &&
        invoice.currency === payment.currency &&
        (payment.account === null || invoice.account === payment.account),
    ),
  );
}

// explicit --------------------------------------------------------------------------------------------------------

/** From the narrowest to the widest, so that what names a line is not taken by what names its invoice. */
const width = ({ line, subcontract }: ExplicitAmount) =>
  given(line) ? 0 : given(subcontract) ? 1 : 2;
const given = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

/** An explicit amount with its invoice's number as the open invoice spells it, where just one is meant. */
function asSpelled(entry: ExplicitAmount, openInvoices: readonly OpenInvoice[]): ExplicitAmount {
  if (openInvoices.some(({ invoice }) => invoice === entry.invoice)) return entry;
  const key = numberKey(entry.invoice);
  const [only, ...others] = openInvoices.filter(({ invoice }) => numberKey(invoice) === key);
  if (only === undefined || others.length > 0 || key === '') return entry;
  return { ...entry, invoice: only.invoice };
}

/** An invoice after allocations to it. */
function remaining(invoice: OpenInvoice, paid: readonly Allocation[]): OpenInvoice {
  const on = (line: string) =>
    sumOf(
      paid
        .filter((one) => one.invoice === invoice.invoice && String(one.line) === line)
        .map(({ amount }) => amount),
    );
  const lines = invoice.lines.map((line) => ({
    ...line,
    open: line.open - on(String(line.line)),
  }));
  const [costs, interest] = [invoice.costs - on(COSTS), invoice.interest - on(INTEREST)];
  const balance = costs + interest + sumOf(lines.map(({ open }) => open));
  return { ...invoice, lines, costs, interest, balance };
}

/** The allocations of one explicit amount on what is left of its invoice, or why it cannot be. */
function explicitPart(
  { policy }: AllocationCase,
  left: OpenInvoice,
  entry: ExplicitAmount,
): Allocation[] | string {
  const { invoice } = left;
  if (entry.amount > left.balance)
    return `${entry.amount} is more than the ${left.balance} open on ${invoice}`;
  if (!given(entry.line) && !given(entry.subcontract))
    return clear(entry.amount, [left], policy).allocations;
  const name = given(entry.line) ? String(entry.line) : null;
  if (name === COSTS || name === INTEREST) {
    if (given(entry.subcontract)) return `${name} of ${invoice} belong to no subcontract`;
    if (entry.amount > left[name])
      return `${entry.amount} is more than the ${left[name]} of ${name} open on ${invoice}`;
    return [{ invoice, line: name, subcontract: null, amount: entry.amount }];
  }
  const named = left.lines.filter(
    (line) =>
      (name === null || String(line.line) === name) &&
      (!given(entry.subcontract) || line.subcontract === entry.subcontract),
  );
  const what = `${name === null ? '' : `line ${name} `}${
    given(entry.subcontract) ? `subcontract ${entry.subcontract} ` : ''
  }of ${invoice}`;
  if (named.length === 0) return `there is no ${what}`;
  const open = sumOf(named.map((line) => line.open));
  if (entry.amount > open) return `${entry.amount} is more than the ${open} open on ${what}`;
  const amounts = spreadOverLines(entry.amount, named, policy.lineOrder);
  return named.map((line, index) => ({
    invoice,
    line: line.line,
    subcontract: line.subcontract ?? null,
    amount: amounts[index] ?? 0,
  }));
}

/** Allocations to the same part of an invoice as one, in the order of the invoices and of their lines. */
function together(
  invoices: readonly OpenInvoice[],
  allocations: readonly Allocation[],
): Allocation[] {
  return invoices.flatMap((invoice) => {
    const parts = [...invoice.lines.map(({ line }) => String(line)), COSTS, INTEREST];
    return parts.flatMap((name) => {
      const same = allocations.filter(
        (one) => one.invoice === invoice.invoice && String(one.line) === name,
      );
      const amount = sumOf(same.map((one) => one.amount));
      return same[0] === undefined || amount === 0 ? [] : [{ ...same[0], amount }];
    });
  });
}

/** References with amounts, down to line or subcontract; what they leave of the payment is unapplied (§7.1). */
export function explicitRule(question: AllocationCase): Outcome {
  const { payment, openInvoices } = question;
  const entries = (payment.lines ?? []).map((entry) => asSpelled(entry, openInvoices));
  if (entries.length === 0) return null;
  const byNumber = new Map(openInvoices.map((invoice) => [invoice.invoice, invoice]));
  const invoices = oldestDueFirst(
    openInvoices.filter(({ invoice }) => entries.some((entry) => entry.invoice === invoice)),
  );
  const stated = invoices.map(({ invoice }) => ({
    invoice,
    amount: sumOf(entries.filter((one) => one.invoice === invoice).map((one) => one.amount)),
  }));
  const refuse = (why: string) => conflict(`the explicit amounts do not fit: ${why}`, [stated]);
  const total = sumOf(entries.map(({ amount }) => amount));
  if (total > payment.amount)
    return refuse(`they sum to ${total}, more than the payment of ${payment.amount}`);
  const allocations: Allocation[] = [];
  const ordered = [...entries].sort((a, b) => width(a) - width(b));
  for (const entry of ordered) {
    const invoice = byNumber.get(entry.invoice);
    if (invoice === undefined) return refuse(`${entry.invoice} is no open invoice`);
    if (invoice.currency !== payment.currency)
      return refuse(`${entry.invoice} is in ${invoice.currency}, the payment in another currency`);
    const part = explicitPart(question, remaining(invoice, allocations), entry);
    if (typeof part === 'string') return refuse(part);
    allocations.push(...part);
  }
  const why = `the payment names ${plus(entries.map(({ amount }) => amount))} = ${total} for ${namesOf(invoices)}`;
  return {
    kind: 'match',
    reading: { invoices, allocations: together(invoices, allocations), discountTaken: [], why },
  };
}

// reference -------------------------------------------------------------------------------------------------------

/**
 * What the text names: with an invoice of a contract beside the contract's own number, the contract may be meant whole or
 * only say where the invoice belongs, so there are two readings.
 */
function namedSelections({ openInvoices }: AllocationCase, mentions: Mentions): OpenInvoice[][] {
  const byNumber = openInvoices.filter(({ invoice }) => mentions.invoices.includes(invoice));
  const inContracts = (contracts: readonly string[]) =>
    openInvoices.filter(({ contract }) => given(contract) && contracts.includes(contract));
  const whole = (contracts: readonly string[]) =>
    oldestDueFirst([...new Set([...byNumber, ...inContracts(contracts)])]);
  const unspecified = mentions.contracts.filter(
    (contract) => !byNumber.some((invoice) => invoice.contract === contract),
  );
  const [narrow, wide] = [whole(unspecified), whole(mentions.contracts)];
  return narrow.length === wide.length ? [wide] : [narrow, wide];
}

/** Why named invoices are for a person at once, whatever the amount. */
function namedObstacle({ payment }: AllocationCase, named: readonly OpenInvoice[]): string | null {
  const foreign = named.find(({ currency }) => currency !== payment.currency);
  if (foreign !== undefined)
    return `${foreign.invoice} is in ${foreign.currency}, the payment in ${payment.currency}`;
  const strange = named.find(
    ({ account }) => payment.account !== null && account !== payment.account,
  );
  if (strange !== undefined)
    return `the text mentions ${strange.invoice} of account ${strange.account}, the payer is ${payment.account}`;
  const credit = named.find((invoice) => invoice.balance !== 0 && !isPayable(invoice));
  if (credit !== undefined) return `${credit.invoice} has a balance of ${credit.balance}`;
  return null;
}

type Fit = { reading: Reading; exact: boolean } | { conflict: Outcome };

/** How the amount fits a named selection: equal, equal less earned discounts, more, or less. */
function fitOf(question: AllocationCase, named: readonly OpenInvoice[]): Fit {
  const { amount, received } = question.payment;
  const balances = named.map(({ balance }) => balance);
  const sum = sumOf(balances);
  const names = `the text names ${namesOf(named)}: ${plus(balances)} = ${sum}`;
  if (sum === 0) return { conflict: conflict(`${names}, nothing of it open any more`) };
  if (amount === sum)
    return { reading: paying(question, named, `${names}, the amount`), exact: true };
  const discount = sumOf(named.map((invoice) => earnedDiscount(invoice, received)));
  if (discount > 0 && amount === sum - discount) {
    const why = `${names}, less earned early-payment discounts of ${discount} is the amount`;
    return { reading: payingDiscounted(question, named, why), exact: true };
  }
  if (amount > sum)
    return {
      reading: paying(question, named, `${names}; the rest of ${amount} is unapplied`),
      exact: false,
    };
  return lessThanNamed(question, named, `${names}, more than ${amount}: oldest due first`);
}

/**
 * Less than the named sum goes to the oldest due. It is a conflict where the amount is just the balance of another
 * invoice: an unnamed one, or a named one that the oldest due would take the money from.
 */
function lessThanNamed(question: AllocationCase, named: readonly OpenInvoice[], why: string): Fit {
  const { amount } = question.payment;
  const reading = paying(question, named, why);
  const closes = perInvoice(reading).some(
    (one) => named.find(({ invoice }) => invoice === one.invoice)?.balance === one.amount,
  );
  const settlesOne = closes && perInvoice(reading).length === 1;
  const others = scopeOf(question).filter(
    (other) => other.balance === amount && !(settlesOne && named.includes(other)),
  );
  if (others.length === 0) return { reading, exact: false };
  return {
    conflict: conflict(
      `${amount} is less than the named ${namesOf(named)} but just the balance of ${namesOf(others)}`,
      [
        perInvoice(reading),
        ...others.slice(0, MOST_PROPOSALS - 1).map((other) => [{ invoice: other.invoice, amount }]),
      ],
    ),
  };
}

const sameAllocations = (a: Reading, b: Reading) =>
  JSON.stringify(a.allocations) === JSON.stringify(b.allocations);

/** Invoice numbers, or a contract's, in the remittance text (§7.2). */
export function referenceRule(question: AllocationCase): Outcome {
  const { payment, openInvoices } = question;
  const contracts = [
    ...new Set(openInvoices.flatMap(({ contract }) => (given(contract) ? [contract] : []))),
  ].sort();
  const numbers = openInvoices.map(({ invoice }) => invoice).sort();
  const mentions = mentionsIn(payment.reference, numbers, contracts);
  if (mentions.invoices.length + mentions.contracts.length === 0) return null;
  const selections = namedSelections(question, mentions);
  const widest = selections.at(-1) ?? [];
  const obstacle = namedObstacle(question, widest);
  if (obstacle !== null) {
    const balances = widest.map(({ invoice, balance }) => ({ invoice, amount: balance }));
    return conflict(obstacle, [balances]);
  }
  const fits = selections.map((named) => fitOf(question, named));
  const readings = fits.flatMap((fit) => ('reading' in fit ? [fit.reading] : []));
  const doubt = doubtOf(mentions);
  if (doubt !== null) return conflict(doubt, readings.map(perInvoice));
  return settleFits(fits, readings);
}

function doubtOf({ ambiguous, lookAlikes }: Mentions): string | null {
  if (ambiguous.length > 0) return `"${ambiguous[0]}" can be read as more than one number`;
  if (lookAlikes.length === 0) return null;
  return `${lookAlikes.join(', ')} beside known numbers looks like an open invoice but is none`;
}

/** One reading that the amount fits exactly beats others; otherwise all readings must say the same. */
function settleFits(fits: readonly Fit[], readings: readonly Reading[]): Outcome {
  const exact = fits.flatMap((fit) => ('reading' in fit && fit.exact ? [fit.reading] : []));
  if (exact.length === 1 && exact[0] !== undefined) return { kind: 'match', reading: exact[0] };
  const conflicting = fits.find((fit) => 'conflict' in fit);
  if (conflicting !== undefined && 'conflict' in conflicting) return conflicting.conflict;
  const [first, ...rest] = readings;
  if (first === undefined) return null;
  if (exact.length === 0 && rest.every((other) => sameAllocations(first, other)))
    return { kind: 'match', reading: first };
  return conflict(
    'the text names a contract and some of its invoices, and both readings fit',
    readings.map(perInvoice),
  );
}

// exact, subset, oldest-first ---------------------------------------------------------------------------------------

/** One open invoice whose balance, or balance less an earned early-payment discount, is the amount (§7.3). */
export function exactRule(question: AllocationCase): Outcome {
  const { amount, received } = question.payment;
  const readings = scopeOf(question).flatMap((invoice) => {
    const { balance } = invoice;
    if (balance === amount)
      return [paying(question, [invoice], `the balance of ${invoice.invoice} is ${amount}`)];
    const discount = earnedDiscount(invoice, received);
    if (discount === 0 || balance - discount !== amount) return [];
    const why = `the balance of ${invoice.invoice} less its early-payment discount is ${balance} − ${discount} = ${amount}`;
    return [payingDiscounted(question, [invoice], why)];
  });
  const [only, ...others] = readings;
  if (only === undefined) return null;
  if (others.length === 0) return { kind: 'match', reading: only };
  const names = namesOf(readings.flatMap(({ invoices }) => invoices));
  return conflict(
    `${amount} is what is open on each of ${names}`,
    readings.slice(0, MOST_PROPOSALS).map(perInvoice),
  );
}

/** Exactly one subset of the payer's open invoices, two or more, whose full balances are the amount (§7.4). */
export function subsetRule(question: AllocationCase): Outcome {
  const { payment } = question;
  if (payment.account === null) return null;
  const invoices = scopeOf(question);
  const balances = invoices.map(({ balance }) => balance);
  const search = subsetsThatSum(payment.amount, balances, MOST_PROPOSALS);
  if (!search.complete)
    return conflict(
      `more than ${SUBSET_SEARCH_LIMIT} open invoices of ${payment.account} are too many to search for a sum of ${payment.amount}`,
    );
  const readings = search.subsets.map((indexes) => {
    const chosen = invoices.filter((_, index) => indexes.includes(index));
    const sums = plus(chosen.map(({ balance }) => balance));
    const why = `only ${namesOf(chosen)} sum to the amount: ${sums} = ${payment.amount}`;
    return paying(question, chosen, why);
  });
  const [only, ...others] = readings;
  if (only === undefined) return null;
  if (others.length === 0) return { kind: 'match', reading: only };
  return conflict(
    `${payment.amount} is the sum of more than one set of open invoices`,
    readings.map(perInvoice),
  );
}

/** By due date, then number, where the account's policy allows it (§7.5). */
export function oldestFirstRule(question: AllocationCase): Outcome {
  const { payment, policy } = question;
  if (payment.account === null || !policy.oldestFirst) return null;
  const invoices = scopeOf(question);
  if (invoices.length === 0) return null;
  const why = `the policy of ${payment.account} pays the oldest due first`;
  return { kind: 'match', reading: paying(question, invoices, why) };
}

/** In the order in which they are asked. */
export const RULES: readonly (readonly [AllocationRule, (question: AllocationCase) => Outcome])[] =
  [
    ['explicit', explicitRule],
    ['reference', referenceRule],
    ['exact', exactRule],
    ['subset', subsetRule],
    ['oldest-first', oldestFirstRule],
  ];
