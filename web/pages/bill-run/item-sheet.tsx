/** One document of a run beside the list: its lines with why, its taxes, its paper as it will look, what can be done. */
import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import type {
  BillLine,
  BillRunItem,
  BillRunItemDetail,
  BillRunReview,
} from '../../../api/types.ts';
import { part } from '../../data/client.ts';
import { useRead } from '../../data/reading.ts';
import { Amount, Difference } from '../../parts/amount.tsx';
import { WhyThisAmount } from '../../parts/explanation.tsx';
import { Go, pathOf } from '../../parts/link.tsx';
import { Facts } from '../../parts/page.tsx';
import { Paper } from '../../parts/paper.tsx';
import { Answer, RowSkeletons } from '../../parts/states.tsx';
import { dayText, monthText, spoken, weekdayText } from '../../words/dates.ts';
import { amountText, moneyText } from '../../words/money.ts';
import { ITEM_KINDS } from '../../words/names.ts';
import type { Change } from './bill-run.tsx';

interface Props {
  readonly review: BillRunReview;
  readonly item: BillRunItem;
  readonly change: (change: Change) => void;
}

export function ItemSheet({ review, item, change }: Props) {
  const base = `/bill-runs/${part(review.run)}/items/${part(item.item)}`;
  const detail = useRead<BillRunItemDetail>(base);
  const isDocument = item.kind === 'invoice' || item.kind === 'credit_note';
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <div>
          <div className="figure-value">
            {item.total === null
              ? item.net === null
                ? ITEM_KINDS[item.kind]
                : moneyText(item.net)
              : moneyText(item.total)}
          </div>
          <Text className="dim">
            {ITEM_KINDS[item.kind]}
            {item.account !== null && ' for '}
            {item.account !== null && (
              <Go to={pathOf.account(item.account.account)}>{item.account.name}</Go>
            )}
          </Text>
        </div>
        <SheetActions review={review} item={item} change={change} />
      </Group>
      {item.reason !== null && <Text>{spoken(item.reason)}</Text>}
      {item.failure !== null && <Text className="text-bad">{item.failure}</Text>}
      <Answer of={detail} loading={<RowSkeletons />}>
        {(data) => (
          <>
            <Facts
              facts={[
                { name: 'Net', value: <Amount money={data.net} /> },
                { name: 'Last year', value: <Amount money={data.lastYear} /> },
                { name: 'Difference', value: <Difference money={data.difference} /> },
                { name: 'Due', value: data.dueDate === null ? null : weekdayText(data.dueDate) },
                { name: 'Terms', value: data.paymentTerms },
                { name: 'Order number', value: data.poNumber },
                {
                  name: 'Contract',
                  value:
                    data.contract === null ? null : (
                      <Go to={pathOf.contract(data.contract)}>{data.contract}</Go>
                    ),
                },
                {
                  name: 'Number',
                  value:
                    data.invoice === null ? null : (
                      <Go to={pathOf.invoice(data.invoice)}>{data.invoice}</Go>
                    ),
                },
              ]}
            />
            {isDocument && (
              <Tabs defaultValue="lines" keepMounted={false}>
                <Tabs.List>
                  <Tabs.Tab value="lines">Lines and why</Tabs.Tab>
                  <Tabs.Tab value="paper">As it will look</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="lines" pt="md">
                  <Lines detail={data} />
                </Tabs.Panel>
                <Tabs.Panel value="paper" pt="md">
                  <Paper base={base} title={`The document for ${data.contract ?? ''}`} />
                </Tabs.Panel>
              </Tabs>
            )}
          </>
        )}
      </Answer>
    </Stack>
  );
}

function SheetActions({ review, item, change }: Props) {
  if (!review.may.change || item.kind === 'set_aside' || item.kind === 'carried') return null;
  const ask = (to: Change['to']) => () => change({ items: [item], to });
  return (
    <Group gap="xs">
      {item.decision === 'include' && item.kind !== 'held' ? (
        <>
          <Button variant="default" size="xs" onClick={ask('hold')}>
            Hold
          </Button>
          <Button variant="default" size="xs" onClick={ask('exclude')}>
            Leave out
          </Button>
        </>
      ) : (
        <Button variant="default" size="xs" onClick={ask('include')}>
          Include
        </Button>
      )}
    </Group>
  );
}

function Lines({ detail }: { detail: BillRunItemDetail }) {
  const currency = detail.currency ?? '';
  const groups = new Map<string, BillLine[]>();
  for (const line of detail.lines) {
    const name = line.subcontract ?? 'Other';
    groups.set(name, [...(groups.get(name) ?? []), line]);
  }
  return (
    <Stack gap="md">
      {[...groups].map(([subcontract, lines]) => (
        <div key={subcontract}>
          <Group justify="space-between">
            <Text fw={600}>{subcontract}</Text>
            <Text fw={600} className="tabular">
              {amountText({ amount: lines.reduce((sum, { net }) => sum + net, 0), currency })}
            </Text>
          </Group>
          {lines.map((line) => (
            <Line
              key={`${spoken(line.description)} ${line.periodStart} ${line.coverStart} ${line.net}`}
              line={line}
              currency={currency}
            />
          ))}
        </div>
      ))}
      {detail.taxes.map((tax) => (
        <Group key={`${tax.category} ${tax.rate}`} justify="space-between">
          <Text className="dim">
            Tax {tax.rate} % on {amountText({ amount: tax.base, currency })}
            {tax.reason !== null && ` (${tax.reason})`}
          </Text>
          <Text className="tabular">{amountText({ amount: tax.tax, currency })}</Text>
        </Group>
      ))}
    </Stack>
  );
}

function Line({ line, currency }: { line: BillLine; currency: string }) {
  return (
    <div style={{ padding: '6px 0', borderBottom: '1px solid var(--line)' }}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="md">
        <div>
          {spoken(line.description)}
          <span className="sub">
            {line.periodStart !== null &&
              !line.description.includes(line.periodStart) &&
              `${dayText(line.periodStart)} – ${dayText(line.periodEnd ?? line.periodStart)} · `}
            {line.quantity} × {line.unitPrice}
            {line.discountPercent !== '0' && `, −${line.discountPercent} %`}
            {line.caughtUp &&
              ` · caught up${line.dueMonth === undefined ? '' : `, due ${monthText(line.dueMonth)}`}`}
          </span>
        </div>
        <span className="tabular">{amountText({ amount: line.net, currency })}</span>
      </Group>
      <WhyThisAmount explanation={line.explanation} />
    </div>
  );
}
