/** Mess that is older than the billing history: agreements that were billed as they were written down, and written down wrongly. */
import { rowOf } from '../domain/book/blank-row.ts';
import type { Row } from '../domain/book/tables.ts';
import { addDays, addMonths, type CivilDate } from '../domain/dates/dates.ts';
import type { Random } from './random.ts';
import { type Draft, lastRunOn, otherAccounts } from './sample-company.ts';
import type { Planted } from './sample-mess.ts';

/** Plants terms that do not follow each other, rises that were forgotten and a slip of a digit, and says where. */
export function plantAgreements(draft: Draft, random: Random, today: CivilDate): Planted[] {
  return [
    ...[45, 31].map((days) => gap(draft, random, today, days)),
    ...[20, 33].map((days) => overlap(draft, random, today, days)),
    ...[0, 1].map(() => forgottenRise(draft, random, today)),
    ...[0, 1].map(() => expiredDiscount(draft, today)),
    ...[0, 1].map(() => slipOfADigit(draft, today)),
  ];
}

interface Term {
  readonly start: CivilDate;
  readonly end: CivilDate;
  readonly serial: string | null;
  readonly unitPrice: string | null;
  readonly priceRule: Row<'contracts'>['priceRule'];
}

/** Two terms of a new machine of some customer, the first ended, the second running. */
function twoTerms(draft: Draft, random: Random, today: CivilDate, first: Term, second: Term) {
  const account = random.pick(otherAccounts(draft));
  const quantity = String(random.between(4, 12));
  const terms = [first, second].map((term) => addTerm(draft, account, quantity, today, term));
  return { account: account.account, before: terms[0] ?? '', after: terms[1] ?? '' };
}

function addTerm(
  draft: Draft,
  account: Row<'accounts'>,
  quantity: string,
  today: CivilDate,
  { start, end, serial, unitPrice, priceRule }: Term,
): string {
  const contract = `C-${1001 + draft.contracts.length}`;
  const subcontract = `S-${40_001 + draft.subcontracts.length}`;
  const order = `O-${6601 + draft.contracts.length}`;
  draft.contracts.push(
    rowOf('contracts', {
      contract,
      account: account.account,
      start,
      end,
      entity: account.entity,
      currency: account.currency,
      priceRule,
      upliftPercent: '4',
      poNumber: account.poRequired ? 'PO-10001' : null,
      status: end < today ? 'lapsed' : 'active',
    }),
  );
  draft.subcontracts.push(
    rowOf('subcontracts', { subcontract, contract, sku: 'SIM-MNT', quantity, unitPrice, serial }),
  );
  draft.orders.push(
    rowOf('orders', {
      order,
      account: account.account,
      sku: 'SIM-MNT',
      quantity,
      stage: 'closed_won',
      closed: addDays(start, -20),
      contract,
      subcontract,
    }),
  );
  return contract;
}

const termsFrom = (start: CivilDate, months: number) => ({
  start,
  end: addDays(addMonths(start, months), -1),
});

function of(
  draft: Draft,
  { account, after }: { account: string; after: string },
  kind: string,
  words: string,
  rules: readonly string[],
): Planted {
  const subcontract = draft.subcontracts.find((row) => row.contract === after)?.subcontract ?? null;
  return { kind, words, account, contract: after, subcontract, record: null, rules, also: [] };
}

function gap(draft: Draft, random: Random, today: CivilDate, days: number): Planted {
  const first = termsFrom(addMonths(`${today.slice(0, 7)}-01`, -30), 24);
  const serial = `NW-GAP-${draft.subcontracts.length}`;
  const second = termsFrom(addDays(first.end, days + 1), 36);
  const plain = { serial, unitPrice: null, priceRule: 'list' } as const;
  const pair = twoTerms(draft, random, today, { ...first, ...plain }, { ...second, ...plain });
  const words = `${pair.after} begins ${days} days after ${pair.before} ended, for the same machine`;
  return of(draft, pair, 'gap-between-terms', words, ['term-gap']);
}

function overlap(draft: Draft, random: Random, today: CivilDate, days: number): Planted {
  const first = termsFrom(addMonths(`${today.slice(0, 7)}-01`, -29), 24);
  const second = termsFrom(addDays(first.end, 1 - days), 36);
  const plain = { serial: null, unitPrice: null, priceRule: 'list' } as const;
  const pair = twoTerms(draft, random, today, { ...first, ...plain }, { ...second, ...plain });
  const words = `${pair.after} begins ${days} days before ${pair.before} ended`;
  return of(draft, pair, 'two-terms-at-once', words, ['term-overlap']);
}

function forgottenRise(draft: Draft, random: Random, today: CivilDate): Planted {
  const first = termsFrom(addMonths(`${today.slice(0, 7)}-01`, -32), 24);
  const second = termsFrom(addDays(first.end, 1), 36);
  const serial = `NW-RISE-${draft.subcontracts.length}`;
  const same = { serial, unitPrice: '880', priceRule: 'percent' } as const;
  const pair = twoTerms(draft, random, today, { ...first, ...same }, { ...second, ...same });
  const words = `${pair.after} took the price of ${pair.before} though a rise of 4 % was agreed`;
  return of(draft, pair, 'rise-not-applied', words, ['uplift-not-applied']);
}

/** Annual, running for months, with periods before this one, and not planted in yet. */
function hasRun(draft: Draft, today: CivilDate, own: (row: Row<'contracts'>) => boolean) {
  const others = new Set(otherAccounts(draft).map(({ account }) => account));
  const found = draft.contracts.findLast(
    (row) =>
      others.has(row.account) &&
      row.status === 'active' &&
      row.billingFrequency === 'annual' &&
      row.start < addMonths(today, -14) &&
      row.end > addMonths(today, 8) &&
      runningStart(row, today) < addMonths(today, -3) &&
      runningStart(row, today) > addMonths(today, -9) &&
      own(row),
  );
  if (found === undefined) throw new RangeError('no contract of the kind that is wanted');
  return found;
}

function runningStart({ start }: Row<'contracts'>, today: CivilDate): CivilDate {
  let years = 0;
  while (addMonths(start, 12 * (years + 1)) <= today) years += 1;
  return addMonths(start, 12 * years);
}

/** The discount ended before the running period; the history below is billed with it all the same. */
function expiredDiscount(draft: Draft, today: CivilDate): Planted {
  const contract = hasRun(
    draft,
    today,
    (row) => row.discountPercent !== null && row.custom[DISCOUNT_ENDED] === undefined,
  );
  const ended = addDays(runningStart(contract, today), -1);
  // A custom field that the planting after the history turns into the last day.
  draft.contracts[draft.contracts.indexOf(contract)] = {
    ...contract,
    custom: { ...contract.custom, [DISCOUNT_ENDED]: ended },
  };
  return {
    kind: 'discount-past-its-date',
    words: `the discount of ${contract.contract} ended on ${ended} and was billed on`,
    account: contract.account,
    contract: contract.contract,
    subcontract: null,
    record: null,
    rules: ['discount-expired'],
    also: [],
  };
}
export const DISCOUNT_ENDED = 'discount ended';

/** Nine times as many more as there were: somebody meant to set the number, not to add it. */
function slipOfADigit(draft: Draft, today: CivilDate): Planted {
  const isAmended = (name: string) => draft.amendments.some((row) => row.subcontract === name);
  const small = (row: Row<'contracts'>) =>
    draft.subcontracts.find(
      (sub) =>
        sub.contract === row.contract &&
        sub.sku.endsWith('MNT') &&
        sub.start === null &&
        Number(sub.quantity) <= 10 &&
        !isAmended(sub.subcontract),
    );
  const contract = hasRun(
    draft,
    today,
    (row) => row.custom[DISCOUNT_ENDED] === undefined && small(row) !== undefined,
  );
  const subcontract = small(contract);
  if (subcontract === undefined) throw new RangeError('no subcontract to slip on');
  const effective = runningStart(contract, today);
  const recorded = addDays(effective, -70);
  if (recorded > lastRunOn(today)) throw new RangeError('recorded after the last run');
  draft.amendments.push(
    rowOf('amendments', {
      amendment: `AM-${2001 + draft.amendments.length}`,
      subcontract: subcontract.subcontract,
      kind: 'add',
      value: String(Number(subcontract.quantity) * 9),
      effective,
      recorded,
      reason: 'change',
    }),
  );
  return {
    kind: 'slip-of-a-digit',
    words: `${subcontract.subcontract} grew tenfold on ${effective}`,
    account: contract.account,
    contract: contract.contract,
    subcontract: subcontract.subcontract,
    record: null,
    rules: ['invoice-unusual'],
    also: [],
  };
}
