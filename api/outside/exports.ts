/** Exports of accounting and CRM, brought by people or programs: read, kept in place of the one before, and looked at. */
import { OutsideExportError, readOutsideExport } from '../../connectors/outside-export.ts';
import { type Actor, type Db, keepOutsideExport, type OutsideReading } from '../../db/index.ts';
import type { OutsideRecords } from '../../domain/findings/outside.ts';
import { ProblemError } from '../problems.ts';
import type { Processes } from '../processes.ts';
import { todayOf } from '../views/parties.ts';

export interface ExportContext {
  readonly db: Db;
  readonly processes: Pick<Processes, 'lookOverBooks'>;
  readonly now: () => Date;
}

/**
 * Keeps an export and asks for a look over the books.
 * @throws ProblemError `invalid-input` where the file can not be read
 * @throws Refusal where it may not take the place of what is here
 */
export async function takeExport(
  { db, processes, now }: ExportContext,
  given: { readonly fileName: string; readonly text: string; readonly actor: Actor },
): Promise<OutsideReading[]> {
  const { fileName, text, actor } = given;
  const at = now();
  const today = await todayOf(db, at);
  const records = recordsOf(fileName, text);
  const kept = await keepOutsideExport(db, { fileName, records, today, at, actor });
  await processes.lookOverBooks('import');
  return kept;
}

function recordsOf(fileName: string, text: string): OutsideRecords {
  try {
    return readOutsideExport(text);
  } catch (error) {
    if (!(error instanceof OutsideExportError)) throw error;
    throw new ProblemError('invalid-input', `${fileName}: ${error.message}`);
  }
}
