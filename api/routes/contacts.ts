/** One contact of an account: read, changed, removed. Mails go by it from then on (db/queries/contracts.ts, recipientsFor). */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { audit, type Db, getFact, putFact, removeFact } from '../../db/index.ts';
import type { Row } from '../../domain/book/tables.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { checkMatch, tag } from '../http/etags.ts';
import { allRows, name } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';

const byEmail = z.object({ account: name, email: z.string().min(1).max(320) });
const words = z.string().trim().min(1).max(1000);
/** What a contact may be sent; the contract book's list. */
export const received = z
  .array(z.enum(['invoice', 'reminder', 'statement', 'key', 'renewal']))
  .max(5);

const changed = z
  .strictObject({
    email: z.email().max(320),
    name: words.nullable(),
    role: z.enum(['billing', 'technical', 'owner', 'signatory']).nullable(),
    receives: received.nullable(),
    marketingConsent: z.boolean().nullable(),
    phone: words.nullable(),
  })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'name a column to change');

type Contact = Row<'contacts'>;
type Key = Pick<Contact, 'account' | 'email'>;

async function found(db: Db, key: Key): Promise<Contact> {
  const contact = await getFact(db, 'contacts', key);
  if (contact === null) throw notFound('contact', `${key.account} ${key.email}`);
  return contact;
}

/** A contract that names the address as its billing contact would name nobody. */
async function checkUnnamed(db: Db, { account, email }: Key): Promise<void> {
  const contracts = await allRows<Row<'contracts'>>(db, 'contracts', { account });
  const naming = contracts.filter(({ billingContact }) => billingContact === email);
  if (naming.length > 0)
    throw new ProblemError(
      'in-use',
      `${email} is the billing contact of ${naming.map(({ contract }) => contract).join(', ')}. ` +
        'Name another one there first.',
    );
}

/** Writes the contact under its new address; @throws ProblemError where somebody has that address already. */
async function move(db: Db, before: Contact, after: Contact): Promise<void> {
  const { account, email } = before;
  await checkUnnamed(db, before);
  if ((await getFact(db, 'contacts', { account, email: after.email })) !== null)
    throw new ProblemError('already-exists', `${after.email} is a contact of ${account} already.`);
  await removeFact(db, 'contacts', { account, email });
}

export const contactRoutes: Routes = (app, { db }) => {
  const path = '/accounts/:account/contacts/:email';
  const audited = (tx: Db, request: FastifyRequest, verb: string, key: Key, details: object) =>
    audit(tx, {
      actor: actorOf(request),
      action: `contact.${verb}`,
      subject: `${key.account} ${key.email}`,
      details: { ...details },
    });
  app.get(
    path,
    {
      config: { permission: 'contact:read' },
      schema: { summary: 'A contact of an account', params: byEmail },
    },
    async ({ params }, reply) => {
      const contact = await found(db, params);
      tag(reply, contact);
      return contact;
    },
  );
  app.patch(
    path,
    {
      config: { permission: 'contact:write' },
      schema: {
        summary: 'Change a contact, its address too',
        params: byEmail,
        body: changed,
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const after = await db.transaction(async (tx) => {
        const before = await found(tx, params);
        checkMatch(request, before);
        const given = Object.entries(body).filter(([, value]) => value !== undefined);
        const contact: Contact = { ...before, ...Object.fromEntries(given) };
        if (contact.email !== before.email) await move(tx, before, contact);
        await putFact(tx, 'contacts', contact);
        await audited(tx, request, 'change', params, {
          columns: Object.keys(body),
          ...(contact.email === before.email ? {} : { email: contact.email }),
        });
        return found(tx, contact);
      });
      tag(reply, after);
      return after;
    },
  );
  app.delete(
    path,
    {
      config: { permission: 'contact:write' },
      schema: { summary: 'Remove a contact', params: byEmail },
    },
    async (request, reply) => {
      const { params } = request;
      await db.transaction(async (tx) => {
        checkMatch(request, await found(tx, params));
        await checkUnnamed(tx, params);
        await removeFact(tx, 'contacts', params);
        await audited(tx, request, 'remove', params, {});
      });
      return reply.code(204).send();
    },
  );
};
