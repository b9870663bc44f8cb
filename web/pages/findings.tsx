/** Findings: what are we missing? Discrepancies by money, both records side by side. */
import { Drawer, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { Findings, FindingView } from '../../api/types.ts';
import { useRead } from '../data/reading.ts';
import { useAddress } from '../parts/address.ts';
import { Amount, Moneys } from '../parts/amount.tsx';
import { Go, pathOf } from '../parts/link.tsx';
import { ListBar, useColumns } from '../parts/list-page.tsx';
import { Facts, Figure, PageHead, Panel } from '../parts/page.tsx';
import { Answer, Empty } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { spoken, weekdayText } from '../words/dates.ts';
import { findingWords, inWords } from '../words/names.ts';
import { fileRows } from '../words/rows.ts';

const COLUMNS: readonly Column<FindingView>[] = [
  {
    id: 'rule',
    label: 'Finding',
    title: true,
    value: (row) => findingWords(row.rule),
    cell: (row) => (
      <>
        {findingWords(row.rule)}
        <span className="sub">{row.suggestion}</span>
      </>
    ),
  },
  { id: 'account', label: 'Customer', value: (row) => row.account?.name ?? null },
  {
    id: 'contract',
    label: 'Contract',
    value: (row) => row.contract,
    cell: (row) =>
      row.contract === null ? '–' : <Go to={pathOf.contract(row.contract)}>{row.contract}</Go>,
  },
  {
    id: 'money',
    label: 'Money at stake',
    value: (row) => row.money?.amount ?? 0,
    money: (row) => row.money,
    cell: (row) => <Amount money={row.money} />,
  },
  { id: 'currency', label: 'Currency', value: (row) => row.money?.currency ?? null },
];
const BY_SIZE = ['money'];
const keyOf = (row: FindingView) =>
  `${row.rule} ${row.contract} ${row.subcontract} ${row.account?.account} ${row.evidence}`;

export function FindingsPage() {
  const findings = useRead<Findings>('/findings');
  return <Answer of={findings}>{(data) => <Shown data={data} />}</Answer>;
}

function Shown({ data }: { data: Findings }) {
  const address = useAddress();
  const { columns, toggle } = useColumns(COLUMNS, address);
  const [q, rule] = [(address.get('q') ?? '').toLowerCase(), address.get('rule')];
  const rows = useMemo(
    () =>
      data.findings.filter(
        (row) =>
          (rule === undefined || row.rule === rule) &&
          (q === '' ||
            `${row.account?.name} ${row.contract} ${row.subcontract}`.toLowerCase().includes(q)),
      ),
    [data.findings, q, rule],
  );
  const rules = [...new Set(data.findings.map((row) => row.rule))];
  const open = rows.find((row) => keyOf(row) === address.get('open'));
  return (
    <>
      <PageHead title="Findings" below={`As of ${weekdayText(data.asOf)}`} />
      <Stack gap="lg">
        <div className="figures">
          <Figure
            name="Missed or at risk"
            value={<Moneys moneys={data.atStake} />}
            below="each subcontract and period counted once"
          />
          <Figure name="Findings" value={data.findings.length} below={`of ${rules.length} kinds`} />
        </div>
        <Panel flush label="Findings">
          <ListBar
            noun="findings"
            address={address}
            searchable
            filters={[
              {
                name: 'rule',
                label: 'Kind',
                choices: rules.map((value) => ({ value, label: findingWords(value) })),
              },
            ]}
            columns={COLUMNS}
            shownColumns={columns}
            toggleColumn={toggle}
            rowsForFile={async () => fileRows(columns, rows)}
          />
          {rows.length === 0 ? (
            <Empty title={data.findings.length === 0 ? 'Nothing is missing' : 'Nothing fits'}>
              What was agreed, billed, paid and licensed is compared every night; what does not fit
              together stands here with the money at stake.
            </Empty>
          ) : (
            <DataTable
              label="Findings"
              columns={columns}
              rows={rows}
              rowKey={keyOf}
              sort={address.get('sort') ?? '-money'}
              onSort={(sort) => address.set({ sort })}
              onOpen={(row) => address.set({ open: keyOf(row) })}
              bySize={BY_SIZE}
              totals
            />
          )}
        </Panel>
      </Stack>
      <Drawer
        opened={open !== undefined}
        onClose={() => address.set({ open: undefined })}
        title={open === undefined ? '' : findingWords(open.rule)}
      >
        {open !== undefined && <Detail finding={open} />}
      </Drawer>
    </>
  );
}

const spaced = (name: string) => inWords(name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());

function Detail({ finding }: { finding: FindingView }) {
  const records = Object.entries(finding.records ?? {}).filter(([, value]) => value !== '');
  return (
    <Stack gap="md">
      <div className="figure-value">
        <Moneys moneys={finding.money === null ? [] : [finding.money]} />
      </div>
      <Text>{finding.suggestion}</Text>
      <Facts
        facts={[
          {
            name: 'Customer',
            value:
              finding.account === null ? null : (
                <Go to={pathOf.account(finding.account.account)}>{finding.account.name}</Go>
              ),
          },
          {
            name: 'Contract',
            value:
              finding.contract === null ? null : (
                <Go to={pathOf.contract(finding.contract)}>{finding.contract}</Go>
              ),
          },
          { name: 'Subcontract', value: finding.subcontract },
        ]}
      />
      <Panel title="What the records say">
        {records.length === 0 ? (
          <Text>{spoken(finding.evidence)}</Text>
        ) : (
          <Facts
            facts={records.map(([name, value]) => ({
              name: spaced(name),
              value: spoken(value),
            }))}
          />
        )}
      </Panel>
    </Stack>
  );
}
