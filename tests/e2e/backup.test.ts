/** `perennial backup` and `restore` with a real cluster: what was committed is there again, and bad files lose nothing. */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterCommand, clusterUrl, prepareCluster } from '../../cli/start/embedded-postgres.ts';
import { releaseLock, takeLock } from '../../cli/start/file-lock.ts';
import { keepSecrets } from '../../cli/start/instance.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { lockFile } from '../../cli/start/run-record.ts';
import { databaseVersion } from '../../db/administration.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { openFolder } from '../infrastructure/open-folder.ts';
import { perennial } from '../infrastructure/perennial.ts';
import { endWithRun } from '../infrastructure/servers.ts';
import { ended } from '../infrastructure/worker-process.ts';

const FOLDER = openFolder('backup');
const ORIGINAL = join(FOLDER, 'original');
const BACKUP = join(FOLDER, 'backup.tar.gz');

async function answerOf(data: string, ...args: string[]) {
  const { ended, stdout, stderr } = perennial(data, args, { cwd: FOLDER });
  return { code: await ended, out: stdout(), err: stderr() };
}

/** Runs the database of a data folder for as long as something needs it. */
async function withDatabase<R>(
  dataFolder: string,
  work: (sql: postgres.Sql) => Promise<R>,
): Promise<R> {
  const secrets = await keepSecrets(dataFolder);
  const cluster = await prepareCluster({
    dataFolder: join(dataFolder, 'postgres'),
    reachableFolder: join(FOLDER, 'reachable', secrets.instance),
    password: secrets.postgresPassword,
    say: () => {},
  });
  const port = await anyFreePort();
  const { command, args, user } = clusterCommand(cluster, port);
  const server = spawn(command, args, { ...(user ?? {}), cwd: '/', stdio: 'ignore' });
  await endWithRun(server.pid as number);
  const url = clusterUrl(cluster, port, 'postgres');
  await eventually('Postgres', () =>
    databaseVersion(url).then(
      () => true,
      () => false,
    ),
  );
  const sql = postgres(url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
    server.kill('SIGINT');
    await ended(server);
  }
}

beforeAll(async () => {
  await withDatabase(ORIGINAL, async (sql) => {
    await sql`create table kept (word text)`;
    await sql`insert into kept values ('gapless')`;
  });
  writeFileSync(join(ORIGINAL, 'temporal.db'), 'histories');
  writeFileSync(join(ORIGINAL, 'start.log'), 'x');
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('a backup', () => {
  it('is refused while Perennial runs, and where nothing is', async () => {
    await takeLock(lockFile(ORIGINAL));
    const running = await answerOf(ORIGINAL, 'backup', BACKUP);
    await releaseLock(lockFile(ORIGINAL));
    expect(running.code).toBe(4);
    expect(running.err).toMatch(/Stop it with Ctrl-C/);
    expect(existsSync(BACKUP)).toBe(false);
    const nothing = await answerOf(join(FOLDER, 'nowhere'), 'backup', BACKUP);
    expect(nothing.code).toBe(2);
    expect(nothing.err).toMatch(/There is no instance of Perennial/);
  });

  it('holds all of an instance, for its owner alone, and comes back as it was', async () => {
    const made = await answerOf(ORIGINAL, 'backup', BACKUP, '--json');
    expect(made).toMatchObject({ code: 0 });
    expect(JSON.parse(made.out)).toMatchObject({
      file: BACKUP,
      perennialBackup: 1,
      postgres: '18',
    });
    expect(statSync(BACKUP).mode & 0o777).toBe(0o600);
    const copy = join(FOLDER, 'copy');
    const restored = await answerOf(copy, 'restore', BACKUP);
    expect(restored).toMatchObject({ code: 0 });
    expect(readFileSync(join(copy, 'temporal.db'), 'utf8')).toBe('histories');
    const words = await withDatabase(copy, (sql) => sql`select word from kept`);
    expect(words).toEqual([{ word: 'gapless' }]);
    const [before, after] = await Promise.all([keepSecrets(ORIGINAL), keepSecrets(copy)]);
    expect(after).toEqual({ ...before, instance: after.instance });
    expect(after.instance).not.toBe(before.instance);
    const again = await answerOf(copy, 'restore', BACKUP);
    expect(again.code).toBe(4);
    expect(again.err).toMatch(/holds an instance already/);
  });

  it('that is cut short, or none at all, restores nothing', async () => {
    const file = join(FOLDER, 'cut.tar.gz');
    copyFileSync(BACKUP, file);
    truncateSync(file, Math.floor(statSync(file).size * 0.7));
    const target = join(FOLDER, 'cut');
    const cut = await answerOf(target, 'restore', file);
    expect(cut.err).toMatch(/cut short or damaged. Nothing was restored/);
    expect(cut.code).toBe(2);
    expect(existsSync(target)).toBe(false);
    writeFileSync(file, 'no archive');
    expect((await answerOf(target, 'restore', file)).err).toMatch(/is no backup of Perennial/);
    expect((await answerOf(target, 'restore', 'missing.tar.gz')).err).toMatch(/There is no file/);
    expect(existsSync(target)).toBe(false);
  });
});
