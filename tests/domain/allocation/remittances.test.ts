import { expect, it } from 'vitest';
import { allocate } from '../../../domain/allocation/allocation.ts';
import { ALLOCATION_RULES } from '../../../domain/allocation/case.ts';
import { type Remittance, remittances } from './remittances.ts';

/** What the answer puts on each invoice, for comparison with the label. */
function judge({ question, meant }: Remittance) {
  const answer = allocate(question);
  if (answer.decision === 'review') return { rule: null, verdict: 'review' as const };
  const paid: Record<string, number> = {};
  for (const { invoice, amount } of answer.allocations)
    paid[invoice] = (paid[invoice] ?? 0) + amount;
  const sorted = (amounts: Readonly<Record<string, number>>) => Object.entries(amounts).sort();
  const right =
    meant !== null && JSON.stringify(sorted(paid)) === JSON.stringify(sorted(meant.paid));
  return { rule: answer.rule, verdict: right ? ('right' as const) : ('wrong' as const) };
}

it('settles at least 92 % of 500 noisy remittances by itself, none of them wrongly', () => {
  const set = remittances(20261115, 5);
  const judged = set.map((one) => ({ one, ...judge(one) }));
  const wrong = judged.filter(({ verdict }) => verdict === 'wrong');
  const automatic = judged.filter(({ verdict }) => verdict === 'right');
  const perRule = ALLOCATION_RULES.map(
    (rule) => `${rule} ${automatic.filter((one) => one.rule === rule).length}`,
  );
  const share = (100 * automatic.length) / set.length;
  console.log(
    `remittances: ${set.length}, automatic ${automatic.length} (${share.toFixed(1)} %), wrong ${wrong.length}; ${perRule.join(', ')}`,
  );
  expect(wrong.map(({ one }) => [one.scenario, one.question.payment])).toEqual([]);
  expect(set.length).toBeGreaterThanOrEqual(300);
  expect(share).toBeGreaterThanOrEqual(92);
  for (const rule of ALLOCATION_RULES)
    expect(automatic.some((one) => one.rule === rule)).toBe(true);
});

it('leaves every doubtful remittance to a person', () => {
  const doubtful = remittances(7, 3).filter(({ meant }) => meant === null);
  expect(doubtful.length).toBeGreaterThan(0);
  for (const one of doubtful)
    expect([one.scenario, judge(one).verdict]).toEqual([one.scenario, 'review']);
});
