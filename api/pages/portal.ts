/**
 * A customer's own record behind the signed link of their key mail: account, contacts, licenses, invoices. What is wrong they
 * correct in a form; it is stored as a proposal that a person decides. No login, no script; what was typed is only ever text.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { accountInPortalToken, publicLinks } from '../../connectors/mail/links.ts';
import {
  addCorrection,
  correctionsOf,
  type Db,
  factRows,
  getFact,
  invoicesOfAccount,
  licensesOf,
  type ProposedChange,
  waitingCorrections,
} from '../../db/index.ts';
import { escapeHtml as e } from '../../documents/escape.ts';
import { formatterOf } from '../../documents/format.ts';
import type { Row } from '../../domain/book/tables.ts';
import type { Routes } from '../app.ts';
import { refuseForeignOrigin } from '../http/authentication.ts';
import { ProblemError } from '../problems.ts';
import { todayFor } from '../views/parties.ts';
import { htmlPage } from './layout.ts';
import { acceptForms, publicPage } from './public-pages.ts';

const params = z.object({ token: z.string().min(1).max(500) });
/** A form is small, and so is what may wait: nobody floods the people who decide. */
const FORM_BYTES = 16_384;
const WAITING_MOST = 10;
const TEXT_MOST = 300;
const REMARK_MOST = 2000;

/** What a customer may propose to change; money, terms and tax categories are agreed otherwise. */
const ACCOUNT_FIELDS = [
  ['name', 'Name'],
  ['addressLine1', 'Address'],
  ['addressLine2', 'Address, second line'],
  ['postalCode', 'Postal code'],
  ['city', 'City'],
  ['region', 'Region'],
  ['country', 'Country (two letters)'],
  ['taxId', 'Tax number'],
  ['billingEmail', 'Mail address for invoices'],
] as const satisfies readonly (readonly [keyof Row<'accounts'>, string])[];
const CONTACT_FIELDS = [
  ['name', 'Name'],
  ['phone', 'Phone'],
] as const satisfies readonly (readonly [keyof Row<'contacts'>, string])[];

const KIND_WORDS = {
  full: 'full',
  temporary: 'temporary: your work goes on until the payment is in',
  evaluation: 'evaluation',
} as const;

interface Scene {
  readonly account: Row<'accounts'>;
  readonly contacts: readonly Row<'contacts'>[];
}

async function sceneOf(db: Db, number: string): Promise<Scene | null> {
  const account = await getFact(db, 'accounts', { account: number });
  if (account === null) return null;
  return { account, contacts: await factRows(db, 'contacts', { account: [number] }) };
}

export const portalPages: Routes = (app, { db, configuration, now }) => {
  acceptForms(app, FORM_BYTES);
  const open = async (token: string): Promise<Scene> => {
    const number = accountInPortalToken(configuration.linkKey, token);
    const scene = number === null ? null : await sceneOf(db, number);
    if (scene === null)
      throw new ProblemError(
        'link-invalid',
        'This link does not open a record. Use the link in the latest mail, or answer the mail.',
      );
    return scene;
  };
  const config = publicPage(configuration);

  app.get('/portal/:token', { config, schema: { params, hide: true } }, async (request, reply) => {
    const scene = await open(request.params.token);
    const payUrl = publicLinks('', configuration.linkKey).payInvoice;
    return reply
      .header('cache-control', 'private, no-store')
      .header('referrer-policy', 'no-referrer')
      .type('text/html; charset=utf-8')
      .send(await recordPage(db, scene, payUrl, encodeURIComponent(request.params.token)));
  });
  app.post(
    '/portal/:token',
    {
      config,
      schema: { params, body: z.record(z.string().max(400), z.string()), hide: true },
    },
    async (request, reply) => {
      refuseForeignOrigin(request, configuration.publicUrl);
      const scene = await open(request.params.token);
      const { account } = scene.account;
      const { changes, remark } = proposalOf(scene, request.body);
      if (changes.length > 0 || remark !== null) {
        if ((await waitingCorrections(db, account)) >= WAITING_MOST)
          throw new ProblemError(
            'too-many-requests',
            'Several of your corrections wait to be looked at. Please answer the mail instead.',
          );
        await addCorrection(db, {
          correction: `K-${randomUUID().slice(0, 8).toUpperCase()}`,
          account,
          changes,
          remark,
          proposedOn: (await todayFor(db, { account }, now())).today,
        });
      }
      return reply.redirect(`/portal/${encodeURIComponent(request.params.token)}`, 303);
    },
  );
};

/** What of a form differs from the record. Unknown fields count for nothing; too much text is refused. */
function proposalOf(
  { account, contacts }: Scene,
  form: Readonly<Record<string, string>>,
): { changes: ProposedChange[]; remark: string | null } {
  const changes: ProposedChange[] = [];
  const compare = (change: Omit<ProposedChange, 'from' | 'to'>, field: string, from: unknown) => {
    const given = form[field]?.trim();
    if (given === undefined) return;
    tooLong(given, TEXT_MOST);
    const before = typeof from === 'string' ? from : null;
    const to = given === '' ? null : given;
    if (to !== before) changes.push({ ...change, from: before, to });
  };
  for (const [column] of ACCOUNT_FIELDS)
    compare({ table: 'accounts', contact: null, column }, `account.${column}`, account[column]);
  contacts.forEach((contact, at) => {
    for (const [column] of CONTACT_FIELDS)
      compare(
        { table: 'contacts', contact: contact.email, column },
        `contact.${at}.${column}`,
        contact[column],
      );
  });
  checkValues(changes);
  const remark = form.remark?.trim() ?? '';
  tooLong(remark, REMARK_MOST);
  return { changes, remark: remark === '' ? null : remark };
}

function tooLong(text: string, most: number): void {
  if (text.length > most)
    throw new ProblemError('validation-failed', `Please use ${most} characters at most.`);
}

function checkValues(changes: readonly ProposedChange[]): void {
  const wrong = changes.find(
    ({ column, to }) =>
      (column === 'name' && to === null) ||
      (column === 'country' && to !== null && !/^[A-Z]{2}$/.test(to)) ||
      (column === 'billingEmail' && to !== null && !/^[^\s@<>]+@[^\s@<>]+$/.test(to)),
  );
  if (wrong !== undefined)
    throw new ProblemError(
      'validation-failed',
      'Please give a name, the country as two capital letters, and a whole mail address.',
    );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p class="dim">None.</p>';
  const cells = (row: readonly string[]) => row.map((cell) => `<td>${cell}</td>`).join('');
  const titles = head.map((title) => `<th>${e(title)}</th>`).join('');
  return `<table><thead><tr>${titles}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells(row)}</tr>`)
    .join('')}</tbody></table>`;
}

async function recordPage(
  db: Db,
  scene: Scene,
  payUrl: (invoice: string) => string,
  token: string,
): Promise<string> {
  const { account } = scene;
  const entity =
    account.entity === null ? null : await getFact(db, 'entities', { entity: account.entity });
  const format = formatterOf(account.language ?? 'en', entity?.country ?? null);
  const [licenses, invoices, proposals] = await Promise.all([
    licensesOf(db, { account: account.account }),
    invoicesOfAccount(db, account.account),
    correctionsOf(db, account.account),
  ]);
  const current = licenses.filter(({ state }) => state === 'enabled' || state === 'suspended');
  const licenseRows = current.map((row) => [
    e(row.sku),
    e(row.subcontract ?? 'evaluation'),
    e(format.number(String(row.seats))),
    e(row.state === 'suspended' ? 'suspended: not paid' : KIND_WORDS[row.kind]),
    e(format.period(row.validFrom, row.validThrough)),
  ]);
  const invoiceRows = [...invoices]
    .sort((a, b) => (a.issuedOn > b.issuedOn ? -1 : 1))
    .map((row) => [
      row.documentKey === null || row.state === 'void'
        ? e(row.invoice)
        : `<a href="${e(payUrl(row.invoice))}">${e(row.invoice)}</a>`,
      e(format.shortDate(row.issuedOn)),
      e(format.money(row.totalMinor, row.currency)),
      row.balanceMinor > 0
        ? `${e(format.money(row.balanceMinor, row.currency))} open, due ${e(format.shortDate(row.dueOn))}`
        : e(row.state),
    ]);
  return htmlPage(
    `Your record: ${account.name}`,
    `<h1>${e(account.name)}</h1><p class="dim">Account ${e(account.account)}</p>` +
      `<h2>Licenses</h2>${table(['Product', 'Number', 'Seats', 'Kind', 'Valid'], licenseRows)}` +
      `<h2>Invoices</h2>${table(['Invoice', 'Issued', 'Total', 'State'], invoiceRows)}` +
      `<p><a href="/portal/${token}/payment-methods">How your invoices are paid</a></p>` +
      `<h2>Your data</h2>${proposalList(proposals)}${form(scene, token)}`,
  );
}

function proposalList(proposals: Awaited<ReturnType<typeof correctionsOf>>): string {
  const shown = proposals.slice(0, 5).map(({ state, changes, remark, proposedOn }) => {
    const what = changes.map(({ column, to }) => `${column}: ${to ?? '(empty)'}`);
    const words = [...what, ...(remark === null ? [] : [remark])].join('; ');
    return `<li>${e(proposedOn)}, ${e(state)}: ${e(words)}</li>`;
  });
  return shown.length === 0 ? '' : `<p>You proposed:</p><ul>${shown.join('')}</ul>`;
}

function form({ account, contacts }: Scene, token: string): string {
  const field = (name: string, label: string, value: string | null) =>
    `<p><label>${e(label)}<br><input name="${e(name)}" value="${e(value ?? '')}" ` +
    `maxlength="${TEXT_MOST}" size="40"></label></p>`;
  const own = ACCOUNT_FIELDS.map(([column, label]) =>
    field(`account.${column}`, label, account[column]),
  );
  const people = contacts.map((contact, at) => {
    const fields = CONTACT_FIELDS.map(([column, label]) =>
      field(`contact.${at}.${column}`, label, contact[column]),
    );
    return `<fieldset><legend>${e(contact.email)}</legend>${fields.join('')}</fieldset>`;
  });
  return (
    `<form method="post" action="/portal/${e(token)}">${own.join('')}<h2>Contacts</h2>` +
    `${people.length === 0 ? '<p class="dim">None.</p>' : people.join('')}` +
    `<p><label>Anything else<br><textarea name="remark" rows="3" cols="40" ` +
    `maxlength="${REMARK_MOST}"></textarea></label></p>` +
    '<button type="submit">Propose these corrections</button></form>' +
    '<p class="dim">A person looks at every correction before it takes effect.</p>'
  );
}
