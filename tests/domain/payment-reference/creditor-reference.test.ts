import { describe, expect, it } from 'vitest';
import {
  creditorReference,
  isCreditorReference,
} from '../../../domain/payment-reference/creditor-reference.ts';

describe('creditor references', () => {
  it('carry check digits that a slip of the pen breaks', () => {
    // The standard's own example.
    expect(isCreditorReference('RF18 5390 0754 7034')).toBe(true);
    expect(isCreditorReference('RF18539007547043')).toBe(false);
    const made = creditorReference('INV-2026-00017') ?? '';
    expect(made).toMatch(/^RF\d{2}INV202600017$/);
    expect(isCreditorReference(made)).toBe(true);
    expect(creditorReference('X'.repeat(22))).toBeNull();
    expect(creditorReference('--')).toBeNull();
  });
});
