import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/infrastructure/longest-first.ts';

/**
 * Five projects, from fast to slow. Servers are started when a test first asks for one
 * (tests/infrastructure). `pool: 'forks'` because worker threads crash with Temporal's native addon.
 * - unit: rules, documents, queries and routes; a database of its own for those that ask
 * - replay: saved workflow histories against today's workflow code
 * - integration: real Postgres, mail server, child processes, HTTP by injection
 * - stories: billing years on the time-skipping Temporal server, with the real database
 * - e2e: the whole product, started as a user starts it, in a real browser
 */
const project = (name: string, include: string[], extra: object = {}) => ({
  extends: true as const,
  test: { name, include, ...extra },
});

/** They wait for other processes most of the time; each file has databases, namespaces, servers and ports of its own. */
const TWO_AT_A_TIME = { maxWorkers: 2 };
/** Of two processors vitest would leave one idle. */
const ALL_PROCESSORS = { maxWorkers: Math.max(2, availableParallelism() - 1) };
/** Files that follow each other in one process load the same once, a third of their work; none leaves anything behind. */
const LOADED_ONCE = { isolate: false };

export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['tests/infrastructure/global-setup.ts'],
    setupFiles: ['tests/infrastructure/property-seed.ts'],
    // These only end what hangs: a test says nothing about speed (`npm run bench` does), and a busy machine is no failure.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('unit', ['tests/{domain,connectors,documents,cli,api,db,web,lint}/**/*.test.ts'], {
        ...ALL_PROCESSORS,
        ...LOADED_ONCE,
      }),
      project('replay', ['tests/replay/**/*.test.ts']),
      project('integration', ['tests/integration/**/*.test.ts'], {
        ...TWO_AT_A_TIME,
        ...LOADED_ONCE,
      }),
      project(
        'stories',
        ['tests/stories/**/*.test.ts', 'tests/faults/**/*.test.ts'],
        TWO_AT_A_TIME,
      ),
      project('e2e', ['tests/e2e/**/*.test.ts'], TWO_AT_A_TIME),
    ],
  },
});
