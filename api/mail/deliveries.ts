/** What is told of mails on their way takes effect: on the mail, in the contract's timeline, and for findings. */
import type { DeliveryReport } from '../../connectors/mail/delivery/report.ts';
import {
  addTimelineEvent,
  clockOf,
  type Db,
  getClock,
  type Mail,
  type MailDelivery,
  noteDelivery,
} from '../../db/index.ts';
import { isForGood } from '../../domain/mails/delivery.ts';
import { effectKey } from '../../workflows/ids.ts';
import type { Processes } from '../processes.ts';
import { todayOf } from '../views/parties.ts';

export interface DeliveryContext {
  readonly db: Db;
  readonly processes: Processes;
  readonly now: () => Date;
}

export interface TakenDelivery {
  readonly address: string;
  readonly outcome: 'noted' | 'ignored';
  /** What was noted, or why nothing was. */
  readonly words: string;
}

/** Takes in what was told, one recipient after the other; the books are looked over again where an address will not do. */
export async function takeDeliveries(
  context: DeliveryContext,
  reports: readonly DeliveryReport[],
  source: MailDelivery['source'],
): Promise<TakenDelivery[]> {
  const taken: TakenDelivery[] = [];
  let looks = false;
  for (const report of reports) {
    const noted = await noteDelivery(context.db, { ...report, source });
    const { address } = report;
    if (noted.outcome === 'ignored') {
      taken.push({ address, outcome: 'ignored', words: noted.words });
      continue;
    }
    taken.push({ address, outcome: 'noted', words: noted.state });
    if (report.state !== 'bounced') continue;
    await noteBounce(context, noted.mail, report);
    looks ||= isForGood(report.status);
  }
  if (looks) await context.processes.lookOverBooks('after-action');
  return taken;
}

/** On the day that it is where the customer lives: a rehearsal's clock, or the seller's today. */
async function noteBounce(
  { db, now }: DeliveryContext,
  { key, contract, account, subject, invoice }: Mail,
  { address, reason, status }: DeliveryReport,
): Promise<void> {
  if (contract === null) return;
  const clock = account === null ? null : await clockOf(db, account);
  const lives = clock === null ? null : await getClock(db, clock);
  await addTimelineEvent(db, {
    key: effectKey(key, `bounced:${address.toLowerCase()}`),
    contract,
    account,
    happenedOn: lives?.today ?? (await todayOf(db, now())),
    kind: 'mail',
    words: `Mail to ${address} came back: ${subject} (${reason ?? status ?? 'without a reason'})`,
    references: { mail: key, ...(invoice === null ? {} : { invoice }) },
  });
}
