/** Test clocks: a rehearsal with copies of accounts, moved by a person, thrown away afterwards. */
import { z } from 'zod';
import {
  advanceClock,
  audit,
  contractFacts,
  copyAccounts,
  createClock,
  getClock,
  getFact,
  listClocks,
  removeClock,
} from '../../db/index.ts';
import { clockAdvance } from '../../workflows/messages.ts';
import type { RouteContext, Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { civilDate, name } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { Clock, Page } from '../types.ts';
import { accountNames } from '../views/parties.ts';

const clockName = z.string().regex(/^[A-Z0-9][A-Z0-9-]{0,19}$/, 'capitals, digits and dashes');
const byClock = z.object({ clock: z.string().min(1).max(60) });
/** One request moves a clock for at most this long; asked again, it goes on from where it stands. */
const ONE_REQUEST_MS = 45_000;
/** Processes asked at a time. */
const SIDE_BY_SIDE = 6;

export const clockRoutes: Routes = (app, context) => {
  const { db, processes } = context;
  const views = async (): Promise<Clock[]> => {
    const clocks = await listClocks(db);
    const nameOf = await accountNames(
      db,
      clocks.flatMap((clock) => clock.accounts),
    );
    return clocks.map((clock) => ({
      clock: clock.clock,
      today: clock.today,
      accounts: clock.accounts.map(nameOf),
      createdAt: new Date(clock.createdAt).toISOString(),
    }));
  };
  const viewOf = async (clock: string): Promise<Clock> => {
    const found = (await views()).find((one) => one.clock === clock);
    if (found === undefined) throw notFound('clock', clock);
    return found;
  };

  app.get(
    '/clock',
    {
      config: { permission: 'clock:read', answer: 'Page<Clock>' },
      schema: { summary: 'Rehearsals and the day it is in each' },
    },
    async (): Promise<Page<Clock>> => {
      const items = await views();
      return { items, nextCursor: null, total: items.length };
    },
  );
  app.get(
    '/clock/:clock',
    { config: { permission: 'clock:read', answer: 'Clock' }, schema: { params: byClock } },
    ({ params }) => viewOf(params.clock),
  );
  app.post(
    '/clock',
    {
      config: { permission: 'clock:write', answer: 'Clock' },
      schema: {
        summary: 'Begin a rehearsal with copies of accounts',
        body: z.strictObject({
          clock: clockName,
          today: civilDate,
          accounts: z.array(name).min(1).max(500),
        }),
      },
    },
    async (request, reply) => {
      const { clock, today, accounts } = request.body;
      for (const account of accounts)
        if ((await getFact(db, 'accounts', { account })) === null)
          throw notFound('account', account);
      const copies = await db.transaction(async (tx) => {
        await createClock(tx, { clock, today });
        const made = await copyAccounts(tx, { clock, prefix: `${clock}-`, accounts });
        await audit(tx, {
          actor: actorOf(request),
          action: 'clock.create',
          subject: clock,
          details: { accounts },
        });
        return made;
      });
      for (const contract of copies.contracts) {
        const facts = await contractFacts(db, contract);
        if (facts === null || facts.contract.status === 'draft') continue;
        const { account, entity } = facts.contract;
        await processes.startContract({ contract, clock }, { account, entity });
      }
      return reply
        .code(201)
        .header('location', `/api/v1/clock/${clock}`)
        .send(await viewOf(clock));
    },
  );
  app.post(
    '/clock/:clock/advance',
    {
      config: { permission: 'clock:write', answer: 'Clock' },
      schema: {
        summary: 'Move the clock; what is due on each day happens in order',
        description:
          'Answers 202 where the way is long: ask again, it goes on from where it stands.',
        params: byClock,
        body: z.strictObject({ to: civilDate }),
      },
    },
    async (request, reply) => {
      const { clock } = request.params;
      const { to } = request.body;
      const before = await getClock(db, clock);
      if (before === null) throw notFound('clock', clock);
      if (to < before.today)
        throw new ProblemError('clock-backwards', `It is ${before.today} there already.`);
      const arrived = await live(context, clock, before.today, to, request.id);
      await audit(db, {
        actor: actorOf(request),
        action: 'clock.advance',
        subject: clock,
        details: { from: before.today, to },
      });
      return reply.code(arrived ? 200 : 202).send(await viewOf(clock));
    },
  );
  app.delete(
    '/clock/:clock',
    {
      config: { permission: 'clock:write' },
      schema: { summary: 'Throw a rehearsal away with all that it made', params: byClock },
    },
    async (request, reply) => {
      const { clock } = request.params;
      if ((await getClock(db, clock)) === null) throw notFound('clock', clock);
      await processes.forgetClock(clock);
      const { deleted } = await removeClock(db, clock);
      await audit(db, {
        actor: actorOf(request),
        action: 'clock.delete',
        subject: clock,
        details: { deleted },
      });
      return reply.code(204).send();
    },
  );
};

/**
 * Lives from day to day: every process does what is due by the clock's day and says when it has something to do next; the
 * clock goes to the earliest of these days. All are asked on the first day, later on those whose day has come and those
 * that are new: what one tells another wakes it without being asked. @returns whether it arrived within one request's time.
 */
async function live(
  { db, processes }: RouteContext,
  clock: string,
  from: string,
  to: string,
  requestId: string,
): Promise<boolean> {
  const endsAt = Date.now() + ONE_REQUEST_MS;
  const nextOn = new Map<string, string | null>();
  let today = from;
  for (let round = 0; Date.now() < endsAt; round += 1) {
    const isDue = (workflow: string) => {
      const on = nextOn.get(workflow);
      return on === undefined || (on !== null && on <= today);
    };
    const due = (await processes.runningOnClock(clock)).filter(isDue);
    for (let at = 0; at < due.length; at += SIDE_BY_SIDE)
      await Promise.all(
        due.slice(at, at + SIDE_BY_SIDE).map(async (workflow) => {
          const on = await advanceOne(processes, workflow, today, `${requestId}:${round}`);
          nextOn.set(workflow, on);
        }),
      );
    if (today === to) return true;
    const days = [...nextOn.values()].filter((on) => on !== null && on > today && on < to);
    today = days.reduce<string>((first, on) => (on !== null && on < first ? on : first), to);
    await advanceClock(db, clock, today);
  }
  return false;
}

async function advanceOne(
  processes: RouteContext['processes'],
  workflow: string,
  today: string,
  requestId: string,
): Promise<string | null> {
  try {
    const { nextOn } = await processes.update(workflow, clockAdvance, [{ today }], requestId);
    return nextOn;
  } catch (error) {
    // One that ended between being listed and being asked has nothing left to do.
    if (error instanceof ProblemError && error.code === 'state-conflict') return null;
    throw error;
  }
}
