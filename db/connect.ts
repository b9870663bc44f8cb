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

/** A statement with more values is a long list, whose text hardly comes again: the server does not keep it. */
const PREPARED_VALUES_MOST = 100;

type Work<T> = (tx: T) => unknown;

/** Whether a transaction's work has ended, well or not. */
interface Span {
  over: boolean;
}

/**
 * The client as drizzle uses it, with two promises of its own.
 *
 * The server keeps statements as long as a connection. Drizzle has each question asked anew: once for the types of its values
 * and once for its answer, and none can follow while the one before is answered. `?prepare=false` in the URL turns it off, for
 * a pooler that gives each transaction another connection.
 *
 * What comes after the end of its transaction is refused: where one of several statements side by side fails, what follows
 * another of them must not be written outside of what was rolled back.
 */
function clientOf<T extends postgres.Sql>(sql: T, span: Span): T {
  const unsafe: T['unsafe'] = (text, values = [], options = {}) => {
    if (span.over) throw new Error('The transaction of this statement has ended.');
    const prepare = values.length > 0 && values.length <= PREPARED_VALUES_MOST;
    return sql.unsafe(text, values, { ...options, prepare });
  };
  const inside = (name: 'begin' | 'savepoint') => {
    const open = Reflect.get(sql, name) as (...given: unknown[]) => Promise<unknown>;
    return (...given: unknown[]) => {
      const work = given.at(-1) as Work<T>;
      return open(...given.slice(0, -1), async (tx: T) => {
        const own = { over: false };
        try {
          return await work(clientOf(tx, own));
        } finally {
          own.over = true;
        }
      });
    };
  };
  return new Proxy(sql, {
    get(target, name) {
      if (name === 'unsafe') return unsafe;
      return name === 'begin' || name === 'savepoint' ? inside(name) : Reflect.get(target, name);
    },
  });
}

const isPreparing = (databaseUrl: string) => !/[?&]prepare=(?:false|disable)\b/.test(databaseUrl);

/** Opens a pool. Dates come as `YYYY-MM-DD`, bigint as safe integers, numeric as decimal strings. */
export function connect(databaseUrl: string, options: ConnectOptions = {}): Connection {
  const sql = postgres(databaseUrl, {
    max: options.max ?? 10,
    onnotice: () => {},
    connection: {
      application_name: options.applicationName ?? 'perennial',
      TimeZone: 'UTC',
      // A list of ten is looked for otherwise than one of ten thousand: each statement is planned for its own values.
      ...(isPreparing(databaseUrl) ? { plan_cache_mode: 'force_custom_plan' } : {}),
    },
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
  const db: Db = drizzle(clientOf(sql, { over: false }), { schema });
  return { db, sql, close: () => sql.end({ timeout: 5 }) };
}
