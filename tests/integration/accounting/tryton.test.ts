/**
 * Our connector against a real Tryton: what it reads, what it posts once, how it corrects, and what it answers when it
 * cannot.
 */

import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { Accounting, AccountingDocument } from '../../../connectors/accounting/port.ts';
import { createTrytonAccounting } from '../../../connectors/accounting/tryton/accounting.ts';
import type { TrytonOptions } from '../../../connectors/accounting/tryton/companies.ts';
import type { CustomerFields, ReadPage, ReadPages } from '../../../connectors/outside-system.ts';
import type { OutsideDocument, OutsidePayment } from '../../../domain/findings/outside.ts';
import { skipAloud } from '../../infrastructure/servers.ts';
import { startTryton, type Tryton } from '../../infrastructure/tryton.ts';
import { handsIn } from './by-hand.ts';

let tryton: Tryton;
beforeAll(async () => {
  tryton = await startTryton();
});
afterAll(async () => {
  if (tryton !== undefined && 'stop' in tryton) await tryton.stop();
});

const POSTING = { revenue: '4000', tax: '2200', paymentMethod: 'Bank' };
let options: TrytonOptions;
let books: Accounting;
beforeEach((context) => {
  options = { ...connection(context), companies: {}, posting: POSTING };
  books = createTrytonAccounting(options);
});

function connection(context: TestContext) {
  if ('missing' in tryton) return skipAloud(context, `Tryton cannot run here: ${tryton.missing}`);
  const { url, database, key } = tryton;
  return { url, database, key, timeoutSeconds: 60 };
}

/** All records of a list, page by page. */
async function all<R>(read: ReadPages<R> | undefined, from: string | null = null): Promise<R[]> {
  const records: R[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: ReadPage<R> | undefined = await read?.({ cursor, changedSince: null, from });
    if (page?.result !== 'ok') throw new Error(JSON.stringify(page));
    records.push(...page.records);
    if (page.next === null) return records;
    cursor = page.next;
  }
}
const documents = async (number: string): Promise<OutsideDocument[]> =>
  (await all(books.reader?.documents)).filter((one) => one.number === number);
const payments = async (payment: string): Promise<OutsidePayment[]> =>
  (await all(books.reader?.payments)).filter((one) => one.payment === payment);

const FIELDS: CustomerFields = {
  name: 'Kunde & Söhne GmbH',
  addressLine1: 'Hauptstraße 1',
  city: 'Kiel',
  postalCode: '24103',
  country: 'DE',
  taxId: 'DE136695976',
  email: 'rechnung@kunde.example',
};
let made = 0;
/** A customer of its own for each test, by its account. */
async function customer(fields: Partial<CustomerFields> = {}): Promise<string> {
  made += 1;
  const account = `A-${1000 + made}`;
  const key = `account:${account}`;
  const answer = await books.postCustomer?.({ ...FIELDS, ...fields, account, key });
  expect(answer).toEqual({ result: 'ok', reference: account });
  return account;
}

function invoice(account: string, number: string): AccountingDocument {
  return {
    key: `invoice:${number}`,
    invoice: number,
    type: 'invoice',
    ...{ account, customer: null, entity: 'SELLER', currency: 'EUR' },
    ...{ issuedOn: '2026-03-02', dueOn: '2026-04-01' },
    ...{ netMinor: 1_000_00, taxMinor: 190_00, totalMinor: 1_190_00 },
  };
}

function received(account: string | null, payment: string, amountMinor: number) {
  return {
    key: `payment:${payment}`,
    ...{ payment, account, customer: null, entity: null },
    ...{ receivedOn: '2026-03-20', currency: 'EUR', amountMinor },
  };
}

describe('being reached', () => {
  it('says where it is and what is done there', async () => {
    const { host } = new URL(options.url);
    expect(await books.reach?.()).toEqual({
      result: 'ok',
      words: `Tryton at ${host}, books: Northwind Works GmbH; posted to`,
    });
  });

  it('refuses a wrong key, database, company or account in words, and tells no key', async () => {
    const reach = async (part: Partial<TrytonOptions>) =>
      createTrytonAccounting({ ...options, ...part }).reach?.();
    const wrong = await reach({ key: 'not-the-key' });
    expect(wrong).toMatchObject({ result: 'rejected' });
    expect(JSON.stringify(wrong)).toContain('type REST');
    expect(JSON.stringify(wrong)).not.toContain('not-the-key');
    expect(await reach({ database: 'nothing' })).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('TRYTON_DATABASE'),
    });
    expect(await reach({ companies: { SELLER: 'Nobody Ltd' } })).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('there are Northwind Works GmbH'),
    });
    expect(await reach({ posting: { ...POSTING, tax: '9999' } })).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('no account 9999'),
    });
  });

  it('is unknown where nothing answers, whatever is asked', async () => {
    const silent = createTrytonAccounting({ ...options, url: 'http://127.0.0.1:9' });
    const page = { cursor: null, changedSince: null, from: null };
    const answers = await Promise.all([
      silent.reach?.(),
      silent.reader?.customers(page),
      silent.corrections?.readCustomer('A-1'),
      silent.postDocument(invoice('A-1', 'INV-SILENT')),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ result: 'unknown' });
  });
});

describe('customers', () => {
  it('are created once, and read as they were written', async () => {
    const account = await customer();
    const again = { ...FIELDS, account, key: `account:${account}` };
    expect(await books.postCustomer?.(again)).toEqual({ result: 'ok', reference: account });
    const [one, ...more] = (await all(books.reader?.customers)).filter(({ id }) => id === account);
    expect(more).toEqual([]);
    expect(one).toEqual({
      ...FIELDS,
      id: account,
      url: expect.stringMatching(/\/#books\/model\/party\.party\/\d+$/),
    });
  });

  it('are told whole in small pages, once where several entities share a company', async () => {
    await customer();
    await customer();
    const companies = { ONE: 'Northwind Works GmbH', TWO: 'Northwind Works GmbH' };
    const small = createTrytonAccounting({ ...options, companies, pageRecords: 2 });
    const whole = await all(books.reader?.customers);
    expect(whole.length).toBeGreaterThan(2);
    expect(await all(small.reader?.customers)).toEqual(whole);
    expect(await all(small.reader?.documents)).toEqual(await all(books.reader?.documents));
  });

  it('leave the company itself out, and those that are archived', async () => {
    const account = await customer();
    const listed = await all(books.reader?.customers);
    expect(listed.map(({ name }) => name)).not.toContain('Northwind Works GmbH');
    const party = /\d+$/.exec(listed.find(({ id }) => id === account)?.url ?? '')?.[0];
    await handsIn(options).write('PUT', `model/party.party/${party}`, { active: false });
    expect((await all(books.reader?.customers)).map(({ id }) => id)).not.toContain(account);
  });

  it('are corrected in every field at once, and again without effect', async () => {
    const account = await customer();
    const changes: CustomerFields = {
      name: 'Kunde AG',
      addressLine1: '2, rue Neuve',
      city: 'Lyon',
      postalCode: '69001',
      country: 'FR',
      taxId: 'FR40303265045',
      email: 'factures@kunde.example',
    };
    const correction = { id: account, changes, expected: FIELDS };
    const answer = await books.corrections?.correctCustomer(correction);
    expect(answer).toMatchObject({ result: 'ok', customer: changes });
    expect(await books.corrections?.correctCustomer(correction)).toEqual(answer);
    expect(await books.corrections?.readCustomer(account)).toMatchObject({ record: changes });
  });

  it('are not overwritten where somebody changed them meanwhile', async () => {
    const account = await customer({ city: 'Hamburg' });
    const correction = { id: account, changes: { city: 'Lübeck' }, expected: { city: 'Kiel' } };
    expect(await books.corrections?.correctCustomer(correction)).toMatchObject({
      result: 'changed',
      customer: { city: 'Hamburg' },
    });
    expect(await books.corrections?.readCustomer(account)).toMatchObject({
      record: { city: 'Hamburg' },
    });
  });

  it('take a tax id and an address where they have none, and lose them again', async () => {
    const empty = { taxId: null, email: null, addressLine1: null, city: null, postalCode: null };
    const account = await customer({ ...empty, country: null });
    const correct = (changes: Partial<CustomerFields>, expected: Partial<CustomerFields>) =>
      books.corrections?.correctCustomer({ id: account, changes, expected });
    const { name: _, ...rest } = FIELDS;
    const nothing = { ...empty, country: null };
    expect(await correct(rest, nothing)).toMatchObject({ result: 'ok', customer: rest });
    expect(await correct(nothing, rest)).toMatchObject({ result: 'ok', customer: nothing });
  });

  it('that are not there are null to read and refused to correct; what Tryton refuses is told', async () => {
    expect(await books.corrections?.readCustomer('NOBODY')).toEqual({ result: 'ok', record: null });
    const change = { changes: { city: 'Kiel' }, expected: { city: 'Bonn' } };
    const nobody = await books.corrections?.correctCustomer({ id: 'NOBODY', ...change });
    expect(nobody).toMatchObject({ result: 'rejected' });
    const account = await customer();
    const wrong = { changes: { taxId: 'DE1' }, expected: { taxId: 'DE136695976' } };
    expect(await books.corrections?.correctCustomer({ id: account, ...wrong })).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('DE1'),
    });
  });
});

describe('documents', () => {
  it('are posted once, with the amounts of the document', async () => {
    const account = await customer();
    const document = invoice(account, 'INV-2026-00001');
    const first = await books.postDocument(document);
    expect(first).toMatchObject({ result: 'ok' });
    expect(await books.postDocument(document)).toEqual(first);
    expect(await documents('INV-2026-00001')).toEqual([
      {
        id: (first as { reference: string }).reference,
        number: 'INV-2026-00001',
        ...{ customer: account, type: 'invoice', issuedOn: '2026-03-02', currency: 'EUR' },
        totalMinor: 1_190_00,
        url: expect.stringMatching(/\/#books\/model\/account\.invoice\/\d+$/),
      },
    ]);
    const numbersFrom = async (day: string) =>
      (await all(books.reader?.documents, day)).map(({ number }) => number);
    expect(await numbersFrom('2026-03-02')).toContain('INV-2026-00001');
    expect(await numbersFrom('2026-03-03')).not.toContain('INV-2026-00001');
  });

  it('are one where two attempts post at the same time', async () => {
    const document = invoice(await customer(), 'INV-2026-00002');
    const answers = await Promise.all([1, 2].map(() => books.postDocument(document)));
    expect(answers.map(({ result }) => result)).toContain('ok');
    expect(await books.postDocument(document)).toMatchObject({ result: 'ok' });
    expect(await documents('INV-2026-00002')).toHaveLength(1);
  });

  it('are finished where an attempt ended after the draft, which is not told', async () => {
    const note = invoice(await customer(), 'CN-2026-00001');
    const amounts = { netMinor: -1_000_00, taxMinor: -190_00, totalMinor: -1_190_00 };
    const document = { ...note, type: 'credit_note' as const, ...amounts };
    const fetch = globalThis.fetch;
    globalThis.fetch = async (url, init) => {
      if (`${url}`.includes('/post?')) throw new TypeError('the line was cut');
      return fetch(url, init);
    };
    try {
      expect(await books.postDocument(document)).toMatchObject({ result: 'unknown' });
    } finally {
      globalThis.fetch = fetch;
    }
    expect(await documents('CN-2026-00001')).toEqual([]);
    expect(await books.postDocument(document)).toMatchObject({ result: 'ok' });
    expect(await documents('CN-2026-00001')).toMatchObject([
      { type: 'credit_note', totalMinor: 1_190_00 },
    ]);
  });

  it('may be of a currency without decimals, and bear no tax', async () => {
    const yen = { netMinor: 150_000, taxMinor: 0, totalMinor: 150_000, currency: 'JPY' };
    const document = { ...invoice(await customer(), 'INV-2026-00004'), ...yen };
    expect(await books.postDocument(document)).toMatchObject({ result: 'ok' });
    expect(await documents('INV-2026-00004')).toMatchObject([
      { currency: 'JPY', totalMinor: 150_000 },
    ]);
  });

  it('are refused in words for an unknown customer, a closed year, an entity without a company', async () => {
    const refused = (words: string) => ({
      result: 'rejected',
      message: expect.stringContaining(words),
    });
    expect(await books.postDocument(invoice('A-0', 'INV-X'))).toEqual(refused('no customer A-0'));
    const old = { ...invoice(await customer(), 'INV-Y'), issuedOn: '2019-01-01' };
    expect(await books.postDocument(old)).toMatchObject({ result: 'rejected' });
    const companies = { OTHER: 'Northwind Works GmbH' };
    const elsewhere = createTrytonAccounting({ ...options, companies });
    expect(await elsewhere.postDocument(old)).toEqual(refused('entity SELLER has no company'));
    const { posting: _, ...reading } = options;
    const reader = createTrytonAccounting(reading);
    expect(await reader.postDocument(old)).toEqual(refused('TRYTON_REVENUE_ACCOUNT'));
  });
});

describe('payments', () => {
  it('pay several documents, theirs and what was paid by hand before; the rest stands on the account', async () => {
    const account = await customer();
    for (const number of ['INV-2026-00011', 'INV-2026-00012'])
      await books.postDocument(invoice(account, number));
    const [second] = await documents('INV-2026-00012');
    const cheque = { amountMinor: 400_00, description: 'cheque 17' };
    const byPerson = await handsIn(options).pay(second?.id ?? '', cheque);
    const allocations = [
      { invoice: 'INV-2026-00011', amountMinor: 1_190_00 },
      { invoice: 'INV-2026-00012', amountMinor: 500_00 },
    ];
    const payment = { ...received(account, 'PAY-1', 1_700_00), allocations };
    const first = await books.postPayment(payment);
    expect(first).toMatchObject({ result: 'ok' });
    expect(await books.postPayment(payment)).toEqual(first);
    expect(await payments('PAY-1')).toEqual([
      {
        id: (first as { reference: string }).reference,
        ...{ payment: 'PAY-1', customer: account, receivedOn: '2026-03-20', currency: 'EUR' },
        ...{ amountMinor: 1_700_00, reference: 'Perennial PAY-1' },
        allocations: [
          { document: 'INV-2026-00011', amountMinor: 1_190_00 },
          { document: 'INV-2026-00012', amountMinor: 500_00 },
        ],
        url: expect.stringMatching(/\/#books\/model\/account\.move\/\d+$/),
      },
    ]);
    const seen = (await all(books.reader?.payments)).find(({ id }) => id === byPerson);
    expect(seen).toMatchObject({
      ...{ payment: null, reference: 'cheque 17', customer: account, amountMinor: 400_00 },
      allocations: [{ document: 'INV-2026-00012', amountMinor: 400_00 }],
    });
    const tooMuch = {
      ...received(account, 'PAY-6', 400_00),
      allocations: [{ invoice: 'INV-2026-00012', amountMinor: 400_00 }],
    };
    expect(await books.postPayment(tooMuch)).toMatchObject({ result: 'rejected' });
  });

  it('of another currency balance in the books of the company', async () => {
    const account = await customer();
    await books.postDocument({ ...invoice(account, 'INV-2026-00013'), currency: 'USD' });
    const allocations = [{ invoice: 'INV-2026-00013', amountMinor: 333_33 }];
    const payment = { ...received(account, 'PAY-2', 700_01), currency: 'USD', allocations };
    expect(await books.postPayment(payment)).toMatchObject({ result: 'ok' });
    expect(await payments('PAY-2')).toMatchObject([
      { currency: 'USD', amountMinor: 700_01, allocations: [{ amountMinor: 333_33 }] },
    ]);
  });

  it('that pay what is not there stand on the account; without a customer they are refused', async () => {
    const account = await customer();
    const allocations = [{ invoice: 'INV-NOWHERE', amountMinor: 10_00 }];
    const payment = { ...received(account, 'PAY-3', 10_00), allocations };
    expect(await books.postPayment(payment)).toMatchObject({ result: 'ok' });
    expect(await payments('PAY-3')).toMatchObject([{ allocations: [] }]);
    const nobody = { ...received(null, 'PAY-4', 10_00), allocations: [] };
    expect(await books.postPayment(nobody)).toMatchObject({ result: 'rejected' });
    const closed = { ...payment, payment: 'PAY-5', receivedOn: '2019-01-01' };
    expect(await books.postPayment(closed)).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('no open period'),
    });
  });
});
