/** What became of mails: a provider's events, bounce mails, what pages and findings say of it, and sending again. */
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bounceFolder } from '../../../api/mail/folder.ts';
import type {
  AccountPage,
  FindingSummary,
  InvoicePage,
  MailView,
  Page,
  Problem,
} from '../../../api/types.ts';
import { takeFiles } from '../../../api/watched-folder.ts';
import { mailToken } from '../../../connectors/mail/delivery/token.ts';
import { messageIdOf } from '../../../connectors/mail/message-id.ts';
import { signWebhook } from '../../../connectors/webhooks/standard-webhooks.ts';
import { beginMail, finishMail, getEffect, reconcile, withEffect } from '../../../db/index.ts';
import { mailBounces } from '../../../db/queries/finding-sources.ts';
import { bounceMail } from '../../connectors/mail/delivery/bounces.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const KEY = Buffer.alloc(32, 9);
const NOW = new Date('2026-03-20T12:00:00Z');
const [TO, CC] = ['ap@kunde.example', 'cfo@kunde.example'];
const messageId = (key: string) => messageIdOf(key, 'billing@acme.example');
const token = (key: string) => mailToken(KEY, messageId(key));

let at: Scene;
beforeAll(async () => {
  const book = smallBook();
  const accounts = [row('accounts', { ...book.accounts[0], billingEmail: TO })];
  const configuration = { mailWebhookSecrets: [SECRET], mailKey: KEY };
  at = await scene({ now: () => NOW, configuration }, { ...book, accounts });
});
afterAll(() => at?.close());
beforeEach(async () => {
  for (const table of ['mails', 'effects', 'inbox_events', 'timeline_events'])
    await at.db.execute(sql`delete from ${sql.identifier(table)}`);
  at.processes.asked.length = 0;
  at.processes.requests.length = 0;
  at.processes.refuse = null;
});

/** Noted and handed over as the step of sending does it, at noon. */
async function handedOver(
  key: string,
  given: { kind?: string; recipients?: string[]; state?: 'sent' | 'unknown' } = {},
) {
  const { kind = 'invoice', recipients = [TO], state = 'sent' } = given;
  await beginMail(at.db, {
    key,
    kind,
    account: 'A-1',
    contract: 'C-1',
    invoice: 'INV-OLD-1',
    recipients,
    subject: `Mail ${key}`,
    messageId: messageId(key),
    sentOn: '2026-03-20',
  });
  await at.db.execute(
    sql`update mails set attempted_at = ${NOW.toISOString()}, created_at = ${NOW.toISOString()} where key = ${key}`,
  );
  await withEffect(at.db, { key, system: 'smtp', inputHash: 'h' }, async () =>
    state === 'sent' ? { state: 'ok', result: 'x' } : { state, reason: 'silence' },
  );
  await finishMail(at.db, key, state, state === 'sent' ? null : 'silence');
}

let ids = 0;
function post(
  body: string | Buffer,
  { secret = SECRET, ageSeconds = 0, id = `msg_${++ids}`, type = 'application/json' } = {},
) {
  const seconds = Math.floor(NOW.getTime() / 1000) - ageSeconds;
  const payload = Buffer.from(body);
  return at.app.inject({
    method: 'POST',
    url: '/webhooks/mail',
    payload,
    headers: {
      'content-type': type,
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signWebhook(payload, id, seconds, secret),
    },
  });
}
const event = (type: string, key: string, more: object = {}, timestamp = '2026-03-20T12:01:00Z') =>
  JSON.stringify({
    type: `mail.${type}`,
    timestamp,
    data: { messageId: messageId(key), address: TO, ...more },
  });
const reason = '550 5.1.1 no such user';

const shown = async (): Promise<readonly MailView[]> =>
  (await at.as('viewer', 'GET', '/accounts/A-1')).json<AccountPage>().mails;
const bounced = async () => (await mailBounces(at.db)).map(({ address }) => address);

describe('an event of a mail provider', () => {
  it('stands on the customer’s and the invoice’s page, and becomes a finding', async () => {
    await handedOver('m:1');
    expect(await shown()).toMatchObject([{ state: 'sent', undelivered: false }]);
    expect((await post(event('delivered', 'm:1'))).json()).toMatchObject({ outcome: 'processed' });
    expect(await shown()).toMatchObject([{ state: 'delivered', undelivered: false }]);
    expect(await bounced()).toEqual([]);
    // Accepted at first, and sent back later.
    await post(event('bounced', 'm:1', { reason }, '2026-03-20T12:05:00Z'));
    const told = { state: 'bounced', reason, undelivered: true, sendsAgain: true, asCopy: true };
    expect(await shown()).toMatchObject([told]);
    const page = await at.as('viewer', 'GET', '/invoices/INV-OLD-1');
    expect(page.json<InvoicePage>().mails).toMatchObject([told]);
    expect(await mailBounces(at.db)).toEqual([{ address: TO, bouncedOn: '2026-03-20', reason }]);
    expect(at.processes.asked).toContainEqual(expect.objectContaining({ what: 'lookOverBooks' }));
    await reconcile(at.db, { asOf: '2026-03-20', cause: 'demand' });
    const found = await at.as('viewer', 'GET', '/findings?rule=mail-undeliverable');
    expect(found.json<Page<FindingSummary>>().items).toMatchObject([
      { account: { account: 'A-1' } },
    ]);
    const contract = await at.as('viewer', 'GET', '/contracts/C-1');
    expect(contract.body).toContain(`Mail to ${TO} came back`);
  });

  it('has one effect, however often and in whatever order it comes', async () => {
    await handedOver('m:1');
    const first = await post(event('bounced', 'm:1', { reason }), { id: 'msg_same' });
    const second = await post(event('bounced', 'm:1', { reason }), { id: 'msg_same' });
    expect([first.json().outcome, second.json().outcome]).toEqual(['processed', 'duplicate']);
    const again = await post(event('bounced', 'm:1', { reason: 'told anew' }));
    const late = await post(event('delivered', 'm:1', {}, '2026-03-20T12:00:30Z'));
    for (const answer of [again, late])
      expect(answer.json()).toMatchObject({
        outcome: 'ignored',
        reason: expect.stringContaining('bounced'),
      });
    expect(await shown()).toMatchObject([{ state: 'bounced', reason }]);
    await Promise.all([1, 2, 3].map(() => post(event('complained', 'm:1'))));
    expect(await shown()).toMatchObject([{ state: 'complained', deliveries: [{ address: TO }] }]);
  });

  it('is without effect on another mail, address, or attempt', async () => {
    await handedOver('m:1');
    const outcomes = [
      await post(event('bounced', 'm:2')),
      await post(event('bounced', 'm:1', { address: 'old@kunde.example' })),
      await post(event('bounced', 'm:1', {}, '2026-03-20T11:54:59Z')),
      await post(event('opened', 'm:1')),
    ].map((answer) => [answer.statusCode, answer.json().outcome]);
    expect(outcomes).toEqual(Array.from(outcomes, () => [200, 'ignored']));
    expect(await shown()).toMatchObject([{ state: 'sent', deliveries: [] }]);
  });

  it.each([
    ['forged', { secret: 'whsec_c29tZWJvZHkgZWxzZQ==' }, 'signature-invalid'],
    ['old', { ageSeconds: 301 }, 'signature-expired'],
    ['of tomorrow', { ageSeconds: -301 }, 'signature-expired'],
  ])('is refused where it is %s', async (_what, given, code) => {
    await handedOver('m:1');
    const answer = await post(event('bounced', 'm:1'), given);
    expect([answer.statusCode, answer.json<Problem>().code]).toEqual([400, code]);
    expect(await shown()).toMatchObject([{ state: 'sent' }]);
  });

  it('is refused unsigned, unreadable or too large', async () => {
    const bare = await at.app.inject({ method: 'POST', url: '/webhooks/mail', payload: {} });
    expect(bare.json<Problem>().code).toBe('signature-missing');
    expect((await post('{')).json<Problem>().code).toBe('webhook-malformed');
    expect((await post(Buffer.alloc(2_200_000))).json<Problem>().code).toBe('webhook-too-large');
  });

  it('of Postmark’s is known by its password and the mail’s token', async () => {
    await handedOver('m:1');
    const payload = {
      RecordType: 'Bounce',
      Type: 'HardBounce',
      MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
      Email: TO.toUpperCase(),
      Details: reason,
      BouncedAt: '2026-03-20T12:01:00Z',
      Metadata: { 'perennial-mail': token('m:1') },
    };
    const as = (password: string) =>
      at.app.inject({
        method: 'POST',
        url: '/webhooks/mail',
        payload,
        headers: {
          authorization: `Basic ${Buffer.from(`postmark:${password}`).toString('base64')}`,
        },
      });
    expect((await as('guessed')).json<Problem>().code).toBe('signature-invalid');
    expect((await as(SECRET)).json()).toMatchObject({ outcome: 'processed' });
    expect((await as(SECRET)).json()).toMatchObject({ outcome: 'duplicate' });
    expect(await shown()).toMatchObject([{ state: 'bounced', reason }]);
  });

  it('says that a mail which the server did not confirm has left: it is not sent again', async () => {
    await handedOver('m:1', { state: 'unknown' });
    expect(await shown()).toMatchObject([{ state: 'unknown', undelivered: true }]);
    await post(event('delivered', 'm:1'));
    expect(await shown()).toMatchObject([{ state: 'delivered', undelivered: false }]);
    expect((await getEffect(at.db, 'm:1'))?.state).toBe('ok');
  });
});

describe('a mail to several', () => {
  it('came back where one of them did not get it, and says from whom', async () => {
    await handedOver('m:1', { recipients: [TO, CC] });
    await post(event('delivered', 'm:1'));
    expect(await shown()).toMatchObject([{ state: 'sent' }]);
    await post(event('bounced', 'm:1', { address: CC, status: '5.2.2', reason: 'mailbox full' }));
    expect(await shown()).toMatchObject([{ state: 'bounced', reason: `${CC}: mailbox full` }]);
    // A full mailbox is emptied one day: the address is not given up.
    expect(await bounced()).toEqual([]);
  });
});

describe('an address that bounced', () => {
  const later = async (key: string, sentAt: string) => {
    await handedOver(key);
    await at.db.execute(sql`update mails set attempted_at = ${sentAt} where key = ${key}`);
  };
  it('is one that works again once a later mail arrived, or did not come back for a day', async () => {
    await handedOver('m:1');
    await post(event('bounced', 'm:1', { reason }));
    await later('m:2', '2026-03-20T12:30:00Z');
    expect(await bounced()).toEqual([]);
    await at.db.execute(sql`update mails set attempted_at = now() where key = 'm:2'`);
    expect(await bounced()).toEqual([TO]);
    await at.db.execute(
      sql`insert into mail_deliveries (mail, address, state, happened_at, source)
          values ('m:2', ${TO}, 'delivered', now(), 'provider')`,
    );
    expect(await bounced()).toEqual([]);
  });
});

describe('a bounce mail', () => {
  const raw = (key: string) =>
    bounceMail({
      token: token(key),
      date: 'Fri, 20 Mar 2026 12:00:30 +0000',
      recipients: [{ address: TO, diagnostic: `smtp; ${reason}` }],
    });

  it('comes signed, and twice without effect', async () => {
    await handedOver('m:1');
    const type = 'message/rfc822';
    expect((await post(raw('m:1'), { type })).json()).toMatchObject({ outcome: 'processed' });
    expect((await post(raw('m:1'), { type })).json()).toMatchObject({ outcome: 'ignored' });
    expect(await shown()).toMatchObject([{ state: 'bounced', reason }]);
    const other = bounceMail({ token: null, recipients: [{ address: TO }] });
    expect((await post(other, { type })).json<Problem>().code).toBe('webhook-malformed');
  });

  it('is taken from a folder; what is none is put aside with the reason', async () => {
    await handedOver('m:1');
    const folder = await mkdtemp(join(tmpdir(), 'perennial-bounces-'));
    const long = new Date(Date.now() - 60_000);
    for (const [file, text] of [
      ['1', raw('m:1')],
      ['2', Buffer.from('Subject: Re: Invoice\r\n\r\nThank you!')],
    ] as const) {
      await writeFile(join(folder, file), text);
      await utimes(join(folder, file), long, long);
    }
    const warned: unknown[] = [];
    const { db, processes } = at;
    const warn = (error: unknown) => warned.push(error);
    const now = () => NOW;
    const taken = await takeFiles(bounceFolder({ folder, db, processes, mailKey: KEY, now, warn }));
    expect([taken, warned]).toEqual([['1', '2'], []]);
    expect((await readdir(join(folder, 'done'))).sort()).toEqual(['1', '1.report.json']);
    expect(await readFile(join(folder, 'refused', '2.report.json'), 'utf8')).toContain('RFC 3464');
    expect(await shown()).toMatchObject([{ state: 'bounced' }]);
    await rm(folder, { recursive: true });
  });
});

describe('sending again what came back', () => {
  const again = (key: string, body?: object) =>
    at.as('biller', 'POST', `/mails/${encodeURIComponent(key)}/send-again`, body);

  it('sends a copy of the invoice, to the address that is given or the customer’s, once', async () => {
    await handedOver('m:1');
    expect((await again('m:1')).statusCode).toBe(409);
    await post(event('bounced', 'm:1', { reason }));
    const to = 'new@kunde.example';
    expect((await again('m:1', { to })).statusCode).toBe(202);
    expect((await again('m:1', { to })).statusCode).toBe(202);
    const resends = at.processes.asked.filter(({ what }) => what === 'resend');
    expect(resends[0]).toMatchObject({ workflow: 'invoice:imported:INV-OLD-1' });
    expect(new Set(at.processes.requests.filter((id) => id.endsWith(':copy'))).size).toBe(1);
    await handedOver('m:1:again-1');
    await at.db.execute(
      sql`update mails set created_at = created_at + interval '1 hour' where key = 'm:1:again-1'`,
    );
    expect((await shown()).map(({ undelivered }) => undelivered)).toEqual([false, false]);
    // The copy came back too.
    await post(event('bounced', 'm:1:again-1', { reason }));
    expect((await shown()).map(({ sendsAgain }) => sendsAgain)).toEqual([true, false]);
  });

  it('says where keys and receipts go out again', async () => {
    for (const [kind, words] of [
      ['key', 'license’s page'],
      ['receipt', 'statement'],
    ] as const) {
      await handedOver(`m:${kind}`, { kind });
      await post(event('bounced', `m:${kind}`, { reason }));
      const answer = await again(`m:${kind}`);
      expect([answer.statusCode, answer.json<Problem>().detail]).toEqual([
        409,
        expect.stringContaining(words),
      ]);
    }
    const refused = await again('m:key', { to: 'no address' });
    expect(refused.statusCode).toBe(400);
  });
});
