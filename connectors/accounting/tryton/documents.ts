/** Documents that Perennial issued, posted as the customer has them. */
import type { z } from 'zod';
import type { CivilDate } from '../../../domain/dates/dates.ts';
import type { AccountingAnswer, AccountingDocument } from '../port.ts';
import { type Answer, askTryton, refuse, searchTryton } from './client.ts';
import { type Companies, inCompany, type TrytonOptions } from './companies.ts';
import {
  accountOf,
  type Books,
  booksOf,
  currencyOf,
  customerOf,
  draftOnce,
  invoicesOf,
  named,
  post,
  receivableOf,
  standing,
  theOne,
  type Values,
} from './posting.ts';
import { dateOf, decimalOf, invoiceAddress, numberedRecord, partyName } from './records.ts';

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
