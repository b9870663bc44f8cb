/** What a person asks of a contract's process. */
import { type ContractFacts, contractFacts, type Db } from '../db/index.ts';
import { notFound } from './problems.ts';

/** @throws ProblemError `not-found` */
export async function foundContract(db: Db, contract: string): Promise<ContractFacts> {
  const facts = await contractFacts(db, contract);
  if (facts === null) throw notFound('contract', contract);
  return facts;
}

/** The contract and its party, as its process is started and asked; asking starts one that does not run. */
export const contractArgs = ({ contract: { contract, account, entity }, clock }: ContractFacts) =>
  [
    { contract, clock },
    { account, entity },
  ] as const;
