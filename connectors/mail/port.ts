/**
 * What Perennial asks of whoever delivers mail. A mail has a lasting key, made before the first attempt; its Message-ID
 * follows from the key, so that a mail sent twice is seen as one by servers and people.
 */

export interface MailAddress {
  readonly name: string | null;
  readonly address: string;
}

export interface MailAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface MailMessage {
  /** The mail's business key, e.g. `invoice:C-1042:2027-01:mail`. */
  readonly key: string;
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  /** A person: answers reach somebody. */
  readonly replyTo: MailAddress;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
  /** Keys of earlier mails of the same matter: mail programs show them as one conversation. */
  readonly follows: readonly string[];
  /** Set for renewal offers, which are no mere transaction: where one click ends them (RFC 8058). */
  readonly unsubscribeUrl: string | null;
}

/**
 * The three answers of an outside system. `rejected` will be answered the same way again and needs a person. `unknown`
 * may be asked again at once where `mayHaveBeenSent` is false; where it is true the mail may have gone out already.
 */
export type MailAnswer =
  | {
      readonly result: 'ok';
      readonly messageId: string;
      /** The Message-ID that the server gave it instead, where its answer says so. */
      readonly providerId: string | null;
      /** The server's own words; they often hold its queue's id. */
      readonly response: string;
      /** Recipients that the server refused while it took the others. */
      readonly refused: readonly { readonly address: string; readonly reason: string | null }[];
    }
  | { readonly result: 'rejected'; readonly code: MailRejection; readonly message: string }
  | { readonly result: 'unknown'; readonly mayHaveBeenSent: boolean; readonly message: string };

export type MailRejection =
  | 'no-recipient' // finance gives the account a billing contact
  | 'recipient-refused' // finance corrects the address
  | 'message-refused' // the operator reads the server's words: size, policy, sender
  | 'not-authorized'; // the operator corrects the credentials

export interface Mailer {
  readonly system: string;
  /** Sends once; never retries by itself. `signal` gives up waiting: what was begun is then unknown. */
  send(message: MailMessage, signal?: AbortSignal): Promise<MailAnswer>;
  /** Whether the server can be reached and lets us in; null where all is well, else what is wrong. */
  check(): Promise<string | null>;
  close(): void;
}
