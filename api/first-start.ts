/**
 * The first start of an installation: its first people (no default passwords: each gets a sign-in link that works once), a key
 * for the command line on this machine, and the samples. Later starts change nothing.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAccountsReceivable } from '../connectors/book/accounts-receivable.ts';
import type { Configuration } from '../connectors/configuration.ts';
import {
  audit,
  createApiKey,
  createSignInLink,
  createUser,
  type Db,
  firstImport,
  hasSamples,
  listUsers,
  loadBook,
  SAMPLE_IMPORTS,
} from '../db/index.ts';

const LINK_SECONDS = 7 * 24 * 3600;
const SETUP = { user: 'setup', role: 'admin' } as const;
/** Billing needs two people: whoever submits a run does not approve it. */
const PEOPLE = [
  { email: 'admin@perennial.example', name: 'Ada Admin', role: 'admin' },
  { email: 'biller@perennial.example', name: 'Bill Biller', role: 'biller' },
  { email: 'approver@perennial.example', name: 'Ann Approver', role: 'approver' },
] as const;

const HAS_SAMPLES =
  'The sample company is in here since the first start, and --empty leaves it as it is: remove it on the Import page, or with ' +
  '`perennial book remove-sample`';

/** Where the command line on this machine finds its key: the admin's. Four eyes hold for it too. */
export const operatorKeyFile = (dataFolder: string): string => join(dataFolder, 'operator-key');

/**
 * `empty` begins without the samples; on a later start it removes nothing.
 * @returns what the person at the terminal must know, each line to be printed as it is; none on later starts.
 */
export async function firstStart({
  db,
  configuration,
  say,
  empty = false,
}: {
  readonly db: Db;
  readonly configuration: Configuration;
  readonly say: (line: string) => void;
  readonly empty?: boolean;
}): Promise<readonly string[]> {
  if ((await listUsers(db)).length > 0) {
    if (empty && (await hasSamples(db))) say(HAS_SAMPLES);
    return [];
  }
  const base = (
    configuration.PUBLIC_URL ?? `http://${configuration.HOST}:${configuration.PORT}`
  ).replace(/\/+$/, '');
  if (!empty) await importSamples(db, say);
  const lines: string[] = [];
  const { links, key } = await db.transaction(async (tx) => {
    const made: { role: string; token: string }[] = [];
    let token = '';
    for (const person of PEOPLE) {
      const user = await createUser(tx, person);
      const link = await createSignInLink(tx, user.id, LINK_SECONDS);
      made.push({ role: person.role, token: link.token });
      if (person.role === 'admin')
        token = (await createApiKey(tx, { user: user.id, name: 'command line' })).token;
      await audit(tx, { actor: SETUP, action: 'user.create', subject: user.id });
    }
    return { links: made, key: token };
  });
  for (const { role, token } of links) lines.push(`Sign in as ${role}: ${base}/sign-in/${token}`);
  await mkdir(configuration.PERENNIAL_DATA, { recursive: true });
  await writeFile(operatorKeyFile(configuration.PERENNIAL_DATA), `${key}\n`, { mode: 0o600 });
  return lines;
}

const RECEIVABLES = new URL(
  '../examples/accounts-receivable/accounts-receivable.csv',
  import.meta.url,
);

/**
 * The sample company with its three years of history up to today, and the real receivables of an entity of their own, all
 * settled, so that nothing of them is ever billed or reminded of. Only into an empty record.
 */
async function importSamples(db: Db, say: (line: string) => void): Promise<void> {
  const present = await loadBook(db, { tables: ['accounts'] });
  if (present.accounts.length > 0) return;
  const sampleBook = async () => {
    const { SAMPLE, sampleCompany } = await import('../examples/sample-company.ts');
    return sampleCompany({ ...SAMPLE, today: new Date().toISOString().slice(0, 10) }).book;
  };
  await firstImport(
    db,
    [
      { importId: SAMPLE_IMPORTS.company, source: 'the sample company', read: sampleBook },
      {
        importId: SAMPLE_IMPORTS.receivables,
        source: 'a real receivables ledger (entity IBM-sample)',
        read: () => readAccountsReceivable(fileURLToPath(RECEIVABLES)),
      },
    ],
    say,
  );
}
