/**
 * Reverse charge (AE) and intra-community supply (K) need a buyer with a valid VAT number (billing rules §5). The policy
 * `vat_check` says how far that is checked before such a document is billed: **off**, `format` (form and check digits), or
 * `vies` (the EU's register has called the number valid). Answers of the register are data, given from outside.
 */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import { type PolicyScope, policyOf } from '../policies/policies.ts';
import { Refusal } from '../refusal.ts';
import { readVatNumber, type VatNumber, vatNumberKey } from './vat-number.ts';

/** What the register last said; `unknown` where it could not be asked or does not tell. */
export type VatAnswer = 'valid' | 'invalid' | 'unknown';
/** The last answer by {@link vatNumberKey}. A number without an entry was never asked about. */
export type VatValidations = ReadonlyMap<string, VatAnswer>;

const VALIDATED_CATEGORIES: ReadonlySet<string> = new Set(['AE', 'K']);

/** Whether lines of a tax category rest on the buyer's VAT number. */
export function restsOnVatNumber(category: string | null): boolean {
  return category !== null && VALIDATED_CATEGORIES.has(category);
}

/** Why an account's tax id is no VAT number, where its own tax category rests on one; null where all is well or absent. */
export function vatNumberFault(
  account: Pick<Row<'accounts'>, 'taxId' | 'taxCategory' | 'country'>,
): string | null {
  if (account.taxId === null || !restsOnVatNumber(account.taxCategory)) return null;
  const reading = readVatNumber(account.taxId, account.country);
  return reading.state === 'malformed' ? reading.reason : null;
}

export interface BuyerOfLines {
  readonly index: BookIndex;
  readonly account: Row<'accounts'>;
  readonly scope: PolicyScope;
  readonly runOn: CivilDate;
}

/**
 * Lets a document pass, or sets it aside.
 * @throws Refusal `vat-invalid` where the number is malformed or the register knows it as invalid; `vat-pending` where the
 *   register has not answered yet, or there is no number: nobody else waits for it.
 */
export function demandValidBuyer(
  { index, account, scope, runOn }: BuyerOfLines,
  lines: readonly { readonly taxCategory: string }[],
  validations: VatValidations,
): void {
  if (!lines.some(({ taxCategory }) => restsOnVatNumber(taxCategory))) return;
  const policy = policyOf(index, scope, 'vat_check', runOn);
  if (policy === 'off') return;
  const who = `account ${account.account}`;
  if (account.taxId === null) throw pending(`${who} has no VAT number; ask for it`);
  const reading = readVatNumber(account.taxId, account.country);
  if (reading.state === 'not-eu')
    throw invalid(`${who}: ${account.taxId} is no VAT number of an EU state`);
  if (reading.state === 'malformed') throw invalid(`${who}: ${account.taxId} is ${reading.reason}`);
  if (policy === 'format') return;
  const key = vatNumberKey(reading.vatNumber);
  const answer = validations.get(key) ?? 'unknown';
  if (answer === 'invalid') throw invalid(`${who}: the register does not know ${key} as valid`);
  if (answer === 'unknown') throw pending(`${who}: ${key} is not validated yet`);
}

function invalid(what: string): Refusal {
  return new Refusal('vat-invalid', `${what}; correct it, or change the account's tax category`);
}

function pending(what: string): Refusal {
  return new Refusal('vat-pending', `${what}; it is billed once the register calls it valid`);
}

/**
 * The numbers to ask the register about before a run: of accounts whose own category, or some product's, rests on them and
 * whose entity, account or a contract of theirs asks for `vies`. Sorted, each once.
 */
export function vatNumbersToAsk(index: BookIndex, runOn: CivilDate): VatNumber[] {
  const wanted = new Map<string, VatNumber>();
  const byProduct = index.book.products.some(({ taxCategory }) => restsOnVatNumber(taxCategory));
  for (const contract of index.book.contracts) {
    const account = index.accounts.get(contract.billTo ?? contract.account);
    if (account === undefined || account.taxId === null) continue;
    if (!restsOnVatNumber(account.taxCategory) && !(byProduct && account.taxCategory === null))
      continue;
    const reading = readVatNumber(account.taxId, account.country);
    if (reading.state !== 'well-formed' || !asksRegister(index, contract, account, runOn)) continue;
    wanted.set(vatNumberKey(reading.vatNumber), reading.vatNumber);
  }
  return [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, number]) => number);
}

/** A policy that no run can read is told by that run, contract by contract. */
function asksRegister(
  index: BookIndex,
  contract: Row<'contracts'>,
  account: Row<'accounts'>,
  runOn: CivilDate,
): boolean {
  const entity = contract.entity ?? account.entity ?? index.book.entities.at(0)?.entity ?? null;
  const scope = { contract: contract.contract, account: account.account, entity };
  try {
    return policyOf(index, scope, 'vat_check', runOn) === 'vies';
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
