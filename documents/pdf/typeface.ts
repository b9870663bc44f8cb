/**
 * The papers' typeface and its measures. IBM Plex Sans (OFL): all figures have one width, so columns of money align, and
 * it covers Latin, Greek and Cyrillic. It is embedded in every document, as PDF/A asks.
 */
import { createRequire } from 'node:module';
import { Font as PdfFont } from '@react-pdf/renderer';
import { type Font, openSync } from 'fontkit';

export const FAMILY = 'IBM Plex Sans';
export type Weight = 400 | 600;

const require = createRequire(import.meta.url);
const FILES: Readonly<Record<Weight, string>> = {
  400: require.resolve('@expo-google-fonts/ibm-plex-sans/400Regular/IBMPlexSans_400Regular.ttf'),
  600: require.resolve('@expo-google-fonts/ibm-plex-sans/600SemiBold/IBMPlexSans_600SemiBold.ttf'),
};

function open(file: string): Font {
  const font = openSync(file);
  if ('fonts' in font) throw new Error(`${file} is a font collection; one font is needed`);
  return font;
}

const fonts: Readonly<Record<Weight, Font>> = { 400: open(FILES[400]), 600: open(FILES[600]) };

PdfFont.register({
  family: FAMILY,
  fonts: [
    { src: FILES[400], fontWeight: 400 },
    { src: FILES[600], fontWeight: 600 },
  ],
});
// Words are never hyphenated: lines are broken here, before the layout sees them.
PdfFont.registerHyphenationCallback((word) => [word]);

const widths = new Map<string, number>();
/** Widths kept at most, so that a long-lived process does not grow with its customers' names. */
const WIDTHS_KEPT = 20_000;

/** The width of a text in points; kerning included. */
export function textWidth(text: string, size: number, weight: Weight = 400): number {
  const key = `${weight}${text}`;
  let units = widths.get(key);
  if (units === undefined) {
    units = fonts[weight].layout(text).advanceWidth;
    if (widths.size >= WIDTHS_KEPT) widths.clear();
    widths.set(key, units);
  }
  return (units * size) / fonts[weight].unitsPerEm;
}

/** Characters that look right in place of some that the typeface lacks. */
const SUBSTITUTES: Readonly<Record<string, string>> = {
  '\u2009': '\u00a0',
  '\u202f': '\u00a0',
  '\u2007': '\u00a0',
  '\u2011': '-',
  '\t': ' ',
  '\r': '',
};

/**
 * A text with only characters that the typeface has: others become their base letter, else "□" (PDF/A forbids references
 * to missing glyphs). Line breaks stay.
 */
export function printable(text: string): string {
  let out = '';
  for (const char of text.normalize('NFC')) out += char === '\n' ? char : printableChar(char);
  return out;
}

function printableChar(char: string): string {
  const substitute = SUBSTITUTES[char];
  if (substitute !== undefined) return substitute;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return '';
  if (fonts[400].hasGlyphForCodePoint(code)) return char;
  const base = char.normalize('NFKD').replace(/\p{M}/gu, '');
  const known = [...base].every((c) => fonts[400].hasGlyphForCodePoint(c.codePointAt(0) ?? 0));
  return base !== '' && known ? base : '□';
}

/** Breaks a text into lines no wider than `width` points; words wider than a line are cut. */
export function wrapText(
  text: string,
  width: number,
  size: number,
  weight: Weight = 400,
): string[] {
  const clean = printable(text);
  return clean.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, width, size, weight));
}

function wrapParagraph(paragraph: string, width: number, size: number, weight: Weight): string[] {
  const space = textWidth(' ', size, weight);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of paragraph.split(' ').filter((part) => part !== '')) {
    for (const piece of cutWord(word, width, size, weight)) {
      const pieceWidth = textWidth(piece, size, weight);
      if (line !== '' && used + space + pieceWidth > width) {
        lines.push(line);
        line = '';
      }
      used = line === '' ? pieceWidth : used + space + pieceWidth;
      line = line === '' ? piece : `${line} ${piece}`;
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function cutWord(word: string, width: number, size: number, weight: Weight): string[] {
  if (textWidth(word, size, weight) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const char of word) {
    if (piece !== '' && textWidth(piece + char, size, weight) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += char;
  }
  return [...pieces, piece];
}

/** One line, cut with an ellipsis where it does not fit. */
export function fitText(text: string, width: number, size: number, weight: Weight = 400): string {
  const [first = '', ...rest] = wrapText(text.replaceAll('\n', ' '), width, size, weight);
  if (rest.length === 0) return first;
  let cut = first;
  while (cut !== '' && textWidth(`${cut}…`, size, weight) > width) cut = cut.slice(0, -1).trimEnd();
  return `${cut}…`;
}
