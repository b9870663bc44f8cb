/**
 * `INVOICE.json` at the border: either a whole {@link InvoiceDocument}, or a `doc` as `book preview` prints it, with as
 * much of the document's other fields beside it as the file has. Seller and buyer may be written as in the contract
 * book's tables (`legal_name`, `postal_code`, …) or as in the document (`legalName`, `address: {postalCode}`).
 */
import { z } from 'zod';
import { isCivilDate } from '../domain/dates/dates.ts';
import { isDecimal, normalizeDecimal } from '../domain/money/decimal.ts';
import {
  creditorReference,
  isCreditorReference,
} from '../domain/payment-reference/creditor-reference.ts';
import { explanationText } from './explanation.ts';
import {
  type Buyer,
  DocumentError,
  type DocumentFault,
  type DocumentLine,
  type DocumentSection,
  type InvoiceDocument,
  type Seller,
  sumMinor,
  TAX_CATEGORIES,
  type TaxSubtotal,
  taxSubtotals,
  totalsFaults,
} from './model.ts';

const minor = z.int({ error: 'a whole number of minor units' });
const decimal = z
  .union([z.string(), z.int()], { error: 'a decimal as a string, e.g. "12.5"' })
  .transform(String)
  .refine((value) => isDecimal(value, 12), { error: 'a decimal as a string, e.g. "12.5"' })
  .transform(normalizeDecimal);
const day = z
  .string({ error: 'a date, YYYY-MM-DD' })
  .refine(isCivilDate, { error: 'a date of the calendar, YYYY-MM-DD' });
const text = z.string({ error: 'a text' });
const textOrNull = text.nullish().transform((value) => (value === '' ? null : (value ?? null)));
const dayOrNull = day.nullish().transform((value) => value ?? null);
const category = z.enum(TAX_CATEGORIES, { error: `one of ${TAX_CATEGORIES.join(', ')}` });
const caughtUp = z
  .union([text, z.boolean()])
  .nullish()
  .transform((value) => (value === true ? '' : value === false ? null : (value ?? null)));
/** A text, texts, or the derivation that a preview's line carries. */
const explanation = z
  .union([text, z.array(text), z.looseObject({})], {
    error: 'a text, an array of texts, or a derivation as `book preview` prints it',
  })
  .nullish()
  .transform((value) => {
    if (Array.isArray(value)) return value.join('\n');
    return typeof value === 'string' ? value : explanationText(value);
  });

/** A line under either name of its amount: `net` in a preview, `netMinor` in a document. */
const lineSchema = z
  .object({
    line: z.union([text, z.int()]).nullish(),
    contract: textOrNull,
    subcontract: textOrNull,
    sku: textOrNull,
    kind: textOrNull,
    description: text.nullish(),
    periodStart: dayOrNull,
    periodEnd: dayOrNull,
    quantity: decimal.default('1'),
    unitPrice: decimal.nullish(),
    unit: textOrNull,
    discountPercent: decimal.nullish(),
    net: minor.nullish(),
    netMinor: minor.nullish(),
    taxCategory: category.nullish(),
    taxRate: decimal.nullish(),
    caughtUp,
    explanation,
  })
  .refine((line) => line.net != null || line.netMinor != null, {
    error: 'the net in minor units is missing',
    path: ['net'],
  });
type FileLine = z.output<typeof lineSchema>;

const bankFields = {
  bankName: textOrNull,
  iban: textOrNull,
  bic: textOrNull,
  routingNumber: textOrNull,
  accountNumber: textOrNull,
  remitTo: textOrNull,
};
const addressSchema = z
  .object({
    line1: textOrNull,
    line2: textOrNull,
    city: textOrNull,
    region: textOrNull,
    postalCode: textOrNull,
    country: textOrNull,
  })
  .partial();

/** `legal_name` → `legalName`, `address_line1` → `addressLine1`: a row of the book as code sees it. */
function camelKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(
    ([name, one]) =>
      [name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()), one] as const,
  );
  return Object.fromEntries(entries);
}

const placeFields = {
  addressLine1: textOrNull,
  addressLine2: textOrNull,
  city: textOrNull,
  region: textOrNull,
  postalCode: textOrNull,
  country: textOrNull,
  address: addressSchema.nullish(),
  email: textOrNull,
  taxId: textOrNull,
};
const sellerSchema = z.preprocess(
  camelKeys,
  z.object({
    ...placeFields,
    legalName: textOrNull,
    name: textOrNull,
    entity: textOrNull,
    registration: textOrNull,
    bank: z.object(bankFields).partial().nullish(),
    ...bankFields,
    phone: textOrNull,
    contactName: textOrNull,
    logo: textOrNull,
    accentColor: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/, { error: 'a colour as #rrggbb' })
      .nullish(),
  }),
);
const buyerSchema = z.preprocess(
  camelKeys,
  z.object({
    ...placeFields,
    account: textOrNull,
    name: textOrNull,
    billingEmail: textOrNull,
    buyerReference: textOrNull,
    peppolId: textOrNull,
    language: textOrNull,
  }),
);

/** A row of the tax table under either name of its amounts: `base` and `tax` in a preview. */
const taxSchema = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && 'base' in value && 'tax' in value
      ? { baseMinor: value.base, taxMinor: value.tax, ...value }
      : value,
  z.object({ category, rate: decimal, baseMinor: minor, taxMinor: minor, reason: textOrNull }),
);
const sectionSchema = z.object({
  contract: textOrNull,
  title: text.default(''),
  subsections: z.array(
    z.object({ subcontract: textOrNull, title: text.default(''), lines: z.array(lineSchema) }),
  ),
});

const fileSchema = z.object({
  type: z.enum(['invoice', 'credit_note', 'late_charge', 'pro_forma']).nullish(),
  invoice: textOrNull,
  number: textOrNull,
  contract: z.union([text, z.array(text)]).nullish(),
  account: textOrNull,
  seller: sellerSchema.nullish(),
  entity: z.union([text, sellerSchema]).nullish(),
  buyer: buyerSchema.nullish(),
  issueDate: day,
  dueDate: dayOrNull,
  paymentTerms: textOrNull,
  poNumber: textOrNull,
  currency: z
    .string({ error: 'a currency code' })
    .regex(/^[A-Z]{3}$/, { error: 'an ISO 4217 code, e.g. EUR' }),
  language: textOrNull,
  sections: z.array(sectionSchema).nullish(),
  lines: z.array(lineSchema).nullish(),
  taxes: z.array(taxSchema).nullish(),
  net: minor.nullish(),
  tax: minor.nullish(),
  total: minor.nullish(),
  netMinor: minor.nullish(),
  taxMinor: minor.nullish(),
  totalMinor: minor.nullish(),
  paidMinor: minor.nullish(),
  balanceMinor: minor.nullish(),
  accountingTax: z
    .object({ currency: text, taxMinor: minor, exchangeRate: decimal, rateDate: day })
    .nullish(),
  credits: textOrNull,
  creditsIssueDate: dayOrNull,
  customFields: z
    .union([z.array(z.object({ name: text, value: text })), z.record(text, text)])
    .nullish(),
  lateChargeClause: textOrNull,
  payUrl: z.url({ protocol: /^https?$/, error: 'an http or https address' }).nullish(),
  reference: textOrNull,
  notes: z.union([text, z.array(text)]).nullish(),
  history: z.array(z.object({ on: day, text })).nullish(),
});
type InvoiceFile = z.output<typeof fileSchema>;

function sellerOf(given: z.output<typeof sellerSchema> | null): Seller {
  const address = given?.address ?? {};
  const bank = given?.bank ?? {};
  return {
    legalName: given?.legalName ?? given?.name ?? given?.entity ?? '',
    address: placeOf(given, address),
    taxId: given?.taxId ?? null,
    registration: given?.registration ?? null,
    bank: {
      bankName: bank.bankName ?? given?.bankName ?? null,
      iban: bank.iban ?? given?.iban ?? null,
      bic: bank.bic ?? given?.bic ?? null,
      routingNumber: bank.routingNumber ?? given?.routingNumber ?? null,
      accountNumber: bank.accountNumber ?? given?.accountNumber ?? null,
      remitTo: bank.remitTo ?? given?.remitTo ?? null,
    },
    email: given?.email ?? null,
    phone: given?.phone ?? null,
    contactName: given?.contactName ?? null,
    logo: given?.logo ?? null,
    accentColor: given?.accentColor ?? null,
  };
}

type Place = Partial<
  Record<
    'addressLine1' | 'addressLine2' | 'city' | 'region' | 'postalCode' | 'country',
    string | null
  >
>;
function placeOf(flat: Place | null, nested: z.output<typeof addressSchema>) {
  return {
    line1: nested.line1 ?? flat?.addressLine1 ?? null,
    line2: nested.line2 ?? flat?.addressLine2 ?? null,
    city: nested.city ?? flat?.city ?? null,
    region: nested.region ?? flat?.region ?? null,
    postalCode: nested.postalCode ?? flat?.postalCode ?? null,
    country: (nested.country ?? flat?.country ?? null)?.toUpperCase() ?? null,
  };
}

function buyerOf(file: InvoiceFile): Buyer {
  const { buyer } = file;
  const account = buyer?.account ?? file.account ?? '';
  return {
    account,
    name: buyer?.name ?? account,
    address: placeOf(buyer ?? null, buyer?.address ?? {}),
    taxId: buyer?.taxId ?? null,
    buyerReference: buyer?.buyerReference ?? null,
    email: buyer?.email ?? buyer?.billingEmail ?? null,
    peppolId: buyer?.peppolId ?? null,
  };
}

function lineOf(line: FileLine, position: number): DocumentLine {
  const description = line.description ?? '';
  return {
    line: String(line.line ?? position),
    subcontract: line.subcontract,
    sku: line.sku,
    kind: line.kind,
    description: description === '' ? (line.sku ?? line.subcontract ?? '') : description,
    periodStart: line.periodStart,
    periodEnd: line.periodEnd,
    quantity: line.quantity,
    unitPrice: line.unitPrice ?? '0',
    unit: line.unit,
    discountPercent: line.discountPercent ?? null,
    netMinor: line.netMinor ?? line.net ?? 0,
    taxCategory: line.taxCategory ?? 'S',
    taxRate: line.taxRate ?? '0',
    caughtUp: line.caughtUp,
    explanation: line.explanation,
  };
}

/** Lines in the file's order, under their contract and subcontract. */
function sectionsOf(file: InvoiceFile): DocumentSection[] {
  const single = Array.isArray(file.contract)
    ? file.contract.length === 1
      ? (file.contract[0] ?? null)
      : null
    : (file.contract ?? null);
  const sections = new Map<
    string,
    { contract: string | null; subs: Map<string, DocumentLine[]> }
  >();
  (file.lines ?? []).forEach((given, index) => {
    const contract = given.contract ?? single;
    const section = sections.get(contract ?? '') ?? { contract, subs: new Map() };
    sections.set(contract ?? '', section);
    const made = lineOf(given, index + 1);
    const key = made.subcontract ?? `line ${index}`;
    section.subs.set(key, [...(section.subs.get(key) ?? []), made]);
  });
  return [...sections.values()].map(({ contract, subs }) => ({
    contract,
    title: '',
    subsections: [...subs.values()].map((lines) => ({
      subcontract: lines[0]?.subcontract ?? null,
      title: lines[0]?.description ?? '',
      lines,
    })),
  }));
}

function givenSections(file: InvoiceFile): DocumentSection[] | null {
  let position = 0;
  const sections = file.sections?.map((section) => ({
    contract: section.contract,
    title: section.title,
    subsections: section.subsections.map((sub) => {
      const lines = sub.lines.map((line) => {
        position += 1;
        return lineOf(line, position);
      });
      return {
        subcontract: sub.subcontract,
        title: sub.title || (lines[0]?.description ?? ''),
        lines,
      };
    }),
  }));
  return sections ?? null;
}

/**
 * Tax per category and rate. Where the file gives only the sum, and it differs by a few minor units from what the rates
 * give (taxes rounded document by document: credit notes, prices with tax inside), the largest base takes the difference.
 */
function taxesOf(file: InvoiceFile, lines: readonly DocumentLine[]): TaxSubtotal[] {
  if (file.taxes != null) return file.taxes;
  const taxes = taxSubtotals(lines);
  const given = file.tax ?? file.taxMinor ?? null;
  if (given === null) return taxes;
  const difference = sumMinor([given, ...taxes.map(({ taxMinor }) => -taxMinor)]);
  if (difference === 0 || Math.abs(difference) > lines.length) return taxes;
  const bases = taxes.map(({ baseMinor, rate }) => (rate === '0' ? -1 : Math.abs(baseMinor)));
  const largest = bases.indexOf(Math.max(...bases));
  return taxes.map((tax, index) =>
    index === largest ? { ...tax, taxMinor: sumMinor([tax.taxMinor, difference]) } : tax,
  );
}

function pick<T>(first: T | null | undefined, second: T | null | undefined, fallback: T): T {
  return first ?? second ?? fallback;
}

function documentOf(file: InvoiceFile): InvoiceDocument {
  const sections = givenSections(file) ?? sectionsOf(file);
  const lines = sections.flatMap(({ subsections }) => subsections.flatMap((sub) => [...sub.lines]));
  const taxes = taxesOf(file, lines);
  const netMinor = pick(file.netMinor, file.net, sumMinor(lines.map((line) => line.netMinor)));
  const taxMinor = pick(file.taxMinor, file.tax, sumMinor(taxes.map((tax) => tax.taxMinor)));
  const totalMinor = pick(file.totalMinor, file.total, sumMinor([netMinor, taxMinor]));
  const paidMinor = file.paidMinor ?? sumMinor([totalMinor, -(file.balanceMinor ?? totalMinor)]);
  const invoice = file.invoice ?? file.number;
  const custom = file.customFields ?? [];
  const entity = typeof file.entity === 'object' ? file.entity : null;
  return {
    type: file.type ?? (totalMinor < 0 ? 'credit_note' : 'invoice'),
    invoice,
    seller: sellerOf(file.seller ?? entity),
    buyer: buyerOf(file),
    issueDate: file.issueDate,
    dueDate: file.dueDate,
    paymentTerms: file.paymentTerms,
    poNumber: file.poNumber,
    currency: file.currency,
    language: file.language ?? file.buyer?.language ?? 'en',
    sections,
    taxes,
    netMinor,
    taxMinor,
    accountingTax: file.accountingTax ?? null,
    totalMinor,
    paidMinor,
    balanceMinor: file.balanceMinor ?? sumMinor([totalMinor, -paidMinor]),
    credits: file.credits,
    creditsIssueDate: file.creditsIssueDate,
    customFields: Array.isArray(custom)
      ? custom
      : Object.entries(custom).map(([name, value]) => ({ name, value })),
    lateChargeClause: file.lateChargeClause,
    payUrl: file.payUrl ?? null,
    reference: file.reference ?? (invoice === null ? null : creditorReference(invoice)),
    notes: typeof file.notes === 'string' ? [file.notes] : (file.notes ?? []),
    history: file.history ?? [],
  };
}

const PREVIEW_NAMES: Readonly<Record<string, string>> = {
  netMinor: 'net',
  taxMinor: 'tax',
  totalMinor: 'total',
};

/** Faults of what the file says about itself: dates and references that cannot be, figures that do not add up. */
function contentFaults(file: InvoiceFile, document: InvoiceDocument): DocumentFault[] {
  const named = (path: string) =>
    file.total != null && path in PREVIEW_NAMES ? (PREVIEW_NAMES[path] ?? path) : path;
  const lines =
    file.lines == null && file.sections == null
      ? [{ path: 'lines', message: 'missing: an array of lines' }]
      : [];
  const { reference } = document;
  const isBroken = reference?.startsWith('RF') === true && !isCreditorReference(reference);
  return [
    ...lines,
    ...totalsFaults(document).map(({ path, message }) => ({ path: named(path), message })),
    ...(isBroken ? [{ path: 'reference', message: 'its check digits are wrong (ISO 11649)' }] : []),
  ];
}

/**
 * Reads the JSON of an invoice file.
 * @throws DocumentError with every fault and its path.
 */
export function readInvoiceFile(json: unknown): InvoiceDocument {
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => ({
      path: path.length === 0 ? 'invoice file' : path.join('.'),
      message,
    }));
    throw new DocumentError(faults);
  }
  const document = documentOf(parsed.data);
  const faults = contentFaults(parsed.data, document);
  if (faults.length > 0) throw new DocumentError(faults);
  return document;
}
