/** Mails with their delivery, and a button for one that could not be delivered. */
import { Alert, Button } from '@mantine/core';
import { IconMailX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { MailView } from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { useMay } from '../data/session.ts';
import { counted } from '../words/names.ts';
import { ActionDialog, type Asked } from './action-dialog.tsx';
import { MAIL_COLUMNS } from './columns.tsx';
import { say } from './said.tsx';
import { Rows } from './sections.tsx';
import type { Column } from './table.tsx';

/** Those that it did not reach, or all where nobody knows whom. */
function missed({ recipients, deliveries }: MailView): string {
  const back = deliveries.filter(({ state }) => state === 'bounced').map(({ address }) => address);
  return (back.length > 0 ? back : recipients).join(', ');
}

function sendAgain(mail: MailView): Asked {
  const way = mail.asCopy
    ? 'A copy of the invoice goes out once more'
    : 'It goes out once more, to the addresses that the customer has now: correct them first where they were wrong';
  return {
    title: `Send “${mail.subject}” again`,
    what: `It did not reach ${missed(mail)}${mail.reason === null ? '' : ` (${mail.reason})`}. ${way}.`,
    ...(mail.asCopy
      ? {
          fields: [
            {
              name: 'to',
              label: 'To',
              kind: 'email' as const,
              optional: true,
              hint: 'Empty: to the addresses that the customer has now. An address given here is used this once.',
            },
          ],
        }
      : {}),
    button: 'Send again',
    act: ({ to }, key) =>
      write(
        'POST',
        `/mails/${part(mail.key)}/send-again`,
        to?.trim() ? { to: to.trim() } : undefined,
        {
          key,
        },
      ),
    done: () => say('The mail is being sent; how it went stands here in a moment'),
  };
}

export function Mails({ mails }: { mails: readonly MailView[] }) {
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  const allowed = may('mail:send-again');
  const offered = allowed && mails.some(({ sendsAgain }) => sendsAgain);
  const columns = useMemo<readonly Column<MailView>[]>(
    () =>
      offered
        ? [
            ...MAIL_COLUMNS,
            {
              id: 'again',
              label: '',
              value: () => null,
              cell: (row) =>
                row.sendsAgain ? (
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => setAsked(sendAgain(row))}
                  >
                    Send again
                  </Button>
                ) : null,
            },
          ]
        : MAIL_COLUMNS,
    [offered],
  );
  return (
    <>
      <Rows
        label="Mails"
        columns={columns}
        rows={mails}
        rowKey={(row) => row.key}
        empty="No mail yet"
        emptyWords="Invoices, reminders, keys and agreements that go out by mail stand here, with how they arrived."
      />
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

/** Says that something did not arrive, where that would be overlooked; nothing where all did. */
export function Undelivered({ mails, show }: { mails: readonly MailView[]; show: () => void }) {
  const failed = mails.filter(({ undelivered }) => undelivered);
  const [last] = failed;
  if (last === undefined) return null;
  return (
    <Alert
      icon={<IconMailX size={20} />}
      color="red"
      title={`${counted(failed.length, 'mail')} could not be delivered`}
    >
      The last: “{last.subject}” to {missed(last)}
      {last.reason === null ? '' : `, ${last.reason}`}.{' '}
      <Button size="compact-sm" variant="default" onClick={show}>
        See mails
      </Button>
    </Alert>
  );
}
