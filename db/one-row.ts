import { Refusal } from './refusal.ts';

/** The first of some rows; refused with `not-found` where there is none. `what` names it: "invoice INV-2026-00017". */
export function oneRow<T>(rows: readonly T[], what: string): T {
  const [row] = rows;
  if (row === undefined) throw new Refusal('not-found', `There is no ${what}.`);
  return row;
}
