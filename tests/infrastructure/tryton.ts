/**
 * A Tryton on this machine: the real accounting system, with a company's books for 2026. Fetched once into this user's cache
 * and set up once there; each start serves a copy of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../cli/start/cache-folder.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { eventually } from './eventually.ts';
import { onceInCache, pythonPackages, run } from './once-in-cache.ts';
import { endWithRun } from './servers.ts';

const VERSION = '8.2.1';
const PACKAGES = [`trytond==${VERSION}`, 'trytond_account_invoice==8.2.0', 'proteus==8.2.0'];
const MODULES = ['country', 'currency', 'company', 'party', 'account', 'account_invoice'];
const SET_UP = fileURLToPath(new URL('./tryton-set-up.py', import.meta.url));
const DATABASE = 'books';
const KEY = 'key-of-the-tests';
const ADMIN = 'from trytond.cli.admin import main; main()';
const SERVE = 'from trytond.cli import main; main()';

export interface RunningTryton {
  readonly url: string;
  readonly database: string;
  /** Of a user application of type REST whose user may do everything. */
  readonly key: string;
  stop(): Promise<void>;
}
export type Tryton = RunningTryton | { readonly missing: string };

function writeConfiguration(folder: string, port: number): string {
  const path = join(folder, 'trytond.conf');
  const database = ['[database]', 'uri = sqlite://', `path = ${folder}`];
  const web = ['[web]', `listen = 127.0.0.1:${port}`];
  // Papers are printed by a worker of Tryton's, as a company runs it; here none runs.
  const queue = ['[queue]', 'worker = True'];
  writeFileSync(path, [...database, ...web, ...queue, ''].join('\n'));
  return path;
}

/** A database with all modules and the company's books, ready to be copied. */
function makeBooks(python: string, folder: string): string | null {
  const configuration = writeConfiguration(folder, 0);
  const password = join(folder, 'password');
  writeFileSync(password, 'nobody logs in with it');
  writeFileSync(join(folder, `${DATABASE}.sqlite`), '');
  const args = ['-c', configuration, '-d', DATABASE, '--email', 'admin@seller.example'];
  return (
    run(python, ['-c', ADMIN, ...args, '-u', ...MODULES, '--activate-dependencies'], {
      TRYTONPASSFILE: password,
    }) ?? run(python, [SET_UP, configuration, DATABASE, KEY])
  );
}

/** The program and its books in the cache; where they stand, or what is missing. */
async function inCache(): Promise<{ python: string; books: string } | { missing: string }> {
  await mkdir(cacheFolder('tryton'), { recursive: true });
  const program = cacheFolder('tryton', VERSION);
  const python = join(program, 'bin', 'python');
  const unfetched = await onceInCache(program, (into) => pythonPackages(into, PACKAGES));
  if (unfetched !== null) return { missing: unfetched };
  const how = createHash('sha256').update(readFileSync(SET_UP)).update(MODULES.join());
  const books = cacheFolder('tryton', `${VERSION}-books-${how.digest('hex').slice(0, 12)}`);
  const unmade = await onceInCache(books, (into) => makeBooks(python, into));
  return unmade === null ? { python, books } : { missing: unmade };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  await eventually('Tryton to answer', async () => {
    if (child.exitCode !== null) throw new Error(`Tryton ended with ${child.exitCode}`);
    const answer = await fetch(`${url}/${DATABASE}/rest/model/company.company`, {
      headers: { authorization: `Bearer ${KEY}` },
    }).catch(() => null);
    return answer?.ok;
  });
}

/** Serves a copy of the books on a port of its own. */
export async function startTryton(): Promise<Tryton> {
  const cached = await inCache();
  if ('missing' in cached) return cached;
  const folder = mkdtempSync(join(tmpdir(), 'perennial-tryton-'));
  copyFileSync(join(cached.books, `${DATABASE}.sqlite`), join(folder, `${DATABASE}.sqlite`));
  const port = await anyFreePort();
  const configuration = writeConfiguration(folder, port);
  const child = spawn(cached.python, ['-c', SERVE, '-c', configuration, '-d', DATABASE], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  if (child.pid !== undefined) await endWithRun(child.pid);
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child);
  return {
    ...{ url, database: DATABASE, key: KEY },
    stop: async () => {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
