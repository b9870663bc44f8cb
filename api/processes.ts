/**
 * The durable processes as the API sees them: a port over Temporal's client. Every call has a deadline, so that a missing
 * worker becomes a problem document (`worker-unavailable`) and never a request that hangs.
 */
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Client,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  type SignalDefinition,
  type UpdateDefinition,
} from '@temporalio/common';
import {
  type ContractParty,
  lookOverBooks,
  reversePayment,
  startBillRun,
  startContract,
  startFindingFix,
  startPayment,
  tellRefundFailed,
  updatePayment,
} from '../connectors/temporal/lifecycles.ts';
import { contractWorkflowId } from '../workflows/ids.ts';
import type {
  BillRunArgs,
  ContractArgs,
  FindingFixArgs,
  LookCause,
  PaymentArgs,
} from '../workflows/messages.ts';
import { isProblemCode, ProblemError, refused } from './problems.ts';

export interface Reversal {
  readonly event: string;
  readonly on: string;
  readonly amountMinor: number;
  readonly reason: string;
}

export interface Processes {
  /** Starts a bill run; the same run again is refused with `already-exists`. */
  startBillRun(args: BillRunArgs): Promise<void>;
  /** Has the books looked over for findings; the look that follows knows all that was changed before. */
  lookOverBooks(cause: LookCause): Promise<void>;
  /** Starts one action on a finding; the same key again is the same action. */
  startFindingFix(args: FindingFixArgs): Promise<void>;
  /** Starts a contract's lifecycle; one that runs already is left alone. */
  startContract(args: ContractArgs, party: ContractParty): Promise<void>;
  /** Starts a payment's process, or wakes the one that runs: the same event twice has no second effect. */
  startPayment(args: PaymentArgs): Promise<void>;
  reversePayment(args: PaymentArgs, reversal: Reversal): Promise<void>;
  /** What was given back did not reach the payer. */
  tellRefundFailed(args: PaymentArgs, failure: Reversal): Promise<void>;
  /** Asks a running process for something. `requestId` makes a repeated request one. */
  update<R, A extends [unknown, ...unknown[]]>(
    workflowId: string,
    definition: UpdateDefinition<R, A>,
    args: A,
    requestId: string,
  ): Promise<R>;
  /** The same for a contract, whose lifecycle is started from the facts where it does not run. */
  updateContract<R, A extends [unknown, ...unknown[]]>(
    contract: ContractArgs,
    party: ContractParty,
    definition: UpdateDefinition<R, A>,
    args: A,
    requestId: string,
  ): Promise<R>;
  /** The same for a payment, whose process ends when nothing is left to do and is begun again for this. */
  updatePayment<R, A extends [unknown, ...unknown[]]>(
    payment: PaymentArgs,
    definition: UpdateDefinition<R, A>,
    args: A,
    requestId: string,
  ): Promise<R>;
  /** Tells a process something; false where it does not run. */
  signal<A extends unknown[]>(
    workflowId: string,
    definition: SignalDefinition<A>,
    args: A,
  ): Promise<boolean>;
  /** Workflow ids of all running processes that live on a test clock. */
  runningOnClock(clock: string): Promise<string[]>;
  /** Ends all processes of a rehearsal and deletes their histories: one that comes after it may use the same names. */
  forgetClock(clock: string): Promise<void>;
  /** Ends processes of what is no more, whatever they do just now; one that does not run is none. */
  end(workflowIds: readonly string[], reason: string): Promise<void>;
  /** Throws where the server can not be reached. */
  check(): Promise<void>;
}

const DEADLINE_MS = 10_000;
const FORGET_MS = 40_000;

const livesOn = (clock: string) => `TestClock = '${clock.replaceAll("'", "''")}'`;

/** Running ones are ended by their deletion. @returns how many were still listed. */
async function deleteOnClock(client: Client, clock: string): Promise<number> {
  let listed = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: livesOn(clock) })) {
    listed += 1;
    await client.workflowService
      .deleteWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId, runId },
      })
      .catch((error: unknown) => {
        if (!isGrpcServiceError(error) || error.code !== GRPC.notFound) throw error;
      });
  }
  return listed;
}

const ENDED_AT_ONCE = 16;

async function endWorkflow(client: Client, workflowId: string, reason: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).terminate(reason);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** Processes on a Temporal server. The client must carry the same data converter as the workers'. */
export function temporalProcesses(client: Client, deadlineMs = DEADLINE_MS): Processes {
  const inTime = <T>(work: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + deadlineMs, work).catch((error: unknown) => {
      throw asProblem(error);
    });
  const update: Processes['update'] = (workflowId, definition, args, requestId) =>
    inTime(() =>
      client.workflow
        .getHandle(workflowId)
        .executeUpdate(definition, { args, updateId: requestId }),
    );
  return {
    startBillRun: (args) => inTime(() => startBillRun(client, args)),
    lookOverBooks: (cause) => inTime(() => lookOverBooks(client, cause)),
    startFindingFix: (args) => inTime(() => startFindingFix(client, args)),
    startContract: (args, party) => inTime(() => startContract(client, args, party)),
    startPayment: (args) => inTime(() => startPayment(client, args)),
    reversePayment: (args, reversal) => inTime(() => reversePayment(client, args, reversal)),
    tellRefundFailed: (args, failure) => inTime(() => tellRefundFailed(client, args, failure)),
    update,
    async updateContract(contract, party, definition, args, requestId) {
      await inTime(() => startContract(client, contract, party));
      return update(contractWorkflowId(contract.contract), definition, args, requestId);
    },
    updatePayment: (payment, definition, args, requestId) =>
      inTime(() => updatePayment(client, payment, definition, args, requestId)),
    signal: (workflowId, definition, args) =>
      inTime(async () => {
        try {
          await client.workflow.getHandle(workflowId).signal(definition, ...args);
          return true;
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        }
      }),
    runningOnClock: (clock) =>
      inTime(async () => {
        const ids: string[] = [];
        const query = `${livesOn(clock)} AND ExecutionStatus = 'Running'`;
        for await (const found of client.workflow.list({ query })) ids.push(found.workflowId);
        return ids;
      }),
    async forgetClock(clock) {
      const endsAt = Date.now() + FORGET_MS;
      // Deletion goes on behind the answer, and a list is a little behind too: it is over when the list is empty.
      while ((await inTime(() => deleteOnClock(client, clock))) > 0) {
        if (Date.now() > endsAt)
          throw new ProblemError(
            'engine-unavailable',
            'The Temporal server has not deleted all processes of the rehearsal; try again.',
          );
        await wait(200);
      }
    },
    async end(workflowIds, reason) {
      for (let start = 0; start < workflowIds.length; start += ENDED_AT_ONCE)
        await Promise.all(
          workflowIds
            .slice(start, start + ENDED_AT_ONCE)
            .map((workflowId) => inTime(() => endWorkflow(client, workflowId, reason))),
        );
    },
    check: () =>
      inTime(async () => {
        await client.workflowService.getSystemInfo({});
      }),
  };
}

/** gRPC status codes that matter here. */
const GRPC = {
  cancelled: 1,
  deadlineExceeded: 4,
  notFound: 5,
  failedPrecondition: 9,
  unavailable: 14,
} as const;

/** Maps what the client throws to problems; a refusal of a workflow keeps its code and its words. */
export function asProblem(error: unknown): Error {
  if (error instanceof ProblemError) return error;
  if (error instanceof WorkflowUpdateFailedError) return refusalOf(error);
  if (error instanceof WorkflowNotFoundError)
    return new ProblemError(
      'state-conflict',
      'Its process is not running, because it has ended or has not begun.',
      { cause: error },
    );
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return new ProblemError('already-exists', 'It was started already.', { cause: error });
  const late = () =>
    new ProblemError(
      'worker-unavailable',
      'No worker took the request in time. Nothing was changed that you could rely on: look ' +
        'again, and ask an operator to start a worker if it stays so.',
      { cause: error },
    );
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return late();
  const grpc = grpcCode(error);
  if (grpc === GRPC.deadlineExceeded || grpc === GRPC.cancelled) return late();
  // The server's answer while a process's last task failed, or while it is just being closed.
  if (grpc === GRPC.failedPrecondition)
    return new ProblemError(
      'worker-unavailable',
      'Its process can not go on at the moment. Try again; where it stays so, an operator sees the ' +
        'cause in the Temporal UI.',
      { cause: error },
    );
  if (grpc === GRPC.unavailable)
    return new ProblemError(
      'engine-unavailable',
      'The Temporal server can not be reached. Ask an operator to start it, then try again.',
      { cause: error },
    );
  return error instanceof Error ? error : new Error('the engine failed', { cause: error });
}

function grpcCode(error: unknown): number | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if (isGrpcServiceError(at)) return at.code;
    at = at.cause;
  }
  return null;
}

/** The server's code where a process ends with a question unanswered. */
const ENDED_FIRST = 'AcceptedUpdateCompletedWorkflow';

function refusalOf(error: WorkflowUpdateFailedError): Error {
  for (let at: unknown = error.cause, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if (at instanceof ApplicationFailure && typeof at.type === 'string' && isProblemCode(at.type))
      return refused(at.type, at.message, error);
    if (at instanceof ApplicationFailure && at.type === ENDED_FIRST)
      return new ProblemError(
        'state-conflict',
        'Its process ended before it answered. Look at how it stands now, then decide again.',
        { cause: error },
      );
    at = at.cause;
  }
  return error;
}
