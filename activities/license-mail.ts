/**
 * The mail that carries keys (billing rules §8): all keys of one payment in one mail, also those of its other contracts, with
 * the account, what the payment covered, assets and purchases, and the support cases of the year.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type KeyVault, SealedElsewhereError } from '../connectors/license/vault.ts';
import {
  allocationsOfInvoice,
  type Db,
  factRows,
  getFact,
  getInvoice,
  getPayment,
  type InvoiceLine,
  invoicesOfAccount,
  type LicenseKey,
  licensesOfSubcontracts,
  type Payment,
  putOnMail,
  unsentLicenses,
} from '../db/index.ts';
import type { CoveredLine } from '../documents/mails/index.ts';
import type { KeyMail, MailedKey } from '../documents/mails/models.ts';
import type { Row } from '../domain/book/tables.ts';
import { addMonths, type CivilDate, later } from '../domain/dates/dates.ts';
import { effectKey } from '../workflows/ids.ts';
import type { ContractSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { stepFailed } from './failures.ts';
import { attentionMail, keyMail } from './letters.ts';
import { betweenWhom, partiesOf, sendMail } from './mails.ts';
import { coveredBy, type Paid, paidBy } from './receipts.ts';

/** What a mail lists of each; older ones are behind its link. */
const LISTED_MOST = 10;
const ASSETS_MOST = 40;
const INCIDENT_MONTHS = 12;
/** Other contracts of the same payment make their keys in these seconds; their own mail carries what comes later. */
const COMPANIONS_SECONDS = 5;
const LOOK_AGAIN_MS = 200;

type SendKeys = Parameters<ContractSteps['sendKeys']>[0];

export async function sendKeys(deps: Deps, args: SendKeys): Promise<void> {
  const { db } = deps;
  const { contract, invoice, today } = args;
  const [first = ''] = args.licenses;
  const key = args.key ?? effectKey(`license:${first}`, 'mail');
  const named = invoice === null ? undefined : args.payment;
  // What does not depend on which keys the mail carries is asked for while that is found out.
  const paidByNamed = named === undefined ? null : paidBy(db, named);
  paidByNamed?.catch(() => {}); // it is waited for below, unless the mail comes to nothing before
  const [row, payment] = await Promise.all([
    getFact(db, 'contracts', { contract }),
    invoice === null ? null : paymentOf(db, invoice, named ?? null),
  ]);
  if (row === null) throw stepFailed(`There is no contract ${contract}.`);
  const { account } = row;
  const occasion = { kind: 'key', account, contract, invoice, to: null, cc: [] } as const;
  const paid = payment === null ? null : (paidByNamed ?? paidBy(db, payment.payment));
  const parties = partiesOf(db, account);
  const between = betweenWhom(db, occasion, parties);
  const [rows, record, paidNow, partiesNow] = await Promise.all([
    carriedOn(db, args, { key, account, paid }),
    recordOf(db, account),
    paid,
    parties,
    between,
  ]);
  if (rows.length === 0) return;
  const covered = paidNow === null ? [] : coveredBy(paidNow);
  const content = contentOf(deps, { account, rows, payment, covered, today, record });
  const text = content.then((known) => keyMail(known, partiesNow));
  const rest = { text, between, attachments: [], follows: [], today };
  await sendMail(deps, { ...occasion, key, ...rest });
  if (rows.some(({ cause }) => cause.startsWith('payment-reversed')))
    await tellOwner(deps, { key, account, contract, invoice, rows, today });
}

/** The licenses that the mail carries; what was replaced before its mail left is in the mail of its replacement. */
async function carriedOn(
  db: Db,
  { contract, licenses, again = false }: SendKeys,
  mail: { readonly key: string; readonly account: string; readonly paid: Promise<Paid> | null },
): Promise<LicenseKey[]> {
  const { key, account, paid } = mail;
  const companions = paid === null ? [] : await keysOf(db, await paid, { account, contract });
  const carried = await putOnMail(db, [...new Set([...licenses, ...companions])], key, again);
  return carried.filter(({ state }) => state === 'enabled' || again);
}

/** The payment that is named, or the last that paid anything of an invoice; null where none did, or it was taken back. */
async function paymentOf(db: Db, invoice: string, named: string | null): Promise<Payment | null> {
  const number = named ?? (await lastPayment(db, invoice));
  const payment = number === null ? null : await getPayment(db, number);
  return payment === null || payment.state === 'returned' ? null : payment;
}

async function lastPayment(db: Db, invoice: string): Promise<string | null> {
  const rows = await allocationsOfInvoice(db, invoice);
  return rows.filter(({ amountMinor }) => amountMinor > 0).at(-1)?.payment ?? null;
}

/**
 * Keys that the same payment brought under other contracts of the account, or by another invoice. They are made by processes of
 * their own within moments, so this waits a little for those that the payment paid in full.
 */
async function keysOf(
  db: Db,
  { invoices, lines }: Paid,
  { account, contract }: { readonly account: string; readonly contract: string },
): Promise<string[]> {
  // One invoice for this contract alone: whoever asks has all of its keys.
  if (invoices.length === 1 && lines.every((line) => line.contract === contract)) return [];
  const endsAt = Date.now() + COMPANIONS_SECONDS * 1000;
  while (!(await areMade(db, lines)) && Date.now() < endsAt) await wait(LOOK_AGAIN_MS);
  const causes = invoices.map((invoice) => `paid ${invoice}`);
  const made = await unsentLicenses(db, causes);
  const contracts = [...new Set(made.flatMap((one) => one.contract ?? []))];
  const rows = await factRows(db, 'contracts', { contract: contracts });
  const own = new Set(rows.filter((row) => row.account === account).map((row) => row.contract));
  return made.flatMap((one) =>
    one.contract !== null && own.has(one.contract) ? [one.license] : [],
  );
}

/** Whether all that has been paid of some invoices' lines is licensed through its period. */
async function areMade(db: Db, lines: readonly InvoiceLine[]): Promise<boolean> {
  const paid = lines.flatMap(({ subcontract, kind, periodEnd, openMinor }) =>
    subcontract === null || kind !== 'recurring' || periodEnd === null || openMinor > 0
      ? []
      : [{ subcontract, periodEnd }],
  );
  const subcontracts = [...new Set(paid.map(({ subcontract }) => subcontract))];
  const licenses = await factRows(db, 'licenses', { subcontract: subcontracts });
  const reaches = new Map<string | null, CivilDate>();
  for (const { subcontract, state, validThrough } of licenses)
    if (state === 'enabled')
      reaches.set(subcontract, later(reaches.get(subcontract) ?? '', validThrough ?? '9999-12-31'));
  return paid.every((line) => (reaches.get(line.subcontract) ?? '') >= line.periodEnd);
}

interface Occasion {
  readonly account: string;
  readonly rows: readonly LicenseKey[];
  readonly payment: Payment | null;
  /** What the payment paid; nothing where none did. */
  readonly covered: readonly CoveredLine[];
  readonly today: CivilDate;
  readonly record: AccountRecord;
}

type Content = Parameters<typeof keyMail>[0];

async function contentOf(deps: Deps, occasion: Occasion): Promise<Content> {
  const { links } = deps;
  const { account, rows, payment, covered, today, record } = occasion;
  const { row, invoices } = record;
  const keys = await keysTold(deps, rows);
  const contracts = new Set(rows.map(({ contract }) => contract));
  const unpaid = invoices
    .filter(({ balanceMinor, type }) => type === 'invoice' && balanceMinor > 0)
    .sort((a, b) => (a.dueOn < b.dueOn ? -1 : 1))
    .find(({ contract }) => contract === null || contracts.has(contract));
  const isTemporary = rows.some(({ kind }) => kind === 'temporary');
  const open = isTemporary && unpaid !== undefined ? unpaid : null;
  const currency = payment?.currency ?? open?.currency ?? row?.currency ?? '';
  return {
    keys,
    account,
    accountName: row?.name ?? account,
    accountLines: accountLines(row, record.contacts),
    payment,
    covered,
    currency,
    open: open && {
      invoice: open.invoice,
      openMinor: open.balanceMinor,
      payUrl: links.payInvoice(open.invoice),
    },
    assets: assetsOf(record, today),
    purchases: purchasesOf(invoices),
    incidents: incidentsOf(record, today),
    incidentsSince: addMonths(today, -INCIDENT_MONTHS),
    recordUrl: links.account(account) ?? '',
  };
}

/** A key that does not open is for a person: the words say how it is made readable again. */
function opened(vault: KeyVault, { license, key }: LicenseKey): string {
  try {
    return vault.open(key);
  } catch (error) {
    if (!(error instanceof SealedElsewhereError)) throw error;
    throw stepFailed(`${license}: ${error.message}`);
  }
}

async function keysTold({ db, vault }: Deps, rows: readonly LicenseKey[]): Promise<MailedKey[]> {
  const distinct = (values: readonly (string | null)[]) => [
    ...new Set(values.filter((value) => value !== null)),
  ];
  const [sold, siblings] = await Promise.all([
    factRows(db, 'products', { sku: distinct(rows.map(({ sku }) => sku)) }),
    licensesOfSubcontracts(db, distinct(rows.map(({ subcontract }) => subcontract))),
  ]);
  const products = new Map(sold.map((product) => [product.sku, product]));
  const replacing = new Set(siblings.map(({ supersededBy }) => supersededBy));
  return rows.map((row) => ({
    key: opened(vault, row),
    product: products.get(row.sku)?.name ?? row.sku,
    edition: row.edition === 'standard' ? null : row.edition,
    features: row.features,
    seats: String(row.seats),
    kind: row.kind,
    validFrom: row.validFrom,
    validThrough: row.validThrough,
    subcontract: row.subcontract,
    replaces: replacing.has(row.license),
    install: products.get(row.sku)?.custom.install ?? null,
  }));
}

/** The account as we have it, so that the customer sees what is wrong. */
function accountLines(
  account: Row<'accounts'> | undefined,
  contacts: readonly Row<'contacts'>[],
): string[] {
  if (account === undefined) return [];
  const { addressLine1, addressLine2, postalCode, city, region, country } = account;
  const given = (parts: readonly (string | null)[], sign: string) =>
    parts.filter((part) => part !== null && part !== '').join(sign);
  const place = given([postalCode, city], ' ');
  return [
    given([addressLine1, addressLine2, place, region, country], ', '),
    account.taxId ?? '',
    given([account.billingEmail], ''),
    ...contacts.map(({ name, email, role, phone }) => given([name, role, email, phone], ', ')),
  ].filter((line) => line !== '');
}

/** What we have of an account: what its mail shows. */
interface AccountRecord {
  readonly row: Row<'accounts'> | undefined;
  readonly contacts: readonly Row<'contacts'>[];
  readonly contracts: readonly Row<'contracts'>[];
  readonly subcontracts: readonly Row<'subcontracts'>[];
  readonly incidents: readonly Row<'incidents'>[];
  readonly invoices: Awaited<ReturnType<typeof invoicesOfAccount>>;
}

async function recordOf(db: Db, account: string): Promise<AccountRecord> {
  const of = { account: [account] };
  const ofContracts = async () => {
    const contracts = await factRows(db, 'contracts', of);
    const numbers = contracts.map(({ contract }) => contract);
    return { contracts, subcontracts: await factRows(db, 'subcontracts', { contract: numbers }) };
  };
  const [row, contacts, agreed, incidents, invoices] = await Promise.all([
    getFact(db, 'accounts', { account }),
    factRows(db, 'contacts', of),
    ofContracts(),
    factRows(db, 'incidents', of),
    invoicesOfAccount(db, account),
  ]);
  return { row: row ?? undefined, contacts, incidents, invoices, ...agreed };
}

/** What the account has under all its contracts, oldest first. */
function assetsOf({ contracts, subcontracts }: AccountRecord, today: CivilDate): KeyMail['assets'] {
  const starts = new Map(contracts.map((row) => [row.contract, row.start]));
  return subcontracts
    .map((row) => ({
      on: row.start ?? starts.get(row.contract) ?? today,
      text: `${row.quantity} × ${row.sku}${row.serial === null ? '' : `, ${row.serial}`} (${row.subcontract})`,
    }))
    .sort((a, b) => (a.on < b.on ? -1 : 1))
    .slice(-ASSETS_MOST);
}

function purchasesOf(
  invoices: Awaited<ReturnType<typeof invoicesOfAccount>>,
): KeyMail['purchases'] {
  return invoices
    .filter(({ type, state }) => type === 'invoice' && state !== 'void')
    .sort((a, b) => (a.issuedOn > b.issuedOn ? -1 : 1))
    .slice(0, LISTED_MOST)
    .map(({ invoice, issuedOn, totalMinor, currency }) => ({
      invoice,
      issuedOn,
      totalMinor,
      currency,
    }));
}

function incidentsOf({ incidents }: AccountRecord, today: CivilDate): KeyMail['incidents'] {
  const since = addMonths(today, -INCIDENT_MONTHS);
  return incidents
    .filter((row) => row.opened >= since && row.opened <= today)
    .sort((a, b) => (a.opened > b.opened ? -1 : 1))
    .map(({ incident, opened, closed, subject, minutes }) => ({
      incident,
      opened,
      subject: subject ?? 'Support case',
      isClosed: closed !== null && closed <= today,
      minutes,
    }));
}

/** Never silently: whoever looks after the account hears that its licenses are temporary again. Without any key. */
async function tellOwner(
  deps: Deps,
  at: {
    readonly key: string;
    readonly account: string;
    readonly contract: string;
    readonly invoice: string | null;
    readonly rows: readonly LicenseKey[];
    readonly today: CivilDate;
  },
): Promise<void> {
  const { key, account, contract, invoice, rows, today } = at;
  const parties = await partiesOf(deps.db, account);
  const owner = parties.account.ownerEmail;
  if (owner === null) return; // the contract waits for a person all the same
  const found = invoice === null ? null : await getInvoice(deps.db, invoice);
  const ends = rows.map(
    ({ subcontract, validThrough }) => `${subcontract} through ${validThrough}`,
  );
  const text = await attentionMail(
    {
      subject: `A payment of ${parties.account.name} was taken back`,
      cause: `Invoice ${invoice ?? ''} is open again, so licenses are temporary: ${ends.join(', ')}.`,
      suggestion: 'Talk to the customer, then settle what the contract shows.',
      amountMinor: found?.invoice.balanceMinor ?? null,
      currency: found?.invoice.currency ?? null,
      url: deps.links.contract(contract),
    },
    parties,
  );
  await sendMail(deps, {
    key: effectKey(key, 'owner'),
    kind: 'attention',
    account,
    contract,
    invoice,
    text,
    attachments: [],
    follows: [],
    to: owner,
    cc: [],
    today,
  });
}
