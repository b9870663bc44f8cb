import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { checkBook, readBook } from '../../../connectors/book/read.ts';

const bold = (values: readonly string[]) => values.map((value) => ({ value, type: String }));

/** A workbook as a person keeps it: real date, number and boolean cells, sheets named their way. */
const SHEETS: Readonly<Record<string, SheetData>> = {
  Accounts: [
    bold(['Account', 'Name', 'PO required', 'Billing Email', 'Currency']),
    ['A-1', 'Acme', true, 'a@example.com', 'EUR'],
    [1002, 'Beta', false, 'b@example.com', 'EUR'],
  ],
  Products: [bold(['SKU', 'Name', 'Kind']), ['M-1', 'Maintenance', 'maintenance']],
  contracts: [
    bold(['contract', 'account', 'start', 'end', 'discount percent']),
    [
      'C-1',
      1002,
      { value: new Date('2026-01-01T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
      { value: new Date('2026-12-31T00:00:00Z'), type: Date, format: 'dd.mm.yyyy' },
      12.5,
    ],
  ],
  Subcontracts: [
    bold(['subcontract', 'contract', 'sku', 'quantity', 'unit_price']),
    ['S-1', 'C-1', 'M-1', 3, 0.1],
  ],
  indices: [
    bold(['index', 'month', 'value']),
    ['CPI', { value: new Date('2026-05-01T00:00:00Z'), type: Date, format: 'mmm yy' }, 101.25],
  ],
};

async function workbook(sheets: Readonly<Record<string, SheetData>>, name = 'book.xlsx') {
  const path = join(await mkdtemp(join(tmpdir(), 'perennial-workbook-')), name);
  await writeExcelFile(Object.entries(sheets).map(([sheet, data]) => ({ sheet, data }))).toFile(
    path,
  );
  return path;
}

describe('a contract book in a workbook', () => {
  it('turns date, number and boolean cells into the text that the book writes', async () => {
    const { book, errors } = await readBook(await workbook(SHEETS));
    expect(errors).toEqual([]);
    expect(book.accounts.map(({ account, poRequired }) => [account, poRequired])).toEqual([
      ['A-1', true],
      ['1002', false],
    ]);
    expect(book.contracts[0]).toMatchObject({
      account: '1002',
      start: '2026-01-01',
      end: '2026-12-31',
      discountPercent: '12.5',
    });
    expect(book.subcontracts[0]).toMatchObject({ quantity: '3', unitPrice: '0.1' });
    expect(book.indices[0]).toMatchObject({ month: '2026-05', value: '101.25' });
  });

  it('names workbook, sheet and row of an error, blank rows counted', async () => {
    const sheets = {
      ...SHEETS,
      Subcontracts: [
        bold(['subcontract', 'contract', 'sku', 'quantity', 'unit_price']),
        [null, null, null, null, null],
        ['S-1', 'C-9', 'M-1', 3, 1],
      ],
    };
    const { errors } = await checkBook(await workbook(sheets));
    expect(errors).toMatchObject([
      { file: 'book.xlsx#Subcontracts', row: 3, column: 'contract', value: 'C-9' },
    ]);
  });

  it('faults a failed formula, which a reader would take for an empty cell', async () => {
    const path = await workbook(SHEETS);
    const content = await readFile(path);
    const at = Object.keys(SHEETS).indexOf('Subcontracts') + 1;
    const sheet =
      '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' +
      `<row r="1">${['subcontract', 'contract', 'sku', 'quantity', 'discount_percent']
        .map((name, index) => `<c r="${'ABCDE'[index]}1" t="inlineStr"><is><t>${name}</t></is></c>`)
        .join('')}</row>` +
      `<row r="2">${['S-1', 'C-1', 'M-1', '3']
        .map((text, index) => `<c r="${'ABCD'[index]}2" t="inlineStr"><is><t>${text}</t></is></c>`)
        .join('')}<c r="E2" t="e"><v>#REF!</v></c></row></sheetData></worksheet>`;
    await writeFile(path, withEntry(content, `xl/worksheets/sheet${at}.xml`, Buffer.from(sheet)));
    const { errors } = await checkBook(path);
    expect(errors).toMatchObject([
      { file: 'book.xlsx#Subcontracts', row: 2, column: 'discount_percent' },
    ]);
    expect(errors[0]?.message).toMatch(/#REF!/);
  });

  it('takes 50,000 rows in a sheet and refuses one more', async () => {
    const rows = (count: number): SheetData => [
      bold(['index', 'month', 'value']),
      ...Array.from({ length: count }, (_, n) => [`I-${n}`, '2026-01', '1']),
    ];
    const full = await checkBook(await workbook({ ...SHEETS, indices: rows(50_000) }));
    expect(full).toMatchObject({ ok: true, tables: { indices: 50_000 } });
    const over = await checkBook(await workbook({ ...SHEETS, indices: rows(50_001) }));
    expect(over.errors[0]?.message).toMatch(/50001 rows.*50000/);
  });

  it('refuses a workbook with macros, an old one, and what is none', async () => {
    const path = await workbook(SHEETS);
    const macros = join(path, '..', 'macros.xlsx');
    const content = await readFile(path);
    await writeFile(macros, withEntry(content, 'xl/vbaProject.bin', Buffer.from('x')));
    await expect(checkBook(macros)).rejects.toThrow(/macros/);
    const old = join(path, '..', 'old.xlsx');
    await writeFile(old, Buffer.from('d0cf11e0a1b11ae1', 'hex'));
    await expect(checkBook(old)).rejects.toThrow(/\.xls workbook|password/);
    const text = join(path, '..', 'text.xlsx');
    await writeFile(text, 'account,name\n');
    await expect(checkBook(text)).rejects.toThrow(/not an \.xlsx/);
    const cut = join(path, '..', 'cut.xlsx');
    await writeFile(cut, content.subarray(0, content.length / 2));
    await expect(checkBook(cut)).rejects.toThrow(/damaged/);
  });

  it('refuses a workbook that unpacks to gigabytes, or that places a cell at the end of the grid', async () => {
    const path = await workbook(SHEETS);
    const content = await readFile(path);
    const bomb = join(path, '..', 'bomb.xlsx');
    await writeFile(bomb, withEntry(content, 'xl/media/a.xml', Buffer.alloc(300 * 1024 * 1024)));
    await expect(checkBook(bomb)).rejects.toThrow(/unpacks to more than/);
    const hidden = join(path, '..', 'hidden.xlsx');
    await writeFile(hidden, withHiddenPart(content));
    await expect(checkBook(hidden)).rejects.toThrow(/does not list/);
    const far = join(path, '..', 'far.xlsx');
    const sheet = '<sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData>';
    await writeFile(far, withEntry(content, 'xl/worksheets/sheet9.xml', Buffer.from(sheet)));
    await expect(checkBook(far)).rejects.toThrow(/XFD1048576/);
  });
});

/** A zip archive with one entry added, or replaced where it has one of that name. */
function withEntry(archive: Buffer, name: string, content: Buffer): Buffer {
  const kept = entriesOf(archive).filter((entry) => entry.name !== name);
  return zip([...kept, entryOf(name, content)]);
}

interface Entry {
  readonly name: string;
  readonly packed: Buffer;
  readonly bytes: number;
  readonly crc: number;
}

function entryOf(name: string, content: Buffer): Entry {
  const packed = deflateRawSync(content);
  return { name, packed, bytes: content.length, crc: crc32(content) };
}

function entriesOf(archive: Buffer): Entry[] {
  const end = archive.lastIndexOf(Buffer.from('504b0506', 'hex'));
  let at = archive.readUInt32LE(end + 16);
  return Array.from({ length: archive.readUInt16LE(end + 10) }, () => {
    const name = archive.toString('utf8', at + 46, at + 46 + archive.readUInt16LE(at + 28));
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = archive.subarray(start, start + archive.readUInt32LE(at + 20));
    const stored = archive.readUInt16LE(at + 10) === 0;
    at += 46 + name.length + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    return entryOf(name, stored ? content : inflateRawSync(content));
  });
}

function zip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, packed, bytes, crc } of entries) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([
      Buffer.from('504b0304', 'hex'),
      common,
      Buffer.from(name),
      packed,
    ]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('504b01021400', 'hex'), common, place, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('504b0506', 0, 'hex');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** CRC-32 as zip uses it (Node 20.19 has none of its own). */
function crc32(content: Buffer): number {
  let crc = ~0;
  for (let at = 0; at < content.length; at += 1)
    crc = (CRC_TABLE[(crc ^ (content[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * A part between the last listed one and the directory, which only readers that stream would see.
 */
function withHiddenPart(archive: Buffer): Buffer {
  const end = archive.lastIndexOf(Buffer.from('504b0506', 'hex'));
  const directoryAt = archive.readUInt32LE(end + 16);
  const moved = Buffer.from(archive);
  moved.writeUInt32LE(directoryAt + 1000, end + 16);
  return Buffer.concat([
    moved.subarray(0, directoryAt),
    Buffer.alloc(1000, 1),
    moved.subarray(directoryAt),
  ]);
}
