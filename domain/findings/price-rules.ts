/** Rules over price lists. */
import { compositeKey } from '../book/book-index.ts';
import { listPrice } from '../charges/pricing.ts';
import { stateOn } from '../charges/recurring.ts';
import { subcontractsEverOn } from '../charges/unbilled.ts';
import { Refusal } from '../refusal.ts';
import type { EvidenceRecord, Told } from './finding.ts';
import { bookRecord, subcontractRecord } from './records.ts';
import { historyOf, isCovered, type Scene } from './scene.ts';

/** `price-list-outdated`: a price list and SKU in use with no price in force. */
export function priceListOutdated(scene: Scene): Told[] {
  const seen = new Set<string>();
  const findings: Told[] = [];
  for (const [contract, { terms }] of scene.contracts)
    for (const row of subcontractsEverOn(scene.book, contract)) {
      const history = historyOf(scene, row);
      if (row.contract !== contract || !isCovered(history, scene.asOf)) continue;
      const state = history === null ? null : stateOn(history, contract, scene.asOf);
      if (state === null || state.price !== null) continue;
      const list = terms.row.priceList ?? 'default';
      const key = compositeKey(list, row.sku, terms.currency);
      if (seen.has(key) || hasPrice(scene, terms.row.priceList, row.sku, terms.currency)) continue;
      seen.add(key);
      findings.push({
        rule: 'price-list-outdated',
        account: terms.row.account,
        contract,
        subcontract: row.subcontract,
        amountMinor: 0,
        currency: terms.currency,
        evidence: { priceList: list, sku: row.sku, on: scene.asOf },
        sides: {
          agreed: [subcontractRecord(row)],
          found: pricesOf(scene, list, row.sku, terms.currency),
        },
        suggestion: `Add a price for ${row.sku} in ${terms.currency} to price list ${list}.`,
      });
    }
  return findings;
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
