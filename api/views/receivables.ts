/** The Receivables page: aging by currency, and one row an account. */

import { type Invoice, listClocks, receivables } from '../../db/index.ts';
import type { Row } from '../../domain/book/tables.ts';
import { addDays } from '../../domain/dates/dates.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { allRows } from '../http/lists.ts';
import type { AgingBucket, InvoiceSummary, Money, Receivables } from '../types.ts';
import { invoiceSummary, isOpen } from './invoices.ts';
import { money } from './money.ts';
import { todayOf } from './parties.ts';

const OPEN_STATES = ['issued', 'partially_paid', 'disputed'];
/** The default ladder's day of the credit hold (billing rules §6). */
const CREDIT_HOLD_DAYS = 45;

export async function receivablesReport(
  { db, now }: Pick<ApiDependencies, 'db' | 'now'>,
  { asOf, entity }: { asOf?: string | undefined; entity?: string | undefined },
): Promise<Receivables> {
  const day = asOf ?? (await todayOf(db, now()));
  const options = { asOf: day, clock: null, ...(entity === undefined ? {} : { entity }) };
  const [owed, entities, clocks, accounts, open] = await Promise.all([
    receivables(db, options),
    allRows<Row<'entities'>>(db, 'entities', {}),
    listClocks(db),
    allRows<Row<'accounts'>>(db, 'accounts', {}, { clock: null }),
    allRows<Invoice>(db, 'invoices', { state: OPEN_STATES }, { clock: null }),
  ]);
  const accountOf = new Map(accounts.map((row) => [row.account, row]));
  const nameOf = (account: string) => ({
    account,
    name: accountOf.get(account)?.name ?? account,
  });
  const openOf = new Map<string, Invoice[]>();
  for (const invoice of open.filter((one) => isOpen(one) && one.issuedOn <= day)) {
    const key = `${invoice.account} ${invoice.currency} ${invoice.entity}`;
    openOf.set(key, [...(openOf.get(key) ?? []), invoice]);
  }
  const rows = owed.map((row) => {
    const mine = openOf.get(`${row.account} ${row.currency} ${row.entity}`) ?? [];
    const invoices: InvoiceSummary[] = mine.map((invoice) => invoiceSummary(invoice, nameOf, day));
    const promises = mine
      .map((invoice) => invoice.promisedUntil)
      .filter((until) => until !== null && until >= day)
      .sort();
    return {
      account: nameOf(row.account),
      currency: row.currency,
      open: row.total,
      notDue: row.notDue,
      days1To30: row.days1To30,
      days31To60: row.days31To60,
      days61To90: row.days61To90,
      over90: row.over90,
      unappliedCredit: row.unapplied,
      oldestDueOn: row.oldestDueOn,
      reminderStage: row.reminderStage,
      promisedUntil: promises.at(-1) ?? null,
      disputed: row.disputed,
      creditHold: row.oldestDueOn !== null && row.oldestDueOn <= addDays(day, -CREDIT_HOLD_DAYS),
      ownerEmail: accountOf.get(row.account)?.ownerEmail ?? null,
      invoices,
    };
  });
  return {
    asOf: day,
    entities: entities
      .filter((row) => !clocks.some(({ clock }) => row.entity.startsWith(`${clock}-`)))
      .map((row) => ({ entity: row.entity, name: row.legalName ?? row.entity })),
    entity: entity ?? null,
    totals: totalsOf(owed, open, day),
    rows,
  };
}

type Totals = Receivables['totals'][number];

/** What one account owes by currency and age, credit alone included; `owed` and `open` are that account's. */
export function balancesOf(
  owed: Awaited<ReturnType<typeof receivables>>,
  open: readonly Invoice[],
  credit: Readonly<Record<string, number>>,
  day: string,
): (Totals & { balance: Money })[] {
  const totals = totalsOf(owed, open, day);
  const only = Object.keys(credit).filter(
    (currency) => credit[currency] !== 0 && !totals.some((one) => one.currency === currency),
  );
  return [...totals, ...only.map(nothingOpen)]
    .sort((a, b) => (a.currency < b.currency ? -1 : 1))
    .map((one) => {
      const unapplied = credit[one.currency] ?? 0;
      return {
        ...one,
        unappliedCredit: money(unapplied, one.currency),
        balance: money(one.open.amount - unapplied, one.currency),
      };
    });
}

function nothingOpen(currency: string): Totals {
  const none = money(0, currency);
  return {
    currency,
    open: none,
    overdue: none,
    disputed: none,
    promised: none,
    unappliedCredit: none,
    aging: BUCKETS.map(({ bucket }) => ({ bucket, amount: none, invoices: 0 })),
  };
}

function totalsOf(
  owed: Awaited<ReturnType<typeof receivables>>,
  open: readonly Invoice[],
  day: string,
): Receivables['totals'] {
  return [...new Set(owed.map((row) => row.currency))].sort().map((currency) => {
    const mine = owed.filter((row) => row.currency === currency);
    const sum = (value: (row: (typeof owed)[number]) => number) =>
      money(
        mine.reduce((total, row) => total + value(row), 0),
        currency,
      );
    const ages = open
      .filter((one) => isOpen(one) && one.currency === currency)
      .map((one) => bucketOf(one.dueOn, day));
    const aging = BUCKETS.map(
      ({ bucket, value }): AgingBucket => ({
        bucket,
        amount: sum(value),
        invoices: ages.filter((age) => age === bucket).length,
      }),
    );
    return {
      currency,
      open: sum((row) => row.total),
      overdue: sum((row) => row.total - row.notDue),
      disputed: sum((row) => row.disputed),
      promised: sum((row) => row.promised),
      unappliedCredit: sum((row) => row.unapplied),
      aging,
    };
  });
}

type Owed = Awaited<ReturnType<typeof receivables>>[number];
const BUCKETS: readonly { bucket: AgingBucket['bucket']; value: (row: Owed) => number }[] = [
  { bucket: 'not-due', value: (row) => row.notDue },
  { bucket: '1-30', value: (row) => row.days1To30 },
  { bucket: '31-60', value: (row) => row.days31To60 },
  { bucket: '61-90', value: (row) => row.days61To90 },
  { bucket: 'over-90', value: (row) => row.over90 },
];

function bucketOf(dueOn: string, day: string): AgingBucket['bucket'] {
  if (dueOn >= day) return 'not-due';
  if (dueOn >= addDays(day, -30)) return '1-30';
  if (dueOn >= addDays(day, -60)) return '31-60';
  return dueOn >= addDays(day, -90) ? '61-90' : 'over-90';
}
