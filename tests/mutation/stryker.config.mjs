/**
 * Mutants of one folder of domain/ (docs/mutation.md). `npm run mutation -- tax ledger` sets the folder; it is not part
 * of `npm test`, because it takes an hour.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: [`domain/${process.env.MUTATION_FILES}`],
  testRunner: 'domain',
  plugins: ['./tests/mutation/runner.mjs'],
  coverageAnalysis: 'perTest',
  concurrency: Number(process.env.MUTATION_PROCESSES ?? 1),
  // Endless loops end by their count; on a busy machine a slow test is no endless one.
  timeoutMS: 60_000,
  mutator: {
    // Words for people, names of inputs and of errors: tests hold codes and amounts, not the wording. A comparison with a
    // text keeps its mutants, as a condition.
    excludedMutations: ['StringLiteral'],
  },
  ignorePatterns: ['*', '!domain/**', '!tests/**', '!examples/**', '!docs/**', '!package.json'],
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  warnings: { slow: false },
};
