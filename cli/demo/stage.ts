/** The running system as the sample year uses it: through the HTTP API alone, as two people. */
import { setTimeout as wait } from 'node:timers/promises';
import { loadSettings } from '../../connectors/configuration.ts';
import type { CivilDate } from '../../domain/dates/dates.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { type ApiClient, apiClient, apiUrl, part } from '../http/client.ts';
import { sendStripeEvent } from '../webhook/trigger.ts';
import type {
  ClockAnswer,
  InvoiceAnswer,
  InvoicePageAnswer,
  LicenseAnswer,
  Money,
  PaymentAnswer,
  RunAnswer,
} from './answers.ts';

const WAIT_MS = 120_000;
const PAUSE_MS = 250;
const ALL = 200;

export class Stage {
  readonly clock: string;
  /** The person at this terminal: starts, reviews, submits. */
  readonly maker: ApiClient;
  private readonly context: CommandContext;
  private readonly urls: { api: string; mail: string | null; temporal: string | null };
  private checker: { readonly client: ApiClient; readonly key: string; name: string } | null = null;
  today: CivilDate = '0001-01-01';

  constructor(context: CommandContext, clock: string) {
    this.clock = clock;
    this.context = context;
    this.maker = apiClient(context);
    const { MAIL_PAGE_URL, TEMPORAL_UI_URL } = loadSettings(context.env);
    this.urls = {
      api: apiUrl(context),
      mail: MAIL_PAGE_URL ?? null,
      temporal: TEMPORAL_UI_URL?.replace(/\/+$/, '') ?? null,
    };
  }

  // -------------------------------------------------------------- links

  page(path: string): string {
    return `${this.urls.api}${path}`;
  }

  /** Where a process can be watched; empty where no page of Temporal is known. */
  process(workflowId: string): Record<string, string> {
    const base = this.urls.temporal;
    if (base === null) return {};
    return { Workflow: `${base}/namespaces/default/workflows/${part(workflowId)}` };
  }

  mails(): Record<string, string> {
    return this.urls.mail === null ? {} : { Mails: this.urls.mail };
  }

  // -------------------------------------------------------------- the second person

  private get keyName(): string {
    return `rehearsal ${this.clock}`;
  }

  /** Makes a key of an approver; four eyes hold for keys too. @returns the approver's name. */
  async callApprover(): Promise<string> {
    const { items } = await this.maker.get<{
      items: { id: string; name: string; role: string; disabled: boolean }[];
    }>(`/users?limit=${ALL}`);
    const approver = items.find(({ role, disabled }) => role === 'approver' && !disabled);
    if (approver === undefined)
      throw new CommandError('There is no user with the role approver; add one, then try again.');
    const { body } = await this.maker.send<{ id: string; key: string }>('POST', '/keys', {
      name: this.keyName,
      user: approver.id,
    });
    const env = { ...this.context.env, PERENNIAL_API_KEY: body.key };
    const client = apiClient({ ...this.context, env });
    this.checker = { client, key: body.id, name: approver.name };
    return approver.name;
  }

  async dismissApprover(): Promise<void> {
    if (this.checker !== null) await this.maker.send('DELETE', `/keys/${part(this.checker.key)}`);
    this.checker = null;
  }

  // -------------------------------------------------------------- the clock

  async begin(today: CivilDate, accounts: readonly string[]): Promise<ClockAnswer> {
    const { body } = await this.maker.send<ClockAnswer>('POST', '/clock', {
      clock: this.clock,
      today,
      accounts,
    });
    this.today = today;
    await this.advance(today);
    return body;
  }

  /** Throws the rehearsal away, with keys that one cut short has left. @returns whether there was one. */
  async remove(): Promise<boolean> {
    const keys = await this.list<{ id: string; name: string; revokedAt: string | null }>('/keys');
    for (const { id, name, revokedAt } of keys)
      if (name === this.keyName && revokedAt === null)
        await this.maker.send('DELETE', `/keys/${part(id)}`);
    const { items } = await this.maker.get<{ items: ClockAnswer[] }>('/clock');
    if (!items.some(({ clock }) => clock === this.clock)) return false;
    await this.maker.send('DELETE', `/clock/${part(this.clock)}`);
    return true;
  }

  /** Moves to a day; to the present one: waits until everything that has been set off is done. */
  async advance(to: CivilDate): Promise<void> {
    const endsAt = Date.now() + 5 * WAIT_MS;
    for (;;) {
      const arrived = await this.maker
        .send('POST', `/clock/${part(this.clock)}/advance`, { to })
        .then(({ status }) => status === 200)
        .catch((error: unknown) => {
          // Printing takes its time on a busy machine: what was not answered in time is asked again.
          if (error instanceof CommandError && /\(worker-unavailable\)/.test(error.message))
            return false;
          throw error;
        });
      if (arrived) break;
      if (Date.now() > endsAt) throw new CommandError(`The clock does not arrive at ${to}.`);
    }
    this.today = to;
  }

  // -------------------------------------------------------------- bill runs

  review(run: string): Promise<RunAnswer> {
    return this.maker.get<RunAnswer>(`/bill-runs/${part(run)}`);
  }

  async compute(month: string): Promise<RunAnswer> {
    const run = `${month}@${this.clock}`;
    await this.maker.send('POST', '/bill-runs', { month, clock: this.clock });
    return this.until(`${run} is computed`, async () => {
      const found = await this.review(run).catch((error: unknown) => {
        if (error instanceof CommandError && /not-found/.test(error.message)) return null;
        throw error;
      });
      if (found?.state === 'failed') throw new CommandError(`${run} failed: ${found.words}`);
      return found !== null && found.state === 'in_review' ? found : null;
    });
  }

  async submit(run: string): Promise<RunAnswer> {
    await this.maker.send('POST', `/bill-runs/${part(run)}/submit`);
    return this.review(run);
  }

  /** Whether the maker is kept from approving: true as long as four eyes are on. */
  async makerMayNotApprove(run: string, shownHash: string): Promise<string> {
    try {
      await this.maker.send('POST', `/bill-runs/${part(run)}/approve`, { shownHash });
    } catch (error) {
      if (error instanceof CommandError && error.exitCode === EXIT.refused) return error.message;
      throw error;
    }
    throw new CommandError(`${run} was approved by the one who submitted it; four eyes are off.`);
  }

  async approve(run: string, shownHash: string): Promise<RunAnswer> {
    if (this.checker === null) throw new CommandError('The approver has not been called.');
    await this.checker.client.send('POST', `/bill-runs/${part(run)}/approve`, { shownHash });
    return this.until(`${run} is issued`, async () => {
      const found = await this.review(run);
      if (found.state === 'failed') throw new CommandError(`${run} failed: ${found.words}`);
      return found.state === 'issued' ? found : null;
    });
  }

  get approver(): string {
    return this.checker?.name ?? 'a second person';
  }

  // -------------------------------------------------------------- invoices, money, licenses

  async list<T>(path: string): Promise<T[]> {
    const found: T[] = [];
    let cursor: string | null = null;
    do {
      const more = cursor === null ? '' : `&cursor=${part(cursor)}`;
      const join = path.includes('?') ? '&' : '?';
      const page: { items: T[]; nextCursor: string | null } = await this.maker.get(
        `${path}${join}limit=${ALL}${more}`,
      );
      found.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found;
  }

  /** What the rehearsal issued itself; history that came with the copies is left out. */
  async issued(): Promise<InvoiceAnswer[]> {
    const all = await this.list<InvoiceAnswer>(`/invoices?clock=${part(this.clock)}`);
    return all.filter(({ imported }) => !imported);
  }

  invoice(number: string): Promise<InvoicePageAnswer> {
    return this.maker.get<InvoicePageAnswer>(`/invoices/${part(number)}`);
  }

  licenses(contract: string): Promise<LicenseAnswer[]> {
    return this.list<LicenseAnswer>(`/licenses?contract=${part(contract)}`);
  }

  /** Money entered by a person; waits until it has been matched. */
  async payByHand(input: {
    readonly account: string;
    readonly amount: Money;
    readonly reference: string;
    readonly lines?: readonly {
      readonly invoice: string;
      readonly line: string;
      readonly subcontract: string | null;
      readonly amount: number;
    }[];
  }): Promise<PaymentAnswer> {
    const { body } = await this.maker.send<{ readonly look: string }>('POST', '/payments', {
      ...input,
      receivedOn: this.today,
      method: 'bank transfer',
    });
    const path = body.look.replace(/^\/api\/v1/, '');
    const paid = await this.until('the payment is matched', async () => {
      const found = await this.maker.get<PaymentAnswer>(path);
      return found.state === 'received' ? null : found;
    });
    if (paid.state !== 'allocated')
      throw new CommandError(`${paid.payment} was not matched: ${paid.words}`);
    return paid;
  }

  /** Money told by the payment provider, signed; waits until the invoices are paid. */
  async payByWebhook(
    account: string,
    invoices: readonly Pick<InvoiceAnswer, 'invoice' | 'balance'>[],
  ): Promise<PaymentAnswer> {
    const total = invoices.reduce((sum, { balance }) => sum + balance.amount, 0);
    const numbers = invoices.map(({ invoice }) => invoice);
    await sendStripeEvent(this.context, 'payment_intent.succeeded', {
      amount: String(total),
      currency: invoices[0]?.balance.currency ?? '',
      account,
      reference: numbers.join(' '),
    });
    const first = await this.until(`${numbers.join(' and ')} are paid`, async () => {
      const pages = await Promise.all(numbers.map((one) => this.invoice(one)));
      return pages.every(({ state }) => state === 'paid') ? (pages[0] ?? null) : null;
    });
    const payment = first.allocations.at(-1)?.payment ?? '';
    return this.maker.get<PaymentAnswer>(`/payments/${part(payment)}`);
  }

  async until<T>(words: string, look: () => Promise<T | null>): Promise<T> {
    const endsAt = Date.now() + WAIT_MS;
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() > endsAt) throw new CommandError(`Waited in vain until ${words}.`);
      await wait(PAUSE_MS);
    }
  }
}
