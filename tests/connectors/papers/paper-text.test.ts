/** Papers as they come, read for real: text in two encodings, mail, PDF, scan; and what strangers send instead. */
import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  kindOfPaper,
  MAX_PAPER_BYTES,
  MAX_TEXT_CHARS,
  readPaper,
} from '../../../connectors/papers/paper-text.ts';
import { readRemittance } from '../../../domain/papers/remittance.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const KNOWN = ['INV-2026-00017', 'INV-2026-00018', 'INV-2026-00019'].map((invoice) => ({
  invoice,
  currency: 'EUR',
  balance: invoice.endsWith('18') ? 23_800 : 119_000,
}));

/** A PDF of one page, its objects as given, the page's own first. */
function pdf(
  content: string | Buffer,
  resources: string,
  objects: readonly (string | Buffer)[] = [],
) {
  const stream = (body: Buffer, head: string) =>
    Buffer.concat([
      Buffer.from(`<<${head}/Length ${body.length}>>\nstream\n`),
      body,
      Buffer.from('\nendstream'),
    ]);
  const all = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<${resources}>>>>`,
    stream(Buffer.from(content), ''),
    ...objects,
  ];
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  for (const [index, body] of all.entries())
    parts.push(Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(body), Buffer.from('\nendobj\n'));
  parts.push(Buffer.from(`trailer<</Root 1 0 R/Size ${all.length + 1}>>\n`));
  return Buffer.concat(parts);
}

/** The scan as a picture in a PDF: a PNG's own compressed rows are what a PDF holds too. */
function scannedPdf(png: Buffer): Buffer {
  const rows: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      rows.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const colours = png[25] === 6 ? 4 : 3;
  if (colours !== 3) throw new Error('the fixture has no opacity');
  const data = Buffer.concat(rows);
  const head =
    `<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceRGB` +
    `/BitsPerComponent 8/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 3/Columns ${width}>>` +
    `/Length ${data.length}>>\nstream\n`;
  const image = Buffer.concat([Buffer.from(head), data, Buffer.from('\nendstream')]);
  return pdf('q 595 0 0 264 0 500 cm /I Do Q', '/XObject<</I 5 0 R>>', [image]);
}

const ADVICE = { INV17: 116_620, INV18: 23_800 };
function expectAdvice(text: string) {
  const read = readRemittance(text, KNOWN);
  expect(read).toMatchObject({ currency: 'EUR', totalMinor: 140_420, unknown: [] });
  expect(read.lines).toEqual([
    { invoice: 'INV-2026-00017', amountMinor: ADVICE.INV17 },
    { invoice: 'INV-2026-00018', amountMinor: ADVICE.INV18 },
  ]);
  return read;
}
const TEXT = [
  'Auftraggeber: Bäckerei Übermüller GmbH',
  'INV-2026-00017  1.190,00  23,80  1.166,20',
  'INV-2026-00018  238,00  0,00  238,00',
  'Gesamtbetrag EUR 1.404,20',
].join('\n');

describe('a remittance advice', () => {
  it('is read as text, in UTF-8 and in the code page of old systems', async () => {
    for (const sent of [bytes(TEXT), Buffer.from(TEXT, 'latin1')]) {
      const { text, readBy } = await readPaper(sent);
      expect(readBy).toBe('text');
      expect(expectAdvice(text).payer).toBe('Bäckerei Übermüller GmbH');
    }
  });

  it('is read from a mail, its sender being who pays, and from what hangs on it', async () => {
    const mail = [
      'From: "Acme Payables" <ap@acme.example>',
      'To: billing@seller.example',
      'Subject: =?utf-8?Q?Zahlungsavis?=',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      ...TEXT.split('\n')
        .slice(1)
        .map((row) => row.replaceAll('=', '=3D')),
    ].join('\r\n');
    const { text, readBy, mediaType } = await readPaper(bytes(mail));
    expect([readBy, mediaType]).toEqual(['mail', 'message/rfc822']);
    expect(expectAdvice(text).payer).toBe('Acme Payables');
  });

  it('is read from a PDF’s text, row by row', async () => {
    const rows = TEXT.replace('Bäckerei Übermüller', 'Baeckerei').split('\n');
    const content = rows
      .flatMap((row, at) =>
        row.split('  ').map((cell, column) => {
          const [x, y] = [40 + 130 * column, 800 - 20 * at];
          return `BT /F 11 Tf ${x} ${y} Td (${cell}) Tj ET`;
        }),
      )
      .join('\n');
    const font = '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>';
    const { text, readBy } = await readPaper(pdf(content, '/Font<</F 5 0 R>>', [font]));
    expect(readBy).toBe('pdf');
    expect(expectAdvice(text).payer).toBe('Baeckerei GmbH');
  });

  it('is read from a scan, umlauts too, as a picture and as a PDF of a picture', async () => {
    const png = await readFile(new URL('./advice.png', import.meta.url));
    for (const sent of [png, scannedPdf(png)]) {
      const { text, readBy } = await readPaper(sent);
      expect(readBy).toBe('ocr');
      expect(expectAdvice(text).payer).toMatch(/^Bäckerei [ÜU]berm\S+ler GmbH$/);
    }
  });
});

describe('what strangers send', () => {
  it('is refused where it is too large, no paper, damaged or without text', async () => {
    const refused = (sent: Uint8Array) =>
      readPaper(sent).then(
        () => 'read',
        (error: { code?: string }) => error.code,
      );
    expect(await refused(new Uint8Array(MAX_PAPER_BYTES + 1))).toBe('too-large');
    expect(await refused(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0]))).toBe('not-readable');
    expect(await refused(bytes('%PDF-1.7 and then nothing'))).toBe('not-readable');
    expect(await refused(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]))).toBe('not-readable');
    expect(await refused(bytes(' \n '))).toBe('empty');
  });

  it('is given up when it takes too long, and its reader is gone', async () => {
    const png = await readFile(new URL('./advice.png', import.meta.url));
    await expect(readPaper(png, { timeMs: 1 })).rejects.toMatchObject({ code: 'too-slow' });
  });

  it('is cut where it is longer than any paper, and a bomb in a PDF ends with its reader', async () => {
    expect((await readPaper(bytes('a '.repeat(MAX_TEXT_CHARS)))).text.length).toBeLessThanOrEqual(
      MAX_TEXT_CHARS,
    );
    const bomb = deflateSync(Buffer.alloc(60_000_000, 'BT (x) Tj ET '));
    const stream = Buffer.concat([
      Buffer.from(`<</Filter/FlateDecode/Length ${bomb.length}>>\nstream\n`),
      bomb,
      Buffer.from('\nendstream'),
    ]);
    const file = pdf('', '', [stream])
      .toString('latin1')
      .replace('/Contents 4 0 R', '/Contents 5 0 R');
    await expect(readPaper(Buffer.from(file, 'latin1'), { timeMs: 4000 })).rejects.toMatchObject({
      name: 'PaperRejection',
    });
  });

  it('is known by its bytes, not by its name', () => {
    expect(kindOfPaper(bytes('From: a@b.c\nSubject: x\n\nhi')).kind).toBe('mail');
    expect(kindOfPaper(bytes('Dear sirs,\nwe pay')).kind).toBe('text');
    expect(kindOfPaper(bytes('%PDF-1.4')).kind).toBe('pdf');
  });
});
