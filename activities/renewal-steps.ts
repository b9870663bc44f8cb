/** Renewals over the record: when each step is due, the agreement, the answer, the next term's facts (billing rules §9). */
import {
  addTimelineEvent,
  audit,
  changeContract,
  changeFact,
  contractFacts,
  type Db,
  getRenewal,
  type Renewal,
  renewalsOf,
  renewContract,
  saveRenewal,
  setRenewalState,
} from '../db/index.ts';
import type { Row } from '../domain/book/tables.ts';
import { contractDiscount, inForce } from '../domain/charges/discounts.ts';
import { agreedPrice, listPrice, type Price } from '../domain/charges/pricing.ts';
import type { SubcontractHistory, TermState } from '../domain/charges/subcontract-history.ts';
import { addDays, type CivilDate } from '../domain/dates/dates.ts';
import { accountStanding } from '../domain/dunning/reminders.ts';
import type { Fraction } from '../domain/money/decimal.ts';
import {
  drawUpAgreement,
  type Agreement as RenewalAgreement,
  type RenewingSubcontract,
} from '../domain/renewal/agreement.ts';
import { type RenewalFacts, renewalDecision, renewalSteps } from '../domain/renewal/decision.ts';
import type { PriceRule } from '../domain/renewal/price-rules.ts';
import { noticeBy, type Term } from '../domain/renewal/term.ts';
import { effectKey, renewalKey } from '../workflows/ids.ts';
import type { ContractStep, ContractSteps } from '../workflows/steps.ts';
import { type Agreement, type IssuedLines, readAgreement, readIssuedLines } from './agreements.ts';
import type { Deps } from './deps.ts';
import { refused, stepFailed } from './failures.ts';
import { renewalMail } from './letters.ts';
import { partiesOf, sendMail } from './mails.ts';
import { accountFacts, ladderOf } from './reminder-steps.ts';

const MAIL_GRACE_DAYS = 6;

/** The running term: what the last accepted renewal began, else the contract's first. */
function runningTerm(row: Row<'contracts'>, renewals: readonly Renewal[]): Term {
  const begun = renewals
    .filter(({ state, termEnd }) => state === 'accepted' && termEnd <= row.end)
    .map(({ termStart }) => termStart)
    .sort();
  return { start: begun.at(-1) ?? row.start, end: row.end };
}

function nextKey({ contract, end }: Row<'contracts'>): string {
  return renewalKey(contract, addDays(end, 1));
}

async function openRenewalOf(db: Db, contract: string): Promise<string | null> {
  return openOf(await renewalsOf(db, contract));
}

/** The one that waits for a decision. */
export function openOf(renewals: readonly Renewal[]): string | null {
  const open = renewals.find(({ state }) => state === 'drawn_up' || state === 'sent');
  return open?.renewal ?? null;
}

/** Whether the reminder ladder holds new business of the account: no renewal until it is paid. */
async function creditHold(
  db: Db,
  { invoices }: Pick<IssuedLines, 'invoices'>,
  today: CivilDate,
): Promise<boolean> {
  const overdue = invoices.find(({ balanceMinor, dueOn }) => balanceMinor > 0 && dueOn < today);
  if (overdue === undefined) return false;
  const { ladder, neverDunned } = await ladderOf(db, overdue, today);
  return accountStanding(await accountFacts(db, overdue, neverDunned), ladder).creditHold;
}

function factsOf(
  row: Row<'contracts'>,
  renewal: Renewal | undefined,
  held: boolean,
  poRequired: boolean,
): RenewalFacts {
  const decided = renewal?.decidedOn ?? null;
  return {
    termEnd: row.end,
    autoRenew: row.autoRenew,
    noticeDays: row.noticeDays,
    noticeReceivedOn: row.noticeReceived,
    terminatedOn: row.terminatedOn,
    poRequired,
    acceptedOn: renewal?.state === 'accepted' ? decided : null,
    declinedOn: renewal?.state === 'declined' ? decided : null,
    poReceivedOn: null,
    paidOn: null,
    creditHold: held,
  };
}

interface StepInput {
  readonly contract: string;
  readonly kind: ContractStep['kind'];
  readonly on: CivilDate;
  readonly renewal: string;
  readonly stage?: string;
  readonly words: string;
}

function stepOf({ contract, kind, on, renewal, stage, words }: StepInput): ContractStep {
  const key = effectKey(renewal, stage === undefined ? kind : `${kind}:${stage}`);
  return { key: `contract:${contract}:${key}`, kind, on, renewal, stage: stage ?? null, words };
}

/** The dated steps from here to the end of the running term. */
export async function renewalStepsOf(
  db: Db,
  agreement: Agreement,
  renewals: readonly Renewal[],
  issued: IssuedLines,
  today: CivilDate,
): Promise<ContractStep[]> {
  const { contract: row, account, terms } = agreement;
  const { contract } = row;
  const renewal = nextKey(row);
  const lapseOn = terms.end;
  const lapse = stepOf({
    contract,
    kind: 'lapse',
    on: lapseOn,
    renewal,
    words: row.terminatedOn === null ? 'The contract ends' : 'The termination takes effect',
  });
  if (row.terminatedOn !== null) return [lapse];
  const known = renewals.find((one) => one.renewal === renewal);
  const held = await creditHold(db, issued, today);
  const facts = factsOf(row, known, held, account.poRequired === true);
  const steps: ContractStep[] = [];
  const dated = renewalSteps(facts);
  const drawUp = dated.find(({ kind }) => kind === 'draw-up');
  if (known === undefined && drawUp !== undefined && drawUp.on < lapseOn && !held)
    steps.push(
      stepOf({
        contract,
        kind: 'draw-up-renewal',
        on: drawUp.on,
        renewal,
        words: 'The renewal agreement is drawn up',
      }),
    );
  if (known?.state === 'drawn_up')
    steps.push(
      stepOf({
        contract,
        kind: 'send-renewal',
        on: today,
        renewal,
        words: 'The renewal agreement is sent',
      }),
    );
  if (known?.state === 'sent')
    for (const { on } of dated.filter((step) => step.kind === 'remind'))
      if (addDays(on, MAIL_GRACE_DAYS) >= today)
        steps.push(
          stepOf({
            contract,
            kind: 'remind-renewal',
            on,
            renewal,
            stage: on,
            words: 'A renewal reminder goes out',
          }),
        );
  const automatic = addDays(noticeBy(row.end, row.noticeDays), 1);
  const open = known?.state === 'drawn_up' || known?.state === 'sent';
  if (row.autoRenew && open && renewalDecision(facts, automatic).decision === 'renew')
    steps.push(
      stepOf({ contract, kind: 'renew', on: automatic, renewal, words: 'The contract renews' }),
    );
  return [...steps, lapse];
}

function ruleOf(row: Row<'contracts'>): PriceRule {
  switch (row.priceRule) {
    case 'percent':
      return { rule: 'percent', percent: row.upliftPercent ?? '0' };
    case 'index':
      return {
        rule: 'index',
        index: row.index ?? '',
        floor: row.upliftFloor,
        cap: row.upliftCap,
      };
    case 'list':
      return { rule: 'list' };
    default:
      return { rule: 'none' };
  }
}

function lastState(history: SubcontractHistory, contract: string): TermState | undefined {
  const own = history.ownerships.filter((ownership) => ownership.contract === contract);
  return own.at(-1)?.states.at(-1);
}

function renewing(
  { index, contract: row, terms }: Agreement,
  history: SubcontractHistory,
  state: TermState,
): RenewingSubcontract {
  const { subcontract, sku } = history.row;
  const next = addDays(row.end, 1);
  const list = (on: CivilDate): Price => listPrice(index, row.priceList, sku, terms.currency, on);
  const off = (on: CivilDate): Fraction[] => {
    const own = contractDiscount(row);
    return [state.discount, ...(own !== null && inForce(own, on) ? [own.percent] : [])];
  };
  return {
    subcontract,
    sku,
    description: index.products.get(sku)?.name ?? sku,
    startedOn: history.ownerships[0]?.from ?? row.start,
    quantity: state.quantity,
    price: state.price === null ? list(row.end) : agreedPrice(state.price),
    negotiatedUnitPrice: null,
    nextListPrice: row.priceRule === 'list' ? list(next) : null,
    discountsNow: off(row.end),
    discountsNext: off(next),
  };
}

/** The agreement is computed once and kept; nothing to renew means that the contract simply ends. */
export async function drawUpRenewal(
  { db }: Deps,
  { contract, today }: Parameters<ContractSteps['drawUpRenewal']>[0],
): Promise<{ renewal: string }> {
  const agreement = await readAgreement(db, contract, today);
  const { contract: row, terms, account, index } = agreement;
  const renewal = nextKey(row);
  const standing = agreement.histories.map((history) => ({
    history,
    state: lastState(history, contract),
  }));
  const going = standing.flatMap(({ history, state }) =>
    state?.active === true && history.ownerships.at(-1)?.to === terms.end
      ? [renewing(agreement, history, state)]
      : [],
  );
  const drawn = drawUpAgreement(
    {
      contract,
      account: row.account,
      currency: terms.currency,
      term: runningTerm(row, await renewalsOf(db, contract)),
      anchor: terms.cycle.anchor,
      nextMonths: null,
      noticeDays: row.noticeDays,
      autoRenew: row.autoRenew,
      poRequired: account.poRequired === true,
      rule: ruleOf(row),
      indexValues: index.book.indices
        .filter((one) => one.index === row.index)
        .map(({ month, value }) => ({ month, value })),
      subcontracts: going,
      left: standing
        .filter(({ history }) => !going.some((one) => one.subcontract === history.row.subcontract))
        .map(({ history }) => ({
          subcontract: history.row.subcontract,
          reason: 'it has ended or is paused',
        })),
    },
    today,
  );
  await saveRenewal(db, {
    renewal,
    contract,
    account: row.account,
    termStart: drawn.term.start,
    termEnd: drawn.term.end,
    currency: drawn.currency,
    valueMinor: drawn.netMinor,
    previousValueMinor: drawn.oldNetMinor,
    agreement: drawn,
  });
  const words = `Renewal agreement drawn up for ${drawn.term.start} to ${drawn.term.end}`;
  await addTimelineEvent(db, {
    key: effectKey(renewal, 'drawn-up'),
    contract,
    account: row.account,
    happenedOn: today,
    kind: 'renewal',
    words,
    references: { renewal },
  });
  return { renewal };
}

async function renewalOf(db: Db, renewal: string): Promise<Renewal> {
  const row = await getRenewal(db, renewal);
  if (row === null) throw refused('renewal-not-open', `There is no renewal ${renewal}.`);
  return row;
}

/** The agreement by mail, and its reminders until there is an answer. */
export async function sendRenewal(
  deps: Deps,
  { renewal, stage, today }: Parameters<ContractSteps['sendRenewal']>[0],
): Promise<void> {
  const { db } = deps;
  const row = await renewalOf(db, renewal);
  if (row.state !== 'drawn_up' && row.state !== 'sent') return;
  const { contract, account, termStart, termEnd, valueMinor, currency } = row;
  const { autoRenew } = row.agreement as RenewalAgreement;
  const text = await renewalMail({
    parties: await partiesOf(db, account),
    contract,
    agreement: row.agreement as RenewalAgreement,
    termStart,
    termEnd,
    valueMinor,
    currency,
    autoRenews: autoRenew,
    acceptUrl: deps.links.acceptRenewal(renewal),
    reminderOn: stage === null ? null : today,
  });
  const first = effectKey(renewal, 'mail');
  await sendMail(deps, {
    key: stage === null ? first : effectKey(renewal, `reminder:${stage}`),
    kind: 'renewal',
    account,
    contract,
    invoice: null,
    text,
    attachments: [],
    follows: stage === null ? [] : [first],
    to: null,
    cc: [],
    today,
  });
  if (row.state === 'drawn_up') await setRenewalState(db, { renewal, state: 'sent' });
}

/** The day in the answer decides whether it came in time, not the moment it reached us. */
export async function decideRenewal(
  { db }: Deps,
  args: Parameters<ContractSteps['decideRenewal']>[0],
): Promise<void> {
  const { renewal, decision, on, reason, actor } = args;
  const row = await renewalOf(db, renewal);
  const state = decision === 'accept' ? 'accepted' : 'declined';
  if (row.state === state) return;
  if (row.state !== 'drawn_up' && row.state !== 'sent')
    throw refused('renewal-not-open', `Renewal ${renewal} was decided already (${row.state}).`);
  if (on >= row.termStart)
    throw refused(
      'renewal-not-open',
      `The answer of ${on} came after the term's end: reinstate the contract instead.`,
    );
  if (decision === 'accept') await requireAcceptable(db, row, on);
  await db.transaction(async (tx) => {
    await setRenewalState(tx, { renewal, state, on, by: actor.user });
    await audit(tx, { actor, action: `renewal.${decision}`, subject: renewal, reason });
    await addTimelineEvent(tx, {
      key: effectKey(renewal, state),
      contract: row.contract,
      account: row.account,
      happenedOn: on,
      kind: 'renewal',
      words: `Renewal ${state}${reason === null ? '' : `: ${reason}`}`,
      references: { renewal },
    });
  });
}

async function requireAcceptable(db: Db, row: Renewal, on: CivilDate): Promise<void> {
  const facts = await contractFacts(db, row.contract);
  if (facts === null) throw stepFailed(`There is no contract ${row.contract}.`);
  if (facts.account.poRequired === true && facts.contract.poNumber === null)
    throw refused(
      'renewal-not-open',
      'The account needs a purchase order: enter its number first.',
    );
  const { invoices } = await readIssuedLines(db, row.contract, on);
  if (await creditHold(db, { invoices }, on))
    throw refused(
      'renewal-not-open',
      'The account is on credit hold: no renewal until it is paid.',
    );
}

/** Writes the next term: the contract's end moves, prices change on its first day, subcontracts end with it. */
export async function renewTerm(
  { db }: Deps,
  { contract, renewal, today }: Parameters<ContractSteps['renewTerm']>[0],
): Promise<void> {
  const row = await renewalOf(db, renewal);
  const facts = await contractFacts(db, contract);
  if (facts === null) throw stepFailed(`There is no contract ${contract}.`);
  if (facts.contract.end >= row.termEnd) return;
  const { lines } = row.agreement as RenewalAgreement;
  const amendments: Row<'amendments'>[] = lines
    .filter(({ oldUnitPrice, newUnitPrice }) => oldUnitPrice !== newUnitPrice)
    .map(({ subcontract, newUnitPrice }) => ({
      amendment: `${renewal}:${subcontract}`,
      subcontract,
      kind: 'price',
      value: newUnitPrice,
      effective: row.termStart,
      recorded: today,
      reason: 'change',
      custom: {},
    }));
  await db.transaction(async (tx) => {
    if (row.state !== 'accepted')
      await setRenewalState(tx, { renewal, state: 'accepted', on: today, by: 'auto-renewal' });
    for (const { subcontract } of lines) {
      const own = facts.subcontracts.find((one) => one.subcontract === subcontract);
      if (own?.end != null)
        await changeFact(tx, 'subcontracts', { subcontract }, { end: row.termEnd });
    }
    await renewContract(tx, { contract, termEnd: row.termEnd, amendments });
    await addTimelineEvent(tx, {
      key: effectKey(renewal, 'renewed'),
      contract,
      account: row.account,
      happenedOn: today,
      kind: 'renewal',
      words: `Renewed from ${row.termStart} through ${row.termEnd}`,
      references: { renewal },
    });
  });
}

/** The term ran out, or a termination took effect: the contract is over, its grace runs on. */
export async function lapseContract(
  { db }: Deps,
  { contract, today }: Parameters<ContractSteps['lapseContract']>[0],
): Promise<void> {
  const facts = await contractFacts(db, contract);
  if (facts === null) throw stepFailed(`There is no contract ${contract}.`);
  const { terminatedOn, end, account } = facts.contract;
  const status = terminatedOn === null ? 'lapsed' : 'terminated';
  await changeContract(db, contract, { status });
  const open = await openRenewalOf(db, contract);
  if (open !== null) await setRenewalState(db, { renewal: open, state: 'lapsed', on: today });
  await addTimelineEvent(db, {
    key: effectKey(`contract:${contract}`, `ended:${terminatedOn ?? end}`),
    contract,
    account,
    happenedOn: today,
    kind: 'end',
    words:
      status === 'lapsed' ? `Lapsed: no renewal by ${end}` : `Terminated after ${terminatedOn}`,
  });
}
