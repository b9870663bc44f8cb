/** Money that Perennial took, posted as one move each. */
import { z } from 'zod';
import type { CivilDate } from '../../../domain/dates/dates.ts';
import { divide, fraction, multiply } from '../../../domain/money/decimal.ts';
import { formatMinor, toMinor } from '../../../domain/money/money.ts';
import type { AccountingAnswer, AccountingPayment } from '../port.ts';
import { type Answer, refuse, searchTryton } from './client.ts';
import { type Companies, inCompany, type TrytonOptions } from './companies.ts';
import {
  type Books,
  booksOf,
  customerOf,
  draftOnce,
  invoicesOf,
  named,
  type Once,
  post,
  receivableOf,
  theOne,
  type Values,
} from './posting.ts';
import { dateOf, decimalOf, paymentDescription, rateRecord } from './records.ts';

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
