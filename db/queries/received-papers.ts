/** Papers that customers sent: remittance advices and purchase orders, as they came and as they were read. */
import { and, desc, eq, getTableColumns, inArray, isNull, or, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { payments, receivedPapers, renewals } from '../schema.ts';
import { audit } from './audit.ts';
import { changeFact } from './facts.ts';

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

/** A paper that is kept and not read yet: what is known of it once it was read. Only the first to tell counts. */
export async function finishPaper(
  db: Db,
  paper: string,
  read: Pick<NewPaper, 'mediaType' | 'text' | 'readBy' | 'understood'> &
    Partial<Pick<NewPaper, 'payment' | 'renewal' | 'contract'>>,
): Promise<void> {
  await db
    .update(receivedPapers)
    .set({ ...read, state: 'read', fault: null })
    .where(and(eq(receivedPapers.paper, paper), eq(receivedPapers.state, 'reading')));
}

export async function failPaper(db: Db, paper: string, fault: string): Promise<void> {
  await db
    .update(receivedPapers)
    .set({ state: 'failed', fault })
    .where(and(eq(receivedPapers.paper, paper), eq(receivedPapers.state, 'reading')));
}

/** One that could not be read is read again, as when it came. */
export async function reopenPaper(db: Db, paper: string): Promise<void> {
  await db
    .update(receivedPapers)
    .set({ state: 'reading', fault: null })
    .where(and(eq(receivedPapers.paper, paper), eq(receivedPapers.state, 'failed')));
}

/** What could not be read and nobody waits for is not kept. */
export async function dropPaper(db: Db, paper: string): Promise<void> {
  await db
    .delete(receivedPapers)
    .where(
      and(eq(receivedPapers.paper, paper), inArray(receivedPapers.state, ['reading', 'failed'])),
    );
}

/** Says which contract or renewal a purchase order answers, and what it says in its light. */
export async function placeOrder(
  db: Db,
  paper: string,
  place: { contract: string; renewal: string | null; understood: unknown },
): Promise<ReceivedPaper> {
  const rows = await db
    .update(receivedPapers)
    .set(place)
    .where(and(eq(receivedPapers.paper, paper), isNull(receivedPapers.decision)))
    .returning(light);
  const [row] = rows;
  if (row === undefined)
    throw new Refusal(
      'already-decided',
      'The order was decided already; it stays with its contract.',
    );
  return row;
}

/**
 * What a person decided on a purchase order. Accepted, its number goes onto the contract, for the invoices from then on. The
 * same decision again is the first one; another one is refused (`already-decided`).
 */
export async function decideOrder(
  db: Db,
  input: {
    paper: string;
    decision: 'accepted' | 'rejected';
    contract: string | null;
    number: string | null;
    reason: string | null;
    actor: Actor;
    at: Date;
  },
): Promise<ReceivedPaper> {
  const { paper, decision, contract, number, reason, actor, at } = input;
  return db.transaction(async (tx) => {
    const rows = await tx
      .select(light)
      .from(receivedPapers)
      .where(and(eq(receivedPapers.paper, paper), eq(receivedPapers.kind, 'order')))
      .for('update');
    const before = oneRow(rows, `purchase order ${paper}`);
    if (before.decision === decision && before.orderNumber === number) return before;
    if (before.decision !== null)
      throw new Refusal('already-decided', `The order was ${before.decision} already.`);
    if (decision === 'accepted' && contract !== null)
      await changeFact(tx, 'contracts', { contract }, { poNumber: number });
    await audit(tx, {
      actor,
      action: `order.${decision}`,
      subject: contract ?? paper,
      reason,
      details: { paper, ...(number === null ? {} : { number }) },
    });
    const decided = await tx
      .update(receivedPapers)
      .set({
        decision,
        contract,
        orderNumber: number,
        decisionReason: reason,
        decidedBy: actor.user,
        decidedAt: at,
      })
      .where(eq(receivedPapers.paper, paper))
      .returning(light);
    return oneRow(decided, paper);
  });
}

/** Contracts whose number may stand in a text: for the exact look that follows. */
export async function contractsNamedIn(db: Db, text: string): Promise<string[]> {
  const plain = text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const rows = await db.execute<{ contract: string }>(sql`
    with named as (select contract, regexp_replace(upper(contract), '[^A-Z0-9]', '', 'g') as key from contracts)
    select contract from named where length(key) >= 2 and position(key in ${plain}) > 0
     order by contract limit 1000`);
  return rows.map(({ contract }) => contract);
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

/** The latest papers of a kind, those first that wait: without a payment, not decided. */
export function listPapers(
  db: Db,
  options: { kind: 'remittance' | 'order'; limit: number; contract?: string },
): Promise<ReceivedPaper[]> {
  const { kind, contract } = options;
  const ofContract = contract === undefined ? undefined : eq(receivedPapers.contract, contract);
  return db
    .select(light)
    .from(receivedPapers)
    .where(and(eq(receivedPapers.kind, kind), ofContract))
    .orderBy(
      sql`${receivedPapers.payment} is not null`,
      sql`${receivedPapers.decision} is not null`,
      desc(receivedPapers.createdAt),
      receivedPapers.paper,
    )
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
