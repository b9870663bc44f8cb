/**
 * What tests may ask for: a database of their own, Temporal's dev server; its time-skipping server: engines.ts. Each is
 * started when first asked for, once a run (global-setup.ts), and gone after it.
 */
import { inject, type TestContext } from 'vitest';

/** Programs that are no tests say in the environment where the servers are. */
const serversUrl = () => process.env.PERENNIAL_TEST_SERVERS ?? inject('serversUrl');

/** What the servers for tests answer to a wish, or in words why they can not. */
export type Answer<T> = { readonly answer: T } | { readonly refused: string };

/** For engines.ts, which is apart because few tests need the engine's libraries, which take long to load. */
export async function ask<T>(wish: string): Promise<T> {
  const response = await fetch(`${serversUrl()}${wish}`);
  const told = (await response.json()) as Answer<T>;
  if ('answer' in told) return told.answer;
  throw new Error(`The servers for tests could not serve ${wish}: ${told.refused}`);
}

/** The URL of a new database with the present schema and no rows, which nobody else uses. */
export async function createTestDatabase(): Promise<string> {
  return (await ask<{ url: string }>('/database')).url;
}

/** The URL of a new database without any table, for tests of the migrations. */
export async function createEmptyDatabase(): Promise<string> {
  return (await ask<{ url: string }>('/empty-database')).url;
}

/** The address (`127.0.0.1:PORT`) of a dev server that all tests of a run share: choose task queues and ids of your own. */
export async function devServerAddress(): Promise<string> {
  return (await ask<{ address: string }>('/dev-server')).address;
}

/** A server that a test starts itself ends with the run at the latest, also where the test crashes. */
export async function endWithRun(pid: number): Promise<void> {
  await ask(`/watch?pid=${pid}`);
}

declare module 'vitest' {
  interface TaskMeta {
    skipReason?: string;
  }
}

/** Skips this test for want of something on this machine; the summary of `npm test` says the reason aloud. */
export function skipAloud(context: TestContext, reason: string): never {
  context.task.meta.skipReason = reason;
  return context.skip(reason);
}
