/**
 * A customer's purchase order as text: its number, amount and lines, and what it says otherwise than the renewal that it
 * answers. A person decides on the differences; an order is never accepted by reading it.
 */
import {
  add,
  compare,
  fraction,
  isDecimal,
  multiply,
  roundHalfAway,
  toDecimal,
  ZERO,
} from '../money/decimal.ts';
import { formatMinor, safeMinor } from '../money/money.ts';
import { amountsIn, currencyIn } from './amounts.ts';

/** A line of the renewal as it was offered. */
export interface OfferedLine {
  readonly subcontract: string;
  readonly sku: string;
  readonly description: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly netMinor: number;
}
export interface Offer {
  readonly currency: string;
  readonly netMinor: number;
  readonly lines: readonly OfferedLine[];
}
export interface OrderedLine {
  readonly sku: string | null;
  readonly description: string;
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly amountMinor: number | null;
}
export interface PurchaseOrder {
  readonly number: string | null;
  readonly currency: string | null;
  readonly totalMinor: number | null;
  readonly lines: readonly OrderedLine[];
}
/** What a purchase order says and the renewal does not, or the other way round. */
export interface OrderDifference {
  readonly what: 'amount' | 'currency' | 'line-missing' | 'line-unknown' | 'quantity' | 'price';
  readonly subject: string;
  readonly ordered: string | null;
  readonly offered: string | null;
  readonly words: string;
}

const NUMBER =
  /\b(?:purchase order|p\.?\s?o\.?|order|bestellung|bestell(?:nummer|-nr)|auftrag(?:snummer)?)\b\.?\s*(?:no\.?|nr\.?|number|nummer|#)?\s*[:#]?\s*([A-Z]{1,6}[-/]?\d[\w\-/]{0,30}|\d[\w\-/]{2,30})/i;
const NET = /\b(?:net total|subtotal|sub-total|netto(?:summe|betrag)?|zwischensumme|total net)\b/i;
const TOTAL = /\b(?:grand total|total|summe|gesamt(?:betrag|summe)?|order value|bestellwert)\b/i;
const GROSS = /\b(?:incl|inkl|brutto|gross|vat|mwst|ust|tax)\b/i;

const rowsOf = (text: string) =>
  text
    .split(/\r\n?|\n/)
    .map((row) => row.trim())
    .filter((row) => row !== '');
const key = (text: string) => text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Reads an order's text; the offer tells which products its lines can be. */
export function readOrder(text: string, offer: Offer | null): PurchaseOrder {
  const rows = rowsOf(text);
  const currency = currencyIn(text) ?? offer?.currency ?? null;
  return {
    number: NUMBER.exec(text)?.[1] ?? null,
    currency,
    totalMinor: currency === null ? null : totalOf(rows, currency),
    lines: currency === null ? [] : rows.flatMap((row) => lineOf(row, currency, offer) ?? []),
  };
}

/** The net sum, where the order states one; else its last total. */
function totalOf(rows: readonly string[], currency: string): number | null {
  const stated = (pattern: RegExp, without?: RegExp) =>
    rows
      .filter((row) => pattern.test(row) && without?.test(row) !== true)
      .flatMap((row) => amountsIn(row, currency).slice(-1))
      .at(-1)?.amountMinor;
  return stated(NET) ?? stated(TOTAL, GROSS) ?? stated(TOTAL) ?? null;
}

/** A row that names a product of the offer, or whose quantity times price is its amount. */
function lineOf(row: string, currency: string, offer: Offer | null): OrderedLine | null {
  if (NET.test(row) || TOTAL.test(row)) return null;
  const sku =
    offer?.lines
      .map((line) => line.sku)
      .filter((one) => key(row).includes(key(one)))
      .sort((a, b) => b.length - a.length)[0] ?? null;
  const amounts = amountsIn(row, currency);
  const product = productIn(row, amounts, currency);
  if (product === null && (sku === null || amounts.length === 0)) return null;
  return {
    sku,
    description: row.slice(0, 200),
    quantity: product?.quantity ?? null,
    unitPrice: product?.unitPrice ?? null,
    amountMinor: product?.amountMinor ?? amounts.at(-1)?.amountMinor ?? null,
  };
}

/** Three numbers of a row of which one times another is the third: quantity, price, amount. */
function productIn(row: string, amounts: ReturnType<typeof amountsIn>, currency: string) {
  const wholes = [...row.matchAll(/(?<![\w.,-])\d{1,6}(?![\w.,-]*\d)/g)].map((match) => match[0]);
  for (const quantity of wholes)
    for (const [at, price] of amounts.entries())
      for (const amount of amounts.slice(at + 1)) {
        const due = multiply(fraction(quantity), fraction(price.amountMinor));
        if (safeMinor(roundHalfAway(due)) !== amount.amountMinor) continue;
        const unitPrice = formatMinor(price.amountMinor, currency);
        return { quantity, unitPrice, amountMinor: amount.amountMinor };
      }
  return null;
}

const sameDecimal = (a: string, b: string) =>
  isDecimal(a) && isDecimal(b) && compare(fraction(a), fraction(b)) === 0;

/** What an order and an offer say differently, in the order of the paper: sums first, then line by line. */
export function orderDifferences(order: PurchaseOrder, offer: Offer): OrderDifference[] {
  const found: OrderDifference[] = [];
  if (order.currency !== null && order.currency !== offer.currency)
    return [
      {
        what: 'currency',
        subject: order.currency,
        ordered: order.currency,
        offered: offer.currency,
        words: `The order is in ${order.currency}, the renewal in ${offer.currency}`,
      },
    ];
  const inWords = (minor: number) => `${formatMinor(minor, offer.currency)} ${offer.currency}`;
  if (order.totalMinor !== null && order.totalMinor !== offer.netMinor)
    found.push({
      what: 'amount',
      subject: 'total',
      ordered: inWords(order.totalMinor),
      offered: inWords(offer.netMinor),
      words: `Ordered ${inWords(order.totalMinor)}, offered ${inWords(offer.netMinor)} net`,
    });
  for (const line of order.lines)
    if (line.sku === null)
      found.push({
        what: 'line-unknown',
        subject: line.description,
        ordered: line.description,
        offered: null,
        words: `The renewal has no line for "${line.description}"`,
      });
  for (const sku of new Set(offer.lines.map((line) => line.sku)))
    found.push(...differencesOf(sku, order, offer, inWords));
  return found;
}

/** One product, which several subcontracts may share: their quantities and sums count together. */
function differencesOf(
  sku: string,
  order: PurchaseOrder,
  offer: Offer,
  inWords: (minor: number) => string,
): OrderDifference[] {
  const offered = offer.lines.filter((line) => line.sku === sku);
  const ordered = order.lines.filter((line) => line.sku === sku);
  const quantity = sumOf(offered.map((line) => line.quantity));
  const what = offered[0]?.description || sku;
  if (ordered.length === 0)
    return [
      {
        what: 'line-missing',
        subject: sku,
        ordered: null,
        offered: quantity,
        words: `The order has no line for ${sku} (${what})`,
      },
    ];
  const found: OrderDifference[] = [];
  const quantities = ordered.map((line) => line.quantity);
  const told = quantities.every((one) => one !== null) ? sumOf(quantities as string[]) : null;
  if (told !== null && !sameDecimal(told, quantity))
    found.push({
      what: 'quantity',
      subject: sku,
      ordered: told,
      offered: quantity,
      words: `${sku}: ${told} ordered, ${quantity} offered`,
    });
  const amounts = ordered.map(({ amountMinor }) => amountMinor);
  const sum = amounts.reduce<number>((total, amount) => total + (amount ?? Number.NaN), 0);
  const due = offered.reduce((total, { netMinor }) => total + netMinor, 0);
  if (found.length === 0 && Number.isSafeInteger(sum) && sum !== due)
    found.push({
      what: 'price',
      subject: sku,
      ordered: inWords(sum),
      offered: inWords(due),
      words: `${sku}: ${inWords(sum)} ordered, ${inWords(due)} offered`,
    });
  return found;
}

const sumOf = (quantities: readonly string[]): string =>
  toDecimal(quantities.reduce((sum, one) => add(sum, fraction(one)), ZERO));
