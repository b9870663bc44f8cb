/**
 * A run that is computed after its run date, beside another that was not: facts recorded after the run date are not known to
 * it (billing rules §1), but what was billed after it is billed. Such pairs are left to the next run, which knows both.
 */
import type { ServiceDifference } from '../charges/service.ts';
import type { BillingBook, Difference } from '../charges/unbilled.ts';
import type { CivilDate } from '../dates/dates.ts';

/** Whether a line of the pair was issued after the run date. */
export function billedLater(
  { billed }: BillingBook,
  { subcontract, period }: Difference,
  runOn: CivilDate,
): boolean {
  return (billed.ofSubcontract.get(subcontract) ?? []).some(
    ({ issuedOn, countsOn }) =>
      issuedOn > runOn && countsOn >= period.start && countsOn < period.cycleEnd,
  );
}

/** The same for an entry of service time. */
export function serviceBilledLater(
  { billed }: BillingBook,
  { entry }: ServiceDifference,
  runOn: CivilDate,
): boolean {
  return (billed.ofEntry.get(entry.entry) ?? []).some(({ issuedOn }) => issuedOn > runOn);
}
