/**
 * The mess of real life, planted on purpose and written down: ten named kinds, and some more, that `book findings` has to
 * notice. What is planted here came after the billing history; sample-agreements.ts plants what is older.
 */
import { rowOf } from '../domain/book/blank-row.ts';
import type { Row } from '../domain/book/tables.ts';
import { addDays, addMonths, type CivilDate, later } from '../domain/dates/dates.ts';
import { readVatNumber } from '../domain/tax/vat-number.ts';
import type { Random } from './random.ts';
import { DISCOUNT_ENDED } from './sample-agreements.ts';
import { type Draft, lastRunOn, tidyAccounts } from './sample-company.ts';

export interface Planted {
  readonly kind: string;
  /** What was done, in words. */
  readonly words: string;
  readonly account: string | null;
  readonly contract: string | null;
  readonly subcontract: string | null;
  /** The entry, order, payment, document… that it was done to. */
  readonly record: string | null;
  /** The codes that must find it. */
  readonly rules: readonly string[];
  /** Codes that may tell a consequence of it. */
  readonly also: readonly string[];
}

/** What one planting says; account and contract are those that it was done to unless it says otherwise. */
interface Done {
  readonly words: string;
  readonly account?: string | null;
  readonly contract?: string | null;
  readonly subcontract?: string | null;
  readonly record?: string | null;
}

type Plant = (draft: Draft, contract: Row<'contracts'>, today: CivilDate) => Done;

interface Kind {
  readonly kind: string;
  readonly times: number;
  readonly plant: Plant;
  readonly rules: readonly string[];
  readonly also?: readonly string[];
  /** Any active contract will do: nothing is done to its money. */
  readonly anywhere?: true;
  /** What a contract must be like to be planted in. */
  readonly on?: (draft: Draft, contract: Row<'contracts'>, today: CivilDate) => boolean;
}

/** The ten kinds that every company has. */
const TEN: readonly Kind[] = [
  { kind: 'subcontract-never-billed', times: 3, plant: neverBilled, rules: ['unbilled'] },
  {
    kind: 'billed-after-termination',
    times: 2,
    plant: billedAfterTermination,
    rules: ['overbilled'],
    also: ['license-without-subcontract'],
  },
  { kind: 'quantity-changed-in-license-only', times: 3, plant: seatsOver, rules: ['seats-over'] },
  {
    kind: 'duplicate-subcontract',
    times: 2,
    plant: duplicate,
    rules: ['duplicate-subcontract'],
    also: ['unbilled'],
  },
  {
    kind: 'subcontract-on-wrong-account',
    times: 2,
    plant: wrongAccount,
    rules: ['wrong-account'],
  },
  { kind: 'expired-but-active', times: 2, plant: expiredButActive, rules: ['expired-active'] },
  {
    kind: 'price-list-outdated',
    times: 2,
    plant: priceListOutdated,
    rules: ['price-list-outdated'],
    on: isAmidPeriod,
  },
  {
    kind: 'service-time-never-billed',
    times: 3,
    plant: serviceNeverBilled,
    rules: ['service-unbilled'],
    on: (_, { start }, today) => start < addMonths(today, -6),
  },
  {
    kind: 'payment-in-one-system-only',
    times: 2,
    plant: paymentInOneSystem,
    rules: ['payment-unallocated', 'payment-missing-in-accounting'],
  },
  {
    kind: 'license-on-though-unpaid',
    times: 2,
    plant: licensedThoughUnpaid,
    rules: ['license-without-subcontract'],
  },
];

/** Further ones, so that every rule that the book alone can tell has something to find. */
const MORE: readonly Kind[] = [
  {
    kind: 'license-ends-early',
    times: 2,
    plant: licenseEndsEarly,
    rules: ['license-ends-early'],
  },
  {
    kind: 'license-off-though-paid',
    times: 2,
    plant: licenseOff,
    rules: ['paid-not-licensed'],
  },
  {
    kind: 'perpetual-license-off',
    times: 1,
    plant: perpetualOff,
    rules: ['suspended-though-paid'],
  },
  { kind: 'usage-never-billed', times: 2, plant: usageNeverBilled, rules: ['usage-unbilled'] },
  {
    kind: 'quantity-raised-and-forgotten',
    times: 2,
    plant: forgottenSeats,
    rules: ['underbilled'],
  },
  {
    kind: 'renewal-forgotten',
    times: 2,
    plant: renewalForgotten,
    rules: ['renewal-missed'],
  },
  {
    kind: 'order-never-contracted',
    times: 2,
    plant: orderNeverContracted,
    rules: ['order-without-contract'],
  },
  {
    kind: 'delivered-never-won',
    times: 1,
    plant: deliveredNeverWon,
    rules: ['delivered-without-contract'],
  },
  {
    kind: 'contract-never-ordered',
    times: 2,
    plant: neverOrdered,
    rules: ['contract-without-order'],
    on: isOrderedOnce,
  },
  { kind: 'no-billing-contact', times: 1, plant: noContact, rules: ['contact-missing'] },
  { kind: 'no-order-number', times: 1, plant: noOrderNumber, rules: ['po-missing'] },
  {
    kind: 'no-tax-id',
    times: 1,
    plant: noTaxId,
    rules: ['tax-id-missing'],
    anywhere: true,
    on: (draft, { account }) => accountOf(draft, account).taxCategory === 'AE',
  },
  {
    kind: 'wrong-tax-id',
    times: 1,
    plant: wrongTaxId,
    rules: ['tax-id-invalid'],
    anywhere: true,
    on: (draft, { account }) => accountOf(draft, account).taxCategory === 'AE',
  },
];

/** A customer who was entered again: somebody took a new order and did not look. Chooses by no chance, and comes last. */
export function plantDouble(draft: Draft, planted: readonly Planted[]): Planted {
  const used = new Set([...planted, ...tidyAccounts(draft)].map(({ account }) => account));
  const twin = draft.accounts.findLast(
    ({ account, postalCode, status }) =>
      !used.has(account) && postalCode !== null && status === 'active',
  );
  const last = draft.accounts.at(-1);
  if (twin === undefined || last === undefined) throw new RangeError('nobody is left to double');
  const account = `A-${Number(last.account.slice(2)) + 1}`;
  draft.accounts.push({ ...twin, account, crmId: null, accountingId: null });
  return {
    kind: 'customer-entered-again',
    words: `${twin.name} is ${twin.account} and, once more, ${account}`,
    account: twin.account,
    contract: null,
    subcontract: null,
    record: account,
    rules: ['customer-duplicated'],
    also: [],
  };
}

/** Plants each kind a few times, every time on another account, and says where. */
export function plantMess(
  draft: Draft,
  random: Random,
  today: CivilDate,
  agreed: readonly Planted[],
): Planted[] {
  const planted: Planted[] = [];
  endDiscounts(draft);
  const free = draft.contracts.filter((row) => isLively(draft, row, today));
  const used = new Set([
    ...agreed.map(({ account }) => account),
    ...tidyAccounts(draft).map(({ account }) => account),
  ]);
  const take = ({ kind, anywhere, on = () => true }: Kind): Row<'contracts'> => {
    const pool = anywhere ? draft.contracts.filter(({ status }) => status === 'active') : free;
    const fitting = pool.filter((row) => !used.has(row.account) && on(draft, row, today));
    if (fitting.length === 0) throw new RangeError(`too few contracts to plant ${kind} in`);
    const contract = random.pick(fitting);
    used.add(contract.account);
    return contract;
  };
  // The choosy ones first.
  const choosy = ({ on }: Kind) => (on === undefined ? 1 : 0);
  for (const kind of [...TEN, ...MORE].sort((a, b) => choosy(a) - choosy(b)))
    for (let time = 0; time < kind.times; time += 1) {
      const contract = take(kind);
      const done = kind.plant(draft, contract, today);
      if (typeof done.account === 'string') used.add(done.account);
      planted.push({
        kind: kind.kind,
        account: contract.account,
        contract: contract.contract,
        subcontract: null,
        record: null,
        ...done,
        rules: kind.rules,
        also: kind.also ?? [],
      });
    }
  planted.push(...numberGap(draft, today));
  return planted;
}

/** Active, annual, billed and paid for a period that has months to go, nothing else planted: what is done there stands alone. */
function isLively(draft: Draft, contract: Row<'contracts'>, today: CivilDate): boolean {
  return (
    contract.status === 'active' &&
    contract.billingFrequency === 'annual' &&
    contract.reductions === null &&
    contract.discountTo === null &&
    contract.end > addMonths(today, 8) &&
    !subcontractsOf(draft, contract).some(({ subcontract }) => isAmended(draft, subcontract)) &&
    licensesOf(draft, contract).some((row) => isLasting(row, today))
  );
}

/** Its running period began before the last months and its next one is not billed yet. */
function isAmidPeriod(draft: Draft, contract: Row<'contracts'>, today: CivilDate): boolean {
  const [license] = licensesOf(draft, contract);
  const from = license?.validFrom ?? today;
  return (
    from < addMonths(today, -2) &&
    from > addMonths(today, -8) &&
    contract.start < addMonths(today, -2)
  );
}

/** Full, switched on, and with more than two months to go. */
function isLasting({ kind, state, validThrough }: Row<'licenses'>, today: CivilDate): boolean {
  return kind === 'full' && state === 'enabled' && (validThrough ?? '') > addMonths(today, 2);
}

function isAmended(draft: Draft, subcontract: string): boolean {
  return draft.amendments.some((row) => row.subcontract === subcontract);
}

function subcontractsOf(draft: Draft, contract: Row<'contracts'>): Row<'subcontracts'>[] {
  return draft.subcontracts.filter((row) => row.contract === contract.contract);
}

function accountOf(draft: Draft, name: string): Row<'accounts'> {
  const account = draft.accounts.find((row) => row.account === name);
  if (account === undefined) throw new RangeError(`there is no account ${name}`);
  return account;
}

function licensesOf(draft: Draft, contract: Row<'contracts'>): Row<'licenses'>[] {
  const names = new Set(subcontractsOf(draft, contract).map((row) => row.subcontract));
  return draft.licenses.filter((row) => row.subcontract !== null && names.has(row.subcontract));
}

function firstLicensed(
  draft: Draft,
  contract: Row<'contracts'>,
  today: CivilDate,
): [Row<'licenses'>, number] {
  const full = licensesOf(draft, contract).find((row) => isLasting(row, today));
  if (full === undefined) throw new RangeError(`${contract.contract} has no license`);
  return [full, draft.licenses.indexOf(full)];
}

function replace<R>(rows: R[], row: R, change: Partial<R>): void {
  rows[rows.indexOf(row)] = { ...row, ...change };
}

const freshSubcontract = (draft: Draft) => `S-${30_001 + draft.subcontracts.length}`;

// ---------------------------------------------------------------- the ten

function neverBilled(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const subcontract = freshSubcontract(draft);
  draft.subcontracts.push(
    rowOf('subcontracts', {
      subcontract,
      contract: contract.contract,
      sku: 'PLM-MNT',
      quantity: '15',
      start: addMonths(today, -4),
      recorded: addMonths(today, -4),
      serial: `NW-LOST-${subcontract}`,
    }),
  );
  return { subcontract, words: `${subcontract} was agreed four months ago and never billed` };
}

function billedAfterTermination(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license] = firstLicensed(draft, contract, today);
  const row = subcontractsOf(draft, contract).find((s) => s.subcontract === license.subcontract);
  if (row !== undefined) replace(draft.subcontracts, row, { end: addMonths(today, -2) });
  return {
    subcontract: license.subcontract,
    words: `${license.subcontract} ended two months ago; its whole year was billed`,
  };
}

function seatsOver(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license, at] = firstLicensed(draft, contract, today);
  draft.licenses[at] = { ...license, seats: String(Number(license.seats) + 7) };
  return {
    subcontract: license.subcontract,
    words: `the license of ${license.subcontract} has seven seats more than its contract`,
  };
}

function duplicate(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license] = firstLicensed(draft, contract, today);
  const row = subcontractsOf(draft, contract).find((s) => s.subcontract === license.subcontract);
  const subcontract = freshSubcontract(draft);
  if (row !== undefined)
    draft.subcontracts.push({ ...row, subcontract, recorded: addDays(today, -12) });
  return {
    subcontract,
    words: `${subcontract} is ${license.subcontract} entered again, same serial`,
  };
}

function wrongAccount(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license, at] = firstLicensed(draft, contract, today);
  const other = draft.accounts.find((row) => row.account !== contract.account);
  if (other !== undefined) draft.licenses[at] = { ...license, account: other.account };
  return {
    subcontract: license.subcontract,
    words: `the license of ${license.subcontract} is registered to another account`,
  };
}

/** A contract that ended within the year, with a product that no later contract of the account covers. */
function endedForGood(draft: Draft, today: CivilDate): Row<'contracts'> {
  const ended = draft.contracts.find((row) => {
    if (row.status !== 'lapsed' || row.autoRenew || row.end <= addMonths(today, -11)) return false;
    const followers = draft.contracts.filter(
      (other) => other.account === row.account && other.start > row.start && other.end > row.end,
    );
    const covered = followers.flatMap((one) => subcontractsOf(draft, one)).map(({ sku }) => sku);
    return subcontractsOf(draft, row).some(
      ({ sku, end }) => /-(MNT|SUB)$/.test(sku) && end === null && !covered.includes(sku),
    );
  });
  if (ended === undefined) throw new RangeError('no contract ended for good within the year');
  return ended;
}

function expiredButActive(draft: Draft, _: Row<'contracts'>, today: CivilDate): Done {
  const expired = endedForGood(draft, today);
  replace(draft.contracts, expired, { status: 'active' });
  return {
    account: expired.account,
    contract: expired.contract,
    words: `${expired.contract} ended on ${expired.end} and is still called active`,
  };
}

/** Its own list has the prices of the standard list, and ended: what was billed is right, the next period has no price. */
function priceListOutdated(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const priceList = `legacy-${contract.contract}`;
  const [license] = firstLicensed(draft, contract, today);
  const sku = license.sku ?? '';
  const ended = addDays(addMonths(today, -2), 1);
  const skus = new Set(subcontractsOf(draft, contract).map((row) => row.sku));
  for (const price of draft.prices.filter(
    (row) => row.priceList === 'default' && skus.has(row.sku),
  )) {
    const outdated = price.sku === sku && price.currency === contract.currency;
    if (outdated && (price.validFrom ?? '') > ended) continue;
    const validTo = outdated && (price.validTo ?? ended) >= ended ? ended : price.validTo;
    draft.prices.push({ ...price, priceList, validTo });
  }
  replace(draft.contracts, contract, { priceList });
  return {
    record: priceList,
    words: `price list ${priceList} has no price for ${sku} since ${ended}`,
  };
}

function serviceNeverBilled(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const entry = `T-${3901 + draft.timesheets.length}`;
  draft.timesheets.push(
    rowOf('timesheets', {
      entry,
      account: contract.account,
      date: addMonths(today, -5),
      hours: '12.5',
      rate: contract.currency === 'USD' ? '185' : '170',
      contract: contract.contract,
      billable: true,
      description: 'Data migration, second part',
      approvedOn: addDays(addMonths(today, -5), 6),
    }),
  );
  return { record: entry, words: `${entry}, approved five months ago, was never billed` };
}

function paymentInOneSystem(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const payment = `P-${8901 + draft.payments.length}`;
  draft.payments.push(
    rowOf('payments', {
      payment,
      account: contract.account,
      received: addDays(today, -9),
      amount: '1234.50',
      currency: contract.currency,
      method: 'transfer',
      reference: 'annual maintenance',
    }),
  );
  return {
    contract: null,
    record: payment,
    words: `${payment} stands in the bank and on no invoice`,
  };
}

/** The invoice is open again; the licenses of what else it bills are temporary, as they should be. */
function licensedThoughUnpaid(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license] = firstLicensed(draft, contract, today);
  const line = draft.invoice_lines.findLast(
    (row) =>
      row.subcontract === license.subcontract &&
      (row.periodStart ?? '') <= today &&
      (row.periodEnd ?? '') >= today,
  );
  const invoice = draft.invoices.find((row) => row.invoice === line?.invoice);
  if (invoice === undefined) throw new RangeError(`${contract.contract} was never billed`);
  replace(draft.invoices, invoice, { status: 'issued', balance: invoice.total });
  const gone = draft.payment_allocations.filter((row) => row.invoice === invoice.invoice);
  const payments = new Set(gone.map(({ payment }) => payment));
  draft.payment_allocations = draft.payment_allocations.filter((row) => !gone.includes(row));
  draft.payments = draft.payments.filter(({ payment }) => !payments.has(payment));
  const billed = new Set(
    draft.invoice_lines
      .filter((row) => row.invoice === invoice.invoice)
      .map((row) => row.subcontract),
  );
  for (const other of licensesOf(draft, contract)) {
    if (other === license || !billed.has(other.subcontract)) continue;
    const grace = addDays(later(invoice.due ?? today, other.validFrom ?? today), 30);
    replace(draft.licenses, other, {
      kind: 'temporary',
      validThrough: grace,
      state: grace >= today ? 'enabled' : 'suspended',
    });
  }
  return {
    subcontract: license.subcontract,
    words: `${license.subcontract} has a full license though ${invoice.invoice} is open`,
  };
}

// ---------------------------------------------------------------- more

function licenseEndsEarly(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license, at] = firstLicensed(draft, contract, today);
  draft.licenses[at] = { ...license, validThrough: addDays(today, 3) };
  return {
    subcontract: license.subcontract,
    words: `the license of ${license.subcontract} ends in three days, the paid period does not`,
  };
}

function licenseOff(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license, at] = firstLicensed(draft, contract, today);
  draft.licenses[at] = { ...license, state: 'suspended' };
  return {
    subcontract: license.subcontract,
    words: `the license of ${license.subcontract} is suspended though its period is paid`,
  };
}

function perpetualOff(draft: Draft): Done {
  const paid = new Set(
    draft.invoices.filter(({ status }) => status === 'paid').map(({ invoice }) => invoice),
  );
  const bought = draft.subcontracts.find((row) => {
    const lines = draft.invoice_lines.filter((line) => line.subcontract === row.subcontract);
    const isPaid = lines.length > 0 && lines.every(({ invoice }) => paid.has(invoice));
    return row.sku.endsWith('-LIC') && isPaid;
  });
  const contract = draft.contracts.find((row) => row.contract === bought?.contract);
  if (bought === undefined || contract === undefined) throw new RangeError('no license was bought');
  draft.licenses.push(
    rowOf('licenses', {
      license: `L-${9001 + draft.licenses.length}`,
      account: contract.account,
      subcontract: bought.subcontract,
      sku: bought.sku,
      seats: bought.quantity,
      validFrom: contract.start,
      kind: 'full',
      state: 'suspended',
    }),
  );
  return {
    account: contract.account,
    contract: contract.contract,
    subcontract: bought.subcontract,
    words: `the perpetual license of ${bought.subcontract} is suspended though it is paid`,
  };
}

function usageNeverBilled(draft: Draft, _: Row<'contracts'>, today: CivilDate): Done {
  const metered = draft.subcontracts.filter(({ sku }) => sku === 'API-CALLS');
  const taken = new Set(
    draft.usage.filter((row) => row.event.startsWith('U-LATE')).map((row) => row.subcontract),
  );
  const on = addDays(lastRunOn(today), -9);
  const row = metered.find(({ subcontract, contract }) => {
    const owner = draft.contracts.find((one) => one.contract === contract);
    const runs = owner !== undefined && owner.start < on && owner.end > on;
    return runs && !taken.has(subcontract);
  });
  const owner = draft.contracts.find((one) => one.contract === row?.contract);
  if (row === undefined || owner === undefined) throw new RangeError('nothing is metered');
  draft.usage.push(
    rowOf('usage', {
      event: `U-LATE-${draft.usage.length}`,
      subcontract: row.subcontract,
      metric: 'API-CALLS',
      quantity: '450000',
      at: `${on}T12:00:00Z`,
    }),
  );
  return {
    account: owner.account,
    contract: owner.contract,
    subcontract: row.subcontract,
    words: `450,000 calls of ${row.subcontract} on ${on} reached the meter after the run`,
  };
}

/** Added four months ago, in the contract and in the license, and on no invoice. */
function forgottenSeats(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  const [license, at] = firstLicensed(draft, contract, today);
  const effective = addMonths(today, -4);
  draft.amendments.push(
    rowOf('amendments', {
      amendment: `AM-LATE-${draft.amendments.length}`,
      subcontract: license.subcontract ?? '',
      kind: 'add',
      value: '6',
      effective,
      recorded: effective,
      reason: 'change',
    }),
  );
  draft.licenses[at] = { ...license, seats: String(Number(license.seats) + 6) };
  return {
    subcontract: license.subcontract,
    words: `six seats were added to ${license.subcontract} on ${effective} and never billed`,
  };
}

function renewalForgotten(draft: Draft, _: Row<'contracts'>, today: CivilDate): Done {
  const ended = endedForGood(draft, today);
  replace(draft.contracts, ended, { autoRenew: true });
  return {
    account: ended.account,
    contract: ended.contract,
    words: `${ended.contract} renews by itself, ended on ${ended.end} without notice and was let lapse`,
  };
}

function order(draft: Draft, contract: Row<'contracts'>, change: Partial<Row<'orders'>>): Done {
  const name = `O-${6901 + draft.orders.length}`;
  draft.orders.push(
    rowOf('orders', {
      order: name,
      account: contract.account,
      sku: 'CAD-MNT',
      quantity: '8',
      opportunity: `opp-${name}`,
      ...change,
    }),
  );
  const what = change.stage === 'closed_won' ? 'won' : 'delivered';
  return { contract: null, record: name, words: `${name} was ${what} and has no contract` };
}

function orderNeverContracted(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  return order(draft, contract, { stage: 'closed_won', closed: addMonths(today, -3) });
}

function deliveredNeverWon(draft: Draft, contract: Row<'contracts'>, today: CivilDate): Done {
  return order(draft, contract, { stage: 'open', delivered: addMonths(today, -1) });
}

function isOrderedOnce(draft: Draft, { contract }: Row<'contracts'>): boolean {
  return draft.orders.filter((row) => row.contract === contract).length === 1;
}

function neverOrdered(draft: Draft, { contract }: Row<'contracts'>): Done {
  draft.orders = draft.orders.filter((row) => row.contract !== contract);
  return { words: `nobody knows who ordered ${contract}` };
}

function noContact(draft: Draft, { account }: Row<'contracts'>): Done {
  replace(draft.accounts, accountOf(draft, account), { billingEmail: null });
  draft.contacts = draft.contacts.filter(
    (row) => row.account !== account || row.role !== 'billing',
  );
  return { contract: null, words: `${account} has no billing contact` };
}

function noOrderNumber(draft: Draft, contract: Row<'contracts'>): Done {
  replace(draft.accounts, accountOf(draft, contract.account), { poRequired: true });
  for (const row of draft.contracts.filter((one) => one.account === contract.account))
    replace(draft.contracts, row, {
      poNumber: row.contract === contract.contract ? null : 'PO-20002',
    });
  return {
    words: `${contract.account} requires an order number and ${contract.contract} has none`,
  };
}

function noTaxId(draft: Draft, { account }: Row<'contracts'>): Done {
  replace(draft.accounts, accountOf(draft, account), { taxId: null });
  return { contract: null, words: `${account} is under reverse charge without a tax id` };
}

function wrongTaxId(draft: Draft, { account }: Row<'contracts'>): Done {
  const row = accountOf(draft, account);
  const right = row.taxId ?? '';
  const wrong = [...right]
    .flatMap((digit, at) =>
      /\d/.test(digit)
        ? [`${right.slice(0, at)}${(Number(digit) + 1) % 10}${right.slice(at + 1)}`]
        : [],
    )
    .find((taxId) => readVatNumber(taxId, row.country).state === 'malformed');
  if (wrong === undefined) throw new RangeError(`no digit of ${right} can be mistyped`);
  replace(draft.accounts, row, { taxId: wrong });
  return { contract: null, words: `the tax id of ${account} has a digit mistyped` };
}

/** Discounts that ended before the running period, which was billed with them. */
function endDiscounts(draft: Draft): void {
  for (const row of draft.contracts) {
    const { [DISCOUNT_ENDED]: discountTo, ...custom } = row.custom;
    if (discountTo !== undefined) replace(draft.contracts, row, { discountTo, custom });
  }
}

/** Of each entity the last number of the year before is one too high: the one before it is lost. */
function numberGap(draft: Draft, today: CivilDate): Planted[] {
  const [entity] = draft.entities;
  const prefix = `${entity?.entity}-${Number(today.slice(0, 4)) - 1}-`;
  const numbers = draft.invoices.map(({ invoice }) => invoice).filter((n) => n.startsWith(prefix));
  const last = numbers.sort().at(-1);
  if (last === undefined) throw new RangeError(`no document in ${prefix}`);
  const next = `${prefix}${String(Number(last.slice(prefix.length)) + 1).padStart(5, '0')}`;
  const renamed = <R extends { readonly invoice: string | null }>(rows: R[]): R[] =>
    rows.map((row) => (row.invoice === last ? { ...row, invoice: next } : row));
  draft.invoices = renamed(draft.invoices);
  draft.invoice_lines = renamed(draft.invoice_lines);
  draft.payment_allocations = renamed(draft.payment_allocations);
  draft.payments = renamed(draft.payments).map((row) =>
    row.reference === last ? { ...row, reference: next } : row,
  );
  return [
    {
      kind: 'number-lost',
      words: `${last} was never issued; ${next} was`,
      account: null,
      contract: null,
      subcontract: null,
      record: last,
      rules: ['number-gap'],
      also: [],
    },
  ];
}
