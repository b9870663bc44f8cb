/** Rules that compare licenses with what is contracted and paid. */
import { groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { fullPeriodPrice, stateOn } from '../charges/recurring.ts';
import { type PairBalance, RECURRING_KINDS, subcontractsEverOn } from '../charges/unbilled.ts';
import { addDays, type CivilDate, earlier } from '../dates/dates.ts';
import { compare, fraction, subtract, toDecimal, ZERO } from '../money/decimal.ts';
import type { Told } from './finding.ts';
import { contractRecord, invoiceRecord, licenseRecord, subcontractRecord } from './records.ts';
import { historyOf, isCovered, netOf, ownerOn, runningPair, type Scene } from './scene.ts';

/** Enabled, full, and not run out: what a customer can use on the day. */
function isEnabledFull(license: Row<'licenses'>, asOf: CivilDate): boolean {
  return (
    license.state === 'enabled' &&
    license.kind === 'full' &&
    (license.validThrough === null || license.validThrough >= asOf)
  );
}

/** Whether every line of the running period is paid; null where none was issued and nothing counts as billed. */
function isPaid(scene: Scene, pair: PairBalance): boolean | null {
  if (pair.billedLines.length === 0) return pair.elsewhereMinor === 0 ? null : true;
  return pair.billedLines.every((line) => {
    const open = scene.documents.get(line.invoice)?.openLines.get(line.line) ?? 0;
    return open <= 0;
  });
}

/** `seats-over`: an enabled full license with more seats than the subcontract's quantity; a full period's price of the excess. */
export function seatsOver(scene: Scene): Told[] {
  const { index } = scene.book;
  const findings: Told[] = [];
  for (const license of index.book.licenses) {
    if (!isEnabledFull(license, scene.asOf) || license.seats === null) continue;
    const row = index.subcontracts.get(license.subcontract ?? '');
    const history = row === undefined ? null : historyOf(scene, row);
    if (row === undefined || history === null) continue;
    const contract = ownerOn(scene, row);
    const terms = scene.contracts.get(contract)?.terms;
    const state = stateOn(history, contract, scene.asOf);
    if (terms === undefined || state === null || !state.active) continue;
    const excess = subtract(fraction(license.seats), state.quantity);
    if (compare(excess, ZERO) <= 0) continue;
    findings.push({
      rule: 'seats-over',
      account: terms.row.account,
      contract,
      subcontract: row.subcontract,
      amountMinor: fullPeriodPrice(index, terms, history, scene.asOf, { quantity: excess }),
      currency: terms.currency,
      evidence: {
        license: license.license,
        seats: license.seats,
        quantity: toDecimal(state.quantity),
        periodStart: runningPair(scene, contract, row.subcontract)?.period.start ?? null,
      },
      sides: {
        agreed: [subcontractRecord(row, { quantity: toDecimal(state.quantity) })],
        found: [licenseRecord(license)],
      },
      suggestion: 'Amend the subcontract to the seats in use, or replace the license.',
    });
  }
  return findings;
}

/** `license-without-subcontract`: an enabled full license whose subcontract is missing, ended, or unpaid for the running period. */
export function licenseWithoutSubcontract(scene: Scene): Told[] {
  const { index } = scene.book;
  const findings: Told[] = [];
  for (const license of index.book.licenses) {
    if (!isEnabledFull(license, scene.asOf)) continue;
    const row = index.subcontracts.get(license.subcontract ?? '');
    if (row === undefined) {
      findings.push(unsupported(scene, license, null, null, 0, 'it has no subcontract'));
      continue;
    }
    const contract = ownerOn(scene, row);
    const pair = runningPair(scene, contract, row.subcontract);
    const why = unsupportedBecause(scene, row, pair);
    if (why === null) continue;
    const amountMinor = pair === null ? 0 : netOf(scene, pair, pair.expectedMinor);
    const terms = scene.contracts.get(contract)?.terms ?? null;
    findings.push(unsupported(scene, license, terms, pair, amountMinor, why));
  }
  return findings;
}

function unsupportedBecause(
  scene: Scene,
  row: Row<'subcontracts'>,
  pair: PairBalance | null,
): string | null {
  const kind = scene.book.index.products.get(row.sku)?.kind;
  if (kind === undefined || !RECURRING_KINDS.has(kind)) return null;
  if (!isCovered(historyOf(scene, row), scene.asOf)) return 'its subcontract is not running';
  if (pair === null) return null;
  const paid = isPaid(scene, pair);
  if (paid === null) return pair.expectedMinor > 0 ? 'the running period was never billed' : null;
  return paid ? null : 'the running period is not paid';
}

function unsupported(
  scene: Scene,
  license: Row<'licenses'>,
  terms: { readonly row: Row<'contracts'>; readonly currency: string } | null,
  pair: PairBalance | null,
  amountMinor: number,
  why: string,
): Told {
  const row = scene.book.index.subcontracts.get(license.subcontract ?? '');
  const documents = [...new Set(pair?.billedLines.map((line) => line.invoice) ?? [])];
  return {
    rule: 'license-without-subcontract',
    ...(amountMinor > 0 ? {} : { severity: 'medium' as const }),
    account: terms?.row.account ?? license.account,
    contract: terms?.row.contract ?? null,
    subcontract: license.subcontract,
    amountMinor,
    currency: terms?.currency ?? null,
    evidence: {
      license: license.license,
      why,
      validThrough: license.validThrough,
      periodStart: pair?.period.start ?? null,
      invoices: documents,
    },
    sides: {
      agreed: [
        ...(row === undefined ? [] : [subcontractRecord(row)]),
        ...documents.flatMap((name) => {
          const state = scene.documents.get(name);
          return state === undefined ? [] : [invoiceRecord(state.invoice)];
        }),
      ],
      found: [licenseRecord(license)],
    },
    suggestion: 'Replace it by a temporary license until the period is paid, or suspend it.',
  };
}

/**
 * `paid-not-licensed` and `license-ends-early`: a customer who paid for the running period has no enabled license, or none
 * that reaches the paid period's last day, and is about to be cut off wrongly.
 */
export function paidButCutOff(scene: Scene): Told[] {
  const { index } = scene.book;
  const all = groupBy(index.book.licenses, (license) => license.subcontract);
  const findings: Told[] = [];
  for (const [contract, { terms }] of scene.contracts)
    for (const row of subcontractsEverOn(scene.book, contract)) {
      const paidThrough = paidThroughOf(scene, contract, row);
      if (paidThrough === null) continue;
      const own = (all.get(row.subcontract) ?? []).filter(serves);
      if (own.some(({ validThrough }) => validThrough === null || validThrough >= paidThrough))
        continue;
      const none = own.length === 0;
      findings.push({
        rule: none ? 'paid-not-licensed' : 'license-ends-early',
        account: terms.row.account,
        contract,
        subcontract: row.subcontract,
        amountMinor: 0,
        currency: terms.currency,
        evidence: {
          paidThrough,
          licenses: own.map(({ license }) => license),
          validThrough:
            own
              .map(({ validThrough }) => validThrough ?? '')
              .sort()
              .at(-1) ?? null,
        },
        sides: {
          agreed: [subcontractRecord(row, { paidThrough })],
          found: (all.get(row.subcontract) ?? []).map(licenseRecord),
        },
        suggestion: `Issue a full license through ${paidThrough}.`,
      });
    }
  return findings;
}

/** Whether a customer can work with it, once its days come. */
function serves(license: Row<'licenses'>): boolean {
  return license.state === 'enabled' && license.kind !== 'evaluation';
}

/** The last day that is paid of the running period; null where it is not paid or the subcontract is not running. */
function paidThroughOf(scene: Scene, contract: string, row: Row<'subcontracts'>): CivilDate | null {
  const kind = scene.book.index.products.get(row.sku)?.kind;
  if (kind === undefined || !RECURRING_KINDS.has(kind)) return null;
  const history = historyOf(scene, row);
  if (history === null || stateOn(history, contract, scene.asOf)?.active !== true) return null;
  const pair = runningPair(scene, contract, row.subcontract);
  if (pair === null || pair.billedLines.length === 0 || isPaid(scene, pair) !== true) return null;
  const stretch = history.ownerships.find(
    (own) => own.contract === contract && scene.asOf < own.to,
  );
  return stretch === undefined ? null : earlier(pair.lastDay, addDays(stretch.to, -1));
}

/** `wrong-account`: a license registered to another account than its subcontract's contract (or that one's end user). */
export function wrongAccount(scene: Scene): Told[] {
  const { index } = scene.book;
  const findings: Told[] = [];
  for (const license of index.book.licenses) {
    const row = index.subcontracts.get(license.subcontract ?? '');
    if (row === undefined || license.state === 'superseded' || license.state === 'revoked')
      continue;
    const contract = index.contracts.get(ownerOn(scene, row));
    if (contract === undefined) continue;
    if (license.account === contract.account || license.account === contract.endUser) continue;
    findings.push({
      rule: 'wrong-account',
      account: license.account,
      contract: contract.contract,
      subcontract: row.subcontract,
      amountMinor: 0,
      currency: null,
      evidence: {
        license: license.license,
        licenseAccount: license.account,
        contractAccount: contract.account,
      },
      sides: { agreed: [contractRecord(contract)], found: [licenseRecord(license)] },
      suggestion: `Register the license to ${contract.account}, or move the subcontract.`,
    });
  }
  return findings;
}

/**
 * `suspended-though-paid`: a suspended license whose reason is gone, where `paid-not-licensed` and `license-ends-early` are
 * silent: a perpetual license of a product that is paid for, or a full license beside which another one still serves.
 */
export function suspendedThoughPaid(scene: Scene): Told[] {
  const { index } = scene.book;
  const all = groupBy(index.book.licenses, (license) => license.subcontract);
  const findings: Told[] = [];
  for (const license of index.book.licenses) {
    if (license.state !== 'suspended' || license.kind !== 'full') continue;
    const row = index.subcontracts.get(license.subcontract ?? '');
    if (row === undefined) continue;
    const own = (all.get(row.subcontract) ?? []).filter(serves);
    const why = paidThough(scene, row, license, own);
    if (why === null) continue;
    const contract = index.contracts.get(ownerOn(scene, row));
    findings.push({
      rule: 'suspended-though-paid',
      account: contract?.account ?? license.account,
      contract: contract?.contract ?? null,
      subcontract: row.subcontract,
      amountMinor: 0,
      currency: null,
      evidence: { license: license.license, why },
      sides: { agreed: [subcontractRecord(row)], found: [license, ...own].map(licenseRecord) },
      suggestion: 'Switch it on again: what it licenses is paid.',
    });
  }
  return findings;
}

/** Why a suspended license should not be; null where it may, or where another rule tells it. */
function paidThough(
  scene: Scene,
  row: Row<'subcontracts'>,
  license: Row<'licenses'>,
  serving: readonly Row<'licenses'>[],
): string | null {
  const contract = ownerOn(scene, row);
  const kind = scene.book.index.products.get(row.sku)?.kind;
  if (kind === 'license') {
    const pairs = scene.contracts.get(contract)?.pairs ?? [];
    const own = pairs.filter(({ subcontract }) => subcontract === row.subcontract);
    const paid = own.length > 0 && own.every((pair) => isPaid(scene, pair) === true);
    return paid && serving.length === 0 ? 'the license is perpetual and paid' : null;
  }
  const through = paidThroughOf(scene, contract, row);
  if (through === null || (license.validThrough ?? through) < through) return null;
  const stands = serving.some(
    ({ validThrough }) => validThrough === null || validThrough >= through,
  );
  const full = serving.some((one) => one.kind === 'full');
  return stands && !full ? `the period is paid through ${through}` : null;
}
