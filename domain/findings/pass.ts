/** One look over a book with every rule: what was found, by name, and what could not be compared. */
import { indexBook } from '../book/book-index.ts';
import type { Book } from '../book/tables.ts';
import { type BilledLines, billedLines } from '../charges/billed.ts';
import type { CivilDate } from '../dates/dates.ts';
import { type Check, findingsOf } from './find.ts';
import type { Finding } from './finding.ts';
import { billedSubject, keyed, type Pass } from './life.ts';
import type { OutsideRecords } from './outside.ts';

export interface Look extends Pass {
  /** Every code of the catalogue: whether what it compares was compared. */
  readonly checks: readonly Check[];
}

/** Looks over a book as known on a day, and over what other systems hold. */
export function lookOver(book: Book, asOf: CivilDate, outside: OutsideRecords = {}): Look {
  const { findings, checks } = findingsOf(book, asOf, outside);
  const checked = new Set<string>(
    checks.flatMap(({ rule, state }) => (state === 'checked' ? [rule] : [])),
  );
  const broken = new Set(
    findings.flatMap(({ rule, contract }) =>
      rule === 'not-computable' && contract !== null ? [contract] : [],
    ),
  );
  const billed = billedLines(indexBook(book));
  return {
    asOf,
    // What failed is a comparison that was not made, not a discrepancy.
    seen: keyed(findings.filter(({ rule }) => rule !== 'rule-failed')),
    issuedMinor: (finding) => issuedMinor(billed, finding),
    wasChecked: ({ rule, contract }) =>
      checked.has(rule) &&
      (rule === 'not-computable' || contract === null || !broken.has(contract)),
    checks,
  };
}

function issuedMinor(billed: BilledLines, finding: Finding): number | null {
  const subject = billedSubject(finding);
  if (subject === null) return null;
  const lines =
    'entry' in subject
      ? billed.ofEntry.get(subject.entry)
      : billed.ofSubcontract
          .get(subject.subcontract)
          ?.filter(({ countsOn }) => countsOn >= subject.from && countsOn <= subject.to);
  return (lines ?? []).reduce((sum, line) => sum + line.netMinor, 0);
}
