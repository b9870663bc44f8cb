/** Papers that customers sent: remittance advices and purchase orders, as they came and as they were read. */
import { and, desc, eq, getTableColumns, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { payments, receivedPapers, renewals } from '../schema.ts';
import { audit } from './audit.ts';

const { content: _content, ...light } = getTableColumns(receivedPapers);
/** A paper without its bytes. */
export type ReceivedPaper = Omit<typeof receivedPapers.$inferSelect, 'content'>;
export type NewPaper = Omit<typeof receivedPapers.$inferInsert, 'createdAt'>;

/** Keeps a paper; the same content again is the first row, with what was decided of it. */
export async function storePaper(
  db: Db,
  paper: NewPaper,
): Promise<{ paper: ReceivedPaper; isNew: boolean }> {
  const added = await db
    .insert(receivedPapers)
    .values(paper)
    .onConflictDoNothing()
    .returning(light);
  const [first] = added;
  if (first !== undefined) return { paper: first, isNew: true };
  const found = await getPaper(db, paper.paper);
  return { paper: oneRow(found === null ? [] : [found], paper.paper), isNew: false };
}

export async function getPaper(db: Db, paper: string): Promise<ReceivedPaper | null> {
  const [row] = await db.select(light).from(receivedPapers).where(eq(receivedPapers.paper, paper));
  return row ?? null;
}

/** The bytes as they came. */
export async function paperContent(
  db: Db,
  paper: string,
): Promise<{ fileName: string; mediaType: string; content: Buffer } | null> {
  const { fileName, mediaType, content } = receivedPapers;
  const [row] = await db
    .select({ fileName, mediaType, content })
    .from(receivedPapers)
    .where(eq(receivedPapers.paper, paper));
  return row ?? null;
}

/** The latest papers of a kind, those without a payment or renewal first. */
export function listPapers(
  db: Db,
  options: { kind: 'remittance' | 'order'; limit: number },
): Promise<ReceivedPaper[]> {
  return db
    .select(light)
    .from(receivedPapers)
    .where(eq(receivedPapers.kind, options.kind))
    .orderBy(sql`payment is not null`, desc(receivedPapers.createdAt))
    .limit(options.limit);
}

/** Remittances of a payment, and those of none that state the same sum. */
export function remittancesFor(
  db: Db,
  payment: { payment: string; amountMinor: number; currency: string },
): Promise<ReceivedPaper[]> {
  const { payment: name, amountMinor, currency } = payment;
  const sameMoney = and(
    isNull(receivedPapers.payment),
    sql`understood ->> 'totalMinor' = ${String(amountMinor)}`,
    sql`understood ->> 'currency' = ${currency}`,
  );
  return db
    .select(light)
    .from(receivedPapers)
    .where(
      and(eq(receivedPapers.kind, 'remittance'), or(eq(receivedPapers.payment, name), sameMoney)),
    )
    .orderBy(desc(receivedPapers.createdAt))
    .limit(20);
}

/** Payments that a remittance may tell of: the same sum and currency, with money that is not allocated. */
export function paymentsOfSum(
  db: Db,
  sum: { amountMinor: number; currency: string },
): Promise<(typeof payments.$inferSelect)[]> {
  return db
    .select()
    .from(payments)
    .where(
      and(
        eq(payments.amountMinor, sum.amountMinor),
        eq(payments.currency, sum.currency),
        inArray(payments.state, ['received', 'review', 'allocated']),
        sql`${payments.unappliedMinor} > 0`,
      ),
    )
    .orderBy(desc(payments.receivedOn))
    .limit(10);
}

/** Says which payment a remittance is of; null takes it away from its payment. */
export async function attachPaper(
  db: Db,
  input: { paper: string; payment: string | null; actor: Actor },
): Promise<ReceivedPaper> {
  const { paper, payment, actor } = input;
  return db.transaction(async (tx) => {
    const rows = await tx
      .update(receivedPapers)
      .set({ payment })
      .where(and(eq(receivedPapers.paper, paper), eq(receivedPapers.kind, 'remittance')))
      .returning(light);
    const [row] = rows;
    if (row === undefined) throw new Refusal('invalid-input', `There is no remittance ${paper}.`);
    const subject = payment ?? paper;
    await audit(tx, { actor, action: 'paper.attach', subject, reason: null, details: { paper } });
    return row;
  });
}

/** Renewals that wait for an answer, or were answered, of which an order can be; the latest term first. */
export function renewalsToOrder(db: Db): Promise<(typeof renewals.$inferSelect)[]> {
  return db
    .select()
    .from(renewals)
    .where(inArray(renewals.state, ['drawn_up', 'sent', 'accepted']))
    .orderBy(desc(renewals.termStart));
}
