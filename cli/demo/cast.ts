/**
 * Who plays in the sample year: accounts chosen by what the next bill run would do with them, so that the story holds with
 * any book that has such customers. Pure.
 */
import { addDays, type CivilDate } from '../../domain/dates/dates.ts';
import type { AccountAnswer, ContractAnswer, Draft, PreviewAnswer } from './answers.ts';
import { PAYS_PART_AFTER_DAYS } from './late-payer.ts';

export interface Candidates {
  readonly runOn: CivilDate;
  readonly accounts: readonly AccountAnswer[];
  readonly contracts: readonly ContractAnswer[];
  readonly preview: PreviewAnswer;
  /** How many accounts take part at most; those that the story is about always do. */
  readonly size: number;
}

export interface Cast {
  /** Pays late and in two parts; this contract's invoice of the first run. */
  readonly late: Draft;
  /** Pays these invoices at once. */
  readonly together: readonly Draft[];
  /** Left out of the first run by the reviewer. */
  readonly excluded: Draft;
  /** Ends within the year and renews only if the customer says so. */
  readonly renewing: ContractAnswer;
  /** All accounts, the above included. */
  readonly accounts: readonly string[];
}

export const CAST_SIZE = 12;
/** Who the story is about. */
export const CAST_LEAST = 4;
const RENEWS_AFTER_DAYS = 75;
const RENEWS_BEFORE_DAYS = 200;
const CONTRACTS_MOST = 3;

/** Answers who plays, or in words who could not be found. */
export function chooseCast(from: Candidates): Cast | string {
  const stage = playable(from);
  const taken = new Set<string>();
  const take = <T>(account: string, value: T): T => {
    taken.add(account);
    return value;
  };
  const ofAccount = groupByAccount(stage.documents);
  const free = () => stage.documents.filter((one) => !taken.has(one.account.account));
  const late = smallest(
    free().filter((one) => ofAccount(one).length === 1 && mayBeLate(one, from.runOn)),
  );
  if (late === undefined) return 'a customer who could pay late and in parts';
  take(late.account.account, late);
  const pair = free().map(ofAccount).find(payableTogether);
  if (pair?.[0] === undefined) return 'a customer with two invoices of the same day';
  const together = take(pair[0].account.account, pair);
  const excluded = smallest(free().filter((one) => ofAccount(one).length === 1 && isPlain(one)));
  if (excluded === undefined) return 'a contract to leave out of the run';
  take(excluded.account.account, excluded);
  const renewing = stage.contracts.find(
    (one) => !taken.has(one.account.account) && renewsInTime(one, from.runOn),
  );
  if (renewing === undefined) return 'a contract that ends within the year';
  take(renewing.account.account, renewing);
  const contractsOf = ({ account }: Draft) =>
    stage.contracts.filter((one) => one.account.account === account.account).length;
  for (const one of free().sort((a, b) => contractsOf(a) - contractsOf(b) || byTotal(a, b)))
    if (taken.size < from.size && isPlain(one)) taken.add(one.account.account);
  return { late, together, excluded, renewing, accounts: [...taken] };
}

/** Customers in good order: nothing open, mail address known, few contracts, none of them in trouble. */
function playable({ accounts, contracts, preview }: Candidates) {
  const troubled = new Set([...preview.setAside, ...preview.held].map(({ contract }) => contract));
  const owned = (account: string) => contracts.filter((one) => one.account.account === account);
  const good = new Set(
    accounts
      .filter(({ status, clock, open, billingEmail }) => {
        return status === 'active' && clock === null && open.length === 0 && billingEmail !== null;
      })
      .map(({ account }) => account)
      .filter((account) => {
        const own = owned(account);
        const sound = own.every(
          ({ contract, status, needsAttention }) =>
            status === 'active' && needsAttention === null && !troubled.has(contract),
        );
        // A contract that bills each month would fill the terminal.
        const quiet = own.every(({ billingFrequency }) => billingFrequency !== 'monthly');
        return own.length > 0 && own.length <= CONTRACTS_MOST && sound && quiet;
      }),
  );
  return {
    documents: preview.documents.filter(
      (one) => one.kind === 'invoice' && good.has(one.account.account),
    ),
    contracts: contracts.filter((one) => good.has(one.account.account)),
  };
}

function groupByAccount(documents: readonly Draft[]): (one: Draft) => readonly Draft[] {
  return ({ account }) => documents.filter((one) => one.account.account === account.account);
}

const byTotal = (a: Draft, b: Draft) => a.total.amount - b.total.amount;
const smallest = (documents: readonly Draft[]) => [...documents].sort(byTotal)[0];
const isPlain = ({ lines }: Draft) =>
  lines.every(({ kind, caughtUp }) => kind === 'recurring' && !caughtUp);

/** Several subcontracts of one period that begins before the first money comes: it needs a key of grace until then. */
function mayBeLate(one: Draft, runOn: CivilDate): boolean {
  const subcontracts = new Set(one.lines.map(({ subcontract }) => subcontract));
  const starts = new Set(one.lines.map(({ periodStart }) => periodStart));
  const [start] = starts;
  return (
    isPlain(one) &&
    subcontracts.size >= 2 &&
    starts.size === 1 &&
    typeof start === 'string' &&
    start > runOn &&
    start < addDays(one.dueDate, PAYS_PART_AFTER_DAYS) &&
    one.dueDate > addDays(runOn, 14)
  );
}

function payableTogether(documents: readonly Draft[]): boolean {
  const [first, second] = documents;
  return (
    first !== undefined &&
    second !== undefined &&
    documents.length === 2 &&
    documents.every(isPlain) &&
    first.dueDate === second.dueDate &&
    first.total.currency === second.total.currency
  );
}

function renewsInTime({ autoRenew, end, billingFrequency }: ContractAnswer, runOn: CivilDate) {
  return (
    !autoRenew &&
    billingFrequency === 'annual' &&
    end >= addDays(runOn, RENEWS_AFTER_DAYS) &&
    end <= addDays(runOn, RENEWS_BEFORE_DAYS)
  );
}
