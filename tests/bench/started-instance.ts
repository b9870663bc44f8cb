/** An instance of one's own, started as a person starts it, in a folder of its own. */
import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolder } from '../infrastructure/open-folder.ts';
import { end, perennial, untilReady } from '../infrastructure/perennial.ts';

export interface StartedInstance {
  readonly child: ChildProcess;
  /** From the start of the process to the line that says it is ready. */
  readonly startSeconds: number;
  stop(): Promise<void>;
}

/** `perennial start` in this data folder, ready. @throws Error with what it said where it ends before. */
export async function startInstance(dataFolder: string): Promise<StartedInstance> {
  const begun = performance.now();
  const running = perennial(dataFolder, ['start']);
  try {
    await untilReady(running);
    const startSeconds = (performance.now() - begun) / 1000;
    return { child: running.child, startSeconds, stop: () => end(running) };
  } catch (error) {
    await end(running);
    throw error;
  }
}

/** Works with a new data folder, which is removed afterwards. */
export async function withDataFolder<T>(work: (dataFolder: string) => Promise<T>): Promise<T> {
  const folder = openFolder('bench-start');
  try {
    return await work(join(folder, 'data'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
