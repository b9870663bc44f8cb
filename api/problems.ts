/**
 * Every refusal and failure that the API answers with, in one table: code → HTTP status, whether trying again can help,
 * log level, who acts. Codes are stable; other systems rely on them. A workflow's refusal (RefusalCode) and a rule's refusal
 * keep their code on the way out. Answers are RFC 9457 problem documents.
 */
import type { DbRefusalCode } from '../db/index.ts';
import type { RefusalCode } from '../workflows/messages.ts';
import type { Problem } from './types.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ProblemSpec {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly logLevel: LogLevel;
  readonly whoActs: Problem['whoActs'];
}

const spec = (
  status: number,
  title: string,
  whoActs: Problem['whoActs'] = 'caller',
  logLevel: LogLevel = 'info',
  retryable = false,
): ProblemSpec => ({ status, title, retryable, logLevel, whoActs });

/** A conflict with the state that a thing is in: the caller looks again and decides anew. */
const state = (title: string) => spec(409, title, 'caller');

const REFUSALS = {
  'run-not-in-review': state('The bill run is not in review'),
  'run-not-submitted': state('The bill run has not been submitted for approval'),
  'run-item-unknown': spec(404, 'The bill run has no such item'),
  'own-run': spec(403, 'Whoever submitted a bill run does not approve it', 'finance'),
  'already-decided': state('This has been decided already'),
  'numbers-changed': state('The numbers are not those that were shown'),
  'contract-ended': state('The contract has ended'),
  'contract-not-held': state('The contract is not on hold'),
  'contract-already-held': state('The contract is on hold already'),
  'amendment-invalid': spec(422, 'The amendment does not fit the contract'),
  'grace-not-needed': state('There is no grace to grant'),
  'grace-limit': spec(422, 'The grace would reach past its limit', 'finance'),
  'license-not-current': spec(409, 'The license is not the one in force', 'caller'),
  'renewal-not-open': state('The renewal does not wait for an answer'),
  'invoice-settled': state('The invoice is settled already'),
  'invoice-void': state('The invoice is void'),
  'payment-settled': state('The payment has been allocated already'),
  'refund-under-way': state('The payment is just being refunded'),
  'currency-exchanged': state('The payment counts as another currency than it came in'),
  'not-configured': spec(503, 'This is not configured', 'operator', 'warn'),
  'nothing-parked': state('Nothing waits for a decision here'),
  'period-closed': state('The accounting period is closed'),
  'step-failed': spec(500, 'A step of the process failed', 'operator', 'error', true),
  'invalid-input': spec(422, 'The request can not be carried out as it stands'),
} as const satisfies Record<RefusalCode, ProblemSpec>;

export const PROBLEMS = {
  ...REFUSALS,
  'malformed-request': spec(400, 'The request can not be read'),
  'validation-failed': spec(400, 'Some fields are missing or not acceptable'),
  'cursor-invalid': spec(400, 'The cursor is not one of this list'),
  'signature-missing': spec(400, 'The webhook carries no signature', 'operator', 'warn'),
  'signature-invalid': spec(400, 'The webhook’s signature does not match', 'operator', 'warn'),
  'signature-expired': spec(400, 'The webhook’s signature is too old', 'operator', 'warn'),
  'webhook-malformed': spec(400, 'The webhook’s body can not be read', 'operator', 'warn'),
  'webhook-too-large': spec(400, 'The webhook’s body is too large', 'operator', 'warn'),
  'not-signed-in': spec(401, 'Sign in first'),
  'sign-in-failed': spec(401, 'The mail address or the password is wrong', 'caller', 'warn'),
  'key-invalid': spec(401, 'The API key is unknown or revoked', 'admin', 'warn'),
  'not-permitted': spec(403, 'Your role may not do this', 'admin'),
  'csrf-failed': spec(403, 'The request did not come from our own pages', 'caller', 'warn'),
  'four-eyes': spec(403, 'Whoever made it does not approve it', 'finance'),
  'license-unknown': spec(422, 'The license key is not one of ours', 'caller'),
  'link-invalid': spec(404, 'The link is not valid, or has been used or expired'),
  'not-found': spec(404, 'There is no such thing'),
  'method-not-allowed': spec(405, 'This address does not take that method'),
  'idempotency-key-in-progress': spec(
    409, 'The first request with this Idempotency-Key is still running', 'caller', 'info', true,
  ), // biome-ignore format: as above
  'already-exists': state('It exists already'),
  'in-use': state('It is in use'),
  'state-conflict': state('The state it is in does not allow this'),
  'precondition-failed': spec(412, 'It has changed since you read it'),
  'body-too-large': spec(413, 'The body is too large'),
  'media-type-unsupported': spec(415, 'The body’s media type is not accepted here'),
  'account-is-itself': spec(422, 'An account is not merged into itself'),
  'already-merged': state('The account was merged already'),
  'account-closed': state('The account is closed'),
  'entity-differs': spec(422, 'The accounts buy from different companies'),
  'rule-refused': spec(422, 'A rule refuses this', 'finance'),
  'run-exists': state('There is a bill run of that month already'),
  'run-not-approved': state('The bill run has not been approved'),
  'run-item-left-out': state('The item was left out of the bill run'),
  'issue-date-before-last': state('A later document of the series has been issued already'),
  'issued-document-changed': state('What was issued is never changed'),
  'duplicate-row': state('There is such a row already'),
  'import-in-use': state('Something rests on what was imported'),
  'import-not-last': state('Only the last import can be undone'),
  'import-differs': state('What is imported is not what was shown'),
  'upload-unusable': spec(422, 'The upload can not be used as it is'),
  'upload-faulty': spec(422, 'Rows of the upload are wrong'),
  'ledger-differs': spec(409, 'The books do not agree with the documents', 'finance', 'warn'),
  'collection-under-way': state('The invoice is being paid already'),
  'allocation-exceeds': spec(422, 'More would be allocated than there is'),
  'currency-differs': spec(422, 'The currencies differ'),
  'effect-input-changed': state('It was done already with other values'),
  'clock-exists': state('There is such a clock already'),
  'clock-backwards': spec(422, 'A clock only moves forward'),
  'idempotency-key-reused': spec(422, 'The Idempotency-Key was used for another request'),
  'precondition-required': spec(428, 'Send If-Match with the ETag that you read'),
  'too-many-requests': spec(429, 'Too many requests', 'caller', 'info', true),
  'internal-error': spec(500, 'Something went wrong on our side', 'operator', 'error', true),
  'provider-unavailable': spec(
    503, 'The payment provider does not answer', 'operator', 'warn', true,
  ), // biome-ignore format: as above
  'worker-unavailable': spec(503, 'The billing engine does not answer', 'operator', 'error', true),
  'engine-unavailable': spec(
    503,
    'The billing engine can not be reached',
    'operator',
    'error',
    true,
  ),
  'disk-full': spec(507, 'There is no room left', 'operator', 'error', true),
  'database-unavailable': spec(503, 'The database can not be reached', 'operator', 'error', true),
} as const satisfies Record<string, ProblemSpec>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A refusal on its way to the caller. `detail` says what is wrong and what to do; it must hold no secret. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];

  constructor(
    code: ProblemCode,
    detail: string,
    options: ErrorOptions & { errors?: readonly FieldError[] } = {},
  ) {
    super(detail, options);
    this.code = code;
    this.errors = options.errors ?? [];
  }
}

/** Codes of the record's refusals that go by another name outside. */
const RENAMED: Partial<Record<DbRefusalCode, ProblemCode>> = {
  'own-approval': 'four-eyes',
};

/** Refusals that name a person by their id; the person asking knows who they are. */
const OWN_WORDS: Partial<Record<ProblemCode, string>> = {
  'own-run': 'You submitted this run; a second person approves it.',
  'four-eyes': 'You asked for it; a second person decides.',
};

/** What a refusal of the record or of a process says to the person asking. */
export function refused(code: ProblemCode, words: string, cause: Error): ProblemError {
  return new ProblemError(code, OWN_WORDS[code] ?? words, { cause });
}

/** The record's refusal as a problem; its words are written for people already. */
export function refusalProblem(code: DbRefusalCode, words: string, cause: Error): ProblemError {
  const known = RENAMED[code] ?? code;
  return refused(isProblemCode(known) ? known : 'rule-refused', words, cause);
}

export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** The document that goes over the wire. */
export function problemDocument(
  code: ProblemCode,
  detail: string,
  where: { instance: string; requestId: string; errors?: readonly FieldError[] },
): Problem {
  const { status, title, retryable, whoActs } = PROBLEMS[code];
  return {
    type: `urn:perennial:problem:${code}`,
    title,
    status,
    code,
    detail,
    instance: where.instance,
    requestId: where.requestId,
    retryable,
    whoActs,
    ...(where.errors !== undefined && where.errors.length > 0 ? { errors: where.errors } : {}),
  };
}

export function notFound(what: string, name: string): ProblemError {
  return new ProblemError('not-found', `There is no ${what} ${JSON.stringify(name)}.`);
}
