/**
 * Waiting by date, in the seller's time zone: the one place where a workflow's days meet time. A workflow lives either in
 * real time (a timer to the working hour of that day) or on a test clock (a person moves the day; messages wake it).
 *
 * Which branch of a wait "won" never decides anything: a signal that arrives after the deadline is delivered together with
 * the timer, so callers decide from the dates in payloads and facts and wait again where they were woken early.
 */
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { Temporal } from 'temporal-polyfill';
import type { CivilDate } from '../domain/dates/dates.ts';

/** The hour, in the seller's zone, at which the steps of a day begin: nobody is reminded at midnight. */
export const WORKING_HOUR = 6;

/** The instant, in milliseconds since 1970, at which the steps of a day begin in a time zone. */
export function workingHourMs(day: CivilDate, timeZone: string): number {
  return Temporal.PlainDate.from(day).toZonedDateTime({
    timeZone,
    plainTime: new Temporal.PlainTime(WORKING_HOUR),
  }).epochMilliseconds;
}

/** The civil date of an instant in a time zone. */
export function civilDateAt(epochMs: number, timeZone: string): CivilDate {
  return Temporal.Instant.fromEpochMilliseconds(epochMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/** The instant a step is told as "now": workflow time, which replays alike. */
export function instantNow(): string {
  return Temporal.Instant.fromEpochMilliseconds(Date.now()).toString();
}

/** Where a workflow lives: its seller's zone and, in a rehearsal, its clock and that clock's day as last heard. */
export interface Place {
  readonly timeZone: string;
  readonly clock: string | null;
}

interface ArmedTimer {
  readonly day: CivilDate;
  readonly scope: CancellationScope;
  rang: boolean;
}

/**
 * An alarm keeps at most one timer and keeps it while the day stays the same, however often its workflow is woken in
 * between: a timer is paid for each time it is started.
 */
export class Alarm {
  private armed: ArmedTimer | null = null;

  /**
   * Waits until `woken()` or until `day` has begun. On a test clock only `woken()` ends the wait: moving the clock wakes.
   * @param day null waits for a message alone.
   */
  async wait(
    place: Place,
    day: CivilDate | null,
    woken: () => boolean,
    summary: string,
  ): Promise<void> {
    if (day === null || place.clock !== null) {
      this.disarm();
      await condition(woken);
      return;
    }
    const armed = this.arm(day, place.timeZone, summary);
    await condition(() => woken() || armed.rang);
    if (armed.rang) this.armed = null;
  }

  disarm(): void {
    this.armed?.scope.cancel();
    this.armed = null;
  }

  private arm(day: CivilDate, timeZone: string, summary: string): ArmedTimer {
    if (this.armed !== null && this.armed.day === day) return this.armed;
    this.disarm();
    const armed: ArmedTimer = { day, scope: new CancellationScope(), rang: false };
    this.armed = armed;
    const waitMs = Math.max(1, workingHourMs(day, timeZone) - Date.now());
    armed.scope
      .run(() => sleep(waitMs, { summary }))
      .then(
        () => {
          armed.rang = true;
        },
        (error: unknown) => {
          if (!isCancellation(error)) armed.rang = true;
        },
      );
    return armed;
  }
}
