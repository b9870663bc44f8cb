/** Bank statements through the real API: everything once, line by line; payers learnt; files from a folder. */
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bankFolder } from '../../../api/bank/folder.ts';
import type { BankImportReport } from '../../../api/types.ts';
import { takeFiles } from '../../../api/watched-folder.ts';
import { bankBalance, getPayment, listPayers, payerOf, rememberPayer } from '../../../db/index.ts';
import { type Scene, scene, smallBook } from '../api/fixture.ts';

const OURS = 'DE02120300000000202051';
const PAYER = 'DE89370400440532013000';

interface Entry {
  readonly amount: string;
  readonly text: string;
  readonly reference: string;
  readonly endToEnd?: string;
  readonly sign?: 'CRDT' | 'DBIT';
  readonly isReversal?: boolean;
}

function entryXml({ amount, text, reference, endToEnd, sign, isReversal }: Entry): string {
  return (
    `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${sign ?? 'CRDT'}</CdtDbtInd>` +
    `${isReversal ? '<RvslInd>true</RvslInd>' : ''}<Sts><Cd>BOOK</Cd></Sts>` +
    '<BookgDt><Dt>2026-02-20</Dt></BookgDt><ValDt><Dt>2026-02-19</Dt></ValDt>' +
    `<AcctSvcrRef>${reference}</AcctSvcrRef><NtryDtls><TxDtls>` +
    `<Refs><EndToEndId>${endToEnd ?? 'NOTPROVIDED'}</EndToEndId></Refs>` +
    '<RltdPties><Dbtr><Pty><Nm>Kunde</Nm></Pty></Dbtr>' +
    `<DbtrAcct><Id><IBAN>${PAYER}</IBAN></Id></DbtrAcct></RltdPties>` +
    `<RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`
  );
}

/** camt.053.001.08, one statement; the closing balance follows from the entries. */
function camt(sequence: number, opening: number, entries: readonly Entry[]): string {
  const sum = entries.reduce(
    (total, { amount, sign }) => total + (sign === 'DBIT' ? -1 : 1) * Number(amount),
    opening,
  );
  const balance = (code: string, amount: number) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount.toFixed(2)}</Amt>` +
    '<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-02-20</Dt></Dt></Bal>';
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>
<Stmt><Id>S${sequence}</Id><ElctrncSeqNb>${sequence}</ElctrncSeqNb><Acct><Id><IBAN>${OURS}</IBAN></Id></Acct>
${balance('OPBD', opening)}${balance('CLBD', sum)}${entries.map(entryXml).join('')}</Stmt></BkToCstmrStmt></Document>`;
}

const FIRST: Entry = { amount: '119.00', text: 'INV-OLD-1', reference: 'B-1', endToEnd: 'E2E-1' };
const SECOND: Entry = { amount: '10.00', text: 'thanks', reference: 'B-2' };
const FEE: Entry = { amount: '2.50', text: 'account fee', reference: 'B-3', sign: 'DBIT' };
const RETURN: Entry = {
  amount: '119.00',
  text: 'return',
  reference: 'B-4',
  endToEnd: 'E2E-1',
  sign: 'DBIT',
  isReversal: true,
};

let at: Scene;
let folder: string;
beforeAll(async () => {
  at = await scene({}, smallBook());
  folder = await mkdtemp(join(tmpdir(), 'perennial-bank-'));
});
afterAll(async () => {
  await at?.close();
  await rm(folder, { recursive: true, force: true });
});

async function upload(content: string, rest: object = {}, role: 'biller' | 'viewer' = 'biller') {
  const given = { kind: 'bank-statement', fileName: 'statement.xml', content };
  return at.as(role, 'POST', '/imports', { ...given, ...rest });
}
const outcomes = (report: BankImportReport) =>
  report.statements.flatMap(({ lines }) => lines.map(({ outcome }) => outcome));

describe('a statement', () => {
  it('becomes payments with payer, value date and references, and tells each line', async () => {
    const answer = await upload(camt(1, 1000, [FIRST, SECOND, FEE]));
    expect(answer.statusCode).toBe(200);
    const report = answer.json<BankImportReport>();
    expect(outcomes(report)).toEqual(['taken', 'taken', 'ignored']);
    expect(report.counts).toMatchObject({ taken: 2, ignored: 1, refused: 0 });
    expect(await getPayment(at.db, `bank:${OURS}:B-1`)).toMatchObject({
      account: null,
      receivedOn: '2026-02-19',
      amountMinor: 11_900,
      currency: 'EUR',
      bankAccount: PAYER,
      payer: 'Kunde',
      reference: 'INV-OLD-1 | E2E-1',
      state: 'received',
    });
    const started = at.processes.asked.filter(({ what }) => what === 'start');
    expect(started.map(({ workflow }) => workflow).sort()).toEqual([
      `bank:${OURS}:B-1`,
      `bank:${OURS}:B-2`,
    ]);
  });

  it('books nothing again when it comes again, overlaps another, or comes twenty times at once', async () => {
    const again = (await upload(camt(1, 1000, [FIRST, SECOND, FEE]))).json<BankImportReport>();
    expect(outcomes(again)).toEqual(['known', 'known', 'known']);
    expect(again.statements[0]?.isNew).toBe(false);
    const third: Entry = { amount: '5.00', text: 'new', reference: 'B-5' };
    const overlap = (await upload(camt(2, 1119, [SECOND, FEE, third]))).json<BankImportReport>();
    expect(outcomes(overlap)).toEqual(['known', 'known', 'taken']);
    const fourth: Entry = { amount: '6.00', text: 'at once', reference: 'B-6' };
    const many = await Promise.all(
      Array.from({ length: 20 }, () => upload(camt(3, 1131.5, [fourth]))),
    );
    const told = many.flatMap((one) => outcomes(one.json<BankImportReport>()));
    expect(told.filter((outcome) => outcome === 'taken')).toHaveLength(1);
    expect(told).toHaveLength(20);
  });

  it('books two entries that bear one reference of the bank, each once, and a reversal that bears its original’s', async () => {
    const monday: Entry = { amount: '11.00', text: 'first', reference: 'AGAIN' };
    const tuesday: Entry = { ...monday, amount: '12.00', text: 'second' };
    const back: Entry = { ...tuesday, sign: 'DBIT', isReversal: true, endToEnd: 'E2E-AGAIN' };
    const told = async (sequence: number, entries: Entry[]) =>
      outcomes((await upload(camt(sequence, 5000, entries))).json<BankImportReport>());
    expect(await told(51, [monday])).toEqual(['taken']);
    expect(await told(52, [{ ...tuesday, endToEnd: 'E2E-AGAIN' }])).toEqual(['taken']);
    // In whatever order and company they come again, they are known.
    expect(await told(53, [{ ...tuesday, endToEnd: 'E2E-AGAIN' }, monday])).toEqual([
      'known',
      'known',
    ]);
    expect(await told(54, [back])).toEqual(['reversed']);
    expect(await told(55, [back, monday])).toEqual(['known', 'known']);
  });

  it('says where a statement is missing before it, and nothing where one leads to the next', async () => {
    const of = (day: string, opening: number, closing: number, number: number) =>
      [
        ':20:X',
        ':25:GAP',
        `:28C:${number}`,
        `:60F:C${day}EUR${opening},`,
        ...(closing > opening ? [`:61:${day}C${closing - opening},NTRFNONREF`] : []),
        `:62F:C${day}EUR${closing},`,
      ].join('\n');
    const missing = async (content: string) =>
      (await upload(content)).json<BankImportReport>().statements[0]?.missing;
    expect(await missing(of('260105', 0, 10, 1))).toBeNull();
    expect(await missing(of('260106', 10, 25, 2))).toBeNull();
    const later = of('260108', 40, 40, 4);
    expect(await missing(later)).toBe(
      'A statement is missing before this one: the last one ended at 25.00 EUR on 2026-01-06, this one begins at 40.00 EUR.',
    );
    expect(await missing(of('260107', 25, 40, 3))).toBeNull();
    expect(await missing(later)).toBeNull();
  });

  it('reverses what the bank took back, and leaves to a person what it cannot tell', async () => {
    const unknown: Entry = { ...RETURN, reference: 'B-8', endToEnd: 'E2E-9', amount: '77.00' };
    const report = (await upload(camt(4, 2000, [RETURN, unknown]))).json<BankImportReport>();
    expect(outcomes(report)).toEqual(['reversed', 'refused']);
    expect(report.statements[0]?.lines[1]?.why).toMatch(/No payment of that amount/);
    expect(at.processes.asked.at(-1)).toEqual({
      what: 'reversal',
      workflow: `bank:${OURS}:B-1`,
      args: {
        event: `bank:${OURS}:B-4`,
        on: '2026-02-19',
        amountMinor: 11_900,
        reason: expect.stringContaining('returned by the bank'),
      },
    });
    const again = (await upload(camt(4, 2000, [RETURN, unknown]))).json<BankImportReport>();
    expect(outcomes(again)).toEqual(['known', 'refused']);
  });

  it('is refused whole where its sums do not hold, and nothing is booked', async () => {
    const broken = camt(5, 0, [{ ...SECOND, reference: 'B-10' }]).replace('>10.00<', '>11.00<');
    const answer = await upload(broken);
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'invalid-input']);
    expect(answer.json().detail).toContain('balance-differs');
    expect(await getPayment(at.db, `bank:${OURS}:B-10`)).toBeNull();
  });

  it('is for those who may enter payments', async () => {
    expect((await upload(camt(6, 0, []), {}, 'viewer')).statusCode).toBe(403);
  });
});

describe('a CSV', () => {
  const csv =
    'Day;Text;Amount;From\n21.02.2026;"INV-OLD-1";"1.190,00";"DE89 3704 0044 0532 0130 00"';
  it('is read by a mapping that was saved before', async () => {
    const value = {
      house: {
        account: OURS,
        currency: 'EUR',
        delimiter: ';',
        decimal: ',',
        dateFormat: 'DD.MM.YYYY',
        columns: { bookedOn: 'Day', amount: 'Amount', reference: ['Text'], payerIban: 'From' },
      },
    };
    const setting = '/api/v1/settings/bank-csv-mappings';
    const headers = at.people.admin.bearer;
    const { etag } = (await at.app.inject({ url: setting, headers })).headers;
    const saved = await at.app.inject({
      method: 'PATCH',
      url: setting,
      headers: { ...headers, 'if-match': String(etag) },
      payload: { value, reason: 'our bank' },
    });
    expect(saved.statusCode).toBe(200);
    expect((await upload(csv)).json().detail).toContain('no mapping');
    expect((await upload(csv, { mapping: 'other' })).json().detail).toContain('saved are: house');
    const report = (await upload(csv, { mapping: 'house' })).json<BankImportReport>();
    expect(outcomes(report)).toEqual(['taken']);
    const { payment } = report.statements[0]?.lines[0] ?? {};
    expect(await getPayment(at.db, payment ?? '')).toMatchObject({
      amountMinor: 119_000,
      bankAccount: PAYER,
    });
  });
});

describe('a payer', () => {
  it('is known by the bank account once a person decided, until two accounts pay from it', async () => {
    const learnt = { bankAccount: 'de89 3704 0044 0532 0130 00', payment: 'p', learntBy: 'mira' };
    await rememberPayer(at.db, { ...learnt, account: 'A-1' });
    await rememberPayer(at.db, { ...learnt, account: 'A-1' });
    expect(await payerOf(at.db, PAYER)).toBe('A-1');
    await upload(camt(7, 0, [{ ...SECOND, reference: 'B-20' }]));
    expect((await getPayment(at.db, `bank:${OURS}:B-20`))?.account).toBe('A-1');
    await rememberPayer(at.db, { ...learnt, account: 'A-2' });
    expect(await payerOf(at.db, PAYER)).toBeNull();
  });

  it('can be forgotten', async () => {
    const forget = () => at.as('biller', 'DELETE', `/accounts/A-2/bank-accounts/${PAYER}`);
    expect((await forget()).statusCode).toBe(204);
    expect((await forget()).statusCode).toBe(404);
    expect((await listPayers(at.db)).map(({ account }) => account)).toEqual(['A-1']);
  });
});

describe('the bank’s balance', () => {
  it('differs from the ledger’s by what is listed', async () => {
    const [eur] = await bankBalance(at.db, { asOf: '2030-01-01' });
    expect(eur?.currency).toBe('EUR');
    const words = eur?.items.map((item) => `${item.kind} ${item.amountMinor}`);
    expect(words).toContain('before-first-statement 100000');
    expect(words).toContain('not-in-ledger -250');
    expect(words).toContain('not-in-ledger -7700');
    expect((eur?.bankMinor ?? 0) - (eur?.ledgerMinor ?? 0)).toBe(eur?.differenceMinor);
  });
});

describe('a folder', () => {
  it('is emptied: what is good to done, the rest to refused, each with its report', async () => {
    await mkdir(folder, { recursive: true });
    const long = new Date(Date.now() - 60_000);
    const put = async (file: string, text: string) => {
      await writeFile(join(folder, file), text);
      await utimes(join(folder, file), long, long);
    };
    await put('good.xml', camt(9, 0, [{ ...SECOND, reference: 'B-30' }]));
    await put('bad.xml', '<Document>');
    await writeFile(join(folder, 'still-written.xml'), '<Docu');
    const told: unknown[] = [];
    const warn = (error: unknown) => told.push(error);
    const taken = await takeFiles(bankFolder({ folder, db: at.db, processes: at.processes, warn }));
    expect([taken, told]).toEqual([['bad.xml', 'good.xml'], []]);
    expect((await readdir(join(folder, 'done'))).sort()).toEqual([
      'good.xml',
      'good.xml.report.json',
    ]);
    const refused = await readFile(join(folder, 'refused', 'bad.xml.report.json'), 'utf8');
    expect(JSON.parse(refused)).toMatchObject({ file: 'bad.xml', code: 'invalid-input' });
    expect(await readdir(folder)).toContain('still-written.xml');
  });
});
