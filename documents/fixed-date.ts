/**
 * Runs work that asks the clock for its dates as if it were one given day: the Factur-X library stamps "now" into the
 * file, and the same document has to give the same bytes. For processes that do nothing else meanwhile (a render child,
 * the command line): the whole process sees the day until the work is done.
 */
export async function onDay<T>(day: string, work: () => Promise<T>): Promise<T> {
  const RealDate = globalThis.Date;
  const instant = RealDate.parse(`${day}T00:00:00.000Z`);
  class DayDate extends RealDate {
    constructor(...parts: [] | ConstructorParameters<typeof RealDate>) {
      if (parts.length === 0) super(instant);
      else super(...parts);
    }
    static override now(): number {
      return instant;
    }
  }
  globalThis.Date = DayDate as DateConstructor;
  try {
    return await work();
  } finally {
    globalThis.Date = RealDate;
  }
}
