/** A mail server that keeps what it takes. It may also take a mail and never say so, as a server that dies does. */
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface MailSink {
  readonly url: string;
  readonly port: number;
  /** In the order in which they came; also those that were never answered. */
  readonly mails: readonly ParsedMail[];
  close(): Promise<void>;
}

export interface MailSinkOptions {
  /** Default: any free one. */
  readonly port?: number;
  /**
   * Called for each mail that was taken; false leaves its sender without an answer.
   * @param wholeAt when its last byte was here, as `performance.now` says; reading it takes longer
   */
  readonly answers?: (mail: ParsedMail, wholeAt: number) => boolean;
}

export async function startMailSink(options: MailSinkOptions = {}): Promise<MailSink> {
  const { answers = () => true } = options;
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 200, // clients keep their connections open for the next mail
    onData: (stream, _session, done) => {
      let wholeAt = Number.NaN;
      stream.once('end', () => {
        wholeAt = performance.now();
      });
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        if (answers(mail, wholeAt)) done();
      }, done);
    },
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', () => done());
  });
  // A client that is killed in the middle of a mail is what some tests are about.
  server.on('error', () => {});
  const { port } = server.server.address() as { port: number };
  return {
    url: `smtp://127.0.0.1:${port}?ignoreTLS=true`,
    port,
    mails,
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}
