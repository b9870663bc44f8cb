/** Which accounting system an installation has, by its configuration; half of one is no system. */
import { expect, it } from 'vitest';
import { installedAccounting } from '../../../connectors/accounting/installed.ts';
import { ConfigurationError, readSettings } from '../../../connectors/configuration.ts';

const TRYTON = {
  TRYTON_URL: 'https://tryton.example.com',
  TRYTON_DATABASE: 'books',
  TRYTON_KEY: 'a-secret-key',
};
const POSTING = {
  TRYTON_REVENUE_ACCOUNT: '4000',
  TRYTON_TAX_ACCOUNT: '2200',
  TRYTON_PAYMENT_METHOD: 'Bank',
};
const installed = (given: Record<string, string>) => installedAccounting(readSettings(given));

it('is our own ledger where none is given', () => {
  const own = installed({});
  expect([own.system, own.external, own.reader]).toEqual(['built-in-ledger', false, undefined]);
});

it('is Tryton, which is read and corrected, and posted to', () => {
  const tryton = installed({
    ...TRYTON,
    ...POSTING,
    TRYTON_COMPANIES: 'DE=Nord GmbH, US=Nord Inc',
  });
  expect([tryton.system, tryton.external]).toEqual(['tryton', true]);
  expect(tryton.reader).toBeDefined();
  expect(tryton.corrections).toBeDefined();
});

it.each([
  ['TRYTON_DATABASE', { ...TRYTON, TRYTON_DATABASE: '' }],
  ['TRYTON_KEY', { ...TRYTON, TRYTON_KEY: '' }],
  ['TRYTON_TAX_ACCOUNT', { ...TRYTON, ...POSTING, TRYTON_TAX_ACCOUNT: '' }],
  ['TRYTON_PAYMENT_METHOD', { ...TRYTON, TRYTON_REVENUE_ACCOUNT: '4000', TRYTON_TAX_ACCOUNT: '1' }],
  ['TRYTON_COMPANIES', { ...TRYTON, TRYTON_COMPANIES: 'Nord GmbH' }],
])('names %s where it is missing or cannot be used, and shows no key', (variable, given) => {
  const attempt = () => installed(given);
  expect(attempt).toThrow(ConfigurationError);
  expect(attempt).toThrow(variable);
  expect(attempt).not.toThrow('a-secret-key');
});
