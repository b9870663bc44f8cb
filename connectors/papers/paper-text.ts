/**
 * The text of a paper that somebody sent: typed, a mail, a PDF, a scan. Whatever is not plain text is read in a child process
 * with bounds on time, memory and pages, because such files come from strangers and their readers are large.
 */
import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAX_PAPER_BYTES = 20 * 1024 * 1024;
export const MAX_PAGES = 20;
export const MAX_TEXT_CHARS = 200_000;
const TIME_LIMIT_MS = 120_000;
const HEAP_LIMIT_MB = 512;
/** All of the reader, the recognition's own memory included. */
const MEMORY_LIMIT_MB = 1_500;
const MEMORY_LOOK_MS = 500;

export type PaperKind = 'text' | 'mail' | 'pdf' | 'image';
export type ReadBy = 'text' | 'mail' | 'pdf' | 'ocr';

export interface PaperText {
  readonly text: string;
  readonly readBy: ReadBy;
  readonly mediaType: string;
}

export type PaperFault =
  | 'too-large'
  | 'not-readable'
  | 'too-slow'
  | 'too-much-memory'
  | 'stopped'
  | 'empty';

export interface ReadingLimits {
  readonly timeMs?: number;
  readonly memoryMb?: number;
  readonly onProgress?: (progress: ReadingProgress) => void;
  /** Ends the reading: whoever wants it is going. */
  readonly signal?: AbortSignal;
}

/** A paper that is not read; the words say why. */
export class PaperRejection extends Error {
  override readonly name = 'PaperRejection';
  readonly code: PaperFault;
  constructor(code: PaperFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface ReadingJob {
  readonly kind: Exclude<PaperKind, 'text'>;
  readonly bytes: Uint8Array;
  readonly scratch: string;
}
/** How far a scan is: recognising a page takes seconds. */
export interface ReadingProgress {
  readonly page: number;
  readonly pages: number;
}
export type ReadingReply =
  | { readonly progress: ReadingProgress }
  | { readonly ok: true; readonly text: string; readonly readBy: ReadBy }
  | { readonly ok: false; readonly message: string };

const startsWith = (bytes: Uint8Array, signature: readonly number[]) =>
  signature.every((byte, at) => bytes[at] === byte);

const IMAGES: readonly (readonly [string, readonly number[]])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['image/tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['image/bmp', [0x42, 0x4d]],
];
const MAIL_HEADER = /^(?:[A-Za-z][A-Za-z\d-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}\r?\n/;

/** What a file is by its first bytes; its name counts for nothing. @throws PaperRejection where it is nothing we read */
export function kindOfPaper(bytes: Uint8Array): { kind: PaperKind; mediaType: string } {
  if (startsWith(bytes, [0x25, 0x50, 0x44, 0x46]))
    return { kind: 'pdf', mediaType: 'application/pdf' };
  const image = IMAGES.find(([, signature]) => startsWith(bytes, signature));
  if (image !== undefined) return { kind: 'image', mediaType: image[0] };
  const start = new TextDecoder().decode(bytes.subarray(0, 65_536));
  if (start.includes('\0'))
    throw new PaperRejection('not-readable', 'It is no text, mail, PDF or picture that we read.');
  if (
    MAIL_HEADER.test(start.replace(/\r\n/g, '\n')) &&
    /^(?:from|subject|date|received):/im.test(start)
  )
    return { kind: 'mail', mediaType: 'message/rfc822' };
  return { kind: 'text', mediaType: 'text/plain' };
}

/** UTF-8 where the bytes are that, else the Western European code page. */
function plainText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new TextDecoder('windows-1252').decode(bytes);
    throw error;
  }
}

/**
 * Reads a paper's text.
 * @throws PaperRejection where it is too large, cannot be read, takes too long, or has no text
 */
export async function readPaper(bytes: Uint8Array, limits: ReadingLimits = {}): Promise<PaperText> {
  if (bytes.length > MAX_PAPER_BYTES)
    throw new PaperRejection('too-large', `A paper has at most ${MAX_PAPER_BYTES} bytes.`);
  const { kind, mediaType } = kindOfPaper(bytes);
  const read =
    kind === 'text'
      ? { text: plainText(bytes), readBy: 'text' as const }
      : await readWithScratch({ kind, bytes }, limits);
  const text = read.text.slice(0, MAX_TEXT_CHARS).replaceAll('\0', ' ').trim();
  if (text === '') throw new PaperRejection('empty', 'There is no text in it.');
  return { text, readBy: read.readBy, mediaType };
}

/** A folder for the reader's own needs, gone with it. */
async function readWithScratch(job: Omit<ReadingJob, 'scratch'>, limits: ReadingLimits) {
  const scratch = await mkdtemp(join(tmpdir(), 'perennial-paper-'));
  try {
    return await readInChild({ ...job, scratch }, limits);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** One child a paper: it is gone with whatever the paper did to it. */
function readInChild(
  job: ReadingJob,
  { timeMs = TIME_LIMIT_MS, memoryMb = MEMORY_LIMIT_MB, onProgress, signal }: ReadingLimits,
): Promise<{ text: string; readBy: ReadBy }> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./reading-child.ts', import.meta.url)), [], {
      execArgv: ['--import', import.meta.resolve('tsx'), `--max-old-space-size=${HEAP_LIMIT_MB}`],
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    let settled = false;
    const end = (finish: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      clearInterval(look);
      signal?.removeEventListener('abort', stop);
      child.kill('SIGKILL');
      finish();
    };
    const fail = (code: PaperFault, message: string) =>
      end(() => reject(new PaperRejection(code, message)));
    const timer = setTimeout(
      () => fail('too-slow', `Reading it took more than ${timeMs / 1000} s.`),
      timeMs,
    );
    const stop = () => fail('stopped', 'Its reading was stopped.');
    signal?.addEventListener('abort', stop);
    const look = setInterval(async () => {
      if ((await residentMb(child.pid)) > memoryMb)
        fail('too-much-memory', `Reading it took more than ${memoryMb} MB of memory.`);
    }, MEMORY_LOOK_MS);
    child.on('message', (reply: ReadingReply) => {
      if ('progress' in reply) onProgress?.(reply.progress);
      else if (reply.ok) end(() => resolve(reply));
      else fail('not-readable', reply.message);
    });
    child.on('error', (error) => fail('not-readable', error.message));
    child.on('exit', () => fail('not-readable', 'Its reader broke down; the file may be damaged.'));
    child.send(job);
  });
}

/** What a process holds in memory; 0 where the system does not tell, which leaves the heap's own limit. */
async function residentMb(pid: number | undefined): Promise<number> {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch((error: unknown) => {
    // It has just ended.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  });
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
