/** What a section of the benchmark answers. Times depend on the machine; the ratios of one run say something anywhere. */
import { readFile } from 'node:fs/promises';

export interface Measured {
  /** Dimensionless, all from this run. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What the ratios came from, with the unit in the name. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** Promises that did not hold, in words; the run then ends with 1. */
  readonly broken?: readonly string[];
}

export interface Section {
  readonly name: string;
  readonly what: string;
  measure(): Promise<Measured>;
}

/** How long something takes, in seconds. */
export async function secondsOf(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** The shortest of several times: what a busy machine disturbed least. */
export async function leastSecondsOf(times: number, work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < times; n += 1) least = Math.min(least, await secondsOf(work));
  return least;
}

/** Resident memory of a process in MB, as Linux tells it; null where it does not. */
export async function residentMb(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
}
