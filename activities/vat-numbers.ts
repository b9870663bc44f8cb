/** Validates the VAT numbers that a run rests on, before it is computed (billing rules §5). */
import { knownVatAnswers, lastVatValidations, recordVatValidation } from '../db/index.ts';
import { indexBook } from '../domain/book/book-index.ts';
import type { Book } from '../domain/book/tables.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { type VatValidations, vatNumbersToAsk } from '../domain/tax/vat-check.ts';
import { vatNumberKey } from '../domain/tax/vat-number.ts';
import type { Deps } from './deps.ts';

/** A plain answer is not asked for again so soon. */
const RECHECK_DAYS = 30;
/** No run waits longer for a register; what is not answered by then stays pending. */
const ASKING_SECONDS = 120;
const DAY_MS = 86_400_000;

interface Asking {
  readonly runOn: CivilDate;
  /** A rehearsal asks nobody: it takes what is known. */
  readonly rehearsal: boolean;
  /** Called after each number. */
  readonly onProgress: (vatNumber: string) => void;
}

/** The last answers about all numbers that the policy `vat_check` wants from the register, asked for where they are due. */
export async function validatedVatNumbers(
  { db, vatNumbers: register }: Pick<Deps, 'db' | 'vatNumbers'>,
  book: Book,
  { runOn, rehearsal, onProgress }: Asking,
): Promise<VatValidations> {
  const wanted = vatNumbersToAsk(indexBook(book), runOn);
  const keys = wanted.map(vatNumberKey);
  if (register !== undefined && !rehearsal) {
    const last = await lastVatValidations(db, keys);
    const began = Date.now();
    for (const vatNumber of wanted) {
      const key = vatNumberKey(vatNumber);
      const before = last.get(key)?.checkedAt.getTime() ?? 0;
      if (Date.now() - before < RECHECK_DAYS * DAY_MS) continue;
      if (Date.now() - began > ASKING_SECONDS * 1000) break;
      const answer = await register.check(vatNumber.countryCode, vatNumber.number);
      await recordVatValidation(db, { vatNumber: key, answer, checkedAt: new Date() });
      onProgress(key);
    }
  }
  return knownVatAnswers(db, keys);
}
