/**
 * The seed of every property (fast-check). A verdict of `npm test` belongs to a commit, so that the cases are the same
 * ones each time; `PERENNIAL_SEED=random` goes looking for new ones and prints the seed of what it finds, and
 * `PERENNIAL_SEED=<number>` walks a found path again.
 */
import fc from 'fast-check';

const wanted = process.env.PERENNIAL_SEED ?? '20260115';

if (wanted !== 'random') {
  const seed = Number(wanted);
  if (!Number.isSafeInteger(seed))
    throw new Error(`PERENNIAL_SEED is a whole number or "random", not "${wanted}".`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
