/** One side of a ledger entry: debit positive, credit negative, in minor units. */
export interface Posting {
  readonly ledgerAccount: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly account: string | null;
  readonly invoice: string | null;
  readonly line: string | null;
}
