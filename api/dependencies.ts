/** What the API is built from: ports and values, so that tests inject requests into the same app that serves them. */

import type { Accounting } from '../connectors/accounting/port.ts';
import type { Crm } from '../connectors/crm/port.ts';
import type { LicenseKeys } from '../connectors/license/own/key-ring.ts';
import type { LicenseIssuer } from '../connectors/license/port.ts';
import type { KeyVault } from '../connectors/license/vault.ts';
import type { Collector } from '../connectors/payments/collector.ts';
import type { StripeReader } from '../connectors/payments/stripe/port.ts';
import type { Db } from '../db/index.ts';
import type { RecordedStatement } from '../documents/statement-document.ts';
import type { BillDocument } from '../domain/bill-run/document.ts';
import type { Row } from '../domain/book/tables.ts';
import type { Processes } from './processes.ts';

export interface ApiConfiguration {
  /** Where people reach us, without a slash at its end: `http://127.0.0.1:3000`. Links and the Secure flag follow it. */
  readonly publicUrl: string;
  readonly temporalUiUrl: string | null;
  /** `whsec_…`; null: the webhook answers `not-configured`. */
  readonly stripeWebhookSecret: string | null;
  /** Secrets that bank feeds sign with; none: the webhook answers `not-configured`. */
  readonly bankWebhookSecrets?: readonly string[];
  /** Secrets of the mail provider's webhook; none: it answers `not-configured`. */
  readonly mailWebhookSecrets?: readonly string[];
  /** Signs the tokens in mails by which bounces are known: `derivedKey(configuration, 'mail')`. */
  readonly mailKey: Buffer;
  /** Signs links in mails to public pages: `derivedKey(configuration, 'link')`. */
  readonly linkKey: Buffer;
  /** The dashboard's built files; null where they were not built. */
  readonly webFolder: string | null;
  readonly version: string;
  /** Where uploads wait until a person imports them. */
  readonly uploadFolder: string;
  /** Requests a minute and address; sign-in attempts have a stricter limit of their own. */
  readonly requestsPerMinute: number;
  readonly signInsPerMinute: number;
  /** Checks of licenses a minute and address: they come from customers' software, without a login. */
  readonly licenseChecksPerMinute: number;
  readonly sessionSeconds: number;
}

/** Papers as people read them, from the record. */
export interface Papers {
  /** The stored paper of an issued document where there is one, else rendered now; null where nobody knows the number. */
  invoicePdf(invoice: string): Promise<{ fileName: string; content: Uint8Array } | null>;
  invoiceHtml(invoice: string): Promise<string | null>;
  /** A computed document before it has a number, as it will look. */
  draftPdf(
    document: BillDocument,
    seller?: Row<'entities'>,
  ): Promise<{ fileName: string; content: Uint8Array }>;
  draftHtml(document: BillDocument): Promise<string>;
  /** An account's statement of one currency, printed now. */
  statementPdf(
    account: string,
    statement: RecordedStatement,
  ): Promise<{ fileName: string; content: Uint8Array }>;
}

export interface ApiDependencies {
  readonly db: Db;
  readonly processes: Processes;
  readonly papers: Papers;
  /** What checks licenses, and signs the list of those that were switched off. */
  readonly licenseKeys: LicenseKeys;
  /** Issues evaluations; all other licenses are issued by the worker. */
  readonly licenseIssuer: LicenseIssuer;
  /** Opens stored keys for those who may see them. */
  readonly licenseVault: KeyVault;
  readonly configuration: ApiConfiguration;
  /** Opens payment pages and stores methods; absent or null where no provider is configured. */
  readonly collector?: Collector | null;
  /** Reads Stripe's objects again; absent or null where no key is configured: then the verified event counts. */
  readonly stripe?: StripeReader | null;
  /** Accounting and CRM, to ask whether they answer; absent: none is connected. */
  readonly outside?: Readonly<
    Record<'accounting' | 'crm', Pick<Accounting | Crm, 'system' | 'reach'>>
  >;
  /** How long who brings a paper waits for its reading before they are told where to look. */
  readonly paperPatienceMs?: number;
  /** The only clock of the API. */
  readonly now: () => Date;
  /** `false` in tests; else pino's level. */
  readonly log: false | 'debug' | 'info' | 'warn' | 'error';
}
