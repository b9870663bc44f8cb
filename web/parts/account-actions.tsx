/** What a person does to a customer as a whole: bills it now, makes one of two, moves it to another of our entities, closes it. */
import { Button } from '@mantine/core';
import { type RefObject, useState } from 'react';
import type { AccountMovePreview, AccountPage, Approval, MergePreview } from '../../api/types.ts';
import { part, readTagged, write } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { readersToday } from '../words/dates.ts';
import { ActionDialog, type Asked } from './action-dialog.tsx';
import { billAccountNow } from './bill-now.tsx';
import { useGo } from './link.tsx';
import { Preview } from './preview.tsx';
import { say } from './said.tsx';

export function AccountActions({ account }: { account: AccountPage }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const may = useMay();
  const go = useGo();
  const ours = useRead<{ items: readonly string[] }>('/settings/company', may('account:move'));
  const entities = ours.data?.items ?? [];
  if (account.clock !== null || account.mergedInto !== null) return null;
  return (
    <>
      {may('bill-run:start') && (
        <Button variant="default" onClick={() => setAsked(billAccountNow(account, go))}>
          Bill now…
        </Button>
      )}
      {may('account:merge') && (
        <Button variant="default" onClick={() => setAsked(merge(account, go))}>
          Merge…
        </Button>
      )}
      {may('account:move') && account.status !== 'closed' && entities.length > 1 && (
        <Button variant="default" onClick={() => setAsked(move(account, entities, go))}>
          Move…
        </Button>
      )}
      {may('account:close') && (
        <Button
          variant="default"
          onClick={() => setAsked(account.status === 'closed' ? reopen(account) : close(account))}
        >
          {account.status === 'closed' ? 'Open again' : 'Close'}
        </Button>
      )}
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function merge(account: AccountPage, go: (to: string) => void): Asked {
  const path = `/accounts/${part(account.account)}/merge`;
  const shown: RefObject<MergePreview | null> = { current: null };
  return {
    title: `Merge ${account.name} (${account.account})`,
    what: ({ into = '' }) =>
      into.trim() === '' ? (
        'Contracts, contacts, licenses and credit of this customer move to another one, and it is closed. What was issued to it stays its own.'
      ) : (
        <Preview path={path} body={{ into: into.trim() }} shown={shown} />
      ),
    fields: [
      {
        name: 'into',
        label: 'Into the customer',
        kind: 'text',
        hint: 'Its number, as the list of customers shows it',
      },
      { name: 'reason', label: 'Why', kind: 'reason' },
    ],
    button: 'Merge',
    danger: true,
    act: ({ into = '', reason }, key) => {
      const preview = shown.current;
      if (preview === null || preview.into.account !== into.trim())
        throw new Error('Wait until it is shown what would change.');
      const { shownHash } = preview;
      return write<Approval>('POST', path, { into: into.trim(), reason, shownHash }, { key });
    },
    done: (answer) => {
      const { approval, state, summary } = answer as Approval;
      if (state !== 'waiting') return say(summary);
      say('A second person decides');
      go(`/approvals/${encodeURIComponent(approval)}`);
    },
  };
}

/** To another of our companies, from a day on; by the same way back. */
function move(account: AccountPage, entities: readonly string[], go: (to: string) => void): Asked {
  const path = `/accounts/${part(account.account)}/move`;
  const shown: RefObject<AccountMovePreview | null> = { current: null };
  const choices = entities.map((entity) => ({ value: entity, label: entity }));
  return {
    title: `Move ${account.name} to another entity`,
    what: ({ entity = '', from = '' }) =>
      entity === '' || from === '' ? (
        'From a day on it buys from another of our companies. What was issued before stays as it was issued.'
      ) : (
        <Preview path={path} body={{ entity, from }} shown={shown} />
      ),
    fields: [
      { name: 'entity', label: 'To', kind: 'choice', choices },
      { name: 'from', label: 'From', kind: 'date', initial: readersToday() },
      { name: 'reason', label: 'Why', kind: 'reason' },
    ],
    button: 'Move',
    danger: true,
    act: ({ entity, from, reason }, key) => {
      const preview = shown.current;
      if (preview === null || preview.entity !== entity || preview.from !== from)
        throw new Error('Wait until it is shown what would change.');
      const { shownHash } = preview;
      return write<Approval>('POST', path, { entity, from, reason, shownHash }, { key });
    },
    done: (answer) => {
      const { approval, state, summary } = answer as Approval;
      if (state !== 'waiting') return say(summary);
      say('A second person decides');
      go(`/approvals/${encodeURIComponent(approval)}`);
    },
  };
}

/** Refused with what is open; the same form then decides to close it all the same. */
const close = (account: AccountPage): Asked => ({
  title: `Close ${account.name}`,
  what: 'Nothing more is billed to it. Its documents and payments stay. While contracts run or money is open, it stays open unless you decide otherwise here.',
  fields: [
    { name: 'reason', label: 'Why', kind: 'reason' },
    { name: 'despite', label: 'Close it though something is open', kind: 'yes-no', optional: true },
  ],
  button: 'Close',
  danger: true,
  act: async ({ reason, despite }, key) => {
    const path = `/accounts/${part(account.account)}`;
    const { tag } = await readTagged(path);
    const body = { reason, despite: despite === 'yes' };
    await write('POST', `${path}/close`, body, { ifMatch: tag, key });
  },
  done: () => say('The customer is closed'),
});

const reopen = (account: AccountPage): Asked => ({
  title: `Open ${account.name} again`,
  what: 'It is billed again: the next run finds what is due.',
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: 'Open again',
  act: async ({ reason }, key) => {
    const path = `/accounts/${part(account.account)}`;
    const { tag } = await readTagged(path);
    await write('POST', `${path}/reopen`, { reason }, { ifMatch: tag, key });
  },
  done: () => say('The customer is open again'),
});
