/** The steps of a contract's life: where it stands, and the facts that a person's command changes. */

import { tellContract } from '../connectors/temporal/lifecycles.ts';
import {
  addAmendment,
  addTimelineEvent,
  audit,
  changeContract,
  contractFacts,
  type Db,
  getContractState,
  getFact,
  loadBook,
  renewalsOf,
  setContractState,
} from '../db/index.ts';
import { indexBook } from '../domain/book/book-index.ts';
import { subcontractHistory, termsCache } from '../domain/charges/subcontract-history.ts';
import { addDays, addMonths, type CivilDate, daysBetween } from '../domain/dates/dates.ts';
import { Refusal } from '../domain/refusal.ts';
import { effectKey } from '../workflows/ids.ts';
import type { Actor } from '../workflows/messages.ts';
import type {
  ContractCommand,
  ContractPlan,
  ContractStep,
  ContractSteps,
  CrmNote,
} from '../workflows/steps.ts';
import {
  type Agreement,
  agreementOn,
  type IssuedLines,
  readAgreement,
  readIssuedLines,
  readTerms,
  timeZoneAt,
} from './agreements.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, refused, stepFailed } from './failures.ts';
import { sendKeys } from './license-mail.ts';
import {
  nextLicenseDay,
  refreshLicenses,
  refreshOn,
  reissueLicense,
  type Told,
  writeGrace,
} from './license-steps.ts';
import { dayOf } from './moment.ts';
import {
  decideRenewal,
  drawUpRenewal,
  lapseContract,
  openOf,
  renewalStepsOf,
  renewTerm,
  sendRenewal,
} from './renewal-steps.ts';

const contractKey = (contract: string) => `contract:${contract}`;

/** The first anniversary of a contract's start after a day: billing years are calendar years from it. */
function nextAnniversary(start: CivilDate, after: CivilDate): CivilDate {
  const years = Math.max(0, Math.floor(daysBetween(start, after) / 366));
  for (let year = years; ; year += 1) {
    const day = addMonths(start, 12 * year);
    if (day > after) return day;
  }
}

function licensesStep(contract: string, on: CivilDate): ContractStep {
  const key = effectKey(contractKey(contract), `licenses:${on}`);
  return { key, kind: 'licenses', on, renewal: null, stage: null, words: 'Licenses are renewed' };
}

function turnStep(contract: string, on: CivilDate): ContractStep {
  const key = effectKey(contractKey(contract), `year:${on}`);
  return { key, kind: 'turn-year', on, renewal: null, stage: null, words: 'The next year begins' };
}

/** Where it stands, as a person would say it. */
function wordsOf(
  { contract, terms }: Agreement,
  { invoices }: IssuedLines,
  today: CivilDate,
): string {
  if (contract.status === 'terminated') return `Terminated after ${addDays(terms.end, -1)}`;
  if (contract.status === 'lapsed') return `Lapsed after ${addDays(terms.end, -1)}`;
  if (contract.status === 'suspended') return 'Billing is held by a person';
  const open = invoices.filter(({ balanceMinor }) => balanceMinor > 0);
  const [first] = [...open].sort((a, b) => (a.dueOn < b.dueOn ? -1 : 1));
  if (first !== undefined) {
    const late = first.dueOn < today ? 'overdue since' : 'due';
    return `Waiting for payment of ${first.invoice}, ${late} ${first.dueOn}`;
  }
  return `In good order through ${addDays(terms.end, -1)}`;
}

async function planContract(
  { db, crm }: Deps,
  args: Parameters<ContractSteps['planContract']>[0],
): Promise<ContractPlan> {
  const { contract, since } = args;
  const agreed = await readTerms(db, contract);
  const today = await dayOf(db, args, timeZoneAt(agreed, args.at));
  const issued = await readIssuedLines(db, contract, today);
  const externalCrm = crm.external;
  return planOn(db, agreementOn(agreed, today), issued, { today, since, externalCrm });
}

/** The plan of an agreement that has been read; lists and pages read its words from the row that this writes. */
async function planOn(
  db: Db,
  agreement: Agreement,
  issued: IssuedLines,
  {
    today,
    since,
    externalCrm,
  }: { today: CivilDate; since: CivilDate | null; externalCrm: boolean },
): Promise<ContractPlan> {
  const { row, timeZone } = agreement.terms;
  const { contract, status } = row;
  const lives = status === 'active' || status === 'suspended';
  const [licenseDay, renewals] = await Promise.all([
    lives ? nextLicenseDay(db, agreement, issued, today) : null,
    renewalsOf(db, contract),
  ]);
  const renewal = lives ? await renewalStepsOf(db, agreement, renewals, issued, today) : [];
  const steps = [
    ...(licenseDay === null ? [] : [licensesStep(contract, licenseDay)]),
    ...renewal,
    ...(lives ? [turnStep(contract, nextAnniversary(row.start, since ?? today))] : []),
  ].sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
  const words = wordsOf(agreement, issued, today);
  const next = steps.find(({ on }) => on > today);
  const told = { nextStep: next?.words ?? null, nextStepOn: next?.on ?? null };
  await setContractState(db, { contract, state: status, words, ...told });
  return {
    today,
    timeZone,
    account: row.account,
    entity: agreement.terms.entityId,
    status,
    termStart: row.start,
    termEnd: addDays(agreement.terms.end, -1),
    held: status === 'suspended',
    openRenewal: openOf(renewals),
    words,
    steps,
    externalCrm,
  };
}

/**
 * All that a payment changes of a contract, from one reading of it: its licenses, the notes on them in our own CRM, and what
 * comes next. A CRM outside hears of them by a step of its own.
 */
async function settleContract(
  deps: Deps,
  args: Parameters<ContractSteps['settleContract']>[0],
): ReturnType<ContractSteps['settleContract']> {
  const { db, crm } = deps;
  const { contract, invoice, timeZone, key, subject } = args;
  const today = await dayOf(db, args, timeZone);
  const [agreement, issued] = await Promise.all([
    readAgreement(db, contract, today),
    readIssuedLines(db, contract, today),
  ]);
  const refresh = { contract, cause: 'paid', reference: invoice, today } as const;
  const { account } = agreement.account;
  const note = async ({ words: body, records }: Told) => {
    if (body !== null && !crm.external)
      await addNotes(crm, account, { key, contract, subject, body, records, today });
  };
  const told = await refreshOn(deps, agreement, issued, refresh, note);
  return { ...told, noted: !crm.external, today, mailFirst: true };
}

async function recordAttention(
  { db }: Deps,
  args: Parameters<ContractSteps['recordAttention']>[0],
): Promise<void> {
  const { cause, today, key } = args;
  for (const contract of args.contracts) {
    const before = await getContractState(db, contract);
    await setContractState(db, {
      contract,
      state: before?.state ?? 'active',
      words: before?.words ?? 'Needs attention',
      nextStep: before?.nextStep ?? null,
      nextStepOn: before?.nextStepOn ?? null,
      needsAttention: cause,
    });
    if (cause === null) continue;
    const words = `Needs attention: ${cause}`;
    await addTimelineEvent(db, {
      key: effectKey(`${contract}:${key}`, `attention:${today}`),
      contract,
      account: null,
      happenedOn: today,
      kind: 'attention',
      words,
    });
  }
}

/** A change, its line in the timeline and its line in the audit trail: all or none, and once a key. */
async function change(
  db: Db,
  what: {
    readonly contract: string;
    readonly key: string;
    readonly today: CivilDate;
    readonly kind: string;
    readonly words: string;
    readonly reason: string | null;
    readonly actor: Actor;
  },
  write: (tx: Db) => Promise<void>,
): Promise<void> {
  const { contract, key, today, kind, words, reason, actor } = what;
  await db.transaction(async (tx) => {
    const facts = await contractFacts(tx, contract);
    const account = facts?.contract.account ?? null;
    const line = { key, contract, account, happenedOn: today, kind, words };
    const { isNew } = await addTimelineEvent(tx, line);
    if (!isNew) return;
    await write(tx);
    await audit(tx, { actor, action: `contract.${kind}`, subject: contract, reason });
  });
}

/** An amendment is tried on the contract's history before it stays: what contradicts it is refused with the rule's words. */
async function amendContract(
  { db }: Deps,
  { contract, input, actor, today }: Parameters<ContractSteps['amendContract']>[0],
): Promise<{ amendment: string }> {
  const { amendment, subcontract, kind, value, effective, reason } = input;
  const words = `${subcontract}: ${kind}${value === null ? '' : ` ${value}`} from ${effective}`;
  const key = effectKey(contractKey(contract), `amend:${amendment}`);
  const what = { contract, key, today, kind: 'amend', words, reason, actor };
  await change(db, what, async (tx) => {
    await addAmendment(tx, { ...input, recorded: today, custom: {} });
    const index = indexBook(await loadBook(tx, { contracts: [contract] }));
    const row = index.subcontracts.get(subcontract);
    if (row === undefined)
      throw refused('amendment-invalid', `Contract ${contract} has no subcontract ${subcontract}.`);
    try {
      const history = subcontractHistory(index, termsCache(index), row, {
        asOf: today,
        agreedBefore: null,
      });
      const ignored = history?.warnings.find((warning) => warning.includes(amendment));
      if (ignored !== undefined) throw refused('amendment-invalid', ignored);
    } catch (error) {
      if (error instanceof Refusal) throw refused('amendment-invalid', error.message);
      throw error;
    }
  });
  return { amendment };
}

async function setStatus(
  db: Db,
  command: ContractCommand,
  kind: 'hold' | 'release',
  words: string,
): Promise<void> {
  const { contract, reason } = command;
  await change(db, { ...command, kind, words: `${words}: ${reason}` }, async (tx) => {
    const facts = await contractFacts(tx, contract);
    const status = facts?.contract.status;
    if (kind === 'hold' && status === 'suspended')
      throw refused('contract-already-held', 'Billing is held already.');
    if (kind === 'release' && status !== 'suspended')
      throw refused('contract-not-held', 'Billing of this contract is not held.');
    if (status === 'lapsed' || status === 'terminated')
      throw refused('contract-ended', `The contract has ended already (${status}).`);
    await changeContract(tx, contract, { status: kind === 'hold' ? 'suspended' : 'active' });
  });
}

async function grantGrace(
  { db }: Deps,
  command: Parameters<ContractSteps['grantGrace']>[0],
): Promise<{ through: CivilDate }> {
  const { subcontract, through, reason } = command;
  const words = `Grace through ${through} for ${subcontract ?? 'what is unpaid'}: ${reason}`;
  await change(db, { ...command, kind: 'grace', words }, (tx) => writeGrace(tx, command));
  return { through };
}

async function terminateContract(
  { db }: Deps,
  command: Parameters<ContractSteps['terminateContract']>[0],
): Promise<void> {
  const { contract, on, reason, today } = command;
  const words = `Terminated after ${on}: ${reason}`;
  await change(db, { ...command, kind: 'terminate', words }, async (tx) => {
    const facts = await contractFacts(tx, contract);
    if (facts === null) throw stepFailed(`There is no contract ${contract}.`);
    if (on < facts.contract.start)
      throw refused('invalid-input', `${on} is before the contract's start.`);
    const status = on < today ? 'terminated' : facts.contract.status;
    await changeContract(tx, contract, { terminatedOn: on, status });
  });
}

/** The new term follows the old one's end without a hole, so that the lapsed time is charged back (billing rules §9). */
async function reinstateContract(
  { db }: Deps,
  command: Parameters<ContractSteps['reinstateContract']>[0],
): Promise<void> {
  const { contract, on, reason } = command;
  const words = `Reinstated on ${on}: ${reason}`;
  await change(db, { ...command, kind: 'reinstate', words }, async (tx) => {
    const facts = await contractFacts(tx, contract);
    if (facts === null) throw stepFailed(`There is no contract ${contract}.`);
    const { status, end } = facts.contract;
    if (status !== 'lapsed' && status !== 'terminated')
      throw refused('invalid-input', `The contract is ${status}: there is nothing to reinstate.`);
    let years = 0;
    while (addDays(addMonths(addDays(end, 1), 12 * years), -1) < on) years += 1;
    const until = years === 0 ? end : addDays(addMonths(addDays(end, 1), 12 * years), -1);
    await changeContract(tx, contract, { status: 'active', terminatedOn: null, end: until });
  });
}

export function contractSteps(deps: Deps): ContractSteps {
  return {
    planContract: (args) => planContract(deps, args),
    refreshLicenses: (args) => refreshLicenses(deps, args),
    settleContract: (args) => settleContract(deps, args),
    reissueLicense: (args) => reissueLicense(deps, args),
    wakeContract: ({ contract, clock, today }) =>
      tellContract(deps.client, { contract, clock }, { kind: 'changed', today }),
    sendKeys: (args) => sendKeys(deps, args),
    noteOnCrm: (args) => noteOnCrm(deps, args),
    drawUpRenewal: (args) => drawUpRenewal(deps, args),
    sendRenewal: (args) => sendRenewal(deps, args),
    decideRenewal: (args) => decideRenewal(deps, args),
    renewTerm: (args) => renewTerm(deps, args),
    lapseContract: (args) => lapseContract(deps, args),
    amendContract: (args) => amendContract(deps, args),
    holdContract: (args) => setStatus(deps.db, args, 'hold', 'Billing is held'),
    releaseContract: (args) => setStatus(deps.db, args, 'release', 'Billing goes on'),
    terminateContract: (args) => terminateContract(deps, args),
    grantGrace: (args) => grantGrace(deps, args),
    reinstateContract: (args) => reinstateContract(deps, args),
    recordAttention: (args) => recordAttention(deps, args),
  };
}

async function noteOnCrm(
  { db, crm }: Deps,
  args: Parameters<ContractSteps['noteOnCrm']>[0],
): Promise<void> {
  const row = await getFact(db, 'contracts', { contract: args.contract });
  if (row === null) throw stepFailed(`There is no contract ${args.contract}.`);
  await addNotes(crm, row.account, args);
}

/** One note, or one a key, each under a key of its own. */
async function addNotes(
  crm: Deps['crm'],
  account: string,
  { key, contract, subject, body, records = [], today }: CrmNote,
): Promise<void> {
  const notes =
    records.length === 0
      ? [{ key, subject, body }]
      : records.map(({ license, words }) => ({
          key: effectKey(key, license),
          subject: `License ${license}`,
          body: words,
        }));
  const add = async (note: (typeof notes)[number]) => {
    const answer = await crm.addNote({ ...note, account, contract, notedOn: today });
    if (answer.result === 'rejected')
      throw stepFailed(`The CRM refused the note: ${answer.message}`);
    if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
  };
  // Our own database takes them side by side; a system outside is asked for one at a time.
  if (!crm.external) await Promise.all(notes.map(add));
  else for (const note of notes) await add(note);
}
