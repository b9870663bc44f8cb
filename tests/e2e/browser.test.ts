/**
 * One instance as its users meet it: `npm start` in a folder of its own, what it prints (arrival.ts), a real browser for each of
 * two people. First they look around with the sample company (dashboard.ts); then it leaves, and a newcomer brings their own
 * book (newcomer.ts); Ctrl-C ends all of it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRunning, type ProcessIdentity, waitForEnd } from '../../cli/start/process-identity.ts';
import type { PartsRecord } from '../../cli/start/run-record.ts';
import { product } from './product.ts';
import './arrival.ts';
import './dashboard.ts';
import './newcomer.ts';

beforeAll(() => product.start());
afterAll(() => product.clear());

describe('the end', () => {
  it('ends whole on Ctrl-C', async () => {
    const record = JSON.parse(
      readFileSync(join(product.data, 'parts.json'), 'utf8'),
    ) as PartsRecord;
    const parts: ProcessIdentity[] = [record.guard, ...record.parts];
    expect(parts.length).toBe(6);
    await product.interrupt();
    await Promise.all(parts.map((part) => waitForEnd(part, 60_000)));
    expect(parts.filter((part) => isRunning(part))).toEqual([]);
    expect(product.said()).toContain('Everything has stopped');
  });
});
