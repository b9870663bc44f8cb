/** Lists: cursor-paged, filtered and sorted by query. One schema of the query, one way from the record's page to ours. */
import { z } from 'zod';
import {
  type Db,
  type FilterValue,
  type ListName,
  type ListQuery,
  listRows,
  Refusal,
} from '../../db/index.ts';
import { ProblemError } from '../problems.ts';
import type { Page } from '../types.ts';

export const civilDate = z.iso.date().describe('YYYY-MM-DD');
export const name = z.string().min(1).max(200);
/** Why something is done; it is kept in the audit trail. */
export const reason = z.string().trim().min(3).max(1000);
/** An ISO 4217 code. */
export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code, such as EUR');
/** More than nothing of some currency. */
export const positiveMinor = z.int().positive().describe('minor units');
export const positiveMoney = z.strictObject({ amount: positiveMinor, currency: currencyCode });
/** The hash of what was shown, as the preview answered it. */
export const shownHash = z.string().min(8).max(128);
export const yesNo = z.enum(['true', 'false']).transform((value) => value === 'true');

const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(4000).optional().describe('`nextCursor` of the page before'),
  sort: z
    .string()
    .regex(/^-?[a-zA-Z]+$/)
    .max(60)
    .optional()
    .describe('a column; `-` before it sorts downward'),
  q: z.string().trim().max(200).optional().describe('free text, ignoring case'),
  clock: z
    .string()
    .max(60)
    .optional()
    .describe('a rehearsal’s test clock; default: the real world'),
};

/** The query of a list with its own filters; other parameters are refused, so that a typing error is noticed. */
export const listQuery = <F extends z.ZodRawShape>(filters: F) =>
  z.strictObject({ ...paging, ...filters });

export interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort?: string | undefined;
  readonly q?: string | undefined;
  readonly clock?: string | undefined;
}

/** Filters that were given, without those that were not. */
export function given(
  filters: Readonly<Record<string, FilterValue | undefined>>,
): Record<string, FilterValue> {
  return Object.fromEntries(
    Object.entries(filters).filter(
      (entry): entry is [string, FilterValue] => entry[1] !== undefined,
    ),
  );
}

/** Who asks for the rows of one thing gets them, in whatever world it lives. */
const NAMED = ['account', 'contract', 'subcontract', 'run', 'invoice', 'payment', 'subject'];

/** One page of the record as one page of the API. Rows are cast to the schema's row type by the caller's `view`. */
export async function page<R, T>(
  db: Db,
  list: ListName,
  paging: Paging,
  filter: Record<string, FilterValue>,
  view: (rows: readonly R[]) => Promise<readonly T[]> | readonly T[],
): Promise<Page<T>> {
  const query: ListQuery = {
    filter,
    limit: paging.limit,
    ...(paging.cursor === undefined ? {} : { cursor: paging.cursor }),
    ...(paging.sort === undefined ? {} : { sort: paging.sort }),
    ...(paging.q === undefined || paging.q === '' ? {} : { search: paging.q }),
    ...(NAMED.some((column) => column in filter) ? {} : { clock: paging.clock ?? null }),
  };
  const { rows, next, total } = await listRows(db, list, query).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'invalid-input')
      throw new ProblemError('validation-failed', error.message, { cause: error });
    throw error;
  });
  return { items: await view(rows as readonly R[]), nextCursor: next, total };
}

/** All rows that a filter matches, in pages of a thousand: for what belongs to one thing (its lines, its payments). */
export async function allRows<R>(
  db: Db,
  list: ListName,
  filter: Record<string, FilterValue>,
  options: { readonly sort?: string; readonly clock?: string | null } = {},
): Promise<R[]> {
  const rows: R[] = [];
  let cursor: string | null = null;
  do {
    const found = await listRows(db, list, {
      filter,
      limit: 1000,
      cursor,
      ...options,
    });
    rows.push(...(found.rows as readonly R[]));
    cursor = found.next;
  } while (cursor !== null);
  return rows;
}
