/**
 * Credit notes and voids of issued invoices (billing rules §4): a credit repeats the tax treatment of the lines that it
 * credits, each part rounded for itself; the one that credits the last of a line takes the exact remainder.
 */
import { multiply, ratio, roundHalfAway } from '../money/decimal.ts';
import { safeMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';
import { rateFraction } from '../tax/tax-rates.ts';

/** A line as it was issued; minor units. `tax` is its share of the document's tax. */
export interface IssuedLine {
  readonly line: string;
  readonly net: number;
  readonly taxCategory: string;
  readonly taxRate: string;
  readonly tax: number;
}

/** Part of a line to take back: a net of the line's own sign, at most what is left of it. */
export interface PartToCredit {
  readonly line: string;
  readonly net: number;
}

/** A credited part, of the opposite sign of the line that it credits. */
export interface CreditedLine {
  readonly line: string;
  readonly net: number;
  readonly tax: number;
  readonly taxCategory: string;
  readonly taxRate: string;
}

export interface CreditNote {
  readonly lines: readonly CreditedLine[];
  readonly taxes: readonly {
    readonly category: string;
    readonly rate: string;
    readonly base: number;
    readonly tax: number;
  }[];
  readonly net: number;
  readonly tax: number;
  readonly total: number;
}

/**
 * The credit note over parts of an invoice, given those that credit it already. All amounts in minor units.
 * @throws Refusal `line-unknown`, `credit-too-much`, `credit-nothing`, or `line-twice` where one line is named twice.
 */
export function creditNoteFor(
  invoice: readonly IssuedLine[],
  parts: readonly PartToCredit[],
  previous: readonly Pick<CreditNote, 'lines'>[],
): CreditNote {
  if (new Set(parts.map((part) => part.line)).size !== parts.length)
    throw new Refusal('line-twice', 'a credit note names each line of the invoice once');
  const before = previous.flatMap((note) => note.lines);
  const lines = parts.map((part) => creditedLine(invoice, part, before));
  if (lines.every((line) => line.net === 0 && line.tax === 0))
    throw new Refusal('credit-nothing', 'there is nothing left to credit');
  const net = lines.reduce((sum, line) => sum + line.net, 0);
  const tax = lines.reduce((sum, line) => sum + line.tax, 0);
  return { lines, taxes: byRate(lines), net, tax, total: net + tax };
}

/** All that is left of an invoice, line by line; lines that are credited in full already are left out. */
export function remainderOf(
  invoice: readonly IssuedLine[],
  previous: readonly Pick<CreditNote, 'lines'>[],
): PartToCredit[] {
  const before = previous.flatMap((note) => note.lines);
  return invoice
    .map((line) => ({ line: line.line, net: left(line, before).net }))
    .filter((part) => part.net !== 0);
}

/** What is left of a line; credits carry the opposite sign. */
function left(line: IssuedLine, before: readonly CreditedLine[]): { net: number; tax: number } {
  const mine = before.filter((credit) => credit.line === line.line);
  return {
    net: mine.reduce((sum, credit) => sum + credit.net, line.net),
    tax: mine.reduce((sum, credit) => sum + credit.tax, line.tax),
  };
}

function creditedLine(
  invoice: readonly IssuedLine[],
  part: PartToCredit,
  before: readonly CreditedLine[],
): CreditedLine {
  const line = invoice.find((candidate) => candidate.line === part.line);
  if (line === undefined) throw new Refusal('line-unknown', `the invoice has no line ${part.line}`);
  const rest = left(line, before);
  const sameSign = part.net === 0 || part.net > 0 === rest.net > 0;
  if (!sameSign || Math.abs(part.net) > Math.abs(rest.net))
    throw new Refusal(
      'credit-too-much',
      `line ${part.line} has ${rest.net} left to credit (minor units), not ${part.net}`,
    );
  const rounded = safeMinor(
    roundHalfAway(multiply(ratio(part.net, 1), rateFraction(line.taxRate))),
  );
  const tax = part.net === rest.net ? rest.tax : rounded;
  return {
    line: line.line,
    net: 0 - part.net,
    tax: 0 - tax,
    taxCategory: line.taxCategory,
    taxRate: line.taxRate,
  };
}

function byRate(lines: readonly CreditedLine[]): CreditNote['taxes'] {
  const groups = new Map<string, { category: string; rate: string; base: number; tax: number }>();
  for (const { taxCategory: category, taxRate: rate, net, tax } of lines) {
    const key = `${category} ${rate}`;
    const group = groups.get(key) ?? { category, rate, base: 0, tax: 0 };
    groups.set(key, { ...group, base: group.base + net, tax: group.tax + tax });
  }
  return [...groups.values()];
}

/** What decides whether an issued invoice may still be made void. */
export interface VoidQuestion {
  readonly state: string;
  /** Whether it left the house: mailed, sent over a network, shown in the portal. */
  readonly sent: boolean;
  /** Money allocated to it, minor units. */
  readonly allocatedMinor: number;
  readonly creditNotes: number;
}

export type VoidAnswer =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: string; readonly reason: string };

/** Void is for what nobody has seen and nobody has paid; everything else is corrected by a credit note (§4). */
export function voidRules(invoice: VoidQuestion): VoidAnswer {
  const refuse = (code: string, reason: string): VoidAnswer => ({ allowed: false, code, reason });
  if (invoice.state === 'void') return refuse('already-void', 'the invoice is void already');
  if (invoice.allocatedMinor !== 0)
    return refuse('invoice-paid', 'money is allocated to it; reverse or refund the payment first');
  if (invoice.creditNotes > 0)
    return refuse('invoice-credited', 'a credit note takes off from it; credit the rest instead');
  if (invoice.sent)
    return refuse('invoice-sent', 'it was sent already; correct it with a credit note');
  return { allowed: true };
}
