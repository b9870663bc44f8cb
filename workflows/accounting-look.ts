/**
 * accountingLook (`accounting-payments`): asks the accounting system for payments that were entered there. Started by a
 * schedule, one at a time; without messages. A look that can not go on ends as failed, and the next one begins where the last
 * good one ended.
 */
import { setCurrentDetails } from '@temporalio/workflow';
import { outside } from './proxies.ts';
import { instantNow } from './waiting.ts';

export async function accountingLook(): Promise<void> {
  const { seen, taken, reversed, failed } = await outside.takePaymentsSeen({ at: instantNow() });
  const words = `${seen} payments seen, ${taken} taken, ${reversed} taken back`;
  setCurrentDetails([words, ...failed].join('\n\n'));
}
