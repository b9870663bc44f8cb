/**
 * Remittance advices as scanners leave them, made from a seed: letters drawn from a typeface's outlines, then turned a
 * little, of low resolution, speckled and faded. Each begins with what it says (the label), and only then is drawn.
 */
import { createRequire } from 'node:module';
import { deflateSync } from 'node:zlib';
import { type Font, openSync } from 'fontkit';

export interface Scan {
  readonly page: Page;
  readonly noise: string;
  readonly payer: string;
  readonly lines: readonly { readonly invoice: string; readonly amountMinor: number }[];
  readonly totalMinor: number;
}

const require = createRequire(import.meta.url);
const opened = openSync(
  require.resolve('@expo-google-fonts/ibm-plex-sans/400Regular/IBMPlexSans_400Regular.ttf'),
);
if ('fonts' in opened) throw new Error('one font is needed');
const font: Font = opened;

/** Mulberry32: numbers from 0 to below 1. */
function diceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Point = readonly [number, number];
const CURVE_STEPS = 6;

/** An outline as closed polygons; curves become short lines. */
function polygonsOf(commands: readonly PathCommand[]): Point[][] {
  const polygons: Point[][] = [];
  let open: Point[] = [];
  for (const { command, args } of commands) {
    const [from = [0, 0] as const] = open.slice(-1);
    if (command === 'moveTo') open = [[args[0] ?? 0, args[1] ?? 0]];
    else if (command === 'closePath') {
      polygons.push(open);
      open = [];
    } else
      for (let step = 1; step <= CURVE_STEPS; step += 1)
        open.push(curveAt([...from, ...args], step / CURVE_STEPS));
  }
  return polygons;
}
interface PathCommand {
  readonly command: string;
  readonly args: readonly number[];
}

/** De Casteljau: a point of a line or curve of any degree. */
function curveAt(coordinates: readonly number[], t: number): Point {
  let level = coordinates;
  while (level.length > 2) {
    const next: number[] = [];
    for (let at = 0; at + 2 < level.length; at += 1)
      next.push((level[at] ?? 0) * (1 - t) + (level[at + 2] ?? 0) * t);
    level = next;
  }
  return [level[0] ?? 0, level[1] ?? 0];
}

/** Grey, a byte a pixel. */
interface Page {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Fills polygons by the non-zero rule, row by row, with four samples a pixel in height. */
function fill({ width, height, pixels }: Page, polygons: readonly (readonly Point[])[]): void {
  const SAMPLES = 4;
  const ys = polygons.flat().map(([, y]) => y);
  const first = Math.max(0, Math.floor(Math.min(...ys)));
  const last = Math.min(height - 1, Math.ceil(Math.max(...ys)));
  for (let row = first; row <= last; row += 1) {
    const cover = new Float64Array(width);
    for (let sample = 0; sample < SAMPLES; sample += 1)
      spansAt(polygons, row + (sample + 0.5) / SAMPLES, (from, to) => {
        for (let x = Math.max(0, Math.floor(from)); x < Math.min(width, Math.ceil(to)); x += 1)
          cover[x] = (cover[x] ?? 0) + (Math.min(to, x + 1) - Math.max(from, x)) / SAMPLES;
      });
    for (let x = 0; x < width; x += 1) {
      const at = row * width + x;
      pixels[at] = Math.round((pixels[at] ?? 255) * (1 - Math.min(1, cover[x] ?? 0)));
    }
  }
}

function spansAt(
  polygons: readonly (readonly Point[])[],
  y: number,
  take: (from: number, to: number) => void,
): void {
  const crossings: { x: number; turn: number }[] = [];
  for (const polygon of polygons)
    for (const [at, [x1, y1]] of polygon.entries()) {
      const [x2, y2] = polygon[(at + 1) % polygon.length] ?? [x1, y1];
      if (y1 <= y === y2 <= y) continue;
      crossings.push({ x: x1 + ((y - y1) / (y2 - y1)) * (x2 - x1), turn: y2 > y1 ? 1 : -1 });
    }
  let inside = 0;
  crossings.sort((a, b) => a.x - b.x);
  for (const [at, { x, turn }] of crossings.entries()) {
    inside += turn;
    const next = crossings[at + 1];
    if (inside !== 0 && next !== undefined) take(x, next.x);
  }
}

interface Drawing {
  readonly dpi: number;
  readonly degrees: number;
  /** Share of pixels that are dirt. */
  readonly speckle: number;
  /** The letters' darkness, 1 black. */
  readonly ink: number;
}

const POINTS = { width: 420, height: 300, size: 11, lead: 20, left: 40, top: 40 };

function draw(rows: readonly (readonly string[])[], how: Drawing, dice: () => number): Page {
  const scale = how.dpi / 72;
  const width = Math.round(POINTS.width * scale);
  const height = Math.round(POINTS.height * scale);
  const page: Page = { width, height, pixels: new Uint8Array(width * height).fill(255) };
  const turn = (how.degrees * Math.PI) / 180;
  const place = ([x, y]: Point): Point => [
    (x * Math.cos(turn) - y * Math.sin(turn)) * scale,
    (x * Math.sin(turn) + y * Math.cos(turn)) * scale,
  ];
  for (const [at, row] of rows.entries())
    for (const [column, cell] of row.entries()) {
      const x = POINTS.left + column * 190;
      write(page, cell, [x, POINTS.top + at * POINTS.lead], place);
    }
  for (let at = 0; at < page.pixels.length; at += 1) {
    const dark = (255 - (page.pixels[at] ?? 255)) * how.ink;
    page.pixels[at] =
      dice() < how.speckle ? (dice() < 0.5 ? 40 : 235) : Math.max(0, 250 - Math.round(dark));
  }
  return page;
}

function write(page: Page, text: string, [x, y]: Point, place: (at: Point) => Point): void {
  const run = font.layout(text);
  const unit = POINTS.size / font.unitsPerEm;
  let pen = x;
  for (const [at, glyph] of run.glyphs.entries()) {
    const polygons = polygonsOf(glyph.path.commands).map((polygon) =>
      polygon.map(([gx, gy]) => place([pen + gx * unit, y - gy * unit])),
    );
    if (polygons.length > 0) fill(page, polygons);
    pen += (run.positions[at]?.xAdvance ?? 0) * unit;
  }
}

const NOISE: readonly (readonly [string, (dice: () => number) => Drawing])[] = [
  ['clean', () => ({ dpi: 200, degrees: 0, speckle: 0, ink: 1 })],
  ['turned', (dice) => ({ dpi: 200, degrees: dice() * 3 - 1.5, speckle: 0, ink: 1 })],
  ['speckled', (dice) => ({ dpi: 200, degrees: 0, speckle: 0.005 + dice() * 0.01, ink: 1 })],
  ['coarse', (dice) => ({ dpi: 110 + dice() * 30, degrees: 0, speckle: 0, ink: 1 })],
  ['faded', (dice) => ({ dpi: 170, degrees: dice() * 2 - 1, speckle: 0.003, ink: 0.45 })],
];
const PAYERS = ['Nordwerk GmbH', 'Acme Tools Ltd', 'Baeckerei Holm KG', 'Lindqvist AB'];

const written = (minor: number, german: boolean): string => {
  const whole = String(Math.trunc(minor / 100)).replace(/\B(?=(\d{3})+$)/g, german ? '.' : ',');
  return `${whole}${german ? ',' : '.'}${String(minor % 100).padStart(2, '0')}`;
};

/** So many scans, kind after kind of noise; the same seed makes the same ones. */
export function scans(seed: number, count: number): Scan[] {
  const dice = diceOf(seed);
  return Array.from({ length: count }, (_, at): Scan => {
    const [noise, drawing] = NOISE[at % NOISE.length] ?? NOISE[0] ?? fail();
    const german = dice() < 0.5;
    const lines = Array.from({ length: 2 + Math.floor(dice() * 3) }, (_line, n) => ({
      invoice: `INV-2026-${String(100 + at * 10 + n + Math.floor(dice() * 3) * 1000).padStart(5, '0')}`,
      amountMinor: 1_000 + Math.floor(dice() * 900_000),
    }));
    const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    const payer = PAYERS[Math.floor(dice() * PAYERS.length)] ?? '';
    const rows = [
      [german ? 'Zahlungsavis' : 'Remittance advice'],
      [`${german ? 'Auftraggeber' : 'Payer'}: ${payer}`],
      [german ? 'Rechnung' : 'Invoice', german ? 'Betrag EUR' : 'Amount EUR'],
      ...lines.map(({ invoice, amountMinor }) => [invoice, written(amountMinor, german)]),
      [german ? 'Summe' : 'Total', `${written(totalMinor, german)} EUR`],
    ];
    return { page: draw(rows, drawing(dice), dice), noise, payer, lines, totalMinor };
  });
}

/** A PDF with a scan a page, as a scanner with a feeder sends it. */
export function pdfOf(scanned: readonly Scan[]): Buffer {
  const object = (at: number, dictionary: string, stream?: Buffer): Buffer => {
    const head = `${at} 0 obj<<${dictionary}${stream === undefined ? '' : `/Length ${stream.length}`}>>`;
    if (stream === undefined) return Buffer.from(`${head}endobj\n`);
    return Buffer.concat([
      Buffer.from(`${head}stream\n`),
      stream,
      Buffer.from('\nendstream endobj\n'),
    ]);
  };
  const kids = scanned.map((_, at) => `${3 + at * 3} 0 R`).join(' ');
  const pages = scanned.flatMap(({ page: { width, height, pixels } }, at) => {
    const [page, content, image] = [3 + at * 3, 4 + at * 3, 5 + at * 3];
    const box = `/MediaBox[0 0 ${POINTS.width} ${POINTS.height}]`;
    const resources = `/Resources<</XObject<</I ${image} 0 R>>>>`;
    const picture = `/Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode`;
    const shown = `q ${POINTS.width} 0 0 ${POINTS.height} 0 0 cm /I Do Q`;
    return [
      object(page, `/Type/Page/Parent 2 0 R${box}${resources}/Contents ${content} 0 R`),
      object(content, '', Buffer.from(shown)),
      object(image, picture, deflateSync(pixels)),
    ];
  });
  return Buffer.concat([
    Buffer.from('%PDF-1.7\n'),
    object(1, '/Type/Catalog/Pages 2 0 R'),
    object(2, `/Type/Pages/Kids[${kids}]/Count ${scanned.length}`),
    ...pages,
    Buffer.from('trailer<</Root 1 0 R>>\n'),
  ]);
}

function fail(): never {
  throw new RangeError('there is no noise');
}
