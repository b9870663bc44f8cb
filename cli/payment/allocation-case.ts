/** The JSON of an allocation case, read at the border: types, defaults and where in the file something is wrong. */
import { z } from 'zod';
import { type AllocationCase, DEFAULT_POLICY } from '../../domain/allocation/case.ts';
import { isCivilDate } from '../../domain/dates/dates.ts';
import { isDecimal } from '../../domain/money/decimal.ts';

const amount = z.int({ error: 'a whole number of minor units' });
const amountOrZero = amount.nullish().transform((value) => value ?? 0);
const name = z.string().min(1, { error: 'a name, not an empty text' });
const orNull = z
  .string()
  .nullish()
  .transform((value) => value || null);
const date = z.string().refine(isCivilDate, { error: 'a date YYYY-MM-DD' });
const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, { error: 'an ISO 4217 code such as EUR' })
  .transform((code) => code.toUpperCase());
const lineId = z.union([z.string().min(1), z.int()], {
  error: 'a line number, or costs, or interest',
});
const percent = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((value) => isDecimal(value), { error: 'a decimal with at most 6 places' });

const payment = z.object({
  amount,
  currency,
  received: date,
  account: orNull,
  reference: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  lines: z
    .array(
      z.object({
        invoice: name,
        line: lineId.nullish().transform((line) => line ?? null),
        subcontract: orNull,
        amount,
      }),
    )
    .nullish()
    .transform((lines) => lines ?? []),
});

const policy = z
  .object({
    oldestFirst: z.boolean().default(DEFAULT_POLICY.oldestFirst),
    lineOrder: z.enum(['in-order', 'pro-rata']).default(DEFAULT_POLICY.lineOrder),
    tolerance: amount.default(DEFAULT_POLICY.tolerance),
    clearing: z
      .enum(['principal-first', 'costs-interest-principal'])
      .default(DEFAULT_POLICY.clearing),
  })
  .nullish()
  .transform((given) => given ?? DEFAULT_POLICY);

const openInvoice = z
  .object({
    invoice: name,
    account: name,
    contract: orNull,
    currency,
    issued: date.nullish(),
    due: date,
    balance: amount,
    costs: amountOrZero,
    interest: amountOrZero,
    discount: z.object({ percent, until: date }).nullish(),
    lines: z.array(
      z.object({
        line: lineId,
        subcontract: orNull,
        open: amount,
        disputed: z.boolean().default(false),
      }),
    ),
  })
  .transform(({ issued, discount, ...invoice }) => ({
    ...invoice,
    ...(issued ? { issued } : {}),
    ...(discount ? { discount } : {}),
  }));

const allocationCase = z.object({ payment, policy, openInvoices: z.array(openInvoice) });

/** What is wrong with a case and where: `openInvoices[2].balance`. */
export interface CaseFault {
  readonly path: string;
  readonly message: string;
}

const pathOf = (keys: readonly PropertyKey[]) =>
  keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

/** Reads one case. @returns the case, or every fault of its JSON. */
export function readAllocationCase(
  json: unknown,
): { readonly question: AllocationCase } | { readonly faults: readonly CaseFault[] } {
  const read = allocationCase.safeParse(json);
  if (read.success) return { question: read.data };
  return {
    faults: read.error.issues.map(({ path, message }) => ({ path: pathOf(path), message })),
  };
}
