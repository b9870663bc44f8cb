/** The folder that exports of accounting and CRM are put into by whatever writes them. */
import { readFile, stat } from 'node:fs/promises';
import { MAX_EXPORT_BYTES } from '../../connectors/outside-export.ts';
import { Refusal } from '../../db/index.ts';
import { ProblemError } from '../problems.ts';
import type { Dealt, WatchedFolder } from '../watched-folder.ts';
import { type ExportContext, takeExport } from './exports.ts';

export interface OutsideFolder extends ExportContext, Omit<WatchedFolder, 'take'> {}

const PROGRAM = { user: 'outside-folder', role: 'service' };

export function outsideFolder(options: OutsideFolder): WatchedFolder {
  return { ...options, take: (path, file) => takeExportFile(options, path, file) };
}

async function takeExportFile(options: OutsideFolder, path: string, file: string): Promise<Dealt> {
  try {
    const { size } = await stat(path);
    if (size > MAX_EXPORT_BYTES)
      throw new ProblemError('body-too-large', `An export has at most ${MAX_EXPORT_BYTES} bytes.`);
    const text = await readFile(path, 'utf8');
    const kept = await takeExport(options, { fileName: file, text, actor: PROGRAM });
    const taken = kept.map(({ source, asOf, recordCount }) => ({ source, asOf, recordCount }));
    return { place: 'done', report: { file, taken } };
  } catch (error) {
    // What is wrong with the file is told beside it; all else is not the file's fault and is tried again.
    if (!(error instanceof ProblemError) && !(error instanceof Refusal)) throw error;
    return { place: 'refused', report: { file, refused: error.message, code: error.code } };
  }
}
