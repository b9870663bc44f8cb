/** Tryton's records as its REST interface answers them, and in the shapes that findings compare. No network here. */
import { z } from 'zod';
import type { CivilDate } from '../../../domain/dates/dates.ts';
import type {
  OutsideCustomer,
  OutsideDocument,
  OutsidePayment,
} from '../../../domain/findings/outside.ts';
import { formatMinor, parseMinor } from '../../../domain/money/money.ts';
import type { TrytonConnection } from './client.ts';

// ---------------------------------------------------------------- values

const decimal = z
  .object({ __class__: z.literal('Decimal'), decimal: z.string() })
  .transform((value) => value.decimal);

const day = z
  .object({ __class__: z.literal('date'), year: z.int(), month: z.int(), day: z.int() })
  .transform(
    ({ year, month, day: of }) =>
      `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(of).padStart(2, '0')}`,
  );

/** Booleans come as 0 and 1 where the database has no others. */
const flag = z
  .union([z.boolean(), z.literal(0), z.literal(1)])
  .nullable()
  .transform(Boolean);

const words = z.string().nullable();
const id = z.int();

/** An amount as Tryton takes it. */
export function decimalOf(amountMinor: number, currency: string) {
  return { __class__: 'Decimal', decimal: formatMinor(amountMinor, currency) };
}

export function dateOf(on: CivilDate) {
  const [year, month, dayOfMonth] = on.split('-').map(Number);
  return { __class__: 'date', year, month, day: dayOfMonth };
}

/** Where the web client opens a record. */
export function pageOf(connection: TrytonConnection, model: string, record: number): string {
  const base = connection.url.replace(/\/+$/, '');
  return `${base}/#${encodeURIComponent(connection.database)}/model/${model}/${record}`;
}

// ---------------------------------------------------------------- parties

export const PARTY_FIELDS = [
  'code',
  'name',
  'active',
  ...['invoice', 'street', 'city', 'postal_code', 'country.code'].map((one) => `addresses.${one}`),
  ...['type', 'value', 'invoice'].map((one) => `contact_mechanisms.${one}`),
  'tax_identifier.code',
];

const address = z.object({
  id,
  invoice: flag,
  street: words,
  city: words,
  postal_code: words,
  country: z.object({ code: words }).nullable(),
});
const mechanism = z.object({ id, type: z.string(), value: words, invoice: flag });

export const partyRecord = z.object({
  id,
  code: words,
  name: words,
  active: flag,
  addresses: z.array(address),
  contact_mechanisms: z.array(mechanism),
  tax_identifier: z.object({ id, code: z.string() }).nullable(),
});
export type Party = z.output<typeof partyRecord>;

/** What invoices go to: the record marked for invoices, else the first. */
function forInvoices<R extends { readonly invoice: boolean }>(records: readonly R[]): R | null {
  return records.find(({ invoice }) => invoice) ?? records[0] ?? null;
}

export function invoiceAddress(party: Party): Party['addresses'][number] | null {
  return forInvoices(party.addresses);
}

export function invoiceMail(party: Party): Party['contact_mechanisms'][number] | null {
  return forInvoices(party.contact_mechanisms.filter(({ type }) => type === 'email'));
}

/** Tryton keeps a street as one text of several lines. */
export function firstLine(street: string | null): string | null {
  return street?.split(/\r?\n/)[0]?.trim() || null;
}

/** A party's code is the number by which people and we know it; one without is known by its id. */
export function partyName(party: Pick<Party, 'id' | 'code'>): string {
  return party.code ?? `#${party.id}`;
}

/** What finds the party of that name; archived ones too where `active` names both. */
export function partyDomain(name: string): readonly unknown[] {
  const byId = /^#([1-9]\d{0,14})$/.exec(name)?.[1];
  return byId === undefined ? ['code', '=', name] : ['id', '=', Number(byId)];
}

export function customerOf(connection: TrytonConnection, party: Party): OutsideCustomer {
  const place = invoiceAddress(party);
  return {
    id: partyName(party),
    name: party.name,
    addressLine1: firstLine(place?.street ?? null),
    city: place?.city || null,
    postalCode: place?.postal_code || null,
    country: place?.country?.code ?? null,
    taxId: party.tax_identifier?.code ?? null,
    email: invoiceMail(party)?.value || null,
    url: pageOf(connection, 'party.party', party.id),
  };
}

// ---------------------------------------------------------------- invoices

export const INVOICE_FIELDS = [
  'number',
  'reference',
  'state',
  'invoice_date',
  'accounting_date',
  'total_amount',
  'currency.code',
  'party.code',
];

const partyLink = z.object({ id, code: words });
export const invoiceRecord = z.object({
  id,
  number: words,
  reference: words,
  state: z.string(),
  invoice_date: day.nullable(),
  accounting_date: day.nullable(),
  total_amount: decimal,
  currency: z.object({ code: z.string() }),
  party: partyLink,
});
export type Invoice = z.output<typeof invoiceRecord>;

/** Our number stands in the reference of what we post; what was made there is known by its own number. */
function numberOf({ number, reference }: Pick<Invoice, 'number' | 'reference'>): string {
  return reference || number || '';
}

export function documentOf(connection: TrytonConnection, invoice: Invoice): OutsideDocument {
  const { code } = invoice.currency;
  const totalMinor = parseMinor(invoice.total_amount, code);
  return {
    id: String(invoice.id),
    number: numberOf(invoice),
    customer: partyName(invoice.party),
    type: totalMinor < 0 ? 'credit_note' : 'invoice',
    // The two differ where a later invoice had its number before this one came.
    issuedOn: invoice.accounting_date ?? invoice.invoice_date,
    currency: code,
    totalMinor: Math.abs(totalMinor),
    url: pageOf(connection, 'account.invoice', invoice.id),
  };
}

// ---------------------------------------------------------------- payments

const LINE = ['debit', 'credit', 'amount_second_currency', 'second_currency.code'] as const;
export const PAYMENT_FIELDS = [
  'date',
  'description',
  ...LINE.map((one) => `lines.${one}`),
  'lines.account.type.receivable',
  'lines.party.code',
  'lines.invoice_payment.number',
  'lines.invoice_payment.reference',
  'lines.reconciliation.lines.move.origin',
];

const invoiceLink = z.object({ number: words, reference: words });
const amounts = {
  debit: decimal,
  credit: decimal,
  amount_second_currency: decimal.nullable(),
  second_currency: z.object({ code: z.string() }).nullable(),
};
const reconciled = z.object({ id, move: z.object({ id, origin: words }) });
const paymentLine = z.object({
  id,
  ...amounts,
  account: z.object({ type: z.object({ receivable: flag }).nullable() }),
  party: partyLink.nullable(),
  invoice_payment: invoiceLink.nullable(),
  reconciliation: z.object({ lines: z.array(reconciled) }).nullable(),
});
export const paymentRecord = z.object({
  id,
  date: day,
  description: words,
  lines: z.array(paymentLine),
});
export type PaymentMove = z.output<typeof paymentRecord>;
type PaymentLine = PaymentMove['lines'][number];

const OURS = /^Perennial (\S.*)$/;

/** What stands on the move of a payment that we post: what it is found by. */
export function paymentDescription(payment: string): string {
  return `Perennial ${payment}`;
}

/** Received, so positive, in the currency in which it was paid. */
function creditMinor(
  line: Pick<PaymentLine, keyof typeof amounts>,
  companyCurrency: string,
): { readonly currency: string; readonly amountMinor: number } {
  const foreign = line.second_currency?.code ?? null;
  if (foreign !== null && line.amount_second_currency !== null)
    return { currency: foreign, amountMinor: 0 - parseMinor(line.amount_second_currency, foreign) };
  const credit = parseMinor(line.credit, companyCurrency);
  const amountMinor = credit - parseMinor(line.debit, companyCurrency);
  return { currency: companyCurrency, amountMinor };
}

const isTheOne = <T>(values: readonly T[]): T | null => {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
};

/** A move that takes another back bears it as its origin. */
function isTakenBack(move: PaymentMove, line: PaymentLine): boolean {
  const others = line.reconciliation?.lines ?? [];
  return others.some((other) => other.move.origin === `account.move,${move.id}`);
}

/**
 * Money received from one customer by one move; null for what is none: money paid out, a move that takes another back, one
 * that was taken back.
 */
export function receivedOf(
  connection: TrytonConnection,
  companyCurrency: string,
  move: PaymentMove,
): OutsidePayment | null {
  const lines = move.lines
    .filter(({ account }) => account.type?.receivable === true)
    .sort((a, b) => a.id - b.id);
  const parts = lines.map((line) => ({ line, ...creditMinor(line, companyCurrency) }));
  const currency = isTheOne(parts.map((part) => part.currency));
  const amountMinor = parts.reduce((sum, part) => sum + part.amountMinor, 0);
  if (currency === null || amountMinor <= 0) return null;
  if (lines.some((line) => isTakenBack(move, line))) return null;
  const parties = lines.map(({ party }) => (party === null ? null : partyName(party)));
  const ours = OURS.exec(move.description ?? '')?.[1] ?? null;
  return {
    id: String(move.id),
    payment: ours,
    customer: isTheOne(parties),
    receivedOn: move.date,
    currency,
    amountMinor,
    reference: move.description,
    allocations: allocationsOf(parts),
    url: pageOf(connection, 'account.move', move.id),
  };
}

interface Part {
  readonly line: PaymentLine;
  readonly amountMinor: number;
}

/**
 * What was allocated to which document. Money that was reconciled with documents by hand, without saying how much goes to
 * which, is not told: then the allocations of the whole payment are unknown.
 */
function allocationsOf(parts: readonly Part[]): OutsidePayment['allocations'] {
  const isUnclear = parts.some(({ line }) => line.invoice_payment === null && line.reconciliation);
  if (isUnclear) return null;
  return parts.flatMap(({ line, amountMinor }) =>
    line.invoice_payment === null
      ? []
      : [{ document: numberOf(line.invoice_payment), amountMinor }],
  );
}

// ---------------------------------------------------------------- what records are made of

/** Records that are looked up by a code or a name, to be named in others. */
export const countryRecord = z.object({ id });

/** A rate by its currency; null where there is none on the day. */
export const rateRecord = z.object({ id, code: z.string(), rate: decimal.nullable() });

/** When an invoice was numbered. */
export const numberedRecord = z.object({ invoice_date: day });
