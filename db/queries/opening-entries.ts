/** Opening entries: what imported history leaves open on the day the books begin (contract book, billing rules §10). */
import { eq } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import { addDays, later } from '../../domain/dates/dates.ts';
import { earnedThrough } from '../../domain/ledger/earned-revenue.ts';
import { postingsForOpening, postingsForOpeningCredit } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { invoices, type payments } from '../schema.ts';
import type { InvoiceDraft } from './imported-documents.ts';
import { type NewEntry, postEntries } from './ledger.ts';

type NewPayment = typeof payments.$inferInsert;

/** The books of a document open on the entity's cut-over, or with the document where that is later. */
function openedOn(entity: Row<'entities'> | undefined, on: string): string {
  return entity?.cutover ? later(entity.cutover, on) : on;
}

function entryOfInvoice(
  { invoice, lines }: InvoiceDraft,
  entity: Row<'entities'> | undefined,
): NewEntry[] {
  if (invoice.state === 'void') return [];
  const on = openedOn(entity, invoice.issuedOn);
  const deferred = lines.flatMap(({ line, netMinor, periodStart, periodEnd }) => {
    if (!periodStart || !periodEnd) return [];
    const earning = { net: netMinor, periodStart, periodEnd, on: invoice.issuedOn };
    return [{ line, amount: netMinor - earnedThrough(earning, addDays(on, -1)) }];
  });
  const { account, currency } = invoice;
  const postings = postingsForOpening({
    invoice: invoice.invoice,
    account,
    currency,
    balance: invoice.balanceMinor,
    deferred,
  });
  if (postings.length === 0) return [];
  return [
    {
      key: `opening:${invoice.invoice}`,
      entity: invoice.entity,
      postedOn: on,
      description: `Opening balance of ${invoice.invoice}`,
      postings,
    },
  ];
}

function entryOfPayment(payment: NewPayment, entity: string, on: string): NewEntry[] {
  if (payment.unappliedMinor === 0) return [];
  const postings = postingsForOpeningCredit({
    account: payment.account ?? null,
    currency: payment.currency,
    amount: payment.unappliedMinor,
  });
  return [
    {
      key: `opening:payment:${payment.payment}`,
      entity,
      postedOn: on,
      description: `Unapplied credit of payment ${payment.payment}`,
      postings,
    },
  ];
}

/** Posts the opening entries of documents and payments that have just been imported. */
export async function postOpenings(
  db: Db,
  drafts: readonly InvoiceDraft[],
  received: readonly NewPayment[],
  entities: ReadonlyMap<string, Row<'entities'>>,
  entityOf: (row: { account: string }) => string,
): Promise<void> {
  const ofInvoices = drafts.flatMap((draft) =>
    entryOfInvoice(draft, entities.get(draft.invoice.entity)),
  );
  const ofPayments = received.flatMap((payment) => {
    const entity = entityOf({ account: payment.account ?? '' });
    return entryOfPayment(payment, entity, openedOn(entities.get(entity), payment.receivedOn));
  });
  await postEntries(db, [...ofInvoices, ...ofPayments]);
}

/** The open amount of imported history was told anew: the difference was settled outside these books. */
export async function postOpening(
  db: Db,
  number: string,
  beforeMinor: number,
  afterMinor: number,
): Promise<void> {
  const rows = await db.select().from(invoices).where(eq(invoices.invoice, number));
  const { entity, account, currency, issuedOn } = oneRow(rows, `invoice ${number}`);
  const balance = afterMinor - beforeMinor;
  const postings = postingsForOpening({
    invoice: number,
    account,
    currency,
    balance,
    deferred: [],
  });
  if (postings.length === 0) return;
  await postEntries(db, [
    {
      key: `opening:${number}:${crypto.randomUUID()}`,
      entity,
      postedOn: issuedOn,
      description: `Opening balance of ${number}, told anew`,
      postings,
    },
  ]);
}
