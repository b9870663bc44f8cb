/** Payment terms and due dates (billing rules §5). */
import { addDays, type CivilDate, endOfMonth } from '../dates/dates.ts';
import { nextWorkingDay } from '../dates/holidays.ts';

export interface PaymentTerms {
  /** Days from the issue date to the due date. */
  readonly netDays: number;
  /** The due date moves to its month's end. */
  readonly endOfMonth: boolean;
  /** Early payment: `percent` of the gross off if paid within `days` of the issue date. */
  readonly discount: { readonly percent: string; readonly days: number } | null;
}

export const DEFAULT_PAYMENT_TERMS = 'net 30';

const NET = /^net\s*(\d{1,3})(\s+end[- ]of[- ]month)?$/i;
const DISCOUNT = /^(\d{1,2}(?:\.\d{1,6})?)\s*%?\s*\/\s*(\d{1,3})\s*,?\s*net\s*(\d{1,3})$/i;
const ON_RECEIPT = /^due\s+(?:on|upon)\s+receipt$/i;

/** `net N`, `net N end-of-month`, `due on receipt`, `d/D net N`; null where the text is none of them. */
export function parsePaymentTerms(text: string): PaymentTerms | null {
  const terms = text.trim();
  if (ON_RECEIPT.test(terms)) return { netDays: 0, endOfMonth: false, discount: null };
  const net = NET.exec(terms);
  if (net !== null)
    return { netDays: Number(net[1]), endOfMonth: net[2] !== undefined, discount: null };
  const early = DISCOUNT.exec(terms);
  if (early === null || early[1] === undefined) return null;
  return {
    netDays: Number(early[3]),
    endOfMonth: false,
    discount: { percent: early[1], days: Number(early[2]) },
  };
}

/**
 * The due date, counted from the issue date; `businessDays` moves it to the next business day, past the seller's `holidays`.
 */
export function dueDateOf(
  terms: PaymentTerms,
  issuedOn: CivilDate,
  businessDays = false,
  holidays: string | null = null,
): CivilDate {
  const net = addDays(issuedOn, terms.netDays);
  const due = terms.endOfMonth ? endOfMonth(net) : net;
  return businessDays ? nextWorkingDay(due, holidays) : due;
}

/** The last day on which the early-payment discount is earned; null where the terms grant none. */
export function discountUntil(terms: PaymentTerms, issuedOn: CivilDate): CivilDate | null {
  return terms.discount === null ? null : addDays(issuedOn, terms.discount.days);
}
