/**
 * Invoice and contract numbers in a remittance text (billing rules §7.2): spaces, dashes, case and O/0 do not matter, and a
 * number counts only where it stands alone, not as a piece of a longer one.
 */

export interface Mentions {
  /** Numbers of open invoices that the text names. */
  readonly invoices: readonly string[];
  /** Numbers of contracts that the text names. */
  readonly contracts: readonly string[];
  /** What looks like an open invoice's number (same letters, same count of digits) but is none. */
  readonly lookAlikes: readonly string[];
  /** Places of the text that can be read as more than one number. */
  readonly ambiguous: readonly string[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Candidate extends Span {
  readonly kind: 'invoice' | 'contract';
  readonly number: string;
  /** Read across a space or dash where the number itself has none. */
  readonly bridged: boolean;
}

const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D\u00AD]/g;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,4})?\b/g;
const DATE = /\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2}))\b/g;
const PHONE = /(?<=^|[\s.:(])\+\d{1,3}[ /(-][\d /()-]{4,18}\d/g;
const OWN_GAP = '[\\s\\-/._:#]{0,3}';
const ANY_GAP = '[\\s-]{0,2}';

/** One spelling for comparison: compatibility forms folded, upper case, one dash, one space. */
function canonical(text: string): string {
  return text.normalize('NFKC').toUpperCase().replace(DASHES, '-').replace(/\s/g, ' ');
}

/** The characters of a number, each with whether a gap before it belongs to the number's own form. */
function skeleton(number: string): { char: string; ownGap: boolean }[] {
  const found: { char: string; ownGap: boolean }[] = [];
  let separated = false;
  for (const char of canonical(number)) {
    if (!/[\p{L}\p{N}]/u.test(char)) {
      separated = true;
      continue;
    }
    const before = found.at(-1)?.char;
    const kindChanges = before !== undefined && /\d/.test(before) !== /\d/.test(char);
    found.push({ char, ownGap: separated || kindChanges });
    separated = false;
  }
  return found;
}

/**
 * The identity of a number, whatever its spaces, dashes and case and whether an O is a 0: two spellings with one key name
 * one number.
 */
export function numberKey(number: string): string {
  return skeleton(number)
    .map(({ char }) => (char === 'O' ? '0' : char))
    .join('');
}

const isBare = (number: string) => !/\p{L}/u.test(number);

/** A pattern for a number; `otherGap` is allowed where the number has no separator, `digit` stands for its digits. */
function pattern(number: string, otherGap: string, digit?: string): string {
  return skeleton(number)
    .map(({ char, ownGap }, index) => {
      const gap = index === 0 ? '' : ownGap ? OWN_GAP : otherGap;
      if (digit !== undefined && /\d/.test(char)) return gap + digit;
      return gap + (char === 'O' || char === '0' ? '[O0]' : char);
    })
    .join('');
}

function spansOf(text: string, source: string): Span[] {
  const spans: Span[] = [];
  const regex = new RegExp(source, 'gu');
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    spans.push({ start: match.index, end: match.index + match[0].length });
    // By a whole character: inside a surrogate pair the same match would come again, for ever.
    regex.lastIndex = match.index + ((text.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1);
  }
  return spans;
}

const isWordChar = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}]/u.test(char);

/** Whether a number may end here: no letter or digit follows, nor the rest of a longer number or amount. */
function endsFreely(text: string, end: number, bare: boolean): boolean {
  if (isWordChar(text[end])) return false;
  if (/^-\d/.test(text.slice(end, end + 2))) return false;
  return !bare || !/^[.,]\d{1,2}(?!\d)/.test(text.slice(end, end + 4));
}

function startsFreely(text: string, start: number, bare: boolean): boolean {
  if (isWordChar(text[start - 1])) return false;
  return !bare || !/\d[.,]$/.test(text.slice(Math.max(0, start - 2), start));
}

/** Numbers of digits alone are not looked for inside IBANs, dates and telephone numbers. */
function withoutOtherNumbers(text: string): string {
  const blank = (found: string) => '|'.repeat(found.length);
  return text.replace(IBAN, blank).replace(DATE, blank).replace(PHONE, blank);
}

/** Where a number is written, whatever stands around it. */
function writings(
  text: string,
  bareText: string,
  kind: Candidate['kind'],
  number: string,
): Candidate[] {
  const chars = skeleton(number);
  if (chars.length === 0) return [];
  const bare = isBare(number);
  const own = spansOf(bare ? bareText : text, pattern(number, ''));
  const candidates = own.map((span) => ({ ...span, kind, number, bridged: false }));
  if (bare && chars.length < 6) return candidates;
  const loose = pattern(number, ANY_GAP);
  const source = bare ? `(?<!\\d[\\s-]?)${loose}(?![\\s-]?\\d)` : loose;
  for (const span of spansOf(bare ? bareText : text, source)) {
    if (own.some((other) => other.start === span.start && other.end === span.end)) continue;
    candidates.push({ ...span, kind, number, bridged: true });
  }
  return candidates;
}

/** Keeps what stands alone; numbers written one after the other without a space vouch for each other. */
function standingAlone(text: string, candidates: readonly Candidate[]): Candidate[] {
  const starts = new Set(candidates.map(({ start }) => start));
  const ends = new Set(candidates.map(({ end }) => end));
  return candidates.filter(({ start, end, number }) => {
    const bare = isBare(number);
    const opens = startsFreely(text, start, bare) || (!bare && ends.has(start));
    const joined = text[end] === '-' && starts.has(end + 1);
    return opens && (endsFreely(text, end, bare) || joined || (!bare && starts.has(end)));
  });
}

const contains = (outer: Span, inner: Span) =>
  outer.start <= inner.start &&
  outer.end >= inner.end &&
  outer.end - outer.start > inner.end - inner.start;
const equal = (a: Span, b: Span) => a.start === b.start && a.end === b.end;
const overlap = (a: Span, b: Span) => a.start < b.end && b.start < a.end;

function lookAlikeSpans(
  text: string,
  bareText: string,
  numbers: readonly string[],
  known: readonly Candidate[],
): Span[] {
  const sources = new Map<string, boolean>();
  // Numbers of one series differ in their digits alone and look alike in the same way.
  for (const shape of new Set(numbers.map((number) => number.replace(/\d/g, '1'))))
    if (skeleton(shape).length > 0) sources.set(pattern(shape, '', '[O\\d]'), isBare(shape));
  const found: Span[] = [];
  for (const [source, bare] of sources) {
    for (const span of spansOf(bare ? bareText : text, source)) {
      const free = startsFreely(text, span.start, bare) && endsFreely(text, span.end, bare);
      if (!free || !/\d/.test(text.slice(span.start, span.end))) continue;
      // What a known number claims is its own; only a longer look-alike around it takes it away.
      if (known.some((candidate) => overlap(candidate, span) && !contains(span, candidate)))
        continue;
      if (!found.some((other) => equal(other, span))) found.push(span);
    }
  }
  return found;
}

/** Two numbers that claim the same place, or a longer one that is only read by bridging a shorter one's end. */
function clashes(candidates: readonly Candidate[]): Span[] {
  return candidates.filter((candidate, index) =>
    candidates.some((other, at) => {
      if (at === index || !overlap(candidate, other)) return false;
      if (equal(candidate, other))
        return candidate.kind === other.kind && candidate.number !== other.number;
      if (contains(candidate, other)) return candidate.bridged && !other.bridged;
      return !contains(other, candidate);
    }),
  );
}

/**
 * The numbers that a text names. The longest number wins where one holds another (`C-1042-01` is no mention of `C-1042`),
 * also where the longer one is only a look-alike.
 */
export function mentionsIn(
  text: string,
  invoiceNumbers: readonly string[],
  contractNumbers: readonly string[],
): Mentions {
  const plain = canonical(text);
  const bareText = withoutOtherNumbers(plain);
  // Most numbers of thousands are not in the text at all, which is seen without a pattern for each.
  const textKey = numberKey(plain);
  const find = (kind: Candidate['kind'], numbers: readonly string[]) =>
    numbers
      .filter((number) => textKey.includes(numberKey(number)))
      .flatMap((number) => writings(plain, bareText, kind, number));
  const written = standingAlone(plain, [
    ...find('invoice', invoiceNumbers),
    ...find('contract', contractNumbers),
  ]);
  const lookAlikes = lookAlikeSpans(plain, bareText, invoiceNumbers, written);
  const standing = written.filter(
    (candidate) => !lookAlikes.some((other) => contains(other, candidate)),
  );
  const known = standing.filter(
    (candidate) => !standing.some((other) => contains(other, candidate)),
  );
  const textOf = ({ start, end }: Span) => plain.slice(start, end);
  const numbers = (kind: Candidate['kind']) => [
    ...new Set(known.filter((one) => one.kind === kind).map(({ number }) => number)),
  ];
  return {
    invoices: numbers('invoice'),
    contracts: numbers('contract'),
    lookAlikes: [...new Set(lookAlikes.map(textOf))].sort(),
    ambiguous: [...new Set(clashes(standing).map(textOf))].sort(),
  };
}
