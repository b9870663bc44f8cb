/** Accounting and CRM as people see them: what is compared from where, how old it is, what went wrong. */
import {
  type Db,
  listOutsideReadings,
  type OutsideReading,
  type OutsideStanding,
  outsideStandings,
} from '../../db/index.ts';
import { type CivilDate, daysBetween } from '../../domain/dates/dates.ts';
import type { OutsideReadingView, OutsideSystemView, UserRef } from '../types.ts';
import { namesOf } from './people.ts';

export async function outsideSystems(db: Db, today: CivilDate): Promise<OutsideSystemView[]> {
  return (await outsideStandings(db)).map((standing) => systemView(standing, today));
}

function systemView(standing: OutsideStanding, today: CivilDate): OutsideSystemView {
  const { source, system, connected, complete, failed, running } = standing;
  const asOf = complete?.asOf ?? null;
  return {
    ...{ source, system, asOf },
    isRead: connected?.reads ?? false,
    corrects: connected?.corrects ?? false,
    ageDays: asOf === null ? null : Math.max(0, daysBetween(asOf, today)),
    records: complete?.recordCount ?? 0,
    fileName: complete?.fileName ?? null,
    isReading: running !== null,
    failed:
      failed === null
        ? null
        : {
            at: (failed.endedAt ?? failed.startedAt).toISOString(),
            reason: failed.reason ?? 'it did not answer',
          },
  };
}

/** Readings and exports, the newest first. */
export async function outsideReadings(db: Db): Promise<OutsideReadingView[]> {
  const personOf = await namesOf(db);
  return (await listOutsideReadings(db)).map((reading) => readingView(reading, personOf));
}

export function readingView(
  reading: OutsideReading,
  personOf: (id: string) => UserRef,
): OutsideReadingView {
  const { id, source, system, state, asOf, recordCount, fileName, reason } = reading;
  return {
    ...{ reading: id, source, system, state, asOf, fileName, reason },
    isWhole: reading.changedSince === null,
    records: recordCount,
    askedBy: personOf(reading.askedBy),
    startedAt: reading.startedAt.toISOString(),
    endedAt: reading.endedAt?.toISOString() ?? null,
  };
}
