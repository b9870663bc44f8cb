/** Rules over the subtraction itself: what was never billed, billed too little, or too much. */
import { groupBy } from '../book/book-index.ts';
import { contractDiscount } from '../charges/discounts.ts';
import { isChargeable, isEntryBilled, serviceAmount } from '../charges/service.ts';
import { type PairBalance, pairBalances } from '../charges/unbilled.ts';
import { addDays, addMonths, type CivilDate } from '../dates/dates.ts';
import type { Refusal } from '../refusal.ts';
import type { EvidenceRecord, Told } from './finding.ts';
import { isReceived } from './receivables.ts';
import {
  bookRecord,
  chargeRecords,
  contractRecord,
  invoiceRecord,
  lineRecord,
  paymentRecord,
  subcontractRecord,
} from './records.ts';
import { type ContractScene, netOf, type Scene } from './scene.ts';

function found(
  scene: Scene,
  contract: ContractScene,
  pair: PairBalance,
  what: Pick<Told, 'rule' | 'amountMinor' | 'suggestion'>,
): Told {
  const { row, currency } = contract.terms;
  const subcontract = scene.book.index.subcontracts.get(pair.subcontract);
  return {
    ...what,
    account: row.account,
    contract: row.contract,
    subcontract: pair.subcontract,
    currency,
    evidence: {
      periodStart: pair.period.start,
      periodEnd: pair.lastDay,
      expectedMinor: netOf(scene, pair, pair.expectedMinor),
      billedMinor: netOf(scene, pair, pair.billedMinor),
      invoices: [...new Set(pair.billedLines.map((line) => line.invoice))],
    },
    sides: {
      agreed: [
        ...(subcontract === undefined ? [] : [subcontractRecord(subcontract)]),
        ...chargeRecords(pair),
      ],
      found: pair.billedLines.map((line) => lineRecord(line.row)),
    },
  };
}

function isUntouched(pair: PairBalance): boolean {
  return pair.billedLines.length === 0 && pair.elsewhereMinor === 0;
}

/**
 * `unbilled`: a subcontract and period with no issued line, and nothing counted as billed at the cut-over. It is revenue
 * that nobody asked for yet; bill it with the next run.
 */
export function unbilled(scene: Scene): Told[] {
  return [...scene.contracts.values()].flatMap((contract) =>
    contract.pairs
      .filter((pair) => pair.component === 'advance' && isUntouched(pair) && pair.expectedMinor > 0)
      .map((pair) =>
        found(scene, contract, pair, {
          rule: 'unbilled',
          amountMinor: netOf(scene, pair, pair.expectedMinor),
          suggestion: 'Bill it with the next run, or end the subcontract if it was never agreed.',
        }),
      ),
  );
}

/**
 * `underbilled` and `overbilled`: billed less or more than expected for a subcontract and period, after its end too. What
 * an expired discount explains is `discount-expired` instead.
 */
export function misbilled(scene: Scene): Told[] {
  return [...scene.contracts.values()].flatMap((contract) => {
    const wrong = contract.pairs.filter(
      (pair) =>
        pair.component === 'advance' &&
        !isUntouched(pair) &&
        pair.expectedMinor !== pair.billedMinor,
    );
    if (wrong.length === 0) return [];
    const expired = expiredDiscounts(scene, contract, wrong);
    return wrong.map((pair) => {
      const amountMinor = netOf(scene, pair, pair.expectedMinor - pair.billedMinor);
      if (expired.has(pair))
        return found(scene, contract, pair, {
          rule: 'discount-expired',
          amountMinor,
          suggestion: 'Bill the difference, or prolong the discount if it was agreed to go on.',
        });
      return amountMinor > 0
        ? found(scene, contract, pair, {
            rule: 'underbilled',
            amountMinor,
            suggestion: 'Bill the difference with the next run.',
          })
        : found(scene, contract, pair, {
            rule: 'overbilled',
            amountMinor,
            suggestion: 'Credit the difference with the next run.',
          });
    });
  });
}

/** Pairs whose bill is exactly what a discount would come to if it had no last day. */
function expiredDiscounts(
  scene: Scene,
  contract: ContractScene,
  pairs: readonly PairBalance[],
): Set<PairBalance> {
  const { terms } = contract;
  const { index } = scene.book;
  const under = pairs.filter((pair) => pair.expectedMinor > pair.billedMinor);
  const ends = contractDiscount(terms.row)?.to ?? null;
  const promoted = under.some((pair) => {
    const promotion = index.subcontracts.get(pair.subcontract)?.promotion ?? null;
    return promotion !== null && (index.promotions.get(promotion)?.validTo ?? null) !== null;
  });
  if (under.length === 0 || (ends === null && !promoted)) return new Set();
  const promotions = new Map(
    [...index.promotions].map(([name, row]) => [name, { ...row, validTo: null }]),
  );
  const endless = pairBalances(
    { ...scene.book, index: { ...index, promotions } },
    { ...terms, row: { ...terms.row, discountTo: null } },
    { asOf: scene.asOf, horizon: scene.asOf },
    () => undefined, // a refusal is reported by the rule over the book as it is
  );
  return new Set(
    under.filter((pair) =>
      endless.some(
        (other) =>
          other.subcontract === pair.subcontract &&
          other.component === pair.component &&
          other.period.number === pair.period.number &&
          other.expectedMinor === pair.billedMinor,
      ),
    ),
  );
}

/** The last 15th on or before a day: arrears of later days are not due yet. */
export function lastRunDay(asOf: CivilDate): CivilDate {
  const same = `${asOf.slice(0, 8)}15`;
  return same <= asOf ? same : addMonths(same, -1);
}

/** `service-unbilled`: approved billable time up to the last 15th that is on no invoice. */
export function serviceUnbilled(scene: Scene): Told[] {
  const { index } = scene.book;
  const until = lastRunDay(scene.asOf);
  const findings: Told[] = [];
  for (const entry of index.book.timesheets) {
    const contract = entry.contract === null ? undefined : index.contracts.get(entry.contract);
    if (contract?.status === 'draft') continue;
    const account = index.accounts.get(entry.account);
    const terms = entry.contract === null ? undefined : scene.contracts.get(entry.contract)?.terms;
    const entity = index.entities.get(account?.entity ?? '') ?? index.book.entities.at(0);
    const billFrom = terms === undefined ? (entity?.cutover ?? null) : terms.billFrom;
    if (!isChargeable(entry, until, billFrom) || isEntryBilled(scene.book, entry.entry, scene.asOf))
      continue;
    const currency = entry.currency ?? terms?.currency ?? account?.currency ?? entity?.currency;
    if (currency === undefined || currency === null) continue;
    findings.push({
      rule: 'service-unbilled',
      account: entry.account,
      contract: entry.contract,
      subcontract: null,
      amountMinor: serviceAmount(entry, currency),
      currency,
      evidence: {
        entry: entry.entry,
        date: entry.date,
        hours: entry.hours,
        rate: entry.rate,
        approvedOn: entry.approvedOn,
      },
      sides: {
        agreed: [
          bookRecord('timesheets', entry.entry, {
            account: entry.account,
            contract: entry.contract,
            date: entry.date,
            hours: entry.hours,
            rate: entry.rate,
            approvedOn: entry.approvedOn,
            description: entry.description,
          }),
        ],
        found: [],
      },
      suggestion: 'Bill it with the next run, or mark the entry as not billable.',
    });
  }
  return findings;
}

/** `usage-unbilled`: metered usage over what is included, up to the last 15th, that is on no invoice. */
export function usageUnbilled(scene: Scene): Told[] {
  const until = lastRunDay(scene.asOf);
  const findings: Told[] = [];
  for (const contract of scene.contracts.values()) {
    const metered = pairBalances(
      scene.book,
      contract.terms,
      { asOf: until, horizon: addDays(contract.terms.row.start, -1) },
      () => undefined, // told once, by `not-computable`
    ).filter((pair) => pair.component === 'usage');
    for (const pair of metered) {
      const now = contract.pairs.find(
        (other) =>
          other.component === 'usage' &&
          other.subcontract === pair.subcontract &&
          other.period.number === pair.period.number,
      );
      const open = { ...pair, billedMinor: now?.billedMinor ?? pair.billedMinor };
      if (open.expectedMinor <= open.billedMinor) continue;
      findings.push(
        found(scene, contract, open, {
          rule: 'usage-unbilled',
          amountMinor: netOf(scene, open, open.expectedMinor - open.billedMinor),
          suggestion: 'Bill the usage with the next run.',
        }),
      );
    }
  }
  return findings;
}

function recordsOf(scene: Scene, contract: string, subcontract: string | null): EvidenceRecord[] {
  const row = scene.book.index.contracts.get(contract);
  const own = scene.book.index.subcontracts.get(subcontract ?? '');
  return [
    ...(row === undefined ? [] : [contractRecord(row)]),
    ...(own === undefined ? [] : [subcontractRecord(own)]),
  ];
}

interface Refused {
  readonly contract: string;
  readonly subcontract: string | null;
  readonly refusal: Refusal;
}

function* refusals(scene: Scene): Generator<Refused> {
  for (const { contract, refusal } of scene.broken) yield { contract, subcontract: null, refusal };
  for (const [contract, { refused }] of scene.contracts)
    for (const { subcontract, refusal } of refused) yield { contract, subcontract, refusal };
}

function refusedAs(
  scene: Scene,
  { contract, subcontract, refusal }: Refused,
  words: Pick<Told, 'rule' | 'suggestion'>,
): Told {
  return {
    ...words,
    account: scene.book.index.contracts.get(contract)?.account ?? null,
    contract,
    subcontract,
    amountMinor: 0,
    currency: null,
    evidence: { code: refusal.code, reason: refusal.message },
    sides: { agreed: recordsOf(scene, contract, subcontract), found: [] },
  };
}

/** What a line in another currency than its contract's refuses with. */
const FOREIGN = 'history-currency';

/**
 * `not-computable`: a contract or subcontract whose facts contradict each other, so that nothing else can be told of it.
 * Without `FOREIGN`, which has a rule of its own.
 */
export function notComputable(scene: Scene): Told[] {
  const words = {
    rule: 'not-computable',
    suggestion: 'Correct the rows; until then a run sets the contract aside.',
  };
  const agreements = [...refusals(scene)]
    .filter((refused) => refused.refusal.code !== FOREIGN)
    .map((refused) => refusedAs(scene, refused, words));
  const documents = scene.unreadable.map(({ invoice, reason }) => ({
    rule: 'not-computable',
    account: invoice.account,
    contract: invoice.contract,
    subcontract: null,
    amountMinor: 0,
    currency: null,
    evidence: { invoice: invoice.invoice, reason },
    sides: { agreed: [], found: [invoiceRecord(invoice)] },
    suggestion: 'Correct the amounts of the document, its lines and its payments.',
  }));
  return [...agreements, ...documents];
}

/**
 * `currency-mismatch`: a billed line in another currency than its contract, or money in another currency than the invoice
 * that it is allocated to. Amounts in different currencies never add.
 */
export function currencyMismatch(scene: Scene): Told[] {
  const lines = [...refusals(scene)]
    .filter(({ refusal }) => refusal.code === FOREIGN)
    .map((refused) =>
      refusedAs(scene, refused, {
        rule: 'currency-mismatch',
        suggestion: 'Correct the currency of the line or of the contract.',
      }),
    );
  return [...lines, ...foreignPayments(scene)];
}

function foreignPayments(scene: Scene): Told[] {
  const { payments, payment_allocations: allocations } = scene.book.index.book;
  const paid = groupBy(allocations, (row) => row.payment);
  return payments.flatMap((payment) => {
    const { currency } = payment;
    if (currency === null || !isReceived(payment, scene.asOf)) return [];
    const own = (paid.get(payment.payment) ?? []).map(({ invoice }) => invoice);
    const named = new Set(payment.invoice === null ? own : [...own, payment.invoice]);
    return [...named].flatMap((invoice) => {
      const state = scene.documents.get(invoice);
      if (state === undefined || state.currency === currency) return [];
      return [
        {
          rule: 'currency-mismatch',
          account: payment.account,
          contract: state.invoice.contract,
          subcontract: null,
          amountMinor: 0,
          currency: null,
          evidence: {
            payment: payment.payment,
            invoice,
            paidIn: currency,
            issuedIn: state.currency,
          },
          sides: { agreed: [invoiceRecord(state.invoice)], found: [paymentRecord(payment)] },
          suggestion: 'Take the allocation back, or correct the currency of the payment.',
        },
      ];
    });
  });
}
