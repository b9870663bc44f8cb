/** Actions that leave the house, each a process of its own: licenses, questions by mail, the CRM, accounting. */
import { z } from 'zod';
import {
  addFindingQuestion,
  findingName,
  getFact,
  getLicense,
  type StoredFinding,
} from '../../db/index.ts';
import type { Row } from '../../domain/book/tables.ts';
import { ruleText } from '../../domain/findings/catalogue.ts';
import { findingFixId, findingQuestionKey } from '../../workflows/ids.ts';
import type { FindingFix, OutsideSource } from '../../workflows/messages.ts';
import type { RouteContext } from '../app.ts';
import { ProblemError } from '../problems.ts';
import type { FindingField, PreviewChange } from '../types.ts';
import {
  type Case,
  contractOf,
  type Deed,
  type Done,
  field,
  type Input,
  type Plan,
  parsed,
  textOf,
} from './plan.ts';

/** Starts the fix; its process notes on the finding what became of it. */
async function start(
  { processes }: RouteContext,
  row: StoredFinding,
  fix: FindingFix,
  { actor, reason, request }: Deed,
  words: string,
): Promise<Done> {
  const key = findingFixId(findingName(row.number), request);
  await processes.startFindingFix({ key, finding: row.number, fix, actor, reason });
  return { kind: null, words, link: null, waitsForApproval: false };
}

// ---------------------------------------------------------------- licenses

/** The license that the finding is about: the one it names, else the first of that state among its records. */
function licenseOf(row: StoredFinding, state: 'enabled' | 'suspended'): string | null {
  const named = textOf(row, 'license');
  if (named !== null) return named;
  const records = [...row.told.sides.found, ...row.told.sides.agreed];
  const record = records.find(
    ({ table, fields }) => table === 'licenses' && fields.state === state,
  );
  return record?.id ?? null;
}

export const noLicense =
  (state: 'enabled' | 'suspended') =>
  ({ row }: Case): string | null =>
    licenseOf(row, state) === null ? `There is no ${state} license to switch.` : null;

export const switchPlan =
  (to: 'enabled' | 'suspended') =>
  async ({ row, context }: Case): Promise<Plan> => {
    const license = licenseOf(row, to === 'enabled' ? 'suspended' : 'enabled');
    if (license === null) throw new ProblemError('state-conflict', 'No license is to be switched.');
    const ours = await getLicense(context.db, license);
    const fact = await getFact(context.db, 'licenses', { license });
    const before = ours?.state ?? fact?.state ?? 'unknown';
    if (before === to)
      throw new ProblemError('state-conflict', `License ${license} is ${to} already.`);
    const words =
      to === 'enabled'
        ? `Switches license ${license} on again.`
        : `Switches license ${license} off: the customer's software stops at its next check.`;
    const by = ours === null ? 'in our record only: it was issued elsewhere' : to;
    const changes: PreviewChange[] = [
      { name: `License ${license}`, before, after: ours === null ? `${to} (${by})` : to },
    ];
    return {
      words,
      changes,
      needsApproval: false,
      carryOut: (acting, deed) => {
        const fix = { kind: 'set-license', license, state: to, reason: deed.reason } as const;
        return start(acting, row, fix, deed, words);
      },
    };
  };

export async function replacePlan({ row }: Case): Promise<Plan> {
  const contract = contractOf(row);
  const words =
    `Looks at what of contract ${contract} is paid and issues the licenses that follow from it: ` +
    'full through the paid period, temporary where payment is awaited. New keys go to the customer.';
  const licenses = row.told.sides.found.filter(({ table }) => table === 'licenses');
  return {
    words,
    changes: licenses.map(({ id, fields }) => ({
      name: `License ${id}`,
      before: [fields.kind, fields.state, `through ${fields.validThrough ?? 'no day'}`].join(', '),
      after: 'as paid for',
    })),
    needsApproval: false,
    carryOut: (acting, deed) =>
      start(acting, row, { kind: 'refresh-licenses', contract }, deed, words),
  };
}

// ---------------------------------------------------------------- questions

const questionInput = z.strictObject({
  to: z.email().max(320),
  question: z.string().trim().min(10, 'ask in a whole sentence').max(2000),
});

export async function questionFields({ row, context }: Case): Promise<FindingField[]> {
  const account =
    row.account === null ? null : await getFact(context.db, 'accounts', { account: row.account });
  const title = ruleText(row.rule)?.title ?? row.rule;
  const about = [row.contract, row.subcontract].filter((name) => name !== null).join(', ');
  return [
    field('to', 'To', 'email', {
      initial: account?.ownerEmail ?? null,
      hint: 'Who looks after this customer',
    }),
    field('question', 'Question', 'text', {
      initial: `${title}${about === '' ? '' : ` (${about})`}: is this right? ${row.told.suggestion}`,
    }),
  ];
}

export async function questionPlan({ row, today }: Case, input: Input): Promise<Plan> {
  const { to, question: asked } = parsed(questionInput, input);
  if (row.account === null)
    throw new ProblemError('state-conflict', 'This finding is about no customer.');
  const words = `Asks ${to} by mail. The answer comes by a link and stands here; nothing changes before you decide.`;
  return {
    words,
    changes: [{ name: 'Mail', before: 'none', after: asked }],
    needsApproval: false,
    carryOut: async (acting, deed) => {
      const question = findingQuestionKey(findingName(row.number), deed.request);
      const { number: finding } = row;
      const who = { recipient: to, askedBy: deed.actor.user, askedOn: today };
      await addFindingQuestion(acting.db, { question, finding, words: asked, ...who });
      return start(acting, row, { kind: 'ask-owner', question }, deed, `${to} is asked by mail.`);
    },
  };
}

// ---------------------------------------------------------------- CRM and accounting

const noteInput = z.strictObject({ note: z.string().trim().min(5).max(2000) });

/** Its record there, for what is looked at or corrected by hand. */
export const outsidePage =
  (source: OutsideSource) =>
  ({ row }: Case): string | null =>
    [...row.told.sides.found, ...row.told.sides.agreed].find(
      ({ system, url }) => system === source && url !== null,
    )?.url ?? null;

export const noNote = ({ row }: Case): string | null =>
  row.account === null ? 'It is about no customer.' : null;

export async function crmFields(found: Case): Promise<FindingField[]> {
  const { row } = found;
  if (canCorrectCustomer(found, 'crm')) return [];
  const title = ruleText(row.rule)?.title ?? row.rule;
  return [
    field('note', 'What is to be corrected', 'text', {
      initial: `${title}: ${row.told.suggestion}`,
    }),
  ];
}

export async function crmPlan(found: Case, input: Input): Promise<Plan> {
  if (canCorrectCustomer(found, 'crm')) return customerPlan(found, 'crm', input);
  const { row } = found;
  const { note } = parsed(noteInput, input);
  const { account, contract } = row;
  if (account === null)
    throw new ProblemError('state-conflict', 'This finding is about no customer.');
  const subject = `Finding ${findingName(row.number)}: ${ruleText(row.rule)?.title ?? row.rule}`;
  const words = `Writes a note on ${account} in the CRM: whoever keeps the record there sees it.`;
  return {
    words,
    changes: [{ name: `Notes on ${account}`, before: 'none of this', after: note }],
    needsApproval: false,
    carryOut: (acting, deed) => {
      const fix = { kind: 'note-in-crm', account, contract, subject, body: note } as const;
      return start(acting, row, fix, deed, words);
    },
  };
}

/** What of ours accounting lacks: a document, a payment, a customer. */
function toPost({ row, connected }: Case): FindingFix | null {
  const ours = row.told.sides.agreed.find(({ system }) => system !== 'accounting');
  if (row.rule === 'invoice-missing-in-accounting') {
    const document = textOf(row, 'invoice') ?? ours?.id ?? null;
    return document === null ? null : { kind: 'post-in-accounting', document };
  }
  if (row.rule === 'payment-missing-in-accounting') {
    const payment = textOf(row, 'payment') ?? ours?.id ?? null;
    return payment === null ? null : { kind: 'post-payment-in-accounting', payment };
  }
  if (row.rule === 'customer-missing-in-accounting' && row.account !== null)
    return connected.accounting?.createsCustomers === true
      ? { kind: 'post-customer-in-accounting', account: row.account }
      : null;
  return null;
}

export const notPosted = (found: Case): string | null => {
  if (canCorrectCustomer(found, 'accounting')) return null;
  const isPosted = found.connected.accounting?.external === true;
  return toPost(found) === null || !isPosted
    ? 'Correct it in accounting itself; the next look over the books closes this finding.'
    : null;
};

const POSTED: Readonly<Record<string, string>> = {
  'post-payment-in-accounting': 'the payment',
  'post-customer-in-accounting': 'the customer',
};

export async function accountingPlan(found: Case, input: Input): Promise<Plan> {
  if (canCorrectCustomer(found, 'accounting')) return customerPlan(found, 'accounting', input);
  const { row } = found;
  const fix = toPost(found);
  if (fix === null)
    throw new ProblemError('state-conflict', 'It is corrected in accounting itself.');
  const name = fix.kind === 'post-in-accounting' ? fix.document : (POSTED[fix.kind] ?? 'it');
  const words = `Posts ${name} in accounting, once, under its own number.`;
  return {
    words,
    changes: [{ name: 'In accounting', before: 'missing', after: 'posted' }],
    needsApproval: false,
    carryOut: (acting, deed) => start(acting, row, fix, deed, words),
  };
}

// ---------------------------------------------------------------- a customer that differs there

/** Where our account keeps what a customer says there. */
const OURS: Readonly<Record<string, keyof Row<'accounts'>>> = {
  ...{ name: 'name', addressLine1: 'addressLine1', city: 'city', postalCode: 'postalCode' },
  ...{ country: 'country', taxId: 'taxId', email: 'billingEmail' },
};

const LABELS: Readonly<Record<string, string>> = {
  ...{ name: 'Name', addressLine1: 'Address', city: 'City', postalCode: 'Postal code' },
  ...{ country: 'Country', taxId: 'Tax id', email: 'Mail address' },
};

/** Whether the finding is a customer that differs there, and the connection can correct it. */
function canCorrectCustomer({ row, connected }: Case, source: OutsideSource): boolean {
  return row.rule === `customer-differs-in-${source}` && connected[source]?.corrects === true;
}

/** Our values into the fields that differ there. What we do not know ourselves overwrites nothing. */
async function customerPlan(
  { row, context, connected }: Case,
  source: OutsideSource,
  input: Input,
): Promise<Plan> {
  parsed(z.strictObject({}), input);
  const theirs = row.told.sides.found.find(({ system }) => system === source);
  const { fields: differing } = row.told.evidence;
  const account =
    row.account === null ? null : await getFact(context.db, 'accounts', { account: row.account });
  if (theirs === undefined || account === null || !Array.isArray(differing))
    throw new ProblemError('state-conflict', 'This finding does not say which customer differs.');
  const textAt = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  const compared = differing.flatMap((name) => {
    const column = OURS[String(name)];
    const ours = column === undefined ? null : textAt(account[column]);
    const before = textAt(theirs.fields[String(name)]);
    return ours === null || ours === before ? [] : [{ name: String(name), before, after: ours }];
  });
  const system = connected[source]?.system ?? source;
  if (compared.length === 0)
    throw new ProblemError(
      'state-conflict',
      `We know nothing that could be written to ${system}: correct our own record instead.`,
    );
  const changes = Object.fromEntries(compared.map(({ name, after }) => [name, after]));
  const expected = Object.fromEntries(compared.map(({ name, before }) => [name, before]));
  const customer = theirs.id;
  const words = `Corrects customer ${customer} in ${system}. It is read again before: what somebody changed meanwhile stays.`;
  return {
    words,
    changes: compared.map(({ name, before, after }) => ({
      name: `${LABELS[name] ?? name} in ${system}`,
      before: before ?? '(empty)',
      after,
    })),
    needsApproval: false,
    carryOut: (acting, deed) => {
      const fix = { kind: 'correct-customer', source, customer, changes, expected } as const;
      return start(acting, row, fix, deed, words);
    },
  };
}
