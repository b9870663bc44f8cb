/** Rules over terms: what is covered twice, not at all, or past its end. */
import { compositeKey } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { fullPeriodPrice, stateOn } from '../charges/recurring.ts';
import { subcontractsEverOn } from '../charges/unbilled.ts';
import { Refusal } from '../refusal.ts';
import type { Told } from './finding.ts';
import { contractRecord, subcontractRecord } from './records.ts';
import { historyOf, type Scene } from './scene.ts';

/** `duplicate-subcontract`: two of one account, same SKU and serial, overlapping in time; reported once, on the later. */
export function duplicateSubcontract(scene: Scene): Told[] {
  const { index } = scene.book;
  const groups = new Map<string, { row: Row<'subcontracts'>; from: string; to: string }[]>();
  for (const [contract, { terms }] of scene.contracts)
    for (const row of index.subcontractsOf.get(contract) ?? []) {
      const stretch = historyOf(scene, row)?.ownerships;
      const [first, last] = [stretch?.at(0), stretch?.at(-1)];
      if (row.serial === null || row.serial === '' || first === undefined || last === undefined)
        continue;
      const key = compositeKey(terms.row.account, row.sku, row.serial);
      const group = groups.get(key) ?? [];
      group.push({ row, from: first.from, to: last.to });
      groups.set(key, group);
    }
  return [...groups.values()].flatMap((group) => {
    group.sort((a, b) =>
      a.from === b.from
        ? a.row.subcontract < b.row.subcontract
          ? -1
          : 1
        : a.from < b.from
          ? -1
          : 1,
    );
    return group.flatMap((later, position) => {
      const twin = group.slice(0, position).find((earlier) => later.from < earlier.to);
      return twin === undefined ? [] : [duplicateOf(scene, later.row, twin.row)];
    });
  });
}

function duplicateOf(scene: Scene, later: Row<'subcontracts'>, earlier: Row<'subcontracts'>): Told {
  const contract = scene.book.index.contracts.get(later.contract);
  return {
    rule: 'duplicate-subcontract',
    account: contract?.account ?? null,
    contract: later.contract,
    subcontract: later.subcontract,
    amountMinor: 0,
    currency: null,
    evidence: { twin: earlier.subcontract, sku: later.sku, serial: later.serial },
    sides: { agreed: [subcontractRecord(earlier)], found: [subcontractRecord(later)] },
    suggestion: `Remove it if it is ${earlier.subcontract} entered again, or correct the serial.`,
  };
}

/**
 * `expired-active`: an active contract past its end with no later term of the account for the same SKUs; worth a year's
 * price of those of its subcontracts active at the end whose SKU no later term covers.
 */
export function expiredActive(scene: Scene): Told[] {
  const findings: Told[] = [];
  for (const [contract, { terms }] of scene.contracts) {
    const { row } = terms;
    if (row.status !== 'active' || row.end >= scene.asOf || row.terminatedOn !== null) continue;
    const later = laterSkus(scene, row);
    const atEnd = subcontractsEverOn(scene.book, contract).filter((sub) => {
      const history = historyOf(scene, sub);
      return history !== null && stateOn(history, contract, row.end)?.active === true;
    });
    const uncovered = atEnd.filter((sub) => !later.has(sub.sku));
    if (atEnd.length > 0 && uncovered.length === 0) continue;
    if (atEnd.length === 0 && later.size > 0) continue;
    findings.push({
      rule: 'expired-active',
      account: row.account,
      contract,
      subcontract: null,
      amountMinor: uncovered.reduce((sum, sub) => sum + yearsPrice(scene, contract, sub), 0),
      currency: terms.currency,
      evidence: { end: row.end, subcontracts: uncovered.map((sub) => sub.subcontract) },
      sides: {
        agreed: [contractRecord(row)],
        found: uncovered.map((sub) => subcontractRecord(sub)),
      },
      suggestion: 'Renew it, or let it lapse and end its licenses.',
    });
  }
  return findings;
}

function laterSkus(scene: Scene, expired: Row<'contracts'>): Set<string> {
  const skus = new Set<string>();
  for (const [contract, { terms }] of scene.contracts) {
    const { row } = terms;
    if (row.account !== expired.account || row.end <= expired.end || row.start <= expired.start)
      continue;
    for (const sub of subcontractsEverOn(scene.book, contract)) skus.add(sub.sku);
  }
  return skus;
}

/** A year's price after discounts, on the contract's last day; 0 where there is no price to tell it by. */
function yearsPrice(scene: Scene, contract: string, sub: Row<'subcontracts'>): number {
  const terms = scene.contracts.get(contract)?.terms;
  const history = historyOf(scene, sub);
  if (terms === undefined || history === null) return 0;
  const kind = scene.book.index.products.get(sub.sku)?.kind;
  if (kind !== 'maintenance' && kind !== 'subscription') return 0;
  try {
    return fullPeriodPrice(scene.book.index, terms, history, terms.row.end, { months: 12 });
  } catch (error) {
    if (error instanceof Refusal) return 0;
    throw error;
  }
}
