/**
 * What Perennial asks of whoever issues licenses. Every method states the wanted end, not a step
 * towards it ("valid through 2027-12-31", never "a year more"), so that asking again after an
 * unknown answer is safe.
 */
import type { LicenseClaims } from '../../domain/licenses/claims.ts';

/**
 * The three answers of an outside system. `rejected` will be answered the same way again and needs
 * a person; `unknown` may have taken effect or not (a time-out, a broken connection, a server
 * error): ask again.
 */
export type LicenseAnswer<T> =
  | { readonly result: 'ok'; readonly value: T }
  | { readonly result: 'rejected'; readonly code: LicenseRejection; readonly message: string }
  | {
      readonly result: 'unknown';
      readonly message: string;
      /** What the system asked us to wait; null where it said nothing. */
      readonly retryAfterSeconds: number | null;
    };

export type LicenseRejection =
  | 'signing-key-unusable' // the private key is missing or others can read it: an operator
  | 'claims-invalid' // finance corrects the subcontract
  | 'product-unmapped' // the operator maps product and edition to a policy of the license system
  | 'not-found' // the license does not exist there
  | 'not-authorized' // the operator renews the token
  | 'refused'; // the system's own rule; its words are in the message

/** Short (a key), or long (a file; encrypted with the key that is issued beside it). */
export const LICENSE_FORMATS = ['key', 'file', 'encrypted-file'] as const;
export type LicenseFormat = (typeof LICENSE_FORMATS)[number];

export interface LicenseOrder {
  /**
   * The license's lasting name with the issuer: one a subcontract (`license:C-1042/1`). A
   * replacement keeps it, so that an issuer that holds licenses changes its one license instead of
   * piling them up.
   */
  readonly license: string;
  readonly claims: LicenseClaims;
  readonly format: LicenseFormat;
}

export interface IssuedLicense {
  readonly license: string;
  /** What the customer enters; always there, because an encrypted file opens with it. */
  readonly key: string;
  /** The armoured file; null where only a key was asked for. */
  readonly file: string | null;
  /** The issuer's own id of it: a fingerprint of the signed claims, or a record's id. */
  readonly reference: string;
}

/**
 * How switching off reaches the customer: the issuer answers online, or software reads a signed
 * list.
 */
export interface Enforcement {
  readonly license: string;
  readonly enforcedBy: 'issuer' | 'revocation-list';
}

export interface LicenseIssuer {
  readonly system: string;
  /** Makes exactly these claims hold. The same order again gives the same license. */
  issue(order: LicenseOrder): Promise<LicenseAnswer<IssuedLicense>>;
  /** Switches off for now. Suspended already is `ok`. */
  suspend(license: string): Promise<LicenseAnswer<Enforcement>>;
  /** Switches on again. Not suspended is `ok`. */
  reinstate(license: string): Promise<LicenseAnswer<Enforcement>>;
  /** Switches off for good. Gone already is `ok`. */
  revoke(license: string): Promise<LicenseAnswer<Enforcement>>;
}
