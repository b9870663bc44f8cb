/**
 * invoice (`invoice:C-1042:2027-01`): one issued invoice, from its delivery to its end.
 *
 * | message         | kind   | why                                                                             |
 * |-----------------|--------|---------------------------------------------------------------------------------|
 * | paymentApplied  | signal | money reached its lines: it has happened                                        |
 * | paymentReversed | signal | money was taken back                                                            |
 * | credited        | signal | a credit note or a void took effect                                             |
 * | clock           | signal | a rehearsal's day moved                                                         |
 * | promise         | update | the customer named a day; a person wants to know that reminders stop until then |
 * | dispute         | update | lines are disputed, or no longer                                                |
 * | resend          | update | a person wants the mail again and its id                                        |
 * | resolve         | update | a person retries or skips what is parked                                        |
 * | clockAdvance    | update | who moves a test clock wants to know when all of that day is done               |
 *
 * What is owed is read from the database before anything is sent, so that a payment which arrives together with a
 * reminder's timer wins, whatever woke the workflow.
 */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { addDays, type CivilDate, isCivilDate, later } from '../domain/dates/dates.ts';
import { contractWorkflowId, effectKey } from './ids.ts';
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
  type ContractTold,
  contractSettled,
  type InvoiceArgs,
  invoiceCredited,
  invoiceDispute,
  invoicePromise,
  invoiceResend,
  paymentApplied,
  paymentReversed,
} from './messages.ts';
import { documents, local, mail, outside } from './proxies.ts';
import type { CollectPlan, Coverage, InvoicePlan, LadderStep, SettledNews } from './steps.ts';
import { Alarm, civilDateAt, instantNow } from './waiting.ts';

// ---------------------------------------------------------------- messages and state

interface Command {
  readonly ticket: number;
  readonly actor: Actor;
}
type Message =
  | {
      readonly kind: 'money';
      readonly on: CivilDate;
      readonly told?: readonly ContractTold[];
    }
  | (Command & { readonly kind: 'promise'; readonly until: CivilDate; readonly reason: string })
  | (Command & {
      readonly kind: 'dispute';
      readonly disputed: boolean;
      readonly lines: readonly string[] | null;
      readonly reason: string;
    })
  | (Command & { readonly kind: 'resend'; readonly to: string | null });

/** What waits for a system outside goes on in the background. */
const SLOW: ReadonlySet<InvoiceTask['kind']> = new Set([
  'deliver',
  'export',
  'remind',
  'collect',
  'close-checkouts',
]);

/** What the invoice waits for, in words, and its day. */
type Planned = Pick<LadderStep, 'name' | 'on'>;

type CoveredSubcontract = Coverage['covered'][number];

type InvoiceTask = Task &
  (
    | { readonly kind: 'deliver' }
    | { readonly kind: 'export' }
    | {
        readonly kind: 'remind';
        readonly step: LadderStep;
        readonly invoices: readonly string[];
      }
    | { readonly kind: 'stage'; readonly step: LadderStep }
    | { readonly kind: 'charge-late'; readonly invoice: string; readonly step: LadderStep }
    | { readonly kind: 'collect' }
    | { readonly kind: 'close-checkouts' }
    | { readonly kind: 'plan' }
  );

interface InvoiceState extends LifeState<Message, InvoiceTask> {
  begun: boolean;
  /** Its mail has not left and waits for this business day. */
  mailOn?: CivilDate | null;
  /** What contracts were told: `contract subcontract paidThrough`, so that each hears it once. */
  told: string[];
  resends: number;
  stage: number;
  /** When the last stage was taken; null before the first. */
  stageTakenOn: CivilDate | null;
}

function restore(carried: unknown): InvoiceState {
  if (carried === undefined)
    return {
      ...newLifeState<Message, InvoiceTask>(),
      begun: false,
      told: [],
      resends: 0,
      stage: 0,
      stageTakenOn: null,
    };
  const state = carried as InvoiceState;
  if (state.schemaVersion !== 1)
    throw refusal(
      'invalid-input',
      `An invoice's state of version ${state.schemaVersion} is unknown.`,
    );
  return state;
}

// ---------------------------------------------------------------- main

export async function invoice(args: InvoiceArgs): Promise<void> {
  const process = new InvoiceProcess(args, restore(args.state));
  listen(process);
  await process.live();
}

class InvoiceProcess {
  readonly args: InvoiceArgs;
  readonly state: InvoiceState;
  readonly life: Life<Message, InvoiceTask>;
  plan: InvoicePlan | null = null;
  private readonly alarm = new Alarm();
  /** What was done in the background changed the facts. */
  private recheck = false;

  constructor(args: InvoiceArgs, state: InvoiceState) {
    this.args = args;
    this.state = state;
    this.life = new Life(
      state,
      (cause, key) =>
        local.recordAttention({
          contracts: args.contracts,
          cause,
          key: effectKey(args.documentKey, key),
          today: this.today(),
        }),
      ({ kind }) => SLOW.has(kind),
    );
  }

  today(): CivilDate {
    if (this.args.clock !== null) return this.plan?.today ?? this.args.issuedOn;
    return civilDateAt(Date.now(), this.args.timeZone);
  }

  async live(): Promise<void> {
    for (let stale = true; ; ) {
      const asked = this.life.beginRound();
      if ((stale && !this.hearsOfPaymentsAlone()) || this.recheck) await this.readPlan();
      this.begin();
      if (await this.life.drain((message) => this.take(message))) await this.readPlan();
      await this.work();
      await this.tellContracts();
      if (this.life.woken()) continue;
      this.describe();
      const next = this.nextPlanned();
      if (!this.life.busy) {
        this.life.rest(asked, next?.on ?? null);
        if (this.isOver() && (await this.closed())) return;
        if (workflowInfo().continueAsNewSuggested) await this.renew();
      }
      await this.waitFor(next);
      stale = !this.life.stirred() || this.life.woken();
    }
  }

  /** What is owed is read once the payments are heard: reading it before too would be for nothing. */
  private hearsOfPaymentsAlone(): boolean {
    const { inbox, begun } = this.state;
    if (!begun || this.plan === null || inbox.length === 0) return false;
    return inbox.every((message) => message.kind === 'money' && message.told !== undefined);
  }

  /**
   * Delivery comes first, on a business day of the seller. An invoice that was settled before it could leave still goes
   * out: it is the customer's paper. One that was voided before does not.
   */
  private begin(): void {
    const { plan, state } = this;
    if (plan === null) return;
    if (state.begun) {
      if (this.mailWaitsUntil() !== null && (state.mailOn ?? '') <= this.today())
        this.deliver(plan);
      return;
    }
    state.begun = true;
    if (!this.args.deliver) return;
    const { documentKey, deliverOn } = this.args;
    if (deliverOn !== undefined && deliverOn > this.today()) state.mailOn = deliverOn;
    else this.deliver(plan);
    if (plan.externalAccounting)
      this.life.add({
        kind: 'export',
        key: effectKey(documentKey, 'accounting'),
        words: 'Posting in the accounting system',
      });
  }

  private deliver(plan: InvoicePlan): void {
    this.state.mailOn = null;
    if (plan.state === 'void') return;
    const key = effectKey(this.args.documentKey, 'mail');
    this.life.add({ kind: 'deliver', key, words: 'Delivery' });
  }

  /** The day on which the mail leaves, while it waits for it; what was voided meanwhile waits for nothing. */
  private mailWaitsUntil(): CivilDate | null {
    if (this.plan?.state === 'void') return null;
    return this.state.mailOn ?? null;
  }

  private async work(): Promise<void> {
    this.addCollection();
    this.addDueStep();
    while (this.state.tasks.length > 0) {
      if (await this.life.perform((task) => this.perform(task))) await this.readPlan();
      this.addDueStep();
    }
  }

  private async waitFor(next: Planned | null): Promise<void> {
    const { timeZone, clock, invoice } = this.args;
    const summary =
      next === null ? 'waits for payment' : `${next.name} of ${invoice} on ${next.on}`;
    await this.alarm.wait({ timeZone, clock }, next?.on ?? null, this.life.stirred, summary);
  }

  /** What comes first: the mail, the stored method's charge, or a step of the ladder. */
  private nextPlanned(): Planned | null {
    const mailOn = this.mailWaitsUntil();
    const collect = this.nextCollect();
    const planned = [
      mailOn === null ? null : { name: 'The mail', on: mailOn },
      collect === null ? null : { name: 'The charge', on: collect.on },
      mailOn === null ? this.nextStep() : null,
    ].filter((one) => one !== null);
    return planned.reduce<Planned | null>(
      (first, one) => (first === null || one.on < first.on ? one : first),
      null,
    );
  }

  /** The next look at the payment provider that is not under way, parked or done. */
  private nextCollect(): CollectPlan | null {
    const collect = this.plan?.collect ?? null;
    return collect === null || this.life.isKnown(collect.key) ? null : collect;
  }

  private addCollection(): void {
    const collect = this.nextCollect();
    if (collect !== null && collect.on <= this.today())
      this.life.add({ kind: 'collect', key: collect.key, words: 'Charge of the stored method' });
    if (this.plan?.openCheckouts !== true) return;
    const key = effectKey(this.args.documentKey, 'close-checkouts');
    this.life.add({ kind: 'close-checkouts', key, words: 'Closing of the payment page' });
  }

  private async readPlan(): Promise<void> {
    const { invoice, clock, documentKey } = this.args;
    this.recheck = false;
    try {
      const { stageTakenOn } = this.state;
      this.plan = await local.planInvoice({ invoice, clock, stageTakenOn, at: instantNow() });
      // Another invoice's workflow may have taken the stage for this one too.
      if (this.plan.stage > this.state.stage) this.state.stageTakenOn = this.plan.today;
      this.state.stage = this.plan.stage;
    } catch (error) {
      this.plan = null;
      const key = effectKey(documentKey, 'plan');
      const task = { kind: 'plan', key, words: 'What is owed could not be found out' } as const;
      if (!this.life.isKnown(key)) await this.life.park(task, causeOf(error).message);
    }
  }

  private stepKey(step: LadderStep, part: string): string {
    return effectKey(this.args.documentKey, `stage-${step.stage}:${part}`);
  }

  /**
   * The next step of the ladder that is not under way, parked or skipped. Nobody is reminded of what has not left, nor on
   * the day on which it does.
   */
  private nextStep(): LadderStep | null {
    const next = this.plan?.next ?? null;
    if (next === null || this.life.isKnown(this.stepKey(next, 'taken'))) return null;
    const { deliverOn, deliver } = this.args;
    if (deliverOn === undefined || !deliver) return next;
    return { ...next, on: later(next.on, addDays(deliverOn, 1)) };
  }

  /** A reminder and the stage's other consequences are tasks of their own: a refused address does not stop a hold. */
  private addDueStep(): void {
    const step = this.nextStep();
    if (step === null || step.on > this.today()) return;
    this.life.add({ kind: 'stage', key: this.stepKey(step, 'taken'), words: step.name, step });
  }

  private isOver(): boolean {
    const { plan, state } = this;
    return plan?.settled === true && state.parked.length === 0 && this.mailWaitsUntil() === null;
  }

  private async closed(): Promise<boolean> {
    await condition(allHandlersFinished);
    return !this.life.woken();
  }

  private async renew(): Promise<void> {
    await condition(allHandlersFinished);
    if (this.life.woken()) return;
    await continueAsNew<typeof invoice>({ ...this.args, state: this.state });
  }

  private describe(): void {
    const lines = [this.plan?.words ?? 'Not known yet'];
    const mailOn = this.mailWaitsUntil();
    if (mailOn !== null) lines.push(`Its mail leaves on the next business day, ${mailOn}`);
    const { attention } = this.life;
    if (attention !== null) lines.push(`**Needs attention:** ${attention}`);
    setCurrentDetails(lines.join('\n\n'));
  }

  // -------------------------------------------------------------- messages

  private async take(message: Message): Promise<void> {
    const { invoice } = this.args;
    const today = this.today();
    switch (message.kind) {
      case 'money':
        for (const one of message.told ?? []) this.state.told.push(...namesOf(one));
        return;
      case 'promise': {
        const { ticket, until, reason, actor } = message;
        const args = { invoice, until, reason, actor, today };
        await this.life.answer(ticket, () => local.recordPromise(args));
        return;
      }
      case 'dispute': {
        const { ticket, disputed, lines, reason, actor } = message;
        const args = { invoice, disputed, lines, reason, actor, today };
        await this.life.answer(ticket, () => local.recordDispute(args));
        return;
      }
      case 'resend': {
        const { ticket, to } = message;
        this.state.resends += 1;
        const request = `again-${this.state.resends}`;
        // In the background: whoever asked waits, the invoice does not.
        void this.life.answer(ticket, () => mail.sendInvoice({ invoice, to, request, today }));
        return;
      }
    }
  }

  // -------------------------------------------------------------- tasks

  private async perform(task: InvoiceTask): Promise<{ changed: boolean }> {
    const { invoice } = this.args;
    const today = this.today();
    switch (task.kind) {
      case 'plan':
        return { changed: true };
      case 'deliver':
        await documents.renderInvoice({ invoice });
        await mail.sendInvoice({ invoice, to: null, request: '', today });
        return { changed: false };
      case 'export':
        await outside.exportInvoice({ invoice, today });
        return { changed: false };
      case 'stage': {
        const { step } = task;
        const { reminds, charges = [] } = await local.takeStage({ invoice, step, today });
        this.state.stageTakenOn = today;
        this.state.stage = step.stage;
        for (const late of charges)
          this.life.add({
            kind: 'charge-late',
            key: this.stepKey(step, `charge:${late}`),
            words: `Late charge for ${late}`,
            invoice: late,
            step,
          });
        const key = this.stepKey(step, 'mail');
        if (reminds.length > 0)
          this.life.add({ kind: 'remind', key, words: step.name, step, invoices: reminds });
        return { changed: true };
      }
      case 'charge-late': {
        const { clock } = this.args;
        await outside.chargeLate({ invoice: task.invoice, step: task.step, today, clock });
        return { changed: false };
      }
      case 'collect':
        await outside.collectInvoice({ invoice, today, clock: this.args.clock });
        this.recheck = true;
        return { changed: false };
      case 'close-checkouts':
        await outside.closeCheckouts({ invoice, today, clock: this.args.clock });
        return { changed: false };
      case 'remind':
        await mail.sendReminder({ invoices: task.invoices, step: task.step, today });
        return { changed: false };
    }
  }

  /** Each contract hears which of its subcontracts are paid, at once: the rest of the invoice may still be open. */
  private async tellContracts(): Promise<void> {
    const { plan, state } = this;
    if (plan === null) return;
    const holds = new Set<string>();
    const told = new Set(state.told);
    for (const { contract, covered } of plan.coverage) {
      const wholeName = nameOfWhole(contract);
      for (const one of covered) holds.add(nameOf(contract, one));
      if (plan.settled) holds.add(wholeName);
      const news = covered.filter((one) => !told.has(nameOf(contract, one)));
      if (news.length === 0 && (!plan.settled || told.has(wholeName))) continue;
      await this.tell(contract, {
        invoice: this.args.invoice,
        settledOn: plan.settledOn ?? plan.today,
        covered: news.map(({ subcontract, paidThrough }) => ({ subcontract, paidThrough })),
        whole: plan.settled,
        payment: null,
      });
    }
    // What no longer holds, because money was taken back, is told again when it is paid again.
    state.told = [...holds];
  }

  /** A contract that has no workflow is told by a step, which starts one. */
  private async tell(contract: string, news: SettledNews): Promise<void> {
    try {
      await getExternalWorkflowHandle(contractWorkflowId(contract)).signal(contractSettled, news);
    } catch (error) {
      if (isCancellation(error)) throw error;
      await outside.tellSettled({ contract, clock: this.args.clock, news });
    }
  }
}

const nameOf = (contract: string, { subcontract, paidThrough }: CoveredSubcontract) =>
  `${contract} ${subcontract} ${paidThrough}`;
const nameOfWhole = (contract: string) => `${contract} whole`;

const namesOf = ({ contract, covered, whole }: ContractTold): string[] => [
  ...covered.map((one) => nameOf(contract, one)),
  ...(whole ? [nameOfWhole(contract)] : []),
];

// ---------------------------------------------------------------- handlers

function listen({ args, life, state }: InvoiceProcess): void {
  setHandler(paymentApplied, ({ appliedOn, told }) =>
    life.tell({ kind: 'money', on: appliedOn, ...(told === undefined ? {} : { told }) }),
  );
  setHandler(paymentReversed, ({ reversedOn }) => life.tell({ kind: 'money', on: reversedOn }));
  setHandler(invoiceCredited, ({ on }) => life.tell({ kind: 'money', on }));
  onUpdate(
    invoicePromise,
    ({ until, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'promise', ticket, until, reason, actor })),
    ({ until, reason }) => {
      if (!isCivilDate(until))
        throw refusal('invalid-input', `${until} is no date: use YYYY-MM-DD.`);
      if (until < args.issuedOn)
        throw refusal('invalid-input', `${until} is before the invoice's day, ${args.issuedOn}.`);
      if (reason.trim() === '') throw refusal('invalid-input', 'Say who promised what.');
    },
  );
  onUpdate(
    invoiceDispute,
    ({ disputed, lines, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'dispute', ticket, disputed, lines, reason, actor })),
    ({ reason }) => {
      if (reason.trim() === '') throw refusal('invalid-input', 'Say what is disputed and why.');
    },
  );
  onUpdate(
    invoiceResend,
    ({ to }, actor) => life.ask((ticket) => ({ kind: 'resend', ticket, to, actor })),
    () => {
      if (state.resends >= 50)
        throw refusal('invalid-input', 'This invoice was sent fifty times again; call them.');
    },
  );
}
