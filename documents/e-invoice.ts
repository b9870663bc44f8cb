/**
 * E-invoices after EN 16931: UBL, CII, and Factur-X (the PDF with its CII inside). The mapping is ours and pure; writing
 * the XML is @e-invoice-eu/core's. Rule numbers (BR-…) are those of EN 16931-1 and its schematron.
 */
import { InvoiceService } from '@e-invoice-eu/core';
import {
  fraction,
  isZero,
  multiply,
  negate,
  shifted,
  signOf,
  toDecimal,
  wholeOf,
} from '../domain/money/decimal.ts';
import { exponentOf, formatMinor, toMinor } from '../domain/money/money.ts';
import { formatterOf } from './format.ts';
import {
  assertTotals,
  type Buyer,
  DocumentError,
  type DocumentFault,
  type DocumentLine,
  type InvoiceDocument,
  linesOf,
  type PostalAddress,
  type Seller,
  sumMinor,
  type TaxCategory,
  type TaxSubtotal,
} from './model.ts';
import { taxReason, wordingOf } from './wording.ts';

export type EInvoiceFormat = 'ubl' | 'cii';

/** The library's input: UBL in JSON, elements under their prefixed names, amounts as strings. */
interface Node {
  readonly [element: string]: string | Node | readonly Node[] | readonly string[];
}
type LibraryInvoice = Parameters<InstanceType<typeof InvoiceService>['generate']>[0];

type Content = string | Draft | readonly Node[] | readonly string[] | null | undefined;
interface Draft {
  readonly [element: string]: Content;
}

/** Drops what is absent: e-invoices have no empty elements (PEPPOL-R008). */
function node(draft: Draft): Node {
  const given: Record<string, Node[string]> = {};
  for (const [name, value] of Object.entries(draft)) {
    const content = present(value);
    if (content !== null) given[name] = content;
  }
  return given;
}

function present(value: Content): Node[string] | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return value;
  if (isList(value)) return value.length === 0 ? null : value;
  const inner = node(value);
  return Object.keys(inner).length === 0 ? null : inner;
}

const isList = (value: object): value is readonly Node[] | readonly string[] =>
  Array.isArray(value);

const isEuVatId = (taxId: string) =>
  /^(?:[A-Z]{2})[0-9A-Z+*.]{2,13}$/.test(taxId.replace(/[\s.-]/g, ''));
const compact = (value: string) => value.replace(/[\s.-]/g, '');

function fault(path: string, message: string): DocumentFault {
  return { path, message };
}

/** What EN 16931 asks of every document and this one lacks; the paths are those of the document. */
export function eInvoiceFaults(document: InvoiceDocument): DocumentFault[] {
  const { seller, buyer, type, currency } = document;
  const missing = (value: string | null, path: string, what: string) =>
    value === null || value === '' ? [fault(path, `${what}`)] : [];
  const categories = new Set(document.taxes.map(({ category }) => category));
  const taxed = categories.has('S') || categories.has('Z') || categories.has('E');
  const crossBorder = categories.has('AE') || categories.has('K');
  const isVat = (taxId: string | null) => taxId !== null && isEuVatId(taxId);
  const finer = exponentOf(currency) > 2 && amountsOf(document).some((minor) => minor % 10 !== 0);
  return [
    ...(type === 'pro_forma'
      ? [fault('type', 'a pro-forma is not an invoice and has no e-invoice')]
      : []),
    ...missing(document.invoice, 'invoice', 'an e-invoice needs a number (BR-02)'),
    ...missing(
      seller.legalName,
      'seller.legalName',
      "an e-invoice needs the seller's name (BR-06)",
    ),
    ...missing(
      seller.address.country,
      'seller.address.country',
      "an e-invoice needs the seller's country (BR-09)",
    ),
    ...missing(buyer.name, 'buyer.name', "an e-invoice needs the buyer's name (BR-07)"),
    ...missing(
      buyer.address.country,
      'buyer.address.country',
      "an e-invoice needs the buyer's country (BR-11)",
    ),
    ...(taxed || categories.has('G')
      ? missing(
          seller.taxId,
          'seller.taxId',
          'the tax category needs a tax id of the seller (BR-S-02, BR-Z-02, BR-E-02, BR-G-02)',
        )
      : []),
    ...(crossBorder && !isVat(seller.taxId)
      ? [
          fault(
            'seller.taxId',
            'reverse charge and intra-community supply need a VAT id (BR-AE-02, BR-IC-02)',
          ),
        ]
      : []),
    ...(crossBorder && !isVat(buyer.taxId)
      ? [
          fault(
            'buyer.taxId',
            'reverse charge and intra-community supply need a VAT id (BR-AE-02, BR-IC-02)',
          ),
        ]
      : []),
    ...(categories.has('O') && categories.size > 1
      ? [fault('taxes', 'category O stands alone on an e-invoice (BR-O-11)')]
      : []),
    ...(linesOf(document).length === 0
      ? [fault('sections', 'an e-invoice needs a line (BR-16)')]
      : []),
    ...(finer
      ? [
          fault(
            'currency',
            `EN 16931 has two decimals at most, and these amounts in ${currency} need more (BR-DEC)`,
          ),
        ]
      : []),
  ];
}

function amountsOf(document: InvoiceDocument): number[] {
  const { netMinor, taxMinor, totalMinor, balanceMinor, taxes } = document;
  return [
    netMinor,
    taxMinor,
    totalMinor,
    balanceMinor,
    ...linesOf(document).map((line) => line.netMinor),
    ...taxes.flatMap((tax) => [tax.baseMinor, tax.taxMinor]),
  ];
}

/** Everything the mapping of one document needs; credit notes state what they credit, so their signs turn. */
interface Mapping {
  readonly document: InvoiceDocument;
  readonly sign: 1 | -1;
  readonly amount: (minor: number) => string;
}

function mappingOf(document: InvoiceDocument): Mapping {
  const sign = document.type === 'credit_note' ? -1 : 1;
  const { currency } = document;
  const amount = (minor: number) => {
    const major = formatMinor(sign * minor === 0 ? 0 : sign * minor, currency);
    return exponentOf(currency) > 2
      ? major.slice(0, major.length - (exponentOf(currency) - 2))
      : major;
  };
  return { document, sign, amount };
}

/** EN 16931 has a standard rate only above zero (BR-S-05): a standard rate of zero is category Z. */
function categoryOf(category: TaxCategory, rate: string): TaxCategory {
  return category === 'S' && isZero(fraction(rate)) ? 'Z' : category;
}

function taxCategory(category: TaxCategory, rate: string): Draft {
  const id = categoryOf(category, rate);
  const percent = id === 'O' ? null : id === 'S' ? toDecimal(fraction(rate)) : '0';
  return { 'cbc:ID': id, 'cbc:Percent': percent, 'cac:TaxScheme': { 'cbc:ID': 'VAT' } };
}

const REASON_CODES: Readonly<Partial<Record<TaxCategory, string>>> = {
  AE: 'VATEX-EU-AE',
  K: 'VATEX-EU-IC',
  G: 'VATEX-EU-G',
  O: 'VATEX-EU-O',
};

/** One breakdown per category and rate (BR-CO-18), those that fall together merged. */
function taxTotal({ document, amount }: Mapping): Node[] {
  const { currency, taxes, accountingTax } = document;
  const groups = new Map<string, TaxSubtotal>();
  for (const tax of taxes) {
    const category = categoryOf(tax.category, tax.rate);
    const rate = toDecimal(fraction(tax.rate));
    const key = `${category} ${rate}`;
    const same = groups.get(key);
    groups.set(key, {
      category,
      rate,
      baseMinor: sumMinor([same?.baseMinor ?? 0, tax.baseMinor]),
      taxMinor: sumMinor([same?.taxMinor ?? 0, tax.taxMinor]),
      reason: same?.reason ?? tax.reason,
    });
  }
  const words = wordingOf(formatterOf(document.language).language);
  const subtotals = [...groups.values()].map((tax) =>
    node({
      'cbc:TaxableAmount': amount(tax.baseMinor),
      'cbc:TaxableAmount@currencyID': currency,
      'cbc:TaxAmount': amount(tax.taxMinor),
      'cbc:TaxAmount@currencyID': currency,
      'cac:TaxCategory': {
        ...taxCategory(tax.category, tax.rate),
        ...(tax.category === 'S' || tax.category === 'Z'
          ? {}
          : {
              'cbc:TaxExemptionReasonCode': REASON_CODES[tax.category],
              'cbc:TaxExemptionReason': taxReason(tax, words),
            }),
      },
    }),
  );
  const total = node({
    'cbc:TaxAmount': amount(document.taxMinor),
    'cbc:TaxAmount@currencyID': currency,
    'cac:TaxSubtotal': subtotals,
  });
  if (accountingTax === null || accountingTax.currency === currency) return [total];
  const own = mappingOf({ ...document, currency: accountingTax.currency });
  return [
    total,
    node({
      'cbc:TaxAmount': own.amount(accountingTax.taxMinor),
      'cbc:TaxAmount@currencyID': accountingTax.currency,
    }),
  ];
}

function postalAddress(address: PostalAddress): Draft {
  return {
    'cbc:StreetName': address.line1,
    'cbc:AdditionalStreetName': address.line2,
    'cbc:CityName': address.city,
    'cbc:PostalZone': address.postalCode,
    'cbc:CountrySubentity': address.region,
    'cac:Country': { 'cbc:IdentificationCode': address.country },
  };
}

/** A VAT id where there is one, else the national tax number; neither beside category O (BR-O-02). */
function taxSchemes(taxId: string | null, outOfScope: boolean): Node[] {
  if (taxId === null || taxId === '') return [];
  const isVat = isEuVatId(taxId);
  if (isVat && outOfScope) return [];
  const id = isVat ? compact(taxId) : taxId;
  return [node({ 'cbc:CompanyID': id, 'cac:TaxScheme': { 'cbc:ID': isVat ? 'VAT' : 'FC' } })];
}

/** Electronic address schemes (EAS) of VAT ids, by the id's country prefix. */
const VAT_SCHEMES: Readonly<Record<string, string>> = {
  AT: '9914', BE: '9925', BG: '9926', CY: '9928', CZ: '9929', DE: '9930', EE: '9931', EL: '9933', ES: '9920',
  FR: '9957', GB: '9932', HR: '9934', HU: '9910', IE: '9935', IT: '0211', LT: '9937', LU: '9938', LV: '9939',
  MT: '9943', NL: '9944', PL: '9945', PT: '9946', RO: '9947', SI: '9949', SK: '9950',
}; // biome-ignore format: a table reads better in rows

/** Where the party receives documents: its Peppol id, its mail address, or its VAT id; null without any of them. */
function endpoint(
  peppolId: string | null,
  email: string | null,
  taxId: string | null,
): { scheme: string; id: string } | null {
  const split = peppolId?.match(/^(\d{4}):(.+)$/);
  if (split?.[1] !== undefined && split[2] !== undefined) return { scheme: split[1], id: split[2] };
  if (email !== null) return { scheme: 'EM', id: email };
  const scheme = VAT_SCHEMES[taxId?.slice(0, 2) ?? ''];
  return taxId === null || scheme === undefined ? null : { scheme, id: compact(taxId) };
}

function endpointElements(found: ReturnType<typeof endpoint>): Draft {
  return { 'cbc:EndpointID': found?.id, 'cbc:EndpointID@schemeID': found?.scheme };
}

/** UBL as exchanged over Peppol names where both parties receive documents. */
function addressFaults({ seller, buyer }: InvoiceDocument): DocumentFault[] {
  const what = 'UBL needs an electronic address: give email, peppolId or a VAT id';
  return [
    ...(endpoint(null, seller.email, seller.taxId) === null ? [fault('seller.email', what)] : []),
    ...(endpoint(buyer.peppolId, buyer.email, buyer.taxId) === null
      ? [fault('buyer.email', what)]
      : []),
  ];
}

function supplier(seller: Seller, outOfScope: boolean): Draft {
  // Without a VAT id the seller is identified by its registration or, failing that, its tax number (BR-CO-26).
  const legalId = seller.registration ?? seller.taxId;
  return {
    ...endpointElements(endpoint(null, seller.email, seller.taxId)),
    'cac:PartyName': { 'cbc:Name': seller.legalName },
    'cac:PostalAddress': postalAddress(seller.address),
    'cac:PartyTaxScheme': taxSchemes(seller.taxId, outOfScope),
    'cac:PartyLegalEntity': {
      'cbc:RegistrationName': seller.legalName,
      'cbc:CompanyID': legalId ?? seller.legalName,
    },
    'cac:Contact': {
      'cbc:Name': seller.contactName,
      'cbc:Telephone': seller.phone,
      'cbc:ElectronicMail': seller.email,
    },
  };
}

function customer(buyer: Buyer, outOfScope: boolean): Draft {
  const vat = taxSchemes(buyer.taxId, outOfScope).find(() => isEuVatId(buyer.taxId ?? ''));
  return {
    ...endpointElements(endpoint(buyer.peppolId, buyer.email, buyer.taxId)),
    'cac:PartyIdentification': { 'cbc:ID': buyer.account },
    'cac:PartyName': { 'cbc:Name': buyer.name },
    'cac:PostalAddress': postalAddress(buyer.address),
    ...(vat === undefined ? {} : { 'cac:PartyTaxScheme': vat as Draft }),
    'cac:PartyLegalEntity': { 'cbc:RegistrationName': buyer.name },
    'cac:Contact': { 'cbc:ElectronicMail': buyer.email },
  };
}

function paymentMeans(document: InvoiceDocument): Node[] {
  const { bank, legalName } = document.seller;
  const account = bank.iban === null ? bank.accountNumber : compact(bank.iban);
  const branch = bank.iban === null ? bank.routingNumber : bank.bic;
  const code =
    account === null ? '1' : document.currency === 'EUR' && bank.iban !== null ? '58' : '30';
  if (document.type === 'credit_note') return [];
  return [
    node({
      'cbc:PaymentMeansCode': code,
      'cbc:PaymentID': document.reference ?? document.invoice,
      ...(account === null
        ? {}
        : {
            'cac:PayeeFinancialAccount': {
              'cbc:ID': account,
              'cbc:Name': legalName,
              'cac:FinancialInstitutionBranch': { 'cbc:ID': branch },
            },
          }),
    }),
  ];
}

/** Units as people write them → UN/ECE Recommendation 20; anything else is one piece (C62). */
const UNIT_CODES: Readonly<Record<string, string>> = {
  hour: 'HUR', hours: 'HUR', h: 'HUR', stunde: 'HUR', stunden: 'HUR', day: 'DAY', days: 'DAY', tag: 'DAY',
  month: 'MON', months: 'MON', monat: 'MON', year: 'ANN', years: 'ANN', jahr: 'ANN', kg: 'KGM', gb: 'E34',
  piece: 'H87', pieces: 'H87', stück: 'H87',
}; // biome-ignore format: a table reads better in rows

/**
 * A line's price so that quantity × price / base quantity is its net to the cent (PEPPOL-R120), and never negative
 * (BR-27): proration and discounts are in the price. Where the plain unit price gives the net, that is the price; else the
 * whole net is the price of the whole quantity.
 */
export function linePrice(
  line: Pick<DocumentLine, 'quantity' | 'unitPrice' | 'netMinor'>,
  currency: string,
): { quantity: string; price: string; baseQuantity: string | null } {
  const quantity = fraction(line.quantity);
  const unit = fraction(line.unitPrice);
  const plain = toMinor(multiply(quantity, unit), currency);
  const exact = multiply(quantity, unit);
  const places = wholeOf(shifted(exact, exponentOf(currency))) !== null;
  if (signOf(unit) >= 0 && plain === line.netMinor && places)
    return { quantity: toDecimal(quantity), price: toDecimal(unit), baseQuantity: null };
  const magnitude = isZero(quantity)
    ? fraction(1)
    : signOf(quantity) < 0
      ? negate(quantity)
      : quantity;
  const base = toDecimal(magnitude);
  const price = formatMinor(Math.abs(line.netMinor), currency);
  return {
    quantity: line.netMinor < 0 ? `-${base}` : base,
    price,
    baseQuantity: base === '1' ? null : base,
  };
}

function invoiceLine(line: DocumentLine, { document, sign, amount }: Mapping): Node {
  const { currency } = document;
  const netMinor = line.netMinor === 0 ? 0 : sign * line.netMinor;
  const turned = sign === -1 ? { ...line, netMinor, quantity: negated(line.quantity) } : line;
  const { quantity, price, baseQuantity } = linePrice(turned, currency);
  const unit = UNIT_CODES[line.unit?.toLowerCase() ?? ''] ?? 'C62';
  const property = (name: string, value: string | null) =>
    value === null || value === '' ? [] : [node({ 'cbc:Name': name, 'cbc:Value': value })];
  const [name = ''] = line.description.split('\n');
  return node({
    'cbc:ID': line.line,
    'cbc:InvoicedQuantity': quantity,
    'cbc:InvoicedQuantity@unitCode': unit,
    'cbc:LineExtensionAmount': amount(line.netMinor),
    'cbc:LineExtensionAmount@currencyID': currency,
    'cac:InvoicePeriod': { 'cbc:StartDate': line.periodStart, 'cbc:EndDate': line.periodEnd },
    'cac:Item': {
      'cbc:Description': name === line.description ? null : line.description.replace(/\s+/g, ' '),
      'cbc:Name': name.trim() === '' ? (line.sku ?? line.line) : name.trim(),
      'cac:SellersItemIdentification': { 'cbc:ID': line.sku },
      'cac:ClassifiedTaxCategory': taxCategory(line.taxCategory, line.taxRate),
      'cac:AdditionalItemProperty': property('Subcontract', line.subcontract),
    },
    'cac:Price': {
      'cbc:PriceAmount': price,
      'cbc:PriceAmount@currencyID': currency,
      ...(baseQuantity === null
        ? {}
        : { 'cbc:BaseQuantity': baseQuantity, 'cbc:BaseQuantity@unitCode': unit }),
    },
  });
}

function negated(decimal: string): string {
  return toDecimal(negate(fraction(decimal)));
}

function terms(document: InvoiceDocument): Draft {
  const words = wordingOf(formatterOf(document.language).language);
  const { credits, paymentTerms, lateChargeClause, dueDate } = document;
  const crediting = credits === null ? words.amountCredited : words.credits(credits, null);
  const text = document.type === 'credit_note' ? crediting : paymentTerms;
  const fallback = dueDate === null ? words.howToPay : words.dueBy(dueDate);
  return {
    'cbc:Note': [text ?? fallback, lateChargeClause].filter((part) => part !== null).join(' '),
  };
}

/** The document as UBL in JSON, as the library reads it. */
function libraryInvoice(document: InvoiceDocument): LibraryInvoice {
  const mapping = mappingOf(document);
  const { amount } = mapping;
  const { currency, type } = document;
  const lines = linesOf(document);
  const outOfScope = document.taxes.some(({ category }) => category === 'O');
  const isCommunity = document.taxes.some(({ category }) => category === 'K');
  const starts = lines.flatMap(({ periodStart }) => periodStart ?? []).sort();
  const ends = lines.flatMap(({ periodEnd }) => periodEnd ?? []).sort();
  const contracts = [...new Set(document.sections.flatMap(({ contract }) => contract ?? []))];
  const money = (name: string, minor: number): Draft => ({
    [`cbc:${name}`]: amount(minor),
    [`cbc:${name}@currencyID`]: currency,
  });
  const invoice = node({
    'cbc:CustomizationID': 'urn:cen.eu:en16931:2017',
    'cbc:ID': document.invoice,
    'cbc:IssueDate': document.issueDate,
    'cbc:DueDate': type === 'credit_note' ? null : document.dueDate,
    'cbc:InvoiceTypeCode': type === 'credit_note' ? '381' : '380',
    'cbc:Note': document.notes.length === 0 ? [] : [document.notes.join(' ')],
    'cbc:DocumentCurrencyCode': currency,
    'cbc:TaxCurrencyCode':
      document.accountingTax !== null && document.accountingTax.currency !== currency
        ? document.accountingTax.currency
        : null,
    'cbc:BuyerReference': document.buyer.buyerReference,
    'cac:InvoicePeriod': { 'cbc:StartDate': starts[0], 'cbc:EndDate': ends.at(-1) },
    'cac:OrderReference': { 'cbc:ID': document.poNumber },
    'cac:BillingReference':
      document.credits === null
        ? []
        : [
            node({
              'cac:InvoiceDocumentReference': {
                'cbc:ID': document.credits,
                'cbc:IssueDate': document.creditsIssueDate,
              },
            }),
          ],
    'cac:ContractDocumentReference': { 'cbc:ID': contracts.length === 1 ? contracts[0] : null },
    'cac:AccountingSupplierParty': { 'cac:Party': supplier(document.seller, outOfScope) },
    'cac:AccountingCustomerParty': { 'cac:Party': customer(document.buyer, outOfScope) },
    // Without it the CII lacks its delivery group and fails the schema.
    'cac:Delivery': {
      'cbc:ActualDeliveryDate': starts[0] ?? document.issueDate,
      ...(isCommunity
        ? { 'cac:DeliveryLocation': { 'cac:Address': postalAddress(document.buyer.address) } }
        : {}),
    },
    'cac:PaymentMeans': paymentMeans(document),
    'cac:PaymentTerms': terms(document),
    'cac:TaxTotal': taxTotal(mapping),
    'cac:LegalMonetaryTotal': {
      ...money('LineExtensionAmount', document.netMinor),
      ...money('TaxExclusiveAmount', document.netMinor),
      ...money('TaxInclusiveAmount', document.totalMinor),
      ...(document.paidMinor === 0 ? {} : money('PrepaidAmount', document.paidMinor)),
      ...money('PayableAmount', document.balanceMinor),
    },
    'cac:InvoiceLine': lines.map((line) => invoiceLine(line, mapping)),
  });
  // The library checks this against its own JSON schema before it writes anything.
  return { 'ubl:Invoice': invoice } as unknown as LibraryInvoice;
}

const quiet = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** The library reports schema violations as one error with a list; they are said as faults of the document. */
function schemaFaults(error: unknown): DocumentError | null {
  if (!(error instanceof Error) || !('errors' in error) || !Array.isArray(error.errors))
    return null;
  const faults = error.errors.map((one: unknown) => {
    const { instancePath = '', message = '' } = one as { instancePath?: string; message?: string };
    return fault(instancePath || 'document', message);
  });
  return new DocumentError(faults.length === 0 ? [fault('document', error.message)] : faults);
}

async function generate(document: InvoiceDocument, format: string, pdf: Buffer | null) {
  const faults = [
    ...eInvoiceFaults(document),
    ...(format === 'UBL' ? addressFaults(document) : []),
  ];
  if (faults.length > 0) throw new DocumentError(faults);
  assertTotals(document);
  const lang = formatterOf(document.language).language;
  const file = {
    buffer: pdf ?? new Uint8Array(),
    filename: 'invoice.pdf',
    mimetype: 'application/pdf',
  };
  try {
    return await new InvoiceService(quiet).generate(libraryInvoice(document), {
      format,
      lang,
      noWarnings: true,
      ...(pdf === null ? {} : { pdf: file }),
    });
  } catch (error) {
    throw schemaFaults(error) ?? error;
  }
}

/**
 * The document as an XML e-invoice.
 * @throws DocumentError with what EN 16931 asks for and the document lacks.
 */
export async function eInvoice(document: InvoiceDocument, format: EInvoiceFormat): Promise<string> {
  const xml = await generate(document, format === 'ubl' ? 'UBL' : 'CII', null);
  return typeof xml === 'string' ? xml : Buffer.from(xml).toString('utf8');
}

/**
 * The invoice's PDF (PDF/A-3b) with its CII inside, profile EN 16931.
 * @throws DocumentError as {@link eInvoice}.
 */
export async function facturX(document: InvoiceDocument, pdf: Buffer): Promise<Buffer> {
  const hybrid = await generate(document, 'Factur-X-EN16931', pdf);
  return Buffer.from(hybrid);
}
