/**
 * A month's run from its approval until every invoice is numbered, printed and with the mail server, against printing the
 * same papers with all cores and doing nothing else. The worker is a process of its own, as in production.
 */
import { availableParallelism } from 'node:os';
import { partiesOf } from '../../activities/mails.ts';
import { type Db, getInvoice, invoicesOfAccount } from '../../db/index.ts';
import { invoiceDocument } from '../../documents/from-record.ts';
import type { InvoiceDocument } from '../../documents/model.ts';
import { createPlant } from '../faults/plant.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { renderAlone } from './render.ts';
import { type Section, secondsOf } from './section.ts';

const INVOICES = 60;

async function papersOf(db: Db): Promise<InvoiceDocument[]> {
  const parties = await partiesOf(db, 'A-1');
  const papers: InvoiceDocument[] = [];
  for (const { invoice } of await invoicesOfAccount(db, 'A-1')) {
    const found = await getInvoice(db, invoice);
    if (found === null) throw new Error(`invoice ${invoice} is gone`);
    const options = { payUrl: `http://127.0.0.1/pay/${invoice}`, lateChargeClause: null };
    papers.push(invoiceDocument(found.invoice, found.lines, parties, options));
  }
  return papers;
}

export const billRun: Section = {
  name: 'bill-run',
  what: 'a run of sixty invoices, approved until mailed, against printing them with all cores',
  measure: async () => {
    const plant = await createPlant({ contracts: INVOICES });
    try {
      await plant.startWorker();
      const runSeconds = await secondsOf(async () => {
        await plant.approve();
        await plant.issued();
        const all = async () => plant.sink.mails.length >= INVOICES;
        await eventually('all mails', all, 240_000);
      });
      const papers = await papersOf(plant.database.db);
      const { seconds: renderSeconds } = await renderAlone(papers);
      const received = new Set(plant.sink.mails.map(({ messageId }) => messageId)).size;
      const withPaper = plant.sink.mails.filter(({ attachments }) =>
        attachments.some(({ contentType }) => contentType === 'application/pdf'),
      ).length;
      const isWhole = received === INVOICES && withPaper === INVOICES && papers.length === INVOICES;
      return {
        ratios: { runPerPrinting: runSeconds / renderSeconds },
        figures: {
          invoices: INVOICES,
          cores: availableParallelism(),
          runSeconds,
          renderSeconds,
          invoicesPerSecond: INVOICES / runSeconds,
        },
        broken: isWhole ? [] : [`${received} mails, ${withPaper} of them with a PDF`],
      };
    } finally {
      await plant.end();
    }
  },
};
