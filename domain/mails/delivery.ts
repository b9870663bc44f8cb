/**
 * What became of a mail: at each recipient, and as a whole. Providers promise no order, and tell things twice; a recipient's
 * state therefore only goes up, so that the same events give the same state in any order and however often they come.
 */

/** In the order in which one may follow another. */
export const DELIVERY_STATES = ['delayed', 'delivered', 'bounced', 'complained'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Whether what is told now takes the place of what is known. */
export function supersedes(told: DeliveryState, known: DeliveryState | null): boolean {
  if (known === null) return true;
  return DELIVERY_STATES.indexOf(told) > DELIVERY_STATES.indexOf(known);
}

/**
 * Whether a bounce says that the address will not do (enhanced status codes, RFC 3463): a permanent failure, but for a full
 * mailbox (5.2.2) and what a mail system or the network of the day is to blame for (5.3.x, 5.4.x). No code: taken as it is told.
 */
export function isForGood(status: string | null): boolean {
  if (status === null) return true;
  return status.startsWith('5.') && !/^5\.(2\.2$|[34]\.)/.test(status);
}

/** How a mail stands as a whole, once the first server has taken it. */
export type MailDelivery = 'sent' | DeliveryState;

/**
 * The worst of its recipients; delivered once all of them have it, else sent.
 * @param recipients in any case
 */
export function deliveryOf(
  recipients: readonly string[],
  told: readonly { readonly address: string; readonly state: DeliveryState }[],
): MailDelivery {
  const states = new Map(told.map(({ address, state }) => [address.toLowerCase(), state]));
  const of = recipients.map((recipient) => states.get(recipient.toLowerCase()) ?? null);
  for (const state of ['bounced', 'complained', 'delayed'] as const)
    if (of.includes(state)) return state;
  return of.length > 0 && of.every((state) => state === 'delivered') ? 'delivered' : 'sent';
}
