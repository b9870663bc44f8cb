/**
 * Servers for tests, started once a run and only when a test first asks: this process, which outlives the test files,
 * listens on 127.0.0.1 for their wishes (servers.ts). A run of pure tests starts nothing.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { TestProject } from 'vitest/node';
import {
  clusterCommand,
  clusterUrl,
  type PostgresCluster,
  prepareCluster,
} from '../../cli/start/embedded-postgres.ts';
import { ownIdentity } from '../../cli/start/file-lock.ts';
import { type GuardedProcess, stopInOrder } from '../../cli/start/guard.ts';
import { type Guard, startGuard } from '../../cli/start/guarding.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { identify } from '../../cli/start/process-identity.ts';
import { devServerArguments, obtainTemporal } from '../../cli/start/temporal-binary.ts';
import {
  copyDatabase,
  createDatabaseUnlessPresent,
  databaseVersion,
} from '../../db/administration.ts';
import { migrate } from '../../db/migrate.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import { openFolder } from './open-folder.ts';
import { clearCrashedRuns, RUN_FOLDER, recordRun } from './run-folder.ts';
import type { Answer } from './servers.ts';
import { obtainTimeSkipping, type TimeSkipping, timeSkippingArguments } from './time-skipping.ts';

declare module 'vitest' {
  interface ProvidedContext {
    serversUrl: string;
  }
}

const TEMPLATE = 'template_perennial';

/** Settings that trade what a crash would lose, which tests do not mind, for speed. */
const FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

class TestServers {
  readonly #processes: GuardedProcess[] = [];
  #folder: Promise<string> | null = null;
  #guard: Guard | null = null;
  #cluster: Promise<{ cluster: PostgresCluster; port: number }> | null = null;
  #template: Promise<void> | null = null;
  #devServer: Promise<string> | null = null;
  #timeSkipping: Promise<TimeSkipping> | null = null;
  #copying: Promise<unknown> = Promise.resolve();
  #databases = 0;

  async answer(wish: string): Promise<unknown> {
    if (wish === '/database') return { url: await this.#migratedDatabase() };
    if (wish === '/empty-database') return { url: await this.#database('template1') };
    if (wish === '/folder') return { folder: await this.#runFolder() };
    if (wish === '/dev-server') return { address: await this.#temporal() };
    if (wish === '/time-skipping') return this.#timeSkippingServer();
    if (wish.startsWith('/end?pid=')) return this.#end(Number(wish.slice('/end?pid='.length)));
    if (wish.startsWith('/watch?pid=')) {
      await this.#watch('a server', Number(wish.slice('/watch?pid='.length)), 'SIGTERM');
      return {};
    }
    throw new Error(`Nobody serves ${wish}.`);
  }

  async #migratedDatabase(): Promise<string> {
    this.#template ??= (async () => {
      const { cluster, port } = await this.#postgres();
      await createDatabaseUnlessPresent(clusterUrl(cluster, port, 'postgres'), TEMPLATE);
      await migrate(clusterUrl(cluster, port, TEMPLATE));
    })();
    await this.#template;
    return this.#database(TEMPLATE);
  }

  #postgres(): Promise<{ cluster: PostgresCluster; port: number }> {
    this.#cluster ??= this.#startPostgres();
    return this.#cluster;
  }

  /** A database of its own, copied from a template; one copy at a time, since a template must be idle. */
  async #database(template: string): Promise<string> {
    const { cluster, port } = await this.#postgres();
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    const copy = this.#copying.then(() =>
      copyDatabase(clusterUrl(cluster, port, 'postgres'), template, name),
    );
    this.#copying = copy.catch(() => {});
    await copy;
    return clusterUrl(cluster, port, name);
  }

  async #startPostgres(): Promise<{ cluster: PostgresCluster; port: number }> {
    const folder = await this.#runFolder();
    const cluster = await prepareCluster({
      dataFolder: join(folder, 'postgres'),
      reachableFolder: join(folder, 'reachable'),
      password: randomBytes(12).toString('hex'),
      say: () => {},
    });
    const port = await anyFreePort();
    const { command, args, user } = clusterCommand(cluster, port, FORGETFUL);
    await this.#spawn('Postgres', command, args, user);
    const admin = clusterUrl(cluster, port, 'postgres');
    await patiently('Postgres', () => databaseVersion(admin));
    return { cluster, port };
  }

  #temporal(): Promise<string> {
    this.#devServer ??= (async () => {
      const binary = await obtainTemporal((line) => console.log(line));
      const port = await anyFreePort();
      const args = devServerArguments({
        port,
        uiPort: null,
        // A file in write-ahead mode is several times faster than SQLite in memory under concurrent work.
        databaseFile: join(await this.#runFolder(), 'temporal.db'),
        searchAttributes: SEARCH_ATTRIBUTES,
      });
      await this.#spawn('Temporal', binary, args, null);
      const address = `127.0.0.1:${port}`;
      await untilConnected('Temporal', address);
      return address;
    })();
    return this.#devServer;
  }

  /** A server of its own for whoever asks, since time is skipped for all of a server. */
  async #timeSkippingServer() {
    this.#timeSkipping ??= obtainTimeSkipping();
    const found = await this.#timeSkipping;
    if ('missing' in found) return found;
    const port = await anyFreePort();
    const args = timeSkippingArguments(found.jars, port);
    const pid = await this.#spawn('Time-skipping', 'java', args, null);
    await untilConnected('The time-skipping server', `127.0.0.1:${port}`);
    return { port, pid, standIn: await this.#standIn() };
  }

  /** What the SDK may start in place of a server that runs already; it is stopped by the SDK and does nothing. */
  async #standIn(): Promise<string> {
    const path = join(await this.#runFolder(), 'stand-in');
    await writeFile(path, '#!/bin/sh\nexec sleep 2147483\n', { mode: 0o755, flag: 'a' });
    return path;
  }

  async #end(pid: number): Promise<object> {
    const at = this.#processes.findIndex((one) => one.pid === pid);
    if (at >= 0) await stopInOrder(this.#processes.splice(at, 1));
    await this.#guard?.watch(this.#processes);
    return {};
  }

  #runFolder(): Promise<string> {
    this.#folder ??= (async () => {
      await clearCrashedRuns();
      this.#guard = await startGuard('ignore');
      return openFolder(RUN_FOLDER);
    })();
    return this.#folder;
  }

  async #spawn(
    name: string,
    command: string,
    args: string[],
    user: { uid: number; gid: number } | null,
  ): Promise<number> {
    const folder = await this.#runFolder();
    const log = await open(join(folder, `${name.toLowerCase()}.log`), 'a');
    const child = spawn(command, args, {
      ...(user ?? {}),
      cwd: '/',
      detached: true,
      env: { ...process.env, LC_ALL: 'C', NODE_OPTIONS: '' },
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise((done, fail) => child.once('spawn', done).once('error', fail));
    await log.close();
    child.unref();
    const pid = child.pid as number;
    await this.#watch(name, pid, 'SIGINT');
    return pid;
  }

  /** From now on the process ends with the run, also with one that crashes. */
  async #watch(name: string, pid: number, stopSignal: NodeJS.Signals): Promise<void> {
    const folder = await this.#runFolder();
    const identity = identify(pid);
    if (identity === null) throw new Error(`${name} ended at once; see ${folder}.`);
    this.#processes.push({ ...identity, name, stopSignal, graceMs: 5_000 });
    await this.#guard?.watch(this.#processes);
    await recordRun(folder, { run: ownIdentity(), processes: this.#processes });
  }

  async stop(): Promise<void> {
    await stopInOrder(this.#processes);
    await this.#guard?.watch([]);
    await this.#guard?.dismiss();
    const folder = await this.#folder?.catch(() => null);
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

function untilConnected(name: string, address: string): Promise<void> {
  return patiently(name, async () => {
    const connection = await Connection.connect({ address, connectTimeout: 2_000 });
    await connection.close();
  });
}

async function patiently(name: string, attempt: () => Promise<unknown>): Promise<void> {
  const endsAt = performance.now() + 180_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > endsAt)
        throw new Error(`${name} did not become ready within three minutes.`, { cause: error });
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

interface Running {
  readonly url: string;
  readonly server: Server;
  readonly servers: TestServers;
  users: number;
}

/** Several vitest projects run in one process, each with a set-up of its own; they share the servers. */
const shared = globalThis as { perennialTestServers?: Promise<Running> };

async function listen(): Promise<Running> {
  const servers = new TestServers();
  const server = createServer((request, response) => {
    // Temporal may have to be built first, which takes longer than a client waits for silence: blanks before JSON are none.
    response.flushHeaders();
    const patience = setInterval(() => response.write(' '), 20_000);
    servers
      .answer(request.url ?? '')
      .then(
        (answer): Answer<unknown> => ({ answer }),
        (error: unknown): Answer<unknown> => ({
          refused: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
      )
      .then((answer) => response.end(JSON.stringify(answer)))
      .finally(() => clearInterval(patience));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server, servers, users: 0 };
}

/** Also for programs that are no tests (tests/bench), which give a `provide` of their own. */
export default async function setup(
  project: Pick<TestProject, 'provide'>,
): Promise<() => Promise<void>> {
  shared.perennialTestServers ??= listen();
  const running = await shared.perennialTestServers;
  running.users += 1;
  project.provide('serversUrl', running.url);
  return async () => {
    running.users -= 1;
    if (running.users > 0) return;
    delete shared.perennialTestServers;
    running.server.closeAllConnections();
    running.server.close();
    await running.servers.stop();
  };
}
