/**
 * The folder that bounce mails are put into, one a file: what a mail server's alias writes, or `new/` of a Maildir. What is no
 * bounce of a mail of ours is moved aside with the reason.
 */
import { readFile, stat } from 'node:fs/promises';
import { MAX_BOUNCE_BYTES, readBounceMail } from '../../connectors/mail/delivery/bounce-mail.ts';
import { DeliveryRejection } from '../../connectors/mail/delivery/report.ts';
import type { Dealt, WatchedFolder } from '../watched-folder.ts';
import { type DeliveryContext, takeDeliveries } from './deliveries.ts';

export interface BounceFolder extends DeliveryContext, Omit<WatchedFolder, 'take'> {
  /** `derivedKey(configuration, 'mail')` */
  readonly mailKey: Buffer;
}

export function bounceFolder(options: BounceFolder): WatchedFolder {
  return { ...options, take: (path, file) => takeBounceMail(options, path, file) };
}

async function takeBounceMail(options: BounceFolder, path: string, file: string): Promise<Dealt> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BOUNCE_BYTES)
      throw new DeliveryRejection(`A bounce mail has at most ${MAX_BOUNCE_BYTES} bytes.`);
    const reports = await readBounceMail(await readFile(path), options.mailKey, options.now());
    const recipients = await takeDeliveries(options, reports, 'bounce-mail');
    return { place: 'done', report: { file, recipients } };
  } catch (error) {
    if (!(error instanceof DeliveryRejection)) throw error;
    return { place: 'refused', report: { file, refused: error.message } };
  }
}
