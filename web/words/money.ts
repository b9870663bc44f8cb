/**
 * Money as people read it. Amounts are integer minor units with a currency; nothing here goes through binary floating point:
 * digits are cut and joined as text, and the browser writes them for its locale.
 */
import type { Money } from '../../api/types.ts';

type Decimal = `${number}`;

/** Digits after the point in this currency (ISO 4217): USD 2, JPY 0, KWD 3. */
export function minorDigits(currency: string): number {
  try {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
    }).resolvedOptions();
    return maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** Whether it has the form of a currency's code, whose digits then can be counted. */
export const isCurrencyCode = (text: string): boolean => /^[A-Z]{3}$/.test(text);

/** 119000 in EUR is "1190.00". */
export function decimalText({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  const sign = amount < 0 ? '-' : '';
  const whole = String(Math.abs(amount)).padStart(digits + 1, '0');
  if (digits === 0) return sign + whole;
  return `${sign}${whole.slice(0, -digits)}.${whole.slice(-digits)}`;
}

/** The amount alone, for columns that name the currency once: "1,190.00", negative with a minus. */
export function amountText(money: Money, locale?: string): string {
  const digits = minorDigits(money.currency);
  const text = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(decimalText(money) as Decimal);
  return text.replace(/^-/, '−');
}

/** "1,190.00 EUR". */
export const moneyText = (money: Money, locale?: string): string =>
  `${amountText(money, locale)} ${money.currency}`;

/** "1,190.00 EUR + 20.00 USD"; a dash where there is nothing. */
export function moneysText(moneys: readonly Money[], locale?: string): string {
  return moneys.length === 0 ? '–' : moneys.map((money) => moneyText(money, locale)).join(' + ');
}

/** Adds what is of one currency; amounts in different currencies never add. Sorted by currency. */
export function sumByCurrency(moneys: readonly (Money | null)[]): Money[] {
  const sums = new Map<string, number>();
  for (const money of moneys)
    if (money !== null) sums.set(money.currency, (sums.get(money.currency) ?? 0) + money.amount);
  return [...sums]
    .map(([currency, amount]) => ({ amount, currency }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/**
 * What a person typed as integer minor units: "1,190.00", "1.190,00" and "1190" are 119000 in EUR. Null where it cannot be
 * read without guessing: too many decimals, letters, nothing.
 */
export function parseAmount(typed: string, currency: string): number | null {
  const text = typed
    .trim()
    .replace('−', '-')
    .replace(/[\s' ]/g, '');
  const digits = minorDigits(currency);
  const found = /^(-?)(\d[\d.,]*)$/.exec(text);
  if (found === null) return null;
  const [, sign = '', number = ''] = found;
  const at = Math.max(number.lastIndexOf('.'), number.lastIndexOf(','));
  const after = at < 0 ? '' : number.slice(at + 1);
  const isGroup = at >= 0 && after.length === 3 && digits !== 3 && isGrouped(number);
  const whole = at < 0 || isGroup ? number : number.slice(0, at);
  const decimals = at < 0 || isGroup ? '' : after;
  if (decimals.length > digits || (whole.match(/[.,]/) !== null && !isGrouped(whole))) return null;
  const minor = Number(whole.replace(/[.,]/g, '') + decimals.padEnd(digits, '0'));
  if (!Number.isSafeInteger(minor)) return null;
  return sign === '-' ? -minor : minor;
}

const isGrouped = (text: string) => /^\d{1,3}(,\d{3})+$|^\d{1,3}(\.\d{3})+$/.test(text);

/** A difference in percent with one decimal, for people: 1050 against 1000 is "+5.0 %"; null against nothing. */
export function changePercent(now: number, before: number | null): string | null {
  if (before === null || before === 0) return null;
  const tenths = Math.round(((now - before) * 1000) / Math.abs(before));
  const sign = tenths > 0 ? '+' : tenths < 0 ? '−' : '±';
  return `${sign}${Math.trunc(Math.abs(tenths) / 10)}.${Math.abs(tenths) % 10} %`;
}
