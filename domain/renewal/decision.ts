/**
 * Whether a term is renewed, lapses or waits (billing rules §9), and the dated steps of a renewal.
 */
import { addDays, type CivilDate } from '../dates/dates.ts';
import { drawUpOn, noticeBy, reminderDays } from './term.ts';

export interface RenewalFacts {
  /** The last day of the running term. */
  readonly termEnd: CivilDate;
  readonly autoRenew: boolean;
  readonly noticeDays: number | null;
  readonly noticeReceivedOn: CivilDate | null;
  readonly terminatedOn: CivilDate | null;
  readonly poRequired: boolean;
  readonly acceptedOn: CivilDate | null;
  readonly declinedOn: CivilDate | null;
  readonly poReceivedOn: CivilDate | null;
  /** The pro-forma was paid. */
  readonly paidOn: CivilDate | null;
  /** Credit hold: no renewal until it is lifted (billing rules §6). */
  readonly creditHold: boolean;
}

export type RenewalDecision =
  | {
      readonly decision: 'renew';
      readonly cause: 'auto-renew' | 'accepted' | 'paid' | 'purchase-order';
      readonly on: CivilDate;
    }
  | {
      readonly decision: 'lapse';
      readonly cause: 'notice' | 'declined' | 'no-answer' | 'terminated' | 'credit-hold';
      readonly on: CivilDate;
    }
  | {
      readonly decision: 'wait';
      readonly cause:
        | 'before-notice-date'
        | 'no-answer-yet'
        | 'purchase-order-missing'
        | 'credit-hold';
    };

/**
 * What holds on a day. A notice counts when it arrives by the notice date; a later one does not
 * stop an automatic renewal. Where the account requires a purchase order an acceptance waits for
 * it; a payment does not. Whatever says no lets the term run out: the contract lapses on the day
 * after its end.
 */
export function renewalDecision(facts: RenewalFacts, asOf: CivilDate): RenewalDecision {
  const lapsesOn = addDays(facts.termEnd, 1);
  const no = refusalOf(facts, asOf);
  if (no !== null) return { decision: 'lapse', cause: no, on: lapsesOn };
  const yes = assent(facts, asOf);
  const over = asOf > facts.termEnd;
  if (facts.creditHold && over) return { decision: 'lapse', cause: 'credit-hold', on: lapsesOn };
  if (facts.creditHold) return { decision: 'wait', cause: 'credit-hold' };
  if (yes !== null) return yes;
  if (over) return { decision: 'lapse', cause: 'no-answer', on: lapsesOn };
  if (facts.autoRenew) return { decision: 'wait', cause: 'before-notice-date' };
  const accepted = facts.acceptedOn !== null && facts.acceptedOn <= asOf;
  return { decision: 'wait', cause: accepted ? 'purchase-order-missing' : 'no-answer-yet' };
}

function refusalOf(
  facts: RenewalFacts,
  asOf: CivilDate,
): 'terminated' | 'notice' | 'declined' | null {
  const { terminatedOn, noticeReceivedOn, declinedOn, acceptedOn, autoRenew } = facts;
  if (terminatedOn !== null && terminatedOn <= asOf) return 'terminated';
  const inTime =
    noticeReceivedOn !== null &&
    noticeReceivedOn <= asOf &&
    (!autoRenew || noticeReceivedOn <= noticeBy(facts.termEnd, facts.noticeDays));
  const acceptedAfter = (no: CivilDate) =>
    acceptedOn !== null && acceptedOn <= asOf && acceptedOn > no;
  if (inTime && !acceptedAfter(noticeReceivedOn)) return 'notice';
  if (declinedOn === null || declinedOn > asOf || autoRenew) return null;
  return acceptedAfter(declinedOn) ? null : 'declined';
}

/**
 * The first yes, from the facts known on the day; an automatic renewal takes place once no notice
 * can come any more.
 */
function assent(facts: RenewalFacts, asOf: CivilDate): RenewalDecision | null {
  const { poRequired, acceptedOn, poReceivedOn, paidOn, termEnd } = facts;
  const automatic = facts.autoRenew ? addDays(noticeBy(termEnd, facts.noticeDays), 1) : null;
  const candidates = [
    { cause: 'paid', on: paidOn },
    { cause: 'purchase-order', on: poReceivedOn },
    { cause: 'accepted', on: poRequired ? null : acceptedOn },
    { cause: 'auto-renew', on: automatic },
  ] as const;
  let first: {
    decision: 'renew';
    cause: (typeof candidates)[number]['cause'];
    on: CivilDate;
  } | null = null;
  for (const { cause, on } of candidates) {
    // What came after the end is a reinstatement; an automatic renewal without notice days takes
    // place as the term ends.
    if (on === null || on > asOf || (on > termEnd && cause !== 'auto-renew')) continue;
    if (first === null || on < first.on) first = { decision: 'renew', cause, on };
  }
  return first;
}

export interface RenewalStep {
  readonly kind: 'draw-up' | 'remind' | 'notice-date' | 'end';
  readonly on: CivilDate;
}

/** The dated steps of a renewal, earliest first; on one day in the order of their kinds. */
export function renewalSteps(
  facts: Pick<RenewalFacts, 'termEnd' | 'noticeDays' | 'autoRenew'>,
): RenewalStep[] {
  const { termEnd, noticeDays, autoRenew } = facts;
  const steps: RenewalStep[] = [
    { kind: 'draw-up', on: drawUpOn(termEnd, noticeDays) },
    ...reminderDays(termEnd).map((on) => ({ kind: 'remind', on }) as const),
    ...(autoRenew ? [{ kind: 'notice-date', on: noticeBy(termEnd, noticeDays) } as const] : []),
    { kind: 'end', on: termEnd },
  ];
  return steps.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
}
