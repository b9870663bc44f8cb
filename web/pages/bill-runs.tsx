/** The bill runs, newest first; a month can be computed before its day. */
import { Box, Button } from '@mantine/core';
import { IconCalculator } from '@tabler/icons-react';
import { useState } from 'react';
import type { Accepted, BillRunSummary } from '../../api/types.ts';
import { write } from '../data/client.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { Moneys } from '../parts/amount.tsx';
import { pathOf, useGo } from '../parts/link.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { PageHead } from '../parts/page.tsx';
import { StateChip } from '../parts/states.tsx';
import type { Column } from '../parts/table.tsx';
import { monthText, readersToday, spoken, weekdayText } from '../words/dates.ts';
import { moneysText } from '../words/money.ts';
import { choicesOf, RUN_STATES, runTitle } from '../words/names.ts';
import { MonthFiles } from './month-files.tsx';

const COLUMNS: readonly Column<BillRunSummary>[] = [
  {
    id: 'month',
    label: 'Month',
    title: true,
    serverSort: 'run',
    value: (row) => row.month,
    cell: (row) => (
      <>
        {row.run.includes('+') ? runTitle(row.run) : monthText(row.month)}
        <span className="sub">Run date {weekdayText(row.runOn)}</span>
      </>
    ),
  },
  {
    id: 'state',
    label: 'State',
    value: (row) => RUN_STATES[row.state].words,
    cell: (row) => (
      <>
        <StateChip state={RUN_STATES[row.state]} />
        <span className="sub">{spoken(row.words)}</span>
      </>
    ),
  },
  { id: 'documents', label: 'Documents', numeric: true, value: (row) => row.invoiceCount },
  { id: 'exceptions', label: 'Exceptions', numeric: true, value: (row) => row.exceptionCount },
  {
    id: 'totals',
    label: 'Total with tax',
    numeric: true,
    value: (row) => moneysText(row.totals),
    cell: (row) => <Moneys moneys={row.totals} />,
  },
  {
    id: 'people',
    label: 'Made and approved by',
    value: (row) => [row.maker?.name, row.checker?.name].filter(Boolean).join(', '),
    cell: (row) => (
      <>
        {row.maker?.name ?? <span className="dim">the schedule</span>}
        {row.checker !== null && <span className="sub">approved by {row.checker.name}</span>}
      </>
    ),
  },
];

export function BillRunsPage() {
  const go = useGo();
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  const compute = (): Asked => ({
    title: 'Compute a bill run',
    what: 'Computes what every contract owes on the run date and shows it for review. Nothing is issued before a second person approves it.',
    fields: [
      {
        name: 'month',
        label: 'Month',
        kind: 'month',
        initial: readersToday().slice(0, 7),
        hint: 'The run date is its 15th',
      },
    ],
    button: 'Compute',
    act: ({ month }, key) => write<Accepted>('POST', '/bill-runs', { month }, { key }),
    done: (answer) => go(`/bill-runs/${(answer as Accepted).look.split('/').at(-1)}?begun=1`),
  });
  return (
    <>
      <PageHead
        title="Bill runs"
        below="Once a month, on the 15th: computed, reviewed, approved by a second person, issued."
        actions={
          may('bill-run:start') && (
            <Button leftSection={<IconCalculator size={16} />} onClick={() => setAsked(compute())}>
              Compute a month
            </Button>
          )
        }
      />
      <ServerList
        noun="bill-runs"
        path="/bill-runs"
        columns={COLUMNS}
        rowKey={(row) => row.run}
        filters={[
          {
            name: 'state',
            label: 'State',
            choices: choicesOf(RUN_STATES),
          },
        ]}
        searchable={false}
        onOpen={(row) => go(pathOf.run(row.run))}
        empty={{
          title: 'No bill run yet',
          words:
            'A run of each month appears here on the 15th, computed and waiting for review. You can compute one now.',
        }}
      />
      {may('export:read') && (
        <Box mt="lg">
          <MonthFiles />
        </Box>
      )}
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}
