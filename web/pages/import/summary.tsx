/** What an import would do, asked of the engine; the cut-over date; and the import itself. */
import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type {
  BookImportReport,
  BookImportSummary,
  BookUpload,
  OpenAmount,
} from '../../../api/types.ts';
import { part, write } from '../../data/client.ts';
import { useAction } from '../../data/reading.ts';
import { Facts, Panel } from '../../parts/page.tsx';
import { ProblemPanel } from '../../parts/states.tsx';
import { readersToday, weekdayText } from '../../words/dates.ts';
import { moneyText } from '../../words/money.ts';
import { counted } from '../../words/names.ts';

interface Props {
  readonly upload: BookUpload;
  readonly done: (report: BookImportReport) => void;
}

function firstOfNextMonth(): string {
  const [year = 0, month = 0] = readersToday().split('-').map(Number);
  return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`;
}

export function WhatWillHappen({ upload, done }: Props) {
  const [cutover, setCutover] = useState(firstOfNextMonth());
  const [fromStart, setFromStart] = useState(false);
  const [acceptValid, setAcceptValid] = useState(false);
  const [shown, setShown] = useState<{ key: string; summary: BookImportSummary } | null>(null);
  const base = `/imports/uploads/${part(upload.upload)}`;
  const asked = { cutover: fromStart ? null : cutover, acceptValid };
  const key = JSON.stringify([asked, upload.version]);
  const look = useAction(
    () => write<BookImportSummary>('POST', `${base}/summary`, asked),
    (summary) => setShown({ key, summary }),
  );
  const commit = useAction(
    (version: number, requestKey) =>
      write<BookImportReport>('POST', `${base}/commit`, { ...asked, version }, { key: requestKey }),
    done,
  );
  const faulty = upload.errorCount > 0 && !acceptValid;
  const summary = shown?.key === key ? shown.summary : null;
  return (
    <Panel title="What will happen">
      <Stack gap="md">
        <Group align="flex-end" gap="md">
          <TextInput
            type="date"
            label="Cut-over date"
            description="From this day on Perennial bills; what lies before was billed elsewhere"
            value={cutover}
            disabled={fromStart}
            onChange={({ currentTarget }) => setCutover(currentTarget.value)}
          />
          <Checkbox
            label="No cut-over: bill from each contract’s start what the history does not show as billed"
            checked={fromStart}
            onChange={({ currentTarget }) => setFromStart(currentTarget.checked)}
          />
        </Group>
        {upload.errorCount > 0 && (
          <Checkbox
            label={`Leave ${counted(upload.errorCount, 'faulty row')} out and import the rest`}
            checked={acceptValid}
            onChange={({ currentTarget }) => setAcceptValid(currentTarget.checked)}
          />
        )}
        <Group gap="sm">
          <Button
            variant={summary === null ? 'filled' : 'default'}
            loading={look.isPending}
            disabled={faulty || (!fromStart && cutover === '')}
            onClick={() => look.mutate()}
          >
            Show what will happen
          </Button>
          {faulty && <Text className="small dim">Correct what is wrong first.</Text>}
        </Group>
        {look.error !== null && <ProblemPanel error={look.error} />}
        {summary !== null && (
          <Summary
            summary={summary}
            billedFrom={
              fromStart
                ? 'each contract’s start'
                : `${weekdayText(cutover)}, unless the book says another day`
            }
            busy={commit.isPending}
            act={() => commit.mutate(summary.version)}
          />
        )}
        {commit.error !== null && <ProblemPanel error={commit.error} />}
      </Stack>
    </Panel>
  );
}

const sums = (amounts: readonly OpenAmount[], noun: string): string =>
  amounts.length === 0
    ? 'none'
    : amounts
        .map(({ count, amount }) => `${moneyText(amount)} in ${counted(count, noun)}`)
        .join('; ');

function Summary({
  summary,
  billedFrom,
  busy,
  act,
}: {
  summary: BookImportSummary;
  billedFrom: string;
  busy: boolean;
  act: () => void;
}) {
  const { nextRun, rows } = summary;
  const written = Object.values(rows).reduce(
    (sum, { added, changed }) => ({ added: sum.added + added, changed: sum.changed + changed }),
    { added: 0, changed: 0 },
  );
  const nothing = written.added + written.changed === 0;
  return (
    <section aria-label="Summary" className="summary">
      <Facts
        facts={[
          { name: 'Customers', value: summary.accounts },
          { name: 'Contracts', value: summary.contracts },
          { name: 'Subcontracts', value: summary.subcontracts },
          { name: 'Open invoices', value: sums(summary.openInvoices, 'invoice') },
          { name: 'Open credit notes', value: sums(summary.openCredits, 'credit note') },
          { name: 'Money received and not allocated', value: sums(summary.unapplied, 'payment') },
          {
            name: `The run of ${weekdayText(nextRun.runOn)} would bill of them`,
            value: sums(nextRun.totals, 'document'),
          },
          { name: 'Held as too old', value: nextRun.held },
          { name: 'Set aside', value: nextRun.setAsideCount },
          {
            name: 'Rows written',
            value: `${written.added} new, ${written.changed} changed${
              summary.leftOut > 0 ? `, ${summary.leftOut} left out` : ''
            }`,
          },
          { name: 'Billed from', value: billedFrom },
        ]}
      />
      {nextRun.setAside.length > 0 && (
        <Text className="small" component="div">
          Set aside, to be corrected before they are billed:
          <ul>
            {nextRun.setAside.map(({ contract, reason }) => (
              <li key={`${contract} ${reason}`}>
                {contract}: {reason}
              </li>
            ))}
          </ul>
        </Text>
      )}
      {nextRun.warnings.map((words) => (
        <Text key={words} className="small dim">
          {words}
        </Text>
      ))}
      <Group mt="md">
        <Button loading={busy} onClick={act}>
          {nothing
            ? 'Nothing is new: import all the same'
            : `Import ${counted(written.added + written.changed, 'row')}`}
        </Button>
      </Group>
    </section>
  );
}
