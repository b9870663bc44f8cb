/** Columns of things that appear on several pages: invoices, payments, licenses, mails. */
import type {
  ContractSummary,
  InvoiceSummary,
  LicenseView,
  MailView,
  PaymentSummary,
} from '../../api/types.ts';
import { dayText, readersToday, spoken, weekdayText } from '../words/dates.ts';
import {
  CONTRACT_STATES,
  invoiceState,
  licenseState,
  MAIL_STATES,
  PAYMENT_STATES,
  paymentName,
} from '../words/names.ts';
import { Go, pathOf } from './link.tsx';
import { StateChip } from './states.tsx';
import { type Column, moneyColumn } from './table.tsx';

export const INVOICE_COLUMNS: readonly Column<InvoiceSummary>[] = [
  {
    id: 'invoice',
    label: 'Number',
    title: true,
    serverSort: 'invoice',
    value: (row) => row.invoice,
    cell: (row) => <Go to={pathOf.invoice(row.invoice)}>{row.invoice}</Go>,
  },
  {
    id: 'account',
    label: 'Customer',
    value: (row) => row.account.name,
    cell: (row) => (
      <>
        {row.account.name}
        {row.contract !== null && <span className="sub">{row.contract}</span>}
      </>
    ),
  },
  {
    id: 'state',
    label: 'State',
    value: (row) => row.words,
    cell: (row) => (
      <>
        <StateChip state={invoiceState(row)} />
        {row.balance.amount !== 0 && <span className="sub">{stateBelow(row)}</span>}
      </>
    ),
  },
  {
    id: 'issuedOn',
    label: 'Issued',
    serverSort: 'issuedOn',
    value: (row) => row.issuedOn,
    cell: (row) => <span className="nowrap">{dayText(row.issuedOn)}</span>,
  },
  {
    id: 'dueOn',
    label: 'Due',
    serverSort: 'dueOn',
    value: (row) => row.dueOn,
    cell: (row) => <span className="nowrap">{dayText(row.dueOn)}</span>,
  },
  moneyColumn('total', 'Total', (row) => row.total, { serverSort: 'totalMinor' }),
  moneyColumn('balance', 'Open', (row) => row.balance, { serverSort: 'balanceMinor' }),
  { id: 'currency', label: 'Currency', value: (row) => row.total.currency },
];

/** What a chip does not say: days, reminders, promises. */
function stateBelow(row: InvoiceSummary): string {
  const parts = [
    row.overdueDays > 0 ? `${row.overdueDays} days` : '',
    row.reminderStage > 0 ? `reminder ${row.reminderStage} sent` : '',
    row.promisedUntil !== null ? `promised until ${dayText(row.promisedUntil)}` : '',
  ];
  return parts.filter((one) => one !== '').join(', ');
}

export const PAYMENT_COLUMNS: readonly Column<PaymentSummary>[] = [
  {
    id: 'payment',
    label: 'Payment',
    title: true,
    value: (row) => paymentName(row),
    cell: (row) => <Go to={pathOf.payment(row.payment)}>{paymentName(row)}</Go>,
  },
  {
    id: 'receivedOn',
    label: 'Received',
    serverSort: 'receivedOn',
    value: (row) => row.receivedOn,
    cell: (row) => <span className="nowrap">{dayText(row.receivedOn)}</span>,
  },
  {
    id: 'payer',
    label: 'From',
    value: (row) => row.account?.name ?? row.payer,
    cell: (row) => (
      <>
        {row.account?.name ?? row.payer ?? <span className="dim">not known</span>}
        {row.reference !== null && <span className="sub">{row.reference}</span>}
      </>
    ),
  },
  {
    id: 'state',
    label: 'State',
    value: (row) => row.words,
    cell: (row) => <StateChip state={PAYMENT_STATES[row.state]} />,
  },
  moneyColumn('amount', 'Amount', (row) => row.amount, { serverSort: 'amountMinor' }),
  moneyColumn('unapplied', 'Not allocated', (row) => row.unapplied, {
    serverSort: 'unappliedMinor',
  }),
  { id: 'currency', label: 'Currency', value: (row) => row.amount.currency },
];

export const CONTRACT_COLUMNS: readonly Column<ContractSummary>[] = [
  {
    id: 'contract',
    label: 'Contract',
    title: true,
    serverSort: 'contract',
    value: (row) => row.contract,
    cell: (row) => <Go to={pathOf.contract(row.contract)}>{row.contract}</Go>,
  },
  { id: 'account', label: 'Customer', value: (row) => row.account.name },
  {
    id: 'words',
    label: 'Where it stands',
    wide: true,
    value: (row) => row.needsAttention ?? row.words,
    cell: (row) => (
      <>
        {row.needsAttention === null ? (
          spoken(row.words ?? '')
        ) : (
          <span className="text-warn">Needs a person: {spoken(row.needsAttention)}</span>
        )}
        {row.nextStep !== null && (
          <span className="sub">
            Next: {spoken(row.nextStep)}
            {row.nextStepOn !== null && `, ${weekdayText(row.nextStepOn)}`}
          </span>
        )}
      </>
    ),
  },
  {
    id: 'end',
    label: 'Ends',
    serverSort: 'end',
    value: (row) => row.end,
    cell: (row) => <span className="nowrap">{dayText(row.end)}</span>,
  },
  {
    id: 'status',
    label: 'State',
    value: (row) => CONTRACT_STATES[row.status].words,
    cell: (row) => <StateChip state={CONTRACT_STATES[row.status]} />,
  },
  {
    id: 'subcontracts',
    label: 'Subcontracts',
    numeric: true,
    value: (row) => row.subcontractCount,
  },
  { id: 'entity', label: 'Entity', value: (row) => row.entity, hidden: true },
];

export const LICENSE_COLUMNS: readonly Column<LicenseView>[] = [
  {
    id: 'license',
    label: 'License',
    title: true,
    value: (row) => row.license,
    // One that an import brought has no page: its key is not ours.
    cell: (row) =>
      row.issuedOn === null ? row.license : <Go to={pathOf.license(row.license)}>{row.license}</Go>,
  },
  { id: 'subcontract', label: 'Subcontract', value: (row) => row.subcontract },
  { id: 'sku', label: 'Product', value: (row) => row.sku },
  { id: 'kind', label: 'Kind', value: (row) => row.kind },
  { id: 'seats', label: 'Seats', numeric: true, value: (row) => row.seats },
  {
    id: 'through',
    label: 'Valid',
    value: (row) => row.validThrough,
    cell: (row) => (
      <span className="nowrap">
        {row.validFrom === null ? '' : dayText(row.validFrom)} –{' '}
        {row.validThrough === null ? 'no end' : dayText(row.validThrough)}
      </span>
    ),
  },
  {
    id: 'state',
    label: 'State',
    value: (row) => licenseState(row, readersToday()).words,
    cell: (row) => <StateChip state={licenseState(row, readersToday())} />,
  },
];

export const MAIL_COLUMNS: readonly Column<MailView>[] = [
  { id: 'subject', label: 'Subject', title: true, value: (row) => row.subject },
  { id: 'to', label: 'To', value: (row) => row.recipients.join(', ') },
  {
    id: 'sentOn',
    label: 'Sent',
    value: (row) => row.sentOn,
    cell: (row) => <span className="nowrap">{dayText(row.sentOn)}</span>,
  },
  {
    id: 'state',
    label: 'Delivery',
    value: (row) => MAIL_STATES[row.state].words,
    cell: (row) => (
      <>
        <StateChip state={MAIL_STATES[row.state]} />
        {row.reason !== null && <span className="sub">{row.reason}</span>}
      </>
    ),
  },
];
