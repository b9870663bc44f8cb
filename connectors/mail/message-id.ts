import { createHash } from 'node:crypto';

/** The Message-ID of a mail's key (RFC 5322): the same key always gives the same, whoever sends it and when. */
export function messageIdOf(key: string, fromAddress: string): string {
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 32);
  const domain = fromAddress.split('@').at(-1)?.toLowerCase() || 'localhost';
  return `<${digest}@${domain}>`;
}
