/** Findings: what are we missing? What is at stake, what was not compared, then every discrepancy by money. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconRefresh, IconReportMoney } from '@tabler/icons-react';
import type { FindingSummary, FindingsOverview, NotChecked } from '../../api/types.ts';
import { write } from '../data/client.ts';
import { useAction, useRead } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { Amount, Moneys } from '../parts/amount.tsx';
import { Go, pathOf, useGo } from '../parts/link.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { OutsideSystems } from '../parts/outside-systems.tsx';
import { Figure, PageHead } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Answer, ProblemPanel, StateChip } from '../parts/states.tsx';
import { type Column, moneyColumn } from '../parts/table.tsx';
import { dayText, instantText, spoken } from '../words/dates.ts';
import { choicesOf, counted, FINDING_STATES, SEVERITIES } from '../words/names.ts';

export const findingPath = (finding: string) => `/findings/${encodeURIComponent(finding)}`;

const COLUMNS: readonly Column<FindingSummary>[] = [
  {
    id: 'rule',
    label: 'Finding',
    title: true,
    serverSort: 'rule',
    value: (row) => `${row.finding} ${row.title}`,
    cell: (row) => (
      <>
        <Go to={findingPath(row.finding)}>
          {row.finding} {row.title}
        </Go>
        <span className="sub">{spoken(row.suggestion)}</span>
      </>
    ),
  },
  {
    id: 'account',
    label: 'Customer',
    serverSort: 'account',
    value: (row) => row.account?.name ?? null,
    cell: (row) => (
      <>
        {row.account === null ? (
          '–'
        ) : (
          <Go to={pathOf.account(row.account.account)} c="inherit">
            {row.account.name}
          </Go>
        )}
        {row.contract !== null && (
          <span className="sub">
            <Go to={pathOf.contract(row.contract)}>{row.contract}</Go>
          </span>
        )}
      </>
    ),
  },
  { id: 'contract', label: 'Contract', value: (row) => row.contract, hidden: true },
  { id: 'subcontract', label: 'Subcontract', value: (row) => row.subcontract, hidden: true },
  moneyColumn('money', 'At stake', (row) => row.money, {
    serverSort: 'openMinor',
    cell: (row) => <Amount money={row.money} />,
  }),
  { id: 'currency', label: 'Currency', serverSort: 'currency', value: (row) => row.currency },
  {
    id: 'severity',
    label: 'Severity',
    serverSort: 'severity',
    value: (row) => SEVERITIES[row.severity]?.words ?? row.severity,
    cell: (row) => {
      const state = SEVERITIES[row.severity];
      return state === undefined ? row.severity : <StateChip state={state} />;
    },
  },
  {
    id: 'state',
    label: 'State',
    serverSort: 'state',
    value: (row) => FINDING_STATES[row.state].words,
    cell: (row) => (
      <>
        <StateChip state={FINDING_STATES[row.state]} />
        {row.owner !== null && <span className="sub">{row.owner.name}</span>}
        {row.acceptedUntil !== null && (
          <span className="sub">until {dayText(row.acceptedUntil)}</span>
        )}
      </>
    ),
  },
  {
    id: 'age',
    label: 'Found',
    serverSort: 'firstFoundOn',
    value: (row) => row.firstFoundOn,
    cell: (row) => (
      <>
        <span className="nowrap">{dayText(row.firstFoundOn)}</span>
        <span className="sub">{row.ageDays === 0 ? 'today' : counted(row.ageDays, 'day')}</span>
      </>
    ),
  },
];

export function FindingsPage() {
  const overview = useRead<FindingsOverview>('/findings/overview');
  return (
    <>
      <PageHead
        title="Findings"
        below={<LastLook overview={overview.data} />}
        actions={<Actions overview={overview.data} />}
      />
      <Stack gap="lg">
        <Answer of={overview}>{(data) => <Head data={data} />}</Answer>
        <List overview={overview.data} />
      </Stack>
    </>
  );
}

function LastLook({ overview }: { overview: FindingsOverview | undefined }) {
  const look = overview?.lastLook;
  if (overview === undefined)
    return <>Contracts, bills, payments and licenses, compared every night</>;
  if (look === undefined || look === null) return <>The books have not been looked over yet</>;
  return <>Looked over on {instantText(look.at)}</>;
}

const POLL_MS = 1_500;

function Actions({ overview }: { overview: FindingsOverview | undefined }) {
  const may = useMay();
  const go = useGo();
  const look = useAction(
    async (before: number, key: string) => {
      await write('POST', '/findings/look', undefined, { key });
      await untilLooked(before);
    },
    () => say('The books were looked over'),
  );
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconReportMoney size={16} />}
        onClick={() => go('/findings/found')}
      >
        Found this year
      </Button>
      {may('finding:look') && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={look.isPending}
          onClick={() => look.mutate(overview?.lastLook?.look ?? 0)}
        >
          Look now
        </Button>
      )}
      {look.error !== null && <ProblemPanel error={look.error} />}
    </>
  );
}

const PATIENCE_MS = 120_000;

/** Waits until a look later than one has come; a large book takes a while, and the page shows it when it is there. */
async function untilLooked(before: number): Promise<void> {
  const { read } = await import('../data/client.ts');
  const endsAt = Date.now() + PATIENCE_MS;
  while (Date.now() < endsAt) {
    const { lastLook } = await read<FindingsOverview>('/findings/overview');
    if (lastLook !== null && lastLook.look > before) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function Head({ data }: { data: FindingsOverview }) {
  const { atStake, openCount, stateCounts, rules } = data;
  const accepted = stateCounts.accepted ?? 0;
  const untaken = (stateCounts.new ?? 0) + (stateCounts.recurring ?? 0);
  return (
    <Stack gap="md">
      {data.isStale && data.lastLook !== null && (
        <Alert
          color="yellow"
          icon={<IconAlertTriangle size={20} />}
          title="Nothing was compared lately"
        >
          The books are looked over every night, and were not since {instantText(data.lastLook.at)}.
          What came up since then does not stand here. Look now, or ask an operator whether a worker
          runs.
        </Alert>
      )}
      <div className="figures">
        <Figure
          name="Missed or at risk"
          value={<Moneys moneys={atStake} />}
          below="each subcontract and period counted once"
        />
        <Figure
          name="Open findings"
          value={openCount}
          below={`of ${counted(rules.length, 'kind')}${accepted > 0 ? `, ${accepted} accepted` : ''}`}
        />
        <Figure name="Nobody has taken on" value={untaken} />
      </div>
      <NotCompared unchecked={data.notChecked} />
      <OutsideSystems systems={data.systems} />
    </Stack>
  );
}

const SOURCES: Readonly<Record<string, string>> = {
  accounting: 'Accounting',
  crm: 'The CRM',
  mail: 'Mail',
  ledger: 'The ledger',
};

/** What could not be compared is said as such: loudly where it was compared before, in a line where it never was. */
function NotCompared({ unchecked }: { unchecked: readonly NotChecked[] }) {
  const isNews = ({ since, source }: NotChecked) => since !== null || source === null;
  const never = unchecked.filter((one) => !isNews(one));
  return (
    <>
      {unchecked.some(isNews) && (
        <Alert color="yellow" icon={<IconAlertTriangle size={20} />} title="Not compared">
          <Causes unchecked={unchecked.filter(isNews)} />
        </Alert>
      )}
      {never.length > 0 && (
        <details>
          <summary className="small dim">
            {counted(never.length, 'kind')} of finding can not be looked for here
          </summary>
          <Causes unchecked={never} />
        </details>
      )}
    </>
  );
}

/** By what was missing for it. */
function Causes({ unchecked }: { unchecked: readonly NotChecked[] }) {
  const groups = new Map<string, NotChecked[]>();
  for (const one of unchecked) {
    const key = `${one.source ?? ''}|${one.cause}|${one.since ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return (
    <Stack gap={6} mt={6}>
      {[...groups.entries()].map(([key, ones]) => {
        const [first] = ones;
        if (first === undefined) return null;
        const who =
          first.source === null ? 'A rule failed' : (SOURCES[first.source] ?? first.source);
        const since = first.since === null ? '' : `; not checked since ${dayText(first.since)}`;
        return (
          <div key={key}>
            <Text>
              {who}: {spoken(first.cause)}
              {since}.
            </Text>
            <Text className="small dim">{ones.map(({ title }) => title).join(', ')}</Text>
          </div>
        );
      })}
    </Stack>
  );
}

function List({ overview }: { overview: FindingsOverview | undefined }) {
  const go = useGo();
  const rules = overview?.rules ?? [];
  const owners = overview?.owners ?? [];
  return (
    <ServerList<FindingSummary>
      noun="findings"
      path="/findings"
      columns={COLUMNS}
      rowKey={(row) => row.finding}
      defaultSort="-openMinor"
      onOpen={(row) => go(findingPath(row.finding))}
      totals
      filters={[
        {
          name: 'rule',
          label: 'Kind',
          choices: rules.map(({ rule, title, count }) => ({
            value: rule,
            label: `${title} (${count})`,
          })),
        },
        {
          name: 'severity',
          label: 'Severity',
          choices: choicesOf(SEVERITIES),
        },
        {
          name: 'state',
          label: 'Open',
          choices: [...choicesOf(FINDING_STATES), { value: 'all', label: 'All' }],
        },
        {
          name: 'owner',
          label: 'Owner',
          choices: [
            { value: 'none', label: 'Nobody' },
            ...owners.map(({ id, name }) => ({ value: id, label: name })),
          ],
        },
      ]}
      empty={{
        title: overview?.lastLook === null ? 'Not looked over yet' : 'Nothing is missing',
        words: (
          <Group justify="center" component="span">
            What was agreed, billed, paid and licensed is compared every night; what does not fit
            together stands here with the money at stake.
          </Group>
        ),
      }}
    />
  );
}
