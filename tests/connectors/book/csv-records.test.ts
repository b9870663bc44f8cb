import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordCutter } from '../../../connectors/book/csv-records.ts';
import { detectDelimiter } from '../../../connectors/book/source.ts';

function records(text: string, delimiter: string, chunkBytes = Number.POSITIVE_INFINITY) {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const cutter = new RecordCutter(delimiter);
  const out = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    out.push(...cutter.feed(bytes.slice(at, at + chunkBytes), false));
  return [...out, ...cutter.feed('', true)];
}

const cell = fc.oneof(
  fc.stringMatching(/^[a-z0-9 ;,\t"]{0,6}$/),
  fc.constantFrom('', 'é', '漢字', '🎉', 'a\nb', 'a\r\nb', '""', '"', ' x ', '\r'),
);
const table = fc
  .integer({ min: 2, max: 5 })
  .chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 }),
  );

describe('cutting records out of bytes', () => {
  it('reads what a CSV writer wrote, whatever the delimiter, line end and chunk size', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 40 }),
        (rows, delimiter, end, chunkBytes) => {
          const text = stringify(rows, { delimiter, record_delimiter: end, quoted: true });
          const read = records(text, delimiter, chunkBytes);
          expect(read.map(({ cells }) => cells)).toEqual(rows);
          expect(read.map(({ row }) => row)).toEqual(rows.map((_, index) => index + 1));
        },
      ),
    );
  });

  it('agrees with csv-parse on any text that csv-parse accepts', () => {
    const text = fc.stringMatching(/^[ab,"\n]{0,24}$/);
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (source, chunkBytes) => {
        let expected: string[][];
        try {
          expected = parse(source, { relax_column_count: true, skip_empty_lines: true });
        } catch {
          expect(records(source, ',', chunkBytes).some(({ problem }) => problem)).toBe(true);
          return;
        }
        const read = records(source, ',', chunkBytes);
        const filled = read
          .map(({ cells }) => cells)
          .filter((cells) => cells.join() !== '' || cells.length > 1);
        const nonBlank = expected.filter((cells) => cells.join() !== '' || cells.length > 1);
        expect(read.some(({ problem }) => problem)).toBe(false);
        expect(filled).toEqual(nonBlank);
      }),
      { numRuns: 2000 },
    );
  });

  it('counts blank rows, and a line break inside quotes as no new row', () => {
    const read = records('h\n\n"a\nb"\nc\n', ',');
    expect(read.map(({ row, cells }) => [row, cells[0]])).toEqual([
      [1, 'h'],
      [2, ''],
      [3, 'a\nb'],
      [4, 'c'],
    ]);
  });

  it('gives up on a quote that is open for a megabyte, and goes on with the next line', () => {
    const read = records(`h\n"${'x'.repeat(1 << 21)}\nnext\n`, ',', 65_536);
    expect(read.map(({ row }) => row)).toEqual([1, 2, 3]);
    expect(read[1]?.problem?.message).toMatch(/quote/);
    expect(read[2]?.cells).toEqual(['next']);
  });

  it.each([
    [',', 'account,name\n'],
    [';', 'account;name;"a,b,c"\n'],
    ['\t', 'Account\tName\n'],
  ])('detects the delimiter %j', (delimiter, head) => {
    expect(detectDelimiter(head, 'accounts')).toBe(delimiter);
  });
});
