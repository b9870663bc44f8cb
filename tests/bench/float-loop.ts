/**
 * What a script in floats would do with the same facts: every subcontract, every period until the horizon, cut where an
 * amendment takes effect, each part at its days, price and discounts, less what was billed; old ones held, the others on a
 * document with tax and due date. No policy, no move, no pause, no credit rule, no derivation, and cents that are not exact.
 */
import type { Book, Row } from '../../domain/book/tables.ts';
import { TAX_PERCENT } from './bench-company.ts';

const DAY_MS = 86_400_000;
const MONTHS: Readonly<Record<string, number>> = { monthly: 1, quarterly: 3, annual: 12 };

interface FloatLine {
  readonly description: string;
  readonly from: string;
  readonly to: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly net: number;
}

interface FloatDocument {
  readonly contract: string;
  readonly dueDate: string;
  readonly lines: FloatLine[];
  net: number;
  tax: number;
}

export interface FloatRun {
  readonly documents: readonly FloatDocument[];
  readonly held: number;
  readonly heldNet: number;
}

const cents = (amount: number) => Math.round(amount * 100) / 100;
const textOf = (date: Date) => date.toISOString().slice(0, 10);

function monthsLater(start: Date, months: number): Date {
  const date = new Date(start);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date;
}

/** One stretch of a subcontract at unchanged terms. */
interface Stretch {
  readonly from: Date;
  readonly quantity: number;
  readonly price: number | null;
  readonly active: boolean;
}

function stretchesOf(row: Row<'subcontracts'>, start: Date, changes: Row<'amendments'>[]) {
  let last: Stretch = {
    from: start,
    quantity: Number(row.quantity),
    price: row.unitPrice === null ? null : Number(row.unitPrice),
    active: true,
  };
  const stretches = [last];
  for (const change of changes) {
    const value = Number(change.value);
    last = {
      from: new Date(change.effective),
      quantity: change.kind === 'add' ? last.quantity + value : last.quantity,
      price: change.kind === 'price' ? value : last.price,
      active: change.kind !== 'remove',
    };
    stretches.push(last);
  }
  return stretches;
}

interface Period {
  readonly from: Date;
  readonly to: Date;
  /** The first day after the contract. */
  readonly ends: Date;
  readonly months: number;
}

/** The parts of one period: days of each stretch, at its price, less both discounts. */
function linesOf(
  row: Row<'subcontracts'>,
  contract: Row<'contracts'>,
  stretches: readonly Stretch[],
  period: Period,
  listPrice: number,
): FloatLine[] {
  const lines: FloatLine[] = [];
  const days = (period.to.getTime() - period.from.getTime()) / DAY_MS;
  const cut = contract.discountFrom === null ? null : new Date(contract.discountFrom).getTime();
  for (const [at, stretch] of stretches.entries()) {
    const next = stretches[at + 1];
    const begin = Math.max(stretch.from.getTime(), period.from.getTime());
    const until = Math.min(period.to.getTime(), period.ends.getTime());
    const end = Math.min(next?.from.getTime() ?? until, until);
    if (!stretch.active || begin >= end) continue;
    const bounds = cut !== null && cut > begin && cut < end ? [begin, cut, end] : [begin, end];
    for (let piece = 0; piece + 1 < bounds.length; piece += 1) {
      const [from = begin, to = end] = [bounds[piece], bounds[piece + 1]];
      const unitPrice = stretch.price ?? listPrice;
      let net = (stretch.quantity * unitPrice * period.months) / 12;
      net *= (to - from) / DAY_MS / days;
      net *= 1 - Number(row.discountPercent ?? 0) / 100;
      if (cut !== null && from >= cut) net *= 1 - Number(contract.discountPercent) / 100;
      const [first, last] = [textOf(new Date(from)), textOf(new Date(to - DAY_MS))];
      const description = `${row.sku}, ${first} to ${last}`;
      const { quantity } = stretch;
      lines.push({ description, from: first, to: last, quantity, unitPrice, net: cents(net) });
    }
  }
  return lines;
}

function lastOfMonthAfter(run: string, months: number): Date {
  const date = new Date(run);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0));
}

export function floatLoop(book: Book, run: string): FloatRun {
  const contracts = new Map(book.contracts.map((row) => [row.contract, row]));
  const amendments = new Map<string, Row<'amendments'>[]>();
  for (const row of book.amendments)
    amendments.set(row.subcontract, [...(amendments.get(row.subcontract) ?? []), row]);
  const billed = new Map<string, number>();
  for (const line of book.invoice_lines) {
    const key = `${line.subcontract} ${line.periodStart}`;
    billed.set(key, (billed.get(key) ?? 0) + Number(line.net));
  }
  const oldest = textOf(monthsLater(new Date(run), -12));
  const dueDate = textOf(new Date(new Date(run).getTime() + 30 * DAY_MS));
  const documents = new Map<string, FloatDocument>();
  let [held, heldNet] = [0, 0];
  for (const row of book.subcontracts) {
    const contract = contracts.get(row.contract);
    if (contract === undefined) continue;
    const start = new Date(contract.start);
    const months = MONTHS[contract.billingFrequency] ?? 12;
    const ends = new Date(new Date(contract.end).getTime() + DAY_MS);
    const horizon = lastOfMonthAfter(run, months >= 12 ? 2 : 1);
    const stretches = stretchesOf(row, start, amendments.get(row.subcontract) ?? []);
    for (let number = 0; ; number += 1) {
      const from = monthsLater(start, number * months);
      if (from > horizon || from >= ends) break;
      const period = { from, to: monthsLater(start, (number + 1) * months), ends, months };
      const key = textOf(from);
      let listPrice = 0;
      for (const price of book.prices)
        if (price.sku === row.sku && (price.validFrom ?? '') <= key)
          listPrice = Number(price.unitPrice);
      const lines = linesOf(row, contract, stretches, period, listPrice);
      const before = billed.get(`${row.subcontract} ${key}`);
      const due = lines.reduce((sum, line) => sum + line.net, 0) - (before ?? 0);
      if (Math.abs(due) < 0.005) continue;
      if (key < oldest) {
        held += 1;
        heldNet += due;
        continue;
      }
      let document = documents.get(row.contract);
      if (document === undefined) {
        document = { contract: row.contract, dueDate, lines: [], net: 0, tax: 0 };
        documents.set(row.contract, document);
      }
      if (before === undefined) document.lines.push(...lines);
      else {
        const description = `${row.sku}, adjustment for ${key}`;
        const last = textOf(new Date(period.to.getTime() - DAY_MS));
        const net = cents(due);
        document.lines.push({ description, from: key, to: last, quantity: 1, unitPrice: net, net });
      }
      document.net += due;
    }
  }
  for (const document of documents.values())
    document.tax = cents((document.net * TAX_PERCENT) / 100);
  return { documents: [...documents.values()], held, heldNet };
}
