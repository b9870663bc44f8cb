/**
 * payment (`payment:stripe:evt_…`): one incoming payment, stored before this starts.
 *
 * | message     | kind   | why                                                                     |
 * |-------------|--------|-------------------------------------------------------------------------|
 * | reversal    | signal | the provider took it back: it has happened. Starts the workflow again    |
 * | clock       | signal | a rehearsal's day moved                                                  |
 * | allocate    | update | a person decides a case that was left for review                         |
 * | move        | update | a person takes allocations back: undone, or to go elsewhere              |
 * | exchange    | update | a person counts it as an amount of another currency                      |
 * | refund      | update | a person gives unapplied credit back: over the provider, or by hand      |
 * | invoiceIssued| signal | an invoice was issued that credit may pay: it has happened. Starts it again   |
 * | refundFailed| signal | the provider could not give a refund back: the money is here again       |
 * | resolve     | update | a person retries or skips what is parked                                 |
 * | clockAdvance| update | who moves a test clock wants to know when all of that day is done        |
 *
 * It ends when nothing is left for a person; a later message starts it again, and the database tells it what was done.
 */
import {
  allHandlersFinished,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { CivilDate } from '../domain/dates/dates.ts';
import type { CurrencyAmount } from '../domain/money/exchange.ts';
import { contractWorkflowId, effectKey } from './ids.ts';
import { Life, newLifeState, onUpdate, refusal, type Task } from './life.ts';
import {
  type Actor,
  type ContractTold,
  contractSettled,
  type DecidedLine,
  type PaymentArgs,
  paymentAllocate,
  paymentApplied,
  paymentExchange,
  paymentInvoiceIssued,
  paymentMove,
  paymentRefund,
  paymentRefundFailed,
  paymentReversal,
  type RefundOutcome,
} from './messages.ts';
import { local, mail, outside } from './proxies.ts';
import type { AffectedInvoice, PaymentPlan, RefundArgs, ReopenedInvoice } from './steps.ts';
import { instantNow } from './waiting.ts';

/** Contracts that hear of a payment side by side: each is a command of one workflow task. */
const TOLD_AT_ONCE = 100;

// ---------------------------------------------------------------- messages and state

interface Command {
  readonly ticket: number;
  readonly actor: Actor;
  readonly reason: string;
}
interface Reversal {
  readonly event: string;
  readonly on: CivilDate;
  readonly amountMinor: number;
  readonly reason: string;
}
interface Issued {
  readonly invoice: string;
  readonly on: CivilDate;
}
type Message =
  | (Reversal & { readonly kind: 'reversal' })
  | (Command & {
      readonly kind: 'allocate';
      readonly lines: readonly DecidedLine[];
      readonly account?: string | null;
    })
  | (Command & {
      readonly kind: 'move';
      readonly from: readonly string[] | null;
      readonly to: readonly DecidedLine[];
      readonly account: string | null;
    })
  | (Command & {
      readonly kind: 'exchange';
      readonly from: CurrencyAmount;
      readonly to: CurrencyAmount;
    })
  | (Reversal & { readonly kind: 'refund-failed' })
  | (Issued & { readonly kind: 'issued' })
  | (Command & {
      readonly kind: 'refund';
      readonly amountMinor: number;
      readonly currency?: string;
      /** Absent as refunds were once asked for, when they were booked alone. */
      readonly key?: string;
    });

type PaymentTask = Task &
  (
    | { readonly kind: 'match' }
    | { readonly kind: 'tell'; readonly invoice: AffectedInvoice; readonly told?: boolean }
    | { readonly kind: 'reverse'; readonly reversal: Reversal }
    | { readonly kind: 'use'; readonly issued: Issued }
    | {
        readonly kind: 'tell-reversed';
        readonly on: CivilDate;
        readonly reopened: readonly ReopenedInvoice[];
      }
    | { readonly kind: 'refund'; readonly refund: RefundArgs }
    | { readonly kind: 'restore'; readonly reversal: Reversal }
    /** Keys first: what can wait does, for a moment. */
    | { readonly kind: 'pause' }
    | { readonly kind: 'export' }
    | { readonly kind: 'receipt' }
  );

/** How long who approves a refund waits for the provider; then they hear that it is under way. */
const PATIENCE = '6 seconds';
/** What the invoice, the books and the receipt wait while contracts that were told make their keys; a message ends it. */
const KEYS_FIRST = '1 second';
const BOOKED: RefundOutcome = { state: 'refunded', words: 'It is booked as given back.' };

// ---------------------------------------------------------------- main

export async function payment(args: PaymentArgs): Promise<void> {
  const process = new PaymentProcess(args);
  listen(process);
  await process.live();
}

class PaymentProcess {
  readonly args: PaymentArgs;
  readonly life: Life<Message, PaymentTask>;
  private plan: PaymentPlan | null = null;
  private refunds = 0;
  private moves = 0;
  /** Refunds that the provider was asked for in this run, by their keys; null: it has not answered. */
  private readonly refundsAsked = new Map<string, RefundOutcome | null>();

  constructor(args: PaymentArgs) {
    this.args = args;
    this.life = new Life(
      newLifeState<Message, PaymentTask>(),
      (cause, key) =>
        local.recordAttention({
          contracts: [],
          cause,
          key: effectKey(args.payment, key),
          today: this.today(),
        }),
      // The provider may take its time to answer; what its own events tell meanwhile is heard.
      ({ kind }) => kind === 'refund',
    );
  }

  today(): CivilDate {
    return this.plan?.today ?? instantNow().slice(0, 10);
  }

  async live(): Promise<void> {
    const { life } = this;
    life.add(this.task({ kind: 'match' }, 'Matching of the payment', 'match'));
    for (;;) {
      const asked = life.beginRound();
      await life.perform((task) => this.perform(task));
      await life.drain((message) => this.take(message));
      if (life.state.tasks.length > 0 || life.woken()) continue;
      this.describe();
      if (life.busy) {
        await condition(life.stirred);
        continue;
      }
      life.rest(asked, null);
      if (this.plan !== null && this.plan.state !== 'review' && life.attention === null) {
        await condition(allHandlersFinished);
        if (!life.woken()) return;
      } else await condition(life.woken);
    }
  }

  private task<K extends object>(rest: K, words: string, step: string) {
    return { ...rest, words, key: effectKey(this.args.payment, step) };
  }

  private describe(): void {
    const lines = [this.plan?.words ?? 'Not matched yet'];
    const { attention } = this.life;
    if (attention !== null) lines.push(`**Needs attention:** ${attention}`);
    setCurrentDetails(lines.join('\n\n'));
  }

  private async take(message: Message): Promise<void> {
    const { payment, clock } = this.args;
    const today = this.today();
    switch (message.kind) {
      case 'reversal': {
        const { event, on, amountMinor, reason } = message;
        const reversal = { event, on, amountMinor, reason };
        const words = 'The payment is taken back';
        this.life.add(this.task({ kind: 'reverse', reversal } as const, words, `back:${event}`));
        return;
      }
      case 'allocate': {
        const { ticket, lines, account, reason, actor } = message;
        const whose = account === undefined ? {} : { account };
        const args = { payment, lines, ...whose, reason, actor, today, clock };
        const done = await this.life.answer(ticket, () => local.allocatePayment(args));
        if (done) await this.readAndTell();
        return;
      }
      case 'move':
        await this.move(message);
        return;
      case 'exchange': {
        const { ticket, from, to, reason, actor } = message;
        const args = { payment, from, to, reason, actor };
        const done = await this.life.answer(ticket, () => local.exchangePayment(args));
        if (done) this.plan = await local.planPayment({ payment, clock, at: instantNow() });
        return;
      }
      case 'issued': {
        const { invoice, on } = message;
        const words = `Credit is used on invoice ${invoice}`;
        this.life.add(
          this.task({ kind: 'use', issued: { invoice, on } } as const, words, `use:${invoice}`),
        );
        return;
      }
      case 'refund-failed': {
        const { event, on, amountMinor, reason } = message;
        const reversal = { event, on, amountMinor, reason };
        const words = 'A refund that did not reach the payer is taken back';
        this.life.add(this.task({ kind: 'restore', reversal } as const, words, `failed:${event}`));
        return;
      }
      case 'refund': {
        const { ticket, amountMinor, currency, reason, actor, key: named } = message;
        if (named !== undefined) {
          const meant = currency === undefined ? {} : { currency };
          const refund = {
            payment,
            amountMinor,
            ...meant,
            reason,
            actor,
            today,
            clock,
            key: named,
          };
          await this.beginRefund(ticket, refund);
          return;
        }
        this.refunds += 1;
        const key = effectKey(payment, `refund:${today}:${this.refunds}:${amountMinor}`);
        const args = { payment, amountMinor, reason, actor, today, key };
        await this.life.answer(ticket, () => local.refundPayment(args));
        return;
      }
    }
  }

  private async beginRefund(ticket: number, refund: RefundArgs): Promise<void> {
    const done = await this.life.answer(ticket, async () => {
      const begun = await local.beginRefund(refund);
      if (begun.state !== 'asked') return begun;
      if (!this.life.isPending(refund.key)) this.refundsAsked.set(refund.key, null);
      const words = 'The refund over the payment provider';
      this.life.add({ kind: 'refund', refund, words, key: refund.key });
      return { state: 'under-way', words: 'Stripe is asked; it has not answered yet.' };
    });
    const { payment, clock } = this.args;
    if (done) this.plan = await local.planPayment({ payment, clock, at: instantNow() });
  }

  /** Money that the provider may be giving back cannot be spent otherwise meanwhile. */
  demandNoRefundUnderWay(): void {
    const { life, refundsAsked } = this;
    if ([...refundsAsked.keys()].some((key) => life.isPending(key)))
      throw refusal(
        'refund-under-way',
        'Stripe is giving money of this payment back; decide when it has answered.',
      );
  }

  /** What became of a refund; after a few seconds without an answer of the provider, that. */
  async refundAnswer(key: string, first: RefundOutcome): Promise<RefundOutcome> {
    if (first.state !== 'under-way') return first;
    await condition(() => this.refundsAsked.get(key) != null, PATIENCE);
    return this.refundsAsked.get(key) ?? first;
  }

  private async refundAtProvider(refund: RefundArgs): Promise<void> {
    const { reopened, ...outcome } = await outside.refundAtProvider(refund);
    this.refundsAsked.set(refund.key, outcome);
    if (reopened.length > 0) {
      const words = 'Invoices and contracts hear that their money was given back';
      const tell = { kind: 'tell-reversed', on: refund.today, reopened } as const;
      this.life.add(this.task(tell, words, `back:${refund.key}:tell`));
    }
    const { payment, clock } = this.args;
    this.plan = await local.planPayment({ payment, clock, at: instantNow() });
  }

  private async perform(task: PaymentTask): Promise<{ changed: boolean }> {
    const { payment, clock } = this.args;
    switch (task.kind) {
      case 'match':
        this.plan = await local.planPayment({ payment, clock, at: instantNow(), match: true });
        // 2026-11-23: payments from before were matched by a step of their own.
        if (this.plan.state === 'received' && this.plan.affected.length === 0)
          this.plan = await local.matchPayment({ payment, today: this.plan.today, clock });
        this.tellAffected(this.plan);
        return { changed: false };
      case 'tell':
        await this.tell(task.invoice, task.told);
        return { changed: false };
      case 'pause':
        await condition(this.life.woken, KEYS_FIRST);
        return { changed: false };
      case 'reverse': {
        const { reopened } = await local.reversePayment({ payment, ...task.reversal });
        const { event, on } = task.reversal;
        const words = 'Invoices and contracts hear that money was taken back';
        const tell = { kind: 'tell-reversed', on, reopened } as const;
        this.life.add(this.task(tell, words, `back:${event}:tell`));
        this.plan = await local.planPayment({ payment, clock, at: instantNow() });
        return { changed: true };
      }
      case 'use':
        await this.use(task.issued);
        return { changed: true };
      case 'tell-reversed':
        await outside.tellReversed({ payment, clock, on: task.on, reopened: task.reopened });
        return { changed: false };
      case 'refund':
        await this.refundAtProvider(task.refund);
        return { changed: true };
      case 'restore':
        await local.restoreRefund({ payment, ...task.reversal });
        this.plan = await local.planPayment({ payment, clock, at: instantNow() });
        return { changed: true };
      case 'export':
        await outside.exportPayment({ payment, today: this.today() });
        return { changed: false };
      case 'receipt':
        await mail.sendReceipt({ payment, today: this.today() });
        return { changed: false };
    }
  }

  /** What it pays so is told as what a person allocates is. */
  private async use({ invoice, on }: Issued): Promise<void> {
    const { payment, clock } = this.args;
    const plan = await local.useCredit({ payment, invoice, on, clock });
    this.plan = plan;
    this.tellAffected(plan, `:used:${invoice}`);
  }

  private async move(message: Message & { kind: 'move' }): Promise<void> {
    const { payment, clock } = this.args;
    const { ticket, from, to: lines, account, reason, actor } = message;
    const args = { payment, from, lines, account, reason, actor, today: this.today(), clock };
    let back: Awaited<ReturnType<typeof local.movePayment>> | null = null;
    const done = await this.life.answer(ticket, async () => {
      back = await local.movePayment(args);
      return { allocated: back.allocated };
    });
    if (!done || back === null) return;
    const { on, reopened }: Awaited<ReturnType<typeof local.movePayment>> = back;
    this.moves += 1;
    const words = 'Invoices and contracts hear that an allocation was taken back';
    const tell = { kind: 'tell-reversed', on, reopened } as const;
    this.life.add(this.task(tell, words, `moved:${on}:${this.moves}:${ticket}:tell`));
    await this.readAndTell(`:moved:${this.moves}`);
  }

  private async readAndTell(after = ''): Promise<void> {
    const { payment, clock } = this.args;
    this.plan = await local.planPayment({ payment, clock, at: instantNow() });
    this.tellAffected(this.plan, after);
  }

  /** `after` tells a telling from the one before it, where the same money is left as then. */
  private tellAffected(plan: PaymentPlan, after = ''): void {
    if (this.keysAreMade(plan))
      this.life.add(this.task({ kind: 'pause' } as const, 'Keys are made first', 'pause'));
    for (const invoice of plan.affected) {
      const step = `tell:${invoice.invoice}:${plan.unappliedMinor}${after}`;
      this.life.add(
        this.task(
          { kind: 'tell', invoice, told: plan.told === true } as const,
          `Invoice ${invoice.invoice} hears of it`,
          step,
        ),
      );
    }
    if (plan.externalAccounting && plan.affected.length > 0)
      this.life.add(
        this.task({ kind: 'export' } as const, 'Posting in the accounting system', 'accounting'),
      );
    if (plan.receipt === true)
      this.life.add(this.task({ kind: 'receipt' } as const, 'Receipt to the customer', 'receipt'));
  }

  /** Contracts were told in real time: in a rehearsal whoever moved the clock waits for all of it. */
  private keysAreMade({ told, affected }: PaymentPlan): boolean {
    const some = affected.some(({ contracts }) => (contracts ?? []).length > 0);
    return told === true && some && this.args.clock === null;
  }

  /**
   * Contracts first and directly, because customers wait for their keys; few of them heard of it before the plan came here.
   * Imported history may have no workflow.
   */
  private async tell({ invoice, workflow, contracts }: AffectedInvoice, told = false) {
    const appliedOn = this.today();
    const { payment, clock } = this.args;
    const untold = told ? [] : (contracts ?? []);
    for (let from = 0; from < untold.length; from += TOLD_AT_ONCE) {
      const some = untold.slice(from, from + TOLD_AT_ONCE);
      await Promise.all(some.map((one) => this.tellContract(invoice, one)));
    }
    const heard = contracts === undefined ? {} : { told: contracts };
    const news = { payment, appliedOn, ...heard };
    try {
      await getExternalWorkflowHandle(workflow).signal(paymentApplied, news);
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (contracts === undefined) await outside.tellContracts({ invoice, on: appliedOn, clock });
    }
  }

  /** A contract that has no workflow is told by a step, which starts one. */
  private async tellContract(
    invoice: string,
    { contract, covered, whole }: ContractTold,
  ): Promise<void> {
    const { payment, clock } = this.args;
    const news = { invoice, settledOn: this.today(), covered: [...covered], whole, payment };
    try {
      await getExternalWorkflowHandle(contractWorkflowId(contract)).signal(contractSettled, news);
    } catch (error) {
      if (isCancellation(error)) throw error;
      await outside.tellSettled({ contract, clock, news });
    }
  }
}

// ---------------------------------------------------------------- handlers

function demandAmounts(lines: readonly Pick<DecidedLine, 'amountMinor'>[]): void {
  if (lines.some(({ amountMinor }) => !Number.isSafeInteger(amountMinor) || amountMinor <= 0))
    throw refusal('invalid-input', 'Amounts are positive whole numbers of the minor unit.');
}

function listen(process: PaymentProcess): void {
  const { life } = process;
  setHandler(paymentReversal, (reversal) => life.tell({ kind: 'reversal', ...reversal }));
  setHandler(paymentInvoiceIssued, (issued) => life.tell({ kind: 'issued', ...issued }));
  setHandler(paymentRefundFailed, (failure) => life.tell({ kind: 'refund-failed', ...failure }));
  onUpdate(
    paymentAllocate,
    ({ lines, account, reason }, actor) =>
      life.ask((ticket) => ({
        kind: 'allocate',
        ticket,
        lines,
        ...(account === undefined ? {} : { account }),
        reason,
        actor,
      })),
    ({ lines }) => {
      process.demandNoRefundUnderWay();
      demandAmounts(lines);
    },
  );
  onUpdate(
    paymentMove,
    ({ from, to, account = null, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'move', ticket, from, to, account, reason, actor })),
    ({ from, to, reason }) => {
      process.demandNoRefundUnderWay();
      demandAmounts(to);
      if (from !== null && from.length === 0)
        throw refusal('invalid-input', 'Name the invoices whose allocations come back.');
      if (reason.trim() === '') throw refusal('invalid-input', 'Give a reason for the change.');
    },
  );
  onUpdate(
    paymentExchange,
    ({ from, to, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'exchange', ticket, from, to, reason, actor })),
    ({ from, to, reason }) => {
      process.demandNoRefundUnderWay();
      demandAmounts([from, to]);
      if (reason.trim() === '') throw refusal('invalid-input', 'Give a reason for the exchange.');
    },
  );
  onUpdate(
    paymentRefund,
    async ({ amountMinor, currency, reason, key }, actor) => {
      const named = key === undefined ? {} : { key };
      const meant = currency === undefined ? {} : { currency };
      const first = await life.ask<RefundOutcome | undefined>((ticket) => ({
        kind: 'refund',
        ticket,
        amountMinor,
        reason,
        actor,
        ...meant,
        ...named,
      }));
      if (key === undefined || first === undefined) return BOOKED;
      return process.refundAnswer(key, first);
    },
    ({ amountMinor, reason }) => {
      if (!Number.isSafeInteger(amountMinor) || amountMinor <= 0)
        throw refusal('invalid-input', 'The amount is a positive whole number of the minor unit.');
      if (reason.trim() === '') throw refusal('invalid-input', 'Give a reason for the refund.');
    },
  );
}
