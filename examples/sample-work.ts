/** What the sample company did and sold in its three years: service time, metered usage, incidents and orders. */
import { rowOf } from '../domain/book/blank-row.ts';
import type { Row } from '../domain/book/tables.ts';
import {
  addDays,
  addMonths,
  type CivilDate,
  daysBetween,
  earlier,
  monthOf,
} from '../domain/dates/dates.ts';
import { lastRunDay } from '../domain/findings/billing-rules.ts';
import type { Random } from './random.ts';
import { RECURRING_SKUS } from './sample-catalogue.ts';
import { type Draft, HISTORY_MONTHS, lastRunOn, otherAccounts } from './sample-company.ts';

/** Entries and calls over the whole history: some thirteen and eighteen a month. */
const TIMESHEETS = 480;
const INCIDENTS = 640;
const METERED_CONTRACTS = 12;

/** Adds three years of work up to `today`, so that the history bills what runs up to the last one should have billed. */
export function addWork(draft: Draft, random: Random, today: CivilDate): void {
  addTimesheets(draft, random, today);
  addIncidents(draft, random, today);
  addUsage(draft, random, today);
  addOrders(draft, random, today);
}

/** A day of the history, some days ago at least. */
function dayWithin(random: Random, today: CivilDate, leastDays: number): CivilDate {
  return addDays(
    today,
    -random.between(leastDays, daysBetween(addMonths(today, -HISTORY_MONTHS), today)),
  );
}

function addTimesheets(draft: Draft, random: Random, today: CivilDate): void {
  const accounts = new Set(otherAccounts(draft).map(({ account }) => account));
  const others = draft.contracts.filter(({ account }) => accounts.has(account));
  for (let number = 0; number < TIMESHEETS; number += 1) {
    let date = dayWithin(random, today, 3);
    let approvedOn = addDays(date, random.between(1, 9));
    // Approved since the last run and by the 15th it would still be unbilled.
    while (approvedOn > lastRunOn(today) && approvedOn <= lastRunDay(today))
      [date, approvedOn] = [addDays(date, -31), addDays(approvedOn, -31)];
    const contract = random.pick(servedOn(others, date));
    draft.timesheets.push(
      rowOf('timesheets', {
        entry: `T-${3001 + number}`,
        account: contract.account,
        date,
        hours: random.pick(['1.5', '2', '4', '6.25', '8']),
        rate: contract.currency === 'USD' ? '185' : '170',
        contract: contract.contract,
        billable: random.chance(85),
        description: random.pick([
          'Installation on site',
          'Training',
          'Data migration',
          'Macro development',
        ]),
        approvedOn: approvedOn <= today ? approvedOn : null,
      }),
    );
  }
}

/** The contracts that run on a day, or begin within the next months: installation comes before the start. */
function servedOn(contracts: readonly Row<'contracts'>[], date: CivilDate): Row<'contracts'>[] {
  const soon = addMonths(date, 3);
  return contracts.filter(({ start, end }) => start <= soon && end >= date);
}

function addIncidents(draft: Draft, random: Random, today: CivilDate): void {
  for (let number = 0; number < INCIDENTS; number += 1) {
    const opened = dayWithin(random, today, 1);
    const closed = addDays(opened, random.between(0, 12));
    draft.incidents.push(
      rowOf('incidents', {
        incident: `I-${5001 + number}`,
        account: random.pick(draft.accounts).account,
        opened,
        closed: closed <= today ? closed : null,
        sku: random.pick(RECURRING_SKUS),
        severity: random.pick(['low', 'normal', 'normal', 'high']),
        subject: random.pick([
          'Crash on export',
          'License server unreachable',
          'Slow redraw',
          'Question on macros',
        ]),
        minutes: random.between(10, 240),
      }),
    );
  }
}

/** A reading each month of each metered contract's term, on the 10th. */
function addUsage(draft: Draft, random: Random, today: CivilDate): void {
  const metered = draft.contracts
    .filter((row) => row.billingFrequency === 'quarterly')
    .slice(0, METERED_CONTRACTS);
  for (const [number, contract] of metered.entries()) {
    const subcontract = `S-${20_001 + number}`;
    draft.subcontracts.push(
      rowOf('subcontracts', {
        subcontract,
        contract: contract.contract,
        sku: 'API-CALLS',
        quantity: '0',
        includedQuantity: '100000',
      }),
    );
    for (let ago = HISTORY_MONTHS - 1; ago >= 0; ago -= 1) {
      const on = addMonths(`${monthOf(today)}-10`, -ago);
      if (on < contract.start || on > contract.end || on > today) continue;
      if (on > lastRunOn(today) && on <= lastRunDay(today)) continue;
      draft.usage.push(
        rowOf('usage', {
          event: `U-${7001 + draft.usage.length}`,
          subcontract,
          metric: 'API-CALLS',
          quantity: String(random.between(20_000, 160_000)),
          at: `${on}T12:00:00Z`,
        }),
      );
    }
  }
}

function addOrders(draft: Draft, random: Random, today: CivilDate): void {
  for (const [number, contract] of draft.contracts.entries()) {
    const sold = draft.subcontracts.find((row) => row.contract === contract.contract);
    if (sold === undefined) continue;
    draft.orders.push(
      rowOf('orders', {
        order: `O-${6001 + number}`,
        account: contract.account,
        sku: sold.sku,
        quantity: sold.quantity,
        opportunity: `opp-${6001 + number}`,
        stage: 'closed_won',
        closed: earlier(addDays(contract.start, -random.between(5, 40)), addDays(today, -1)),
        contract: contract.contract,
        subcontract: sold.subcontract,
      }),
    );
  }
  for (let number = 0; number < 10; number += 1)
    draft.orders.push(
      rowOf('orders', {
        order: `O-${6801 + number}`,
        account: random.pick(draft.accounts).account,
        sku: random.pick(RECURRING_SKUS),
        quantity: String(random.between(1, 20)),
        opportunity: `opp-${6801 + number}`,
        stage: random.pick(['open', 'closed_lost']),
        closed: addDays(today, random.between(5, 60)),
      }),
    );
}
