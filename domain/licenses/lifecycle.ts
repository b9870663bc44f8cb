/**
 * The life of a license (billing rules §7 and §8): issued as evaluation, temporary or full, then
 * superseded by its replacement, suspended and reinstated, revoked; expired by its date. Every
 * transition carries its cause, and the history is never shortened. States are those of the
 * contract book; expired is no state but follows from the day.
 */
import { type CivilDate, isCivilDate } from '../dates/dates.ts';
import type { LicenseKind } from './claims.ts';

export const LICENSE_STATES = ['enabled', 'suspended', 'superseded', 'revoked'] as const;
export type LicenseState = (typeof LICENSE_STATES)[number];

/** What may be done to a license that is there already; issuing makes a new one. */
export type LicenseAction = 'supersede' | 'suspend' | 'reinstate' | 'revoke';

/** Why a transition happened. */
export type LicenseCause =
  | 'evaluation-requested'
  | 'billing-delayed' // grace: not invoiced, not due, reminded or promised
  | 'grace-granted' // a person, role support
  | 'paid'
  | 'payment-reversed'
  | 'unpaid' // the reminder ladder's last step
  | 'terminated'
  | 'amended' // seats, edition or product changed
  | 'renewed'
  | 'lapsed'
  | 'compromised' // the key leaked
  | 'decided'; // a person, for the reason written beside it

export interface Transition {
  readonly action: 'issue' | LicenseAction;
  readonly cause: LicenseCause;
  readonly on: CivilDate;
  readonly state: LicenseState;
  /** What a person wrote, or the invoice or payment that caused it. */
  readonly note: string | null;
  /** The license that took this one's place; set by supersede only. */
  readonly by: string | null;
}

/** A license as it is kept: one signed key, its state, and how it came there. */
export interface License {
  readonly license: string;
  readonly account: string;
  readonly subcontract: string | null;
  readonly kind: LicenseKind;
  /**
   * A perpetual right to use: it may lose updates and support, never its use (billing rules §6).
   */
  readonly perpetual: boolean;
  readonly validFrom: CivilDate;
  readonly validThrough: CivilDate;
  readonly seats: number;
  /** Absent where an imported one does not say. */
  readonly edition?: string;
  readonly features?: readonly string[];
  /** The contract that it was issued under and the account that it names; absent where it is not ours. */
  readonly holder?: string;
  readonly state: LicenseState;
  readonly history: readonly Transition[];
}

/** A refused transition's stable code. */
export type LicenseRefusal =
  | 'already-superseded' // act on its replacement instead
  | 'already-revoked' // nothing follows a revocation but a new license
  | 'not-suspended' // there is nothing to reinstate
  | 'perpetual-use' // a perpetual license is never switched off for money
  | 'history-order'; // a transition dated before the last one

export type TransitionResult =
  | { readonly ok: true; readonly license: License; readonly changed: boolean }
  | { readonly ok: false; readonly code: LicenseRefusal; readonly message: string };

export interface NewLicense extends Omit<License, 'state' | 'history'> {
  readonly cause: LicenseCause;
  readonly on: CivilDate;
  readonly note?: string;
}

/** A license that has just been issued; its history starts with the issue. */
export function issued(order: NewLicense): License {
  const { cause, on, note, ...license } = order;
  if (!isCivilDate(on)) throw new RangeError(`not a date: ${JSON.stringify(on)}`);
  if (license.validFrom > license.validThrough)
    throw new RangeError(`license ${license.license} would end before it starts`);
  const first = { action: 'issue', cause, on, state: 'enabled', note: note ?? null, by: null };
  return { ...license, state: 'enabled', history: [first as Transition] };
}

export interface TransitionOrder {
  readonly action: LicenseAction;
  readonly cause: LicenseCause;
  readonly on: CivilDate;
  readonly note?: string;
  /** For supersede: the license that replaces this one. */
  readonly by?: string;
}

/**
 * One transition. Doing what was done already succeeds without a second entry in the history
 * (`changed` false), as an activity that is retried needs it.
 */
export function transition(license: License, order: TransitionOrder): TransitionResult {
  const target = TARGETS[order.action];
  const repeated = license.state === target && license.history.at(-1)?.action === order.action;
  if (repeated) return { ok: true, license, changed: false };
  const refusal = refusalOf(license, order);
  if (refusal !== null) return { ok: false, code: refusal, message: MESSAGES[refusal] };
  const entry: Transition = {
    action: order.action,
    cause: order.cause,
    on: order.on,
    state: target,
    note: order.note ?? null,
    by: order.action === 'supersede' ? (order.by ?? null) : null,
  };
  const history = [...license.history, entry];
  return { ok: true, license: { ...license, state: target, history }, changed: true };
}

/** The state as a person reads it on a day: an enabled license past its last day is expired. */
export function stateOn(license: License, on: CivilDate): LicenseState | 'expired' {
  return license.state === 'enabled' && on > license.validThrough ? 'expired' : license.state;
}

const TARGETS: Readonly<Record<LicenseAction, LicenseState>> = {
  supersede: 'superseded',
  suspend: 'suspended',
  reinstate: 'enabled',
  revoke: 'revoked',
};

const MESSAGES: Readonly<Record<LicenseRefusal, string>> = {
  'already-superseded': 'the license was replaced; act on its replacement',
  'already-revoked': 'the license is revoked for good; issue a new one',
  'not-suspended': 'the license is not suspended, so it cannot be reinstated',
  'perpetual-use': 'a perpetual license loses updates and support, never its use',
  'history-order': 'the transition is dated before the last one of this license',
};

/** The ladder of guards, in the order in which a person would want to hear of them. */
function refusalOf(license: License, order: TransitionOrder): LicenseRefusal | null {
  if (license.state === 'revoked') return 'already-revoked';
  if (license.state === 'superseded' && order.action !== 'revoke') return 'already-superseded';
  if (order.action === 'reinstate' && license.state !== 'suspended') return 'not-suspended';
  if (license.perpetual && order.action === 'suspend') return 'perpetual-use';
  if (order.on < (license.history.at(-1)?.on ?? order.on)) return 'history-order';
  return null;
}
