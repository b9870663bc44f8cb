/** A run computed from the record with no effect. */

import { type Db, knownVatAnswers, loadBook } from '../../db/index.ts';
import type { BillDocument, BillRunPreview } from '../../domain/bill-run/document.ts';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { indexBook } from '../../domain/book/book-index.ts';
import { vatNumbersToAsk } from '../../domain/tax/vat-check.ts';
import { vatNumberKey } from '../../domain/tax/vat-number.ts';
import type { BillRunPreviewAnswer } from '../types.ts';
import { money, sums } from './money.ts';
import { accountNames } from './parties.ts';

export async function previewRun(
  db: Db,
  wanted: { runOn: string; contract?: string | undefined; clock?: string | undefined },
): Promise<BillRunPreviewAnswer> {
  const book = await loadBook(db, {
    ...(wanted.contract === undefined ? {} : { contracts: [wanted.contract] }),
    ...(wanted.contract === undefined ? { clock: wanted.clock ?? null } : {}),
  });
  const vatNumbers = vatNumbersToAsk(indexBook(book), wanted.runOn).map(vatNumberKey);
  const preview = previewBillRun(book, {
    run: wanted.runOn,
    vatValidations: await knownVatAnswers(db, vatNumbers),
    ...(wanted.contract === undefined ? {} : { contract: wanted.contract }),
  });
  return previewAnswer(db, preview);
}

/** A computation as pages and other systems read it. */
export async function previewAnswer(
  db: Db,
  preview: BillRunPreview,
): Promise<BillRunPreviewAnswer> {
  const all = [...preview.invoices, ...preview.creditNotes];
  const nameOf = await accountNames(
    db,
    all.map((document) => document.account),
  );
  const view = (kind: 'invoice' | 'credit_note') => (document: BillDocument) => ({
    kind,
    contract: document.contract,
    account: nameOf(document.account),
    dueDate: document.dueDate,
    net: money(document.net, document.currency),
    tax: money(document.tax, document.currency),
    total: money(document.total, document.currency),
    lines: document.lines,
  });
  return {
    run: preview.run,
    documents: [
      ...preview.invoices.map(view('invoice')),
      ...preview.creditNotes.map(view('credit_note')),
    ],
    held: preview.held,
    setAside: [...preview.setAside],
    totals: sums(preview.invoices.map(({ total, currency }) => money(total, currency))),
    control: preview.control,
    warnings: preview.warnings,
  };
}
