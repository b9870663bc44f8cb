import { describe, expect, it } from 'vitest';
import {
  canonicalClaims,
  featureNames,
  readClaims,
  validityOn,
} from '../../../domain/licenses/claims.ts';

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

  it.each([null, [], 'text', 7, undefined])('%j is no set of claims', (value) => {
    expect(readClaims(value)).toEqual({
      ok: false,
      problems: [{ claim: 'claims', message: 'must be an object' }],
    });
  });

  it('name every problem, not the first only', () => {
    const reading = readClaims({ ...claims, seats: 0, validFrom: 7, validThrough: null });
    expect(reading.ok ? [] : reading.problems.map(({ claim }) => claim)).toEqual([
      'seats',
      'validFrom',
      'validThrough',
    ]);
  });

  const most = 2 ** 31 - 1;
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['account', { account: 'x'.repeat(200) }, { account: 'x'.repeat(201) }],
    ['account', { account: 'x' }, { account: '   ' }],
    ['subcontract', { subcontract: 'C-1/1' }, { subcontract: '' }],
    ['seats', { seats: 1 }, { seats: -1 }],
    ['seats', { seats: most }, { seats: most + 1 }],
    ['validThrough', { validThrough: '2026-01-01' }, { validThrough: 20260101 }],
    ['issue', { issue: 2 }, { issue: 1 }],
    ['issue', { issue: most }, { issue: most + 1 }],
    ['issue', { issue: 3 }, { issue: 2.5 }],
    ['issue', { issue: 3 }, { issue: '3' }],
    ['features', { features: Array(100).fill('a') }, { features: Array(101).fill('a') }],
    ['features', { features: ['a.b:c-d_E9'] }, { features: ['a', 'b c'] }],
    ['features', { features: ['x'.repeat(100)] }, { features: ['x'.repeat(101)] }],
    ['features', { features: ['a'] }, { features: ['a', ''] }],
    ['features', { features: ['7'] }, { features: [7] }],
    ['features', { features: ['a'] }, { features: { length: 1 } }],
  ])('of %s: %j is read as it is, %j is named', (claim, right, wrong) => {
    expect(readClaims({ ...claims, ...right })).toEqual({
      ok: true,
      claims: { ...claims, ...right },
    });
    const reading = readClaims({ ...claims, ...wrong });
    expect(reading.ok ? [] : reading.problems.map((problem) => problem.claim)).toEqual([claim]);
  });

  it('leave out features that are none', () => {
    expect(readClaims({ ...claims, features: [] })).toEqual({ ok: true, claims });
    const without = canonicalClaims(claims);
    expect(canonicalClaims({ ...claims, features: [] })).toBe(without);
    expect(without).not.toContain('features');
    expect(canonicalClaims({ ...claims, subcontract: 'C-1/1', issue: 2 })).toMatch(
      /"kind":"full","subcontract":"C-1\/1","issue":2\}$/,
    );
  });

  it('take the names of features from a column of text', () => {
    expect(featureNames(' simulation, drafting;drafting\n nesting ')).toEqual([
      'drafting',
      'nesting',
      'simulation',
    ]);
    expect([featureNames(''), featureNames(null), featureNames(undefined)]).toEqual([[], [], []]);
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
