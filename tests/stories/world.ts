/**
 * A company in a box for stories: a database of its own with a small book, the time-skipping server, workers with all
 * steps, papers printed for real, and an SMTP server that keeps every mail. A story is told by dates.
 */
import { writeFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { ParsedMail } from 'mailparser';
import { createActivities, type Deps } from '../../activities/index.ts';
import { createBuiltInAccounting } from '../../connectors/accounting/built-in/accounting.ts';
import { createBuiltInCrm } from '../../connectors/crm/built-in/crm.ts';
import { createOwnIssuer } from '../../connectors/license/own/issuer.ts';
import { generateKeyPair, readPrivateKey } from '../../connectors/license/own/signing-key.ts';
import { createKeyVault } from '../../connectors/license/vault.ts';
import { createSmtpMailer } from '../../connectors/mail/smtp.ts';
import { addSearchAttributes } from '../../connectors/temporal/search-attributes.ts';
import {
  addCrmNote,
  assertPaymentInvariant,
  connect,
  type Db,
  importBook,
  verifyAudit,
  verifyLedger,
} from '../../db/index.ts';
import { createRenderPool } from '../../documents/render-pool.ts';
import { BOOK_TABLES, type Book, camel, emptyBook, type Row } from '../../domain/book/tables.ts';
import { TASK_QUEUES } from '../../workflows/ids.ts';
import type { Steps } from '../../workflows/steps.ts';
import { sharedBundlePath } from '../infrastructure/engines.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { startMailSink } from '../infrastructure/mail-sink.ts';
import { createTestDatabase } from '../infrastructure/servers.ts';

export const MAKER = { user: 'mira@seller.example', role: 'biller' };
export const CHECKER = { user: 'ched@seller.example', role: 'approver' };

type Facts = { [T in keyof Book]?: readonly Partial<Row<T>>[] };

const DEFAULTS: { [T in keyof Book]?: Partial<Row<T>> } = {
  accounts: { status: 'active' },
  contracts: { status: 'active', billingFrequency: 'annual', autoRenew: false },
  subcontracts: { status: 'active' },
};

/** A book from the columns that matter; the others are "not given". */
export function bookOf(facts: Facts): Book {
  const book: Record<string, unknown> = { ...emptyBook() };
  for (const [table, rows] of Object.entries(facts))
    book[table] = rows.map((row) => completed(table as keyof Book, row));
  return book as unknown as Book;
}

function completed<T extends keyof Book>(table: T, row: object): Row<T> {
  const columns = Object.keys(BOOK_TABLES[table].columns).map((name) => camel(name));
  const empty = Object.fromEntries(columns.map((name) => [name, null]));
  return { ...empty, ...DEFAULTS[table], custom: {}, ...row } as Row<T>;
}

export interface World {
  readonly db: Db;
  readonly client: Client;
  readonly env: TestWorkflowEnvironment;
  readonly mails: readonly ParsedMail[];
  readonly deps: Deps;
  /** Lets the world live until the working hour of a day has passed. */
  until(day: string): Promise<void>;
  /** Waits, without moving time, until something holds. */
  eventually<T>(what: string, find: () => Promise<T | null | undefined | false>): Promise<T>;
  /** Keeps a history for the replay tests where SAVE_HISTORIES=1 asks for it. */
  saveHistory(workflowId: string, name: string, runId?: string): Promise<void>;
  end(): Promise<void>;
}

/**
 * @param others systems outside that a story is about, in place of the built-in ones
 * @param through what the workers' steps are led through
 */
export async function createWorld(
  env: TestWorkflowEnvironment,
  book: Book,
  others: Partial<Deps> = {},
  through: (steps: Steps) => Steps = (steps) => steps,
): Promise<World> {
  await addSearchAttributes(env.connection, env.namespace ?? 'default');
  const { db, close } = connect(await createTestDatabase(), { max: 8 });
  await importBook(db, book, { importId: 'story', actor: MAKER });
  const post = await startMailSink();
  const mailer = createSmtpMailer({ url: post.url, tokenKey: Buffer.alloc(32, 3) });
  const renderPool = createRenderPool({ size: 1 });
  const deps: Deps = {
    db,
    client: env.client,
    mailer,
    renderPool,
    issuer: createOwnIssuer(readPrivateKey(generateKeyPair().privatePem)),
    vault: createKeyVault(Buffer.alloc(32, 7)),
    crm: createBuiltInCrm((note) => addCrmNote(db, note)),
    accounting: createBuiltInAccounting(),
    links: {
      payInvoice: () => null,
      acceptRenewal: () => null,
      account: () => null,
      answerQuestion: (question) => `https://billing.seller.example/answer/${question}`,
      contract: (contract) => `https://billing.seller.example/contracts/${contract}`,
    },
    mailFrom: 'Billing <billing@seller.example>',
    ...others,
  };
  const workers = await startWorkers(env, through(createActivities(deps)));
  const client = env.client;
  return {
    db,
    client,
    env,
    deps,
    mails: post.mails,
    until: async (day) => {
      const now = await env.currentTimeMs();
      const target = Date.parse(`${day}T23:00:00Z`);
      if (target > now) await env.sleep(target - now);
    },
    eventually: eventually,
    saveHistory: async (workflowId, name, runId) => {
      if (process.env.SAVE_HISTORIES !== '1') return;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const path = new URL(`../replay/histories/${name}.json`, import.meta.url);
      await writeFile(path, `${historyToJSON(history)}\n`);
    },
    end: async () => {
      const faults = await booksFaults(db);
      for (const { worker } of workers) worker.shutdown();
      await Promise.all(workers.map(({ running }) => running));
      await renderPool.close();
      mailer.close();
      await post.close();
      await close();
      if (faults.length > 0) throw new Error(`The books do not add up: ${faults.join('; ')}`);
    },
  };
}

/** However a story ends, the books agree with what is owed, paid and open, and nobody rewrote what happened. */
async function booksFaults(db: Db): Promise<string[]> {
  const differences = (await verifyLedger(db)).map(
    ({ check, account, differenceMinor }) => `${check} of ${account}: ${differenceMinor}`,
  );
  const payments = await assertPaymentInvariant(db).then(
    () => [],
    (error: unknown) => [String(error)],
  );
  const audit = (await verifyAudit(db)).ok ? [] : ['the audit trail is broken'];
  return [...differences, ...payments, ...audit];
}

/** Workers of all queues, as the product has them. */
export async function startWorkers(env: TestWorkflowEnvironment, activities: Steps) {
  const namespace = env.namespace ?? 'default';
  const engine = { connection: env.nativeConnection, namespace };
  const common = { ...engine, activities, shutdownGraceTime: '2s' } as const;
  const make = (taskQueue: string) => Worker.create({ ...common, taskQueue });
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.billing,
      workflowBundle: { codePath: await sharedBundlePath() },
    }),
    await make(TASK_QUEUES.documents),
    await make(TASK_QUEUES.mail),
  ];
  return workers.map((worker) => ({ worker, running: worker.run() }));
}
