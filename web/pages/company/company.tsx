/** Company: who sells, with which numbers, bank and logo, how one reminds and who approves; seen on real papers first. */
import { Alert, Button, FileButton, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconDeviceFloppy } from '@tabler/icons-react';
import { useState } from 'react';
import type { CompanyView } from '../../../api/types.ts';
import { part, readTagged, write } from '../../data/client.ts';
import { useAction, useRead } from '../../data/reading.ts';
import { changedSince, type Shown as Seen, valueWords } from '../../data/seen.ts';
import { useMay } from '../../data/session.ts';
import { useAddress } from '../../parts/address.ts';
import { Go } from '../../parts/link.tsx';
import { PageHead, Panel } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { Answer, Empty, ProblemPanel } from '../../parts/states.tsx';
import { dayText } from '../../words/dates.ts';
import { Approvals } from './approvals.tsx';
import { Previews } from './previews.tsx';

export function CompanyPage() {
  const companies = useRead<{ items: readonly string[] }>('/settings/company');
  const address = useAddress();
  return (
    <>
      <PageHead
        title="Company"
        below="How your own papers look and number, who may approve, when reminders go out. Look at them before you save."
      />
      <Answer of={companies}>
        {({ items }) => {
          const chosen = address.get('entity') ?? items[0];
          if (chosen === undefined)
            return (
              <Empty title="There is no selling company yet">
                It comes with an{' '}
                <Go to="/import" underline="always">
                  import
                </Go>
                : the table entities of the contract book.
              </Empty>
            );
          return (
            <Stack gap="lg">
              {items.length > 1 && (
                <Select
                  label="Selling company"
                  maw={320}
                  data={[...items]}
                  value={chosen}
                  allowDeselect={false}
                  onChange={(entity) => address.set({ entity: entity ?? undefined })}
                />
              )}
              <Shown key={chosen} entity={chosen} />
              <Approvals />
            </Stack>
          );
        }}
      </Answer>
    </>
  );
}

function Shown({ entity }: { entity: string }) {
  const company = useRead<CompanyView>(`/settings/company/${part(entity)}`);
  return (
    <Answer of={company}>
      {(data) => <Form company={data} lookAgain={() => company.refetch()} />}
    </Answer>
  );
}

interface FieldGroup {
  readonly title: string;
  readonly fields: readonly (readonly [string, string])[];
}
const GROUPS: readonly FieldGroup[] = [
  {
    title: 'Name and address',
    fields: [
      ['legal_name', 'Legal name'],
      ['address_line1', 'Street'],
      ['address_line2', 'Second line'],
      ['postal_code', 'Postal code'],
      ['city', 'City'],
      ['region', 'Region'],
      ['country', 'Country (two letters)'],
      ['email', 'Mail address for customers'],
    ],
  },
  {
    title: 'Tax',
    fields: [
      ['tax_id', 'VAT or tax number'],
      ['registration', 'Company register'],
      ['tax_regions', 'Regions with tax duty (;)'],
      ['currency', 'Currency'],
    ],
  },
  {
    title: 'Bank',
    fields: [
      ['bank_name', 'Bank'],
      ['iban', 'IBAN'],
      ['bic', 'BIC'],
      ['routing_number', 'Routing number'],
      ['account_number', 'Account number'],
      ['remit_to', 'Remit to'],
    ],
  },
  {
    title: 'Time',
    fields: [
      ['time_zone', 'Time zone (Europe/Berlin)'],
      ['fiscal_year_start', 'Fiscal year begins (MM-DD)'],
      ['cutover', 'Bills from (cut-over)'],
    ],
  },
];

type Typed = Readonly<Record<string, string>>;

/** What was typed and differs from what is saved, as the API takes it. */
function changesOf(company: CompanyView, typed: Typed) {
  const { nextNumber, ladder, ...columns } = typed;
  return {
    columns: Object.fromEntries(
      Object.entries(columns)
        .filter(([name, value]) => value !== (company.columns[name] ?? ''))
        .map(([name, value]) => [name, value.trim() === '' ? null : value]),
    ),
    ...(nextNumber === undefined || Number(nextNumber) === company.invoices.nextNumber
      ? {}
      : { nextNumber: Number(nextNumber) }),
    ...(ladder === undefined || ladder === (company.ladder ?? '')
      ? {}
      : { ladder: ladder.trim() === '' ? null : ladder }),
  };
}

const LABELS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(GROUPS.flatMap(({ fields }) => fields)),
  invoice_series: 'Series',
  nextNumber: 'Next number',
  ladder: 'Ladder',
};

/** All that can be typed over, under the names of its fields. */
const seenOf = ({ columns, invoices, ladder }: CompanyView): Seen => ({
  ...columns,
  nextNumber: invoices.nextNumber,
  ladder,
});

interface FormProps {
  readonly company: CompanyView;
  readonly lookAgain: () => Promise<unknown>;
}

function Form({ company, lookAgain }: FormProps) {
  const may = useMay();
  const open = may('settings:write');
  const [typed, setTyped] = useState<Typed>({});
  const [why, setWhy] = useState('');
  /** What stood here when the first letter was typed. */
  const [basis, setBasis] = useState(company);
  const changes = changesOf(company, typed);
  const changed = Object.keys(changes.columns).length > 0 || Object.keys(changes).length > 1;
  const moved = changed ? changedSince(seenOf(basis), seenOf(company)) : [];
  const path = `/settings/company/${part(company.entity)}`;
  const save = useAction(
    async (body: ReturnType<typeof changesOf>) => {
      const { row, tag } = await readTagged<CompanyView>(path);
      const isStale = changedSince(seenOf(basis), seenOf(row)).length > 0;
      if (!isStale) await write('PATCH', path, { ...body, reason: why }, { ifMatch: tag });
      else await lookAgain();
      return { isSaved: !isStale };
    },
    ({ isSaved }) => {
      if (!isSaved) return;
      setTyped({});
      setWhy('');
      say('The company is saved');
    },
  );
  const type = (name: string, value: string) => {
    if (!changed) setBasis(company);
    setTyped({ ...typed, [name]: value });
  };
  const field = (name: string, label: string, saved: string, hint?: string) => (
    <TextInput
      key={name}
      label={label}
      {...(hint === undefined ? {} : { description: hint })}
      value={typed[name] ?? saved}
      readOnly={!open}
      onChange={({ currentTarget: { value } }) => type(name, value)}
    />
  );
  return (
    <Stack gap="lg">
      {GROUPS.map(({ title, fields }) => (
        <Panel key={title} title={title}>
          <div className="form-grid">
            {fields.map(([name, label]) => field(name, label, company.columns[name] ?? ''))}
          </div>
        </Panel>
      ))}
      <Panel title="Invoice numbers">
        <div className="form-grid">
          {field('invoice_series', 'Series', company.columns.invoice_series ?? '')}
          {field(
            'nextNumber',
            'Next number',
            String(company.invoices.nextNumber),
            'Only forward, and only before the first invoice of a year: numbers have no gaps',
          )}
        </div>
        <Text className="small dim" mt="sm">
          Next invoice {company.invoices.next}, next credit note {company.creditNotes.next}
          {company.invoices.lastIssuedOn !== null &&
            `; last issued ${dayText(company.invoices.lastIssuedOn)}`}
        </Text>
      </Panel>
      <Panel title="Reminders">
        {field(
          'ladder',
          'Ladder',
          company.ladder ?? '',
          'Days after the due date and what happens, like “-7 courtesy-note; 1 reminder; 30 final-notice late-charge”; “never” sends none; empty: the usual one',
        )}
        <Text className="small dim" component="div" mt="sm">
          {company.stages.length === 0
            ? 'No reminders are sent.'
            : company.stages.map(({ dayOffset, name, actions }) => (
                <div key={dayOffset}>
                  {dayOffset < 0 ? `${-dayOffset} days before` : `${dayOffset} days after`} the due
                  date: {name} ({actions.join(', ').replaceAll('-', ' ')})
                </div>
              ))}
        </Text>
      </Panel>
      <Logo company={company} open={open} />
      <Previews entity={company.entity} changes={changed ? JSON.stringify(changes) : null} />
      {open && (
        <Panel title="Save">
          <Stack gap="sm">
            {moved.length > 0 && (
              <ChangedByOther
                moved={moved}
                now={seenOf(company)}
                typed={typed}
                goOn={() => setBasis(company)}
                drop={() => setTyped({})}
              />
            )}
            <TextInput
              label="Why"
              description="Kept in the audit trail with what was changed"
              value={why}
              onChange={({ currentTarget }) => setWhy(currentTarget.value)}
            />
            <Group>
              <Button
                leftSection={<IconDeviceFloppy size={16} />}
                disabled={!changed || moved.length > 0 || why.trim().length < 3}
                loading={save.isPending}
                onClick={() => save.mutate(changes)}
              >
                Save the company
              </Button>
              {!changed && <Text className="small dim">Nothing is changed.</Text>}
            </Group>
            {save.error !== null && <ProblemPanel error={save.error} />}
          </Stack>
        </Panel>
      )}
    </Stack>
  );
}

interface ChangedProps {
  readonly moved: readonly string[];
  readonly now: Seen;
  readonly typed: Typed;
  readonly goOn: () => void;
  readonly drop: () => void;
}

/** Somebody else saved while this form was open: what it says now, beside what was typed here. */
function ChangedByOther({ moved, now, typed, goOn, drop }: ChangedProps) {
  return (
    <Alert
      color="yellow"
      icon={<IconAlertTriangle size={20} />}
      title="Somebody changed the company while you had it open"
      role="alert"
    >
      <Stack gap="sm">
        <div>
          {moved.map((name) => (
            <Text key={name}>
              {LABELS[name] ?? name} is now {valueWords(now[name])}
              {typed[name] !== undefined && `; you typed ${valueWords(typed[name])}`}
            </Text>
          ))}
        </div>
        <Text>What you typed is still in the fields above, and nothing of it is saved yet.</Text>
        <Group gap="sm">
          <Button size="xs" variant="default" onClick={goOn}>
            Go on with mine
          </Button>
          <Button size="xs" variant="default" onClick={drop}>
            Take what it says now
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

const asBase64 = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ''));
    reader.onerror = () => reject(new Error('The file can not be read.'));
    reader.readAsDataURL(file);
  });

function Logo({ company, open }: { company: CompanyView; open: boolean }) {
  const put = useAction(
    async (file: File | null) =>
      write<CompanyView>('PUT', `/settings/company/${part(company.entity)}/logo`, {
        content: file === null ? null : await asBase64(file),
        reason: file === null ? 'logo taken away' : `logo ${file.name}`,
      }),
    () => say('The logo is saved'),
  );
  return (
    <Panel title="Logo">
      <Group gap="md">
        {company.logo === null ? (
          <Text className="dim">No logo: the name stands in its place.</Text>
        ) : (
          <img src={company.logo} alt={`Logo of ${company.entity}`} className="logo" />
        )}
        {open && (
          <>
            <FileButton
              accept="image/png,image/jpeg"
              onChange={(file) => {
                if (file !== null) put.mutate(file);
              }}
            >
              {(props) => (
                <Button variant="default" loading={put.isPending} {...props}>
                  {company.logo === null ? 'Add a logo' : 'Another logo'}
                </Button>
              )}
            </FileButton>
            {company.logo !== null && (
              <Button variant="default" onClick={() => put.mutate(null)}>
                Take it away
              </Button>
            )}
          </>
        )}
      </Group>
      <Text className="small dim" mt="xs">
        PNG or JPEG up to 300 KB
      </Text>
      {put.error !== null && <ProblemPanel error={put.error} />}
    </Panel>
  );
}
