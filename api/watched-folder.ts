/**
 * A folder that other programs put files into: each file is taken once, dealt with, and moved to done/ or refused/ with a report
 * beside it. While it is worked on it stands in taking/, so that two processes never take the same; what broke off there is
 * taken up again, so that what is done with a file has to have its effect once.
 */
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Files younger than this may still be being written. */
const SETTLED_MS = 2_000;
const PLACES = ['taking', 'done', 'refused'] as const;

/** What became of a file; the report stands beside it. */
export interface Dealt {
  readonly place: 'done' | 'refused';
  readonly report: unknown;
}

export interface WatchedFolder {
  readonly folder: string;
  /** Deals with one file. What it throws is not the file's fault: it is told, and tried again. */
  readonly take: (path: string, file: string) => Promise<Dealt>;
  /** Told of what could not be done and is tried again. */
  readonly warn: (error: unknown, file: string) => void;
}

/** Takes every file that stands in the folder; answers the names of those that were dealt with. */
export async function takeFiles(
  { folder, take, warn }: WatchedFolder,
  settledMs = SETTLED_MS,
): Promise<string[]> {
  for (const place of PLACES) await mkdir(join(folder, place), { recursive: true });
  await claim(folder, settledMs);
  const dealtWith: string[] = [];
  for (const file of (await readdir(join(folder, 'taking'))).sort()) {
    const path = join(folder, 'taking', file);
    try {
      const { place, report } = await take(path, file);
      await writeFile(join(folder, place, `${file}.report.json`), JSON.stringify(report, null, 2));
      await rename(path, join(folder, place, file));
      dealtWith.push(file);
    } catch (error) {
      warn(error, file);
    }
  }
  return dealtWith;
}

async function claim(folder: string, settledMs: number): Promise<void> {
  for (const file of (await readdir(folder)).sort()) {
    const path = join(folder, file);
    const found = await stat(path);
    if (!found.isFile() || file.startsWith('.')) continue;
    if (Date.now() - found.mtimeMs < settledMs) continue;
    await rename(path, join(folder, 'taking', file));
  }
}

/** Looks into the folder again and again until it is stopped; one look ends before the next begins. */
export function watchFolder(watched: WatchedFolder, everyMs = 10_000): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const look = () => {
    running = takeFiles(watched)
      .then(
        () => {},
        (error: unknown) => watched.warn(error, watched.folder),
      )
      .then(() => {
        if (!stopped) timer = setTimeout(look, everyMs);
      });
  };
  look();
  return {
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
