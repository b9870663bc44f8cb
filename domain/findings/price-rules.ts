/** Rules over price lists. */
import { compositeKey } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { ContractTerms } from '../charges/contract-terms.ts';
import { listPrice } from '../charges/pricing.ts';
import { stateOn } from '../charges/recurring.ts';
import { subcontractsEverOn } from '../charges/unbilled.ts';
import { Refusal } from '../refusal.ts';
import type { EvidenceRecord, Told } from './finding.ts';
import { bookRecord, subcontractRecord } from './records.ts';
import { historyOf, isCovered, type Look, type Scene } from './scene.ts';

/** `price-list-outdated`: a price list and SKU in use with no price in force; told once, on the first that uses it. */
export class OutdatedPriceLists implements Look {
  readonly #seen = new Set<string>();
  readonly #told: Told[] = [];

  look(scene: Scene): void {
    for (const [contract, { terms }] of scene.contracts)
      for (const row of subcontractsEverOn(scene.book, contract)) {
        const { priceList } = terms.row;
        const key = compositeKey(priceList ?? 'default', row.sku, terms.currency);
        if (row.contract !== contract || this.#seen.has(key)) continue;
        if (!isByList(scene, row) || hasPrice(scene, priceList, row.sku, terms.currency)) continue;
        this.#seen.add(key);
        this.#told.push(outdated(scene, terms, row));
      }
  }

  tell(): Told[] {
    return this.#told;
  }
}

/** Covered on the day, at no price agreed for it. */
function isByList(scene: Scene, row: Row<'subcontracts'>): boolean {
  const history = historyOf(scene, row);
  if (history === null || !isCovered(history, scene.asOf)) return false;
  return stateOn(history, row.contract, scene.asOf)?.price === null;
}

function outdated(scene: Scene, terms: ContractTerms, row: Row<'subcontracts'>): Told {
  const list = terms.row.priceList ?? 'default';
  const { currency } = terms;
  return {
    rule: 'price-list-outdated',
    account: terms.row.account,
    contract: row.contract,
    subcontract: row.subcontract,
    amountMinor: 0,
    currency,
    evidence: { priceList: list, sku: row.sku, on: scene.asOf },
    sides: { agreed: [subcontractRecord(row)], found: pricesOf(scene, list, row.sku, currency) },
    suggestion: `Add a price for ${row.sku} in ${currency} to price list ${list}.`,
  };
}

function hasPrice(scene: Scene, list: string | null, sku: string, currency: string): boolean {
  try {
    listPrice(scene.book.index, list, sku, currency, scene.asOf);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** The list's prices of a product: none of them is in force. */
function pricesOf(scene: Scene, list: string, sku: string, currency: string): EvidenceRecord[] {
  return scene.book.index.book.prices
    .filter((row) => row.priceList === list && row.sku === sku && row.currency === currency)
    .map(({ unitPrice, validFrom, validTo }) =>
      bookRecord('prices', `${list} ${sku} ${currency} ${validFrom ?? ''}`.trim(), {
        unitPrice,
        validFrom,
        validTo,
      }),
    );
}
