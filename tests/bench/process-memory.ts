/** The resident memory of each process after a start, as a person starts it: `perennial start` with the sample company. */
import { readdir, readFile } from 'node:fs/promises';
import { type PartsRecord, recordFile } from '../../cli/start/run-record.ts';
import { residentMb, type Section } from './section.ts';
import { startInstance, withDataFolder } from './started-instance.ts';

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
  measure: () =>
    withDataFolder(async (dataFolder) => {
      const { child, startSeconds, stop } = await startInstance(dataFolder);
      try {
        const record = JSON.parse(await readFile(recordFile(dataFolder), 'utf8')) as PartsRecord;
        const children = await childrenOf();
        const figures: Record<string, number> = { firstStartSeconds: startSeconds };
        let totalMb = 0;
        const parts = record.parts.map(({ name, pid }) => ({ name, pid }));
        for (const { name, pid } of [...parts, { name: 'guard', pid: record.guard.pid }]) {
          figures[`${name} Mb`] = await familyMb(pid, children);
          totalMb += figures[`${name} Mb`] ?? 0;
        }
        const supervisorMb = (await residentMb(child.pid as number)) ?? 0;
        figures['supervisor Mb'] = supervisorMb;
        return { ratios: {}, figures: { ...figures, totalMb: totalMb + supervisorMb } };
      } finally {
        await stop();
      }
    }),
};
