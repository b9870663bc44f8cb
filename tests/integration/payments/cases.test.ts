/** A person's work on payments through the API: candidates with reasons, files with a mapping, papers, what matched by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  BankFilePreview,
  BankImportReport,
  CandidateView,
  OrderPaperView,
  PaymentPage,
  RemittanceView,
  Role,
} from '../../../api/types.ts';
import { exchangePayment, keepAsCredit, recordPayment, rememberPayer } from '../../../db/index.ts';
import { type Scene, scene, smallBook } from '../api/fixture.ts';
import { saveOffer } from './offer.ts';

let at: Scene;
beforeAll(async () => {
  at = await scene({ now: () => new Date('2026-02-20T12:00:00Z') }, smallBook());
  await recordPayment(at.db, {
    payment: 'manual:case',
    account: null,
    receivedOn: '2026-02-10',
    amountMinor: 11_900,
    currency: 'EUR',
    payer: 'KUNDE GmbH',
    reference: 'Danke',
  });
});
afterAll(() => at?.close());

const get = async <T>(url: string, role: Role = 'biller') =>
  (await at.as(role, 'GET', url)).json<T>();
const post = (url: string, payload: object, role: Role = 'biller') =>
  at.as(role, 'POST', url, payload);
const send = (url: string, body: string | Buffer, role: Role = 'biller') =>
  at.bring(role, url, body);

const CSV = [
  'Kontoauszug;;;;',
  'Buchungstag;Auftraggeber;Verwendungszweck;Betrag;Saldo',
  '12.02.2026;Bäcker;INV-OLD-1;118,00;1.118,00',
  '13.02.2026;Müller;Wartung;1.000,50;2.118,50',
].join('\n');
const MAPPING = {
  account: 'DE02120300000000202051',
  currency: 'EUR',
  delimiter: ';',
  decimal: ',',
  dateFormat: 'DD.MM.YYYY',
  skipLines: 1,
  columns: {
    bookedOn: 'Buchungstag',
    payerName: 'Auftraggeber',
    reference: ['Verwendungszweck'],
    amount: 'Betrag',
    balanceAfter: 'Saldo',
  },
};

describe('a case', () => {
  it('shows candidates with structured reasons, and finds others by what a person types', async () => {
    const page = await get<PaymentPage>('/payments/manual:case');
    expect(page.candidates[0]).toMatchObject({
      invoice: { invoice: 'INV-OLD-1' },
      suggested: { amount: 11_900, currency: 'EUR' },
    });
    expect(page.candidates[0]?.reasons.map(({ code }) => code)).toEqual([
      'balance-equals',
      'name-alike',
    ]);
    expect(page.may).toEqual(['allocate', 'exchange', 'refund']);
    const found = async (q: string) =>
      (await get<{ items: CandidateView[] }>(`/payments/manual:case/candidates?q=${q}`)).items;
    expect((await found('kunde')).map(({ invoice }) => invoice.invoice)).toEqual(['INV-OLD-1']);
    expect(await found('nobody')).toEqual([]);
    expect(await found('%25')).toEqual([]);
  });

  it('asks its process to allocate, undo and move; only those who may', async () => {
    const lines = [{ invoice: 'INV-OLD-1', line: '1', amountMinor: 11_900 }];
    const nothingKept = { withheldMinor: 0, bankFeeMinor: 0 };
    const reason = 'the customer said so';
    const url = '/payments/manual:case';
    expect((await post(`${url}/allocate`, { lines: [], account: 'A-1', reason })).statusCode).toBe(
      200,
    );
    expect((await post(`${url}/undo`, { reason })).statusCode).toBe(200);
    expect((await post(`${url}/move`, { from: ['INV-OLD-1'], to: lines, reason })).statusCode).toBe(
      200,
    );
    expect(
      at.processes.asked.slice(-3).map(({ what, args }) => [what, (args as object[])[0]]),
    ).toEqual([
      ['allocate', { lines: [], account: 'A-1', reason }],
      ['move', { from: null, to: [], account: null, reason }],
      [
        'move',
        { from: ['INV-OLD-1'], to: [{ ...lines[0], ...nothingKept }], account: null, reason },
      ],
    ]);
    expect((await post(`${url}/move`, { to: [], reason })).statusCode).toBe(400);
    expect((await post(`${url}/undo`, { reason }, 'support')).statusCode).toBe(403);
  });
});

describe('a payment in another currency', () => {
  const came = { amount: 10_800, currency: 'USD' };
  const counted = { amount: 10_000, currency: 'EUR' };
  const reason = 'at 1.08, ECB of the day';
  const url = '/payments/stripe:pi_dollars';
  it('is counted in a currency in which its payer owes, by those who decide what pays', async () => {
    const row = { payment: 'stripe:pi_dollars', account: 'A-1', receivedOn: '2026-02-10' };
    await recordPayment(at.db, { ...row, amountMinor: came.amount, currency: came.currency });
    const page = await get<PaymentPage>(url);
    expect(page.exchangedFrom).toBeNull();
    expect(page.countsAs).toEqual(['EUR']);
    expect(page.may).toContain('exchange');
    const asked = { from: came, to: counted, reason };
    at.processes.answer = { amountMinor: counted.amount, currency: counted.currency };
    const answer = await post(`${url}/exchange`, asked);
    at.processes.answer = undefined;
    expect([answer.statusCode, answer.json()]).toEqual([200, { amount: counted }]);
    expect(at.processes.asked.at(-1)).toMatchObject({
      what: 'exchange',
      args: [
        {
          from: { amountMinor: 10_800, currency: 'USD' },
          to: { amountMinor: 10_000, currency: 'EUR' },
          reason,
        },
        { role: 'biller' },
      ],
    });
    for (const wrong of [
      { ...asked, to: { amount: 1.5, currency: 'EUR' } },
      { ...asked, to: { amount: 0, currency: 'EUR' } },
      { ...asked, to: { amount: 1, currency: 'euro' } },
      { from: came, to: counted },
    ])
      expect((await post(`${url}/exchange`, wrong)).statusCode).toBe(400);
    expect((await post(`${url}/exchange`, asked, 'support')).statusCode).toBe(403);
    expect((await post('/payments/manual:unknown/exchange', asked)).statusCode).toBe(404);
  });

  it('shows what came and at which rate, and is not refunded over Stripe', async () => {
    await exchangePayment(at.db, {
      payment: 'stripe:pi_dollars',
      from: { amountMinor: came.amount, currency: came.currency },
      to: { amountMinor: counted.amount, currency: counted.currency },
      ...{ reason, actor: { user: 'mira', role: 'biller' } },
    });
    const page = await get<PaymentPage>(url);
    expect(page.amount).toEqual(counted);
    expect(page.exchangedFrom).toEqual({ amount: came, rate: '1 EUR = 1.08 USD' });
    expect(page.explanation).toContain('108.00 USD counted as 100.00 EUR (1 EUR = 1.08 USD)');
    expect(page.candidates.map(({ invoice }) => invoice.invoice)).toContain('INV-OLD-1');
    expect(page.may).not.toContain('refund');
    expect(page.refundWords).toContain('STRIPE_SECRET_KEY');
    expect(page.changes).toMatchObject([{ action: 'payment.exchange', reason }]);
  });
});

describe('what matched by itself', () => {
  it('is a list until somebody has looked it over', async () => {
    const { payment } = await recordPayment(at.db, {
      payment: 'manual:itself',
      account: 'A-1',
      receivedOn: '2026-02-11',
      amountMinor: 500,
      currency: 'EUR',
    });
    await keepAsCredit(at.db, { payment: payment.payment, matching: {} });
    const list = async (query: string) =>
      (await get<{ items: { payment: string }[] }>(`/payments?${query}`)).items.map(
        (row) => row.payment,
      );
    expect(await list('matchedBy=itself')).toEqual([]);
    expect(await list('matchedBy=person&checked=false')).toEqual(['manual:itself']);
    const checked = await post('/payments/checked', { payments: ['manual:itself', 'manual:case'] });
    expect(checked.json()).toEqual({ checked: 1 });
    expect(await list('matchedBy=person&checked=true')).toEqual(['manual:itself']);
  });
});

describe('a bank’s CSV', () => {
  it('shows its header and what its columns seem to be; saved, it is read and taken in its own encoding', async () => {
    const bytes = Buffer.from(CSV, 'latin1');
    const first = (
      await send('/imports/bank-file/preview?fileName=bank.csv', bytes)
    ).json<BankFilePreview>();
    expect(first.format).toBe('csv');
    expect(first.csv).toMatchObject({
      delimiter: ';',
      skipLines: 1,
      saved: null,
      headers: ['Buchungstag', 'Auftraggeber', 'Verwendungszweck', 'Betrag', 'Saldo'],
      suggestion: { decimal: ',', dateFormat: 'DD.MM.YYYY', columns: MAPPING.columns },
    });
    expect(first.problem).toContain('no mapping');
    const saved = await at.as('biller', 'PUT', '/bank-mappings/house-bank', MAPPING);
    expect(saved.statusCode).toBe(200);
    const again = (
      await send('/imports/bank-file/preview?fileName=b.csv', bytes)
    ).json<BankFilePreview>();
    expect(again).toMatchObject({
      problem: null,
      csv: { saved: 'house-bank' },
      statements: [{ opening: 100_000, closing: 211_850, entries: 2, receivedMinor: 111_850 }],
    });
    expect(again.statements[0]?.sample[0]?.payer).toBe('Bäcker');
    const taken = await send('/imports/bank-file?fileName=b.csv&mapping=house-bank', bytes);
    expect(taken.json<BankImportReport>().counts).toMatchObject({ taken: 2, known: 0 });
    const viewer = await send('/imports/bank-file?fileName=b.csv', bytes, 'viewer');
    expect(viewer.statusCode).toBe(403);
  });

  it('forgets a mapping, and lists and forgets payers that were learnt', async () => {
    const gone = () => at.as('biller', 'DELETE', '/bank-mappings/house-bank');
    expect((await gone()).statusCode).toBe(204);
    expect((await gone()).statusCode).toBe(404);
    const payer = { bankAccount: 'DE89 3704 0044 0532 0130 00', account: 'A-1', learntBy: 'mira' };
    await rememberPayer(at.db, { ...payer, payment: 'manual:case' });
    const { items } = await get<{ items: object[] }>('/bank-accounts');
    expect(items).toMatchObject([
      { bankAccount: 'DE89370400440532013000', account: { name: 'Kunde & Co' }, learntBy: 'mira' },
    ]);
  });
});

describe('papers', () => {
  it('a remittance advice proposes what its payment pays, and is one paper however often it comes', async () => {
    const text = 'Auftraggeber: Kunde & Co\nINV-OLD-1   119,00 EUR\nSumme 119,00 EUR\n';
    const read = async () =>
      (await send('/payments/papers?fileName=avis.txt', text)).json<RemittanceView>();
    const first = await read();
    expect(first).toMatchObject({
      payer: 'Kunde & Co',
      readBy: 'text',
      payment: 'manual:case',
      lines: [{ invoice: 'INV-OLD-1', amount: { amount: 11_900, currency: 'EUR' } }],
    });
    expect((await read()).paper).toBe(first.paper);
    const page = await get<PaymentPage>('/payments/manual:case');
    expect(page.papers).toHaveLength(1);
    expect(page.candidates[0]?.reasons[0]?.code).toBe('paper-names');
    const path = `/payments/papers/${encodeURIComponent(first.paper)}/file`;
    const file = await at.as('viewer', 'GET', path);
    expect(file.body).toBe(text);
    expect(file.headers['content-disposition']).toContain('attachment');
  });

  it('a purchase order is compared with the renewal of the contract that it names', async () => {
    await saveOffer(at.db);
    const order = (rows: string[]) =>
      send(
        '/orders/papers?fileName=po.txt',
        ['Purchase Order No: PO-4711', 'for contract C-1', ...rows].join('\n'),
      );
    const same = (
      await order(['CAD 2 x 110.00 220.00', 'Net total EUR 220.00'])
    ).json<OrderPaperView>();
    expect(same).toMatchObject({ number: 'PO-4711', contract: 'C-1', differences: [] });
    expect(same.total).toEqual({ amount: 22_000, currency: 'EUR' });
    const other = (
      await order(['CAD 1 x 110.00 110.00', 'PLM 1 x 50.00 50.00', 'Net total EUR 160.00'])
    ).json<OrderPaperView>();
    expect(other.differences.map(({ what, subject }) => [what, subject])).toEqual([
      ['amount', 'total'],
      ['line-unknown', 'PLM 1 x 50.00 50.00'],
      ['quantity', 'CAD'],
    ]);
  });

  it('that cannot be read keeps nothing, and says why', async () => {
    const zip = await send(
      '/payments/papers?fileName=x.pdf',
      Buffer.from([0x50, 0x4b, 3, 4, 0, 0]),
    );
    expect(zip.statusCode).toBe(422);
    expect(zip.json().detail).toContain('not-readable');
    expect((await send('/payments/papers?fileName=x', '', 'biller')).statusCode).toBe(400);
    const large = await send('/payments/papers?fileName=x', Buffer.alloc(20 * 1024 * 1024 + 1));
    expect(large.statusCode).toBe(413);
  });
});
