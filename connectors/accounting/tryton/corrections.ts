/** One customer there: read, corrected in one write, read again; and created, once, under our account's number. */
import type {
  CorrectionAnswer,
  CustomerCorrection,
  CustomerCorrections,
  CustomerFields,
} from '../../outside-system.ts';
import { correctionState } from '../../outside-system.ts';
import type { AccountingAnswer, AccountingCustomer } from '../port.ts';
import { type Answer, askTryton, createInTryton, refuse, searchTryton } from './client.ts';
import { type Companies, type Company, inCompany, type TrytonOptions } from './companies.ts';
import {
  countryRecord,
  customerOf,
  invoiceAddress,
  invoiceMail,
  PARTY_FIELDS,
  type Party,
  partyDomain,
  partyName,
  partyRecord,
} from './records.ts';

type KnownCompanies = () => Promise<Answer<Companies>>;

/** The party of that code; null where none is in use. */
export async function findParty(
  options: TrytonOptions,
  company: Company,
  name: string,
): Promise<Answer<Party | null>> {
  const search = { domain: [partyDomain(name)], limit: 1, fields: PARTY_FIELDS };
  const context = inCompany(company);
  const found = await searchTryton(options, 'party.party', { ...search, context }, partyRecord);
  return found.result === 'ok' ? { result: 'ok', value: found.value[0] ?? null } : found;
}

/** Parties belong to no company: any serves to read them. */
async function anyCompany(companies: KnownCompanies): Promise<Answer<Company>> {
  const known = await companies();
  if (known.result !== 'ok') return known;
  const [first] = known.value.values();
  return first === undefined ? refuse('there is no company') : { result: 'ok', value: first };
}

export function trytonCorrections(
  options: TrytonOptions,
  companies: KnownCompanies,
): CustomerCorrections {
  return {
    readCustomer: async (id) => {
      const company = await anyCompany(companies);
      if (company.result !== 'ok') return company;
      const party = await findParty(options, company.value, id);
      if (party.result !== 'ok') return party;
      const record = party.value === null ? null : customerOf(options, party.value);
      return { result: 'ok', record };
    },
    correctCustomer: async (correction) => {
      const company = await anyCompany(companies);
      if (company.result !== 'ok') return company;
      return correct(options, company.value, correction);
    },
  };
}

async function correct(
  options: TrytonOptions,
  company: Company,
  correction: CustomerCorrection,
): Promise<CorrectionAnswer> {
  const before = await findParty(options, company, correction.id);
  if (before.result !== 'ok') return before;
  if (before.value === null) return refuse(`there is no customer ${correction.id} in use`);
  const now = customerOf(options, before.value);
  const state = correctionState(now, correction);
  if (state === 'done') return { result: 'ok', customer: now };
  if (state === 'changed') return { result: 'changed', customer: now };
  const values = await changedValues(options, company, before.value, correction.changes);
  if (values.result !== 'ok') return values;
  const written = await askTryton(
    options,
    {
      method: 'PUT',
      path: `model/party.party/${before.value.id}`,
      ...{ body: values.value, fields: PARTY_FIELDS, context: inCompany(company) },
    },
    partyRecord,
  );
  if (written.result !== 'ok') return written;
  return { result: 'ok', customer: customerOf(options, written.value) };
}

type Values = Record<string, unknown>;

/** What is to be written, what hangs on the party included: one write, all of it or nothing. */
async function changedValues(
  options: TrytonOptions,
  company: Company,
  party: Party,
  changes: Partial<CustomerFields>,
): Promise<Answer<Values>> {
  if (changes.name === null) return refuse(`${partyName(party)} needs a name`);
  const place = await changedAddress(options, company, party, changes);
  if (place.result !== 'ok') return place;
  const taxId = changedTaxId(party, changes);
  if (taxId.result !== 'ok') return taxId;
  const values = {
    ...(changes.name === undefined ? {} : { name: changes.name }),
    ...place.value,
    ...taxId.value,
    ...changedMail(party, changes),
  };
  return { result: 'ok', value: values };
}

async function changedAddress(
  options: TrytonOptions,
  company: Company,
  party: Party,
  { addressLine1, city, postalCode, country }: Partial<CustomerFields>,
): Promise<Answer<Values>> {
  const place = invoiceAddress(party);
  const values: Values = {};
  if (addressLine1 !== undefined) {
    const further = (place?.street ?? '').split(/\r?\n/).slice(1);
    values.street = [addressLine1 ?? '', ...further].join('\n').trim() || null;
  }
  if (city !== undefined) values.city = city;
  if (postalCode !== undefined) values.postal_code = postalCode;
  if (country !== undefined) {
    const known = await countryId(options, company, country);
    if (known.result !== 'ok') return known;
    values.country = known.value;
  }
  if (Object.keys(values).length === 0) return { result: 'ok', value: {} };
  const change =
    place === null ? ['create', [{ ...values, invoice: true }]] : ['write', [place.id], values];
  return { result: 'ok', value: { addresses: [change] } };
}

async function countryId(
  options: TrytonOptions,
  company: Company,
  code: string | null,
): Promise<Answer<number | null>> {
  if (code === null) return { result: 'ok', value: null };
  const search = { domain: [['code', '=', code]], limit: 1, fields: ['code'] };
  const context = inCompany(company);
  const found = await searchTryton(
    options,
    'country.country',
    { ...search, context },
    countryRecord,
  );
  if (found.result !== 'ok') return found;
  const [country] = found.value;
  if (country === undefined)
    return refuse(`country ${code} is not loaded; run trytond_import_countries`);
  return { result: 'ok', value: country.id };
}

const EU_VAT =
  /^(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)/;
/** Tryton's name of the tax number that a business of a country shows on invoices. */
const TAX_ID_TYPES: Readonly<Record<string, string>> = {
  ...{ AU: 'au_abn', CA: 'ca_bn', CH: 'ch_vat', GB: 'gb_vat', IN: 'in_gstin', IS: 'is_vsk' },
  ...{ JP: 'jp_cn', NO: 'no_mva', NZ: 'nz_ird', SG: 'sg_uen', US: 'us_ein', ZA: 'za_tin' },
};

function taxIdType(taxId: string, country: string | null): string | null {
  if (EU_VAT.test(taxId)) return 'eu_vat';
  return TAX_ID_TYPES[country ?? ''] ?? null;
}

function changedTaxId(party: Party, { taxId, country }: Partial<CustomerFields>): Answer<Values> {
  if (taxId === undefined) return { result: 'ok', value: {} };
  const known = party.tax_identifier;
  if (known !== null) {
    const change = taxId === null ? ['delete', [known.id]] : ['write', [known.id], { code: taxId }];
    return { result: 'ok', value: { identifiers: [change] } };
  }
  if (taxId === null) return { result: 'ok', value: {} };
  const type = taxIdType(taxId, country ?? invoiceAddress(party)?.country?.code ?? null);
  if (type === null)
    return refuse(`what kind of tax id ${taxId} is cannot be told; enter it there by hand`);
  return { result: 'ok', value: { identifiers: [['create', [{ type, code: taxId }]]] } };
}

function changedMail(party: Party, { email }: Partial<CustomerFields>): Values {
  if (email === undefined) return {};
  const known = invoiceMail(party);
  if (email === null) return known === null ? {} : { contact_mechanisms: [['delete', [known.id]]] };
  const change =
    known === null
      ? ['create', [{ type: 'email', value: email, invoice: true }]]
      : ['write', [known.id], { value: email }];
  return { contact_mechanisms: [change] };
}

const NOBODY: Party = {
  ...{ id: 0, code: null, name: null, active: true, tax_identifier: null },
  ...{ addresses: [], contact_mechanisms: [] },
};

/** A party whose code is our account; codes are unique there, so the same customer again is one customer. */
export async function postCustomer(
  options: TrytonOptions,
  companies: KnownCompanies,
  customer: AccountingCustomer,
): Promise<AccountingAnswer> {
  const company = await anyCompany(companies);
  if (company.result !== 'ok') return company;
  const found = await findParty(options, company.value, customer.account);
  if (found.result !== 'ok') return found;
  if (found.value !== null) return { result: 'ok', reference: partyName(found.value) };
  const { name, addressLine1, city, postalCode, country, taxId, email } = customer;
  const fields = { name, addressLine1, city, postalCode, country };
  const said = { ...fields, ...(taxId === null ? {} : { taxId }), email };
  const values = await changedValues(options, company.value, NOBODY, said);
  if (values.result !== 'ok') return values;
  const made = await createInTryton(
    options,
    'party.party',
    {
      values: { ...values.value, code: customer.account },
      fields: PARTY_FIELDS,
      context: inCompany(company.value),
    },
    partyRecord,
  );
  return made.result === 'ok' ? { result: 'ok', reference: partyName(made.value) } : made;
}
