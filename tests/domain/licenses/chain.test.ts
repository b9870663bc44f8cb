/** Whether a key that is out there still counts (docs/rules/billing-rules.md §8). */
import { expect, it } from 'vitest';
import { type ChainLink, endingOf } from '../../../domain/licenses/chain.ts';

const link = (license: string, more: Partial<ChainLink> = {}): ChainLink => ({
  license,
  state: 'enabled',
  validThrough: '2026-12-31',
  supersededBy: null,
  ...more,
});
const ending = (...chain: [ChainLink, ...ChainLink[]]) =>
  endingOf(chain[0], (license) => chain.find((one) => one.license === license));
const replaced = (by: string, more: Partial<ChainLink> = {}) =>
  link('1', { state: 'superseded', supersededBy: by, ...more });

it('counts while it is in force, and says by what it was switched off', () => {
  expect(ending(link('1'))).toBeNull();
  expect(ending(link('1', { state: 'suspended' }))).toEqual({ state: 'suspended', by: '1' });
  expect(ending(link('1', { state: 'revoked' }))).toEqual({ state: 'revoked', by: '1' });
});

it('counts where what replaced it reaches at least as far', () => {
  expect(ending(replaced('2'), link('2'))).toBeNull();
  expect(ending(replaced('2'), link('2', { validThrough: '2027-12-31' }))).toBeNull();
  expect(ending(replaced('2'), link('2', { validThrough: '2026-12-30' }))).toEqual({
    state: 'revoked',
    by: '2',
  });
});

it('follows the chain to its last one', () => {
  const second = link('2', { state: 'superseded', supersededBy: '3' });
  expect(ending(replaced('2'), second, link('3', { state: 'suspended' }))).toEqual({
    state: 'suspended',
    by: '3',
  });
  expect(ending(replaced('2'), second, link('3', { state: 'revoked' }))).toEqual({
    state: 'revoked',
    by: '3',
  });
  const short = link('3', { validThrough: '2026-06-30' });
  expect(ending(replaced('2'), second, short)).toEqual({ state: 'revoked', by: '3' });
  // A leaked one was revoked and replaced: the chain goes on behind it.
  const leaked = link('2', { state: 'revoked', supersededBy: '3' });
  expect(ending(replaced('2'), leaked, link('3'))).toBeNull();
  expect(ending(leaked, link('3'))).toEqual({ state: 'revoked', by: '2' });
});

it('ends a chain that is broken or goes round', () => {
  expect(ending(replaced('gone'))).toBeNull();
  const round = link('2', { state: 'superseded', supersededBy: '1' });
  expect(ending(replaced('2'), round)).toBeNull();
});
