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
import type { RouteContext } from '../app.ts';
import type { PaperReading } from '../paper-reading.ts';
import type { PaperState, RemittanceView } from '../types.ts';
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

/** How the reading of a paper stands, for who waits for it. */
export function paperState(paper: ReceivedPaper, reading: PaperReading): PaperState {
  const progress = reading.progressOf(paper.paper);
  const words =
    paper.state === 'failed'
      ? `It could not be read: ${paper.fault}`
      : paper.state === 'read'
        ? 'It is read.'
        : progress === null
          ? 'It waits to be read.'
          : `Page ${progress.page} of ${progress.pages} is being read.`;
  return { state: paper.state, words };
}

export async function remittanceView(
  db: Db,
  paper: ReceivedPaper,
  reading: PaperReading,
): Promise<RemittanceView> {
  const nothing: Remittance = {
    payer: null,
    currency: null,
    totalMinor: null,
    lines: [],
    unknown: [],
  };
  const read = paper.state === 'read' ? (paper.understood as Remittance) : nothing;
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
    reading: paperState(paper, reading),
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
export async function remittancesAround(
  { db, paperReading }: Pick<RouteContext, 'db' | 'paperReading'>,
  payment: Payment,
): Promise<RemittanceView[]> {
  const rows = await remittancesFor(db, payment);
  return Promise.all(rows.map((row) => remittanceView(db, row, paperReading)));
}
