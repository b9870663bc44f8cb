/** People and services: users, sessions, one-time sign-in links, API keys. Only hashes of tokens are stored. */

import type { Db } from '../connect.ts';
import type { users } from '../schema.ts';

/** A user without the password's hash. */
export type User = Omit<typeof users.$inferSelect, 'passwordHash'>;
export type Role = User['role'];
export declare function createUser(
  db: Db,
  user: { email: string; name: string; role: Role; passwordHash?: string | null },
): Promise<User>;
export declare function getUser(db: Db, id: string): Promise<User | null>;
export declare function getUserByEmail(
  db: Db,
  email: string,
): Promise<(User & { passwordHash: string | null }) | null>;
export declare function listUsers(db: Db): Promise<User[]>;
export declare function changeUser(
  db: Db,
  id: string,
  changes: { name?: string; role?: Role; passwordHash?: string; disabled?: boolean },
): Promise<User>;
/** Tokens are made here (32 random bytes, base64url), shown once, and stored as SHA-256. */
export declare function createSession(
  db: Db,
  user: string,
  lifetimeSeconds: number,
): Promise<{ token: string; csrfToken: string; expiresAt: Date }>;
/** The session's user, unless it ran out or the user is disabled. */
export declare function findSession(
  db: Db,
  token: string,
): Promise<{ user: User; csrfToken: string; expiresAt: Date } | null>;
export declare function endSession(db: Db, token: string): Promise<void>;
export declare function createSignInLink(
  db: Db,
  user: string,
  lifetimeSeconds: number,
): Promise<{ token: string; expiresAt: Date }>;
/** Looks without using it up (the GET page). */
export declare function peekSignInLink(db: Db, token: string): Promise<User | null>;
/** Uses it up; null where it is unknown, used or too old. */
export declare function useSignInLink(db: Db, token: string): Promise<User | null>;
export declare function createApiKey(
  db: Db,
  input: { user: string; name: string },
): Promise<{ id: string; token: string }>;
export declare function findApiKey(
  db: Db,
  token: string,
): Promise<{ id: string; user: User } | null>;
export declare function listApiKeys(db: Db): Promise<
  {
    id: string;
    user: string;
    email: string;
    name: string;
    createdAt: Date;
    lastUsedAt: Date | null;
    revokedAt: Date | null;
  }[]
>;
export declare function revokeApiKey(db: Db, id: string): Promise<void>;
