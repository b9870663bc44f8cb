/** Purchase orders of customers: read in their time, beside what they answer, accepted or rejected by a person. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderPaperView, RemittanceView, Role } from '../../../api/types.ts';
import { getFact, setRenewalState, storePaper, timelineOf } from '../../../db/index.ts';
import { eventually } from '../../infrastructure/eventually.ts';
import { row, type Scene, scene, smallBook } from '../api/fixture.ts';
import { RENEWAL, saveOffer } from './offer.ts';

let at: Scene;
beforeAll(async () => {
  const book = smallBook();
  const [contract] = book.contracts;
  const [subcontract] = book.subcontracts;
  if (contract === undefined || subcontract === undefined) throw new Error('the book is empty');
  const second = row('contracts', { ...contract, contract: 'C-2' });
  const plm = row('products', { sku: 'PLM', name: 'PLM subscription', kind: 'subscription' });
  const theirs = row('subcontracts', {
    ...subcontract,
    subcontract: 'S-2',
    contract: 'C-2',
    sku: 'PLM',
    quantity: '3',
    unitPrice: '50',
  });
  at = await scene(
    // Whoever brings a paper does not wait: each is told where to look.
    { now: () => new Date('2026-06-20T12:00:00Z'), paperPatienceMs: 0 },
    {
      ...book,
      products: [...book.products, plm],
      contracts: [...book.contracts, second],
      subcontracts: [...book.subcontracts, theirs],
    },
  );
  await saveOffer(at.db);
});
afterAll(() => at?.close());

const send = (url: string, body: string | Buffer, role: Role = 'biller') =>
  at.bring(role, url, body);
const post = (paper: string, verb: string, payload: object, role: Role = 'biller') =>
  at.as(role, 'POST', `/orders/papers/${encodeURIComponent(paper)}/${verb}`, payload);
const get = async <T>(url: string) => (await at.as('viewer', 'GET', url)).json<T>();

/** Brought, then asked for until it is read, as a page does. */
async function brought(rows: string[], query = ''): Promise<OrderPaperView> {
  const answer = await send(`/orders/papers?fileName=po.txt${query}`, rows.join('\n'));
  expect([200, 202]).toContain(answer.statusCode);
  const look = answer.headers.location ?? `/api/v1/orders/papers/${answer.json().paper}`;
  return eventually('the order to be read', async () => {
    const view = await get<OrderPaperView>(String(look).replace('/api/v1', ''));
    return view.reading.state === 'read' && view;
  });
}
const poNumberOf = async (contract: string) =>
  (await getFact(at.db, 'contracts', { contract }))?.poNumber ?? null;

const AGREED = ['Purchase Order No: PO-4711', 'for contract C-1', 'CAD 2 x 110.00 220.00'];
const TOTAL = 'Net total EUR 220.00';

describe('a purchase order', () => {
  it('stands beside the renewal that it answers; accepted, its number is the contract’s and the renewal is answered', async () => {
    const order = await brought([...AGREED, TOTAL]);
    expect(order).toMatchObject({
      number: 'PO-4711',
      contract: 'C-1',
      renewal: RENEWAL,
      account: { name: 'Kunde & Co' },
      offered: { amount: 22_000, currency: 'EUR' },
      decision: null,
      differences: [],
    });
    const side = { quantity: '2', amount: { amount: 22_000, currency: 'EUR' } };
    expect(order.beside).toEqual([
      {
        sku: 'CAD',
        description: 'CAD maintenance',
        ordered: { ...side, unitPrice: '110.00' },
        offered: { ...side, unitPrice: '110' },
        difference: null,
      },
    ]);
    expect((await post(order.paper, 'accept', { number: 'PO-4711' }, 'support')).statusCode).toBe(
      403,
    );
    const body = { number: 'PO-4711', renew: true };
    const accepted = (await post(order.paper, 'accept', body)).json<OrderPaperView>();
    expect(accepted).toMatchObject({
      decision: 'accepted',
      orderNumber: 'PO-4711',
      decidedBy: { name: 'The biller' },
    });
    expect(await poNumberOf('C-1')).toBe('PO-4711');
    expect(at.processes.asked.at(-1)).toMatchObject({
      workflow: 'C-1',
      args: [
        {
          renewal: RENEWAL,
          decision: 'accept',
          on: '2026-06-20',
          reason: 'Purchase order PO-4711',
        },
        {},
      ],
    });
    const words = (await timelineOf(at.db, { contract: 'C-1' })).map((event) => event.words);
    expect(words).toContain('Purchase order PO-4711 accepted');
    // Asked again it is the same decision; another one is refused, and so is another contract.
    await setRenewalState(at.db, {
      renewal: RENEWAL,
      state: 'accepted',
      on: '2026-06-20',
      by: 'x',
    });
    const before = at.processes.asked.length;
    expect((await post(order.paper, 'accept', body)).statusCode).toBe(200);
    expect(at.processes.asked).toHaveLength(before);
    const reject = await post(order.paper, 'reject', { reason: 'a mistake' });
    expect([reject.statusCode, reject.json().code]).toEqual([409, 'already-decided']);
    expect((await post(order.paper, 'answers', { contract: 'C-2' })).statusCode).toBe(409);
  });

  it('that differs is accepted with a reason alone, and rejected with one; nothing else changes then', async () => {
    const order = await brought([
      'Purchase order PO-12',
      'contract C-1',
      'CAD 1 x 110.00 110.00',
      'Net total EUR 110.00',
    ]);
    expect(order.beside[0]?.difference).toBe('CAD: 1 ordered, 2 offered');
    expect(order.words).toBe('It differs from the renewal of C-1 in 2 points.');
    const bare = await post(order.paper, 'accept', { number: 'PO-12' });
    expect([bare.statusCode, bare.json().detail]).toEqual([
      422,
      'The order differs from what it answers: say why it is accepted all the same.',
    ]);
    const rejected = await post(order.paper, 'reject', { reason: 'one seat is missing' });
    expect(rejected.json()).toMatchObject({
      decision: 'rejected',
      words: 'Rejected: one seat is missing',
    });
    expect(await poNumberOf('C-1')).toBe('PO-4711');
  });

  it('between renewals answers a year of the contract; one that names none is placed by a person', async () => {
    const order = await brought(['PO 99-1', 'PLM 3 x 50.00 150.00', 'Net total EUR 150.00']);
    expect(order).toMatchObject({ contract: null, words: expect.stringMatching(/names no/) });
    expect((await post(order.paper, 'accept', { number: '99-1' })).statusCode).toBe(409);
    expect((await post(order.paper, 'answers', { contract: 'C-9' })).statusCode).toBe(404);
    const placed = (await post(order.paper, 'answers', { contract: 'C-2' })).json<OrderPaperView>();
    expect(placed).toMatchObject({
      contract: 'C-2',
      renewal: null,
      offered: { amount: 15_000, currency: 'EUR' },
      differences: [],
      words: 'It agrees with a year of C-2.',
    });
    await post(order.paper, 'accept', { number: '99-1' });
    expect(await poNumberOf('C-2')).toBe('99-1');
    const list = await get<{ items: OrderPaperView[] }>('/orders/papers?contract=C-2');
    expect(list.items.map(({ orderNumber }) => orderNumber)).toEqual(['99-1']);
  });

  it('is listed with those first that wait', async () => {
    const waiting = await brought(['Order PO-77', 'C-2', 'PLM 3 x 50.00 150.00']);
    const { items } = await get<{ items: OrderPaperView[] }>('/orders/papers');
    expect(items).toHaveLength(4);
    expect(items[0]?.paper).toBe(waiting.paper);
    const only = await get<{ items: OrderPaperView[] }>('/orders/papers?decision=waiting');
    expect(only.items.map(({ paper }) => paper)).toEqual([waiting.paper]);
    const path = `/orders/papers/${encodeURIComponent(waiting.paper)}/file`;
    const file = await at.as('viewer', 'GET', path);
    expect(file.body).toContain('PO-77');
  });
});

describe('a paper that takes its time', () => {
  it('is kept at once and read then; whoever asks sees how far it is', async () => {
    const scan = await readFile(new URL('../../connectors/papers/advice.png', import.meta.url));
    const answer = await send('/payments/papers?fileName=advice.png', scan);
    expect(answer.statusCode).toBe(202);
    const { paper, reading } = answer.json<RemittanceView>();
    expect(reading.state).toBe('reading');
    expect(answer.headers.location).toBe(`/api/v1/payments/papers/${encodeURIComponent(paper)}`);
    const look = `/payments/papers/${encodeURIComponent(paper)}`;
    const read = await eventually(
      'the scan to be read',
      async () => {
        const view = await get<RemittanceView>(look);
        return view.reading.state === 'read' && view;
      },
      120_000,
    );
    expect(read).toMatchObject({ readBy: 'ocr', reading: { words: 'It is read.' } });
    expect((await send('/payments/papers?fileName=again.png', scan)).statusCode).toBe(200);
  });

  it('that turns out to be damaged says so where one looks, and is read again when it comes again', async () => {
    const damaged = Buffer.from('%PDF-1.7 and nothing more');
    const answer = await send('/payments/papers?fileName=x.pdf', damaged);
    expect(answer.statusCode).toBe(202);
    const look = `/payments/papers/${encodeURIComponent(answer.json().paper)}`;
    const failed = () =>
      eventually('the fault', async () => {
        const view = await get<RemittanceView>(look);
        return view.reading.state === 'failed' && view;
      });
    expect((await failed()).reading.words).toMatch(/could not be read: .*not-readable/);
    expect((await send('/payments/papers?fileName=x.pdf', damaged)).statusCode).toBe(202);
    await failed();
  });

  it('whose reader ended with its process is read by who asks next', async () => {
    await storePaper(at.db, {
      paper: 'order:left',
      kind: 'order',
      fileName: 'left.txt',
      mediaType: 'text/plain',
      content: Buffer.from([...AGREED, 'left behind', TOTAL].join('\n')),
      text: '',
      readBy: '',
      understood: {},
      state: 'reading',
      createdBy: 'test',
    });
    const read = await eventually('the order to be read', async () => {
      const view = await get<OrderPaperView>('/orders/papers/order:left');
      return view.reading.state === 'read' && view;
    });
    expect(read.number).toBe('PO-4711');
  });
});
