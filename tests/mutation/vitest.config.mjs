import { defineConfig } from 'vitest/config';
import { FOLDERS } from './folders.mjs';

const folder = process.env.MUTATION_FOLDER;

/**
 * The tests that mutants of one folder run against: without servers and processes. The agreement with the second
 * implementation walks fewer books than in `npm test`, and the laws over whole random books are left out: each takes
 * seconds, and would be run again for every mutant.
 */
export default defineConfig({
  test: {
    include: FOLDERS[folder].map((tests) => `tests/domain/${tests}/**/*.test.ts`),
    exclude: ['tests/domain/**/properties.test.ts', 'tests/domain/allocation/remittances.test.ts'],
    env: { PERENNIAL_RANDOM_BOOKS: '15' },
    setupFiles: ['tests/infrastructure/property-seed.ts'],
    testTimeout: 60_000,
  },
});
