/** Purchase orders: which did customers send, and which wait for a person? */
import { Text } from '@mantine/core';
import type { OrderPaperView } from '../../api/types.ts';
import { withQuery } from '../data/client.ts';
import { useReadWhile } from '../data/reading.ts';
import { useAddress } from '../parts/address.ts';
import { BringOrder } from '../parts/bring-paper.tsx';
import { Choice } from '../parts/choice.tsx';
import { Go, pathOf, useGo } from '../parts/link.tsx';
import { PageHead } from '../parts/page.tsx';
import { Rows } from '../parts/sections.tsx';
import { Answer, RowSkeletons, StateChip } from '../parts/states.tsx';
import { type Column, moneyColumn } from '../parts/table.tsx';
import { instantText } from '../words/dates.ts';
import { orderState } from '../words/names.ts';

type Orders = { readonly items: readonly OrderPaperView[] };
const LISTS = [
  { value: 'waiting', label: 'Waiting' },
  { value: 'accepted', label: 'Accepted' },
  { value: 'rejected', label: 'Rejected' },
  { value: 'all', label: 'All' },
];

const COLUMNS: readonly Column<OrderPaperView>[] = [
  {
    id: 'number',
    label: 'Order',
    title: true,
    value: (row) => row.orderNumber ?? row.number ?? row.fileName,
    cell: (row) => (
      <>
        <Go to={pathOf.purchaseOrder(row.paper)}>
          {row.orderNumber ?? row.number ?? 'without a number'}
        </Go>
        <span className="sub">{row.fileName}</span>
      </>
    ),
  },
  {
    id: 'contract',
    label: 'Answers',
    value: (row) => row.contract,
    cell: (row) =>
      row.contract === null ? (
        <span className="dim">not known</span>
      ) : (
        <>
          <Go to={pathOf.contract(row.contract)}>{row.contract}</Go>
          <span className="sub">{row.account?.name}</span>
        </>
      ),
  },
  moneyColumn('total', 'Ordered', (row) => row.total),
  moneyColumn('offered', 'Offered', (row) => row.offered),
  {
    id: 'differences',
    label: 'What it comes to',
    value: (row) => row.differences.length,
    cell: (row) => <span className="small">{row.words}</span>,
  },
  {
    id: 'came',
    label: 'Came',
    value: (row) => row.createdAt,
    cell: (row) => <span className="nowrap">{instantText(row.createdAt)}</span>,
  },
  {
    id: 'state',
    label: 'State',
    value: (row) => orderState(row).words,
    cell: (row) => <StateChip state={orderState(row)} />,
  },
];

export function PurchaseOrdersPage() {
  const address = useAddress();
  const list = LISTS.find(({ value }) => value === address.get('list'))?.value ?? 'waiting';
  return (
    <>
      <PageHead
        title="Purchase orders"
        below="What customers order, beside the renewal or contract that it answers. A person accepts or rejects."
        actions={<BringOrder />}
      />
      <Choice
        ofPage
        label="Which orders"
        choices={LISTS}
        value={list}
        choose={(name) => address.set({ list: name === 'waiting' ? undefined : name })}
      />
      <OrderList query={list === 'all' ? {} : { decision: list }} />
    </>
  );
}

/** The orders of a contract, on its page. */
export function ContractOrders({ contract }: { contract: string }) {
  return (
    <>
      <Text className="dim" mb="sm">
        Orders of the customer for this contract; an accepted one gives it its order number.
      </Text>
      <div style={{ marginBottom: 16 }}>
        <BringOrder contract={contract} />
      </div>
      <OrderList query={{ contract }} />
    </>
  );
}

function OrderList({ query }: { query: Record<string, string> }) {
  const go = useGo();
  const orders = useReadWhile<Orders>(withQuery('/orders/papers', query), ({ items }) =>
    items.some(({ reading }) => reading.state === 'reading'),
  );
  return (
    <Answer of={orders} loading={<RowSkeletons />}>
      {({ items }) => (
        <Rows
          label="Purchase orders"
          columns={COLUMNS}
          rows={items}
          rowKey={(row) => row.paper}
          onOpen={(row) => go(pathOf.purchaseOrder(row.paper))}
          empty="No purchase order here"
          emptyWords="Read one above: a text, a mail, a PDF or a scan. Its number and lines are compared with what was offered."
        />
      )}
    </Answer>
  );
}
