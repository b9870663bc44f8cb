/** The API without servers: a database that nobody may touch, processes that remember what they were asked. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, buildApi } from '../../api/app.ts';
import type { ApiConfiguration, ApiDependencies, Papers } from '../../api/dependencies.ts';
import type { Processes } from '../../api/processes.ts';
import { createOwnIssuer } from '../../connectors/license/own/issuer.ts';
import type { LicenseKeys } from '../../connectors/license/own/key-ring.ts';
import { SigningKeyError } from '../../connectors/license/own/signing-key.ts';
import { createKeyVault } from '../../connectors/license/vault.ts';
import type { Collector } from '../../connectors/payments/collector.ts';
import type { StripeReader } from '../../connectors/payments/stripe/port.ts';
import type { Db } from '../../db/index.ts';

export const CONFIGURATION: ApiConfiguration = {
  publicUrl: 'http://127.0.0.1:3000',
  temporalUiUrl: 'http://127.0.0.1:8233',
  stripeWebhookSecret: 'whsec_test_secret',
  linkKey: Buffer.alloc(32, 7),
  mailKey: Buffer.alloc(32, 9),
  webFolder: null,
  version: '0.0.0-test',
  uploadFolder: join(tmpdir(), `perennial-uploads-${process.pid}`),
  requestsPerMinute: 100_000,
  signInsPerMinute: 100_000,
  licenseChecksPerMinute: 100_000,
  sessionSeconds: 3600,
};

/** Any use of it fails the request, so that a test sees what needs no database. */
export const NO_DATABASE = new Proxy({} as Db, {
  get(_target, property) {
    throw new Error(`the database was touched (${String(property)}): postgres://user:hunter2@db`);
  },
});

export interface Asked {
  readonly what: string;
  readonly workflow: string;
  readonly args: unknown;
}

/** Processes that take everything and remember it; `refuse` makes the next update fail so. */
export class RememberingProcesses implements Processes {
  readonly asked: Asked[] = [];
  refuse: Error | null = null;
  answer: unknown = undefined;
  /** Ids under which processes were asked, in order: two of one id are one question. */
  readonly requests: string[] = [];

  #note(what: string, workflow: string, args: unknown): Promise<never> {
    this.asked.push({ what, workflow, args });
    const { refuse } = this;
    this.refuse = null;
    if (refuse !== null) return Promise.reject(refuse);
    return Promise.resolve(this.answer as never);
  }
  startBillRun: Processes['startBillRun'] = (args) => this.#note('start', args.run, args);
  lookOverBooks: Processes['lookOverBooks'] = (cause) =>
    this.#note('lookOverBooks', 'reconciliation', { cause });
  startFindingFix: Processes['startFindingFix'] = (args) => this.#note('start', args.key, args);
  startContract: Processes['startContract'] = (args) => this.#note('start', args.contract, args);
  startPayment: Processes['startPayment'] = (args) => this.#note('start', args.payment, args);
  reversePayment: Processes['reversePayment'] = (args, reversal) =>
    this.#note('reversal', args.payment, reversal);
  tellRefundFailed: Processes['tellRefundFailed'] = (args, failure) =>
    this.#note('refundFailed', args.payment, failure);
  update: Processes['update'] = (workflow, definition, args, request) => {
    this.requests.push(request);
    return this.#note(definition.name, workflow, args);
  };
  updateContract: Processes['updateContract'] = (contract, _party, definition, args) =>
    this.#note(definition.name, contract.contract, args);
  updatePayment: Processes['updatePayment'] = (payment, definition, args) =>
    this.#note(definition.name, payment.payment, args);
  signal: Processes['signal'] = async (workflow, definition, args) => {
    this.asked.push({ what: definition.name, workflow, args });
    return true;
  };
  runningOnClock: Processes['runningOnClock'] = async () => [];
  forgetClock: Processes['forgetClock'] = async () => {};
  end: Processes['end'] = (workflowIds, reason) => this.#note('end', reason, workflowIds);
  check: Processes['check'] = async () => {};
}

export const PAPERS: Papers = {
  invoicePdf: async (invoice) => ({
    fileName: `${invoice}.pdf`,
    content: new TextEncoder().encode('%PDF-1.7'),
  }),
  invoiceHtml: async (invoice) => `<p>${invoice}</p>`,
  draftPdf: async () => ({ fileName: 'draft.pdf', content: new TextEncoder().encode('%PDF-1.7') }),
  draftHtml: async () => '<p>draft</p>',
  statementPdf: async (account, { currency }) => ({
    fileName: `statement-${account}-${currency}.pdf`,
    content: new TextEncoder().encode('%PDF-1.7'),
  }),
};

/** An installation that has no key pair yet. */
const NO_KEYS: LicenseKeys = {
  accepted: async () => [],
  sign: async () => {
    throw new SigningKeyError('there is none');
  },
};
export const VAULT = createKeyVault(Buffer.alloc(32, 3));

export async function apiWith(
  db: Db,
  options: {
    processes?: Processes;
    stripe?: StripeReader;
    collector?: Collector;
    paperPatienceMs?: number;
    licenseKeys?: LicenseKeys;
    configuration?: Partial<ApiConfiguration>;
    outside?: NonNullable<ApiDependencies['outside']>;
    now?: () => Date;
  } = {},
): Promise<Api> {
  const app = await buildApi({
    db,
    processes: options.processes ?? new RememberingProcesses(),
    papers: PAPERS,
    stripe: options.stripe ?? null,
    collector: options.collector ?? null,
    licenseKeys: options.licenseKeys ?? NO_KEYS,
    licenseIssuer: createOwnIssuer((options.licenseKeys ?? NO_KEYS).sign),
    licenseVault: VAULT,
    configuration: { ...CONFIGURATION, ...options.configuration },
    now: options.now ?? (() => new Date()),
    ...(options.paperPatienceMs === undefined ? {} : { paperPatienceMs: options.paperPatienceMs }),
    ...(options.outside === undefined ? {} : { outside: options.outside }),
    log: false,
  });
  await app.ready();
  return app;
}

export interface Route {
  readonly method: string;
  readonly url: string;
  readonly permission: string;
}

/** Every route with its permission, from the app's own tree. */
export function routesOf(document: unknown): Route[] {
  const { paths } = document as {
    paths: Record<string, Record<string, { description?: string; security?: unknown[] }>>;
  };
  return Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, { description }]) => ({
      method: method.toUpperCase(),
      url,
      permission: /Permission: `([\w:-]+)`/.exec(description ?? '')?.[1] ?? 'public',
    })),
  );
}
