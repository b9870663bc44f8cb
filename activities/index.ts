/** All steps, built from what they depend on: `createActivities(deps)` is what a worker registers. */
import type { Steps } from '../workflows/steps.ts';
import { accountingSteps } from './accounting-steps.ts';
import { billRunSteps } from './bill-run-steps.ts';
import { contractSteps } from './contract-steps.ts';
import { creditSteps } from './credit-use.ts';
import type { Deps } from './deps.ts';
import { failingProperly } from './failures.ts';
import { findingSteps } from './finding-steps.ts';
import { invoiceSteps } from './invoice-steps.ts';
import { paymentSteps } from './payment-steps.ts';

export type { Deps, Links } from './deps.ts';
export { connectedSystemsOf } from './outside-steps.ts';

export function createActivities(deps: Deps): Steps {
  const invoices = invoiceSteps(deps);
  const payments = { ...paymentSteps(deps), ...creditSteps(deps) };
  return failingProperly({
    ...contractSteps(deps),
    ...invoices,
    ...billRunSteps(deps),
    ...payments,
    ...accountingSteps(deps),
    ...findingSteps(deps, { ...invoices, ...payments }),
  });
}
