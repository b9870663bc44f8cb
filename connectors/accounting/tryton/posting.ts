/**
 * How something is posted there once: looked for by our number before it is made, and drafts that an earlier attempt left are
 * finished, not made again. Numbers there are Tryton's own; ours stands in the reference of an invoice and in the description
 * of a payment's move.
 */
import { z } from 'zod';
import type { AccountingAnswer } from '../port.ts';
import {
  type Answer,
  askTryton,
  createInTryton,
  type Domain,
  refuse,
  searchTryton,
} from './client.ts';
import {
  type Companies,
  type Company,
  companyFor,
  inCompany,
  type PostingAccounts,
  type TrytonOptions,
} from './companies.ts';
import { findParty } from './corrections.ts';
import type { Party } from './records.ts';

/** Values of a record, by its fields' names there. */
export type Values = Record<string, unknown>;

/** One company's books, and how to post in them. */
export interface Books {
  readonly options: TrytonOptions;
  readonly company: Company;
  readonly accounts: PostingAccounts;
}

/** The books of an entity's company; refused where nothing is to be posted, or the entity has none. */
export async function booksOf(
  options: TrytonOptions,
  companies: () => Promise<Answer<Companies>>,
  entity: string | null,
): Promise<Answer<Books>> {
  const accounts = options.posting;
  if (accounts === undefined)
    return refuse(
      'nothing is posted there; set TRYTON_REVENUE_ACCOUNT, TRYTON_TAX_ACCOUNT and TRYTON_PAYMENT_METHOD',
    );
  const known = await companies();
  if (known.result !== 'ok') return known;
  const company = companyFor(known.value, entity);
  if (company.result !== 'ok') return company;
  return { result: 'ok', value: { options, company: company.value, accounts } };
}

/** The one record that fits, or what to do about there being none. */
export async function theOne<T>(
  { options, company }: Books,
  model: string,
  search: { readonly domain: Domain; readonly fields: readonly string[] },
  schema: z.ZodType<T>,
  absent: string,
): Promise<Answer<T>> {
  const context = inCompany(company);
  const found = await searchTryton(options, model, { ...search, limit: 1, context }, schema);
  if (found.result !== 'ok') return found;
  const [record] = found.value;
  return record === undefined ? refuse(absent) : { result: 'ok', value: record };
}

/** A record that is only pointed to. */
export const named = z.object({ id: z.int() });

/** An account of the company by its code. */
export function accountOf(books: Books, code: string): Promise<Answer<{ id: number }>> {
  const domain = [
    ['code', '=', code],
    ['company', '=', books.company.id],
  ];
  const absent = `there is no account ${code} in ${books.company.name}`;
  return theOne(books, 'account.account', { domain, fields: ['code'] }, named, absent);
}

/** A currency by its ISO 4217 code. */
export async function currencyOf(books: Books, code: string): Promise<Answer<{ id: number }>> {
  const domain = [['code', '=', code]];
  const absent = `there is no currency ${code}; add it with its rates`;
  return theOne(books, 'currency.currency', { domain, fields: ['code'] }, named, absent);
}

/** The customer by its id there; one that Perennial created bears our account's number. */
export async function customerOf(
  { options, company }: Books,
  { customer, account }: { readonly customer: string | null; readonly account: string | null },
): Promise<Answer<Party>> {
  const name = customer ?? account;
  if (name === null) return refuse('the money has no customer yet; allocate it first');
  const found = await findParty(options, company, name);
  if (found.result !== 'ok') return found;
  return found.value === null
    ? refuse(`there is no customer ${name} in use; create it there, or correct the accounting id`)
    : { result: 'ok', value: found.value };
}

const ownReceivable = z.object({ account_receivable: z.int().nullable() });
const usualReceivable = z.object({ default_account_receivable: z.int().nullable() });

/** The receivable account of a customer, else that of all customers. */
export async function receivableOf(books: Books, party: Party): Promise<Answer<number>> {
  const { options, company } = books;
  const context = inCompany(company);
  const own = await askTryton(
    options,
    {
      ...{ method: 'GET', path: `model/party.party/${party.id}`, context },
      fields: ['account_receivable'],
    },
    ownReceivable,
  );
  if (own.result !== 'ok') return own;
  if (own.value.account_receivable !== null)
    return { result: 'ok', value: own.value.account_receivable };
  const usual = await askTryton(
    options,
    {
      ...{ method: 'GET', path: 'model/account.configuration/1', context },
      fields: ['default_account_receivable'],
    },
    usualReceivable,
  );
  if (usual.result !== 'ok') return usual;
  const account = usual.value.default_account_receivable;
  return account === null
    ? refuse(
        `${company.name} has no receivable account; choose one in its accounting configuration`,
      )
    : { result: 'ok', value: account };
}

// ---------------------------------------------------------------- once

/** A record of which only the state matters. */
export const standing = z.object({ id: z.int(), state: z.string() });

/** How a record is found again that must be there once. */
export interface Once {
  readonly model: 'account.invoice' | 'account.move';
  readonly domain: Domain;
}

function findAll({ options, company }: Books, { model, domain }: Once) {
  const search = { domain, limit: 50, fields: ['state'], context: inCompany(company) };
  return searchTryton(options, model, search, standing);
}

/**
 * The record if it is there in whatever state, else a draft made now. Where two attempts have made one at the same time both
 * keep the earlier and take the later out: a draft has no number yet.
 */
export async function draftOnce(
  books: Books,
  once: Once,
  values: () => Promise<Answer<Values>>,
): Promise<Answer<z.output<typeof standing>>> {
  const there = await findAll(books, once);
  if (there.result !== 'ok') return there;
  const known = there.value.find(({ state }) => state !== 'draft') ?? there.value[0];
  if (known !== undefined) return { result: 'ok', value: known };
  const wanted = await values();
  if (wanted.result !== 'ok') return wanted;
  const record = { values: wanted.value, fields: ['state'], context: inCompany(books.company) };
  const made = await createInTryton(books.options, once.model, record, standing);
  if (made.result !== 'ok') return made;
  const all = await findAll(books, once);
  if (all.result !== 'ok') return all;
  const kept = all.value.find(({ state }) => state !== 'draft') ?? all.value[0] ?? made.value;
  if (kept.id !== made.value.id) {
    const path = `model/${once.model}/${made.value.id}`;
    const gone = await askTryton(books.options, { method: 'DELETE', path }, z.null());
    if (gone.result !== 'ok') return gone;
  }
  return { result: 'ok', value: kept };
}

/**
 * Posts a draft. What Tryton would ask a person about, a due day that has passed or a tax that it would reckon otherwise, is
 * no question here: the customer has the document, and the money has come.
 */
export async function post(
  { options, company }: Books,
  model: Once['model'],
  { id, state }: z.output<typeof standing>,
): Promise<AccountingAnswer> {
  if (state !== 'draft' && state !== 'validated') return { result: 'ok', reference: String(id) };
  const context = { ...inCompany(company), _skip_warnings: true };
  const path = `model/${model}/${id}/post`;
  const posted = await askTryton(
    options,
    { method: 'POST', path, fields: ['state'], context },
    standing,
  );
  return posted.result === 'ok' ? { result: 'ok', reference: String(id) } : posted;
}

/** Where a document of ours is, by its number. */
export function invoicesOf(books: Books, reference: string): Once {
  return {
    model: 'account.invoice',
    domain: [
      ['type', '=', 'out'],
      ['company', '=', books.company.id],
      ['reference', '=', reference],
      ['state', '!=', 'cancelled'],
    ],
  };
}

// ---------------------------------------------------------------- what is set up

/** Whether all that postings need is there, in every company; null where it is. */
export async function postingFault(
  options: TrytonOptions,
  companies: Companies,
): Promise<Exclude<AccountingAnswer, { result: 'ok' }> | null> {
  const { posting } = options;
  if (posting === undefined) return null;
  for (const company of companies.values()) {
    const books = { options, company, accounts: posting };
    for (const code of [posting.revenue, posting.tax]) {
      const account = await accountOf(books, code);
      if (account.result !== 'ok') return account;
    }
    const domain = [
      ['name', '=', posting.paymentMethod],
      ['company', '=', company.id],
    ];
    const absent = `there is no payment method ${posting.paymentMethod} in ${company.name}`;
    const method = await theOne(
      books,
      'account.invoice.payment.method',
      { domain, fields: ['name'] },
      named,
      absent,
    );
    if (method.result !== 'ok') return method;
  }
  return null;
}
