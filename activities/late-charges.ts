/** Late charges (billing rules §6): what is agreed, what it comes to by a day, and the document of its own. */
import {
  balanceChanges,
  type Db,
  getInvoice,
  getInvoiceByKey,
  type Invoice,
  type InvoiceWithLines,
  issueSingle,
  type LateChargeRecord,
  lateChargesFor,
  lateTermsOf,
  setReminderStage,
} from '../db/index.ts';
import { languageOf, type Parties } from '../documents/from-record.ts';
import { lateChargeClause } from '../documents/late-charge-clause.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import {
  type LateInvoice,
  lateChargeDocument,
  overdueBalances,
} from '../domain/dunning/late-charge-document.ts';
import { type LateCharge, lateCharge } from '../domain/dunning/late-charges.ts';
import { lateChargeKey } from '../workflows/ids.ts';
import type { InvoiceSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { beginLife } from './document-life.ts';
import { stepFailed } from './failures.ts';
import { partiesOf } from './mails.ts';

/** The clause that an invoice prints; null where nothing is agreed. */
export async function clauseOf(db: Db, invoice: Invoice, parties: Parties): Promise<string | null> {
  const terms = await lateTermsOf(db, invoice, invoice.issuedOn);
  const country = parties.entity?.country ?? null;
  return lateChargeClause(terms, invoice.issuedOn, languageOf(parties), country);
}

function lateInvoiceOf({ invoice: row, lines }: InvoiceWithLines): LateInvoice {
  const { invoice, entity, account, contract, currency, issuedOn, dueOn, totalMinor } = row;
  const wholly = row.disputed && lines.every(({ disputed }) => !disputed);
  const disputed = lines.filter((line) => wholly || line.disputed);
  const disputedMinor = disputed.reduce((sum, { openMinor }) => sum + openMinor, 0);
  return {
    invoice,
    entity,
    account,
    contract,
    currency,
    issuedOn,
    dueOn,
    totalMinor,
    disputedMinor,
  };
}

/** What earlier charges took, together; null before the first. */
function chargedBefore(records: readonly LateChargeRecord[]) {
  const last = records.at(-1);
  if (last === undefined) return null;
  const sum = (of: (record: LateChargeRecord) => number) =>
    records.reduce((total, record) => total + of(record), 0);
  return {
    through: last.through,
    interestMinor: sum(({ interestMinor }) => interestMinor),
    feeMinor: sum(({ feeMinor }) => feeMinor),
  };
}

/** What a late charge of an invoice would be on a day; null where none is agreed or due. */
export async function lateChargeDue(
  db: Db,
  found: InvoiceWithLines,
  today: CivilDate,
): Promise<LateCharge | null> {
  const terms = await lateTermsOf(db, found.invoice, today);
  if (terms === null) return null;
  const late = lateInvoiceOf(found);
  const balances = overdueBalances(late, await balanceChanges(db, late.invoice));
  const charged = chargedBefore(await lateChargesFor(db, late.invoice));
  const { currency, dueOn } = late;
  return lateCharge({ currency, dueOn, balances, charged }, terms, today);
}

/**
 * Issues what is due as a document with a number, a ledger entry, a paper, a mail and reminders of its own. It starts on the
 * stage that made it, and counts from the due date of its invoice: what stays open keeps that stage open. Done again, it
 * gives the first document.
 */
export async function chargeLate(
  deps: Deps,
  { invoice, step, today, clock }: Parameters<InvoiceSteps['chargeLate']>[0],
): Promise<{ lateCharge: string | null }> {
  const { db } = deps;
  const found = await getInvoice(db, invoice);
  if (found === null) throw stepFailed(`There is no invoice ${invoice}.`);
  const documentKey = lateChargeKey(invoice, step.stage);
  const issued = await issueOnce(db, found, { documentKey, stage: step.stage, today });
  if (issued === null) return { lateCharge: null };
  await setReminderStage(db, issued.invoice, step.stage);
  await beginLife(deps, issued, { clock, today });
  return { lateCharge: issued.invoice };
}

async function issueOnce(
  db: Db,
  found: InvoiceWithLines,
  { documentKey, stage, today }: { documentKey: string; stage: number; today: CivilDate },
): Promise<Invoice | null> {
  const first = await getInvoiceByKey(db, documentKey);
  if (first !== null) return first.invoice;
  const charge = await lateChargeDue(db, found, today);
  if (charge === null) return null;
  const late = lateInvoiceOf(found);
  const parties = await partiesOf(db, late.account, late.entity);
  const record: LateChargeRecord = {
    invoice: late.invoice,
    stage,
    through: charge.through,
    interestMinor: charge.interestMinor,
    feeMinor: charge.feeMinor,
  };
  const { invoice } = await issueSingle(db, {
    documentKey,
    type: 'late_charge',
    document: lateChargeDocument(late, charge, today, languageOf(parties)),
    issuedOn: today,
    orLater: true,
    reason: charge.words,
    keeps: { lateCharge: record },
  });
  return invoice;
}
