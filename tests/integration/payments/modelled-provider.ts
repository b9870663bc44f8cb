/**
 * A payment provider in memory that behaves as Stripe documents it: a key does a thing once, a page is paid at most once and
 * not after it was closed, and each call may be held up or lose its answer. It counts what it took from customers.
 */
import type {
  Answer,
  ChargeRequest,
  ChargeStanding,
  CheckoutRequest,
  CheckoutStanding,
  Collector,
  RefundRequest,
  RefundStanding,
} from '../../../connectors/payments/collector.ts';

interface Page {
  standing: CheckoutStanding;
  readonly key: string;
  readonly amountMinor: number;
}

export class ModelledProvider implements Collector {
  readonly system = 'stripe';
  /** In every reference, so that those of two providers differ. */
  readonly id: string;
  readonly pages = new Map<string, Page>();
  readonly charges = new Map<string, ChargeStanding>();
  /** Everything that left a customer's account, by payment. */
  readonly taken = new Map<string, number>();
  /** What the bank says to the next charges; then it pays. */
  readonly answers: string[] = [];
  readonly refunds = new Map<string, RefundStanding>();
  /** Why the next refunds fail, or that they are pending; then they succeed. */
  readonly refundAnswers: string[] = [];
  /** Calls whose answer is lost after they took effect. */
  losses = 0;
  /** Runs before a call takes effect: another one may come first. */
  before: (call: string) => Promise<void> = async () => {};

  constructor(id: string) {
    this.id = id;
  }

  async #call<T>(name: string, work: () => T): Promise<Answer<T>> {
    await this.before(name);
    const value = work();
    if (this.losses > 0) {
      this.losses -= 1;
      return { result: 'unknown', message: 'the answer was lost' };
    }
    return { result: 'ok', value };
  }

  #open(key: string, amountMinor: number, account: string): CheckoutStanding {
    const known = [...this.pages.values()].find((page) => page.key === key);
    if (known !== undefined) return known.standing;
    const reference = `cs_${this.id}_${this.pages.size + 1}`;
    const standing: CheckoutStanding = {
      reference,
      state: 'open',
      url: `https://checkout.stripe.com/${reference}`,
      money: 'none',
      payment: null,
      stored: null,
      account,
    };
    this.pages.set(reference, { standing, key, amountMinor });
    return standing;
  }

  #page(reference: string): Page {
    const page = this.pages.get(reference);
    if (page === undefined) throw new Error(`there is no page ${reference}`);
    return page;
  }

  openCheckout = (request: CheckoutRequest) =>
    this.#call('openCheckout', () => this.#open(request.key, request.amountMinor, request.account));
  openSetup: Collector['openSetup'] = ({ key, account }) =>
    this.#call('openSetup', () => this.#open(key, 0, account));
  readCheckout = (reference: string) =>
    this.#call('readCheckout', () => this.#page(reference).standing);
  findCheckout = (key: string) =>
    this.#call(
      'findCheckout',
      () => [...this.pages.values()].find((page) => page.key === key)?.standing ?? null,
    );
  closeCheckout = (reference: string) =>
    this.#call('closeCheckout', () => {
      const page = this.#page(reference);
      if (page.standing.state === 'open')
        page.standing = { ...page.standing, state: 'expired', url: null };
      return page.standing;
    });

  charge = ({ key, amountMinor, currency }: ChargeRequest) =>
    this.#call('charge', (): ChargeStanding => {
      const known = this.charges.get(key);
      if (known !== undefined) return known;
      const reference = `pi_${this.id}_${this.charges.size + 1}`;
      const answer = this.answers.shift() ?? 'succeeded';
      const state = answer === 'succeeded' || answer === 'processing' ? answer : 'failed';
      const reason = state === 'failed' ? answer : null;
      const made: ChargeStanding = { reference, state, amountMinor, currency, reason };
      this.charges.set(key, made);
      if (state === 'succeeded') this.taken.set(reference, amountMinor);
      return made;
    });
  readCharge = (reference: string) =>
    this.#call('readCharge', () => {
      const found = [...this.charges.values()].find((one) => one.reference === reference);
      if (found === undefined) throw new Error(`there is no charge ${reference}`);
      return found;
    });
  findCharge = (key: string) => this.#call('findCharge', () => this.charges.get(key) ?? null);
  refund = ({ key, reference, amountMinor }: RefundRequest) =>
    this.#call('refund', (): RefundStanding => {
      const known = this.refunds.get(key);
      if (known !== undefined) return known;
      const reason = this.refundAnswers.shift() ?? null;
      const made: RefundStanding = {
        reference: `re_${this.id}_${this.refunds.size + 1}`,
        state: reason === null ? 'succeeded' : reason === 'pending' ? 'processing' : 'failed',
        amountMinor,
        reason,
      };
      this.refunds.set(key, made);
      if (made.state !== 'failed')
        this.taken.set(reference, (this.taken.get(reference) ?? 0) - amountMinor);
      return made;
    });
  findRefund = ({ key }: RefundRequest) =>
    this.#call('findRefund', () => this.refunds.get(key) ?? null);
  removeMethod: Collector['removeMethod'] = () => this.#call('removeMethod', () => null);

  /** A customer pays on a page; false where it is over. */
  pay(reference: string): boolean {
    const page = this.#page(reference);
    if (page.standing.state !== 'open') return false;
    const payment = `pi_${reference}`;
    page.standing = { ...page.standing, state: 'complete', url: null, money: 'paid', payment };
    this.taken.set(payment, page.amountMinor);
    return true;
  }

  /** A customer stores a method on a setup page. */
  store(reference: string, method: string): void {
    const page = this.#page(reference);
    const stored = { method, customer: 'cus_1', kind: 'card', label: 'Visa •••• 4242' };
    page.standing = { ...page.standing, state: 'complete', url: null, stored };
  }

  /** The bank answers what was processing. */
  settle(reference: string, reason: string | null): void {
    for (const [key, one] of this.charges)
      if (one.reference === reference && one.state === 'processing') {
        this.charges.set(key, { ...one, state: reason === null ? 'succeeded' : 'failed', reason });
        if (reason === null) this.taken.set(reference, one.amountMinor);
      }
  }
}
