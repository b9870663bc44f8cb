/**
 * The guard: a small process beside `perennial start` (and beside a test run) that stops every part when the one that
 * started them vanishes without stopping them itself, also by `kill -9`, which nothing inside a process can notice.
 * Postgres and Temporal do not watch their parent; the guard does, over its IPC channel.
 */
import { type ProcessIdentity, stopProcess } from './process-identity.ts';

export interface GuardedProcess extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
}

/** What the guard is told: the whole list each time, in the order in which the parts are to be stopped. */
export interface GuardMessage {
  readonly guarded: readonly GuardedProcess[];
}

/** Stops processes one after the other, in the order given, and tells of each how it ended. */
export async function stopInOrder(
  guarded: readonly GuardedProcess[],
  say: (line: string) => void = () => {},
): Promise<void> {
  for (const part of guarded) {
    const how = await stopProcess(part, part.stopSignal, part.graceMs);
    say(`${part.name} (process ${part.pid}): ${how}`);
  }
}

function watch(): void {
  let guarded: readonly GuardedProcess[] = [];
  process.on('message', (message: GuardMessage) => {
    guarded = message.guarded;
  });
  // Only the end of the parent ends the guard: a signal to the whole terminal must leave it alive.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
  process.on('disconnect', () => {
    const say = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
    stopInOrder(guarded, say).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.({ ready: true });
}

if (process.env.PERENNIAL_GUARD === 'yes') watch();
