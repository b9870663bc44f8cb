/** Who approves: two pairs of eyes or one, and the runs that a rule approves by itself. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ApprovalRule, Page, Setting } from '../../../api/types.ts';
import { part, readTagged, write } from '../../data/client.ts';
import { useRead } from '../../data/reading.ts';
import { useMay } from '../../data/session.ts';
import { ActionDialog, type Asked } from '../../parts/action-dialog.tsx';
import { Panel } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { Answer, RowSkeletons } from '../../parts/states.tsx';
import { isCurrencyCode, moneyText, parseAmount } from '../../words/money.ts';

export function Approvals() {
  const settings = useRead<Page<Setting>>('/settings');
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <Panel title="Approval">
      <Answer of={settings} loading={<RowSkeletons rows={2} />}>
        {({ items }) => {
          const value = (name: string) => items.find((one) => one.name === name)?.value;
          const eyes = value('four-eyes') !== false;
          const rule = (value('automatic-approval') ?? null) as ApprovalRule | null;
          return (
            <Stack gap="md">
              <Row
                words="A second person approves what one person made"
                state={eyes ? 'On' : 'Off: one person may make and approve alone'}
                button={eyes ? 'Turn off (a company of one)' : 'Turn on'}
                act={may('settings:write') ? () => setAsked(fourEyes(eyes)) : null}
              />
              <Row
                words="Small bill runs without exceptions are approved by a rule"
                state={rule === null ? 'Off: people approve every run' : inWords(rule)}
                button={rule === null ? 'Set a rule' : 'Turn off'}
                act={may('settings:write') ? () => setAsked(ruleForm(rule)) : null}
              />
            </Stack>
          );
        }}
      </Answer>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </Panel>
  );
}

interface RowProps {
  readonly words: string;
  readonly state: string;
  readonly button: string;
  readonly act: (() => void) | null;
}

function Row({ words, state, button, act }: RowProps) {
  return (
    <Group justify="space-between">
      <div>
        <Text>{words}</Text>
        <Text className="small dim">{state}</Text>
      </div>
      {act !== null && (
        <Button size="xs" variant="default" onClick={act}>
          {button}
        </Button>
      )}
    </Group>
  );
}

const inWords = ({ atMostMinor, submits }: ApprovalRule): string =>
  `On, up to ${Object.entries(atMostMinor)
    .map(([currency, amount]) => moneyText({ amount, currency }))
    .join(' and ')}${submits ? '; runs that fit are submitted by themselves' : ''}`;

async function set(name: string, value: unknown, reason: string | undefined): Promise<unknown> {
  const path = `/settings/${part(name)}`;
  const { tag } = await readTagged<Setting>(path);
  return write('PATCH', path, { value, reason }, { ifMatch: tag });
}

const fourEyes = (on: boolean): Asked => ({
  title: on ? 'Turn off the second person' : 'Turn on the second person',
  what: on
    ? 'From then on one person may make and approve a run, credit or refund alone. That is for a company of one; it is recorded.'
    : 'From then on a second person approves every run, credit and refund.',
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: on ? 'Turn off' : 'Turn on',
  act: ({ reason }) => set('four-eyes', !on, reason),
  done: () => say('The setting is changed'),
});

const ruleForm = (rule: ApprovalRule | null): Asked =>
  rule !== null
    ? {
        title: 'Turn off the rule',
        what: 'From then on people approve every run.',
        fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
        button: 'Turn off',
        act: ({ reason }) => set('automatic-approval', null, reason),
        done: () => say('People approve every run'),
      }
    : {
        title: 'A rule that approves small runs',
        what: 'A run that bills at most this much, and holds or sets nothing aside, is approved without a second person. Each is recorded with the rule and its numbers.',
        fields: [
          {
            name: 'amount',
            label: 'At most, with tax',
            kind: 'text',
            check: (value, { currency = '' }) => {
              const minor = isCurrencyCode(currency) ? parseAmount(value, currency) : 1;
              return minor === null || minor < 0 ? 'An amount like 10,000.00' : null;
            },
          },
          {
            name: 'currency',
            label: 'Currency',
            kind: 'text',
            initial: 'EUR',
            check: (value) => (isCurrencyCode(value) ? null : 'Three capitals, like EUR'),
          },
          {
            name: 'submits',
            label: 'Submit such runs by themselves too',
            kind: 'yes-no',
            initial: 'no',
          },
          { name: 'reason', label: 'Why', kind: 'reason' },
        ],
        button: 'Set the rule',
        act: ({ amount = '', currency = '', submits, reason }) =>
          set(
            'automatic-approval',
            {
              atMostMinor: { [currency]: parseAmount(amount, currency) ?? 0 },
              submits: submits === 'yes',
            },
            reason,
          ),
        done: () => say('The rule holds from now on'),
      };
