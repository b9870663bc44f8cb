/**
 * The engine against the reference, book by book. PERENNIAL_RANDOM_BOOKS asks for more books than the default; with
 * PERENNIAL_SEED=random they are new ones, and a failure prints its seed and the smallest book that fast-check finds.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BillDocument } from '../../../domain/bill-run/document.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Book } from '../../../domain/book/tables.ts';
import { books } from './books.ts';
import { referenceRun } from './reference.ts';

const BOOKS = Number(process.env.PERENNIAL_RANDOM_BOOKS ?? '2000');

function engineRun(book: Book, run: string) {
  const preview = previewBillRun(book, { run });
  const shown = (document: BillDocument) => ({
    subject: document.subject,
    account: document.account,
    currency: document.currency,
    due: document.dueDate,
    net: document.net,
    tax: document.tax,
    lines: document.lines.map((line) => ({
      contract: line.contract,
      subcontract: line.subcontract,
      kind: line.kind,
      periodStart: line.periodStart,
      periodEnd: line.periodEnd,
      net: line.net,
      category: line.taxCategory,
      rate: line.taxRate,
      dueMonth: line.dueMonth ?? null,
    })),
  });
  return {
    documents: [...preview.invoices, ...preview.creditNotes].map(shown).sort(bySubject),
    held: preview.held.map((find) =>
      [find.contract, find.subcontract, find.periodStart, find.net].join(' '),
    ),
    setAside: preview.setAside.map(({ contract, code }) => `${contract} ${code}`),
    carried: preview.carried.map(({ subject, net }) => `${subject} ${net}`),
  };
}

interface Named {
  readonly account: string;
  readonly subject: string;
}
const bySubject = (a: Named, b: Named) =>
  `${a.account} ${a.subject}` < `${b.account} ${b.subject}` ? -1 : 1;

describe('engine and reference', () => {
  it(`agree on ${BOOKS} random books`, { timeout: 3_600_000 }, () => {
    fc.assert(
      fc.property(books, ({ book, run }) => {
        const reference = referenceRun(book, run);
        const documents = [...reference.documents].sort(bySubject);
        expect(engineRun(book, run)).toEqual({ ...reference, documents });
      }),
      { numRuns: BOOKS },
    );
  });
});
