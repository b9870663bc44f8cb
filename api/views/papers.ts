/** Papers of customers for the pages: what was read in them, and what it belongs to. */
import {
  type Db,
  openInvoicesFor,
  type Payment,
  paymentsOfSum,
  type ReceivedPaper,
  remittancesFor,
} from '../../db/index.ts';
import { type Remittance, readRemittance } from '../../domain/papers/remittance.ts';
import type { RemittanceView } from '../types.ts';
import { money } from './money.ts';

/** What a text says, among the open invoices that it could name. */
export async function understoodIn(db: Db, text: string): Promise<Remittance> {
  const known = await openInvoicesFor(
    db,
    {
      // Of no payment: only what the text names is looked up.
      account: null,
      currency: '',
      amountMinor: 0,
      receivedOn: '',
      reference: text,
      lines: null,
    },
    { clock: null },
  );
  return readRemittance(text, known);
}

export async function remittanceView(db: Db, paper: ReceivedPaper): Promise<RemittanceView> {
  const read = paper.understood as Remittance;
  const { currency, totalMinor } = read;
  const amount = (minor: number | null) =>
    minor === null || currency === null ? null : money(minor, currency);
  const fits =
    paper.payment !== null || totalMinor === null || currency === null
      ? []
      : await paymentsOfSum(db, { amountMinor: totalMinor, currency });
  return {
    paper: paper.paper,
    fileName: paper.fileName,
    readBy: paper.readBy as RemittanceView['readBy'],
    payer: read.payer,
    total: amount(totalMinor),
    lines: read.lines.map(({ invoice, amountMinor }) => ({
      invoice,
      amount: amount(amountMinor),
    })),
    payment: paper.payment,
    fits: fits.map(({ payment, payer, reference, receivedOn }) => ({
      payment,
      name: `${payer ?? reference ?? payment}, ${receivedOn}`,
    })),
    createdAt: new Date(paper.createdAt).toISOString(),
    text: paper.text,
  };
}

/** Remittances of a payment, and those without one that state its sum. */
export async function remittancesAround(db: Db, payment: Payment): Promise<RemittanceView[]> {
  const rows = await remittancesFor(db, payment);
  return Promise.all(rows.map((row) => remittanceView(db, row)));
}
