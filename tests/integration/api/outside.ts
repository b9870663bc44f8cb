/** Connected systems as tests need them: what a worker would leave in the record. */
import {
  type ConnectedSystem,
  type Db,
  failOutsideReading,
  keepConnectedSystems,
  OUTSIDE_SOURCES,
} from '../../../db/index.ts';

export const connectedTo = (system: string, more: Partial<ConnectedSystem> = {}) => ({
  ...{ system, external: true, reads: true, corrects: true, createsCustomers: true },
  ...more,
});

/** Accounting and CRM are both `books`, and their readings of a day fail. */
export async function unreachable(db: Db, asOf: string): Promise<void> {
  const books = connectedTo('books');
  await keepConnectedSystems(db, { accounting: books, crm: books });
  const reason = 'it does not answer';
  const at = new Date(`${asOf}T02:00:00Z`);
  for (const source of OUTSIDE_SOURCES)
    await failOutsideReading(db, {
      ...{ key: `${source}:${asOf}`, source, system: 'books', asOf, at, reason },
    });
}
