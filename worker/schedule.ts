/** The monthly run's schedule: on the run's day, at six in the seller's time zone, never two at once. */
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { BILL_RUN_SCHEDULE_ID, RUN_DAY, TASK_QUEUES } from '../workflows/ids.ts';
import { WORKFLOW_TYPES } from '../workflows/messages.ts';

const RUN_HOUR = 6;

function scheduleOptions(timeZone: string): ScheduleOptions {
  return {
    scheduleId: BILL_RUN_SCHEDULE_ID,
    spec: { calendars: [{ dayOfMonth: RUN_DAY, hour: RUN_HOUR }], timezone: timeZone },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPES.scheduledBillRun,
      workflowId: BILL_RUN_SCHEDULE_ID,
      taskQueue: TASK_QUEUES.billing,
      args: [{ timeZone }],
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      // An outage of a week still bills the month.
      catchupWindow: '7 days',
      pauseOnFailure: false,
    },
  };
}

/** Creates the schedule, or changes the one that is there to what it should be. A pause by a person stays. */
export async function applySchedule(client: Client, timeZone: string): Promise<void> {
  const options = scheduleOptions(timeZone);
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = options;
    await client.schedule
      .getHandle(BILL_RUN_SCHEDULE_ID)
      .update((before) => ({ ...before, spec, action, ...(policies ? { policies } : {}) }));
  }
}
