/** Users and API keys: for admins. Links and keys are shown once. */
import { z } from 'zod';
import {
  audit,
  changeUser,
  createApiKey,
  createSignInLink,
  createUser,
  getUser,
  getUserByEmail,
  listApiKeys,
  listUsers,
  revokeApiKey,
} from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { checkMatch, tag } from '../http/etags.ts';
import { ROLES } from '../permissions.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { ApiKey, ApiKeyCreated, Page, SignInLink, User } from '../types.ts';
import { userView } from '../views/people.ts';

export const SIGN_IN_LINK_SECONDS = 7 * 24 * 3600;
const byId = z.object({ id: z.string().min(1).max(100) });

export const peopleRoutes: Routes = (app, { db, configuration }) => {
  const whole = <T>(items: T[]): Page<T> => ({ items, nextCursor: null, total: items.length });
  const userOf = async (id: string) => {
    const user = await getUser(db, id);
    if (user === null) throw notFound('user', id);
    const stored = await getUserByEmail(db, user.email);
    return userView(user, stored?.passwordHash != null);
  };

  app.get(
    '/users',
    { config: { permission: 'user:read', answer: 'Page<User>' }, schema: { summary: 'Users' } },
    async (): Promise<Page<User>> =>
      whole(await Promise.all((await listUsers(db)).map((user) => userOf(user.id)))),
  );
  app.get(
    '/users/:id',
    { config: { permission: 'user:read', answer: 'User' }, schema: { params: byId } },
    async (request, reply) => {
      const user = await userOf(request.params.id);
      tag(reply, user);
      return user;
    },
  );
  app.post(
    '/users',
    {
      config: { permission: 'user:write', answer: 'User' },
      schema: {
        summary: 'Add a user; give them a sign-in link next',
        body: z.strictObject({
          email: z.email().max(320),
          name: z.string().trim().min(1).max(200),
          role: z.enum(ROLES),
        }),
      },
    },
    async (request, reply) => {
      if ((await getUserByEmail(db, request.body.email)) !== null)
        throw new ProblemError('already-exists', 'There is a user with this mail address.');
      const user = await createUser(db, request.body);
      const { role } = user;
      await audit(db, {
        actor: actorOf(request),
        action: 'user.create',
        subject: user.id,
        details: { role },
      });
      return reply.code(201).send(userView(user, false));
    },
  );
  app.patch(
    '/users/:id',
    {
      config: { permission: 'user:write', answer: 'User' },
      schema: {
        summary: 'Change name or role, disable or enable',
        params: byId,
        body: z.strictObject({
          name: z.string().trim().min(1).max(200).optional(),
          role: z.enum(ROLES).optional(),
          disabled: z.boolean().optional(),
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const current = await userOf(id);
      checkMatch(request, current);
      const { name, role, disabled } = request.body;
      const actor = actorOf(request);
      if (id === actor.user && (disabled === true || (role !== undefined && role !== current.role)))
        throw new ProblemError(
          'rule-refused',
          'Another admin must change your role or disable you, so that one admin always remains.',
        );
      await changeUser(db, id, {
        ...(name === undefined ? {} : { name }),
        ...(role === undefined ? {} : { role }),
        ...(disabled === undefined ? {} : { disabled }),
      });
      await audit(db, { actor, action: 'user.change', subject: id, details: { role, disabled } });
      const user = await userOf(id);
      tag(reply, user);
      return user;
    },
  );
  app.post(
    '/users/:id/sign-in-links',
    {
      config: { permission: 'user:write', answer: 'SignInLink', answersSecret: true },
      schema: { summary: 'Make a link that signs this user in once', params: byId },
    },
    async (request, reply) => {
      const user = await userOf(request.params.id);
      const { token, expiresAt } = await createSignInLink(db, user.id, SIGN_IN_LINK_SECONDS);
      await audit(db, {
        actor: actorOf(request),
        action: 'sign-in-link.create',
        subject: user.id,
      });
      const link: SignInLink = {
        url: `${configuration.publicUrl}/sign-in/${token}`,
        expiresAt: expiresAt.toISOString(),
      };
      return reply.code(201).send(link);
    },
  );

  const keyViews = async (): Promise<ApiKey[]> => {
    const names = new Map((await listUsers(db)).map((user) => [user.id, user.name]));
    return (await listApiKeys(db)).map((key) => ({
      id: key.id,
      name: key.name,
      user: { id: key.user, name: names.get(key.user) ?? key.email },
      createdAt: key.createdAt.toISOString(),
      lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
      revokedAt: key.revokedAt?.toISOString() ?? null,
    }));
  };
  app.get(
    '/keys',
    { config: { permission: 'key:read', answer: 'Page<ApiKey>' }, schema: { summary: 'API keys' } },
    async () => whole(await keyViews()),
  );
  app.post(
    '/keys',
    {
      config: { permission: 'key:write', answer: 'ApiKeyCreated', answersSecret: true },
      schema: {
        summary: 'Make an API key; it acts as its user and is shown once',
        body: z.strictObject({
          user: z.string().min(1).max(320).describe('a user’s id or mail address'),
          name: z.string().trim().min(1).max(100),
        }),
      },
    },
    async (request, reply) => {
      const { user: named, name } = request.body;
      const user = (await getUser(db, named)) ?? (await getUserByEmail(db, named));
      if (user === null) throw notFound('user', named);
      const { id, token } = await createApiKey(db, { user: user.id, name });
      await audit(db, {
        actor: actorOf(request),
        action: 'key.create',
        subject: id,
        details: { user: user.id, name },
      });
      const made = (await keyViews()).find((key) => key.id === id);
      if (made === undefined) throw new Error(`key ${id} was made and is not there`);
      const answer: ApiKeyCreated = { ...made, key: token };
      return reply.code(201).send(answer);
    },
  );
  app.delete(
    '/keys/:id',
    {
      config: { permission: 'key:write' },
      schema: { summary: 'Revoke an API key', params: byId },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await listApiKeys(db)).some((key) => key.id === id)) throw notFound('key', id);
      await revokeApiKey(db, id);
      await audit(db, { actor: actorOf(request), action: 'key.revoke', subject: id });
      return reply.code(204).send();
    },
  );
};
