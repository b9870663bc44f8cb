/**
 * A token in every mail's headers and envelope by which what comes back is known as an answer to a mail of ours: it is signed,
 * so that nobody can make up a bounce of a mail that they did not get. It names the local part of the Message-ID.
 */
import { nameInToken, signedToken } from '../links.ts';

/** The header that carries it; servers return a mail's headers with their bounce. */
export const TOKEN_HEADER = 'X-Perennial-Mail';
/** Postmark tells what stands in such a header with each event of the mail. */
export const METADATA_NAME = 'perennial-mail';
const PURPOSE = 'mail';

/** 76 characters: fits an envelope id (RFC 3461, at most 100) and a provider's metadata (80). */
export function mailToken(key: Buffer, messageId: string): string {
  return signedToken(key, PURPOSE, messageId.slice(1, messageId.indexOf('@')));
}

/** The local part of the Message-ID in a token; null where the token is not ours. */
export function mailInToken(key: Buffer, token: string): string | null {
  return nameInToken(key, PURPOSE, token.trim());
}
