/** The head of a run: totals beside last month and last year, and the control sheet that adds up. */
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { BillRunReview } from '../../../api/types.ts';
import { Panel } from '../../parts/page.tsx';
import { amountText, changePercent } from '../../words/money.ts';

export function Head({ review }: { review: BillRunReview }) {
  return (
    <div className="grid-2 even">
      <Comparison review={review} />
      <ControlSheet review={review} />
    </div>
  );
}

/** What was billed before is compared with what the same contracts are billed now. */
const FIGURES = [
  ['net', 'Net', null],
  ['tax', 'Tax', null],
  ['lastMonthNet', 'Net of the same contracts last month', 'netOfLastMonths'],
  ['lastYearNet', 'Net of the same contracts last year', 'netOfLastYears'],
] as const;

interface CurrencyHeadProps {
  readonly words: string;
  readonly currencies: readonly string[];
}

function CurrencyHead({ words, currencies }: CurrencyHeadProps) {
  return (
    <thead>
      <tr>
        <th>{words}</th>
        {currencies.map((currency) => (
          <th key={currency} className="num">
            {currency}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** A currency a column, so that figures of one currency stand under each other. */
function Comparison({ review: { comparison } }: { review: BillRunReview }) {
  return (
    <Panel flush title="What goes out">
      <div className="scroll">
        <table className="list" aria-label="What goes out">
          <CurrencyHead
            words="Included documents"
            currencies={comparison.map(({ currency }) => currency)}
          />
          <tbody>
            <tr>
              <td style={{ fontWeight: 600 }}>Total with tax</td>
              {comparison.map(({ currency, total }) => (
                <td key={currency} className="num" style={{ fontWeight: 600 }}>
                  {amountText({ amount: total, currency })}
                </td>
              ))}
            </tr>
            {FIGURES.map(([name, words, now]) => (
              <tr key={name}>
                <td>{words}</td>
                {comparison.map((row) => (
                  <td key={row.currency} className="num">
                    <Compared amount={row[name]} currency={row.currency} />
                    {now !== null && (
                      <span className="sub">{changePercent(row[now] ?? 0, row[name])}</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface ComparedProps {
  readonly amount: number | null;
  readonly currency: string;
}

function Compared({ amount, currency }: ComparedProps) {
  if (amount === null) return <span className="dim">none</span>;
  return <>{amountText({ amount, currency })}</>;
}

const PARTS = [
  ['invoiced', 'Invoiced'],
  ['credited', 'of which credited'],
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
          <CurrencyHead words="Where it went" currencies={currencies} />
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
