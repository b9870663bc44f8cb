/** One look over a book with every rule: what was found, by name, and what could not be compared. */
import { indexBook } from '../book/book-index.ts';
import type { Book } from '../book/tables.ts';
import { type BilledLines, billedLines } from '../charges/billed.ts';
import type { CivilDate } from '../dates/dates.ts';
import { findingsOf, RULES } from './find.ts';
import type { Finding } from './finding.ts';
import { billedSubject, keyed, type Pass } from './life.ts';

export interface Unchecked {
  /** A rule's name in the catalogue. */
  readonly comparison: string;
  readonly cause: string;
}

export interface Look extends Pass {
  /** Names of all rules of the catalogue that looked, or tried to. */
  readonly comparisons: readonly string[];
  /** What could not be compared, and why. */
  readonly unchecked: readonly Unchecked[];
}

/** Rules that tell more codes than their own name's. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  misbilled: ['underbilled', 'overbilled', 'discount-expired'],
  paidButCutOff: ['paid-not-licensed', 'license-ends-early'],
  partyGaps: ['contact-missing', 'po-missing', 'tax-id-missing'],
};

/** The codes under which a rule of the catalogue tells what it finds. */
export function codesOfRule(name: string): readonly string[] {
  return CODES[name] ?? [name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)];
}

/** Looks over a book as known on a day. */
export function lookOver(book: Book, asOf: CivilDate): Look {
  const { findings } = findingsOf(book, asOf);
  const unchecked = findings.flatMap(({ rule, evidence }) =>
    rule === 'rule-failed'
      ? [{ comparison: String(evidence.rule), cause: String(evidence.reason) }]
      : [],
  );
  const codes = new Set(unchecked.flatMap(({ comparison }) => codesOfRule(comparison)));
  const broken = new Set(
    findings.flatMap(({ rule, contract }) =>
      rule === 'not-computable' && contract !== null ? [contract] : [],
    ),
  );
  const billed = billedLines(indexBook(book));
  return {
    asOf,
    seen: keyed(findings.filter(({ rule }) => rule !== 'rule-failed')),
    issuedMinor: (finding) => issuedMinor(billed, finding),
    wasChecked: ({ rule, contract }) =>
      !codes.has(rule) && (rule === 'not-computable' || contract === null || !broken.has(contract)),
    comparisons: Object.keys(RULES),
    unchecked,
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
