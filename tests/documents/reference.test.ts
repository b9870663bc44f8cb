import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  creditorReference,
  epcPayload,
  epcPayloadOf,
  inGroups,
  isCreditorReference,
} from '../../documents/reference.ts';
import { invoiceOf, line } from './samples.ts';

describe('creditor references (ISO 11649)', () => {
  it('has the check digits of the standard’s example', () => {
    expect(creditorReference('539007547034')).toBe('RF18539007547034');
  });

  it('accepts its own references and none with one character changed', () => {
    const number = fc.stringMatching(/^[A-Z0-9]{1,21}$/);
    fc.assert(
      fc.property(number, fc.nat(), (body, at) => {
        const reference = creditorReference(body) ?? '';
        expect(isCreditorReference(reference)).toBe(true);
        const index = 4 + (at % body.length);
        const other = reference[index] === '7' ? '8' : '7';
        const changed = reference.slice(0, index) + other + reference.slice(index + 1);
        expect(isCreditorReference(changed)).toBe(false);
      }),
    );
  });

  it('has none for a number that is too long or empty', () => {
    expect(creditorReference('A'.repeat(22))).toBeNull();
    expect(creditorReference('---')).toBeNull();
    expect(inGroups('RF18539007547034')).toBe('RF18 5390 0754 7034');
  });
});

describe('EPC code', () => {
  const transfer = {
    name: 'Perennial',
    iban: 'DE89 3704 0044 0532 0130 00',
    bic: null,
    amountMinor: 285600,
    text: 'INV-1',
  };

  it('follows EPC069-12 line by line', () => {
    expect(epcPayload({ ...transfer, reference: 'RF18539007547034' })?.split('\n')).toEqual([
      'BCD',
      '002',
      '1',
      'SCT',
      '',
      'Perennial',
      'DE89370400440532013000',
      'EUR2856.00',
      '',
      'RF18539007547034',
    ]);
    expect(
      epcPayload({ ...transfer, reference: null })
        ?.split('\n')
        .slice(8),
    ).toEqual(['', '', 'INV-1']);
  });

  it('is there only where a SEPA transfer can pay', () => {
    const document = invoiceOf({ C: [line(1)] });
    expect(epcPayloadOf(document)).toContain('EUR1428.00');
    expect(epcPayloadOf({ ...document, currency: 'USD' })).toBeNull();
    expect(epcPayloadOf({ ...document, balanceMinor: 0 })).toBeNull();
    expect(epcPayloadOf({ ...document, type: 'credit_note' })).toBeNull();
    expect(epcPayloadOf({ ...document, invoice: null })).toBeNull();
  });
});
