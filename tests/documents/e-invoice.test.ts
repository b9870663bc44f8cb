import { XMLParser } from 'fast-xml-parser';
import { extractText, getDocumentProxy } from 'unpdf';
import { describe, expect, it } from 'vitest';
import { eInvoice, eInvoiceFaults, facturX, linePrice } from '../../documents/e-invoice.ts';
import { withStandIns } from '../../documents/e-invoice-draft.ts';
import { readInvoiceFile } from '../../documents/invoice-file.ts';
import { DocumentError, type InvoiceDocument } from '../../documents/model.ts';
import { invoicePaper } from '../../documents/pdf/invoice-paper.ts';
import { printPaper } from '../../documents/pdf/print.ts';
import { fraction, multiply, ratio } from '../../domain/money/decimal.ts';
import { toMinor } from '../../domain/money/money.ts';
import { BUYER, invoiceOf, line, longInvoice, PREVIEW_DOCUMENT } from './samples.ts';

// The layout engine and the XML writer load for seconds on a busy machine.

interface Element {
  [name: string]: Element & Element[] & string;
}
const parser = new XMLParser({
  removeNSPrefix: true,
  parseTagValue: false,
  ignoreAttributes: true,
  isArray: (name) =>
    [
      'InvoiceLine',
      'CreditNoteLine',
      'TaxSubtotal',
      'TaxTotal',
      'IncludedSupplyChainTradeLineItem',
    ].includes(name),
});
async function ubl(document: InvoiceDocument): Promise<Element> {
  const xml = parser.parse(await eInvoice(document, 'ubl')) as Element;
  return (xml.Invoice ?? xml.CreditNote) as Element;
}
const cents = (major: string) => toMinor(fraction(major), 'EUR');

describe('UBL', () => {
  it('carries the totals of the document, and sums that agree (BR-CO-10, 13, 14, 15, 16)', async () => {
    const document = longInvoice({ paidMinor: 100000 });
    const xml = await ubl(document);
    const total = xml.LegalMonetaryTotal as Element;
    const lines = xml.InvoiceLine as Element[];
    expect(lines).toHaveLength(50);
    const sum = lines.reduce((all, one) => all + cents(one.LineExtensionAmount as string), 0);
    expect(sum).toBe(document.netMinor);
    expect(cents(total.TaxExclusiveAmount as string)).toBe(document.netMinor);
    expect(cents(total.TaxInclusiveAmount as string)).toBe(document.totalMinor);
    expect(cents(total.PrepaidAmount as string)).toBe(100000);
    expect(cents(total.PayableAmount as string)).toBe(document.balanceMinor);
    const [tax] = xml.TaxTotal as Element[];
    const subtotals = tax?.TaxSubtotal as Element[];
    expect(
      subtotals.map((one) => [
        (one.TaxCategory as Element).ID,
        (one.TaxCategory as Element).Percent,
      ]),
    ).toEqual([
      ['S', '19'],
      ['S', '7'],
    ]);
    expect(subtotals.reduce((all, one) => all + cents(one.TaxAmount as string), 0)).toBe(
      document.taxMinor,
    );
  });

  it('prices every line so that quantity × price is its net (PEPPOL-R120), never below zero (BR-27)', async () => {
    const xml = await ubl(longInvoice());
    for (const one of xml.InvoiceLine as Element[]) {
      const price = one.Price as Element;
      const quantity = multiply(
        fraction(one.InvoicedQuantity as string),
        fraction(price.PriceAmount as string),
      );
      const base = fraction((price.BaseQuantity as string | undefined) ?? '1');
      const net = multiply(quantity, ratio(base.den, base.num));
      expect(toMinor(net, 'EUR')).toBe(cents(one.LineExtensionAmount as string));
      expect((price.PriceAmount as string).startsWith('-')).toBe(false);
    }
  });

  it('turns the signs of a credit note and names what it credits (BR-55)', async () => {
    const lines = [
      line(1, { quantity: '-2', netMinor: -24000 }),
      line(2, { quantity: '1', unitPrice: '10', netMinor: 1000 }),
    ];
    const xml = await ubl(
      invoiceOf(
        { C: lines },
        { type: 'credit_note', invoice: 'CN-1', credits: 'INV-9', creditsIssueDate: '2026-10-15' },
      ),
    );
    expect(xml.CreditNoteTypeCode).toBe('381');
    expect(((xml.BillingReference as Element).InvoiceDocumentReference as Element).ID).toBe(
      'INV-9',
    );
    const [first, second] = xml.CreditNoteLine as Element[];
    expect([first?.CreditedQuantity, first?.LineExtensionAmount]).toEqual(['2', '240.00']);
    expect([second?.CreditedQuantity, second?.LineExtensionAmount]).toEqual(['-1', '-10.00']);
    expect((xml.LegalMonetaryTotal as Element).PayableAmount).toBe('273.70');
  });

  it('states reverse charge with its code and both VAT ids', async () => {
    const buyer = { ...BUYER, taxId: 'ATU12345678' };
    const xml = await ubl(
      invoiceOf({ C: [line(1, { taxCategory: 'AE', taxRate: '0' })] }, { buyer }),
    );
    const [tax] = xml.TaxTotal as Element[];
    const subtotal = tax?.TaxSubtotal?.[0];
    const category = subtotal?.TaxCategory as Element;
    expect([category.ID, category.Percent, category.TaxExemptionReasonCode]).toEqual([
      'AE',
      '0',
      'VATEX-EU-AE',
    ]);
    const party = (xml.AccountingCustomerParty as Element).Party as Element;
    expect((party.PartyTaxScheme as Element).CompanyID).toBe('ATU12345678');
  });

  it('takes a standard rate of zero as zero rate, merged with it (BR-S-05)', async () => {
    const lines = [line(1, { taxRate: '0' }), line(2, { taxCategory: 'Z', taxRate: '0' })];
    const [tax] = (await ubl(invoiceOf({ C: lines }))).TaxTotal as Element[];
    const subtotals = tax?.TaxSubtotal as Element[];
    expect(subtotals.map((one) => [(one.TaxCategory as Element).ID, one.TaxableAmount])).toEqual([
      ['Z', '2400.00'],
    ]);
  });

  it('leaves VAT ids away outside the scope of tax (BR-O-02)', async () => {
    const late = invoiceOf(
      { C: [line(1, { taxCategory: 'O', taxRate: '0' })] },
      { type: 'late_charge' },
    );
    const xml = await ubl(late);
    const seller = (xml.AccountingSupplierParty as Element).Party as Element;
    expect(seller.PartyTaxScheme).toBeUndefined();
    const [item] = xml.InvoiceLine as Element[];
    expect(item?.Item?.ClassifiedTaxCategory?.ID).toBe('O');
    expect(item?.Item?.ClassifiedTaxCategory?.Percent).toBeUndefined();
  });

  it('refuses what the standard cannot carry, with paths', async () => {
    const bare = invoiceOf({ C: [line(1)] });
    const nameless = { ...bare, seller: { ...bare.seller, legalName: '', taxId: null } };
    expect(eInvoiceFaults(nameless).map(({ path }) => path)).toEqual([
      'seller.legalName',
      'seller.taxId',
    ]);
    await expect(eInvoice(nameless, 'cii')).rejects.toThrow(DocumentError);
    await expect(eInvoice({ ...bare, type: 'pro_forma' }, 'ubl')).rejects.toThrow('pro-forma');
    const dinar = invoiceOf({ C: [line(1, { netMinor: 120001 })] }, { currency: 'KWD' });
    await expect(eInvoice(dinar, 'ubl')).rejects.toThrow('two decimals at most');
    const mute = { ...bare, buyer: { ...BUYER, email: null, taxId: null } };
    await expect(eInvoice(mute, 'ubl')).rejects.toThrow('buyer.email');
  });
});

describe('line prices', () => {
  it.each([
    ['10', '120', 120000, { quantity: '10', price: '120', baseQuantity: null }],
    ['12.5', '68.333333', 74740, { quantity: '12.5', price: '747.40', baseQuantity: '12.5' }],
    ['1', '-82', -8200, { quantity: '-1', price: '82.00', baseQuantity: null }],
    ['0', '5', 0, { quantity: '0', price: '5', baseQuantity: null }],
  ])('%s × %s = %s', (quantity, unitPrice, netMinor, expected) => {
    expect(linePrice({ quantity, unitPrice, netMinor }, 'EUR')).toEqual(expected);
  });
});

describe('CII and Factur-X', () => {
  it('carries delivery and totals in CII', async () => {
    const document = longInvoice();
    const xml = parser.parse(await eInvoice(document, 'cii')) as Element;
    const trade = (xml.CrossIndustryInvoice as Element).SupplyChainTradeTransaction as Element;
    expect(trade.IncludedSupplyChainTradeLineItem).toHaveLength(50);
    expect(trade.ApplicableHeaderTradeDelivery).toBeDefined();
    const settlement = trade.ApplicableHeaderTradeSettlement as Element;
    const sums = settlement.SpecifiedTradeSettlementHeaderMonetarySummation as Element;
    expect(cents(sums.GrandTotalAmount as string)).toBe(document.totalMinor);
    expect(cents(sums.DuePayableAmount as string)).toBe(document.balanceMinor);
  });

  it('puts the XML into the PDF, which stays readable', async () => {
    const document = invoiceOf({ C: [line(1)] });
    const hybrid = await facturX(document, await printPaper(invoicePaper(document)));
    const pdf = await getDocumentProxy(new Uint8Array(hybrid));
    expect(Object.keys(await pdf.getAttachments())).toEqual(['factur-x.xml']);
    expect((await extractText(pdf, { mergePages: true })).text).toContain('INV-2026-00017');
  });
});

describe('drafts', () => {
  it('fills what a preview lacks and says so', async () => {
    const { document, standIns } = withStandIns(readInvoiceFile(PREVIEW_DOCUMENT));
    expect(standIns).toContain('invoice is not given: the draft says "DRAFT-2026-11-15"');
    expect((await ubl(document)).ID).toBe('DRAFT-2026-11-15');
  });

  it('never fills a document that has a number', () => {
    const document = readInvoiceFile({ ...PREVIEW_DOCUMENT, invoice: 'INV-1' });
    expect(withStandIns(document)).toEqual({ document, standIns: [] });
    expect(eInvoiceFaults(document).map(({ path }) => path)).toContain('seller.legalName');
  });
});
