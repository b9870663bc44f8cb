/** Settings: your password, the people of the house. Its rules are on the Company page. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Page, SignInLink, User } from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { tagOfSeen, typedAnew } from '../data/seen.ts';
import { useMay, useSession } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { Facts, PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Answer, RowSkeletons } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { instantText } from '../words/dates.ts';
import { choicesOf, ROLES } from '../words/names.ts';

type Ask = (asked: Asked) => void;

export function SettingsPage() {
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [link, setLink] = useState<SignInLink | null>(null);
  return (
    <>
      <PageHead title="Settings" />
      <Stack gap="lg">
        <You ask={setAsked} />
        {may('user:read') && <People ask={setAsked} show={setLink} />}
        {link !== null && (
          <Panel title="Sign-in link">
            <Text>
              It is shown once and works once, until {instantText(link.expiresAt)}. Send it to the
              person by a way you trust.
            </Text>
            <Text className="code" style={{ overflowWrap: 'anywhere' }} my="sm">
              {link.url}
            </Text>
            <Button
              size="xs"
              variant="default"
              onClick={() => void navigator.clipboard.writeText(link.url).then(() => say('Copied'))}
            >
              Copy
            </Button>
          </Panel>
        )}
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function You({ ask }: { ask: Ask }) {
  const { user, version } = useSession();
  return (
    <Panel
      title="You"
      beside={
        <Button size="xs" variant="default" onClick={() => ask(password(user))}>
          {user.hasPassword ? 'Change the password' : 'Choose a password'}
        </Button>
      }
    >
      <Facts
        facts={[
          { name: 'Name', value: user.name },
          { name: 'Mail address', value: user.email },
          { name: 'Role', value: ROLES[user.role] },
          { name: 'Version of Perennial', value: version },
        ]}
      />
    </Panel>
  );
}

const PASSWORD_LEAST = 12;

const password = (user: User): Asked => ({
  title: user.hasPassword ? 'Change the password' : 'Choose a password',
  what: `At least ${PASSWORD_LEAST} characters. A few words that nobody guesses are better than one with signs in it.`,
  fields: [
    ...(user.hasPassword
      ? [{ name: 'current', label: 'The present one', kind: 'password' as const }]
      : []),
    {
      name: 'password',
      label: 'The new one',
      kind: 'password',
      check: (value) =>
        value.length < PASSWORD_LEAST ? `At least ${PASSWORD_LEAST} characters` : null,
    },
  ],
  button: 'Save',
  act: (values) =>
    write('PUT', '/session/password', {
      current: values.current ?? null,
      password: values.password,
    }),
  done: () => say('The password is set'),
});

interface PeopleProps {
  readonly ask: Ask;
  readonly show: (link: SignInLink) => void;
}

function People({ ask, show }: PeopleProps) {
  const users = useRead<Page<User>>('/users');
  const may = useMay();
  const columns: Column<User>[] = [
    {
      id: 'name',
      label: 'Person',
      title: true,
      value: (row) => row.name,
      cell: (row) => (
        <>
          {row.name}
          <span className="sub">{row.email}</span>
        </>
      ),
    },
    { id: 'role', label: 'Role', value: (row) => ROLES[row.role] },
    {
      id: 'state',
      label: 'Signs in by',
      value: (row) => (row.disabled ? 'disabled' : row.hasPassword ? 'password' : 'link'),
    },
    ...(may('user:write')
      ? [
          {
            id: 'act',
            label: 'Change',
            numeric: true,
            value: () => '',
            cell: (row: User) => (
              <Group gap={4} justify="flex-end">
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => ask(signInLink(row, show))}
                >
                  Sign-in link
                </Button>
                <Button size="compact-sm" variant="default" onClick={() => ask(changeUser(row))}>
                  Change
                </Button>
              </Group>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      flush
      title="People"
      beside={
        may('user:write') && (
          <Button size="xs" variant="default" onClick={() => ask(addUser())}>
            Add a person
          </Button>
        )
      }
    >
      <Answer of={users} loading={<RowSkeletons rows={3} />}>
        {({ items }) => (
          <DataTable label="People" columns={columns} rows={items} rowKey={(row) => row.email} />
        )}
      </Answer>
    </Panel>
  );
}

const roleChoices = choicesOf(ROLES);

const addUser = (): Asked => ({
  title: 'Add a person',
  what: 'They can sign in once you give them a sign-in link.',
  fields: [
    { name: 'name', label: 'Name', kind: 'text' },
    { name: 'email', label: 'Mail address', kind: 'email' },
    { name: 'role', label: 'Role', kind: 'choice', choices: roleChoices, initial: 'viewer' },
  ],
  button: 'Add',
  act: (values, key) => write('POST', '/users', values, { key }),
  done: () => say('The person is added'),
});

const USER_LABELS = { name: 'Name', role: 'Role', disabled: 'Disabled' };

function changeUser(user: User): Asked {
  const shown = { name: user.name, role: user.role, disabled: user.disabled };
  const seen = { current: shown };
  return {
    title: `Change ${user.name}`,
    what: 'A person who is disabled is signed out and can not sign in; what they did stays under their name.',
    fields: [
      { name: 'name', label: 'Name', kind: 'text', initial: user.name },
      { name: 'role', label: 'Role', kind: 'choice', choices: roleChoices, initial: user.role },
      {
        name: 'disabled',
        label: 'Disabled',
        kind: 'yes-no',
        initial: user.disabled ? 'yes' : 'no',
      },
    ],
    button: 'Save',
    act: async ({ name, role, disabled }) => {
      const path = `/users/${part(user.id)}`;
      const ifMatch = await tagOfSeen(path, seen, USER_LABELS);
      const anew = typedAnew({ name, role, disabled: disabled === 'yes' }, shown);
      if (Object.keys(anew).length > 0) await write('PATCH', path, anew, { ifMatch });
    },
    done: () => say('Saved'),
  };
}

const signInLink = (user: User, show: (link: SignInLink) => void): Asked => ({
  title: `Sign-in link for ${user.name}`,
  what: 'Makes a link that signs this person in once. It is shown to you, and to nobody again.',
  button: 'Make the link',
  act: () => write<SignInLink>('POST', `/users/${part(user.id)}/sign-in-links`, undefined),
  done: (answer) => show(answer as SignInLink),
});
