/** A Postgres of a test's own, which it may kill and start again; the shared one serves others at the same time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { clusterCommand, clusterUrl, prepareCluster } from '../../cli/start/embedded-postgres.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { createDatabaseUnlessPresent, databaseVersion } from '../../db/administration.ts';
import { migrate } from '../../db/migrate.ts';
import { eventually } from './eventually.ts';
import { endWithRun } from './servers.ts';
import { ended } from './worker-process.ts';

export interface OwnPostgres {
  /** Of a database with the present schema. */
  readonly url: string;
  /** Ends it at once, as a crash does: every connection breaks, what was committed stays. */
  crash(): Promise<void>;
  start(): Promise<void>;
}

/** @param folder one that user postgres may enter. */
export async function startOwnPostgres(folder: string): Promise<OwnPostgres> {
  const cluster = await prepareCluster({
    dataFolder: join(folder, 'postgres'),
    reachableFolder: join(folder, 'reachable'),
    password: randomBytes(12).toString('hex'),
    say: () => {},
  });
  const port = await anyFreePort();
  const admin = clusterUrl(cluster, port, 'postgres');
  let server: ChildProcess;
  const start = async () => {
    const { command, args, user } = clusterCommand(cluster, port);
    const env = { ...process.env, LC_ALL: 'C' };
    server = spawn(command, args, { ...(user ?? {}), cwd: '/', env, stdio: 'ignore' });
    await new Promise((done, fail) => server.once('spawn', done).once('error', fail));
    await endWithRun(server.pid as number);
    await eventually('Postgres', () =>
      databaseVersion(admin).then(
        () => true,
        () => false,
      ),
    );
  };
  await start();
  await createDatabaseUnlessPresent(admin, 'perennial');
  const url = clusterUrl(cluster, port, 'perennial');
  await migrate(url);
  return {
    url,
    start,
    crash: async () => {
      // "Immediate shutdown": no checkpoint, no farewell to clients.
      server.kill('SIGQUIT');
      await ended(server);
    },
  };
}
