/** Found this year: what was found, what of it was recovered or prevented, by month and by rule; it adds up. */
import { BarChart } from '@mantine/charts';
import { Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { FoundTotals, FoundYear } from '../../api/types.ts';
import { withQuery } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { useAddress } from '../parts/address.ts';
import { Moneys } from '../parts/amount.tsx';
import { PictureChoice, type PictureForm } from '../parts/choice.tsx';
import { useGo } from '../parts/link.tsx';
import { Figure, PageHead, Panel } from '../parts/page.tsx';
import { Answer, Empty } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { monthText } from '../words/dates.ts';
import { minorDigits } from '../words/money.ts';

type Rule = FoundYear['rules'][number];
type Month = FoundYear['months'][number];

const MONEY = [
  ['found', 'Found'],
  ['recovered', 'Recovered'],
  ['prevented', 'Prevented'],
  ['corrected', 'Put right'],
] as const;

function moneyColumns<T extends FoundTotals>(): Column<T>[] {
  return [
    ...MONEY.map(
      ([id, label]): Column<T> => ({
        id,
        label,
        value: (row) => row[id].amount,
        // What money is no part of is not summed.
        money: (row) => (row.currency === '' ? null : row[id]),
      }),
    ),
    { id: 'currency', label: 'Currency', value: (row) => row.currency },
  ];
}

const RULES: readonly Column<Rule>[] = [
  { id: 'title', label: 'Kind', title: true, value: (row) => row.title },
  { id: 'findings', label: 'Findings', numeric: true, value: (row) => row.findings },
  { id: 'closed', label: 'Mended', numeric: true, value: (row) => row.closed },
  ...moneyColumns<Rule>(),
];
const MONTHS: readonly Column<Month>[] = [
  {
    id: 'month',
    label: 'Month',
    title: true,
    value: (row) => row.month,
    cell: (row) => monthText(row.month),
  },
  ...moneyColumns<Month>(),
];

export function FoundYearPage() {
  const address = useAddress();
  const year = address.get('year');
  const found = useRead<FoundYear>(withQuery('/reports/found', { year }));
  return (
    <>
      <PageHead
        trail={[{ to: '/findings', words: 'Findings' }]}
        title={year === undefined ? 'Found this year' : `Found in ${year}`}
        below="Recovered is what invoices billed since; prevented is a loss or a wrong charge that did not come."
        actions={
          (found.data?.years.length ?? 0) > 1 && (
            <Select
              aria-label="Year"
              data={[...(found.data?.years ?? [])]}
              value={found.data?.year ?? null}
              allowDeselect={false}
              w={110}
              onChange={(next) => address.set({ year: next ?? undefined })}
            />
          )
        }
      />
      <Answer of={found}>{(data) => <Shown data={data} />}</Answer>
    </>
  );
}

function Shown({ data }: { data: FoundYear }) {
  const go = useGo();
  if (data.rules.length === 0)
    return (
      <Panel>
        <Empty title={`Nothing was found in ${data.year}`}>
          The books are looked over every night; what is found and what is made of it is summed
          here.
        </Empty>
      </Panel>
    );
  return (
    <Stack gap="lg">
      <div className="figures">
        {MONEY.map(([id, label]) => (
          <Figure
            key={id}
            name={label}
            value={<Moneys moneys={data.totals.map((row) => row[id])} />}
          />
        ))}
      </div>
      {data.totals.map((totals) => (
        <ByMonth
          key={totals.currency}
          currency={totals.currency}
          months={data.months.filter(({ currency }) => currency === totals.currency)}
        />
      ))}
      <Panel title="By kind" flush>
        <DataTable
          label="By kind"
          columns={RULES}
          rows={data.rules}
          rowKey={(row) => `${row.rule} ${row.currency}`}
          totals
          onOpen={(row) => go(`/findings?state=all&rule=${encodeURIComponent(row.rule)}`)}
        />
      </Panel>
    </Stack>
  );
}

function ByMonth({ currency, months }: { currency: string; months: readonly Month[] }) {
  const [form, setForm] = useState<PictureForm>('bars');
  const scale = 10 ** minorDigits(currency);
  return (
    <Panel title={`By month, ${currency}`} beside={<PictureChoice form={form} choose={setForm} />}>
      {form === 'table' ? (
        <DataTable
          label={`By month, ${currency}`}
          columns={MONTHS}
          rows={months}
          rowKey={(row) => row.month}
          totals
        />
      ) : (
        <>
          <BarChart
            h={200}
            data={months.map((row) => ({
              month: monthText(row.month),
              // A picture's scale, not an amount: the table one click away has the figures.
              Found: row.found.amount / scale,
              Recovered: row.recovered.amount / scale,
              Prevented: row.prevented.amount / scale,
            }))}
            dataKey="month"
            series={[
              { name: 'Found', color: 'gray.5' },
              { name: 'Recovered', color: 'iris.6' },
              { name: 'Prevented', color: 'iris.3' },
            ]}
            withLegend
            gridAxis="x"
            tickLine="none"
            maxBarWidth={48}
            yAxisProps={{ width: 72 }}
          />
          <Text className="small dim">In {currency}; the table has the figures.</Text>
        </>
      )}
    </Panel>
  );
}
