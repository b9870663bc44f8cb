/** Names people know instead of those the machine uses: no ids, no state names, no codes. */
import type {
  Approval,
  BillRunItemKind,
  BillRunState,
  ContractSummary,
  CorrectionView,
  DecisionKind,
  FindingState,
  InvoiceState,
  InvoiceSummary,
  LicenseTransitionView,
  LicenseView,
  MailView,
  OrderPaperView,
  PaymentSummary,
  RenewalView,
  Role,
  StatementKind,
} from '../../api/types.ts';
import { dayText, monthText } from './dates.ts';

/** What a state looks like: a colour is never alone, the word stands beside it. */
export type Tone = 'good' | 'wait' | 'warn' | 'bad' | 'plain';
export interface StateWords {
  readonly words: string;
  readonly tone: Tone;
}
/** What one may choose among, by its words. */
export const choicesOf = (
  names: Readonly<Record<string, string | StateWords>>,
): { value: string; label: string }[] =>
  Object.entries(names).map(([value, one]) => ({
    value,
    label: typeof one === 'string' ? one : one.words,
  }));
const as = (words: string, tone: Tone): StateWords => ({ words, tone });

export const RUN_STATES: Readonly<Record<BillRunState, StateWords>> = {
  computing: as('Being computed', 'wait'),
  in_review: as('In review', 'warn'),
  submitted: as('Waiting for approval', 'warn'),
  approved: as('Approved', 'wait'),
  issuing: as('Being issued', 'wait'),
  issued: as('Issued', 'good'),
  refused: as('Refused', 'bad'),
  failed: as('Stopped', 'bad'),
};

const INVOICE_STATES: Readonly<Record<InvoiceState, StateWords>> = {
  issued: as('Open', 'wait'),
  partially_paid: as('Partly paid', 'wait'),
  paid: as('Paid', 'good'),
  void: as('Void', 'plain'),
  credited: as('Credited', 'plain'),
  disputed: as('Disputed', 'warn'),
  written_off: as('Written off', 'plain'),
};

export function invoiceState(
  invoice: Pick<InvoiceSummary, 'state' | 'overdueDays' | 'type' | 'disputed' | 'balance'>,
): StateWords {
  if (invoice.type === 'credit_note') return as('Credit note', 'plain');
  if (invoice.disputed) return INVOICE_STATES.disputed;
  if (invoice.overdueDays > 0) return as('Overdue', 'bad');
  return INVOICE_STATES[invoice.state];
}

export const CONTRACT_STATES: Readonly<Record<ContractSummary['status'], StateWords>> = {
  draft: as('Draft', 'plain'),
  active: as('Active', 'good'),
  suspended: as('On hold', 'warn'),
  terminated: as('Terminated', 'plain'),
  lapsed: as('Lapsed', 'plain'),
};

export const RENEWAL_STATES: Readonly<Record<RenewalView['state'], StateWords>> = {
  drawn_up: as('Drawn up', 'plain'),
  sent: as('Waiting for the answer', 'wait'),
  accepted: as('Accepted', 'good'),
  declined: as('Declined', 'bad'),
  lapsed: as('Lapsed', 'plain'),
};

export const PAYMENT_STATES: Readonly<Record<PaymentSummary['state'], StateWords>> = {
  received: as('Being matched', 'wait'),
  allocated: as('Allocated', 'good'),
  review: as('Needs you', 'warn'),
  returned: as('Returned', 'bad'),
  refunded: as('Refunded', 'plain'),
};

export const APPROVAL_STATES: Readonly<Record<Approval['state'], StateWords>> = {
  waiting: as('Waiting', 'warn'),
  approved: as('Approved', 'good'),
  refused: as('Refused', 'bad'),
  withdrawn: as('Withdrawn', 'plain'),
};

/** What became of a refund that was approved. */
export const OUTCOME_STATES: Readonly<
  Record<NonNullable<Approval['outcome']>['state'], StateWords>
> = {
  refunded: as('Refunded', 'good'),
  refused: as('Not refunded', 'bad'),
  'under-way': as('Under way', 'wait'),
};

/** How a purchase order stands: read first, then decided on. */
export function orderState({
  decision,
  reading,
  differences,
}: Pick<OrderPaperView, 'decision' | 'reading' | 'differences'>): StateWords {
  if (decision === 'accepted') return as('Accepted', 'good');
  if (decision === 'rejected') return as('Rejected', 'bad');
  if (reading.state === 'reading') return as('Being read', 'wait');
  if (reading.state === 'failed') return as('Not read', 'bad');
  return differences.length === 0 ? as('Needs you', 'warn') : as('Differs', 'warn');
}

export const MAIL_STATES: Readonly<Record<MailView['state'], StateWords>> = {
  sending: as('On its way', 'wait'),
  sent: as('Sent', 'good'),
  delayed: as('Delayed', 'warn'),
  delivered: as('Delivered', 'good'),
  bounced: as('Came back', 'bad'),
  complained: as('Marked as spam', 'warn'),
  rejected: as('Refused', 'bad'),
  unknown: as('Not confirmed', 'warn'),
};

/** What moved an account's balance. */
export const MOVEMENTS: Readonly<Record<StatementKind, string>> = {
  invoice: 'Invoice',
  credit_note: 'Credit note',
  late_charge: 'Late charge',
  void: 'Voided',
  payment: 'Payment',
  exchange: 'Payment counted in another currency',
  refund: 'Refund',
  reversal: 'Payment taken back',
  discount: 'Discount taken',
  write_off: 'Written off',
  opening: 'Brought forward',
};

export const LICENSE_STATES: Readonly<Record<LicenseView['state'], StateWords>> = {
  enabled: as('Enabled', 'good'),
  suspended: as('Suspended', 'warn'),
  superseded: as('Replaced', 'plain'),
  revoked: as('Revoked', 'bad'),
};

/** One whose last day is over opens nothing any more, whatever else is said of it. */
export const licenseState = (
  { state, validThrough }: Pick<LicenseView, 'state' | 'validThrough'>,
  today: string,
): StateWords =>
  state === 'enabled' && validThrough !== null && validThrough < today
    ? as('Expired', 'plain')
    : LICENSE_STATES[state];

export const LICENSE_KINDS: Readonly<Record<NonNullable<LicenseView['kind']>, string>> = {
  full: 'Full: to the end of what is paid',
  temporary: 'Temporary: grace while billing is delayed',
  evaluation: 'Evaluation',
};

export const LICENSE_ACTIONS: Readonly<Record<LicenseTransitionView['action'], string>> = {
  issue: 'Issued',
  supersede: 'Replaced',
  suspend: 'Suspended',
  reinstate: 'Reinstated',
  revoke: 'Revoked',
};

/** Why a license changed; a cause names what made it too: `paid INV-2026-00017`. */
const LICENSE_CAUSES: Readonly<Record<string, string>> = {
  paid: 'paid',
  grace: 'billing is delayed',
  granted: 'grace was granted',
  'payment-reversed': 'a payment was taken back',
  terminated: 'the contract was terminated',
  amended: 'the agreement was changed',
  unpaid: 'not paid by the last reminder',
  compromised: 'the key leaked',
  'evaluation-requested': 'an evaluation was asked for',
};

export function licenseCauseWords(cause: string): string {
  const [code = '', ...rest] = cause.split(' ');
  const words = LICENSE_CAUSES[code] ?? code;
  // Numbers people know; keys of steps are the machine's.
  const about = rest.filter((one) => !one.includes(':')).join(' ');
  return about === '' ? words : `${words}: ${about}`;
}

export const CORRECTION_STATES: Readonly<Record<CorrectionView['state'], StateWords>> = {
  waiting: as('Waiting', 'wait'),
  accepted: as('Accepted', 'good'),
  refused: as('Refused', 'plain'),
};

export const ITEM_KINDS: Readonly<Record<BillRunItemKind, string>> = {
  invoice: 'Invoice',
  credit_note: 'Credit note',
  held: 'Old difference',
  set_aside: 'Set aside',
  carried: 'Carried',
};

export const DECISION_KINDS: Readonly<Record<DecisionKind, string>> = {
  'bill-run-approval': 'Bill run to approve',
  'bill-run-review': 'Bill run to review',
  approval: 'Approvals',
  'payment-case': 'Payments to match',
  'contract-attention': 'Contracts that need a person',
  'renewal-decision': 'Renewals to answer',
  dispute: 'Disputes',
  correction: 'Corrections by customers',
  'credit-hold': 'Credit holds',
};

export const ROLES: Readonly<Record<Role, string>> = {
  viewer: 'Viewer',
  support: 'Support',
  biller: 'Biller',
  approver: 'Approver',
  admin: 'Admin',
  auditor: 'Auditor',
  service: 'Other system',
};

export const FINDING_STATES: Readonly<Record<FindingState, StateWords>> = {
  new: as('New', 'warn'),
  assigned: as('Taken on', 'wait'),
  recurring: as('Came back', 'bad'),
  accepted: as('Accepted', 'plain'),
  resolved: as('Mended', 'good'),
};

export const SEVERITIES: Readonly<Record<string, StateWords>> = {
  high: as('High', 'bad'),
  medium: as('Medium', 'warn'),
  low: as('Low', 'plain'),
};

/** What a contact is at the customer's; the role decides which mails they get where nothing else is said. */
export const CONTACT_ROLES: Readonly<Record<string, string>> = {
  billing: 'Billing',
  technical: 'Technical',
  owner: 'Owner',
  signatory: 'Signatory',
};

/** What a contact may be sent. */
export const CONTACT_RECEIVES: Readonly<Record<string, string>> = {
  invoice: 'Invoices',
  reminder: 'Reminders',
  statement: 'Statements',
  key: 'License keys',
  renewal: 'Renewals',
};

/** `contract-hold`, `bill_run.approve` → "Contract hold", "Bill run: approve". */
export function inWords(code: string): string {
  return sentence(code.replace(/\./g, ': ').replace(/[-_]/g, ' ').trim());
}

/** "Bill run of November 2026"; one that bills a finding or a contract at once is named by it. */
export function runTitle(run: string, locale?: string): string {
  const [, month = run, subject] = /^(\d{4}-\d{2})(?:\+(.+))?/.exec(run) ?? [];
  return subject === undefined
    ? `Bill run of ${monthText(month, locale)}`
    : `Billing of ${subject}, ${monthText(month, locale)}`;
}

/** Ids that no person knows: random ones, and those of a payment provider's events. */
const MACHINE_ID = /[0-9a-f]{8}-[0-9a-f]{4}-|^[a-z-]+:/i;

/** What people call a payment: its reference, else who paid and when. */
export function paymentName(
  payment: Pick<PaymentSummary, 'payment' | 'reference' | 'payer' | 'receivedOn' | 'account'>,
  locale?: string,
): string {
  if (!MACHINE_ID.test(payment.payment)) return payment.payment;
  const who = payment.account?.name ?? payment.payer;
  const on = dayText(payment.receivedOn, locale);
  return who === null || who === undefined ? `Payment of ${on}` : `${who}, ${on}`;
}

/** What an audit entry is about, where people have a name for it; null where only the machine has one. */
export function subjectName(subject: string): string | null {
  const run = /^bill-run:(\d{4}-\d{2}([@+][\w.-]+)?)/.exec(subject)?.[1];
  if (run !== undefined) return run;
  const contract = /^contract:(.+)$/.exec(subject)?.[1];
  if (contract !== undefined) return contract;
  return MACHINE_ID.test(subject) ? null : subject;
}

/** Begins with a capital, as sentences do. */
export const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Rows of a table of the contract book, counted: `1 entity`, `466 invoice lines`. */
export const countedRows = (rows: number, table: string): string => {
  const plural = table.replaceAll('_', ' ');
  return counted(rows, plural.replace(/ies$/, 'y').replace(/s$/, ''), plural);
};

export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${new Intl.NumberFormat().format(count)} ${count === 1 ? noun : plural}`;

const FREQUENCIES: Readonly<Record<string, string>> = {
  monthly: 'every month',
  quarterly: 'every quarter',
  semiannual: 'every half-year',
  annual: 'every year',
};
export const frequencyWords = (frequency: string): string =>
  FREQUENCIES[frequency] ?? `every ${frequency}`;
