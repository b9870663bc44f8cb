/**
 * How another program's values become the book's: its word for a frequency, its states, its product codes. What a file writes
 * is counted by column; words that are known in English, German and French are suggested, a person decides about the rest,
 * and all of it is saved with the source's mapping.
 */
import type { TableName } from '../../domain/book/tables.ts';
import { readCell } from './cells.ts';
import type { BookMapping, FileMapping } from './mapping.ts';
import { normalizedName, tableSpec } from './rows.ts';
import type { BookSource, TableSource } from './source.ts';

/** Theirs → ours, by header; an empty text of ours leaves the cell empty. Case and outer spaces of theirs do not count. */
export type ValueMapping = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One value of a column as a file writes it. */
export interface FoundValue {
  readonly value: string;
  /** In how many of the rows that were looked at. */
  readonly count: number;
  /** Whether the book takes it as it stands. */
  readonly accepted: boolean;
}
/** A column whose values can be mapped, with those that stand there. */
export interface FoundColumn {
  readonly header: string;
  readonly column: string;
  /** What the book takes there; empty where it is no short list. */
  readonly choices: readonly string[];
  /** What the choices are called, where they have names. */
  readonly names: Readonly<Record<string, string>>;
  /** The most frequent first; those that are not taken before those that are. */
  readonly values: readonly FoundValue[];
}
/** By file. */
export type FoundValues = Readonly<Record<string, readonly FoundColumn[]>>;

/** More different values than this are no list of words; more rows than that tell nothing new. */
const VALUES_MOST = 60;
const ROWS_MOST = 200_000;
const PRODUCTS_MOST = 2_000;

export const valueKey = (value: string): string => value.trim().toLowerCase();

/** What a cell says in the book's words. */
export function mappedValue(
  values: Readonly<Record<string, string>> | undefined,
  cell: string,
): string | null {
  if (values === undefined) return null;
  const key = valueKey(cell);
  if (key === '') return null;
  const found = Object.entries(values).find(([theirs]) => valueKey(theirs) === key);
  return found === undefined ? null : found[1];
}

const FREQUENCIES = ['monthly', 'quarterly', 'semiannual', 'annual', '2 years', '3 years'];

/** What a column takes, where that is a list of words; null where it is anything else. */
function choicesOf(
  table: TableName,
  column: string,
  products: ReadonlyMap<string, string>,
): readonly string[] | null {
  const spec = tableSpec(table).columns[column];
  if (spec === undefined) return null;
  if (spec.values !== undefined) return spec.values;
  if (spec.kind === 'frequency') return FREQUENCIES;
  if (spec.kind === 'boolean') return ['yes', 'no'];
  if (spec.kind === 'country' || spec.kind === 'currency' || spec.kind === 'paymentTerms')
    return [];
  return spec.references === 'products' ? [...products.keys()] : null;
}

function isAccepted(
  table: TableName,
  column: string,
  value: string,
  products: ReadonlyMap<string, string>,
): boolean {
  const spec = tableSpec(table).columns[column];
  if (spec === undefined) return true;
  if (spec.references === 'products') return products.size === 0 || products.has(value.trim());
  return readCell(spec, value).ok;
}

/**
 * The values of every column that takes a list of words, as the files write them.
 * @param source opened with the files' columns mapped and without any mapped values
 */
export async function foundValues(source: BookSource, mapping: BookMapping): Promise<FoundValues> {
  const products = await productsIn(source);
  const found: Record<string, readonly FoundColumn[]> = {};
  for (const table of source.tables.values()) {
    const columns = await columnsIn(table, fileIn(mapping, table.file), products);
    if (columns.length > 0) found[table.file] = columns;
  }
  return found;
}

const fileIn = (mapping: BookMapping, file: string): FileMapping | null =>
  mapping.files.find((one) => one.file === file) ?? null;

/** SKU → name, as the upload's own products say. */
async function productsIn(source: BookSource): Promise<ReadonlyMap<string, string>> {
  const products = new Map<string, string>();
  const table = source.tables.get('products');
  if (table === undefined) return products;
  let at: { readonly sku: number; readonly name: number } | null = null;
  for await (const batch of table.records())
    for (const { cells, problem } of batch) {
      if (problem !== undefined || cells.every((cell) => cell.trim() === '')) continue;
      if (at === null) {
        const names = cells.map(normalizedName);
        at = { sku: names.indexOf('sku'), name: names.indexOf('name') };
        continue;
      }
      const sku = cells[at.sku]?.trim() ?? '';
      // More than can be chosen from are not compared with.
      if (sku !== '' && products.size < PRODUCTS_MOST) products.set(sku, cells[at.name] ?? '');
    }
  return products;
}

interface Counting {
  readonly header: string;
  readonly column: string;
  readonly at: number;
  readonly choices: readonly string[];
  readonly counts: Map<string, number>;
}

async function columnsIn(
  { table, records }: TableSource,
  file: FileMapping | null,
  products: ReadonlyMap<string, string>,
): Promise<FoundColumn[]> {
  let counting: Counting[] | null = null;
  let rows = 0;
  for await (const batch of records()) {
    for (const { cells, problem } of batch) {
      if (problem !== undefined || cells.every((cell) => cell.trim() === '')) continue;
      if (counting === null) counting = countingOf(table, file, cells, products);
      else if (++rows <= ROWS_MOST) for (const one of counting) count(one, cells[one.at]);
    }
    if (rows > ROWS_MOST) break;
  }
  const names = Object.fromEntries(products);
  return (counting ?? [])
    .filter(({ counts }) => counts.size > 0 && counts.size <= VALUES_MOST)
    .map(({ header, column, choices, counts }) => ({
      header,
      column,
      choices,
      names: tableSpec(table).columns[column]?.references === 'products' ? names : {},
      values: [...counts]
        .map(([value, times]) => ({
          value,
          count: times,
          accepted: isAccepted(table, column, value, products),
        }))
        .sort(
          (a, b) =>
            Number(a.accepted) - Number(b.accepted) ||
            b.count - a.count ||
            (a.value < b.value ? -1 : 1),
        ),
    }));
}

function countingOf(
  table: TableName,
  file: FileMapping | null,
  names: readonly string[],
  products: ReadonlyMap<string, string>,
): Counting[] {
  const columns = Object.keys(tableSpec(table).columns);
  return names.flatMap((name, at): Counting[] => {
    const column = columns.find((one) => normalizedName(one) === normalizedName(name));
    if (column === undefined) return [];
    const choices = choicesOf(table, column, products);
    if (choices === null) return [];
    const header =
      Object.entries(file?.columns ?? {}).find(([, target]) => target === name)?.[0] ?? name;
    return [{ header, column, at, choices, counts: new Map() }];
  });
}

function count({ counts }: Counting, cell: string | undefined): void {
  const value = cell?.trim() ?? '';
  // One more than the most is enough to know that it is no list of words.
  if (value === '' || (counts.size > VALUES_MOST && !counts.has(value))) return;
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

/**
 * Adds what is suggested for values that the book does not take.
 * @param again also to columns whose values a person has decided about before: a source's next file brings new ones
 */
export function withSuggestedValues(
  mapping: BookMapping,
  found: FoundValues,
  again: boolean,
): BookMapping {
  return {
    files: mapping.files.map((file) => {
      const values: Record<string, Readonly<Record<string, string>>> = { ...file.values };
      for (const column of found[file.file] ?? []) {
        const decided = file.values[column.header];
        if (decided !== undefined && !again) continue;
        const suggested = suggestionsFor(column, decided ?? {});
        if (Object.keys(suggested).length > 0) values[column.header] = { ...suggested, ...decided };
      }
      return { ...file, values };
    }),
  };
}

function suggestionsFor(
  { column, choices, names, values }: FoundColumn,
  decided: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    values.flatMap(({ value, accepted }) => {
      if (accepted || mappedValue(decided, value) !== null) return [];
      const ours = suggestedValue(column, choices, value, names);
      return ours === null ? [] : [[value, ours]];
    }),
  );
}

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** The book's value that a word most likely means; null where none comes near. */
export function suggestedValue(
  column: string,
  choices: readonly string[],
  value: string,
  names: Readonly<Record<string, string>> = {},
): string | null {
  const word = plain(value);
  if (column === 'currency' && Object.hasOwn(SIGNS, value.trim()))
    return SIGNS[value.trim()] ?? null;
  if (word === '') return null;
  const named = choices.filter((choice) => plain(names[choice] ?? '') === word);
  const same = choices.filter((choice) => plain(choice) === word);
  if (same.length === 1) return same[0] ?? null;
  if (same.length === 0 && named.length === 1) return named[0] ?? null;
  if (column === 'payment_terms') return termsIn(value);
  if (column === 'billing_frequency') {
    const years = /^(?:alle|every|tousles)?([2-9])(?:years?|jahre?|jahrlich|ans|yearly)$/.exec(
      word,
    );
    if (years?.[1] !== undefined) return `${years[1]} years`;
  }
  const known = Object.entries(wordsFor(column, choices)).filter(([, words]) =>
    words.includes(word),
  );
  return known.length === 1 ? (known[0]?.[0] ?? null) : null;
}

/** `30 Tage netto`, `net30`, `30`: net 30; `sofort`: due on receipt. */
function termsIn(value: string): string | null {
  const word = value
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  if (/^(sofort|immediately?|prompt|due on receipt|zahlbar sofort|comptant)$/.test(word))
    return 'due on receipt';
  const days = /^(?:net(?:to)? ?)?(\d{1,3})(?: ?(?:tage?|days?|jours|d|t))?(?: ?net(?:to)?)?$/.exec(
    word,
  );
  return days?.[1] === undefined ? null : `net ${Number(days[1])}`;
}

/** Words of other programs for the book's values, without accents and signs. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  monthly: ['month', 'monat', 'monatlich', 'mensuel', 'm', '1month', '1monat', 'permonth', 'mtl'],
  quarterly: ['quarter', 'quartal', 'vierteljahrlich', 'quartalsweise', 'trimestriel', 'q', '3months',
    '3monate', 'quartalsmassig'], // biome-ignore format: one value a line or two
  semiannual: ['halfyearly', 'halbjahrlich', 'semiannually', 'biannual', 'semestriel', 'h', '6months',
    '6monate', 'halbjahr'], // biome-ignore format: as above
  annual: ['yearly', 'year', 'annually', 'jahrlich', 'jahr', 'annuel', 'y', 'j', 'a', '12months', '12monate',
    '1year', '1jahr', 'peryear', 'perannum', 'jahrl'], // biome-ignore format: as above
  yes: ['ja', 'y', 'j', 'oui', 'x', 'wahr', 'vrai', 'on', 'an', 't'],
  no: ['nein', 'n', 'non', 'falsch', 'faux', 'off', 'aus', 'f'],
  draft: ['entwurf', 'brouillon', 'inplanung', 'angebot'],
  active: [
    'aktiv',
    'actif',
    'live',
    'running',
    'laufend',
    'current',
    'inkraft',
    'open',
    'offen',
    'enabled',
  ],
  suspended: [
    'gesperrt',
    'pausiert',
    'paused',
    'onhold',
    'hold',
    'suspendu',
    'ruhend',
    'ausgesetzt',
  ],
  terminated: ['gekundigt', 'cancelled', 'canceled', 'ended', 'beendet', 'resilie', 'storniert'],
  lapsed: ['abgelaufen', 'expired', 'expire', 'ausgelaufen'],
  closed: ['geschlossen', 'inactive', 'inaktiv', 'ferme', 'archived', 'gesperrt', 'ausgeschieden'],
  business: [
    'company',
    'firma',
    'b2b',
    'unternehmen',
    'geschaftlich',
    'organisation',
    'organization',
  ],
  consumer: ['person', 'private', 'privat', 'b2c', 'privatkunde', 'individual', 'verbraucher'],
  billing: [
    'rechnung',
    'invoice',
    'invoicing',
    'buchhaltung',
    'accounting',
    'accountspayable',
    'kreditoren',
  ],
  technical: ['technik', 'technisch', 'it', 'admin', 'administrator', 'support'],
  owner: ['inhaber', 'besitzer', 'verantwortlich', 'responsible'],
  signatory: ['unterzeichner', 'signer', 'zeichnungsberechtigt'],
  maintenance: ['wartung', 'pflege', 'softwarepflege', 'support', 'maint'],
  subscription: ['abo', 'abonnement', 'saas', 'miete', 'rental', 'sub'],
  license: ['lizenz', 'licence', 'perpetual', 'kauflizenz'],
  service: ['dienstleistung', 'services', 'beratung', 'consulting', 'training', 'schulung'],
  usage: ['verbrauch', 'nutzung', 'metered', 'consumption'],
  goods: ['ware', 'hardware', 'physical', 'handelsware'],
  fee: ['gebuhr', 'pauschale', 'charge', 'frais'],
  open: ['offen', 'neu', 'new', 'inprogress', 'prospecting', 'negotiation'],
  closed_won: ['won', 'gewonnen', 'closedwon', 'beauftragt', 'ordered', 'win'],
  closed_lost: ['lost', 'verloren', 'closedlost', 'abgelehnt'],
  cancelled: ['storniert', 'canceled', 'annule', 'abgebrochen'],
  invoice: ['rechnung', 'rg', 're', 'inv', 'facture', 'ausgangsrechnung'],
  credit_note: ['gutschrift', 'gs', 'creditmemo', 'credit', 'stornorechnung', 'avoir', 'cn'],
  late_charge: ['mahngebuhr', 'verzugszinsen', 'latefee', 'interest'],
  received: ['eingegangen', 'erhalten', 'paid', 'bezahlt', 'cleared', 'settled'],
  returned: [
    'rucklastschrift',
    'ruckgabe',
    'bounced',
    'chargedback',
    'chargeback',
    'returneddebit',
  ],
  refunded: ['erstattet', 'zuruckgezahlt', 'refund'],
  full: ['vollversion', 'voll', 'permanent', 'production', 'produktiv'],
  temporary: ['temporar', 'temp', 'befristet', 'grace'],
  evaluation: ['test', 'trial', 'demo', 'eval', 'testversion'],
  enabled: ['aktiv', 'active', 'freigeschaltet', 'on', 'valid', 'gultig'],
  superseded: ['ersetzt', 'replaced'],
  revoked: ['gesperrt', 'widerrufen', 'disabled', 'blocked'],
  mail: ['email', 'emailpdf', 'pdf', 'elektronisch'],
  portal: ['web', 'download', 'kundenportal'],
  volume: ['menge', 'staffel', 'staffelpreis'],
  graduated: ['tiered', 'gestaffelt'],
  exclusive: ['netto', 'net', 'excl', 'zzgl', 'exkl'],
  inclusive: ['brutto', 'gross', 'incl', 'inkl'],
};
/** Countries as people write them. */
const COUNTRIES: Readonly<Record<string, readonly string[]>> = {
  DE: ['germany', 'deutschland', 'd', 'allemagne', 'deu', 'brd'],
  AT: ['austria', 'osterreich', 'autriche', 'aut'],
  CH: ['switzerland', 'schweiz', 'suisse', 'che'],
  FR: ['france', 'frankreich', 'f', 'fra'],
  NL: ['netherlands', 'niederlande', 'holland', 'nld'],
  BE: ['belgium', 'belgien', 'belgique', 'bel'],
  IT: ['italy', 'italien', 'italia', 'i', 'ita'],
  ES: ['spain', 'spanien', 'espana', 'e', 'esp'],
  PL: ['poland', 'polen', 'polska', 'pol'],
  CZ: ['czechia', 'tschechien', 'czechrepublic', 'cze'],
  DK: ['denmark', 'danemark', 'danmark', 'dnk'],
  SE: ['sweden', 'schweden', 'sverige', 'swe'],
  GB: ['uk', 'unitedkingdom', 'greatbritain', 'england', 'grossbritannien', 'gbr'],
  US: ['usa', 'unitedstates', 'unitedstatesofamerica', 'vereinigtestaaten', 'america'],
  CA: ['canada', 'kanada', 'can'],
};
const CURRENCIES: Readonly<Record<string, readonly string[]>> = {
  EUR: ['euro', 'euros'],
  USD: ['dollar', 'usdollar', 'dollars'],
  GBP: ['pound', 'pounds', 'pfund'],
  CHF: ['franken', 'sfr', 'francs'],
};
const SIGNS: Readonly<Record<string, string>> = { '€': 'EUR', $: 'USD', '£': 'GBP' };

function wordsFor(
  column: string,
  choices: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  if (column.endsWith('country')) return COUNTRIES;
  if (column === 'currency') return CURRENCIES;
  return Object.fromEntries(choices.map((choice) => [choice, WORDS[choice] ?? []]));
}
