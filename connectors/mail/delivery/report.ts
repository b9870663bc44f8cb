/** What became of a mail at one recipient, whoever told it: a provider's event or a bounce mail. */
import type { DeliveryState } from '../../../domain/mails/delivery.ts';

/** How the teller names the mail; the first that is known here counts. */
export interface MailNamed {
  /** Our own signed token, read: the local part of the Message-ID. */
  readonly token: string | null;
  /** As in its header, brackets included; or the id that the provider answered with. */
  readonly messageId: string | null;
}

export interface DeliveryReport extends MailNamed {
  readonly address: string;
  readonly state: DeliveryState;
  /** The enhanced status code (RFC 3463) where one was told. */
  readonly status: string | null;
  /** The receiving server's or provider's words. */
  readonly reason: string | null;
  readonly happenedAt: Date;
}

/** What came is no event or bounce mail; its message says why. */
export class DeliveryRejection extends Error {
  override readonly name = 'DeliveryRejection';
}

const REASON_MOST = 500;

/** Words of another system, on one line and not endless; null where there are none. */
export function wordsOf(text: string | null | undefined): string | null {
  const words = (text ?? '').replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return words === '' ? null : words.slice(0, REASON_MOST);
}

/** The enhanced status code in a text, such as `5.1.1` in `smtp; 550 5.1.1 no such user`. */
export function statusIn(text: string | null | undefined): string | null {
  return /(?:^|[\s;(#])([245]\.\d{1,3}\.\d{1,3})(?=$|[\s;,):.])/.exec(text ?? '')?.[1] ?? null;
}

/** `<id@host>`, however it was written; null where it is none. */
export function messageIdIn(text: string | null | undefined): string | null {
  const id = /<?([^<>\s]+@[^<>\s]+)>?/.exec((text ?? '').trim())?.[1];
  return id === undefined ? null : `<${id}>`;
}
