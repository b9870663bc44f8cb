/** Rehearsal: what will happen? A test clock with copies of customers: move it, watch the year, throw it away. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconPlayerTrackNext, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Clock, ContractSummary, Page } from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { Go, pathOf } from '../parts/link.tsx';
import { PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Answer, Empty } from '../parts/states.tsx';
import { daysBetween, dayText, readersToday, spoken, weekdayText } from '../words/dates.ts';
import { counted } from '../words/names.ts';

export function RehearsalsPage() {
  const clocks = useRead<Page<Clock>>('/clock');
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <PageHead
        title="Rehearsal"
        below="Copies of customers live through a year in minutes, on the real engine. Nothing leaves the house."
        actions={
          may('clock:write') && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setAsked(begin())}>
              Begin a rehearsal
            </Button>
          )
        }
      />
      <Answer of={clocks}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel>
              <Empty title="No rehearsal is going on">
                Begin one with a few customers and a day: their contracts are copied, and you move
                the clock to see what would be billed, reminded and renewed.
              </Empty>
            </Panel>
          ) : (
            <Stack gap="lg">
              {items.map((clock) => (
                <One key={clock.clock} clock={clock} ask={setAsked} writes={may('clock:write')} />
              ))}
            </Stack>
          )
        }
      </Answer>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

interface OneProps {
  readonly clock: Clock;
  readonly ask: (asked: Asked) => void;
  readonly writes: boolean;
}

function One({ clock, ask, writes }: OneProps) {
  return (
    <Panel
      title={clock.clock}
      beside={
        writes && (
          <Group gap="xs">
            <Button
              size="xs"
              leftSection={<IconPlayerTrackNext size={16} />}
              onClick={() => ask(advance(clock))}
            >
              Move the clock
            </Button>
            <Button size="xs" variant="default" onClick={() => ask(discard(clock))}>
              Throw away
            </Button>
          </Group>
        )
      }
    >
      <div className="figure-value">{weekdayText(clock.today)}</div>
      <Text className="dim" mb="sm">
        is the day in this rehearsal, with {counted(clock.accounts.length, 'customer')}
      </Text>
      <Stack gap="sm">
        {clock.accounts.map(({ account, name }) => (
          <div key={account}>
            <Go to={pathOf.account(account)}>{name}</Go>
            <Contracts account={account} today={clock.today} />
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

function Contracts({ account, today }: { account: string; today: string }) {
  // The day is part of the question: when the clock has moved, it is asked again.
  const contracts = useRead<Page<ContractSummary>>(`/contracts?account=${part(account)}&limit=20`);
  return (
    <>
      {contracts.data?.items.map((row) => (
        <Text key={row.contract} className="small">
          <Go to={pathOf.contract(row.contract)}>{row.contract}</Go> {spoken(row.words ?? 'begins')}
          {row.nextStepOn !== null && (
            <span className="dim">
              {' '}
              · next {spoken(row.nextStep ?? '')}, {dayText(row.nextStepOn)} (in{' '}
              {counted(Math.max(0, daysBetween(today, row.nextStepOn)), 'day')})
            </span>
          )}
        </Text>
      ))}
    </>
  );
}

const begin = (): Asked => ({
  title: 'Begin a rehearsal',
  what: 'Copies the customers with their contracts under the name of the rehearsal. The originals are not touched.',
  fields: [
    {
      name: 'clock',
      label: 'Name',
      kind: 'text',
      initial: 'DEMO',
      check: (value) =>
        /^[A-Z0-9][A-Z0-9-]{0,19}$/.test(value) ? null : 'Capitals, digits and dashes',
    },
    { name: 'today', label: 'It begins on', kind: 'date', initial: readersToday() },
    {
      name: 'accounts',
      label: 'Customers',
      kind: 'text',
      hint: 'Their numbers, with commas between: A-1001, A-1002',
    },
  ],
  button: 'Begin',
  act: ({ clock, today, accounts = '' }, key) =>
    write(
      'POST',
      '/clock',
      {
        clock,
        today,
        accounts: accounts.split(/[\s,;]+/).filter((one) => one !== ''),
      },
      { key },
    ),
  done: () => say('The rehearsal has begun'),
});

const advance = (clock: Clock): Asked => ({
  title: `Move ${clock.clock}`,
  what: 'What is due on each day happens in order. A long way takes a few requests; it goes on from where it stands.',
  fields: [
    {
      name: 'to',
      label: 'To',
      kind: 'date',
      initial: clock.today,
      check: (value) =>
        value < clock.today ? `It is ${dayText(clock.today)} there already` : null,
    },
  ],
  button: 'Move',
  act: async ({ to = '' }) => {
    for (let moved = clock; moved.today < to; )
      moved = await write<Clock>('POST', `/clock/${part(clock.clock)}/advance`, { to });
  },
  done: () => say('The clock has moved'),
});

const discard = (clock: Clock): Asked => ({
  title: `Throw ${clock.clock} away`,
  what: 'Its copies and all that they made are deleted. The originals are not touched.',
  button: 'Throw away',
  danger: true,
  act: (_values, key) => write('DELETE', `/clock/${part(clock.clock)}`, undefined, { key }),
  done: () => say('The rehearsal is gone'),
});
