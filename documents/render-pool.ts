/**
 * PDFs are printed in child processes: the layout engine keeps the main thread for tenths of a second and its heap grows
 * with every document, so children are used for a number of documents and then replaced.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RenderKind, RenderModels, RenderReply } from './render-jobs.ts';

export interface Rendered {
  readonly bytes: Buffer;
  /** Of the bytes, in hex: the same document always has the same. */
  readonly sha256: string;
}

export interface RenderPool {
  /**
   * Prints a document. A job whose child dies is tried once more in a new child.
   * @throws RenderError with the printer's own message, or with what befell the child.
   */
  render<K extends RenderKind>(kind: K, model: RenderModels[K]): Promise<Rendered>;
  /** Finishes what was begun and waiting, then ends the children. */
  close(): Promise<void>;
}

export interface RenderPoolOptions {
  /** Children at most; default: one per core. They start when there is work for them. */
  readonly size?: number;
  /** Documents after which a child is replaced; default 200. */
  readonly recycleAfter?: number;
  /** Resident memory after which a child is replaced; default 600 MB. */
  readonly recycleBytes?: number;
  /** How long one document may take; default 60 s. */
  readonly timeoutMs?: number;
  /** The child's module; tests give one that fails. */
  readonly childModule?: URL;
}

/** A document that could not be printed. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
  /** `document`: it cannot be printed as it is. `process`: the printing broke down, also when tried again. */
  readonly fault: 'document' | 'process' | 'closed';
  constructor(fault: 'document' | 'process' | 'closed', message: string) {
    super(message);
    this.fault = fault;
  }
}

interface Task {
  readonly kind: RenderKind;
  readonly model: RenderModels[RenderKind];
  attempts: number;
  readonly resolve: (rendered: Rendered) => void;
  readonly reject: (error: Error) => void;
}

interface Child {
  readonly process: ChildProcess;
  printed: number;
  current: { readonly id: number; readonly task: Task; readonly timer: NodeJS.Timeout } | null;
}

const CHILD = new URL('./render-child.ts', import.meta.url);
/** How long a child may take to go by itself before it is killed. */
const EXIT_MS = 2_000;

function rendered(bytes: Uint8Array): Rendered {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: buffer, sha256: createHash('sha256').update(buffer).digest('hex') };
}

/** A pool of printing child processes; see {@link RenderPool}. */
export function createRenderPool(options: RenderPoolOptions = {}): RenderPool {
  const size = Math.max(1, options.size ?? availableParallelism());
  const recycleAfter = options.recycleAfter ?? 200;
  const recycleBytes = options.recycleBytes ?? 600 * 1024 * 1024;
  const timeoutMs = options.timeoutMs ?? 60_000;
  const children = new Set<Child>();
  const leaving = new Set<Promise<void>>();
  const waiting: Task[] = [];
  let closed = false;
  let nextId = 1;
  let onIdle: (() => void) | null = null;

  const start = (): Child => {
    const forked = fork(fileURLToPath(options.childModule ?? CHILD), [], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      env: { ...process.env, NODE_ENV: 'production' }, // React's development build is slower
      serialization: 'advanced', // bytes cross as bytes
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const child: Child = { process: forked, printed: 0, current: null };
    forked.on('message', (reply: RenderReply) => finish(child, reply));
    forked.on('error', (error) => lose(child, `could not run: ${error.message}`));
    forked.on('exit', (code, signal) =>
      lose(child, signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    );
    children.add(child);
    return child;
  };

  /** Lets a child go: it ends when its channel closes, or is killed. */
  const retire = (child: Child): void => {
    if (!children.delete(child)) return;
    const { process: forked } = child;
    if (forked.exitCode !== null || forked.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => {
      const timer = setTimeout(() => forked.kill('SIGKILL'), EXIT_MS);
      forked.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    leaving.add(gone);
    void gone.then(() => leaving.delete(gone));
    if (forked.connected) forked.disconnect();
    else forked.kill('SIGKILL');
  };

  const release = (child: Child): Task | null => {
    const { current } = child;
    if (current === null) return null;
    clearTimeout(current.timer);
    child.current = null;
    return current.task;
  };

  const finish = (child: Child, reply: RenderReply): void => {
    if (child.current?.id !== reply.id) return;
    const task = release(child);
    if (task === null) return;
    child.printed += 1;
    if (child.printed >= recycleAfter || reply.rssBytes > recycleBytes) retire(child);
    if (reply.ok) task.resolve(rendered(reply.bytes));
    else task.reject(new RenderError('document', reply.message));
    next();
  };

  /** A child is gone: what it was printing is tried once more elsewhere. */
  const lose = (child: Child, what: string): void => {
    const task = release(child);
    retire(child);
    if (task !== null && task.attempts < 2) waiting.unshift(task);
    else if (task !== null) {
      const message = `the printing process ${what}, twice, at a document of kind ${task.kind}`;
      task.reject(new RenderError('process', message));
    }
    next();
  };

  const assign = (child: Child, task: Task): void => {
    const id = nextId++;
    task.attempts += 1;
    const timer = setTimeout(() => {
      child.process.kill('SIGKILL');
      lose(child, `took longer than ${timeoutMs} ms`);
    }, timeoutMs);
    child.current = { id, task, timer };
    child.process.send({ id, kind: task.kind, model: task.model }, (error) => {
      if (error !== null) lose(child, `could not be reached: ${error.message}`);
    });
  };

  const next = (): void => {
    while (waiting.length > 0) {
      const idle = [...children].find(({ current }) => current === null);
      const child = idle ?? (children.size < size ? start() : undefined);
      const task = child === undefined ? undefined : waiting.shift();
      if (child === undefined || task === undefined) return;
      assign(child, task);
    }
    if ([...children].every(({ current }) => current === null)) onIdle?.();
  };

  return {
    render: (kind, model) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new RenderError('closed', 'the render pool is closed'));
        waiting.push({ kind, model, attempts: 0, resolve, reject });
        next();
      }),
    close: async () => {
      closed = true;
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        next();
      });
      for (const child of [...children]) retire(child);
      await Promise.all(leaving);
    },
  };
}
