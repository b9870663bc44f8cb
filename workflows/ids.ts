/**
 * Identity in one place: every workflow id, business key and file name is made here and nowhere else. One string names an
 * invoice through all of it: `invoice:C-1042:2027-01` (the run's month; a second one of that month adds `:2`).
 */

export const contractWorkflowId = (contract: string) => `contract:${contract}`;

/** `subject` is a contract, or an account or purchase order where charges are grouped so. */
export const invoiceKey = (subject: string, month: string, ordinal = 1) =>
  `invoice:${subject}:${month}${ordinal > 1 ? `:${ordinal}` : ''}`;
export const creditNoteKey = (subject: string, month: string, ordinal = 1) =>
  `credit-note:${subject}:${month}${ordinal > 1 ? `:${ordinal}` : ''}`;

/** A late charge is named by the document that it is for and the stage of the ladder that made it. */
export const lateChargeKey = (invoice: string, stage: number) => `late-charge:${invoice}:${stage}`;

/** An invoice workflow's id is the key of its document. Imported history has no key: its number stands in. */
export const importedInvoiceKey = (invoice: string) => `invoice:imported:${invoice}`;

/** A run is named by its month; a rehearsal's adds its test clock: `2026-11@DEMO`. */
export const runName = (month: string, clock: string | null) =>
  clock === null ? month : `${month}@${clock}`;
export const billRunWorkflowId = (run: string) => `bill-run:${run}`;

export const paymentKey = (provider: string, eventId: string) => `${provider}:${eventId}`;
export const paymentWorkflowId = (payment: string) => `payment:${payment}`;
/** One refund that a person gives, named after the approval that asked for it; the provider does it once under this key. */
export const refundKey = (payment: string, approval: string) =>
  `${payment}:refund:${approval.split(':').at(-1) ?? ''}`;

export const renewalKey = (contract: string, termStart: string) =>
  `renewal:${contract}:${termStart}`;

/** The key of one external effect of one thing: `invoice:C-1042:2027-01:mail`. */
export const effectKey = (thing: string, step: string) => `${thing}:${step}`;
/** A reminder's stage is part of what it is: each goes out once. */
export const reminderKey = (account: string, stage: string, dueOn: string) =>
  `reminder:${account}:${stage}:${dueOn}`;

/** A license of one subcontract that reaches one day, of one kind, is one license however often it is asked for. */
export const licenseId = (subcontract: string, kind: string, validThrough: string, ordinal = 1) =>
  `L-${subcontract}-${kind}-${validThrough}${ordinal > 1 ? `-${ordinal}` : ''}`;

/** What a subcontract's license is called at its issuer; a number of its own after a leak. */
export const issuedLicenseName = (subcontract: string, issueNumber: number) =>
  `license:${subcontract}${issueNumber > 1 ? `:${issueNumber}` : ''}`;

/** File names carry the key with characters that every file system takes. */
export const fileNameOf = (key: string, extension: string) =>
  `${key.replace(/[^A-Za-z0-9._-]+/g, '_')}.${extension}`;

/** A run of one difference that a person wants billed at once; it belongs to the month of its day. */
export const findingRunName = (month: string, finding: string) => `${month}+${finding}`;
/**
 * A run of one contract, or of an account's own service time, between the months' runs: `2026-11+C-17`, a second one of that
 * month `2026-11+C-17.2`. A number with other characters than addresses take is written with `_` for each.
 */
export const offCycleRunName = (month: string, subject: string, ordinal = 1) =>
  `${month}+${subject.replace(/[^\w.-]/g, '_').slice(0, 50)}${ordinal > 1 ? `.${ordinal}` : ''}`;
/** What was agreed along with an off-cycle run is named by it: its first item is `2026-11_C-17-1`. */
export const offCycleItem = (run: string, position: number) =>
  `${run.replace('+', '_')}-${position}`;
/** Runs of less than a month's contracts carry what they are for behind a plus sign. */
export const isOffCycleRun = (run: string) => run.includes('+');

/** Both the schedule that looks for payments in accounting, and the look itself. */
export const ACCOUNTING_LOOK_ID = 'accounting-payments';

/** The workflow that looks over the books for findings: one at a time. */
export const RECONCILIATION_ID = 'reconciliation';
/** The schedule that starts it every night. */
export const RECONCILIATION_SCHEDULE_ID = 'reconciliation-nightly';
/** One action on a finding; `request` makes a repeated request one. */
export const findingFixId = (finding: string, request: string) =>
  `finding-fix:${finding}:${request}`;
export const findingQuestionKey = (finding: string, request: string) =>
  `question:${finding}:${request}`;

/** The schedule that starts the monthly run. */
export const BILL_RUN_SCHEDULE_ID = 'bill-run-monthly';
/** One task queue for workflows and database steps, one for each system that has its own pace. */
export const TASK_QUEUES = {
  billing: 'billing',
  documents: 'documents',
  mail: 'mail',
} as const;
