/**
 * Asking for money at a payment provider: a hosted checkout that the customer opens, and charges of a method that they have
 * stored. Without a provider there is the built-in page with bank details alone. Amounts are minor units; every creation
 * carries a key of ours, under which the provider does it once; `unknown` is a time-out, looked up before anything is tried
 * again. A charge that the bank declines is an answer (`failed`), not an error.
 */

export type Answer<T> =
  | { readonly result: 'ok'; readonly value: T }
  | { readonly result: 'rejected'; readonly message: string }
  | { readonly result: 'unknown'; readonly message: string };

/** What we name the money by: metadata at the provider, so that what is paid finds its invoice. */
export interface CollectionNames {
  readonly key: string;
  readonly invoice: string;
  readonly account: string;
}

export interface CheckoutRequest extends CollectionNames {
  readonly amountMinor: number;
  readonly currency: string;
  /** What the customer reads: `Invoice INV-2027-00017`. */
  readonly title: string;
  readonly customer: string | null;
  readonly email: string | null;
  /** Where the customer comes back to, paid or not. */
  readonly returnUrl: string;
}

export interface SetupRequest {
  readonly key: string;
  readonly account: string;
  readonly currency: string;
  readonly customer: string | null;
  readonly email: string | null;
  readonly returnUrl: string;
}

export interface StoredMethod {
  readonly method: string;
  readonly customer: string;
  readonly kind: string;
  readonly label: string;
}

/** How a page at the provider stands. */
export interface CheckoutStanding {
  readonly reference: string;
  readonly state: 'open' | 'complete' | 'expired';
  /** Where the customer pays; null once it is over. */
  readonly url: string | null;
  /** What became of the money. `processing`: a debit that the bank has not answered yet. */
  readonly money: 'none' | 'processing' | 'paid' | 'failed';
  /** The payment that it made or tries to make. */
  readonly payment: string | null;
  /** What a setup page stored, and whose account it is for. */
  readonly stored: StoredMethod | null;
  readonly account: string | null;
}

export interface ChargeRequest extends CollectionNames {
  readonly amountMinor: number;
  readonly currency: string;
  readonly method: Pick<StoredMethod, 'method' | 'customer'>;
}

/** How a charge stands. `processing`: a debit that the bank has not answered yet. */
export interface ChargeStanding {
  readonly reference: string;
  readonly state: 'succeeded' | 'processing' | 'failed';
  readonly amountMinor: number;
  readonly currency: string;
  /** Why it failed, as the provider codes it. */
  readonly reason: string | null;
}

/** Money of a payment that goes back the way it came. */
export interface RefundRequest {
  readonly key: string;
  /** Our name of the payment, kept with the refund: what tells of it later finds its payment by it. */
  readonly payment: string;
  /** The provider's id of the payment: `pi_…`, `ch_…`. */
  readonly reference: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** The provider that a payment came by, which its name begins with; null: none that could give it back. */
export const providerOf = (payment: string): 'stripe' | null =>
  payment.startsWith('stripe:') ? 'stripe' : null;

/** How a refund stands. `processing`: taken on, and a bank has not answered yet. */
export interface RefundStanding {
  readonly reference: string;
  readonly state: 'succeeded' | 'processing' | 'failed';
  readonly amountMinor: number;
  /** Why it failed, as the provider says it. */
  readonly reason: string | null;
}

export interface Collector {
  /** Its name in our records: `stripe`. */
  readonly system: string;
  openCheckout(request: CheckoutRequest): Promise<Answer<CheckoutStanding>>;
  openSetup(request: SetupRequest): Promise<Answer<CheckoutStanding>>;
  readCheckout(reference: string): Promise<Answer<CheckoutStanding>>;
  /** A page by our key, where the answer to its opening was lost; null: it was never opened. */
  findCheckout(key: string): Promise<Answer<CheckoutStanding | null>>;
  /** Closes a page; what cannot be closed, because it is over, is answered as it stands. */
  closeCheckout(reference: string): Promise<Answer<CheckoutStanding>>;
  charge(request: ChargeRequest): Promise<Answer<ChargeStanding>>;
  readCharge(reference: string): Promise<Answer<ChargeStanding>>;
  /** A charge by our key, for when the provider no longer keeps keys; null: it was never made. */
  findCharge(key: string, customer: string): Promise<Answer<ChargeStanding | null>>;
  refund(request: RefundRequest): Promise<Answer<RefundStanding>>;
  /** A refund by our key, where the answer was lost; null: it was never made. */
  findRefund(request: RefundRequest): Promise<Answer<RefundStanding | null>>;
  removeMethod(method: string): Promise<Answer<null>>;
}

/** What is known of a checkout that is to be closed. */
export interface LiveCheckout {
  readonly collection: string;
  /** Null where the answer to its opening was lost. */
  readonly reference: string | null;
}

/** What it has come to: closed for good, or the customer was first and the money is on its way or here. */
export interface ClosedCheckout {
  readonly state: 'closed' | 'processing' | 'succeeded';
  readonly reference: string | null;
  /** The provider's id of the payment. */
  readonly payment: string | null;
}

/** Closes a page so that nobody can pay on it any more, and says whether somebody had. */
export async function closedCheckout(
  collector: Collector,
  { collection, reference }: LiveCheckout,
): Promise<Answer<ClosedCheckout>> {
  let known = reference;
  if (known === null) {
    const found = await collector.findCheckout(collection);
    if (found.result !== 'ok') return found;
    if (found.value === null)
      return { result: 'ok', value: { state: 'closed', reference: null, payment: null } };
    known = found.value.reference;
  }
  const closed = await collector.closeCheckout(known);
  return closed.result === 'ok' ? { result: 'ok', value: standingOf(closed.value) } : closed;
}

/** A page that is over, in the words of our own record. */
export function standingOf({ reference, money, payment }: CheckoutStanding): ClosedCheckout {
  if (money === 'paid') return { state: 'succeeded', reference, payment };
  if (money === 'processing') return { state: 'processing', reference, payment };
  return { state: 'closed', reference, payment: null };
}
