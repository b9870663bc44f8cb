/** What a person sees and types of a payment that counts as another currency. */
import { describe, expect, it } from 'vitest';
import {
  amountFault,
  countedAs,
  currencyFault,
  exchangeButton,
  exchangeText,
  isExchangeLikely,
  whatIsCounted,
} from '../../web/pages/payment/counted.ts';

const DOLLARS = { amount: 108_000, currency: 'USD' };
const EUROS = { amount: 100_000, currency: 'EUR' };
const asItCame = { amount: DOLLARS, exchangedFrom: null };
const counted = { amount: EUROS, exchangedFrom: { amount: DOLLARS, rate: '1 EUR = 1.08 USD' } };

describe('the form', () => {
  it('takes amounts as people write them, of the currency that was typed', () => {
    expect(countedAs({ currency: ' eur ', amount: '1,000.00' })).toEqual(EUROS);
    expect(countedAs({ currency: 'JPY', amount: '1000' })).toEqual({
      amount: 1000,
      currency: 'JPY',
    });
    expect(countedAs({ currency: 'EU', amount: '1000' })).toBeNull();
    expect(whatIsCounted({ currency: 'EUR', amount: '1000' }, DOLLARS)).toContain(
      'All of it, 1,080.00 USD, counts as 1,000.00 EUR',
    );
    expect(whatIsCounted({}, DOLLARS)).toContain('counts as an amount of another currency');
  });

  it('says what is wrong before it is sent', () => {
    expect(currencyFault({ currency: 'EU' }, DOLLARS)).toContain('Three letters');
    expect(currencyFault({ currency: 'usd' }, DOLLARS)).toBe('It is in USD already');
    expect(currencyFault({ currency: 'gbp' }, DOLLARS)).toBeNull();
    for (const amount of ['0', '-1', 'much', '', '0.0001'])
      expect(amountFault({ currency: 'EUR', amount })).toBe('An amount above zero');
    expect(amountFault({ currency: 'EUR', amount: '0.01' })).toBeNull();
  });
});

it('is told with its rate, and taken back by name', () => {
  expect(exchangeText(counted)).toBe('1,080.00 USD counted as 1,000.00 EUR, 1 EUR = 1.08 USD');
  expect(exchangeText(asItCame)).toBeNull();
  expect([exchangeButton(asItCame), exchangeButton(counted)]).toEqual([
    'Another currency',
    'Count as USD again',
  ]);
});

it('is offered where it is likely meant', () => {
  const likely = (rest: Partial<Parameters<typeof isExchangeLikely>[0]>) =>
    isExchangeLikely({ ...asItCame, countsAs: [], candidates: [{}], ...rest });
  expect(likely({ countsAs: ['EUR'] })).toBe(true);
  expect(likely({ candidates: [] })).toBe(true);
  expect(likely({ exchangedFrom: counted.exchangedFrom })).toBe(true);
  expect(likely({})).toBe(false);
});
