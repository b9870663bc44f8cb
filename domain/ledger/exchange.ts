/** Unapplied credit that a person counts in another currency, as postings (billing rules §7, §10). */
import type { CurrencyAmount } from '../money/exchange.ts';
import { LEDGER_ACCOUNTS, type Posting } from './postings.ts';

/**
 * Dr unapplied credit, Cr exchange in the currency that it was; Dr exchange, Cr unapplied credit in the one that it counts as:
 * each currency is zero by itself, and the account `exchange` holds what was given of the one for the other. The bank keeps what
 * came. The way back is the same with both amounts changed over.
 */
export function postingsForExchange(exchange: {
  readonly account: string | null;
  readonly from: CurrencyAmount;
  readonly to: CurrencyAmount;
}): Posting[] {
  const { account, from, to } = exchange;
  const posting = (ledgerAccount: string, currency: string, amountMinor: number): Posting => ({
    ledgerAccount,
    currency,
    amountMinor,
    account,
    invoice: null,
    line: null,
  });
  return [
    posting(LEDGER_ACCOUNTS.unappliedCredit, from.currency, from.amountMinor),
    posting(LEDGER_ACCOUNTS.exchange, from.currency, 0 - from.amountMinor),
    posting(LEDGER_ACCOUNTS.exchange, to.currency, to.amountMinor),
    posting(LEDGER_ACCOUNTS.unappliedCredit, to.currency, 0 - to.amountMinor),
  ];
}
