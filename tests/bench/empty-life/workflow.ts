/** A process that does as many steps as a real one and nothing in them: what the engine alone costs. */
import {
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';

/** How often each thing happens in one life. */
export interface Shape {
  readonly signals: number;
  readonly updates: number;
  readonly activities: number;
  /** Workflow tasks in which local activities run. */
  readonly localTasks: number;
}

export interface NoSteps {
  nothing(): Promise<void>;
}

export const signalled = defineSignal('signalled');
export const updated = defineUpdate<void>('updated');

const local = proxyLocalActivities<NoSteps>({ startToCloseTimeout: '30 seconds' });
const outside = proxyActivities<NoSteps>({ startToCloseTimeout: '1 minute' });

/** Each message wakes it and is followed by a local step while there are some; the other steps come first. */
export async function emptyLife(shape: Shape): Promise<void> {
  const messages = shape.signals + shape.updates;
  let heard = 0;
  setHandler(signalled, () => {
    heard += 1;
  });
  setHandler(updated, () => {
    heard += 1;
  });
  let locals = shape.localTasks;
  for (let done = 0; done < shape.activities; done += 1) {
    await outside.nothing();
    if (locals > messages) {
      locals -= 1;
      await local.nothing();
    }
  }
  for (let answered = 0; answered < messages; answered += 1) {
    await condition(() => heard > answered);
    if (locals > 0) {
      locals -= 1;
      await local.nothing();
    }
  }
}
