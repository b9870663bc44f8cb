/** What a start leaves a person with: addresses, and sign-in links that a look does not use up. Part of browser.test.ts. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { product } from './product.ts';

describe('the start', () => {
  it('has said where it is, each address on a line of its own, and keeps its files to itself', async () => {
    const urls = product.said().match(/^http:\/\/127\.0\.0\.1:\d+\S*$/gm) ?? [];
    expect(urls.length).toBeGreaterThanOrEqual(4);
    for (const url of urls) {
      const answer = await fetch(url);
      await answer.body?.cancel();
      expect([url, answer.status < 400]).toEqual([url, true]);
    }
    expect(product.said()).not.toContain('\u001b[');
    for (const name of ['secrets.json', 'environment.json', 'temporal.db'])
      expect([name, statSync(join(product.data, name)).mode & 0o077]).toEqual([name, 0]);
  });

  it('signs each person in by their link', async () => {
    for (const role of ['biller', 'approver']) await product.signIn(role);
  });
});
