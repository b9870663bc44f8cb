/** What is wrong, where it stands: each faulty row with its fields, to be corrected or left out. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { BookProblem, BookUpload } from '../../../api/types.ts';
import { part, withQuery, write } from '../../data/client.ts';
import { useAction, useRead } from '../../data/reading.ts';
import { Choice } from '../../parts/choice.tsx';
import { Panel } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { Answer, Empty, ProblemPanel, RowSkeletons } from '../../parts/states.tsx';
import { counted } from '../../words/names.ts';

const PAGE = 100;

interface Props {
  readonly upload: BookUpload;
  readonly open: boolean;
}

export function Faults({ upload, open }: Props) {
  const [kind, setKind] = useState<'errors' | 'warnings'>('errors');
  const [from, setFrom] = useState(0);
  const { errorCount, warningCount, version } = upload;
  const count = kind === 'errors' ? errorCount : warningCount;
  const problems = useRead<{ items: readonly BookProblem[] }>(
    withQuery(`/imports/uploads/${part(upload.upload)}/problems`, { kind, from: String(from) }),
  );
  const view = (next: typeof kind) => {
    setKind(next);
    setFrom(0);
  };
  return (
    <Panel
      title="What is wrong"
      beside={
        <Choice
          label="Faults or warnings"
          value={kind}
          choose={view}
          choices={[
            { value: 'errors', label: counted(errorCount, 'fault') },
            { value: 'warnings', label: counted(warningCount, 'warning') },
          ]}
        />
      }
    >
      {count === 0 ? (
        <Empty title={kind === 'errors' ? 'Nothing is wrong' : 'No warnings'}>
          {kind === 'errors' && 'Every row can be imported as it stands.'}
        </Empty>
      ) : (
        <Answer of={problems} loading={<RowSkeletons rows={3} />}>
          {({ items }) => (
            <Stack gap="md" key={version}>
              {grouped(items).map((group) => (
                <Fault key={group.key} upload={upload} group={group} open={open} />
              ))}
              {count > PAGE && (
                <Group justify="space-between">
                  <Button
                    variant="default"
                    disabled={from === 0}
                    onClick={() => setFrom(from - PAGE)}
                  >
                    Before
                  </Button>
                  <Text className="small dim">
                    {from + 1} to {Math.min(from + PAGE, count)} of {count}
                  </Text>
                  <Button
                    variant="default"
                    disabled={from + PAGE >= count}
                    onClick={() => setFrom(from + PAGE)}
                  >
                    After
                  </Button>
                </Group>
              )}
            </Stack>
          )}
        </Answer>
      )}
    </Panel>
  );
}

interface FaultGroup {
  readonly key: string;
  readonly file: string;
  readonly table: string | null;
  readonly row: number | null;
  readonly cells: BookProblem['cells'];
  readonly problems: readonly BookProblem[];
}

/** All that is wrong with one row stands together. */
function grouped(items: readonly BookProblem[]): FaultGroup[] {
  const groups = new Map<string, FaultGroup>();
  for (const item of items) {
    const key = `${item.file} ${item.row ?? item.message}`;
    const before = groups.get(key);
    groups.set(key, { ...item, key, problems: [...(before?.problems ?? []), item] });
  }
  return [...groups.values()];
}

function Fault({ upload, group, open }: Props & { group: FaultGroup }) {
  const { table, row, cells, problems } = group;
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [all, setAll] = useState(false);
  const save = useAction(
    (next: Readonly<Record<string, string>> | null) =>
      write<BookUpload>('PATCH', `/imports/uploads/${part(upload.upload)}/rows`, {
        table,
        row,
        cells: next,
      }),
    (_answer, next) => say(next === null ? 'The row is left out' : 'The row is checked anew'),
  );
  const wrong = new Map(problems.map(({ column, message }) => [column, message]));
  const names = Object.keys(cells ?? {});
  const shown = all ? names : names.filter((name, at) => wrong.has(name) || at < 3);
  return (
    <section className="fault" aria-label={`${group.file} row ${row ?? ''}`}>
      <Text fw={600}>
        <IconAlertTriangle size={14} aria-hidden /> {group.file}
        {row !== null && `, row ${row}`}
      </Text>
      {problems.map(({ column, value, message }) => (
        <Text key={`${column} ${message}`} className="small">
          {column !== null && <b>{column} </b>}
          {value !== null && value !== '' && <q>{value}</q>} {message}
        </Text>
      ))}
      {open && table !== null && row !== null && row > 1 && cells !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(typed);
          }}
        >
          <div className="fault-fields">
            {shown.map((name) => (
              <TextInput
                key={name}
                size="xs"
                label={name}
                value={typed[name] ?? cells[name] ?? ''}
                error={wrong.has(name)}
                onChange={({ currentTarget: { value } }) => setTyped({ ...typed, [name]: value })}
              />
            ))}
          </div>
          <Group gap="xs">
            <Button
              size="xs"
              type="submit"
              loading={save.isPending}
              disabled={Object.keys(typed).length === 0}
            >
              Correct the row
            </Button>
            <Button size="xs" variant="default" onClick={() => save.mutate(null)}>
              Leave the row out
            </Button>
            {shown.length < names.length && (
              <Button size="xs" variant="subtle" color="gray" onClick={() => setAll(true)}>
                All {names.length} fields
              </Button>
            )}
          </Group>
        </form>
      )}
      {save.error !== null && <ProblemPanel error={save.error} />}
    </section>
  );
}
