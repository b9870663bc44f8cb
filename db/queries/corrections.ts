/** What customers propose to change in their own record; a person decides, and only then is it a fact. */
import { and, count, desc, eq } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { corrections, type ProposedChange } from '../schema.ts';
import { audit } from './audit.ts';
import { addCrmNote } from './crm-notes.ts';
import { changeFact } from './facts.ts';

export type Correction = typeof corrections.$inferSelect;
export type { ProposedChange } from '../schema.ts';

export async function addCorrection(
  db: Db,
  proposal: Pick<Correction, 'correction' | 'account' | 'changes' | 'remark' | 'proposedOn'>,
): Promise<Correction> {
  const rows = await db
    .insert(corrections)
    .values({ ...proposal, state: 'waiting' })
    .returning();
  return oneRow(rows, `correction ${proposal.correction}`);
}

export async function getCorrection(db: Db, correction: string): Promise<Correction | null> {
  const [row] = await db.select().from(corrections).where(eq(corrections.correction, correction));
  return row ?? null;
}

/** How many of an account's proposals nobody has decided yet. */
export async function waitingCorrections(db: Db, account: string): Promise<number> {
  const [row] = await db
    .select({ many: count() })
    .from(corrections)
    .where(and(eq(corrections.account, account), eq(corrections.state, 'waiting')));
  return row?.many ?? 0;
}

/** Newest first. */
export function correctionsOf(db: Db, account: string): Promise<Correction[]> {
  return db
    .select()
    .from(corrections)
    .where(eq(corrections.account, account))
    .orderBy(desc(corrections.createdAt));
}

const wordsOf = ({ table, contact, column, from, to }: ProposedChange) =>
  `${table === 'contacts' ? `contact ${contact}, ` : ''}${column}: ` +
  `${from ?? '(empty)'} → ${to ?? '(empty)'}`;

async function write(db: Db, account: string, change: ProposedChange): Promise<void> {
  const value = { [change.column]: change.to };
  if (change.table === 'accounts')
    await changeFact(db, 'accounts', { account }, value as Partial<Row<'accounts'>>);
  else
    await changeFact(
      db,
      'contacts',
      { account, email: change.contact ?? '' },
      value as Partial<Row<'contacts'>>,
    );
}

/**
 * Accepts or refuses a proposal. Accepted, its changes become facts in the same transaction as the note in the CRM and the
 * line of the audit trail.
 * @throws Refusal `already-decided`, `not-found`, or `invalid-input` where a value is none that the record takes.
 */
export async function decideCorrection(
  db: Db,
  decision: {
    readonly correction: string;
    readonly state: 'accepted' | 'refused';
    readonly reason: string | null;
    readonly actor: Actor;
    readonly today: string;
  },
): Promise<Correction> {
  const { correction, state, reason, actor, today } = decision;
  return db.transaction(async (tx) => {
    const [row] = await tx
      .select()
      .from(corrections)
      .where(eq(corrections.correction, correction))
      .for('update');
    if (row === undefined) throw new Refusal('not-found', `There is no correction ${correction}.`);
    if (row.state !== 'waiting')
      throw new Refusal('already-decided', `Correction ${correction} was ${row.state} already.`);
    if (state === 'accepted')
      for (const change of row.changes) await write(tx, row.account, change);
    const rows = await tx
      .update(corrections)
      .set({ state, reason, decidedBy: actor.user, decidedOn: today })
      .where(eq(corrections.correction, correction))
      .returning();
    const what = row.changes.map(wordsOf).join('; ');
    await addCrmNote(tx, {
      key: `correction:${correction}:crm`,
      account: row.account,
      contract: null,
      subject: `Correction by the customer ${state}`,
      body: [what, row.remark, reason].filter((text) => text !== null && text !== '').join('\n'),
      notedOn: today,
    });
    const action = state === 'accepted' ? 'correction.accept' : 'correction.refuse';
    const columns = row.changes.map(({ table, column }) => `${table}.${column}`);
    const details = { account: row.account, columns };
    await audit(tx, { actor, action, subject: correction, reason, details });
    return oneRow(rows, `correction ${correction}`);
  });
}
