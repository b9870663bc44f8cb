/**
 * The control sheet: due = invoiced + held + excluded + set aside + carried, per currency (billing rules §4). Credit notes
 * are part of what is invoiced; `credited` tells how much of it they are.
 */
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
    if (column === 'credited') sums.invoiced += amountMinor;
    this.#currencies.set(currency, sums);
  }

  sheet(): Control {
    return Object.fromEntries(
      [...this.#currencies].map(([currency, sums]) => [
        currency,
        {
          due: sums.invoiced + sums.held + sums.excluded + sums.setAside + sums.carried,
          ...sums,
        },
      ]),
    );
  }
}
