/** What does not go out by itself, grouped by cause, each with its evidence and what to do about it. */
import { Accordion, Button, Group, Text } from '@mantine/core';
import type { BillRunCause, BillRunItem, BillRunReview } from '../../../api/types.ts';
import { useAddress } from '../../parts/address.ts';
import { Amount } from '../../parts/amount.tsx';
import { Go, pathOf } from '../../parts/link.tsx';
import { Panel } from '../../parts/page.tsx';
import { Empty } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { spoken } from '../../words/dates.ts';
import { moneysText } from '../../words/money.ts';
import { sentence } from '../../words/names.ts';
import type { Change } from './bill-run.tsx';

interface Props {
  readonly review: BillRunReview;
  readonly change: (change: Change) => void;
}

export function Exceptions({ review, change }: Props) {
  const { exceptions } = review;
  return (
    <Panel
      flush
      title="Exceptions"
      beside={<span className="dim">{review.exceptionCount} of them</span>}
      label="Exceptions"
    >
      {exceptions.length === 0 ? (
        <Empty title="No exceptions">
          Contracts that are set aside, old differences and what somebody left out would stand here,
          grouped by cause.
        </Empty>
      ) : (
        <Accordion multiple variant="default" chevronPosition="left">
          {exceptions.map((cause) => (
            <Accordion.Item key={cause.code} value={cause.code}>
              <Accordion.Control>
                <Group justify="space-between" gap="sm" wrap="nowrap">
                  <div>
                    <Text fw={500}>{sentence(spoken(cause.words))}</Text>
                    <Text className="small dim">{cause.suggestion}</Text>
                  </div>
                  <div className="num">
                    {cause.count}
                    <span className="sub">
                      {cause.money.length === 0 ? '' : moneysText(cause.money)}
                    </span>
                  </div>
                </Group>
              </Accordion.Control>
              <Accordion.Panel>
                <CauseItems cause={cause} review={review} change={change} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Panel>
  );
}

function CauseItems({ cause, review, change }: Props & { cause: BillRunCause }) {
  const address = useAddress();
  const columns: Column<BillRunItem>[] = [
    {
      id: 'contract',
      label: 'Contract',
      title: true,
      value: (row) => row.contract,
      cell: (row) =>
        row.contract === null ? '–' : <Go to={pathOf.contract(row.contract)}>{row.contract}</Go>,
    },
    {
      id: 'account',
      label: 'Customer',
      value: (row) => row.account?.name ?? '',
    },
    {
      id: 'reason',
      label: 'Evidence',
      wide: true,
      value: (row) => row.failure ?? row.reason,
      cell: (row) => sentence(spoken(row.failure ?? row.reason ?? '–')),
    },
    {
      id: 'net',
      label: 'Net',
      value: (row) => row.net?.amount ?? 0,
      money: (row) => row.net,
      cell: (row) => <Amount money={row.net} />,
    },
    ...(review.may.change
      ? [
          {
            id: 'act',
            label: 'Decide',
            numeric: true,
            value: () => '',
            cell: (row: BillRunItem) => <Decide row={row} change={change} />,
          },
        ]
      : []),
  ];
  return (
    <DataTable
      label={cause.words}
      columns={columns}
      rows={cause.items}
      rowKey={(row) => row.item}
      onOpen={(row) => address.set({ open: row.item })}
      most={25}
    />
  );
}

function Decide({ row, change }: { row: BillRunItem; change: Props['change'] }) {
  const stop = (to: Change['to']) => (event: { stopPropagation: () => void }) => {
    event.stopPropagation();
    change({ items: [row], to });
  };
  if (row.kind === 'set_aside' || row.kind === 'carried')
    return row.contract === null ? null : <Go to={pathOf.contract(row.contract)}>Correct it</Go>;
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {row.kind === 'held' && row.decision !== 'exclude' && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={stop('exclude')}>
          Leave out
        </Button>
      )}
      <Button size="compact-sm" variant="default" onClick={stop('include')}>
        Include
      </Button>
    </Group>
  );
}
