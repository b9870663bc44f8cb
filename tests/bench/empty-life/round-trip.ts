/** A process that answers each signal with one step: the shortest way from a message to something done. */
import {
  condition,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

export interface BareSteps {
  done(n: number): Promise<void>;
}

export const go = defineSignal<[number]>('go');

const { done } = proxyActivities<BareSteps>({ startToCloseTimeout: '30 seconds' });

/** Ends with the signal of a negative number. */
export async function roundTrip(): Promise<void> {
  const asked: number[] = [];
  setHandler(go, (n) => {
    asked.push(n);
  });
  while (!workflowInfo().continueAsNewSuggested) {
    await condition(() => asked.length > 0);
    const n = asked.shift() ?? -1;
    if (n < 0) return;
    await done(n);
  }
}
