/** Customers and what each owes. */
import type { AccountSummary } from '../../api/types.ts';
import { Moneys } from '../parts/amount.tsx';
import { Go, pathOf, useGo } from '../parts/link.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { PageHead } from '../parts/page.tsx';
import type { Column } from '../parts/table.tsx';
import { moneysText } from '../words/money.ts';

const COLUMNS: readonly Column<AccountSummary>[] = [
  {
    id: 'name',
    label: 'Customer',
    title: true,
    serverSort: 'name',
    value: (row) => row.name,
    cell: (row) => (
      <>
        <Go to={pathOf.account(row.account)}>{row.name}</Go>
        <span className="sub">
          {row.account}
          {row.status === 'closed' && ', closed'}
        </span>
      </>
    ),
  },
  { id: 'country', label: 'Country', serverSort: 'country', value: (row) => row.country },
  { id: 'mail', label: 'Invoices go to', value: (row) => row.billingEmail },
  { id: 'contracts', label: 'Contracts', numeric: true, value: (row) => row.contractCount },
  {
    id: 'open',
    label: 'Open',
    numeric: true,
    value: (row) => moneysText(row.open),
    cell: (row) => <Moneys moneys={row.open} />,
  },
  {
    id: 'overdue',
    label: 'Overdue',
    numeric: true,
    value: (row) => moneysText(row.overdue),
    cell: (row) => <Moneys moneys={row.overdue} />,
  },
];

export function AccountsPage() {
  const go = useGo();
  return (
    <>
      <PageHead title="Customers" />
      <ServerList<AccountSummary>
        noun="accounts"
        path="/accounts"
        columns={COLUMNS}
        rowKey={(row) => row.account}
        defaultSort="name"
        onOpen={(row) => go(pathOf.account(row.account))}
        filters={[
          {
            name: 'status',
            label: 'State',
            choices: [
              { value: 'active', label: 'Active' },
              { value: 'closed', label: 'Closed' },
            ],
          },
        ]}
        empty={{ title: 'No customers yet', words: 'They come with the contract book.' }}
      />
    </>
  );
}
