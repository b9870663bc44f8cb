/** A customer's contacts: who gets which mail; added, changed, removed by whoever looks after customers. */
import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import type { AccountPage, ContactView } from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { tagOfSeen, typedAnew } from '../data/seen.ts';
import { useMay } from '../data/session.ts';
import { dayText } from '../words/dates.ts';
import { CONTACT_RECEIVES, CONTACT_ROLES, choicesOf, MAIL_STATES } from '../words/names.ts';
import { ActionDialog, type Asked, type Field, type Values } from './action-dialog.tsx';
import { say } from './said.tsx';
import { Rows } from './sections.tsx';
import { StateChip } from './states.tsx';
import type { Column } from './table.tsx';

const wordsOf = (names: Readonly<Record<string, string>>, code: string) => names[code] ?? code;

const COLUMNS: readonly Column<ContactView>[] = [
  {
    id: 'name',
    label: 'Contact',
    title: true,
    value: (row) => row.name ?? row.email,
    cell: (row) => (
      <>
        {row.name ?? row.email}
        {row.role !== null && <span className="sub">{wordsOf(CONTACT_ROLES, row.role)}</span>}
      </>
    ),
  },
  { id: 'email', label: 'Mail', value: (row) => row.email },
  { id: 'phone', label: 'Phone', value: (row) => row.phone },
  {
    id: 'receives',
    label: 'Receives',
    value: (row) => row.receives.map((kind) => wordsOf(CONTACT_RECEIVES, kind)).join(', '),
  },
  {
    id: 'delivery',
    label: 'Last mail',
    value: (row) => (row.delivery === null ? null : MAIL_STATES[row.delivery.state].words),
    cell: (row) =>
      row.delivery === null ? (
        <span className="dim">none yet</span>
      ) : (
        <>
          <StateChip state={MAIL_STATES[row.delivery.state]} />
          <span className="sub">{dayText(row.delivery.on)}</span>
        </>
      ),
  },
];

export function Contacts({ account }: { account: AccountPage }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const may = useMay()('contact:write') && account.mergedInto === null;
  const columns = may ? [...COLUMNS, actions(setAsked)] : COLUMNS;
  return (
    <Stack gap="md">
      {may && (
        <Group>
          <Button variant="default" onClick={() => setAsked(addition(account))}>
            Add a contact
          </Button>
        </Group>
      )}
      <Rows
        label="Contacts"
        columns={columns}
        rows={account.contacts}
        rowKey={(row) => row.email}
        empty="No contact"
        emptyWords="Without one, invoices go to the billing address of the customer."
      />
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </Stack>
  );
}

const actions = (ask: (asked: Asked) => void): Column<ContactView> => ({
  id: 'actions',
  label: 'Actions',
  value: () => null,
  cell: (row) => (
    <Group gap="xs" wrap="nowrap">
      <Button
        size="xs"
        variant="default"
        aria-label={`Change ${row.email}`}
        onClick={() => ask(change(row))}
      >
        Change
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={`Remove ${row.email}`}
        onClick={() => ask(removal(row))}
      >
        Remove
      </Button>
    </Group>
  ),
});

function fieldsOf(contact: ContactView | null): readonly Field[] {
  const choices = choicesOf(CONTACT_ROLES);
  return [
    { name: 'name', label: 'Name', kind: 'text', initial: contact?.name ?? '', optional: true },
    {
      name: 'email',
      label: 'Mail address',
      kind: 'email',
      initial: contact?.email ?? '',
      check: (typed) =>
        /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(typed) ? null : 'A mail address, like jo@example.com',
    },
    { name: 'phone', label: 'Phone', kind: 'text', initial: contact?.phone ?? '', optional: true },
    {
      name: 'role',
      label: 'Role',
      kind: 'choice',
      choices,
      initial: contact?.role ?? '',
      optional: true,
      hint: 'Says which mails they get where nothing is chosen below',
    },
    ...Object.entries(CONTACT_RECEIVES).map(
      ([kind, label]): Field => ({
        name: kind,
        label,
        kind: 'yes-no',
        initial: contact?.receives.includes(kind) === true ? 'yes' : 'no',
        optional: true,
      }),
    ),
  ];
}

/** What was typed, as the book has it: nothing where it is empty. */
function contactOf(values: Values) {
  const typed = (name: string) => values[name]?.trim() || null;
  const receives = Object.keys(CONTACT_RECEIVES).filter((kind) => values[kind] === 'yes');
  return {
    email: values.email?.trim() ?? '',
    name: typed('name'),
    phone: typed('phone'),
    role: typed('role'),
    receives: receives.length === 0 ? null : receives,
  };
}

const addition = ({ account, name }: AccountPage): Asked => ({
  title: `Add a contact of ${name}`,
  what: 'Mails go to them from now on. What has been sent stays as it was.',
  fields: fieldsOf(null),
  button: 'Add',
  act: (values, key) => write('POST', '/contacts', { account, ...contactOf(values) }, { key }),
  done: () => say('The contact is added'),
});

const pathOf = ({ account, email }: ContactView) =>
  `/accounts/${part(account)}/contacts/${part(email)}`;

/** What the page shows of a contact. */
const shownOf = ({ email, name, phone, role, receives }: ContactView) => ({
  ...{ email, name, phone, role, receives },
});
const LABELS = {
  ...{ name: 'Name', email: 'Mail address', phone: 'Phone', role: 'Role', receives: 'Receives' },
};

function change(contact: ContactView): Asked {
  const shown = shownOf(contact);
  const seen = { current: shown };
  return {
    title: `Change ${contact.name ?? contact.email}`,
    what: 'Mails go by this from now on. What has been sent stays as it was.',
    fields: fieldsOf(contact),
    button: 'Change',
    act: async (values) => {
      const ifMatch = await tagOfSeen(pathOf(contact), seen, LABELS);
      const anew = typedAnew(contactOf(values), shown);
      if (Object.keys(anew).length > 0) await write('PATCH', pathOf(contact), anew, { ifMatch });
    },
    done: () => say('The contact is changed'),
  };
}

function removal(contact: ContactView): Asked {
  const seen = { current: shownOf(contact) };
  return {
    title: `Remove ${contact.name ?? contact.email}`,
    what: `No mail goes to ${contact.email} as a contact any more. What was sent there stays in the record.`,
    button: 'Remove',
    danger: true,
    act: async () => {
      const ifMatch = await tagOfSeen(pathOf(contact), seen, LABELS);
      await write('DELETE', pathOf(contact), undefined, { ifMatch });
    },
    done: () => say('The contact is removed'),
  };
}
