/**
 * One contract billed between the months' runs, or an account's own service time: what it would come to, and the run of its
 * own that bills it with the checks of any other. What is agreed along with it becomes a subcontract when the run computes.
 */
import {
  type AgreedOneOff,
  type Db,
  demandDeliverable,
  fourEyes,
  getFact,
  getRun,
  knownVatAnswers,
  loadBook,
  oneOffSubcontract,
  openRunsOf,
} from '../db/index.ts';
import type { BillRunPreview } from '../domain/bill-run/document.ts';
import { previewBillRun } from '../domain/bill-run/preview.ts';
import { indexBook } from '../domain/book/book-index.ts';
import type { Row } from '../domain/book/tables.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { vatNumbersToAsk } from '../domain/tax/vat-check.ts';
import { vatNumberKey } from '../domain/tax/vat-number.ts';
import { offCycleItem, offCycleRunName } from '../workflows/ids.ts';
import type { BillRunArgs } from '../workflows/messages.ts';
import type { ApiDependencies } from './dependencies.ts';
import { notFound, ProblemError } from './problems.ts';
import { checkShown, withShownHash } from './shown.ts';
import type { OffCyclePreview } from './types.ts';
import { counted, inWords, money, sums } from './views/money.ts';
import { accountNames, todayFor } from './views/parties.ts';
import { previewAnswer } from './views/preview.ts';

/** A contract, or, where it is null, the account's own service time; quantities and prices as decimal strings. */
export interface OffCycleAsked {
  readonly contract: string | null;
  readonly account: string | null;
  readonly items: readonly Omit<AgreedOneOff, 'subcontract'>[];
}

interface OffCycle {
  readonly run: string;
  readonly runOn: CivilDate;
  readonly clock: string | null;
  readonly account: string;
  readonly contract: Row<'contracts'> | null;
  readonly items: readonly AgreedOneOff[];
}

const ENDED = new Set(['issued', 'refused', 'failed']);
/** A contract may be called as a finding is; the run of the finding keeps that name. */
const NAMED_AS_FINDING = /\+F-\d+$/;

/** The first name of this month that no run, and no item agreed along with one, bears. */
async function freeRun(db: Db, month: string, subject: string): Promise<string> {
  for (let ordinal = 1; ; ordinal += 1) {
    const run = offCycleRunName(month, subject, ordinal);
    if (NAMED_AS_FINDING.test(run)) continue;
    const before = await getRun(db, run);
    if (before !== null && !ENDED.has(before.state))
      throw new ProblemError(
        'state-conflict',
        `Bill run ${run} is open: approve or withdraw it first.`,
      );
    const subcontract = offCycleItem(run, 1);
    if (before === null && (await getFact(db, 'subcontracts', { subcontract })) === null)
      return run;
  }
}

async function subjectOf(
  db: Db,
  { contract, account }: OffCycleAsked,
): Promise<{ account: string; contract: Row<'contracts'> | null }> {
  if (contract === null) {
    if (account === null) throw new ProblemError('invalid-input', 'Name a contract or an account.');
    if ((await getFact(db, 'accounts', { account })) === null) throw notFound('account', account);
    return { account, contract: null };
  }
  const row = await getFact(db, 'contracts', { contract });
  if (row === null) throw notFound('contract', contract);
  if (row.status === 'draft')
    throw new ProblemError('state-conflict', `${contract} is a draft: activate it first.`);
  if (row.status === 'suspended')
    throw new ProblemError(
      'state-conflict',
      `The billing of ${contract} is held: release it first.`,
    );
  return { account: row.account, contract: row };
}

/** Refused in words where the contract can not be billed now, or an open run has it. */
async function offCycleOf(
  { db, now }: Pick<ApiDependencies, 'db' | 'now'>,
  asked: OffCycleAsked,
): Promise<OffCycle> {
  const { account, contract } = await subjectOf(db, asked);
  const { today, clock } = await todayFor(
    db,
    contract === null ? { account } : { account, contract: contract.contract },
    now(),
  );
  const number = contract?.contract ?? null;
  const [open] = await openRunsOf(db, { contract: number, account });
  if (open !== undefined)
    throw new ProblemError(
      'state-conflict',
      `Bill run ${open.run} would bill ${number ?? account}: decide there, or leave it out there first.`,
    );
  const run = await freeRun(db, today.slice(0, 7), number ?? account);
  const items = asked.items.map((item, at) => ({
    ...item,
    subcontract: offCycleItem(run, at + 1),
  }));
  if (contract !== null) await demandDeliverable(db, contract, items, today);
  else if (items.length > 0)
    throw new ProblemError('invalid-input', 'Name the contract under which the items are agreed.');
  return { run, runOn: today, clock, account, contract, items };
}

async function computed(db: Db, of: OffCycle): Promise<BillRunPreview> {
  const { contract, account, runOn, items } = of;
  const whose = contract === null ? { accounts: [account] } : { contracts: [contract.contract] };
  const read = await loadBook(db, { ...whose, clock: of.clock });
  const agreed = contract === null ? [] : items;
  const book = {
    ...read,
    subcontracts: [
      ...read.subcontracts,
      ...agreed.map((item) => oneOffSubcontract(contract?.contract ?? '', item, runOn)),
    ],
  };
  const vatNumbers = vatNumbersToAsk(indexBook(book), runOn).map(vatNumberKey);
  return previewBillRun(book, {
    run: runOn,
    vatValidations: await knownVatAnswers(db, vatNumbers),
    ...(contract === null ? { serviceOf: account } : { contract: contract.contract }),
  });
}

/** What comes of it in words; refused where nothing would go out and nothing waits for a decision. */
function wordsOf({ run, runOn, account, contract }: OffCycle, preview: BillRunPreview): string {
  const { invoices, creditNotes, held, setAside, carried } = preview;
  const subject = contract?.contract ?? `service time of ${account}`;
  const documents = [...invoices, ...creditNotes];
  if (documents.length + held.length === 0) {
    const why = setAside[0]?.reason ?? carried[0]?.reason;
    throw new ProblemError(
      'state-conflict',
      why === undefined
        ? `Nothing is due of ${subject} on ${runOn}: all is billed, or its time has not come.`
        : `${subject} can not be billed as it stands: ${why}`,
    );
  }
  const totals = sums(documents.map(({ total, currency }) => money(total, currency)));
  const olds = held.length === 0 ? '' : ` ${counted(held.length, 'old find')} wait for a decision.`;
  return (
    `Bill run ${run} would issue ${counted(documents.length, 'document')} for ` +
    `${inWords(totals)} with tax.${olds} A month’s run bills what is left.`
  );
}

async function shown(
  context: Pick<ApiDependencies, 'db' | 'now'>,
  asked: OffCycleAsked,
): Promise<{ of: OffCycle; preview: OffCyclePreview }> {
  const { db } = context;
  const of = await offCycleOf(context, asked);
  const preview = await computed(db, of);
  const answer = withShownHash({
    ...(await previewAnswer(db, preview)),
    account: (await accountNames(db, [of.account]))(of.account),
    contract: of.contract?.contract ?? null,
    words: wordsOf(of, preview),
    needsApproval: await fourEyes(db),
  });
  return { of, preview: answer };
}

/** @throws ProblemError `not-found`, `state-conflict`, `invalid-input`, each with what to do */
export const offCyclePreview = async (
  context: Pick<ApiDependencies, 'db' | 'now'>,
  asked: OffCycleAsked,
): Promise<OffCyclePreview> => (await shown(context, asked)).preview;

/**
 * How the run is started that bills exactly what was shown.
 * @throws ProblemError as {@link offCyclePreview}; `numbers-changed` where the books have changed since
 */
export async function offCycleRun(
  context: Pick<ApiDependencies, 'db' | 'now'>,
  asked: OffCycleAsked & { readonly shownHash: string; readonly reason: string },
): Promise<Omit<BillRunArgs, 'startedBy'>> {
  const { of, preview } = await shown(context, asked);
  checkShown(preview, asked.shownHash);
  const { run, runOn, clock, account, contract, items } = of;
  const only = { contract: contract?.contract ?? null, account, subject: null, periodStart: null };
  return { run, runOn, clock, only: { ...only, items, reason: asked.reason } };
}
