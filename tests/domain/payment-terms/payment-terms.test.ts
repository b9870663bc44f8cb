/** Payment terms and due dates (docs/rules/billing-rules.md §5). */
import { describe, expect, it } from 'vitest';
import {
  discountUntil,
  dueDateOf,
  parsePaymentTerms,
} from '../../../domain/payment-terms/payment-terms.ts';

const net = (netDays: number, endOfMonth = false) => ({ netDays, endOfMonth, discount: null });

describe('payment terms', () => {
  it.each([
    ['net 30', net(30)],
    ['NET 0', net(0)],
    ['net30', net(30)],
    ['net   100', net(100)],
    ['  net 14  ', net(14)],
    ['net 30 end-of-month', net(30, true)],
    ['net 30 end of month', net(30, true)],
    ['net 10  End-Of-Month', net(10, true)],
    ['due on receipt', net(0)],
    ['Due upon receipt', net(0)],
    ['due  on  receipt', net(0)],
    ['2/10 net 30', { netDays: 30, endOfMonth: false, discount: { percent: '2', days: 10 } }],
    ['2 % / 10, net 30', { netDays: 30, endOfMonth: false, discount: { percent: '2', days: 10 } }],
    ['2.5%/8 net60', { netDays: 60, endOfMonth: false, discount: { percent: '2.5', days: 8 } }],
    [
      '12.123456/100,net  120',
      { netDays: 120, endOfMonth: false, discount: { percent: '12.123456', days: 100 } },
    ],
  ])('%j', (text, expected) => {
    expect(parsePaymentTerms(text)).toEqual(expected);
  });

  it.each([
    '',
    'net',
    'net thirty',
    'net 1000',
    'net -1',
    'net 30 days',
    'about net 30',
    'net 30 end-of-monthly',
    'net 30end-of-month',
    'due on receipts',
    'overdue on receipt',
    'dueon receipt',
    'due onreceipt',
    '2/10',
    '2/10 30',
    '123/10 net 30',
    '2.1234567/10 net 30',
    '2./10 net 30',
    '2/1000 net 30',
    '2/10 net 1000',
    '2/10 net 30 eom',
    'x 2/10 net 30',
    '2-10 net 30',
  ])('%j are none', (text) => {
    expect(parsePaymentTerms(text)).toBeNull();
  });
});

describe('the due date', () => {
  const due = (text: string, issuedOn: string, businessDays?: boolean) => {
    const terms = parsePaymentTerms(text);
    if (terms === null) throw new Error(`no terms: ${text}`);
    return [dueDateOf(terms, issuedOn, businessDays), discountUntil(terms, issuedOn)];
  };

  it('counts from the issue date; the end of the month comes after the days', () => {
    expect(due('net 30', '2026-01-15')).toEqual(['2026-02-14', null]);
    expect(due('net 30', '2024-01-30')).toEqual(['2024-02-29', null]);
    expect(due('net 30 end-of-month', '2026-01-15')).toEqual(['2026-02-28', null]);
    expect(due('net 30 end-of-month', '2026-01-31')).toEqual(['2026-03-31', null]);
    expect(due('net 0 end-of-month', '2026-01-31')).toEqual(['2026-01-31', null]);
    expect(due('due on receipt', '2026-01-15')).toEqual(['2026-01-15', null]);
    expect(due('2/10 net 30', '2026-01-15')).toEqual(['2026-02-14', '2026-01-25']);
  });

  it('moves to a business day only where asked', () => {
    expect(due('net 30', '2026-01-15', false)[0]).toBe('2026-02-14');
    expect(due('net 30', '2026-01-15', true)[0]).toBe('2026-02-16');
    expect(due('net 30 end-of-month', '2026-01-01', true)[0]).toBe('2026-02-02');
    expect(due('net 1', '2026-01-15', true)[0]).toBe('2026-01-16');
    const terms = { netDays: 10, endOfMonth: false, discount: null };
    // The 25th is a Friday: Christmas, the weekend, and a Monday off.
    expect(dueDateOf(terms, '2026-12-15', true, '12-25 2026-12-28')).toBe('2026-12-29');
    expect(dueDateOf(terms, '2026-12-15', false, '12-25')).toBe('2026-12-25');
  });
});
