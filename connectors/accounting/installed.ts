/**
 * Which accounting system this installation posts to and compares with, as its configuration says; our own ledger where none
 * is given.
 */
import { createBuiltInAccounting } from './built-in/accounting.ts';
import type { Accounting } from './port.ts';

export function installedAccounting(): Accounting {
  return createBuiltInAccounting();
}
