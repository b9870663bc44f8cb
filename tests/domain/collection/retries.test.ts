import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declineKind, retryOn } from '../../../domain/collection/retries.ts';

const failed = { attempt: 1, failedOn: '2028-02-27', isDebit: false };

describe('a charge that failed', () => {
  it.each([
    ['for want of money', 'insufficient_funds', 1, false, '2028-03-01'],
    ['for want of money, again', 'insufficient_funds', 2, false, '2028-03-03'],
    ['for want of money, a third time', 'insufficient_funds', 3, false, '2028-03-05'],
    ['for want of money, a fourth time', 'insufficient_funds', 4, false, null],
    ['without an answer', 'issuer_not_available', 1, false, '2028-02-28'],
    ['without an answer for days', 'processing_error', 4, false, '2028-03-01'],
    ['without an answer for a week', 'processing_error', 5, false, null],
    ['for no reason given', null, 1, false, '2028-03-01'],
    ['for a reason that is new to us', 'cosmic_rays', 1, false, '2028-03-01'],
    ['as a debit', 'insufficient_funds', 1, true, '2028-03-03'],
    ['as a debit, twice', 'insufficient_funds', 2, true, null],
    ['because the card is stolen', 'stolen_card', 1, false, null],
    ['because the card has expired', 'expired_card', 1, false, null],
    ['because the mandate is gone', 'debit_not_authorized', 1, true, null],
    ['because the bank wants to see the customer', 'authentication_required', 1, false, null],
  ])('%s', (_words, code, attempt, isDebit, expected) => {
    expect(retryOn({ ...failed, code, attempt, isDebit })).toBe(expected);
  });

  it('is tried again later and not for ever, whatever the reason', () => {
    const code = fc.option(
      fc.constantFrom('insufficient_funds', 'processing_error', 'lost_card', 'x'),
    );
    fc.assert(
      fc.property(code, fc.boolean(), (one, isDebit) => {
        for (let attempt = 1; ; attempt += 1) {
          const on = retryOn({ ...failed, code: one, attempt, isDebit });
          if (on === null) break;
          expect(on > failed.failedOn).toBe(true);
          expect(attempt).toBeLessThan(10);
          expect(declineKind(one)).toBe('soft');
        }
      }),
    );
  });
});
