/**
 * Mutation testing of domain/ (docs/mutation.md): `npm run mutation`, or a folder at a time with
 * `npm run mutation -- --mutate 'domain/tax/*.ts'`. Not part of `npm test`: it takes hours.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['domain/**/*.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tests/mutation/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 10_000,
  mutator: {
    // Words for people, keys of `inputs` and names of errors: tests hold codes and amounts, not the wording. Comparisons
    // with a text keep their mutants, as conditions.
    excludedMutations: ['StringLiteral'],
  },
  // Only what tests of the domain read is copied to the place where mutants run.
  ignorePatterns: [
    '*',
    '!domain/**',
    '!tests/domain/**',
    '!tests/infrastructure/**',
    '!tests/mutation/**',
    '!package.json',
  ],
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 90, low: 80, break: 80 },
  disableTypeChecks: false,
};
