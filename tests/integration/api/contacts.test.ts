/** Contacts of a customer: added, changed and removed by whoever looks after customers; mails go by them at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRows } from '../../../api/http/lists.ts';
import type { AccountPage, Problem } from '../../../api/types.ts';
import { type AuditEvent, changeFact, recipientsFor } from '../../../db/index.ts';
import { type Scene, scene, smallBook } from './fixture.ts';

let at: Scene;
const OFFICE = 'office@customer.example';
beforeAll(async () => {
  at = await scene({}, smallBook());
  await changeFact(at.db, 'accounts', { account: 'A-1' }, { billingEmail: OFFICE });
});
afterAll(() => at?.close());

const pathOf = (email: string) => `/accounts/A-1/contacts/${encodeURIComponent(email)}`;
const codeOf = (answer: { json<T>(): T }) => answer.json<Problem>().code;
const shown = async () =>
  (await at.as('viewer', 'GET', '/accounts/A-1')).json<AccountPage>().contacts;

/** What the page does: reads it, then changes what it has read. */
async function write(
  method: 'PATCH' | 'DELETE',
  email: string,
  changes?: object,
  role: 'support' | 'viewer' = 'support',
) {
  const read = await at.as(role, 'GET', pathOf(email));
  const headers = { 'if-match': String(read.headers.etag) };
  return at.as(role, method, pathOf(email), changes, headers);
}

const JO = {
  account: 'A-1',
  email: 'jo@customer.example',
  name: 'Jo Miller',
  role: 'billing',
  receives: ['invoice', 'reminder'],
  phone: '+49 40 123',
};

describe('a contact', () => {
  it('is added, and gets the mails that it receives from then on', async () => {
    const added = await at.as('support', 'POST', '/contacts', JO);
    expect(added.statusCode, added.body).toBe(201);
    expect(await shown()).toContainEqual({ ...JO, delivery: null });
    expect((await recipientsFor(at.db, 'A-1', 'invoice')).to).toEqual([JO.email]);
    expect((await recipientsFor(at.db, 'A-1', 'key')).to).toEqual([OFFICE]);
    expect(codeOf(await at.as('support', 'POST', '/contacts', JO))).toBe('already-exists');
  });

  it('is changed, its address too: the mails follow', async () => {
    const changes = { email: 'jo.miller@customer.example', receives: ['invoice', 'key'] };
    const changed = await write('PATCH', JO.email, changes);
    expect(changed.statusCode, changed.body).toBe(200);
    expect(changed.json()).toMatchObject({ ...JO, ...changes });
    expect((await shown()).map(({ email }) => email)).not.toContain(JO.email);
    for (const kind of ['invoice', 'key'] as const)
      expect((await recipientsFor(at.db, 'A-1', kind)).to).toEqual([changes.email]);
    expect((await recipientsFor(at.db, 'A-1', 'reminder')).to).toEqual([OFFICE]);
    expect((await at.as('viewer', 'GET', pathOf(JO.email))).statusCode).toBe(404);
    const role = await write('PATCH', changes.email, { role: 'technical', receives: null });
    expect(role.json()).toMatchObject({ role: 'technical', receives: null, name: JO.name });
    expect((await recipientsFor(at.db, 'A-1', 'key')).to).toEqual([changes.email]);
  });

  it('is removed: no mail goes there as a contact', async () => {
    const email = 'jo.miller@customer.example';
    const gone = await write('DELETE', email);
    expect(gone.statusCode, gone.body).toBe(204);
    expect((await shown()).map((contact) => contact.email)).not.toContain(email);
    expect((await recipientsFor(at.db, 'A-1', 'key')).to).toEqual([OFFICE]);
  });

  it('leaves who did what in the audit trail', async () => {
    const events = await allRows<AuditEvent>(at.db, 'auditEvents', {});
    const said = events.filter(({ action }) => action.startsWith('contact.'));
    expect(said.map(({ action }) => action)).toEqual([
      'contact.create',
      'contact.change',
      'contact.change',
      'contact.remove',
    ]);
    expect(said[0]?.subject).toBe(`A-1 ${JO.email}`);
  });
});

describe('what is refused', () => {
  const email = 'sam@customer.example';
  beforeAll(() =>
    at.as('support', 'POST', '/contacts', { account: 'A-1', email, role: 'billing' }),
  );

  it.each([
    ['no address', { email: 'sam' }],
    ['a role that there is not', { role: 'boss' }],
    ['a mail that there is not', { receives: ['newsletter'] }],
    ['another customer', { account: 'A-2' }],
    ['nothing', {}],
  ])('%s', async (_what, changes) => {
    const answer = await write('PATCH', email, changes);
    expect(answer.statusCode, answer.body).toBe(400);
    expect(codeOf(answer)).toBe('validation-failed');
  });

  it('a new contact that would receive what is never sent', async () => {
    const contact = { account: 'A-1', email: 'x@customer.example', receives: ['newsletter'] };
    expect(codeOf(await at.as('support', 'POST', '/contacts', contact))).toBe('validation-failed');
    const nobodys = { account: 'A-99', email: 'x@customer.example' };
    expect(codeOf(await at.as('support', 'POST', '/contacts', nobodys))).toBe('invalid-input');
  });

  it('an address that another contact has', async () => {
    const other = { account: 'A-1', email: 'kim@customer.example' };
    await at.as('support', 'POST', '/contacts', other);
    expect(codeOf(await write('PATCH', email, { email: other.email }))).toBe('already-exists');
  });

  it('what was changed since it was read, or was not read', async () => {
    const stale = { 'if-match': '"stale"' };
    const patch = (headers: Record<string, string>) =>
      at.as('support', 'PATCH', pathOf(email), { name: 'Sam' }, headers);
    expect(codeOf(await patch(stale))).toBe('precondition-failed');
    expect(codeOf(await patch({}))).toBe('precondition-required');
    expect(codeOf(await at.as('support', 'DELETE', pathOf(email), undefined, stale))).toBe(
      'precondition-failed',
    );
  });

  it('whoever may only look', async () => {
    expect((await write('PATCH', email, { name: 'Sam' }, 'viewer')).statusCode).toBe(403);
    expect((await write('DELETE', email, undefined, 'viewer')).statusCode).toBe(403);
  });

  it('to remove or move whom a contract names for its billing', async () => {
    const [contract] = (await at.as('viewer', 'GET', '/accounts/A-1')).json<AccountPage>()
      .contracts;
    const key = { contract: contract?.contract ?? '' };
    await changeFact(at.db, 'contracts', key, { billingContact: email });
    for (const answer of [
      await write('DELETE', email),
      await write('PATCH', email, { email: 'new@customer.example' }),
    ]) {
      expect(codeOf(answer)).toBe('in-use');
      expect(answer.json<Problem>().detail).toContain(key.contract);
    }
    expect((await write('PATCH', email, { phone: '+49 40 9' })).statusCode).toBe(200);
  });
});
