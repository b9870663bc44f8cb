/**
 * The mess of real life, planted on purpose and written down: ten named kinds that `book findings` and the next bill run
 * have to notice.
 */
import { rowOf } from '../domain/book/blank-row.ts';
import type { Row } from '../domain/book/tables.ts';
import { addDays, addMonths, type CivilDate } from '../domain/dates/dates.ts';
import type { Random } from './random.ts';
import type { Draft } from './sample-company.ts';

export interface Planted {
  readonly kind: string;
  /** What was done, in words. */
  readonly words: string;
  readonly account: string | null;
  readonly contract: string | null;
  readonly subcontract: string | null;
}

/** Plants each kind a few times, every time on another contract, and says where. */
export function plantMess(draft: Draft, random: Random, today: CivilDate): Planted[] {
  const planted: Planted[] = [];
  const free = draft.contracts.filter((row) => isLively(draft, row, today));
  const take = (): Row<'contracts'> => {
    const contract = free.splice(random.below(free.length), 1)[0];
    if (contract === undefined) throw new RangeError('too few contracts to plant mess in');
    return contract;
  };
  for (const [kind, count, plant] of KINDS)
    for (let time = 0; time < count; time += 1) {
      const contract = take();
      const { words, subcontract } = plant(draft, contract, today);
      planted.push({
        kind,
        words,
        account: contract.account,
        contract: contract.contract,
        subcontract,
      });
    }
  return planted;
}

/** Active, annual, billed and paid for a period that has months to go: what is planted there stands alone. */
function isLively(draft: Draft, contract: Row<'contracts'>, today: CivilDate): boolean {
  return (
    contract.status === 'active' &&
    contract.billingFrequency === 'annual' &&
    contract.reductions === null &&
    contract.end > addMonths(today, 8) &&
    licensesOf(draft, contract).some((row) => row.kind === 'full' && row.state === 'enabled')
  );
}

type Plant = (
  draft: Draft,
  contract: Row<'contracts'>,
  today: CivilDate,
) => { words: string; subcontract: string | null };

const KINDS: readonly (readonly [string, number, Plant])[] = [
  ['subcontract-never-billed', 3, neverBilled],
  ['billed-after-termination', 2, billedAfterTermination],
  ['quantity-changed-in-license-only', 3, seatsOver],
  ['duplicate-subcontract', 2, duplicate],
  ['subcontract-on-wrong-account', 2, wrongAccount],
  ['expired-but-active', 2, expiredButActive],
  ['price-list-outdated', 2, priceListOutdated],
  ['service-time-never-billed', 3, serviceNeverBilled],
  ['payment-in-one-system-only', 2, paymentInOneSystem],
  ['license-on-though-unpaid', 2, licensedThoughUnpaid],
];

function subcontractsOf(draft: Draft, contract: Row<'contracts'>): Row<'subcontracts'>[] {
  return draft.subcontracts.filter((row) => row.contract === contract.contract);
}

function licensesOf(draft: Draft, contract: Row<'contracts'>): Row<'licenses'>[] {
  const names = new Set(subcontractsOf(draft, contract).map((row) => row.subcontract));
  return draft.licenses.filter((row) => row.subcontract !== null && names.has(row.subcontract));
}

function firstLicensed(draft: Draft, contract: Row<'contracts'>): [Row<'licenses'>, number] {
  const full = licensesOf(draft, contract).find(
    (row) => row.kind === 'full' && row.state === 'enabled',
  );
  if (full === undefined) throw new RangeError(`${contract.contract} has no license`);
  return [full, draft.licenses.indexOf(full)];
}

function replace<R>(rows: R[], row: R, change: Partial<R>): void {
  rows[rows.indexOf(row)] = { ...row, ...change };
}

const freshSubcontract = (draft: Draft) => `S-${30_001 + draft.subcontracts.length}`;

function neverBilled(draft: Draft, contract: Row<'contracts'>, today: CivilDate) {
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

function billedAfterTermination(draft: Draft, contract: Row<'contracts'>, today: CivilDate) {
  const [license] = firstLicensed(draft, contract);
  const row = subcontractsOf(draft, contract).find((s) => s.subcontract === license.subcontract);
  if (row !== undefined) replace(draft.subcontracts, row, { end: addMonths(today, -2) });
  return {
    subcontract: license.subcontract,
    words: `${license.subcontract} ended two months ago; its whole year was billed`,
  };
}

function seatsOver(draft: Draft, contract: Row<'contracts'>) {
  const [license, at] = firstLicensed(draft, contract);
  draft.licenses[at] = { ...license, seats: String(Number(license.seats) + 7) };
  return {
    subcontract: license.subcontract,
    words: `the license of ${license.subcontract} has seven seats more than its contract`,
  };
}

function duplicate(draft: Draft, contract: Row<'contracts'>, today: CivilDate) {
  const [license] = firstLicensed(draft, contract);
  const row = subcontractsOf(draft, contract).find((s) => s.subcontract === license.subcontract);
  const subcontract = freshSubcontract(draft);
  if (row !== undefined)
    draft.subcontracts.push({ ...row, subcontract, recorded: addDays(today, -12) });
  return {
    subcontract,
    words: `${subcontract} is ${license.subcontract} entered again, same serial`,
  };
}

function wrongAccount(draft: Draft, contract: Row<'contracts'>) {
  const [license, at] = firstLicensed(draft, contract);
  const other = draft.accounts.find((row) => row.account !== contract.account);
  if (other !== undefined) draft.licenses[at] = { ...license, account: other.account };
  return {
    subcontract: license.subcontract,
    words: `the license of ${license.subcontract} is registered to another account`,
  };
}

function expiredButActive(draft: Draft, contract: Row<'contracts'>, today: CivilDate) {
  const expired = draft.contracts.find(
    (row) =>
      row.status === 'lapsed' &&
      row.end > addMonths(today, -10) &&
      row.account !== contract.account,
  );
  if (expired === undefined)
    return { subcontract: null, words: 'no contract ended within the year' };
  replace(draft.contracts, expired, { status: 'active' });
  return {
    subcontract: null,
    words: `${expired.contract} ended on ${expired.end} and is still called active`,
  };
}

function priceListOutdated(draft: Draft, contract: Row<'contracts'>, today: CivilDate) {
  const priceList = `legacy-${contract.contract}`;
  const subcontract = freshSubcontract(draft);
  draft.prices.push(
    rowOf('prices', {
      priceList,
      sku: 'CAM-MNT',
      currency: contract.currency ?? 'USD',
      unitPrice: '480',
      validTo: addMonths(today, -18),
    }),
  );
  for (const row of subcontractsOf(draft, contract))
    if (row.unitPrice === null) replace(draft.subcontracts, row, { unitPrice: '450' });
  replace(draft.contracts, contract, { priceList });
  draft.subcontracts.push(
    rowOf('subcontracts', {
      subcontract,
      contract: contract.contract,
      sku: 'CAM-MNT',
      quantity: '4',
      start: addMonths(today, 1),
    }),
  );
  return {
    subcontract,
    words: `price list ${priceList} has no price for CAM-MNT since ${addMonths(today, -18)}`,
  };
}

function serviceNeverBilled(draft: Draft, contract: Row<'contracts'>, today: CivilDate) {
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
  return { subcontract: null, words: `${entry}, approved five months ago, was never billed` };
}

function paymentInOneSystem(draft: Draft, contract: Row<'contracts'>, today: CivilDate) {
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
  return { subcontract: null, words: `${payment} stands in the bank and on no invoice` };
}

function licensedThoughUnpaid(draft: Draft, contract: Row<'contracts'>) {
  const [license] = firstLicensed(draft, contract);
  const line = draft.invoice_lines.findLast((row) => row.subcontract === license.subcontract);
  const at = draft.invoices.findIndex((row) => row.invoice === line?.invoice);
  const invoice = draft.invoices[at];
  if (invoice !== undefined) {
    draft.invoices[at] = { ...invoice, status: 'issued', balance: invoice.total };
    const gone = draft.payment_allocations.find((row) => row.invoice === invoice.invoice);
    draft.payment_allocations = draft.payment_allocations.filter((row) => row !== gone);
    draft.payments = draft.payments.filter((row) => row.payment !== gone?.payment);
  }
  return {
    subcontract: license.subcontract,
    words: `${license.subcontract} has a full license though ${line?.invoice ?? 'its invoice'} is open`,
  };
}
