import { Connection } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { databaseVersion, pendingMigrations } from '../../db/administration.ts';
import { migrate } from '../../db/migrate.ts';
import { useTimeSkipping } from '../infrastructure/engines.ts';
import {
  createEmptyDatabase,
  createTestDatabase,
  devServerAddress,
} from '../infrastructure/servers.ts';

describe('databases for tests', () => {
  it('are different ones, of a real Postgres', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(first).not.toBe(second);
    expect(await databaseVersion(first)).toMatch(/^18\./);
    expect(await pendingMigrations(second)).toEqual([]);
  });

  it('can be had empty, and migrated by two at once', async () => {
    const url = await createEmptyDatabase();
    expect((await pendingMigrations(url)).length).toBeGreaterThan(0);
    await Promise.all([migrate(url), migrate(url)]);
    expect(await pendingMigrations(url)).toEqual([]);
  });
});

describe('Temporal for tests', () => {
  const timeSkipping = useTimeSkipping('file');

  it('is a dev server that answers', async () => {
    const connection = await Connection.connect({ address: await devServerAddress() });
    const info = await connection.workflowService.getSystemInfo({});
    await connection.close();
    expect(info.serverVersion).toMatch(/^1\./);
  });

  it('is a server that skips time', async (context) => {
    const environment = timeSkipping(context);
    const before = await environment.currentTimeMs();
    await environment.sleep('365 days');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(365 * 86_400_000);
  });
});
