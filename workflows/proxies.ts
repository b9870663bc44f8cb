/**
 * How steps are called. Database steps are local activities (they share one workflow task and one billable action); a
 * step on another system is an activity on that system's queue, with its own pace and a business deadline after which it
 * parks.
 */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { TASK_QUEUES } from './ids.ts';
import type { Steps } from './steps.ts';

/** Steps that touch the database alone. A day without a database parks nothing; after that people are asked. */
export const local = proxyLocalActivities<Steps>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 day',
  localRetryThreshold: '1 minute',
  retry: {
    initialInterval: '500 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
  },
});

const ofBatches = {
  taskQueue: TASK_QUEUES.billing,
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
} as const;

/** Long database work without a pause (a run's computation), which heartbeats now and then. */
export const batch = proxyActivities<Steps>({ ...ofBatches, heartbeatTimeout: '2 minutes' });

/** A batch of issues heartbeats with every item, so that a killed worker's is soon taken over. */
export const issuing = proxyActivities<Steps>({ ...ofBatches, heartbeatTimeout: '20 seconds' });

export const documents = proxyActivities<Steps>({
  taskQueue: TASK_QUEUES.documents,
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '12 hours',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '10 minutes' },
});

export const mail = proxyActivities<Steps>({
  taskQueue: TASK_QUEUES.mail,
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 minutes' },
});

/**
 * What a customer waits for, tried at once: on the workflow's own queue the engine hands it out with the answer to the task that
 * asks for it. Once and briefly, so that a system that hangs takes no place from others; who calls it falls back to its queue.
 */
export const promptly = proxyActivities<Pick<Steps, 'sendKeys'>>({
  taskQueue: TASK_QUEUES.billing,
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '15 seconds',
  retry: { maximumAttempts: 1 },
});

/** Systems outside with neither documents nor mail: CRM, accounting; and this engine's own client. */
export const outside = proxyActivities<Steps>({
  taskQueue: TASK_QUEUES.billing,
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 minutes' },
});
