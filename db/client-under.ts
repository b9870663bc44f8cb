/** The client under drizzle: for what drizzle has no words, or finds them too slowly. */
import { PostgresJsSession } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import type { Db } from './connect.ts';

/** The client of a pool, or of the transaction that `db` is. */
export function clientUnder(db: Db): Sql {
  const { session } = db._;
  if (session instanceof PostgresJsSession) return session.client as Sql;
  throw new TypeError('This database is not asked over postgres.js.');
}
