/** The head of a run: totals beside last month and last year, and the control sheet that adds up. */
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { BillRunReview } from '../../../api/types.ts';
import { Panel } from '../../parts/page.tsx';
import { amountText, changePercent } from '../../words/money.ts';

export function Head({ review }: { review: BillRunReview }) {
  return (
    <div className="grid-2">
      <Comparison review={review} />
      <ControlSheet review={review} />
    </div>
  );
}

function Comparison({ review: { comparison } }: { review: BillRunReview }) {
  return (
    <Panel flush title="What goes out">
      <div className="scroll">
        <table className="list cards" aria-label="What goes out, by currency">
          <thead>
            <tr>
              <th>Currency</th>
              <th className="num">Net</th>
              <th className="num">Tax</th>
              <th className="num">Total</th>
              <th className="num">Net, same contracts, last month</th>
              <th className="num">Net, same contracts, last year</th>
            </tr>
          </thead>
          <tbody>
            {comparison.map((row) => (
              <tr key={row.currency}>
                <td className="card-title">{row.currency}</td>
                <Cell label="Net" amount={row.net} currency={row.currency} />
                <Cell label="Tax" amount={row.tax} currency={row.currency} />
                <td className="num" data-label="Total" style={{ fontWeight: 600 }}>
                  {amountText({ amount: row.total, currency: row.currency })}
                </td>
                <Compared label="Last month" now={row.net} before={row.lastMonthNet} row={row} />
                <Compared label="Last year" now={row.net} before={row.lastYearNet} row={row} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface CellProps {
  readonly label: string;
  readonly amount: number;
  readonly currency: string;
}

function Cell({ label, amount, currency }: CellProps) {
  return (
    <td className="num" data-label={label}>
      {amountText({ amount, currency })}
    </td>
  );
}

interface ComparedProps {
  readonly label: string;
  readonly now: number;
  readonly before: number | null;
  readonly row: { readonly currency: string };
}

function Compared({ label, now, before, row }: ComparedProps) {
  return (
    <td className="num" data-label={label}>
      {before === null ? (
        <span className="dim">nothing to compare</span>
      ) : (
        <span>
          {amountText({ amount: before, currency: row.currency })}
          <span className="sub">{changePercent(now, before) ?? 'new'}</span>
        </span>
      )}
    </td>
  );
}

const PARTS = [
  ['invoiced', 'Invoiced'],
  ['credited', 'Credited'],
  ['held', 'Held'],
  ['excluded', 'Left out by a person'],
  ['setAside', 'Set aside'],
  ['carried', 'Carried'],
] as const;

function ControlSheet({ review }: { review: BillRunReview }) {
  const currencies = Object.keys(review.control).sort();
  return (
    <Panel
      flush
      title="Control sheet, net"
      beside={
        <span className={`chip ${review.controlAddsUp ? 'tone-good' : 'tone-bad'}`}>
          {review.controlAddsUp ? (
            <IconCheck size={13} aria-hidden />
          ) : (
            <IconAlertTriangle size={13} aria-hidden />
          )}
          {review.controlAddsUp ? 'It adds up' : 'It does not add up: do not approve'}
        </span>
      }
    >
      <div className="scroll">
        <table className="list" aria-label="Control sheet">
          <thead>
            <tr>
              <th>Where it went</th>
              {currencies.map((currency) => (
                <th key={currency} className="num">
                  {currency}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {PARTS.map(([name, words]) => (
              <tr key={name}>
                <td>{words}</td>
                {currencies.map((currency) => (
                  <td key={currency} className="num">
                    {amountText({ amount: review.control[currency]?.[name] ?? 0, currency })}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td>Due</td>
              {currencies.map((currency) => (
                <td key={currency} className="num">
                  {amountText({ amount: review.control[currency]?.due ?? 0, currency })}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
    </Panel>
  );
}
