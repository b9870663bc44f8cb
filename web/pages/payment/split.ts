/** What somebody typed beside each candidate, and what it comes to. */
import type { CandidateView } from '../../../api/types.ts';
import { decimalText, parseAmount } from '../../words/money.ts';

/** Amounts as typed, by place; text, so that a half-typed amount stays. A place is an invoice, or one line of it. */
export type Split = Readonly<Record<string, string>>;

export const placeOf = (invoice: string, line: string | null = null): string =>
  line === null ? invoice : `${invoice}\n${line}`;

/** What becomes of the part of an invoice that did not come: it stays open, or somebody kept it on the way. */
export type Rest = 'open' | 'withheld' | 'bank-fee';

/** By invoice, what a person said of its rest, and what is open of it. */
export type Rests = Readonly<Record<string, { readonly rest: Rest; readonly openMinor: number }>>;

export interface DecidedLine {
  readonly invoice: string;
  readonly line: string | null;
  readonly amountMinor: number;
  readonly withheldMinor?: number;
  readonly bankFeeMinor?: number;
}

export interface Decision {
  readonly lines: readonly DecidedLine[];
  readonly sumMinor: number;
  readonly leftMinor: number;
  /** An amount that cannot be, or more than there is. */
  readonly faulty: boolean;
}

/** What would be sent, and what stays as credit. */
export function decisionOf(
  split: Split,
  wholeMinor: number,
  currency: string,
  rests: Rests = {},
): Decision {
  const typed = Object.entries(split).filter(([, text]) => text.trim() !== '');
  const lines = typed.flatMap(([place, text]): DecidedLine[] => {
    const [invoice = '', line = null] = place.split('\n');
    const amountMinor = parseAmount(text, currency);
    if (amountMinor === null || amountMinor <= 0) return [];
    return [
      {
        invoice,
        line,
        amountMinor,
        ...keptOf(line === null ? rests[invoice] : undefined, amountMinor),
      },
    ];
  });
  const sumMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const leftMinor = wholeMinor - sumMinor;
  return { lines, sumMinor, leftMinor, faulty: lines.length < typed.length || leftMinor < 0 };
}

/** The rest of an invoice as what was kept; nothing where all of it came. */
function keptOf(said: Rests[string] | undefined, amountMinor: number) {
  const left = (said?.openMinor ?? 0) - amountMinor;
  if (said === undefined || said.rest === 'open' || left <= 0) return {};
  return said.rest === 'withheld' ? { withheldMinor: left } : { bankFeeMinor: left };
}

/** Without what was typed for an invoice or its lines. */
export const without = (split: Split, invoice: string): Split =>
  Object.fromEntries(Object.entries(split).filter(([place]) => place.split('\n')[0] !== invoice));

export const isTaken = (split: Split, invoice: string): boolean =>
  Object.keys(split).some((place) => place.split('\n')[0] === invoice);

/** Takes an invoice with what is left: what is suggested, at most its balance. */
export function withInvoice(split: Split, candidate: CandidateView, leftMinor: number): Split {
  const { invoice, balance } = candidate.invoice;
  const most = Math.min(balance.amount, Math.max(0, leftMinor));
  const suggested = candidate.suggested.amount;
  const amount = suggested > 0 && suggested < most ? suggested : most;
  const { currency } = balance;
  return { ...split, [placeOf(invoice)]: decimalText({ amount, currency }) };
}

/** The same money over the invoice's lines, in their order: so that whole subcontracts are covered. */
export function overLines(split: Split, candidate: CandidateView, leftMinor: number): Split {
  const { invoice, lines } = candidate;
  const whole = parseAmount(split[placeOf(invoice.invoice)] ?? '', invoice.balance.currency);
  let left = whole ?? leftMinor;
  const parts = lines.map(({ line, open }) => {
    const amount = Math.max(0, Math.min(open.amount, left));
    left -= amount;
    const text = amount === 0 ? '' : decimalText({ amount, currency: open.currency });
    return [placeOf(invoice.invoice, line), text] as const;
  });
  return { ...without(split, invoice.invoice), ...Object.fromEntries(parts) };
}
