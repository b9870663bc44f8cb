/**
 * What Perennial issued and received, posted there: looked for by our number before it is made, and drafts that an earlier
 * attempt left are finished, not made again. Numbers there are Tryton's own; ours stands in the reference of an invoice and in
 * the description of a payment's move.
 */
import { z } from 'zod';
import type { CivilDate } from '../../../domain/dates/dates.ts';
import { divide, fraction, multiply } from '../../../domain/money/decimal.ts';
import { formatMinor, toMinor } from '../../../domain/money/money.ts';
import type { AccountingAnswer, AccountingDocument, AccountingPayment } from '../port.ts';
import { type Answer, askTryton, createInTryton, type Domain, searchTryton } from './client.ts';
import {
  type Companies,
  type Company,
  companyFor,
  inCompany,
  type PostingAccounts,
  type TrytonOptions,
} from './companies.ts';
import { findParty } from './corrections.ts';
import {
  dateOf,
  decimalOf,
  invoiceAddress,
  numberedRecord,
  type Party,
  partyName,
  paymentDescription,
  rateRecord,
} from './records.ts';

const refuse = (message: string) =>
  ({ result: 'rejected', message: `Tryton: ${message}` }) as const;
type Values = Record<string, unknown>;

/** One company's books, and how to post in them. */
interface Books {
  readonly options: TrytonOptions;
  readonly company: Company;
  readonly accounts: PostingAccounts;
}

async function booksOf(
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
async function theOne<T>(
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

const named = z.object({ id: z.int() });

function accountOf(books: Books, code: string): Promise<Answer<{ id: number }>> {
  const domain = [
    ['code', '=', code],
    ['company', '=', books.company.id],
  ];
  const absent = `there is no account ${code} in ${books.company.name}`;
  return theOne(books, 'account.account', { domain, fields: ['code'] }, named, absent);
}

async function currencyOf(books: Books, code: string): Promise<Answer<{ id: number }>> {
  const domain = [['code', '=', code]];
  const absent = `there is no currency ${code}; add it with its rates`;
  return theOne(books, 'currency.currency', { domain, fields: ['code'] }, named, absent);
}

async function customerOf(
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
async function receivableOf(books: Books, party: Party): Promise<Answer<number>> {
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

const standing = z.object({ id: z.int(), state: z.string() });

/** How a record is found again that must be there once. */
interface Once {
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
async function draftOnce(
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
async function post(
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

// ---------------------------------------------------------------- documents

function invoicesOf(books: Books, reference: string): Once {
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

/** Posts an issued document with its own net, tax and total: what it says there is what the customer has. */
export async function postDocument(
  options: TrytonOptions,
  companies: () => Promise<Answer<Companies>>,
  document: AccountingDocument,
): Promise<AccountingAnswer> {
  const books = await booksOf(options, companies, document.entity);
  if (books.result !== 'ok') return books;
  const once = invoicesOf(books.value, document.invoice);
  const draft = await draftOnce(books.value, once, () => invoiceValues(books.value, document));
  if (draft.result !== 'ok') return draft;
  const dated = await dateForNumber(books.value, draft.value, document.issuedOn);
  return dated.result === 'ok' ? post(books.value, once.model, draft.value) : dated;
}

/**
 * Tryton numbers invoices in the order of their days only. One that comes after a later one was numbered bears that day as its
 * invoice date, and its own as the day on which it is booked.
 */
async function dateForNumber(
  { options, company }: Books,
  { id, state }: z.output<typeof standing>,
  issuedOn: CivilDate,
): Promise<Answer<null>> {
  if (state !== 'draft') return { result: 'ok', value: null };
  const context = inCompany(company);
  const domain = [
    ['type', '=', 'out'],
    ['company', '=', company.id],
    ['number', '!=', null],
    ['invoice_date', '>', dateOf(issuedOn)],
  ];
  const fields = ['invoice_date'];
  const search = { domain, fields, limit: 1, latestBy: 'invoice_date', context };
  const later = await searchTryton(options, 'account.invoice', search, numberedRecord);
  if (later.result !== 'ok') return later;
  const [latest] = later.value;
  if (latest === undefined) return { result: 'ok', value: null };
  const path = `model/account.invoice/${id}`;
  const dates = {
    invoice_date: dateOf(latest.invoice_date),
    accounting_date: dateOf(issuedOn),
  };
  const request = { method: 'PUT', path, body: dates, fields: ['state'], context } as const;
  const written = await askTryton(options, request, standing);
  return written.result === 'ok' ? { result: 'ok', value: null } : written;
}

/** Credit notes are invoices below zero there. */
function signedMinor({ type }: AccountingDocument, amountMinor: number): number {
  return type === 'credit_note' ? 0 - Math.abs(amountMinor) : amountMinor;
}

async function invoiceValues(books: Books, document: AccountingDocument): Promise<Answer<Values>> {
  const { company, accounts } = books;
  const party = await customerOf(books, document);
  if (party.result !== 'ok') return party;
  const address = invoiceAddress(party.value);
  if (address === null) return refuse(`customer ${partyName(party.value)} has no address`);
  const receivable = await receivableOf(books, party.value);
  if (receivable.result !== 'ok') return receivable;
  const currency = await currencyOf(books, document.currency);
  if (currency.result !== 'ok') return currency;
  const revenue = await accountOf(books, accounts.revenue);
  if (revenue.result !== 'ok') return revenue;
  const tax = await accountOf(books, accounts.tax);
  if (tax.result !== 'ok') return tax;
  const domain = [['type', '=', 'revenue']];
  const absent = 'there is no journal of type revenue';
  const search = { domain, fields: ['code'] };
  const journal = await theOne(books, 'account.journal', search, named, absent);
  if (journal.result !== 'ok') return journal;
  const amounts = linesOf(document, {
    ...{ company: company.id, currency: currency.value.id },
    ...{ revenue: revenue.value.id, tax: tax.value.id },
  });
  const values = {
    ...{ type: 'out', company: company.id, journal: journal.value.id },
    ...{ party: party.value.id, invoice_address: address.id, account: receivable.value },
    ...{ currency: currency.value.id, reference: document.invoice },
    invoice_date: dateOf(document.issuedOn),
    // Without a payment term all of it is due on this day.
    payment_term_date: dateOf(document.dueOn),
    ...amounts,
  };
  return { result: 'ok', value: values };
}

const TITLES: Readonly<Record<AccountingDocument['type'], string>> = {
  invoice: 'Invoice',
  credit_note: 'Credit note',
  late_charge: 'Late charge',
};

/** One line for what is sold and one for its tax, as they stand on the document; Tryton reckons no tax of its own. */
function linesOf(
  document: AccountingDocument,
  ids: {
    readonly company: number;
    readonly currency: number;
    readonly revenue: number;
    readonly tax: number;
  },
): Values {
  const { currency, type, invoice } = document;
  const net = signedMinor(document, document.netMinor);
  const tax = signedMinor(document, document.taxMinor);
  const line = {
    ...{ type: 'line', description: `${TITLES[type]} ${invoice}` },
    ...{ company: ids.company, currency: ids.currency, invoice_type: 'out' },
    quantity: net < 0 ? -1 : 1,
    unit_price: decimalOf(Math.abs(net), currency),
    account: ids.revenue,
  };
  const taxLine = {
    ...{ manual: true, description: `Tax of ${invoice}`, account: ids.tax },
    base: decimalOf(net, currency),
    amount: decimalOf(tax, currency),
  };
  return {
    lines: [['create', [line]]],
    ...(tax === 0 ? {} : { taxes: [['create', [taxLine]]] }),
  };
}

// ---------------------------------------------------------------- payments

const methodRecord = z.object({
  journal: z.object({ id: z.int(), type: z.string() }),
  debit_account: z.int(),
});
const paidInvoice = z.object({
  id: z.int(),
  party: z.int(),
  account: z.int(),
  currency: z.object({ code: z.string() }),
});

/** Posts money as one move: the bank's account against a line of the customer for each document that it pays. */
export async function postPayment(
  options: TrytonOptions,
  companies: () => Promise<Answer<Companies>>,
  payment: AccountingPayment,
): Promise<AccountingAnswer> {
  const books = await booksOf(options, companies, payment.entity);
  if (books.result !== 'ok') return books;
  const domain = [
    ['company', '=', books.value.company.id],
    ['description', '=', paymentDescription(payment.payment)],
  ];
  const once: Once = { model: 'account.move', domain };
  const draft = await draftOnce(books.value, once, () => moveValues(books.value, payment));
  return draft.result === 'ok' ? post(books.value, once.model, draft.value) : draft;
}

async function moveValues(books: Books, payment: AccountingPayment): Promise<Answer<Values>> {
  const { company, accounts } = books;
  const method = await theOne(
    books,
    'account.invoice.payment.method',
    {
      domain: [
        ['name', '=', accounts.paymentMethod],
        ['company', '=', company.id],
      ],
      fields: ['journal.type', 'debit_account'],
    },
    methodRecord,
    `there is no payment method ${accounts.paymentMethod} in ${company.name}`,
  );
  if (method.result !== 'ok') return method;
  const period = await periodOf(books, payment.receivedOn);
  if (period.result !== 'ok') return period;
  const credits = await creditLines(books, payment);
  if (credits.result !== 'ok') return credits;
  const money = await booked(books, payment.currency, payment.receivedOn);
  if (money.result !== 'ok') return money;
  const lines = credits.value.map(({ amountMinor, ...line }) => ({
    ...line,
    ...money.value(0 - amountMinor),
  }));
  // In the company's currency the parts may round to another sum than the whole.
  const wholeMinor = lines.reduce((sum, line) => sum + line.bookedMinor, 0);
  const bank = {
    account: method.value.debit_account,
    ...money.value(payment.amountMinor, 0 - wholeMinor),
  };
  const entries = [bank, ...lines].map(({ bookedMinor, ...line }) => ({
    ...line,
    ...(bookedMinor < 0
      ? { credit: decimalOf(0 - bookedMinor, company.currency) }
      : { debit: decimalOf(bookedMinor, company.currency) }),
  }));
  const values = {
    ...{ company: company.id, journal: method.value.journal.id, period: period.value.id },
    date: dateOf(payment.receivedOn),
    description: paymentDescription(payment.payment),
    lines: [['create', entries]],
  };
  return { result: 'ok', value: values };
}

function periodOf(books: Books, on: CivilDate): Promise<Answer<{ id: number }>> {
  const domain = [
    ['company', '=', books.company.id],
    ['start_date', '<=', dateOf(on)],
    ['end_date', '>=', dateOf(on)],
    ['type', '=', 'standard'],
    ['state', '=', 'open'],
  ];
  const absent = `${books.company.name} has no open period on ${on}; open it, or post it by hand`;
  return theOne(books, 'account.period', { domain, fields: ['name'] }, named, absent);
}

type BookedLine = Values & { readonly bookedMinor: number };

/** How an amount of a currency, debits above zero, is booked in the company's books on a day. */
async function booked(
  books: Books,
  currency: string,
  on: CivilDate,
): Promise<Answer<(amountMinor: number, bookedMinor?: number) => BookedLine>> {
  const { company, options } = books;
  if (currency === company.currency)
    return { result: 'ok', value: (amountMinor) => ({ bookedMinor: amountMinor }) };
  const found = await searchTryton(
    options,
    'currency.currency',
    {
      ...{ domain: [['code', 'in', [currency, company.currency]]], limit: 2 },
      ...{ fields: ['code', 'rate'], context: { ...inCompany(company), date: dateOf(on) } },
    },
    rateRecord,
  );
  if (found.result !== 'ok') return found;
  const rateOf = (code: string) => found.value.find((one) => one.code === code)?.rate ?? null;
  const [foreign, own] = [rateOf(currency), rateOf(company.currency)];
  if (foreign === null || own === null)
    return refuse(`there is no rate from ${currency} to ${company.currency} on ${on}`);
  const currencyId = found.value.find(({ code }) => code === currency)?.id;
  const inOwn = (amountMinor: number) => {
    const exact = multiply(fraction(formatMinor(amountMinor, currency)), fraction(own));
    return toMinor(divide(exact, fraction(foreign)), company.currency);
  };
  const line = (amountMinor: number, bookedMinor = inOwn(amountMinor)) => ({
    bookedMinor,
    second_currency: currencyId,
    amount_second_currency: decimalOf(amountMinor, currency),
  });
  return { result: 'ok', value: line };
}

interface CreditLine extends Values {
  readonly amountMinor: number;
}

/** A line for each document there; what pays none of them stands on the customer's account. */
async function creditLines(
  books: Books,
  payment: AccountingPayment,
): Promise<Answer<CreditLine[]>> {
  const lines: CreditLine[] = [];
  let restMinor = payment.amountMinor;
  for (const { invoice, amountMinor } of payment.allocations) {
    const { domain } = invoicesOf(books, invoice);
    const found = await searchTryton(
      books.options,
      'account.invoice',
      {
        ...{ domain, limit: 1, fields: ['party', 'account', 'currency.code'] },
        context: inCompany(books.company),
      },
      paidInvoice,
    );
    if (found.result !== 'ok') return found;
    const [paid] = found.value;
    if (paid === undefined || paid.currency.code !== payment.currency) continue;
    restMinor -= amountMinor;
    const link = { party: paid.party, account: paid.account, invoice_payment: paid.id };
    lines.push({ ...link, amountMinor, description: invoice });
  }
  if (restMinor === 0) return { result: 'ok', value: lines };
  const party = await customerOf(books, payment);
  if (party.result !== 'ok') return party;
  const account = await receivableOf(books, party.value);
  if (account.result !== 'ok') return account;
  lines.push({ party: party.value.id, account: account.value, amountMinor: restMinor });
  return { result: 'ok', value: lines };
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
