/** Small contract books on disk for the tests of the book. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BookMapping, guessMapping } from '../../../connectors/book/mapping.ts';
import { openBook } from '../../../connectors/book/source.ts';

/** A book without a fault: one account, one contract, one subcontract with a list price. */
export const CLEAN: Readonly<Record<string, string>> = {
  entities:
    'entity,legal_name,address_line1,city,country,currency,time_zone\nE1,Seller,W 1,Bonn,DE,EUR,Europe/Berlin\n',
  accounts:
    'account,name,billing_email,address_line1,city,country\nA-1,Acme,a@example.com,Weg 1,Bonn,DE\n',
  products: 'sku,name,kind\nM-1,Maintenance,maintenance\n',
  prices: 'price_list,sku,currency,unit_price\ndefault,M-1,EUR,100.00\n',
  taxes: 'country,category,rate\nDE,S,19\n',
  contracts: 'contract,account,start,end\nC-1,A-1,2026-01-01,2026-12-31\n',
  subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,2\n',
};

export type Files = Readonly<Record<string, string | Uint8Array | null>>;

/**
 * Writes a folder of CSV files: the clean book with some tables replaced, or left out where null.
 */
export async function folder(files: Files = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'perennial-book-test-'));
  for (const [table, content] of Object.entries({ ...CLEAN, ...files })) {
    if (content === null) continue;
    await writeFile(join(dir, table.includes('.') ? table : `${table}.csv`), content);
  }
  return dir;
}

/** The mapping that is guessed for the files of a folder, with what an earlier one has taught. */
export async function guessedMapping(
  dir: string,
  saved: BookMapping | null = null,
): Promise<BookMapping> {
  const source = await openBook(dir);
  const files = [];
  for (const one of [...source.unnamed, ...source.tables.values()]) {
    const records = [];
    for await (const batch of one.records()) records.push(...batch);
    const [header = [], ...rows] = records.map(({ cells }) => cells);
    files.push(guessMapping({ file: one.file, header, rows }, saved));
  }
  return { files };
}
