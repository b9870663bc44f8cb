/** The mailer against a real SMTP server on this machine: what arrives, and what each refusal is answered as. */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerEnvelope, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { mailInToken } from '../../../connectors/mail/delivery/token.ts';
import { messageIdOf } from '../../../connectors/mail/message-id.ts';
import type { Mailer, MailMessage } from '../../../connectors/mail/port.ts';
import { createSmtpMailer, type SmtpOptions } from '../../../connectors/mail/smtp.ts';
import { closeServer, openServer } from '../../infrastructure/local-server.ts';

const MESSAGE: MailMessage = {
  key: 'invoice:C-1042:2027-01:mail',
  from: { name: 'Perennial Software', address: 'billing@seller.example' },
  to: [{ name: 'Jürgen Groß', address: 'j.gross@buyer.example' }],
  cc: [],
  replyTo: { name: 'Anna Brandt', address: 'anna.brandt@seller.example' },
  subject: 'Invoice INV-2026-00017 for maintenance of Acme CAD, due 14 January 2027',
  html: '<p>Grüße</p>',
  text: 'Grüße',
  attachments: [
    {
      filename: 'INV-2026-00017.pdf',
      contentType: 'application/pdf',
      content: Buffer.from('%PDF-1.7'),
    },
  ],
  follows: ['invoice:C-1042:2026-01:mail'],
  unsubscribeUrl: null,
};

const tokenKey = Buffer.alloc(32, 7);
const open: SMTPServer[] = [];
const mailers: Mailer[] = [];
afterEach(async () => {
  for (const mailer of mailers.splice(0)) mailer.close();
  await Promise.all(
    open.splice(0).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
});

function mailerOf(options: Omit<SmtpOptions, 'tokenKey'>): Mailer {
  const mailer = createSmtpMailer({ ...options, tokenKey });
  mailers.push(mailer);
  return mailer;
}

async function listen(
  options: SMTPServerOptions = {},
): Promise<{ url: string; mails: ParsedMail[]; server: SMTPServer }> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, mails, server };
}

function refusal(code: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode: code });
}

async function answerOf(options: SMTPServerOptions, patience: { silenceMs?: number } = {}) {
  const { url } = await listen(options);
  return await mailerOf({ url, ...patience }).send(MESSAGE);
}

describe('SMTP mailer', () => {
  it('names where bounces go, and itself to servers that report them', async () => {
    const envelopes: SMTPServerEnvelope[] = [];
    const { url, mails } = await listen({
      hideDSN: false,
      onData: (stream, session, done) => {
        envelopes.push(session.envelope);
        stream.on('end', () => done()).resume();
      },
    });
    const bounceAddress = 'bounces@seller.example';
    await mailerOf({ url, bounceAddress }).send(MESSAGE);
    expect(mails).toEqual([]);
    const [envelope] = envelopes;
    expect(envelope?.mailFrom).toMatchObject({ address: bounceAddress });
    expect(mailInToken(tokenKey, String(envelope?.dsn?.envid))).not.toBeNull();
  });

  it('delivers a mail as it was given, under a Message-ID that follows from its key', async () => {
    const { url, mails } = await listen();
    const mailer = mailerOf({ url });
    const first = await mailer.send(MESSAGE);
    const second = await mailer.send(MESSAGE);
    const messageId = messageIdOf(MESSAGE.key, 'billing@seller.example');
    expect(first).toMatchObject({ result: 'ok', messageId, refused: [] });
    expect(second).toMatchObject({ result: 'ok', messageId });
    const [mail] = mails;
    expect(mail?.subject).toBe(MESSAGE.subject);
    expect(mail?.messageId).toBe(messageId);
    expect(mail?.text?.trim()).toBe('Grüße');
    expect(mail?.html).toContain('Grüße');
    expect(mail?.replyTo?.value[0]?.address).toBe('anna.brandt@seller.example');
    expect(mail?.headers.get('x-entity-ref-id')).toBe(MESSAGE.key);
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
    const token = String(mail?.headers.get('x-perennial-mail'));
    expect(mailInToken(tokenKey, token)).toBe(messageId.slice(1, messageId.indexOf('@')));
    expect(mailInToken(Buffer.alloc(32, 8), token)).toBeNull();
    expect(mail?.references).toBe(
      messageIdOf('invoice:C-1042:2026-01:mail', 'billing@seller.example'),
    );
    expect(mail?.attachments[0]).toMatchObject({
      filename: 'INV-2026-00017.pdf',
      contentType: 'application/pdf',
    });
    expect(mail?.attachments[0]?.content.toString()).toBe('%PDF-1.7');
  });

  it('writes the one-click header of an offer', async () => {
    const { url, mails } = await listen();
    const unsubscribeUrl = 'https://portal.example/unsubscribe?t=1';
    await mailerOf({ url }).send({ ...MESSAGE, unsubscribeUrl });
    const line = mails[0]?.headerLines.find(({ key }) => key === 'list-unsubscribe-post');
    expect(line?.line).toContain('List-Unsubscribe=One-Click');
  });

  it('keeps a line break in a name or subject from becoming a header', async () => {
    const { url, mails } = await listen();
    await mailerOf({ url }).send({
      ...MESSAGE,
      subject: 'Invoice\r\nBcc: thief@evil.example',
      key: 'a\r\nX-Evil: 1',
    });
    expect(mails[0]?.headers.has('bcc')).toBe(false);
    expect(mails[0]?.headers.has('x-evil')).toBe(false);
    expect(mails[0]?.subject).toBe('Invoice Bcc: thief@evil.example');
  });

  it('answers a refused recipient as rejected', async () => {
    const answer = await answerOf({
      onRcptTo: (_address, _session, done) => done(refusal(550, 'no such user')),
    });
    expect(answer).toMatchObject({ result: 'rejected', code: 'recipient-refused' });
  });

  it('tells which recipients were refused where others were taken', async () => {
    const { url } = await listen({
      onRcptTo: (address, _session, done) =>
        done(address.address.startsWith('gone') ? refusal(550, 'no such user') : null),
    });
    const cc = [{ name: null, address: 'gone@buyer.example' }];
    const answer = await mailerOf({ url }).send({ ...MESSAGE, cc });
    expect(answer).toMatchObject({
      result: 'ok',
      refused: [{ address: 'gone@buyer.example', reason: expect.stringContaining('no such user') }],
    });
  });

  it('answers a refused message as rejected, and a passing refusal as unknown and not sent', async () => {
    const refused = await answerOf({
      onData: (stream, _session, done) => {
        stream.on('end', () => done(refusal(552, 'too large'))).resume();
      },
    });
    expect(refused).toMatchObject({ result: 'rejected', code: 'message-refused' });
    const greylisted = await answerOf({
      onRcptTo: (_address, _session, done) => done(refusal(451, 'try again later')),
    });
    expect(greylisted).toMatchObject({ result: 'unknown', mayHaveBeenSent: false });
  });

  it('answers wrong credentials as not authorized', async () => {
    const { url } = await listen({
      authOptional: false,
      onAuth: (_auth, _session, done) => done(refusal(535, 'wrong password')),
    });
    const mailer = mailerOf({ url: url.replace('smtp://', 'smtp://u:p@') });
    expect(await mailer.send(MESSAGE)).toMatchObject({
      result: 'rejected',
      code: 'not-authorized',
    });
    expect(await mailer.check()).toContain('wrong password');
  });

  it('answers a server that takes the mail and never says so as maybe sent', async () => {
    let received = 0;
    const answer = await answerOf(
      {
        onData: (stream) => {
          stream.on('end', () => (received += 1)).resume();
        },
      },
      { silenceMs: 1_500 },
    );
    expect(received).toBe(1);
    expect(answer).toMatchObject({ result: 'unknown', mayHaveBeenSent: true });
  });

  it('keeps its connection for the next mail', async () => {
    let connections = 0;
    const { url, mails } = await listen({
      onConnect: (_session, done) => {
        connections += 1;
        done();
      },
    });
    const mailer = mailerOf({ url });
    for (const key of ['one', 'two', 'three'])
      expect(await mailer.send({ ...MESSAGE, key })).toMatchObject({ result: 'ok' });
    expect(mails).toHaveLength(3);
    expect(connections).toBe(1);
  });

  it('goes to a new connection where the server has left the kept one, and sends once', async () => {
    let begun = 0;
    const { url, mails, server } = await listen({
      onMailFrom: (_address, _session, done) => {
        begun += 1;
        if (begun === 2) for (const connection of server.connections) connection.close();
        else done();
      },
    });
    const mailer = mailerOf({ url });
    await mailer.send({ ...MESSAGE, key: 'one' });
    expect(await mailer.send({ ...MESSAGE, key: 'two' })).toMatchObject({ result: 'ok' });
    expect(begun).toBe(3);
    expect(mails.map((mail) => mail.headers.get('x-entity-ref-id'))).toEqual(['one', 'two']);
  });

  it('sends nothing twice over a kept connection that is lost with a mail under way', async () => {
    let taken = 0;
    const { url, server } = await listen({
      onData: (stream, _session, done) => {
        stream.on('end', () => {
          taken += 1;
          if (taken === 1) done();
          else for (const connection of server.connections) connection.close();
        });
        stream.resume();
      },
    });
    const mailer = mailerOf({ url });
    await mailer.send({ ...MESSAGE, key: 'one' });
    const answer = await mailer.send({ ...MESSAGE, key: 'two' });
    expect(answer).toMatchObject({ result: 'unknown', mayHaveBeenSent: true });
    expect(taken).toBe(2);
  });

  it('answers no server at all, and one that never greets, as not sent', async () => {
    const server = createServer(() => undefined);
    const url = `smtp://127.0.0.1:${await openServer(server)}`;
    const silent = await mailerOf({ url, connectMs: 200 }).send(MESSAGE);
    expect(silent).toMatchObject({ result: 'unknown', mayHaveBeenSent: false });
    await closeServer(server);
    const absent = await mailerOf({ url, connectMs: 200 }).send(MESSAGE);
    expect(absent).toMatchObject({ result: 'unknown', mayHaveBeenSent: false });
  });

  it('gives up when it is told to', async () => {
    const controller = new AbortController();
    const { url } = await listen({
      onData: (stream) => void stream.on('end', () => controller.abort()).resume(),
    });
    const sending = mailerOf({ url }).send(MESSAGE, controller.signal);
    expect(await sending).toMatchObject({ result: 'unknown', mayHaveBeenSent: true });
  });

  it('refuses a mail without a recipient before any connection', async () => {
    const mailer = mailerOf({ url: 'smtp://127.0.0.1:1' });
    expect(await mailer.send({ ...MESSAGE, to: [] })).toMatchObject({ code: 'no-recipient' });
  });
});
