import { describe, expect, it } from 'vitest';
import { canonicalClaims, readClaims, validityOn } from '../../../domain/licenses/claims.ts';

const claims = {
  account: 'ACME',
  product: 'CAD',
  edition: 'Professional',
  seats: 25,
  validFrom: '2026-01-01',
  validThrough: '2026-12-31',
  kind: 'full',
} as const;

describe('claims', () => {
  it('are read as they are, without members that nobody knows', () => {
    expect(readClaims({ ...claims, extra: 1 })).toEqual({ ok: true, claims });
  });

  it.each<[string, Record<string, unknown>]>([
    ['account', { account: '' }],
    ['account', { account: 'two\nlines' }],
    ['product', { product: ' CAD' }],
    ['edition', { edition: 7 }],
    ['seats', { seats: 0 }],
    ['seats', { seats: 2.5 }],
    ['seats', { seats: '25' }],
    ['seats', { seats: Number.NaN }],
    ['validFrom', { validFrom: '2026-02-29' }],
    ['validThrough', { validThrough: '31.12.2026' }],
    ['validThrough', { validThrough: '2025-12-31' }],
    ['kind', { kind: 'perpetual' }],
    ['kind', { kind: 'toString' }],
    ['features', { features: ['a b'] }],
  ])('name the wrong %s', (claim, wrong) => {
    const reading = readClaims({ ...claims, ...wrong });
    expect(reading.ok ? [] : reading.problems.map((problem) => problem.claim)).toEqual([claim]);
  });

  it.each([null, [], 'text', 7])('%j is no set of claims', (value) => {
    expect(readClaims(value).ok).toBe(false);
  });

  it('have one text, whatever the order they came in', () => {
    const shuffled = Object.fromEntries(Object.entries(claims).reverse());
    const reading = readClaims({ ...shuffled, features: ['b', 'a', 'b'] });
    expect(reading.ok && canonicalClaims(reading.claims)).toBe(
      '{"account":"ACME","product":"CAD","edition":"Professional","seats":25,' +
        '"validFrom":"2026-01-01","validThrough":"2026-12-31","kind":"full","features":["a","b"]}',
    );
  });

  it('hold on their first and their last day, and not a day around', () => {
    expect(validityOn(claims, '2025-12-31')).toBe('not-yet-valid');
    expect(validityOn(claims, '2026-01-01')).toBe('valid');
    expect(validityOn(claims, '2026-12-31')).toBe('valid');
    expect(validityOn(claims, '2027-01-01')).toBe('expired');
  });
});
