import { describe, expect, it } from 'vitest';
import { readInvoiceFile } from '../../documents/invoice-file.ts';
import { DocumentError, linesOf } from '../../documents/model.ts';
import { longInvoice, PREVIEW_DOCUMENT, PREVIEW_LINE } from './samples.ts';

function faultsOf(json: unknown): string[] {
  try {
    readInvoiceFile(json);
  } catch (error) {
    if (error instanceof DocumentError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('INVOICE.json', () => {
  it('reads a document of `book preview`', () => {
    const document = readInvoiceFile({
      ...PREVIEW_DOCUMENT,
      lines: [PREVIEW_LINE, { ...PREVIEW_LINE, subcontract: 'S-2' }],
      net: 80000,
      tax: 16000,
      total: 96000,
    });
    expect(document).toMatchObject({
      type: 'invoice',
      invoice: null,
      totalMinor: 96000,
      balanceMinor: 96000,
    });
    expect(
      document.sections.map(({ contract, subsections }) => [contract, subsections.length]),
    ).toEqual([['C-1', 2]]);
    expect(document.taxes).toEqual([
      { category: 'S', rate: '20', baseMinor: 80000, taxMinor: 16000, reason: null },
    ]);
  });

  it('reads its own whole document back', () => {
    const document = longInvoice();
    expect(readInvoiceFile(JSON.parse(JSON.stringify(document)))).toEqual(document);
  });

  it('takes seller and buyer as the contract book writes them', () => {
    const { seller, buyer } = readInvoiceFile({
      ...PREVIEW_DOCUMENT,
      number: 'INV-1',
      seller: {
        legal_name: 'S Ltd',
        address_line1: 'High St 1',
        city: 'Leeds',
        country: 'gb',
        tax_id: 'GB123456789',
        iban: 'GB29NWBK60161331926819',
      },
      buyer: { account: 'A-1', name: 'B Ltd', postal_code: 'LS1', billing_email: 'b@b.example' },
    });
    expect(seller).toMatchObject({
      legalName: 'S Ltd',
      address: { line1: 'High St 1', country: 'GB' },
      bank: { iban: 'GB29NWBK60161331926819' },
    });
    expect(buyer).toMatchObject({
      name: 'B Ltd',
      address: { postalCode: 'LS1' },
      email: 'b@b.example',
    });
  });

  it('takes a negative total as a credit note', () => {
    const lines = [{ ...PREVIEW_LINE, net: -40000 }];
    const document = readInvoiceFile({
      ...PREVIEW_DOCUMENT,
      lines,
      net: -40000,
      tax: -8000,
      total: -48000,
    });
    expect(document.type).toBe('credit_note');
  });

  it('takes a tax that was rounded part by part', () => {
    const lines = [{ ...PREVIEW_LINE, net: 6833 }];
    const document = readInvoiceFile({
      ...PREVIEW_DOCUMENT,
      lines,
      net: 6833,
      tax: 1366,
      total: 8199,
    });
    expect(document.taxes[0]?.taxMinor).toBe(1366);
    expect(faultsOf({ ...PREVIEW_DOCUMENT, lines, net: 6833, tax: 1300, total: 8133 })).toEqual(
      ['taxMinor'].map(() => 'tax'),
    );
  });

  it('names every fault by its path', () => {
    expect(faultsOf({})).toEqual(['issueDate', 'currency']);
    expect(faultsOf({ currency: 'EUR', issueDate: '2026-11-15' })).toEqual(['lines']);
    expect(faultsOf({ ...PREVIEW_DOCUMENT, lines: [{ ...PREVIEW_LINE, net: 1.5 }] })).toContain(
      'lines.0.net',
    );
    expect(faultsOf({ ...PREVIEW_DOCUMENT, lines: [{ ...PREVIEW_LINE, net: undefined }] })).toEqual(
      ['lines.0.net'],
    );
    expect(
      faultsOf({
        ...PREVIEW_DOCUMENT,
        lines: [{ ...PREVIEW_LINE, quantity: '1,5', periodEnd: '2027-02-30' }],
      }),
    ).toEqual(['lines.0.periodEnd', 'lines.0.quantity']);
    expect(faultsOf({ ...PREVIEW_DOCUMENT, net: 39999 })).toEqual(['net', 'taxes', 'total']);
    expect(faultsOf({ ...PREVIEW_DOCUMENT, reference: 'RF00ABC' })).toEqual(['reference']);
    expect(faultsOf({ ...PREVIEW_DOCUMENT, payUrl: 'javascript:alert(1)' })).toEqual(['payUrl']);
    expect(faultsOf([PREVIEW_DOCUMENT])).toEqual(['invoice file']);
    expect(faultsOf(null)).toEqual(['invoice file']);
  });

  it('keeps lines of several contracts under their own', () => {
    const lines = [
      { ...PREVIEW_LINE, contract: 'C-1' },
      { ...PREVIEW_LINE, contract: 'C-2' },
      { ...PREVIEW_LINE, contract: 'C-1' },
    ];
    const document = readInvoiceFile({
      ...PREVIEW_DOCUMENT,
      contract: ['C-1', 'C-2'],
      lines,
      net: 120000,
      tax: 24000,
      total: 144000,
    });
    expect(document.sections.map(({ contract }) => contract)).toEqual(['C-1', 'C-2']);
    expect(linesOf(document).map((one) => one.line)).toEqual(['1', '3', '2']);
  });
});
