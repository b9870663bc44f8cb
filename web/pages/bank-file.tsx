/** A bank's file: looked at first, its columns named where it is a CSV, then taken, and told line by line. */
import { Alert, Button, FileButton, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconInfoCircle, IconUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import type {
  BankFilePreview,
  BankImportLine,
  BankImportReport,
  BankMapping,
} from '../../api/types.ts';
import { part, sendBytes, withQuery, write } from '../data/client.ts';
import { useAction } from '../data/reading.ts';
import { Go, pathOf } from '../parts/link.tsx';
import { PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Rows } from '../parts/sections.tsx';
import { ProblemPanel, RowSkeletons, StateChip } from '../parts/states.tsx';
import { type Column, moneyColumn } from '../parts/table.tsx';
import { dayText, spoken } from '../words/dates.ts';
import { isCurrencyCode, moneyText } from '../words/money.ts';
import type { StateWords } from '../words/names.ts';

const FORMATS: Readonly<Record<BankFilePreview['format'], string>> = {
  camt: 'camt (ISO 20022)',
  mt940: 'MT940',
  bai2: 'BAI2',
  csv: 'CSV',
};

export function BankFilePage() {
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState<string | null>(null);
  const look = useAction(({ of, by }: { of: File; by: string | null }) =>
    sendBytes<BankFilePreview>(
      withQuery('/imports/bank-file/preview', { fileName: of.name, mapping: by ?? undefined }),
      of,
    ),
  );
  const take = useAction(
    ({ of, by }: { of: File; by: string | null }) =>
      sendBytes<BankImportReport>(
        withQuery('/imports/bank-file', { fileName: of.name, mapping: by ?? undefined }),
        of,
      ),
    ({ counts }) => say(`${counts.taken} payments came in`),
  );
  const choose = (of: File | null) => {
    if (of === null) return;
    setFile(of);
    setMapping(null);
    take.reset();
    look.mutate({ of, by: null });
  };
  const saved = (name: string) => {
    setMapping(name);
    if (file !== null) look.mutate({ of: file, by: name });
  };
  const preview = look.data;
  const by = mapping ?? preview?.csv?.saved ?? null;
  return (
    <>
      <PageHead
        trail={[{ to: '/cash', words: 'Cash' }]}
        title="Bank file"
        below="Statements of your bank. A file that comes again, or overlaps another, books nothing twice."
      />
      <Stack gap="lg">
        <DropPlace choose={choose} name={file?.name ?? null} />
        {look.isPending && <RowSkeletons rows={4} />}
        {look.error !== null && <ProblemPanel error={look.error} />}
        {take.data === undefined && preview !== undefined && file !== null && (
          <>
            {preview.csv !== null && (
              <Mapping key={file.name + file.size} csv={preview.csv} used={by} saved={saved} />
            )}
            <Statements preview={preview} />
            {take.error !== null && <ProblemPanel error={take.error} />}
            <div className="act-bar reach">
              <Button
                loading={take.isPending}
                disabled={preview.problem !== null}
                onClick={() => take.mutate({ of: file, by })}
              >
                Take the file
              </Button>
            </div>
          </>
        )}
        {take.data !== undefined && <Report report={take.data} />}
      </Stack>
    </>
  );
}

function DropPlace({ choose, name }: { choose: (file: File | null) => void; name: string | null }) {
  const drop = (event: DragEvent) => {
    event.preventDefault();
    choose(event.dataTransfer.files[0] ?? null);
  };
  return (
    <section
      className="panel"
      aria-label="Choose a file"
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <Group>
        <FileButton onChange={choose}>
          {(props) => (
            <Button
              {...props}
              variant={name === null ? 'filled' : 'default'}
              leftSection={<IconUpload size={16} />}
            >
              {name === null ? 'Choose a file' : 'Choose another'}
            </Button>
          )}
        </FileButton>
        <Text className="dim">
          {name ?? 'or drop it here: camt.053, camt.054, MT940, BAI2, CSV'}
        </Text>
      </Group>
    </section>
  );
}

function Statements({ preview }: { preview: BankFilePreview }) {
  const { format, statements, problem, csv } = preview;
  if (problem !== null)
    return (
      <Alert
        color={csv === null ? 'red' : 'yellow'}
        icon={<IconInfoCircle size={18} />}
        title={csv === null ? 'It can not be taken' : 'Not yet'}
      >
        {csv !== null && csv.saved === null
          ? 'Say which column is what, and save it: then the entries show here.'
          : problem}
      </Alert>
    );
  return (
    <Stack gap="md">
      {statements.map((one) => {
        const amount = (minor: number) => moneyText({ amount: minor, currency: one.currency });
        return (
          <Panel
            key={`${one.account} ${one.closingOn}`}
            title={`${one.account}, ${dayText(one.closingOn)}`}
          >
            <Text className="dim" mb="sm">
              {FORMATS[format]}. {one.entries} entries, {amount(one.receivedMinor)} came in
              {one.opening === null || one.closing === null
                ? '; it states no balances, so nothing checks that it is whole'
                : `; from ${amount(one.opening)} to ${amount(one.closing)}, which adds up`}
              .
            </Text>
            <Rows
              label="First entries"
              columns={SAMPLE}
              rows={one.sample}
              rowKey={(row) => `${row.bookedOn} ${row.amount.amount} ${row.reference}`}
              empty="No entries"
            />
          </Panel>
        );
      })}
    </Stack>
  );
}

/** How every line of a bank's file begins, before and after it was taken. */
const BOOKED: readonly Column<{ readonly bookedOn: string; readonly payer: string | null }>[] = [
  {
    id: 'on',
    label: 'Booked',
    title: true,
    value: (row) => row.bookedOn,
    cell: (row) => dayText(row.bookedOn),
  },
  { id: 'payer', label: 'Payer', value: (row) => row.payer },
];

const SAMPLE: readonly Column<BankFilePreview['statements'][number]['sample'][number]>[] = [
  ...BOOKED,
  { id: 'reference', label: 'Reference', wide: true, value: (row) => row.reference },
  moneyColumn('amount', 'Amount', (row) => row.amount),
];

const COLUMN_WORDS = [
  ['bookedOn', 'Booked on'],
  ['valueOn', 'Value date'],
  ['amount', 'Amount, with its sign'],
  ['credit', 'Money in'],
  ['debit', 'Money out'],
  ['direction', 'In or out, if unsigned'],
  ['currency', 'Currency'],
  ['reference', 'Reference'],
  ['payerName', 'Payer’s name'],
  ['payerIban', 'Payer’s bank account'],
  ['endToEndId', 'End-to-end id'],
  ['structuredReference', 'Creditor reference'],
  ['bankReference', 'Bank’s own reference'],
  ['balanceAfter', 'Balance after it'],
  ['status', 'Status'],
] as const;

interface MappingProps {
  readonly csv: NonNullable<BankFilePreview['csv']>;
  readonly used: string | null;
  readonly saved: (name: string) => void;
}

/** The file's own header on the left of each choice, its first rows below, so that nobody guesses. */
function Mapping({ csv, used, saved }: MappingProps) {
  const [given, setGiven] = useState<BankMapping>(csv.suggestion);
  const [name, setName] = useState(used ?? '');
  const save = useAction(
    (mapping: BankMapping, key) => write('PUT', `/bank-mappings/${part(name)}`, mapping, { key }),
    () => {
      say('Saved; files with these columns are read so from now on');
      saved(name);
    },
  );
  const set = (changes: Partial<BankMapping>) => setGiven({ ...given, ...changes });
  const column = (what: string, value: string | null) => {
    const columns = { ...given.columns };
    if (what === 'reference') columns.reference = value === null ? [] : [value];
    else if (value === null) delete columns[what];
    else columns[what] = value;
    set({ columns });
  };
  const headers = csv.headers.filter((header) => header !== '');
  const example = (header: string) =>
    csv.rows.map((row) => row[csv.headers.indexOf(header)]).find((value) => value) ?? '';
  const columnOf = (what: string): string | null => {
    const value = given.columns[what];
    const one = typeof value === 'string' ? value : value?.[0];
    return one === undefined || one === '' ? null : one;
  };
  const whole =
    given.account !== '' &&
    isCurrencyCode(given.currency) &&
    columnOf('bookedOn') !== null &&
    (columnOf('amount') !== null || (columnOf('credit') !== null && columnOf('debit') !== null)) &&
    /^[\w-]{1,60}$/.test(name);
  return (
    <Panel title={used === null ? 'Which column is what?' : `Read as saved under “${used}”`}>
      <Stack gap="md">
        <div className="mapping">
          <TextInput
            label="Our bank account"
            placeholder="IBAN"
            value={given.account}
            onChange={(event) => set({ account: event.currentTarget.value.trim() })}
          />
          <TextInput
            label="Its currency"
            value={given.currency}
            onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() })}
          />
          <Select
            label="Dates"
            data={['YYYY-MM-DD', 'DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY']}
            value={given.dateFormat}
            allowDeselect={false}
            onChange={(value) =>
              set({ dateFormat: (value ?? given.dateFormat) as BankMapping['dateFormat'] })
            }
          />
          <Select
            label="Decimals after"
            data={[
              { value: ',', label: 'a comma: 1.190,00' },
              { value: '.', label: 'a point: 1,190.00' },
            ]}
            value={given.decimal}
            allowDeselect={false}
            onChange={(value) => set({ decimal: value === '.' ? '.' : ',' })}
          />
          {COLUMN_WORDS.map(([what, label]) => {
            const value = columnOf(what);
            return (
              <Select
                key={what}
                label={label}
                description={value === null ? 'none' : `like ${example(value).slice(0, 40)}`}
                data={headers}
                value={value}
                onChange={(next) => column(what, next)}
                searchable
                clearable
              />
            );
          })}
          {columnOf('direction') !== null && (
            <Words
              label="Words for money out"
              example="D, Af"
              words={given.debitValues}
              change={(debitValues) => set({ debitValues })}
            />
          )}
          {columnOf('status') !== null && (
            <Words
              label="Words for not booked yet"
              example="vorgemerkt, pending"
              words={given.pendingValues}
              change={(pendingValues) => set({ pendingValues })}
            />
          )}
        </div>
        <div className="scroll">
          <table className="list" aria-label="First rows of the file">
            <thead>
              <tr>
                {csv.headers.map((header) => (
                  <th key={header}>{header}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {csv.rows.map((row) => (
                <tr key={row.join('|')}>
                  {csv.headers.map((header, at) => (
                    <td key={header}>{row[at]}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <Group align="flex-end">
          <TextInput
            label="Save it as"
            description="A file whose name begins so is read by it in the watched folder too"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button disabled={!whole} loading={save.isPending} onClick={() => save.mutate(given)}>
            Save and show the entries
          </Button>
        </Group>
        {save.error !== null && <ProblemPanel error={save.error} />}
      </Stack>
    </Panel>
  );
}

interface WordsProps {
  readonly label: string;
  readonly example: string;
  readonly words: readonly string[] | undefined;
  readonly change: (words: readonly string[]) => void;
}

/** Words of the file's own, with commas between them. */
function Words({ label, example, words, change }: WordsProps) {
  const [text, setText] = useState((words ?? []).join(', '));
  const typed = (value: string) => {
    setText(value);
    change(
      value
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    );
  };
  return (
    <TextInput
      label={label}
      description={`As the file writes them, such as ${example}`}
      value={text}
      onChange={(event) => typed(event.currentTarget.value)}
    />
  );
}

const OUTCOMES: Readonly<Record<BankImportLine['outcome'], StateWords>> = {
  taken: { words: 'Taken', tone: 'good' },
  reversed: { words: 'Took one back', tone: 'warn' },
  known: { words: 'Known already', tone: 'plain' },
  ignored: { words: 'No payment', tone: 'plain' },
  refused: { words: 'For you', tone: 'bad' },
};

const LINES: readonly Column<BankImportLine>[] = [
  ...BOOKED,
  {
    id: 'reference',
    label: 'Reference',
    wide: true,
    value: (row) => row.reference,
    cell: (row) =>
      row.payment === null ? (
        row.reference
      ) : (
        <Go to={pathOf.payment(row.payment)}>{row.reference || 'No reference'}</Go>
      ),
  },
  {
    id: 'outcome',
    label: 'What became of it',
    value: (row) => row.outcome,
    cell: (row) => (
      <>
        <StateChip state={OUTCOMES[row.outcome]} />
        {row.why !== null && <span className="sub">{row.why}</span>}
      </>
    ),
  },
  moneyColumn('amount', 'Amount', (row) => row.amount),
];

function Report({ report }: { report: BankImportReport }) {
  const { counts, statements } = report;
  return (
    <Stack gap="md">
      <Alert color={counts.refused > 0 ? 'yellow' : 'green'} title={`${report.file} is taken`}>
        {counts.taken} payments came in, {counts.reversed} were taken back, {counts.known} were
        known, {counts.ignored} are no payments, {counts.refused} wait for you.{' '}
        <Go to="/cash">What needs a person</Go>
      </Alert>
      {statements.map(
        ({ statement, missing }) =>
          missing !== null && (
            <Alert key={statement} color="yellow" icon={<IconInfoCircle size={18} />}>
              {spoken(missing)}
            </Alert>
          ),
      )}
      {statements.map((one) => (
        <Rows
          key={one.statement}
          label={`${one.account}, ${one.closingOn}`}
          columns={LINES}
          rows={one.lines}
          rowKey={(row) => row.entry}
          empty="The statement has no entries"
          totals
        />
      ))}
    </Stack>
  );
}
