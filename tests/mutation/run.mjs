// `npm run mutation [-- FOLDER… | FOLDER/FILE…]`: mutates domain/ folder by folder, or single files, and ends with a table.
// Exit 1 where one has less than 80 % of its mutants killed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FOLDERS } from './folders.mjs';

const LEAST_PERCENT = 80;
const wanted = process.argv.slice(2);
const folderOf = (name) => name.split('/')[0];
const unknown = wanted.filter((name) => !(folderOf(name) in FOLDERS));
if (unknown.length > 0) {
  console.error(
    `There is no folder ${unknown.join(', ')}; there are ${Object.keys(FOLDERS).join(', ')}.`,
  );
  process.exit(2);
}

const rows = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(FOLDERS)) {
  const { status } = spawnSync('stryker', ['run', 'tests/mutation/stryker.config.mjs'], {
    stdio: 'inherit',
    env: {
      ...process.env,
      MUTATION_FOLDER: folderOf(name),
      MUTATION_FILES: name.includes('/') ? `${name}.ts` : `${name}/**/*.ts`,
    },
  });
  if (status !== 0) process.exit(status ?? 1);
  rows.push({
    name,
    ...counted(JSON.parse(readFileSync('reports/mutation/mutation.json', 'utf8'))),
  });
}
console.table(rows);
process.exitCode = rows.some((row) => row.percent < LEAST_PERCENT) ? 1 : 0;

function counted(report) {
  const all = Object.values(report.files).flatMap((file) => file.mutants);
  const count = (...states) => all.filter(({ status }) => states.includes(status)).length;
  const killed = count('Killed', 'Timeout');
  const survived = count('Survived');
  const untested = count('NoCoverage');
  const mutants = killed + survived + untested;
  return {
    mutants,
    killed,
    survived,
    untested,
    percent: Math.round((1000 * killed) / mutants) / 10,
  };
}
