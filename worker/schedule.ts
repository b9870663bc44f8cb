/** What happens by the calendar, in the seller's time zone: the monthly run, and the nightly look over the books. */
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { RUN_DAY } from '../domain/bill-run/run-day.ts';
import {
  ACCOUNTING_LOOK_ID,
  BILL_RUN_SCHEDULE_ID,
  RECONCILIATION_ID,
  RECONCILIATION_SCHEDULE_ID,
  TASK_QUEUES,
} from '../workflows/ids.ts';
import { type ReconciliationArgs, WORKFLOW_TYPES } from '../workflows/messages.ts';

const RUN_HOUR = 6;
const LOOK_HOUR = 2;
const ACCOUNTING_LOOK_EVERY = '15 minutes';

/** On the run's day, never two at once. */
function billRunSchedule(timeZone: string): ScheduleOptions {
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

/** Every night; a night that was slept through is made up for once. */
function reconciliationSchedule(timeZone: string): ScheduleOptions {
  const nightly: ReconciliationArgs = { cause: 'nightly' };
  return {
    scheduleId: RECONCILIATION_SCHEDULE_ID,
    spec: { calendars: [{ hour: LOOK_HOUR }], timezone: timeZone },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPES.reconciliation,
      workflowId: RECONCILIATION_ID,
      taskQueue: TASK_QUEUES.billing,
      args: [nightly],
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '1 day',
      pauseOnFailure: false,
    },
  };
}

/** Through the day; what was slept through comes with the next look. */
function accountingSchedule(): ScheduleOptions {
  return {
    scheduleId: ACCOUNTING_LOOK_ID,
    spec: { intervals: [{ every: ACCOUNTING_LOOK_EVERY }] },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPES.accountingLook,
      workflowId: ACCOUNTING_LOOK_ID,
      taskQueue: TASK_QUEUES.billing,
      args: [],
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '1 minute',
      pauseOnFailure: false,
    },
  };
}

/**
 * Creates the schedules, or changes those that are there to what they should be. A pause by a person stays.
 * @param accountingPays whether payments are entered in a connected accounting system
 */
export async function applySchedules(
  client: Client,
  timeZone: string,
  accountingPays = false,
): Promise<void> {
  const wanted = [billRunSchedule(timeZone), reconciliationSchedule(timeZone)];
  if (accountingPays) wanted.push(accountingSchedule());
  for (const options of wanted) await applySchedule(client, options);
}

async function applySchedule(client: Client, options: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = options;
    await client.schedule
      .getHandle(options.scheduleId)
      .update((before) => ({ ...before, spec, action, ...(policies ? { policies } : {}) }));
  }
}
