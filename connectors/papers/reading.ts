/** Mails, PDFs and pictures into text; runs in the reading child. Language data comes from packages, nothing is fetched. */
import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { simpleParser } from 'mailparser';
import { createWorker, OEM, PSM } from 'tesseract.js';
import { extractImages, getDocumentProxy } from 'unpdf';
import { MAX_PAGES, type ReadBy, type ReadingJob, type ReadingProgress } from './paper-text.ts';
import { pngOf } from './png.ts';

/** Fewer letters on a page than this are no text layer but a scanner's stamp. */
const LEAST_LETTERS = 20;
/** Pictures smaller than this are logos. */
const LEAST_PIXELS = 200_000;
const MOST_PIXELS = 60_000_000;
const MOST_ATTACHMENTS = 5;

/** Where a reading works, and whom it tells how far it is. */
interface Place {
  readonly scratch: string;
  readonly tell: (progress: ReadingProgress) => void;
}

export interface Read {
  readonly text: string;
  readonly readBy: ReadBy;
}

/** @param scratch an empty folder of its own, which the parent throws away */
export function readByKind(
  { kind, bytes, scratch }: ReadingJob,
  tell: (progress: ReadingProgress) => void,
): Promise<Read> {
  const place = { scratch, tell };
  switch (kind) {
    case 'mail':
      return readMail(bytes, place);
    case 'pdf':
      return readPdf(bytes, place);
    case 'image':
      return readImages([bytes], place);
  }
}

/** Sender, subject and body; PDFs that are attached are read too, since advices mostly hang on an empty mail. */
async function readMail(bytes: Uint8Array, place: Place): Promise<Read> {
  const mail = await simpleParser(Buffer.from(bytes), { skipImageLinks: true });
  const from = mail.from?.value[0];
  const head = [`From: ${from?.name || from?.address || ''}`, `Subject: ${mail.subject ?? ''}`];
  const attached: string[] = [];
  const pdfs = mail.attachments.filter(({ contentType }) => contentType === 'application/pdf');
  for (const { content } of pdfs.slice(0, MOST_ATTACHMENTS))
    attached.push((await readPdf(new Uint8Array(content), place)).text);
  const texts = mail.attachments.filter(({ contentType }) => contentType === 'text/plain');
  for (const { content } of texts.slice(0, MOST_ATTACHMENTS)) attached.push(content.toString());
  return { text: [...head, '', mail.text ?? '', ...attached].join('\n'), readBy: 'mail' };
}

interface Piece {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** The pieces of a page as rows: what stands at one height is one row, from left to right. */
function rowsOf(pieces: readonly Piece[]): string {
  const rows: { y: number; pieces: Piece[] }[] = [];
  for (const piece of [...pieces].sort((a, b) => b.y - a.y || a.x - b.x)) {
    const row = rows.find(({ y }) => Math.abs(y - piece.y) < 3);
    if (row === undefined) rows.push({ y: piece.y, pieces: [piece] });
    else row.pieces.push(piece);
  }
  return rows
    .map((row) =>
      [...row.pieces]
        .sort((a, b) => a.x - b.x)
        .map(({ text }) => text)
        .join(' '),
    )
    .join('\n');
}

async function readPdf(bytes: Uint8Array, place: Place): Promise<Read> {
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  if (pdf.numPages > MAX_PAGES)
    throw new Error(`It has ${pdf.numPages} pages; a paper has at most ${MAX_PAGES}.`);
  const pages: string[] = [];
  const scans: Uint8Array[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const pieces = items.flatMap((item) =>
      'str' in item && item.str.trim() !== ''
        ? [{ text: item.str, x: item.transform[4] ?? 0, y: item.transform[5] ?? 0 }]
        : [],
    );
    const text = rowsOf(pieces);
    if (text.replace(/[^\p{L}\p{N}]/gu, '').length >= LEAST_LETTERS) pages.push(text);
    else scans.push(...(await scansOf(pdf, number)));
  }
  if (scans.length === 0) return { text: pages.join('\n'), readBy: 'pdf' };
  const scanned = await readImages(scans, place);
  return { text: [...pages, scanned.text].join('\n'), readBy: 'ocr' };
}

/** The pictures of a page that are as large as a scan. */
async function scansOf(
  pdf: Awaited<ReturnType<typeof getDocumentProxy>>,
  page: number,
): Promise<Uint8Array[]> {
  const images = await extractImages(pdf, page);
  return images
    .filter(({ width, height }) => {
      const pixels = width * height;
      return pixels >= LEAST_PIXELS && pixels <= MOST_PIXELS;
    })
    .map(({ data, width, height, channels }) => pngOf(data, width, height, channels));
}

const require = createRequire(import.meta.url);
const LANGUAGES = ['deu', 'eng'] as const;

/** German and English together: umlauts suffer without the first. */
async function readImages(images: readonly Uint8Array[], { scratch, tell }: Place): Promise<Read> {
  await layOutLanguages(scratch);
  const worker = await createWorker([...LANGUAGES], OEM.LSTM_ONLY, {
    langPath: scratch,
    cacheMethod: 'none',
    gzip: true,
  });
  try {
    // Rows of a table stay rows: looking for columns parts numbers from their amounts, and loses rows of noisy scans.
    await worker.setParameters({ tessedit_pageseg_mode: PSM.SINGLE_BLOCK });
    const texts: string[] = [];
    for (const [at, image] of images.entries()) {
      tell({ page: at + 1, pages: images.length });
      const { data } = await worker.recognize(Buffer.from(image));
      texts.push(data.text);
    }
    return { text: texts.join('\n'), readBy: 'ocr' };
  } finally {
    await worker.terminate();
  }
}

/** The engine looks for all languages in one folder; each of their packages has its own. */
async function layOutLanguages(folder: string): Promise<void> {
  for (const language of LANGUAGES) {
    const home = dirname(require.resolve(`@tesseract.js-data/${language}/package.json`));
    const name = `${language}.traineddata.gz`;
    // There already, where a mail brings several scans.
    const place = join(folder, name);
    if (!existsSync(place)) await symlink(join(home, '4.0.0_best_int', name), place);
  }
}
