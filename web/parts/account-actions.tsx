/** What a person does to a customer as a whole: makes one of two, or closes it. */
import { Button } from '@mantine/core';
import { type RefObject, useState } from 'react';
import type { AccountPage, Approval, MergePreview } from '../../api/types.ts';
import { part, readTagged, write } from '../data/client.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from './action-dialog.tsx';
import { billAccountNow } from './bill-now.tsx';
import { useGo } from './link.tsx';
import { Preview } from './preview.tsx';
import { say } from './said.tsx';

export function AccountActions({ account }: { account: AccountPage }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const may = useMay();
  const go = useGo();
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
      {may('account:write') && account.status !== 'closed' && (
        <Button variant="default" onClick={() => setAsked(close(account))}>
          Close
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

const close = (account: AccountPage): Asked => ({
  title: `Close ${account.name}`,
  what:
    account.contractCount === 0
      ? 'It is no longer looked at by findings. Its documents and payments stay.'
      : 'It is no longer looked at by findings. Its documents and payments stay, and its contracts go on until they end: end them on their own pages.',
  button: 'Close',
  danger: true,
  act: async () => {
    const path = `/accounts/${part(account.account)}`;
    const { tag } = await readTagged(path);
    await write('PATCH', path, { status: 'closed' }, { ifMatch: tag });
  },
  done: () => say('The customer is closed'),
});
