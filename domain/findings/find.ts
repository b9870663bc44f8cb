/**
 * Runs every rule of the catalogue over a book, or over the parts of a book that is too large for memory. A rule that fails
 * is told as `rule-failed` and does not stop the others; a rule whose source was not read is told as not checked.
 */
import { indexBook } from '../book/book-index.ts';
import type { Book } from '../book/tables.ts';
import { billingBook } from '../charges/unbilled.ts';
import type { CivilDate } from '../dates/dates.ts';
import { errorWords } from '../error-words.ts';
import {
  documentsInAccounting,
  PaymentsInAccounting,
  UnknownDocuments,
} from './accounting-rules.ts';
import {
  currencyMismatch,
  misbilled,
  notComputable,
  serviceUnbilled,
  unbilled,
  usageUnbilled,
} from './billing-rules.ts';
import { CATALOGUE, type RuleCode } from './catalogue.ts';
import {
  customerDiffersInAccounting,
  customerDiffersInCrm,
  customerMissing,
  DuplicatedAccounts,
  DuplicatedCustomers,
} from './customer-rules.ts';
import { atStake, type Finding, type Told } from './finding.ts';
import { ledgerImbalance, NumberGaps } from './ledger-rules.ts';
import {
  licenseWithoutSubcontract,
  paidButCutOff,
  seatsOver,
  suspendedThoughPaid,
  wrongAccount,
} from './license-rules.ts';
import { OrderlessContracts, UnagreedOrders, UnknownDeals } from './order-rules.ts';
import type { OutsideRecords, SourceName } from './outside.ts';
import { mailUndeliverable, partyGaps } from './party-rules.ts';
import { allocationDiffers, paymentUnallocated } from './payment-rules.ts';
import { OutdatedPriceLists } from './price-rules.ts';
import { type Look, type Scene, sceneOf } from './scene.ts';
import {
  duplicateSubcontract,
  expiredActive,
  renewalMissed,
  termGap,
  termOverlap,
  upliftNotApplied,
} from './term-rules.ts';
import { UnusualInvoices } from './unusual-rules.ts';

export interface Rule {
  /** The codes under which it tells what it finds. */
  readonly codes: readonly RuleCode[];
  readonly begin: () => Look;
}

/** A rule that can tell of each part of a book by itself. */
function of(find: (scene: Scene) => readonly Told[], ...codes: readonly RuleCode[]): Rule {
  return {
    codes,
    begin: () => {
      const told: Told[] = [];
      return { look: (scene) => told.push(...find(scene)), tell: () => told };
    },
  };
}

/** A rule that has to have seen all parts before it tells. */
function over(begin: Rule['begin'], ...codes: readonly RuleCode[]): Rule {
  return { codes, begin };
}

/** Each rule by its name; what its codes compare, why it matters and what to do stands in the catalogue. */
export const RULES: Readonly<Record<string, Rule>> = {
  unbilled: of(unbilled, 'unbilled'),
  misbilled: of(misbilled, 'underbilled', 'overbilled', 'discount-expired'),
  serviceUnbilled: of(serviceUnbilled, 'service-unbilled'),
  usageUnbilled: of(usageUnbilled, 'usage-unbilled'),
  upliftNotApplied: of(upliftNotApplied, 'uplift-not-applied'),
  currencyMismatch: of(currencyMismatch, 'currency-mismatch'),
  unusualInvoices: over(() => new UnusualInvoices(), 'invoice-unusual'),
  notComputable: of(notComputable, 'not-computable'),
  seatsOver: of(seatsOver, 'seats-over'),
  licenseWithoutSubcontract: of(licenseWithoutSubcontract, 'license-without-subcontract'),
  paidButCutOff: of(paidButCutOff, 'paid-not-licensed', 'license-ends-early'),
  suspendedThoughPaid: of(suspendedThoughPaid, 'suspended-though-paid'),
  wrongAccount: of(wrongAccount, 'wrong-account'),
  unagreedOrders: over(
    () => new UnagreedOrders(),
    'order-without-contract',
    'delivered-without-contract',
  ),
  unknownDeals: over(() => new UnknownDeals(), 'deal-without-contract'),
  orderlessContracts: over(() => new OrderlessContracts(), 'contract-without-order'),
  duplicateSubcontract: of(duplicateSubcontract, 'duplicate-subcontract'),
  termGap: of(termGap, 'term-gap'),
  termOverlap: of(termOverlap, 'term-overlap'),
  expiredActive: of(expiredActive, 'expired-active'),
  renewalMissed: of(renewalMissed, 'renewal-missed'),
  priceListOutdated: over(() => new OutdatedPriceLists(), 'price-list-outdated'),
  partyGaps: of(partyGaps, 'contact-missing', 'po-missing', 'tax-id-missing', 'tax-id-invalid'),
  mailUndeliverable: of(mailUndeliverable, 'mail-undeliverable'),
  paymentUnallocated: of(paymentUnallocated, 'payment-unallocated'),
  allocationDiffers: of(allocationDiffers, 'allocation-differs'),
  numberGaps: over(() => new NumberGaps(), 'number-gap'),
  ledgerImbalance: of(ledgerImbalance, 'ledger-imbalance'),
  customerMissing: of(customerMissing, 'customer-missing-in-accounting'),
  duplicatedAccounts: over(() => new DuplicatedAccounts(), 'customer-duplicated'),
  duplicatedCustomers: over(() => new DuplicatedCustomers(), 'customer-duplicated-in-accounting'),
  customerDiffersInAccounting: of(customerDiffersInAccounting, 'customer-differs-in-accounting'),
  customerDiffersInCrm: of(customerDiffersInCrm, 'customer-differs-in-crm'),
  documentsInAccounting: of(
    documentsInAccounting,
    'invoice-missing-in-accounting',
    'invoice-differs-in-accounting',
    'invoice-twice-in-accounting',
  ),
  unknownDocuments: over(() => new UnknownDocuments(), 'invoice-missing-here'),
  paymentsInAccounting: over(
    () => new PaymentsInAccounting(),
    'payment-missing-in-accounting',
    'payment-missing-here',
    'allocation-differs-in-accounting',
  ),
};

/** Whether what a code compares was compared. */
export interface Check {
  readonly rule: RuleCode;
  readonly state: 'checked' | 'not-checked' | 'failed';
  /** What it needs besides the contract book. */
  readonly source: SourceName | null;
  /** The last day that it was compared as far as is known here; null: never. */
  readonly checkedOn: CivilDate | null;
  /** Why it was not compared, in words. */
  readonly cause: string | null;
}

export interface Findings {
  readonly findings: readonly Finding[];
  /** By currency: the sum of the positive amounts, each subcontract and period once. */
  readonly atStake: Readonly<Record<string, number>>;
  /** Every code of the catalogue: what was compared, and what was not. */
  readonly checks: readonly Check[];
}

/**
 * Everything that is wrong in a book as known on a day, most money first.
 * @param outside what other systems hold; what is absent is told as not checked
 */
export function findingsOf(book: Book, asOf: CivilDate, outside: OutsideRecords = {}): Findings {
  const inspection = new Inspection(asOf, outside);
  inspection.look(book);
  return inspection.answer();
}

interface RuleAtWork extends Rule {
  readonly name: string;
  readonly work: Look;
  /** Why it did not tell; null while it does. */
  cause: string | null;
  readonly told: Told[];
}

/**
 * One look over the books, part by part, so that memory does not grow with the book. A part holds whole accounts: all that
 * belongs to an account, and to whatever its rows name, is in the same part; products, prices and policies are in each.
 */
export class Inspection {
  readonly #asOf: CivilDate;
  readonly #outside: OutsideRecords;
  readonly #rules: readonly RuleAtWork[];

  constructor(asOf: CivilDate, outside: OutsideRecords = {}) {
    this.#asOf = asOf;
    this.#outside = outside;
    this.#rules = Object.entries(RULES)
      .filter(([, { codes }]) => unread(sourceOf(codes), outside) === null)
      .map(([name, rule]) => ({ ...rule, name, work: rule.begin(), cause: null, told: [] }));
  }

  look(part: Book): void {
    const scene = sceneOf(billingBook(indexBook(part)), this.#asOf, this.#outside);
    for (const rule of this.#rules) guarded(rule, () => rule.work.look(scene));
  }

  answer(): Findings {
    for (const rule of this.#rules) guarded(rule, () => rule.told.push(...rule.work.tell()));
    const findings = once(
      this.#rules.flatMap(({ name, told, cause }) =>
        cause === null ? told.map(complete) : [ruleFailed(name, cause)],
      ),
    );
    findings.sort((a, b) => b.amountMinor - a.amountMinor);
    return { findings, atStake: atStake(findings), checks: this.#checks() };
  }

  #checks(): Check[] {
    const failed = new Map(
      this.#rules.flatMap(({ codes, cause }) => codes.map((code) => [code, cause])),
    );
    return Object.values(RULES).flatMap(({ codes }) =>
      codes.map((rule): Check => {
        const source = CATALOGUE[rule].needs;
        const missing = unread(source, this.#outside);
        if (missing !== null) return { rule, ...missing };
        const cause = failed.get(rule) ?? null;
        if (cause !== null) return { rule, state: 'failed', source, checkedOn: null, cause };
        const read = source === null ? null : this.#outside[source]?.checkedOn;
        return { rule, state: 'checked', source, checkedOn: read ?? this.#asOf, cause: null };
      }),
    );
  }
}

/** A rule that fails is told of, and does not stop the others. */
function guarded(rule: RuleAtWork, step: () => void): void {
  if (rule.cause !== null) return;
  try {
    step();
  } catch (error) {
    rule.cause = errorWords(error);
  }
}

/** An account may be in several parts: what is told of it alone is told once. */
function once(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ rule, account, contract, subcontract, evidence }) => {
    if (subcontract !== null) return true;
    const key = JSON.stringify([rule, account, contract, evidence]);
    return !seen.has(key) && seen.add(key);
  });
}

/** What a rule needs besides the contract book: the same for all its codes. */
function sourceOf(codes: readonly RuleCode[]): SourceName | null {
  const [first] = codes;
  return first === undefined ? null : CATALOGUE[first].needs;
}

/** Why a source tells nothing; null where it was read. */
function unread(needs: SourceName | null, outside: OutsideRecords): Omit<Check, 'rule'> | null {
  if (needs === null) return null;
  const source = outside[needs];
  if (source !== undefined && source.records !== null) return null;
  return {
    state: 'not-checked',
    source: needs,
    checkedOn: source?.checkedOn ?? null,
    cause: source?.reason ?? `no records of ${needs} were given`,
  };
}

/** Severity and actions are the catalogue's unless the rule says otherwise. */
function complete(told: Told): Finding {
  const { severity, actions } = CATALOGUE[told.rule as RuleCode];
  return { ...told, severity: told.severity ?? severity, actions: told.actions ?? actions };
}

function ruleFailed(name: string, cause: string): Finding {
  return complete({
    rule: 'rule-failed',
    account: null,
    contract: null,
    subcontract: null,
    amountMinor: 0,
    currency: null,
    evidence: { rule: name, reason: cause },
    sides: { agreed: [], found: [] },
    suggestion: 'What this rule compares was not checked; correct the records that it names.',
  });
}
