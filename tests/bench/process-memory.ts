/** The resident memory of each process after a start, as a person starts it: `perennial start` with the sample company. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PartsRecord } from '../../cli/start/run-record.ts';
import { recordFile } from '../../cli/start/run-record.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { endWithRun } from '../infrastructure/servers.ts';
import { ended } from '../infrastructure/worker-process.ts';
import { residentMb, type Section } from './section.ts';

const PROJECT = dirname(dirname(import.meta.dirname));
const PATIENCE_MS = 180_000;
/** What a developer has of their own would otherwise be started against. */
const NOT_OURS = ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'PORT'];

function startIn(dataFolder: string): { child: ChildProcess; output: () => string } {
  const env: NodeJS.ProcessEnv = { ...process.env, PERENNIAL_DATA: dataFolder };
  for (const name of NOT_OURS) delete env[name];
  const child = spawn(process.execPath, [join(PROJECT, 'cli', 'bin.mjs'), 'start'], {
    cwd: PROJECT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

/** Processes by their parent, as Linux tells them. */
async function childrenOf(): Promise<Map<number, number[]>> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(/^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1] ?? Number.NaN);
    if (!Number.isNaN(parent))
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

/** Its own memory and its children's. Pages that several share count for each, as in any such sum. */
async function familyMb(pid: number, children: Map<number, number[]>): Promise<number> {
  let sum = (await residentMb(pid)) ?? 0;
  for (const child of children.get(pid) ?? []) sum += await familyMb(child, children);
  return sum;
}

export const processMemory: Section = {
  name: 'process-memory',
  what: 'resident memory of each process after a start, in MB, its children with it',
  measure: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-start-'));
    await chmod(folder, 0o755);
    const dataFolder = join(folder, 'data');
    const begun = performance.now();
    const { child, output } = startIn(dataFolder);
    try {
      await endWithRun(child.pid as number);
      const isReady = async () => {
        if (child.exitCode !== null) throw new Error(`the start ended:\n${output()}`);
        return /^Perennial is ready$/m.test(output());
      };
      await eventually('a start', isReady, PATIENCE_MS);
      const startSeconds = (performance.now() - begun) / 1000;
      const record = JSON.parse(await readFile(recordFile(dataFolder), 'utf8')) as PartsRecord;
      const children = await childrenOf();
      const figures: Record<string, number> = { startSeconds };
      let totalMb = 0;
      const parts = record.parts.map(({ name, pid }) => ({ name, pid }));
      for (const { name, pid } of [...parts, { name: 'guard', pid: record.guard.pid }]) {
        figures[`${name} Mb`] = await familyMb(pid, children);
        totalMb += figures[`${name} Mb`] ?? 0;
      }
      figures['supervisor Mb'] = (await residentMb(child.pid as number)) ?? 0;
      return { ratios: {}, figures: { ...figures, totalMb: totalMb + figures['supervisor Mb'] } };
    } finally {
      child.kill('SIGTERM');
      await ended(child);
      await rm(folder, { recursive: true, force: true });
    }
  },
};
