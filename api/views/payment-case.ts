/** One payment for the person who decides: what came, what it could pay and why, what may be done (docs/rules/screens, Cash). */
import {
  type Approval,
  type AuditEvent,
  allocationDay,
  clockOf,
  type Db,
  exchangedFrom,
  getInvoice,
  type OpenInvoice,
  openInvoices,
  openInvoicesFor,
  type Payment,
  searchOpenInvoices,
} from '../../db/index.ts';
import {
  type Candidate,
  type CandidateReason,
  rankCandidates,
} from '../../domain/allocation/candidates.ts';
import type { InvoiceAmount } from '../../domain/allocation/case.ts';
import { rateInWords } from '../../domain/money/exchange.ts';
import { paymentWorkflowId } from '../../workflows/ids.ts';
import type { RouteContext } from '../app.ts';
import { approvalViews } from '../approvals.ts';
import type { personOf } from '../http/authentication.ts';
import { allRows } from '../http/lists.ts';
import { may } from '../permissions.ts';
import type { CandidateView, PaymentPage, RemittanceView } from '../types.ts';
import {
  type AllocationRow,
  allocationView,
  changeView,
  invoiceSummary,
  lineView,
  paymentSummary,
} from './invoices.ts';
import { money } from './money.ts';
import { remittancesAround } from './papers.ts';
import { accountNames, todayOf } from './parties.ts';
import { explanationInWords } from './payment-words.ts';
import { namesOf } from './people.ts';
import { refundWay } from './refunds.ts';
import { workflowLink } from './workflow-link.ts';

/** Candidates on the page: enough to find it, few enough to read. */
const CANDIDATES = 25;

/** What the matching left with a payment (domain/allocation's answer). */
interface Matching {
  readonly rule?: string | null;
  readonly explanation?: string;
  readonly proposals?: readonly (readonly InvoiceAmount[])[];
}
const matchingOf = (payment: Payment) => (payment.matching ?? {}) as Matching;

const REASON_WORDS: Readonly<Record<CandidateReason, string>> = {
  'number-named': 'Its number is in the reference',
  'paper-names': 'A remittance advice names it',
  'balance-equals': 'Its balance is exactly the amount',
  'balance-less-discount': 'Its balance less the early-payment discount is the amount',
  'in-a-reading': 'One reading pays it',
  'contract-named': 'Its contract’s number is in the reference',
  'payer-known': 'An open invoice of the payer',
  'name-alike': 'The payer is called like this customer',
  'could-be-part': 'It could be a part of the amount',
};

export interface Asked {
  readonly payment: Payment;
  /** What somebody types to find another invoice. */
  readonly q: string | null;
  readonly papers: readonly RemittanceView[];
}

/** Ranked candidates; with `q` those that it finds, whoever's they are. */
export async function candidatesOf(
  context: RouteContext,
  { payment, q, papers }: Asked,
): Promise<CandidateView[]> {
  const { db, now } = context;
  const { account, currency } = payment;
  const clock = account === null ? null : await clockOf(db, account);
  const named = new Map(
    papers.flatMap(({ lines }) => lines.map((line) => [line.invoice, line.amount?.amount ?? null])),
  );
  const open =
    q === null
      ? await openInvoicesFor(db, { ...payment, lines: namedLines(payment, named) }, { clock })
      : await searchOpenInvoices(db, { clock, currency, q, limit: CANDIDATES });
  const nameOf = await accountNames(
    db,
    open.map((one) => one.account),
  );
  const received = {
    amount: payment.amountMinor,
    currency,
    received: payment.receivedOn,
    account,
    reference: payment.reference ?? '',
  };
  const clues = {
    // All allocated: what it could pay instead, were it moved.
    leftMinor: payment.unappliedMinor || payment.amountMinor,
    proposals: matchingOf(payment).proposals ?? [],
    papers: named,
    payerName: payment.payer,
    nameOf: (number: string) => nameOf(number).name,
  };
  const today = await todayOf(db, now());
  const ranked = rankCandidates(received, open, clues, CANDIDATES);
  const fitting = q === null ? ranked.filter(({ reasons }) => reasons.length > 0) : ranked;
  return candidateViews(db, fitting, today, nameOf);
}

/** Explicit numbers of the payment and those of its papers: both are looked up. */
const namedLines = (payment: Payment, named: ReadonlyMap<string, unknown>) => [
  ...((payment.lines ?? []) as object[]),
  ...[...named.keys()].map((invoice) => ({ invoice })),
];

async function candidateViews(
  db: Db,
  ranked: readonly Candidate[],
  today: string,
  nameOf: Awaited<ReturnType<typeof accountNames>>,
): Promise<CandidateView[]> {
  const views = await Promise.all(
    ranked.map(async ({ invoice: open, reasons, suggestedMinor }) => {
      const whole = await getInvoice(db, open.invoice);
      if (whole === null) return [];
      return [
        {
          invoice: invoiceSummary(whole.invoice, nameOf, today),
          lines: whole.lines.filter(isOpenIn(open)).map((line) => lineView(line, open.currency)),
          reasons: reasons.map((code) => ({ code, words: REASON_WORDS[code] })),
          suggested: money(suggestedMinor, open.currency),
        },
      ];
    }),
  );
  return views.flat();
}

const isOpenIn =
  (open: OpenInvoice) =>
  ({ line }: { line: string }) =>
    open.lines.some((one) => String(one.line) === line);

/** The whole page of a payment, or of the case that it is. */
export async function paymentPage(
  context: RouteContext,
  payment: Payment,
  person: ReturnType<typeof personOf>,
): Promise<PaymentPage> {
  const { db, configuration } = context;
  const { currency } = payment;
  const matching = matchingOf(payment);
  const papers = await remittancesAround(context, payment);
  const [nameOf, allocations, changes, nameOfUser, candidates] = await Promise.all([
    accountNames(db, [payment.account]),
    allRows<AllocationRow>(db, 'paymentAllocations', { payment: payment.payment }),
    allRows<AuditEvent>(db, 'auditEvents', {
      subject: [payment.payment, paymentWorkflowId(payment.payment)],
    }),
    namesOf(db),
    candidatesOf(context, { payment, q: null, papers }),
  ]);
  const way = await refundWay(context, payment);
  const open = await openTo(db, payment, person.role);
  const refunds = await allRows<Approval>(
    db,
    'approvals',
    { subject: payment.payment },
    { sort: '-createdAt' },
  );
  return {
    ...paymentSummary(payment, nameOf),
    bankAccount: payment.bankAccount,
    exchangedFrom: cameAs(payment),
    allocations: allocations.map((row) => allocationView(row, currency)),
    explanation: explanationOf(payment, [
      ...allocations.map(({ invoice }) => invoice),
      ...candidates.map(({ invoice }) => invoice.invoice),
    ]),
    rule: matching.rule ?? null,
    proposals: (matching.proposals ?? []).map((proposal) => proposalView(proposal, currency)),
    candidates,
    papers,
    changes: changes.map((event) => changeView(event, nameOfUser)),
    refunds: await approvalViews(db, refunds, person),
    refundWords: payment.unappliedMinor === 0 ? null : (way.fault ?? way.words),
    countsAs: open.includes('exchange') ? await currenciesOf(db, payment) : [],
    may: open.filter((one) => one !== 'refund' || way.fault === null),
    temporalUiUrl: workflowLink(configuration, person, paymentWorkflowId(payment.payment)),
  };
}

function explanationOf(payment: Payment, invoices: readonly string[]): string | null {
  const { explanation, proposals = [] } = matchingOf(payment);
  if (explanation === undefined) return null;
  const read = proposals.flat().map(({ invoice }) => invoice);
  return explanationInWords(explanation, payment.currency, [
    ...invoices,
    ...read,
    payment.account ?? '',
  ]);
}

const proposalView = (proposal: readonly InvoiceAmount[], currency: string) => ({
  allocations: proposal.map((one) => ({
    invoice: one.invoice,
    amount: money(one.amount, currency),
  })),
  sum: money(
    proposal.reduce((sum, one) => sum + one.amount, 0),
    currency,
  ),
});

function cameAs(payment: Payment): PaymentPage['exchangedFrom'] {
  const came = exchangedFrom(payment);
  if (came === null) return null;
  return { amount: money(came.amountMinor, came.currency), rate: rateInWords(came, payment) };
}

/** Other currencies in which the payer has open invoices; where nobody is known to have paid, none. */
async function currenciesOf(db: Db, { account, currency }: Payment): Promise<string[]> {
  if (account === null) return [];
  const open = await openInvoices(db, { clock: await clockOf(db, account), account });
  return [...new Set(open.map((one) => one.currency))].filter((one) => one !== currency).sort();
}

async function openTo(
  db: Db,
  payment: Payment,
  role: Parameters<typeof may>[0],
): Promise<PaymentPage['may']> {
  const { state, unappliedMinor, amountMinor, imported, matchedBy, checkedAt } = payment;
  const gone = state === 'returned' || state === 'refunded';
  const left = unappliedMinor > 0 && !gone;
  const decides = may(role, 'payment:allocate');
  const day = await allocationDay(db, payment.payment);
  const movable = day.allocated && !gone && imported === null;
  const untouched = left && unappliedMinor === amountMinor && !day.allocated && imported === null;
  const itself = matchedBy !== null && matchedBy !== 'person';
  return [
    ...(left && decides ? (['allocate'] as const) : []),
    ...(untouched && decides ? (['exchange'] as const) : []),
    ...(left && may(role, 'payment:refund') ? (['refund'] as const) : []),
    ...(movable && day.open && decides ? (['undo'] as const) : []),
    ...(movable && decides ? (['move'] as const) : []),
    ...(itself && checkedAt === null && decides ? (['check'] as const) : []),
  ];
}
