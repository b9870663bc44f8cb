/** People and services: users, sessions, one-time sign-in links, API keys. Only hashes of tokens are stored. */
import { randomBytes, randomUUID } from 'node:crypto';
import { and, asc, eq, getTableColumns, gt, isNull, sql } from 'drizzle-orm';
import { sha256 } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { apiKeys, sessions, signInLinks, users } from '../schema.ts';

/** A user without the password's hash. */
export type User = Omit<typeof users.$inferSelect, 'passwordHash'>;
export type Role = User['role'];

const { passwordHash: _hidden, ...userColumns } = getTableColumns(users);
const newToken = () => randomBytes(32).toString('base64url');
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000);

export async function createUser(
  db: Db,
  user: { email: string; name: string; role: Role; passwordHash?: string | null },
): Promise<User> {
  const rows = await db
    .insert(users)
    .values({ id: randomUUID(), ...user })
    .returning(userColumns);
  return oneRow(rows, `user ${user.email}`);
}

export async function getUser(db: Db, id: string): Promise<User | null> {
  const [row] = await db.select(userColumns).from(users).where(eq(users.id, id));
  return row ?? null;
}

/** With the password's hash, for the sign-in alone; case of the address does not matter. */
export async function getUserByEmail(
  db: Db,
  email: string,
): Promise<(User & { passwordHash: string | null }) | null> {
  const [row] = await db
    .select()
    .from(users)
    .where(eq(sql`lower(${users.email})`, email.toLowerCase()));
  return row ?? null;
}

export function listUsers(db: Db): Promise<User[]> {
  return db.select(userColumns).from(users).orderBy(asc(users.email));
}

/** Disabling, a new role or a new password ends the user's sessions. */
export async function changeUser(
  db: Db,
  id: string,
  changes: { name?: string; role?: Role; passwordHash?: string; disabled?: boolean },
): Promise<User> {
  const { disabled, ...columns } = changes;
  const disabledAt = disabled === undefined ? {} : { disabledAt: disabled ? new Date() : null };
  return db.transaction(async (tx) => {
    const rows = await tx
      .update(users)
      .set({ ...columns, ...disabledAt })
      .where(eq(users.id, id))
      .returning(userColumns);
    if (disabled === true || changes.role !== undefined || changes.passwordHash !== undefined)
      await tx.delete(sessions).where(eq(sessions.user, id));
    return oneRow(rows, `user ${id}`);
  });
}

/** Tokens are made here (32 random bytes, base64url), shown once, and stored as SHA-256. */
export async function createSession(
  db: Db,
  user: string,
  lifetimeSeconds: number,
): Promise<{ token: string; csrfToken: string; expiresAt: Date }> {
  const token = newToken();
  const csrfToken = newToken();
  const expiresAt = inSeconds(lifetimeSeconds);
  await db.insert(sessions).values({ tokenHash: sha256(token), user, csrfToken, expiresAt });
  return { token, csrfToken, expiresAt };
}

/** The session's user, unless it ran out or the user is disabled. */
export async function findSession(
  db: Db,
  token: string,
): Promise<{ user: User; csrfToken: string; expiresAt: Date } | null> {
  const [row] = await db
    .select({ user: userColumns, csrfToken: sessions.csrfToken, expiresAt: sessions.expiresAt })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.user))
    .where(
      and(
        eq(sessions.tokenHash, sha256(token)),
        gt(sessions.expiresAt, new Date()),
        isNull(users.disabledAt),
      ),
    );
  return row ?? null;
}

export async function endSession(db: Db, token: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.tokenHash, sha256(token)));
}

export async function createSignInLink(
  db: Db,
  user: string,
  lifetimeSeconds: number,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken();
  const expiresAt = inSeconds(lifetimeSeconds);
  await db.insert(signInLinks).values({ tokenHash: sha256(token), user, expiresAt });
  return { token, expiresAt };
}

const usable = (token: string) =>
  and(
    eq(signInLinks.tokenHash, sha256(token)),
    isNull(signInLinks.usedAt),
    gt(signInLinks.expiresAt, new Date()),
  );

const enabledOrNull = (user: User | null) =>
  user === null || user.disabledAt !== null ? null : user;

/** Looks without using it up (the GET page). */
export async function peekSignInLink(db: Db, token: string): Promise<User | null> {
  const [link] = await db.select().from(signInLinks).where(usable(token));
  return link === undefined ? null : enabledOrNull(await getUser(db, link.user));
}

/** Uses it up; null where it is unknown, used or too old. Two at once: one of them gets it. */
export async function useSignInLink(db: Db, token: string): Promise<User | null> {
  const [link] = await db
    .update(signInLinks)
    .set({ usedAt: new Date() })
    .where(usable(token))
    .returning();
  return link === undefined ? null : enabledOrNull(await getUser(db, link.user));
}

/** `token` is shown once: `pk_…`. */
export async function createApiKey(
  db: Db,
  input: { user: string; name: string },
): Promise<{ id: string; token: string }> {
  const token = `pk_${newToken()}`;
  const id = randomUUID();
  await db.insert(apiKeys).values({ id, tokenHash: sha256(token), ...input });
  return { id, token };
}

export async function findApiKey(
  db: Db,
  token: string,
): Promise<{ id: string; user: User } | null> {
  const [key] = await db
    .update(apiKeys)
    .set({ lastUsedAt: new Date() })
    .where(and(eq(apiKeys.tokenHash, sha256(token)), isNull(apiKeys.revokedAt)))
    .returning();
  if (key === undefined) return null;
  const user = enabledOrNull(await getUser(db, key.user));
  return user === null ? null : { id: key.id, user };
}

export interface ApiKeySummary {
  readonly id: string;
  readonly user: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export function listApiKeys(db: Db): Promise<ApiKeySummary[]> {
  const { tokenHash: _secret, ...columns } = getTableColumns(apiKeys);
  return db
    .select({ ...columns, email: users.email })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.user))
    .orderBy(asc(apiKeys.createdAt));
}

export async function revokeApiKey(db: Db, id: string): Promise<void> {
  const rows = await db
    .update(apiKeys)
    .set({ revokedAt: new Date() })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning();
  if (rows.length === 0)
    oneRow(await db.select().from(apiKeys).where(eq(apiKeys.id, id)), `API key ${id}`);
}
