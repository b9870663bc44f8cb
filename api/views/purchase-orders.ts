/** Purchase orders of customers for the pages: what was read, beside the renewal or contract that it answers. */
import {
  contractsNamedIn,
  type Db,
  getRenewal,
  loadBook,
  type ReceivedPaper,
  renewalsToOrder,
} from '../../db/index.ts';
import { mentionsIn } from '../../domain/allocation/references.ts';
import { indexBook } from '../../domain/book/book-index.ts';
import { fullPeriodPrice } from '../../domain/charges/recurring.ts';
import { subcontractHistory, termsCache } from '../../domain/charges/subcontract-history.ts';
import { besides } from '../../domain/papers/comparison.ts';
import {
  type Offer,
  type OfferedLine,
  orderDifferences,
  type PurchaseOrder,
} from '../../domain/papers/order.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Agreement } from '../../domain/renewal/agreement.ts';
import type { RouteContext } from '../app.ts';
import { foundContract } from '../contract-commands.ts';
import type { PaperReading } from '../paper-reading.ts';
import { notFound } from '../problems.ts';
import type { OrderPaperView } from '../types.ts';
import { money } from './money.ts';
import { paperState } from './papers.ts';
import { accountNames, todayFor } from './parties.ts';
import { namesOf } from './people.ts';

/** What an order answers: a renewal where one is open, else the running year of its contract. */
export interface Answered {
  readonly renewal: string | null;
  readonly contract: string;
  readonly account: string;
  readonly offer: Offer;
}

type Context = Pick<RouteContext, 'db' | 'now'>;

/** The renewal or contract that is named, or that the text names; null where it names none, or several. */
export async function answeredBy(
  context: Context,
  text: string,
  named: { renewal?: string | null; contract?: string | null } = {},
): Promise<Answered | null> {
  const { db } = context;
  if (named.renewal != null) {
    const found = await getRenewal(db, named.renewal);
    if (found === null) throw notFound('renewal', named.renewal);
    return ofRenewal(found);
  }
  const open = await renewalsToOrder(db);
  const contract = named.contract ?? (await contractIn(db, text));
  if (contract === null) return null;
  const renewal = open.find((one) => one.contract === contract);
  return renewal === undefined ? ofContract(context, contract) : ofRenewal(renewal);
}

async function contractIn(db: Db, text: string): Promise<string | null> {
  const { contracts } = mentionsIn(text, [], await contractsNamedIn(db, text));
  const [contract, ...others] = contracts;
  return contract === undefined || others.length > 0 ? null : contract;
}

function ofRenewal(found: {
  renewal: string;
  contract: string;
  account: string;
  agreement: unknown;
}): Answered {
  const { currency, lines, netMinor } = found.agreement as Agreement;
  const offer: Offer = {
    currency,
    netMinor,
    lines: lines.map(({ subcontract, sku, description, quantity, newUnitPrice, ...line }) => ({
      subcontract,
      sku,
      description,
      quantity,
      unitPrice: newUnitPrice,
      netMinor: line.netMinor,
    })),
  };
  const { renewal, contract, account } = found;
  return { renewal, contract, account, offer };
}

/** A year of the contract as it stands: an order between two renewals is for that. */
async function ofContract({ db, now }: Context, contract: string): Promise<Answered> {
  const facts = await foundContract(db, contract);
  const { account } = facts.contract;
  const { today } = await todayFor(db, { account, contract }, now());
  const index = indexBook(await loadBook(db, { contracts: [contract] }));
  const termsOf = termsCache(index);
  const lines = facts.subcontracts.flatMap((row): OfferedLine[] => {
    const product = index.products.get(row.sku);
    if (product?.kind !== 'maintenance' && product?.kind !== 'subscription') return [];
    try {
      const history = subcontractHistory(index, termsOf, row, { asOf: today, agreedBefore: null });
      if (history === null) return [];
      const netMinor = fullPeriodPrice(index, termsOf(contract), history, today, { months: 12 });
      if (netMinor === 0) return [];
      const { subcontract, sku, quantity, unitPrice } = row;
      const description = product.name;
      return [{ subcontract, sku, description, quantity, unitPrice: unitPrice ?? '', netMinor }];
    } catch (error) {
      // Without a price, or with facts that contradict each other, there is nothing to compare that line with.
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
  const netMinor = lines.reduce((sum, line) => sum + line.netMinor, 0);
  const currency = facts.contract.currency ?? facts.entity?.currency ?? '';
  return { renewal: null, contract, account, offer: { currency, netMinor, lines } };
}

export async function orderView(
  context: Context,
  paper: ReceivedPaper,
  reading: PaperReading,
): Promise<OrderPaperView> {
  const { db } = context;
  const order = paper.understood as Partial<PurchaseOrder>;
  const { number = null, currency = null, totalMinor = null, lines = [] } = order;
  const read: PurchaseOrder = { number, currency, totalMinor, lines };
  const answered = await answeredBy(context, '', {
    renewal: paper.renewal,
    contract: paper.contract,
  });
  const amount = (minor: number | null) =>
    minor === null || currency === null ? null : money(minor, currency);
  const offered = (minor: number | null) =>
    minor === null || answered === null ? null : money(minor, answered.offer.currency);
  const differences = answered === null ? [] : orderDifferences(read, answered.offer);
  const nameOf = await accountNames(db, [answered?.account ?? null]);
  const personOf = await namesOf(db);
  return {
    paper: paper.paper,
    fileName: paper.fileName,
    readBy: paper.readBy as OrderPaperView['readBy'],
    reading: paperState(paper, reading),
    createdAt: new Date(paper.createdAt).toISOString(),
    number,
    total: amount(totalMinor),
    lines: lines.map(({ sku, description, quantity, unitPrice, amountMinor }) => ({
      sku,
      description,
      quantity,
      unitPrice,
      amount: amount(amountMinor),
    })),
    account: answered === null ? null : nameOf(answered.account),
    renewal: answered?.renewal ?? null,
    contract: answered?.contract ?? null,
    offered: answered === null ? null : offered(answered.offer.netMinor),
    beside:
      answered === null
        ? []
        : besides(read, answered.offer).map((one) => ({
            ...one,
            ordered: sideView(one.ordered, amount),
            offered: sideView(one.offered, offered),
          })),
    differences,
    words: wordsOf(paper, answered, differences.length),
    decision: paper.decision,
    orderNumber: paper.orderNumber,
    decisionReason: paper.decisionReason,
    decidedBy: paper.decidedBy === null ? null : personOf(paper.decidedBy),
    decidedAt: paper.decidedAt?.toISOString() ?? null,
    text: paper.text,
  };
}

function sideView(
  side: ReturnType<typeof besides>[number]['ordered'],
  amount: (minor: number | null) => ReturnType<typeof money> | null,
) {
  if (side === null) return null;
  const { amountMinor, quantity, unitPrice } = side;
  return { quantity, unitPrice: unitPrice === '' ? null : unitPrice, amount: amount(amountMinor) };
}

function wordsOf(paper: ReceivedPaper, answered: Answered | null, differences: number): string {
  if (paper.state !== 'read') return 'It is not read yet.';
  if (paper.decision === 'accepted')
    return `Accepted: ${paper.orderNumber} is the order number of ${paper.contract}.`;
  if (paper.decision === 'rejected') return `Rejected: ${paper.decisionReason}`;
  if (answered === null) return 'It names no contract of ours; say which it answers.';
  const what =
    answered.renewal === null
      ? `a year of ${answered.contract}`
      : `the renewal of ${answered.contract}`;
  if (differences === 0) return `It agrees with ${what}.`;
  return `It differs from ${what} in ${differences} ${differences === 1 ? 'point' : 'points'}.`;
}
