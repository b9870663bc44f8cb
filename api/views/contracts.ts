/** Contracts as lists and their page show them: where each stands, what was, what is planned, in words. */

import {
  type AuditEvent,
  type ContractFacts,
  type ContractState,
  contractFacts,
  contractsNeedingAttention,
  type Db,
  getContractState,
  type Invoice,
  type InvoiceLine,
  importedLicensesOf,
  invoicesOfContract,
  licensesOf,
  listDocuments,
  loadBook,
  type Payment,
  type Renewal,
  renewalsOf,
  timelineOf,
  type User,
} from '../../db/index.ts';
import { indexBook } from '../../domain/book/book-index.ts';
import type { Row } from '../../domain/book/tables.ts';
import { subcontractHistory, termsCache } from '../../domain/charges/subcontract-history.ts';
import { addDays } from '../../domain/dates/dates.ts';
import { toDecimal } from '../../domain/money/decimal.ts';
import { Refusal } from '../../domain/refusal.ts';
import { contractWorkflowId } from '../../workflows/ids.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { Paging } from '../http/lists.ts';
import { allRows } from '../http/lists.ts';
import { may } from '../permissions.ts';
import type {
  AmendmentView,
  ContractPage,
  ContractSummary,
  DocumentView,
  LicenseView,
  Page,
  RenewalView,
  SegmentView,
  SubcontractView,
  TimelineEntry,
} from '../types.ts';
import {
  type AllocationRow,
  changeView,
  importedLicenseView,
  invoiceSummary,
  isOpen,
  licenseView,
  type NameOf,
  paidThrough,
  paymentSummary,
} from './invoices.ts';
import { mailViews, toldMailsOf } from './mails.ts';
import { money } from './money.ts';
import { accountNames, todayFor } from './parties.ts';
import { namesOf } from './people.ts';
import { workflowLink } from './workflow-link.ts';

export async function contractSummaries(
  db: Db,
  rows: readonly Row<'contracts'>[],
): Promise<ContractSummary[]> {
  if (rows.length === 0) return [];
  const contracts = rows.map((row) => row.contract);
  const [states, subcontracts, nameOf] = await Promise.all([
    allRows<ContractState>(db, 'contractStates', { contract: contracts }),
    allRows<Row<'subcontracts'>>(db, 'subcontracts', { contract: contracts }),
    accountNames(
      db,
      rows.map((row) => row.account),
    ),
  ]);
  const stateOf = new Map(states.map((state) => [state.contract, state]));
  return rows.map((row) =>
    summaryOf(
      row,
      stateOf.get(row.contract) ?? null,
      subcontracts.filter((subcontract) => subcontract.contract === row.contract).length,
      nameOf,
    ),
  );
}

/** Contracts that wait for a person: few, and all on one page. */
contractSummaries.waiting = async (
  db: Db,
  _paging: Paging,
  filter: Record<string, unknown>,
): Promise<Page<ContractSummary>> => {
  const waiting = await contractsNeedingAttention(db);
  const contracts = waiting.map((state) => state.contract);
  const rows =
    contracts.length === 0
      ? []
      : await allRows<Row<'contracts'>>(db, 'contracts', {
          ...(filter as Record<string, string>),
          contract: contracts,
        });
  return { items: await contractSummaries(db, rows), nextCursor: null, total: rows.length };
};

function summaryOf(
  row: Row<'contracts'>,
  state: ContractState | null,
  subcontractCount: number,
  nameOf: NameOf,
): ContractSummary {
  return {
    contract: row.contract,
    account: nameOf(row.account),
    entity: row.entity,
    start: row.start,
    end: row.end,
    billingFrequency: row.billingFrequency,
    status: row.status,
    autoRenew: row.autoRenew,
    subcontractCount,
    words: state?.words ?? null,
    nextStep: state?.nextStep ?? null,
    nextStepOn: state?.nextStepOn ?? null,
    needsAttention: state?.needsAttention ?? null,
  };
}

/** The contract's page, as one person may see and act on it; null where there is none. */
export async function contractPage(
  { db, configuration, now }: ApiDependencies,
  contract: string,
  person: User,
): Promise<ContractPage | null> {
  const facts = await contractFacts(db, contract);
  if (facts === null) return null;
  const [{ today, clock }, state, invoices, own, imported, renewals, mails, nameOf, nameOfUser] =
    await Promise.all([
      todayFor(db, { account: facts.account.account, contract }, now()),
      getContractState(db, contract),
      invoicesOfContract(db, contract),
      licensesOf(db, { contract }),
      importedLicensesOf(db, { contract }),
      renewalsOf(db, contract),
      toldMailsOf(db, { contract }),
      accountNames(db, [facts.account.account]),
      namesOf(db),
    ]);
  const [lines, payments, changes, documents, segments, past] = await Promise.all([
    allRows<InvoiceLine>(db, 'invoiceLines', { contract }),
    paymentsOf(db, invoices),
    allRows<AuditEvent>(db, 'auditEvents', { subject: [contract, contractWorkflowId(contract)] }),
    documentsOf(db, invoices),
    segmentsOf(db, facts, today),
    timelineOf(db, { contract }),
  ]);
  const row = facts.contract;
  const licenses = [...own.map(licenseView), ...imported.map(importedLicenseView)];
  return {
    ...summaryOf(row, state, facts.subcontracts.length, nameOf),
    currency: row.currency ?? facts.account.currency ?? facts.entity?.currency ?? null,
    anchor: row.anchor,
    paymentTerms: row.paymentTerms ?? facts.account.paymentTerms,
    priceList: row.priceList,
    discountPercent: row.discountPercent,
    noticeDays: row.noticeDays,
    noticeReceived: row.noticeReceived,
    terminatedOn: row.terminatedOn,
    poNumber: row.poNumber,
    clock,
    today,
    timeline: [
      ...past.map(
        (event): TimelineEntry => ({
          on: event.happenedOn,
          tense: 'past',
          kind: event.kind,
          words: event.words,
          references: event.references,
        }),
      ),
      {
        on: today,
        tense: 'now',
        kind: 'state',
        words: state?.needsAttention ?? state?.words ?? 'Its lifecycle has not begun',
        references: {},
      },
      ...planned(facts, state, invoices, today),
    ],
    subcontracts: await subcontractViews(db, facts, segments, lines, licenses),
    invoices: invoices.map((invoice) => invoiceSummary(invoice, nameOf, today)),
    payments: payments.map((payment) => paymentSummary(payment, nameOf)),
    licenses,
    mails: mailViews(mails),
    documents,
    renewals: renewals.map((renewal) => renewalView(renewal, nameOf)),
    changes: changes.map((event) => changeView(event, nameOfUser)),
    may: permitted(facts, state, renewals, person),
    temporalUiUrl: workflowLink(configuration, person, contractWorkflowId(contract)),
  };
}

/** What comes, from facts that are known: the next step, what falls due, how the term ends. */
function planned(
  { contract }: ContractFacts,
  state: ContractState | null,
  invoices: readonly Invoice[],
  today: string,
): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const add = (on: string, kind: string, words: string, references = {}) => {
    if (on > today) entries.push({ on, tense: 'planned', kind, words, references });
  };
  if (state?.nextStep != null && state.nextStepOn !== null)
    add(state.nextStepOn, 'next-step', state.nextStep);
  for (const invoice of invoices.filter(isOpen))
    add(invoice.dueOn, 'due', `${invoice.invoice} falls due`, { invoice: invoice.invoice });
  if (contract.status === 'active' || contract.status === 'suspended') {
    // Billing rules §9: the agreement is drawn up max(90, notice + 30) days before the term's end.
    const lead = Math.max(90, (contract.noticeDays ?? 0) + 30);
    add(addDays(contract.end, -lead), 'renewal', 'The renewal agreement is drawn up');
    add(
      contract.end,
      'term-end',
      contract.autoRenew && contract.noticeReceived === null
        ? 'The term ends and renews by itself'
        : 'The term ends; it renews only when the customer accepts',
    );
  }
  return entries.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
}

async function paymentsOf(db: Db, invoices: readonly Invoice[]): Promise<Payment[]> {
  if (invoices.length === 0) return [];
  const allocations = await allRows<AllocationRow>(db, 'paymentAllocations', {
    invoice: invoices.map((invoice) => invoice.invoice),
  });
  const keys = [...new Set(allocations.map((allocation) => allocation.payment))];
  return keys.length === 0
    ? []
    : allRows<Payment>(db, 'payments', { payment: keys }, { sort: '-receivedOn' });
}

export async function documentsOf(db: Db, invoices: readonly Invoice[]): Promise<DocumentView[]> {
  const found = await Promise.all(
    invoices
      .filter((invoice) => invoice.documentKey !== null)
      .map(async (invoice) =>
        (await listDocuments(db, `${invoice.documentKey}:`)).map((document) => ({
          key: document.key,
          fileName: document.fileName,
          mediaType: document.mediaType,
          url: `/api/v1/invoices/${encodeURIComponent(invoice.invoice)}/documents/${encodeURIComponent(document.key)}`,
        })),
      ),
  );
  return found.flat();
}

type Segments = ReadonlyMap<string, readonly SegmentView[]>;

/** Each subcontract's segments as the engine sees them; one whose facts contradict each other has none. */
async function segmentsOf(db: Db, facts: ContractFacts, today: string): Promise<Segments> {
  const { contract } = facts.contract;
  const index = indexBook(await loadBook(db, { contracts: [contract] }));
  const termsOf = termsCache(index);
  const found = new Map<string, SegmentView[]>();
  for (const row of facts.subcontracts) {
    try {
      const history = subcontractHistory(index, termsOf, row, { asOf: today, agreedBefore: null });
      const mine = history?.ownerships.filter((ownership) => ownership.contract === contract) ?? [];
      found.set(
        row.subcontract,
        mine.flatMap((ownership) =>
          ownership.states.map((state, at) => ({
            start: state.from,
            end: addDays(ownership.states[at + 1]?.from ?? ownership.to, -1),
            quantity: toDecimal(state.quantity),
            unitPrice: state.price === null ? null : toDecimal(state.price),
            discountPercent: toDecimal(state.discount),
            paused: !state.active,
          })),
        ),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      found.set(row.subcontract, []);
    }
  }
  return found;
}

async function subcontractViews(
  db: Db,
  { contract, subcontracts, amendments }: ContractFacts,
  segments: Segments,
  lines: readonly InvoiceLine[],
  licenses: readonly LicenseView[],
): Promise<SubcontractView[]> {
  const skus = [...new Set(subcontracts.map((row) => row.sku))];
  const products =
    skus.length === 0 ? [] : await allRows<Row<'products'>>(db, 'products', { sku: skus });
  return subcontracts.map((row) => {
    const product = products.find(({ sku }) => sku === row.sku);
    return {
      subcontract: row.subcontract,
      sku: row.sku,
      product: product?.name ?? row.sku,
      kind: product?.kind ?? 'maintenance',
      quantity: row.quantity,
      unitPrice: row.unitPrice,
      discountPercent: row.discountPercent,
      start: row.start ?? contract.start,
      end: row.end ?? contract.end,
      serial: row.serial,
      status: row.status,
      segments: segments.get(row.subcontract) ?? [],
      amendments: amendments
        .filter((amendment) => amendment.subcontract === row.subcontract)
        .map(amendmentView),
      paidThrough: paidThrough(lines.filter((line) => line.subcontract === row.subcontract)),
      license:
        licenses.find(
          (license) => license.subcontract === row.subcontract && license.state === 'enabled',
        ) ?? null,
    };
  });
}

function amendmentView(row: Row<'amendments'>): AmendmentView {
  const to = row.value ?? '';
  const words = {
    add: `${to} more`,
    quantity: `Quantity ${to}`,
    price: `Price ${to}`,
    discount: `Discount ${to} %`,
    move: `Moved to ${to}`,
    remove: 'Removed',
    pause: 'Paused',
    resume: 'Resumed',
  }[row.kind];
  const { custom: _custom, ...amendment } = row;
  return { ...amendment, words: `${words} from ${row.effective}` };
}

export function renewalView(renewal: Renewal, nameOf: NameOf): RenewalView {
  return {
    renewal: renewal.renewal,
    contract: renewal.contract,
    account: nameOf(renewal.account),
    termStart: renewal.termStart,
    termEnd: renewal.termEnd,
    state: renewal.state,
    value: money(renewal.valueMinor, renewal.currency),
    previousValue: money(renewal.previousValueMinor, renewal.currency),
    decidedOn: renewal.decidedOn,
  };
}

function permitted(
  { contract }: ContractFacts,
  state: ContractState | null,
  renewals: readonly Renewal[],
  { role }: User,
): ContractPage['may'] {
  const lives = contract.status === 'active' || contract.status === 'suspended';
  const held = contract.status === 'suspended' || state?.state === 'held';
  const found: ContractPage['may'][number][] = [];
  if (lives && may(role, 'contract:amend')) found.push('amend');
  if (lives && may(role, 'contract:hold')) found.push(held ? 'release' : 'hold');
  if (may(role, 'contract:terminate'))
    if (lives) found.push('terminate');
    else if (contract.status !== 'draft') found.push('reinstate');
  if (lives && may(role, 'license:grant-grace')) found.push('grace');
  const waits = renewals.some(({ state: at }) => at === 'drawn_up' || at === 'sent');
  if (waits && may(role, 'renewal:decide')) found.push('decide-renewal');
  if (state?.needsAttention != null && may(role, 'contract:resolve')) found.push('resolve');
  return found;
}
