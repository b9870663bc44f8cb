/** The parent's end of the guard (guard.ts): starts it and tells it what to stop when this process vanishes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GuardedProcess } from './guard.ts';
import { nodeArguments } from './node-arguments.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';

export interface Guard {
  readonly identity: ProcessIdentity;
  /** What is to be stopped if this process vanishes, in that order. Replaces what was told before. */
  watch(guarded: readonly GuardedProcess[]): Promise<void>;
  /** Ends the guard; what it watches last is stopped by it. */
  dismiss(): Promise<void>;
}

/** Starts a guard in a session of its own, whose notes go to the file descriptor `log` (or nowhere). */
export async function startGuard(log: number | 'ignore'): Promise<Guard> {
  const script = fileURLToPath(new URL('guard.ts', import.meta.url));
  const child = spawn(process.execPath, nodeArguments(script), {
    cwd: '/',
    detached: true,
    env: { ...process.env, PERENNIAL_GUARD: 'yes', NODE_OPTIONS: '' },
    stdio: ['ignore', log, log, 'ipc'],
  });
  await new Promise<void>((done, fail) => {
    child.once('message', () => done());
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`The guard ended at once, code ${code}.`)));
  });
  const identity = identify(child.pid as number);
  if (identity === null) throw new Error('The guard ended at once.');
  // The guard must not keep a parent alive that has nothing else to do.
  child.unref();
  child.channel?.unref();
  return {
    identity,
    watch: (guarded) =>
      new Promise((done, fail) =>
        child.send({ guarded }, (error) => (error ? fail(error) : done())),
      ),
    dismiss: () => dismiss(child),
  };
}

async function dismiss(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  child.disconnect();
  await ended;
}
