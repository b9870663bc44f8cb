/**
 * What happens once, between the migrations and the first answer: the API's side (api/first-start.ts) makes the first
 * people and, unless it is to begin empty, the sample company, and answers what the person at the terminal must know.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Configuration } from '../../connectors/configuration.ts';
import { connect, type Db } from '../../db/connect.ts';
import { projectFolder } from './package-folder.ts';

/** The hook. Does nothing and answers no lines where the installation was begun before. */
export type FirstStart = (context: {
  readonly db: Db;
  readonly configuration: Configuration;
  readonly say: (line: string) => void;
  readonly empty?: boolean;
}) => Promise<readonly string[]>;

export const FIRST_START_SCRIPT = 'api/first-start.ts';

/** Runs the hook on a connection of its own and answers its lines, each to be printed as it is. */
export async function firstStartLines(
  configuration: Configuration,
  say: (line: string) => void,
  empty: boolean,
): Promise<readonly string[]> {
  const script = join(projectFolder, FIRST_START_SCRIPT);
  if (!existsSync(script)) return [];
  const { firstStart } = (await import(pathToFileURL(script).href)) as { firstStart: FirstStart };
  const connection = connect(configuration.DATABASE_URL, { max: 2 });
  try {
    return await firstStart({ db: connection.db, configuration, say, empty });
  } finally {
    await connection.close();
  }
}
