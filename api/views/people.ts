/** People as the API shows them, and their names by id: the record keeps ids, pages show names. */
import { type Db, listUsers, type User as StoredUser } from '../../db/index.ts';
import type { User, UserRef } from '../types.ts';

export function userView(user: StoredUser, hasPassword: boolean): User {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    disabled: user.disabledAt !== null,
    hasPassword,
    createdAt: user.createdAt.toISOString(),
  };
}

/** Names of people and of services that are no users (an activity's own name stands for itself). */
export async function namesOf(db: Db): Promise<(id: string) => UserRef> {
  const users = new Map((await listUsers(db)).map((user) => [user.id, user.name]));
  return (id) => ({ id, name: users.get(id) ?? id });
}
