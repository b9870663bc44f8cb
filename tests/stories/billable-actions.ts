/**
 * Billable actions in a history, as Temporal Cloud counts them (docs.temporal.io/cloud/pricing, "Actions"): workflow starts
 * (continue-as-new and resets are starts; a child is two), timers, signals, updates, activity attempts, search attribute
 * upserts, side effects; the local activities of one workflow task count once.
 */
import type { History as FetchedHistory } from '@temporalio/common/lib/proto-utils.js';

export interface Counted {
  readonly total: number;
  readonly byKind: Readonly<Record<string, number>>;
}

export function billableActions(history: FetchedHistory): Counted {
  const byKind: Record<string, number> = {};
  const add = (kind: string) => {
    byKind[kind] = (byKind[kind] ?? 0) + 1;
  };
  const tasksWithLocals = new Set<string>();
  for (const event of history.events ?? []) {
    if (event.workflowExecutionStartedEventAttributes) add('start');
    if (event.timerStartedEventAttributes) add('timer');
    if (event.workflowExecutionSignaledEventAttributes) add('signal');
    if (event.workflowExecutionUpdateAcceptedEventAttributes) add('update');
    if (event.upsertWorkflowSearchAttributesEventAttributes) add('search attributes');
    if (event.startChildWorkflowExecutionInitiatedEventAttributes) add('child');
    const started = event.activityTaskStartedEventAttributes;
    // An attempt that failed before leaves its number on the event of the one that ended.
    for (let attempt = 0; attempt < (started?.attempt ?? 0); attempt += 1) add('activity');
    const marker = event.markerRecordedEventAttributes;
    if (marker?.markerName === 'core_local_activity')
      tasksWithLocals.add(String(marker.workflowTaskCompletedEventId));
    else if (marker) add('marker');
  }
  for (let n = 0; n < tasksWithLocals.size; n += 1) add('local activities');
  const total = Object.values(byKind).reduce((sum, count) => sum + count, 0);
  return { total, byKind };
}
