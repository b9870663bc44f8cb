/** Answers of the register of VAT numbers (billing rules §5). */
import { and, desc, inArray, ne } from 'drizzle-orm';
import type { VatAnswer, VatValidations } from '../../domain/tax/vat-check.ts';
import type { Db } from '../connect.ts';
import { vatValidations } from '../schema.ts';

export interface VatValidation {
  /** With the country code: "ATU33864707". */
  readonly vatNumber: string;
  readonly answer: VatAnswer;
  readonly checkedAt: Date;
}

/** Keeps an answer beside all earlier ones. */
export async function recordVatValidation(db: Db, validation: VatValidation): Promise<void> {
  await db.insert(vatValidations).values(validation);
}

/** The last plain answer about each number; one that was only ever `unknown` is not there. */
export async function lastVatValidations(
  db: Db,
  vatNumbers: readonly string[],
): Promise<ReadonlyMap<string, VatValidation>> {
  if (vatNumbers.length === 0) return new Map();
  const rows = await db
    .selectDistinctOn([vatValidations.vatNumber])
    .from(vatValidations)
    .where(
      and(inArray(vatValidations.vatNumber, [...vatNumbers]), ne(vatValidations.answer, 'unknown')),
    )
    .orderBy(vatValidations.vatNumber, desc(vatValidations.checkedAt), desc(vatValidations.seq));
  return new Map(rows.map((row) => [row.vatNumber, row]));
}

/** The same as a bill run takes it. */
export async function knownVatAnswers(
  db: Db,
  vatNumbers: readonly string[],
): Promise<VatValidations> {
  const last = await lastVatValidations(db, vatNumbers);
  return new Map([...last].map(([vatNumber, { answer }]) => [vatNumber, answer]));
}
