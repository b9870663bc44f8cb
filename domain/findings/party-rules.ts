/** Rules over what an invoice needs and the account does not have. */
import { groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { vatNumberFault } from '../tax/vat-check.ts';
import type { Told } from './finding.ts';
import type { MailRecords } from './outside.ts';
import { accountRecord, contractRecord } from './records.ts';
import type { Scene } from './scene.ts';

const EU = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '),
);

/** `contact-missing`, `po-missing`, `tax-id-missing`, `tax-id-invalid`: what an invoice needs and the account does not have. */
export function partyGaps(scene: Scene): Told[] {
  const { index } = scene.book;
  const findings: Told[] = [];
  const billed = new Map<string, Row<'accounts'>>();
  for (const { terms } of scene.contracts.values()) {
    const { billingAccount, row } = terms;
    billed.set(billingAccount.account, billingAccount);
    if (isPoMissing(scene, row, billingAccount))
      findings.push({
        ...gap('po-missing', billingAccount, 'Ask for the order number before the next run.'),
        contract: row.contract,
        sides: { agreed: [accountRecord(billingAccount)], found: [contractRecord(row)] },
      });
  }
  const reached = new Set(
    index.book.contacts.filter(({ role }) => role === 'billing').map(({ account }) => account),
  );
  for (const account of billed.values())
    if (account.status !== 'closed')
      findings.push(...gapsOf(scene, account, reached.has(account.account)));
  return findings;
}

function gapsOf(scene: Scene, account: Row<'accounts'>, hasContact: boolean): Told[] {
  const findings: Told[] = [];
  if (account.billingEmail === null && !hasContact)
    findings.push(
      gap('contact-missing', account, 'Name a billing contact, or a mail address for invoices.'),
    );
  if (account.taxId === null && needsTaxId(scene, account))
    findings.push(
      gap(
        'tax-id-missing',
        account,
        'Ask for the tax id: without it the invoice bears domestic tax.',
      ),
    );
  const fault = vatNumberFault(account);
  if (fault !== null)
    findings.push({
      ...gap('tax-id-invalid', account, 'Ask for the VAT number: reverse charge rests on it.'),
      evidence: { account: account.account, taxId: account.taxId, fault },
    });
  return findings;
}

function isPoMissing(scene: Scene, row: Row<'contracts'>, account: Row<'accounts'>): boolean {
  const running = row.status === 'active' || row.status === 'suspended';
  return running && account.poRequired === true && row.poNumber === null && row.end >= scene.asOf;
}

function needsTaxId(scene: Scene, account: Row<'accounts'>): boolean {
  if (account.taxCategory === 'AE' || account.taxCategory === 'K') return true;
  const { index } = scene.book;
  const entity =
    account.entity === null ? index.book.entities.at(0) : index.entities.get(account.entity);
  const [seller, buyer] = [entity?.country ?? null, account.country];
  return (
    account.kind === 'business' &&
    seller !== null &&
    buyer !== null &&
    seller !== buyer &&
    EU.has(seller) &&
    EU.has(buyer)
  );
}

function gap(rule: string, account: Row<'accounts'>, suggestion: string): Told {
  return {
    rule,
    account: account.account,
    contract: null,
    subcontract: null,
    amountMinor: 0,
    currency: null,
    evidence: { account: account.account },
    sides: { agreed: [], found: [accountRecord(account)] },
    suggestion,
  };
}

/** `mail-undeliverable`: mails to an address that invoices, reminders, keys or renewals go to came back for good. */
export function mailUndeliverable(scene: Scene): Told[] {
  const bounces = scene.outside.mail?.records?.bounces ?? [];
  const returned = new Map(bounces.map((one) => [one.address.trim().toLowerCase(), one]));
  if (returned.size === 0) return [];
  const contacts = groupBy(scene.book.index.book.contacts, (row) => row.account);
  const billed = new Map(
    [...scene.contracts.values()].flatMap(({ terms }) => {
      const account = scene.book.index.accounts.get(terms.row.account) ?? terms.billingAccount;
      return [account, terms.billingAccount].map((row) => [row.account, row] as const);
    }),
  );
  return [...billed.values()]
    .filter(({ status }) => status !== 'closed')
    .flatMap((account) => {
      const written = new Set(
        [
          account.billingEmail,
          ...(account.ccEmails ?? []),
          ...(contacts.get(account.account) ?? [])
            .filter(({ role, receives }) => role === 'billing' || (receives ?? []).length > 0)
            .map(({ email }) => email),
        ].flatMap((address) => (address === null ? [] : [address.trim().toLowerCase()])),
      );
      return [...written].flatMap((address) => {
        const bounce = returned.get(address);
        return bounce === undefined ? [] : [undeliverable(account, address, bounce)];
      });
    });
}

function undeliverable(
  account: Row<'accounts'>,
  address: string,
  { bouncedOn, reason }: MailRecords['bounces'][number],
): Told {
  return {
    rule: 'mail-undeliverable',
    account: account.account,
    contract: null,
    subcontract: null,
    amountMinor: 0,
    currency: null,
    evidence: { email: address, bouncedOn, reason },
    sides: {
      agreed: [accountRecord(account)],
      found: [
        { system: 'mail', table: 'bounces', id: address, fields: { bouncedOn, reason }, url: null },
      ],
    },
    suggestion: 'Ask the customer for an address that works.',
  };
}
