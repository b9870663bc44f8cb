/** What happened to a contract, in words. */
import { and, asc, desc, eq } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { timelineEvents } from '../schema.ts';

export type TimelineEvent = typeof timelineEvents.$inferSelect;
export type NewTimelineEvent = Pick<
  TimelineEvent,
  'key' | 'contract' | 'account' | 'happenedOn' | 'kind' | 'words'
> & { readonly references?: Record<string, string> };

/** Writes a line once: the same key again does nothing. */
export async function addTimelineEvent(
  db: Db,
  event: NewTimelineEvent,
): Promise<{ isNew: boolean }> {
  const rows = await db.insert(timelineEvents).values(event).onConflictDoNothing().returning();
  return { isNew: rows.length > 0 };
}

/** Oldest first; `limit` keeps the newest of them. */
export async function timelineOf(
  db: Db,
  of: { contract?: string; account?: string },
  options: { limit?: number } = {},
): Promise<TimelineEvent[]> {
  const newest = await db
    .select()
    .from(timelineEvents)
    .where(
      and(
        of.contract === undefined ? undefined : eq(timelineEvents.contract, of.contract),
        of.account === undefined ? undefined : eq(timelineEvents.account, of.account),
      ),
    )
    .orderBy(desc(timelineEvents.happenedOn), desc(timelineEvents.id))
    .limit(options.limit ?? 1000);
  return newest.reverse();
}

/** What happened everywhere, newest first: "what arrived since the last visit". */
export function latestTimelineEvents(db: Db, limit = 50): Promise<TimelineEvent[]> {
  return db
    .select()
    .from(timelineEvents)
    .orderBy(desc(timelineEvents.createdAt), asc(timelineEvents.id))
    .limit(limit);
}
