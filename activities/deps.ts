/** What the steps are built from, injected so that the same steps run in the worker and in tests. */
import type { Client } from '@temporalio/client';
import type { Accounting } from '../connectors/accounting/port.ts';
import type { Crm } from '../connectors/crm/port.ts';
import type { LicenseIssuer } from '../connectors/license/port.ts';
import type { KeyVault } from '../connectors/license/vault.ts';
import type { Mailer } from '../connectors/mail/port.ts';
import type { Collector } from '../connectors/payments/collector.ts';
import type { VatNumberRegister } from '../connectors/vies/port.ts';
import type { Db } from '../db/index.ts';
import type { RenderPool } from '../documents/render-pool.ts';

/** Addresses that mails and papers carry; null where an installation has no such page. */
export interface Links {
  /** The signed page on which a customer sees and pays an invoice. */
  payInvoice(invoice: string): string | null;
  acceptRenewal(renewal: string): string | null;
  account(account: string): string | null;
  /** The signed page on which an account's owner answers a question about a finding. */
  answerQuestion(question: string): string;
  /** The contract's page of the dashboard, for people of the house. */
  contract(contract: string): string;
}

export interface Deps {
  readonly db: Db;
  /** The engine's own client: lifecycles are started and told through it. */
  readonly client: Client;
  readonly mailer: Mailer;
  readonly renderPool: RenderPool;
  readonly issuer: LicenseIssuer;
  /** Seals the keys that it issued, and opens them for the customer's mail. */
  readonly vault: KeyVault;
  readonly crm: Crm;
  readonly accounting: Accounting;
  /** Documents, payments and deals of earlier days are not compared; absent: those of any day are. */
  readonly compareFrom?: string;
  /** Absent: no payment provider is configured, and customers pay by the bank details on their invoices. */
  readonly collector?: Collector;
  /** Absent: nobody is asked, and numbers that the policy wants validated stay pending. */
  readonly vatNumbers?: VatNumberRegister;
  readonly links: Links;
  /** `Billing <billing@example.com>`: who mails come from where an entity has no address of its own. */
  readonly mailFrom: string;
}
