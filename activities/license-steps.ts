/** Licenses of a contract: which are due, replacing what there is, and when to look again (billing rules §6, §8). */
import {
  addGrace,
  addTimelineEvent,
  type Db,
  type GraceGrantRow,
  graceOf,
  type LicenseKey,
  licensesOf,
  saveLicense,
  setLicenseState,
} from '../db/index.ts';
import type { SubcontractHistory } from '../domain/charges/subcontract-history.ts';
import { addDays, type CivilDate } from '../domain/dates/dates.ts';
import {
  DEFAULT_GRACE_DAYS,
  DEFAULT_GRACE_LIMIT_DAYS,
  type DueLicense,
  EXTEND_AHEAD_DAYS,
  graceRefusal,
  type LicensedSubcontract,
  licenseDue,
} from '../domain/licenses/coverage.ts';
import type { License, LicenseCause } from '../domain/licenses/lifecycle.ts';
import { type LicenseDecision, replacement } from '../domain/licenses/replacement.ts';
import { licensedSubcontract, seatsOn } from '../domain/licenses/standings.ts';
import { wholeNumberPolicy } from '../domain/policies/policies.ts';
import { effectKey, licenseId } from '../workflows/ids.ts';
import type { RefusalCode } from '../workflows/messages.ts';
import type { ContractSteps, IssuedLicense } from '../workflows/steps.ts';
import { type Agreement, type IssuedLines, readAgreement, readIssuedLines } from './agreements.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, refused, stepFailed } from './failures.ts';

/** Licenses are made the day before they are needed: a new day must not begin without one. */
const AHEAD_DAYS = 1;

interface Licensed {
  readonly history: SubcontractHistory;
  readonly facts: LicensedSubcontract;
  readonly current: License | null;
  readonly rows: readonly LicenseKey[];
}

const CAUSES: Readonly<Record<string, LicenseCause>> = {
  paid: 'paid',
  grace: 'decided',
  'payment-reversed': 'payment-reversed',
  terminated: 'terminated',
  amended: 'amended',
  granted: 'grace-granted',
};

function asLicense(row: LicenseKey): License {
  const { license, account, subcontract, kind, state, validFrom, validThrough, seats } = row;
  return {
    license,
    account,
    subcontract,
    kind,
    perpetual: false,
    validFrom,
    validThrough,
    seats,
    state,
    history: [],
  };
}

/** Every recurring subcontract with its license, if any; those from elsewhere (imported rows) count as current too. */
async function readLicensed(
  db: Db,
  agreement: Agreement,
  issued: IssuedLines,
  today: CivilDate,
): Promise<Licensed[]> {
  const { contract } = agreement.contract;
  const rows = await licensesOf(db, { contract });
  const granted = await graceOf(db, contract);
  return agreement.histories.map((history) => {
    const { subcontract } = history.row;
    const own = rows.filter((row) => row.subcontract === subcontract);
    const grants = granted.filter(
      (one) => one.subcontract === null || one.subcontract === subcontract,
    );
    const facts = licensedSubcontract(agreement.terms, history, issued.lines, today, grants);
    const latest = own.find(({ state }) => state === 'enabled' || state === 'suspended');
    const current = latest === undefined ? importedLicense(agreement, history) : asLicense(latest);
    return { history, facts, current, rows: own };
  });
}

function importedLicense(
  { index, account }: Agreement,
  history: SubcontractHistory,
): License | null {
  const { subcontract, quantity } = history.row;
  const row = index.book.licenses.find(
    (one) => one.subcontract === subcontract && one.state === 'enabled' && one.validThrough,
  );
  if (row === undefined || row.validThrough === null) return null;
  return {
    license: row.license,
    account: row.account ?? account.account,
    subcontract,
    kind: row.kind ?? 'full',
    perpetual: false,
    validFrom: row.validFrom ?? '0001-01-01',
    validThrough: row.validThrough,
    seats: Math.round(Number(row.seats ?? quantity)),
    state: 'enabled',
    history: [],
  };
}

function graceDaysOf({ index, terms }: Agreement, today: CivilDate): number {
  return wholeNumberPolicy(index, terms.scope, 'grace_days', today) ?? DEFAULT_GRACE_DAYS;
}

/**
 * What to do about one subcontract's license on a day. A period that was billed elsewhere brings no key of ours: the
 * customer has one from there, and taking over a company must not mail keys to everyone.
 */
function decide(
  agreement: Agreement,
  one: Licensed,
  day: CivilDate,
  cause: LicenseCause,
): LicenseDecision {
  const policy = { graceDays: graceDaysOf(agreement, day) };
  const due = licenseDue(one.facts, policy, addDays(day, AHEAD_DAYS));
  const elsewhere = due?.kind === 'full' && due.validThrough < agreement.terms.billFrom;
  if (one.current === null && elsewhere) return { action: 'keep' };
  const seats = seatsOn(one.history, agreement.contract.contract, day);
  return replacement(one.current, due, seats, cause, day);
}

/** The days on which the answer may change by time alone; the first on which it does is when to look again. */
export async function nextLicenseDay(
  db: Db,
  agreement: Agreement,
  issued: IssuedLines,
  today: CivilDate,
): Promise<CivilDate | null> {
  let next: CivilDate | null = null;
  for (const one of await readLicensed(db, agreement, issued, today)) {
    const ends = one.current?.validThrough;
    const begins = one.facts.periods.map(({ start }) => addDays(start, -AHEAD_DAYS));
    const turns = ends === undefined ? [] : [addDays(ends, -EXTEND_AHEAD_DAYS), ends];
    const days = [today, ...begins, ...turns].filter((day) => day >= today).sort();
    const day = days.find((at) => decide(agreement, one, at, 'decided').action === 'issue');
    if (day !== undefined && (next === null || day < next)) next = day;
  }
  return next;
}

async function issue(
  deps: Deps,
  agreement: Agreement,
  one: Licensed,
  due: DueLicense,
  at: {
    readonly today: CivilDate;
    readonly tag: string;
    readonly supersedes: string | null;
    readonly grant: GraceGrantRow | null;
  },
): Promise<void> {
  const { db, issuer } = deps;
  const { subcontract, sku } = one.history.row;
  const seats = seatsOn(one.history, agreement.contract.contract, at.today);
  const { kind, validFrom, validThrough } = due;
  const account = agreement.contract.endUser ?? agreement.contract.account;
  const claims = {
    account,
    product: sku,
    edition: 'standard',
    seats,
    validFrom,
    validThrough,
    kind,
  };
  const order = { license: `license:${subcontract}`, claims, format: 'key' } as const;
  const answer = await issuer.issue(order);
  if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
  if (answer.result === 'rejected')
    throw stepFailed(`The license of ${subcontract} was refused: ${answer.message}`);
  const alike = one.rows.filter((row) => row.kind === kind && row.validThrough === validThrough);
  const license = licenseId(subcontract, kind, validThrough, alike.length + 1);
  const { contract } = agreement.contract;
  const row = { license, account, contract, subcontract, sku, edition: 'standard', seats, kind };
  const dates = { validFrom, validThrough, issuedOn: at.today };
  await saveLicense(
    db,
    { ...row, ...dates, key: answer.value.key, cause: at.tag },
    {
      supersedes: at.supersedes === null ? [] : [at.supersedes],
      ...(at.grant === null ? {} : { actor: at.grant.grantedBy, note: at.grant.reason }),
    },
  );
}

const WHY: Readonly<Record<string, string>> = {
  paid: 'paid',
  'not-invoiced': 'not invoiced yet',
  'awaiting-payment': 'payment is awaited',
  promised: 'payment is promised',
  granted: 'granted by a person',
  'term-ended': 'the term has ended',
  grace: 'billing is delayed',
  'payment-reversed': 'a payment was taken back',
  amended: 'the agreement was changed',
  terminated: 'the contract was terminated',
};

function wordsOf(licenses: readonly LicenseKey[]): string {
  return licenses
    .map(({ subcontract, kind, validThrough }) => {
      const what = kind === 'full' ? 'license' : 'temporary license';
      return `${subcontract}: ${what} through ${validThrough}`;
    })
    .join('; ');
}

/** The historical record in the CRM: one line a key, with all that it said; never the key itself. */
function recordOf(made: readonly LicenseKey[], all: readonly LicenseKey[], why: string): string {
  const lines = made.map((row) => {
    const { license, account, subcontract, sku, seats, kind, validFrom, validThrough } = row;
    const before = all.filter(({ supersededBy }) => supersededBy === license);
    const replaces = before.length === 0 ? '' : `, replaces ${before.map((one) => one.license)}`;
    return (
      `${license}: ${kind}, ${seats} × ${sku} for ${account} (${subcontract}), ` +
      `${validFrom} to ${validThrough}${replaces}`
    );
  });
  return [`Licenses renewed (${why})`, ...lines].join('\n');
}

/** Why licenses are renewed, in words; a person's grant with the person's reason. */
function whyOf(cause: string, grant: GraceGrantRow | null): string {
  const why = WHY[cause] ?? cause;
  return grant === null ? why : `${why}: ${grant.reason}`;
}

/** Puts every license of a contract right. The tag finds what an attempt that was cut short issued already. */
export async function refreshLicenses(
  deps: Deps,
  args: Parameters<ContractSteps['refreshLicenses']>[0],
): Promise<{ issued: readonly IssuedLicense[]; words: string | null }> {
  const { db } = deps;
  const { contract, cause, reference, today } = args;
  const agreement = await readAgreement(db, contract, today);
  const lines = await readIssuedLines(db, contract, today);
  const tag = `${cause} ${reference}`;
  const granted = cause === 'granted' ? await graceOf(db, contract) : [];
  const grant = granted.find(({ grace }) => grace === reference) ?? null;
  for (const one of await readLicensed(db, agreement, lines, today)) {
    const decision = decide(agreement, one, today, CAUSES[cause] ?? 'decided');
    if (decision.action === 'end')
      await setLicenseState(db, decision.license, 'suspended', {
        cause,
        on: today,
        note: reference,
      });
    if (decision.action !== 'issue') continue;
    const ours = one.rows.some(({ license }) => license === decision.supersedes);
    const supersedes = ours ? decision.supersedes : null;
    await issue(deps, agreement, one, decision.due, { today, tag, supersedes, grant });
  }
  const all = await licensesOf(db, { contract });
  const made = all.filter((row) => row.cause === tag);
  if (made.length === 0) return { issued: [], words: null };
  const why = whyOf(cause, grant);
  await addTimelineEvent(db, {
    key: effectKey(`contract:${contract}`, `licenses:${tag}`),
    contract,
    account: agreement.contract.account,
    happenedOn: today,
    kind: 'license',
    words: `Licenses renewed (${why}): ${wordsOf(made)}`,
    references: { license: made.map(({ license }) => license).join(' ') },
  });
  const issued = made.map(({ license, subcontract, kind, validThrough }) => ({
    license,
    subcontract,
    kind,
    validThrough,
  }));
  return { issued, words: recordOf(made, all, why) };
}

/**
 * Writes a person's grant, if the rules let them: for one subcontract, or for every one of the contract that is unpaid.
 * @throws a refusal `grace-not-needed`, `grace-limit`, `contract-ended` or `invalid-input`
 */
export async function writeGrace(
  db: Db,
  args: Parameters<ContractSteps['grantGrace']>[0],
): Promise<void> {
  const { contract, subcontract, through, reason, actor, today, key } = args;
  const agreement = await readAgreement(db, contract, today);
  const lines = await readIssuedLines(db, contract, today);
  const all = await readLicensed(db, agreement, lines, today);
  const asked = all.filter(
    ({ facts }) => subcontract === null || facts.subcontract === subcontract,
  );
  if (asked.length === 0)
    throw refused('invalid-input', `${contract} has no licensed subcontract ${subcontract ?? ''}.`);
  const policy = { graceDays: graceDaysOf(agreement, today) };
  const limitDays =
    wholeNumberPolicy(agreement.index, agreement.terms.scope, 'grace_limit_days', today) ??
    DEFAULT_GRACE_LIMIT_DAYS;
  const refusals = asked.map(({ facts }) =>
    graceRefusal(facts, policy, limitDays, { through, asOf: today }),
  );
  // For a whole contract, what is paid needs none; but nothing may go past the limit.
  const fatal =
    refusals.find((one) => one !== null && one.code !== 'grace-not-needed') ??
    (refusals.includes(null) ? null : refusals[0]);
  if (fatal) throw refused(fatal.code satisfies RefusalCode, fatal.message);
  await addGrace(db, {
    grace: key,
    account: agreement.contract.account,
    contract,
    subcontract,
    through,
    reason,
    grantedBy: actor.user,
    grantedOn: today,
  });
}

/**
 * The last step of the reminder ladder: licenses of subcontracts that an invoice left unpaid are switched off; not where a
 * person granted grace that still runs.
 */
export async function suspendUnpaid(
  deps: Deps,
  args: {
    readonly contract: string;
    readonly subcontracts: readonly string[];
    readonly invoice: string;
    readonly today: CivilDate;
  },
): Promise<string[]> {
  const { contract, subcontracts, invoice, today } = args;
  const rows = await licensesOf(deps.db, { contract });
  const running = (await graceOf(deps.db, contract)).filter(({ through }) => through >= today);
  const granted = (subcontract: string) =>
    running.some((one) => one.subcontract === null || one.subcontract === subcontract);
  const hit = rows.filter(
    ({ subcontract, state }) =>
      state === 'enabled' && subcontracts.includes(subcontract) && !granted(subcontract),
  );
  for (const { license } of hit) {
    const answer = await deps.issuer.suspend(license);
    if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
    if (answer.result === 'rejected')
      throw stepFailed(`License ${license} could not be suspended: ${answer.message}`);
    await setLicenseState(deps.db, license, 'suspended', {
      cause: 'unpaid',
      on: today,
      note: invoice,
    });
  }
  return hit.map(({ subcontract }) => subcontract);
}
