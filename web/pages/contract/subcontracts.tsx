/** Subcontracts as a table, their segments on a time axis: a bar a segment, what is paid beneath, today across. */
import { Drawer, Stack, Text } from '@mantine/core';
import type { ContractPage, SegmentView, SubcontractView } from '../../../api/types.ts';
import { useAddress } from '../../parts/address.ts';
import { Facts, Panel } from '../../parts/page.tsx';
import { Empty, StateChip } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { dayText, monthText, shareOfSpan, spoken } from '../../words/dates.ts';
import { CONTRACT_STATES, LICENSE_STATES } from '../../words/names.ts';

/** A decimal without zeros that say nothing: "120.000000" is "120". */
export const shortDecimal = (text: string): string =>
  text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;

interface Span {
  readonly from: string;
  readonly to: string;
  readonly today: string;
}

export function Subcontracts({ contract }: { contract: ContractPage }) {
  const address = useAddress();
  const rows = contract.subcontracts;
  const span: Span = {
    from: [contract.start, ...rows.map(({ start }) => start)].sort()[0] ?? contract.start,
    to: [contract.end, ...rows.map(({ end }) => end)].sort().at(-1) ?? contract.end,
    today: contract.today,
  };
  const open = rows.find(({ subcontract }) => subcontract === address.get('open'));
  if (rows.length === 0)
    return (
      <Panel>
        <Empty title="No subcontracts">Each covered product of the contract stands here.</Empty>
      </Panel>
    );
  return (
    <Panel flush label="Subcontracts">
      <DataTable
        label="Subcontracts"
        columns={columnsOf(span, contract.currency)}
        rows={rows}
        rowKey={(row) => row.subcontract}
        onOpen={(row) => address.set({ open: row.subcontract })}
        openKey={open?.subcontract}
      />
      <Drawer
        opened={open !== undefined}
        onClose={() => address.set({ open: undefined })}
        title={open?.subcontract}
      >
        {open !== undefined && <Detail row={open} />}
      </Drawer>
    </Panel>
  );
}

function columnsOf(span: Span, currency: string | null): Column<SubcontractView>[] {
  return [
    {
      id: 'subcontract',
      label: 'Subcontract',
      title: true,
      value: (row) => row.subcontract,
      cell: (row) => (
        <>
          {row.subcontract}
          <span className="sub">{row.product}</span>
        </>
      ),
    },
    {
      id: 'quantity',
      label: 'Quantity',
      numeric: true,
      value: (row) => row.quantity,
      cell: (row) => shortDecimal(row.segments.at(-1)?.quantity ?? row.quantity),
    },
    {
      id: 'price',
      label: currency === null ? 'Unit price' : `Unit price, ${currency}`,
      numeric: true,
      value: (row) => row.unitPrice,
      cell: (row) =>
        row.unitPrice === null ? <span className="dim">list</span> : shortDecimal(row.unitPrice),
    },
    {
      id: 'axis',
      label: `${monthText(span.from)} – ${monthText(span.to)}`,
      wide: true,
      value: (row) => `${row.start} – ${row.end}`,
      cell: (row) => <Axis row={row} span={span} />,
    },
    {
      id: 'paid',
      label: 'Paid through',
      value: (row) => row.paidThrough,
      cell: (row) => (
        <span className="nowrap">{row.paidThrough === null ? '–' : dayText(row.paidThrough)}</span>
      ),
    },
    {
      id: 'status',
      label: 'State',
      value: (row) => CONTRACT_STATES[row.status].words,
      cell: (row) => <StateChip state={CONTRACT_STATES[row.status]} />,
    },
  ];
}

/** A picture of what the table's other columns and the sheet say in words. */
function Axis({ row, span: { from, to, today } }: { row: SubcontractView; span: Span }) {
  const at = (day: string) => shareOfSpan(day, from, to);
  const words = row.segments.map(segmentWords).join('; ');
  return (
    <div className="axis" role="img" aria-label={words} title={words}>
      {row.segments.map((segment) => (
        <div
          key={segment.start}
          className={segment.paused ? 'axis-bar paused' : 'axis-bar'}
          style={{
            left: `${at(segment.start)}%`,
            width: `${Math.max(1, at(segment.end) - at(segment.start))}%`,
          }}
        >
          {segment.paused ? 'paused' : shortDecimal(segment.quantity)}
        </div>
      ))}
      {row.paidThrough !== null && (
        <div
          className="axis-paid"
          style={{ left: `${at(row.start)}%`, width: `${at(row.paidThrough) - at(row.start)}%` }}
        />
      )}
      <div className="axis-today" style={{ left: `${at(today)}%` }} />
    </div>
  );
}

function segmentWords(segment: SegmentView): string {
  const days = `${dayText(segment.start)} – ${dayText(segment.end)}`;
  if (segment.paused) return `${days}: paused`;
  const price = segment.unitPrice === null ? '' : ` × ${shortDecimal(segment.unitPrice)}`;
  const discount =
    segment.discountPercent === null || /^0(\.0+)?$/.test(segment.discountPercent)
      ? ''
      : `, −${shortDecimal(segment.discountPercent)} %`;
  return `${days}: ${shortDecimal(segment.quantity)}${price}${discount}`;
}

function Detail({ row }: { row: SubcontractView }) {
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          { name: 'Product', value: `${row.product} (${row.sku})` },
          { name: 'Covered', value: `${dayText(row.start)} – ${dayText(row.end)}` },
          { name: 'Serial number', value: row.serial },
          {
            name: 'Paid through',
            value: row.paidThrough === null ? 'not paid' : dayText(row.paidThrough),
          },
          {
            name: 'License',
            value:
              row.license === null
                ? 'none'
                : `${row.license.license}, ${LICENSE_STATES[row.license.state].words.toLowerCase()}`,
          },
        ]}
      />
      <div>
        <Text fw={600}>What held when</Text>
        {row.segments.map((segment) => (
          <Text key={segment.start}>{segmentWords(segment)}</Text>
        ))}
      </div>
      <div>
        <Text fw={600}>Amendments</Text>
        {row.amendments.length === 0 && <Text className="dim">None so far.</Text>}
        {row.amendments.map((one) => (
          <Text key={one.amendment}>
            {spoken(one.words)}
            <span className="sub">
              {one.amendment}
              {one.recorded !== null && `, learnt on ${dayText(one.recorded)}`}
              {one.reason === 'correction' && ', a correction'}
            </span>
          </Text>
        ))}
      </div>
    </Stack>
  );
}
