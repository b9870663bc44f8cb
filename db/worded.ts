/**
 * Questions that are asked often, each worded once: finding the words of forty columns takes drizzle longer than the answer
 * takes. The words stay; the connection or transaction that they are asked of is another each time.
 */

import { clientUnder } from './client-under.ts';
import type { Db } from './connect.ts';

type Values = Readonly<Record<string, unknown>>;

/** A question of drizzle's with `sql.placeholder` for its values. */
interface Question<R> {
  prepare(name: string): { execute(values?: Record<string, unknown>): Promise<R> };
}

const questions = new Map<string, object>();

/**
 * Asks a question.
 *
 * @param name what it asks, by which its words are known; whatever changes the words is part of it
 * @param find the question, asked for once
 * @param values by the names of the question's placeholders
 */
export function worded<R>(
  db: Db,
  name: string,
  find: (db: Db) => Question<R>,
  values: Values,
): Promise<R> {
  let question = questions.get(name);
  if (question === undefined) {
    // Without the client, which may be that of a transaction that is over.
    question = askedOf(find(db).prepare(name), null);
    questions.set(name, question);
  }
  const own = askedOf(question, clientUnder(db)) as ReturnType<Question<R>['prepare']>;
  return own.execute({ ...values });
}

/** Drizzle binds a worded question to a client for good; the client is all of it that is not words. */
function askedOf(question: object, client: unknown): object {
  return Object.assign(Object.create(Object.getPrototypeOf(question)), question, { client });
}
