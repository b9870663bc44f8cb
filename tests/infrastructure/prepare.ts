/** Obtains the programs of others that tests run, before any test's time does: one may have to be built, for minutes. */
import { obtainTemporal } from '../../cli/start/temporal-binary.ts';
import { obtainTimeSkipping } from './time-skipping.ts';

await obtainTemporal((line) => console.log(line));
// What this machine lacks for it is told by the tests that are skipped for it.
await obtainTimeSkipping();
