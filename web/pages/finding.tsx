/** One finding: what is wrong, what both sides say, what one decision does about it, what happened to it. */
import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconExternalLink } from '@tabler/icons-react';
import { type RefObject, useState } from 'react';
import type {
  EvidenceView,
  FindingActionView,
  FindingDetail,
  FindingDone,
  FindingPreview,
} from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { ActionDialog, type Asked, type Field, type Values } from '../parts/action-dialog.tsx';
import { usePathPart } from '../parts/address.ts';
import { Moneys } from '../parts/amount.tsx';
import { Go, pathOf, useGo } from '../parts/link.tsx';
import { Facts, Figure, PageHead, Panel } from '../parts/page.tsx';
import { Preview } from '../parts/preview.tsx';
import { say } from '../parts/said.tsx';
import { Answer, Empty, StateChip } from '../parts/states.tsx';
import { dayText, instantText, readersToday, spoken } from '../words/dates.ts';
import { counted, FINDING_STATES, SEVERITIES, sentence } from '../words/names.ts';

export function FindingPage() {
  const finding = usePathPart('finding');
  const page = useRead<FindingDetail>(`/findings/${part(finding)}`);
  return <Answer of={page}>{(data) => <Shown finding={data} />}</Answer>;
}

const moneyList = (money: FindingDetail['money']) => (money === null ? [] : [money]);

function Shown({ finding }: { finding: FindingDetail }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const severity = SEVERITIES[finding.severity];
  return (
    <>
      <PageHead
        trail={[{ to: '/findings', words: 'Findings' }]}
        title={`${finding.finding} ${finding.title}`}
        beside={
          <>
            <StateChip state={FINDING_STATES[finding.state]} />
            {severity !== undefined && <StateChip state={severity} />}
          </>
        }
        below={foundWords(finding)}
        actions={<PersonActions finding={finding} ask={setAsked} />}
      />
      <Stack gap="lg">
        {finding.notChecked !== null && (
          <Alert
            color="gray"
            icon={<IconAlertTriangle size={20} />}
            title="Not compared in the last look"
          >
            {spoken(finding.notChecked)}. It stands here as it was seen on{' '}
            {dayText(finding.lastSeenOn)}.
          </Alert>
        )}
        <Money finding={finding} />
        <div className="grid-2">
          <Stack gap="lg">
            <Actions finding={finding} ask={setAsked} />
            <Sides finding={finding} />
          </Stack>
          <Stack gap="lg">
            <About finding={finding} />
            <Questions finding={finding} />
            <History finding={finding} />
          </Stack>
        </div>
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function foundWords(finding: FindingDetail): string {
  const { firstFoundOn, ageDays, timesFound, resolvedOn, owner, acceptedUntil } = finding;
  const parts = [`Found on ${dayText(firstFoundOn)}`];
  if (resolvedOn !== null) parts.push(`mended on ${dayText(resolvedOn)}`);
  else if (ageDays > 0) parts.push(`${counted(ageDays, 'day')} ago`);
  if (timesFound > 1) parts.push(`came up ${timesFound} times`);
  if (owner !== null) parts.push(`looked after by ${owner.name}`);
  if (acceptedUntil !== null) parts.push(`accepted until ${dayText(acceptedUntil)}`);
  return parts.join(', ');
}

function Money({ finding }: { finding: FindingDetail }) {
  const { money, recovered, prevented, corrected } = finding;
  const resolved = finding.state === 'resolved';
  const made = [
    ['Recovered', recovered, 'on issued documents'],
    ['Prevented', prevented, 'a loss or wrong charge that did not come'],
    ['Put right', corrected, 'never owed: the records were wrong'],
  ] as const;
  const shown = made.filter(([, amount]) => amount !== null && amount.amount !== 0);
  if ((money === null || money.amount === 0) && shown.length === 0) return null;
  return (
    <div className="figures">
      <Figure
        name={resolved ? 'Was at stake' : 'At stake'}
        value={<Moneys moneys={moneyList(money)} />}
        below={money !== null && money.amount < 0 ? 'owed to the customer' : 'missed or at risk'}
      />
      {shown.map(([name, amount, below]) => (
        <Figure
          key={name}
          name={name}
          value={<Moneys moneys={moneyList(amount)} />}
          below={below}
        />
      ))}
    </div>
  );
}

function About({ finding }: { finding: FindingDetail }) {
  const { account, contract, subcontract } = finding;
  return (
    <Panel title="What it is about">
      <Stack gap="md">
        <Facts
          facts={[
            {
              name: 'Customer',
              value:
                account === null ? null : (
                  <Go to={pathOf.account(account.account)}>{account.name}</Go>
                ),
            },
            {
              name: 'Contract',
              value: contract === null ? null : <Go to={pathOf.contract(contract)}>{contract}</Go>,
            },
            { name: 'Subcontract', value: subcontract },
            ...finding.evidence.map(({ name, value }) => ({
              name: sentence(name),
              value: spoken(value),
            })),
          ]}
        />
        <Text className="small dim">
          Compared: {finding.compares} {finding.matters}
        </Text>
      </Stack>
    </Panel>
  );
}

const SYSTEMS: Readonly<Record<string, string>> = {
  perennial: 'Our record',
  crm: 'CRM',
  accounting: 'Accounting',
  license: 'Licenses',
  bank: 'Payments',
  mail: 'Mail',
};

function Sides({ finding }: { finding: FindingDetail }) {
  const { agreed, found } = finding;
  if (agreed.length === 0 && found.length === 0) return null;
  return (
    <Panel title="What both sides say">
      <div className="sides">
        <Side title="What is agreed" records={agreed} none="There is no such record." />
        <Side title="What was found" records={found} none="There is no such record." />
      </div>
    </Panel>
  );
}

function Side({
  title,
  records,
  none,
}: {
  title: string;
  records: readonly EvidenceView[];
  none: string;
}) {
  return (
    <section aria-label={title}>
      <h3 className="evidence-title">{title}</h3>
      {records.length === 0 && <Text className="dim">{none}</Text>}
      {records.map((record) => (
        <div key={`${record.system} ${record.table} ${record.id}`} className="evidence">
          <Group justify="space-between" gap="xs">
            <Text fw={600}>
              {record.link === null ? record.id : <Go to={record.link}>{record.id}</Go>}
            </Text>
            <Text className="small dim">
              {SYSTEMS[record.system] ?? record.system}
              {record.url !== null && (
                <>
                  {' · '}
                  <Anchor href={record.url} target="_blank" rel="noreferrer" size="sm">
                    open there <IconExternalLink size={12} aria-hidden />
                  </Anchor>
                </>
              )}
            </Text>
          </Group>
          <dl className="evidence-fields">
            {record.fields.map(({ name, value }) => (
              <div key={name}>
                <dt>{sentence(name)}</dt>
                <dd className="tabular">{spoken(value)}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </section>
  );
}

type Ask = (asked: Asked) => void;

function PersonActions({ finding, ask }: { finding: FindingDetail; ask: Ask }) {
  const { may, owner } = finding;
  const path = `/findings/${part(finding.finding)}`;
  if (!may.assign && !may.accept) return null;
  return (
    <>
      {may.assign && (
        <Button
          variant="default"
          onClick={() =>
            ask({
              title: owner === null ? 'Take it on' : 'Give it to somebody',
              what: 'Whoever looks after it stands beside it, until it is mended.',
              fields: [
                {
                  name: 'owner',
                  label: 'Mail address of a colleague',
                  kind: 'email',
                  optional: true,
                  hint: 'Empty: you take it on yourself',
                },
              ],
              button: 'Take it on',
              act: ({ owner: given }, key) =>
                write('POST', `${path}/assign`, given ? { owner: given } : {}, { key }),
              done: () => say('Taken on'),
            })
          }
        >
          {owner === null ? 'Take it on' : 'Hand it over'}
        </Button>
      )}
      {may.accept && (
        <Button variant="default" onClick={() => ask(acceptance(finding, path))}>
          Accept
        </Button>
      )}
    </>
  );
}

const acceptance = (finding: FindingDetail, path: string): Asked => ({
  title: `Accept ${finding.finding}`,
  what: 'It is let be through that day. After it, or once more is at stake, it opens again.',
  fields: [
    {
      name: 'until',
      label: 'Until',
      kind: 'date',
      check: (value) => (value < readersToday() ? 'Take a day that has not passed' : null),
    },
    { name: 'reason', label: 'Why', kind: 'reason' },
  ],
  button: 'Accept',
  act: (values, key) => write('POST', `${path}/accept`, values, { key }),
  done: () => say('Accepted'),
});

/** The likeliest action first and filled; what is not possible says why. */
function Actions({ finding, ask }: { finding: FindingDetail; ask: Ask }) {
  const go = useGo();
  const { actions, may, state } = finding;
  if (state === 'resolved')
    return (
      <Panel title="What to do">
        <Text>Nothing: it is mended. Should it come up again, this finding opens again.</Text>
      </Panel>
    );
  const first = actions.find(({ unavailable, link }) => unavailable === null && link === null);
  return (
    <Panel title="What to do">
      <Stack gap="sm">
        <Text>{spoken(finding.suggestion)}</Text>
        {!may.act && (
          <Text className="small dim">A biller carries it out; you can take it on or look on.</Text>
        )}
        {actions.map((action) => (
          <div key={action.action} className="finding-action">
            <div>
              <Text fw={500}>{action.label}</Text>
              <span className="sub">
                {action.unavailable ?? action.words}
                {action.needsApproval && ' A second person approves it.'}
              </span>
            </div>
            {action.link !== null ? (
              <LinkButton to={action.link} go={go} />
            ) : (
              <Button
                size="xs"
                variant={action === first ? 'filled' : 'default'}
                disabled={!may.act || action.unavailable !== null}
                onClick={() => ask(deed(finding, action, go))}
              >
                {action.label}
              </Button>
            )}
          </div>
        ))}
        {actions.length === 0 && (
          <Empty title="Nothing is done about it here">
            Correct what it names; the next look over the books closes it by itself.
          </Empty>
        )}
      </Stack>
    </Panel>
  );
}

function LinkButton({ to, go }: { to: string; go: (to: string) => void }) {
  if (!to.startsWith('/'))
    return (
      <Button size="xs" variant="default" component="a" href={to} target="_blank" rel="noreferrer">
        Open there
      </Button>
    );
  return (
    <Button size="xs" variant="default" onClick={() => go(to)}>
      Open
    </Button>
  );
}

const asField = ({
  name,
  label,
  kind,
  initial,
  optional,
  hint,
  choices,
}: FindingActionView['fields'][number]): Field => ({
  name,
  label,
  kind: kind === 'text' && (initial?.length ?? 0) > 60 ? 'reason' : kind,
  ...(initial === null ? {} : { initial }),
  ...(hint === null ? {} : { hint }),
  optional,
  choices,
});

/** Asks what the action needs, shows what would change while it is filled in, and does exactly what was shown. */
function deed(finding: FindingDetail, action: FindingActionView, go: (to: string) => void): Asked {
  const path = `/findings/${part(finding.finding)}/actions/${part(action.action)}`;
  const shown: RefObject<FindingPreview | null> = { current: null };
  const inputOf = (values: Values) =>
    Object.fromEntries(
      action.fields.flatMap(({ name }) => {
        const value = (values[name] ?? '').trim();
        return value === '' ? [] : [[name, value]];
      }),
    );
  return {
    title: `${action.label}: ${finding.finding}`,
    what: (values) => <Preview path={path} body={{ input: inputOf(values) }} shown={shown} />,
    fields: [
      ...action.fields.map(asField),
      { name: '@reason', label: 'Why', kind: 'reason', hint: 'It is kept with the finding' },
    ],
    button: action.needsApproval ? 'Ask a second person' : action.label,
    act: (values, key) => {
      const input = inputOf(values);
      const preview = shown.current;
      if (preview === null) throw new Error('Wait until it is shown what would change.');
      const body = { input, shownHash: preview.shownHash, reason: values['@reason'] };
      return write<FindingDone>('POST', path, body, { key });
    },
    done: (answer) => {
      const done = answer as FindingDone;
      say(spoken(done.words));
      if (done.waitsForApproval && done.link !== null) go(done.link);
    },
  };
}

function Questions({ finding: { questions } }: { finding: FindingDetail }) {
  if (questions.length === 0) return null;
  return (
    <Panel title="Questions">
      <Stack gap="md">
        {questions.map((one) => (
          <div key={one.question}>
            <Text>{one.words}</Text>
            <span className="sub">
              {one.recipient}, {dayText(one.askedOn)}
            </span>
            <Text mt={4} className={one.answer === null ? 'dim' : 'quoted'}>
              {one.answer ?? 'Not answered yet.'}
            </Text>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

function History({ finding: { events } }: { finding: FindingDetail }) {
  return (
    <Panel title="What happened">
      <Stack gap="sm">
        {[...events].reverse().map((event) => (
          <div key={`${event.at} ${event.kind}`}>
            <Text>
              {event.link === null ? (
                spoken(event.words)
              ) : (
                <Go to={event.link}>{spoken(event.words)}</Go>
              )}
            </Text>
            <span className="sub">
              {instantText(event.at)},{' '}
              {event.actor.name === 'perennial' ? 'by itself' : event.actor.name}
              {event.reason !== null && event.kind !== 'answered' && `: ${event.reason}`}
            </span>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
