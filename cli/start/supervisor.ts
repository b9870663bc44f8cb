/**
 * Parts as supervised child processes: started until they are ready, watched, started again with growing pauses when they
 * end unexpectedly, and stopped in order. Every part leads a process group of its own, so that a Ctrl-C in the terminal
 * reaches only the supervisor, which then stops the parts in the order that loses nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diskFull } from '../../db/disk-full.ts';
import { errorWords } from '../../domain/error-words.ts';
import { stopInOrder } from './guard.ts';
import { type Guard, startGuard } from './guarding.ts';
import { writePrivate } from './instance.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';
import type { PartsRecord } from './run-record.ts';

export interface PartSpec {
  /** As people read it: `Postgres`, `API`. Names the log file too. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly user?: { readonly uid: number; readonly gid: number } | null;
  readonly workingFolder: string;
  /** Our own node processes: they say `{ready: true}` over the channel, and end themselves when it closes. */
  readonly channel: boolean;
  /** Asked over and over until it no longer throws; without it the message over the channel counts. */
  readonly probe?: () => Promise<void>;
  readonly readyLimitMs: number;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
  /** Lower ones stop first. */
  readonly stopRank: number;
}

export interface SupervisorOptions {
  readonly logFolder: string;
  /** Where the running parts are noted for a later start (run-record.ts). */
  readonly recordFile: string;
  readonly say: (line: string) => void;
}

/** What a part told when it became ready. */
export type ReadyMessage = Readonly<Record<string, unknown>>;

interface RunningPart {
  readonly spec: PartSpec;
  child: ChildProcess | null;
  identity: ProcessIdentity | null;
  startedAtMs: number;
  failures: number;
  restart: NodeJS.Timeout | null;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A part that ran this long is taken to be well: its next end counts as the first one. */
const WELL_AFTER_MS = 60_000;
const LOG_LIMIT_BYTES = 10_000_000;
const LOG_TAIL_LINES = 20;

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #guard: Guard;
  readonly #parts: RunningPart[] = [];
  /** Set-up work (a build) that must not outlive us either. */
  readonly #jobs = new Map<number, { name: string; identity: ProcessIdentity }>();
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | null = null;
  #recording: Promise<void> = Promise.resolve();
  #guardDismissed = false;

  private constructor(options: SupervisorOptions, guard: Guard) {
    this.#options = options;
    this.#guard = guard;
  }

  static async create(options: SupervisorOptions): Promise<Supervisor> {
    mkdirSync(options.logFolder, { recursive: true, mode: 0o755 });
    const log = openSync(join(options.logFolder, 'guard.log'), 'a', 0o600);
    const guard = await startGuard(log);
    closeSync(log);
    const supervisor = new Supervisor(options, guard);
    await supervisor.#record();
    return supervisor;
  }

  /** Aborted as soon as stopping begins. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  logFile(name: string): string {
    return join(this.#options.logFolder, `${name.toLowerCase().replaceAll(' ', '-')}.log`);
  }

  /** Starts a part and waits until it is ready; from then on it is kept running. */
  async start(spec: PartSpec): Promise<ReadyMessage> {
    const part: RunningPart = {
      spec,
      child: null,
      identity: null,
      startedAtMs: 0,
      failures: 0,
      restart: null,
    };
    this.#parts.push(part);
    const message = await this.#launch(part);
    this.#keepRunning(part);
    return message;
  }

  /** Runs set-up work to its end; its output goes to the log of that name. */
  async run(name: string, command: string, args: readonly string[], folder: string) {
    this.#stopping.signal.throwIfAborted();
    const child = this.#spawn(name, command, args, { cwd: folder, env: process.env });
    await this.track(name, child);
    const code = await new Promise<number | null>((done, fail) => {
      child.once('error', fail);
      child.once('close', done);
    });
    await this.#untrack(child);
    if (code !== 0) throw new Error(this.#failure(name, `ended with code ${code}`));
  }

  /** Has a child that is not a part stopped with everything else; `spawn` it as a group leader (`detached`). */
  async track(name: string, child: ChildProcess): Promise<void> {
    const identity = child.pid === undefined ? null : identify(child.pid);
    if (identity === null) return;
    this.#jobs.set(identity.pid, { name, identity });
    child.once('exit', () => void this.#untrack(child));
    await this.#record();
  }

  async #untrack(child: ChildProcess): Promise<void> {
    if (child.pid === undefined || !this.#jobs.delete(child.pid)) return;
    await this.#record();
  }

  #spawn(
    name: string,
    command: string,
    args: readonly string[],
    options: { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number; ipc?: boolean },
  ): ChildProcess {
    const log = openSync(rotated(this.logFile(name)), 'a', 0o600);
    const { ipc, ...rest } = options;
    const child = spawn(command, args, {
      ...rest,
      detached: true,
      stdio: ipc ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
    });
    closeSync(log);
    return child;
  }

  async #launch(part: RunningPart): Promise<ReadyMessage> {
    const { spec } = part;
    this.#stopping.signal.throwIfAborted();
    const child = this.#spawn(spec.name, spec.command, spec.args, {
      ...(spec.user ?? {}),
      cwd: spec.workingFolder,
      env: { ...process.env, ...spec.env },
      ipc: spec.channel,
    });
    part.child = child;
    part.startedAtMs = performance.now();
    const ended = new Promise<never>((_, fail) => {
      child.once('error', (error) =>
        fail(new Error(`${spec.name} could not be started: ${error.message}`)),
      );
      child.once('exit', (code, signal) => fail(new Error(this.#endOf(spec.name, code, signal))));
    });
    ended.catch(() => {});
    part.identity = child.pid === undefined ? null : identify(child.pid);
    await this.#record();
    return Promise.race([this.#ready(part, child), ended]);
  }

  async #ready(part: RunningPart, child: ChildProcess): Promise<ReadyMessage> {
    const { spec } = part;
    const told = new Promise<ReadyMessage>((done) => {
      child.on('message', (message) => {
        if (typeof message === 'object' && message !== null && 'ready' in message)
          done(message as ReadyMessage);
      });
    });
    const endsAt = performance.now() + spec.readyLimitMs;
    let last: unknown = null;
    while (performance.now() < endsAt && part.child === child) {
      this.#stopping.signal.throwIfAborted();
      if (spec.probe === undefined) {
        const answer = await Promise.race([told, pause(200).then(() => null)]);
        if (answer !== null) return answer;
        continue;
      }
      try {
        await spec.probe();
        return {};
      } catch (error) {
        last = error;
        await pause(100);
      }
    }
    const cause = last instanceof Error ? ` (${last.message})` : '';
    const seconds = Math.round(spec.readyLimitMs / 1000);
    throw new Error(this.#failure(spec.name, `was not ready within ${seconds} s${cause}`));
  }

  #endOf(name: string, code: number | null, signal: NodeJS.Signals | null): string {
    return this.#failure(name, signal ? `was ended by ${signal}` : `ended with code ${code}`);
  }

  /** What happened, with the last lines of the log, which is what one would look for next. */
  #failure(name: string, what: string): string {
    const file = this.logFile(name);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
    return `${name} ${what}. The end of ${file}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  }

  #keepRunning(part: RunningPart): void {
    const { child } = part;
    const again = (code: number | null, signal: NodeJS.Signals | null) =>
      this.#ended(part, this.#endOf(part.spec.name, code, signal));
    if (child === null) return;
    if (child.exitCode !== null || child.signalCode !== null)
      again(child.exitCode, child.signalCode);
    else child.once('exit', again);
  }

  #ended(part: RunningPart, what: string): void {
    if (this.#stopping.signal.aborted) return;
    if (performance.now() - part.startedAtMs > WELL_AFTER_MS) part.failures = 0;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** part.failures, LONGEST_PAUSE_MS);
    part.failures += 1;
    this.#options.say(what);
    this.#options.say(`${part.spec.name} is started again in ${pauseMs / 1000} s`);
    part.restart = setTimeout(() => void this.#relaunch(part), pauseMs);
  }

  async #relaunch(part: RunningPart): Promise<void> {
    part.restart = null;
    try {
      await this.#launch(part);
      this.#options.say(`${part.spec.name} runs again`);
      this.#keepRunning(part);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      // One that runs but never became ready must go before the next attempt.
      if (part.identity !== null) await stopInOrder([this.#guarded(part, part.identity)]);
      this.#ended(part, diskFull(error) ?? errorWords(error));
    }
  }

  #guarded(part: RunningPart, identity: ProcessIdentity) {
    const { name, stopSignal, graceMs } = part.spec;
    return { ...identity, name, stopSignal, graceMs };
  }

  /** What runs now, in the order in which it is to be stopped. */
  #running() {
    const jobs = [...this.#jobs.values()].map(({ name, identity }) => ({
      ...identity,
      name,
      stopSignal: 'SIGTERM' as const,
      graceMs: 1_000,
    }));
    const parts = this.#parts
      .toSorted((a, b) => a.spec.stopRank - b.spec.stopRank)
      .flatMap((part) => (part.identity === null ? [] : [this.#guarded(part, part.identity)]))
      .filter(isRunning);
    return [...jobs, ...parts];
  }

  /** One note after the other: several parts change at the same moment. */
  #record(): Promise<void> {
    const next = this.#recording.then(async () => {
      // After the stop there is nobody to tell, and nothing left to note.
      if (this.#guardDismissed) return;
      const running = this.#running();
      const record: PartsRecord = { guard: this.#guard.identity, parts: running };
      await this.#guard.watch(running);
      await writePrivate(this.#options.recordFile, record);
    });
    this.#recording = next.catch(() => {});
    return next;
  }

  /** Stops everything, each part after those that need it; asked again it waits for the same stop. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    this.#stopping.abort(new Error('Perennial is stopping.'));
    for (const part of this.#parts) if (part.restart !== null) clearTimeout(part.restart);
    await stopInOrder(this.#running(), this.#options.say);
    // A part that was being started in this moment may have come after the list was made.
    await stopInOrder(this.#running());
    await this.#recording;
    this.#guardDismissed = true;
    await this.#guard.watch([]);
    await this.#guard.dismiss();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Puts a log that has grown large aside, keeping one older file. */
function rotated(file: string): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return file;
}
