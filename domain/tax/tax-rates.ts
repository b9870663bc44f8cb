/** Which tax a line bears: category, dated rate, reason (billing rules §5). */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import { type Fraction, fraction, hundredth, normalizeDecimal } from '../money/decimal.ts';
import { Refusal } from '../refusal.ts';

export interface LineTax {
  readonly category: string;
  /** Percent, as a decimal string in its shortest form. */
  readonly rate: string;
  /** Why no tax is due, or the rate's own text. */
  readonly reason: string | null;
}

const REASONS: Readonly<Record<string, string>> = {
  Z: 'Zero-rated',
  E: 'Exempt from tax',
  AE: 'Reverse charge: the buyer accounts for the tax',
  K: 'Intra-community supply, exempt',
  G: 'Export outside the EU, exempt',
  O: 'Outside the scope of tax',
};

/** Why no tax is due in a category; null where some may be. */
export function reasonOf(category: string): string | null {
  return REASONS[category] ?? null;
}

/** The account's category wins over the product's. A certificate exempts until it expires. */
export function taxCategoryOf(
  account: Row<'accounts'>,
  product: Row<'products'> | null,
  taxPoint: CivilDate,
): string {
  const expired = account.exemptionExpires !== null && account.exemptionExpires < taxPoint;
  const accountCategory =
    account.taxCategory ?? (account.exemptionCertificate === null ? null : 'E');
  if (accountCategory !== null && !(accountCategory === 'E' && expired)) return accountCategory;
  return product?.taxCategory ?? 'S';
}

/** The delivery address decides, else the account's own. */
export function taxPlaceOf(account: Row<'accounts'>): {
  country: string | null;
  region: string | null;
} {
  return {
    country: account.deliveryCountry ?? account.country,
    region: account.deliveryRegion ?? account.region,
  };
}

/**
 * The tax of one line on its tax point.
 * @throws Refusal `tax-rate-missing` where the book has taxes but none matches: a missing rate is never zero.
 */
export function lineTax(
  index: BookIndex,
  entity: Row<'entities'> | null,
  account: Row<'accounts'>,
  product: Row<'products'> | null,
  taxPoint: CivilDate,
): LineTax {
  const category = taxCategoryOf(account, product, taxPoint);
  if (index.book.taxes.length === 0) return { category, rate: '0', reason: reasonOf(category) };
  const { country, region } = taxPlaceOf(account);
  const unregistered = unregisteredRegion(entity, country, region);
  if (unregistered !== null)
    return {
      category,
      rate: '0',
      reason: `No tax is collected: not registered in ${unregistered}`,
    };
  const rates = country === null ? [] : (index.taxes.get(country)?.get(category) ?? []);
  const row = rateInForce(rates, {
    region,
    taxClass: product?.taxClass ?? null,
    taxPoint,
  });
  if (row === null) {
    const where = [country ?? 'no country', region].filter(Boolean).join('/');
    throw new Refusal(
      'tax-rate-missing',
      `no tax rate for ${where}, category ${category}` +
        `${product?.taxClass ? `, class ${product.taxClass}` : ''} on ${taxPoint} ` +
        `(account ${account.account}); add it to taxes`,
    );
  }
  return {
    category,
    rate: normalizeDecimal(row.rate),
    reason: row.text ?? reasonOf(category),
  };
}

/** A US seller collects only where it is registered; null where that does not apply or it is. */
function unregisteredRegion(
  entity: Row<'entities'> | null,
  country: string | null,
  region: string | null,
): string | null {
  const registered = entity?.taxRegions ?? null;
  if (country !== 'US' || registered === null || registered.length === 0) return null;
  const here = region ?? '';
  const names = [here, `US-${here}`].map((name) => name.toUpperCase());
  return registered.some((name) => names.includes(name.toUpperCase())) ? null : here || 'US';
}

interface Wanted {
  readonly region: string | null;
  readonly taxClass: string | null;
  readonly taxPoint: CivilDate;
}

/** The most specific of a country's and category's rows in force: a region before all regions, a class before all classes, then the latest. */
function rateInForce(taxes: readonly Row<'taxes'>[], wanted: Wanted): Row<'taxes'> | null {
  let best: Row<'taxes'> | null = null;
  let bestRank = -1;
  for (const row of taxes) {
    if (row.region !== null && row.region !== wanted.region) continue;
    if (row.taxClass !== null && row.taxClass !== wanted.taxClass) continue;
    if ((row.validFrom ?? '') > wanted.taxPoint) continue;
    if (row.validTo !== null && row.validTo < wanted.taxPoint) continue;
    const rank = (row.region === null ? 0 : 2) + (row.taxClass === null ? 0 : 1);
    const newer = (row.validFrom ?? '') >= (best?.validFrom ?? '');
    if (rank > bestRank || (rank === bestRank && newer)) {
      best = row;
      bestRank = rank;
    }
  }
  return best;
}

/** A percentage as the exact fraction it stands for: "19" → 19/100. */
export function rateFraction(percent: string): Fraction {
  return hundredth(fraction(percent));
}
