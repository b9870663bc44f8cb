/** Rules that compare issued documents and money received with accounting. */
import { groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { type CivilDate, daysBetween } from '../dates/dates.ts';
import { parseMinor } from '../money/money.ts';
import type { Told } from './finding.ts';
import type { AccountingRecords, OutsideDocument, OutsidePayment } from './outside.ts';
import { documentRecord, outsidePaymentRecord, plain } from './outside-records.ts';
import { type DocumentState, isReceived } from './receivables.ts';
import { bookRecord, invoiceRecord, paymentRecord } from './records.ts';
import type { Look, Scene } from './scene.ts';

/** The days that the extract and the book both tell of. */
function isCompared(scene: Scene, records: AccountingRecords, on: CivilDate): boolean {
  const until = scene.outside.accounting?.checkedOn ?? scene.asOf;
  return (records.since === null || on >= records.since) && on <= until && on <= scene.asOf;
}

function ofDocument(
  state: DocumentState,
): Pick<Told, 'account' | 'contract' | 'subcontract' | 'currency'> {
  const { account, contract } = state.invoice;
  return { account, contract, subcontract: null, currency: state.currency };
}

/** Credit notes take away. */
function signed(type: string, minor: number): number {
  return type === 'credit_note' ? 0 - Math.abs(minor) : minor;
}

/** `invoice-missing-`, `invoice-differs-` and `invoice-twice-in-accounting`, by number. */
export function documentsInAccounting(scene: Scene): Told[] {
  const records = scene.outside.accounting?.records;
  if (records === undefined || records === null) return [];
  const byNumber = groupBy(records.documents, ({ number }) => plain(number));
  return [...scene.documents.values()].flatMap((state) => {
    if (!isCompared(scene, records, state.invoice.issued)) return [];
    const [theirs, ...more] = byNumber.get(plain(state.invoice.invoice)) ?? [];
    if (theirs === undefined) return [missing(state)];
    return [...differs(state, theirs), ...(more.length === 0 ? [] : [twice(state, theirs, more)])];
  });
}

function missing(state: DocumentState): Told {
  return {
    rule: 'invoice-missing-in-accounting',
    ...ofDocument(state),
    amountMinor: signed(state.invoice.type, state.totalMinor),
    evidence: { invoice: state.invoice.invoice, totalMinor: state.totalMinor },
    sides: { agreed: [invoiceRecord(state.invoice)], found: [] },
    suggestion: 'Post it in accounting.',
  };
}

function differs(state: DocumentState, theirs: OutsideDocument): Told[] {
  const { type, invoice } = state.invoice;
  const [ours, other] = [signed(type, state.totalMinor), signed(theirs.type, theirs.totalMinor)];
  const foreign = theirs.currency !== null && theirs.currency !== state.currency;
  if (ours === other && !foreign) return [];
  return [
    {
      rule: 'invoice-differs-in-accounting',
      ...ofDocument(state),
      amountMinor: foreign ? 0 : ours - other,
      evidence: {
        invoice,
        totalMinor: ours,
        totalThereMinor: other,
        currencyThere: theirs.currency,
      },
      sides: { agreed: [invoiceRecord(state.invoice)], found: [documentRecord(theirs)] },
      suggestion: 'Correct it in accounting: the issued document is what the customer has.',
    },
  ];
}

function twice(
  state: DocumentState,
  first: OutsideDocument,
  more: readonly OutsideDocument[],
): Told {
  const tooMuch = more.reduce((sum, { type, totalMinor }) => sum + signed(type, totalMinor), 0);
  return {
    rule: 'invoice-twice-in-accounting',
    ...ofDocument(state),
    amountMinor: 0 - tooMuch,
    evidence: { invoice: state.invoice.invoice, there: [first, ...more].map(({ id }) => id) },
    sides: {
      agreed: [invoiceRecord(state.invoice)],
      found: [first, ...more].map(documentRecord),
    },
    suggestion: 'Void the second one in accounting.',
  };
}

/** What comes before the running number. */
function seriesOf(number: string): string {
  return number.replace(/\d+$/, '');
}

/** `invoice-missing-here`: accounting has a number of a series of ours that was never issued here. */
export class UnknownDocuments implements Look {
  readonly #ours = new Set<string>();
  readonly #series = new Set<string>();
  readonly #owners = new Map<string, string>();
  #theirs: readonly OutsideDocument[] = [];

  look(scene: Scene): void {
    const { invoices, accounts } = scene.book.index.book;
    const documents = scene.outside.accounting?.records?.documents ?? [];
    this.#theirs = documents.filter(({ issuedOn }) => issuedOn === null || issuedOn <= scene.asOf);
    for (const { invoice } of invoices) {
      this.#ours.add(plain(invoice));
      this.#series.add(seriesOf(invoice));
    }
    for (const { accountingId, account } of accounts)
      if (accountingId !== null) this.#owners.set(accountingId, account);
  }

  tell(): Told[] {
    return this.#theirs
      .filter(({ number }) => !this.#ours.has(plain(number)) && this.#series.has(seriesOf(number)))
      .map((document) => ({
        rule: 'invoice-missing-here',
        account: this.#owners.get(document.customer ?? '') ?? null,
        contract: null,
        subcontract: null,
        amountMinor: 0,
        currency: document.currency,
        evidence: {
          invoice: document.number,
          record: document.id,
          totalMinor: document.totalMinor,
        },
        sides: { agreed: [], found: [documentRecord(document)] },
        suggestion: 'Record it here, or void it in accounting.',
      }));
  }
}

interface OwnPayment {
  readonly row: Row<'payments'>;
  readonly currency: string;
  readonly amountMinor: number;
  readonly customer: string | null;
  readonly allocations: readonly Row<'payment_allocations'>[];
}

/** Value dates of two systems may lie this far apart. */
const DAYS_APART_MOST = 4;

/**
 * Money of both systems: matched by name where it was posted from here, else by amount, day, and customer or reference.
 * `payment-missing-in-accounting` and `payment-missing-here` have no match; `allocation-differs-in-accounting` is split over
 * other documents there.
 */
export class PaymentsInAccounting implements Look {
  /** Theirs without a match so far. */
  #open: Map<string, OutsidePayment> | null = null;
  #byName = new Map<string, OutsidePayment[]>();
  #byAmount = new Map<string, OutsidePayment[]>();
  readonly #told: Told[] = [];
  readonly #owners = new Map<string, string>();
  #isCompared: (on: CivilDate) => boolean = () => true;

  look(scene: Scene): void {
    const records = scene.outside.accounting?.records;
    if (records === undefined || records === null) return;
    if (this.#open === null) this.#begin(scene, records);
    for (const { accountingId, account } of scene.book.index.book.accounts)
      if (accountingId !== null) this.#owners.set(accountingId, account);
    for (const ours of ownPayments(scene)) {
      const theirs = this.#matchOf(ours);
      if (theirs !== undefined) {
        this.#open?.delete(theirs.id);
        this.#told.push(...allocatedOtherwise(ours, theirs));
      } else if (this.#isCompared(ours.row.received)) this.#told.push(onlyHere(ours));
    }
  }

  #begin(scene: Scene, records: AccountingRecords): void {
    this.#open = new Map(records.payments.map((payment) => [payment.id, payment]));
    this.#byName = groupBy(records.payments, ({ payment }) => payment);
    this.#byAmount = groupBy(records.payments, amountKey);
    this.#isCompared = (on) => isCompared(scene, records, on);
  }

  #matchOf(ours: OwnPayment): OutsidePayment | undefined {
    const isOpen = ({ id }: OutsidePayment) => this.#open?.has(id) === true;
    const named = this.#byName.get(ours.row.payment) ?? [];
    const alike = this.#byAmount.get(amountKey(ours)) ?? [];
    return (
      named.find(isOpen) ??
      alike.find((one) => isOpen(one) && one.payment === null && isSame(ours, one))
    );
  }

  tell(): Told[] {
    const rest = [...(this.#open?.values() ?? [])]
      .filter(({ receivedOn }) => this.#isCompared(receivedOn))
      .map((payment) => onlyThere(payment, this.#owners.get(payment.customer ?? '') ?? null));
    return [...this.#told, ...rest];
  }
}

function amountKey(of: { readonly currency: string; readonly amountMinor: number }): string {
  return `${of.currency} ${of.amountMinor}`;
}

function isSame({ row, customer }: OwnPayment, theirs: OutsidePayment): boolean {
  if (Math.abs(daysBetween(row.received, theirs.receivedOn)) > DAYS_APART_MOST) return false;
  if (theirs.customer !== null && customer !== null) return theirs.customer === customer;
  return plain(row.reference ?? '') === plain(theirs.reference ?? '');
}

function ownPayments(scene: Scene): OwnPayment[] {
  const { index } = scene.book;
  const allocated = groupBy(index.book.payment_allocations, ({ payment }) => payment);
  return index.book.payments.flatMap((row) => {
    const account = index.accounts.get(row.account);
    const entity = index.entities.get(account?.entity ?? '') ?? index.book.entities.at(0);
    const currency = row.currency ?? account?.currency ?? entity?.currency ?? null;
    if (currency === null || !isReceived(row, scene.asOf)) return [];
    const amountMinor = parseMinor(row.amount, currency);
    const customer = account?.accountingId ?? null;
    const allocations = allocated.get(row.payment) ?? [];
    return [{ row, currency, amountMinor, customer, allocations }];
  });
}

const OF_PAYMENT = { contract: null, subcontract: null, amountMinor: 0 } as const;

function onlyHere({ row, currency, amountMinor }: OwnPayment): Told {
  return {
    rule: 'payment-missing-in-accounting',
    account: row.account,
    ...OF_PAYMENT,
    currency,
    evidence: { payment: row.payment, received: row.received, receivedMinor: amountMinor },
    sides: { agreed: [paymentRecord(row)], found: [] },
    suggestion: 'Post it in accounting.',
  };
}

function onlyThere(payment: OutsidePayment, account: string | null): Told {
  const { id, receivedOn, amountMinor } = payment;
  return {
    rule: 'payment-missing-here',
    account,
    ...OF_PAYMENT,
    currency: payment.currency,
    evidence: { record: id, received: receivedOn, receivedMinor: amountMinor },
    sides: { agreed: [], found: [outsidePaymentRecord(payment)] },
    suggestion: 'Record the payment here and allocate it.',
  };
}

function allocatedOtherwise(ours: OwnPayment, theirs: OutsidePayment): Told[] {
  if (theirs.allocations === null) return [];
  const own = splitOf(ours);
  const other = new Map<string, number>();
  for (const { document, amountMinor } of theirs.allocations)
    other.set(plain(document), (other.get(plain(document)) ?? 0) + amountMinor);
  const documents = new Set([...own.keys(), ...other.keys()]);
  if ([...documents].every((one) => (own.get(one) ?? 0) === (other.get(one) ?? 0))) return [];
  const { payment, account } = ours.row;
  const split = ours.allocations.map(({ invoice, amount }) =>
    bookRecord('payment_allocations', `${payment} → ${invoice}`, { invoice, amount }),
  );
  return [
    {
      rule: 'allocation-differs-in-accounting',
      account,
      ...OF_PAYMENT,
      currency: ours.currency,
      evidence: { payment, record: theirs.id },
      sides: {
        agreed: [paymentRecord(ours.row), ...split],
        found: [outsidePaymentRecord(theirs)],
      },
      suggestion: 'Decide which is right, and correct it here or in accounting.',
    },
  ];
}

/** What a payment was allocated to here; one that names its one invoice counts as allocated to it in full. */
function splitOf({ row, currency, amountMinor, allocations }: OwnPayment): Map<string, number> {
  const split = new Map<string, number>();
  if (allocations.length === 0 && row.invoice !== null) split.set(plain(row.invoice), amountMinor);
  for (const { invoice, amount } of allocations)
    split.set(plain(invoice), (split.get(plain(invoice)) ?? 0) + parseMinor(amount, currency));
  return split;
}
