/**
 * The one table of the dashboard: sorting, choosing, keys (j k x enter), totals of what is shown and of what is chosen; on
 * narrow screens its rows become cards. Column definitions also write the CSV and XLSX files.
 */
import { Checkbox, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import {
  type ColumnDef,
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from '@tanstack/react-table';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Money } from '../../api/types.ts';
import { amountText, sumByCurrency } from '../words/money.ts';
import { Amount } from './amount.tsx';

export interface Column<T> {
  readonly id: string;
  readonly label: string;
  /** What is written into files and sorted by. */
  readonly value: (row: T) => string | number | null;
  readonly cell?: (row: T) => ReactNode;
  /** Makes it a column of money: right-aligned, summed. */
  readonly money?: (row: T) => Money | null;
  readonly numeric?: boolean;
  /** The card's first line on narrow screens. */
  readonly title?: boolean;
  /** Takes the whole width of a card. */
  readonly wide?: boolean;
  /** The server's name of the column, where the server sorts; absent: not sortable there. */
  readonly serverSort?: string;
  /** Not shown at first. */
  readonly hidden?: boolean;
}

/** A column of money, sorted by its amount and written into files as that. */
export const moneyColumn = <T,>(
  id: string,
  label: string,
  money: (row: T) => Money | null,
  more: Partial<Omit<Column<T>, 'id' | 'label' | 'money'>> = {},
): Column<T> => ({ id, label, value: (row) => money(row)?.amount ?? null, money, ...more });

interface Props<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  readonly openKey?: string | undefined;
  /** `column` or `-column`. */
  readonly sort?: string | undefined;
  readonly onSort?: (sort: string) => void;
  /** The server sorts; else this table does. */
  readonly sortedByServer?: boolean;
  readonly chosen?: ReadonlySet<string>;
  readonly onChoose?: (keys: ReadonlySet<string>) => void;
  readonly totals?: boolean;
  /** Sorted by the size of the value, whatever its sign. */
  readonly bySize?: readonly string[];
  /** Rows shown before "show more". */
  readonly most?: number;
}

const STEP = 100;

export function DataTable<T>(props: Props<T>) {
  const { columns, rows, rowKey, onOpen, chosen, onChoose, sortedByServer = false } = props;
  const [most, setMost] = useState(props.most ?? STEP);
  const [at, setAt] = useState(-1);
  const body = useRef<HTMLTableSectionElement>(null);
  const oneCurrency = useOneCurrency(columns, rows);
  const definitions = useMemo(
    () => columns.map((one) => definition(one, props.bySize)),
    [columns, props.bySize],
  );
  const sorting = useMemo(() => sortingOf(props.sort), [props.sort]);
  const table = useReactTable({
    data: rows as T[],
    columns: definitions,
    state: { sorting },
    manualSorting: sortedByServer,
    // There are no pages here; resetting them would render for ever.
    autoResetAll: false,
    autoResetPageIndex: false,
    getRowId: rowKey,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const sorted = table.getRowModel().rows;
  const shown = sorted.slice(0, most);
  const choose = (key: string) => {
    if (chosen === undefined || onChoose === undefined) return;
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChoose(next);
  };
  useListKeys(
    shown.length,
    at,
    setAt,
    (row) => shown[row] !== undefined && onOpen?.(shown[row].original),
    (row) => shown[row] !== undefined && choose(shown[row].id),
  );
  useEffect(() => {
    body.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const columnOf = (id: string) => columns.find((one) => one.id === id) as Column<T>;
  return (
    <>
      <div className="scroll">
        <table className="list cards" aria-label={props.label}>
          <thead>
            <tr>
              {onChoose !== undefined && (
                <th style={{ width: 20 }}>
                  <Checkbox
                    size="xs"
                    aria-label="Choose all that is filtered"
                    checked={rows.length > 0 && chosen?.size === rows.length}
                    indeterminate={(chosen?.size ?? 0) > 0 && chosen?.size !== rows.length}
                    onChange={(event) =>
                      onChoose(new Set(event.currentTarget.checked ? rows.map(rowKey) : []))
                    }
                  />
                </th>
              )}
              {table.getFlatHeaders().map((header) => (
                <HeadCell
                  key={header.id}
                  column={columnOf(header.id)}
                  currency={oneCurrency}
                  sort={props.sort}
                  onSort={props.onSort}
                  sortedByServer={sortedByServer}
                />
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {shown.map((row, index) => (
              <tr
                key={row.id}
                className={[
                  onOpen === undefined ? '' : 'opens',
                  index === at || row.id === props.openKey ? 'at' : '',
                  chosen?.has(row.id) ? 'chosen' : '',
                ].join(' ')}
                onClick={() => onOpen?.(row.original)}
              >
                {onChoose !== undefined && (
                  <td className="choose">
                    <Checkbox
                      size="xs"
                      aria-label={`Choose ${row.id}`}
                      checked={chosen?.has(row.id) ?? false}
                      onClick={(event) => event.stopPropagation()}
                      onChange={() => choose(row.id)}
                    />
                  </td>
                )}
                {row.getVisibleCells().map((cell) => {
                  const column = columnOf(cell.column.id);
                  const content = flexRender(cell.column.columnDef.cell, cell.getContext());
                  return (
                    <td key={cell.id} className={cellClass(column)} data-label={column.label}>
                      {content}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
          {props.totals === true && rows.length > 0 && (
            <Totals
              columns={columns}
              rows={rows}
              chosen={rows.filter((row) => chosen?.has(rowKey(row)))}
              choosing={onChoose !== undefined}
            />
          )}
        </table>
      </div>
      {sorted.length > most && (
        <Text ta="center" p="sm">
          <button type="button" className="sorter" onClick={() => setMost(most + STEP)}>
            Show more: {most} of {sorted.length} are shown
          </button>
        </Text>
      )}
    </>
  );
}

function definition<T>(column: Column<T>, bySize: readonly string[] | undefined): ColumnDef<T> {
  const { id, label, value, cell, money } = column;
  const sortValue =
    bySize?.includes(id) === true
      ? (row: T) => {
          const found = value(row);
          return found === null ? undefined : Math.abs(Number(found));
        }
      : (row: T) => value(row) ?? undefined;
  return {
    id,
    header: label,
    accessorFn: sortValue,
    sortDescFirst: false,
    // What has no value comes last, whichever way is up.
    sortUndefined: 'last',
    sortingFn: 'auto',
    cell: ({ row: { original } }) => {
      if (cell !== undefined) return cell(original);
      if (money !== undefined) return <Amount money={money(original)} />;
      return value(original);
    },
  };
}

function sortingOf(sort: string | undefined): SortingState {
  if (sort === undefined || sort === '') return [];
  const desc = sort.startsWith('-');
  return [{ id: desc ? sort.slice(1) : sort, desc }];
}

const cellClass = <T,>({ money, numeric, title, wide }: Column<T>) =>
  [
    money !== undefined || numeric === true ? 'num' : '',
    title === true ? 'card-title' : '',
    wide === true ? 'wide' : '',
  ]
    .join(' ')
    .trim();

/** The currency, where all money of the rows is of one: then the head says it once. */
function useOneCurrency<T>(columns: readonly Column<T>[], rows: readonly T[]): string | null {
  return useMemo(() => {
    const found = new Set<string>();
    for (const { money } of columns)
      if (money !== undefined)
        for (const row of rows) {
          const one = money(row);
          if (one !== null) found.add(one.currency);
        }
    return found.size === 1 ? ([...found][0] ?? null) : null;
  }, [columns, rows]);
}

interface HeadCellProps<T> {
  readonly column: Column<T>;
  readonly currency: string | null;
  readonly sort: string | undefined;
  readonly onSort: ((sort: string) => void) | undefined;
  readonly sortedByServer: boolean;
}

function HeadCell<T>({ column, currency, sort, onSort, sortedByServer }: HeadCellProps<T>) {
  const { id, money, serverSort, numeric } = column;
  const label =
    money !== undefined && currency !== null ? `${column.label}, ${currency}` : column.label;
  const name = sortedByServer ? serverSort : id;
  const down = sort === `-${name}`;
  const up = sort === name;
  const className = money !== undefined || numeric === true ? 'num' : '';
  if (onSort === undefined || name === undefined) return <th className={className}>{label}</th>;
  return (
    <th className={className} aria-sort={down ? 'descending' : up ? 'ascending' : 'none'}>
      <button type="button" className="sorter" onClick={() => onSort(down ? name : `-${name}`)}>
        {label}
        {down && <IconArrowDown size={13} aria-hidden />}
        {up && <IconArrowUp size={13} aria-hidden />}
      </button>
    </th>
  );
}

/** One line a currency for what is filtered, and one for what is chosen. */
function Totals<T>({
  columns,
  rows,
  chosen,
  choosing,
}: {
  columns: readonly Column<T>[];
  rows: readonly T[];
  chosen: readonly T[];
  choosing: boolean;
}) {
  const lines = [
    { words: `Total of ${rows.length} rows`, of: rows },
    ...(chosen.length > 0 ? [{ words: `Chosen: ${chosen.length} rows`, of: chosen }] : []),
  ];
  return (
    <tfoot>
      {lines.flatMap(({ words, of }) => {
        const sums = columns.map(({ money }) =>
          money === undefined ? null : sumByCurrency(of.map(money)),
        );
        const currencies = [...new Set(sums.flatMap((sum) => (sum ?? []).map((m) => m.currency)))];
        return currencies.sort().map((currency, line) => (
          <tr key={`${words} ${currency}`}>
            {choosing && <td className="empty" />}
            {columns.map((column, index) => {
              const found = sums[index]?.find((one) => one.currency === currency);
              if (index === 0)
                return (
                  <td key={column.id} className="card-title">
                    {[line === 0 ? words : null, currencies.length > 1 ? currency : null]
                      .filter((part) => part !== null)
                      .join(': ')}
                  </td>
                );
              return (
                <td
                  key={column.id}
                  className={found === undefined ? 'empty' : 'num'}
                  data-label={column.label}
                >
                  {found === undefined ? '' : amountText(found)}
                </td>
              );
            })}
          </tr>
        ));
      })}
    </tfoot>
  );
}

/** j and k move, enter opens, x chooses; not while somebody types. */
function useListKeys(
  count: number,
  at: number,
  setAt: (at: number) => void,
  open: (at: number) => void,
  choose: (at: number) => void,
): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      if (event.key === 'j') setAt(Math.min(count - 1, at + 1));
      else if (event.key === 'k') setAt(Math.max(0, at - 1));
      else if (event.key === 'x') choose(at);
      else if (event.key === 'Enter' && event.target === document.body) open(at);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** Whether keys are text just now. A box that was ticked keeps the focus and takes no text. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio'].includes(target.type);
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
