/** What the sample company's accounting, CRM, mail server and ledger hold: the same as its book, and mess of their own. */
import { addDays, addMonths, type CivilDate } from '../domain/dates/dates.ts';
import type {
  AccountingRecords,
  CrmRecords,
  LedgerRecords,
  MailRecords,
  OutsideCustomer,
  OutsideRecords,
} from '../domain/findings/outside.ts';
import { parseMinor } from '../domain/money/money.ts';
import type { Random } from './random.ts';
import type { Draft } from './sample-company.ts';
import type { Planted } from './sample-mess.ts';

type Grown<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer R)[] ? R[] : T[K] };

/** Under construction. */
export interface Outside {
  readonly accounting: Grown<AccountingRecords>;
  readonly crm: Grown<CrmRecords>;
  readonly mail: Grown<MailRecords>;
  readonly ledger: Grown<LedgerRecords>;
}

/** Months that accounting and CRM were read for. */
const READ_MONTHS = 6;

/** As it should be: everything that was posted stands there as it stands here. */
export function outsideOf(draft: Draft, today: CivilDate): Outside {
  const since = addMonths(today, -READ_MONTHS);
  const customerOf = new Map(draft.accounts.map((row) => [row.account, row.accountingId]));
  const customer = (row: Draft['accounts'][number], id: string | null, system: string) => ({
    id: id ?? '',
    name: row.name,
    addressLine1: row.addressLine1,
    city: row.city,
    postalCode: row.postalCode,
    country: row.country,
    taxId: row.taxId,
    email: row.billingEmail,
    url: `https://${system}.northwind.example/customers/${id}`,
  });
  const accounting: Outside['accounting'] = {
    since,
    customers: draft.accounts.map((row) => customer(row, row.accountingId, 'accounting')),
    documents: draft.invoices
      .filter(({ issued }) => issued >= since)
      .map((row) => ({
        id: `doc-${row.invoice}`,
        number: row.invoice,
        customer: customerOf.get(row.account) ?? null,
        type: row.type,
        issuedOn: row.issued,
        currency: row.currency,
        totalMinor: Math.abs(parseMinor(row.total ?? '0', row.currency ?? 'USD')),
        url: `https://accounting.northwind.example/documents/${row.invoice}`,
      })),
    payments: draft.payments
      .filter(({ received, reference }) => received >= since && reference !== 'annual maintenance')
      .map((row) => {
        const currency = row.currency ?? 'USD';
        return {
          id: `pay-${row.payment}`,
          payment: row.payment,
          customer: customerOf.get(row.account) ?? null,
          receivedOn: row.received,
          currency,
          amountMinor: parseMinor(row.amount, currency),
          reference: row.reference,
          allocations: draft.payment_allocations
            .filter(({ payment }) => payment === row.payment)
            .map(({ invoice, amount }) => ({
              document: invoice,
              amountMinor: parseMinor(amount, currency),
            })),
          url: null,
        };
      }),
  };
  const crm: Outside['crm'] = {
    since,
    customers: draft.accounts.map((row) => customer(row, row.crmId, 'crm')),
    deals: draft.orders
      .filter(({ opportunity }) => opportunity !== null)
      .map((row) => ({
        id: row.opportunity ?? row.order,
        customer: draft.accounts.find(({ account }) => account === row.account)?.crmId ?? null,
        stage: row.stage === 'closed_won' ? 'closed_won' : 'open',
        closedOn: row.closed,
        currency: null,
        amountMinor: null,
        url: `https://crm.northwind.example/deals/${row.opportunity}`,
      })),
  };
  return { accounting, crm, mail: { bounces: [] }, ledger: { entries: [], receivables: [] } };
}

export function asSources(outside: Outside, today: CivilDate): OutsideRecords {
  const read = { checkedOn: today, reason: null };
  return {
    accounting: { records: outside.accounting, ...read },
    crm: { records: outside.crm, ...read },
    mail: { records: outside.mail, ...read },
    ledger: { records: outside.ledger, ...read },
  };
}

/** Plants what only a comparison with the other systems can find. */
export function plantOutside(
  draft: Draft,
  outside: Outside,
  random: Random,
  today: CivilDate,
): Planted[] {
  const planted: Planted[] = [];
  const { accounting } = outside;
  const told = (kind: string, rule: string, words: string, part: Partial<Planted>) =>
    planted.push({
      kind,
      words,
      account: null,
      contract: null,
      subcontract: null,
      record: null,
      ...part,
      rules: [rule],
      also: [],
    });
  const accountOf = (customer: string | null) =>
    draft.accounts.find((row) => row.accountingId === customer)?.account ?? null;
  const takeOut = <R>(rows: R[], wanted: (row: R) => boolean = () => true): R => {
    const fitting = rows.filter(wanted);
    const row = random.pick(fitting);
    rows.splice(rows.indexOf(row), 1);
    return row;
  };
  const isInvoice = ({ type }: { readonly type: string }) => type === 'invoice';

  for (let time = 0; time < 2; time += 1) {
    const lost = takeOut(accounting.documents, isInvoice);
    told(
      'invoice-not-posted',
      'invoice-missing-in-accounting',
      `${lost.number} never reached accounting`,
      { account: accountOf(lost.customer), record: lost.number },
    );
    const other = takeOut(accounting.documents, isInvoice);
    accounting.documents.unshift({ ...other, totalMinor: other.totalMinor + 9000 });
    told(
      'invoice-posted-wrongly',
      'invoice-differs-in-accounting',
      `${other.number} is 90.00 more in accounting`,
      { account: accountOf(other.customer), record: other.number },
    );
  }
  const changed = new Set(planted.map(({ record }) => record));
  const twin = random.pick(
    accounting.documents.filter((row) => isInvoice(row) && !changed.has(row.number)),
  );
  accounting.documents.push({ ...twin, id: `${twin.id}-again` });
  told('invoice-posted-twice', 'invoice-twice-in-accounting', `${twin.number} was posted twice`, {
    account: accountOf(twin.customer),
    record: twin.number,
  });
  const stray = { ...twin, id: 'doc-stray', number: twin.number.replace(/\d+$/, '99998') };
  accounting.documents.push(stray);
  told(
    'invoice-made-by-hand',
    'invoice-missing-here',
    `${stray.number} was written in accounting`,
    {
      account: accountOf(stray.customer),
      record: stray.number,
    },
  );

  const posted = takeOut(accounting.payments);
  told(
    'payment-not-posted',
    'payment-missing-in-accounting',
    `${posted.payment} never reached accounting`,
    { account: accountOf(posted.customer), record: posted.payment },
  );
  const moved = takeOut(accounting.payments, ({ allocations }) => (allocations ?? []).length > 0);
  accounting.payments.push({
    ...moved,
    allocations: [{ document: stray.number, amountMinor: moved.amountMinor }],
  });
  told(
    'payment-allocated-otherwise',
    'allocation-differs-in-accounting',
    `${moved.payment} pays ${stray.number} in accounting`,
    { account: accountOf(moved.customer), record: moved.payment },
  );
  accounting.payments.push({
    ...moved,
    id: 'pay-stray',
    payment: null,
    receivedOn: addDays(today, -20),
    amountMinor: moved.amountMinor + 101,
    reference: 'by cheque',
    allocations: null,
  });
  told('payment-in-accounting-only', 'payment-missing-here', 'pay-stray is in accounting only', {
    account: accountOf(moved.customer),
    record: 'pay-stray',
  });

  const billed = new Set(draft.contracts.map(({ account }) => account));
  const isBilled = (one: OutsideCustomer) => billed.has(accountOf(one.id) ?? '');
  const missing = takeOut(accounting.customers, isBilled);
  told(
    'customer-not-in-accounting',
    'customer-missing-in-accounting',
    `${missing.name} is no customer in accounting`,
    { account: accountOf(missing.id) },
  );
  const double = random.pick(accounting.customers);
  accounting.customers.push({ ...double, id: `${double.id}-2`, name: `${double.name} (new)` });
  if (double.taxId === null)
    accounting.customers.push({ ...double, id: `${double.id}-3`, email: null });
  told(
    'customer-twice-in-accounting',
    'customer-duplicated-in-accounting',
    `${double.name} is two customers in accounting`,
    { account: accountOf(double.id) },
  );
  plantPeople(draft, outside, random, today, told);
  return planted;
}

type Tell = (kind: string, rule: string, words: string, part: Partial<Planted>) => void;

/** What is wrong with people, deals and the ledger. */
function plantPeople(
  draft: Draft,
  { accounting, crm, mail, ledger }: Outside,
  random: Random,
  today: CivilDate,
  told: Tell,
): void {
  const change = <R>(rows: R[], row: R, part: Partial<R>) => {
    rows[rows.indexOf(row)] = { ...row, ...part };
  };
  const known = (id: string) =>
    draft.accounts.find((row) => row.accountingId === id || row.crmId === id)?.account ?? null;
  const single = accounting.customers.filter(
    ({ id }) => !accounting.customers.some((other) => other.id.startsWith(`${id}-`)),
  );
  const old = random.pick(single.filter(({ id }) => known(id) !== null));
  change(accounting.customers, old, { addressLine1: '1 Former Street', city: 'Elsewhere' });
  told(
    'customer-moved-in-accounting',
    'customer-differs-in-accounting',
    `accounting has an address of ${old.name} that it left`,
    { account: known(old.id) },
  );
  // One without any address has none to compare.
  const former = random.pick(crm.customers.filter(({ email }) => email !== null));
  change(crm.customers, former, { email: 'someone.gone@customer.example' });
  told(
    'customer-mail-in-crm',
    'customer-differs-in-crm',
    `the CRM has another mail address of ${former.name}`,
    { account: known(former.id) },
  );
  crm.deals.push({
    id: 'opp-forgotten',
    customer: former.id,
    stage: 'closed_won',
    closedOn: addMonths(today, -2),
    currency: 'USD',
    amountMinor: 4_800_000,
    url: 'https://crm.northwind.example/deals/opp-forgotten',
  });
  told('deal-never-ordered', 'deal-without-contract', 'opp-forgotten was won and never ordered', {
    account: known(former.id),
    record: 'opp-forgotten',
  });
  const silent = random.pick(
    draft.accounts.filter((row) => row.billingEmail !== null && row.crmId !== former.id),
  );
  mail.bounces.push({
    address: silent.billingEmail ?? '',
    bouncedOn: addDays(today, -11),
    reason: '550 no such mailbox',
  });
  told('mail-comes-back', 'mail-undeliverable', `mail to ${silent.billingEmail} came back`, {
    account: silent.account,
  });
  ledger.entries.push({ entry: 'entry-lost', currency: 'USD', sumMinor: 1200, document: null });
  told('entry-out-of-balance', 'ledger-imbalance', 'entry-lost does not sum to zero', {
    record: 'entry-lost',
  });
}
