/**
 * The whole computation of a bill run, without effect (billing rules §4): every contract's unbilled charges, grouped into
 * documents with tax and due date, old finds held, bad contracts set aside, and a control sheet that adds up.
 */
import { indexBook } from '../book/book-index.ts';
import type { Book, Row } from '../book/tables.ts';
import {
  agreedPaymentTerms,
  type ContractTerms,
  contractPolicy,
  entityOf,
  oldFindMonths,
} from '../charges/contract-terms.ts';
import { sellerOfAccount, sellerOfDifference, soldOn } from '../charges/seller.ts';
import { type ServiceDifference, serviceDifferences } from '../charges/service.ts';
import {
  type BillingBook,
  billingBook,
  type Difference,
  differences,
  ignoredAmendments,
} from '../charges/unbilled.ts';
import type { CivilDate } from '../dates/dates.ts';
import { errorWords } from '../error-words.ts';
import { parseMinor } from '../money/money.ts';
import {
  DEFAULT_PAYMENT_TERMS,
  dueDateOf,
  parsePaymentTerms,
} from '../payment-terms/payment-terms.ts';
import { type PolicyScope, policyOf, policyText } from '../policies/policies.ts';
import { Refusal } from '../refusal.ts';
import { taxSubtotals } from '../tax/tax-totals.ts';
import { demandValidBuyer, type VatValidations } from '../tax/vat-check.ts';
import { ControlSheet } from './control.ts';
import type { BillDocument, BillRunPreview, Carried, HeldFind, SetAside } from './document.ts';
import { billedLater, serviceBilledLater } from './late-run.ts';
import { type DraftLine, linesOfDifference, serviceLine, type TaxContext } from './lines.ts';

export interface PreviewOptions {
  /** R, the run date. */
  readonly run: CivilDate;
  /** Only this contract. */
  readonly contract?: string;
  /** Only the service time of this account's own, which has no contract. */
  readonly serviceOf?: string;
  /** Contracts that rows left out of the book have damaged, with the rows and what to correct: set aside as `row-invalid`. */
  readonly damaged?: ReadonlyMap<string, string>;
  /** What the register of VAT numbers last said, for accounts under the policy `vat_check` vies. */
  readonly vatValidations?: VatValidations;
  /**
   * Only this difference, because a person asked for it: it is billed however old it is, whatever minimum or carrying
   * forward would keep back.
   */
  readonly only?: AskedDifference;
  /**
   * It is computed to be issued, maybe late: what was billed after the run date is left to the next run. Without it the answer
   * for a past date never changes.
   */
  readonly toIssue?: boolean;
}

/** What one subcontract owes for one period, or one entry of service time. */
export interface AskedDifference {
  /** A subcontract, or an entry of service time. */
  readonly subject: string;
  /** The first day of the period, or the entry's day. */
  readonly periodStart: CivilDate;
}

const NONE_VALIDATED: VatValidations = new Map();

/** Lines that belong on one document, and what the document needs to know. */
interface Group {
  readonly subject: string;
  readonly entityId: string;
  readonly account: Row<'accounts'>;
  readonly currency: string;
  readonly paymentTerms: string;
  readonly scope: PolicyScope;
  /** The order number, while all contracts of the document name the same. */
  poNumber: string | null;
  minimum: number;
  readonly contracts: Set<string | null>;
  readonly lines: DraftLine[];
}

interface Outcome {
  readonly groups: Map<string, Group>;
  readonly held: HeldFind[];
  readonly setAside: SetAside[];
  readonly warnings: Set<string>;
  readonly control: ControlSheet;
}

/** What a run of `options.run` would issue. The same book and day always give the same answer. */
export function previewBillRun(book: Book, options: PreviewOptions): BillRunPreview {
  return previewFrom(billingBook(indexBook(book)), options);
}

/** The same, from a book that is prepared already. */
export function previewFrom(book: BillingBook, options: PreviewOptions): BillRunPreview {
  const outcome: Outcome = {
    groups: new Map(),
    held: [],
    setAside: [],
    warnings: new Set(),
    control: new ControlSheet(),
  };
  if (book.index.book.taxes.length === 0)
    outcome.warnings.add('the book has no taxes: every rate is zero');
  const { contract: only, serviceOf } = options;
  const named = (contract: string) =>
    serviceOf === undefined && (only === undefined || contract === only);
  for (const row of [...book.index.book.contracts].sort((x, y) => order(x.contract, y.contract))) {
    if (!named(row.contract) || row.status === 'draft') continue;
    const damage = options.damaged?.get(row.contract);
    if (damage === undefined) addContract(book, row, options, outcome);
    else outcome.setAside.push({ contract: row.contract, code: 'row-invalid', reason: damage });
  }
  for (const [contract, reason] of options.damaged ?? [])
    if (named(contract) && !book.index.contracts.has(contract))
      outcome.setAside.push({ contract, code: 'row-invalid', reason });
  if (options.only === undefined)
    setAsideOrphans(
      book,
      outcome,
      (contract) => named(contract) && !options.damaged?.has(contract),
    );
  if (only === undefined)
    for (const [account, entries] of [...book.index.timesheetsOfAccount].sort(([x], [y]) =>
      order(x, y),
    ))
      if (serviceOf === undefined || account === serviceOf)
        addAccountService(book, account, entries, options, outcome);
  return finished(book, options, outcome);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Subcontracts and service time on contracts that the book does not have: nobody would ever bill them. */
function setAsideOrphans(
  book: BillingBook,
  outcome: Outcome,
  asked: (contract: string) => boolean,
): void {
  const orphans = new Map<string, string>();
  for (const [contract, rows] of book.index.subcontractsOf)
    if (!book.index.contracts.has(contract))
      orphans.set(contract, `subcontract ${rows.map((row) => row.subcontract).join(', ')}`);
  for (const [contract, rows] of book.index.timesheetsOf)
    if (!book.index.contracts.has(contract) && !orphans.has(contract))
      orphans.set(contract, `service time ${rows.map((row) => row.entry).join(', ')}`);
  for (const [contract, what] of [...orphans].sort(([x], [y]) => order(x, y)))
    if (asked(contract))
      outcome.setAside.push({
        contract,
        code: 'contract-unknown',
        reason: `${what} names contract ${contract}, which the book does not have; add it or correct the name`,
      });
}

/** One bad contract is set aside with its reason and never stops the others. */
function setAsideOnRefusal(
  outcome: Outcome,
  contract: string,
  compute: () => void,
  account?: string,
): void {
  try {
    compute();
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'rule-failed';
    const reason = errorWords(error);
    outcome.setAside.push({
      contract,
      ...(account === undefined ? {} : { account }),
      code,
      reason,
    });
  }
}

function addContract(
  book: BillingBook,
  row: Row<'contracts'>,
  { run: runOn, vatValidations, only, toIssue = false }: PreviewOptions,
  outcome: Outcome,
): void {
  setAsideOnRefusal(outcome, row.contract, () => {
    const terms = book.termsOf(row.contract);
    const found = asked(differences(book, terms, runOn), only, subcontractAndPeriod).filter(
      (difference) => !toIssue || !billedLater(book, difference, runOn),
    );
    const months = oldFindMonths(book.index, terms.scope, runOn);
    for (const warning of ignoredAmendments(book, terms, runOn)) outcome.warnings.add(warning);
    const entries = book.index.timesheetsOf.get(row.contract) ?? [];
    const service = asked(
      serviceDifferences(book, entries, {
        currency: terms.currency,
        billFrom: terms.billFrom,
        oldFindMonths: months,
        runOn,
      }),
      only,
      entryAndDay,
    ).filter((difference) => !toIssue || !serviceBilledLater(book, difference, runOn));
    const sold = soldOn(book.index, terms, runOn);
    const contextOf = (seller: ContractTerms): TaxContext => ({
      ...{ index: book.index, entity: seller.entity, account: terms.billingAccount, runOn },
      scope: terms.scope,
    });
    const context = contextOf(sold);
    const sellerOf = (difference: Difference) =>
      sellerOfDifference(book.index, terms, difference, runOn);
    for (const difference of found) if (difference.held) hold(outcome, terms, difference, months);
    for (const { held, entry, amountMinor, currency } of service)
      if (held) holdService(outcome, { contract: row.contract }, entry, amountMinor, currency);
    const due = found.filter((difference) => !difference.held);
    const serviceDue = service.filter((difference) => !difference.held);
    if (due.length + serviceDue.length === 0) return;
    const amounts = [
      ...due.map((item) => ({ currency: terms.currency, minor: item.differenceMinor })),
      ...serviceDue.map((item) => ({ currency: item.currency, minor: item.amountMinor })),
    ];
    const { lines, serviceLines } = countedWhenSetAside(outcome, amounts, () => {
      const drafted = due.map((difference) => {
        const seller = sellerOf(difference);
        return { seller, lines: linesOfDifference(contextOf(seller), terms, difference) };
      });
      const plain = drafted.flatMap((of) => of.lines);
      const draftedService = serviceDue.map((difference) => ({
        line: serviceLine(context, difference),
        currency: difference.currency,
      }));
      demandOpenAccount(closedAccount(book, terms), plain.length + draftedService.length);
      const taxed = [...plain, ...draftedService.map(({ line }) => line)];
      demandValidBuyer(context, taxed, vatValidations ?? NONE_VALIDATED);
      return { lines: drafted, serviceLines: draftedService };
    });
    for (const { seller, lines: drafted } of lines) {
      if (drafted.length === 0) continue;
      const group = groupFor(outcome, contractGroup(book, seller, runOn), terms.currency);
      for (const line of drafted) group.lines.push(line);
    }
    for (const { line, currency } of serviceLines)
      groupFor(outcome, contractGroup(book, sold, runOn), currency).lines.push(line);
  });
}

/** What is due on a contract that is set aside while its lines are made still counts on the control sheet. */
function countedWhenSetAside<R>(
  outcome: Outcome,
  amounts: readonly { readonly currency: string; readonly minor: number }[],
  make: () => R,
): R {
  try {
    return make();
  } catch (error) {
    for (const { currency, minor } of amounts) outcome.control.add(currency, 'setAside', minor);
    throw error;
  }
}

function demandOpenAccount(closed: string | null, lines: number): void {
  if (closed !== null && lines > 0)
    throw new Refusal(
      'account-closed',
      `account ${closed} is closed, but ${lines} lines are due; ` +
        'reopen it, name another bill-to account, or terminate the contract',
    );
}

function closedAccount(book: BillingBook, terms: ContractTerms): string | null {
  const account = book.index.accounts.get(terms.row.account);
  if (terms.billingAccount.status === 'closed') return terms.billingAccount.account;
  return account?.status === 'closed' ? account.account : null;
}

function hold(
  outcome: Outcome,
  terms: ContractTerms,
  difference: Difference,
  months: number,
): void {
  outcome.control.add(terms.currency, 'held', difference.differenceMinor);
  outcome.held.push({
    contract: difference.contract,
    subcontract: difference.subcontract,
    periodStart: difference.period.start,
    net: difference.differenceMinor,
    reason:
      `the period began on ${difference.period.start}, more than ${months} months before the run; ` +
      'include it or accept it',
  });
}

const subcontractAndPeriod = ({ subcontract, period }: Difference): AskedDifference => ({
  subject: subcontract,
  periodStart: period.start,
});
const entryAndDay = ({ entry }: ServiceDifference): AskedDifference => ({
  subject: entry.entry,
  periodStart: entry.date,
});

/** All differences; or the one that was asked for, which nothing holds. */
function asked<D extends { readonly held: boolean }>(
  found: readonly D[],
  only: AskedDifference | undefined,
  nameOf: (difference: D) => AskedDifference,
): D[] {
  if (only === undefined) return [...found];
  return found.flatMap((difference) => {
    const { subject, periodStart } = nameOf(difference);
    const isAsked = subject === only.subject && periodStart === only.periodStart;
    return isAsked ? [{ ...difference, held: false }] : [];
  });
}

function holdService(
  outcome: Outcome,
  owner: { readonly contract: string; readonly account?: string },
  entry: Row<'timesheets'>,
  amountMinor: number,
  currency: string,
): void {
  outcome.control.add(currency, 'held', amountMinor);
  outcome.held.push({
    ...owner,
    subcontract: '',
    entry: entry.entry,
    periodStart: entry.date,
    net: amountMinor,
    reason: `service time ${entry.entry} is an old find: it was approved too long before the run; include it or accept it`,
  });
}

type GroupShell = Omit<Group, 'currency' | 'lines' | 'contracts'> & {
  readonly contract: string | null;
};

function contractGroup(book: BillingBook, terms: ContractTerms, runOn: CivilDate): GroupShell {
  const { row, billingAccount: account } = terms;
  const grouping = contractPolicy(book.index, terms, 'grouping', runOn);
  const po = row.poNumber;
  const subject =
    grouping === 'account'
      ? account.account
      : grouping === 'po' && po !== null
        ? `${account.account}-${po}`
        : row.contract;
  const minimum = row.minimum ?? policyText(book.index, terms.scope, 'minimum', runOn);
  return {
    subject,
    entityId: terms.entityId,
    account,
    paymentTerms:
      agreedPaymentTerms(book.index, row.paymentTerms, account, terms.scope, runOn) ??
      DEFAULT_PAYMENT_TERMS,
    poNumber: po,
    scope: terms.scope,
    minimum: minimum === null ? 0 : parseMinor(minimum, terms.currency),
    contract: row.contract,
  };
}

/** The group that lines of a contract or account in a currency belong to, told that they come. */
function groupFor(outcome: Outcome, shell: GroupShell, currency: string): Group {
  const { contract, ...rest } = shell;
  const key = [shell.entityId, shell.account.account, shell.subject, currency].join('\u001f');
  let group = outcome.groups.get(key);
  if (group === undefined) {
    group = { ...rest, currency, contracts: new Set(), lines: [] };
    outcome.groups.set(key, group);
  }
  if (shell.minimum > group.minimum) group.minimum = shell.minimum;
  if (shell.poNumber !== group.poNumber) group.poNumber = null;
  group.contracts.add(contract);
  return group;
}

/** Service time without a contract makes an invoice of the account's own (§3). */
function addAccountService(
  book: BillingBook,
  accountId: string,
  entries: readonly Row<'timesheets'>[],
  { run: runOn, vatValidations, only, toIssue = false }: PreviewOptions,
  outcome: Outcome,
): void {
  const compute = () => {
    const account = book.index.accounts.get(accountId);
    if (account === undefined)
      throw new Refusal(
        'account-unknown',
        `timesheets name account ${accountId}, which is not in the book`,
      );
    const usual = entityOf(book.index, account.entity, `account ${accountId}`);
    const entity = sellerOfAccount(book.index, accountId, usual, runOn);
    const scope = { contract: null, account: accountId, entity: usual.row?.entity ?? null };
    const currency = account.currency ?? usual.row?.currency ?? entries.at(0)?.currency ?? null;
    if (currency === null)
      throw new Refusal('currency-missing', `account ${accountId} and its entity name no currency`);
    const found = asked(
      serviceDifferences(book, entries, {
        currency,
        billFrom: usual.row?.cutover ?? null,
        oldFindMonths: oldFindMonths(book.index, scope, runOn),
        runOn,
      }),
      only,
      entryAndDay,
    ).filter((difference) => !toIssue || !serviceBilledLater(book, difference, runOn));
    const context = { index: book.index, entity: entity.row, account, scope, runOn };
    for (const { held, entry, amountMinor, currency: of } of found)
      if (held) holdService(outcome, { contract: '', account: accountId }, entry, amountMinor, of);
    const due = found.filter((difference) => !difference.held);
    const amounts = due.map((item) => ({ currency: item.currency, minor: item.amountMinor }));
    const lines = countedWhenSetAside(outcome, amounts, () => {
      demandOpenAccount(account.status === 'closed' ? accountId : null, due.length);
      const drafted = due.map((difference) => serviceLine(context, difference));
      demandValidBuyer(context, drafted, vatValidations ?? NONE_VALIDATED);
      return drafted;
    });
    const shell: GroupShell = {
      subject: accountId,
      entityId: entity.id,
      account,
      paymentTerms:
        agreedPaymentTerms(book.index, null, account, scope, runOn) ?? DEFAULT_PAYMENT_TERMS,
      poNumber: null,
      scope,
      minimum: 0,
      contract: null,
    };
    for (const [position, line] of lines.entries())
      groupFor(outcome, shell, due[position]?.currency ?? currency).lines.push(line);
  };
  setAsideOnRefusal(outcome, '', compute, accountId);
}

function finished(
  book: BillingBook,
  { run: runOn, only }: PreviewOptions,
  outcome: Outcome,
): BillRunPreview {
  const invoices: BillDocument[] = [];
  const creditNotes: BillDocument[] = [];
  const carried: Carried[] = [];
  for (const group of outcome.groups.values()) {
    const contract = group.contracts.size === 1 ? ([...group.contracts][0] ?? null) : null;
    const result = documentOrRefusal(book, group, contract, runOn, only !== undefined);
    if (result instanceof Refusal) {
      setGroupAside(outcome, group, result);
      continue;
    }
    const { document, why } = result;
    if (why !== null) {
      outcome.control.add(group.currency, 'carried', document.net);
      const { subject, currency, net } = document;
      carried.push({ contract, subject, account: document.account, currency, net, reason: why });
    } else if (document.net < 0) {
      outcome.control.add(group.currency, 'credited', document.net);
      creditNotes.push(document);
    } else {
      outcome.control.add(group.currency, 'invoiced', document.net);
      invoices.push(document);
    }
  }
  return {
    run: runOn,
    invoices,
    creditNotes,
    held: outcome.held,
    setAside: outcome.setAside,
    carried,
    control: outcome.control.sheet(),
    warnings: [...outcome.warnings],
  };
}

function documentOrRefusal(
  book: BillingBook,
  group: Group,
  contract: string | null,
  runOn: CivilDate,
  isAskedFor: boolean,
): { document: BillDocument; why: string | null } | Refusal {
  try {
    const document = documentOf(book, group, contract, runOn);
    const isKept = document.net === 0 || !isAskedFor;
    return { document, why: isKept ? carriedBecause(book, group, document, runOn) : null };
  } catch (error) {
    if (error instanceof Refusal) return error;
    return new Refusal('rule-failed', errorWords(error));
  }
}

/** A document that can not be made sets aside every contract on it. */
function setGroupAside(outcome: Outcome, group: Group, refusal: Refusal): void {
  for (const line of group.lines) outcome.control.add(group.currency, 'setAside', line.net);
  for (const contract of group.contracts)
    outcome.setAside.push({
      contract: contract ?? '',
      ...(contract === null ? { account: group.account.account } : {}),
      code: refusal.code,
      reason: refusal.message,
    });
}

function documentOf(
  book: BillingBook,
  group: Group,
  contract: string | null,
  runOn: CivilDate,
): BillDocument {
  const terms = parsePaymentTerms(group.paymentTerms);
  if (terms === null)
    throw new Refusal('payment-terms-invalid', `"${group.paymentTerms}" are no payment terms`);
  const businessDays = policyOf(book.index, group.scope, 'due_day', runOn) === 'next-business-day';
  const holidays = businessDays ? policyText(book.index, group.scope, 'holidays', runOn) : null;
  const taxes = taxSubtotals(group.lines);
  const net = group.lines.reduce((sum, line) => sum + line.net, 0);
  const tax = taxes.reduce((sum, part) => sum + part.tax, 0);
  return {
    contract,
    subject: group.subject,
    entity: group.entityId,
    account: group.account.account,
    currency: group.currency,
    issueDate: runOn,
    dueDate: dueDateOf(terms, runOn, businessDays, holidays),
    paymentTerms: group.paymentTerms,
    poNumber: group.poNumber,
    lines: group.lines.map(({ shown }) => shown),
    taxes,
    net,
    tax,
    total: net + tax,
  };
}

/** A net of zero is not issued; below the minimum, or negative where credits are carried forward, it waits (§4). */
function carriedBecause(
  book: BillingBook,
  group: Group,
  document: BillDocument,
  runOn: CivilDate,
): string | null {
  if (document.net === 0) return 'its lines come to zero';
  if (document.net > 0)
    return document.net < group.minimum ? 'it is below the minimum amount' : null;
  const policy = policyOf(book.index, group.scope, 'negative', runOn);
  return policy === 'carry-forward' ? 'credits are carried forward' : null;
}
