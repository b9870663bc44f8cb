/** The control sheet: due = invoiced + credited + held + excluded + set aside + carried, per currency (billing rules §4). */
import type { Control } from './document.ts';

type Column = 'invoiced' | 'credited' | 'held' | 'excluded' | 'setAside' | 'carried';
type Sums = Record<Column, number>;

export class ControlSheet {
  readonly #currencies = new Map<string, Sums>();

  /** Adds an amount in minor units to one column; `due` follows from the columns. */
  add(currency: string, column: Column, amountMinor: number): void {
    const sums = this.#currencies.get(currency) ?? {
      invoiced: 0,
      credited: 0,
      held: 0,
      excluded: 0,
      setAside: 0,
      carried: 0,
    };
    sums[column] += amountMinor;
    this.#currencies.set(currency, sums);
  }

  sheet(): Control {
    return Object.fromEntries(
      [...this.#currencies].map(([currency, sums]) => [
        currency,
        { due: Object.values(sums).reduce((total, sum) => total + sum, 0), ...sums },
      ]),
    );
  }
}
