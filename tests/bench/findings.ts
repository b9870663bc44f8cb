/**
 * All rules over 200,000 subcontracts, read from the database account by account, against one SQL join that reads the same
 * rows once through the same connection; and a tenth of them, so that time and memory can be seen to grow as they should.
 */
import postgres from 'postgres';
import { rowOf } from '../../domain/book/blank-row.ts';
import { type Book, emptyBook, type Row, type TableName } from '../../domain/book/tables.ts';
import { type Findings, Inspection } from '../../domain/findings/find.ts';
import { createEmptyDatabase } from '../infrastructure/servers.ts';
import { type Section, secondsOf } from './section.ts';

const SUBCONTRACTS = 200_000;
const TIMES_AS_SMALL = 10;
const ON_A_CONTRACT = 5;
const CONTRACTS_AN_ACCOUNT = 4;
/** Accounts read and looked at together. */
const PART_ACCOUNTS = 100;
const AS_OF = '2026-11-20';
/** Every so many subcontracts nobody billed the running year: what the rules must find, neither more nor less. */
const EVERY_UNBILLED = 1000;
/** The goals (docs/findings.md promises them to whoever runs the bench). */
const JOIN_MOST = 5;
const LINEAR_MOST = 1.3;
const MEMORY_MOST = 1.5;

type Sql = postgres.Sql;

/** Each row carries the number of its account, so that a part can be read by it. */
async function fill(sql: Sql): Promise<void> {
  const contracts = SUBCONTRACTS / ON_A_CONTRACT;
  const accounts = contracts / CONTRACTS_AN_ACCOUNT;
  await sql.unsafe(`
    create table accounts as select n as at, 'A-' || n as account, 'Customer ' || n as name,
      'EUR' as currency, 'DE' as country, 'mail' || n || '@customer.example' as "billingEmail"
      from generate_series(0, ${accounts - 1}) n;
    create table contracts as select n / ${CONTRACTS_AN_ACCOUNT} as at, 'C-' || n as contract,
      'A-' || n / ${CONTRACTS_AN_ACCOUNT} as account, '2025-01-01' as start, '2027-12-31' as "end"
      from generate_series(0, ${contracts - 1}) n;
    create table subcontracts as select n / ${ON_A_CONTRACT * CONTRACTS_AN_ACCOUNT} as at,
      'S-' || n as subcontract, 'C-' || n / ${ON_A_CONTRACT} as contract, 'MNT' as sku,
      '2' as quantity, '100' as "unitPrice", 'N-' || n as serial
      from generate_series(0, ${SUBCONTRACTS - 1}) n;
    create table invoices as select c.at, 'R-' || c.contract as invoice, c.account, c.contract,
      '2025-12-15' as issued, 'EUR' as currency, 'paid' as status, '1190.00' as total, '0.00' as balance
      from contracts c;
    create table invoice_lines as select s.at, 'R-' || s.contract as invoice, s.subcontract as line,
      s.subcontract, s.sku, '2026-01-01' as "periodStart", '2026-12-31' as "periodEnd",
      '200.00' as net, '38.00' as tax from subcontracts s
      where substr(s.subcontract, 3)::int % ${EVERY_UNBILLED} <> 0;
    insert into invoice_lines select s.at, 'R-' || s.contract, s.subcontract || '-2025', s.subcontract, s.sku,
      '2025-01-01', '2025-12-31', '200.00', '38.00' from subcontracts s;
    create table payments as select i.at, 'P-' || i.invoice as payment, i.account,
      '2026-01-10' as received, '1190.00' as amount, 'EUR' as currency, i.invoice from invoices i;
    create table licenses as select s.at, 'L-' || s.subcontract as license,
      'A-' || s.at as account, s.subcontract, s.sku, '2' as seats, 'full' as kind,
      'enabled' as state, '2026-01-01' as "validFrom", '2026-12-31' as "validThrough" from subcontracts s
      where substr(s.subcontract, 3)::int % ${EVERY_UNBILLED} <> 0;`);
  for (const table of TABLES) await sql.unsafe(`create index on ${table} (at); analyze ${table}`);
}

const TABLES = [
  'accounts',
  'contracts',
  'subcontracts',
  'invoices',
  'invoice_lines',
  'payments',
  'licenses',
] as const satisfies readonly TableName[];

const SHARED: Partial<Book> = {
  entities: [rowOf('entities', { entity: 'DE', country: 'DE', currency: 'EUR' })],
  products: [rowOf('products', { sku: 'MNT', name: 'Maintenance', kind: 'maintenance' })],
};

async function part(sql: Sql, from: number, to: number): Promise<Book> {
  const read = await Promise.all(
    TABLES.map(async (table) => {
      const rows = await sql.unsafe(`select * from ${table} where at >= $1 and at < $2`, [
        from,
        to,
      ]);
      return [table, rows.map((row) => rowOf(table, row as Partial<Row<typeof table>>))] as const;
    }),
  );
  return { ...emptyBook(), ...SHARED, ...Object.fromEntries(read) };
}

interface Inspected {
  readonly answer: Findings;
  readonly seconds: number;
  /** The most that was in use after a part, with what can be collected collected where Node lets us. */
  readonly peakMb: number;
}

async function inspect(sql: Sql, accounts: number): Promise<Inspected> {
  let peakMb = 0;
  const inspection = new Inspection(AS_OF);
  const seconds = await secondsOf(async () => {
    for (let from = 0; from < accounts; from += PART_ACCOUNTS) {
      inspection.look(await part(sql, from, Math.min(from + PART_ACCOUNTS, accounts)));
      peakMb = Math.max(peakMb, process.memoryUsage().rss / 2 ** 20);
    }
  });
  return { answer: inspection.answer(), seconds, peakMb };
}

/** The same rows, each once, by one join; a cursor keeps memory flat here too. */
async function join(sql: Sql): Promise<number> {
  let rows = 0;
  const query = sql`
    select a.*, c.*, s.*, i.*, l.*, p.*, k.* from subcontracts s
    join contracts c using (contract) join accounts a on a.account = c.account
    left join invoice_lines l on l.subcontract = s.subcontract
    left join invoices i on i.invoice = l.invoice
    left join payments p on p.invoice = i.invoice
    left join licenses k on k.subcontract = s.subcontract`;
  for await (const some of query.cursor(5000)) rows += some.length;
  return rows;
}

export const findings: Section = {
  name: 'findings',
  what: 'all rules over 200,000 subcontracts, against one SQL join that reads the same rows',
  measure: async () => {
    const sql = postgres(await createEmptyDatabase(), {
      max: TABLES.length,
      onnotice: () => undefined,
    });
    try {
      await fill(sql);
      const accounts = SUBCONTRACTS / ON_A_CONTRACT / CONTRACTS_AN_ACCOUNT;
      // The first round warms up the compiler and the connections.
      await inspect(sql, accounts / TIMES_AS_SMALL);
      const small = await inspect(sql, accounts / TIMES_AS_SMALL);
      const large = await inspect(sql, accounts);
      let rows = 0;
      const joinSeconds = await secondsOf(async () => {
        rows = await join(sql);
      });
      const found = large.answer.findings.length;
      const ratios = {
        timePerJoin: large.seconds / joinSeconds,
        timePerSize: large.seconds / (TIMES_AS_SMALL * small.seconds),
        memoryPerSmall: large.peakMb / small.peakMb,
      };
      return {
        ratios,
        figures: {
          subcontracts: SUBCONTRACTS,
          findings: found,
          rowsJoined: rows,
          joinSeconds,
          smallSeconds: small.seconds,
          largeSeconds: large.seconds,
          peakMb: large.peakMb,
          subcontractsPerSecond: SUBCONTRACTS / large.seconds,
        },
        broken: broken(found, ratios),
      };
    } finally {
      await sql.end();
    }
  },
};

function broken(
  found: number,
  ratios: { timePerJoin: number; timePerSize: number; memoryPerSmall: number },
): string[] {
  const wanted = SUBCONTRACTS / EVERY_UNBILLED;
  const words: string[] = [];
  if (found !== wanted) words.push(`${found} findings instead of ${wanted}`);
  if (ratios.timePerJoin > JOIN_MOST) words.push(`more than ${JOIN_MOST} times a join`);
  if (ratios.timePerSize > LINEAR_MOST) words.push('time grows faster than the book');
  if (ratios.memoryPerSmall > MEMORY_MOST) words.push('memory grows with the book');
  return words;
}
