/** What came of the year: documents, money, keys and terms per currency, and whether the books are even. */
import { loadSettings } from '../../connectors/configuration.ts';
import { trialBalance, verifyLedger } from '../../db/index.ts';
import type { CommandContext } from '../context.ts';
import { onDatabase } from '../database.ts';
import { part } from '../http/client.ts';
import { amount } from '../http/words.ts';
import { textTable } from '../output.ts';
import type { InvoiceAnswer, LicenseAnswer, RenewalAnswer } from './answers.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

export interface CurrencyTotals {
  readonly currency: string;
  readonly invoices: number;
  readonly invoicedMinor: number;
  readonly creditedMinor: number;
  readonly openMinor: number;
}

export interface Statement {
  readonly totals: readonly CurrencyTotals[];
  readonly runs: number;
  readonly reminders: number;
  readonly licenses: { readonly full: number; readonly temporary: number };
  readonly renewals: number;
  /** Debits less credits per currency over the rehearsal's own entities; null where no database is known here. */
  readonly trialBalance: readonly { currency: string; sumMinor: number }[] | null;
  /** Where books and documents differ; none is right. */
  readonly differences: number | null;
}

export async function statementOf(
  context: CommandContext,
  stage: Stage,
  narrator: Narrator,
): Promise<Statement> {
  const world = `clock=${part(stage.clock)}`;
  const invoices = await stage.issued();
  const notes = (await stage.list<InvoiceAnswer>(`/credit-notes?${world}`)).filter(
    ({ imported }) => !imported,
  );
  const licenses = await stage.list<LicenseAnswer>(`/licenses?${world}`);
  const renewals = await stage.list<RenewalAnswer>(`/renewals?${world}&state=accepted`);
  const entities = [...new Set(invoices.map(({ entity }) => entity))];
  const books = await booksOf(context, entities);
  const counted = (what: string) => narrator.steps.filter((step) => step.what === what).length;
  return {
    totals: totalsOf(invoices, notes),
    runs: 1 + counted('monthly-run'),
    reminders: counted('reminder'),
    licenses: {
      full: licenses.filter(({ kind }) => kind === 'full').length,
      temporary: licenses.filter(({ kind }) => kind === 'temporary').length,
    },
    renewals: renewals.filter(({ renewal }) =>
      narrator.steps.some(({ facts }) => facts.renewal === renewal),
    ).length,
    ...books,
  };
}

function totalsOf(
  invoices: readonly InvoiceAnswer[],
  notes: readonly InvoiceAnswer[],
): CurrencyTotals[] {
  const currencies = [...new Set(invoices.map(({ total }) => total.currency))].sort();
  return currencies.map((currency) => {
    const own = invoices.filter(({ total }) => total.currency === currency);
    const back = notes.filter(({ total }) => total.currency === currency);
    return {
      currency,
      invoices: own.length,
      invoicedMinor: own.reduce((sum, { total }) => sum + total.amount, 0),
      creditedMinor: back.reduce((sum, { total }) => sum + total.amount, 0),
      openMinor: own.reduce((sum, { balance }) => sum + balance.amount, 0),
    };
  });
}

/** The books are not part of the HTTP API: they are read where this machine's database is known. */
async function booksOf(
  context: CommandContext,
  entities: readonly string[],
): Promise<Pick<Statement, 'trialBalance' | 'differences'>> {
  if (loadSettings(context.env).DATABASE_URL === undefined)
    return { trialBalance: null, differences: null };
  return onDatabase(context, async (db) => {
    const sums = new Map<string, number>();
    for (const entity of entities)
      for (const { currency, balanceMinor } of await trialBalance(db, { entity }))
        sums.set(currency, (sums.get(currency) ?? 0) + balanceMinor);
    return {
      trialBalance: [...sums].map(([currency, sumMinor]) => ({ currency, sumMinor })),
      differences: (await verifyLedger(db)).length,
    };
  });
}

export function statementWords(statement: Statement): string {
  const { totals, runs, reminders, licenses, renewals } = statement;
  const money = (minor: number, currency: string) => amount({ amount: minor, currency });
  return [
    'What came of the year',
    textTable(totals, [
      { header: 'Invoices', value: (row) => String(row.invoices), align: 'right' },
      {
        header: 'Invoiced',
        value: (row) => money(row.invoicedMinor, row.currency),
        align: 'right',
      },
      {
        header: 'Credited',
        value: (row) => money(row.creditedMinor, row.currency),
        align: 'right',
      },
      { header: 'Open', value: (row) => money(row.openMinor, row.currency), align: 'right' },
    ]),
    `${runs} bill runs, ${reminders} reminders, ${renewals} renewals, ` +
      `${licenses.full} full and ${licenses.temporary} temporary keys`,
    booksWords(statement),
  ].join('\n');
}

function booksWords({ trialBalance: sums, differences }: Statement): string {
  if (sums === null) return 'The books were not looked at: no database is known here.';
  const even = sums.every(({ sumMinor }) => sumMinor === 0);
  const balance = sums.map(({ currency, sumMinor }) => amount({ amount: sumMinor, currency }));
  return (
    `Trial balance ${balance.join(', ')}${even ? '' : ': the books are not even'}; ` +
    (differences === 0 ? 'books and documents agree' : `${differences} differences`)
  );
}
