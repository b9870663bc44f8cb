/** Every workflow by the name under which it is registered (WORKFLOW_TYPES): what the worker bundles. */
export { accountingLook } from './accounting-look.ts';
export { billRun, scheduledBillRun } from './bill-run.ts';
export { contract } from './contract.ts';
export { invoice } from './invoice.ts';
export { payment } from './payment.ts';
export { findingFix, reconciliation } from './reconciliation.ts';
