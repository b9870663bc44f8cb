/** What the connection promises: statements that the server keeps, and transactions that nothing follows. */
import { eq, sql } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import { begun } from '../../../db/begun.ts';
import { type Connection, connect, createClock, type Db, getClock } from '../../../db/index.ts';
import { clocks } from '../../../db/schema.ts';
import { worded } from '../../../db/worded.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';

const open: Connection[] = [];

/** One connection, so that what is asked of the server is asked of the session that the questions before were in. */
function alone(url: string): Db {
  const connection = connect(url, { max: 1 });
  open.push(connection);
  return connection.db;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** How many of the session's kept statements mention a text. */
async function kept(db: Db, text: string): Promise<number> {
  const rows = await db.execute<{ statement: string }>(
    sql`select statement from pg_prepared_statements`,
  );
  return rows.filter(({ statement }) => statement.includes(text)).length;
}

describe('statements', () => {
  it('are kept by the server once, also those of transactions and what is nested in them', async () => {
    const db = alone(await createTestDatabase());
    expect(await kept(db, 'from "clocks"')).toBe(0);
    for (const name of ['a', 'b', 'c']) {
      await createClock(db, { clock: name, today: '2026-01-01' });
      expect((await getClock(db, name))?.today).toBe('2026-01-01');
      await db.transaction(async (tx) => {
        expect((await getClock(tx, name))?.clock).toBe(name);
        await tx.transaction(async (inner) => {
          expect((await getClock(inner, name))?.clock).toBe(name);
        });
      });
    }
    expect(await kept(db, 'from "clocks"')).toBe(1);
    expect(await kept(db, 'insert into "clocks"')).toBe(1);
  });

  it('with a long list of values are not kept', async () => {
    const db = alone(await createTestDatabase());
    const ask = (count: number) => {
      const values = Array.from({ length: count }, (_, index) => sql`${String(index)}`);
      return db.execute(
        sql`select count(*) from clocks where clock in (${sql.join(values, sql`, `)})`,
      );
    };
    await ask(101);
    expect(await kept(db, 'count(*) from clocks')).toBe(0);
    await ask(100);
    expect(await kept(db, 'count(*) from clocks')).toBe(1);
  });

  it('are not kept where the URL says so, and everything works all the same', async () => {
    const url = new URL(await createTestDatabase());
    url.searchParams.set('prepare', 'false');
    const db = alone(url.href);
    await createClock(db, { clock: 'a', today: '2026-01-01' });
    await db.transaction(async (tx) => {
      expect((await getClock(tx, 'a'))?.today).toBe('2026-01-01');
    });
    const [mode] = await db.execute(sql`show plan_cache_mode`);
    expect(mode).toEqual({ plan_cache_mode: 'auto' });
    expect(await kept(db, 'clocks')).toBe(0);
  });

  it('answer as before when their table has changed in between', async () => {
    const url = await createTestDatabase();
    const db = alone(url);
    const other = alone(url);
    const ask = () => db.execute(sql`select * from clocks where clock = ${'a'}`);
    await createClock(db, { clock: 'a', today: '2026-01-01' });
    const [before] = await ask();
    await other.execute(sql`alter table clocks add column colour text default 'blue'`);
    expect(await ask()).toEqual([{ ...before, colour: 'blue' }]);
  });

  it('see amounts and days as always', async () => {
    const db = alone(await createTestDatabase());
    const ask = (minor: number, on: string) =>
      db.execute(sql`select ${minor}::bigint as minor, ${on}::date as day`);
    for (const minor of [1, 2 ** 40, -3]) {
      const [row] = await ask(minor, '2026-02-28');
      expect(row).toEqual({ minor, day: '2026-02-28' });
    }
  });
});

describe('worded questions', () => {
  const clockNamed = (db: Db, clock: string) =>
    worded(
      db,
      'clock by name',
      (any) =>
        any
          .select()
          .from(clocks)
          .where(eq(clocks.clock, sql.placeholder('clock'))),
      { clock },
    );

  it('are asked of the transaction or the pool that asks, whoever worded them', async () => {
    const url = await createTestDatabase();
    const [db, other] = [alone(url), alone(await createTestDatabase())];
    await db.transaction(async (tx) => {
      await createClock(tx, { clock: 'a', today: '2026-01-01' });
      expect(await clockNamed(tx, 'a')).toMatchObject([{ clock: 'a', today: '2026-01-01' }]);
      expect(await clockNamed(other, 'a')).toEqual([]);
      await tx.transaction(async (inner) => {
        expect(await clockNamed(inner, 'a')).toHaveLength(1);
      });
    });
    expect(await clockNamed(db, 'a')).toHaveLength(1);
    expect(await clockNamed(db, 'b')).toEqual([]);
  });

  it('come late to a transaction that is over as all else does', async () => {
    const db = alone(await createTestDatabase());
    let late: Db | null = null;
    await db.transaction(async (tx) => {
      late = tx;
    });
    await expect(clockNamed(late ?? db, 'a')).rejects.toMatchObject({
      cause: { message: 'The transaction of this statement has ended.' },
    });
  });
});

describe('transactions', () => {
  it('do what is begun side by side in the order in which it is begun', async () => {
    const db = alone(await createTestDatabase());
    await createClock(db, { clock: 'a', today: '2026-01-01' });
    // Each kind of statement notes its number in the session and answers which were noted before.
    const noted = (n: number) =>
      sql<string>`set_config('asked.order', current_setting('asked.order', true) || ${`${n} `}, true)`;
    const kinds: ((tx: Db, n: number) => PromiseLike<unknown>)[] = [
      (tx, n) => tx.execute(sql`select ${noted(n)}`),
      (tx, n) => tx.select({ order: noted(n) }).from(clocks),
      (tx, n) =>
        tx
          .update(clocks)
          .set({ today: '2026-02-01' })
          .where(sql`${noted(n)} <> ''`),
      (tx, n) => tx.insert(clocks).values({ clock: noted(n), today: '2026-01-01' }),
      (tx, n) => tx.delete(clocks).where(sql`${noted(n)} is null`),
      (tx, n) =>
        worded(
          tx,
          `number ${n} of the order`,
          (any) =>
            any
              .select({ order: noted(n) })
              .from(clocks)
              .where(sql`${sql.placeholder('n')} <> ''`),
          { n },
        ),
    ];
    for (const first of kinds)
      for (const second of kinds)
        await db.transaction(async (tx) => {
          await tx.execute(sql`delete from clocks where clock <> 'a'`);
          await tx.execute(sql`select set_config('asked.order', '', true)`);
          await Promise.all([begun(first(tx, 1)), begun(second(tx, 2))]);
          const [row] = await tx.execute(sql`select current_setting('asked.order') as order`);
          const asked = `${first.toString()} then ${second.toString()}`;
          expect(row?.order, asked).toMatch(/^(1 )+(2 )+$/);
        });
  });

  it('are not followed by a statement of theirs that comes late', async () => {
    const db = alone(await createTestDatabase());
    let late = (): Promise<unknown> => Promise.resolve();
    await db.transaction(async (tx) => {
      late = () => createClock(tx, { clock: 'late', today: '2026-01-01' });
      await createClock(tx, { clock: 'in time', today: '2026-01-01' });
    });
    await expect(late()).rejects.toMatchObject({
      cause: { message: 'The transaction of this statement has ended.' },
    });
    expect(await getClock(db, 'late')).toBeNull();
    expect(await getClock(db, 'in time')).not.toBeNull();
  });

  it('leave nothing where one of several statements side by side fails, whatever the others do next', async () => {
    const db = alone(await createTestDatabase());
    const written: Promise<unknown>[] = [];
    const inTurn = async (tx: Db, name: string) => {
      for (let turn = 0; turn < 20; turn += 1)
        await createClock(tx, { clock: `${name}-${turn}`, today: '2026-01-01' });
    };
    const attempt = db.transaction(async (tx) => {
      written.push(inTurn(tx, 'a'), inTurn(tx, 'b'));
      await Promise.all([...written, tx.execute(sql`select 1 / ${0}::int`)]);
    });
    await expect(attempt).rejects.toThrow();
    expect((await Promise.allSettled(written)).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ]);
    const rows = await db.execute(sql`select clock from clocks`);
    expect(rows).toHaveLength(0);
  });
});
