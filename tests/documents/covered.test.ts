import { expect, it } from 'vitest';
import { coveredBy } from '../../documents/mails/covered.ts';

const line = (description: string) => ({ description });

it('names what lines cover once, without their periods, at most three', () => {
  const cad = 'Acme CAD maintenance';
  const period = ', 2027-01-01 to 2027-12-31';
  expect(coveredBy([line(cad + period), line(`${cad}, 2026-01-01 to 2026-12-31`)])).toBe(cad);
  expect(coveredBy([line(cad), line(`Support, gold${period}`)])).toBe(`${cad}, Support, gold`);
  expect(coveredBy(['A', 'B', 'C', 'D'].map(line))).toBe('A, B, C');
  expect(coveredBy([])).toBe('');
});
