/** Lists for the API and pages: one filtered, sorted, cursor-paged reader for every noun. */
import type { Db } from '../connect.ts';

/** Lists by name: the book's fact tables, and documents and records. */
export type ListName =
  | 'entities'
  | 'accounts'
  | 'contacts'
  | 'products'
  | 'prices'
  | 'promotions'
  | 'taxes'
  | 'indices'
  | 'contracts'
  | 'subcontracts'
  | 'amendments'
  | 'quotes'
  | 'orders'
  | 'timesheets'
  | 'usage'
  | 'incidents'
  | 'policies'
  | 'campaigns'
  | 'licenses'
  | 'invoices'
  | 'creditNotes'
  | 'invoiceLines'
  | 'payments'
  | 'paymentAllocations'
  | 'billRuns'
  | 'billRunItems'
  | 'licenseKeys'
  | 'renewals'
  | 'mails'
  | 'timelineEvents'
  | 'auditEvents'
  | 'imports'
  | 'approvals'
  | 'inboxEvents'
  | 'crmNotes'
  | 'contractStates';

export interface ListQuery {
  /** Column (camelCase) → value; an array means any of them; `{from, to}` an inclusive range; `{like}` contains, ignoring case. */
  readonly filter?: Readonly<Record<string, FilterValue>>;
  /** Column to sort by; `-` before it sorts downward. Ties go by key. Default: the key. */
  readonly sort?: string;
  /** `next` of the page before. */
  readonly cursor?: string | null;
  /** Rows at most, 1 to 1000; the default is 50. */
  readonly limit?: number;
  /** Free text over the table's text columns, ignoring case. */
  readonly search?: string;
}
export type FilterValue =
  | string
  | number
  | boolean
  | null
  | readonly (string | number)[]
  | { readonly from?: string | number; readonly to?: string | number }
  | { readonly like: string };
export interface ListPage {
  /** Rows with camelCase columns as the schema names them; amounts as integers in minor units. */
  readonly rows: readonly Record<string, unknown>[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
  /** Rows that the filter matches in all. */
  readonly total: number;
}
/** One page. An unknown column, or a cursor of another query, is refused with `invalid-input`. */
export declare function listRows(db: Db, list: ListName, query?: ListQuery): Promise<ListPage>;
/** Columns of a list, for checks at the border and for exports of exactly what is shown. */
export declare function listColumns(list: ListName): readonly string[];
