/**
 * Runs beside one another: what is due is billed by one of them (billing rules §1). An off-cycle run and a month's run may be
 * open at once; no pair of subcontract and period, and no entry of service time, is on approved documents of both.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { Refusal } from '../refusal.ts';

const OPEN = ['computing', 'in_review', 'submitted', 'approved', 'issuing'];
/** Of the open ones: those whose numbers are frozen. */
const FROZEN = ['submitted', 'approved', 'issuing'];
const textArray = (values: readonly string[]) => sql`${sql.param([...values])}::text[]`;

/** Lines of documents that are to go out, of runs in the given states; `isOf` narrows them by `r` and `i`. */
const linesGoingOut = (states: readonly string[], isOf: SQL) => sql`
  select r.run, i.item, i.account, l.value as line
    from bill_runs r join bill_run_items i using (run)
   cross join lateral jsonb_array_elements(i.document -> 'lines') l
   where r.state = any(${textArray(states)}) and i.kind in ('invoice', 'credit_note')
     and i.decision = 'include' and i.state <> 'failed' and ${isOf}`;

/** What a line bills: a subcontract's period, or an entry of service time. */
const pairOfLine = sql`case when line ->> 'subcontract' is null then 'entry ' || (line -> 'entries' ->> 0)
  else (line ->> 'subcontract') || ' ' || coalesce(line ->> 'periodStart', '') end`;
const pairOfIssued = sql`case when n.subcontract is null then 'entry ' || n.entry
  else n.subcontract || ' ' || coalesce(n.period_start::text, '') end`;
/** Whose line it is: its contract's, or its account's own. */
const ownerOfLine = sql`coalesce('contract ' || (line ->> 'contract'), 'account ' || account)`;

export interface RunSubject {
  /** Null: the service time of the account's own. */
  readonly contract: string | null;
  readonly account: string;
}

/** The open runs that would bill something of a contract, or of an account's own service time; newest first. */
export async function openRunsOf(
  db: Db,
  { contract, account }: RunSubject,
): Promise<{ run: string; state: string }[]> {
  const owner = contract === null ? `account ${account}` : `contract ${contract}`;
  const rows = await db.execute<{ run: string; state: string }>(sql`
    select r.run, r.state from bill_runs r
     where r.run in (select run from (${linesGoingOut(OPEN, sql`true`)}) going where ${ownerOfLine} = ${owner})
     order by r.run desc`);
  return [...rows];
}

/** Documents of a run whose contracts another open run bills too; `offCycle` asks only among runs of less than a month. */
export async function documentsBesides(
  db: Db,
  run: string,
  { offCycle }: { offCycle: boolean },
): Promise<{ item: string; other: string }[]> {
  const others = offCycle ? sql`r.run <> ${run} and r.run like '%+%'` : sql`r.run <> ${run}`;
  const rows = await db.execute<{ item: string; other: string }>(sql`
    with others as materialized (
      select distinct run, ${ownerOfLine} as owner from (${linesGoingOut(OPEN, others)}) going)
    select mine.item, min(others.run) as other
      from (${linesGoingOut(OPEN, sql`r.run = ${run} and exists (select 1 from others)`)}) mine
      join others on others.owner = ${ownerOfLine}
     group by 1 order by 1`);
  return [...rows];
}

/**
 * Refuses documents of a run (null: all that go out) while another run bills the same: one that is open (`isFinal`: one whose
 * numbers are frozen), or one that has issued since this run read the book.
 * @throws Refusal `state-conflict`, `numbers-changed`
 */
export async function demandBilledOnce(
  tx: Db,
  run: string,
  documents: readonly string[] | null,
  { isFinal }: { isFinal: boolean },
): Promise<void> {
  const mine = linesGoingOut(
    OPEN,
    documents === null
      ? sql`r.run = ${run}`
      : sql`r.run = ${run} and i.item = any(${textArray(documents)})`,
  );
  const others = linesGoingOut(isFinal ? FROZEN : OPEN, sql`r.run <> ${run}`);
  const [open] = await tx.execute<{ other: string; pair: string }>(sql`
    with others as materialized (select run, ${pairOfLine} as pair from (${others}) going)
    select others.run as other, others.pair from (${mine}) mine
      join others on others.pair = ${pairOfLine}
     where exists (select 1 from others) order by 1, 2 limit 1`);
  if (open !== undefined)
    throw new Refusal(
      'state-conflict',
      `Bill run ${open.other} bills ${open.pair} already: decide there, or leave it out there first.`,
    );
  const [issued] = await tx.execute<{ other: string; invoice: string; pair: string }>(sql`
    with since as (
      select coalesce(computed_at, started_at) as read_at from bill_runs where run = ${run}),
    issued as materialized (
      select v.run, v.invoice, ${pairOfIssued} as pair
        from bill_runs r join invoices v on v.run = r.run join invoice_lines n on n.invoice = v.invoice
       where r.run <> ${run} and v.type = 'invoice' and v.state <> 'void'
         and coalesce(r.finished_at, 'infinity') > (select read_at from since)
         and v.created_at > (select read_at from since))
    select issued.run as other, issued.invoice, issued.pair from (${mine}) mine
      join issued on issued.pair = ${pairOfLine}
     where exists (select 1 from issued) order by 1, 2, 3 limit 1`);
  if (issued !== undefined)
    throw new Refusal(
      'numbers-changed',
      `${issued.invoice} of bill run ${issued.other} has billed ${issued.pair} since this run was computed: ` +
        'compute it again.',
    );
}
