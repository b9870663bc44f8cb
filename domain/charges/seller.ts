/**
 * Which of our entities sells on a day (docs/decisions/account-moves.md). A customer that moves keeps what was agreed and billed:
 * its currency, cut-over and open documents stay; runs from the day on bill under the other entity's name, tax and policies.
 */
import type { BookIndex } from '../book/book-index.ts';
import type { CivilDate } from '../dates/dates.ts';
import { entityOn } from '../policies/policies.ts';
import { Refusal } from '../refusal.ts';
import type { ContractTerms } from './contract-terms.ts';
import type { Difference } from './unbilled.ts';

type Seller = Pick<ContractTerms, 'entityId' | 'entity' | 'timeZone'>;

function sellerCalled(index: BookIndex, id: string, what: string): Seller {
  const entity = index.entities.get(id);
  if (entity === undefined)
    throw new Refusal(
      'entity-unknown',
      `${what} was moved to entity ${id}, which the book does not have`,
    );
  return { entityId: id, entity, timeZone: entity.timeZone ?? 'UTC' };
}

/**
 * A contract's terms under the entity that sells on a day; the same where it never moved.
 * @throws Refusal `entity-unknown`
 */
export function soldOn(index: BookIndex, terms: ContractTerms, on: CivilDate): ContractTerms {
  const id = entityOn(index, terms.scope, on);
  if (id === null || id === terms.entityId) return terms;
  return { ...terms, ...sellerCalled(index, id, `contract ${terms.row.contract}`) };
}

/** The same for an account's own service time; `usual` is its entity where it never moved. */
export function sellerOfAccount(
  index: BookIndex,
  account: string,
  usual: { readonly id: string; readonly row: Seller['entity'] },
  on: CivilDate,
): { readonly id: string; readonly row: Seller['entity'] } {
  const scope = { contract: null, account, entity: usual.row?.entity ?? null };
  const id = entityOn(index, scope, on);
  if (id === null || id === usual.row?.entity) return usual;
  return { id, row: sellerCalled(index, id, `account ${account}`).entity };
}

/**
 * Under whose terms a difference is billed: what is taken back is credited by the entity that billed it, all else is sold by the
 * one of the day.
 */
export function sellerOfDifference(
  index: BookIndex,
  terms: ContractTerms,
  { differenceMinor, billedLines }: Difference,
  on: CivilDate,
): ContractTerms {
  const last = differenceMinor < 0 ? billedLines.at(-1) : undefined;
  const issuer = last === undefined ? null : (index.invoices.get(last.invoice)?.entity ?? null);
  if (issuer === null || !index.policies.has('entity')) return soldOn(index, terms, on);
  if (issuer === terms.entityId) return terms;
  return { ...terms, ...sellerCalled(index, issuer, `contract ${terms.row.contract}`) };
}
