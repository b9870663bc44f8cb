/** What the words of a file's columns become: frequencies, states, product codes. Suggested where they are known. */
import { Select, Text, TextInput } from '@mantine/core';
import type { BookColumnValues, BookFile } from '../../../api/types.ts';
import { counted } from '../../words/names.ts';

type Found = BookColumnValues['values'][number];
const keyOf = (value: string) => value.trim().toLowerCase();

/** What a value becomes; undefined where nothing was said. */
function becomes(file: BookFile, header: string, value: string): string | undefined {
  const values = Object.entries(file.values[header] ?? {});
  return values.find(([theirs]) => keyOf(theirs) === keyOf(value))?.[1];
}

/** How many different values the book does not take and nothing was said about. */
export function unclear(file: BookFile): number {
  return file.found.reduce(
    (sum, { header, values }) =>
      sum +
      values.filter(
        ({ value, accepted }) => !accepted && becomes(file, header, value) === undefined,
      ).length,
    0,
  );
}

interface Props {
  readonly file: BookFile;
  /** Null where nothing can be changed any more. */
  readonly put: ((file: BookFile) => void) | null;
}

export function Values({ file, put }: Props) {
  const rows = file.found.flatMap((column) =>
    column.values
      .filter(
        ({ value, accepted }) => !accepted || becomes(file, column.header, value) !== undefined,
      )
      .map((found) => ({ column, found })),
  );
  if (rows.length === 0) return null;
  const set = ({ header }: BookColumnValues, { value }: Found, ours: string | null) => {
    const rest = Object.entries(file.values[header] ?? {}).filter(
      ([theirs]) => keyOf(theirs) !== keyOf(value),
    );
    const next = ours === null ? rest : [...rest, [value, ours] as const];
    put?.({ ...file, values: { ...file.values, [header]: Object.fromEntries(next) } });
  };
  return (
    <div className="scroll">
      <table className="list cards" aria-label={`Values of ${file.file}`}>
        <thead>
          <tr>
            <th>Their value</th>
            <th>In</th>
            <th>Becomes</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ column, found }) => (
            <tr key={`${column.header}\n${found.value}`}>
              <td className="card-title">
                {found.value}
                {!found.accepted && becomes(file, column.header, found.value) === undefined && (
                  <Text className="small text-warn" role="alert">
                    Not understood
                  </Text>
                )}
              </td>
              <td className="dim" data-label="In">
                {column.header}, {counted(found.count, 'row')}
              </td>
              <td data-label="Becomes">
                <Ours
                  column={column}
                  label={`${found.value} in ${column.header} of ${file.file} becomes`}
                  ours={becomes(file, column.header, found.value)}
                  put={put === null ? null : (ours) => set(column, found, ours)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const EMPTY = '(leave empty)';

interface OursProps {
  readonly column: BookColumnValues;
  readonly label: string;
  readonly ours: string | undefined;
  /** Null is given for a value that stays as it stands. */
  readonly put: ((ours: string | null) => void) | null;
}

function Ours({ column, label, ours, put }: OursProps) {
  if (column.choices.length === 0)
    return (
      <TextInput
        aria-label={label}
        size="xs"
        w={220}
        disabled={put === null}
        placeholder="As it stands"
        value={ours ?? ''}
        onChange={({ currentTarget: { value } }) => put?.(value === '' ? null : value)}
      />
    );
  return (
    <Select
      aria-label={label}
      size="xs"
      w={220}
      searchable
      clearable
      disabled={put === null}
      placeholder="As it stands"
      data={[
        { value: EMPTY, label: EMPTY },
        ...column.choices.map((choice) => ({
          value: choice,
          label: column.names[choice] ? `${choice}, ${column.names[choice]}` : choice,
        })),
      ]}
      value={ours === '' ? EMPTY : (ours ?? null)}
      onChange={(value) => put?.(value === EMPTY ? '' : value)}
    />
  );
}
