/** What happened to a contract, in words. */

import type { Db } from '../connect.ts';
import type { timelineEvents } from '../schema.ts';

export type TimelineEvent = typeof timelineEvents.$inferSelect;
export type NewTimelineEvent = Pick<
  TimelineEvent,
  'key' | 'contract' | 'account' | 'happenedOn' | 'kind' | 'words'
> & { readonly references?: Record<string, string> };
/** Writes a line once: the same key again does nothing. */
export declare function addTimelineEvent(
  db: Db,
  event: NewTimelineEvent,
): Promise<{ isNew: boolean }>;
/** Oldest first. */
export declare function timelineOf(
  db: Db,
  of: { contract?: string; account?: string },
  options?: { limit?: number },
): Promise<TimelineEvent[]>;
