import { describe, expect, it } from 'vitest';
import { type MailKind, type MailModels, renderMail } from '../../documents/mails/index.ts';
import { MAILS } from './mail-samples.ts';

// The layout engine and the XML writer load for seconds on a busy machine.

const KINDS = Object.keys(MAILS) as MailKind[];
const render = (kind: MailKind) => renderMail(kind, MAILS[kind]);
const NBSP = '\u00a0';

/** The text that a reader of the HTML part sees. */
function visible(html: string): string {
  return html
    .replace(/<style[\s\S]*?<\/style>|<title>[\s\S]*?<\/title>|<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

describe('mails', () => {
  it.each(KINDS)('%s: says in plain text what it says in HTML', async (kind) => {
    const { html, text } = await render(kind);
    const seen = visible(html);
    const words = text
      .split(/\s+/)
      .filter((word) => !/^[-=]+$/.test(word) && !word.startsWith('http'));
    const missing = words.filter((word) => !seen.includes(word.replace(/[:,]+$/, '')));
    expect(missing).toEqual([]);
    for (const link of html.matchAll(/href="(https:[^"]+)"/g))
      expect(text).toContain(link[1]?.replaceAll('&amp;', '&'));
  });

  it.each(KINDS)('%s: names a person to ask and is the same each time', async (kind) => {
    const [first, second] = [await render(kind), await render(kind)];
    expect(first.text).toContain('Anna Brandt');
    expect(second).toEqual(first);
    expect(first.subject).not.toMatch(/undefined|null|NaN/);
    expect(first.text).not.toMatch(/undefined|null|NaN/);
  });

  it('puts what it is, the number and the date into the subject', async () => {
    const subjects = Object.fromEntries(
      await Promise.all(KINDS.map(async (kind) => [kind, (await render(kind)).subject])),
    );
    expect(subjects).toEqual({
      invoice: 'Invoice INV-2026-00017 for maintenance of Acme CAD, due 14 January 2027',
      courtesy: 'Invoice INV-2026-00017 is due 14 January 2027',
      'reminder-1': `Reminder: 2 invoices, 2,856.00${NBSP}EUR open`,
      'reminder-2': `Second reminder: 2 invoices, 2,856.00${NBSP}EUR open`,
      'final-notice': `Final notice: 2 invoices, 2,856.00${NBSP}EUR open`,
      receipt: `Receipt: 3,000.00${NBSP}EUR received, thank you`,
      key: 'License key for Acme CAD Professional, valid through 31 December 2027',
      renewal: 'Renewal of contract C-1042 for maintenance of Acme CAD, from 1 January 2028',
      'renewal-reminder': 'Contract C-1042 ends on 31 December 2027: your renewal is waiting',
      'credit-note': `Credit note CN-2026-00003 to invoice INV-2026-00009, 119.00${NBSP}EUR`,
      approval: 'Approval needed: the bill run of January 2027, please decide by 18 January 2027',
      attention: 'Needs attention: Contract C-1042: no price',
      question: 'Question about Acme Engineering GmbH: Never billed (F-17)',
    });
  });

  it('begins the key mail with the key', async () => {
    const { text } = await render('key');
    const lines = text.split('\n').filter((one) => one !== '');
    expect(lines.slice(0, 3)).toEqual([
      'License key for Acme CAD Professional',
      'key/eyJhY2NvdW50IjoiQS0xMDAifQ.MEUCIQDx',
      'Hello Jürgen Groß,',
    ]);
  });

  it('carries all keys of a payment, a temporary one with why it is, and how each is installed', async () => {
    const [full] = MAILS.key.keys;
    if (full === undefined) throw new Error('the sample has a key');
    const other = { ...full, key: 'key/eyJraW5kIjoidGVtcG9yYXJ5In0.MEQ', product: 'Acme CAM' };
    const temporary = { ...other, kind: 'temporary' as const, validThrough: '2027-02-13' };
    const install = 'Put it into cam.lic.';
    const mail = await renderMail('key', {
      ...MAILS.key,
      keys: [full, { ...temporary, install }],
      open: { invoice: 'INV-2026-00017', openMinor: 285600, payUrl: 'https://pay.example/i/1' },
      incidents: [],
    });
    expect(mail.subject).toBe(
      '2 license keys for Acme CAD Professional and 1 more, valid through 13 February 2027',
    );
    for (const words of [
      'your payment of 3,000.00',
      'key/eyJhY2NvdW50IjoiQS0xMDAifQ.MEUCIQDx',
      'Temporary license key for Acme CAM Professional',
      'key/eyJraW5kIjoidGVtcG9yYXJ5In0.MEQ',
      'Invoice INV-2026-00017 (2,856.00',
      'https://pay.example/i/1',
      'Acme CAM: Put it into cam.lic.',
      'Acme CAD: Copy the whole key',
      'No case since 12 January 2026.',
      'Ringstraße 7',
    ])
      expect(mail.text.replaceAll(NBSP, ' ')).toContain(words);
    const german = await renderMail('key', { ...MAILS.key, language: 'de' });
    expect(german.text).toContain('Dieser Schlüssel ersetzt Ihren bisherigen.');
    expect(german.text).toContain('Ein Fall seit dem 12. Januar 2026, 1:05 Stunden Arbeit.');
  });

  it('tells who paid in another currency what came and what it counts as', async () => {
    const came = { amountMinor: 324000, currency: 'USD' };
    const { subject, text } = await renderMail('receipt', { ...MAILS.receipt, came });
    expect(subject).toBe(`Receipt: 3,240.00${NBSP}USD received, thank you`);
    expect(text.replaceAll(NBSP, ' ')).toContain('It counts as 3,000.00 EUR');
    const german = await renderMail('receipt', { ...MAILS.receipt, came, language: 'de' });
    expect(german.text.replaceAll(NBSP, ' ')).toContain('Angerechnet wurden 3.000,00 EUR');
  });

  it('escapes what comes from people', async () => {
    const { html } = await renderMail('receipt', MAILS.receipt);
    expect(html).toContain('Acme CAD &lt;Pro&gt; &amp; more');
    const evil: MailModels['invoice'] = {
      ...MAILS.invoice,
      covers: '</mj-text><script>alert(1)</script>{{x}}',
      recipientName: '"><img src=x onerror=alert(1)>',
    };
    const mail = await renderMail('invoice', evil);
    expect(mail.html).not.toMatch(/<script|<img/);
    expect(mail.html).toContain('&lt;script&gt;');
  });

  it('writes German for a German customer', async () => {
    const mail = await renderMail('reminder-2', { ...MAILS['reminder-2'], language: 'de-AT' });
    expect(mail.subject).toContain('Mahnung: 2 Rechnungen');
    expect(mail.text).toContain('Offen am 13. Februar 2027');
    expect(mail.text).toContain('14.01.2027');
    expect(mail.html).toContain('lang="de"');
  });

  it('offers to pay, promise and dispute in one click each', async () => {
    const { html, text } = await render('final-notice');
    for (const path of ['/i/INV-2026-00017', '/promise', '/dispute']) {
      expect(html).toContain(path);
      expect(text).toContain(path);
    }
    expect(text).toContain('on 28 February 2027 new orders are put on hold.');
  });

  it('marks an invoice that is sent again as a copy', async () => {
    const { subject } = await renderMail('invoice', { ...MAILS.invoice, isCopy: true });
    expect(subject.startsWith('Copy: Invoice INV-2026-00017')).toBe(true);
  });
});
