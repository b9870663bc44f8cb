/** The signed page behind the link in an invoice's mail: the document, how to pay it, its PDF. No login, no script. */
import { z } from 'zod';
import { invoiceInPayToken } from '../../connectors/mail/links.ts';
import {
  clockOf,
  type Db,
  getFact,
  getInvoice,
  type Invoice,
  moneyUnderWay,
} from '../../db/index.ts';
import { escapeHtml as e } from '../../documents/escape.ts';
import { formatterOf } from '../../documents/format.ts';
import type { Routes } from '../app.ts';
import { sendPaper, sendPdf } from '../http/headers.ts';
import { ProblemError } from '../problems.ts';
import { htmlPage } from './layout.ts';

const params = z.object({ token: z.string().min(1).max(500) });

export const payPages: Routes = (app, { db, papers, configuration, collector }) => {
  const invoiceOf = async (token: string): Promise<Invoice> => {
    const number = invoiceInPayToken(configuration.linkKey, token);
    const found = number === null ? null : await getInvoice(db, number);
    if (found === null)
      throw new ProblemError(
        'link-invalid',
        'This link does not open an invoice. Use the link in the mail, or answer the mail.',
      );
    return found.invoice;
  };
  const open = { config: { permission: 'public' as const }, schema: { params, hide: true } };

  app.get('/pay/:token', open, async (request, reply) => {
    const { token } = request.params;
    const invoice = await invoiceOf(token);
    return reply
      .header('cache-control', 'private, no-store')
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(await payPage(db, invoice, encodeURIComponent(token), collector != null));
  });
  app.get('/pay/:token/pdf', open, async (request, reply) => {
    const invoice = await invoiceOf(request.params.token);
    const paper = await papers.invoicePdf(invoice.invoice);
    if (paper === null) throw new ProblemError('not-found', 'Its paper has not been made yet.');
    return sendPdf(reply.header('cache-control', 'private, no-store'), paper);
  });
  app.get('/pay/:token/invoice', open, async (request, reply) => {
    const invoice = await invoiceOf(request.params.token);
    const html = await papers.invoiceHtml(invoice.invoice);
    if (html === null) throw new ProblemError('not-found', 'It can not be shown.');
    return sendPaper(reply.header('cache-control', 'private, no-store'), html);
  });
};

/** Said where a bank or the provider is working on the money, so that nobody pays twice. */
const UNDER_WAY = '<p>A payment of it is being processed. You need not do anything.</p>';

async function payPage(
  db: Db,
  invoice: Invoice,
  token: string,
  hasProvider: boolean,
): Promise<string> {
  const [account, entity] = await Promise.all([
    getFact(db, 'accounts', { account: invoice.account }),
    getFact(db, 'entities', { entity: invoice.entity }),
  ]);
  const format = formatterOf(account?.language ?? 'en', entity?.country ?? null);
  const money = (minor: number) => e(format.money(minor, invoice.currency));
  const bank: [string, string | null | undefined][] = [
    ['Payee', entity?.legalName],
    ['Bank', entity?.bankName],
    ['IBAN', entity?.iban],
    ['BIC', entity?.bic],
    ['Routing number', entity?.routingNumber],
    ['Account number', entity?.accountNumber],
    ['Remit to', entity?.remitTo],
    ['Reference', invoice.paymentReference ?? invoice.invoice],
  ];
  const rows = bank
    .filter((row): row is [string, string] => row[1] !== null && row[1] !== undefined)
    .map(([name, value]) => `<dt>${e(name)}</dt><dd>${e(value)}</dd>`)
    .join('');
  const settled = invoice.balanceMinor <= 0;
  const void_ = invoice.state === 'void';
  const head = void_
    ? '<p>This invoice is void. You owe nothing for it.</p>'
    : settled
      ? `<p>Nothing is open. Total ${money(invoice.totalMinor)}.</p>`
      : `<p><strong>${money(invoice.balanceMinor)}</strong> due ${e(format.date(invoice.dueOn))}` +
        ` <span class="dim">of ${money(invoice.totalMinor)}</span></p>`;
  const online =
    `<form method="post" action="/pay/${token}/checkout">` +
    '<button type="submit">Pay online</button></form><p>or by transfer:</p>';
  const rehearsal = (await clockOf(db, invoice.account)) !== null;
  const how =
    settled || void_
      ? ''
      : (await moneyUnderWay(db, invoice.invoice))
        ? UNDER_WAY
        : `<h2>How to pay</h2>${hasProvider && !rehearsal ? online : ''}<dl>${rows}</dl>`;
  const ask = entity?.email
    ? `<p class="dim">Questions? <a href="mailto:${e(entity.email)}">${e(entity.email)}</a></p>`
    : '';
  return htmlPage(
    `Invoice ${invoice.invoice}`,
    `<h1>Invoice ${e(invoice.invoice)}</h1><p>${e(account?.name ?? invoice.account)}</p>${head}${how}` +
      `<p><a class="button" href="/pay/${token}/pdf">Download the PDF</a> ` +
      `<a href="/pay/${token}/invoice">Read it here</a></p>${ask}`,
  );
}
