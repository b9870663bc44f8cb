/** Something that a second person decides: a credit, a refund, a merge. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Approval } from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { useReadWhile } from '../data/reading.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { usePathPart } from '../parts/address.ts';
import { Go, pathOf } from '../parts/link.tsx';
import { Facts, PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Answer, StateChip } from '../parts/states.tsx';
import { instantText, spoken } from '../words/dates.ts';
import { APPROVAL_STATES, OUTCOME_STATES } from '../words/names.ts';

const TITLES: Readonly<Record<string, string>> = {
  'invoice.credit': 'Credit to approve',
  'payment.refund': 'Refund to approve',
  'account.merge': 'Merge to approve',
  'account.move': 'Move to another entity to approve',
};

export function ApprovalPage() {
  const approval = usePathPart('approval');
  const page = useReadWhile<Approval>(
    `/approvals/${part(approval)}`,
    ({ outcome }) => outcome?.state === 'under-way',
  );
  return <Answer of={page}>{(data) => <Shown approval={data} />}</Answer>;
}

function Shown({ approval }: { approval: Approval }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const isRefund = approval.action === 'payment.refund';
  return (
    <>
      <PageHead
        trail={[{ to: '/', words: 'Today' }]}
        title={TITLES[approval.action] ?? 'Approval'}
        beside={<StateChip state={APPROVAL_STATES[approval.state]} />}
        below={`Asked for by ${approval.maker.name}, ${instantText(approval.createdAt)}`}
      />
      <Panel>
        <Stack gap="md">
          <Text size="lg" fw={600}>
            {isRefund ? approval.summary.replace(/ of \S+$/, '') : approval.summary}
          </Text>
          <Facts
            facts={[
              {
                name: 'Concerns',
                value: <Concerned approval={approval} />,
              },
              { name: 'Decided by', value: approval.checker?.name },
              {
                name: 'Decided',
                value: approval.decidedAt === null ? null : instantText(approval.decidedAt),
              },
              { name: 'Reason', value: approval.reason },
            ]}
          />
          <Outcome approval={approval} />
          {approval.state === 'waiting' &&
            (approval.mayDecide ? (
              <Group className="act-bar reach">
                <Button
                  variant="default"
                  leftSection={<IconX size={16} />}
                  onClick={() => setAsked(refusal(approval))}
                >
                  Refuse
                </Button>
                <Button
                  leftSection={<IconCheck size={16} />}
                  onClick={() => setAsked(consent(approval))}
                >
                  Approve
                </Button>
              </Group>
            ) : (
              <Alert icon={<IconInfoCircle size={18} />} color="gray">
                A second person with the role approver decides; whoever asked for it does not.
              </Alert>
            ))}
        </Stack>
      </Panel>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

/** What became of a refund; one that was not carried out can be asked for again, and is still made once. */
function Outcome({ approval }: { approval: Approval }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const { outcome } = approval;
  if (outcome === null) return null;
  const { tone, words } = OUTCOME_STATES[outcome.state];
  return (
    <Alert
      icon={<IconInfoCircle size={18} />}
      color={tone === 'bad' ? 'red' : 'gray'}
      title={words}
      role="status"
    >
      <Text>{spoken(outcome.words)}</Text>
      {outcome.mayRepeat && (
        <Button size="xs" mt="sm" variant="default" onClick={() => setAsked(consent(approval))}>
          Ask for it again
        </Button>
      )}
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </Alert>
  );
}

function Concerned({ approval: { action, subject } }: { approval: Approval }) {
  if (action === 'account.merge' || action === 'account.move')
    return <Go to={pathOf.account(subject)}>{subject}</Go>;
  if (action === 'invoice.credit') return <Go to={pathOf.invoice(subject)}>{subject}</Go>;
  return <Go to={pathOf.payment(subject)}>the payment</Go>;
}

const consent = (approval: Approval): Asked => ({
  title: 'Approve',
  what: `${approval.summary}. It is carried out at once.`,
  button: 'Approve',
  act: (_values, key) =>
    write(
      'POST',
      `/approvals/${part(approval.approval)}/approve`,
      { shownHash: approval.shownHash },
      { key },
    ),
  done: (answer) => say((answer as Approval).outcome?.words ?? 'Approved and carried out'),
});

const refusal = (approval: Approval): Asked => ({
  title: 'Refuse',
  what: 'Nothing is done. Whoever asked sees your reason.',
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: 'Refuse',
  danger: true,
  act: (values, key) =>
    write('POST', `/approvals/${part(approval.approval)}/refuse`, values, { key }),
  done: () => say('Refused'),
});
