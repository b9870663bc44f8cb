/** One posting with the entry it belongs to: a line of the journal, for exports. */
export interface LedgerRow {
  /** Its place in the ledger: later ones are greater. */
  readonly posting: number;
  readonly entry: number;
  /** The key under which the entry was posted once. */
  readonly key: string;
  readonly entity: string;
  readonly postedOn: string;
  readonly description: string;
  readonly ledgerAccount: string;
  readonly currency: string;
  /** Debits are positive. */
  readonly amountMinor: number;
  readonly account: string | null;
  readonly invoice: string | null;
  readonly line: string | null;
}
