/** Policies: the nearest scope, the latest date, values that are understood (docs/rules/billing-rules.md, first lines). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { POLICY_NAMES, policyFault } from '../../../domain/policies/known.ts';
import { policyOf, policyText, wholeNumberPolicy } from '../../../domain/policies/policies.ts';
import { bookOf } from '../book-builder.ts';

type Policy = Partial<Row<'policies'>>;
const indexOf = (...policies: Policy[]) => indexBook(bookOf({ policies }));
const everywhere = { contract: 'C', account: 'A', entity: 'E' };
const at = (
  scope: Row<'policies'>['scope'],
  id: string,
  value: string,
  validFrom: string | null = null,
): Policy => ({
  scope,
  id,
  policy: 'proration',
  value,
  validFrom,
});

describe('a policy', () => {
  it('of the contract wins over the account’s, that over the entity’s, that over the default', () => {
    const [entity, account, contract] = [
      at('entity', 'E', 'none'),
      at('account', 'A', 'thirty360'),
      at('contract', 'C', 'whole-months'),
    ] as const;
    const value = (...policies: Policy[]) =>
      policyOf(indexOf(...policies), everywhere, 'proration', '2026-01-01');
    expect(value()).toBe('daily');
    expect(value(entity)).toBe('none');
    expect(value(entity, account)).toBe('thirty360');
    expect(value(contract, entity, account)).toBe('whole-months');
    expect(value(at('contract', 'C-2', 'none'), at('account', 'A-2', 'none'))).toBe('daily');
  });

  it('holds from its first day until a later one of the same scope; a nearer scope that is not yet in force leaves the farther', () => {
    const rows = [
      at('entity', 'E', 'none'),
      at('account', 'A', 'thirty360', '2026-03-01'),
      at('account', 'A', 'whole-months', '2026-06-01'),
    ];
    for (const given of [rows, [...rows].reverse()]) {
      const index = indexOf(...given);
      const on = (day: string) => policyOf(index, everywhere, 'proration', day);
      expect(['2026-02-28', '2026-03-01', '2026-05-31', '2026-06-01'].map(on)).toEqual([
        'none',
        'thirty360',
        'thirty360',
        'whole-months',
      ]);
    }
  });

  it('is not asked of a scope that is not there', () => {
    const index = indexOf(
      at('contract', 'C', 'none'),
      at('account', 'A', 'none'),
      at('entity', 'E', 'none'),
    );
    expect(
      policyText(index, { contract: null, account: null, entity: null }, 'proration', '2026-01-01'),
    ).toBeNull();
  });

  it('is read whatever the case and the blanks; what nobody knows is refused with what is accepted', () => {
    const value = (text: string) =>
      policyOf(indexOf(at('account', 'A', text)), everywhere, 'proration', '2026-01-01');
    expect(value('  Thirty360 ')).toBe('thirty360');
    expect(() => value('weekly')).toThrow(
      'policy proration has the value "weekly"; it accepts daily, thirty360, whole-months, none',
    );
  });

  it.each([
    ['proration', 'daily'],
    ['reductions', 'prorated'],
    ['grouping', 'contract'],
    ['negative', 'credit-note'],
    ['tax_point', 'issue'],
    ['due_day', 'calendar'],
    ['vat_check', 'off'],
    ['time_zone', 'entity'],
  ] as const)('%s is %s unless somebody says otherwise', (policy, value) => {
    expect(policyOf(indexOf(), everywhere, policy, '2026-01-01')).toBe(value);
  });

  it('that is a number is a whole one of up to four digits', () => {
    const value = (text: string) =>
      wholeNumberPolicy(
        indexOf({ scope: 'account', id: 'A', policy: 'lead_months', value: text }),
        everywhere,
        'lead_months',
        '2026-01-01',
      );
    expect([value('3'), value(' 0012 '), value('9999')]).toEqual([3, 12, 9999]);
    for (const text of ['-1', '1.5', 'three', '10000', '1 2', ''])
      expect(() => value(text)).toThrow(/needs a whole number/);
    expect(wholeNumberPolicy(indexOf(), everywhere, 'lead_months', '2026-01-01')).toBeNull();
  });
});

describe('what a book may say', () => {
  it.each([
    ['proration', 'Daily', 'weekly'],
    ['vat_check', 'vies', 'yes'],
    ['lead_months', '3', 'three'],
    ['old_find_months', '24', '-1'],
    ['renewal_months', '36', '1.5'],
    ['grace_days', '30', 'x'],
    ['grace_limit_days', '0', ''],
    ['minimum', '25.00', '25,00'],
    ['payment_terms', '2/10 net 30', 'soon'],
    ['holidays', '2027-03-26; 12-25', '25 December'],
    ['entity', 'HQ', ' '],
    ['oldest_first', 'yes', 'perhaps'],
    ['credit_use', 'by-person', 'never'],
    ['line_order', 'pro-rata', 'random'],
    ['clearing', 'costs-interest-principal', 'interest'],
    ['tolerance', '500', '5.00'],
    ['dunning', '1 reminder; 30 final-notice late-charge', 'when it suits'],
    ['dunning', 'never', '30 reminder; 1 reminder'],
    ['dun_imported', 'no', '1'],
    ['late_charge', '10 % a year, fee 10', 'a lot'],
    ['late_charge', 'none', '10 %'],
  ])('%s: %j is understood, %j is not', (policy, good, bad) => {
    expect(policyFault(policy, good)).toBeNull();
    expect(policyFault(policy, bad)).toMatchObject({
      column: 'value',
      message: expect.stringContaining(`${policy} accepts`),
    });
  });

  it('a policy that nobody knows is told as such', () => {
    expect(policyFault('prorations', 'daily')).toMatchObject({ column: 'policy' });
  });

  it('the contract book’s page lists every policy, and no other', () => {
    const page = readFileSync(
      new URL('../../../docs/rules/contract-book.md', import.meta.url),
      'utf8',
    );
    const listed = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name);
    expect([...listed].sort()).toEqual(POLICY_NAMES);
  });
});
