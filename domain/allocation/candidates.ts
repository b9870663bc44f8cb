/**
 * Open invoices that a payment may be for, ranked for the person who decides, each with its reasons (billing rules §7). The
 * rules have not found one reading; what they look at is said here invoice by invoice.
 */
import type { InvoiceAmount, OpenInvoice, PaymentReceived } from './case.ts';
import { earnedDiscount } from './clearing.ts';
import { mentionsIn } from './references.ts';

/** Why an invoice is proposed; the heaviest first. */
export const CANDIDATE_REASONS = [
  'number-named', // its number is in the remittance text
  'paper-names', // a remittance advice of this payment names it
  'balance-equals', // its balance is just the amount
  'balance-less-discount', // its balance less an earned early-payment discount is the amount
  'in-a-reading', // a reading of the rules pays it
  'contract-named', // its contract's number is in the text
  'payer-known', // it is an invoice of the account that pays
  'name-alike', // its account is called like the payer
  'could-be-part', // it is not more than the amount
] as const;
export type CandidateReason = (typeof CANDIDATE_REASONS)[number];

const WEIGHTS: Readonly<Record<CandidateReason, number>> = {
  'number-named': 100,
  'paper-names': 90,
  'balance-equals': 60,
  'balance-less-discount': 55,
  'in-a-reading': 45,
  'contract-named': 40,
  'payer-known': 25,
  'name-alike': 20,
  'could-be-part': 2,
};

export interface Candidate {
  readonly invoice: OpenInvoice;
  readonly reasons: readonly CandidateReason[];
  /** What of the payment it would take, were it paid first: what a paper says, else its balance, at most the amount. */
  readonly suggestedMinor: number;
}

export interface CandidateClues {
  /** What is left to allocate, in minor units. */
  readonly leftMinor: number;
  readonly proposals: readonly (readonly InvoiceAmount[])[];
  /** Amounts that remittance advices of the payment give, by invoice number; null where they give none. */
  readonly papers: ReadonlyMap<string, number | null>;
  readonly payerName: string | null;
  readonly nameOf: (account: string) => string;
}

/** Forms of companies, which many share and none is known by. */
const FORMS = new Set(
  'ag bv co corp company gmbh inc kg limited llc ltd mbh nv ohg oy plc pty sa sarl se spa srl und and the'.split(
    ' ',
  ),
);

/** The words that a name is known by: letters and digits, accents folded, company forms left out. */
function nameWords(name: string): string[] {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').replace(/ß/g, 'ss').toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter(
    (word) => word.length > 1 && !FORMS.has(word),
  );
}

/** Whether two names are of one company, as far as names tell: all words of the shorter one are in the longer. */
export function namesAlike(one: string, other: string): boolean {
  const [a, b] = [new Set(nameWords(one)), new Set(nameWords(other))];
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  return few.size > 0 && [...few].every((word) => many.has(word));
}

/** Invoices in the payment's currency with a balance, ranked; at most `most`. */
export function rankCandidates(
  payment: PaymentReceived,
  openInvoices: readonly OpenInvoice[],
  clues: CandidateClues,
  most: number,
): Candidate[] {
  const usable = openInvoices.filter(
    ({ currency, balance }) => currency === payment.currency && balance > 0,
  );
  const contracts = [...new Set(usable.flatMap(({ contract }) => contract ?? []))];
  const numbers = usable.map(({ invoice }) => invoice);
  const mentions = mentionsIn(payment.reference, numbers, contracts);
  const [named, ofContract] = [new Set(mentions.invoices), new Set(mentions.contracts)];
  const read = new Set(clues.proposals.flat().map(({ invoice }) => invoice));
  const candidates = usable.map((invoice) => {
    const { leftMinor, papers, payerName, nameOf } = clues;
    const discount = earnedDiscount(invoice, payment.received);
    const holds: Readonly<Record<CandidateReason, boolean>> = {
      'number-named': named.has(invoice.invoice),
      'paper-names': papers.has(invoice.invoice),
      'balance-equals': invoice.balance === leftMinor,
      'balance-less-discount': discount > 0 && invoice.balance - discount === leftMinor,
      'in-a-reading': read.has(invoice.invoice),
      'contract-named': invoice.contract != null && ofContract.has(invoice.contract),
      'payer-known': payment.account !== null && payment.account === invoice.account,
      'name-alike':
        payerName !== null &&
        payment.account !== invoice.account &&
        namesAlike(payerName, nameOf(invoice.account)),
      'could-be-part': invoice.balance < leftMinor,
    };
    const reasons = CANDIDATE_REASONS.filter((reason) => holds[reason]);
    const asked = papers.get(invoice.invoice) ?? invoice.balance;
    const suggestedMinor = Math.min(asked, invoice.balance, leftMinor);
    return { invoice, reasons, suggestedMinor };
  });
  return candidates.sort(byWeight).slice(0, most);
}

const weightOf = ({ reasons }: Candidate) =>
  reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0);

/** The heaviest first, then the oldest due, then by number. */
function byWeight(a: Candidate, b: Candidate): number {
  const difference = weightOf(b) - weightOf(a);
  if (difference !== 0) return difference;
  const [left, right] = [
    `${a.invoice.due} ${a.invoice.invoice}`,
    `${b.invoice.due} ${b.invoice.invoice}`,
  ];
  return left < right ? -1 : left > right ? 1 : 0;
}
