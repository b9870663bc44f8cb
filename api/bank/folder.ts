/**
 * A folder that a bank's files are put into: each file is taken once, imported, and moved to done/ or refused/ with a report
 * beside it. While it is worked on it stands in taking/, so that two processes never take the same; what broke off there is
 * taken up again, which books nothing twice.
 */
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BankFileRejection } from '../../connectors/payments/bank/entry.ts';
import {
  bankFileBytes,
  bankFileText,
  csvMappingsSchema,
  formatOf,
} from '../../connectors/payments/bank/file.ts';
import { type Db, getSetting } from '../../db/index.ts';
import { PROBLEMS, ProblemError } from '../problems.ts';
import type { Processes } from '../processes.ts';
import { CSV_MAPPINGS, statementsOf } from '../routes/bank.ts';
import { importBankFile } from './import.ts';

/** Files younger than this may still be being written. */
const SETTLED_MS = 2_000;
const PLACES = ['taking', 'done', 'refused'] as const;

export interface BankFolder {
  readonly folder: string;
  readonly db: Db;
  readonly processes: Processes;
  /** Told of what could not be done and is tried again. */
  readonly warn: (error: unknown, file: string) => void;
}

/** Takes every file that stands in the folder; answers the names of those that were dealt with. */
export async function takeBankFiles(
  options: BankFolder,
  settledMs = SETTLED_MS,
): Promise<string[]> {
  const { folder, warn } = options;
  for (const place of PLACES) await mkdir(join(folder, place), { recursive: true });
  await claim(folder, settledMs);
  const dealtWith: string[] = [];
  for (const file of (await readdir(join(folder, 'taking'))).sort()) {
    try {
      await takeOne(options, file);
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

async function takeOne(options: BankFolder, file: string): Promise<void> {
  const { folder, db } = options;
  const path = join(folder, 'taking', file);
  let report: unknown;
  let place: 'done' | 'refused' = 'done';
  try {
    const text = bankFileText(await bankFileBytes(path));
    const mapping = formatOf(text) === 'csv' ? await mappingFor(db, file) : null;
    const read = await statementsOf(db, text, { format: null, mapping });
    report = await importBankFile(options, { ...read, fileName: file, importedBy: 'bank-folder' });
  } catch (error) {
    // What is wrong with the file is told beside it; all else is not the file's fault and is tried again.
    const isFiles =
      error instanceof BankFileRejection ||
      (error instanceof ProblemError && PROBLEMS[error.code].status < 500);
    if (!isFiles) throw error;
    place = 'refused';
    report = { file, refused: error.message, code: error.code };
  }
  await writeFile(join(folder, place, `${file}.report.json`), JSON.stringify(report, null, 2));
  await rename(path, join(folder, place, file));
}

/** The saved mapping whose name the file's begins with, the longest first; or the only one that there is. */
async function mappingFor(db: Db, file: string): Promise<string | null> {
  const saved = csvMappingsSchema.parse(await getSetting<unknown>(db, CSV_MAPPINGS, {}));
  const names = Object.keys(saved).sort((a, b) => b.length - a.length);
  return (
    names.find((name) => file.startsWith(name)) ?? (names.length === 1 ? (names[0] ?? null) : null)
  );
}

/** Looks into the folder again and again until it is stopped; one look ends before the next begins. */
export function watchBankFolder(options: BankFolder, everyMs = 10_000): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const look = () => {
    running = takeBankFiles(options)
      .then(
        () => {},
        (error: unknown) => options.warn(error, options.folder),
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
