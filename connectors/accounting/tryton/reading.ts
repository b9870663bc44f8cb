/**
 * Customers, invoices and payments there, page by page: by id, so that a list that grows meanwhile neither skips nor
 * repeats.
 */
import type { z } from 'zod';
import type { PageAt, ReadPage, ReadPages } from '../../outside-system.ts';
import type { AccountingReader } from '../port.ts';
import { type Answer, type Domain, searchTryton } from './client.ts';
import { type Companies, type Company, inCompany, type TrytonOptions } from './companies.ts';
import {
  customerOf,
  dateOf,
  documentOf,
  INVOICE_FIELDS,
  invoiceRecord,
  PARTY_FIELDS,
  PAYMENT_FIELDS,
  partyRecord,
  paymentRecord,
  receivedOf,
} from './records.ts';

/** Records of one answer: each brings what hangs on it along. */
const PAGE_RECORDS = 500;

/** How one list is asked for, and what becomes of a record of it; null where it is none of the list's. */
interface List<R, T extends { readonly id: number }> {
  readonly model: string;
  readonly fields: readonly string[];
  readonly schema: z.ZodType<T>;
  domain(at: PageAt): Domain;
  record(found: T, company: Company): R | null;
}

/** Where a page begins: after a record, in one of the companies. */
interface Place {
  readonly company: number;
  readonly after: number;
}

/** The companies, each once: two entities may share one. */
function distinct(companies: Companies): Company[] {
  return [...new Map([...companies.values()].map((one) => [one.id, one])).values()];
}

function placeOf(cursor: string | null): Place {
  const [company, after] = (cursor ?? '').split(':').map(Number);
  return { company: company || 0, after: after || 0 };
}

async function readPage<R, T extends { readonly id: number }>(
  options: TrytonOptions,
  companies: readonly Company[],
  list: List<R, T>,
  at: PageAt,
): Promise<ReadPage<R>> {
  const { pageRecords = PAGE_RECORDS } = options;
  const place = placeOf(at.cursor);
  const index = Math.max(
    companies.findIndex(({ id }) => id === place.company),
    0,
  );
  const company = companies[index];
  if (company === undefined) return { result: 'ok', records: [], next: null };
  const answer = await searchTryton(
    options,
    list.model,
    {
      domain: [['id', '>', place.after], ...list.domain(at)],
      ...{ limit: pageRecords, fields: list.fields, context: inCompany(company) },
    },
    list.schema,
  );
  if (answer.result !== 'ok') return answer;
  const last = answer.value.at(-1);
  const following = companies[index + 1];
  const isLast = last === undefined || answer.value.length < pageRecords;
  const next = isLast ? following && `${following.id}:0` : `${company.id}:${last.id}`;
  const records = answer.value.flatMap((found) => list.record(found, company) ?? []);
  return { result: 'ok', records, next: next ?? null };
}

export function trytonReader(
  options: TrytonOptions,
  companies: () => Promise<Answer<Companies>>,
): AccountingReader {
  const pagesOf =
    <R, T extends { readonly id: number }>(
      list: List<R, T>,
      /** Parties belong to no company. */
      isShared = false,
    ): ReadPages<R> =>
    async (at) => {
      const known = await companies();
      if (known.result !== 'ok') return known;
      const all = distinct(known.value);
      return readPage(options, isShared ? all.slice(0, 1) : all, list, at);
    };
  return {
    // What is archived or cancelled would not be told by what changed.
    incremental: false,
    customers: pagesOf(
      {
        model: 'party.party',
        fields: PARTY_FIELDS,
        schema: partyRecord,
        domain: () => [],
        record: (party, company) =>
          party.id === company.party ? null : customerOf(options, party),
      },
      true,
    ),
    documents: pagesOf({
      model: 'account.invoice',
      fields: INVOICE_FIELDS,
      schema: invoiceRecord,
      domain: ({ from }) => [
        ['type', '=', 'out'],
        ['state', 'in', ['posted', 'paid']],
        ...(from === null ? [] : [['invoice_date', '>=', dateOf(from)]]),
      ],
      record: (invoice) => documentOf(options, invoice),
    }),
    payments: pagesOf({
      model: 'account.move',
      fields: PAYMENT_FIELDS,
      schema: paymentRecord,
      domain: ({ from }) => [
        ['journal.type', 'in', PAYMENT_JOURNALS],
        ['state', '=', 'posted'],
        ['lines.account.type.receivable', '=', true],
        ...(from === null ? [] : [['date', '>=', dateOf(from)]]),
      ],
      record: (move, company) => receivedOf(options, company.currency, move),
    }),
  };
}

/** Journals in which money arrives: by hand, and from bank statements. */
const PAYMENT_JOURNALS = ['cash', 'statement'];
