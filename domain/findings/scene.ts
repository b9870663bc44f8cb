/** What every rule looks at: the prepared book, the day, and each contract's pairs, computed once. */
import type { Row } from '../book/tables.ts';
import type { ContractTerms } from '../charges/contract-terms.ts';
import { periodContaining } from '../charges/periods.ts';
import { soldOn } from '../charges/seller.ts';
import { type SubcontractHistory, subcontractHistory } from '../charges/subcontract-history.ts';
import { type BillingBook, type PairBalance, pairBalances } from '../charges/unbilled.ts';
import type { CivilDate } from '../dates/dates.ts';
import { Refusal } from '../refusal.ts';
import { lineTax } from '../tax/tax-rates.ts';
import { netOfGross } from '../tax/tax-totals.ts';
import type { Told } from './finding.ts';
import type { OutsideRecords } from './outside.ts';
import { type DocumentState, documentStates } from './receivables.ts';

export interface ContractScene {
  readonly terms: ContractTerms;
  /** Pairs whose period started on or before the day, however old. */
  readonly pairs: readonly PairBalance[];
  /** Of these, what is charged in advance for the period that runs on the day, by subcontract. */
  readonly running: ReadonlyMap<string, PairBalance>;
  /** Subcontracts that could not be computed, with the refusal. */
  readonly refused: readonly { readonly subcontract: string | null; readonly refusal: Refusal }[];
}

export interface Scene {
  readonly book: BillingBook;
  readonly asOf: CivilDate;
  /** What other systems hold, as far as they were read. */
  readonly outside: OutsideRecords;
  readonly contracts: ReadonlyMap<string, ContractScene>;
  /** Contracts whose own terms contradict each other. */
  readonly broken: readonly { readonly contract: string; readonly refusal: Refusal }[];
  readonly documents: ReadonlyMap<string, DocumentState>;
  /** Documents with an amount that can not be read. */
  readonly unreadable: readonly { readonly invoice: Row<'invoices'>; readonly reason: string }[];
  /** Subcontracts' histories as known on the day, kept for the next rule that asks. */
  readonly histories: Map<string, SubcontractHistory | null>;
}

/** A rule at work: it looks at the parts of a book one after the other, and tells at the end. */
export interface Look {
  look(scene: Scene): void;
  tell(): readonly Told[];
}

export function sceneOf(book: BillingBook, asOf: CivilDate, outside: OutsideRecords = {}): Scene {
  const contracts = new Map<string, ContractScene>();
  const broken: { contract: string; refusal: Refusal }[] = [];
  for (const row of book.index.book.contracts) {
    if (row.status === 'draft') continue;
    try {
      contracts.set(row.contract, contractScene(book, row.contract, asOf));
    } catch (error) {
      broken.push({ contract: row.contract, refusal: refusalOf(error) });
    }
  }
  const unreadable: { invoice: Row<'invoices'>; reason: string }[] = [];
  const documents = documentStates(book.index, asOf, (invoice, reason) =>
    unreadable.push({ invoice, reason }),
  );
  return { book, asOf, outside, contracts, broken, documents, unreadable, histories: new Map() };
}

/** A value that can not be read (a quantity that is no number, a day that is none) is a finding, not a crash. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof RangeError) return new Refusal('record-unreadable', error.message);
  throw error;
}

function contractScene(book: BillingBook, contract: string, asOf: CivilDate): ContractScene {
  const terms = book.termsOf(contract);
  const refused: { subcontract: string; refusal: Refusal }[] = [];
  const pairs = pairBalances(book, terms, { asOf, horizon: asOf }, (subcontract, refusal) =>
    refused.push({ subcontract, refusal }),
  );
  const { number } = periodContaining(terms.cycle, asOf);
  const running = new Map<string, PairBalance>();
  for (const pair of pairs)
    if (pair.component === 'advance' && pair.period.number === number)
      running.set(pair.subcontract, pair);
  return { terms, pairs, running, refused };
}

/** The history of a subcontract as known on the day; null where it was not known or can not be told. */
export function historyOf(scene: Scene, row: Row<'subcontracts'>): SubcontractHistory | null {
  const known = scene.histories.get(row.subcontract);
  if (known !== undefined) return known;
  const history = readHistory(scene, row);
  scene.histories.set(row.subcontract, history);
  return history;
}

function readHistory(scene: Scene, row: Row<'subcontracts'>): SubcontractHistory | null {
  try {
    return subcontractHistory(scene.book.index, scene.book.termsOf, row, {
      asOf: scene.asOf,
      agreedBefore: null,
    });
  } catch (error) {
    // Told once, as `not-computable`.
    if (error instanceof Refusal || error instanceof RangeError) return null;
    throw error;
  }
}

/** The contract that a subcontract is on, on the day: the last that it was moved to by then. */
export function ownerOn(scene: Scene, row: Row<'subcontracts'>): string {
  let owner = row.contract;
  for (const stretch of historyOf(scene, row)?.ownerships ?? [])
    if (stretch.from <= scene.asOf) owner = stretch.contract;
  return owner;
}

/** Whether a subcontract is covered on a day: begun, not ended, not removed or paused. */
export function isCovered(history: SubcontractHistory | null, on: CivilDate): boolean {
  for (const stretch of history?.ownerships ?? []) {
    if (on < stretch.from || on >= stretch.to) continue;
    const state = stretch.states.filter((candidate) => candidate.from <= on).at(-1);
    return state?.active === true;
  }
  return false;
}

/** The pair of the period that is running on the day; null where the books hold none. */
export function runningPair(
  scene: Scene,
  contract: string,
  subcontract: string,
): PairBalance | null {
  return scene.contracts.get(contract)?.running.get(subcontract) ?? null;
}

/** An amount of a pair without tax: the price list may include it. */
export function netOf(scene: Scene, pair: PairBalance, amountMinor: number): number {
  const terms = scene.contracts.get(pair.contract)?.terms;
  if (!pair.taxInclusive || terms === undefined) return amountMinor;
  const sku = scene.book.index.subcontracts.get(pair.subcontract)?.sku;
  const product = sku === undefined ? null : (scene.book.index.products.get(sku) ?? null);
  const { entity } = soldOn(scene.book.index, terms, scene.asOf);
  const tax = lineTax(scene.book.index, entity, terms.billingAccount, product, scene.asOf);
  return netOfGross(amountMinor, tax.rate);
}
