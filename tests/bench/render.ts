/** How long it takes to print invoices with all cores and nothing else: the yardstick for a run that mails them. */
import { availableParallelism } from 'node:os';
import type { InvoiceDocument } from '../../documents/model.ts';
import { createRenderPool } from '../../documents/render-pool.ts';

export interface RenderTiming {
  readonly documents: number;
  readonly cores: number;
  /** From the first job to the last answer, children started before. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly bytes: number;
}

/**
 * Prints the documents with one child per core and times it; one document per child warms up first.
 * @param models at least one document.
 */
export async function renderAlone(
  models: readonly InvoiceDocument[],
  cores: number = availableParallelism(),
): Promise<RenderTiming> {
  const [first] = models;
  if (first === undefined) throw new RangeError('renderAlone needs a document to print');
  const pool = createRenderPool({ size: cores });
  try {
    await Promise.all(Array.from({ length: cores }, () => pool.render('invoice', first)));
    const begun = performance.now();
    const printed = await Promise.all(models.map((model) => pool.render('invoice', model)));
    const seconds = (performance.now() - begun) / 1000;
    const bytes = printed.reduce((sum, one) => sum + one.bytes.length, 0);
    return { documents: models.length, cores, seconds, perSecond: models.length / seconds, bytes };
  } finally {
    await pool.close();
  }
}
