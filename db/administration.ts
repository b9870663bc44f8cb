/** Databases as a whole: whether one answers, making one, copying one. Used to set up and to diagnose, not to bill. */
import { existsSync, readFileSync } from 'node:fs';
import postgres from 'postgres';

async function withConnection<T>(
  url: string,
  work: (sql: postgres.Sql) => Promise<T>,
  limitSeconds = 5,
): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: limitSeconds, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: limitSeconds });
  }
}

/** The server's version (`18.4`); throws where the database cannot be reached or refuses us. */
export function databaseVersion(url: string): Promise<string> {
  return withConnection(url, async (sql) => {
    const [row] = await sql<{ version: string }[]>`
      select current_setting('server_version') as version`;
    return row?.version ?? '';
  });
}

/** The server's clock, in milliseconds since 1970. */
export function databaseClockMs(url: string): Promise<number> {
  return withConnection(url, async (sql) => {
    const [row] = await sql<{ ms: string }[]>`
      select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as ms`;
    return Number(row?.ms);
  });
}

/** Makes a database unless it is there already. `url` is any database of the same server. */
export function createDatabaseUnlessPresent(url: string, name: string): Promise<void> {
  return withConnection(url, async (sql) => {
    const present = await sql`select 1 from pg_database where datname = ${name}`;
    if (present.length === 0) await sql`create database ${sql(name)}`;
  });
}

/** Makes a database as a copy of another one, to which nobody may be connected. */
export function copyDatabase(url: string, from: string, to: string): Promise<void> {
  return withConnection(url, async (sql) => {
    await sql`create database ${sql(to)} template ${sql(from)}`;
  });
}

interface JournalEntry {
  readonly when: number;
  readonly tag: string;
}

const JOURNAL = new URL('./migrations/meta/_journal.json', import.meta.url);

/** The names of the migrations that this database lacks, in order; migrate (db/migrate.ts) applies them. */
export function pendingMigrations(url: string): Promise<string[]> {
  return withConnection(url, async (sql) => {
    const [table] = await sql<{ present: boolean }[]>`
      select to_regclass('drizzle.__drizzle_migrations') is not null as present`;
    const applied = table?.present
      ? await sql<{ last: string | null }[]>`
          select max(created_at)::text as last from drizzle.__drizzle_migrations`
      : [];
    const last = Number(applied[0]?.last ?? 0);
    const journal: readonly JournalEntry[] = existsSync(JOURNAL)
      ? JSON.parse(readFileSync(JOURNAL, 'utf8')).entries
      : [];
    return journal.filter((entry) => entry.when > last).map((entry) => entry.tag);
  });
}
