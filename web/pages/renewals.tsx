/** Renewals: what ends, what comes? By month, with value, uplift and answer. */
import { Select, Stack } from '@mantine/core';
import type { RenewalView } from '../../api/types.ts';
import { useReadAll } from '../data/reading.ts';
import { useAddress } from '../parts/address.ts';
import { Difference } from '../parts/amount.tsx';
import { Go, pathOf, useGo } from '../parts/link.tsx';
import { PageHead, Panel } from '../parts/page.tsx';
import { Answer, Empty, StateChip } from '../parts/states.tsx';
import { type Column, DataTable, moneyColumn } from '../parts/table.tsx';
import { dayText, monthText, weekdayText } from '../words/dates.ts';
import { changePercent, moneysText, sumByCurrency } from '../words/money.ts';
import { choicesOf, RENEWAL_STATES } from '../words/names.ts';

const uplift = (row: RenewalView) => ({
  amount: row.value.amount - row.previousValue.amount,
  currency: row.value.currency,
});

const COLUMNS: readonly Column<RenewalView>[] = [
  {
    id: 'contract',
    label: 'Contract',
    title: true,
    value: (row) => row.contract,
    cell: (row) => (
      <>
        <Go to={pathOf.contract(row.contract)}>{row.contract}</Go>
        <span className="sub">{row.account.name}</span>
      </>
    ),
  },
  {
    id: 'start',
    label: 'Next term',
    value: (row) => row.termStart,
    cell: (row) => (
      <>
        <span className="nowrap">{weekdayText(row.termStart)}</span>
        <span className="sub">to {dayText(row.termEnd)}</span>
      </>
    ),
  },
  moneyColumn('value', 'Value', (row) => row.value),
  moneyColumn('before', 'This term', (row) => row.previousValue),
  {
    id: 'uplift',
    label: 'Uplift',
    value: (row) => uplift(row).amount,
    money: uplift,
    cell: (row) => (
      <>
        <Difference money={uplift(row)} />
        <span className="sub">{changePercent(row.value.amount, row.previousValue.amount)}</span>
      </>
    ),
  },
  { id: 'currency', label: 'Currency', value: (row) => row.value.currency },
  {
    id: 'state',
    label: 'Answer',
    value: (row) => RENEWAL_STATES[row.state].words,
    cell: (row) => (
      <>
        <StateChip state={RENEWAL_STATES[row.state]} />
        {row.decidedOn !== null && <span className="sub">{dayText(row.decidedOn)}</span>}
      </>
    ),
  },
];

export function RenewalsPage() {
  const renewals = useReadAll<RenewalView>('/renewals');
  const address = useAddress();
  const state = address.get('state');
  return (
    <>
      <PageHead
        title="Renewals"
        below="Agreements for the next term, by the month it begins."
        actions={
          <Select
            aria-label="Answer"
            placeholder="All answers"
            clearable
            value={state ?? null}
            data={choicesOf(RENEWAL_STATES)}
            onChange={(value) => address.set({ state: value ?? undefined })}
          />
        }
      />
      <Answer of={renewals}>
        {(rows) => (
          <ByMonth rows={rows.filter((row) => state === undefined || row.state === state)} />
        )}
      </Answer>
    </>
  );
}

function ByMonth({ rows }: { rows: readonly RenewalView[] }) {
  const go = useGo();
  if (rows.length === 0)
    return (
      <Panel>
        <Empty title="No renewal agreements here">
          An agreement is drawn up 90 days before a term ends, or earlier where the notice asks for
          it, and appears here with its value and the customer's answer.
        </Empty>
      </Panel>
    );
  const months = [...new Set(rows.map(({ termStart }) => termStart.slice(0, 7)))].sort();
  return (
    <Stack gap="lg">
      {months.map((month) => {
        const mine = rows.filter(({ termStart }) => termStart.startsWith(month));
        const sums = sumByCurrency(mine.map(({ value }) => value));
        return (
          <Panel
            key={month}
            flush
            title={monthText(month)}
            beside={<span className="dim tabular">{moneysText(sums)}</span>}
          >
            <DataTable
              label={`Renewals of ${monthText(month)}`}
              columns={COLUMNS}
              rows={mine}
              rowKey={(row) => row.renewal}
              onOpen={(row) => go(pathOf.contract(row.contract))}
            />
          </Panel>
        );
      })}
    </Stack>
  );
}
