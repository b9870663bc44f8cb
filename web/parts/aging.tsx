/** What is open by age: bars, and the table one click away. */
import { BarChart } from '@mantine/charts';
import { Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { Money, Receivables } from '../../api/types.ts';
import { amountText, minorDigits } from '../words/money.ts';
import { counted } from '../words/names.ts';
import { PictureChoice, type PictureForm } from './choice.tsx';
import { BareFigure, Panel } from './page.tsx';

export const AGES = {
  'not-due': 'Not due',
  '1-30': '1–30 days',
  '31-60': '31–60 days',
  '61-90': '61–90 days',
  'over-90': 'Over 90 days',
} as const;

type Totals = Receivables['totals'][number];

/** @param balance open less unapplied credit, where it is one customer's. */
export function Aging({ totals, balance }: { totals: Totals; balance?: Money }) {
  const [form, setForm] = useState<PictureForm>('bars');
  const scale = 10 ** minorDigits(totals.currency);
  return (
    <Panel
      title={`By age, ${totals.currency}`}
      beside={<PictureChoice form={form} choose={setForm} />}
    >
      <Group gap="xl">
        {balance !== undefined && <BareFigure name="Balance" value={amountText(balance)} />}
        <BareFigure name="Open" value={amountText(totals.open)} />
        <BareFigure name="Overdue" value={amountText(totals.overdue)} />
      </Group>
      <Text className="small dim tabular" mb="md">
        {amountText(totals.disputed)} disputed, {amountText(totals.promised)} promised,{' '}
        {amountText(totals.unappliedCredit)} unapplied credit
      </Text>
      {form === 'bars' ? (
        <BarChart
          h={176}
          data={totals.aging.map(({ bucket, amount }) => ({
            age: AGES[bucket].replace(' days', ''),
            // A picture's scale, not an amount: the table one click away has the figures.
            Open: amount.amount / scale,
            color: bucket === 'not-due' ? 'iris.5' : bucket === 'over-90' ? 'red.7' : 'iris.8',
          }))}
          dataKey="age"
          series={[{ name: 'Open', color: 'iris.6' }]}
          withLegend={false}
          gridAxis="x"
          tickLine="none"
          maxBarWidth={72}
          yAxisProps={{ width: 72 }}
          valueFormatter={(value) =>
            new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 }).format(value)
          }
        />
      ) : (
        <table className="list" aria-label={`By age, ${totals.currency}`}>
          <tbody>
            {totals.aging.map(({ bucket, amount, invoices }) => (
              <tr key={bucket}>
                <td>{AGES[bucket]}</td>
                <td className="num dim">{counted(invoices, 'invoice')}</td>
                <td className="num">{amountText(amount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
