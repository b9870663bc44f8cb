/** What all papers that are brought in share: their bytes are kept first, then read; a file goes out as it came. */
import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { kindOfPaper, MAX_PAPER_BYTES, PaperRejection } from '../connectors/papers/paper-text.ts';
import {
  type Db,
  dropPaper,
  getPaper,
  paperContent,
  type ReceivedPaper,
  reopenPaper,
  storePaper,
} from '../db/index.ts';
import type { Api, RouteContext } from './app.ts';
import type { Understand } from './paper-reading.ts';
import { notFound, ProblemError } from './problems.ts';

/** Routes of this scope take a file, byte for byte. */
export function takesFiles(api: Api): Api {
  api.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: MAX_PAPER_BYTES },
    (_request, body, done) => done(null, body),
  );
  return api;
}

export function bytesOf(body: unknown): Buffer {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new ProblemError('malformed-request', 'Send the file as application/octet-stream.');
  return body;
}

interface NewPaper {
  readonly kind: 'remittance' | 'order';
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly payment: string | null;
  readonly renewal: string | null;
  readonly contract: string | null;
  readonly createdBy: string;
}

const unread = (fault: PaperRejection) =>
  new ProblemError('invalid-input', `The paper was not read: ${fault.message} (${fault.code}).`, {
    cause: fault,
  });

function mediaTypeOf(bytes: Buffer): string {
  try {
    return kindOfPaper(bytes).mediaType;
  } catch (error) {
    throw error instanceof PaperRejection ? unread(error) : error;
  }
}

/**
 * Keeps a paper and waits a moment for its reading. The same content again is the first paper; one that could not be read is
 * read again. What turns out unreadable within that moment is told as a problem, and nothing of it is kept.
 */
export async function keepAndRead(
  { db, paperReading }: Pick<RouteContext, 'db' | 'paperReading'>,
  { bytes, ...paper }: NewPaper,
  understand: (row: ReceivedPaper) => Understand,
): Promise<ReceivedPaper> {
  const mediaType = mediaTypeOf(bytes);
  const key = `${paper.kind}:${createHash('sha256').update(bytes).digest('hex')}`;
  if (!paperReading.isUnderWay(key)) paperReading.demandRoom();
  const { paper: row } = await storePaper(db, {
    ...paper,
    paper: key,
    mediaType,
    content: bytes,
    text: '',
    readBy: '',
    understood: {},
    state: 'reading',
  });
  if (row.state === 'read') return row;
  if (row.state === 'failed') await reopenPaper(db, key);
  const fault = await paperReading.forAMoment(paperReading.begin(key, understand(row)));
  if (fault instanceof PaperRejection) {
    await dropPaper(db, key);
    throw unread(fault);
  }
  const now = await getPaper(db, key);
  if (now === null) throw notFound('paper', key);
  return now;
}

/** Never shown as a page of ours: it is a stranger's file. */
export async function sendFile(db: Db, paper: string, reply: FastifyReply): Promise<FastifyReply> {
  const found = await paperContent(db, paper);
  if (found === null) throw notFound('paper', paper);
  const safe = found.fileName.replace(/[^\w.-]+/g, '_');
  return reply
    .header('content-disposition', `attachment; filename="${safe}"`)
    .header('content-security-policy', 'sandbox')
    .type('application/octet-stream')
    .send(found.content);
}
