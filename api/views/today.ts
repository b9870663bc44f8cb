/** The Today page: decisions first, with their money and age; then what comes, what arrived, and health in a line. */

import { diskWarning } from '../../connectors/disk-room.ts';
import {
  type Approval,
  type BillRun,
  type Correction,
  contractsNeedingAttention,
  contractsToRun,
  type Db,
  fourEyes,
  getRun,
  hasSamples,
  type Invoice,
  type ListName,
  listRows,
  listRunItems,
  listRuns,
  type Mail,
  nextRunDay,
  type Payment,
  type Renewal,
  type User,
  waitingApprovals,
} from '../../db/index.ts';
import { addDays, daysBetween } from '../../domain/dates/dates.ts';
import { isOffCycleRun } from '../../workflows/ids.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { allRows } from '../http/lists.ts';
import { may } from '../permissions.ts';
import type { Arrival, Decision, DecisionKind, Money, Today } from '../types.ts';
import { isOpen } from './invoices.ts';
import { counted, inWords, money, sums } from './money.ts';
import { accountNames, todayOf } from './parties.ts';
import { receivablesReport } from './receivables.ts';

const OLD_ARRIVALS_DAYS = 7;
const ARRIVALS_MOST = 50;

export async function todayReport(
  dependencies: Pick<ApiDependencies, 'db' | 'now' | 'configuration'>,
  person: User,
  since: string | undefined,
): Promise<Today> {
  const { db, now, configuration } = dependencies;
  const today = await todayOf(db, now());
  const from = since ?? `${addDays(today, -OLD_ARRIVALS_DAYS)}T00:00:00Z`;
  const [decisions, nextRun, arrivals, { totals }, attention, running, isSample, disk] =
    await Promise.all([
      decisionsFor(db, person, today),
      nextRunOf(db, today),
      arrivalsSince(db, from),
      receivablesReport(dependencies, {}),
      contractsNeedingAttention(db, { clock: null }),
      contractsToRun(db, { clock: null }),
      hasSamples(db),
      diskWarning(configuration.uploadFolder),
    ]);
  const decisionCounts: Partial<Record<DecisionKind, number>> = {};
  for (const { kind } of decisions) decisionCounts[kind] = (decisionCounts[kind] ?? 0) + 1;
  return {
    today,
    isSample,
    decisions,
    decisionCounts,
    nextRun,
    arrivals,
    receivable: totals.map(({ open, overdue }) => ({ open, overdue })),
    health: {
      ok: attention.length === 0 && disk === null,
      words: disk ?? lookedAfter(running.length, attention.length),
      contracts: running.length,
      needAttention: attention.length,
    },
  };
}

function lookedAfter(contracts: number, needing: number): string {
  if (needing > 0)
    return `${counted(needing, 'contract')} of ${contracts} need a person; see above`;
  return contracts === 0
    ? 'All is well; there is no contract to look after yet'
    : `All ${counted(contracts, 'contract')} are being looked after`;
}

async function decisionsFor(db: Db, person: User, today: string): Promise<Decision[]> {
  const eyes = await fourEyes(db);
  const [runs, cases, attention, renewals, disputed, approvals, corrections] = await Promise.all([
    listRuns(db, { clock: null, limit: 24 }),
    allRows<Payment>(db, 'payments', { state: 'review' }, { clock: null }),
    contractsNeedingAttention(db, { clock: null }),
    allRows<Renewal>(db, 'renewals', { state: 'sent' }, { clock: null }),
    allRows<Invoice>(db, 'invoices', { disputed: true }, { clock: null }),
    waitingApprovals(db),
    allRows<Correction>(db, 'corrections', { state: 'waiting' }, { clock: null }),
  ]);
  const nameOf = await accountNames(db, [
    ...cases.map((row) => row.account),
    ...renewals.map((row) => row.account),
    ...disputed.map((row) => row.account),
    ...corrections.map((row) => row.account),
  ]);
  const ageOf = (since: string) => Math.max(0, daysBetween(since.slice(0, 10), today));
  const decisions = [
    ...(await Promise.all(runs.map((run) => runDecision(db, run, person, eyes)))).flat(),
    ...approvals.map((row) => approvalDecision(row, person, eyes)),
    ...cases.map(
      (row): Bare => ({
        kind: 'payment-case',
        subject: row.payment,
        words: `A payment of ${inWords([money(row.amountMinor, row.currency)])} needs a person to say what it pays`,
        account: row.account === null ? null : nameOf(row.account),
        money: [money(row.unappliedMinor, row.currency)],
        since: row.receivedOn,
        link: `/cash/${encodeURIComponent(row.payment)}`,
        action: 'Match',
        mayDecide: may(person.role, 'payment:allocate'),
      }),
    ),
    ...attention.map(
      (row): Bare => ({
        kind: 'contract-attention',
        subject: row.contract,
        words: `${row.contract}: ${row.needsAttention ?? row.words}`,
        account: null,
        money: [],
        since: new Date(row.updatedAt).toISOString(),
        link: `/contracts/${encodeURIComponent(row.contract)}`,
        action: 'Look',
        mayDecide: may(person.role, 'contract:resolve'),
      }),
    ),
    ...renewals.map(
      (row): Bare => ({
        kind: 'renewal-decision',
        subject: row.contract,
        words: `${row.contract} waits for the customer’s answer to its renewal from ${row.termStart}`,
        account: nameOf(row.account),
        money: [money(row.valueMinor, row.currency)],
        since: new Date(row.createdAt).toISOString(),
        link: `/contracts/${encodeURIComponent(row.contract)}`,
        action: 'Enter the answer',
        mayDecide: may(person.role, 'renewal:decide'),
      }),
    ),
    ...disputed.filter(isOpen).map(
      (row): Bare => ({
        kind: 'dispute',
        subject: row.invoice,
        words: `${row.invoice} is disputed`,
        account: nameOf(row.account),
        money: [money(row.balanceMinor, row.currency)],
        since: row.issuedOn,
        link: `/invoices/${encodeURIComponent(row.invoice)}`,
        action: 'Settle',
        mayDecide: may(person.role, 'invoice:dispute'),
      }),
    ),
    ...corrections.map(
      (row): Bare => ({
        kind: 'correction',
        subject: row.correction,
        words: 'A customer proposes to correct their record',
        account: nameOf(row.account),
        money: [],
        since: row.proposedOn,
        link: `/corrections?open=${encodeURIComponent(row.correction)}`,
        action: 'Decide',
        mayDecide: may(person.role, 'correction:decide'),
      }),
    ),
  ].map((bare): Decision => ({ ...bare, ageDays: ageOf(bare.since) }));
  const weight = ({ money: amounts }: Decision) =>
    amounts.reduce((most, { amount }) => Math.max(most, Math.abs(amount)), 0);
  return decisions.sort((a, b) => weight(b) - weight(a) || b.ageDays - a.ageDays);
}

type Bare = Omit<Decision, 'ageDays'>;

async function totalsOfRun(db: Db, run: string): Promise<{ totals: Money[]; documents: number }> {
  const items = (
    await listRunItems(db, run, { kinds: ['invoice', 'credit_note'], documents: false })
  ).filter((item) => item.decision === 'include');
  const totals = sums(items.map((item) => money(item.totalMinor, item.currency ?? '')));
  return { totals, documents: items.length };
}

async function runDecision(db: Db, run: BillRun, person: User, eyes: boolean): Promise<Bare[]> {
  if (run.state !== 'in_review' && run.state !== 'submitted') return [];
  const { totals, documents } = await totalsOfRun(db, run.run);
  const submitted = run.state === 'submitted';
  const own = eyes && run.maker === person.id;
  const what = `The ${isOffCycleRun(run.run) ? 'off-cycle bill run' : 'bill run of'} ${run.run}`;
  return [
    {
      kind: submitted ? 'bill-run-approval' : 'bill-run-review',
      subject: run.run,
      words: submitted
        ? `${what} waits for a second person: ${counted(documents, 'document')} for ${inWords(totals)}`
        : `${what} is ready for review: ${counted(documents, 'document')} for ${inWords(totals)}`,
      account: null,
      money: totals,
      since: new Date(run.startedAt).toISOString(),
      link: `/bill-runs/${encodeURIComponent(run.run)}`,
      action: submitted ? 'Approve' : 'Review',
      mayDecide: submitted
        ? may(person.role, 'bill-run:approve') && !own
        : may(person.role, 'bill-run:submit'),
    },
  ];
}

function approvalDecision(row: Approval, person: User, eyes: boolean): Bare {
  return {
    kind: 'approval',
    subject: row.approval,
    words: `${row.summary}: waits for a second person`,
    account: null,
    money: [],
    since: new Date(row.createdAt).toISOString(),
    link: `/approvals/${encodeURIComponent(row.approval)}`,
    action: 'Decide',
    mayDecide: may(person.role, 'approval:decide') && !(eyes && row.maker === person.id),
  };
}

async function nextRunOf(db: Db, today: string): Promise<Today['nextRun']> {
  const day = await nextRunDay(db, today);
  const run = await getRun(db, day.slice(0, 7));
  const computed = run === null ? null : await totalsOfRun(db, run.run);
  const setAside =
    run === null
      ? null
      : (await listRunItems(db, run.run, { kinds: ['set_aside'], documents: false })).length;
  return {
    month: day.slice(0, 7),
    runOn: run?.runOn ?? day,
    daysAway: daysBetween(today, run?.runOn ?? day),
    wouldBill: computed?.totals ?? null,
    invoices: computed?.documents ?? null,
    setAside,
    run: run?.run ?? null,
    state: run?.state ?? null,
  };
}

/** The newest rows of a list, of the real world. */
async function newest<R>(db: Db, list: ListName, filter: Record<string, string>): Promise<R[]> {
  const query = { filter, sort: '-createdAt', limit: ARRIVALS_MOST, clock: null };
  return [...(await listRows(db, list, query)).rows] as R[];
}

async function arrivalsSince(db: Db, since: string): Promise<Arrival[]> {
  const [payments, renewals, mails] = await Promise.all([
    newest<Payment>(db, 'payments', {}),
    allRows<Renewal>(
      db,
      'renewals',
      {
        state: ['accepted', 'declined'],
        decidedOn: { from: since.slice(0, 10) },
      },
      { clock: null },
    ),
    newest<Mail>(db, 'mails', { state: 'rejected' }),
  ]);
  const arrivals = [
    ...payments
      .filter((row) => row.source === 'perennial' && new Date(row.createdAt) >= new Date(since))
      .map(
        (row): Arrival => ({
          at: new Date(row.createdAt).toISOString(),
          kind: 'payment',
          words: `Payment ${row.reference ?? row.payment}`,
          money: money(row.amountMinor, row.currency),
          link: `/cash/${encodeURIComponent(row.payment)}`,
        }),
      ),
    ...renewals.map(
      (row): Arrival => ({
        at: `${row.decidedOn ?? since.slice(0, 10)}T00:00:00.000Z`,
        kind: 'renewal-answer',
        words: `${row.contract}: renewal ${row.state}`,
        money: money(row.valueMinor, row.currency),
        link: `/contracts/${encodeURIComponent(row.contract)}`,
      }),
    ),
    ...mails
      .filter((row) => new Date(row.createdAt) >= new Date(since))
      .map(
        (row): Arrival => ({
          at: new Date(row.createdAt).toISOString(),
          kind: 'mail-rejected',
          words: `“${row.subject}” was refused by the mail server: ${row.reason ?? 'no reason given'}`,
          money: null,
          link: row.contract === null ? null : `/contracts/${encodeURIComponent(row.contract)}`,
        }),
      ),
  ];
  return arrivals.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, ARRIVALS_MOST);
}
