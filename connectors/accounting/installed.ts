/**
 * Which accounting system this installation posts to and compares with, as its configuration says: Tryton (TRYTON_URL); our own
 * ledger where none is given.
 */
import { type Configuration, ConfigurationError, type VariableName } from '../configuration.ts';
import { createBuiltInAccounting } from './built-in/accounting.ts';
import type { Accounting } from './port.ts';
import { createTrytonAccounting } from './tryton/accounting.ts';
import type { PostingAccounts } from './tryton/companies.ts';

export type AccountingConfiguration = Pick<
  Configuration,
  Extract<VariableName, `TRYTON_${string}`>
>;

const TIMEOUT_SECONDS = 30;

/** @throws ConfigurationError where a system is given by half */
export function installedAccounting(configuration: AccountingConfiguration): Accounting {
  const { TRYTON_URL: url, TRYTON_COMPANIES: companies } = configuration;
  if (url === undefined) return createBuiltInAccounting();
  const posting = postingOf(configuration);
  return createTrytonAccounting({
    url,
    database: needed(configuration, 'TRYTON_DATABASE', 'TRYTON_URL'),
    key: needed(configuration, 'TRYTON_KEY', 'TRYTON_URL'),
    timeoutSeconds: TIMEOUT_SECONDS,
    companies: pairs(companies),
    ...(posting === null ? {} : { posting }),
  });
}

const POSTING = [
  'TRYTON_REVENUE_ACCOUNT',
  'TRYTON_TAX_ACCOUNT',
  'TRYTON_PAYMENT_METHOD',
] as const satisfies readonly VariableName[];

/** Null where none is given: then nothing is posted there. */
function postingOf(configuration: AccountingConfiguration): PostingAccounts | null {
  const given = POSTING.find((name) => configuration[name] !== undefined);
  if (given === undefined) return null;
  const [revenue = '', tax = '', paymentMethod = ''] = POSTING.map((name) =>
    needed(configuration, name, given),
  );
  return { revenue, tax, paymentMethod };
}

function needed(
  configuration: AccountingConfiguration,
  variable: keyof AccountingConfiguration,
  by: VariableName,
): string {
  const value = configuration[variable];
  if (value !== undefined) return value;
  const message = `${variable} is not set, but ${by} needs it.`;
  throw new ConfigurationError([{ variable, message }]);
}

function pairs(text: string | undefined): Record<string, string> {
  const each = (text ?? '').split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    each.map((pair) => pair.split('=').map((part) => part.trim()) as [string, string]),
  );
}
