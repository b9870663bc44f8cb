/** An invoice: what it covers, what is open, what was paid, its paper, and what can be done. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { AllocationView, InvoicePage as Invoice, InvoiceLineView } from '../../api/types.ts';
import { part } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { useAddress, usePathPart } from '../parts/address.ts';
import { INVOICE_COLUMNS } from '../parts/columns.tsx';
import { WhyThisAmount } from '../parts/explanation.tsx';
import { keptSections, ProcessLink } from '../parts/kept-sections.tsx';
import { Go, pathOf } from '../parts/link.tsx';
import { Undelivered } from '../parts/mails.tsx';
import { Facts, PageHead, Panel } from '../parts/page.tsx';
import { Paper } from '../parts/paper.tsx';
import { Rows, rowsSection, Sections } from '../parts/sections.tsx';
import { Answer, RowSkeletons, StateChip } from '../parts/states.tsx';
import { type Column, moneyColumn } from '../parts/table.tsx';
import { dayText, spoken, weekdayText } from '../words/dates.ts';
import { moneyText } from '../words/money.ts';
import { invoiceState, inWords } from '../words/names.ts';
import { shortDecimal } from './contract/subcontracts.tsx';
import { formOf, VERBS } from './invoice-actions.tsx';

export function InvoicePage() {
  const invoice = usePathPart('invoice');
  const page = useRead<Invoice>(`/invoices/${part(invoice)}`);
  return (
    <Answer of={page}>
      {(data) => (
        <>
          <PageHead
            trail={[{ to: '/invoices', words: 'Invoices' }]}
            title={data.invoice}
            beside={<StateChip state={invoiceState(data)} />}
            below={
              <>
                <Go to={pathOf.account(data.account.account)}>{data.account.name}</Go>
                {data.contract !== null && ', contract '}
                {data.contract !== null && (
                  <Go to={pathOf.contract(data.contract)}>{data.contract}</Go>
                )}
              </>
            }
            actions={<Actions invoice={data} />}
          />
          <Body invoice={data} />
        </>
      )}
    </Answer>
  );
}

/** The same beside a list. */
export function InvoiceSheet({ invoice }: { invoice: string }) {
  const page = useRead<Invoice>(`/invoices/${part(invoice)}`);
  return (
    <Answer of={page} loading={<RowSkeletons />}>
      {(data) => (
        <Stack gap="md">
          <Group justify="space-between">
            <div>
              <div className="figure-value">{moneyText(data.balance)}</div>
              <Text className="dim">{spoken(data.words)}</Text>
            </div>
            <Go to={pathOf.invoice(data.invoice)}>Open the whole page</Go>
          </Group>
          <Actions invoice={data} />
          <FactsOf invoice={data} />
          <Lines lines={data.lines} />
        </Stack>
      )}
    </Answer>
  );
}

function Actions({ invoice }: { invoice: Invoice }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      {invoice.may.map((verb) => (
        <Button
          key={verb}
          size="xs"
          variant="default"
          onClick={() => setAsked(formOf(verb, invoice))}
        >
          {verb === 'dispute' && invoice.disputed ? 'End the dispute' : VERBS[verb]}
        </Button>
      ))}
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function FactsOf({ invoice }: { invoice: Invoice }) {
  return (
    <Facts
      facts={[
        { name: 'Net', value: moneyText(invoice.net) },
        { name: 'Tax', value: moneyText(invoice.tax) },
        { name: 'Total', value: moneyText(invoice.total) },
        { name: 'Open', value: moneyText(invoice.balance) },
        { name: 'Issued', value: dayText(invoice.issuedOn) },
        { name: 'Due', value: weekdayText(invoice.dueOn) },
        { name: 'Terms', value: invoice.paymentTerms },
        { name: 'Order number', value: invoice.poNumber },
        { name: 'Payment reference', value: invoice.paymentReference },
        {
          name: 'Credits',
          value:
            invoice.credits === null ? null : (
              <Go to={pathOf.invoice(invoice.credits)}>{invoice.credits}</Go>
            ),
        },
        {
          name: 'Bill run',
          value: invoice.run === null ? null : <Go to={pathOf.run(invoice.run)}>{invoice.run}</Go>,
        },
      ]}
    />
  );
}

const LINE_COLUMNS: readonly Column<InvoiceLineView>[] = [
  {
    id: 'description',
    label: 'What it covers',
    title: true,
    value: (row) => row.description,
    cell: (row) => (
      <>
        {spoken(row.description ?? row.sku ?? row.line)}
        <span className="sub">
          {[
            row.periodStart !== null && row.description?.includes(row.periodStart) !== true
              ? `${dayText(row.periodStart)} – ${dayText(row.periodEnd ?? row.periodStart)}`
              : null,
            row.subcontract,
            row.caughtUp ? 'caught up' : null,
          ]
            .filter((said) => said !== null)
            .join(' · ')}
        </span>
        <WhyThisAmount explanation={row.explanation} />
      </>
    ),
  },
  {
    id: 'quantity',
    label: 'Quantity',
    numeric: true,
    value: (row) => row.quantity,
    cell: (row) => (row.quantity === null ? '' : shortDecimal(row.quantity)),
  },
  {
    id: 'price',
    label: 'Unit price',
    numeric: true,
    value: (row) => row.unitPrice,
    cell: (row) => (row.unitPrice === null ? '' : shortDecimal(row.unitPrice)),
  },
  moneyColumn('net', 'Net', (row) => row.net),
  moneyColumn('tax', 'Tax', (row) => row.tax),
  moneyColumn('open', 'Open', (row) => row.open),
];

function Lines({ lines }: { lines: readonly InvoiceLineView[] }) {
  return (
    <Rows
      label="Lines"
      columns={LINE_COLUMNS}
      rows={lines}
      rowKey={(row) => row.line}
      empty="No lines"
      emptyWords="Its history was imported without lines."
      totals
    />
  );
}

const ALLOCATION_COLUMNS: readonly Column<AllocationView>[] = [
  {
    id: 'payment',
    label: 'Payment',
    title: true,
    value: (row) => row.allocatedOn,
    cell: (row) => <Go to={pathOf.payment(row.payment)}>Payment of {dayText(row.allocatedOn)}</Go>,
  },
  { id: 'line', label: 'Line', value: (row) => row.line },
  {
    id: 'rule',
    label: 'Matched by',
    value: (row) => (row.rule === null ? null : inWords(row.rule)),
  },
  moneyColumn('amount', 'Amount', (row) => row.amount),
  moneyColumn('discount', 'Discount taken', (row) => row.discount),
  moneyColumn('withheld', 'Tax withheld', (row) => row.withheld),
  moneyColumn('bank-fee', 'Bank fee', (row) => row.bankFee),
];

function Body({ invoice }: { invoice: Invoice }) {
  const address = useAddress();
  return (
    <Stack gap="lg">
      <Undelivered mails={invoice.mails} show={() => address.set({ tab: 'mails' })} />
      <Panel>
        <Text size="lg" fw={600} mb="sm">
          {spoken(invoice.words)}
        </Text>
        <FactsOf invoice={invoice} />
      </Panel>
      <Sections
        sections={[
          {
            name: 'lines',
            title: 'Lines',
            count: invoice.lines.length,
            body: <Lines lines={invoice.lines} />,
          },
          {
            name: 'paper',
            title: 'Paper',
            body: (
              <Panel>
                <Paper base={`/invoices/${part(invoice.invoice)}`} title={invoice.invoice} />
              </Panel>
            ),
          },
          rowsSection({
            name: 'payments',
            title: 'Payments',
            columns: ALLOCATION_COLUMNS,
            rows: invoice.allocations,
            rowKey: (row) => String(row.id),
            empty: 'Nothing paid yet',
            emptyWords: 'A payment is matched when it arrives; you can enter one under Cash.',
            totals: true,
          }),
          rowsSection({
            name: 'credit-notes',
            title: 'Credit notes',
            columns: INVOICE_COLUMNS,
            rows: invoice.creditNotes,
            rowKey: (row) => row.invoice,
            empty: 'Nothing credited',
          }),
          ...keptSections(invoice),
        ]}
      />
      <ProcessLink url={invoice.temporalUiUrl} />
    </Stack>
  );
}
