/**
 * `invoice-unusual`: what an invoice bills for a day of a subcontract, against the same subcontract's earlier periods and
 * against what other subcontracts of the same product did. Robust statistics: the median, and the median absolute deviation
 * (MAD) from it, which a few wild values do not move. All in whole numbers; a change is in thousandths (1000 is no change).
 */
import { type PairBalance, RECURRING_KINDS } from '../charges/unbilled.ts';
import { addMonths, type CivilDate, daysBetween } from '../dates/dates.ts';
import { fixed } from '../money/decimal.ts';
import type { Told } from './finding.ts';
import { lineRecord, subcontractRecord } from './records.ts';
import type { Look, Scene } from './scene.ts';

/** Looked at: what was issued within this many months. */
const RECENT_MONTHS = 13;
/** A change to three times or to a third is worth a look, if it is unusual. */
const HIGH = 3000;
const LOW = 333;
/** Further from the median than this many tenths of MADs (3.5 standard deviations of a normal spread). */
const TENTHS_OF_MADS = 52;
/** Prices rise by a few percent a year: a spread of less than 5 % is taken for one of 5 %. */
const SPREAD_LEAST = 50;
/** Fewer peers, or fewer periods of its own, tell nothing. */
const PEERS_LEAST = 8;
const OWN_LEAST = 4;

interface Change {
  readonly pair: PairBalance;
  readonly currency: string;
  readonly account: string;
  readonly sku: string;
  /** Per day in thousandths of a minor unit: now, and in the earlier periods. */
  readonly level: number;
  readonly earlier: readonly number[];
  /** Thousandths of the median of the earlier ones. */
  readonly change: number;
}

/** Looks at the parts of a book one after the other: peers are of the whole book. */
export class UnusualInvoices implements Look {
  readonly #changes = new Map<string, number[]>();
  readonly #candidates: { change: Change; sides: Told['sides'] }[] = [];

  look(scene: Scene): void {
    for (const { terms, pairs } of scene.contracts.values()) {
      const { currency, row } = terms;
      for (const own of bySubcontract(pairs)) {
        const subcontract = scene.book.index.subcontracts.get(own[0]?.subcontract ?? '');
        const kind = scene.book.index.products.get(subcontract?.sku ?? '')?.kind;
        if (subcontract === undefined || !RECURRING_KINDS.has(kind ?? '')) continue;
        for (const found of changesOf(own, scene.asOf)) {
          const change = { ...found, currency, account: row.account, sku: subcontract.sku };
          const peers = this.#changes.get(change.sku);
          if (peers === undefined) this.#changes.set(change.sku, [change.change]);
          else peers.push(change.change);
          if (!isWild(change.change)) continue;
          const lines = change.pair.billedLines.map((line) => lineRecord(line.row));
          const sides = { agreed: [subcontractRecord(subcontract)], found: lines };
          this.#candidates.push({ change, sides });
        }
      }
    }
  }

  tell(): Told[] {
    return this.#candidates.flatMap(({ change, sides }) => {
      const peers = this.#changes.get(change.sku) ?? [];
      const amongPeers = peers.length >= PEERS_LEAST ? spread(peers) : null;
      const amongOwn = change.earlier.length >= OWN_LEAST ? spread(change.earlier) : null;
      if (amongPeers === null && amongOwn === null) return [];
      if (amongPeers !== null && !isFar(change.change, amongPeers, SPREAD_LEAST)) return [];
      if (amongOwn !== null && !isFar(change.level, amongOwn, perMille(amongOwn.median, 20_000)))
        return [];
      return [toldOf(change, sides, amongPeers, amongOwn, peers.length)];
    });
  }
}

function isWild(change: number): boolean {
  return change >= HIGH || change <= LOW;
}

function bySubcontract(pairs: readonly PairBalance[]): PairBalance[][] {
  const groups = new Map<string, PairBalance[]>();
  for (const pair of pairs) {
    if (pair.component !== 'advance' || pair.billedLines.length === 0) continue;
    const group = groups.get(pair.subcontract);
    if (group === undefined) groups.set(pair.subcontract, [pair]);
    else group.push(pair);
  }
  return [...groups.values()];
}

/** The recent periods that have an earlier one, each with its change from the median of those before it. */
function changesOf(own: readonly PairBalance[], asOf: CivilDate) {
  const since = addMonths(asOf, -RECENT_MONTHS);
  const levels = own.map(levelOf);
  return own.flatMap((pair, position) => {
    const level = levels[position] ?? null;
    const earlier = levels.slice(0, position).filter((one): one is number => one !== null);
    const issuedOn = pair.billedLines.at(-1)?.issuedOn ?? '';
    // What is not even is told exactly, as billed too little or too much.
    const isEven = pair.expectedMinor === pair.billedMinor;
    if (level === null || earlier.length === 0 || issuedOn < since || !isEven) return [];
    const { median } = spread(earlier);
    const last = earlier.at(-1) ?? 0;
    if (median <= 0 || last <= 0) return [];
    const change = perMille(level, median);
    // What the period before had already was told then.
    if (isWild(change) && !isWild(perMille(level, last))) return [];
    return [{ pair, level, earlier, change }];
  });
}

/** What a period bills per day that the subcontract is charged for, in thousandths of a minor unit; null for no day. */
function levelOf({ billedLines, charges }: PairBalance): number | null {
  const days = charges.reduce((sum, { from, to }) => sum + daysBetween(from, to), 0);
  const net = billedLines.reduce((sum, line) => sum + line.netMinor, 0);
  return days > 0 ? perMille(net, days) : null;
}

/** Thousandths of a whole, towards zero. */
function perMille(part: number, whole: number): number {
  return Number((BigInt(part) * 1000n) / BigInt(whole));
}

interface Spread {
  readonly median: number;
  /** The median absolute deviation from the median. */
  readonly mad: number;
}

function spread(values: readonly number[]): Spread {
  const median = medianOf(values);
  return { median, mad: medianOf(values.map((value) => Math.abs(value - median))) };
}

/** The middle value; of an even number the lower of the two in the middle. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}

function isFar(value: number, { median, mad }: Spread, least: number): boolean {
  return Math.abs(value - median) * 10 > TENTHS_OF_MADS * Math.max(mad, least);
}

function toldOf(
  { pair, currency, account, sku, earlier, change }: Change,
  sides: Told['sides'],
  amongPeers: Spread | null,
  amongOwn: Spread | null,
  peers: number,
): Told {
  const times = (thousandths: number) => `${fixed(BigInt(thousandths), 3)} ×`;
  const high = change >= HIGH;
  return {
    rule: 'invoice-unusual',
    account,
    contract: pair.contract,
    subcontract: pair.subcontract,
    amountMinor: 0,
    currency,
    evidence: {
      periodStart: pair.period.start,
      invoices: [...new Set(pair.billedLines.map(({ invoice }) => invoice))],
      sku,
      change: `${times(change)} the median of ${earlier.length} earlier periods`,
      peers:
        amongPeers === null
          ? null
          : `${peers} of ${sku}: median ${times(amongPeers.median)}, MAD ${times(amongPeers.mad)}`,
      own: amongOwn === null ? null : `${earlier.length} periods of its own agree`,
    },
    sides,
    suggestion: `It bills unusually ${high ? 'much' : 'little'}: look at quantity and price before it is paid.`,
  };
}
