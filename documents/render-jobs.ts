/** What the render pool can print: one printer per kind of document. */
import { facturX } from './e-invoice.ts';
import { onDay } from './fixed-date.ts';
import type {
  InvoiceDocument,
  ReminderLetter,
  RenewalAgreement,
  StatementDocument,
} from './model.ts';
import { invoicePaper } from './pdf/invoice-paper.ts';
import { printPaper } from './pdf/print.ts';
import { reminderPaper } from './pdf/reminder-paper.ts';
import { renewalPaper } from './pdf/renewal-paper.ts';
import { statementPaper } from './pdf/statement-paper.ts';

/** Kind of document → what it is made from. `facturx` is the invoice's PDF with its XML inside. */
export interface RenderModels {
  readonly invoice: InvoiceDocument;
  readonly facturx: InvoiceDocument;
  readonly statement: StatementDocument;
  readonly reminder: ReminderLetter;
  readonly renewal: RenewalAgreement;
}
export type RenderKind = keyof RenderModels;

const PRINTERS: { readonly [K in RenderKind]: (model: RenderModels[K]) => Promise<Buffer> } = {
  invoice: (model) => printPaper(invoicePaper(model)),
  facturx: (model) =>
    onDay(model.issueDate, async () => facturX(model, await printPaper(invoicePaper(model)))),
  statement: (model) => printPaper(statementPaper(model)),
  reminder: (model) => printPaper(reminderPaper(model)),
  renewal: (model) => printPaper(renewalPaper(model)),
};

/** Parent to child. */
export interface RenderJob<K extends RenderKind = RenderKind> {
  readonly id: number;
  readonly kind: K;
  readonly model: RenderModels[K];
}

/** Child to parent; `rssBytes` is the child's resident memory. */
export type RenderReply = {
  readonly id: number;
  readonly rssBytes: number;
} & (
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly name: string; readonly message: string }
);

/** Prints one document in this process. */
export async function runJob<K extends RenderKind>(
  kind: K,
  model: RenderModels[K],
): Promise<Buffer> {
  const print: ((model: RenderModels[K]) => Promise<Buffer>) | undefined = PRINTERS[kind];
  if (print === undefined) throw new Error(`no printer for documents of kind ${String(kind)}`);
  return await print(model);
}
