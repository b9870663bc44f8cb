/** The folder that a bank's files are put into: each file is imported; taken twice, it books nothing twice. */
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
import type { Dealt, WatchedFolder } from '../watched-folder.ts';
import { importBankFile } from './import.ts';

export interface BankFolder extends Omit<WatchedFolder, 'take'> {
  readonly db: Db;
  readonly processes: Processes;
}

export function bankFolder(options: BankFolder): WatchedFolder {
  return { ...options, take: (path, file) => takeBankFile(options, path, file) };
}

async function takeBankFile(options: BankFolder, path: string, file: string): Promise<Dealt> {
  const { db } = options;
  try {
    const text = bankFileText(await bankFileBytes(path));
    const mapping = formatOf(text) === 'csv' ? await mappingFor(db, file) : null;
    const read = await statementsOf(db, text, { format: null, mapping });
    const imported = { ...read, fileName: file, importedBy: 'bank-folder' };
    return { place: 'done', report: await importBankFile(options, imported) };
  } catch (error) {
    // What is wrong with the file is told beside it; all else is not the file's fault and is tried again.
    const isFiles =
      error instanceof BankFileRejection ||
      (error instanceof ProblemError && PROBLEMS[error.code].status < 500);
    if (!isFiles) throw error;
    return { place: 'refused', report: { file, refused: error.message, code: error.code } };
  }
}

/** The saved mapping whose name the file's begins with, the longest first; or the only one that there is. */
async function mappingFor(db: Db, file: string): Promise<string | null> {
  const saved = csvMappingsSchema.parse(await getSetting<unknown>(db, CSV_MAPPINGS, {}));
  const names = Object.keys(saved).sort((a, b) => b.length - a.length);
  return (
    names.find((name) => file.startsWith(name)) ?? (names.length === 1 ? (names[0] ?? null) : null)
  );
}
