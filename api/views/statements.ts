/** What an account's statement is drawn from: its books over a period, one statement a currency. */
import {
  type Db,
  entityFor,
  invoicesOfAccount,
  openItemsOf,
  type Payment,
  statementMovements,
} from '../../db/index.ts';
import { movementName, type RecordedStatement } from '../../documents/statement-document.ts';
import type { Row } from '../../domain/book/tables.ts';
import { addDays, addMonths, type CivilDate } from '../../domain/dates/dates.ts';
import { allRows } from '../http/lists.ts';
import { ProblemError } from '../problems.ts';
import type { StatementView } from '../types.ts';
import { money } from './money.ts';

const USUAL_MONTHS = 12;

export interface Period {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

/**
 * The period that is asked for; by default the twelve months up to today.
 * @throws ProblemError where it ends before it begins, or after today: what is to come is on no statement.
 */
export function periodOf(
  { from, to }: { from?: CivilDate | undefined; to?: CivilDate | undefined },
  today: CivilDate,
): Period {
  const last = to ?? today;
  const first = from ?? addDays(addMonths(last, -USUAL_MONTHS), 1);
  if (last > today)
    throw new ProblemError(
      'invalid-input',
      `A statement ends on ${today} at the latest: what comes after is not known yet.`,
    );
  if (first > last)
    throw new ProblemError('invalid-input', `The period ends on ${last}, before it begins.`);
  return { from: first, to: last };
}

/** All currencies in which anything happened up to the last day; one that is empty where nothing ever did. */
export async function statementsOf(
  db: Db,
  row: Row<'accounts'>,
  period: Period,
): Promise<RecordedStatement[]> {
  const { account } = row;
  const [sums, items, invoices, payments] = await Promise.all([
    statementMovements(db, { account, ...period }),
    openItemsOf(db, { account, asOf: period.to }),
    invoicesOfAccount(db, account),
    allRows<Payment>(db, 'payments', { account }),
  ]);
  const dueOn = new Map(invoices.map((invoice) => [invoice.invoice, invoice.dueOn]));
  const issuers = new Map(invoices.map((invoice) => [invoice.invoice, invoice.entity]));
  const paymentNames = new Map(
    payments.flatMap(({ payment, reference, imported }) => {
      // An imported payment's key is the number that the books before this knew it by.
      const known = reference ?? (imported === null ? null : payment);
      return known === null ? [] : [[payment, known] as const];
    }),
  );
  const moved = sums.length > 0 ? sums : [nothingIn(await currencyOf(db, row))];
  return moved.map(({ currency, openingMinor, unappliedMinor, movements }) => ({
    currency,
    ...period,
    openingMinor,
    unappliedMinor,
    movements,
    openItems: items
      .filter((item) => item.currency === currency)
      .map(({ issuedOn, dueOn: due, currency: _currency, ...item }) => ({
        ...item,
        issueDate: issuedOn,
        dueDate: due,
        interestMinor: 0,
      })),
    dueOn,
    issuers,
    paymentNames,
  }));
}

const nothingIn = (currency: string) => ({
  currency,
  openingMinor: 0,
  unappliedMinor: 0,
  movements: [],
});

async function currencyOf(db: Db, { account, currency }: Row<'accounts'>): Promise<string> {
  const found = currency ?? (await entityFor(db, { account }))?.currency ?? null;
  if (found === null)
    throw new ProblemError(
      'invalid-input',
      `Nothing was booked for ${account} yet, and neither it nor its entity has a currency.`,
    );
  return found;
}

/**
 * The one statement that is printed: of the currency that is asked for, or of the only one.
 * @throws ProblemError where there are several and none is asked for, or none of that currency.
 */
export function statementIn(
  statements: readonly RecordedStatement[],
  currency: string | undefined,
): RecordedStatement {
  const fitting =
    currency === undefined ? statements : statements.filter((one) => one.currency === currency);
  const [only, ...others] = fitting;
  const names = statements.map((one) => one.currency).join(', ');
  if (only === undefined)
    throw new ProblemError('invalid-input', `Nothing was booked in ${currency}, only in ${names}.`);
  if (others.length > 0)
    throw new ProblemError('invalid-input', `Say in which currency: ${names}.`);
  return only;
}

export function statementView(
  { account, name }: Row<'accounts'>,
  period: Period,
  statements: readonly RecordedStatement[],
): StatementView {
  return {
    account: { account, name },
    ...period,
    currencies: statements.map(
      ({ currency, openingMinor, unappliedMinor, movements, openItems, paymentNames }) => ({
        currency,
        opening: money(openingMinor, currency),
        closing: money(
          movements.reduce((sum, { amountMinor }) => sum + amountMinor, openingMinor),
          currency,
        ),
        unappliedCredit: money(unappliedMinor, currency),
        movements: movements.map((movement) => ({
          on: movement.on,
          kind: movement.kind,
          number: movementName(movement, paymentNames),
          amount: money(movement.amountMinor, currency),
        })),
        openItems: openItems.map((item) => ({
          invoice: item.invoice,
          issuedOn: item.issueDate,
          dueOn: item.dueDate,
          total: money(item.totalMinor, currency),
          open: money(item.openMinor, currency),
          overdueDays: item.daysOverdue,
          disputed: item.disputed,
        })),
      }),
    ),
  };
}
