/**
 * Compact memory of a million keys: what a streamed check keeps instead of rows. A key is kept as
 * 64 bits of hash and gets a dense number, under which typed columns keep what other tables ask
 * about. Two of a million different keys share a hash in fewer than one of ten million books.
 */

/** Keys in order of arrival, numbered from 0. */
export class KeyIndex {
  #slots = new Int32Array(1024);
  #hashes = new Uint32Array(1024);
  size = 0;

  /** The number of a key, or -1. */
  find(key: string): number {
    const [high, low] = hash64(key);
    return (this.#slots[this.#slotOf(high, low)] ?? 0) - 1;
  }

  /** Adds a key. @returns its number, and whether it was new. */
  add(key: string): { readonly id: number; readonly fresh: boolean } {
    const [high, low] = hash64(key);
    const slot = this.#slotOf(high, low);
    const taken = this.#slots[slot] ?? 0;
    if (taken > 0) return { id: taken - 1, fresh: false };
    const id = this.size;
    this.size += 1;
    this.#slots[slot] = id + 1;
    if (this.#hashes.length < this.size * 2) {
      const wider = new Uint32Array(this.#hashes.length * 2);
      wider.set(this.#hashes);
      this.#hashes = wider;
    }
    this.#hashes[id * 2] = high;
    this.#hashes[id * 2 + 1] = low;
    if (this.size * 2 > this.#slots.length) this.#widen();
    return { id, fresh: true };
  }

  /**
   * The slot that holds a hash, or the free one where it belongs (open addressing, linear probing).
   */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const id = (this.#slots[slot] ?? 0) - 1;
      if (id < 0) return slot;
      if (this.#hashes[id * 2] === high && this.#hashes[id * 2 + 1] === low) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #widen(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let id = 0; id < this.size; id += 1) {
      const slot = this.#slotOf(this.#hashes[id * 2] ?? 0, this.#hashes[id * 2 + 1] ?? 0);
      this.#slots[slot] = id + 1;
    }
  }
}

/** Two independent 32-bit mixes over the characters (after cyrb53, public domain). */
function hash64(key: string): readonly [number, number] {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < key.length; at += 1) {
    const code = key.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a >>> 0, b >>> 0];
}

/** A column of whole numbers that grows; what was never set reads as `empty`. */
export class IntColumn {
  readonly #empty: number;
  #values: Int32Array;

  constructor(empty: number) {
    this.#empty = empty;
    this.#values = new Int32Array(256).fill(empty);
  }

  get(id: number): number {
    return this.#values[id] ?? this.#empty;
  }

  set(id: number, value: number): void {
    if (id >= this.#values.length) {
      const wider = new Int32Array(Math.max(id + 1, this.#values.length * 2)).fill(this.#empty);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[id] = value;
  }
}

/**
 * A column of amounts in minor units (safe integers) that grows; NaN is "not given" where `empty`
 * is NaN.
 */
export class AmountColumn {
  readonly #empty: number;
  #values: Float64Array;

  constructor(empty: number) {
    this.#empty = empty;
    this.#values = new Float64Array(256).fill(empty);
  }

  get(id: number): number {
    return this.#values[id] ?? this.#empty;
  }

  set(id: number, value: number): void {
    if (id >= this.#values.length) {
      const wider = new Float64Array(Math.max(id + 1, this.#values.length * 2)).fill(this.#empty);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[id] = value;
  }

  add(id: number, amount: number): void {
    this.set(id, this.get(id) + amount);
  }
}

/** A few distinct words (currencies, price lists) as small numbers; 0 is "none". */
export class WordList {
  readonly #numbers = new Map<string, number>();
  readonly #words: string[] = [''];

  number(word: string | null): number {
    if (word === null) return 0;
    const known = this.#numbers.get(word);
    if (known !== undefined) return known;
    const owned = Buffer.from(word, 'utf16le').toString('utf16le');
    this.#numbers.set(owned, this.#words.length);
    return this.#words.push(owned) - 1;
  }

  word(number: number): string | null {
    return number === 0 ? null : (this.#words[number] ?? null);
  }
}
