/** The session, people, and keys of services. */
import type { UserRef } from './common.ts';

export type Role = 'viewer' | 'support' | 'biller' | 'approver' | 'admin' | 'auditor' | 'service';
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly createdAt: string;
}
/**
 * GET /api/v1/session (200 signed in, 401 not), POST /api/v1/session {email, password}, DELETE /api/v1/session.
 * Writes with the cookie send `csrfToken` in the header `x-csrf-token`.
 */
export interface Session {
  readonly user: User;
  readonly csrfToken: string;
  readonly expiresAt: string;
  /** What this person may do, by the names of api/permissions.ts (`bill-run:approve`…). */
  readonly actions: readonly string[];
  /** While on, whoever made a run, credit or refund never approves it. */
  readonly fourEyes: boolean;
  /** For the one discreet link; null to roles that are no operators, or where there is none. */
  readonly temporalUiUrl: string | null;
  readonly version: string;
}
/** POST /api/v1/users/{id}/sign-in-links; the link is shown once. */
export interface SignInLink {
  readonly url: string;
  readonly expiresAt: string;
}
/** GET /api/v1/keys; POST answers `ApiKeyCreated` (its `key` is shown once); DELETE /api/v1/keys/{id}. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly user: UserRef;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}
export interface ApiKeyCreated extends ApiKey {
  readonly key: string;
}
