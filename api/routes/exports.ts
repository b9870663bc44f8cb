/** Exports: exactly what a list's filter shows, as CSV. */
import { z } from 'zod';
import {
  type FilterValue,
  type ListName,
  type ListPage,
  listColumns,
  listRows,
  Refusal,
} from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { ProblemError } from '../problems.ts';
import { csvOf } from '../views/csv.ts';

/** Lists that may leave as a file, by the noun of their address. Keys and mails' contents never do. */
const EXPORTS = {
  accounts: 'accounts',
  contacts: 'contacts',
  products: 'products',
  prices: 'prices',
  contracts: 'contracts',
  subcontracts: 'subcontracts',
  amendments: 'amendments',
  invoices: 'invoices',
  'credit-notes': 'creditNotes',
  'invoice-lines': 'invoiceLines',
  payments: 'payments',
  allocations: 'paymentAllocations',
  renewals: 'renewals',
} as const satisfies Record<string, ListName>;
const ROWS_MOST = 100_000;

export const exportRoutes: Routes = (app, { db }) => {
  app.get(
    '/exports/:noun',
    {
      config: { permission: 'export:read' },
      schema: {
        summary: 'A list as CSV; filters and sort as on the list, amounts in minor units',
        params: z.object({ noun: z.enum(Object.keys(EXPORTS) as [keyof typeof EXPORTS]) }),
        querystring: z.record(z.string(), z.string().max(200)),
      },
    },
    async ({ params, query }, reply) => {
      const list = EXPORTS[params.noun];
      const { sort, q, ...filter } = query;
      const unknown = Object.keys(filter).filter((column) => !listColumns(list).includes(column));
      if (unknown.length > 0)
        throw new ProblemError(
          'validation-failed',
          `${params.noun} have no ${unknown.join(', ')}.`,
        );
      const rows: Record<string, unknown>[] = [];
      let cursor: string | null = null;
      do {
        const found: ListPage = await listRows(db, list, {
          filter: filter as Record<string, FilterValue>,
          limit: 1000,
          cursor,
          ...(sort === undefined ? {} : { sort }),
          ...(q === undefined ? {} : { search: q }),
        }).catch((error: unknown) => {
          if (error instanceof Refusal && error.code === 'invalid-input')
            throw new ProblemError('validation-failed', error.message, { cause: error });
          throw error;
        });
        rows.push(...found.rows);
        cursor = found.next;
      } while (cursor !== null && rows.length < ROWS_MOST);
      if (cursor !== null)
        throw new ProblemError(
          'invalid-input',
          `More than ${ROWS_MOST} rows: filter them, or use \`perennial book export\`.`,
        );
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${params.noun}.csv"`)
        .send(csvOf(rows));
    },
  );
};
