/**
 * The bank's balance against the ledger's bank account: the difference, and what of it is known (billing rules §10). Amounts in
 * minor units, bank − ledger.
 */

export type BankItemKind =
  | 'before-first-statement' // what was in the bank before its first statement
  | 'not-in-ledger' // an entry of a statement that no payment was made of
  | 'not-on-statement'; // money in the ledger that came another way than by a statement

export interface BankItem {
  readonly kind: BankItemKind;
  readonly currency: string;
  readonly amountMinor: number;
  readonly on: string | null;
  readonly words: string;
}

export interface BankBalance {
  readonly currency: string;
  readonly bankMinor: number;
  readonly ledgerMinor: number;
  readonly differenceMinor: number;
  readonly items: readonly BankItem[];
  /** What of the difference no item tells: entries that one side has on another day, or something that is wrong. */
  readonly unexplainedMinor: number;
}

export interface CurrencyBalance {
  readonly currency: string;
  readonly balanceMinor: number;
}

function sumOf(rows: readonly CurrencyBalance[], currency: string): number {
  return rows.reduce((sum, row) => sum + (row.currency === currency ? row.balanceMinor : 0), 0);
}

/** One comparison a currency that either side knows, by currency. */
export function bankBalances(
  bank: readonly CurrencyBalance[],
  ledger: readonly CurrencyBalance[],
  items: readonly BankItem[],
): BankBalance[] {
  const currencies = new Set([...bank, ...ledger, ...items].map(({ currency }) => currency));
  return [...currencies].sort().map((currency) => {
    const own = items.filter((item) => item.currency === currency && item.amountMinor !== 0);
    const [bankMinor, ledgerMinor] = [sumOf(bank, currency), sumOf(ledger, currency)];
    const differenceMinor = bankMinor - ledgerMinor;
    const told = own.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    const unexplainedMinor = differenceMinor - told;
    return { currency, bankMinor, ledgerMinor, differenceMinor, items: own, unexplainedMinor };
  });
}
