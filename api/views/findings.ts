/** Findings as pages show them: in words, with both sides, what can be done, and what was made of them. */
import {
  type Db,
  type FindingEvent,
  type FoundMoney,
  findingEventsOf,
  findingName,
  findingQuestionsOf,
  findingSources,
  foundBetween,
  lastFindingPass,
  listFindingChecks,
  loadBook,
  openFindings,
  type StoredFinding,
  type User,
  yearsOfFindings,
} from '../../db/index.ts';
import { daysBetween } from '../../domain/dates/dates.ts';
import { ruleText } from '../../domain/findings/catalogue.ts';
import { findingsOf } from '../../domain/findings/find.ts';
import { atStake, type EvidenceRecord, type Finding } from '../../domain/findings/finding.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { actionViews } from '../findings/actions.ts';
import { may } from '../permissions.ts';
import type {
  EvidenceView,
  FindingDetail,
  FindingEventView,
  FindingSummary,
  FindingsOverview,
  FindingsReport,
  FoundTotals,
  FoundYear,
  Money,
  NotChecked,
  UserRef,
} from '../types.ts';
import { inWords, money } from './money.ts';
import { outsideSystems } from './outside-systems.ts';
import { accountNames, todayOf } from './parties.ts';
import { namesOf } from './people.ts';

type Reading = Pick<ApiDependencies, 'db' | 'now'>;
export type FindingRow = Omit<StoredFinding, 'told'> & { readonly told: Finding };

export const titleOf = (rule: string): string => ruleText(rule)?.title ?? rule;
const moneyOf = (minor: number, currency: string | null): Money | null =>
  currency === null ? null : money(minor, currency);

// ---------------------------------------------------------------- live from the books

/** What the rules say of the books as of a day, kept by nobody. */
export async function findingsReport(
  { db, now }: Reading,
  wanted: { asOf?: string | undefined; rule?: string | undefined; account?: string | undefined },
): Promise<FindingsReport> {
  const asOf = wanted.asOf ?? (await todayOf(db, now()));
  const found = findingsOf(await loadBook(db), asOf, await findingSources(db, asOf));
  const mine = found.findings.filter(
    ({ rule, account }) =>
      (wanted.rule === undefined || rule === wanted.rule) &&
      (wanted.account === undefined || account === wanted.account),
  );
  const nameOf = await accountNames(
    db,
    mine.map(({ account }) => account),
  );
  const weight = ({ amountMinor }: Finding) => Math.abs(amountMinor);
  return {
    asOf,
    atStake: moneys(found.atStake),
    findings: [...mine]
      .sort((a, b) => weight(b) - weight(a))
      .map((finding) => ({
        rule: finding.rule,
        title: titleOf(finding.rule),
        severity: finding.severity,
        account: finding.account === null ? null : nameOf(finding.account),
        contract: finding.contract,
        subcontract: finding.subcontract,
        money: moneyOf(finding.amountMinor, finding.currency),
        evidence: evidenceOf(finding)
          .map(({ name, value }) => `${name} ${value}`)
          .join('; '),
        suggestion: finding.suggestion,
      })),
    notChecked: found.checks.flatMap(({ rule, state, source, checkedOn, cause }) =>
      state === 'checked'
        ? []
        : [{ rule, title: titleOf(rule), source, since: checkedOn, cause: cause ?? '' }],
    ),
  };
}

const moneys = (sums: Readonly<Record<string, number>>): Money[] =>
  Object.entries(sums).map(([currency, minor]) => money(minor, currency));

/** `licenseSeats` reads "license seats"; amounts in minor units are written as amounts. */
const spaced = (name: string): string => name.replace(/([A-Z])/g, ' $1').toLowerCase();

function evidenceOf(finding: Finding): { name: string; value: string }[] {
  return inOrder(finding.evidence).flatMap(([name, value]) =>
    value === null || value === '' || (Array.isArray(value) && value.length === 0)
      ? []
      : [fieldOf(name, Array.isArray(value) ? value.join(', ') : value, finding.currency)],
  );
}

/** Who and what, then how much, when, and where it stands; the record keeps no order of names. */
const ORDER = [
  ...['account', 'customer', 'name', 'contract', 'subcontract', 'license', 'licenses', 'order'],
  ...['invoice', 'payment', 'entry', 'sku', 'serial', 'twin', 'opportunity', 'priceList'],
  ...['quantity', 'seats', 'hours', 'unitPrice', 'rate', 'discountPercent', 'priceBefore'],
  ...['priceRaised', 'priceAgreed', 'expectedMinor', 'billedMinor', 'amountMinor', 'amount'],
  ...['netMinor', 'taxMinor', 'totalMinor', 'creditedMinor', 'allocatedMinor', 'balanceMinor'],
  ...['currency', 'periodStart', 'periodEnd', 'start', 'end', 'from', 'until', 'validFrom'],
  ...['validThrough', 'paidThrough', 'date', 'approvedOn', 'kind', 'status', 'state'],
];
const placeOf = (name: string): number => {
  const at = ORDER.indexOf(name);
  return at < 0 ? ORDER.length : at;
};

function inOrder<T>(fields: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(fields).sort(
    ([a], [b]) => placeOf(a) - placeOf(b) || (a < b ? -1 : a > b ? 1 : 0),
  );
}

function fieldOf(
  name: string,
  value: unknown,
  currency: string | null,
): { name: string; value: string } {
  if (name.endsWith('Minor') && typeof value === 'number' && currency !== null)
    return {
      name: spaced(name.slice(0, -'Minor'.length)),
      value: inWords([money(value, currency)]),
    };
  return { name: spaced(name), value: String(value) };
}

// ---------------------------------------------------------------- kept findings

export async function findingSummaries(
  { db, now }: Reading,
  rows: readonly FindingRow[],
): Promise<FindingSummary[]> {
  const nameOf = await accountNames(
    db,
    rows.map(({ account }) => account),
  );
  const personOf = await namesOf(db);
  const today = await todayOf(db, now());
  return rows.map((row) => ({
    finding: findingName(row.number),
    rule: row.rule,
    title: titleOf(row.rule),
    severity: row.severity,
    state: row.state,
    account: row.account === null ? null : nameOf(row.account),
    contract: row.contract,
    subcontract: row.subcontract,
    currency: row.currency,
    money: moneyOf(row.amountMinor, row.currency),
    owner: row.owner === null ? null : personOf(row.owner),
    acceptedUntil: row.acceptedUntil,
    reason: row.reason,
    firstFoundOn: row.firstFoundOn,
    lastSeenOn: row.lastSeenOn,
    resolvedOn: row.resolvedOn,
    ageDays: Math.max(0, daysBetween(row.firstFoundOn, row.resolvedOn ?? today)),
    timesFound: row.timesFound,
    suggestion: row.told.suggestion,
  }));
}

/** Pages of the dashboard for what a record is. */
const LINKS: Readonly<Record<string, (id: string) => string>> = {
  contracts: (id) => `/contracts/${encodeURIComponent(id)}`,
  accounts: (id) => `/accounts/${encodeURIComponent(id)}`,
  invoices: (id) => `/invoices/${encodeURIComponent(id)}`,
  payments: (id) => `/cash/${encodeURIComponent(id)}`,
};

function evidenceView(
  record: EvidenceRecord,
  { contract, currency: usual }: FindingRow,
): EvidenceView {
  const { system, table, id, fields, url } = record;
  const currency = typeof fields.currency === 'string' ? fields.currency : usual;
  const own = LINKS[table]?.(id) ?? null;
  // A subcontract and its licenses are seen on their contract's page.
  const onContract = ['subcontracts', 'licenses', 'billing'].includes(table) && contract !== null;
  return {
    system,
    table,
    id,
    fields: inOrder(fields).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [fieldOf(name, value, currency)],
    ),
    url,
    link:
      system === 'accounting' || system === 'crm'
        ? null
        : (own ?? (onContract ? (LINKS.contracts?.(contract) ?? null) : null)),
  };
}

const EVENTS: Readonly<Record<string, string>> = {
  found: 'Found',
  recurred: 'Came back',
  reopened: 'Open again',
  grew: 'More is at stake',
  shrank: 'Less is at stake',
  closed: 'Mended',
  assigned: 'Taken on',
  accepted: 'Accepted',
  asked: 'The account’s owner was asked',
  answered: 'Answered',
  'fix-failed': 'Could not be done',
  'billing-asked': 'Waits for a second person',
  'included-in-run': 'Included in a bill run',
  amended: 'Amended',
  'merge-asked': 'Merge of the two customers asked for',
  'record-corrected': 'Record corrected',
  'price-added': 'Price added',
  'contract-drawn-up': 'Contract drawn up',
  'license-switched': 'License switched',
  'license-replaced': 'License replaced',
  'written-to-crm': 'Written to the CRM',
  'posted-in-accounting': 'Posted in accounting',
  'corrected-outside': 'Corrected in the other system',
};

function eventView(
  event: FindingEvent,
  currency: string | null,
  personOf: (id: string) => UserRef,
): FindingEventView {
  const { kind, details } = event;
  const amount = (minor: number) => inWords([money(minor, currency ?? '')]);
  const made = [
    [event.recoveredMinor, 'recovered'],
    [event.preventedMinor, 'prevented'],
    [event.correctedMinor, 'put right in the records'],
  ] as const;
  const gains = made.flatMap(([minor, word]) => (minor === 0 ? [] : [`${amount(minor)} ${word}`]));
  const at = ['found', 'recurred', 'grew', 'shrank'].includes(kind) && event.openMinor > 0;
  const who = typeof details.owner === 'string' ? ` by ${personOf(details.owner).name}` : '';
  const until = typeof details.until === 'string' ? ` until ${details.until}` : '';
  const said = typeof details.words === 'string' ? `: ${details.words}` : '';
  const stake = at && currency !== null ? `: ${amount(event.openMinor)}` : '';
  return {
    at: event.at.toISOString(),
    on: event.happenedOn,
    kind,
    words:
      `${EVENTS[kind] ?? kind}${who}${until}${said}${stake}` +
      (gains.length === 0 ? '' : `; ${gains.join(', ')}`),
    actor: personOf(event.actor),
    reason: event.reason,
    link: typeof details.link === 'string' ? details.link : null,
  };
}

export async function findingDetail(
  context: Reading,
  row: FindingRow,
  person: User,
): Promise<FindingDetail> {
  const { db } = context;
  const [summary] = await findingSummaries(context, [row]);
  if (summary === undefined) throw new Error('a finding has a summary');
  const personOf = await namesOf(db);
  const text = ruleText(row.rule);
  const { told, currency } = row;
  const unmade = (await notChecked(db)).find(({ rule }) => rule === row.rule);
  return {
    ...summary,
    compares: text?.compares ?? '',
    matters: text?.matters ?? '',
    todo: text?.todo ?? told.suggestion,
    evidence: evidenceOf(told),
    agreed: told.sides.agreed.map((record) => evidenceView(record, row)),
    found: told.sides.found.map((record) => evidenceView(record, row)),
    foundMoney: moneyOf(row.foundMinor, currency),
    recovered: moneyOf(row.recoveredMinor, currency),
    prevented: moneyOf(row.preventedMinor, currency),
    corrected: moneyOf(row.correctedMinor, currency),
    notChecked: unmade?.cause ?? null,
    actions: row.state === 'resolved' ? [] : await actionViews(context, row),
    events: (await findingEventsOf(db, row.number)).map((event) =>
      eventView(event, currency, personOf),
    ),
    questions: (await findingQuestionsOf(db, row.number)).map((question) => ({
      question: question.question,
      recipient: question.recipient,
      words: question.words,
      askedOn: question.askedOn,
      answer: question.answer,
      answeredAt: question.answeredAt?.toISOString() ?? null,
    })),
    may: {
      assign: row.state !== 'resolved' && may(person.role, 'finding:assign'),
      accept: row.state !== 'resolved' && may(person.role, 'finding:accept'),
      act: row.state !== 'resolved' && may(person.role, 'finding:act'),
    },
  };
}

async function notChecked(db: Db): Promise<NotChecked[]> {
  return (await listFindingChecks(db)).flatMap(({ comparison, cause, checkedOn }) =>
    cause === null
      ? []
      : [
          {
            rule: comparison,
            title: titleOf(comparison),
            source: ruleText(comparison)?.needs ?? null,
            since: checkedOn,
            cause,
          },
        ],
  );
}

/** A night and a day: after that somebody has to look why nothing looked. */
const STALE_MS = 36 * 3_600_000;

export async function findingsOverview({ db, now }: Reading): Promise<FindingsOverview> {
  const last = await lastFindingPass(db);
  const rows = await openFindings(db);
  const open = rows.filter(({ state }) => state !== 'accepted');
  const personOf = await namesOf(db);
  const stateCounts: Record<string, number> = {};
  for (const { state } of rows) stateCounts[state] = (stateCounts[state] ?? 0) + 1;
  const owners = [...new Set(rows.flatMap(({ owner }) => owner ?? []))];
  const today = await todayOf(db, now());
  return {
    today,
    lastLook:
      last === null
        ? null
        : {
            look: last.id,
            at: last.at.toISOString(),
            asOf: last.asOf,
            cause: last.cause,
            found: last.newCount,
            closed: last.closedCount,
          },
    isStale: last === null || now().getTime() - last.at.getTime() > STALE_MS,
    atStake: moneys(atStake(open.map(({ told }) => told))),
    openCount: open.length,
    stateCounts,
    systems: await outsideSystems(db, today),
    rules: byRule(open),
    owners: owners.map(personOf),
    notChecked: await notChecked(db),
  };
}

function byRule(rows: readonly StoredFinding[]): FindingsOverview['rules'] {
  const groups = new Map<string, StoredFinding[]>();
  for (const row of rows) groups.set(row.rule, [...(groups.get(row.rule) ?? []), row]);
  return [...groups]
    .map(([rule, found]) => ({
      rule,
      title: titleOf(rule),
      count: found.length,
      money: moneys(atStake(found.map(({ told }) => told))),
    }))
    .sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1));
}

// ---------------------------------------------------------------- found this year

function totalsOf(rows: readonly FoundMoney[]): FoundTotals[] {
  const currencies = [...new Set(rows.map(({ currency }) => currency))].filter((c) => c !== '');
  return currencies.map((currency) => {
    const mine = rows.filter((row) => row.currency === currency);
    const sum = (of: (row: FoundMoney) => number) =>
      money(
        mine.reduce((total, row) => total + of(row), 0),
        currency,
      );
    return {
      currency,
      found: sum(({ foundMinor }) => foundMinor),
      recovered: sum(({ recoveredMinor }) => recoveredMinor),
      prevented: sum(({ preventedMinor }) => preventedMinor),
      corrected: sum(({ correctedMinor }) => correctedMinor),
    };
  });
}

/** What was found in a year and what was made of it, by month and by rule; the parts add up to the whole. */
export async function foundYear({ db, now }: Reading, asked?: string): Promise<FoundYear> {
  const years = await yearsOfFindings(db);
  const year = asked ?? (await todayOf(db, now())).slice(0, 4);
  const rows = await foundBetween(db, { from: `${year}-01-01`, to: `${year}-12-31` });
  const group = (of: (row: FoundMoney) => string) =>
    [...new Set(rows.map(of))].map(
      (name) => [name, rows.filter((row) => of(row) === name)] as const,
    );
  const count = (of: readonly FoundMoney[], column: 'findings' | 'closed') =>
    of.reduce((sum, row) => sum + row[column], 0);
  return {
    year,
    years: [...new Set([year, ...years])].sort().reverse(),
    totals: totalsOf(rows),
    months: group(({ month }) => month).flatMap(([month, found]) =>
      totalsOf(found).map((totals) => ({ month, ...totals })),
    ),
    rules: group(({ rule, currency }) => `${rule} ${currency}`)
      .map(([, mine]) => ({
        rule: mine[0]?.rule ?? '',
        title: titleOf(mine[0]?.rule ?? ''),
        findings: count(mine, 'findings'),
        closed: count(mine, 'closed'),
        ...(totalsOf(mine)[0] ?? none(mine[0]?.currency ?? '')),
      }))
      .sort((a, b) => b.found.amount - a.found.amount || b.findings - a.findings),
  };
}

/** Findings that money is no part of. */
function none(currency: string): FoundTotals {
  const zero = money(0, currency);
  return { currency, found: zero, recovered: zero, prevented: zero, corrected: zero };
}
