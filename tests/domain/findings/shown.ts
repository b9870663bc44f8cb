/** Findings as people see them, for tests: subject, money, evidence, and the records of both sides by name. */
import { findingsOf } from '../../../domain/findings/find.ts';
import type { Finding } from '../../../domain/findings/finding.ts';
import type { OutsideRecords } from '../../../domain/findings/outside.ts';
import { company } from '../book-builder.ts';

export const AS_OF = '2026-11-20';
export type Given = Parameters<typeof company>[0];

/** What is found under one code in a company's book. */
export const told = (rule: string, given: Given, outside: OutsideRecords = {}): Finding[] =>
  findingsOf(company(given), AS_OF, outside).findings.filter((finding) => finding.rule === rule);

export const shown = ({
  account,
  contract,
  subcontract,
  amountMinor,
  currency,
  ...rest
}: Finding) => ({
  subject: [account, contract, subcontract],
  money: [amountMinor, currency],
  evidence: rest.evidence,
  agreed: rest.sides.agreed.map(({ system, table, id }) => `${system} ${table} ${id}`),
  found: rest.sides.found.map(({ system, table, id }) => `${system} ${table} ${id}`),
});
