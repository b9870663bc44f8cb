/**
 * A Stryker test runner for domain/, whose code knows no server, clock or file. Stryker's runner for vitest starts a worker and
 * loads every module anew for each mutant, about a second each; here the tests and domain/ are bundled once, and each
 * mutant evaluates the bundle as a fresh copy in this process, so that nothing remembered under one mutant is seen by the
 * next, and constants are mutated like anything else.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { build } from 'esbuild';
import { propertyRunsOf, SETUP, testFilesOf } from './folders.mjs';
import { modulesFor } from './harness.mjs';

const FOLDER = process.env.MUTATION_FOLDER;
const require = createRequire(import.meta.url);
globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {};
const stryker = globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE];

class DomainRunner {
  #evaluate;
  #files;
  /** The time each test last took: quick ones go first, because most mutants fall to them. */
  #took = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    this.#files = testFilesOf(FOLDER, process.cwd());
    this.#evaluate = new Script(await bundled([SETUP, ...this.#files])).runInThisContext();
  }

  async dryRun() {
    stryker.activeMutant = stryker.hitCount = stryker.currentTestId = undefined;
    stryker.mutantCoverage = undefined;
    const tests = await this.#run(this.#load(this.#files), { wholeRun: true });
    return { status: DryRunStatus.Complete, tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ testFilter, hitLimit, activeMutant, mutantActivation }) {
    const wanted = testFilter && new Set(testFilter);
    const files = wanted
      ? this.#files.filter((file) => testFilter.some((id) => id.startsWith(`${file}#`)))
      : this.#files;
    Object.assign(stryker, { hitLimit, hitCount: 0, currentTestId: undefined });
    stryker.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    try {
      const loaded = this.#load(files).filter(({ id }) => !wanted || wanted.has(id));
      stryker.activeMutant = activeMutant.id;
      const tests = await this.#run(loaded, { wholeRun: false });
      const endless = determineHitLimitReached(stryker.hitCount, hitLimit);
      return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
    } catch (error) {
      // A constant that cannot even be computed: no test of these files could pass.
      return { status: 'killed', killedBy: [], failureMessage: String(error), nrOfTests: 0 };
    } finally {
      stryker.activeMutant = undefined;
    }
  }

  #load(files) {
    const tests = [];
    let file = SETUP;
    const modules = modulesFor((name, body) => {
      const id = `${file}#${name}`;
      tests.push({ id: tests.some((test) => test.id === id) ? `${id} (again)` : id, body });
    }, propertyRunsOf(FOLDER));
    const load = this.#evaluate((name) => modules[name] ?? require(name));
    for (file of [SETUP, ...files]) load(file);
    return tests;
  }

  async #run(tests, { wholeRun }) {
    const results = [];
    const time = ({ id }) => this.#took.get(id) ?? 0;
    for (const { id, body } of tests.toSorted((one, other) => time(one) - time(other))) {
      const startedAt = performance.now();
      if (wholeRun) stryker.currentTestId = id;
      const failureMessage = await failureOf(body);
      stryker.currentTestId = undefined;
      const timeSpentMs = performance.now() - startedAt;
      this.#took.set(id, timeSpentMs);
      const status = failureMessage === undefined ? TestStatus.Success : TestStatus.Failed;
      results.push({ id, name: id, timeSpentMs, status, failureMessage });
      if (status === TestStatus.Failed && !wholeRun) break;
    }
    return results;
  }
}

async function failureOf(body) {
  try {
    await body();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** One expression: a function of `require` that gives a function to load one of the files by its name. */
async function bundled(files) {
  const root = process.cwd();
  const names = files.map((file) => `[${JSON.stringify(file)}]: () => require('./${file}')`);
  const { outputFiles } = await build({
    stdin: { contents: `module.exports = {${names.join(',')}}`, resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [ownAddresses(root)],
  });
  const code = outputFiles[0].text;
  return `((require) => { const module = { exports: {} };\n${code}\nreturn (name) => module.exports[name](); })`;
}

/** Tests read files beside themselves; a bundle has one address, so that each file's own one is written into it. */
function ownAddresses(root) {
  return {
    name: 'own-addresses',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => ({
        loader: 'ts',
        contents: readFileSync(path, 'utf8').replaceAll(
          'import.meta.url',
          JSON.stringify(pathToFileURL(join(root, relative(root, path))).href),
        ),
      }));
    },
  };
}

const domainRunner = () => new DomainRunner();
domainRunner.inject = [];
export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'domain', domainRunner)];
