/** Records of other systems as evidence, and how their texts are compared with ours. */
import type { Row } from '../book/tables.ts';
import type { EvidenceRecord, System } from './finding.ts';
import type { OutsideCustomer, OutsideDocument, OutsidePayment } from './outside.ts';

export function customerRecord(system: System, customer: OutsideCustomer): EvidenceRecord {
  const { id, url, ...fields } = customer;
  return { system, table: 'customers', id, fields, url };
}

export function documentRecord(document: OutsideDocument): EvidenceRecord {
  const { id, url, ...fields } = document;
  return { system: 'accounting', table: 'documents', id, fields, url };
}

export function outsidePaymentRecord(payment: OutsidePayment): EvidenceRecord {
  const { id, url, allocations, ...fields } = payment;
  const split = allocations?.map(({ document, amountMinor }) => `${document}: ${amountMinor}`);
  return {
    system: 'accounting',
    table: 'payments',
    id,
    fields: { ...fields, allocations: split?.join('; ') ?? null },
    url,
  };
}

/** Case, accents' form, spaces and punctuation make no difference. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}@]+/gu, '');
}

/** The fields of a customer in which two systems differ; what one of them does not say is told for the tax id only. */
export function differingFields(account: Row<'accounts'>, customer: OutsideCustomer): string[] {
  const compared: readonly (readonly [string, string | null, string | null])[] = [
    ['name', account.name, customer.name],
    ['addressLine1', account.addressLine1, customer.addressLine1],
    ['city', account.city, customer.city],
    ['postalCode', account.postalCode, customer.postalCode],
    ['country', account.country, customer.country],
    ['taxId', account.taxId ?? '', customer.taxId === undefined ? null : (customer.taxId ?? '')],
    ['email', account.billingEmail, customer.email],
  ];
  return compared.flatMap(([field, ours, theirs]) =>
    ours !== null && theirs !== null && plain(ours) !== plain(theirs) ? [field] : [],
  );
}
