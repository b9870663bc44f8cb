/** The customer who pays late and in two parts: reminders, grace, and keys for exactly what was paid. */
import { addDays, type CivilDate } from '../../domain/dates/dates.ts';
import { CommandError } from '../context.ts';
import { part } from '../http/client.ts';
import { amount } from '../http/words.ts';
import { hasLeft, type InvoiceAnswer, type LicenseAnswer } from './answers.ts';
import type { Calendar } from './calendar.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

/** Days after the due date, each a day after the default ladder's stage, so that the mail has left. */
const LADDER = [
  [2, 'The first reminder'],
  [16, 'The second reminder, with a copy to the account’s owner'],
  [31, 'The final notice'],
] as const;
/** Between the second reminder and the final notice. */
export const PAYS_PART_AFTER_DAYS = 25;
const PAYS_REST_AFTER_DAYS = 34;

export class LatePayer {
  private readonly stage: Stage;
  private readonly narrator: Narrator;
  private readonly calendar: Calendar;
  invoice: InvoiceAnswer | null = null;

  constructor(stage: Stage, narrator: Narrator, calendar: Calendar) {
    this.stage = stage;
    this.narrator = narrator;
    this.calendar = calendar;
  }

  async arrange(invoice: InvoiceAnswer): Promise<void> {
    this.invoice = invoice;
    const { lines } = await this.stage.maker.get<{ lines: { periodStart: string | null }[] }>(
      `/invoices/${part(invoice.invoice)}`,
    );
    const begins = lines.map(({ periodStart }) => periodStart ?? '').sort()[0] ?? invoice.dueOn;
    const after = (days: number): CivilDate => addDays(invoice.dueOn, days);
    for (const [days, words] of LADDER) this.calendar.put(after(days), () => this.reminded(words));
    this.calendar.put(begins, () => this.graced());
    this.calendar.put(after(PAYS_PART_AFTER_DAYS), () => this.paysPart());
    this.calendar.put(after(PAYS_REST_AFTER_DAYS), () => this.paysRest());
  }

  private get owed(): InvoiceAnswer {
    if (this.invoice === null) throw new CommandError('There is no invoice to pay late.');
    return this.invoice;
  }

  private get contract(): string {
    return this.owed.contract ?? '';
  }

  private tell(what: string, title: string, words: string[], facts: object): void {
    const { stage, owed, contract } = this;
    const links = {
      Invoice: stage.page(`/invoices/${owed.invoice}`),
      Contract: stage.page(`/contracts/${contract}`),
      ...stage.mails(),
      ...stage.process(owed.documentKey ?? ''),
    };
    const about = { invoice: owed.invoice, contract, ...facts };
    this.narrator.tell({ what, on: stage.today, title, words, links, facts: about });
  }

  private async reminded(words: string): Promise<void> {
    const { mails } = await this.stage.invoice(this.owed.invoice);
    const reminders = mails
      .filter((mail) => mail.kind === 'reminder' && hasLeft(mail))
      .sort((a, b) => (a.sentOn < b.sentOn ? -1 : 1));
    const last = reminders.at(-1);
    if (last === undefined) throw new CommandError(`No reminder of ${this.owed.invoice} has left.`);
    this.tell('reminder', `${words} goes to ${this.owed.account.name}`, [last.subject], {
      subject: last.subject,
      subjects: reminders.map(({ subject }) => subject),
    });
  }

  /** Of each subcontract the license that is in force. */
  private async licenses(): Promise<ReadonlyMap<string, LicenseAnswer>> {
    const all = await this.stage.licenses(this.contract);
    return new Map(
      all
        .filter(({ state }) => state === 'enabled')
        .map((license) => [license.subcontract ?? '', license]),
    );
  }

  private keyWords(licenses: ReadonlyMap<string, LicenseAnswer>): string[] {
    return [...licenses].map(([subcontract, { kind, validThrough }]) => {
      const key = kind === 'full' ? 'full key' : 'temporary key';
      return `${subcontract}: ${key} through ${validThrough}`;
    });
  }

  private async graced(): Promise<void> {
    const licenses = await this.licenses();
    const { account } = this.owed;
    this.tell(
      'grace',
      `The new period begins unpaid; ${account.name} gets keys of grace and works on`,
      this.keyWords(licenses),
      { temporary: [...licenses].filter(([, one]) => one.kind === 'temporary').map(([id]) => id) },
    );
  }

  private async paysPart(): Promise<void> {
    const { stage, owed } = this;
    const { lines } = await stage.invoice(owed.invoice);
    const subcontracts = [...new Set(lines.map(({ subcontract }) => subcontract))];
    const covered = subcontracts.slice(0, Math.ceil(subcontracts.length / 2));
    const paid = lines.filter(
      ({ subcontract, open }) => covered.includes(subcontract) && open.amount > 0,
    );
    const total = paid.reduce((sum, { open }) => sum + open.amount, 0);
    const payment = await stage.payByHand({
      account: owed.account.account,
      amount: { amount: total, currency: owed.total.currency },
      reference: `part of ${owed.invoice}`,
      lines: paid.map(({ line, subcontract, open }) => ({
        invoice: owed.invoice,
        line,
        subcontract,
        amount: open.amount,
      })),
    });
    await stage.advance(stage.today);
    const licenses = await this.licenses();
    const renewed = [...licenses].filter(([, one]) => one.kind === 'full').map(([id]) => id);
    this.tell(
      'partial-payment',
      `${owed.account.name} pays for ${covered.length} of ${subcontracts.length} subcontracts`,
      [
        `${amount(payment.amount)}; the keys of exactly these are renewed`,
        ...this.keyWords(licenses),
      ],
      { payment: payment.payment, covered, subcontracts, renewed },
    );
  }

  private async paysRest(): Promise<void> {
    const { stage, owed } = this;
    const before = await stage.invoice(owed.invoice);
    const payment = await stage.payByWebhook(owed.account.account, [before]);
    await stage.advance(stage.today);
    const licenses = await this.licenses();
    const renewed = [...licenses].filter(([, one]) => one.kind === 'full').map(([id]) => id);
    this.tell(
      'late-payer-pays',
      `${owed.account.name} pays the rest`,
      [`${amount(payment.amount)}; nothing is left open`, ...this.keyWords(licenses)],
      { payment: payment.payment, renewed },
    );
  }
}
