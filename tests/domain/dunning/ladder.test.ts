/** The reminder ladder as a policy writes it (docs/rules/billing-rules.md §6). */
import { describe, expect, it } from 'vitest';
import { DEFAULT_LADDER, letterNumber, parseLadder } from '../../../domain/dunning/ladder.ts';

describe('a ladder', () => {
  it('is read in days and actions, whatever the blanks, and names its stages', () => {
    const ladder = parseLadder(
      ' -10  courtesy-note ;+1 reminder;;15 reminder   copy-owner ; 30 final-notice late-charge; 40 credit-hold task; 50 suspend-licenses; 60 late-charge; 70 task; ',
    );
    expect(ladder).toEqual([
      { stage: 1, name: 'Courtesy note', dayOffset: -10, actions: ['courtesy-note'] },
      { stage: 2, name: 'Reminder 1', dayOffset: 1, actions: ['reminder'] },
      { stage: 3, name: 'Reminder 2', dayOffset: 15, actions: ['reminder', 'copy-owner'] },
      { stage: 4, name: 'Final notice', dayOffset: 30, actions: ['final-notice', 'late-charge'] },
      { stage: 5, name: 'Credit hold', dayOffset: 40, actions: ['credit-hold', 'task'] },
      { stage: 6, name: 'Suspension', dayOffset: 50, actions: ['suspend-licenses'] },
      { stage: 7, name: 'Late charge', dayOffset: 60, actions: ['late-charge'] },
      { stage: 8, name: 'Task', dayOffset: 70, actions: ['task'] },
    ]);
    expect(parseLadder('')).toEqual([]);
  });

  it.each([
    ['soon reminder', '"soon" is no number of days'],
    ['1000 reminder', '"1000" is no number of days'],
    ['1.5 reminder', '"1.5" is no number of days'],
    ['x1 reminder', '"x1" is no number of days'],
    ['7', 'day 7 has no action'],
    ['7 remind', '"remind" is no action; known are'],
    ['7 reminder; 7 final-notice', 'day 7 does not come after day 7'],
    ['7 reminder; 3 final-notice', 'day 3 does not come after day 7'],
  ])('%j is refused: %s', (text, reason) => {
    expect(() => parseLadder(text)).toThrow(`policy dunning: ${reason}`);
  });

  it('is that of the rules where nobody says otherwise', () => {
    expect(
      DEFAULT_LADDER.map(({ dayOffset, actions }) => `${dayOffset} ${actions.join(' ')}`),
    ).toEqual([
      '-7 courtesy-note',
      '1 reminder',
      '15 reminder copy-owner',
      '30 final-notice late-charge',
      '45 credit-hold task',
      '60 suspend-licenses escalate',
    ]);
  });

  it('numbers its letters: reminders and final notices, no others', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((stage) => letterNumber(DEFAULT_LADDER, stage))).toEqual([
      null,
      1,
      2,
      3,
      null,
      null,
      null,
    ]);
  });
});
