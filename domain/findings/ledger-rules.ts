/** Rules over the books themselves: numbers without a gap, postings in balance. */
import type { Told } from './finding.ts';
import type { Look, Scene } from './scene.ts';

/** A series is told of where at least this many of its numbers, and this share of them, are in the book. */
const NUMBERS_LEAST = 10;
const KEPT_PERCENT = 90;

interface Series {
  readonly entity: string | null;
  /** What comes before the running number, the year included. */
  readonly prefix: string;
  readonly width: number;
  readonly numbers: Set<number>;
}

/**
 * `number-gap`: a number between the first and the last of a series that no document has, drafts and void ones included.
 * A book that holds a part of the history only has no series of which nine of ten numbers are there.
 */
export class NumberGaps implements Look {
  readonly #series = new Map<string, Series>();

  look(scene: Scene): void {
    const { index } = scene.book;
    for (const { invoice, entity, account, contract } of index.book.invoices) {
      const match = /^(.*?)(\d{1,15})$/.exec(invoice);
      const [, prefix, digits] = match ?? [];
      if (prefix === undefined || digits === undefined) continue;
      const own = entity ?? index.contracts.get(contract ?? '')?.entity;
      const seller = own ?? index.accounts.get(account)?.entity ?? null;
      const key = `${seller ?? ''}\u001f${prefix}`;
      const series = this.#series.get(key);
      if (series === undefined)
        this.#series.set(key, {
          entity: seller,
          prefix,
          width: digits.length,
          numbers: new Set([Number(digits)]),
        });
      else series.numbers.add(Number(digits));
    }
  }

  tell(): Told[] {
    return [...this.#series.values()].flatMap((series) => gapsOf(series));
  }
}

function gapsOf({ entity, prefix, width, numbers }: Series): Told[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [first, last] = [sorted.at(0) ?? 0, sorted.at(-1) ?? 0];
  const wanted = last - first + 1;
  if (sorted.length < NUMBERS_LEAST || sorted.length * 100 < wanted * KEPT_PERCENT) return [];
  const name = (number: number) => `${prefix}${String(number).padStart(width, '0')}`;
  return sorted.flatMap((number, position) => {
    const next = sorted[position + 1];
    if (next === undefined || next === number + 1) return [];
    const [from, through] = [name(number + 1), name(next - 1)];
    return [
      {
        rule: 'number-gap',
        account: null,
        contract: null,
        subcontract: null,
        amountMinor: 0,
        currency: null,
        evidence: {
          entity,
          series: prefix,
          number: from,
          through,
          before: name(number),
          after: name(next),
        },
        sides: {
          agreed: [name(number), name(next)].map((id) => ({
            system: 'perennial' as const,
            table: 'invoices',
            id,
            fields: {},
            url: null,
          })),
          found: [],
        },
        suggestion:
          from === through
            ? `Find ${from}, or record why it was not used.`
            : `Find ${from} to ${through}, or record why they were not used.`,
      },
    ];
  });
}

/** `ledger-imbalance`: an entry whose postings do not sum to zero, or a receivable that is not the open documents. */
export function ledgerImbalance(scene: Scene): Told[] {
  const records = scene.outside.ledger?.records;
  if (records === undefined || records === null) return [];
  const entries = records.entries
    .filter(({ sumMinor }) => sumMinor !== 0)
    .map(({ entry, currency, sumMinor, document }) => ({
      rule: 'ledger-imbalance',
      account: scene.book.index.invoices.get(document ?? '')?.account ?? null,
      contract: null,
      subcontract: null,
      amountMinor: Math.abs(sumMinor),
      currency,
      evidence: { entry, document, sumMinor },
      sides: { agreed: [], found: [ledgerRecord('ledger_entries', entry, { sumMinor, document })] },
      suggestion: 'Tell the operator: an entry out of balance is a defect.',
    }));
  const receivables = records.receivables
    .filter(({ ledgerMinor, openMinor }) => ledgerMinor !== openMinor)
    .map(({ account, currency, ledgerMinor, openMinor }) => ({
      rule: 'ledger-imbalance',
      account,
      contract: null,
      subcontract: null,
      amountMinor: Math.abs(ledgerMinor - openMinor),
      currency,
      evidence: { record: `receivable of ${account} in ${currency}`, ledgerMinor, openMinor },
      sides: {
        agreed: [ledgerRecord('open documents', account, { openMinor })],
        found: [ledgerRecord('ledger', account, { ledgerMinor })],
      },
      suggestion: 'Tell the operator: the ledger and the open documents must agree.',
    }));
  return [...entries, ...receivables];
}

function ledgerRecord(table: string, id: string, fields: Record<string, string | number | null>) {
  return { system: 'perennial' as const, table, id, fields, url: null };
}
