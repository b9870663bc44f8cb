/** Workflows of the same names that begin with a timer which no history holds: replaying them must fail. */
import { sleep } from '@temporalio/workflow';

const otherwise = async (): Promise<void> => {
  await sleep('1 hour');
  await sleep('1 day');
};

export const contract = otherwise;
export const invoice = otherwise;
export const billRun = otherwise;
export const payment = otherwise;
export const reconciliation = otherwise;
export const findingFix = otherwise;
