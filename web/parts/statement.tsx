/** A customer's statement: what moved the balance over a period, and the same on paper. */
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { IconFileTypePdf } from '@tabler/icons-react';
import type { StatementView } from '../../api/types.ts';
import { apiUrl, part, withQuery } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { dayText } from '../words/dates.ts';
import { moneyText } from '../words/money.ts';
import { MOVEMENTS } from '../words/names.ts';
import { useAddress } from './address.ts';
import { Amount } from './amount.tsx';
import { Panel } from './page.tsx';
import { Answer, Empty, RowSkeletons } from './states.tsx';

type OfCurrency = StatementView['currencies'][number];

/** The period lives in the address; without one it is the last twelve months. */
export function Statement({ account }: { account: string }) {
  const address = useAddress();
  const period = { from: address.get('from'), to: address.get('to') };
  const base = `/statements/${part(account)}`;
  const statement = useRead<StatementView>(withQuery(base, period));
  const day = (name: 'from' | 'to') => address.get(name) ?? statement.data?.[name] ?? '';
  return (
    <Stack gap="md">
      <Group gap="md" align="flex-end" className="no-print">
        {(['from', 'to'] as const).map((name) => (
          <TextInput
            key={name}
            type="date"
            label={name === 'from' ? 'From' : 'Through'}
            value={day(name)}
            onChange={(event) => address.set({ [name]: event.currentTarget.value })}
          />
        ))}
      </Group>
      <Answer of={statement} loading={<RowSkeletons />}>
        {(data) => (
          <Stack gap="lg">
            {data.currencies.map((one) => (
              <Currency
                key={one.currency}
                statement={one}
                from={data.from}
                to={data.to}
                pdf={apiUrl(
                  withQuery(`${base}/pdf`, {
                    from: data.from,
                    to: data.to,
                    currency: one.currency,
                  }),
                )}
              />
            ))}
          </Stack>
        )}
      </Answer>
    </Stack>
  );
}

interface CurrencyProps {
  readonly statement: OfCurrency;
  readonly from: string;
  readonly to: string;
  readonly pdf: string;
}

function Currency({ statement, from, to, pdf }: CurrencyProps) {
  const { currency, opening, closing, movements } = statement;
  return (
    <Panel
      flush
      label={`Statement in ${currency}`}
      title={`Balance ${moneyText(closing)}`}
      beside={
        <Button
          component="a"
          href={pdf}
          target="_blank"
          rel="noreferrer"
          size="xs"
          leftSection={<IconFileTypePdf size={16} />}
        >
          Statement as PDF
        </Button>
      }
    >
      <div className="scroll">
        <table className="list" aria-label={`Movements in ${currency}`}>
          <thead>
            <tr>
              <th>Day</th>
              <th>What</th>
              <th className="num">{currency}</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td className="nowrap">{dayText(from)}</td>
              <td>Opening balance</td>
              <td className="num">
                <Amount money={opening} />
              </td>
            </tr>
            {keyed(movements).map(({ key, on, kind, number, amount }) => (
              <tr key={key}>
                <td className="nowrap">{dayText(on)}</td>
                <td>
                  {MOVEMENTS[kind]}
                  <span className="sub" style={{ overflowWrap: 'anywhere' }}>
                    {number}
                  </span>
                </td>
                <td className="num">
                  <Amount money={amount} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td className="nowrap">{dayText(to)}</td>
              <td>Closing balance</td>
              <td className="num">
                <Amount money={closing} />
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {movements.length === 0 && (
        <Empty title="Nothing happened in this period">
          Invoices, credit notes and payments of these days would stand here. Choose an earlier
          first day to see more.
        </Empty>
      )}
    </Panel>
  );
}

/** Rows of a statement have no number of their own: two may look the same. */
const keyed = (movements: OfCurrency['movements']) =>
  movements.map((movement, at) => ({ ...movement, key: `${at} ${movement.number}` }));
