/** A license: what it says, how it came to where it is, and what can be done with its key. */
import { Button, Code, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { LicensePage as License, LicenseTransitionView } from '../../api/types.ts';
import { part, read, write } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { usePathPart } from '../parts/address.ts';
import { Go, pathOf } from '../parts/link.tsx';
import { Facts, PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Rows } from '../parts/sections.tsx';
import { Answer, StateChip } from '../parts/states.tsx';
import type { Column } from '../parts/table.tsx';
import { dayText, instantText } from '../words/dates.ts';
import {
  LICENSE_ACTIONS,
  LICENSE_KINDS,
  LICENSE_STATES,
  licenseCauseWords,
} from '../words/names.ts';

export function LicensePage() {
  const license = usePathPart('license');
  const page = useRead<License>(`/licenses/${part(license)}`);
  return <Answer of={page}>{(data) => <Shown license={data} />}</Answer>;
}

function Shown({ license }: { license: License }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [key, setKey] = useState<string | null>(null);
  return (
    <>
      <PageHead
        trail={
          license.contract === null
            ? []
            : [{ to: `${pathOf.contract(license.contract)}?tab=licenses`, words: license.contract }]
        }
        title={license.license}
        beside={<StateChip state={LICENSE_STATES[license.state]} />}
        below={<Go to={pathOf.account(license.account)}>{license.account}</Go>}
        actions={
          <>
            {license.may.includes('reveal') && key === null && (
              <Button variant="default" onClick={() => setAsked(revealForm(license, setKey))}>
                Show the key
              </Button>
            )}
            {license.may.includes('reissue') && (
              <Button variant="default" onClick={() => setAsked(reissueForm(license))}>
                Lost or leaked
              </Button>
            )}
          </>
        }
      />
      <Stack gap="lg">
        {key !== null && (
          <Panel title="Key">
            <Code block style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}>
              {key}
            </Code>
          </Panel>
        )}
        <Panel title="It says">
          <Says license={license} />
        </Panel>
        <Rows
          label="How it came to this"
          columns={TRANSITION_COLUMNS}
          rows={license.transitions}
          rowKey={(row) => `${row.at} ${row.action}`}
          empty="Nothing is known of its past"
          emptyWords="It came with a book."
        />
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function Says({ license }: { license: License }) {
  const { kind, validFrom, validThrough, supersededBy, features } = license;
  const dates = [validFrom, validThrough].map((day) => (day === null ? '' : dayText(day)));
  return (
    <Facts
      facts={[
        { name: 'Kind', value: kind === null ? null : LICENSE_KINDS[kind] },
        { name: 'Product', value: [license.sku, license.edition].filter(Boolean).join(', ') },
        { name: 'With', value: features.join(', ') },
        { name: 'Seats', value: license.seats },
        { name: 'Valid', value: dates.join(' – ') },
        { name: 'Subcontract', value: license.subcontract },
        { name: 'Key ends with', value: license.keyShort },
        {
          name: 'Replaced by',
          value:
            supersededBy === null ? null : (
              <Go to={pathOf.license(supersededBy)}>{supersededBy}</Go>
            ),
        },
      ]}
    />
  );
}

const TRANSITION_COLUMNS: readonly Column<LicenseTransitionView>[] = [
  {
    id: 'on',
    label: 'On',
    value: (row) => row.on,
    cell: (row) => (
      <>
        <span className="nowrap">{dayText(row.on)}</span>
        <span className="sub">{instantText(row.at)}</span>
      </>
    ),
  },
  {
    id: 'action',
    label: 'What',
    title: true,
    value: (row) => LICENSE_ACTIONS[row.action],
    cell: (row) => (
      <>
        {LICENSE_ACTIONS[row.action]}
        {row.replacedBy !== null && (
          <span className="sub">
            by <Go to={pathOf.license(row.replacedBy)}>{row.replacedBy}</Go>
          </span>
        )}
      </>
    ),
  },
  {
    id: 'cause',
    label: 'Why',
    value: (row) => licenseCauseWords(row.cause),
    cell: (row) => (
      <>
        {licenseCauseWords(row.cause)}
        {row.note !== null && <span className="sub">{row.note}</span>}
      </>
    ),
  },
  { id: 'actor', label: 'Who', value: (row) => row.actor },
];

function revealForm({ license }: License, show: (key: string) => void): Asked {
  return {
    title: `Show the key of ${license}`,
    what: 'Whoever has the key can use it. That you looked is kept in the audit trail.',
    button: 'Show the key',
    act: () => read<{ key: string }>(`/licenses/${part(license)}/key`),
    done: (answer) => show((answer as { key: string }).key),
  };
}

function reissueForm({ license }: License): Asked {
  return {
    title: `The key of ${license}`,
    what: ({ leaked }) =>
      leaked === 'yes' ? (
        <Text>
          The key is revoked for good, and software that asks or reads the revocation list refuses
          it. A new key of the same dates takes its place and goes to the customer by mail.
        </Text>
      ) : (
        <Text>The same key goes to the customer by mail again. Nothing else changes.</Text>
      ),
    fields: [
      {
        name: 'leaked',
        label: 'The customer',
        kind: 'choice',
        initial: 'no',
        choices: [
          { value: 'no', label: 'has lost it' },
          { value: 'yes', label: 'says that others have it: it leaked' },
        ],
      },
      { name: 'reason', label: 'Why', kind: 'reason' },
    ],
    button: 'Go on',
    act: ({ leaked, reason }, key) =>
      write(
        'POST',
        `/licenses/${part(license)}/reissue`,
        { leaked: leaked === 'yes', reason },
        { key },
      ),
    done: () => say('The key goes out by mail'),
  };
}
