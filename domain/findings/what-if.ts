/** What the engine would charge if the facts were otherwise: money at stake is computed, never guessed. */
import { indexBook } from '../book/book-index.ts';
import { type Book, emptyBook, type Row } from '../book/tables.ts';
import { billingBook, pairBalances } from '../charges/unbilled.ts';
import type { CivilDate } from '../dates/dates.ts';
import { Refusal } from '../refusal.ts';
import type { Scene } from './scene.ts';

export interface Otherwise {
  readonly contract?: Partial<Row<'contracts'>>;
  readonly subcontract?: Partial<Row<'subcontracts'>>;
  /** Amendments that count; by default those of the book. */
  readonly amendments?: readonly Row<'amendments'>[];
}

/**
 * What one subcontract is charged in all periods of its contract that start from one day through another, if some of its
 * facts were otherwise; null where the engine refuses. In minor units of the contract's currency.
 */
export function chargedIf(
  scene: Scene,
  contract: Row<'contracts'>,
  subcontract: Row<'subcontracts'>,
  days: { readonly from: CivilDate; readonly through: CivilDate },
  otherwise: Otherwise = {},
): number | null {
  const { book } = scene.book.index;
  // From its start on: what was billed elsewhere before a cut-over is the same in both readings.
  const row = { ...contract, billFrom: contract.start, ...otherwise.contract };
  const owned = { ...subcontract, contract: contract.contract, ...otherwise.subcontract };
  const amendments = book.amendments.filter((one) => one.subcontract === subcontract.subcontract);
  const alone: Book = {
    ...emptyBook(),
    entities: book.entities,
    accounts: book.accounts.filter(
      ({ account }) => account === contract.account || account === contract.billTo,
    ),
    products: book.products.filter(({ sku }) => sku === subcontract.sku),
    prices: book.prices.filter(({ sku }) => sku === subcontract.sku),
    promotions: book.promotions,
    policies: book.policies,
    contracts: [row],
    subcontracts: [owned],
    amendments: otherwise.amendments ?? amendments.filter(({ kind }) => kind !== 'move'),
  };
  try {
    const billing = billingBook(indexBook(alone));
    const terms = billing.termsOf(contract.contract);
    const asked = { asOf: scene.asOf, horizon: days.through };
    return pairBalances(billing, terms, asked, (_, refusal) => {
      throw refusal;
    })
      .filter(({ period }) => period.start >= days.from)
      .reduce((sum, { expectedMinor }) => sum + expectedMinor, 0);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** By how much the charge would be more if the facts were otherwise; 0 where the engine refuses either. */
export function moreIf(
  ...[scene, contract, subcontract, days, otherwise]: Parameters<typeof chargedIf>
): number {
  const asIs = chargedIf(scene, contract, subcontract, days);
  const changed = chargedIf(scene, contract, subcontract, days, otherwise);
  return asIs === null || changed === null ? 0 : changed - asIs;
}
