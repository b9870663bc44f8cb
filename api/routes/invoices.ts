/** Invoices and credit notes: lists, pages, papers, and what people do with them. A credit needs a second person. */
import { z } from 'zod';
import {
  type AuditEvent,
  getDocument,
  getInvoice,
  type Invoice,
  voidInvoice,
} from '../../db/index.ts';
import { importedInvoiceKey } from '../../workflows/ids.ts';
import {
  invoiceCredited,
  invoiceDispute,
  invoicePromise,
  invoiceResend,
} from '../../workflows/messages.ts';
import type { RouteContext, Routes } from '../app.ts';
import { askApproval } from '../approvals.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import { sendPaper, sendPdf } from '../http/headers.ts';
import { allRows, civilDate, given, listQuery, name, page, reason, yesNo } from '../http/lists.ts';
import { may } from '../permissions.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { InvoicePage } from '../types.ts';
import { documentsOf } from '../views/contracts.ts';
import {
  type AllocationRow,
  allocationView,
  changeView,
  invoiceSummary,
  isOpen,
  lineView,
} from '../views/invoices.ts';
import { mailViews, toldMailsOf } from '../views/mails.ts';
import { accountNames, todayFor, todayOf } from '../views/parties.ts';
import { namesOf } from '../views/people.ts';
import { workflowLink } from '../views/workflow-link.ts';

const byInvoice = z.object({ invoice: name });

export const workflowOf = (invoice: Invoice): string =>
  invoice.documentKey ?? importedInvoiceKey(invoice.invoice);

async function invoiceOf({ db }: Pick<RouteContext, 'db'>, number: string) {
  const found = await getInvoice(db, number);
  if (found === null) throw notFound('invoice', number);
  return found;
}

export const invoiceRoutes: Routes = (app, context) => {
  const { db, processes, papers, now } = context;
  const list = async (rows: readonly Invoice[]) => {
    const today = await todayOf(db, now());
    const nameOf = await accountNames(
      db,
      rows.map((row) => row.account),
    );
    return rows.map((row) => invoiceSummary(row, nameOf, today));
  };
  const filters = {
    account: name.optional(),
    contract: name.optional(),
    state: z.string().max(40).optional(),
    run: z.string().max(80).optional(),
    entity: name.optional(),
    currency: z.string().length(3).optional(),
    type: z.enum(['invoice', 'late_charge', 'credit_note']).optional(),
    issuedFrom: civilDate.optional(),
    issuedTo: civilDate.optional(),
    overdue: yesNo.optional().describe('true: only those past their due date and open'),
  };
  for (const [path, name] of [
    ['/invoices', 'invoices'],
    ['/credit-notes', 'creditNotes'],
  ] as const)
    app.get(
      path,
      {
        config: { permission: 'invoice:read', answer: 'Page<InvoiceSummary>' },
        schema: {
          summary: name === 'invoices' ? 'Invoices' : 'Credit notes',
          querystring: listQuery(filters),
        },
      },
      async ({ query }) => {
        const { account, contract, state, run, entity, currency, type, issuedFrom, issuedTo } =
          query;
        const filter = given({ account, contract, state, run, entity, currency, type });
        if (issuedFrom !== undefined || issuedTo !== undefined)
          filter.issuedOn = given({ from: issuedFrom, to: issuedTo }) as {
            from?: string;
            to?: string;
          };
        if (query.overdue === true) {
          filter.state = ['issued', 'partially_paid', 'disputed'];
          filter.dueOn = {
            to: (await import('../../domain/dates/dates.ts')).addDays(await todayOf(db, now()), -1),
          };
        }
        return page<Invoice, unknown>(
          db,
          name,
          { ...query, sort: query.sort ?? '-issuedOn' },
          filter,
          list,
        );
      },
    );

  const show = async (number: string, request: Parameters<typeof personOf>[0]) => {
    const { invoice, lines } = await invoiceOf(context, number);
    const person = personOf(request);
    const [{ today }, nameOf, allocations, notes, mails, documents, changes, nameOfUser] =
      await Promise.all([
        todayFor(db, { account: invoice.account }, now()),
        accountNames(db, [invoice.account]),
        allRows<AllocationRow>(db, 'paymentAllocations', { invoice: number }),
        allRows<Invoice>(db, 'creditNotes', { credits: number }),
        toldMailsOf(db, { invoice: number }),
        documentsOf(db, [invoice]),
        allRows<AuditEvent>(db, 'auditEvents', { subject: [number, workflowOf(invoice)] }),
        namesOf(db),
      ]);
    const answer: InvoicePage = {
      ...invoiceSummary(invoice, nameOf, today),
      poNumber: invoice.poNumber,
      paymentTerms: invoice.paymentTerms,
      paymentReference: invoice.paymentReference,
      deliveredAt: invoice.deliveredAt?.toISOString() ?? null,
      lines: lines.map((line) => lineView(line, invoice.currency)),
      allocations: allocations.map((row) => allocationView(row, invoice.currency)),
      creditNotes: notes.map((note) => invoiceSummary(note, nameOf, today)),
      mails: mailViews(mails),
      documents,
      changes: changes.map((event) => changeView(event, nameOfUser)),
      may: permitted(invoice, person.role),
      temporalUiUrl: workflowLink(context.configuration, person, workflowOf(invoice)),
    };
    return answer;
  };
  for (const path of ['invoices', 'credit-notes']) {
    app.get(
      `/${path}/:invoice`,
      {
        config: { permission: 'invoice:read', answer: 'InvoicePage' },
        schema: { summary: 'One document with its lines and history', params: byInvoice },
      },
      (request) => show(request.params.invoice, request),
    );
    app.get(
      `/${path}/:invoice/pdf`,
      {
        config: { permission: 'invoice:read' },
        schema: { summary: 'The paper, as it went out', params: byInvoice },
      },
      async ({ params }, reply) => {
        await invoiceOf(context, params.invoice);
        const paper = await papers.invoicePdf(params.invoice);
        if (paper === null) throw notFound('paper of', params.invoice);
        return sendPdf(reply, paper);
      },
    );
    app.get(
      `/${path}/:invoice/html`,
      {
        config: { permission: 'invoice:read' },
        schema: { summary: 'The document as a page', params: byInvoice },
      },
      async ({ params }, reply) => {
        await invoiceOf(context, params.invoice);
        const html = await papers.invoiceHtml(params.invoice);
        if (html === null) throw notFound('page of', params.invoice);
        return sendPaper(reply, html);
      },
    );
  }
  app.get(
    '/invoices/:invoice/documents/:key',
    {
      config: { permission: 'invoice:read' },
      schema: {
        summary: 'A stored file of an invoice: PDF, e-invoice',
        params: byInvoice.extend({ key: z.string().min(1).max(300) }),
      },
    },
    async ({ params }, reply) => {
      const { invoice } = await invoiceOf(context, params.invoice);
      const mine = invoice.documentKey !== null && params.key.startsWith(`${invoice.documentKey}:`);
      const file = mine ? await getDocument(db, params.key) : null;
      if (file === null) throw notFound('document', params.key);
      if (file.mediaType === 'application/pdf') return sendPdf(reply, file);
      return reply
        .type(file.mediaType)
        .header('content-disposition', `attachment; filename="${file.fileName}"`)
        .send(file.content);
    },
  );

  app.post(
    '/invoices/:invoice/void',
    {
      config: { permission: 'invoice:void', answer: 'InvoicePage' },
      schema: {
        summary: 'Void an invoice that was not sent yet',
        params: byInvoice,
        body: z.strictObject({ reason }),
      },
    },
    async (request) => {
      const { invoice } = await invoiceOf(context, request.params.invoice);
      const { today } = await todayFor(db, { account: invoice.account }, now());
      await voidInvoice(db, {
        invoice: invoice.invoice,
        on: today,
        reason: request.body.reason,
        actor: actorOf(request),
      });
      await processes.signal(workflowOf(invoice), invoiceCredited, [
        { creditNote: invoice.invoice, on: today },
      ]);
      return show(invoice.invoice, request);
    },
  );
  app.post(
    '/invoices/:invoice/credit',
    {
      config: { permission: 'invoice:credit', answer: 'Approval' },
      schema: {
        summary: 'Ask for a credit note; a second person approves it',
        description: 'Without `lines` all that is left is credited. `netMinor` is positive.',
        params: byInvoice,
        body: z.strictObject({
          lines: z
            .array(z.strictObject({ line: name, netMinor: z.int().positive() }))
            .min(1)
            .max(1000)
            .nullable()
            .default(null),
          reason,
        }),
      },
    },
    async (request, reply) => {
      const { invoice, lines } = await invoiceOf(context, request.params.invoice);
      if (invoice.state === 'void')
        throw new ProblemError(
          'invoice-void',
          `${invoice.invoice} is void; there is nothing to credit.`,
        );
      if (invoice.type === 'credit_note')
        throw new ProblemError('invalid-input', `${invoice.invoice} is a credit note itself.`);
      const wanted = request.body.lines;
      for (const one of wanted ?? [])
        if (!lines.some(({ line }) => line === one.line))
          throw new ProblemError('invalid-input', `${invoice.invoice} has no line ${one.line}.`);
      const answer = await askApproval(context, request, {
        action: 'invoice.credit',
        subject: invoice.invoice,
        input: { lines: wanted, reason: request.body.reason },
        summary: creditSummary(invoice, wanted),
      });
      return reply.code(answer.state === 'waiting' ? 202 : 201).send(answer);
    },
  );
  app.post(
    '/invoices/:invoice/resend',
    {
      config: { permission: 'invoice:resend' },
      schema: {
        summary: 'Send the invoice’s mail again',
        params: byInvoice,
        body: z.strictObject({ to: z.email().max(320).nullable().default(null) }),
      },
    },
    async (request) => {
      const { invoice } = await invoiceOf(context, request.params.invoice);
      const input = [{ to: request.body.to }, actorOf(request)] as const;
      return processes.update(workflowOf(invoice), invoiceResend, [...input], request.id);
    },
  );
  app.post(
    '/invoices/:invoice/promise',
    {
      config: { permission: 'invoice:promise' },
      schema: {
        summary: 'Note a promise to pay; no reminder goes out before that day',
        params: byInvoice,
        body: z.strictObject({ until: civilDate, reason }),
      },
    },
    async (request, reply) => {
      const { invoice } = await invoiceOf(context, request.params.invoice);
      const input = [request.body, actorOf(request)] as const;
      await processes.update(workflowOf(invoice), invoicePromise, [...input], request.id);
      return reply.code(204).send();
    },
  );
  app.post(
    '/invoices/:invoice/dispute',
    {
      config: { permission: 'invoice:dispute' },
      schema: {
        summary: 'Note or end a dispute, of the whole or of some lines',
        params: byInvoice,
        body: z.strictObject({
          disputed: z.boolean().default(true),
          lines: z.array(name).min(1).max(1000).nullable().default(null),
          reason,
        }),
      },
    },
    async (request, reply) => {
      const { invoice } = await invoiceOf(context, request.params.invoice);
      const input = [request.body, actorOf(request)] as const;
      await processes.update(workflowOf(invoice), invoiceDispute, [...input], request.id);
      return reply.code(204).send();
    },
  );
};

function creditSummary(
  invoice: Invoice,
  lines: readonly { line: string; netMinor: number }[] | null,
): string {
  if (lines === null) return `Credit all that is left of ${invoice.invoice}`;
  const net = lines.reduce((sum, line) => sum + line.netMinor, 0);
  return `Credit ${net} minor units net in ${invoice.currency} on ${invoice.invoice}`;
}

function permitted(invoice: Invoice, role: Parameters<typeof may>[0]): InvoicePage['may'] {
  const found: InvoicePage['may'][number][] = [];
  const ours = invoice.source === 'perennial' && invoice.type !== 'credit_note';
  const alive = ours && invoice.state !== 'void' && invoice.state !== 'credited';
  if (alive && invoice.deliveredAt === null && may(role, 'invoice:void')) found.push('void');
  if (alive && may(role, 'invoice:credit')) found.push('credit');
  if (alive && may(role, 'invoice:resend')) found.push('resend');
  if (isOpen(invoice) && may(role, 'invoice:promise')) found.push('promise');
  if (isOpen(invoice) && may(role, 'invoice:dispute')) found.push('dispute');
  return found;
}
