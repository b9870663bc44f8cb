/**
 * How a step fails. A refusal of a rule ends the attempt for good under its code; so does what a person must correct
 * (`step-failed`); a programming error too, because trying it again would hide it. All else is transient and tried again.
 */
import { ApplicationFailure } from '@temporalio/common';
import { Refusal as DbRefusal } from '../db/index.ts';
import { Refusal } from '../domain/refusal.ts';
import type { RefusalCode } from '../workflows/messages.ts';

/** A refusal of a rule, which ends an update and is mapped by its code. */
export function refused(code: RefusalCode, message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: code, nonRetryable: true });
}

/** What a person must correct before the step can go on; the words say what. */
export function stepFailed(message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'step-failed',
    nonRetryable: true,
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/** The outside system did not say whether it did it: tried again, and looked up before. */
export function outcomeUnknown(message: string, retryAfterSeconds?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'outcome-unknown',
    nonRetryable: false,
    // A system that asks to be left alone for a while is.
    ...(retryAfterSeconds === undefined
      ? {}
      : { nextRetryDelay: `${Math.max(1, Math.ceil(retryAfterSeconds))} seconds` }),
  });
}

function asFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof DbRefusal || error instanceof Refusal)
    return ApplicationFailure.create({
      message: error.message,
      type: error.code,
      nonRetryable: true,
      cause: error,
    });
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError)
    return stepFailed(error.message, error);
  return error;
}

/** Wraps every step of an object so that it fails as above. */
export function failingProperly<T extends object>(steps: T): T {
  const wrapped = Object.entries(steps).map(([name, step]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (step as (...all: unknown[]) => Promise<unknown>)(...args);
      } catch (error) {
        throw asFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}
