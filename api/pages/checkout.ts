/**
 * Paying at the provider: a hosted checkout that is opened when the customer asks for it, from the signed page of an invoice;
 * and, behind their record's link, storing a method to be charged, and its removal. Without a provider neither is there, and
 * the page with bank details is all there is. No script: forms, and redirects to the provider and back.
 */
import { z } from 'zod';
import { accountInPortalToken, invoiceInPayToken } from '../../connectors/mail/links.ts';
import {
  type CheckoutStanding,
  type ClosedCheckout,
  type Collector,
  closedCheckout,
  standingOf,
} from '../../connectors/payments/collector.ts';
import {
  beginCollection,
  type Collection,
  clockOf,
  getFact,
  getInvoice,
  type Invoice,
  openInvoices,
  paymentMethodsOf,
  providerCustomer,
  removePaymentMethod,
  settleCollection,
  storePaymentMethod,
} from '../../db/index.ts';
import { escapeHtml as e } from '../../documents/escape.ts';
import { clockMoved } from '../../workflows/messages.ts';
import type { RouteContext, Routes } from '../app.ts';
import { refuseForeignOrigin } from '../http/authentication.ts';
import { ProblemError } from '../problems.ts';
import { todayFor } from '../views/parties.ts';
import { htmlPage } from './layout.ts';
import { acceptForms, publicPage } from './public-pages.ts';

const params = z.object({ token: z.string().min(1).max(500) });
const methodForm = z.object({ method: z.string().min(1).max(200) });
const FORM_BYTES = 4096;
const PAID_OR_GONE = { result: 'gone' } as const;

export const checkoutPages: Routes = (app, context) => {
  const { configuration, collector } = context;
  acceptForms(app, FORM_BYTES);
  const config = publicPage(configuration);
  const open = { config, schema: { params, hide: true } };
  const provider = (): Collector => {
    if (collector == null)
      throw new ProblemError('not-configured', 'Please pay by the bank details on the invoice.');
    return collector;
  };

  app.post('/pay/:token/checkout', open, async (request, reply) => {
    refuseForeignOrigin(request, configuration.publicUrl);
    const { token } = request.params;
    const number = invoiceInPayToken(configuration.linkKey, token);
    const found = number === null ? null : await getInvoice(context.db, number);
    if (found === null)
      throw new ProblemError('link-invalid', 'This link does not open an invoice.');
    const page = `${configuration.publicUrl}/pay/${encodeURIComponent(token)}`;
    const url = await checkoutUrl(context, provider(), found.invoice, page);
    return reply.header('cache-control', 'no-store').redirect(url ?? page, 303);
  });

  const accountOf = (token: string): string => {
    const account = accountInPortalToken(configuration.linkKey, token);
    if (account === null)
      throw new ProblemError('link-invalid', 'This link does not open a record.');
    return account;
  };
  const methodsPage = (token: string) =>
    `${configuration.publicUrl}/portal/${encodeURIComponent(token)}/payment-methods`;

  app.get(
    '/portal/:token/payment-methods',
    {
      config,
      schema: {
        params,
        querystring: z.object({ session: z.string().max(300).optional() }),
        hide: true,
      },
    },
    async (request, reply) => {
      const account = accountOf(request.params.token);
      const { session } = request.query;
      if (session !== undefined) {
        const read = await provider().readCheckout(session);
        if (read.result === 'unknown')
          throw new ProblemError('provider-unavailable', 'Please load this page again.');
        if (read.result === 'ok' && read.value.account === account)
          await storeFromSetup(context, read.value);
        return reply.redirect(methodsPage(request.params.token), 303);
      }
      return reply
        .header('cache-control', 'private, no-store')
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(await methodsHtml(context, account, encodeURIComponent(request.params.token)));
    },
  );
  app.post('/portal/:token/payment-methods', open, async (request, reply) => {
    refuseForeignOrigin(request, configuration.publicUrl);
    const account = accountOf(request.params.token);
    const url = await setupUrl(context, provider(), account, methodsPage(request.params.token));
    return reply.header('cache-control', 'no-store').redirect(url, 303);
  });
  app.post(
    '/portal/:token/payment-methods/remove',
    { config, schema: { params, body: methodForm, hide: true } },
    async (request, reply) => {
      refuseForeignOrigin(request, configuration.publicUrl);
      const account = accountOf(request.params.token);
      await removeMethod(context, provider(), account, request.body.method);
      return reply.redirect(methodsPage(request.params.token), 303);
    },
  );
};

/** Rehearsals ask nobody for real money. */
async function refuseRehearsal({ db }: RouteContext, account: string): Promise<void> {
  if ((await clockOf(db, account)) !== null)
    throw new ProblemError('state-conflict', 'This is a rehearsal: nothing is paid for real.');
}

const unavailable = (message: string) =>
  new ProblemError('provider-unavailable', `The payment page can not be opened now: ${message}`);

/**
 * The page at the provider on which an invoice is paid; null where nothing is to be paid any more, or is being paid. One that
 * is open for the same amount is given again, one for another amount is closed first.
 */
async function checkoutUrl(
  context: RouteContext,
  collector: Collector,
  invoice: Invoice,
  page: string,
): Promise<string | null> {
  const { db, now } = context;
  const { account } = invoice;
  await refuseRehearsal(context, account);
  if (invoice.balanceMinor <= 0 || invoice.state === 'void') return null;
  const { today } = await todayFor(db, { account }, now());
  for (;;) {
    const { collection, live } = await beginCollection(db, {
      kind: 'checkout',
      provider: collector.system,
      invoice: invoice.invoice,
      method: null,
      on: today,
    });
    for (const other of live)
      if ((await closeAndSettle(context, collector, other)) !== 'closed') return null;
    const answer = await openOrRead(context, collector, collection, page);
    if (answer.result === 'open') return answer.url;
    // Paid, or over for the day: the page of the invoice says how it stands; a new one is opened where it only expired.
    if (answer.result === 'gone') return null;
  }
}

type Opened =
  | { readonly result: 'open'; readonly url: string }
  | { readonly result: 'gone' | 'expired' };

async function openOrRead(
  context: RouteContext,
  collector: Collector,
  collection: Collection,
  page: string,
): Promise<Opened> {
  const { db } = context;
  const { collection: key, reference, invoice, account, amountMinor, currency } = collection;
  const answer =
    reference === null
      ? await collector.openCheckout({
          key,
          invoice,
          account,
          amountMinor,
          currency,
          title: `Invoice ${invoice}`,
          customer: await providerCustomer(db, account, collector.system),
          email: (await getFact(db, 'accounts', { account }))?.billingEmail ?? null,
          returnUrl: page,
        })
      : await collector.readCheckout(reference);
  if (answer.result === 'rejected') {
    await settleCollection(db, key, { state: 'closed', reason: 'refused-by-provider' });
    throw unavailable(answer.message);
  }
  if (answer.result === 'unknown') throw unavailable(answer.message);
  const standing = answer.value;
  if (standing.state === 'open' && standing.url !== null) {
    const kept = await settleCollection(db, key, { state: 'open', reference: standing.reference });
    // A charge closed it while it was being opened.
    return kept.state === 'open' ? { result: 'open', url: standing.url } : PAID_OR_GONE;
  }
  const settled = await settle(context, collection, standingOf(standing));
  return settled === 'closed' ? { result: 'expired' } : PAID_OR_GONE;
}

/** Where the customer was first, the invoice's own process looks at the money, books it, and tells when it is here. */
async function settle(
  { db, processes }: RouteContext,
  { collection, invoice, askedOn }: Collection,
  { state, reference }: ClosedCheckout,
): Promise<'closed' | 'processing'> {
  if (state === 'closed') {
    await settleCollection(db, collection, { state, reference });
    return 'closed';
  }
  await settleCollection(db, collection, { state: 'processing', reference, nextOn: askedOn });
  await wakeInvoice({ db, processes }, invoice, askedOn);
  return 'processing';
}

/** Its process reads anew what there is to do. */
export async function wakeInvoice(
  { db, processes }: Pick<RouteContext, 'db' | 'processes'>,
  invoice: string,
  today: string,
): Promise<void> {
  const key = (await getInvoice(db, invoice))?.invoice.documentKey ?? null;
  if (key !== null) await processes.signal(key, clockMoved, [{ today }]);
}

async function closeAndSettle(
  context: RouteContext,
  collector: Collector,
  checkout: Collection,
): Promise<'closed' | 'processing'> {
  const closed = await closedCheckout(collector, checkout);
  if (closed.result !== 'ok') throw unavailable(closed.message);
  return settle(context, checkout, closed.value);
}

async function setupUrl(
  context: RouteContext,
  collector: Collector,
  account: string,
  returnUrl: string,
): Promise<string> {
  const { db, now } = context;
  await refuseRehearsal(context, account);
  const row = await getFact(db, 'accounts', { account });
  const entity = row?.entity ? await getFact(db, 'entities', { entity: row.entity }) : null;
  const answer = await collector.openSetup({
    // Within a minute a second click opens the same page; later it is a new wish.
    key: `setup:${account}:${Math.floor(now().getTime() / 60_000)}`,
    account,
    currency: row?.currency ?? entity?.currency ?? 'EUR',
    customer: await providerCustomer(db, account, collector.system),
    email: row?.billingEmail ?? null,
    returnUrl,
  });
  if (answer.result !== 'ok') throw unavailable(answer.message);
  if (answer.value.url === null) throw unavailable('the provider gave no address');
  return answer.value.url;
}

/** Keeps what a customer stored on a setup page, and wakes the invoices that may be charged by it now. */
export async function storeFromSetup(
  context: RouteContext,
  { stored, account }: CheckoutStanding,
): Promise<boolean> {
  const { db, now, collector } = context;
  if (stored === null || account === null || collector == null) return false;
  if ((await getFact(db, 'accounts', { account })) === null) return false;
  const { today } = await todayFor(db, { account }, now());
  const { isNew } = await storePaymentMethod(db, {
    ...stored,
    provider: collector.system,
    account,
    addedOn: today,
  });
  if (!isNew) return false;
  for (const { invoice } of await openInvoices(db, { clock: null, account }))
    await wakeInvoice(context, invoice, today);
  return true;
}

async function removeMethod(
  { db, now }: RouteContext,
  collector: Collector,
  account: string,
  method: string,
): Promise<void> {
  const known = (await paymentMethodsOf(db, account)).some((one) => one.method === method);
  if (!known) return;
  const { today } = await todayFor(db, { account }, now());
  // Out of use here first: what the provider still keeps is charged by nobody.
  const actor = { user: 'customer', role: 'service' };
  await removePaymentMethod(db, { account, method, on: today, actor });
  const answer = await collector.removeMethod(method);
  if (answer.result === 'unknown') throw unavailable(answer.message);
}

async function methodsHtml(
  { db, collector }: RouteContext,
  account: string,
  token: string,
): Promise<string> {
  const row = await getFact(db, 'accounts', { account });
  if (row === null) throw new ProblemError('link-invalid', 'This link does not open a record.');
  const methods = await paymentMethodsOf(db, account);
  const path = `/portal/${e(token)}/payment-methods`;
  const rows = methods.map(
    ({ method, label, addedOn }, at) =>
      `<tr><td>${e(label)}${at === 0 ? ' <span class="dim">is charged</span>' : ''}</td>` +
      `<td>${e(addedOn)}</td><td><form method="post" action="${path}/remove">` +
      `<input type="hidden" name="method" value="${e(method)}">` +
      '<button type="submit">Remove</button></form></td></tr>',
  );
  const list =
    rows.length === 0
      ? '<p class="dim">None is stored: invoices are paid by transfer, or on their payment page.</p>'
      : '<p>Open invoices are charged on their due date.</p><table><thead><tr><th>Method</th>' +
        `<th>Since</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const add =
    collector == null
      ? '<p class="dim">Methods can not be stored here. Please pay by transfer.</p>'
      : `<form method="post" action="${path}"><button type="submit">Store a method</button></form>`;
  return htmlPage(
    `Payment methods: ${row.name}`,
    `<h1>Payment methods</h1><p>${e(row.name)}</p>${list}${add}` +
      `<p><a href="/portal/${e(token)}">Back to your record</a></p>`,
  );
}
