/**
 * The child process of the render pool: takes one job at a time from its parent and answers with the bytes. Nothing here
 * may be called by other code.
 */
import type { RenderJob, RenderReply } from './render-jobs.ts';
import { runJob } from './render-jobs.ts';

const bytesInUse = () => process.memoryUsage().rss;

process.on('message', (job: RenderJob) => {
  runJob(job.kind, job.model).then(
    (bytes) => reply({ id: job.id, ok: true, bytes, rssBytes: bytesInUse() }),
    (error: unknown) =>
      reply({ id: job.id, ok: false, ...describe(error), rssBytes: bytesInUse() }),
  );
});
// The parent is gone: so is the reason to be here.
process.on('disconnect', () => process.exit(0));
// A terminal's interrupt reaches the whole group; the parent decides when its children go.
process.on('SIGINT', () => undefined);

function reply(answer: RenderReply): void {
  process.send?.(answer);
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}
