/**
 * A book of 200,000 subcontracts imported, against COPY of the same rows into tables with the same keys and indexes: what the
 * checks of a book, the upsert and the trail for an undo cost on top of the least that a database can do.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { connect, importBook } from '../../db/index.ts';
import { rowOf } from '../../domain/book/blank-row.ts';
import { BOOK_TABLES, type Book, camel, emptyBook } from '../../domain/book/tables.ts';
import { createTestDatabase } from '../infrastructure/servers.ts';
import { type Section, secondsOf } from './section.ts';

const SUBCONTRACTS = 200_000;
const PER_CONTRACT = 5;
const PER_ACCOUNT = 4;
const GOAL = 4;

function largeBook(): Book {
  const contracts = SUBCONTRACTS / PER_CONTRACT;
  const many = <T>(count: number, make: (n: number) => T) =>
    Array.from({ length: count }, (_, n) => make(n));
  return {
    ...emptyBook(),
    accounts: many(contracts / PER_ACCOUNT, (n) =>
      rowOf('accounts', {
        account: `A-${n}`,
        name: `Customer ${n}`,
        status: 'active',
        country: 'DE',
      }),
    ),
    products: [rowOf('products', { sku: 'CAD', name: 'CAD maintenance', kind: 'maintenance' })],
    contracts: many(contracts, (n) =>
      rowOf('contracts', {
        contract: `C-${n}`,
        account: `A-${Math.floor(n / PER_ACCOUNT)}`,
        start: '2026-01-01',
        end: '2028-12-31',
        currency: 'EUR',
        billingFrequency: 'annual',
        autoRenew: false,
        status: 'active',
      }),
    ),
    subcontracts: many(SUBCONTRACTS, (n) =>
      rowOf('subcontracts', {
        subcontract: `S-${n}`,
        contract: `C-${Math.floor(n / PER_CONTRACT)}`,
        sku: 'CAD',
        quantity: String(1 + (n % 20)),
        unitPrice: '120.00',
        serial: `SN-${n}`,
        status: 'active',
      }),
    ),
  };
}

const TABLES = ['accounts', 'products', 'contracts', 'subcontracts'] as const;

/** A value as COPY's text format writes it. None of the book's values holds a tab, a break or a backslash. */
function copyText(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (Array.isArray(value)) return `{${value.join(',')}}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** COPY of the same rows into tables of the same shape, keys and indexes; making the text is not counted. */
async function copySeconds(url: string, book: Book): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    let seconds = 0;
    for (const table of TABLES) {
      const names = [...Object.keys(BOOK_TABLES[table].columns), 'custom'];
      const rows = book[table] as unknown as readonly Readonly<Record<string, unknown>>[];
      const lines = rows.map((row) => names.map((name) => copyText(row[camel(name)])).join('\t'));
      const target = `copied_${table}`;
      await sql`create table ${sql(target)} (like ${sql(table)} including all)`;
      seconds += await secondsOf(async () => {
        const into = await sql`copy ${sql(target)} (${sql(names)}) from stdin`.writable();
        await pipeline(Readable.from(chunks(lines)), into);
      });
    }
    return seconds;
  } finally {
    await sql.end();
  }
}

function* chunks(lines: readonly string[]): Generator<string> {
  for (let start = 0; start < lines.length; start += 1000)
    yield `${lines.slice(start, start + 1000).join('\n')}\n`;
}

export const bookImport: Section = {
  name: 'book import',
  what: `a book of ${SUBCONTRACTS.toLocaleString('en')} subcontracts imported ÷ COPY of the same rows (goal: at most ${GOAL})`,
  measure: async () => {
    const url = await createTestDatabase();
    const { db, close } = connect(url, { max: 2 });
    try {
      const book = largeBook();
      const actor = { user: 'bench', role: 'service' };
      const importSeconds = await secondsOf(() =>
        importBook(db, book, { importId: 'bench', actor }),
      );
      const againSeconds = await secondsOf(() =>
        importBook(db, book, { importId: 'again', actor }),
      );
      const copied = await copySeconds(url, book);
      const ratio = importSeconds / copied;
      return {
        ratios: { importPerCopy: ratio, againPerCopy: againSeconds / copied },
        figures: {
          rows: TABLES.reduce((sum, table) => sum + book[table].length, 0),
          importSeconds,
          againSeconds,
          copySeconds: copied,
        },
        broken:
          ratio <= GOAL
            ? []
            : [`the import takes ${ratio.toFixed(1)} times COPY, more than ${GOAL}`],
      };
    } finally {
      await close();
    }
  },
};
