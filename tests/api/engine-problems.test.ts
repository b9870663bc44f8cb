/** What the engine's client throws, as problems that people and programs can act on. */

import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { PROBLEMS, ProblemError } from '../../api/problems.ts';
import { asProblem } from '../../api/processes.ts';

/** As grpc-js throws it. */
function grpcError(code: number): Error {
  return Object.assign(new Error(`${code}: it did not work`), {
    code,
    details: 'it did not work',
    metadata: {},
  });
}

describe('the engine’s errors', () => {
  it.each([
    ['cancelled', 1, 'worker-unavailable'],
    ['deadline exceeded', 4, 'worker-unavailable'],
    ['failed precondition', 9, 'worker-unavailable'],
    ['unavailable', 14, 'engine-unavailable'],
  ])('%s is a problem that may be tried again', (_words, code, expected) => {
    for (const error of [
      grpcError(code),
      new Error('the call failed', { cause: grpcError(code) }),
    ]) {
      const problem = asProblem(error);
      expect(problem).toBeInstanceOf(ProblemError);
      expect(problem).toMatchObject({ code: expected, cause: error });
    }
    expect(PROBLEMS[expected as keyof typeof PROBLEMS]).toMatchObject({
      status: 503,
      retryable: true,
    });
  });

  it('another gRPC code stays what it is', () => {
    const error = grpcError(13);
    expect(asProblem(error)).toBe(error);
  });

  it('a process that does not run is a conflict, a refusal keeps its code', () => {
    expect(asProblem(new WorkflowNotFoundError('gone', 'contract:C-1', undefined))).toMatchObject({
      code: 'state-conflict',
    });
    const refusal = ApplicationFailure.nonRetryable('It is void.', 'invoice-void');
    expect(asProblem(new WorkflowUpdateFailedError('refused', refusal))).toMatchObject({
      code: 'invoice-void',
    });
  });
});
