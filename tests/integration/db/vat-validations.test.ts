/** Numbers are asked about once, kept with the answer, and asked about again while nothing plain was said. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validatedVatNumbers } from '../../../activities/vat-numbers.ts';
import {
  type Connection,
  connect,
  knownVatAnswers,
  lastVatValidations,
  recordVatValidation,
} from '../../../db/index.ts';
import type { VatAnswer } from '../../../domain/tax/vat-check.ts';
import { bookOf } from '../../domain/book-builder.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase());
});
afterAll(() => connection.close());

const AUSTRIAN = 'ATU33864707';
const FRENCH = 'FR40303265045';

const book = bookOf({
  entities: [{ entity: 'E', country: 'DE', currency: 'EUR' }],
  accounts: [AUSTRIAN, FRENCH].map((taxId) => ({
    account: taxId,
    name: taxId,
    country: taxId.slice(0, 2),
    taxCategory: 'AE' as const,
    taxId,
  })),
  products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
  contracts: [AUSTRIAN, FRENCH].map((account) => ({
    contract: `C-${account}`,
    account,
    start: '2026-01-01',
    end: '2026-12-31',
  })),
  policies: [{ scope: 'entity', id: 'E', policy: 'vat_check', value: 'vies' }],
});

/** A register that says what it is told to say, and remembers what it was asked. */
function register(answers: Record<string, VatAnswer>) {
  const asked: string[] = [];
  return {
    asked,
    check: async (country: string, number: string) => {
      asked.push(country + number);
      return answers[country + number] ?? 'unknown';
    },
  };
}

async function validate(vatNumbers: ReturnType<typeof register> | undefined, rehearsal = false) {
  const seen: string[] = [];
  const known = await validatedVatNumbers(
    { db: connection.db, ...(vatNumbers === undefined ? {} : { vatNumbers }) },
    book,
    { runOn: '2026-11-15', rehearsal, onProgress: (number) => seen.push(number) },
  );
  return { known: Object.fromEntries(known), seen };
}

describe('VAT numbers before a run', () => {
  it('stay pending where there is no register, and in a rehearsal', async () => {
    const said = register({ [AUSTRIAN]: 'valid' });
    expect((await validate(undefined)).known).toEqual({});
    expect((await validate(said, true)).known).toEqual({});
    expect(said.asked).toEqual([]);
  });

  it('are asked about; what the register could not say is asked again, what it said is not', async () => {
    const first = register({ [AUSTRIAN]: 'valid' });
    expect(await validate(first)).toEqual({
      known: { [AUSTRIAN]: 'valid' },
      seen: [AUSTRIAN, FRENCH],
    });
    const second = register({ [FRENCH]: 'invalid' });
    expect((await validate(second)).known).toEqual({ [AUSTRIAN]: 'valid', [FRENCH]: 'invalid' });
    expect(second.asked).toEqual([FRENCH]);
    expect((await validate(undefined)).known).toEqual({ [AUSTRIAN]: 'valid', [FRENCH]: 'invalid' });
  });

  it('count by their last plain answer: an outage afterwards changes nothing', async () => {
    const { db } = connection;
    const at = (day: string) => new Date(`${day}T10:00:00Z`);
    await recordVatValidation(db, {
      vatNumber: 'DE1',
      answer: 'invalid',
      checkedAt: at('2026-01-01'),
    });
    await recordVatValidation(db, {
      vatNumber: 'DE1',
      answer: 'valid',
      checkedAt: at('2026-02-01'),
    });
    await recordVatValidation(db, {
      vatNumber: 'DE1',
      answer: 'unknown',
      checkedAt: at('2026-03-01'),
    });
    expect(await knownVatAnswers(db, ['DE1', 'DE2'])).toEqual(new Map([['DE1', 'valid']]));
    expect((await lastVatValidations(db, ['DE1'])).get('DE1')?.checkedAt).toEqual(at('2026-02-01'));
    expect(await knownVatAnswers(db, [])).toEqual(new Map());
  });
});
