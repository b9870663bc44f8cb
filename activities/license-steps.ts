/** Licenses of a contract: which are due, replacing what there is, and when to look again (billing rules §6, §8). */

import { SealedElsewhereError, storedKey } from '../connectors/license/vault.ts';
import {
  addGrace,
  addTimelineEvent,
  audit,
  type Db,
  type GraceGrantRow,
  graceOf,
  type IssuedKey,
  type LicenseKey,
  licensesOf,
  licensesOfSubcontracts,
  replaceStoredKey,
  saveLicenses,
  setLicenseState,
} from '../db/index.ts';
import type { Row } from '../domain/book/tables.ts';
import type { SubcontractHistory } from '../domain/charges/subcontract-history.ts';
import { addDays, type CivilDate } from '../domain/dates/dates.ts';
import { featureNames, type LicenseClaims } from '../domain/licenses/claims.ts';
import {
  DEFAULT_GRACE_DAYS,
  DEFAULT_GRACE_LIMIT_DAYS,
  type DueLicense,
  EXTEND_AHEAD_DAYS,
  graceRefusal,
  type LicensedSubcontract,
  licenseNeeded,
} from '../domain/licenses/coverage.ts';
import type { License, LicenseCause } from '../domain/licenses/lifecycle.ts';
import { type Grant, type LicenseDecision, replacement } from '../domain/licenses/replacement.ts';
import { licensedSubcontract, seatsOn } from '../domain/licenses/standings.ts';
import { wholeNumberPolicy } from '../domain/policies/policies.ts';
import { effectKey, issuedLicenseName, licenseId } from '../workflows/ids.ts';
import type { Actor, RefusalCode } from '../workflows/messages.ts';
import type { ContractSteps, IssuedLicense } from '../workflows/steps.ts';
import { type Agreement, type IssuedLines, readAgreement, readIssuedLines } from './agreements.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, refused, stepFailed } from './failures.ts';

/** What these steps need of all that steps are built from. */
type LicenseDeps = Pick<Deps, 'db' | 'issuer' | 'vault'>;

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
  grace: 'billing-delayed',
  'payment-reversed': 'payment-reversed',
  terminated: 'terminated',
  amended: 'amended',
  granted: 'grace-granted',
};

function asLicense(row: LicenseKey): License {
  const { license, account, subcontract, kind, state, validFrom, validThrough, seats } = row;
  const { edition, features } = row;
  return {
    license,
    account,
    subcontract,
    kind,
    perpetual: false,
    validFrom,
    validThrough,
    seats,
    edition,
    features,
    holder: `${row.contract} ${account}`,
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
  const numbers = agreement.histories.map(({ row }) => row.subcontract);
  const [rows, granted] = await Promise.all([
    licensesOfSubcontracts(db, numbers),
    graceOf(db, contract),
  ]);
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
  const due = licenseNeeded(one.facts, policy, day, coversDay(one.current, day));
  const elsewhere = due?.kind === 'full' && due.validThrough < agreement.terms.billFrom;
  if (one.current === null && elsewhere) return { action: 'keep' };
  if (movedAway(agreement, one.history, addDays(day, AHEAD_DAYS))) return { action: 'keep' };
  return replacement(one.current, due, grantOf(agreement, one.history, day), cause, day);
}

const coversDay = (current: License | null, day: CivilDate) =>
  current !== null &&
  current.state === 'enabled' &&
  current.validFrom <= day &&
  day <= current.validThrough;

/** Another contract covers the subcontract on that day: its license is that one's to keep. */
function movedAway({ contract }: Agreement, { ownerships }: SubcontractHistory, day: CivilDate) {
  return ownerships.some(
    (one) => one.contract !== contract.contract && one.from <= day && day < one.to,
  );
}

const holderOf = ({ contract }: Agreement) => contract.endUser ?? contract.account;

/** Seats by quantity; edition and features by the subcontract's own columns of that name, else the product's. */
function grantOf(
  agreement: Agreement,
  history: SubcontractHistory,
  day: CivilDate,
): Required<Grant> {
  const { contract } = agreement.contract;
  const product: Row<'products'> | undefined = agreement.index.products.get(history.row.sku);
  const own = (name: string) => history.row.custom[name] || product?.custom[name] || null;
  return {
    seats: seatsOn(history, contract, day),
    edition: own('edition') ?? 'standard',
    features: featureNames(own('features')),
    holder: `${contract} ${holderOf(agreement)}`,
  };
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
    const day = days.find((at) => decide(agreement, one, at, 'billing-delayed').action === 'issue');
    if (day !== undefined && (next === null || day < next)) next = day;
  }
  return next;
}

interface IssueOrder {
  readonly today: CivilDate;
  readonly tag: string;
  readonly supersedes: string | null;
  /** Who decided it and why; null where a rule did. */
  readonly decidedBy: { readonly actor: string; readonly reason: string } | null;
  readonly issueNumber: number;
  /** What the customer tries products with. */
  readonly evaluations: readonly LicenseKey[];
}

/** An earlier key of it leaked: every later one says so, and is never equal to the leaked one. */
const issueNumberOf = (rows: readonly LicenseKey[]) =>
  rows.reduce(
    (most, { issueNumber, state }) => Math.max(most, issueNumber + (state === 'revoked' ? 1 : 0)),
    1,
  );

/** Has a license made; it is stored afterwards, with those of the contract's other subcontracts. */
async function issue(
  deps: LicenseDeps,
  agreement: Agreement,
  one: Licensed,
  due: DueLicense,
  at: IssueOrder,
): Promise<IssuedKey> {
  const { issuer, vault } = deps;
  const { subcontract, sku } = one.history.row;
  const { seats, edition, features } = grantOf(agreement, one.history, at.today);
  const { kind, validFrom, validThrough } = due;
  const { issueNumber } = at;
  const account = holderOf(agreement);
  const claims: LicenseClaims = {
    account,
    product: sku,
    edition,
    seats,
    validFrom,
    validThrough,
    kind,
    ...(features.length === 0 ? {} : { features }),
    subcontract,
    ...(issueNumber === 1 ? {} : { issue: issueNumber }),
  };
  const name = issuedLicenseName(subcontract, issueNumber);
  const answer = await issuer.issue({ license: name, claims, format: 'key' });
  if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
  if (answer.result === 'rejected')
    throw stepFailed(`The license of ${subcontract} was refused: ${answer.message}`);
  const alike = one.rows.filter((row) => row.kind === kind && row.validThrough === validThrough);
  const license = licenseId(subcontract, kind, validThrough, alike.length + 1);
  const { contract } = agreement.contract;
  const row = { license, account, contract, subcontract, sku, edition, features: [...features] };
  const rest = { seats, kind, validFrom, validThrough, issueNumber, issuedOn: at.today };
  const stored = storedKey(vault, answer.value.key);
  return {
    license: { ...row, ...rest, ...stored, cause: at.tag },
    supersedes: [
      ...(at.supersedes === null ? [] : [at.supersedes]),
      ...at.evaluations.filter((tried) => tried.sku === sku).map((tried) => tried.license),
    ],
    ...(at.decidedBy === null ? {} : { actor: at.decidedBy.actor, note: at.decidedBy.reason }),
  };
}

/** What the customer tried the product with before: their contract's first license takes its place. */
async function evaluationsOf(db: Db, { contract }: Agreement): Promise<LicenseKey[]> {
  const parties = [...new Set([contract.account, contract.endUser ?? contract.account])];
  const rows = await Promise.all(parties.map((account) => licensesOf(db, { account })));
  return rows.flat().filter(({ kind, state }) => kind === 'evaluation' && state === 'enabled');
}

/** What switches a license off or on at whoever issued it; nothing for one that is not ours. */
async function enforce(
  { issuer }: LicenseDeps,
  action: 'suspend' | 'revoke',
  row: LicenseKey,
): Promise<void> {
  const name = issuedLicenseName(row.subcontract ?? row.license, row.issueNumber);
  const answer = await issuer[action](name);
  if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
  // An issuer that has no such license gives nobody a right by it.
  if (answer.result === 'rejected' && answer.code !== 'not-found')
    throw stepFailed(`License ${row.license} could not be switched off: ${answer.message}`);
}

const WHY: Readonly<Record<string, string>> = {
  paid: 'paid',
  'not-invoiced': 'not invoiced yet',
  'awaiting-payment': 'payment is awaited',
  promised: 'payment is promised',
  granted: 'granted by a person',
  'term-ended': 'the term has ended',
  compromised: 'the key before it leaked',
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

/** The historical record of a key in the CRM: all that it said and what it replaced; never the key itself. */
function recordOf(row: LicenseKey, all: readonly LicenseKey[], why: string): string {
  const { license, account, subcontract, sku, edition, seats, kind } = row;
  const before = all.filter((one) => one.supersededBy === license).map((one) => one.license);
  const replaces = before.length === 0 ? '' : `, replaces ${before.join(', ')}`;
  const features = row.features.length === 0 ? '' : ` with ${row.features.join(', ')}`;
  return (
    `${license} (key …${row.keyEnd}): ${kind}, ${seats} × ${sku} ${edition}${features} for ${account} (${subcontract}), ` +
    `${row.validFrom} to ${row.validThrough}${replaces}. ${why}`
  );
}

/** Why licenses are renewed, in words; a person's grant with the person's reason. */
function whyOf(cause: string, grant: GraceGrantRow | null): string {
  const why = WHY[cause] ?? cause;
  return grant === null ? why : `${why}: ${grant.reason}`;
}

/** Puts every license of a contract right. The tag finds what an attempt that was cut short issued already. */
export async function refreshLicenses(deps: LicenseDeps, args: RefreshArgs): Promise<Told> {
  const { contract, today } = args;
  const [agreement, issued] = await Promise.all([
    readAgreement(deps.db, contract, today),
    readIssuedLines(deps.db, contract, today),
  ]);
  return refreshOn(deps, agreement, issued, args);
}

type RefreshArgs = Parameters<ContractSteps['refreshLicenses']>[0];

/** The same for who has read the agreement already. @param note writes down elsewhere what was issued */
export async function refreshOn(
  deps: LicenseDeps,
  agreement: Agreement,
  lines: IssuedLines,
  { contract, cause, reference, today }: RefreshArgs,
  note: (told: Told) => Promise<void> = async () => {},
): Promise<Told> {
  const { db } = deps;
  const tag = `${cause} ${reference}`;
  const granted = cause === 'granted' ? await graceOf(db, contract) : [];
  const grant = granted.find(({ grace }) => grace === reference) ?? null;
  const decidedBy = grant === null ? null : { actor: grant.grantedBy, reason: grant.reason };
  const [tried, licensed] = await Promise.all([
    evaluationsOf(db, agreement),
    readLicensed(db, agreement, lines, today),
  ]);
  let evaluations = tried;
  const made: IssuedKey[] = [];
  try {
    for (const one of licensed) {
      const decision = decide(agreement, one, today, CAUSES[cause] ?? 'decided');
      if (decision.action === 'end')
        await end(deps, one, decision.license, { cause, reference, today });
      if (decision.action !== 'issue') continue;
      const ours = one.rows.some(({ license }) => license === decision.supersedes);
      const supersedes = ours ? decision.supersedes : null;
      const issueNumber = issueNumberOf(one.rows);
      const order = { today, tag, supersedes, decidedBy, issueNumber, evaluations };
      made.push(await issue(deps, agreement, one, decision.due, order));
      const { sku } = one.history.row;
      evaluations = evaluations.filter((trial) => trial.sku !== sku);
    }
  } finally {
    // What was made before one is refused is kept: the issuer has it.
    await saveLicenses(db, made);
  }
  return told(deps, agreement, { tag, today, why: whyOf(cause, grant), note });
}

/** Nothing is owed any more although the license runs on: it is switched off. */
async function end(
  deps: LicenseDeps,
  { rows }: Licensed,
  license: string,
  { cause, reference, today }: { cause: string; reference: string; today: CivilDate },
): Promise<void> {
  const row = rows.find((one) => one.license === license);
  if (row !== undefined) await enforce(deps, 'suspend', row);
  const why = { cause, on: today, note: reference };
  await setLicenseState(deps.db, license, 'suspended', why);
}

export interface Told {
  readonly issued: readonly IssuedLicense[];
  readonly words: string | null;
  /** One a key, for the account's history in the CRM. */
  readonly records: readonly { readonly license: string; readonly words: string }[];
}

interface Telling {
  readonly tag: string;
  readonly today: CivilDate;
  readonly why: string;
  readonly note?: (told: Told) => Promise<void>;
}

/** Writes what was issued under a tag onto the timeline, and answers what the CRM and the customer are told. */
async function told(
  { db }: LicenseDeps,
  agreement: Agreement,
  { tag, today, why, note }: Telling,
): Promise<Told> {
  const { contract } = agreement.contract;
  const all = await licensesOf(db, { contract });
  const made = all.filter((row) => row.cause === tag);
  if (made.length === 0) return { issued: [], words: null, records: [] };
  const words = `Licenses renewed (${why}): ${wordsOf(made)}`;
  const issued = made.map(({ license, subcontract, kind, validThrough }) => ({
    license,
    subcontract: subcontract ?? '',
    kind,
    validThrough,
  }));
  const records = made.map((row) => ({
    license: row.license,
    words: recordOf(row, all, `Why: ${why}.`),
  }));
  const result = { issued, words, records };
  const event = {
    key: effectKey(`contract:${contract}`, `licenses:${tag}`),
    contract,
    account: agreement.contract.account,
    happenedOn: today,
    kind: 'license',
    words,
    references: { license: made.map(({ license }) => license).join(' ') },
  };
  await Promise.all([addTimelineEvent(db, event), note?.(result)]);
  return result;
}

/**
 * A customer's key was lost or leaked. Lost: the same key is sent again. Leaked: a new one takes its place, different from
 * it though it says the same, and the old one is revoked for good.
 * @throws a refusal `license-not-current` where the license is not the one in force
 */
export async function reissueLicense(
  deps: LicenseDeps,
  args: Parameters<ContractSteps['reissueLicense']>[0],
): Promise<{ license: string } & Told> {
  const { db } = deps;
  const { contract, license, leaked, reason, actor, today, key } = args;
  const agreement = await readAgreement(db, contract, today);
  const lines = await readIssuedLines(db, contract, today);
  const tag = `compromised ${key}`;
  const all = await readLicensed(db, agreement, lines, today);
  const one = all.find(({ rows }) => rows.some((row) => row.license === license));
  const row = one?.rows.find((own) => own.license === license);
  const before = one?.rows.find((own) => own.cause === tag);
  if (one === undefined || row === undefined)
    throw refused('license-not-current', `Contract ${contract} has no license ${license}.`);
  if (before === undefined && row.state !== 'enabled' && row.state !== 'suspended')
    throw refused('license-not-current', `${license} is ${row.state}: act on what replaced it.`);
  if (!leaked) {
    await ensureReadable(deps, row);
    await noteReissue(deps, agreement, {
      ...args,
      words: `Key …${row.keyEnd} of ${license} is sent again: ${reason}`,
    });
    return { license, issued: [], words: null, records: [] };
  }
  // A suspended one is not owed: it is revoked, and the key that a payment brings will be another.
  const made =
    before?.license ??
    (row.state === 'suspended'
      ? null
      : await issueAnew(deps, agreement, one, row, { ...args, tag }));
  await enforce(deps, 'revoke', row);
  const why = { cause: 'compromised', actor: actor.user, on: today, note: reason };
  await setLicenseState(db, license, 'revoked', {
    ...why,
    ...(made === null ? {} : { replacedBy: made }),
  });
  const then = made === null ? 'it was suspended' : `${made} takes its place`;
  const words = `${license} leaked and is revoked, ${then}: ${reason}`;
  await noteReissue(deps, agreement, { ...args, words });
  const telling = await told(deps, agreement, { tag, today, why: `${WHY.compromised}: ${reason}` });
  return { license: made ?? license, ...telling };
}

/** A key that was sealed under a secret that is gone is signed again: it says the same. */
async function ensureReadable({ db, issuer, vault }: LicenseDeps, row: LicenseKey): Promise<void> {
  try {
    vault.open(row.key);
    return;
  } catch (error) {
    if (!(error instanceof SealedElsewhereError)) throw error;
  }
  const { account, sku, edition, seats, validFrom, validThrough, kind } = row;
  const { features, subcontract, issueNumber } = row;
  const claims: LicenseClaims = {
    ...{ account, product: sku, edition, seats, validFrom, validThrough, kind },
    ...(features.length === 0 ? {} : { features }),
    ...(subcontract === null ? {} : { subcontract }),
    ...(issueNumber === 1 ? {} : { issue: issueNumber }),
  };
  const name = issuedLicenseName(subcontract ?? row.license, issueNumber);
  const answer = await issuer.issue({ license: name, claims, format: 'key' });
  if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
  if (answer.result === 'rejected')
    throw stepFailed(`The license of ${subcontract} was refused: ${answer.message}`);
  await replaceStoredKey(db, row.license, storedKey(vault, answer.value.key));
}

/** The same dates and rights under the next issue number. */
async function issueAnew(
  deps: LicenseDeps,
  agreement: Agreement,
  one: Licensed,
  { kind, validFrom, validThrough }: LicenseKey,
  { today, tag, actor, reason }: { today: CivilDate; tag: string; actor: Actor; reason: string },
): Promise<string> {
  if (kind === 'evaluation')
    throw refused('license-not-current', 'An evaluation is issued anew instead of reissued.');
  const due: DueLicense = { kind, validFrom, validThrough, cause: 'paid' };
  const issueNumber = issueNumberOf(one.rows) + 1;
  const decidedBy = { actor: actor.user, reason };
  const made = await issue(deps, agreement, one, due, {
    today,
    tag,
    supersedes: null,
    decidedBy,
    issueNumber,
    evaluations: await evaluationsOf(deps.db, agreement),
  });
  await saveLicenses(deps.db, [made]);
  return made.license.license;
}

async function noteReissue(
  { db }: LicenseDeps,
  { contract }: Agreement,
  what: {
    words: string;
    key: string;
    today: CivilDate;
    license: string;
    reason: string;
    actor: Actor;
  },
): Promise<void> {
  const { words, key, today, license, reason, actor } = what;
  await db.transaction(async (tx) => {
    const { isNew } = await addTimelineEvent(tx, {
      key: effectKey(`contract:${contract.contract}`, `reissue:${key}`),
      contract: contract.contract,
      account: contract.account,
      happenedOn: today,
      kind: 'license',
      words,
      references: { license },
    });
    if (isNew) await audit(tx, { actor, action: 'license.reissue', subject: license, reason });
  });
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
  deps: LicenseDeps,
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
  const hit = rows.flatMap((row) => {
    const { subcontract, state } = row;
    const unpaid = subcontract !== null && subcontracts.includes(subcontract);
    return unpaid && state === 'enabled' && !granted(subcontract) ? [{ row, subcontract }] : [];
  });
  for (const { row } of hit) {
    await enforce(deps, 'suspend', row);
    const why = { cause: 'unpaid', on: today, note: invoice };
    await setLicenseState(deps.db, row.license, 'suspended', why);
  }
  return hit.map(({ subcontract }) => subcontract);
}
