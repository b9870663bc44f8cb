/** Contracts as processes and pages need them: facts of one, its state in words, changes to it. */
import type { Row } from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import type { contractStates } from '../schema.ts';

export type ContractState = typeof contractStates.$inferSelect;
/** What a contract's workflow needs to know of it: small values only. */
export interface ContractFacts {
  readonly contract: Row<'contracts'>;
  readonly account: Row<'accounts'>;
  readonly entity: Row<'entities'> | null;
  readonly subcontracts: readonly Row<'subcontracts'>[];
  readonly amendments: readonly Row<'amendments'>[];
  readonly timeZone: string;
  readonly clock: string | null;
}
export declare function contractFacts(db: Db, contract: string): Promise<ContractFacts | null>;
/** Contracts whose processes should be running: neither draft nor lapsed nor terminated long ago. */
export declare function contractsToRun(
  db: Db,
  options?: { clock?: string | null },
): Promise<string[]>;
/** Where it stands, in words, for lists and pages. Written by its workflow. */
export declare function setContractState(
  db: Db,
  state: Omit<ContractState, 'updatedAt'>,
): Promise<void>;
export declare function getContractState(db: Db, contract: string): Promise<ContractState | null>;
/** Contracts that wait for a person. */
export declare function contractsNeedingAttention(
  db: Db,
  options?: { clock?: string | null },
): Promise<ContractState[]>;
export declare function changeContract(
  db: Db,
  contract: string,
  changes: Partial<
    Pick<
      Row<'contracts'>,
      'status' | 'terminatedOn' | 'noticeReceived' | 'end' | 'poNumber' | 'autoRenew'
    >
  >,
): Promise<Row<'contracts'>>;
/** Stores an amendment; the same one again changes nothing, another under its name is refused (`invalid-input`). */
export declare function addAmendment(
  db: Db,
  amendment: Row<'amendments'>,
): Promise<{ isNew: boolean }>;
/**
 * A renewed term keeps the contract's number: the end moves, prices change by amendments effective on the new term's first day.
 */
export declare function renewContract(
  db: Db,
  input: { contract: string; termEnd: string; amendments: readonly Row<'amendments'>[] },
): Promise<Row<'contracts'>>;
/** Entity of a contract or account: the contract's, the account's, else the only one; null for the default entity (UTC). */
export declare function entityFor(
  db: Db,
  input: { contract?: string; account?: string },
): Promise<Row<'entities'> | null>;
/** The dated policies that hold on a day for an entity, account and contract, the narrowest winning. */
export declare function policiesFor(
  db: Db,
  input: { entity?: string | null; account?: string | null; contract?: string | null; on: string },
): Promise<Record<string, string>>;
/** Contacts of an account that receive a kind of mail (billing contact first), with the account's own addresses. */
export declare function recipientsFor(
  db: Db,
  account: string,
  kind: 'invoice' | 'reminder' | 'statement' | 'key' | 'renewal',
): Promise<{ to: string[]; cc: string[] }>;
