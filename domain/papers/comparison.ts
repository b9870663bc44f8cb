/** A purchase order beside what it answers, product by product: what differs is marked where it stands. */
import { add, fraction, toDecimal, ZERO } from '../money/decimal.ts';
import { type Offer, orderDifferences, type PurchaseOrder } from './order.ts';

/** One side of a product: quantities and sums of its lines together; null where the paper does not say. */
export interface ProductSide {
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly amountMinor: number | null;
}
export interface ProductBeside {
  readonly sku: string | null;
  readonly description: string;
  readonly ordered: ProductSide | null;
  readonly offered: ProductSide | null;
  /** In words, null where both say the same. */
  readonly difference: string | null;
}

/** Products of the offer in its order, then what the order has besides. */
export function besides(order: PurchaseOrder, offer: Offer): ProductBeside[] {
  const differences = orderDifferences(order, offer);
  const wordsFor = (subject: string) =>
    differences.find((one) => one.subject === subject)?.words ?? null;
  const skus = [...new Set(offer.lines.map(({ sku }) => sku))];
  const known = skus.map((sku): ProductBeside => {
    const offered = offer.lines.filter((line) => line.sku === sku);
    const ordered = order.lines.filter((line) => line.sku === sku);
    return {
      sku,
      description: offered[0]?.description || sku,
      ordered: sideOf(ordered),
      offered: sideOf(offered.map((line) => ({ ...line, amountMinor: line.netMinor }))),
      difference: wordsFor(sku),
    };
  });
  const others = order.lines
    .filter(({ sku }) => sku === null)
    .map(
      (line): ProductBeside => ({
        sku: null,
        description: line.description,
        ordered: sideOf([line]),
        offered: null,
        difference: wordsFor(line.description),
      }),
    );
  return [...known, ...others];
}

function sideOf(lines: readonly ProductSide[]): ProductSide | null {
  if (lines.length === 0) return null;
  const quantities = lines.map(({ quantity }) => quantity);
  const amounts = lines.map(({ amountMinor }) => amountMinor);
  const prices = new Set(lines.map(({ unitPrice }) => unitPrice));
  const [price = null] = prices;
  return {
    quantity: quantities.every((one) => one !== null)
      ? toDecimal(quantities.reduce((sum, one) => add(sum, fraction(one ?? '0')), ZERO))
      : null,
    unitPrice: prices.size === 1 ? price : null,
    amountMinor: amounts.every((one) => one !== null)
      ? amounts.reduce<number>((sum, one) => sum + (one ?? 0), 0)
      : null,
  };
}
