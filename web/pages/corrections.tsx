/** Corrections: what do customers say is wrong in their record? Each is accepted into the record, or refused with a reason. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CorrectionView } from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { Go, pathOf } from '../parts/link.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { Facts, PageHead } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { StateChip } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { dayText } from '../words/dates.ts';
import { CORRECTION_STATES, choicesOf, counted } from '../words/names.ts';

type Change = CorrectionView['changes'][number];

/** `billingEmail` reads "billing email". */
const columnWords = (column: string) => column.replace(/([a-z])([A-Z0-9])/g, '$1 $2').toLowerCase();
const whoseWords = ({ contact }: Change) => (contact === null ? 'Account' : contact);

const COLUMNS: readonly Column<CorrectionView>[] = [
  { id: 'correction', label: 'Correction', title: true, value: (row) => row.correction },
  {
    id: 'account',
    label: 'Customer',
    serverSort: 'account',
    value: (row) => row.account,
    cell: (row) => <Go to={pathOf.account(row.account)}>{row.account}</Go>,
  },
  {
    id: 'what',
    label: 'What',
    value: (row) => row.changes.map(({ column }) => columnWords(column)).join(', '),
    cell: (row) => (
      <>
        {row.changes.length === 0
          ? 'A remark'
          : row.changes.map(({ column }) => columnWords(column)).join(', ')}
        {row.remark !== null && <span className="sub">{row.remark}</span>}
      </>
    ),
  },
  {
    id: 'proposedOn',
    label: 'Proposed',
    serverSort: 'proposedOn',
    value: (row) => row.proposedOn,
    cell: (row) => <span className="nowrap">{dayText(row.proposedOn)}</span>,
  },
  {
    id: 'state',
    label: 'State',
    serverSort: 'state',
    value: (row) => CORRECTION_STATES[row.state].words,
    cell: (row) => (
      <>
        <StateChip state={CORRECTION_STATES[row.state]} />
        {row.decidedBy !== null && <span className="sub">{row.decidedBy}</span>}
      </>
    ),
  },
];

const STATES = choicesOf(CORRECTION_STATES);

export function CorrectionsPage() {
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <PageHead
        title="Corrections"
        below="What customers say is wrong in their record. Nothing changes before somebody accepts it."
      />
      <ServerList<CorrectionView>
        noun="corrections"
        path="/corrections"
        columns={COLUMNS}
        rowKey={(row) => row.correction}
        filters={[{ name: 'state', label: 'State', choices: STATES }]}
        defaultSort="-proposedOn"
        searchable={false}
        sheetTitle={(row) => row.correction}
        sheet={(row) => <Sheet correction={row} ask={setAsked} />}
        empty={{
          title: 'No corrections',
          words: 'Customers propose them on the page that each key mail links to.',
        }}
      />
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

const CHANGE_COLUMNS: readonly Column<Change>[] = [
  { id: 'whose', label: 'Of', value: whoseWords },
  { id: 'column', label: 'What', title: true, value: ({ column }) => columnWords(column) },
  { id: 'from', label: 'Now', value: ({ from }) => from ?? '–' },
  { id: 'to', label: 'Proposed', value: ({ to }) => to ?? '(empty)' },
];

function Sheet({ correction, ask }: { correction: CorrectionView; ask: (asked: Asked) => void }) {
  const may = useMay();
  const { account, changes, remark, state, decidedBy, decidedOn, reason } = correction;
  return (
    <Stack gap="md">
      <Facts
        facts={[
          { name: 'Customer', value: <Go to={pathOf.account(account)}>{account}</Go> },
          { name: 'Proposed', value: dayText(correction.proposedOn) },
          { name: 'Decided', value: decidedOn === null ? null : dayText(decidedOn) },
          { name: 'By', value: decidedBy },
          { name: 'Reason', value: reason },
        ]}
      />
      {changes.length > 0 && (
        <DataTable
          label="What is proposed"
          columns={CHANGE_COLUMNS}
          rows={changes}
          rowKey={(one) => `${one.table} ${one.contact} ${one.column}`}
        />
      )}
      {remark !== null && <Text style={{ whiteSpace: 'pre-wrap' }}>{remark}</Text>}
      {state === 'waiting' && may('correction:decide') && (
        <Group>
          <Button onClick={() => ask(decide(correction, 'accept'))}>Accept</Button>
          <Button variant="default" onClick={() => ask(decide(correction, 'refuse'))}>
            Refuse
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function decide({ correction, changes }: CorrectionView, verb: 'accept' | 'refuse'): Asked {
  const accepts = verb === 'accept';
  return {
    title: `${accepts ? 'Accept' : 'Refuse'} ${correction}`,
    what: accepts
      ? `Writes ${counted(changes.length, 'change')} into the record and a note into the CRM. Mails and papers use them from now on; issued ones stay.`
      : 'The record stays as it is. The customer sees that it was refused.',
    fields: [
      accepts
        ? { name: 'reason', label: 'Remark (optional)', kind: 'text', optional: true }
        : { name: 'reason', label: 'Why', kind: 'reason' },
    ],
    button: accepts ? 'Accept' : 'Refuse',
    act: ({ reason }, key) =>
      write(
        'POST',
        `/corrections/${part(correction)}/${verb}`,
        { reason: reason?.trim() === '' ? null : reason },
        { key },
      ),
    done: () => say(`${correction} is ${accepts ? 'accepted' : 'refused'}`),
  };
}
