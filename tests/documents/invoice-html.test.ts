import { describe, expect, it } from 'vitest';
import { invoiceHtml } from '../../documents/invoice-html.ts';
import { BUYER, invoiceOf, line, longInvoice } from './samples.ts';

describe('invoice as a page', () => {
  it('shows totals that are the sums of what it lists', async () => {
    const document = longInvoice();
    const html = await invoiceHtml(document);
    const body = html.slice(html.indexOf('class="lines"'), html.indexOf('class="foot"'));
    const rows = [...body.matchAll(/<tr><td>\d+<\/td>.*?<td class="n">(-?[\d,.]+)<\/td><\/tr>/g)];
    const cents = (text = '') => Number(text.replaceAll(',', '').replace('.', ''));
    expect(rows).toHaveLength(50);
    expect(rows.reduce((sum, [, net]) => sum + cents(net), 0)).toBe(document.netMinor);
    expect(html).toContain('50,811.61');
  });

  it('loads nothing from elsewhere and runs nothing', async () => {
    const html = await invoiceHtml(longInvoice());
    expect(html).not.toMatch(/<script|<link|@import|url\(|src="http/);
    expect(html.match(/href="([^"]+)"/g)).toEqual([
      'href="https://portal.perennial.example/i/INV-2026-00017?sig=4f2c9a"',
    ]);
  });

  it('escapes what comes from people', async () => {
    const buyer = { ...BUYER, name: '<img src=x onerror=alert(1)>' };
    const html = await invoiceHtml(
      invoiceOf({ 'C"><b>': [line(1, { description: '<i>x</i>' })] }, { buyer }),
    );
    expect(html).not.toMatch(/<img|<i>x|<b>"/);
    expect(html).toContain('&lt;i&gt;x&lt;/i&gt;');
  });

  it('asks for nothing once it is paid, and says what a credit note credits', async () => {
    const paid = await invoiceHtml(invoiceOf({ C: [line(1)] }, { paidMinor: 142800 }));
    expect(paid).toContain('Nothing is left to pay.');
    expect(paid).not.toContain('How to pay');
    const credit = invoiceOf(
      { C: [line(1, { netMinor: -120000 })] },
      { type: 'credit_note', credits: 'INV-9', language: 'de' },
    );
    expect(await invoiceHtml(credit)).toContain('Gutschrift zu Rechnung INV-9');
  });

  it('refuses figures that disagree', async () => {
    await expect(invoiceHtml({ ...invoiceOf({ C: [line(1)] }), totalMinor: 1 })).rejects.toThrow(
      'totalMinor',
    );
  });
});
