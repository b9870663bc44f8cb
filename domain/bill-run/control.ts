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

/** A document of the run and what a person decided about it. */
export interface DecidedDocument {
  readonly isCredit: boolean;
  readonly currency: string;
  readonly netMinor: number;
  readonly decision: 'include' | 'exclude' | 'hold';
}

/** The sheet as it is after people have decided: what they left out or hold is no longer invoiced, and what is due stays. */
export function decidedSheet(computed: Control, documents: readonly DecidedDocument[]): Control {
  const sheet = { ...computed };
  for (const { isCredit, currency, netMinor, decision } of documents) {
    const before = sheet[currency];
    if (decision === 'include' || before === undefined) continue;
    sheet[currency] = {
      ...before,
      invoiced: before.invoiced - netMinor,
      credited: before.credited - (isCredit ? netMinor : 0),
      excluded: before.excluded + (decision === 'exclude' ? netMinor : 0),
      held: before.held + (decision === 'hold' ? netMinor : 0),
    };
  }
  return sheet;
}
