/** Two customers made one, as a person decides it: from the Customer page and from a finding alike. */
import { fourEyes, loadBook, mergeCounts } from '../db/index.ts';
import { mergedBook } from '../domain/accounts/merge.ts';
import { previewBillRun } from '../domain/bill-run/preview.ts';
import { runDayOnOrAfter } from '../domain/bill-run/run-day.ts';
import type { Book } from '../domain/book/tables.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { lookOver } from '../domain/findings/pass.ts';
import type { ApiDependencies } from './dependencies.ts';
import { withShownHash } from './shown.ts';
import type { MergePreview, PreviewChange } from './types.ts';
import { inWords, money, sums } from './views/money.ts';
import { todayOf } from './views/parties.ts';

export interface MergeOf {
  readonly account: string;
  readonly into: string;
}

const TABLE_WORDS: Readonly<Record<string, string>> = {
  accounts: 'parts of its group',
  invoices: 'documents',
};

/** What the next run of all their contracts comes to. */
function nextRun(book: Book, run: CivilDate): string {
  const { invoices, creditNotes, setAside } = previewBillRun(book, { run });
  const nets = [...invoices, ...creditNotes].map(({ net, currency }) => money(net, currency));
  const aside = setAside.length === 0 ? '' : `, ${setAside.length} set aside`;
  return `${inWords(sums(nets))} on ${nets.length} documents${aside}`;
}

/**
 * What would become of the two, computed by the engine from the books as they are.
 * @throws Refusal as `mergeAccounts` (db/queries/account-merges.ts)
 */
export async function mergePreview(
  { db, now }: Pick<ApiDependencies, 'db' | 'now'>,
  of: MergeOf,
): Promise<MergePreview> {
  const { from, into, moved, openMinor } = await mergeCounts(db, of);
  const today = await todayOf(db, now());
  const before = await loadBook(db, { accounts: [of.account, of.into] });
  const after = mergedBook(before, of.account, of.into);
  const run = runDayOnOrAfter(today);
  const found = (book: Book) => String(lookOver(book, today).seen.size);
  const open = Object.entries(openMinor).map(([currency, minor]) => money(minor, currency));
  const moves = Object.entries(moved).map(([name, count]) => ({
    name: (TABLE_WORDS[name] ?? name).replace(/^./, (first) => first.toUpperCase()),
    before: `${count} of ${of.account}`,
    after: `${count} of ${of.into}`,
  }));
  return withShownHash({
    account: { account: from.account, name: from.name },
    into: { account: into.account, name: into.name },
    words:
      `${from.name} (${from.account}) becomes part of ${into.name} (${into.account}) and is closed. ` +
      'What was issued to it stays its own, and is paid, reminded and shown together with the other.',
    changes: [
      ...differences(from, into),
      ...moves,
      ...(open.length === 0
        ? []
        : [
            { name: 'Open documents', before: inWords(open), after: `${inWords(open)}, unchanged` },
          ]),
      {
        name: `Net of the run of ${run}`,
        before: nextRun(before, run),
        after: nextRun(after, run),
      },
      { name: 'Findings about the two', before: found(before), after: found(after) },
    ],
    needsApproval: await fourEyes(db),
  });
}

type Account = Awaited<ReturnType<typeof mergeCounts>>['from'];

/** What holds for the merged account's contracts from now on, where the two differ in it. */
function differences(from: Account, into: Account): PreviewChange[] {
  const compared = [
    ['Name', from.name, into.name],
    ['Tax id', from.taxId, into.taxId],
    ['Country', from.country, into.country],
    ['Invoices go to', from.billingEmail, into.billingEmail],
    ['Payment terms', from.paymentTerms, into.paymentTerms],
  ] as const;
  return compared.flatMap(([name, before, after]) =>
    before === after ? [] : [{ name, before: before ?? 'none', after: after ?? 'none' }],
  );
}

/** For the second person's list. */
export const mergeSummary = ({ account, into }: MergePreview): string =>
  `Merge ${account.name} (${account.account}) into ${into.name} (${into.account})`;
