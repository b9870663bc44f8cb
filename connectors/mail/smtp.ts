/**
 * Mail over SMTP. No retries inside: the caller's policy is the only one (connector rule 6). Connections stay open for the next
 * mail for a while: greeting, encryption and login take longer than the mail itself.
 */
import nodemailer from 'nodemailer';
import { errorWords } from '../../domain/error-words.ts';
import { METADATA_NAME, mailToken, TOKEN_HEADER } from './delivery/token.ts';
import { messageIdOf } from './message-id.ts';
import type { MailAddress, MailAnswer, Mailer, MailMessage } from './port.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587`, or `smtps://…`; query parameters are nodemailer's (`?ignoreTLS=true`). */
  readonly url: string;
  /** How long connecting and greeting may take; default 10 s. */
  readonly connectMs?: number;
  /** How long the server may stay silent; default 30 s. */
  readonly silenceMs?: number;
  /** Signs the token by which bounces are known (`derivedKey(configuration, 'mail')`). */
  readonly tokenKey: Buffer;
  /** Where mail servers send bounces; default the sender's address. */
  readonly bounceAddress?: string | undefined;
}

/** As many as the worker sends mails at once. */
const MOST_CONNECTIONS = 4;
/** Shorter than most servers wait (RFC 5321 asks for five minutes). */
const KEPT_OPEN_MS = 60_000;

/** What nodemailer's errors carry beside their message. */
interface SmtpError {
  readonly message: string;
  readonly code: string | null;
  readonly originalCode: string | null;
  readonly responseCode: number | null;
  readonly command: string | null;
  readonly timeoutType: string | null;
}

function smtpError(error: unknown): SmtpError {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const textOf = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  return {
    message: errorWords(error),
    code: textOf('code'),
    originalCode: textOf('originalCode'),
    responseCode: typeof fields.responseCode === 'number' ? fields.responseCode : null,
    command: textOf('command'),
    timeoutType: textOf('timeoutType'),
  };
}

/** Failures before any mail could leave: nothing was sent, whatever else is unclear. */
const BEFORE_SENDING = new Set([
  'EDNS',
  'ETLS',
  'EAUTH',
  'ENOAUTH',
  'EPROXY',
  'ESTREAM',
  'EMESSAGE',
]);
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const SETUP_TIMEOUTS = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

function neverLeft({ code, originalCode, timeoutType }: SmtpError): boolean {
  return (
    BEFORE_SENDING.has(code ?? '') ||
    NOT_CONNECTED.has(originalCode ?? code ?? '') ||
    SETUP_TIMEOUTS.has(timeoutType ?? '')
  );
}

/** A server's refusal, by its code (RFC 5321): 5xx stands, 4xx passes. */
function answerTo(error: SmtpError): MailAnswer {
  const { message, responseCode, code, command } = error;
  if (responseCode !== null && responseCode >= 500) {
    if (code === 'EAUTH' || responseCode === 530 || responseCode === 535)
      return { result: 'rejected', code: 'not-authorized', message };
    const isRecipient = command?.startsWith('RCPT') === true;
    return {
      result: 'rejected',
      code: isRecipient ? 'recipient-refused' : 'message-refused',
      message,
    };
  }
  if (responseCode !== null && responseCode >= 400)
    return { result: 'unknown', mayHaveBeenSent: false, message };
  if (code === 'EENVELOPE') return { result: 'rejected', code: 'no-recipient', message };
  return { result: 'unknown', mayHaveBeenSent: !neverLeft(error), message };
}

/** Recipients that a server refused while it took others, with its words. */
function refusedIn(info: {
  readonly rejected: readonly (string | { readonly address: string })[];
  readonly rejectedErrors?: readonly unknown[] | undefined;
}): { address: string; reason: string | null }[] {
  const reasons = (info.rejectedErrors ?? []).map(smtpError);
  return info.rejected.map((one, at) => ({
    address: typeof one === 'string' ? one : one.address,
    reason: reasons[at]?.message ?? null,
  }));
}

/** Line breaks end a header: names and subjects come from people's data and have none. */
const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim();
const mailbox = ({ name, address }: MailAddress) => ({
  name: oneLine(name ?? ''),
  address: oneLine(address),
});

function headersOf(message: MailMessage, token: string): Record<string, string> {
  const { unsubscribeUrl } = message;
  return {
    'X-Entity-Ref-ID': oneLine(message.key),
    [TOKEN_HEADER]: token,
    [`X-PM-Metadata-${METADATA_NAME}`]: token,
    'Auto-Submitted': 'auto-generated',
    ...(unsubscribeUrl === null
      ? {}
      : {
          'List-Unsubscribe': `<${oneLine(unsubscribeUrl)}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        }),
  };
}

/** A mailer over SMTP; see {@link Mailer}. */
export function createSmtpMailer(options: SmtpOptions): Mailer {
  const connectMs = options.connectMs ?? 10_000;
  const transport = nodemailer.createTransport({
    url: options.url,
    pool: true,
    maxConnections: MOST_CONNECTIONS,
    idleTimeout: KEPT_OPEN_MS,
    // A new connection costs a greeting, for which some servers let everybody wait; one that wants fewer mails closes it.
    maxMessages: Number.POSITIVE_INFINITY,
    // A kept connection may have been closed by the server: only a mail of which no byte was sent goes to a new one.
    maxRequeues: 1,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: options.silenceMs ?? 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    system: 'smtp',
    send: async (message, signal) => {
      if (message.to.length === 0)
        return { result: 'rejected', code: 'no-recipient', message: 'the mail has no recipient' };
      const { address } = message.from;
      const follows = message.follows.map((key) => messageIdOf(key, address));
      const last = follows.at(-1);
      const messageId = messageIdOf(message.key, address);
      const token = mailToken(options.tokenKey, messageId);
      const recipients = [...message.to, ...message.cc].map((one) => oneLine(one.address));
      try {
        const info = await transport.sendMail({
          messageId,
          envelope: { from: oneLine(options.bounceAddress ?? address), to: recipients },
          dsn: { id: token, return: 'headers', notify: ['failure', 'delay'] },
          from: mailbox(message.from),
          to: message.to.map(mailbox),
          cc: message.cc.map(mailbox),
          replyTo: mailbox(message.replyTo),
          subject: oneLine(message.subject),
          text: message.text,
          html: message.html,
          headers: headersOf(message, token),
          ...(last === undefined ? {} : { inReplyTo: last, references: follows }),
          attachments: message.attachments.map(({ filename, contentType, content }) => ({
            filename: oneLine(filename),
            contentType,
            content,
          })),
          ...(signal === undefined ? {} : { signal }),
        });
        return {
          result: 'ok',
          messageId: info.messageId,
          providerId: info.serverMessageId ?? null,
          response: info.response,
          refused: refusedIn(info),
        };
      } catch (error) {
        return answerTo(smtpError(error));
      }
    },
    check: async () => {
      try {
        await transport.verify();
        return null;
      } catch (error) {
        return smtpError(error).message;
      }
    },
    close: () => transport.close(),
  };
}
