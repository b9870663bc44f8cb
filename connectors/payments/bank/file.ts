/** A bank's file as somebody hands it over: bytes in some encoding, in one of four formats. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { parseBai2 } from './bai2.ts';
import { parseCamt053 } from './camt053.ts';
import { type CsvMapping, parseBankCsv } from './csv.ts';
import { BankFileRejection, type BankStatement, MAX_BANK_FILE_BYTES } from './entry.ts';
import { parseMt940 } from './mt940.ts';

export const BANK_FORMATS = ['camt', 'mt940', 'bai2', 'csv'] as const;
export type BankFormat = (typeof BANK_FORMATS)[number];

/**
 * A file's bytes, looked at before they are read: what is larger than any statement never comes into memory.
 * @throws BankFileRejection `too-large`
 */
export async function bankFileBytes(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MAX_BANK_FILE_BYTES)
    throw new BankFileRejection(
      'too-large',
      basename(path),
      `it has ${size} bytes; a bank file has at most ${MAX_BANK_FILE_BYTES}`,
    );
  return readFile(path);
}

/** UTF-8 where the bytes are that, UTF-16 where they say so, else the Western European code page that banks use. */
export function bankFileText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new TextDecoder('windows-1252').decode(bytes);
    throw error;
  }
}

/** The format that a text begins like; what begins like none is taken for CSV. */
export function formatOf(text: string): BankFormat {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith('<')) return 'camt';
  if (start.startsWith('{1:') || /^:(?:20|25|940):/m.test(start.slice(0, 1000))) return 'mt940';
  return start.startsWith('01,') ? 'bai2' : 'csv';
}

/**
 * The statements of a file; taken whole or not at all.
 * @param mapping what a CSV's columns are; the other formats need none
 * @throws BankFileRejection
 */
export function readBankFile(
  text: string,
  format: BankFormat,
  mapping: CsvMapping | null,
): BankStatement[] {
  // UTF-16 without its mark, or no text at all: read on, it would be other text than the bank wrote.
  if (text.includes('\0'))
    throw new BankFileRejection(
      'not-readable',
      'the file',
      'it is no text in an encoding of banks',
    );
  switch (format) {
    case 'camt':
      return parseCamt053(text);
    case 'mt940':
      return parseMt940(text);
    case 'bai2':
      return parseBai2(text);
    case 'csv':
      if (mapping === null)
        throw new BankFileRejection(
          'field-missing',
          'CSV',
          'no mapping says which column is what; save one in the settings and name it',
        );
      return parseBankCsv(text, mapping);
  }
}

const column = z.string().min(1).max(200);
const name = column.optional();

/** A CSV's mapping as a person saves it; its fields are those of {@link CsvMapping}. */
export const csvMappingSchema = z.strictObject({
  account: z.string().min(1).max(60),
  currency: z.string().regex(/^[A-Z]{3}$/),
  delimiter: z.enum([',', ';', '\t']),
  decimal: z.enum(['.', ',']),
  dateFormat: z.enum(['YYYY-MM-DD', 'DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY']),
  skipLines: z.int().min(0).max(1000).optional(),
  columns: z
    .strictObject({
      bookedOn: column,
      valueOn: name,
      amount: name,
      credit: name,
      debit: name,
      direction: name,
      currency: name,
      reference: z.array(column).max(20),
      structuredReference: name,
      endToEndId: name,
      mandateId: name,
      payerName: name,
      payerIban: name,
      bankReference: name,
      balanceAfter: name,
      status: name,
    })
    .refine(({ amount, credit, debit }) => amount !== undefined || (credit && debit), {
      error: 'Name the column `amount`, or both `credit` and `debit`.',
    }),
  pendingValues: z.array(z.string().max(60)).max(20).optional(),
  debitValues: z.array(z.string().max(60)).max(20).optional(),
});

/** Mappings by the names under which people keep them. */
export const csvMappingsSchema = z.record(z.string().regex(/^[\w-]{1,60}$/), csvMappingSchema);
