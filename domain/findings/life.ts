/**
 * A finding's life: the same discrepancy is one finding however often it is seen. Pure: what was known and what a pass over
 * the books saw go in, what changed comes out. The database keeps it (db/queries/findings.ts).
 *
 *     new → assigned → resolved        mended ones close by themselves, with the money that it made
 *         ↘ accepted until a day → open again, after that day or once more is at stake than was accepted
 *     resolved → recurring             it came back
 *
 * Money always adds up: found = open + recovered + prevented + corrected, at every step (tests hold it so).
 */
import type { CivilDate } from '../dates/dates.ts';
import { type Finding, periodOf } from './finding.ts';

export const FINDING_STATES = ['new', 'assigned', 'accepted', 'resolved', 'recurring'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** Amounts are weights: minor units without a sign, of the finding's currency. */
export interface FindingLife {
  readonly state: FindingState;
  /** Whoever looks after it; kept when it is resolved, so that one that comes back finds them. */
  readonly owner: string | null;
  /** Why it was accepted. */
  readonly reason: string | null;
  /** The last day on which the acceptance holds. */
  readonly acceptedUntil: CivilDate | null;
  /** At stake when it was seen last; 0 once resolved. */
  readonly openMinor: number;
  /** All that was ever found under it. */
  readonly foundMinor: number;
  /** Of what was found: on an issued document since. */
  readonly recoveredMinor: number;
  /** Of what was found: a loss or a wrong charge that did not come to pass. */
  readonly preventedMinor: number;
  /** Of what was found: never owed, because the records were wrong and were put right, or told by another finding now. */
  readonly correctedMinor: number;
  /** What was issued for its subject when it was seen last; null where no document bills it. */
  readonly issuedMinor: number | null;
  readonly timesFound: number;
}

/** How the money of a finding that shrank or closed was made. */
export interface Gain {
  readonly recoveredMinor: number;
  readonly preventedMinor: number;
  readonly correctedMinor: number;
}
const NO_GAIN: Gain = { recoveredMinor: 0, preventedMinor: 0, correctedMinor: 0 };

export type FindingEventKind =
  | 'found'
  | 'recurred'
  | 'reopened'
  | 'grew'
  | 'shrank'
  | 'closed'
  | 'assigned'
  | 'accepted';

export interface LifeEvent extends Gain {
  readonly kind: FindingEventKind;
  /** At stake after it. */
  readonly openMinor: number;
}
export interface Moved {
  readonly life: FindingLife;
  readonly events: readonly LifeEvent[];
}

/** What a pass sees of one finding. `amountMinor` keeps the sign of `book findings`. */
export interface Sighting {
  readonly amountMinor: number;
  readonly issuedMinor: number | null;
}

/** The first sight of a discrepancy. */
export function begun(sight: Sighting): Moved {
  const openMinor = Math.abs(sight.amountMinor);
  const life: FindingLife = {
    state: 'new',
    owner: null,
    reason: null,
    acceptedUntil: null,
    openMinor,
    foundMinor: openMinor,
    recoveredMinor: 0,
    preventedMinor: 0,
    correctedMinor: 0,
    issuedMinor: sight.issuedMinor,
    timesFound: 1,
  };
  return { life, events: [{ kind: 'found', openMinor, ...NO_GAIN }] };
}

/** A pass sees it again. */
export function seenAgain(before: FindingLife, sight: Sighting, on: CivilDate): Moved {
  const openMinor = Math.abs(sight.amountMinor);
  if (before.state === 'resolved')
    return {
      life: {
        ...before,
        state: 'recurring',
        openMinor,
        foundMinor: before.foundMinor + openMinor,
        issuedMinor: sight.issuedMinor,
        timesFound: before.timesFound + 1,
      },
      events: [{ kind: 'recurred', openMinor, ...NO_GAIN }],
    };
  const events: LifeEvent[] = [];
  let life: FindingLife = { ...before, issuedMinor: sight.issuedMinor };
  const change = openMinor - before.openMinor;
  if (change > 0) {
    life = { ...life, openMinor, foundMinor: life.foundMinor + change };
    events.push({ kind: 'grew', openMinor, ...NO_GAIN });
  } else if (change < 0) {
    const gain = gainOf(before, 0 - change, sight);
    life = { ...withGain(life, gain), openMinor };
    events.push({ kind: 'shrank', openMinor, ...gain });
  }
  if (before.state === 'accepted' && (change > 0 || isOver(before, on))) {
    life = { ...life, state: openState(life), acceptedUntil: null, reason: null };
    events.push({ kind: 'reopened', openMinor, ...NO_GAIN });
  }
  return { life, events };
}

/**
 * A pass that compared everything about it does not see it any more: it is mended. What the same pass tells of the same
 * subject under another rule (`retoldMinor`) was not prevented: it goes on there.
 */
export function goneNow(before: FindingLife, last: Sighting, retoldMinor = 0): Moved {
  if (before.state === 'resolved') return { life: before, events: [] };
  const made = gainOf(before, before.openMinor, last);
  const movedMinor = Math.min(made.preventedMinor, retoldMinor);
  const gain: Gain = {
    ...made,
    preventedMinor: made.preventedMinor - movedMinor,
    correctedMinor: made.correctedMinor + movedMinor,
  };
  return {
    life: {
      ...withGain(before, gain),
      state: 'resolved',
      openMinor: 0,
      reason: null,
      acceptedUntil: null,
      issuedMinor: last.issuedMinor,
    },
    events: [{ kind: 'closed', openMinor: 0, ...gain }],
  };
}

/** A person takes it on, or gives it to another. Null where it is resolved: nothing is left to look after. */
export function assigned(before: FindingLife, owner: string): Moved | null {
  if (before.state === 'resolved') return null;
  const life: FindingLife = {
    ...before,
    owner,
    state: 'assigned',
    reason: null,
    acceptedUntil: null,
  };
  return { life, events: [{ kind: 'assigned', openMinor: life.openMinor, ...NO_GAIN }] };
}

/** A person lets it be, with a reason, through a day that has not passed. Null where that can not be. */
export function accepted(
  before: FindingLife,
  { reason, until }: { readonly reason: string; readonly until: CivilDate },
  on: CivilDate,
): Moved | null {
  if (before.state === 'resolved' || until < on) return null;
  const life: FindingLife = { ...before, state: 'accepted', reason, acceptedUntil: until };
  return { life, events: [{ kind: 'accepted', openMinor: life.openMinor, ...NO_GAIN }] };
}

function isOver(life: FindingLife, on: CivilDate): boolean {
  return life.acceptedUntil !== null && on > life.acceptedUntil;
}

function openState({ owner, timesFound }: FindingLife): FindingState {
  if (owner !== null) return 'assigned';
  return timesFound > 1 ? 'recurring' : 'new';
}

function withGain(life: FindingLife, gain: Gain): FindingLife {
  return {
    ...life,
    recoveredMinor: life.recoveredMinor + gain.recoveredMinor,
    preventedMinor: life.preventedMinor + gain.preventedMinor,
    correctedMinor: life.correctedMinor + gain.correctedMinor,
  };
}

/**
 * Where documents bill the subject, only what was issued since counts as recovered (missed revenue, by invoices) or prevented
 * (a wrong charge, by credit notes): the rest was never owed. Where none does, the whole of it is a loss that did not come.
 */
function gainOf(before: FindingLife, mendedMinor: number, now: Sighting): Gain {
  if (before.issuedMinor === null || now.issuedMinor === null)
    return { ...NO_GAIN, preventedMinor: mendedMinor };
  const issued = now.issuedMinor - before.issuedMinor;
  const byDocuments = Math.min(Math.abs(issued), mendedMinor);
  return {
    recoveredMinor: issued > 0 ? byDocuments : 0,
    preventedMinor: issued < 0 ? byDocuments : 0,
    correctedMinor: mendedMinor - byDocuments,
  };
}

// ---------------------------------------------------------------- identity

/**
 * What besides account, contract and subcontract says which discrepancy it is: the records that it is about, never what they
 * say (an amount that changes leaves the finding the same).
 */
const RECORDS = [
  'periodStart',
  'component',
  'entry',
  'event',
  'license',
  'order',
  'line',
  'invoice',
  'creditNote',
  'payment',
  'entity',
  'series',
  'number',
  'twin',
  'sku',
  'priceList',
  'end',
  'contact',
  'email',
  'address',
  'customer',
  'document',
  'deal',
  'from',
  'field',
  'record',
  'rule',
] as const;

/** What names the discrepancy for good: `unbilled|A-7|C-1042|S-3|EUR|periodStart=2026-01-01`. */
export function findingKey(finding: Finding): string {
  const { rule, account, contract, subcontract, currency, evidence } = finding;
  // A license that is wrong in the next period too is still one finding; a period is the subject of what bills it.
  const isOfRecord = typeof evidence.license === 'string';
  const records = RECORDS.flatMap((name) => {
    const value = evidence[name];
    if (value === null || value === undefined || (name === 'periodStart' && isOfRecord)) return [];
    return [`${name}=${Array.isArray(value) ? [...value].sort().join(',') : String(value)}`];
  });
  // Money of two currencies never adds: what is found in another currency is another finding.
  const subject = [account, contract, subcontract, currency].map((name) => name ?? '');
  return [rule, ...subject, ...records].join('|');
}

/** Keys of a pass, one a finding: two discrepancies that nothing tells apart are numbered in the order of their amounts. */
export function keyed(findings: readonly Finding[]): Map<string, Finding> {
  const found = new Map<string, Finding>();
  const inOrder = [...findings].sort((a, b) => b.amountMinor - a.amountMinor);
  for (const finding of inOrder) {
    const key = findingKey(finding);
    let name = key;
    for (let ordinal = 2; found.has(name); ordinal += 1) name = `${key}|${ordinal}`;
    found.set(name, finding);
  }
  return found;
}

/** Rules whose money is a document's, by code. */
export const BILLED_RULES: ReadonlySet<string> = new Set([
  'unbilled',
  'underbilled',
  'overbilled',
  'discount-expired',
  'service-unbilled',
  'usage-unbilled',
]);

/** What documents must bill for it: the subject of the sum that `issuedMinor` is. Null where none does. */
export function billedSubject(
  finding: Finding,
): { subcontract: string; from: CivilDate; to: CivilDate } | { entry: string } | null {
  if (!BILLED_RULES.has(finding.rule)) return null;
  const { entry, periodEnd } = finding.evidence;
  if (typeof entry === 'string') return { entry };
  const from = periodOf(finding);
  if (from === null || finding.subcontract === null) return null;
  const to = typeof periodEnd === 'string' ? periodEnd : from;
  return { subcontract: finding.subcontract, from, to };
}

// ---------------------------------------------------------------- a pass over the books

export interface KnownFinding {
  readonly key: string;
  readonly finding: Finding;
  readonly life: FindingLife;
}

export interface Pass {
  readonly asOf: CivilDate;
  /** By key, as {@link keyed} gives them. */
  readonly seen: ReadonlyMap<string, Finding>;
  /** What documents have billed for a finding's subject; null where none does. */
  readonly issuedMinor: (finding: Finding) => number | null;
  /** Whether all that the finding rests on was compared in this pass; what was not can not be gone. */
  readonly wasChecked: (finding: Finding) => boolean;
}

export interface Change extends Moved {
  readonly key: string;
  /** As it was seen now; null where it is gone. */
  readonly finding: Finding | null;
  /** Null where it is new. */
  readonly before: FindingLife | null;
}

const subjectOf = ({ account, contract, subcontract, currency }: Finding): string =>
  [account, contract, subcontract, currency].join('|');

/** What a pass changes, and what it saw again unchanged (without events). What it could not check stays as it is. */
export function changesOf(known: readonly KnownFinding[], pass: Pass): Change[] {
  const changes: Change[] = [];
  const knownKeys = new Set<string>(known.map(({ key }) => key));
  const retold = new Map<string, number>();
  for (const [key, finding] of pass.seen)
    if (!knownKeys.has(key))
      retold.set(
        subjectOf(finding),
        (retold.get(subjectOf(finding)) ?? 0) + Math.abs(finding.amountMinor),
      );
  for (const { key, finding: stored, life: before } of known) {
    const finding = pass.seen.get(key) ?? null;
    if (finding === null) {
      if (before.state === 'resolved' || !pass.wasChecked(stored)) continue;
      const last = { amountMinor: 0, issuedMinor: pass.issuedMinor(stored) };
      const retoldMinor = retold.get(subjectOf(stored)) ?? 0;
      retold.set(subjectOf(stored), Math.max(0, retoldMinor - before.openMinor));
      changes.push({ key, finding, before, ...goneNow(before, last, retoldMinor) });
    } else {
      const sight = { amountMinor: finding.amountMinor, issuedMinor: pass.issuedMinor(finding) };
      changes.push({ key, finding, before, ...seenAgain(before, sight, pass.asOf) });
    }
  }
  for (const [key, finding] of pass.seen) {
    if (knownKeys.has(key)) continue;
    const sight = { amountMinor: finding.amountMinor, issuedMinor: pass.issuedMinor(finding) };
    changes.push({ key, finding, before: null, ...begun(sight) });
  }
  return changes;
}
