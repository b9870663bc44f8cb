/**
 * The folders of domain/ that mutation testing takes, each with the folders of tests/domain/ that hold its rules. Mutants
 * in constants run all of these tests, so that a folder names those that say what it must do.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const FOLDERS = {
  money: ['money'],
  dates: ['dates'],
  policies: ['policies'],
  'payment-terms': ['payment-terms'],
  tax: ['tax', 'bill-run'],
  'credit-notes': ['credit-notes'],
  charges: ['charges', 'bill-run', 'reference'],
  'bill-run': ['bill-run', 'charges', 'tax', 'reference'],
  revenue: ['revenue'],
  ledger: ['ledger', 'revenue'],
  forecast: ['forecast'],
  renewal: ['renewal'],
  dunning: ['dunning'],
  allocation: ['allocation'],
  findings: ['findings'],
  licenses: ['licenses'],
  book: ['book', 'bill-run'],
  'payment-reference': ['payment-reference'],
  accounts: ['accounts'],
  collection: ['collection'],
  papers: ['papers'],
};

/** Sets the seed of the properties, before the tests are loaded. */
export const SETUP = 'tests/infrastructure/property-seed.ts';

/**
 * Seconds each, and run again for every mutant that they touch: what they hold, others of the folder hold by hand or in
 * quicker properties. The proof compares documentation, the remittances measure a share.
 */
const TOO_SLOW = [
  'allocation/remittances.test.ts',
  'charges/properties.test.ts',
  'findings/proof.test.ts',
  'reference/properties.test.ts',
];

/**
 * How often a property is tried at most: damage to a whole book is found, or not, whatever the book's size, while the second
 * implementation of the charges has to meet many books.
 */
const PROPERTY_RUNS = { findings: 2, charges: 30, 'bill-run': 30 };
export const propertyRunsOf = (folder) => PROPERTY_RUNS[folder] ?? 10;

/** The test files of one folder, as addresses from the root. */
export function testFilesOf(folder, root) {
  return FOLDERS[folder]
    .flatMap((tests) =>
      readdirSync(join(root, 'tests/domain', tests))
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => `${tests}/${file}`),
    )
    .filter((file) => !TOO_SLOW.includes(file))
    .map((file) => `tests/domain/${file}`);
}
