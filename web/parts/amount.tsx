/** Money on the page: right-aligned tabular figures. */
import type { Money } from '../../api/types.ts';
import { amountText, moneyText } from '../words/money.ts';

/** The figure alone, where the column names the currency. */
export function Amount({ money }: { money: Money | null }) {
  if (money === null) return <span className="dim">–</span>;
  return (
    <span className={money.amount === 0 ? 'tabular nowrap zero' : 'tabular nowrap'}>
      {amountText(money)}
    </span>
  );
}

/** One line a currency. */
export function Moneys({ moneys }: { moneys: readonly Money[] }) {
  if (moneys.length === 0) return <span className="dim">–</span>;
  return (
    <>
      {moneys.map((money) => (
        <div key={money.currency} className="tabular nowrap">
          {moneyText(money)}
        </div>
      ))}
    </>
  );
}

/** A difference: a sign and a word's colour, never the colour alone. */
export function Difference({ money }: { money: Money | null }) {
  if (money === null) return <span className="dim">new</span>;
  if (money.amount === 0) return <span className="dim">±0</span>;
  const sign = money.amount > 0 ? '+' : '';
  return (
    <span className={`tabular nowrap ${money.amount < 0 ? 'text-bad' : ''}`}>
      {sign}
      {amountText(money)}
    </span>
  );
}
