/**
 * From the record to paper: rows of an issued document, its seller and its buyer become what the renderers read. What the
 * document keeps of buyer, seller and taxes as they were (its snapshot) wins over the facts of today.
 */

import type { Row } from '../domain/book/tables.ts';
import { explanationText } from './explanation.ts';
import {
  type Buyer,
  type DocumentLine,
  type DocumentSection,
  type DocumentType,
  type InvoiceDocument,
  type Seller,
  TAX_CATEGORIES,
  type TaxCategory,
  type TaxSubtotal,
  taxSubtotals,
} from './model.ts';

/** The columns of an issued document that paper shows; amounts in minor units. */
export interface RecordedDocument {
  readonly invoice: string;
  readonly type: Exclude<DocumentType, 'pro_forma'>;
  readonly credits: string | null;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly currency: string;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly poNumber: string | null;
  readonly paymentTerms: string | null;
  readonly paymentReference: string | null;
  readonly contract: string | null;
  readonly snapshot: Readonly<Record<string, unknown>>;
  readonly custom: Readonly<Record<string, string>>;
}

export interface RecordedLine {
  readonly line: string;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly sku: string | null;
  readonly kind: string | null;
  readonly description: string | null;
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly discountPercent: string | null;
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  readonly netMinor: number;
  readonly taxCategory: string | null;
  readonly taxRate: string | null;
  readonly explanation: unknown;
}

export interface Parties {
  readonly entity: Row<'entities'> | null;
  readonly account: Row<'accounts'>;
  /** The person whom a customer asks, from the account's owner. */
  readonly contactName: string | null;
}

const DEFAULT_LANGUAGE = 'en';

export function sellerOf({ entity, contactName }: Parties): Seller {
  return {
    legalName: entity?.legalName ?? entity?.entity ?? 'Perennial',
    address: {
      line1: entity?.addressLine1 ?? null,
      line2: entity?.addressLine2 ?? null,
      city: entity?.city ?? null,
      region: entity?.region ?? null,
      postalCode: entity?.postalCode ?? null,
      country: entity?.country ?? null,
    },
    taxId: entity?.taxId ?? null,
    registration: entity?.registration ?? null,
    bank: {
      bankName: entity?.bankName ?? null,
      iban: entity?.iban ?? null,
      bic: entity?.bic ?? null,
      routingNumber: entity?.routingNumber ?? null,
      accountNumber: entity?.accountNumber ?? null,
      remitTo: entity?.remitTo ?? null,
    },
    email: entity?.email ?? null,
    phone: null,
    contactName,
    logo: entity?.logo?.startsWith('data:image/') ? entity.logo : null,
    accentColor: null,
  };
}

export function buyerOf({ account }: Parties): Buyer {
  return {
    account: account.account,
    name: account.name,
    address: {
      line1: account.addressLine1,
      line2: account.addressLine2,
      city: account.city,
      region: account.region,
      postalCode: account.postalCode,
      country: account.country,
    },
    taxId: account.taxId,
    buyerReference: account.buyerReference,
    email: account.billingEmail,
    peppolId: account.peppolId,
  };
}

export function languageOf({ account }: Parties): string {
  return account.language ?? DEFAULT_LANGUAGE;
}

function categoryOf(text: string | null): TaxCategory {
  return TAX_CATEGORIES.find((category) => category === text) ?? 'S';
}

function lineOf(line: RecordedLine): DocumentLine {
  return {
    line: line.line,
    subcontract: line.subcontract,
    sku: line.sku,
    kind: line.kind,
    description: line.description ?? line.sku ?? line.line,
    periodStart: line.periodStart,
    periodEnd: line.periodEnd,
    quantity: line.quantity ?? '1',
    unitPrice: line.unitPrice ?? '0',
    unit: null,
    discountPercent: line.discountPercent,
    netMinor: line.netMinor,
    taxCategory: categoryOf(line.taxCategory),
    taxRate: line.taxRate ?? '0',
    caughtUp: null,
    explanation: explanationText(line.explanation),
  };
}

/** Contract → subcontract → line, in the order in which the lines stand. */
export function sectionsOf(lines: readonly RecordedLine[]): DocumentSection[] {
  const sections = new Map<string | null, Map<string | null, DocumentLine[]>>();
  for (const line of lines) {
    const section = sections.get(line.contract) ?? new Map<string | null, DocumentLine[]>();
    sections.set(line.contract, section);
    section.set(line.subcontract, [...(section.get(line.subcontract) ?? []), lineOf(line)]);
  }
  return [...sections].map(([contract, subsections]) => ({
    contract,
    title: contract === null ? 'Services' : `Contract ${contract}`,
    subsections: [...subsections].map(([subcontract, own]) => ({
      subcontract,
      title: subcontract === null ? (own[0]?.description ?? '') : `Subcontract ${subcontract}`,
      lines: own,
    })),
  }));
}

interface KeptTax {
  readonly category: string;
  readonly rate: string;
  readonly base: number;
  readonly tax: number;
  readonly reason: string | null;
}

function isKeptTax(value: unknown): value is KeptTax {
  if (typeof value !== 'object' || value === null) return false;
  const { category, rate, base, tax } = value as Record<string, unknown>;
  return (
    typeof category === 'string' &&
    typeof rate === 'string' &&
    typeof base === 'number' &&
    typeof tax === 'number'
  );
}

function taxesOf(snapshot: RecordedDocument['snapshot'], lines: DocumentLine[]): TaxSubtotal[] {
  const kept = snapshot.taxes;
  if (!Array.isArray(kept) || !kept.every(isKeptTax)) return taxSubtotals(lines);
  return kept.map(({ category, rate, base, tax, reason }) => ({
    category: categoryOf(category),
    rate,
    baseMinor: base,
    taxMinor: tax,
    reason: reason ?? null,
  }));
}

/** An issued document as paper shows it on its day of issue: nothing paid, all of it open. */
export function invoiceDocument(
  document: RecordedDocument,
  lines: readonly RecordedLine[],
  parties: Parties,
  options: { readonly payUrl: string | null; readonly lateChargeClause: string | null },
): InvoiceDocument {
  const sections = sectionsOf(
    lines.map((one) => ({ ...one, contract: one.contract ?? document.contract })),
  );
  const all = sections.flatMap(({ subsections }) => subsections.flatMap((one) => one.lines));
  return {
    type: document.type,
    invoice: document.invoice,
    seller: sellerOf(parties),
    buyer: buyerOf(parties),
    issueDate: document.issuedOn,
    dueDate: document.dueOn,
    paymentTerms: document.paymentTerms,
    poNumber: document.poNumber,
    currency: document.currency,
    language: languageOf(parties),
    sections,
    taxes: taxesOf(document.snapshot, all),
    netMinor: document.netMinor,
    taxMinor: document.taxMinor,
    totalMinor: document.totalMinor,
    accountingTax: null,
    paidMinor: 0,
    balanceMinor: document.totalMinor,
    credits: document.credits,
    creditsIssueDate: null,
    customFields: Object.entries(document.custom).map(([name, value]) => ({ name, value })),
    lateChargeClause: options.lateChargeClause,
    payUrl: options.payUrl,
    reference: document.paymentReference,
    notes: [],
    history: [],
  };
}
