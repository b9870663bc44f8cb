/** What happens when, in a rehearsal: things are put on days, and each day's things may put more on later days. */
import type { CivilDate } from '../../domain/dates/dates.ts';

interface Entry {
  readonly on: CivilDate;
  readonly order: number;
  readonly happen: () => Promise<void>;
}

export class Calendar {
  private readonly entries: Entry[] = [];
  private order = 0;

  put(on: CivilDate, happen: () => Promise<void>): void {
    this.order += 1;
    this.entries.push({ on, order: this.order, happen });
  }

  /** Lives through all entries up to a day, in the order of their days; `arrive` is called before each. */
  async live(through: CivilDate, arrive: (on: CivilDate) => Promise<void>): Promise<void> {
    for (let next = this.take(through); next !== null; next = this.take(through)) {
      await arrive(next.on);
      await next.happen();
    }
    await arrive(through);
  }

  private take(through: CivilDate): Entry | null {
    this.entries.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.order - b.order));
    const [first] = this.entries;
    if (first === undefined || first.on > through) return null;
    this.entries.shift();
    return first;
  }
}
