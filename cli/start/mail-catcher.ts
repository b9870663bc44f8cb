/**
 * The mail catcher as a part: takes every mail that is sent on 127.0.0.1 and shows it on a page.
 * `mail-catcher.ts SMTP_PORT PAGE_PORT FOLDER`. maildev serves its page only to those who ask for HTML by name and answers
 * 404 to all others (curl, a health check); here the page's own address answers everybody.
 */
import { MailDev } from 'maildev';

const [smtp, web, mailDirectory] = process.argv.slice(2);
if (smtp === undefined || web === undefined || mailDirectory === undefined)
  throw new Error('Usage: mail-catcher.ts SMTP_PORT PAGE_PORT FOLDER');

const maildev = new MailDev({
  smtp: Number(smtp),
  ip: '127.0.0.1',
  web: Number(web),
  webIp: '127.0.0.1',
  mailDirectory,
});

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  maildev.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
process.on('SIGTERM', stop);
process.on('disconnect', stop);

const { api } = await maildev.start();
api?.server.server.prependListener('request', (request) => {
  if (request.method === 'GET' && request.url === '/') request.headers.accept = 'text/html';
});
process.send?.({ ready: true });
