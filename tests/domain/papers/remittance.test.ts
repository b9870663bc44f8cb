/** What a remittance advice says where a machine read it badly: less is understood, nothing wrongly. */
import { expect, it } from 'vitest';
import { readRemittance } from '../../../domain/papers/remittance.ts';

const known = [
  { invoice: 'INV-2026-01171', currency: 'EUR', balance: 40_627 },
  { invoice: 'INV-2026-01172', currency: 'EUR', balance: 479_880 },
];

it('never gives a number the amount of the one below it, which was misread', () => {
  const rows = ['INV-2026-01171 A.362,77 b', 'TNY-2026-01.172 4.798,80', 'Summe 5.205,07 EUR'];
  expect(readRemittance(rows.join('\n'), known).lines).toEqual([
    { invoice: 'INV-2026-01171', amountMinor: null },
  ]);
});

it('still finds an amount that stands in the row below, beside a date', () => {
  const rows = [
    'INV-2026-01171',
    'vom 03.10.2026   406,27',
    'INV-2026-01172',
    '2026-10-04 4.798,80',
  ];
  expect(readRemittance(`${rows.join('\n')}\nEUR`, known).lines).toEqual([
    { invoice: 'INV-2026-01171', amountMinor: 40_627 },
    { invoice: 'INV-2026-01172', amountMinor: 479_880 },
  ]);
});
