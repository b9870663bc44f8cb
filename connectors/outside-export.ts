/**
 * An export of what other systems hold, as a JSON file (domain/findings/outside.ts): each system as it was read last. People
 * bring it where a system has no interface that we read, and `book findings --outside` takes it.
 */
import { z } from 'zod';
import { isCivilDate } from '../domain/dates/dates.ts';
import { errorWords } from '../domain/error-words.ts';
import type { OutsideRecords } from '../domain/findings/outside.ts';

/** Longer files are refused while they arrive. */
export const MAX_EXPORT_BYTES = 64 * 1024 * 1024;

/** What is wrong with an export, in words that name the field. */
export class OutsideExportError extends Error {
  override readonly name = 'OutsideExportError';
}

const day = z.string().refine(isCivilDate, 'a day as YYYY-MM-DD');
const text = z.string().nullable().default(null);
const minor = z.int();

function source<T extends z.ZodType>(records: T) {
  return z.object({
    records: records.nullable(),
    checkedOn: day.nullable(),
    reason: text,
  });
}

const customer = z.object({
  id: z.string(),
  name: text,
  addressLine1: text,
  city: text,
  postalCode: text,
  country: text,
  taxId: text,
  email: text,
  url: text,
});

const accounting = z.object({
  since: day.nullable().default(null),
  customers: z.array(customer),
  documents: z.array(
    z.object({
      id: z.string(),
      number: z.string(),
      customer: text,
      type: z.enum(['invoice', 'credit_note', 'late_charge']),
      issuedOn: day.nullable().default(null),
      currency: text,
      totalMinor: minor,
      url: text,
    }),
  ),
  payments: z.array(
    z.object({
      id: z.string(),
      payment: text,
      customer: text,
      receivedOn: day,
      currency: z.string(),
      amountMinor: minor,
      reference: text,
      allocations: z
        .array(z.object({ document: z.string(), amountMinor: minor }))
        .nullable()
        .default(null),
      url: text,
    }),
  ),
});

const crm = z.object({
  since: day.nullable().default(null),
  customers: z.array(customer),
  deals: z.array(
    z.object({
      id: z.string(),
      customer: text,
      stage: z.enum(['open', 'closed_won', 'closed_lost']),
      closedOn: day.nullable().default(null),
      currency: text,
      amountMinor: minor.nullable().default(null),
      url: text,
    }),
  ),
});

const mail = z.object({
  bounces: z.array(z.object({ address: z.string(), bouncedOn: day, reason: text })),
});

const ledger = z.object({
  entries: z.array(
    z.object({ entry: z.string(), currency: z.string(), sumMinor: minor, document: text }),
  ),
  receivables: z.array(
    z.object({
      account: z.string(),
      currency: z.string(),
      ledgerMinor: minor,
      openMinor: minor,
    }),
  ),
});

const outside = z.strictObject({
  accounting: source(accounting).optional(),
  crm: source(crm).optional(),
  mail: source(mail).optional(),
  ledger: source(ledger).optional(),
});

/** @throws OutsideExportError where it is no JSON, or says what no system says */
export function readOutsideExport(text: string): OutsideRecords {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const why = errorWords(cause);
    throw new OutsideExportError(`it is no JSON: ${why}`, { cause });
  }
  const read = outside.safeParse(content);
  if (!read.success)
    throw new OutsideExportError(z.prettifyError(read.error).replace(/\n\s*/g, '; '));
  const { accounting: books, crm: deals, mail: mails, ledger: postings } = read.data;
  return {
    ...(books === undefined ? {} : { accounting: books }),
    ...(deals === undefined ? {} : { crm: deals }),
    ...(mails === undefined ? {} : { mail: mails }),
    ...(postings === undefined ? {} : { ledger: postings }),
  };
}
