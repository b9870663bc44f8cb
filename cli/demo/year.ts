/** The sample year: twelve bill runs of a dozen customers, one of whom pays late and one of whom renews. */
import {
  addDays,
  addMonths,
  type CivilDate,
  earlier,
  later,
  nextBusinessDay,
} from '../../domain/dates/dates.ts';
import { CommandError } from '../context.ts';
import { part } from '../http/client.ts';
import { amount } from '../http/words.ts';
import { hasLeft, type InvoiceAnswer, type RenewalAnswer, type RunItemAnswer } from './answers.ts';
import { Calendar } from './calendar.ts';
import type { Cast } from './cast.ts';
import { LatePayer } from './late-payer.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

const MONTHS = 12;
/** What a customer thinks about a renewal agreement before saying yes. */
const DECIDES_AFTER_DAYS = 12;

export class SampleYear {
  private readonly stage: Stage;
  private readonly narrator: Narrator;
  private readonly cast: Cast;
  private readonly runOn: CivilDate;
  private readonly calendar = new Calendar();
  private readonly late: LatePayer;
  /** Invoices whose payment is on the calendar, or that somebody else pays. */
  private readonly arranged = new Set<string>();
  private readonly answered = new Set<string>();
  private payments = 0;

  constructor(stage: Stage, narrator: Narrator, cast: Cast, runOn: CivilDate) {
    this.stage = stage;
    this.narrator = narrator;
    this.cast = cast;
    this.runOn = runOn;
    this.late = new LatePayer(stage, narrator, this.calendar);
  }

  async live(): Promise<void> {
    await this.firstRun();
    for (let month = 1; month < MONTHS; month += 1) {
      const on = addMonths(this.runOn, month);
      this.calendar.put(on, () => this.monthlyRun(on));
    }
    await this.calendar.live(addMonths(this.runOn, MONTHS), async (on) => {
      if (on > this.stage.today) await this.stage.advance(on);
    });
  }

  private copyOf(name: string | null): string {
    return `${this.stage.clock}-${name ?? ''}`;
  }

  private runLinks(run: string): Record<string, string> {
    const { stage } = this;
    return { 'Bill run': stage.page(`/bill-runs/${run}`), ...stage.process(`bill-run:${run}`) };
  }

  // -------------------------------------------------------------- the first run, step by step

  private async firstRun(): Promise<void> {
    const { stage, narrator } = this;
    const month = this.runOn.slice(0, 7);
    const computed = await stage.compute(month);
    const { run } = computed;
    const links = this.runLinks(run);
    const tell = (what: string, title: string, words: string[], facts: object = {}) =>
      narrator.tell({ what, on: stage.today, title, words, links, facts: { run, ...facts } });
    tell('run-computed', `The bill run of ${month} is computed`, [
      `${computed.counts.invoices} invoices, ${computed.totals.map(amount).join(' and ')}`,
      computed.controlAddsUp
        ? 'Its control sheet adds up: due = invoiced + held + excluded + set aside + carried'
        : 'Its control sheet does not add up',
    ]);
    await this.excludeOne(run, links);
    const submitted = await stage.submit(run);
    tell('run-submitted', 'Reviewed and submitted; the numbers are frozen', [
      submitted.willDo,
      `Two people compare: ${submitted.shortCode ?? ''}`,
    ]);
    const refusal = await stage.makerMayNotApprove(run, submitted.shownHash ?? '');
    const issued = await stage.approve(run, submitted.shownHash ?? '');
    tell(
      'run-approved',
      `${stage.approver} approves the same numbers; ${issued.counts.issued} invoices are issued`,
      [`Who submitted may not: ${refusal}`],
      { approver: stage.approver, issued: issued.counts.issued, failed: issued.counts.failed },
    );
    await stage.advance(stage.today);
    const mailsOn = nextBusinessDay(stage.today);
    if (mailsOn === stage.today) await this.tellMails(run);
    else this.calendar.put(mailsOn, () => this.tellMails(run));
    await this.arrangePayments();
  }

  private async excludeOne(run: string, links: Record<string, string>): Promise<void> {
    const { stage, narrator, cast } = this;
    const contract = this.copyOf(cast.excluded.contract);
    const [item] = await stage.list<RunItemAnswer>(
      `/bill-runs/${part(run)}/items?contract=${part(contract)}`,
    );
    if (item === undefined) throw new CommandError(`${run} has nothing of ${contract}.`);
    const reason = 'The customer asked us to wait for their new address';
    await stage.maker.send('POST', `/bill-runs/${part(run)}/items/${part(item.item)}/exclude`, {
      reason,
    });
    narrator.tell({
      what: 'contract-excluded',
      on: stage.today,
      title: `${contract} is left out of this run`,
      words: [`Why: ${reason}`, 'The next run bills it, marked “caught up”'],
      links: { ...links, Contract: stage.page(`/contracts/${contract}`) },
      facts: { run, contract, reason },
    });
  }

  private async tellMails(run: string): Promise<void> {
    const { stage, narrator } = this;
    const issued = (await stage.issued()).filter((one) => one.run === run);
    const [first] = issued;
    if (first === undefined) throw new CommandError(`${run} issued nothing.`);
    const pages = await Promise.all(issued.map(({ invoice }) => stage.invoice(invoice)));
    const sent = pages.flatMap(({ mails }) => mails.filter(hasLeft));
    narrator.tell({
      what: 'mails-sent',
      on: stage.today,
      title: `${sent.length} mails with their invoices have left`,
      words: issued.map(
        ({ invoice, account, total, dueOn }) =>
          `${invoice}  ${account.name}  ${amount(total)}  due ${dueOn}`,
      ),
      links: {
        ...stage.mails(),
        PDF: stage.page(`/api/v1/invoices/${first.invoice}/pdf`),
        ...stage.process(first.documentKey ?? ''),
      },
      facts: { sent: sent.length, invoices: issued.map(({ invoice }) => invoice) },
    });
  }

  // -------------------------------------------------------------- every month

  private async monthlyRun(on: CivilDate): Promise<void> {
    const { stage, narrator } = this;
    const month = on.slice(0, 7);
    const computed = await stage.compute(month);
    const { run } = computed;
    const caughtUp = await this.caughtUpIn(run);
    const { shownHash, totals } = await stage.submit(run);
    const { counts } = await stage.approve(run, shownHash ?? '');
    const words = [
      counts.issued === 0
        ? 'Nothing was due'
        : `${counts.issued} documents, ${totals.map(amount).join(' and ')}, approved by ${stage.approver}`,
      ...caughtUp.map((contract) => `${contract} is caught up: the first run left it out`),
    ];
    narrator.tell({
      what: 'monthly-run',
      on: stage.today,
      title: `The bill run of ${month}`,
      words,
      links: this.runLinks(run),
      facts: { run, issued: counts.issued, failed: counts.failed, totals, caughtUp },
    });
    await this.arrangePayments();
    await this.lookAtRenewals();
  }

  private async caughtUpIn(run: string): Promise<string[]> {
    const contract = this.copyOf(this.cast.excluded.contract);
    const items = await this.stage.list<RunItemAnswer>(
      `/bill-runs/${part(run)}/items?contract=${part(contract)}`,
    );
    return items.some(({ caughtUp }) => caughtUp > 0) ? [contract] : [];
  }

  // -------------------------------------------------------------- payments

  /** Who pays when: the late payer has a story of its own, one customer pays two at once, all others are in time. */
  private async arrangePayments(): Promise<void> {
    const open = (await this.stage.issued()).filter(
      ({ invoice, balance }) => balance.amount > 0 && !this.arranged.has(invoice),
    );
    const late = this.copyOf(this.cast.late.contract);
    const pair = open.filter(({ contract }) =>
      this.cast.together.some((one) => this.copyOf(one.contract) === contract),
    );
    const byDay = new Map<CivilDate, InvoiceAnswer[]>();
    for (const invoice of open) {
      this.arranged.add(invoice.invoice);
      if (invoice.contract === late && this.late.invoice === null) {
        await this.late.arrange(invoice);
        continue;
      }
      const on = later(this.stage.today, earlier(addDays(invoice.dueOn, -3), this.nextPayday()));
      byDay.set(on, [...(byDay.get(on) ?? []), invoice]);
    }
    for (const [on, invoices] of byDay)
      this.calendar.put(on, () => this.pay(invoices, pair.length > 1 ? pair : []));
  }

  /** The first of the next month. */
  private nextPayday(): CivilDate {
    return `${addMonths(this.stage.today, 1).slice(0, 7)}-01`;
  }

  private async pay(
    invoices: readonly InvoiceAnswer[],
    pair: readonly InvoiceAnswer[],
  ): Promise<void> {
    const { stage, narrator } = this;
    const together = pair.filter((one) => invoices.includes(one));
    const single = invoices.filter((one) => !together.includes(one));
    if (together.length > 1) await this.payTogether(together);
    else single.push(...together);
    const words: string[] = [];
    let last = '';
    for (const invoice of single) {
      this.payments += 1;
      const byWebhook = this.payments % 2 === 1;
      const account = invoice.account.account;
      const paid = byWebhook
        ? await stage.payByWebhook(account, [invoice])
        : await stage.payByHand({ account, amount: invoice.balance, reference: invoice.invoice });
      last = paid.payment;
      const how = byWebhook ? 'by signed webhook' : 'entered by hand';
      words.push(`${invoice.account.name} pays ${invoice.invoice}, ${amount(paid.amount)}, ${how}`);
    }
    if (words.length === 0) return;
    narrator.tell({
      what: 'customers-pay',
      on: stage.today,
      title: `${single.length === 1 ? 'A customer pays' : `${single.length} customers pay`}`,
      words,
      links: { Payment: stage.page(`/cash/${part(last)}`), ...stage.process(`payment:${last}`) },
      facts: { invoices: single.map(({ invoice }) => invoice) },
    });
  }

  private async payTogether(invoices: readonly InvoiceAnswer[]): Promise<void> {
    const { stage, narrator } = this;
    const [first] = invoices;
    if (first === undefined) return;
    const paid = await stage.payByWebhook(first.account.account, invoices);
    const numbers = invoices.map(({ invoice }) => invoice);
    narrator.tell({
      what: 'one-payment-two-invoices',
      on: stage.today,
      title: `${first.account.name} pays ${numbers.length} invoices with one transfer`,
      words: [`${amount(paid.amount)} for ${numbers.join(' and ')}, matched by rule ${paid.rule}`],
      links: {
        Payment: stage.page(`/cash/${part(paid.payment)}`),
        ...stage.process(`payment:${paid.payment}`),
      },
      facts: { payment: paid.payment, invoices: numbers, rule: paid.rule },
    });
  }

  // -------------------------------------------------------------- renewals

  private async lookAtRenewals(): Promise<void> {
    const { stage } = this;
    const found = await stage.list<RenewalAnswer>(
      `/renewals?clock=${part(stage.clock)}&state=sent`,
    );
    for (const renewal of found) {
      if (this.answered.has(renewal.renewal)) continue;
      this.answered.add(renewal.renewal);
      this.tellRenewal('renewal-sent', renewal, `${renewal.contract} is about to end`, [
        `A renewal agreement was drawn up and sent: ${renewal.termStart} through ${renewal.termEnd}`,
        `${amount(renewal.value)}, before ${amount(renewal.previousValue)}`,
      ]);
      const on = earlier(addDays(stage.today, DECIDES_AFTER_DAYS), addDays(renewal.termStart, -1));
      this.calendar.put(later(on, stage.today), () => this.acceptRenewal(renewal));
    }
  }

  private async acceptRenewal(renewal: RenewalAnswer): Promise<void> {
    const { stage } = this;
    const { contract } = renewal;
    const now = await stage.maker.get<RenewalAnswer>(`/renewals/${part(renewal.renewal)}`);
    // One that renews by itself did so meanwhile.
    if (now.state === 'sent')
      await stage.maker.send('POST', `/contracts/${part(contract)}/renewal-decision`, {
        renewal: renewal.renewal,
        decision: 'accept',
        on: stage.today,
        reason: 'signed agreement received',
      });
    const page = await stage.maker.get<{ end: string }>(`/contracts/${part(contract)}`);
    const by = now.state === 'sent' ? 'The customer accepts' : 'It renews by itself';
    this.tellRenewal('renewal-accepted', renewal, `${by}: ${contract} goes on`, [
      `The next term reaches ${page.end}; the run two months before it bills it`,
    ]);
  }

  private tellRenewal(what: string, renewal: RenewalAnswer, title: string, words: string[]): void {
    const { stage, narrator } = this;
    const { contract, termStart, termEnd } = renewal;
    const links = {
      Contract: stage.page(`/contracts/${contract}`),
      ...stage.mails(),
      ...stage.process(`contract:${contract}`),
    };
    const facts = { renewal: renewal.renewal, contract, termStart, termEnd };
    narrator.tell({ what, on: stage.today, title, words, links, facts });
  }
}
