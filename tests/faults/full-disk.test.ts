/**
 * The disk of the database runs full while documents are being issued, and Postgres breaks off for want of its log: it is said in
 * words, nothing is half done, and once there is room all goes on without anybody starting anything. On a small disk of its own.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { watchDisk } from '../../cli/start/disk-watch.ts';
import { clusterUrl, prepareCluster } from '../../cli/start/embedded-postgres.ts';
import { postgresPart } from '../../cli/start/parts.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { Supervisor } from '../../cli/start/supervisor.ts';
import { createDatabaseUnlessPresent } from '../../db/administration.ts';
import { diskFull } from '../../db/disk-full.ts';
import { addTimelineEvent, connect } from '../../db/index.ts';
import { migrate } from '../../db/migrate.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { openFolder } from '../infrastructure/open-folder.ts';
import { skipAloud } from '../infrastructure/servers.ts';
import { allIssuedAndMailedOnce } from './once.ts';
import { createPlant } from './plant.ts';

const CONTRACTS = 12;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A disk of 300 MB, which only root may make; null where none can be made. */
async function smallDisk(): Promise<string | null> {
  const folder = openFolder('faults');
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mount = ['-t', 'tmpfs', '-o', 'size=300m,mode=755', 'tmpfs', disk];
  if (spawnSync('mount', mount).status !== 0) return null;
  cleanUp.push(() => spawnSync('umount', ['--lazy', disk]));
  return disk;
}

/** Writes until nothing more goes onto the disk. @returns what makes room again */
function fill(disk: string): () => void {
  const file = join(disk, 'ballast');
  const open = openSync(file, 'w');
  for (const size of [4_000_000, 4_096])
    try {
      for (;;) writeSync(open, Buffer.alloc(size));
    } catch (error) {
      if (diskFull(error) === null) throw error;
    }
  closeSync(open);
  return () => rmSync(file);
}

it('is waited for, with what was issued whole, and everything goes on once there is room', async (test) => {
  const disk = await smallDisk();
  if (disk === null)
    skipAloud(test, 'a full disk is tried on a small one, which can not be mounted here');
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  const beside = join(disk, '..');
  const cluster = await prepareCluster({
    dataFolder: join(disk, 'postgres'),
    reachableFolder: join(disk, 'reachable'),
    password: 'of this test alone',
    say,
  });
  const [logFolder, recordFile] = [join(beside, 'logs'), join(beside, 'parts.json')];
  const supervisor = await Supervisor.create({ logFolder, recordFile, say });
  cleanUp.push(() => supervisor.stop());
  const port = await anyFreePort();
  await supervisor.start(postgresPart(cluster, port));
  void watchDisk({ folder: disk, say, signal: supervisor.stopping, everyMs: 100 });
  await createDatabaseUnlessPresent(clusterUrl(cluster, port, 'postgres'), 'perennial');
  const databaseUrl = clusterUrl(cluster, port, 'perennial');
  await migrate(databaseUrl);
  const plant = await createPlant({ contracts: CONTRACTS, databaseUrl });
  cleanUp.push(plant.end);
  await plant.startWorker();
  await Promise.all(plant.contracts.map(plant.needsAttention));

  await plant.approve();
  const makeRoom = fill(disk);
  // Connections of its own for what breaks the server: what they meet must not reach who asks afterwards.
  const probe = connect(databaseUrl, { max: 1 });
  cleanUp.push(probe.close);
  const refused = await eventually('a refusal in words', async () => {
    const event = { contract: 'C-1', account: 'A-1', happenedOn: '2026-01-01', kind: 'note' };
    const words = 'x'.repeat(8_000);
    return addTimelineEvent(probe.db, { ...event, key: randomUUID(), words }).then(
      () => null,
      (error: unknown) => diskFull(error),
    );
  });
  expect(refused).toMatch(/^The database’s disk is full\. Make room/);
  await eventually('the terminal says so', async () =>
    said.some((line) => /^The disk is full: \d+ MB/.test(line)),
  );
  // Its log of what it does needs room too: without it Postgres ends, as it must.
  await eventually('Postgres to break off', async () => {
    await probe.db.execute(sql`select pg_switch_wal()`).catch(() => null);
    return said.some((line) => line.startsWith('Postgres is started again'));
  });
  makeRoom();
  await eventually('Postgres', async () => said.includes('Postgres runs again'));
  const again = 'The disk has room again: what waited goes on.';
  await eventually('the terminal says that too', async () => said.includes(again));

  await allIssuedAndMailedOnce(plant);
});
