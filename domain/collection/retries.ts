/**
 * When a charge that failed is tried again, by the reason that the provider gives. Pure: the codes are those of cards and
 * debits as Stripe names them, which banks' own answers are mapped to.
 */
import { addDays, type CivilDate } from '../dates/dates.ts';

/**
 * - `soft`: there was no money, or no answer; later may be different
 * - `hard`: this method will never work again
 * - `customer`: only the customer can make it work, on a page
 */
export type DeclineKind = 'soft' | 'hard' | 'customer';

/** The method itself is at an end, or its bank says never again. */
const HARD = new Set([
  'account_closed',
  'bank_account_closed',
  'card_not_supported',
  'currency_not_supported',
  'debit_not_authorized',
  'expired_card',
  'fraudulent',
  'incorrect_number',
  'incorrect_account_holder_name',
  'invalid_account',
  'invalid_bank_account_iban',
  'invalid_expiry_month',
  'invalid_expiry_year',
  'invalid_number',
  'lost_card',
  'mandate_canceled',
  'merchant_blacklist',
  'new_account_information_available',
  'no_account',
  'not_permitted',
  'payment_method_missing',
  'pickup_card',
  'restricted_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'stolen_card',
  'stop_payment_order',
  'transaction_not_allowed',
]);
const CUSTOMER = new Set([
  'authentication_required',
  'incorrect_cvc',
  'incorrect_pin',
  'incorrect_zip',
  'invalid_cvc',
  'offline_pin_required',
  'online_or_offline_pin_required',
]);
/** The provider or the bank could not answer: another day is not needed for money to come. */
const TECHNICAL = new Set([
  'approve_with_id',
  'issuer_not_available',
  'processing_error',
  'reenter_transaction',
  'try_again_later',
]);

/** Days after each failed attempt for want of money; salaries and cash runs come in between. */
const SOFT_DAYS = [3, 5, 7] as const;
/** A debit that was returned is presented once more, never a third time. */
const DEBIT_DAYS = [5] as const;
const TECHNICAL_DAYS = [1, 1, 2, 3] as const;

/** What kind of refusal a code is; a code that nobody knows may be tried again. */
export function declineKind(code: string | null): DeclineKind {
  if (code !== null && HARD.has(code)) return 'hard';
  return code !== null && CUSTOMER.has(code) ? 'customer' : 'soft';
}

export interface FailedAttempt {
  /** The provider's code; null where it gave none. */
  readonly code: string | null;
  /** 1 for the first charge of the invoice with this method. */
  readonly attempt: number;
  readonly failedOn: CivilDate;
  /** A debit of a bank account, not a card. */
  readonly isDebit: boolean;
}

/** When the next attempt is made; null: none by itself, reminders take over. */
export function retryOn({ code, attempt, failedOn, isDebit }: FailedAttempt): CivilDate | null {
  if (declineKind(code) !== 'soft') return null;
  const technical = code !== null && TECHNICAL.has(code);
  const schedule: readonly number[] = technical ? TECHNICAL_DAYS : isDebit ? DEBIT_DAYS : SOFT_DAYS;
  const days = schedule[attempt - 1];
  return days === undefined ? null : addDays(failedOn, days);
}
