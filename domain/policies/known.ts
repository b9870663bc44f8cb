/**
 * Every policy that something of this product reads, with what it accepts (docs/rules/contract-book.md lists them). A book may
 * hold others: they are kept, and nobody follows them.
 */
import { holidaysFrom } from '../dates/holidays.ts';
import { parseLadder } from '../dunning/ladder.ts';
import { parseLateCharge } from '../dunning/late-charges.ts';
import { isDecimal } from '../money/decimal.ts';
import { parsePaymentTerms } from '../payment-terms/payment-terms.ts';
import { Refusal } from '../refusal.ts';
import { POLICIES, SELLER_POLICY } from './policies.ts';

interface Accepted {
  readonly words: string;
  readonly accepts: (value: string) => boolean;
}

const oneOf = (...values: readonly string[]): Accepted => ({
  words: values.join(', '),
  accepts: (value) => values.includes(value.toLowerCase()),
});
const wholeNumber = (of: string): Accepted => ({
  words: `a whole number of ${of}`,
  accepts: (value) => /^\d{1,4}$/.test(value),
});
const readable = (words: string, read: (value: string) => unknown): Accepted => ({
  words,
  accepts: (value) => {
    try {
      return read(value) !== null;
    } catch (error) {
      if (error instanceof Refusal || error instanceof RangeError) return false;
      throw error;
    }
  },
});

const ACCEPTED: ReadonlyMap<string, Accepted> = new Map([
  ...Object.entries(POLICIES).map(([name, { values }]) => [name, oneOf(...values)] as const),
  ['lead_months', wholeNumber('months')],
  ['old_find_months', wholeNumber('months')],
  ['renewal_months', wholeNumber('months')],
  ['grace_days', wholeNumber('days')],
  ['grace_limit_days', wholeNumber('days')],
  ['minimum', { words: 'an amount such as 25.00', accepts: (value) => isDecimal(value) }],
  ['payment_terms', readable('payment terms such as net 30', parsePaymentTerms)],
  [
    'holidays',
    readable('days such as 2027-03-26 or 12-25', (text) => holidaysFrom(text, '2027-01-01')),
  ],
  [SELLER_POLICY, { words: 'the number of an entity', accepts: (value) => value.trim() !== '' }],
  ['oldest_first', oneOf('yes', 'no')],
  ['credit_use', oneOf('next-invoice', 'by-person')],
  ['line_order', oneOf('in-order', 'pro-rata')],
  ['clearing', oneOf('principal-first', 'costs-interest-principal')],
  [
    'tolerance',
    { words: 'minor units, a whole number', accepts: (value) => /^\d{1,9}$/.test(value) },
  ],
  [
    'dunning',
    readable('a ladder such as "1 reminder; 30 final-notice", or never', (text) =>
      /^(never|none|no|off)$/i.test(text) ? [] : parseLadder(text),
    ),
  ],
  ['dun_imported', oneOf('yes', 'no')],
  [
    'late_charge',
    readable(
      'a rate, a fee and a cap such as "10 % a year, fee 10", a preset, or none',
      (text) =>
        // A currency of many decimals: whose amounts fit is a contract's question.
        parseLateCharge(text, 'KWD') ?? 'none',
    ),
  ],
] as const);

/** The names of all policies that are read, in order. */
export const POLICY_NAMES: readonly string[] = [...ACCEPTED.keys()].sort();

/** What is wrong with a policy of a book, as the end of a sentence, and in which column; null where it is understood. */
export function policyFault(
  policy: string,
  value: string,
): { readonly column: 'policy' | 'value'; readonly message: string } | null {
  const accepted = ACCEPTED.get(policy);
  if (accepted === undefined)
    return {
      column: 'policy',
      message: 'is no policy that is known here; it is kept, not followed',
    };
  if (accepted.accepts(value.trim())) return null;
  const message = `is not understood, and what asks for it is set aside; ${policy} accepts ${accepted.words}`;
  return { column: 'value', message };
}
