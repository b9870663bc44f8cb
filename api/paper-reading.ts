/**
 * Papers are kept first and read then, a few at a time: who brings one waits a moment for it, and is told where to look where
 * it takes longer. What was being read when a process ended is read again by whoever is asked for it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import {
  PaperRejection,
  type PaperText,
  type ReadingProgress,
  readPaper,
} from '../connectors/papers/paper-text.ts';
import { type Db, failPaper, paperContent } from '../db/index.ts';
import { ProblemError } from './problems.ts';

/** Readers are whole processes: more at once would only wait for each other. */
const AT_ONCE = 2;
const MOST_WAITING = 20;
/** A typed text is read in no time, a scan of one page in a few seconds. */
const PATIENCE_MS = 3_000;

/** What is kept of a paper once its text is known. */
export type Understand = (read: PaperText) => Promise<void>;

export interface Reading {
  readonly done: Promise<PaperRejection | null>;
  progress: ReadingProgress | null;
}

export class PaperReading {
  readonly #db: Db;
  readonly #patienceMs: number;
  readonly #stopping = new AbortController();
  readonly #underWay = new Map<string, Reading>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(db: Db, patienceMs = PATIENCE_MS) {
    this.#db = db;
    this.#patienceMs = patienceMs;
  }

  /** Ends all readings; what was being read stays so, and is read by who comes next. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const turn of this.#waiting.splice(0)) turn();
    await Promise.all([...this.#underWay.values()].map(({ done }) => done));
  }

  /** How far it is; null where it has not begun, or is read elsewhere. */
  progressOf(paper: string): ReadingProgress | null {
    return this.#underWay.get(paper)?.progress ?? null;
  }

  isUnderWay(paper: string): boolean {
    return this.#underWay.has(paper);
  }

  /** Refused before anything is kept: a reader of papers that is flooded says so. */
  demandRoom(): void {
    if (this.#waiting.length >= MOST_WAITING)
      throw new ProblemError(
        'too-many-requests',
        'Many papers wait to be read; try again in a few minutes.',
      );
  }

  /** Begins to read a paper that is kept, or joins its reading. */
  begin(paper: string, understand: Understand): Reading {
    const known = this.#underWay.get(paper);
    if (known !== undefined) return known;
    const reading: { done: Reading['done']; progress: Reading['progress'] } = {
      done: Promise.resolve(null),
      progress: null,
    };
    this.#underWay.set(paper, reading);
    reading.done = this.#read(paper, understand, reading).finally(() =>
      this.#underWay.delete(paper),
    );
    return reading;
  }

  /** @returns false where it goes on; a fault where it could not be read */
  async forAMoment({ done }: Reading): Promise<PaperRejection | null | false> {
    const patience = new AbortController();
    try {
      const late = wait(this.#patienceMs, false as const, { signal: patience.signal, ref: false });
      return await Promise.race([done, late.catch(() => false as const)]);
    } finally {
      patience.abort();
    }
  }

  async #read(
    paper: string,
    understand: Understand,
    reading: Reading,
  ): Promise<PaperRejection | null> {
    await this.#turn();
    const { signal } = this.#stopping;
    try {
      if (signal.aborted) return null;
      const found = await paperContent(this.#db, paper);
      if (found === null) return null;
      const onProgress = (progress: ReadingProgress) => {
        reading.progress = progress;
      };
      await understand(await readPaper(found.content, { onProgress, signal }));
      return null;
    } catch (error) {
      if (signal.aborted) return null;
      const fault =
        error instanceof PaperRejection
          ? error
          : new PaperRejection('not-readable', 'What it says could not be taken in.', {
              cause: error,
            });
      await failPaper(this.#db, paper, `${fault.message} (${fault.code})`);
      return fault;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }
}
