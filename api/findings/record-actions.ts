/** Actions that change what is agreed or recorded: amendments, moves, prices, contracts for orders, corrected records. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  audit,
  changeFact,
  factRows,
  findingName,
  getFact,
  putFact,
  type StoredFinding,
} from '../../db/index.ts';
import { rowOf } from '../../domain/book/blank-row.ts';
import type { Book, Row } from '../../domain/book/tables.ts';
import { addDays, addMonths, isCivilDate } from '../../domain/dates/dates.ts';
import { contractAmend } from '../../workflows/messages.ts';
import { contractArgs, foundContract } from '../contract-commands.ts';
import { currencyCode } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';
import { factChanges } from '../routes/facts.ts';
import type { FindingField, PreviewChange } from '../types.ts';
import {
  type Case,
  contractOf,
  type Done,
  field,
  findingChange,
  type Input,
  nextRunChange,
  type Plan,
  parsed,
  partOfBook,
  subcontractOf,
  textOf,
} from './plan.ts';

const civilDate = z.string().refine(isCivilDate, 'a date, YYYY-MM-DD');
const decimal = z.string().regex(/^\d{1,15}(\.\d{1,6})?$/, 'a decimal, at most 6 decimals');
const done = (kind: string, words: string, link: string | null): Done => ({
  ...{ kind, words, link },
  waitsForApproval: false,
});
const contractLink = (contract: string) => `/contracts/${encodeURIComponent(contract)}`;

// ---------------------------------------------------------------- amend, move

const AMENDMENTS = ['quantity', 'price', 'discount', 'remove'] as const;
const amendInput = z.strictObject({
  kind: z.enum(AMENDMENTS),
  value: decimal.optional(),
  effective: civilDate,
  because: z.enum(['change', 'correction']).default('change'),
});

export async function amendFields({ row, today }: Case): Promise<FindingField[]> {
  const seats = row.rule === 'seats-over' ? textOf(row, 'seats') : null;
  const raised = row.rule === 'uplift-not-applied' ? textOf(row, 'priceRaised') : null;
  const kind = seats !== null ? 'quantity' : raised !== null ? 'price' : 'remove';
  return [
    field('kind', 'What changes', 'choice', {
      initial: kind,
      choices: [
        { value: 'quantity', label: 'Quantity' },
        { value: 'price', label: 'Unit price' },
        { value: 'discount', label: 'Discount in percent' },
        { value: 'remove', label: 'The subcontract ends' },
      ],
    }),
    field('value', 'To', 'text', {
      initial: seats ?? raised,
      optional: true,
      hint: 'A number; not needed where it ends',
    }),
    field('effective', 'From', 'date', { initial: textOf(row, 'periodStart') ?? today }),
    field('because', 'Because', 'choice', {
      initial: 'correction',
      choices: [
        { value: 'change', label: 'it was agreed on anew' },
        { value: 'correction', label: 'it was recorded wrongly' },
      ],
    }),
  ];
}

type Amending = Pick<Row<'amendments'>, 'kind' | 'value' | 'effective' | 'reason'>;

async function amendmentPlan(found: Case, amending: Amending, words: string): Promise<Plan> {
  const { row, today, context } = found;
  const contract = contractOf(row);
  const subcontract = subcontractOf(row);
  const before = await partOfBook(found);
  const { kind, value, effective, reason } = amending;
  const draft = rowOf('amendments', {
    ...{ amendment: '\u0000preview', subcontract, kind, value, effective, reason },
    recorded: today,
  });
  const after: Book = { ...before, amendments: [...before.amendments, draft] };
  const args = contractArgs(await foundContract(context.db, contract));
  return {
    words,
    changes: [findingChange(found, before, after), ...nextRunChange(found, before, after)],
    needsApproval: false,
    carryOut: async ({ processes }, { actor, request }) => {
      const amendment = `A-${findingName(row.number)}-${randomUUID().slice(0, 6).toUpperCase()}`;
      const input = { amendment, subcontract, kind, value, effective, reason: reason ?? 'change' };
      await processes.updateContract(...args, contractAmend, [input, actor], request);
      return done('amended', `${words} (${amendment})`, contractLink(contract));
    },
  };
}

export async function amendPlan(found: Case, input: Input): Promise<Plan> {
  const { kind, value, effective, because } = parsed(amendInput, input);
  if (kind !== 'remove' && value === undefined)
    throw new ProblemError('validation-failed', 'input.value: say what it becomes.');
  const what = kind === 'remove' ? 'ends' : `has ${kind} ${value}`;
  const words = `Subcontract ${found.row.subcontract} ${what} from ${effective} on.`;
  const given = { kind, value: kind === 'remove' ? null : (value ?? null), effective };
  return amendmentPlan(found, { ...given, reason: because }, words);
}

const moveInput = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('license') }),
  z.strictObject({
    what: z.literal('subcontract'),
    contract: z.string().trim().min(1).max(200),
    effective: civilDate,
  }),
]);

export async function moveFields({ row, today }: Case): Promise<FindingField[]> {
  return [
    field('what', 'What moves', 'choice', {
      initial: 'license',
      choices: [
        {
          value: 'license',
          label: `The license, to ${textOf(row, 'contractAccount') ?? 'the contract’s account'}`,
        },
        { value: 'subcontract', label: 'The subcontract, to another contract' },
      ],
    }),
    field('contract', 'To contract', 'text', {
      optional: true,
      hint: 'Where the subcontract moves',
    }),
    field('effective', 'From', 'date', { initial: today, optional: true }),
  ];
}

export async function movePlan(found: Case, input: Input): Promise<Plan> {
  const { what } = input;
  const given = parsed(moveInput, what === 'license' ? { what } : input);
  const { row, context } = found;
  if (given.what === 'subcontract') {
    const target = await getFact(context.db, 'contracts', { contract: given.contract });
    if (target === null) throw notFound('contract', given.contract);
    const { contract, effective } = given;
    const words = `Subcontract ${row.subcontract} moves to contract ${contract} on ${effective}.`;
    return amendmentPlan(
      found,
      { kind: 'move', value: contract, effective, reason: 'correction' },
      words,
    );
  }
  const license = textOf(row, 'license');
  const account = textOf(row, 'contractAccount');
  if (license === null || account === null)
    throw new ProblemError('state-conflict', 'This finding names no license to move.');
  return factPlan(found, {
    table: 'licenses',
    key: { license },
    changes: { account },
    words: `License ${license} is registered to ${account}.`,
  });
}

// ---------------------------------------------------------------- one row of the record

type Correctable = 'accounts' | 'contracts' | 'timesheets' | 'orders' | 'subcontracts' | 'licenses';
interface FactChange<T extends Correctable> {
  readonly table: T;
  readonly key: Partial<Row<T>>;
  readonly changes: Partial<Row<T>>;
  readonly words: string;
}

const shown = (value: unknown): string =>
  value === null || value === undefined || value === ''
    ? '(empty)'
    : typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : String(value);

/** A change of one row, with what the rules say before and after. */
async function factPlan<T extends Correctable>(found: Case, change: FactChange<T>): Promise<Plan> {
  const { table, key, changes, words } = change;
  const { row, context } = found;
  const current = await getFact(context.db, table, key);
  const name = Object.values(key).join(' ');
  if (current === null) throw notFound(table.replace(/s$/, ''), name);
  const values = current as unknown as Record<string, unknown>;
  const compared: PreviewChange[] = Object.entries(changes).map(([column, value]) => ({
    name: `${column.replace(/([A-Z])/g, ' $1').toLowerCase()} of ${name}`,
    before: shown(values[column]),
    after: shown(value),
  }));
  const before = await partOfBook(found);
  const isIt = (one: object) =>
    Object.entries(key).every(([column, value]) => Reflect.get(one, column) === value);
  const rows = before[table] as readonly object[];
  const changed = rows.map((one) => (isIt(one) ? { ...one, ...changes } : one));
  const after = { ...before, [table]: changed } as Book;
  return {
    words,
    changes: [...compared, findingChange(found, before, after)],
    needsApproval: false,
    carryOut: async ({ db }, { actor, reason }) => {
      await db.transaction(async (tx) => {
        await changeFact(tx, table, key, changes);
        await audit(tx, {
          actor,
          action: `${table.replace(/s$/, '')}.change`,
          subject: name,
          reason,
          details: { columns: Object.keys(changes), finding: findingName(row.number) },
        });
      });
      const link = row.contract === null ? null : contractLink(row.contract);
      return done('record-corrected', words, link);
    },
  };
}

interface Correction {
  readonly table: Correctable;
  readonly column: string;
  readonly label: string;
  readonly kind: FindingField['kind'];
  /** Where nothing is to be typed: what it becomes. */
  readonly fixed?: string | boolean;
}
const one = (
  table: Correctable,
  column: string,
  label: string,
  kind: FindingField['kind'] = 'text',
): Correction => ({ table, column, label, kind });

const CUSTOMER: readonly Correction[] = [
  one('accounts', 'name', 'Name'),
  one('accounts', 'addressLine1', 'Address'),
  one('accounts', 'postalCode', 'Postal code'),
  one('accounts', 'city', 'City'),
  one('accounts', 'country', 'Country (two letters)'),
  one('accounts', 'taxId', 'Tax id'),
  one('accounts', 'billingEmail', 'Mail address for invoices', 'email'),
];

/** What of our record a rule's correction may change. */
const CORRECTIONS: Readonly<Record<string, readonly Correction[]>> = {
  'contact-missing': [one('accounts', 'billingEmail', 'Mail address for invoices', 'email')],
  'mail-undeliverable': [one('accounts', 'billingEmail', 'Mail address for invoices', 'email')],
  'tax-id-missing': [one('accounts', 'taxId', 'Tax id')],
  'tax-id-invalid': [one('accounts', 'taxId', 'Tax id')],
  'po-missing': [one('contracts', 'poNumber', 'Order number')],
  'renewal-missed': [one('contracts', 'noticeReceived', 'Notice received on', 'date')],
  'contract-without-order': [one('subcontracts', 'opportunity', 'Opportunity')],
  'service-unbilled': [{ ...one('timesheets', 'billable', 'Not billable'), fixed: false }],
  'order-without-contract': [{ ...one('orders', 'stage', 'Cancelled'), fixed: 'cancelled' }],
  'delivered-without-contract': [{ ...one('orders', 'stage', 'Cancelled'), fixed: 'cancelled' }],
  'customer-differs-in-accounting': CUSTOMER,
  'customer-differs-in-crm': CUSTOMER,
  'customer-missing-in-accounting': [one('accounts', 'accountingId', 'Id in accounting')],
};

export const canCorrect = (rule: string): boolean => Object.hasOwn(CORRECTIONS, rule);

function keyOf(row: StoredFinding, table: Correctable): Partial<Row<Correctable>> {
  const keys: Readonly<Record<Correctable, Record<string, string | null>>> = {
    accounts: { account: row.account },
    contracts: { contract: row.contract },
    subcontracts: { subcontract: row.subcontract },
    timesheets: { entry: textOf(row, 'entry') },
    orders: { order: textOf(row, 'order'), line: textOf(row, 'line') },
    licenses: { license: textOf(row, 'license') },
  };
  const key = Object.fromEntries(Object.entries(keys[table]).filter(([, value]) => value !== null));
  if (Object.keys(key).length === 0)
    throw new ProblemError('state-conflict', 'This finding does not say which record it is.');
  return key as Partial<Row<Correctable>>;
}

export async function correctionFields(found: Case): Promise<FindingField[]> {
  const { row, context } = found;
  const corrections = CORRECTIONS[row.rule] ?? [];
  const typed = corrections.filter(({ fixed }) => fixed === undefined);
  const [first] = typed;
  if (first === undefined) return [];
  const current = await getFact(context.db, first.table, keyOf(row, first.table));
  const values = (current ?? {}) as Record<string, unknown>;
  return typed.map(({ column, label, kind }) => {
    const value = values[column];
    const initial = typeof value === 'string' ? value : null;
    const hint = theirValue(row, column);
    return field(column, label, kind, { initial, optional: typed.length > 1, hint });
  });
}

/** What the other system says of a column, where the finding shows it and it differs. */
function theirValue({ told }: StoredFinding, column: string): string | null {
  const name = column === 'billingEmail' ? 'email' : column;
  const { fields } = told.evidence;
  if (!Array.isArray(fields) || !fields.includes(name)) return null;
  const [theirs] = told.sides.found;
  const value = theirs?.fields[name];
  if (theirs === undefined || (theirs.system !== 'crm' && theirs.system !== 'accounting'))
    return null;
  const place = theirs.system === 'crm' ? 'The CRM' : 'Accounting';
  return `${place} says ${typeof value === 'string' && value !== '' ? value : 'nothing'}`;
}

export async function correctionPlan(found: Case, input: Input): Promise<Plan> {
  const { row } = found;
  const corrections = CORRECTIONS[row.rule] ?? [];
  const [first] = corrections;
  if (first === undefined)
    throw new ProblemError('state-conflict', 'Nothing of it is corrected here.');
  const known = new Set(corrections.map(({ column }) => column));
  const unknown = Object.keys(input).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new ProblemError('validation-failed', `input.${unknown}: there is no such field here.`);
  const given = corrections.flatMap(({ column, fixed }): [string, unknown][] => {
    if (fixed !== undefined) return [[column, fixed]];
    const value = input[column]?.trim();
    return value === undefined || value === '' ? [] : [[column, value]];
  });
  const result = factChanges(first.table).safeParse(Object.fromEntries(given));
  if (!result.success)
    throw new ProblemError(
      'validation-failed',
      result.error.issues
        .map(({ path, message }) => `input.${path.join('.')}: ${message}`)
        .join('; '),
    );
  const changes = Object.fromEntries(given) as Partial<Row<Correctable>>;
  const what = given.map(([column, value]) => `${column} ${shown(value)}`).join(', ');
  const key = keyOf(row, first.table);
  const words = `Our record of ${Object.values(key).join(' ')} says ${what}.`;
  return factPlan(found, { table: first.table, key, changes, words });
}

// ---------------------------------------------------------------- prices

const priceInput = z.strictObject({
  unitPrice: decimal,
  currency: currencyCode,
  validFrom: civilDate,
});

export async function priceFields({ row, today, context }: Case): Promise<FindingField[]> {
  const facts =
    row.contract === null
      ? null
      : await getFact(context.db, 'contracts', { contract: row.contract });
  return [
    field('unitPrice', 'Unit price', 'text'),
    field('currency', 'Currency', 'text', { initial: row.currency ?? facts?.currency ?? null }),
    field('validFrom', 'In force from', 'date', { initial: `${today.slice(0, 4)}-01-01` }),
  ];
}

export async function pricePlan(found: Case, input: Input): Promise<Plan> {
  const { unitPrice, currency, validFrom } = parsed(priceInput, input);
  const { row } = found;
  const priceList = textOf(row, 'priceList');
  const sku = textOf(row, 'sku');
  if (priceList === null || sku === null)
    throw new ProblemError('state-conflict', 'This finding names no price list and product.');
  const price = rowOf('prices', { priceList, sku, currency, unitPrice, validFrom });
  const before = await partOfBook(found);
  const after: Book = { ...before, prices: [...before.prices, price] };
  const words = `Price list ${priceList} has ${sku} for ${unitPrice} ${currency} from ${validFrom} on.`;
  return {
    words,
    changes: [findingChange(found, before, after), ...nextRunChange(found, before, after)],
    needsApproval: false,
    carryOut: async ({ db }, { actor, reason }) => {
      await db.transaction(async (tx) => {
        await putFact(tx, 'prices', price);
        const details = { sku, currency, validFrom, finding: findingName(row.number) };
        await audit(tx, { actor, action: 'price.create', subject: priceList, reason, details });
      });
      return done('price-added', words, null);
    },
  };
}

// ---------------------------------------------------------------- contracts for orders

const contractInput = z.strictObject({
  contract: z.string().trim().min(1).max(60),
  start: civilDate,
  months: z.string().regex(/^[1-9]\d{0,2}$/, 'a number of months'),
});

async function orderOf({ row, context }: Case): Promise<Row<'orders'>> {
  const order = textOf(row, 'order');
  const line = textOf(row, 'line');
  const rows = order === null ? [] : await factRows(context.db, 'orders', { order: [order] });
  const found = rows.find((one) => line === null || one.line === line);
  if (found === undefined) throw new ProblemError('state-conflict', 'The order is not here.');
  return found;
}

export async function contractFields(found: Case): Promise<FindingField[]> {
  const order = await orderOf(found);
  return [
    field('contract', 'Number of the contract', 'text', { initial: `C-${order.order}` }),
    field('start', 'Starts on', 'date', {
      initial: order.start ?? order.delivered ?? order.closed ?? found.today,
    }),
    field('months', 'Months', 'text', { initial: String(order.termMonths ?? 12) }),
  ];
}

export async function contractPlan(found: Case, input: Input): Promise<Plan> {
  const { contract, start, months } = parsed(contractInput, input);
  const { context, row } = found;
  if ((await getFact(context.db, 'contracts', { contract })) !== null)
    throw new ProblemError('already-exists', `There is a contract ${contract}.`);
  const order = await orderOf(found);
  const end = addDays(addMonths(start, Number(months)), -1);
  const { account, entity, sku, quantity, unitPrice, opportunity, billingFrequency } = order;
  const subcontract = `${contract}-1`;
  const head = rowOf('contracts', {
    ...{ contract, account, entity, start, end },
    ...(billingFrequency === null ? {} : { billingFrequency }),
    ...(row.currency === null ? {} : { currency: row.currency }),
  });
  const covered = rowOf('subcontracts', {
    ...{ subcontract, contract, sku, quantity, unitPrice, opportunity },
  });
  const before = await partOfBook(found);
  const orders = before.orders.map((each) =>
    each.order === order.order && each.line === order.line
      ? { ...each, contract, subcontract }
      : each,
  );
  const after: Book = {
    ...before,
    orders,
    contracts: [...before.contracts, head],
    subcontracts: [...before.subcontracts, covered],
  };
  const words = `Draws up contract ${contract} of ${account} from ${start} through ${end} with ${quantity} × ${sku}.`;
  const ofContract = { ...found, row: { ...row, contract } };
  return {
    words,
    changes: [findingChange(found, before, after), ...nextRunChange(ofContract, before, after)],
    needsApproval: false,
    carryOut: async ({ db, processes }, { actor, reason }) => {
      await db.transaction(async (tx) => {
        await putFact(tx, 'contracts', head);
        await putFact(tx, 'subcontracts', covered);
        await changeFact(
          tx,
          'orders',
          { order: order.order, line: order.line },
          { contract, subcontract },
        );
        const details = { account, order: order.order, finding: findingName(row.number) };
        await audit(tx, { actor, action: 'contract.create', subject: contract, reason, details });
      });
      await processes.startContract(...contractArgs(await foundContract(db, contract)));
      return done('contract-drawn-up', words, contractLink(contract));
    },
  };
}
