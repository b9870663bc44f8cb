/**
 * Contract years lived per second on the dev server (a rehearsal: billed, mailed, paid, licensed), against the same years of the
 * same processes on the same engine with steps that do nothing but answer. The part of the time that is not the engine's own
 * is what a year costs us: reading and writing the record, printing, mailing, signing.
 *
 * Both lives are driven by the same advance of a clock and have a namespace of their own, because they use the same ids. They
 * are lived in turn, round by round, so that what else the machine does disturbs both. What is loaded once is loaded by a few
 * contracts' year before. A company bills in batches: one month's run has many contracts, of customers with two each; the runs
 * of the other months, which bill nothing, are part of the year.
 */
import type { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { startContract, startPayment } from '../../connectors/temporal/lifecycles.ts';
import { addSearchAttributes } from '../../connectors/temporal/search-attributes.ts';
import {
  advanceRehearsal,
  type ClockRecord,
  workflowsOnClock,
} from '../../connectors/temporal/test-clock.ts';
import {
  advanceClock,
  copyAccounts,
  createClock,
  getClock,
  getRun,
  invoicesOfContract,
  licensesOf,
  recordPayment,
} from '../../db/index.ts';
import { paymentWorkflowId } from '../../workflows/ids.ts';
import { ownNamespace } from '../faults/plant.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { devServerAddress } from '../infrastructure/servers.ts';
import { acme } from '../stories/companies.ts';
import { CHECKER, createWorld, MAKER, startWorkers, type World } from '../stories/world.ts';
import { RecordedSteps } from './recorded-steps.ts';
import { type Measured, type Section, secondsOf } from './section.ts';

const LEAST_PER_EMPTY = 0.5;
/** How far the two lives' histories may be apart before they are not the same years. */
const MOST_APART = 0.05;
/** Contracts of one round. */
const CONTRACTS = 32;
const WARM_UP_CONTRACTS = 4;
/** Contracts of one customer. */
const A_CUSTOMER = 2;
const WARM_UP = 'WARM';
const ROUNDS = ['ONE', 'TWO', 'THREE'] as const;
const BEGIN = '2027-02-01';
const PAID_ON = '2027-02-20';
const END = '2028-01-31';

/** What a year is lived with: the record behind it, or the memory of one. */
interface Books {
  readonly client: Client;
  recordOf(clock: string): ClockRecord;
  contractsOn(clock: string): readonly string[];
  /** Receives the money of all that was billed. */
  receive(clock: string): Promise<readonly Received[]>;
}

/** A payment, and the process of the invoice that it pays in full. */
interface Received {
  readonly payment: string;
  readonly invoice: string;
}

async function advance({ client, recordOf }: Books, clock: string, to: string): Promise<void> {
  const deciders = { maker: MAKER, checker: CHECKER };
  const { arrived } = await advanceRehearsal(client, clock, recordOf(clock), to, { deciders });
  if (!arrived) throw new Error(`the rehearsal did not get to ${to}`);
}

/** All contracts are billed on the 15th of February, pay on the 20th, and live to the end of January. */
async function liveYear(books: Books, clock: string): Promise<void> {
  const { client } = books;
  const contracts = books.contractsOn(clock);
  for (const contract of contracts) await startContract(client, { contract, clock });
  const areListed = async () => (await workflowsOnClock(client, clock)).length >= contracts.length;
  await eventually('all contracts on the clock', areListed);
  await advance(books, clock, PAID_ON);
  const received = await books.receive(clock);
  for (const { payment } of received) await startPayment(client, { payment, clock });
  // They come in side by side, as from a bank's file; nobody moves the day before all are applied.
  const ids = received.flatMap(({ payment, invoice }) => [paymentWorkflowId(payment), invoice]);
  await Promise.all(ids.map((id) => client.workflow.getHandle(id).result()));
  await advance(books, clock, END);
}

/** All that the second life needs besides what the steps answered; by clock. */
class Memory {
  readonly steps = new RecordedSteps();
  readonly contracts = new Map<string, readonly string[]>();
  readonly received = new Map<string, readonly Received[]>();
  readonly runStates = new Map<string, (string | null)[]>();
  /** The day it is in the life that is lived just now. */
  today = BEGIN;
}

async function receiveAll(
  { db }: World,
  clock: string,
  contracts: readonly string[],
): Promise<Received[]> {
  const received: Received[] = [];
  for (const contract of contracts)
    for (const one of await invoicesOfContract(db, contract)) {
      const { invoice, documentKey, account, totalMinor } = one;
      if (documentKey === null) throw new Error(`${invoice} has no process`);
      const payment = `manual:${invoice}`;
      const money = { amountMinor: totalMinor, currency: 'EUR', reference: invoice };
      await recordPayment(db, { payment, account, receivedOn: PAID_ON, ...money });
      received.push({ payment, invoice: documentKey });
    }
  if (received.length !== contracts.length)
    throw new Error(`${received.length} of ${contracts.length} contracts were billed on ${clock}`);
  return received;
}

/** Copies accounts of the company into a clock's world. */
async function beginClock({ db }: World, clock: string, contracts: number): Promise<string[]> {
  await createClock(db, { clock, today: BEGIN });
  const accounts = Array.from({ length: contracts / A_CUSTOMER }, (_, n) => `A-${n + 1}`);
  const copied = await copyAccounts(db, { clock, prefix: `${clock}-`, accounts });
  return copied.contracts;
}

function booksOf(world: World, memory: Memory): Books {
  const { db, client } = world;
  const contractsOn = (clock: string) => memory.contracts.get(clock) ?? [];
  return {
    client,
    contractsOn,
    recordOf: (clock) => ({
      today: async () => {
        memory.today = (await getClock(db, clock))?.today ?? '';
        return memory.today;
      },
      moveTo: async (day) => {
        await advanceClock(db, clock, day);
        memory.today = day;
      },
      runState: async (run) => {
        const state = (await getRun(db, run))?.state ?? null;
        memory.runStates.set(clock, [...(memory.runStates.get(clock) ?? []), state]);
        return state;
      },
    }),
    receive: async (clock) => {
      const received = await receiveAll(world, clock, contractsOn(clock));
      memory.received.set(clock, received);
      return received;
    },
  };
}

function booksFrom(memory: Memory, client: Client): Books {
  const days = new Map<string, string>();
  const asked = new Map<string, number>();
  return {
    client,
    contractsOn: (clock) => memory.contracts.get(clock) ?? [],
    recordOf: (clock) => ({
      today: async () => {
        memory.today = days.get(clock) ?? BEGIN;
        return memory.today;
      },
      moveTo: async (day) => {
        days.set(clock, day);
        memory.today = day;
      },
      runState: async () => {
        const nth = asked.get(clock) ?? 0;
        asked.set(clock, nth + 1);
        return memory.runStates.get(clock)?.[nth] ?? null;
      },
    }),
    receive: async (clock) => memory.received.get(clock) ?? [],
  };
}

/** What a life is made of, counted in its processes' histories. */
type Counts = Record<(typeof COUNTED)[number], number>;
const COUNTED = [
  'processes',
  'workflowTasks',
  'signals',
  'updates',
  'activities',
  'localActivities',
] as const;

function count(counts: Counts, { events }: Pick<History, 'events'>): void {
  counts.processes += 1;
  for (const event of events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) counts.workflowTasks += 1;
    if (event.workflowExecutionSignaledEventAttributes) counts.signals += 1;
    if (event.workflowExecutionUpdateAcceptedEventAttributes) counts.updates += 1;
    if (event.activityTaskScheduledEventAttributes) counts.activities += 1;
    if (event.markerRecordedEventAttributes?.markerName === 'core_local_activity')
      counts.localActivities += 1;
  }
}

async function countsOf(client: Client, clock: string): Promise<Counts> {
  const counts = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts;
  const query = `TestClock = '${clock}'`;
  for await (const { workflowId, runId } of client.workflow.list({ query }))
    count(counts, await client.workflow.getHandle(workflowId, runId).fetchHistory());
  return counts;
}

const BOOK = acme({
  start: '2027-04-01',
  end: '2030-03-31',
  contracts: CONTRACTS,
  accounts: CONTRACTS / A_CUSTOMER,
});

interface Life {
  readonly books: Books;
  end(): Promise<void>;
}

async function ownEnvironment(name: string): Promise<TestWorkflowEnvironment> {
  const address = await devServerAddress();
  const namespace = await ownNamespace(address, name);
  return TestWorkflowEnvironment.createFromExistingServer({ address, namespace });
}

/** The company with its record, papers, mails and keys; all that its steps answer is kept. */
async function realLife(memory: Memory): Promise<Life & { readonly world: World }> {
  const env = await ownEnvironment('lived');
  const { steps } = memory;
  const heard = { client: steps.listening(env.client) };
  const world = await createWorld(env, BOOK, heard, (all) =>
    steps.recording(all, () => memory.today),
  );
  memory.contracts.set(WARM_UP, await beginClock(world, WARM_UP, WARM_UP_CONTRACTS));
  for (const clock of ROUNDS)
    memory.contracts.set(clock, await beginClock(world, clock, CONTRACTS));
  const end = async () => {
    await world.end();
    await env.teardown();
  };
  return { world, books: booksOf(world, memory), end };
}

/** The same processes on answers alone. */
async function emptyLife(memory: Memory): Promise<Life> {
  const env = await ownEnvironment('answered');
  await addSearchAttributes(env.connection, env.namespace ?? 'default');
  const answering = memory.steps.answering(env.client, () => memory.today);
  const workers = await startWorkers(env, answering);
  const end = async () => {
    for (const { worker } of workers) worker.shutdown();
    await Promise.all(workers.map(({ running }) => running));
    await env.teardown();
  };
  return { books: booksFrom(memory, env.client), end };
}

/** Where the second life is not that of the first. */
function differencesOf(real: Counts, empty: Counts): string[] {
  return COUNTED.filter((name) => Math.abs(empty[name] - real[name]) > MOST_APART * real[name]).map(
    (name) => `not the same years: ${real[name]} ${name}, and ${empty[name]} on answers alone`,
  );
}

/** Contracts of a round that paid and got no licenses. */
async function unlicensed({ db }: World, contracts: readonly string[]): Promise<string[]> {
  const without: string[] = [];
  for (const contract of contracts)
    if (!(await licensesOf(db, { contract })).some(({ kind }) => kind === 'full'))
      without.push(`contract ${contract} paid and got no licenses`);
  return without;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function measure(): Promise<Measured> {
  const memory = new Memory();
  const real = await realLife(memory);
  const empty = await emptyLife(memory);
  const [realSeconds, emptySeconds]: [number[], number[]] = [[], []];
  const broken: string[] = [];
  let counts: Counts | null = null;
  try {
    for (const { books } of [real, empty]) await liveYear(books, WARM_UP);
    for (const clock of ROUNDS) {
      realSeconds.push(await secondsOf(() => liveYear(real.books, clock)));
      emptySeconds.push(await secondsOf(() => liveYear(empty.books, clock)));
      counts = await countsOf(real.books.client, clock);
      broken.push(...differencesOf(counts, await countsOf(empty.books.client, clock)));
      broken.push(...(await unlicensed(real.world, memory.contracts.get(clock) ?? [])));
    }
  } finally {
    await empty.end();
    await real.end();
  }
  const fullPerEmpty = median(realSeconds.map((seconds, n) => (emptySeconds[n] ?? 0) / seconds));
  if (!(fullPerEmpty >= LEAST_PER_EMPTY))
    broken.push(`less than ${LEAST_PER_EMPTY} of the same years on answers alone`);
  return {
    ratios: { fullPerEmpty },
    figures: {
      rounds: ROUNDS.length,
      contractsOfARound: CONTRACTS,
      contractYearsPerSecond: CONTRACTS / median(realSeconds),
      emptyContractYearsPerSecond: CONTRACTS / median(emptySeconds),
      ...counts,
    },
    broken,
  };
}

export const contractYears: Section = {
  name: 'contract-years',
  what: `contract years lived per second ÷ the same on answers alone (goal ${LEAST_PER_EMPTY} or more)`,
  measure,
};
