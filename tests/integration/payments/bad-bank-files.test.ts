/** Files and pushes that are damaged, foreign or too large: refused or told line by line, nothing booked twice, nothing lost. */
import { mkdtemp, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bankFolder } from '../../../api/bank/folder.ts';
import type { BankImportReport } from '../../../api/types.ts';
import { takeFiles } from '../../../api/watched-folder.ts';
import { signWebhook } from '../../../connectors/webhooks/standard-webhooks.ts';
import { getPayment } from '../../../db/index.ts';
import { type Scene, scene, smallBook } from '../api/fixture.ts';

const OURS = 'DE02120300000000202051';
const NOW = new Date('2026-02-21T12:00:00Z');
const SECRET = 'whsec_c2VjcmV0';
const TOO_LARGE = 50 * 1024 * 1024 + 1;
const TWO_GIGABYTES = 2 * 1024 ** 3;

let at: Scene;
let folder: string;
beforeAll(async () => {
  const configuration = { bankWebhookSecrets: [SECRET] };
  at = await scene({ now: () => NOW, configuration }, smallBook());
  folder = await mkdtemp(join(tmpdir(), 'perennial-bad-'));
});
afterAll(async () => {
  await at?.close();
  await rm(folder, { recursive: true, force: true });
});

const balance = (code: string, amount: string, currency = 'EUR') =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt>` +
  '<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-02-20</Dt></Dt></Bal>';
const transaction = (amount: string, text: string) =>
  `<TxDtls><Amt Ccy="EUR">${amount}</Amt><RltdPties><Dbtr><Pty><Nm>${text} AG</Nm></Pty></Dbtr></RltdPties>` +
  `<RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls>`;
const entry = (amount: string, reference: string, details: string, currency = 'EUR') =>
  `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>` +
  `<BookgDt><Dt>2026-02-20</Dt></BookgDt><AcctSvcrRef>${reference}</AcctSvcrRef>` +
  `<NtryDtls>${details}</NtryDtls></Ntry>`;
const account = `<Acct><Id><IBAN>${OURS}</IBAN></Id></Acct>`;
const statement = (sequence: number, closing: string, entries: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Document><BkToCstmrStmt><Stmt><Id>S</Id>` +
  `<ElctrncSeqNb>${sequence}</ElctrncSeqNb>${account}${balance('OPBD', '0.00')}` +
  `${balance('CLBD', closing)}${entries}</Stmt></BkToCstmrStmt></Document>`;
const notification = (id: string, entries: string) =>
  `<Document><BkToCstmrDbtCdtNtfctn><Ntfctn><Id>${id}</Id><CreDtTm>2026-02-20T08:00:00</CreDtTm>` +
  `${account}${entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`;

const upload = (content: string | Buffer) =>
  at.bring('biller', '/imports/bank-file?fileName=statement.xml', content);
const booked = async () => {
  const [row] = await at.db.execute<{ n: number }>(sql`select count(*)::int as n from payments`);
  return row?.n;
};
const GOOD = statement(1, '10.00', entry('10.00', 'G-1', transaction('10.00', 'one')));

describe('a file', () => {
  it.each([
    ['cut off', GOOD.slice(0, GOOD.length - 60), 'not-readable'],
    ['cut off inside an entry', GOOD.slice(0, GOOD.indexOf('<RmtInf>')), 'not-readable'],
    ['of balances that do not lead to each other', statement(2, '11.00', ''), 'balance-differs'],
    [
      'in another currency than its account’s',
      statement(3, '10.00', entry('10.00', 'U-1', '', 'USD')),
      'amount-invalid',
    ],
    [
      'that is an XML bomb',
      `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(100)}">]>${GOOD.replace('one', '&b;')}`,
      'entities-forbidden',
    ],
    ['in UTF-16 without its mark', Buffer.from(GOOD, 'utf16le'), 'not-readable'],
    ['nested without an end', '<a>'.repeat(200_000), 'not-readable'],
  ])('%s is refused whole, and says why', async (_, content, code) => {
    const before = await booked();
    const answer = await upload(content);
    expect([answer.statusCode, answer.json().detail]).toEqual([422, expect.stringContaining(code)]);
    expect(await booked()).toBe(before);
  });

  it('larger than any statement is refused while it arrives, or before it is read', async () => {
    expect((await upload(Buffer.alloc(TOO_LARGE))).statusCode).toBe(413);
    const path = join(folder, 'huge.xml');
    await writeFile(path, '<Document>');
    await truncate(path, TWO_GIGABYTES); // a hole: it takes no room
    await utimes(path, new Date(0), new Date(0));
    const warned: unknown[] = [];
    const warn = (error: unknown) => warned.push(error);
    const options = { folder, db: at.db, processes: at.processes, warn };
    expect(await takeFiles(bankFolder(options))).toEqual(['huge.xml']);
    expect(warned).toEqual([]);
    const report = await readFile(join(folder, 'refused', 'huge.xml.report.json'), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ code: 'too-large' });
  });
});

describe('a statement and a notification of the same money', () => {
  const parts = transaction('10.00', 'INV-A') + transaction('20.00', 'INV-B');

  it('book it once where the sum came first; what the parts tell is kept with it', async () => {
    await upload(
      statement(11, '30.00', entry('30.00', 'S-1', '<Btch><NbOfTxs>2</NbOfTxs></Btch>')),
    );
    const second = (
      await upload(notification('N1', entry('30.00', 'S-1', parts)))
    ).json<BankImportReport>();
    expect(second.counts).toMatchObject({ taken: 0, known: 2 });
    expect((await getPayment(at.db, `bank:${OURS}:S-1`))?.reference).toContain('INV-A');
  });

  it('book it once where the parts came first, however often and in whatever order they come', async () => {
    const first = (
      await upload(notification('N2', entry('30.00', 'P-1', parts)))
    ).json<BankImportReport>();
    expect(first.counts).toMatchObject({ taken: 2 });
    const whole = statement(
      12,
      '30.00',
      entry('30.00', 'P-1', '<Btch><NbOfTxs>2</NbOfTxs></Btch>'),
    );
    expect((await upload(whole)).json<BankImportReport>().counts).toMatchObject({
      taken: 0,
      known: 1,
    });
    const again = (
      await upload(notification('N2', entry('30.00', 'P-1', parts)))
    ).json<BankImportReport>();
    expect(again.counts).toMatchObject({ taken: 0, known: 2 });
  });
});

describe('a push of a bank feed', () => {
  const push = (body: string, id: string, rest: Record<string, string> = {}) => {
    const sentAt = Math.floor(NOW.getTime() / 1000);
    const signature = signWebhook(Buffer.from(body), id, sentAt, SECRET);
    return at.app.inject({
      method: 'POST',
      url: '/webhooks/bank',
      headers: {
        'content-type': 'application/xml',
        'webhook-id': id,
        'webhook-timestamp': String(sentAt),
        'webhook-signature': signature,
        ...rest,
      },
      payload: body,
    });
  };

  it('is booked once, however often it comes', async () => {
    const body = statement(21, '10.00', entry('10.00', 'F-1', transaction('10.00', 'feed')));
    expect((await push(body, 'msg_1')).json()).toMatchObject({
      outcome: 'processed',
      counts: { taken: 1 },
    });
    expect((await push(body, 'msg_1')).json()).toEqual({ received: true, outcome: 'duplicate' });
    expect((await push(body, 'msg_2')).json()).toMatchObject({ counts: { taken: 0, known: 1 } });
  });

  it('is refused when it is forged, old, too large or no statement; the last is kept with its reason', async () => {
    const before = await booked();
    const code = async (answer: ReturnType<typeof push>) => (await answer).json().code;
    expect(await code(push(GOOD, 'msg_3', { 'webhook-signature': 'v1,AAAA' }))).toBe(
      'signature-invalid',
    );
    expect(await code(push(GOOD, 'msg_3', { 'webhook-timestamp': '1700000000' }))).toBe(
      'signature-invalid',
    );
    expect(await code(push('x'.repeat(TOO_LARGE), 'msg_3'))).toBe('webhook-too-large');
    expect(await code(push('<no>statement</no>', 'msg_4'))).toBe('invalid-input');
    const [kept] = await at.db.execute<{ state: string; reason: string }>(
      sql`select state, reason from inbox_events where provider = 'bank-feed' and event_id = 'msg_4'`,
    );
    expect(kept).toMatchObject({ state: 'failed', reason: expect.stringContaining('camt') });
    expect(await booked()).toBe(before);
  });
});
