/**
 * The preview of a book that is too large for memory: part by part, the answers kept on disk and merged into the order of a
 * preview in memory. Same shape, same figures; what is set aside comes in the order of contracts.
 */
import { join } from 'node:path';
import { type DividedBook, LineFile, linesOf } from '../../connectors/book/divided-book.ts';
import type {
  BillDocument,
  BillRunPreview,
  Control,
  HeldFind,
  SetAside,
} from '../../domain/bill-run/document.ts';
import { type PreviewOptions, previewBillRun } from '../../domain/bill-run/preview.ts';

const LISTS = ['invoices', 'creditNotes', 'held', 'setAside', 'warnings'] as const;
type ListName = (typeof LISTS)[number];

/** Contracts first, then what accounts have without one, each in the order of their names. */
function contractFirst(contract: string, account: string): string {
  return contract === '' ? `1${account}` : `0${contract}`;
}

const PLACES = {
  document: ({ lines, account }: BillDocument) => contractFirst(lines[0]?.contract ?? '', account),
  held: ({ contract, account }: HeldFind) => contractFirst(contract, account ?? ''),
  setAside: ({ contract, account }: SetAside) => contractFirst(contract, account ?? ''),
};

/** An answer in parts. Its lists are read from disk as they are asked for. */
export class StreamedPreview {
  readonly run: string;
  readonly counts: Readonly<Record<ListName, number>>;
  readonly control: Control;
  readonly #files: readonly string[];

  constructor(
    run: string,
    counts: Readonly<Record<ListName, number>>,
    control: Control,
    files: readonly string[],
  ) {
    this.run = run;
    this.counts = counts;
    this.control = control;
    this.#files = files;
  }

  /** The items of a list as JSON, in the order of their contracts; a warning that several parts give comes once. */
  *items(list: ListName): Generator<string> {
    let last: string | null = null;
    for (const item of merged(this.#files.map((file) => `${file}-${list}`))) {
      if (list === 'warnings' && item === last) continue;
      last = item;
      yield item;
    }
  }

  /** The whole answer as one JSON document, in pieces. */
  *json(): Generator<string> {
    yield `{"run":${JSON.stringify(this.run)}`;
    for (const list of LISTS) {
      if (list === 'warnings') yield `,\n"control":${JSON.stringify(this.control)}`;
      yield `,\n"${list}":[`;
      let first = true;
      for (const item of this.items(list)) {
        yield `${first ? '' : ','}\n${item}`;
        first = false;
      }
      yield ']';
    }
    yield '}\n';
  }
}

/** Computes a divided book part by part. The answer lives as long as the book is open. */
export function previewInParts(
  divided: DividedBook,
  options: Pick<PreviewOptions, 'run' | 'contract'>,
): StreamedPreview {
  const counts = { invoices: 0, creditNotes: 0, held: 0, setAside: 0, warnings: 0 };
  const sums = new Map<string, Control[string]>();
  const files: string[] = [];
  const only = options.contract === undefined ? null : divided.partOf(options.contract);
  for (let number = 0; number < divided.count; number += 1) {
    if (only !== null && number !== only) continue;
    const { book, damaged } = divided.part(number);
    const preview = previewBillRun(book, { ...options, damaged });
    const file = join(divided.folder, `answer-${number}`);
    files.push(file);
    for (const list of LISTS) {
      const items = placed(preview, list);
      counts[list] += items.length;
      const lines = new LineFile(`${file}-${list}`);
      for (const { place, item } of items) lines.write(`${place}\t${item}`);
      lines.flush();
    }
    for (const [currency, more] of Object.entries(preview.control))
      sums.set(currency, added(sums.get(currency), more));
  }
  return new StreamedPreview(options.run, counts, Object.fromEntries(sums), files);
}

interface Placed {
  readonly place: string;
  readonly item: string;
}

/** A list's items as JSON with the key that they are merged by, in its order. */
function placed(preview: BillRunPreview, list: ListName): Placed[] {
  const put = <T>(items: readonly T[], place: (item: T) => string): Placed[] =>
    items
      .map((item) => ({ place: place(item).replace(/[\t\n\r]/g, ' '), item: JSON.stringify(item) }))
      .sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0));
  switch (list) {
    case 'invoices':
    case 'creditNotes':
      return put(preview[list], PLACES.document);
    case 'held':
      return put(preview.held, PLACES.held);
    case 'setAside':
      return put(preview.setAside, PLACES.setAside);
    case 'warnings':
      return put(preview.warnings, (warning) => warning);
  }
}

function added(sum: Control[string] | undefined, more: Control[string]): Control[string] {
  if (sum === undefined) return more;
  return {
    due: sum.due + more.due,
    invoiced: sum.invoiced + more.invoiced,
    credited: sum.credited + more.credited,
    held: sum.held + more.held,
    excluded: sum.excluded + more.excluded,
    setAside: sum.setAside + more.setAside,
    carried: sum.carried + more.carried,
  };
}

interface Head extends Placed {
  readonly rest: Iterator<string>;
}

/** Sorted files read side by side, the smallest key first. */
function* merged(paths: readonly string[]): Generator<string> {
  const heads: Head[] = [];
  for (const path of paths) advance(heads, linesOf(path));
  for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
    yield head.item;
    advance(heads, head.rest);
  }
}

/** Puts a file's next line among the others; the smallest is last, where taking it costs nothing. */
function advance(heads: Head[], rest: Iterator<string>): void {
  const next = rest.next();
  if (next.done === true) return;
  const tab = next.value.indexOf('\t');
  const place = next.value.slice(0, tab);
  let [low, high] = [0, heads.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((heads[middle]?.place ?? '') > place) low = middle + 1;
    else high = middle;
  }
  heads.splice(low, 0, { place, item: next.value.slice(tab + 1), rest });
}
