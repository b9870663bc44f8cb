/** A month's files: the control sheet of a run as a workbook, the invoice register, the journal for other programs. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { LEDGER_FORMATS, ledgerText } from '../../connectors/accounting/plain-text.ts';
import {
  getRun,
  invoiceRegister,
  ledgerRows,
  listRunItems,
  type RegisterRow,
} from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { personOf } from '../http/authentication.ts';
import { civilDate, name, yesNo } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { BillRunItem, BillRunReview, Money } from '../types.ts';
import { itemViews, reviewOf } from '../views/bill-runs.ts';
import { csvOf } from '../views/csv.ts';
import { type FigureCell, type FigureSheet, figureWorkbook } from '../views/workbook.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const span = {
  from: civilDate,
  to: civilDate,
  entity: name.optional().describe('only this entity’s'),
};
const EXTENSIONS = { hledger: 'journal', beancount: 'beancount', csv: 'csv' } as const;

export const monthFileRoutes: Routes = (app, context) => {
  const { db } = context;
  app.get(
    '/bill-runs/:run/control-sheet',
    {
      config: { permission: 'bill-run:read' },
      schema: {
        summary: 'The control sheet with all its documents and exceptions (XLSX)',
        params: z.object({ run: z.string().max(80) }),
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      const found = await getRun(db, run);
      if (found === null) throw notFound('bill run', run);
      const review = await reviewOf(context, found, personOf(request));
      const items = await itemViews(db, await listRunItems(db, run, { documents: false }));
      const content = await figureWorkbook([
        controlSheet(review),
        comparisonSheet(review),
        itemSheet(items),
      ]);
      return attached(reply, `control-sheet-${run}.xlsx`, XLSX).send(content);
    },
  );
  app.get(
    '/exports/invoice-register',
    {
      config: { permission: 'export:read' },
      schema: {
        summary: 'Every document that was issued, in the order of its number',
        querystring: z.strictObject({
          ...span,
          imported: yesNo.default(false).describe('imported history too'),
          format: z.enum(['csv', 'xlsx']).default('csv'),
        }),
      },
    },
    async ({ query }, reply) => {
      const { from, to, entity, imported, format } = demandOrder(query);
      const rows = await invoiceRegister(db, { from, to, entity: entity ?? null, imported });
      const file = `invoice-register-${from}-${to}.${format}`;
      if (format === 'csv')
        return attached(reply, file, 'text/csv; charset=utf-8').send(
          csvOf(rows.map((row) => ({ ...row }))),
        );
      return attached(reply, file, XLSX).send(await figureWorkbook([registerSheet(rows)]));
    },
  );
  app.get(
    '/exports/journal',
    {
      config: { permission: 'export:read' },
      schema: {
        summary: 'The journal: CSV for a spreadsheet, or text for hledger and beancount',
        querystring: z.strictObject({ ...span, format: z.enum(LEDGER_FORMATS).default('csv') }),
      },
    },
    ({ query }, reply) => {
      const { from, to, entity, format } = demandOrder(query);
      const text = ledgerText(
        ledgerRows(db, { from, to, ...(entity === undefined ? {} : { entity }) }),
        format,
      );
      const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'text/plain; charset=utf-8';
      const file = `journal-${from}-${to}.${EXTENSIONS[format]}`;
      return attached(reply, file, type).send(Readable.from(text));
    },
  );
};

function demandOrder<T extends { from: string; to: string }>(query: T): T {
  if (query.from <= query.to) return query;
  throw new ProblemError('validation-failed', `${query.to} lies before ${query.from}.`);
}

function attached(reply: FastifyReply, fileName: string, type: string): FastifyReply {
  const safe = fileName.replace(/[^\w.-]/g, '_');
  return reply.type(type).header('content-disposition', `attachment; filename="${safe}"`);
}

const figure = (money: Money | null): FigureCell =>
  money === null ? null : { minor: money.amount, currency: money.currency };

const PARTS = ['due', 'invoiced', 'credited', 'held', 'excluded', 'setAside', 'carried'] as const;

function controlSheet({ control, controlAddsUp, run, runOn }: BillRunReview): FigureSheet {
  return {
    name: 'Control sheet',
    header: ['Run', 'Run date', 'Currency', 'Due', 'Invoiced', 'Of which credited', 'Held', 'Left out',
      'Set aside', 'Carried', 'Adds up'], // biome-ignore format: one header
    rows: Object.entries(control)
      .sort()
      .map(([currency, sums]) => [
        run,
        runOn,
        currency,
        ...PARTS.map((part) => ({ minor: sums[part], currency })),
        controlAddsUp ? 'yes' : 'no',
      ]),
  };
}

function comparisonSheet({ comparison }: BillRunReview): FigureSheet {
  return {
    name: 'Comparison',
    header: [
      'Currency',
      'Net',
      'Tax',
      'Total',
      'Net last month',
      'Net last year',
      'To last month',
      'To last year',
    ],
    rows: comparison.map(({ currency, net, tax, total, lastMonthNet, lastYearNet }) => {
      const amount = (minor: number | null): FigureCell =>
        minor === null ? null : { minor, currency };
      const change = (before: number | null) => amount(before === null ? null : net - before);
      return [
        currency,
        amount(net),
        amount(tax),
        amount(total),
        amount(lastMonthNet),
        amount(lastYearNet),
        change(lastMonthNet),
        change(lastYearNet),
      ];
    }),
  };
}

function itemSheet(items: readonly BillRunItem[]): FigureSheet {
  return {
    name: 'Documents',
    header: ['Kind', 'Decision', 'Reason', 'Cause', 'Customer', 'Name', 'Contract', 'Currency', 'Net', 'Tax', 'Total',
      'Net last month', 'Net last year', 'Difference to last year', 'State', 'Invoice', 'Failure'], // biome-ignore format: one header
    rows: items.map((item) => [
      item.kind,
      item.decision,
      item.reason,
      item.code,
      item.account?.account ?? null,
      item.account?.name ?? null,
      item.contract,
      item.currency,
      figure(item.net),
      figure(item.tax),
      figure(item.total),
      figure(item.lastMonth),
      figure(item.lastYear),
      figure(item.difference),
      item.state,
      item.invoice,
      item.failure,
    ]),
  };
}

function registerSheet(rows: readonly RegisterRow[]): FigureSheet {
  return {
    name: 'Invoice register',
    header: ['Number', 'Type', 'Credits', 'Entity', 'Customer', 'Name', 'Tax id', 'Country', 'Contract', 'Issued', 'Due',
      'Currency', 'Net', 'Tax', 'Total', 'Open', 'State', 'Run'], // biome-ignore format: one header
    rows: rows.map((row) => {
      const amount = (minor: number) => ({ minor, currency: row.currency });
      return [
        row.invoice, row.type, row.credits, row.entity, row.account, row.name, row.taxId, row.country, row.contract,
        row.issued, row.due, row.currency, amount(row.netMinor), amount(row.taxMinor), amount(row.totalMinor),
        amount(row.balanceMinor), row.state, row.run,
      ]; // biome-ignore format: one row
    }),
  };
}
