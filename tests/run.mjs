// What `npm test` runs: every vitest project, one after the other, and one last line that counts all of it. A run without
// tests fails, a project without tests fails, and what was skipped is said aloud with its reason.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PROJECTS = ['unit', 'replay', 'integration', 'stories', 'e2e'];
/** These need programs of others, which are obtained before. */
const WITH_SERVERS = ['integration', 'stories', 'e2e'];
const VITEST = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PROJECTS.includes(name));
if (unknown.length > 0) {
  console.error(`There is no project ${unknown.join(', ')}; there are ${PROJECTS.join(', ')}.`);
  process.exit(2);
}

const results = mkdtempSync(join(tmpdir(), 'perennial-results-'));
const counts = { passed: 0, failed: 0, skipped: 0 };
const skips = new Map();
const faults = [];
let running = null;

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    faults.push(`ended by ${signal}`);
    running?.kill(signal);
  });

const chosen = wanted.length > 0 ? wanted : PROJECTS;
if (chosen.some((project) => WITH_SERVERS.includes(project)))
  await run(['--import', 'tsx', join(ROOT, 'tests', 'infrastructure', 'prepare.ts')]);
for (const project of chosen) {
  if (faults.some((fault) => fault.startsWith('ended by'))) break;
  await runProject(project);
}
rmSync(results, { recursive: true, force: true });
summarise();

async function runProject(project) {
  const file = join(results, `${project}.json`);
  const args = [VITEST, 'run', '--project', project, '--reporter=default', '--reporter=json'];
  console.log(`\n== ${project}`);
  const code = await run([...args, `--outputFile.json=${file}`]);
  count(project, file, code);
}

/** Runs node to its end. What it lacks is told by whoever needs it. Answers its exit code, a signal, or an error in words. */
function run(args) {
  running = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, TZ: 'UTC' },
    stdio: 'inherit',
  });
  return new Promise((done) => {
    running.once('exit', (exitCode, signal) => done(exitCode ?? signal));
    running.once('error', (error) => done(error.message));
  });
}

function count(project, file, code) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    fail(`${project}: vitest ended with ${code} and left no result`);
    return;
  }
  const before = counts.failed;
  for (const suite of report.testResults) {
    // A file that could not be loaded has no tests in it, and is a failure all the same.
    if (
      suite.status === 'failed' &&
      suite.assertionResults.every((test) => test.status !== 'failed')
    )
      fail(`${project}: ${suite.name}: ${suite.message}`);
    for (const test of suite.assertionResults) take(project, test);
  }
  if (report.numTotalTests === 0) fail(`${project}: no tests were found`);
  if (code !== 0 && counts.failed === before) fail(`${project}: vitest ended with ${code}`);
}

function fail(why) {
  counts.failed += 1;
  faults.push(why);
}

function take(project, test) {
  if (test.status === 'passed') counts.passed += 1;
  else if (test.status === 'failed') {
    counts.failed += 1;
    faults.push(`${project}: ${test.fullName}`);
  } else {
    counts.skipped += 1;
    const reason = test.meta?.skipReason ?? 'no reason given';
    skips.set(reason, (skips.get(reason) ?? 0) + 1);
  }
}

function summarise() {
  console.log('');
  for (const [reason, tests] of skips) console.log(`SKIPPED ${tests} tests: ${reason}`);
  for (const fault of faults) console.log(`FAILED ${fault}`);
  const right = faults.length === 0 && counts.failed === 0 && counts.passed > 0;
  process.exitCode = right ? 0 : 1;
  if (!right && counts.failed === 0) counts.failed = 1;
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}
