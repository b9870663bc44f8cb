/**
 * Which step of the ladder an open invoice takes next, and what keeps it from taking any (billing
 * rules §6).
 */
import { addDays, type CivilDate, daysBetween, later } from '../dates/dates.ts';
import { type Ladder, type LadderStage, MIN_GAP_DAYS } from './ladder.ts';

/** An open document as dunning sees it. Amounts in minor units, tax included. */
export interface DunningFacts {
  readonly invoice: string;
  readonly entity: string;
  readonly account: string;
  readonly currency: string;
  /**
   * The day the ladder counts from. A late charge counts from the due date of the invoice it was
   * made for and starts on the stage that made it, so that it keeps that stage open when the
   * invoice itself is paid.
   */
  readonly dueOn: CivilDate;
  readonly balanceMinor: number;
  /** What is open on lines that are not disputed. */
  readonly remindableMinor: number;
  readonly promisedUntil: CivilDate | null;
  readonly insolventSince: CivilDate | null;
  /** The entity or account is never reminded, by policy. */
  readonly neverDunned: boolean;
  /** The last stage taken; 0 before the first. */
  readonly stage: number;
  /** When it was taken; null where that is not known. */
  readonly stageTakenOn: CivilDate | null;
  /** Subcontracts with an open, undisputed line. */
  readonly openSubcontracts: readonly string[];
}

export type Suppression = 'paid' | 'never-dunned' | 'insolvent' | 'disputed' | 'promised';

export interface PlannedStage extends Pick<LadderStage, 'stage' | 'name' | 'actions'> {
  /** The day it is due; it may have come. */
  readonly on: CivilDate;
}

export interface NextReminder {
  /** Null where nothing is to come: suppressed, or after the last stage. */
  readonly next: PlannedStage | null;
  /** Why nothing goes out on the day; null where the ladder simply runs. */
  readonly suppressed: Suppression | null;
}

/**
 * The next step of one invoice.
 * - Stages are climbed one by one. One that was held up comes {@link MIN_GAP_DAYS} after the last,
 *   never two at once.
 * - A courtesy note is for before the due date and is left out after it.
 * - A promise moves the step to the day after the promised one; paid, insolvent, never-dunned
 *   accounts and invoices whose open lines are all disputed have none. This holds for every action
 *   of a stage, not for the mail alone.
 */
export function nextReminder(facts: DunningFacts, ladder: Ladder, asOf: CivilDate): NextReminder {
  const suppressed = suppression(facts, asOf);
  if (suppressed !== null && suppressed !== 'promised') return { next: null, suppressed };
  const step = ladder.find((entry) => entry.stage > facts.stage && !isPast(entry, facts, asOf));
  if (step === undefined) return { next: null, suppressed };
  const { stage, name, actions } = step;
  return { next: { stage, name, actions, on: dayOf(step, facts) }, suppressed };
}

/** Why an invoice is left alone on a day; the strongest reason first. */
function suppression(facts: DunningFacts, asOf: CivilDate): Suppression | null {
  if (facts.balanceMinor <= 0) return 'paid';
  if (facts.neverDunned) return 'never-dunned';
  if (facts.insolventSince !== null && facts.insolventSince <= asOf) return 'insolvent';
  if (facts.remindableMinor <= 0) return 'disputed';
  return facts.promisedUntil !== null && asOf <= facts.promisedUntil ? 'promised' : null;
}

/** A note before the due date makes no sense after it. */
function isPast(entry: LadderStage, facts: DunningFacts, asOf: CivilDate): boolean {
  if (!entry.actions.includes('courtesy-note')) return false;
  return later(asOf, dayOf(entry, facts)) > facts.dueOn;
}

function dayOf(
  entry: LadderStage,
  { dueOn, promisedUntil, stageTakenOn }: DunningFacts,
): CivilDate {
  const bounds = [
    addDays(dueOn, entry.dayOffset),
    ...(promisedUntil === null ? [] : [addDays(promisedUntil, 1)]),
    ...(stageTakenOn === null ? [] : [addDays(stageTakenOn, MIN_GAP_DAYS)]),
  ];
  return bounds.reduce(later);
}

export interface ReminderItem {
  readonly invoice: string;
  readonly dueOn: CivilDate;
  /** Negative before the due date. */
  readonly overdueDays: number;
  readonly remindableMinor: number;
  readonly openSubcontracts: readonly string[];
}

/** One mail, or letter: all that an account owes one entity and that has come to one stage. */
export interface ReminderGroup {
  readonly entity: string;
  readonly account: string;
  readonly stage: Omit<PlannedStage, 'on'>;
  /** By due date, then number. */
  readonly items: readonly ReminderItem[];
  /** By currency: amounts in different currencies never add. */
  readonly totalsMinor: Readonly<Record<string, number>>;
}

/** What goes out on a day: one group per entity, account and stage, not one per invoice. */
export function remindersDue(
  invoices: readonly DunningFacts[],
  ladder: Ladder,
  asOf: CivilDate,
): ReminderGroup[] {
  const groups = new Map<string, { step: PlannedStage; facts: DunningFacts[] }>();
  for (const facts of invoices) {
    const { next } = nextReminder(facts, ladder, asOf);
    if (next === null || next.on > asOf) continue;
    const key = JSON.stringify([facts.entity, facts.account, next.stage]);
    const group = groups.get(key) ?? { step: next, facts: [] };
    group.facts.push(facts);
    groups.set(key, group);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, { step, facts }]) => groupOf(step, facts, asOf));
}

function groupOf(step: PlannedStage, facts: DunningFacts[], asOf: CivilDate): ReminderGroup[] {
  const [first] = facts;
  if (first === undefined) return [];
  const sorted = facts.toSorted((a, b) =>
    a.dueOn === b.dueOn ? (a.invoice < b.invoice ? -1 : 1) : a.dueOn < b.dueOn ? -1 : 1,
  );
  const totalsMinor: Record<string, number> = {};
  for (const { currency, remindableMinor } of sorted)
    totalsMinor[currency] = (totalsMinor[currency] ?? 0) + remindableMinor;
  const { stage, name, actions } = step;
  const items = sorted.map((item) => itemOf(item, asOf));
  return [
    {
      entity: first.entity,
      account: first.account,
      stage: { stage, name, actions },
      items,
      totalsMinor,
    },
  ];
}

function itemOf(facts: DunningFacts, asOf: CivilDate): ReminderItem {
  const { invoice, dueOn, remindableMinor, openSubcontracts } = facts;
  const overdueDays = daysBetween(dueOn, asOf);
  return { invoice, dueOn, overdueDays, remindableMinor, openSubcontracts };
}

/** What the stages already taken mean for an account, as long as something of them is open. */
export interface AccountStanding {
  /** No new orders and no renewal; billing goes on. */
  readonly creditHold: boolean;
  /** Open documents that keep the hold. */
  readonly heldBy: readonly string[];
  /** Subcontracts whose licenses are suspended. */
  readonly suspended: readonly string[];
}

/**
 * An account's standing; paying what caused it ends it by itself, a late charge that stays open
 * does not.
 */
export function accountStanding(
  invoices: readonly DunningFacts[],
  ladder: Ladder,
): AccountStanding {
  const open = invoices.filter(({ balanceMinor }) => balanceMinor > 0);
  const held = open.filter((facts) => hasTaken(facts, ladder, 'credit-hold'));
  const suspended = open
    .filter((facts) => hasTaken(facts, ladder, 'suspend-licenses'))
    .flatMap(({ openSubcontracts }) => openSubcontracts);
  return {
    creditHold: held.length > 0,
    heldBy: held.map(({ invoice }) => invoice).sort(),
    suspended: [...new Set(suspended)].sort(),
  };
}

function hasTaken(
  { stage }: DunningFacts,
  ladder: Ladder,
  action: 'credit-hold' | 'suspend-licenses',
): boolean {
  return ladder.some((entry) => entry.stage <= stage && entry.actions.includes(action));
}

/**
 * A late charge of a stage as a document of its own: it stands where the invoice stood that it was
 * made for.
 */
export function asLateCharge(
  parent: DunningFacts,
  charge: { readonly invoice: string; readonly balanceMinor: number },
): DunningFacts {
  const { invoice, balanceMinor } = charge;
  return {
    ...parent,
    invoice,
    balanceMinor,
    remindableMinor: balanceMinor,
    promisedUntil: null,
    openSubcontracts: [],
  };
}
