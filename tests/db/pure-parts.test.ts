import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from '../../db/canonical-json.ts';
import { fiscalYearOf, formatNumber } from '../../db/queries/numbers.ts';
import { rehearsalCopy } from '../../db/queries/rehearsal-copy.ts';
import { row, sampleBook } from '../integration/db/sample-facts.ts';

describe('canonical JSON', () => {
  it('is one text for one value', () => {
    expect(canonicalJson({ b: [1, { d: undefined, c: null }], a: 'x' })).toBe(
      '{"a":"x","b":[1,{"c":null}]}',
    );
    expect(canonicalJson(undefined)).toBe('null');
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});

describe('numbers', () => {
  it('bear the fiscal year that began last', () => {
    expect(fiscalYearOf('2026-11-15', '01-01')).toBe(2026);
    expect(fiscalYearOf('2027-03-31', '04-01')).toBe(2026);
    expect(fiscalYearOf('2027-04-01', '04-01')).toBe(2027);
    expect(formatNumber('INV', 2026, 17)).toBe('INV-2026-00017');
    expect(formatNumber('INV', 2026, 123_456)).toBe('INV-2026-123456');
  });
});

describe('a rehearsal copy', () => {
  it('renames what is an account’s own and leaves what is shared', () => {
    const moved = row('amendments', {
      amendment: 'M',
      subcontract: 'S-1',
      kind: 'move',
      value: 'C-2',
      effective: '2027-01-01',
    });
    const copy = rehearsalCopy(sampleBook({ amendments: [moved] }), 'DEMO-');
    expect(copy.products).toEqual([]);
    expect(copy.subcontracts[0]).toMatchObject({
      subcontract: 'DEMO-S-1',
      contract: 'DEMO-C-1',
      sku: 'CAD',
    });
    expect(copy.amendments[0]).toMatchObject({
      amendment: 'DEMO-M',
      subcontract: 'DEMO-S-1',
      value: 'DEMO-C-2',
    });
    expect(copy.entities[0]).toMatchObject({ entity: 'DEMO-US', invoiceSeries: 'DEMO-INV' });
    const without = rehearsalCopy(sampleBook({ entities: [] }), 'DEMO-');
    expect(without.entities[0]).toMatchObject({ entity: 'DEMO-default', timeZone: 'UTC' });
  });
});
