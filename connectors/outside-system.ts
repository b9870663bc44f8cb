/**
 * What every connected system may offer besides taking what we post: its records to compare with ours, page by page, and the
 * correction of one of its records. Records have the shapes that findings compare (domain/findings/outside): the system's own
 * ids, money in minor units, and the address where a person opens the record.
 */
import type { OutsideCustomer } from '../domain/findings/outside.ts';

/** No answer came whole, or the system asks to be left alone for a while: nothing is known, and it is worth trying again. */
export interface Unreached {
  readonly result: 'unknown';
  /** What was asked and what came of it; no secrets. */
  readonly message: string;
  /** How long the system asked to be left alone; absent where it did not say. */
  readonly retryAfterSeconds?: number;
}

/** It answered, and will answer the same again: a wrong token, a right that is missing, a request it does not accept. */
export interface Refused {
  readonly result: 'rejected';
  readonly message: string;
}

/** Where in a list a page begins, and which part of the list is wanted. */
export interface PageAt {
  /** `next` of the page before; null for the first page. */
  readonly cursor: string | null;
  /** An instant (ISO 8601): only what changed from then on is wanted. Null: all of it. Asked of `incremental` readers only. */
  readonly changedSince: string | null;
  /** A civil date: documents, payments and closed deals of earlier days are not wanted. Null: of any day. */
  readonly from: string | null;
}

export type ReadPage<R> =
  | {
      readonly result: 'ok';
      /** A record may come twice, where the list moved while it was read: the later one counts. */
      readonly records: readonly R[];
      /** Where the next page begins; null after the last. */
      readonly next: string | null;
    }
  | Refused
  | Unreached;

export type ReadPages<R> = (at: PageAt) => Promise<ReadPage<R>>;

/** What a customer says there, and a correction can change; `id` and `url` stay. */
export type CustomerFields = Omit<OutsideCustomer, 'id' | 'url'>;

export type ReadOne<R> =
  /** Null: it is not there (any more). */
  { readonly result: 'ok'; readonly record: R | null } | Refused | Unreached;

export interface CustomerCorrection {
  /** Its id there. */
  readonly id: string;
  /** Absolute values: the same correction again changes nothing. */
  readonly changes: Partial<CustomerFields>;
  /** What these fields said when a person decided; `changes` names no field that stands not here. */
  readonly expected: Partial<CustomerFields>;
}

export type CorrectionAnswer =
  /** The record as it was read after the write. Also where it said so already: an earlier attempt took effect. */
  | { readonly result: 'ok'; readonly customer: OutsideCustomer }
  /** A field says neither what was expected nor what is wanted: somebody changed it meanwhile. Nothing was written. */
  | { readonly result: 'changed'; readonly customer: OutsideCustomer }
  | Refused
  | Unreached;

/** One customer there: read again before it is written, and after. */
export interface CustomerCorrections {
  readCustomer(id: string): Promise<ReadOne<OutsideCustomer>>;
  /** Reads the record, refuses where it is not as expected, writes, reads it again. */
  correctCustomer(correction: CustomerCorrection): Promise<CorrectionAnswer>;
}

/** Whether it can be reached with what is configured: for `perennial doctor` and the page of connected systems. */
export type ReachAnswer =
  /** In words: which system, which company, as whom. */
  { readonly result: 'ok'; readonly words: string } | Refused | Unreached;

/** Whether a customer says what was expected, what is wanted already, or something else. */
export function correctionState(
  now: OutsideCustomer,
  { changes, expected }: Pick<CustomerCorrection, 'changes' | 'expected'>,
): 'expected' | 'done' | 'changed' {
  const fields = Object.keys(changes) as (keyof CustomerFields)[];
  const says = (field: keyof CustomerFields) => now[field] ?? '';
  if (fields.every((field) => says(field) === (changes[field] ?? ''))) return 'done';
  const isKnown = (field: keyof CustomerFields) =>
    says(field) === (expected[field] ?? '') || says(field) === (changes[field] ?? '');
  return fields.every(isKnown) ? 'expected' : 'changed';
}
