/** Answers of the API as words for people at a terminal. */
import { formatMinor } from '../../domain/money/money.ts';

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export const amount = (money: Money | null): string =>
  money === null ? '' : `${formatMinor(money.amount, money.currency)} ${money.currency}`;
