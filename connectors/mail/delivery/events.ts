/**
 * Events of a mail provider. Two shapes are read: our own, signed after Standard Webhooks, for any provider behind a few lines
 * of glue; and Postmark's, which come as they are and are known by the password in the webhook's address (HTTP basic
 * authentication: Postmark signs nothing).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { DeliveryState } from '../../../domain/mails/delivery.ts';
import {
  DeliveryRejection,
  type DeliveryReport,
  messageIdIn,
  statusIn,
  wordsOf,
} from './report.ts';
import { METADATA_NAME, mailInToken } from './token.ts';

/** What an event says: one report, or that it is about something else (an opened mail, a click). */
export type DeliveryEvent =
  | { readonly kind: string; readonly report: DeliveryReport }
  | { readonly kind: string; readonly ignored: string };

const STATES: Readonly<Record<string, DeliveryState>> = {
  'mail.delivered': 'delivered',
  'mail.delayed': 'delayed',
  'mail.bounced': 'bounced',
  'mail.complained': 'complained',
};

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const words = z.string().max(10_000).nullish();

const ownEvent = z.object({
  type: z.string().max(100),
  timestamp: instant,
  data: z.object({
    messageId: z.string().max(1000),
    address: z.email().max(320),
    status: words,
    reason: words,
  }),
});
const kindOnly = z.object({ type: z.string().max(100) });

const postmarkEvent = z.object({
  RecordType: z.string().max(100),
  MessageID: z.string().max(200),
  Type: words,
  Description: words,
  Details: words,
  Recipient: z.string().max(320).nullish(),
  Email: z.string().max(320).nullish(),
  DeliveredAt: instant.nullish(),
  BouncedAt: instant.nullish(),
  Metadata: z.record(z.string(), z.unknown()).nullish(),
});
/** What Postmark calls a bounce: with the status (RFC 3463) that it comes to where its words hold none. */
const POSTMARK_BOUNCES: Readonly<Record<string, string | null>> = {
  HardBounce: null,
  BadEmailAddress: null,
  ManuallyDeactivated: null,
  Blocked: '5.7.1',
  SpamNotification: '5.7.1',
  DMARCPolicy: '5.7.1',
  SoftBounce: '4.0.0',
  DnsError: '5.4.4',
  Unknown: '4.0.0',
};

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch (error) {
    throw new DeliveryRejection(`It is no JSON: ${(error as Error).message}`);
  }
}

function parsed<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new DeliveryRejection(faults.join('; '));
}

/** Our own shape. @throws DeliveryRejection */
export function ownMailEvent(body: Uint8Array): DeliveryEvent {
  const given = jsonOf(body);
  const { type } = parsed(kindOnly, given);
  const state = Object.hasOwn(STATES, type) ? STATES[type] : undefined;
  if (state === undefined) return { kind: type, ignored: `${type} says nothing about delivery.` };
  const { timestamp, data } = parsed(ownEvent, given);
  const messageId = messageIdIn(data.messageId);
  if (messageId === null)
    throw new DeliveryRejection('data.messageId: a Message-ID such as <1f…@billing.example.com>');
  return {
    kind: type,
    report: {
      token: null,
      messageId,
      address: data.address,
      state,
      status: data.status ?? statusIn(data.reason),
      reason: wordsOf(data.reason),
      happenedAt: timestamp,
    },
  };
}

function postmarkState(kind: string, type: string): DeliveryState | null {
  if (kind === 'Delivery') return 'delivered';
  if (kind === 'SpamComplaint') return 'complained';
  if (kind !== 'Bounce') return null;
  if (type === 'SpamComplaint') return 'complained';
  if (Object.hasOwn(POSTMARK_BOUNCES, type)) return 'bounced';
  return type === 'Transient' ? 'delayed' : null;
}

/** Postmark's shape, told by its `RecordType`. @throws DeliveryRejection */
export function postmarkMailEvent(body: Uint8Array, tokenKey: Buffer): DeliveryEvent {
  const event = parsed(postmarkEvent, jsonOf(body));
  const kind = event.Type == null ? event.RecordType : `${event.RecordType} ${event.Type}`;
  const state = postmarkState(event.RecordType, event.Type ?? '');
  if (state === null) return { kind, ignored: `${kind} says nothing about delivery.` };
  const address = parsed(z.email().max(320), event.Recipient ?? event.Email);
  const happenedAt = event.DeliveredAt ?? event.BouncedAt;
  if (!happenedAt) throw new DeliveryRejection('DeliveredAt or BouncedAt: when it happened');
  const token = event.Metadata?.[METADATA_NAME];
  const told = event.Details || event.Description;
  return {
    kind,
    report: {
      token: typeof token === 'string' ? mailInToken(tokenKey, token) : null,
      messageId: event.MessageID,
      address,
      state,
      status: statusIn(told) ?? POSTMARK_BOUNCES[event.Type ?? ''] ?? null,
      reason: state === 'delivered' ? null : wordsOf(told),
      happenedAt,
    },
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Whether a request's `Authorization` carries one of the passwords, with any user name. Compared in constant time. */
export function carriesPassword(
  authorization: string | undefined,
  passwords: readonly string[],
): boolean {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,4000})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return false;
  const given = Buffer.from(encoded, 'base64').toString('utf8');
  const password = sha256(given.slice(given.indexOf(':') + 1));
  // Every one is compared, so that the time taken tells nothing about which one fits.
  return passwords.map((one) => timingSafeEqual(sha256(one), password)).includes(true);
}
