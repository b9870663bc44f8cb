/**
 * What the renderers read: plain, JSON-serialisable data. Money is integer minor units of the document's currency;
 * quantities, unit prices, rates and percentages are decimal strings; dates are civil and `periodEnd` is inclusive. A
 * document says what was decided elsewhere: nothing here computes a price.
 */
import {
  type Fraction,
  fraction,
  multiply,
  ratio,
  roundHalfAway,
} from '../domain/money/decimal.ts';
import { safeMinor } from '../domain/money/money.ts';

export interface PostalAddress {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

export interface BankDetails {
  readonly bankName: string | null;
  readonly iban: string | null;
  readonly bic: string | null;
  readonly routingNumber: string | null;
  readonly accountNumber: string | null;
  readonly remitTo: string | null;
}

export interface Seller {
  readonly legalName: string;
  readonly address: PostalAddress;
  readonly taxId: string | null;
  readonly registration: string | null;
  readonly bank: BankDetails;
  readonly email: string | null;
  readonly phone: string | null;
  /** The person whom a customer asks; mails and letters name them. */
  readonly contactName: string | null;
  /** A PNG or JPEG as `data:image/…;base64,…`. */
  readonly logo: string | null;
  /** `#rrggbb`; the paper's one colour. */
  readonly accentColor: string | null;
}

export interface Buyer {
  readonly account: string;
  readonly name: string;
  readonly address: PostalAddress;
  readonly taxId: string | null;
  readonly buyerReference: string | null;
  readonly email: string | null;
  /** Peppol participant as `scheme:identifier`, e.g. `9930:DE123456789`. */
  readonly peppolId: string | null;
}

export type DocumentType = 'invoice' | 'credit_note' | 'late_charge' | 'pro_forma';
export type TaxCategory = 'S' | 'Z' | 'E' | 'AE' | 'K' | 'G' | 'O';
export const TAX_CATEGORIES = ['S', 'Z', 'E', 'AE', 'K', 'G', 'O'] as const;

export interface DocumentLine {
  /** The line's number on this document. */
  readonly line: string;
  readonly subcontract: string | null;
  readonly sku: string | null;
  readonly kind: string | null;
  readonly description: string;
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly unit: string | null;
  readonly discountPercent: string | null;
  readonly netMinor: number;
  readonly taxCategory: TaxCategory;
  /** Percent. */
  readonly taxRate: string;
  /** The month (`YYYY-MM`) this line was due in, where it is billed later than it was due. */
  readonly caughtUp: string | null;
  /** Rule, inputs and arithmetic that made the amount. */
  readonly explanation: string | null;
}

export interface DocumentSubsection {
  readonly subcontract: string | null;
  readonly title: string;
  readonly lines: readonly DocumentLine[];
}

/** One contract's part of a document. */
export interface DocumentSection {
  readonly contract: string | null;
  readonly title: string;
  readonly subsections: readonly DocumentSubsection[];
}

export interface TaxSubtotal {
  readonly category: TaxCategory;
  readonly rate: string;
  readonly baseMinor: number;
  readonly taxMinor: number;
  /** Why no tax is charged; AE, E, K, G and O need one. */
  readonly reason: string | null;
}

/** The tax in the entity's own currency, which EU documents in a foreign currency show too (billing rules §2). */
export interface AccountingTax {
  readonly currency: string;
  readonly taxMinor: number;
  /** Units of `currency` for one unit of the document's currency, as a decimal string. */
  readonly exchangeRate: string;
  readonly rateDate: string;
}

export interface HistoryEntry {
  readonly on: string;
  readonly text: string;
}

/** Invoice, credit note, late charge or pro-forma. Credit notes carry negative amounts, as the books do. */
export interface InvoiceDocument {
  readonly type: DocumentType;
  /** Null for a draft or a pro-forma: those have no number. */
  readonly invoice: string | null;
  readonly seller: Seller;
  readonly buyer: Buyer;
  readonly issueDate: string;
  readonly dueDate: string | null;
  readonly paymentTerms: string | null;
  readonly poNumber: string | null;
  readonly currency: string;
  /** BCP 47 language of the buyer. */
  readonly language: string;
  readonly sections: readonly DocumentSection[];
  readonly taxes: readonly TaxSubtotal[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly accountingTax: AccountingTax | null;
  readonly totalMinor: number;
  readonly paidMinor: number;
  readonly balanceMinor: number;
  /** The number of the invoice that a credit note credits. */
  readonly credits: string | null;
  readonly creditsIssueDate: string | null;
  readonly customFields: readonly { readonly name: string; readonly value: string }[];
  readonly lateChargeClause: string | null;
  /** The signed page where the buyer sees and pays the invoice. */
  readonly payUrl: string | null;
  /** ISO 11649 creditor reference (`RF…`). */
  readonly reference: string | null;
  readonly notes: readonly string[];
  readonly history: readonly HistoryEntry[];
}

export interface StatementEntry {
  readonly on: string;
  readonly document: string;
  readonly description: string;
  readonly dueDate: string | null;
  readonly amountMinor: number;
  readonly balanceMinor: number;
}

export interface OpenItem {
  readonly invoice: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly totalMinor: number;
  readonly openMinor: number;
  readonly daysOverdue: number;
  readonly disputed: boolean;
  readonly contract: string | null;
  /** Late interest and fees to the day of the document. */
  readonly interestMinor: number;
}

export interface AgingBucket {
  readonly label: string;
  readonly amountMinor: number;
}

/** An account's movements and open items as of a date (billing rules §10): one currency. */
export interface StatementDocument {
  readonly seller: Seller;
  readonly buyer: Buyer;
  readonly currency: string;
  readonly language: string;
  readonly from: string;
  readonly asOf: string;
  readonly openingMinor: number;
  readonly entries: readonly StatementEntry[];
  readonly closingMinor: number;
  readonly unappliedMinor: number;
  readonly openItems: readonly OpenItem[];
  readonly aging: readonly AgingBucket[];
  /** Other entities of ours that issued what is still open, each with its documents: they are paid there. */
  readonly otherPayees?: readonly { readonly seller: Seller; readonly documents: string }[];
  readonly campaigns: readonly {
    readonly name: string;
    readonly text: string;
    readonly url: string | null;
  }[];
  readonly payUrl: string | null;
}

/** A reminder on paper, numbered by stage, over all open items of an account. */
export interface ReminderLetter {
  readonly seller: Seller;
  readonly buyer: Buyer;
  readonly currency: string;
  readonly language: string;
  readonly date: string;
  /** 1, 2, … ; the last stage is the final notice. */
  readonly stage: number;
  readonly final: boolean;
  readonly items: readonly OpenItem[];
  readonly feeMinor: number;
  readonly totalMinor: number;
  /** When the next step is taken, and what it is, in words of the buyer's language. */
  readonly nextStep: { readonly on: string; readonly text: string } | null;
  readonly payBy: string;
  readonly reference: string | null;
  readonly payUrl: string | null;
}

export interface RenewalLine {
  readonly subcontract: string;
  readonly sku: string | null;
  readonly description: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly netMinor: number;
  /** The running term's net for the same subcontract; null where it is new. */
  readonly previousNetMinor: number | null;
  readonly change: string | null;
}

/** The agreement for a contract's next term: a pro-forma, no number, no receivable (billing rules §9). */
export interface RenewalAgreement {
  readonly seller: Seller;
  readonly buyer: Buyer;
  readonly contract: string;
  readonly currency: string;
  readonly language: string;
  readonly date: string;
  readonly termStart: string;
  readonly termEnd: string;
  readonly answerBy: string;
  readonly autoRenews: boolean;
  readonly noticeDate: string | null;
  readonly lines: readonly RenewalLine[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly previousNetMinor: number | null;
  readonly priceRule: string;
  readonly changes: readonly string[];
  readonly paymentTerms: string | null;
  readonly poRequired: boolean;
  readonly acceptUrl: string | null;
}

/** A document that may not be shown, because it does not add up or lacks what its form requires. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly faults: readonly DocumentFault[];
  constructor(faults: readonly DocumentFault[]) {
    super(faults.map(({ path, message }) => `${path}: ${message}`).join('\n'));
    this.faults = faults;
  }
}

export interface DocumentFault {
  /** Where in the document, e.g. `sections.0.subsections.1.lines.2.netMinor`. */
  readonly path: string;
  readonly message: string;
}

/** All lines in the order of the document. */
export function linesOf(document: Pick<InvoiceDocument, 'sections'>): DocumentLine[] {
  return document.sections.flatMap((section) =>
    section.subsections.flatMap((subsection) => [...subsection.lines]),
  );
}

/** Sum of integer minor units. */
export function sumMinor(amounts: readonly number[]): number {
  return safeMinor(amounts.reduce((sum, amount) => sum + BigInt(amount), 0n));
}

function percentOf(amountMinor: number, percent: string): number {
  const share: Fraction = multiply(fraction(amountMinor), fraction(percent));
  return safeMinor(roundHalfAway(multiply(share, ratio(1, 100))));
}

/**
 * Tax per (category, rate) on the sum of the lines' nets, rounded once each (billing rules §5, EN 16931 BR-CO-17), in
 * order of first appearance.
 */
export function taxSubtotals(lines: readonly DocumentLine[]): TaxSubtotal[] {
  const groups = new Map<string, DocumentLine[]>();
  for (const line of lines) {
    const key = `${line.taxCategory} ${line.taxRate}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const baseMinor = sumMinor(group.map((line) => line.netMinor));
    const taxMinor = percentOf(baseMinor, first.taxRate);
    return [
      { category: first.taxCategory, rate: first.taxRate, baseMinor, taxMinor, reason: null },
    ];
  });
}

/**
 * What does not add up: Σ lines = net = Σ tax bases, Σ taxes = tax, net + tax = total, total − paid = balance. A renderer
 * refuses a document with faults, since a paper whose figures disagree is worse than none.
 */
export function totalsFaults(document: InvoiceDocument): DocumentFault[] {
  const expect = (path: string, shown: number, sum: number, of: string): DocumentFault[] =>
    shown === sum ? [] : [{ path, message: `is ${shown}, but ${of} is ${sum}` }];
  const { netMinor, taxMinor, totalMinor, taxes } = document;
  const lines = sumMinor(linesOf(document).map((line) => line.netMinor));
  return [
    ...expect('netMinor', netMinor, lines, 'the sum of the lines'),
    ...expect('taxes', sumMinor(taxes.map((tax) => tax.baseMinor)), netMinor, 'netMinor'),
    ...expect('taxMinor', taxMinor, sumMinor(taxes.map((tax) => tax.taxMinor)), 'the sum of taxes'),
    ...expect('totalMinor', totalMinor, sumMinor([netMinor, taxMinor]), 'net plus tax'),
    ...expect(
      'balanceMinor',
      document.balanceMinor,
      sumMinor([totalMinor, -document.paidMinor]),
      'total less paid',
    ),
  ];
}

/** @throws DocumentError with every figure that disagrees. */
export function assertTotals(document: InvoiceDocument): void {
  const faults = totalsFaults(document);
  if (faults.length > 0) throw new DocumentError(faults);
}
