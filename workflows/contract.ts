/**
 * contract (`contract:C-1042`): the whole life of one master contract, one run a billing year.
 *
 * | message        | kind   | why                                                                              |
 * |----------------|--------|----------------------------------------------------------------------------------|
 * | issued         | signal | an invoice was issued: it has happened and can not be refused                    |
 * | settled        | signal | subcontracts are paid: their licenses follow at once                             |
 * | reversed       | signal | a payment was taken back: licenses go back to temporary                          |
 * | clock          | signal | a rehearsal's day moved                                                          |
 * | amend          | update | a person changes what is agreed and wants to know whether that holds             |
 * | hold, release  | update | a person stops and resumes billing                                               |
 * | terminate      | update | a person ends the contract on a day                                              |
 * | reinstate      | update | a person brings a lapsed contract back                                           |
 * | grantGrace     | update | a person lets licenses run on unpaid, within a limit                               |
 * | reissue        | update | a customer's key was lost or leaked: a person has it sent again or replaced        |
 * | decideRenewal  | update | the customer's answer, entered by them or by a person                            |
 * | resolve        | update | a person retries or skips what is parked                                         |
 * | clockAdvance   | update | who moves a test clock wants to know when all of that day is done                |
 * | state          | query  | for operators; lists and pages come from the database                            |
 *
 * Handlers only fill the inbox; main drains it, asks the database where the contract stands, does what is due and waits
 * for the next date or message. The facts are in the database: this state can be lost and is begun again from them.
 */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type CivilDate, daysBetween, isCivilDate } from '../domain/dates/dates.ts';
import { effectKey } from './ids.ts';
import {
  causeOf,
  Life,
  type LifeState,
  newLifeState,
  onUpdate,
  refusal,
  type Task,
} from './life.ts';
import {
  type Actor,
  type AmendmentInput,
  type ContractArgs,
  contractAmend,
  contractDecideRenewal,
  contractGrantGrace,
  contractHold,
  contractIssued,
  contractReinstate,
  contractReissue,
  contractRelease,
  contractReversed,
  contractSettled,
  contractStateQuery,
  contractTerminate,
} from './messages.ts';
import { local, mail, outside, promptly } from './proxies.ts';
import type {
  ContractPlan,
  ContractStep,
  ContractSteps,
  KeyRecord,
  RenewedLicenses,
} from './steps.ts';
import { Alarm, civilDateAt, instantNow } from './waiting.ts';

/** Days after its end during which an ended contract still hears messages (a late payment, a reinstatement). */
const ECHO_DAYS = 400;

// ---------------------------------------------------------------- messages and state

interface Command {
  readonly ticket: number;
  readonly actor: Actor;
}
type Message =
  | { readonly kind: 'issued'; readonly invoice: string; readonly documentKey: string }
  | {
      readonly kind: 'settled';
      readonly invoice: string;
      readonly settledOn: CivilDate;
      readonly subcontracts: readonly string[];
      readonly whole: boolean;
      readonly payment?: string | null;
    }
  | { readonly kind: 'reversed'; readonly invoice: string; readonly payment: string }
  | (Command & { readonly kind: 'amend'; readonly input: AmendmentInput })
  | (Command & { readonly kind: 'hold' | 'release'; readonly reason: string })
  | (Command & {
      readonly kind: 'terminate' | 'reinstate';
      readonly on: CivilDate;
      readonly reason: string;
    })
  | (Command & {
      readonly kind: 'grantGrace';
      readonly subcontract: string | null;
      readonly through: CivilDate;
      readonly reason: string;
    })
  | (Command & {
      readonly kind: 'reissue';
      readonly license: string;
      readonly leaked: boolean;
      readonly reason: string;
    })
  | (Command & {
      readonly kind: 'decideRenewal';
      readonly renewal: string;
      readonly decision: 'accept' | 'decline';
      readonly on: CivilDate;
      readonly reason: string | null;
    });

type LicenseCause = Parameters<ContractSteps['refreshLicenses']>[0]['cause'];
type ContractTask = Task &
  (
    | { readonly kind: 'step'; readonly step: ContractStep }
    | {
        readonly kind: 'licenses';
        readonly cause: LicenseCause;
        readonly reference: string;
        readonly invoice: string | null;
        readonly payment?: string | null;
      }
    | {
        readonly kind: 'keys';
        readonly licenses: readonly string[];
        readonly invoice: string | null;
        readonly payment?: string | null;
        readonly again?: boolean;
        /** The day of a settlement, whose mail is tried at once; absent in any other and in histories from before. */
        readonly settledOn?: CivilDate;
        readonly mailFirst?: true;
      }
    | {
        readonly kind: 'note';
        readonly subject: string;
        readonly body: string;
        readonly records?: readonly KeyRecord[];
      }
    | { readonly kind: 'wake'; readonly contract: string }
    | { readonly kind: 'plan' }
    /** Parked at once: nothing is left to do but for a person to know of it. */
    | { readonly kind: 'told' }
  );

/** Why keys are mailed, and how. */
type KeysCause = Omit<ContractTask & { kind: 'keys' }, 'kind' | 'key' | 'words' | 'licenses'>;

interface ContractState extends LifeState<Message, ContractTask> {
  /** The invoices of the running cycle that are not settled yet. */
  invoices: string[];
  /** Counts license refreshes, so that each has a key of its own. */
  sequence: number;
  turn: boolean;
  /** The day this billing year was begun; null until the first plan. */
  since: CivilDate | null;
}

function restore(carried: unknown): ContractState {
  if (carried === undefined)
    return {
      ...newLifeState<Message, ContractTask>(),
      invoices: [],
      sequence: 0,
      turn: false,
      since: null,
    };
  const state = carried as ContractState;
  if (state.schemaVersion !== 1)
    throw refusal(
      'invalid-input',
      `A contract's state of version ${state.schemaVersion} is unknown.`,
    );
  return { ...state, turn: false };
}

// ---------------------------------------------------------------- main

export async function contract(args: ContractArgs): Promise<void> {
  const process = new ContractProcess(args, restore(args.state));
  listen(process);
  await process.live();
}

class ContractProcess {
  readonly args: ContractArgs;
  readonly state: ContractState;
  readonly life: Life<Message, ContractTask>;
  plan: ContractPlan | null = null;
  /** What was heard changes the plan, and the step that is about to follow brings the new one along. */
  private planIsOld = false;
  /** Mails with the keys of settlements that are being tried at once: nothing else may hold up their being asked for. */
  private mailsFirst = 0;
  private readonly alarm = new Alarm();

  constructor(args: ContractArgs, state: ContractState) {
    this.args = args;
    this.state = state;
    this.life = new Life(
      state,
      (cause, key) =>
        local.recordAttention({
          contracts: [args.contract],
          cause,
          key: effectKey(`contract:${args.contract}`, key),
          today: this.today(),
        }),
      ({ kind }) => kind === 'keys' || kind === 'note' || kind === 'wake',
    );
  }

  /** The day it is here: the clock's as last read, or the seller's today. */
  today(): CivilDate {
    if (this.plan === null) return instantNow().slice(0, 10);
    if (this.args.clock !== null) return this.plan.today;
    return civilDateAt(Date.now(), this.plan.timeZone);
  }

  async live(): Promise<void> {
    for (let stale = true; ; ) {
      const asked = this.life.beginRound();
      this.planIsOld = this.settlesAlone();
      if (stale && !this.planIsOld) await this.readPlan();
      if ((await this.life.drain((message) => this.take(message))) && !this.planIsOld)
        await this.readPlan();
      await this.work();
      if (this.life.woken()) continue;
      const next = this.nextStep();
      this.describe(next);
      if (!this.life.busy) {
        this.life.rest(asked, next?.on ?? null);
        if (this.state.turn || workflowInfo().continueAsNewSuggested) await this.turn();
        if (this.hasEnded() && (await this.closed())) return;
      }
      await this.waitFor(next);
      stale = !this.life.stirred() || this.life.woken();
    }
  }

  /** Nothing but payments was heard: their keys wait for no plan, and the step that makes them reads the next one. */
  private settlesAlone(): boolean {
    const { inbox } = this.state;
    if (this.plan === null || inbox.length === 0) return false;
    return inbox.every((message) => message.kind === 'settled' && message.payment !== undefined);
  }

  /** Does what is due; what that changes may make more due on the same day. */
  private async work(): Promise<void> {
    if (!this.planIsOld) this.addDueSteps();
    while (this.state.tasks.length > 0) {
      const changed = await this.life.perform((task) => this.perform(task));
      // What a local step is begun with is told to the engine when that has ended: the mail would wait for the plan.
      if (this.mailsFirst > 0) await condition(() => this.mailsFirst === 0 || this.life.woken());
      if (changed || this.planIsOld) await this.readPlan();
      this.addDueSteps();
    }
  }

  private async waitFor(next: ContractStep | null): Promise<void> {
    const place = { timeZone: this.plan?.timeZone ?? 'UTC', clock: this.args.clock };
    const summary = next === null ? 'waits for messages' : `${next.words} on ${next.on}`;
    await this.alarm.wait(place, next?.on ?? null, this.life.stirred, summary);
  }

  private async closed(): Promise<boolean> {
    await condition(allHandlersFinished);
    return !this.life.woken();
  }

  /** The next billing year is a run of its own: histories stay small and new code takes over between years. */
  private async turn(): Promise<void> {
    await condition(allHandlersFinished);
    if (this.life.woken()) return;
    const settledKeys = this.state.turn ? [] : this.state.settledKeys;
    const since = this.state.turn ? this.today() : this.state.since;
    const carried: ContractState = { ...this.state, settledKeys, since, turn: false };
    await continueAsNew<typeof contract>({ ...this.args, state: carried });
  }

  /** Asks the database where the contract stands. What forbids an answer is parked like any step. */
  private async readPlan(): Promise<void> {
    const { contract, clock } = this.args;
    this.planIsOld = false;
    try {
      const { since } = this.state;
      this.plan = await local.planContract({ contract, clock, since, at: instantNow() });
      this.state.since ??= this.plan.today;
    } catch (error) {
      this.plan = null;
      const key = effectKey(`contract:${contract}`, 'plan');
      const task = { kind: 'plan', key, words: 'What comes next could not be found out' } as const;
      if (!this.life.isKnown(key)) await this.life.park(task, causeOf(error).message);
    }
  }

  private addDueSteps(): void {
    for (const step of this.plan?.steps ?? [])
      if (step.on <= this.today())
        this.life.add({ kind: 'step', key: step.key, words: step.words, step });
  }

  private nextStep(): ContractStep | null {
    return this.plan?.steps.find(({ key }) => !this.life.isKnown(key)) ?? null;
  }

  /** Over for good: nothing planned, nothing open, and long enough ago that no message is expected. */
  private hasEnded(): boolean {
    const { plan, state } = this;
    if (plan === null || (plan.status !== 'lapsed' && plan.status !== 'terminated')) return false;
    const quiet = state.parked.length === 0 && state.invoices.length === 0 && !this.nextStep();
    return quiet && daysBetween(plan.termEnd, plan.today) > ECHO_DAYS;
  }

  private describe(next: ContractStep | null): void {
    const attention = this.life.attention;
    const lines = [this.plan?.words ?? 'Not known yet'];
    if (next !== null) lines.push(`Next: ${next.words} on ${next.on}`);
    if (attention !== null) lines.push(`**Needs attention:** ${attention}`);
    setCurrentDetails(lines.join('\n\n'));
  }

  // -------------------------------------------------------------- messages

  private async take(message: Message): Promise<void> {
    const { contract } = this.args;
    switch (message.kind) {
      case 'issued':
        if (!this.state.invoices.includes(message.invoice))
          this.state.invoices.push(message.invoice);
        return;
      case 'settled':
        if (message.whole)
          this.state.invoices = this.state.invoices.filter((one) => one !== message.invoice);
        this.refresh('paid', message.invoice, message.invoice, message.payment);
        return;
      case 'reversed':
        if (!this.state.invoices.includes(message.invoice))
          this.state.invoices.push(message.invoice);
        this.refresh('payment-reversed', message.payment, message.invoice);
        await this.tellOfReversal(message);
        return;
      default:
        await this.obey(contract, message);
    }
  }

  /** Licenses go back to temporary by rule; what else it means is for a person, who sees it until they settle it. */
  private async tellOfReversal({ payment, invoice }: { payment: string; invoice: string }) {
    const key = effectKey(`contract:${this.args.contract}`, `reversed:${payment}:${invoice}`);
    if (this.life.isKnown(key)) return;
    const words = 'A payment was taken back';
    const cause = `${payment} no longer pays ${invoice}, so licenses are temporary again. Talk to the customer, then settle this.`;
    await this.life.park({ kind: 'told', key, words }, cause);
  }

  private refresh(
    cause: LicenseCause,
    reference: string,
    invoice: string | null,
    payment?: string | null,
  ): void {
    this.state.sequence += 1;
    const key = effectKey(`contract:${this.args.contract}`, `licenses:${this.state.sequence}`);
    const words = 'Licenses are renewed';
    const paid = payment === undefined ? {} : { payment };
    this.life.add({ kind: 'licenses', key, words, cause, reference, invoice, ...paid });
  }

  /** A person's command: the step that writes the fact also decides whether the rules allow it. */
  private async obey(contract: string, message: Message & Command): Promise<void> {
    const { ticket, actor } = message;
    this.state.sequence += 1;
    const key = effectKey(`contract:${contract}`, `${message.kind}:${this.state.sequence}`);
    const day = this.today();
    switch (message.kind) {
      case 'amend': {
        const { input } = message;
        const args = { contract, input, actor, today: day };
        if (await this.life.answer(ticket, () => local.amendContract(args))) this.moved(input, key);
        return;
      }
      case 'hold':
      case 'release': {
        const args = { contract, reason: message.reason, actor, today: day, key };
        const step = message.kind === 'hold' ? local.holdContract : local.releaseContract;
        await this.life.answer(ticket, () => step(args));
        return;
      }
      case 'terminate':
      case 'reinstate': {
        const { on, reason } = message;
        const args = { contract, on, reason, actor, today: day, key };
        const ends = message.kind === 'terminate';
        const step = ends ? local.terminateContract : local.reinstateContract;
        if (await this.life.answer(ticket, () => step(args)))
          this.refresh(ends ? 'terminated' : 'amended', key, null);
        return;
      }
      case 'grantGrace': {
        const { subcontract, through, reason } = message;
        const args = { contract, subcontract, through, reason, actor, today: day, key };
        if (await this.life.answer(ticket, () => local.grantGrace(args)))
          this.refresh('granted', key, null);
        return;
      }
      case 'reissue':
        await this.reissue(message, key);
        return;
      case 'decideRenewal': {
        const { renewal, decision, on, reason } = message;
        const step = async () => {
          await local.decideRenewal({ renewal, decision, on, reason, actor });
          if (decision === 'accept') await local.renewTerm({ contract, renewal, today: day });
        };
        await this.life.answer(ticket, step);
        return;
      }
    }
  }

  /** What moved to another contract is licensed by that one from its day on, so it has to look. */
  private moved({ amendment, kind, value }: AmendmentInput, key: string): void {
    this.refresh('amended', amendment, null);
    // 2026-11-23: moves from before told nobody.
    if (kind !== 'move' || value === null || !patched('2026-11-23-move-wakes-target')) return;
    const words = `Contract ${value} is told of what moved to it`;
    this.life.add({ kind: 'wake', key: effectKey(key, 'wake'), words, contract: value });
  }

  private async reissue(
    message: { license: string; leaked: boolean; reason: string } & Command,
    key: string,
  ): Promise<void> {
    const { ticket, actor, license, leaked, reason } = message;
    const { contract } = this.args;
    const today = this.today();
    const args = { contract, license, leaked, reason, actor, today, key };
    await this.life.answer(ticket, async () => {
      const made = await local.reissueLicense(args);
      this.tell(key, made, { invoice: null });
      if (!leaked) this.sendKeys(key, [license], { invoice: null, payment: null, again: true });
      return { license: made.license };
    });
  }

  // -------------------------------------------------------------- tasks

  private async perform(task: ContractTask): Promise<{ changed: boolean }> {
    const { contract } = this.args;
    const today = this.today();
    switch (task.kind) {
      case 'plan':
        return { changed: true };
      case 'told':
        return { changed: false };
      case 'licenses': {
        const { cause, reference, invoice, payment } = task;
        if (payment !== undefined) {
          await this.settle(task.key, reference, payment);
          return { changed: false };
        }
        await this.renewLicenses(task.key, { cause, reference, invoice });
        return { changed: true };
      }
      case 'keys':
        await this.mailKeys(task);
        return { changed: false };
      case 'note': {
        const { key, subject, body, records = [] } = task;
        const steps = this.plan?.externalCrm === true ? outside : local;
        await steps.noteOnCrm({ key, contract, subject, body, records, today });
        return { changed: false };
      }
      case 'wake':
        await outside.wakeContract({ contract: task.contract, clock: this.args.clock, today });
        return { changed: false };
      case 'step':
        return await this.takeStep(task.step, today);
    }
  }

  private async mailKeys(task: ContractTask & { kind: 'keys' }): Promise<void> {
    const { key, licenses, invoice, again = false, payment, settledOn, mailFirst } = task;
    const paidBy = payment == null ? {} : { payment };
    const today = settledOn ?? this.today();
    const { contract } = this.args;
    const args = { contract, licenses, invoice, today, key, again, ...paidBy };
    if (settledOn !== undefined) {
      const first = mailFirst === true ? 1 : 0;
      this.mailsFirst += first;
      try {
        return await promptly.sendKeys(args);
      } catch (error) {
        if (isCancellation(error)) throw error;
      } finally {
        this.mailsFirst -= first;
      }
    }
    await mail.sendKeys(args);
  }

  /** One dated step of the contract's life. Those that only send a mail change no date that follows. */
  private async takeStep(step: ContractStep, today: CivilDate): Promise<{ changed: boolean }> {
    const { contract } = this.args;
    const renewal = step.renewal ?? '';
    switch (step.kind) {
      case 'licenses':
        await this.renewLicenses(step.key, { cause: 'grace', reference: step.key, invoice: null });
        return { changed: true };
      case 'draw-up-renewal':
        await local.drawUpRenewal({ contract, today });
        return { changed: true };
      case 'send-renewal':
      case 'remind-renewal':
        await mail.sendRenewal({ renewal, stage: step.stage, today });
        return { changed: false };
      case 'renew':
        await local.renewTerm({ contract, renewal, today });
        return { changed: true };
      case 'lapse':
        await local.lapseContract({ contract, today });
        return { changed: true };
      case 'turn-year':
        this.state.turn = true;
        return { changed: false };
    }
  }

  /** Replaces what is due and tells the customer and the CRM, each as a task that can park by itself. */
  private async renewLicenses(
    key: string,
    why: { cause: LicenseCause; reference: string; invoice: string | null },
  ): Promise<void> {
    const { cause, reference, invoice } = why;
    const { contract } = this.args;
    const today = this.today();
    const renewed = await local.refreshLicenses({ contract, cause, reference, today });
    this.tell(key, renewed, { invoice, payment: null });
  }

  /** What was paid: licenses and our own notes in one step, so that the mail is on its way at once; the plan follows it. */
  private async settle(key: string, invoice: string, payment: string | null): Promise<void> {
    const { contract, clock } = this.args;
    const timeZone = this.plan?.timeZone ?? 'UTC';
    const note = { key: effectKey(key, 'crm'), subject: this.noteSubject() };
    const args = { contract, clock, at: instantNow(), invoice, timeZone, ...note };
    const { plan, today, noted, mailFirst, ...renewed } = await local.settleContract(args);
    // 2026-11-23: settlements from before brought the plan along.
    if (plan !== undefined) this.plan = plan;
    this.planIsOld = plan === undefined;
    const settled = {
      ...(today === undefined ? {} : { settledOn: today }),
      ...(mailFirst === undefined ? {} : { mailFirst }),
    };
    this.tell(key, noted ? { ...renewed, words: null } : renewed, { invoice, payment, ...settled });
  }

  private noteSubject(): string {
    return `Licenses of contract ${this.args.contract}`;
  }

  /** What was issued: a record in the CRM and a mail to the customer. */
  private tell(key: string, renewed: RenewedLicenses, cause: Omit<KeysCause, 'again'>): void {
    const { issued, words: body, records = [] } = renewed;
    if (body !== null) {
      const subject = this.noteSubject();
      const words = 'The CRM is told';
      this.life.add({ kind: 'note', key: effectKey(key, 'crm'), words, subject, body, records });
    }
    const licenses = issued.map(({ license }) => license);
    if (licenses.length > 0) this.sendKeys(key, licenses, { ...cause, again: false });
  }

  private sendKeys(key: string, licenses: readonly string[], rest: KeysCause): void {
    const words = `The key mail with ${licenses.length} license${licenses.length === 1 ? '' : 's'}`;
    this.life.add({ kind: 'keys', key: effectKey(key, 'mail'), words, licenses, ...rest });
  }
}

// ---------------------------------------------------------------- handlers

/** Validators are synchronous and look only at the message and at what was last read. */
function listen(process: ContractProcess): void {
  const { life } = process;
  setHandler(contractIssued, ({ invoice, documentKey }) => {
    life.tell({ kind: 'issued', invoice, documentKey });
  });
  setHandler(contractSettled, ({ invoice, settledOn, covered, whole, payment }) => {
    const subcontracts = covered.map(({ subcontract }) => subcontract);
    const paid = payment === undefined ? {} : { payment };
    life.tell({ kind: 'settled', invoice, settledOn, subcontracts, whole, ...paid });
  });
  setHandler(contractReversed, ({ invoice, payment }) => {
    life.tell({ kind: 'reversed', invoice, payment });
  });
  onUpdate(
    contractAmend,
    (input, actor) => life.ask((ticket) => ({ kind: 'amend', ticket, input, actor })),
    (input) => {
      if (!isCivilDate(input.effective))
        throw refusal('invalid-input', `${input.effective} is no date: use YYYY-MM-DD.`);
    },
  );
  onUpdate(
    contractHold,
    ({ reason }, actor) => life.ask((ticket) => ({ kind: 'hold', ticket, reason, actor })),
    ({ reason }) => {
      requireReason(reason);
      if (process.plan?.held) throw refusal('contract-already-held', 'Billing is held already.');
    },
  );
  onUpdate(
    contractRelease,
    ({ reason }, actor) => life.ask((ticket) => ({ kind: 'release', ticket, reason, actor })),
    () => {
      if (process.plan?.held === false)
        throw refusal('contract-not-held', 'Billing of this contract is not held.');
    },
  );
  listenForEnds(process);
  setHandler(contractStateQuery, () => {
    const { plan } = process;
    const next = plan?.steps.find(({ key }) => !life.isKnown(key)) ?? null;
    return {
      words: plan?.words ?? 'Not known yet',
      nextStep: next?.words ?? null,
      nextStepOn: next?.on ?? null,
      held: plan?.held ?? false,
      needsAttention: life.attention,
    };
  });
}

function listenForEnds(process: ContractProcess): void {
  const { life } = process;
  const dated = ({ on, reason }: { on: string; reason: string }) => {
    if (!isCivilDate(on)) throw refusal('invalid-input', `${on} is no date: use YYYY-MM-DD.`);
    requireReason(reason);
  };
  onUpdate(
    contractTerminate,
    ({ on, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'terminate', ticket, on, reason, actor })),
    (input) => {
      dated(input);
      const status = process.plan?.status;
      if (status === 'terminated' || status === 'lapsed')
        throw refusal('contract-ended', `The contract has ended already (${status}).`);
    },
  );
  onUpdate(
    contractReinstate,
    ({ on, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'reinstate', ticket, on, reason, actor })),
    dated,
  );
  onUpdate(
    contractGrantGrace,
    (input, actor) => life.ask((ticket) => ({ kind: 'grantGrace', ticket, ...input, actor })),
    ({ through, reason }) => {
      if (!isCivilDate(through))
        throw refusal('invalid-input', `${through} is no date: use YYYY-MM-DD.`);
      requireReason(reason);
      const status = process.plan?.status;
      if (status === 'terminated' || status === 'lapsed')
        throw refusal('contract-ended', `The contract has ended already (${status}).`);
    },
  );
  onUpdate(
    contractReissue,
    (input, actor) => life.ask((ticket) => ({ kind: 'reissue', ticket, ...input, actor })),
    ({ reason }) => requireReason(reason),
  );
  onUpdate(
    contractDecideRenewal,
    (input, actor) => life.ask((ticket) => ({ kind: 'decideRenewal', ticket, ...input, actor })),
    ({ decision, on }) => {
      if (!isCivilDate(on)) throw refusal('invalid-input', `${on} is no date: use YYYY-MM-DD.`);
      if (decision !== 'accept' && decision !== 'decline')
        throw refusal('invalid-input', 'Decide accept or decline.');
    },
  );
}

function requireReason(reason: string): void {
  if (reason.trim() === '')
    throw refusal('invalid-input', 'Give a reason: it will be asked later.');
}
