/** Issued documents: reading them, and the few columns of them that move. */
import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import type { Invoice, InvoiceLine } from './issue.ts';

export interface InvoiceWithLines {
  readonly invoice: Invoice;
  readonly lines: readonly InvoiceLine[];
}
/** By number (`INV-2026-00017`). */
export declare function getInvoice(db: Db, invoice: string): Promise<InvoiceWithLines | null>;
/** By document key (`invoice:C-1042:2027-01`). */
export declare function getInvoiceByKey(
  db: Db,
  documentKey: string,
): Promise<InvoiceWithLines | null>;
/** All that a contract has a line on, newest first. */
export declare function invoicesOfContract(db: Db, contract: string): Promise<Invoice[]>;
export declare function invoicesOfAccount(db: Db, account: string): Promise<Invoice[]>;
/** When it was handed to the mail server or network; the first time counts. */
export declare function markDelivered(db: Db, invoice: string, at: Date): Promise<void>;
export declare function setDisputed(
  db: Db,
  input: {
    invoice: string;
    disputed: boolean;
    lines?: readonly string[] | null;
    reason: string;
    actor: Actor;
  },
): Promise<Invoice>;
export declare function setPromise(
  db: Db,
  input: { invoice: string; until: string | null; reason: string; actor: Actor },
): Promise<Invoice>;
/** Raises the reminder stage; never lowers it (null resets it after settlement was undone). */
export declare function setReminderStage(db: Db, invoice: string, stage: number): Promise<void>;
/** What a reminder asks before it goes out: still open, undisputed part, promised until, insolvent since, latest stage. */
export interface ReminderFacts {
  readonly invoice: string;
  readonly account: string;
  readonly balanceMinor: number;
  /** Open lines that are not disputed. */
  readonly remindableMinor: number;
  readonly currency: string;
  readonly disputed: boolean;
  readonly promisedUntil: string | null;
  readonly insolventSince: string | null;
  readonly reminderStage: number;
  readonly state: Invoice['state'];
  readonly source: string;
}
export declare function reminderFacts(db: Db, invoice: string): Promise<ReminderFacts | null>;
/** Writes off what is open: deferred revenue not earned yet first, the rest bad debt, tax by `taxRelief` (§10). */
export declare function writeOffInvoice(
  db: Db,
  input: { invoice: string; on: string; taxRelief: boolean; reason: string; actor: Actor },
): Promise<Invoice>;
