/** Today: what needs me? Decisions on top with their money; the next run; what arrived; health in a line. */
import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconHeartbeat, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import type { Arrival, Decision, DecisionKind, FindingsOverview, Today } from '../../api/types.ts';
import { withQuery } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { Moneys } from '../parts/amount.tsx';
import { Go, useGo } from '../parts/link.tsx';
import { Figure, PageHead, Panel } from '../parts/page.tsx';
import { Answer, Empty, StateChip } from '../parts/states.tsx';
import {
  dayText,
  instantText,
  monthText,
  relativeText,
  spoken,
  weekdayText,
} from '../words/dates.ts';
import { moneysText, moneyText, sumByCurrency } from '../words/money.ts';
import { counted, DECISION_KINDS, RUN_STATES } from '../words/names.ts';

const VISIT = 'perennial.visit';
/** One visit lasts until the page has been closed for this long. */
const VISIT_MS = 4 * 3600_000;

/** When the person was here before this visit; undefined on the first one. */
function lastVisit(): string | undefined {
  const now = Date.now();
  const stored = JSON.parse(localStorage.getItem(VISIT) ?? 'null') as {
    before: string | null;
    seen: number;
  } | null;
  const goesOn = stored !== null && now - stored.seen < VISIT_MS;
  const before = goesOn
    ? stored.before
    : stored === null
      ? null
      : new Date(stored.seen).toISOString();
  localStorage.setItem(VISIT, JSON.stringify({ before, seen: now }));
  return before ?? undefined;
}

export function TodayPage() {
  const [since] = useState(lastVisit);
  const today = useRead<Today>(withQuery('/reports/today', { since }));
  return <Answer of={today}>{(data) => <Shown data={data} since={since} />}</Answer>;
}

function Shown({ data, since }: { data: Today; since: string | undefined }) {
  const mine = data.decisions.filter(({ mayDecide }) => mayDecide);
  const others = data.decisions.filter(({ mayDecide }) => !mayDecide);
  return (
    <>
      <PageHead
        title={
          mine.length === 0 ? 'Nothing needs you' : `${counted(mine.length, 'decision')} for you`
        }
        below={weekdayText(data.today)}
      />
      <Stack gap="lg">
        <Begin data={data} />
        <Head data={data} mine={mine} />
        <div className="grid-2">
          <Stack gap="lg">
            <Decisions
              title="Decisions"
              decisions={mine}
              empty="What needs a person stands here: runs to approve, payments to match, renewals to answer."
            />
            {others.length > 0 && (
              <Decisions title="Waiting for others" decisions={others} empty="" />
            )}
          </Stack>
          <Stack gap="lg">
            <NextRun data={data} />
            <Missing />
            <Arrivals arrivals={data.arrivals} since={since} />
          </Stack>
        </div>
        <Health health={data.health} />
      </Stack>
    </>
  );
}

/** How a company begins with its own: for those who may bring it, until it is there. */
function Begin({ data: { isSample, health } }: { data: Today }) {
  const may = useMay();
  if (!may('import:write') || (!isSample && health.contracts > 0)) return null;
  return (
    <Alert
      color="gray"
      icon={<IconInfoCircle size={20} />}
      title={isSample ? 'This is a sample company' : 'Nothing is in here yet'}
    >
      {isSample
        ? 'Look around, bill its customers, let them pay. Before you bring your own, remove it on the '
        : 'Bring your customers, products and contracts on the '}
      <Go to="/import" underline="always">
        Import page
      </Go>
      .
    </Alert>
  );
}

function Head({ data, mine }: { data: Today; mine: readonly Decision[] }) {
  const { receivable } = data;
  const atStake = sumByCurrency(mine.flatMap(({ money }) => money));
  return (
    <div className="figures">
      <Figure
        name="Money in your decisions"
        value={atStake.length === 0 ? '–' : <Moneys moneys={atStake} />}
      />
      <Figure
        name="Open receivables"
        value={<Moneys moneys={receivable.map(({ open }) => open)} />}
      />
      <Figure
        name="Overdue"
        value={<Moneys moneys={receivable.map(({ overdue }) => overdue)} />}
        below={<Go to="/receivables">Who owes it</Go>}
      />
    </div>
  );
}

const SHOWN_AT_FIRST = 8;

function Decisions({
  title,
  decisions,
  empty,
}: {
  title: string;
  decisions: readonly Decision[];
  empty: string;
}) {
  const kinds = [...new Set(decisions.map(({ kind }) => kind))];
  return (
    <Panel title={title} flush beside={<span className="dim">{decisions.length || ''}</span>}>
      {decisions.length === 0 && <Empty title="Nothing waits for you">{empty}</Empty>}
      {kinds.map((kind) => (
        <DecisionGroup
          key={kind}
          kind={kind}
          decisions={decisions.filter((one) => one.kind === kind)}
        />
      ))}
    </Panel>
  );
}

function DecisionGroup({
  kind,
  decisions,
}: {
  kind: DecisionKind;
  decisions: readonly Decision[];
}) {
  const [all, setAll] = useState(false);
  const shown = all ? decisions : decisions.slice(0, SHOWN_AT_FIRST);
  const sums = sumByCurrency(decisions.flatMap(({ money }) => money));
  return (
    <div>
      <div
        className="small dim"
        style={{ padding: '10px 20px 2px', borderTop: '1px solid var(--line)' }}
      >
        {DECISION_KINDS[kind]}: {decisions.length}
        {sums.length > 0 && `, ${moneysText(sums)}`}
      </div>
      {shown.map((decision) => (
        <DecisionRow key={`${decision.kind} ${decision.subject}`} decision={decision} />
      ))}
      {shown.length < decisions.length && (
        <Text ta="center" p="xs">
          <Button size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
            Show all {decisions.length}
          </Button>
        </Text>
      )}
    </div>
  );
}

function DecisionRow({ decision }: { decision: Decision }) {
  const go = useGo();
  const first = decision.kind === 'bill-run-approval' || decision.kind === 'bill-run-review';
  return (
    <div className="decision" style={{ borderTop: 0 }}>
      <div className="decision-words">
        <Go to={decision.link} c="inherit" fw={500}>
          {spoken(decision.words)}
        </Go>
        <span className="sub">
          {decision.account !== null && `${decision.account.name} · `}
          {dayText(decision.since)}
          {decision.ageDays > 0 && `, ${counted(decision.ageDays, 'day')} ago`}
        </span>
      </div>
      <div className="num">
        {decision.money.map((money) => (
          <div key={money.currency}>{moneyText(money)}</div>
        ))}
      </div>
      <Button
        size="xs"
        variant={first && decision.mayDecide ? 'filled' : 'default'}
        onClick={() => go(decision.link)}
      >
        {decision.mayDecide ? decision.action : 'Look'}
      </Button>
    </div>
  );
}

function NextRun({ data: { nextRun, today } }: { data: Today }) {
  const go = useGo();
  return (
    <Panel
      title={`Bill run of ${monthText(nextRun.month)}`}
      beside={nextRun.state !== null && <StateChip state={RUN_STATES[nextRun.state]} />}
    >
      <Stack gap="sm">
        <Text>
          {weekdayText(nextRun.runOn)}, {relativeText(nextRun.runOn, today)}
        </Text>
        {nextRun.wouldBill === null ? (
          <Text className="dim">
            It is computed on that day, and then waits for a person. It can be computed earlier on
            its page.
          </Text>
        ) : (
          <div>
            <div className="figure-value">
              <Moneys moneys={nextRun.wouldBill} />
            </div>
            <span className="small dim">
              {counted(nextRun.invoices ?? 0, 'document')}
              {nextRun.setAside !== null &&
                nextRun.setAside > 0 &&
                `, ${nextRun.setAside} set aside`}
            </span>
          </div>
        )}
        <div>
          <Button
            size="xs"
            variant="default"
            onClick={() => go(nextRun.run === null ? '/bill-runs' : `/bill-runs/${nextRun.run}`)}
          >
            {nextRun.run === null ? 'Bill runs' : 'Open it'}
          </Button>
        </div>
      </Stack>
    </Panel>
  );
}

/** What the nightly look over the books found; for those who may see it. */
function Missing() {
  const may = useMay();
  const overview = useRead<FindingsOverview>('/findings/overview', may('finding:read'));
  const go = useGo();
  const { data } = overview;
  if (data === undefined || data.lastLook === null) return null;
  const recurring = data.stateCounts.recurring ?? 0;
  const untaken = (data.stateCounts.new ?? 0) + recurring;
  return (
    <Panel title="Missed or at risk" beside={<span className="dim">{data.openCount || ''}</span>}>
      <Stack gap="sm">
        {data.openCount === 0 ? (
          <Text className="dim">Nothing is missing: all that could be compared fits together.</Text>
        ) : (
          <div>
            <div className="figure-value">
              <Moneys moneys={data.atStake} />
            </div>
            <span className="small dim">
              {counted(data.openCount, 'finding')}
              {untaken > 0 && `, ${untaken} that nobody has taken on`}
              {recurring > 0 && `, ${recurring} came back`}
            </span>
          </div>
        )}
        {data.isStale && (
          <Text className="text-warn">Not looked over since {instantText(data.lastLook.at)}.</Text>
        )}
        {data.notChecked.length > 0 && (
          <Text className="small dim">
            {counted(data.notChecked.length, 'comparison')} could not be made.
          </Text>
        )}
        <div>
          <Button size="xs" variant="default" onClick={() => go('/findings')}>
            Findings
          </Button>
        </div>
      </Stack>
    </Panel>
  );
}

function Arrivals({
  arrivals,
  since,
}: {
  arrivals: readonly Arrival[];
  since: string | undefined;
}) {
  const title =
    since === undefined ? 'Arrived in the last seven days' : 'Arrived since your last visit';
  return (
    <Panel title={title} flush>
      {arrivals.length === 0 ? (
        <Empty title="Nothing new">
          Payments, answers to renewals and mails that were refused appear here as they come.
        </Empty>
      ) : (
        arrivals.slice(0, 12).map((one) => (
          <div
            key={`${one.at} ${one.words} ${one.link}`}
            className="decision"
            style={{ gridTemplateColumns: 'minmax(0,1fr) auto' }}
          >
            <div>
              {one.link === null ? one.words : <Go to={one.link}>{spoken(one.words)}</Go>}
              <span className="sub">
                {isWholeDay(one.at) ? dayText(one.at) : instantText(one.at)}
              </span>
            </div>
            <div className="num">{one.money !== null && moneyText(one.money)}</div>
          </div>
        ))
      )}
    </Panel>
  );
}

/** What is known by its day alone comes with midnight. */
const isWholeDay = (at: string) => at.endsWith('T00:00:00.000Z');

function Health({ health }: { health: Today['health'] }) {
  const Sign = health.ok ? IconCircleCheck : IconHeartbeat;
  return (
    <Text className={health.ok ? 'dim' : 'text-warn'} role="status">
      <Sign size={16} style={{ verticalAlign: '-3px', marginRight: 8 }} aria-hidden />
      {health.words}
    </Text>
  );
}
