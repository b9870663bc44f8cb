/** What a reader finds on the papers: text extracts, not bytes. */
import { extractText, getDocumentProxy } from 'unpdf';
import { describe, expect, it } from 'vitest';
import { DocumentError, type InvoiceDocument, linesOf } from '../../documents/model.ts';
import { invoicePaper } from '../../documents/pdf/invoice-paper.ts';
import { type Block, paginate } from '../../documents/pdf/pages.ts';
import { box } from '../../documents/pdf/parts.ts';
import { printPaper } from '../../documents/pdf/print.ts';
import { reminderPaper } from '../../documents/pdf/reminder-paper.ts';
import { renewalPaper } from '../../documents/pdf/renewal-paper.ts';
import { statementPaper } from '../../documents/pdf/statement-paper.ts';
import { printable, textWidth, wrapText } from '../../documents/pdf/typeface.ts';
import { invoiceOf, line, longInvoice, REMINDER, RENEWAL, SELLER, STATEMENT } from './samples.ts';

// The layout engine and the XML writer load for seconds on a busy machine.

async function pagesOf(bytes: Buffer): Promise<string[]> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(bytes)), {
    mergePages: false,
  });
  return text.map((page) => page.replace(/[\s\u00a0]+/g, ' '));
}
const print = async (document: InvoiceDocument) =>
  await pagesOf(await printPaper(invoicePaper(document)));

describe('invoice paper', () => {
  it('answers who, what for, how much, by when and how to pay on the first page', async () => {
    const [first = ''] = await print(invoiceOf({ 'C-1042': [line(1), line(2)] }));
    for (const fact of [
      'Perennial Software GmbH',
      'Müller & Söhne Maschinenbau AG Industriestraße 5 Gebäude C 80331 München',
      'Invoice',
      'INV-2026-00017',
      'PO-4711',
      '2,856.00 EUR',
      '14 January 2027',
      'Maintenance Acme CAD Professional 1 Jan 2027 – 31 Dec 2027',
      'DE89 3704 0044 0532 0130 00',
      'RF32 INV2 0260 0017',
      'Page 1 of 2',
    ])
      expect(first).toContain(fact);
  });

  it('numbers all pages, repeats the heads and shows every line once', async () => {
    const document = longInvoice();
    const pages = await print(document);
    pages.forEach((page, index) => {
      expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
    });
    const body = pages.filter((page) => page.includes('Unit price'));
    expect(body.length).toBeGreaterThan(3);
    expect(pages[1]).toContain('Contract C-1042 (continued)');
    const all = pages.join(' ');
    expect(all).toContain('How each amount was computed');
    expect(all).toContain('caught up, was due October 2026');
    expect(all).toContain('the archive of drawings since 1998');
    expect(all).toContain('-240.55');
    expect(all.match(/Handbook, printed BOOK-1/g)).toHaveLength(
      linesOf(document).filter(({ sku }) => sku === 'BOOK-1').length,
    );
  });

  it('shows subtotals, taxes and totals that add up', async () => {
    const all = (await print(longInvoice())).join(' ');
    const cents = (text: string) => Number(text.replaceAll(',', '').replace('.', ''));
    const contracts = [...all.matchAll(/Subtotal Contract \S+ (-?[\d,]+\.\d{2})/g)];
    expect(contracts).toHaveLength(3);
    const sum = contracts.reduce((total, [, amount = '']) => total + cents(amount), 0);
    const net = cents(/Net total (-?[\d,]+\.\d{2})/.exec(all)?.[1] ?? '');
    expect(sum).toBe(net);
    const taxes = [...all.matchAll(/Tax \d+% (-?[\d,]+\.\d{2})/g)].map(([, one = '']) =>
      cents(one),
    );
    const total = cents(/Total EUR (-?[\d,]+\.\d{2})/.exec(all)?.[1] ?? '');
    expect(net + taxes.reduce((one, other) => one + other, 0)).toBe(total);
  });

  it('refuses figures that disagree, and says which', () => {
    const document = invoiceOf({ 'C-1': [line(1)] });
    const wrong = { ...document, netMinor: document.netMinor + 1 };
    expect(() => invoicePaper(wrong)).toThrow(DocumentError);
    expect(() => invoicePaper(wrong)).toThrow(
      'netMinor: is 120001, but the sum of the lines is 120000',
    );
  });

  it('writes German, as Germans write numbers and dates', async () => {
    const [first = ''] = await print(invoiceOf({ 'C-1042': [line(1)] }, { language: 'de' }));
    for (const fact of [
      'Rechnung',
      '1.428,00 EUR',
      '14. Januar 2027',
      '01.01.2027 – 31.12.2027',
      '19 %',
      'Seite 1 von 2',
    ])
      expect(first).toContain(fact);
  });

  it('gives each currency its own decimals', async () => {
    const yen = await print(
      invoiceOf({ C: [line(1, { unitPrice: '12000', netMinor: 120000 })] }, { currency: 'JPY' }),
    );
    expect(yen[0]).toContain('142,800 JPY');
    const dinar = await print(
      invoiceOf({ C: [line(1, { unitPrice: '12.345', netMinor: 123450 })] }, { currency: 'KWD' }),
    );
    expect(dinar[0]).toContain('146.906 KWD');
    expect(dinar[0]).toContain('12.345');
  });

  it('says what a credit note credits, and asks for no money', async () => {
    const lines = [line(1, { quantity: '-2', netMinor: -24000 })];
    const [first = ''] = await print(
      invoiceOf(
        { 'C-1042': lines },
        {
          type: 'credit_note',
          invoice: 'CN-1',
          credits: 'INV-2026-00017',
          creditsIssueDate: '2026-12-15',
        },
      ),
    );
    expect(first).toContain('Credit note');
    expect(first).toContain('285.60 EUR');
    expect(first).toContain('Credits invoice INV-2026-00017 of 15 Dec 2026');
    expect(first).toContain('-240.00');
    expect(first).not.toContain('How to pay');
  });

  it('says that a draft and a pro-forma are no invoices', async () => {
    const draft = await print(invoiceOf({ C: [line(1)] }, { invoice: null, reference: null }));
    expect(draft[0]).toContain('Not an invoice: it has no number');
    expect(draft[0]).not.toContain('How to pay');
    const proForma = await print(invoiceOf({ C: [line(1)] }, { type: 'pro_forma', invoice: null }));
    expect(proForma[0]).toContain('Pro-forma: not a tax invoice.');
  });

  it('prints why no tax is charged, and the tax in the own currency', async () => {
    const lines = [line(1, { taxCategory: 'AE', taxRate: '0' })];
    const all = (await print(invoiceOf({ C: lines }))).join(' ');
    expect(all).toContain('Reverse charge: the recipient is liable for the tax.');
    const accountingTax = {
      currency: 'EUR',
      taxMinor: 20976,
      exchangeRate: '0.92',
      rateDate: '2026-12-15',
    };
    const foreign = await print(invoiceOf({ C: [line(1)] }, { currency: 'USD', accountingTax }));
    expect(foreign.join(' ')).toContain('Tax 209.76 EUR at the rate of 0.92 of 15 Dec 2026');
  });

  it('prints on Letter for an American seller and on A4 for others', async () => {
    const size = async (document: InvoiceDocument) => {
      const pdf = await getDocumentProxy(new Uint8Array(await printPaper(invoicePaper(document))));
      return (await pdf.getPage(1)).view.map(Math.round);
    };
    const american = { ...SELLER, address: { ...SELLER.address, country: 'US' } };
    expect(await size(invoiceOf({ C: [line(1)] }))).toEqual([0, 0, 595, 842]);
    expect(await size(invoiceOf({ C: [line(1)] }, { seller: american }))).toEqual([0, 0, 612, 792]);
  });

  it('gives the same bytes for the same document, and a description of any length', async () => {
    const document = invoiceOf({ C: [line(1, { description: 'Wörter '.repeat(900) })] });
    const [one, two] = [
      await printPaper(invoicePaper(document)),
      await printPaper(invoicePaper(document)),
    ];
    expect(one.equals(two)).toBe(true);
    expect((await pagesOf(one)).join(' ').match(/Wörter/g)?.length).toBeGreaterThanOrEqual(900);
    expect(one.toString('latin1')).toContain('<pdfaid:part>3</pdfaid:part>');
  });
});

describe('other papers', () => {
  it('tells where to pay what another entity of ours had issued', async () => {
    const { seller } = STATEMENT;
    const bank = { ...seller.bank, iban: 'CH9300762011623852957', bic: null };
    const other = { ...seller, legalName: 'Acme Schweiz AG', bank };
    const otherPayees = [{ seller: other, documents: 'CH-2026-00001, CH-2026-00002' }];
    const all = (await pagesOf(await printPaper(statementPaper({ ...STATEMENT, otherPayees }))))
      .join(' ')
      .replace(/\s+/g, ' ');
    expect(all).toContain('Acme Schweiz AG');
    expect(all).toContain('CH93 0076 2011 6238 5295 7');
    expect(all).toContain('CH-2026-00001, CH-2026-00002');
  });

  it('prints a statement whose balances run', async () => {
    const all = (await pagesOf(await printPaper(statementPaper(STATEMENT)))).join(' ');
    for (const fact of [
      'Statement of account',
      '2,261.00 EUR',
      'Opening balance 1,000.00',
      'P-77',
      '-1,000.00',
      'Closing balance 2,261.00',
      '47 days',
      'in dispute',
      'User conference 2027',
    ])
      expect(all).toContain(fact);
    expect(() => statementPaper({ ...STATEMENT, closingMinor: 1 })).toThrow('closingMinor');
  });

  it('prints a reminder letter that claims only what is not disputed', async () => {
    const all = (await pagesOf(await printPaper(reminderPaper(REMINDER)))).join(' ');
    for (const fact of [
      '1. Mahnung',
      '2.917,36 EUR',
      '20. Februar 2027',
      'strittig',
      'Verzugszinsen bis heute 21,36',
      'Mahngebühr 40,00',
      'sperren wir neue Bestellungen',
    ])
      expect(all).toContain(fact);
    expect(() => reminderPaper({ ...REMINDER, totalMinor: 303725 })).toThrow('undisputed');
  });

  it('prints a renewal agreement with what changed and where to sign', async () => {
    const all = (await pagesOf(await printPaper(renewalPaper(RENEWAL)))).join(' ');
    for (const fact of [
      'Renewal agreement',
      '2,422.84 EUR',
      '1 Jan 2028 – 31 Dec 2028',
      '31 December 2027',
      '+836.00 EUR (+69.7%)',
      'new',
      'Signature',
      'not an invoice',
    ])
      expect(all).toContain(fact);
    expect(() => renewalPaper({ ...RENEWAL, totalMinor: 1 })).toThrow('totalMinor');
  });
});

describe('page breaks', () => {
  const block = (height: number, over: Partial<Block> = {}): Block => ({
    height,
    node: box({ height }),
    ...over,
  });
  const heights = (pages: Block[][]) => pages.map((page) => page.map(({ height }) => height));

  it('keeps a head with what follows it', () => {
    const pages = paginate([block(70), block(20, { keepWithNext: true }), block(30)], 100);
    expect(heights(pages)).toEqual([[70], [20, 30]]);
  });

  it('repeats what belongs on top of a page and drops space there', () => {
    const row = block(40, { onPageTop: () => [block(10)] });
    expect(heights(paginate([block(60), row, row], 100))).toEqual([
      [60, 40],
      [10, 40],
    ]);
    expect(heights(paginate([block(90), block(20, { isSpace: true }), block(30)], 100))).toEqual([
      [90],
      [30],
    ]);
  });

  it('refuses a block that no page can hold', () => {
    expect(() => paginate([block(101)], 100)).toThrow(RangeError);
  });
});

describe('text', () => {
  it('breaks lines to the width, and cuts words that are wider', () => {
    for (const one of [
      ...wrapText('Wartung und Pflege der Software '.repeat(9), 120, 9),
      ...wrapText('x'.repeat(300), 120, 9),
    ])
      expect(textWidth(one, 9)).toBeLessThanOrEqual(120);
    expect(wrapText('a\n\nb', 100, 9)).toEqual(['a', '', 'b']);
  });

  it('prints only characters that the typeface has', () => {
    expect(printable('Škoda Ωμέγα Привет €')).toBe('Škoda Ωμέγα Привет €');
    expect(printable('A\u0000\u202fB ﬀ')).not.toContain('\u0000');
    expect(printable('株')).toBe('□');
  });

  it('gives all digits one width', () => {
    const widths = new Set([...'0123456789'].map((digit) => textWidth(digit, 10)));
    expect(widths.size).toBe(1);
  });
});
