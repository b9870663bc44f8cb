/**
 * The connection: postgres.js under drizzle. Every query of db/queries takes a {@link Db}, which is a pool or a
 * transaction alike: given a transaction it takes part in it, given a pool it opens its own where it needs one.
 */
import type { PgDatabase } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema.ts';

export type Schema = typeof schema;
/** A pool or a transaction of it. */
export type Db = PgDatabase<PostgresJsQueryResultHKT, Schema>;

export interface Connection {
  readonly db: Db;
  /** The pool under `db`, for COPY and notifications inside db/; nothing outside db/ writes SQL. */
  readonly sql: postgres.Sql;
  /** Waits for running queries, at most five seconds, and closes the pool. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Connections in the pool at most; the default is 10. */
  readonly max?: number;
  /** Shown by the server in pg_stat_activity. */
  readonly applicationName?: string;
}

/** A bigint as a safe integer: amounts and ids live there; a number that does not fit is refused, never rounded. */
function safeInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`number out of range: ${value}`);
  return number;
}

/** Opens a pool. Dates come as `YYYY-MM-DD`, bigint as safe integers, numeric as decimal strings. */
export function connect(databaseUrl: string, options: ConnectOptions = {}): Connection {
  const sql = postgres(databaseUrl, {
    max: options.max ?? 10,
    onnotice: () => {},
    connection: { application_name: options.applicationName ?? 'perennial', TimeZone: 'UTC' },
    types: {
      bigint: {
        to: 20,
        from: [20],
        serialize: (value: number) => String(value),
        parse: safeInteger,
      },
      civilDate: {
        to: 1082,
        from: [1082],
        serialize: (value: string) => value,
        parse: (value: string) => value,
      },
    },
  });
  const db: Db = drizzle(sql, { schema });
  return { db, sql, close: () => sql.end({ timeout: 5 }) };
}
