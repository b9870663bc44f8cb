/** Rules that compare accounts with the customers of accounting and CRM. */
import { groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { System, Told } from './finding.ts';
import type { OutsideCustomer } from './outside.ts';
import { customerRecord, differingFields, plain } from './outside-records.ts';
import { accountRecord } from './records.ts';
import type { Look, Scene } from './scene.ts';

function tell(
  rule: string,
  account: string | null,
  evidence: Told['evidence'],
  sides: Told['sides'],
  suggestion: string,
): Told {
  const nothing = { contract: null, subcontract: null, amountMinor: 0, currency: null };
  return { rule, account, ...nothing, evidence, sides, suggestion };
}

/** Accounts that documents are issued to and that are not closed. */
function billedAccounts(scene: Scene): Row<'accounts'>[] {
  const billed = new Map(
    [...scene.contracts.values()].map(({ terms }) => [
      terms.billingAccount.account,
      terms.billingAccount,
    ]),
  );
  return [...billed.values()].filter(({ status }) => status !== 'closed');
}

/** `customer-missing-in-accounting`: a billed account whose accounting id, or else tax id or name, accounting does not have. */
export function customerMissing(scene: Scene): Told[] {
  const customers = scene.outside.accounting?.records?.customers ?? [];
  const ids = new Set(customers.map(({ id }) => id));
  const taxIds = new Set(customers.flatMap(({ taxId }) => (taxId ? [plain(taxId)] : [])));
  const names = new Set(customers.flatMap(({ name }) => (name === null ? [] : [plain(name)])));
  const isThere = (account: Row<'accounts'>) =>
    account.accountingId !== null
      ? ids.has(account.accountingId)
      : (account.taxId !== null && taxIds.has(plain(account.taxId))) ||
        names.has(plain(account.name));
  return billedAccounts(scene)
    .filter((account) => !isThere(account))
    .map((account) =>
      tell(
        'customer-missing-in-accounting',
        account.account,
        { record: account.accountingId },
        { agreed: [accountRecord(account)], found: [] },
        'Create the customer in accounting, or correct the accounting id.',
      ),
    );
}

/** `customer-duplicated-in-accounting`: the same tax id, or the same name and postal code, twice; told once, on the later id. */
export class DuplicatedCustomers implements Look {
  readonly #owners = new Map<string, string>();
  #customers: readonly OutsideCustomer[] = [];

  look(scene: Scene): void {
    this.#customers = scene.outside.accounting?.records?.customers ?? [];
    for (const { accountingId, account } of scene.book.index.book.accounts)
      if (accountingId !== null) this.#owners.set(accountingId, account);
  }

  tell(): Told[] {
    const seen = new Map<string, OutsideCustomer>();
    const findings: Told[] = [];
    for (const customer of [...this.#customers].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const keys = identities(customer);
      const twin = keys.map((key) => seen.get(key)).find((one) => one !== undefined);
      for (const key of keys) if (!seen.has(key)) seen.set(key, customer);
      if (twin !== undefined) findings.push(this.#tellOne(twin, customer));
    }
    return findings;
  }

  #tellOne(twin: OutsideCustomer, customer: OutsideCustomer): Told {
    return tell(
      'customer-duplicated-in-accounting',
      this.#owners.get(twin.id) ?? this.#owners.get(customer.id) ?? null,
      { record: customer.id, twin: twin.id, name: customer.name, taxId: customer.taxId ?? null },
      {
        agreed: [customerRecord('accounting', twin)],
        found: [customerRecord('accounting', customer)],
      },
      `Merge ${customer.id} into ${twin.id} in accounting.`,
    );
  }
}

function identities({ taxId, name, postalCode }: OutsideCustomer): string[] {
  const keys: string[] = [];
  if (taxId && plain(taxId) !== '') keys.push(`tax id ${plain(taxId)}`);
  if (name !== null && postalCode !== null && plain(name) !== '')
    keys.push(`name ${plain(name)} ${plain(postalCode)}`);
  return keys;
}

/**
 * `customer-duplicated`: two open accounts of one name with the same tax id or postal code, neither of which is a part of the
 * other; told once, on the later id.
 */
export class DuplicatedAccounts implements Look {
  readonly #open = new Map<string, Row<'accounts'>>();

  look(scene: Scene): void {
    for (const row of scene.book.index.book.accounts)
      if (row.status !== 'closed') this.#open.set(row.account, row);
  }

  tell(): Told[] {
    const seen = new Map<string, Row<'accounts'>>();
    const findings: Told[] = [];
    for (const row of [...this.#open.values()].sort((a, b) => (a.account < b.account ? -1 : 1))) {
      const keys = ownIdentities(row);
      const twin = keys
        .map((key) => seen.get(key))
        .find((one) => one !== undefined && !isPart(one, row));
      for (const key of keys) if (!seen.has(key)) seen.set(key, row);
      if (twin !== undefined) findings.push(duplicated(twin, row));
    }
    return findings;
  }
}

const isPart = (one: Row<'accounts'>, other: Row<'accounts'>) =>
  one.parent === other.account ||
  other.parent === one.account ||
  (one.parent !== null && one.parent === other.parent);

function ownIdentities({ name, taxId, postalCode, country, entity }: Row<'accounts'>): string[] {
  const of = `${plain(name)} ${entity ?? ''}`;
  if (plain(name) === '') return [];
  return [
    ...(taxId === null || plain(taxId) === '' ? [] : [`${of} tax id ${plain(taxId)}`]),
    ...(postalCode === null ? [] : [`${of} at ${country ?? ''} ${plain(postalCode)}`]),
  ];
}

function duplicated(twin: Row<'accounts'>, row: Row<'accounts'>): Told {
  return tell(
    'customer-duplicated',
    twin.account,
    { record: row.account, twin: twin.account, name: row.name, taxId: row.taxId },
    { agreed: [accountRecord(twin)], found: [accountRecord(row)] },
    `Merge ${row.account} into ${twin.account}, or say why they are two.`,
  );
}

/** `customer-differs-in-accounting`: name, address, tax id or mail are not what accounting has. */
export function customerDiffersInAccounting(scene: Scene): Told[] {
  const customers = scene.outside.accounting?.records?.customers ?? [];
  return differing(scene, 'accounting', customers, (account) => account.accountingId);
}

/** `customer-differs-in-crm`: name, address, tax id or mail are not what the CRM has. */
export function customerDiffersInCrm(scene: Scene): Told[] {
  const customers = scene.outside.crm?.records?.customers ?? [];
  return differing(scene, 'crm', customers, (account) => account.crmId);
}

function differing(
  scene: Scene,
  system: Extract<System, 'accounting' | 'crm'>,
  customers: readonly OutsideCustomer[],
  idOf: (account: Row<'accounts'>) => string | null,
): Told[] {
  const byId = groupBy(customers, ({ id }) => id);
  const place = system === 'crm' ? 'the CRM' : 'accounting';
  return scene.book.index.book.accounts.flatMap((account) => {
    const [customer] = byId.get(idOf(account) ?? '') ?? [];
    if (customer === undefined || account.status === 'closed') return [];
    const fields = differingFields(account, customer);
    if (fields.length === 0) return [];
    return [
      tell(
        `customer-differs-in-${system}`,
        account.account,
        { record: customer.id, fields },
        { agreed: [accountRecord(account)], found: [customerRecord(system, customer)] },
        `Decide which is right, and correct it here or in ${place}.`,
      ),
    ];
  });
}
