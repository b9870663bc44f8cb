import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  creditorReference,
  isCreditorReference,
} from '../../../domain/payment-reference/creditor-reference.ts';

describe('creditor references (ISO 11649)', () => {
  it('has the check digits of the standard’s example, however it is typed', () => {
    expect(creditorReference('539007547034')).toBe('RF18539007547034');
    expect(isCreditorReference('rf18 5390 0754 7034')).toBe(true);
    expect(isCreditorReference('RF18539007547043')).toBe(false);
  });

  it('leaves out what is neither letter nor digit', () => {
    expect(creditorReference('INV-2026-00017')).toMatch(/^RF\d{2}INV202600017$/);
  });

  // A letter counts as two digits, so that only a letter for a letter, or a digit for a digit,
  // is sure to be seen by the check digits.
  it('accepts its own references and none with a letter or a digit mistyped', () => {
    const number = fc.stringMatching(/^[A-Z0-9]{1,21}$/);
    fc.assert(
      fc.property(number, fc.nat(), (body, at) => {
        const reference = creditorReference(body) ?? '';
        expect(isCreditorReference(reference)).toBe(true);
        const index = 4 + (at % body.length);
        const [first, second] = /\d/.test(reference.charAt(index)) ? ['7', '8'] : ['Q', 'R'];
        const other = reference[index] === first ? second : first;
        const changed = reference.slice(0, index) + other + reference.slice(index + 1);
        expect(isCreditorReference(changed)).toBe(false);
      }),
    );
  });

  it('has none for a number that is too long or empty', () => {
    expect(creditorReference('A'.repeat(22))).toBeNull();
    expect(creditorReference('---')).toBeNull();
  });
});
