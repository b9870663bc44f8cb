/**
 * Double entry as pure functions: every money event gives postings that sum to zero per currency (billing rules §10).
 * Debit is positive, credit negative, amounts in minor units. A credit note is an issued document with negative lines,
 * and what undoes an event is its reverse: neither has arithmetic of its own.
 */
import { splitByLargestRemainder } from '../money/money.ts';

/** The ledger accounts that events post to; their numbers in an accounting system are configuration. */
export const LEDGER_ACCOUNTS = {
  receivable: 'receivable',
  deferredRevenue: 'deferred-revenue',
  revenue: 'revenue',
  tax: 'tax',
  bank: 'bank',
  unappliedCredit: 'unapplied-credit',
  discountAllowed: 'discount-allowed',
  badDebt: 'bad-debt',
  /** Owed by the payer's tax office against its certificate, not by the payer (billing rules §7). */
  taxWithheld: 'tax-withheld',
  bankFees: 'bank-fees',
  /** What was given of one currency for another, where a payment counts as that (billing rules §7). */
  exchange: 'exchange',
  lateCharges: 'late-charges',
  openingBalance: 'opening-balance',
} as const;

/** One side of a ledger entry: debit positive, credit negative, in minor units. */
export interface Posting {
  readonly ledgerAccount: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly account: string | null;
  readonly invoice: string | null;
  readonly line: string | null;
}

/** What postings need to know of a document. Amounts are negative on a credit note. */
export interface LedgerDocument {
  readonly invoice: string;
  readonly account: string;
  readonly currency: string;
  readonly type: 'invoice' | 'credit_note' | 'late_charge';
  readonly lines: readonly { readonly line: string; readonly net: number; readonly tax: number }[];
}

/** Sums that are zero per currency; an entry without this is never stored. */
export function isBalanced(postings: readonly Posting[]): boolean {
  const sums = new Map<string, number>();
  for (const { currency, amountMinor } of postings)
    sums.set(currency, (sums.get(currency) ?? 0) + amountMinor);
  return [...sums.values()].every((sum) => sum === 0);
}

/** The same event undone. */
export function reverse(postings: readonly Posting[]): Posting[] {
  return postings.map((posting) => ({ ...posting, amountMinor: 0 - posting.amountMinor }));
}

/** One posting for each place, zeros left out: what several entries amount to together. */
export function netPostings(postings: readonly Posting[]): Posting[] {
  const byPlace = new Map<string, Posting>();
  for (const posting of postings) {
    const { ledgerAccount, currency, account, invoice, line } = posting;
    const place = JSON.stringify([ledgerAccount, currency, account, invoice, line]);
    const before = byPlace.get(place)?.amountMinor ?? 0;
    byPlace.set(place, { ...posting, amountMinor: before + posting.amountMinor });
  }
  return [...byPlace.values()].filter(({ amountMinor }) => amountMinor !== 0);
}

const nonZero = (postings: readonly Posting[]) =>
  postings.filter(({ amountMinor }) => amountMinor !== 0);
const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);

/** Issue: Dr receivable, Cr deferred revenue per line (a late charge is earned at once), Cr tax. */
export function postingsForIssue(document: LedgerDocument): Posting[] {
  const { invoice, account, currency, lines, type } = document;
  const place = { currency, account, invoice };
  const income =
    type === 'late_charge' ? LEDGER_ACCOUNTS.lateCharges : LEDGER_ACCOUNTS.deferredRevenue;
  const tax = sum(lines.map((line) => line.tax));
  const total = sum(lines.map((line) => line.net)) + tax;
  return nonZero([
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.receivable, amountMinor: total, line: null },
    ...lines.map(({ line, net }) => ({
      ...place,
      ledgerAccount: income,
      amountMinor: 0 - net,
      line,
    })),
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.tax, amountMinor: 0 - tax, line: null },
  ]);
}

/** A credit note: the lines carry negative amounts, so it is the reverse of an issue by itself. */
export function postingsForCreditNote(note: Omit<LedgerDocument, 'type'>): Posting[] {
  return postingsForIssue({ ...note, type: 'credit_note' });
}

/** Money received, not allocated yet: Dr bank, Cr unapplied credit. */
export function postingsForReceipt(receipt: {
  readonly account: string | null;
  readonly currency: string;
  readonly amount: number;
}): Posting[] {
  const { account, currency, amount } = receipt;
  const place = { currency, account, invoice: null, line: null };
  return nonZero([
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.bank, amountMinor: amount },
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.unappliedCredit, amountMinor: 0 - amount },
  ]);
}

/** What a payment settles of one invoice. `net` and `tax` weigh how discount and write-off fall on both. */
export interface Settlement {
  readonly invoice: string;
  readonly account: string;
  readonly amount: number;
  readonly discount: number;
  readonly writtenOff: number;
  readonly withheld: number;
  readonly bankFee: number;
  readonly net: number;
  readonly tax: number;
}

/** An amount of an invoice's gross as its net and tax parts, by largest remainder. */
export function netAndTaxOf(
  amount: number,
  net: number,
  tax: number,
): { net: number; tax: number } {
  const [netPart = 0, taxPart = 0] = splitByLargestRemainder(amount, [
    Math.max(net, 0),
    Math.max(tax, 0),
  ]);
  return { net: netPart, tax: taxPart };
}

/**
 * Allocation: Dr unapplied credit, Cr receivable. An early-payment discount lowers income and tax (§5); a shortfall that is
 * written off is bad debt, its tax stays owed; tax withheld at source is a receivable from the tax office, and what banks kept
 * an expense (§7).
 */
export function postingsForPayment(
  payer: { readonly account: string | null; readonly currency: string },
  settlements: readonly Settlement[],
): Posting[] {
  const { currency } = payer;
  const postings = settlements.flatMap((settled): Posting[] => {
    const { invoice, account, amount, discount, writtenOff, withheld, bankFee } = settled;
    const place = { currency, account, invoice, line: null };
    const parts = netAndTaxOf(discount, settled.net, settled.tax);
    return [
      { ...place, ledgerAccount: LEDGER_ACCOUNTS.discountAllowed, amountMinor: parts.net },
      { ...place, ledgerAccount: LEDGER_ACCOUNTS.tax, amountMinor: parts.tax },
      { ...place, ledgerAccount: LEDGER_ACCOUNTS.badDebt, amountMinor: writtenOff },
      { ...place, ledgerAccount: LEDGER_ACCOUNTS.taxWithheld, amountMinor: withheld },
      { ...place, ledgerAccount: LEDGER_ACCOUNTS.bankFees, amountMinor: bankFee },
      {
        ...place,
        ledgerAccount: LEDGER_ACCOUNTS.receivable,
        amountMinor: 0 - amount - discount - writtenOff - withheld - bankFee,
      },
    ];
  });
  const used: Posting = {
    ledgerAccount: LEDGER_ACCOUNTS.unappliedCredit,
    currency,
    amountMinor: sum(settlements.map(({ amount }) => amount)),
    account: payer.account,
    invoice: null,
    line: null,
  };
  return nonZero([used, ...postings]);
}

/** Unapplied credit given back: Dr unapplied credit, Cr bank. */
export function postingsForRefund(refund: {
  readonly account: string | null;
  readonly currency: string;
  readonly amount: number;
}): Posting[] {
  return reverse(postingsForReceipt(refund));
}

/** A write-off: unearned deferred revenue first, the rest bad debt, tax where the policy gives relief (§10). */
export function postingsForWriteOff(input: {
  readonly invoice: string;
  readonly account: string;
  readonly currency: string;
  readonly open: number;
  readonly net: number;
  readonly tax: number;
  readonly taxRelief: boolean;
  /** Deferred revenue of its lines that is not earned yet. */
  readonly unearned: readonly { readonly line: string; readonly amount: number }[];
}): Posting[] {
  const { invoice, account, currency, open } = input;
  const place = { currency, account, invoice };
  const relief = input.taxRelief ? netAndTaxOf(open, input.net, input.tax).tax : 0;
  let left = open - relief;
  const deferred = input.unearned.map(({ line, amount }): Posting => {
    const part = Math.max(0, Math.min(left, amount));
    left -= part;
    return { ...place, ledgerAccount: LEDGER_ACCOUNTS.deferredRevenue, amountMinor: part, line };
  });
  return nonZero([
    ...deferred,
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.tax, amountMinor: relief, line: null },
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.badDebt, amountMinor: left, line: null },
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.receivable, amountMinor: 0 - open, line: null },
  ]);
}

/**
 * An imported document on the day the books open: what is open is receivable, what is not earned yet is deferred; the
 * difference was settled before our time. Negative on a credit note.
 */
export function postingsForOpening(opening: {
  readonly invoice: string;
  readonly account: string;
  readonly currency: string;
  readonly balance: number;
  readonly deferred: readonly { readonly line: string; readonly amount: number }[];
}): Posting[] {
  const { invoice, account, currency, balance, deferred } = opening;
  const place = { currency, account, invoice };
  const unearned = sum(deferred.map(({ amount }) => amount));
  return nonZero([
    { ...place, ledgerAccount: LEDGER_ACCOUNTS.receivable, amountMinor: balance, line: null },
    ...deferred.map(({ line, amount }) => ({
      ...place,
      ledgerAccount: LEDGER_ACCOUNTS.deferredRevenue,
      amountMinor: 0 - amount,
      line,
    })),
    {
      ...place,
      ledgerAccount: LEDGER_ACCOUNTS.openingBalance,
      amountMinor: unearned - balance,
      line: null,
    },
  ]);
}

/** An imported payment's unapplied credit on the day the books open. */
export function postingsForOpeningCredit(credit: {
  readonly account: string | null;
  readonly currency: string;
  readonly amount: number;
}): Posting[] {
  return postingsForReceipt(credit).map((posting) =>
    posting.ledgerAccount === LEDGER_ACCOUNTS.bank
      ? { ...posting, ledgerAccount: LEDGER_ACCOUNTS.openingBalance }
      : posting,
  );
}
