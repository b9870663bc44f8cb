/** The render pool with real children: the same bytes anywhere, and what happens when children die. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  createRenderPool,
  type RenderPool,
  type RenderPoolOptions,
} from '../../../documents/render-pool.ts';
import { invoiceOf, line, REMINDER, RENEWAL, STATEMENT } from '../../documents/samples.ts';

const pools: RenderPool[] = [];
function pool(options: RenderPoolOptions): RenderPool {
  const made = createRenderPool(options);
  pools.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((one) => one.close()));
});

const broken = new URL('./broken-child.ts', import.meta.url);
const invoice = (number = 'INV-1') => invoiceOf({ C: [line(1)] }, { invoice: number });
const pidOf = ({ bytes }: { bytes: Buffer }) => Number(bytes.toString());
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('render pool', () => {
  it('prints every kind of document, with the same bytes from every child', async () => {
    const two = pool({ size: 2 });
    const all = await Promise.all([
      two.render('invoice', invoice()),
      two.render('invoice', invoice()),
      two.render('facturx', invoice()),
      two.render('facturx', invoice()),
      two.render('statement', STATEMENT),
      two.render('reminder', REMINDER),
      two.render('renewal', RENEWAL),
    ]);
    for (const { bytes } of all) expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(all[1]?.sha256).toBe(all[0]?.sha256);
    expect(all[3]?.sha256).toBe(all[2]?.sha256);
    expect(new Set(all.map(({ sha256 }) => sha256)).size).toBe(5);
  });

  it('says what is wrong with a document, and goes on', async () => {
    const one = pool({ size: 1 });
    const wrong = one.render('invoice', { ...invoice(), netMinor: 1 });
    await expect(wrong).rejects.toMatchObject({
      fault: 'document',
      message: expect.stringContaining('netMinor'),
    });
    expect((await one.render('invoice', invoice())).bytes.length).toBeGreaterThan(1000);
  });

  it('replaces a child after its number of documents, or when it grew too big', async () => {
    const one = pool({ size: 1, recycleAfter: 2, childModule: broken });
    const pids: number[] = [];
    for (const number of ['a', 'b', 'c', 'fat', 'd'])
      pids.push(pidOf(await one.render('invoice', invoice(number))));
    const [a, b, c, fat, d] = pids;
    expect(b).toBe(a);
    expect(c).not.toBe(b);
    expect(fat).toBe(c);
    expect(d).not.toBe(fat);
  });

  it('tries a job once more when its child dies, then says so; others are not lost', async () => {
    const one = pool({ size: 1, childModule: broken });
    const crashing = one.render('invoice', invoice('crash'));
    const waiting = one.render('invoice', invoice('fine'));
    await expect(crashing).rejects.toMatchObject({
      fault: 'process',
      message: 'the printing process ended with code 7, twice, at a document of kind invoice',
    });
    expect(pidOf(await waiting)).toBeGreaterThan(0);
  });

  it('gives up on a document that takes too long', async () => {
    const one = pool({ size: 1, timeoutMs: 1500, childModule: broken });
    await expect(one.render('invoice', invoice('hang'))).rejects.toMatchObject({
      fault: 'process',
      message: expect.stringContaining('took longer than 1500 ms'),
    });
  });

  it('finishes what was begun before it closes, takes nothing after, leaves no child', async () => {
    const two = createRenderPool({ size: 2, childModule: broken });
    const work = Promise.all(
      ['a', 'b', 'c', 'd'].map((number) => two.render('invoice', invoice(number))),
    );
    await two.close();
    const pids = (await work).map(pidOf);
    expect(pids).toHaveLength(4);
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(two.render('invoice', invoice())).rejects.toMatchObject({ fault: 'closed' });
  });
});
