/** What one test run keeps on disk, and the clearing up after a run that ended without doing it itself. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GuardedProcess } from '../../cli/start/guard.ts';
import { stopInOrder } from '../../cli/start/guard.ts';
import { isRunning, type ProcessIdentity } from '../../cli/start/process-identity.ts';

/** Of the folders of runs, as openFolder makes them. */
export const RUN_FOLDER = 'tests';
const PREFIX = `perennial-${RUN_FOLDER}-`;
const RECORD = 'run.json';

interface RunRecord {
  readonly run: ProcessIdentity;
  readonly processes: readonly GuardedProcess[];
}

/** Notes what the run started, for the next run in case this one crashes. */
export async function recordRun(folder: string, record: RunRecord): Promise<void> {
  await writeFile(join(folder, RECORD), JSON.stringify(record));
}

/** Stops the servers of runs that are gone, by the ids they recorded, and removes their folders. */
export async function clearCrashedRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const text = await readFile(join(folder, RECORD), 'utf8').catch(() => null);
    if (text === null) continue;
    const record = JSON.parse(text) as RunRecord;
    if (isRunning(record.run)) continue;
    await stopInOrder(record.processes);
    await rm(folder, { recursive: true, force: true });
  }
}
