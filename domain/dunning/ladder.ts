/**
 * The reminder ladder (billing rules §6): what happens how many days after the due date. It is a
 * policy, hence data; the default is only what holds where nobody set another.
 */
import { Refusal } from '../refusal.ts';

export const DUNNING_ACTIONS = [
  'courtesy-note', // how to pay, before it is due; no reminder yet
  'reminder',
  'copy-owner', // the account's owner gets a copy
  'final-notice', // the last numbered reminder
  'late-charge', // where one is agreed
  'credit-hold', // no new orders, no renewal; billing goes on
  'task', // something for a person
  'suspend-licenses', // of the unpaid subcontracts
  'escalate', // to a person with more say
] as const;
export type DunningAction = (typeof DUNNING_ACTIONS)[number];

export interface LadderStage {
  /** 1, 2, … in the order of the days. */
  readonly stage: number;
  readonly name: string;
  /** Days after the due date; negative before it. */
  readonly dayOffset: number;
  readonly actions: readonly DunningAction[];
}

export type Ladder = readonly LadderStage[];

/** The text of the default policy, in the form that {@link parseLadder} reads. */
export const DEFAULT_LADDER_TEXT =
  '-7 courtesy-note; 1 reminder; 15 reminder copy-owner; 30 final-notice late-charge; ' +
  '45 credit-hold task; 60 suspend-licenses escalate';

export const DEFAULT_LADDER: Ladder = parseLadder(DEFAULT_LADDER_TEXT);

/**
 * Days between two stages of one invoice when the ladder was held up (a promise, a late import).
 */
export const MIN_GAP_DAYS = 7;

/**
 * A ladder from a policy's text: `DAY ACTION ACTION; DAY ACTION …`, days relative to the due date
 * and rising.
 * @throws Refusal `policy-invalid` with what would be accepted.
 */
export function parseLadder(text: string): Ladder {
  const entries = text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const stages: LadderStage[] = [];
  let reminders = 0;
  for (const [index, entry] of entries.entries()) {
    const { dayOffset, actions } = readEntry(entry);
    const previous = stages.at(-1);
    if (previous !== undefined && previous.dayOffset >= dayOffset)
      throw invalid(`day ${dayOffset} does not come after day ${previous.dayOffset}`);
    if (actions.includes('reminder') || actions.includes('final-notice')) reminders += 1;
    stages.push({ stage: index + 1, name: nameOf(actions, reminders), dayOffset, actions });
  }
  return stages;
}

/**
 * The number a reminder letter bears: reminders and final notices counted up to a stage; a courtesy
 * note is none. Null for a stage that writes no letter.
 */
export function letterNumber(ladder: Ladder, stage: number): number | null {
  const writes = ({ actions }: LadderStage) =>
    actions.includes('reminder') || actions.includes('final-notice');
  const at = ladder.find((entry) => entry.stage === stage);
  if (at === undefined || !writes(at)) return null;
  return ladder.filter((entry) => entry.stage <= stage && writes(entry)).length;
}

function readEntry(entry: string): Pick<LadderStage, 'dayOffset' | 'actions'> {
  const [day = '', ...words] = entry.split(/\s+/);
  if (!/^[+-]?\d{1,3}$/.test(day)) throw invalid(`"${day}" is no number of days`);
  if (words.length === 0) throw invalid(`day ${day} has no action`);
  const actions = words.map((word) => {
    const action = DUNNING_ACTIONS.find((known) => known === word);
    if (action === undefined)
      throw invalid(`"${word}" is no action; known are ${DUNNING_ACTIONS.join(', ')}`);
    return action;
  });
  return { dayOffset: Number(day), actions };
}

function invalid(reason: string): Refusal {
  return new Refusal('policy-invalid', `policy dunning: ${reason}`);
}

function nameOf(actions: readonly DunningAction[], reminders: number): string {
  if (actions.includes('final-notice')) return 'Final notice';
  if (actions.includes('reminder')) return `Reminder ${reminders}`;
  if (actions.includes('courtesy-note')) return 'Courtesy note';
  if (actions.includes('suspend-licenses')) return 'Suspension';
  if (actions.includes('credit-hold')) return 'Credit hold';
  return actions.includes('late-charge') ? 'Late charge' : 'Task';
}
