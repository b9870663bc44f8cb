/**
 * Links that mails and papers carry to public pages. A link is signed, so that it can neither be guessed nor changed to
 * another invoice's; it opens one document and nothing else, and needs no login.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const SIGNATURE_BYTES = 24;

function signatureOf(key: Buffer, purpose: string, name: string): Buffer {
  const mac = createHmac('sha256', key).update(`${purpose}\n${name}`).digest();
  return mac.subarray(0, SIGNATURE_BYTES);
}

/** `base64url(name).signature`; the purpose is signed too, so that a token of one page opens no other. */
export function signedToken(key: Buffer, purpose: string, name: string): string {
  const named = Buffer.from(name, 'utf8').toString('base64url');
  return `${named}.${signatureOf(key, purpose, name).toString('base64url')}`;
}

/** The name in a token; null where it was not signed by us for this purpose. */
export function nameInToken(key: Buffer, purpose: string, token: string): string | null {
  const match = /^([\w-]{1,400})\.([\w-]{32})$/.exec(token);
  if (match === null) return null;
  const name = Buffer.from(match[1] ?? '', 'base64url').toString('utf8');
  const given = Buffer.from(match[2] ?? '', 'base64url');
  const expected = signatureOf(key, purpose, name);
  return given.length === expected.length && timingSafeEqual(given, expected) ? name : null;
}

/** Where customers see and pay invoices, for mails and papers (activities' `Links`). */
export interface PublicLinks {
  payInvoice(invoice: string): string;
  /** There is no page on which a customer accepts a renewal by themselves. */
  acceptRenewal(renewal: string): null;
  /** The customer's own record: they see and correct it there. */
  account(account: string): string;
  /** Where an account's owner answers a question about a finding. */
  answerQuestion(question: string): string;
  /** The contract's page of the dashboard: people of the house sign in there. */
  contract(contract: string): string;
}

/**
 * @param publicUrl where customers reach us: `https://billing.example.com`
 * @param key `derivedKey(configuration, 'link')`
 */
export function publicLinks(publicUrl: string, key: Buffer): PublicLinks {
  const base = publicUrl.replace(/\/+$/, '');
  return {
    payInvoice: (invoice) => `${base}/pay/${signedToken(key, 'pay', invoice)}`,
    acceptRenewal: () => null,
    account: (account) => `${base}/portal/${signedToken(key, 'portal', account)}`,
    answerQuestion: (question) => `${base}/answer/${signedToken(key, 'answer', question)}`,
    contract: (contract) => `${base}/contracts/${encodeURIComponent(contract)}`,
  };
}

/** The invoice that a `/pay/…` token opens; null where the token is not ours. */
export const invoiceInPayToken = (key: Buffer, token: string): string | null =>
  nameInToken(key, 'pay', token);

/** The question that an `/answer/…` token opens; null where the token is not ours. */
export const questionInAnswerToken = (key: Buffer, token: string): string | null =>
  nameInToken(key, 'answer', token);

/** The account that a `/portal/…` token opens; null where the token is not ours. */
export const accountInPortalToken = (key: Buffer, token: string): string | null =>
  nameInToken(key, 'portal', token);
