/** Papers from the record: the stored one where it was made, else printed now from the same rows. */

import { type Db, entityFor, getDocument, getFact, getInvoice, lateTermsOf } from '../db/index.ts';
import { invoiceDocument, languageOf, type Parties } from '../documents/from-record.ts';
import { invoiceHtml } from '../documents/invoice-html.ts';
import { lateChargeClause } from '../documents/late-charge-clause.ts';
import type { InvoiceDocument } from '../documents/model.ts';
import type { RenderPool } from '../documents/render-pool.ts';
import { otherIssuers, statementDocument } from '../documents/statement-document.ts';
import type { BillDocument } from '../domain/bill-run/document.ts';
import type { Row } from '../domain/book/tables.ts';
import { effectKey, fileNameOf } from '../workflows/ids.ts';
import type { Papers } from './dependencies.ts';

export interface PaperOptions {
  readonly db: Db;
  readonly renderPool: RenderPool;
  readonly payUrl: (invoice: string) => string | null;
}

export async function partiesOf(db: Db, entity: string | null, account: string): Promise<Parties> {
  const row = await getFact(db, 'accounts', { account });
  if (row === null) throw new Error(`a document names account ${account}, which is not there`);
  const seller: Row<'entities'> | null =
    entity === null ? null : await getFact(db, 'entities', { entity });
  return { entity: seller, account: row, contactName: null };
}

/** An issued document as it stands today: what was paid is taken off. */
async function documentOf(
  { db, payUrl }: Pick<PaperOptions, 'db' | 'payUrl'>,
  number: string,
): Promise<InvoiceDocument | null> {
  const found = await getInvoice(db, number);
  if (found === null) return null;
  const { invoice, lines } = found;
  const parties = await partiesOf(db, invoice.entity, invoice.account);
  const issued = invoiceDocument({ ...invoice }, lines, parties, {
    payUrl: invoice.balanceMinor > 0 ? payUrl(number) : null,
    lateChargeClause: lateChargeClause(
      await lateTermsOf(db, invoice, invoice.issuedOn),
      invoice.issuedOn,
      languageOf(parties),
      parties.entity?.country ?? null,
    ),
  });
  return {
    ...issued,
    paidMinor: invoice.totalMinor - invoice.balanceMinor,
    balanceMinor: invoice.balanceMinor,
  };
}

export function createPapers(options: PaperOptions): Papers {
  const { db, renderPool } = options;
  return {
    async invoicePdf(number) {
      const found = await getInvoice(db, number);
      if (found === null) return null;
      const { documentKey } = found.invoice;
      const stored =
        documentKey === null ? null : await getDocument(db, effectKey(documentKey, 'pdf'));
      if (stored !== null) return { fileName: stored.fileName, content: stored.content };
      const document = await documentOf(options, number);
      if (document === null) return null;
      const { bytes } = await renderPool.render('invoice', document);
      return { fileName: fileNameOf(number, 'pdf'), content: bytes };
    },
    async invoiceHtml(number) {
      const document = await documentOf(options, number);
      return document === null ? null : invoiceHtml(document);
    },
    async draftHtml(draft) {
      return invoiceHtml(await draftDocument(db, draft));
    },
    async draftPdf(draft, seller) {
      const document = await draftDocument(db, draft, seller);
      const { bytes } = await renderPool.render('invoice', document);
      return { fileName: fileNameOf(`draft-${draft.subject}`, 'pdf'), content: bytes };
    },
    async statementPdf(account, statement) {
      const { entity } = (await entityFor(db, { account })) ?? { entity: null };
      const others = await Promise.all(
        otherIssuers(statement, entity).map((issuer) =>
          getFact(db, 'entities', { entity: issuer }),
        ),
      );
      const parties = await partiesOf(db, entity, account);
      const issued = others.filter((other) => other !== null);
      const document = statementDocument(statement, parties, issued);
      const { bytes } = await renderPool.render('statement', document);
      const { currency, from, to } = statement;
      const name = `statement-${account}-${from}-${to}-${currency}`;
      return { fileName: fileNameOf(name, 'pdf'), content: bytes };
    },
  };
}

/** A computed document before it has a number, as it will look; with another seller's particulars where they are given. */
export async function draftDocument(
  db: Db,
  draft: BillDocument,
  seller?: Row<'entities'>,
): Promise<InvoiceDocument> {
  const found = await partiesOf(db, draft.entity, draft.account);
  const parties = seller === undefined ? found : { ...found, entity: seller };
  const lines = draft.lines.map((line, at) => ({
    ...line,
    line: String(at + 1),
    netMinor: line.net,
  }));
  const drawn = invoiceDocument(
    {
      invoice: '',
      type: draft.net < 0 ? 'credit_note' : 'invoice',
      credits: null,
      issuedOn: draft.issueDate,
      dueOn: draft.dueDate,
      currency: draft.currency,
      netMinor: draft.net,
      taxMinor: draft.tax,
      totalMinor: draft.total,
      poNumber: draft.poNumber,
      paymentTerms: draft.paymentTerms,
      paymentReference: null,
      contract: draft.contract,
      snapshot: { taxes: draft.taxes },
      custom: {},
    },
    lines,
    parties,
    { payUrl: null, lateChargeClause: null },
  );
  return { ...drawn, invoice: null };
}
