/** Closing: does the bank say what the books say? A day or a month is closed then, and opened again only with a reason. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { BankBalanceView, ClosingView } from '../../api/types.ts';
import { withQuery, write } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { useAddress } from '../parts/address.ts';
import { BareFigure, PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Rows } from '../parts/sections.tsx';
import { Answer, Empty, StateChip } from '../parts/states.tsx';
import type { Column } from '../parts/table.tsx';
import { dayText, monthText, readersToday } from '../words/dates.ts';
import { moneyText } from '../words/money.ts';

type Item = BankBalanceView['items'][number];

const KINDS: Readonly<Record<Item['kind'], string>> = {
  'before-first-statement': 'Before the first statement',
  'not-in-ledger': 'On a statement, in no payment',
  'not-on-statement': 'In the books, on no statement',
};
const ITEMS: readonly Column<Item>[] = [
  { id: 'words', label: 'What', title: true, value: (row) => row.words },
  { id: 'kind', label: 'Where', value: (row) => KINDS[row.kind] },
  {
    id: 'on',
    label: 'On',
    value: (row) => row.on,
    cell: (row) => (row.on === null ? '' : dayText(row.on)),
  },
  {
    id: 'amount',
    label: 'Difference',
    value: (row) => row.amountMinor,
    money: (row) => ({ amount: row.amountMinor, currency: row.currency }),
  },
];

export function ClosingPage() {
  const address = useAddress();
  const [asked, setAsked] = useState<Asked | null>(null);
  const asOf = address.get('asOf') ?? dayBefore(readersToday());
  const balance = useRead<{ asOf: string; items: BankBalanceView[] }>(
    withQuery('/reports/bank-balance', { asOf }),
  );
  return (
    <>
      <PageHead
        trail={[{ to: '/cash', words: 'Cash' }]}
        title="Closing"
        below="What is posted into a closed day or month goes to the first open day, and says so."
      />
      <Stack gap="lg">
        <Panel title="The bank against the books">
          <Stack gap="md">
            <TextInput
              type="date"
              label="At the end of"
              w={200}
              value={asOf}
              onChange={(event) => address.set({ asOf: event.currentTarget.value })}
            />
            <Answer of={balance}>
              {({ items }) =>
                items.length === 0 ? (
                  <Empty title="No bank statement and no money in the books yet">
                    Upload a bank file; its balance stands here beside the ledger’s.
                  </Empty>
                ) : (
                  <Stack gap="lg">
                    {items.map((one) => (
                      <Balance key={one.currency} balance={one} />
                    ))}
                  </Stack>
                )
              }
            </Answer>
          </Stack>
        </Panel>
        <Closed asOf={asOf} ask={setAsked} difference={wordsOf(balance.data?.items ?? [])} />
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function dayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}

function Balance({ balance }: { balance: BankBalanceView }) {
  const { currency, bankMinor, ledgerMinor, differenceMinor, unexplainedMinor, items } = balance;
  const amount = (minor: number) => moneyText({ amount: minor, currency });
  return (
    <div>
      <Group gap="xl" mb="sm">
        <BareFigure name="The bank says" value={amount(bankMinor)} />
        <BareFigure name="The books say" value={amount(ledgerMinor)} />
        <BareFigure name="Difference" value={amount(differenceMinor)} />
        <StateChip
          state={
            differenceMinor === 0
              ? { words: 'They agree', tone: 'good' }
              : unexplainedMinor === 0
                ? { words: 'All of it is listed', tone: 'wait' }
                : { words: `${amount(unexplainedMinor)} not explained`, tone: 'bad' }
          }
        />
      </Group>
      {items.length > 0 && (
        <Rows
          label={`What makes the difference in ${currency}`}
          columns={ITEMS}
          rows={items}
          rowKey={(row) => `${row.kind} ${row.on} ${row.words} ${row.amountMinor}`}
          empty="Nothing"
          totals
        />
      )}
    </div>
  );
}

/** What a person is told before they close in spite of a difference. */
function wordsOf(items: readonly BankBalanceView[]): string {
  const differing = items.filter(({ differenceMinor }) => differenceMinor !== 0);
  if (differing.length === 0) return 'The bank and the books agree.';
  return `They differ by ${differing
    .map(({ differenceMinor, currency }) => moneyText({ amount: differenceMinor, currency }))
    .join(', ')}; the difference is listed and kept with the closing.`;
}

interface ClosedProps {
  readonly asOf: string;
  readonly ask: (asked: Asked) => void;
  readonly difference: string;
}

function Closed({ asOf, ask, difference }: ClosedProps) {
  const may = useMay();
  const closings = useRead<{ items: ClosingView[] }>('/ledger/closings');
  return (
    <Panel title="What is closed">
      <Answer of={closings}>
        {({ items }) => (
          <Stack gap="md">
            {items.length === 0 && (
              <Text className="dim">There is no selling company yet; it comes with an import.</Text>
            )}
            {items.map((closed) => {
              const { entity, legalName } = closed;
              const isClosed = closed.closedThrough !== null || closed.months.length > 0;
              return (
                <div key={entity}>
                  <Group justify="space-between">
                    <div>
                      <Text fw={500}>{legalName ?? entity}</Text>
                      <Text className="small dim">{closedWords(closed)}</Text>
                    </div>
                    <Group gap="xs">
                      {may('ledger:close') && (
                        <>
                          <Button
                            size="xs"
                            variant="default"
                            onClick={() => ask(closing(entity, { day: asOf }, difference))}
                          >
                            Close through {dayText(asOf)}
                          </Button>
                          <Button
                            size="xs"
                            variant="default"
                            onClick={() =>
                              ask(closing(entity, { month: asOf.slice(0, 7) }, difference))
                            }
                          >
                            Close {monthText(asOf.slice(0, 7))}
                          </Button>
                        </>
                      )}
                      {may('ledger:reopen') && isClosed && (
                        <Button size="xs" variant="default" onClick={() => ask(reopening(closed))}>
                          Open again
                        </Button>
                      )}
                    </Group>
                  </Group>
                </div>
              );
            })}
          </Stack>
        )}
      </Answer>
    </Panel>
  );
}

function closedWords(closed: ClosingView): string {
  const days = closed.closedThrough === null ? [] : [`through ${dayText(closed.closedThrough)}`];
  const all = [...days, ...closed.months.map((month) => monthText(month))];
  return all.length === 0 ? 'Nothing is closed' : `Closed: ${all.join(', ')}`;
}

const closing = (
  entity: string,
  period: { day: string } | { month: string },
  difference: string,
): Asked => ({
  title:
    'day' in period
      ? `Close ${entity} through ${dayText(period.day)}`
      : `Close ${monthText(period.month)} of ${entity}`,
  what: `${difference} Allocations of closed days are not undone any more, only moved.`,
  fields: [{ name: 'reason', label: 'Why', kind: 'reason', initial: 'Statements are in' }],
  button: 'Close it',
  act: ({ reason }, key) =>
    write('POST', '/ledger/closings', { entity, ...period, reason }, { key }),
  done: () => say('It is closed'),
});

const reopening = ({ entity, closedThrough, months }: ClosingView): Asked => ({
  title: `Open ${entity} again`,
  what: 'Later events may be posted there again. It is kept who opened it, and why.',
  fields: [
    {
      name: 'period',
      label: 'What',
      kind: 'choice',
      choices: [
        ...(closedThrough === null
          ? []
          : [{ value: 'day', label: 'The days from the one below on' }]),
        ...months.map((month) => ({ value: month, label: monthText(month) })),
      ],
    },
    {
      name: 'day',
      label: 'From which day on',
      kind: 'date',
      initial: closedThrough ?? '',
      when: ({ period }) => period === 'day',
    },
    { name: 'reason', label: 'Why', kind: 'reason' },
  ],
  button: 'Open it again',
  danger: true,
  act: ({ period = '', day, reason }, key) =>
    write(
      'POST',
      '/ledger/closings/reopen',
      { entity, ...(period === 'day' ? { day } : { month: period }), reason },
      { key },
    ),
  done: () => say('It is open again'),
});
