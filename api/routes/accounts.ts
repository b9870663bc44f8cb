/** Accounts: the list with what each owes, and the Customer page. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  audit,
  clockOf,
  closeAccount,
  crmNotesOf,
  type Db,
  getFact,
  type Invoice,
  importedLicensesOf,
  invoicesOfAccount,
  licensesOf,
  mergedAccounts,
  mergeOf,
  type Payment,
  putFact,
  receivables,
  reopenAccount,
  sellersOf,
  timelineOf,
  unappliedCredit,
} from '../../db/index.ts';
import type { Row } from '../../domain/book/tables.ts';
import { daysBetween } from '../../domain/dates/dates.ts';
import type { RouteContext, Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { checkMatch, tag } from '../http/etags.ts';
import { allRows, given, listQuery, name, page, reason } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { AccountPage, AccountSummary, ContactView } from '../types.ts';
import { contractSummaries } from '../views/contracts.ts';
import {
  type AllocationRow,
  importedLicenseView,
  invoiceSummary,
  licenseView,
  paymentSummary,
} from '../views/invoices.ts';
import { mailViews, stateAt, toldMailsOf } from '../views/mails.ts';
import { money } from '../views/money.ts';
import { accountNames, todayFor, todayOf } from '../views/parties.ts';
import { balancesOf } from '../views/receivables.ts';
import { accountMergeRoutes } from './account-merges.ts';
import { accountMoveRoutes } from './account-moves.ts';
import { factBody, factChanges } from './facts.ts';

const byAccount = z.object({ account: name });

export const accountRoutes: Routes = (app, context) => {
  const { db, now } = context;
  accountMergeRoutes(app, context);
  accountMoveRoutes(app, context);
  closingRoutes(app, context);
  app.get(
    '/accounts',
    {
      config: { permission: 'account:read', answer: 'Page<AccountSummary>' },
      schema: {
        summary: 'Customers',
        querystring: listQuery({
          status: z.enum(['active', 'closed']).optional(),
          entity: name.optional(),
          country: z.string().length(2).optional(),
        }),
      },
    },
    ({ query }) => {
      const { status, entity, country } = query;
      return page<Row<'accounts'>, AccountSummary>(
        db,
        'accounts',
        query,
        given({ status, entity, country }),
        async (rows) => summaries(db, rows, await todayOf(db, now())),
      );
    },
  );
  app.get(
    '/accounts/:account',
    {
      config: { permission: 'account:read', answer: 'AccountPage' },
      schema: { summary: 'What we have with a customer', params: byAccount },
    },
    async (request, reply) => {
      const { account } = request.params;
      const row = await getFact(db, 'accounts', { account });
      if (row === null) throw notFound('account', account);
      tag(reply, row);
      return accountPage(context, row);
    },
  );
  app.post(
    '/accounts',
    {
      config: { permission: 'account:write' },
      schema: { summary: 'Add a customer', body: factBody('accounts') },
    },
    async (request, reply) => {
      const row = request.body as unknown as Row<'accounts'>;
      await db.transaction(async (tx) => {
        if ((await getFact(tx, 'accounts', { account: row.account })) !== null)
          throw new ProblemError('already-exists', `There is an account ${row.account}.`);
        await putFact(tx, 'accounts', row);
        await audit(tx, {
          actor: actorOf(request),
          action: 'account.create',
          subject: row.account,
        });
      });
      tag(reply, row);
      return reply.code(201).header('location', `/api/v1/accounts/${row.account}`).send(row);
    },
  );
  app.patch(
    '/accounts/:account',
    {
      config: { permission: 'account:write' },
      schema: {
        summary: 'Correct a customer’s data; closing it has an address of its own',
        params: byAccount,
        body: factChanges('accounts', ['status']),
      },
    },
    async (request, reply) => {
      const key = { account: request.params.account };
      const merge = await mergeOf(db, key.account);
      if (merge !== null)
        throw new ProblemError(
          'already-merged',
          `${key.account} was merged into ${merge.survivor}: correct that one.`,
        );
      await demandChangeable(context, key.account, request.body as Partial<Row<'accounts'>>);
      const row = await factChanges.apply(context, request, 'accounts', key);
      tag(reply, row);
      return row;
    },
  );
};

/** What is more than a correction: it has an address, a preview or conditions of its own. */
async function demandChangeable(
  { db }: RouteContext,
  account: string,
  { entity }: Partial<Row<'accounts'>>,
): Promise<void> {
  const before = await getFact(db, 'accounts', { account });
  if (before === null) return;
  const changesSeller = entity !== undefined && entity !== before.entity;
  if (changesSeller && (await invoicesOfAccount(db, account)).length > 0)
    throw new ProblemError(
      'state-conflict',
      `Documents were issued to ${account} by who sells to it now: move it to ${entity ?? 'another entity'} from a day on instead.`,
    );
}

/** Closing and opening again: both of what its author has read. */
function closingRoutes(app: Parameters<Routes>[0], { db, now }: RouteContext): void {
  const read = async (request: FastifyRequest, account: string) => {
    const row = await getFact(db, 'accounts', { account });
    if (row === null) throw notFound('account', account);
    checkMatch(request, row);
    return { account, ...(await todayFor(db, { account }, now())), actor: actorOf(request) };
  };
  app.post(
    '/accounts/:account/close',
    {
      config: { permission: 'account:close' },
      schema: {
        summary: 'Close a customer; refused while something is open with it, unless decided so',
        params: byAccount,
        body: z.strictObject({
          reason,
          despite: z.boolean().default(false).describe('close it though something is open'),
        }),
      },
    },
    async (request, reply) => {
      const input = await read(request, request.params.account);
      const row = await closeAccount(db, { ...input, ...request.body });
      tag(reply, row);
      return row;
    },
  );
  app.post(
    '/accounts/:account/reopen',
    {
      config: { permission: 'account:close' },
      schema: {
        summary: 'Open a closed customer again',
        params: byAccount,
        body: z.strictObject({ reason }),
      },
    },
    async (request, reply) => {
      const input = await read(request, request.params.account);
      const row = await reopenAccount(db, { ...input, ...request.body });
      tag(reply, row);
      return row;
    },
  );
}

async function summaries(
  db: Db,
  rows: readonly Row<'accounts'>[],
  asOf: string,
): Promise<AccountSummary[]> {
  if (rows.length === 0) return [];
  const numbers = rows.map((row) => row.account);
  const [contracts, owed] = await Promise.all([
    allRows<Row<'contracts'>>(db, 'contracts', { account: numbers }),
    numbers.length === 1 && numbers[0] !== undefined
      ? receivables(db, { asOf, account: numbers[0] })
      : receivables(db, { asOf }),
  ]);
  return Promise.all(
    rows.map(async (row) => {
      const mine = owed.filter((one) => one.account === row.account);
      return {
        account: row.account,
        name: row.name,
        status: row.status,
        country: row.country,
        currency: row.currency,
        billingEmail: row.billingEmail,
        open: mine.map((one) => money(one.total, one.currency)),
        overdue: mine
          .map((one) => money(one.total - one.notDue, one.currency))
          .filter(({ amount }) => amount !== 0),
        contractCount: contracts.filter((contract) => contract.account === row.account).length,
        clock: await clockOf(db, row.account),
      };
    }),
  );
}

async function accountPage({ db, now }: RouteContext, row: Row<'accounts'>): Promise<AccountPage> {
  const { account } = row;
  const { today } = await todayFor(db, { account }, now());
  const [[summary], contracts, invoices, payments, contacts, mails, licenses, imported] =
    await Promise.all([
      summaries(db, [row], today),
      allRows<Row<'contracts'>>(db, 'contracts', { account }),
      invoicesOfAccount(db, account),
      allRows<Payment>(db, 'payments', { account }, { sort: '-receivedOn' }),
      allRows<Row<'contacts'>>(db, 'contacts', { account }),
      toldMailsOf(db, { account }),
      licensesOf(db, { account }),
      importedLicensesOf(db, { account }),
    ]);
  if (summary === undefined) throw new Error('an account has a summary');
  const [incidents, notes, timeline, credit, days, receivable] = await Promise.all([
    allRows<Row<'incidents'>>(db, 'incidents', { account }, { sort: '-opened' }),
    crmNotesOf(db, account),
    timelineOf(db, { account }),
    unappliedCredit(db, account),
    averageDaysToPay(db, invoices),
    receivables(db, { asOf: today, account }),
  ]);
  const merged = await mergedAccounts(db, account);
  const mergedInto = (await mergeOf(db, account))?.survivor ?? null;
  const refOf = await accountNames(db, [...merged, mergedInto]);
  const owed = await Promise.all(
    merged.map(async (one) => ({
      ...refOf(one),
      open: (await receivables(db, { asOf: today, account: one })).map(({ total, currency }) =>
        money(total, currency),
      ),
    })),
  );
  const nameOf = () => ({ account, name: row.name });
  return {
    ...summary,
    mergedInto: mergedInto === null ? null : refOf(mergedInto),
    merged: owed,
    parent: row.parent,
    entity: row.entity,
    sellers: await sellersOf(db, row),
    kind: row.kind,
    language: row.language,
    taxId: row.taxId,
    address: [
      row.addressLine1,
      row.addressLine2,
      [row.postalCode, row.city].filter(Boolean).join(' '),
      row.region,
      row.country,
    ].filter((line): line is string => line !== null && line !== ''),
    paymentTerms: row.paymentTerms,
    poRequired: row.poRequired ?? false,
    insolventSince: row.insolventSince,
    ownerEmail: row.ownerEmail,
    unappliedCredit: Object.entries(credit).map(([currency, amount]) => money(amount, currency)),
    balances: balancesOf(receivable, invoices, credit, today),
    averageDaysToPay: days,
    contacts: contacts.map((contact): ContactView => {
      const last = mails.find((mail) => stateAt(mail, contact.email) !== null);
      const state = last === undefined ? null : stateAt(last, contact.email);
      return {
        account,
        email: contact.email,
        name: contact.name,
        role: contact.role,
        receives: contact.receives ?? [],
        phone: contact.phone,
        delivery: last === undefined || state === null ? null : { state, on: last.sentOn },
      };
    }),
    contracts: await contractSummaries(db, contracts),
    invoices: invoices.map((invoice) => invoiceSummary(invoice, nameOf, today)),
    payments: payments.map((payment) => paymentSummary(payment, nameOf)),
    licenses: [...licenses.map(licenseView), ...imported.map(importedLicenseView)],
    mails: mailViews(mails),
    incidents: incidents.map(({ custom: _custom, account: _account, ...incident }) => incident),
    notes: notes.map((note) => ({
      key: note.key,
      on: note.notedOn,
      subject: note.subject,
      body: note.body,
    })),
    timeline: timeline.map((event) => ({
      on: event.happenedOn,
      tense: 'past' as const,
      kind: event.kind,
      words: event.words,
      references: event.references,
    })),
  };
}

/** Whole days from issue to the last allocation of paid invoices; null without one. */
async function averageDaysToPay(db: Db, invoices: readonly Invoice[]): Promise<number | null> {
  const paid = invoices.filter(({ state, type }) => state === 'paid' && type === 'invoice');
  if (paid.length === 0) return null;
  const allocations = await allRows<AllocationRow>(db, 'paymentAllocations', {
    invoice: paid.map((invoice) => invoice.invoice),
  });
  const days = paid.flatMap((invoice) => {
    const last = allocations
      .filter((row) => row.invoice === invoice.invoice)
      .map((row) => row.allocatedOn)
      .sort()
      .at(-1);
    return last === undefined ? [] : [daysBetween(invoice.issuedOn, last)];
  });
  if (days.length === 0) return null;
  return Math.round(days.reduce((sum, one) => sum + one, 0) / days.length);
}
