import { describe, expect, it } from 'vitest';
import { epcPayload, epcPayloadOf, inGroups } from '../../documents/reference.ts';
import { invoiceOf, line } from './samples.ts';

it('prints references in groups of four', () => {
  expect(inGroups('RF18539007547034')).toBe('RF18 5390 0754 7034');
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
