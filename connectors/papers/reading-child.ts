/** The child process that reads one paper and answers with its text. Nothing here may be called by other code. */

import { errorWords } from '../../domain/error-words.ts';
import type { ReadingJob, ReadingReply } from './paper-text.ts';
import { readByKind } from './reading.ts';

process.once('message', (job: ReadingJob) => {
  readByKind(job, (progress) => reply({ progress })).then(
    (read) => reply({ ok: true, ...read }),
    (error: unknown) => reply({ ok: false, message: errorWords(error) }),
  );
});
// The parent is gone: so is the reason to be here.
process.on('disconnect', () => process.exit(0));
// A terminal's interrupt reaches the whole group; the parent decides when its children go.
process.on('SIGINT', () => undefined);

function reply(answer: ReadingReply): void {
  process.send?.(answer);
}
