import mjml2html from 'mjml';
import { describe, expect, it } from 'vitest';
import { Blanks, fillIn } from '../../documents/mails/look.ts';

/** A mail with every place where words go: title, preview, text, table, link. */
function mail(texts: readonly string[]) {
  const blanks = new Blanks();
  const [title = '', preview = '', body = '', cells = '', url = '', label = ''] = texts;
  const source = (put: (text: string) => string) =>
    `<mjml lang="en"><mj-head><mj-title>${put(title)}</mj-title><mj-preview>${put(preview)}</mj-preview></mj-head>
     <mj-body><mj-section><mj-column><mj-text>${put(body)}</mj-text><mj-table>${put(cells)}</mj-table>
     <mj-button href="${put(url)}">${put(label)}</mj-button></mj-column></mj-section></mj-body></mjml>`;
  return { whole: source((text) => text), look: source((text) => blanks.put(text)), blanks };
}

const row = (cell: string) => `<tr><td style="padding:2px 0">${cell}</td></tr>`;
const MAILS: readonly (readonly string[])[] = [
  [
    'Invoice INV-1',
    'Due soon',
    'Good day,<br />please pay.',
    row('1,200.00'),
    'https://a.example',
    'Pay',
  ],
  [
    'Jürgen &amp; Söhne &lt;GmbH&gt;',
    '&quot;quoted&quot; &#39;and&#39; 100 % of $&amp; $1 $$',
    'a [[b]] {{c}} &lt;mj-raw&gt; \\1 é ✓',
    row('x') + row('&nbsp;'),
    'https://portal.example/i/INV-1?sig=4f&amp;x=1',
    'Pay &gt; now',
  ],
];

describe('the look of a mail', () => {
  it.each(MAILS)('filled in is what MJML makes of the whole: %s', async (...texts) => {
    const { whole, look, blanks } = mail(texts);
    const expected = await mjml2html(whole, { validationLevel: 'soft', fonts: {} });
    expect(expected.errors).toEqual([]);
    expect(await fillIn(look, blanks)).toBe(expected.html);
  });

  it('leaves what looks like a blank in somebody’s words', async () => {
    const { look, blanks } = mail(['@@1@@', '@@0@@', '@@99@@', row('@@2@@'), 'u', '@@@@']);
    const html = await fillIn(look, blanks);
    expect(html).toContain('<title>@@1@@</title>');
    expect(html).toContain('@@99@@');
    expect(html).toContain('<td style="padding:2px 0">@@2@@</td>');
  });

  it('never mixes the words of mails that look alike', async () => {
    const one = mail(['First', 'p', 'b', row('c'), 'u', 'l']);
    const two = mail(['Second', 'q', 'd', row('e'), 'v', 'm']);
    expect(two.look).toBe(one.look);
    const [first, second, again] = await Promise.all([
      fillIn(one.look, one.blanks),
      fillIn(two.look, two.blanks),
      fillIn(one.look, one.blanks),
    ]);
    expect(first).toContain('First');
    expect(second).toContain('Second');
    expect(second).not.toContain('First');
    expect(again).toBe(first);
  });

  it('says each time that a template is wrong', async () => {
    const wrong = '<mjml><mj-body><mj-nonsense>@@0@@</mj-nonsense></mj-body></mjml>';
    for (let tries = 0; tries < 2; tries += 1)
      await expect(fillIn(wrong, new Blanks())).rejects.toThrow(/mail template: .*mj-nonsense/);
  });
});
