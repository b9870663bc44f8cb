/** Days and exact numbers of the reference, on JavaScript's own calendar and big integers: nothing of domain/ is used. */

/** Days since 1970-01-01. */
export type Day = number;

export const dayOf = (text: string): Day => {
  const [y, m, d] = text.split('-').map(Number);
  return Date.UTC(y ?? 0, (m ?? 1) - 1, d ?? 1) / 86_400_000;
};
export const textOf = (day: Day): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

/** n calendar months later; a day that the month does not have becomes its last. */
export function monthsAfter(day: Day, months: number): Day {
  const from = new Date(day * 86_400_000);
  const year = from.getUTCFullYear();
  const month = from.getUTCMonth() + months;
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(from.getUTCDate(), last)) / 86_400_000;
}

export function endOfMonthAfter(day: Day, months: number): Day {
  const from = new Date(day * 86_400_000);
  return Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0) / 86_400_000;
}

/** An exact number n/d with d > 0. */
export class Q {
  readonly n: bigint;
  readonly d: bigint;
  constructor(n: bigint, d: bigint) {
    this.n = d < 0n ? -n : n;
    this.d = d < 0n ? -d : d;
  }
  static of(text: string | number): Q {
    const [whole = '0', places = ''] = String(text).split('.');
    return new Q(BigInt(whole + places), 10n ** BigInt(places.length));
  }
  plus(o: Q): Q {
    return new Q(this.n * o.d + o.n * this.d, this.d * o.d);
  }
  minus(o: Q): Q {
    return new Q(this.n * o.d - o.n * this.d, this.d * o.d);
  }
  times(o: Q): Q {
    return new Q(this.n * o.n, this.d * o.d);
  }
  over(o: Q): Q {
    return new Q(this.n * o.d, this.d * o.n);
  }
  less(o: Q): boolean {
    return this.n * o.d < o.n * this.d;
  }
  get zero(): boolean {
    return this.n === 0n;
  }
  /** 1 − this %. */
  get off(): Q {
    return Q.of(1).minus(this.over(Q.of(100)));
  }
  /** Half away from zero. */
  round(): number {
    const sign = this.n < 0n ? -1n : 1n;
    const twice = 2n * this.n * sign;
    const whole = twice / (2n * this.d);
    const rest = twice - whole * 2n * this.d;
    return Number(sign * (rest >= this.d ? whole + 1n : whole));
  }
}

const DECIMALS: Readonly<Record<string, number>> = { EUR: 2, USD: 2, JPY: 0, KWD: 3 };
/** An exact amount in the major unit as minor units. */
export const minor = (major: Q, currency: string): number =>
  major.times(new Q(10n ** BigInt(DECIMALS[currency] ?? 2), 1n)).round();
