/** A customer moved to another of our entities: what changes for what is billed from the day on, and what stays. */
import {
  fourEyes,
  invoicesOfAccount,
  loadBook,
  type SellerChange,
  sellerChange,
} from '../db/index.ts';
import type { BillDocument } from '../domain/bill-run/document.ts';
import { previewBillRun } from '../domain/bill-run/preview.ts';
import { runDayOnOrAfter } from '../domain/bill-run/run-day.ts';
import { rowOf } from '../domain/book/blank-row.ts';
import type { Book, Row } from '../domain/book/tables.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { SELLER_POLICY } from '../domain/policies/policies.ts';
import type { ApiDependencies } from './dependencies.ts';
import { withShownHash } from './shown.ts';
import type { AccountMovePreview, PreviewChange } from './types.ts';
import { inWords, money, sums } from './views/money.ts';
import { todayFor } from './views/parties.ts';

export interface MoveOf {
  readonly account: string;
  readonly entity: string;
  readonly from: CivilDate;
}

/** The book as it is once the move is recorded. */
function movedBook(book: Book, { account, entity, from }: MoveOf, change: SellerChange): Book {
  const policy = { policy: SELLER_POLICY, value: entity, validFrom: from };
  const { keptCurrency: currency, moving } = change;
  return {
    ...book,
    accounts: book.accounts.map((row) =>
      row.account === account && currency !== null ? { ...row, currency } : row,
    ),
    policies: [
      ...book.policies,
      rowOf('policies', { scope: 'account', id: account, ...policy }),
      ...moving.map((id) => rowOf('policies', { scope: 'contract', id, ...policy })),
    ],
  };
}

/** What a run would issue to the account, and how it is taxed. */
function billedBy(book: Book, run: CivilDate) {
  const { invoices, creditNotes, setAside } = previewBillRun(book, { run });
  const documents = [...invoices, ...creditNotes];
  const aside = setAside[0] === undefined ? '' : `, set aside: ${setAside[0].reason}`;
  const totals = sums(documents.map(({ total, currency }) => money(total, currency)));
  return {
    treatment: treatmentOf(documents) + aside,
    total: `${documents.length === 0 ? 'nothing' : inWords(totals)}${aside}`,
  };
}

function treatmentOf(documents: readonly BillDocument[]): string {
  const kinds = documents.flatMap(({ taxes }) =>
    taxes.map(({ category, rate, reason }) =>
      reason === null || reason === ''
        ? `${category} ${rate} %`
        : `${category} ${rate} % (${reason})`,
    ),
  );
  return kinds.length === 0 ? 'nothing is due' : [...new Set(kinds)].sort().join(', ');
}

const bankOf = ({ bankName, iban, routingNumber, accountNumber, remitTo }: Row<'entities'>) =>
  [bankName, iban, routingNumber, accountNumber, remitTo]
    .filter((part) => part !== null && part !== '')
    .join(', ') || 'none';

/** What stands on papers, from which series they are numbered, and in which books they are. */
function sellerChanges({ from, to }: SellerChange): PreviewChange[] {
  const compared = [
    ['Seller', from.legalName ?? from.entity, to.legalName ?? to.entity],
    ['Country', from.country, to.country],
    ['Tax id', from.taxId, to.taxId],
    ['Number series', from.invoiceSeries, to.invoiceSeries],
    ['Paid to', bankOf(from), bankOf(to)],
    ['Currency of the books', from.currency, to.currency],
    ['Time zone', from.timeZone, to.timeZone],
  ] as const;
  return compared.map(([name, before, after]) => ({
    name,
    before: before ?? 'none',
    after: before === after ? `${after ?? 'none'}, as before` : (after ?? 'none'),
  }));
}

/**
 * What a move would change, computed by the engine from the books as they are.
 * @throws Refusal as `sellerChange` (db/queries/entity-moves.ts)
 */
export async function movePreview(
  { db, now }: Pick<ApiDependencies, 'db' | 'now'>,
  of: MoveOf,
): Promise<AccountMovePreview> {
  const { today } = await todayFor(db, { account: of.account }, now());
  const change = await sellerChange(db, { ...of, today });
  const { account: row, from, to, moving, staying } = change;
  const book = await loadBook(db, { accounts: [of.account] });
  const run = runDayOnOrAfter(of.from);
  const before = billedBy(book, run);
  const after = billedBy(movedBook(book, of, change), run);
  const open = (await invoicesOfAccount(db, of.account)).filter(
    ({ balanceMinor, state }) => balanceMinor !== 0 && state !== 'void',
  );
  const owed = inWords(
    sums(open.map(({ balanceMinor, currency }) => money(balanceMinor, currency))),
  );
  return withShownHash({
    account: { account: row.account, name: row.name },
    entity: to.entity,
    from: of.from,
    words:
      `From ${of.from} on ${row.name} (${row.account}) buys from ${to.legalName ?? to.entity} instead of ` +
      `${from.legalName ?? from.entity}. What was issued before stays that entity’s, and is paid to it. ` +
      'Moving it back takes this back.',
    changes: [
      ...sellerChanges(change),
      { name: `Tax of the run of ${run}`, before: before.treatment, after: after.treatment },
      { name: `Total of the run of ${run}`, before: before.total, after: after.total },
      {
        name: 'Open documents',
        before: open.length === 0 ? 'none' : owed,
        after: open.length === 0 ? 'none' : `${owed}, unchanged`,
      },
      ...(moving.length === 0
        ? []
        : [{ name: 'Contracts that name it', before: moving.join(', '), after: to.entity }]),
      ...(staying.length === 0
        ? []
        : [{ name: 'Contracts of a third entity', before: staying.join(', '), after: 'stay' }]),
    ],
    needsApproval: await fourEyes(db),
  });
}

/** For the second person's list. */
export const moveSummary = ({ account, entity, from }: AccountMovePreview): string =>
  `Move ${account.name} (${account.account}) to ${entity} from ${from} on`;
