import { describe, expect, it } from 'vitest';
import { explanationInWords } from '../../api/views/payment-words.ts';
import { allocate } from '../../domain/allocation/allocation.ts';
import { caseOf, invoice } from '../domain/allocation/cases.ts';

const words = (text: string, ...names: string[]) => explanationInWords(text, 'EUR', names);

describe('an explanation', () => {
  it('of the rules is told in amounts, whatever documents are called', () => {
    const open = [invoice('10017', 119_000), invoice('RE 7', 500)];
    const { explanation } = allocate(caseOf(120_000, open, { reference: '10017, RE 7' }));
    expect(words(explanation, '10017', 'RE 7', 'A-1')).toBe(
      'Rule reference: 1,200.00 EUR received 2026-11-20; the text names 10017, RE 7: ' +
        '1,190.00 + 5.00 = 1,195.00; the rest of 1,200.00 is unapplied. ' +
        'Allocated: 10017 1,190.00, RE 7 5.00; 1,190.00 + 5.00 + 5.00 = 1,200.00, of which 5.00 unapplied.',
    );
  });

  it('keeps counts, days and names with digits', () => {
    expect(words('For a person: more than 36 open invoices of A-1032 sum to 5000.', 'A-1032')).toBe(
      'For a person: more than 36 open invoices of A-1032 sum to 50.00.',
    );
    expect(words('A person kept 3750 EUR (minor units) as credit of 77.', '77')).toBe(
      'A person kept 37.50 EUR as credit of 77.',
    );
    expect(words('1250 (minor units) were given back: case 12 of INV-7')).toBe(
      '12.50 EUR were given back: case 12 of INV-7',
    );
  });
});
