/**
 * Starting and waking lifecycles from outside: ids, queues, search attributes and reuse policies in one place. Each call
 * may be made any number of times: what runs is left running, what ended for good is not begun again by accident.
 */
import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  SearchAttributeType,
  TypedSearchAttributes,
  type UpdateDefinition,
} from '@temporalio/common';
import {
  billRunWorkflowId,
  contractWorkflowId,
  paymentWorkflowId,
  RECONCILIATION_ID,
  TASK_QUEUES,
} from '../../workflows/ids.ts';
import {
  type BillRunArgs,
  type ContractArgs,
  clockMoved,
  contractIssued,
  contractReversed,
  contractSettled,
  type FindingFixArgs,
  type InvoiceArgs,
  type LookCause,
  lookAgain,
  type PaymentArgs,
  paymentInvoiceIssued,
  paymentRefundFailed,
  paymentReversal,
  paymentReversed,
  type ReconciliationArgs,
  type SEARCH_ATTRIBUTES,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';

type KeywordName = {
  [K in keyof typeof SEARCH_ATTRIBUTES]: (typeof SEARCH_ATTRIBUTES)[K] extends 'Keyword'
    ? K
    : never;
}[keyof typeof SEARCH_ATTRIBUTES];

function keywords(values: Partial<Record<KeywordName, string | null>>): SearchAttributePair[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === null
      ? []
      : [{ key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value }],
  );
}

const onBilling = { taskQueue: TASK_QUEUES.billing } as const;

export interface ContractParty {
  readonly account: string;
  readonly entity: string | null;
}

function contractStart(args: ContractArgs, party: ContractParty | null) {
  return {
    ...onBilling,
    workflowId: contractWorkflowId(args.contract),
    args: [args] as [ContractArgs],
    staticSummary: `Contract ${args.contract}`,
    typedSearchAttributes: new TypedSearchAttributes([
      ...keywords({
        ContractNo: args.contract,
        AccountNo: party?.account ?? null,
        Entity: party?.entity ?? null,
        TestClock: args.clock,
        BillingState: 'active',
      }),
    ]),
  };
}

/** Starts a contract's lifecycle where none runs. */
export async function startContract(
  client: Client,
  args: ContractArgs,
  party: ContractParty | null = null,
): Promise<void> {
  await client.workflow.start(WORKFLOW_TYPES.contract, {
    ...contractStart(args, party),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

export type Issued = { invoice: string; documentKey: string; dueOn: string };
export type Settled = {
  invoice: string;
  settledOn: string;
  covered: { subcontract: string; paidThrough: string }[];
  whole: boolean;
  payment: string | null;
};
export type Reversed = {
  invoice: string;
  reversedOn: string;
  payment: string;
  subcontracts: string[];
};

/** Tells a contract, starting its lifecycle where none runs, so that nothing is lost. */
export async function tellContract(
  client: Client,
  args: ContractArgs,
  news:
    | { readonly kind: 'issued'; readonly issued: Issued }
    | { readonly kind: 'settled'; readonly settled: Settled }
    | { readonly kind: 'reversed'; readonly reversed: Reversed }
    /** Its facts changed by what happened to another: it reads them again. */
    | { readonly kind: 'changed'; readonly today: string },
): Promise<void> {
  const start = contractStart(args, null);
  if (news.kind === 'issued')
    await client.workflow.signalWithStart(WORKFLOW_TYPES.contract, {
      ...start,
      signal: contractIssued,
      signalArgs: [news.issued],
    });
  else if (news.kind === 'settled')
    await client.workflow.signalWithStart(WORKFLOW_TYPES.contract, {
      ...start,
      signal: contractSettled,
      signalArgs: [news.settled],
    });
  else if (news.kind === 'changed')
    await client.workflow.signalWithStart(WORKFLOW_TYPES.contract, {
      ...start,
      signal: clockMoved,
      signalArgs: [{ today: news.today }],
    });
  else
    await client.workflow.signalWithStart(WORKFLOW_TYPES.contract, {
      ...start,
      signal: contractReversed,
      signalArgs: [news.reversed],
    });
}

function invoiceStart(args: InvoiceArgs, amountMinor: number) {
  const [contract] = args.contracts;
  return {
    ...onBilling,
    workflowId: args.documentKey,
    args: [args] as [InvoiceArgs],
    staticSummary: `Invoice ${args.invoice}`,
    typedSearchAttributes: new TypedSearchAttributes([
      ...keywords({
        InvoiceNo: args.invoice,
        ContractNo: contract ?? null,
        AccountNo: args.account,
        Entity: args.entity,
        TestClock: args.clock,
        BillingState: 'open',
      }),
      {
        key: defineSearchAttributeKey('DueDate', SearchAttributeType.DATETIME),
        value: new Date(`${args.dueOn}T00:00:00Z`),
      },
      {
        key: defineSearchAttributeKey('AmountMinor', SearchAttributeType.INT),
        value: amountMinor,
      },
    ]),
  };
}

/** Starts an invoice's lifecycle once: one that has ended is not delivered again. */
export async function startInvoice(
  client: Client,
  args: InvoiceArgs,
  amountMinor: number,
): Promise<void> {
  try {
    await client.workflow.start(WORKFLOW_TYPES.invoice, {
      ...invoiceStart(args, amountMinor),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Tells an invoice that money was taken back; one that had ended is awaited again, without a new delivery. */
export async function reopenInvoice(
  client: Client,
  args: InvoiceArgs,
  amountMinor: number,
  reversed: { payment: string; reversedOn: string },
): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOW_TYPES.invoice, {
    ...invoiceStart({ ...args, deliver: false }, amountMinor),
    signal: paymentReversed,
    signalArgs: [reversed],
  });
}

/** Starts a bill run. @throws WorkflowExecutionAlreadyStartedError where it was started already. */
export async function startBillRun(client: Client, args: BillRunArgs): Promise<void> {
  await client.workflow.start(WORKFLOW_TYPES.billRun, {
    ...onBilling,
    workflowId: billRunWorkflowId(args.run),
    args: [args],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    staticSummary: `Bill run ${args.run}`,
    typedSearchAttributes: new TypedSearchAttributes(
      keywords({ BillRun: args.run, TestClock: args.clock, BillingState: 'running' }),
    ),
  });
}

/** Has the books looked over: now, or after the look that runs. */
export async function lookOverBooks(client: Client, cause: LookCause): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOW_TYPES.reconciliation, {
    ...onBilling,
    workflowId: RECONCILIATION_ID,
    args: [{ cause: null }] as [ReconciliationArgs],
    staticSummary: 'Looks over the books',
    signal: lookAgain,
    signalArgs: [{ cause }],
  });
}

/** Starts one action on a finding; the same key again is the same action. */
export async function startFindingFix(client: Client, args: FindingFixArgs): Promise<void> {
  try {
    await client.workflow.start(WORKFLOW_TYPES.findingFix, {
      ...onBilling,
      workflowId: args.key,
      args: [args],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Fix of finding F-${args.finding}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function paymentStart(args: PaymentArgs) {
  return {
    ...onBilling,
    workflowId: paymentWorkflowId(args.payment),
    args: [args] as [PaymentArgs],
    staticSummary: `Payment ${args.payment}`,
    typedSearchAttributes: new TypedSearchAttributes(
      keywords({ TestClock: args.clock, BillingState: 'received' }),
    ),
  };
}

/** Starts a payment's process; the same event again, also after its end, does nothing. */
export async function startPayment(client: Client, args: PaymentArgs): Promise<void> {
  try {
    await client.workflow.start(WORKFLOW_TYPES.payment, {
      ...paymentStart(args),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Tells a payment that its provider took it back, starting its process again where it had ended. */
export async function reversePayment(
  client: Client,
  args: PaymentArgs,
  reversal: { event: string; on: string; amountMinor: number; reason: string },
): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOW_TYPES.payment, {
    ...paymentStart(args),
    signal: paymentReversal,
    signalArgs: [reversal],
  });
}

/** Tells a payment of an invoice that was issued after it came, starting its process again where it had ended. */
export async function tellOfInvoice(
  client: Client,
  args: PaymentArgs,
  issued: { invoice: string; on: string },
): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOW_TYPES.payment, {
    ...paymentStart(args),
    signal: paymentInvoiceIssued,
    signalArgs: [issued],
  });
}

/** Tells a payment that a refund of it did not reach the payer, starting its process again where it had ended. */
export async function tellRefundFailed(
  client: Client,
  args: PaymentArgs,
  failure: { event: string; on: string; amountMinor: number; reason: string },
): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOW_TYPES.payment, {
    ...paymentStart(args),
    signal: paymentRefundFailed,
    signalArgs: [failure],
  });
}

/** Asks a payment's process for something, starting it again where it had ended: both or neither happens. */
export async function updatePayment<R, A extends [unknown, ...unknown[]]>(
  client: Client,
  args: PaymentArgs,
  definition: UpdateDefinition<R, A>,
  updateArgs: A,
  updateId: string,
): Promise<R> {
  return client.workflow.executeUpdateWithStart(definition, {
    args: updateArgs,
    updateId,
    startWorkflowOperation: new WithStartWorkflowOperation(WORKFLOW_TYPES.payment, {
      ...paymentStart(args),
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  });
}
