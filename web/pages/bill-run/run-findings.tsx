/** What the books say is wrong about the contracts and customers of a run, before it goes out. */
import type { FindingSummary } from '../../../api/types.ts';
import { Amount } from '../../parts/amount.tsx';
import { Go, pathOf, useGo } from '../../parts/link.tsx';
import { Panel } from '../../parts/page.tsx';
import { StateChip } from '../../parts/states.tsx';
import { type Column, DataTable, moneyColumn } from '../../parts/table.tsx';
import { FINDING_STATES } from '../../words/names.ts';
import { findingPath } from '../findings.tsx';

const COLUMNS: readonly Column<FindingSummary>[] = [
  {
    id: 'finding',
    label: 'Finding',
    title: true,
    value: (row) => `${row.finding} ${row.title}`,
    cell: (row) => (
      <>
        <Go to={findingPath(row.finding)} underline="always">
          {row.finding}
        </Go>{' '}
        {row.title}
      </>
    ),
  },
  {
    id: 'contract',
    label: 'Contract',
    value: (row) => row.contract,
    cell: (row) =>
      row.contract === null ? '–' : <Go to={pathOf.contract(row.contract)}>{row.contract}</Go>,
  },
  { id: 'account', label: 'Customer', value: (row) => row.account?.name ?? null },
  moneyColumn('money', 'At stake', (row) => row.money, {
    cell: (row) => <Amount money={row.money} />,
  }),
  { id: 'currency', label: 'Currency', value: (row) => row.currency },
  {
    id: 'state',
    label: 'State',
    value: (row) => FINDING_STATES[row.state].words,
    cell: (row) => <StateChip state={FINDING_STATES[row.state]} />,
  },
];

export function RunFindings({ findings }: { findings: readonly FindingSummary[] }) {
  const go = useGo();
  if (findings.length === 0) return null;
  return (
    <Panel
      flush
      title="Findings on what goes out"
      beside={<span className="dim">{findings.length} of them</span>}
      label="Findings on what goes out"
    >
      <DataTable
        label="Findings on what goes out"
        columns={COLUMNS}
        rows={findings}
        rowKey={(row) => row.finding}
        onOpen={(row) => go(findingPath(row.finding))}
        most={10}
      />
    </Panel>
  );
}
