/**
 * The subset search of billing rules §7.4: which of a payer's balances sum to the amount. It meets in the middle: the
 * sums of either half, sorted, are walked towards each other, so that 2 × 2^(n/2) sums decide over 2^n subsets.
 */

/** The most balances that are searched: 2^18 sums a half, some megabytes and milliseconds. */
export const SUBSET_SEARCH_LIMIT = 36;

export interface SubsetSearch {
  /** False where there were too many balances: the answer is then unknown, not "none". */
  readonly complete: boolean;
  /** Indexes into the balances, ascending; at most `atMost` subsets. */
  readonly subsets: readonly (readonly number[])[];
}

interface Half {
  readonly sums: Float64Array; // safe integers, ascending
  readonly masks: Uint32Array;
}

/** Every sum of a half, ascending: each balance merges the sums so far with themselves plus it. */
function sumsOf(balances: readonly number[]): Half {
  let half: Half = { sums: new Float64Array(1), masks: new Uint32Array(1) };
  for (const [bit, balance] of balances.entries()) half = merged(half, balance, 1 << bit);
  return half;
}

function merged({ sums, masks }: Half, balance: number, bit: number): Half {
  const size = sums.length;
  const next: Half = { sums: new Float64Array(2 * size), masks: new Uint32Array(2 * size) };
  let without = 0;
  let withIt = 0;
  for (let at = 0; at < 2 * size; at += 1) {
    const a = without < size ? (sums[without] ?? 0) : Number.POSITIVE_INFINITY;
    const b = withIt < size ? (sums[withIt] ?? 0) + balance : Number.POSITIVE_INFINITY;
    if (a <= b) {
      next.sums[at] = a;
      next.masks[at] = masks[without] ?? 0;
      without += 1;
    } else {
      next.sums[at] = b;
      next.masks[at] = (masks[withIt] ?? 0) | bit;
      withIt += 1;
    }
  }
  return next;
}

/**
 * Subsets of at least two balances that sum to the target.
 * @param balances positive integers in minor units
 * @param atMost how many subsets to look for; two already mean that the match is ambiguous
 */
export function subsetsThatSum(
  target: number,
  balances: readonly number[],
  atMost: number,
): SubsetSearch {
  const usable = balances.flatMap((balance, index) =>
    balance > 0 && balance <= target ? [{ balance, index }] : [],
  );
  const total = usable.reduce((sum, { balance }) => sum + BigInt(balance), 0n);
  if (total < BigInt(target)) return { complete: true, subsets: [] };
  if (total === BigInt(target)) {
    const all = usable.map(({ index }) => index);
    return { complete: true, subsets: all.length < 2 ? [] : [all] };
  }
  if (usable.length > SUBSET_SEARCH_LIMIT) return { complete: false, subsets: [] };
  const middle = usable.length >> 1;
  const low = sumsOf(usable.slice(0, middle).map(({ balance }) => balance));
  const high = sumsOf(usable.slice(middle).map(({ balance }) => balance));
  const subsets: number[][] = [];
  for (const [lowMask, highMask] of pairsThatSum(target, low, high)) {
    const chosen = usable.filter((_, at) =>
      at < middle ? (lowMask >> at) & 1 : (highMask >> (at - middle)) & 1,
    );
    if (chosen.length < 2) continue;
    subsets.push(chosen.map(({ index }) => index));
    if (subsets.length >= atMost) break;
  }
  return { complete: true, subsets };
}

function* pairsThatSum(target: number, low: Half, high: Half): Generator<[number, number]> {
  let end = high.sums.length - 1;
  for (let at = 0; at < low.sums.length; at += 1) {
    const wanted = target - (low.sums[at] ?? 0);
    while (end >= 0 && (high.sums[end] ?? 0) > wanted) end -= 1;
    for (let twin = end; twin >= 0 && high.sums[twin] === wanted; twin -= 1)
      yield [low.masks[at] ?? 0, high.masks[twin] ?? 0];
  }
}
