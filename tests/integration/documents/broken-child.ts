/** A printing child as bad as can be: what befalls it is said by the job's invoice number. */
import type { RenderJob } from '../../../documents/render-jobs.ts';

process.on('message', (job: RenderJob<'invoice'>) => {
  const { invoice } = job.model;
  if (invoice === 'crash') process.exit(7);
  if (invoice === 'hang') return;
  const bytes = Buffer.from(String(process.pid));
  process.send?.({ id: job.id, ok: true, bytes, rssBytes: invoice === 'fat' ? 1e12 : 1 });
});
process.on('disconnect', () => process.exit(0));
