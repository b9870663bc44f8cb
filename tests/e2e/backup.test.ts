/** `perennial backup` and `restore` with a real cluster: what was committed is there again, and bad files lose nothing. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
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
import { endWithRun } from '../infrastructure/servers.ts';
import { ended } from '../infrastructure/worker-process.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'perennial-backup-'));
// User postgres must reach it where the tests run as root.
chmodSync(FOLDER, 0o755);
const ORIGINAL = join(FOLDER, 'original');
const BACKUP = join(FOLDER, 'backup.tar.gz');
const BIN = join(import.meta.dirname, '..', '..', 'cli', 'bin.mjs');

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function perennial(dataFolder: string, ...args: string[]): Promise<Answer> {
  const env: NodeJS.ProcessEnv = { ...process.env, PERENNIAL_DATA: dataFolder };
  for (const name of ['DATABASE_URL', 'INIT_CWD']) delete env[name];
  const child = spawn(process.execPath, [BIN, ...args], { cwd: FOLDER, env });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  return new Promise((done) => child.once('close', (code) => done({ code, out, err })));
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
    const running = await perennial(ORIGINAL, 'backup', BACKUP);
    await releaseLock(lockFile(ORIGINAL));
    expect(running.code).toBe(4);
    expect(running.err).toMatch(/Stop it with Ctrl-C/);
    expect(existsSync(BACKUP)).toBe(false);
    const nothing = await perennial(join(FOLDER, 'nowhere'), 'backup', BACKUP);
    expect(nothing.code).toBe(2);
    expect(nothing.err).toMatch(/There is no instance of Perennial/);
  });

  it('holds all of an instance, for its owner alone, and comes back as it was', async () => {
    const made = await perennial(ORIGINAL, 'backup', BACKUP, '--json');
    expect(made).toMatchObject({ code: 0 });
    expect(JSON.parse(made.out)).toMatchObject({
      file: BACKUP,
      perennialBackup: 1,
      postgres: '18',
    });
    expect(statSync(BACKUP).mode & 0o777).toBe(0o600);
    const copy = join(FOLDER, 'copy');
    const restored = await perennial(copy, 'restore', BACKUP);
    expect(restored).toMatchObject({ code: 0 });
    expect(readFileSync(join(copy, 'temporal.db'), 'utf8')).toBe('histories');
    const words = await withDatabase(copy, (sql) => sql`select word from kept`);
    expect(words).toEqual([{ word: 'gapless' }]);
    const [before, after] = await Promise.all([keepSecrets(ORIGINAL), keepSecrets(copy)]);
    expect(after).toEqual({ ...before, instance: after.instance });
    expect(after.instance).not.toBe(before.instance);
    const again = await perennial(copy, 'restore', BACKUP);
    expect(again.code).toBe(4);
    expect(again.err).toMatch(/holds an instance already/);
  });

  it('that is cut short, or none at all, restores nothing', async () => {
    const file = join(FOLDER, 'cut.tar.gz');
    copyFileSync(BACKUP, file);
    truncateSync(file, Math.floor(statSync(file).size * 0.7));
    const target = join(FOLDER, 'cut');
    const cut = await perennial(target, 'restore', file);
    expect(cut.err).toMatch(/cut short or damaged. Nothing was restored/);
    expect(cut.code).toBe(2);
    expect(existsSync(target)).toBe(false);
    writeFileSync(file, 'no archive');
    expect((await perennial(target, 'restore', file)).err).toMatch(/is no backup of Perennial/);
    expect((await perennial(target, 'restore', 'missing.tar.gz')).err).toMatch(/There is no file/);
    expect(existsSync(target)).toBe(false);
  });
});
