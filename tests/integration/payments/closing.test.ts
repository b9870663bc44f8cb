/** Closed days and months on a real database: nothing is posted there, and nothing is lost. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getEntry, recognizeRevenue, recordPayment, verifyLedger } from '../../../db/index.ts';
import { type Scene, scene, smallBook } from '../api/fixture.ts';

let at: Scene;
let made = 0;
beforeAll(async () => {
  at = await scene({ now: () => new Date('2026-06-15T12:00:00Z') }, smallBook());
});
afterAll(() => at?.close());

async function close(period: object, role: 'biller' | 'viewer' = 'biller') {
  const given = { entity: 'ACME', reason: 'month end', ...period };
  return at.as(role, 'POST', '/ledger/closings', given);
}
async function receivedOn(day: string) {
  made += 1;
  const payment = `manual:${made}`;
  const rest = { account: 'A-1', amountMinor: 5, currency: 'EUR' };
  await recordPayment(at.db, { payment, receivedOn: day, ...rest });
  return (await getEntry(at.db, `payment:${payment}:received`)).entry;
}

describe('closing', () => {
  it('sends later events of a closed month or day to the first open day, and says so', async () => {
    expect((await receivedOn('2026-03-31')).postedOn).toBe('2026-03-31');
    expect((await close({ month: '2026-03' })).json()).toMatchObject({ months: ['2026-03'] });
    expect(await receivedOn('2026-03-31')).toMatchObject({
      postedOn: '2026-04-01',
      description: expect.stringContaining('2026-03-31'),
    });
    expect((await receivedOn('2026-02-28')).postedOn).toBe('2026-02-28');
    expect((await close({ day: '2026-04-10' })).json()).toMatchObject({
      closedThrough: '2026-04-10',
      months: ['2026-03'],
    });
    expect((await receivedOn('2026-02-28')).postedOn).toBe('2026-04-11');
    expect((await close({ day: '2026-04-01' })).json().closedThrough).toBe('2026-04-10');
    expect(await verifyLedger(at.db)).toEqual([]);
  });

  it('is held by the database itself, and by what belongs to a month alone', async () => {
    const insert = sql`insert into ledger_entries (key, entity, posted_on, description)
      values ('forced', 'ACME', '2026-03-15', 'x')`;
    await expect(at.db.execute(insert)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('is closed') },
    });
    expect((await recognizeRevenue(at.db, { month: '2026-03' })).entries).toBe(0);
  });

  it('answers again what is closed already, and refuses what is not over or not given', async () => {
    expect((await close({ month: '2026-03' })).statusCode).toBe(200);
    expect((await close({ month: '2026-06' })).json().code).toBe('invalid-input');
    expect((await close({ day: '2026-06-15' })).json().code).toBe('invalid-input');
    expect((await close({})).statusCode).toBe(400);
    expect((await close({ month: '2026-05', day: '2026-05-31' })).statusCode).toBe(400);
    expect((await close({ month: '2026-05', entity: 'NONE' })).statusCode).toBe(404);
    expect((await close({ month: '2026-05' }, 'viewer')).statusCode).toBe(403);
    const listed = await at.as('viewer', 'GET', '/ledger/closings');
    expect(listed.json().items).toEqual([
      {
        entity: 'ACME',
        legalName: 'Acme GmbH',
        closedThrough: '2026-04-10',
        months: ['2026-03'],
      },
    ]);
  });

  it('opens again by a right of its own, with a reason; the difference to the bank is kept', async () => {
    const reopen = (period: object, role: 'approver' | 'biller') => {
      const given = { entity: 'ACME', reason: 'a late statement', ...period };
      return at.as(role, 'POST', '/ledger/closings/reopen', given);
    };
    expect((await reopen({ day: '2026-04-05' }, 'biller')).statusCode).toBe(403);
    expect((await reopen({ day: '2026-04-05', reason: '' }, 'approver')).statusCode).toBe(400);
    expect((await reopen({ day: '2026-04-05' }, 'approver')).json().closedThrough).toBe(
      '2026-04-04',
    );
    expect((await reopen({ month: '2026-03' }, 'approver')).json().months).toEqual([]);
    expect((await reopen({ month: '2026-03' }, 'approver')).json().code).toBe('invalid-input');
    const [audited] = await at.db.execute<{ details: { differences: unknown[] } }>(
      sql`select details from audit_events where action = 'ledger.close-day' order by seq limit 1`,
    );
    expect(audited?.details.differences).toMatchObject([{ currency: 'EUR', bankMinor: 0 }]);
  });
});
