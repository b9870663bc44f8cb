/**
 * Signing in two ways from one description: with a private key that this process holds, or by asking a key management
 * service. A {@link Signing} yields each text that is to be signed and goes on with its signature.
 */
import type { KeyObject } from 'node:crypto';
import { signText } from './signing-key.ts';

export type Signing<T> = Generator<string, T, Buffer>;

/** Answers the 64 bytes of the Ed25519 signature over a text. @throws SigningKeyError where no key can be used */
export type TextSigner = (text: string) => Promise<Buffer>;

export function signedNear<T>(signing: Signing<T>, privateKey: KeyObject): T {
  let step = signing.next();
  while (!step.done) step = signing.next(signText(step.value, privateKey));
  return step.value;
}

export async function signedBy<T>(signing: Signing<T>, sign: TextSigner): Promise<T> {
  let step = signing.next();
  while (!step.done) step = signing.next(await sign(step.value));
  return step.value;
}
