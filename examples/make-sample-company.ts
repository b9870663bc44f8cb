/** Writes the sample company as a contract book: `node --import tsx examples/make-sample-company.ts --today DATE --out DIR`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBook } from '../connectors/book/write.ts';
import { isCivilDate } from '../domain/dates/dates.ts';
import { SAMPLE, sampleCompany } from './sample-company.ts';

const { values } = parseArgs({
  options: {
    today: { type: 'string' },
    seed: { type: 'string', default: String(SAMPLE.seed) },
    out: { type: 'string' },
  },
});
const { today, out, seed } = values;
if (today === undefined || !isCivilDate(today) || out === undefined || !/^\d{1,9}$/.test(seed)) {
  process.stderr.write('usage: make-sample-company --today YYYY-MM-DD --out DIR [--seed N]\n');
  process.exit(2);
}
const { book, planted, outside } = sampleCompany({ ...SAMPLE, seed: Number(seed), today });
await writeBook(book, out, { format: 'csv' });
await writeFile(join(out, 'planted.json'), `${JSON.stringify({ today, planted }, null, 2)}\n`);
await writeFile(join(out, 'outside.json'), `${JSON.stringify(outside, null, 2)}\n`);
