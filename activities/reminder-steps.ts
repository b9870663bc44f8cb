/** The reminder ladder over the record: which stage an invoice takes next, and what taking it means (billing rules §6). */
import {
  addTimelineEvent,
  type Db,
  getFact,
  getInvoice,
  type Invoice,
  type InvoiceWithLines,
  invoicesOfAccount,
  lateChargeRecord,
  lateTermsOf,
  policiesFor,
  reminderFacts,
  reminderFactsOf,
  setReminderStage,
} from '../db/index.ts';
import type { Row } from '../domain/book/tables.ts';
import { type CivilDate, daysBetween } from '../domain/dates/dates.ts';
import {
  DEFAULT_LADDER,
  type Ladder,
  letterNumber,
  parseLadder,
} from '../domain/dunning/ladder.ts';
import { type DunningFacts, nextReminder, remindersDue } from '../domain/dunning/reminders.ts';
import { Refusal } from '../domain/refusal.ts';
import { effectKey, reminderKey } from '../workflows/ids.ts';
import type { InvoiceSteps, LadderStep } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { stepFailed } from './failures.ts';
import { lateChargeDue } from './late-charges.ts';
import { type ReminderContent, reminderMail } from './letters.ts';
import { suspendUnpaid } from './license-steps.ts';
import { attachmentsOf, partiesOf, sendMail } from './mails.ts';

export async function ladderOf(
  db: Db,
  { account, entity, contract }: Pick<Invoice, 'account' | 'entity' | 'contract'>,
  on: CivilDate,
): Promise<{ ladder: Ladder; neverDunned: boolean }> {
  const policies = await policiesFor(db, { account, entity, contract, on });
  const text = policies.dunning ?? null;
  if (text === null) return { ladder: DEFAULT_LADDER, neverDunned: false };
  if (/^(never|none|no|off)$/i.test(text.trim())) return { ladder: [], neverDunned: true };
  return { ladder: parseLadder(text), neverDunned: false };
}

/** What the ladder asks of one open invoice; null where it is no document of ours to remind of. */
export async function dunningFacts(
  db: Db,
  found: InvoiceWithLines & { readonly account: Row<'accounts'> | null },
  neverDunned: boolean,
  stageTakenOn: CivilDate | null,
): Promise<DunningFacts | null> {
  const { invoice, lines } = found;
  if (invoice.type === 'credit_note') return null;
  const facts = reminderFactsOf(found, found.account);
  const open = lines.filter(({ openMinor }) => openMinor > 0);
  const lateFor = lateChargeRecord(invoice);
  const late = lateFor === null ? null : await getInvoice(db, lateFor.invoice);
  return {
    invoice: invoice.invoice,
    entity: invoice.entity,
    account: invoice.account,
    currency: invoice.currency,
    dueOn: late?.invoice.dueOn ?? invoice.dueOn,
    balanceMinor: facts.balanceMinor,
    remindableMinor: facts.remindableMinor,
    promisedUntil: facts.promisedUntil,
    insolventSince: facts.insolventSince,
    neverDunned,
    stage: facts.reminderStage,
    stageTakenOn,
    openSubcontracts: [...new Set(open.flatMap(({ subcontract }) => subcontract ?? []))],
  };
}

/** All that an account owes one entity, as the ladder sees it. */
export async function accountFacts(
  db: Db,
  of: Invoice,
  neverDunned: boolean,
): Promise<DunningFacts[]> {
  const open = (await invoicesOfAccount(db, of.account)).filter(
    ({ entity, balanceMinor, type, source }) =>
      entity === of.entity && balanceMinor > 0 && type !== 'credit_note' && source === of.source,
  );
  const facts: DunningFacts[] = [];
  const account = open.length === 0 ? null : await getFact(db, 'accounts', { account: of.account });
  for (const { invoice } of open) {
    const found = await getInvoice(db, invoice);
    const one =
      found === null ? null : await dunningFacts(db, { ...found, account }, neverDunned, null);
    if (one !== null) facts.push(one);
  }
  return facts;
}

async function invoiceOf(db: Db, invoice: string): Promise<InvoiceWithLines> {
  const found = await getInvoice(db, invoice);
  if (found === null) throw stepFailed(`There is no invoice ${invoice}.`);
  return found;
}

export async function takeStage(
  deps: Deps,
  { invoice, step, today }: Parameters<InvoiceSteps['takeStage']>[0],
): ReturnType<InvoiceSteps['takeStage']> {
  const { db } = deps;
  const { invoice: row, lines } = await invoiceOf(db, invoice);
  const { ladder, neverDunned } = await ladderOf(db, row, today);
  const taken = (await reminderFacts(db, invoice))?.reminderStage ?? 0;
  if (taken >= step.stage) return { reminds: [] };
  const groups = remindersDue(await accountFacts(db, row, neverDunned), ladder, today);
  const group = groups.find(
    ({ stage, items }) =>
      stage.stage === step.stage && items.some((item) => item.invoice === invoice),
  );
  // Paid, disputed or promised in the meantime: the next plan says so.
  if (group === undefined) return { reminds: [] };
  for (const item of group.items) await setReminderStage(db, item.invoice, step.stage);
  const { actions } = group.stage;
  const contracts = new Set(lines.flatMap(({ contract }) => contract ?? []));
  for (const contract of contracts) {
    if (actions.includes('suspend-licenses'))
      await suspendUnpaid(deps, {
        contract,
        subcontracts: openOf(group.items),
        invoice,
        today,
      });
    await addTimelineEvent(db, {
      key: effectKey(row.documentKey ?? invoice, `stage-${step.stage}:${contract}`),
      contract,
      account: row.account,
      happenedOn: today,
      kind: 'reminder',
      words: wordsOf(group.stage.name, invoice, actions),
      references: { invoice },
    });
  }
  if (actions.includes('task') || actions.includes('escalate'))
    await noteTask(deps, row, step, today);
  const writes = ['courtesy-note', 'reminder', 'final-notice'] as const;
  const reminds = writes.some((action) => actions.includes(action))
    ? group.items.map((item) => item.invoice)
    : [];
  if (!actions.includes('late-charge')) return { reminds };
  return { reminds, charges: await chargeable(db, group.items, today) };
}

/** Those for which a late charge is agreed: most sellers agree on none, and then no step is taken for it. */
async function chargeable(
  db: Db,
  items: readonly { readonly invoice: string }[],
  today: CivilDate,
): Promise<string[]> {
  const agreed: string[] = [];
  for (const { invoice } of items) {
    const { invoice: row } = await invoiceOf(db, invoice);
    if (await isAgreed(db, row, today)) agreed.push(invoice);
  }
  return agreed;
}

/** Terms that can not be read are a person's to correct: the step that charges says so, and the reminder goes out. */
async function isAgreed(db: Db, invoice: Invoice, today: CivilDate): Promise<boolean> {
  try {
    return (await lateTermsOf(db, invoice, today)) !== null;
  } catch (error) {
    if (error instanceof Refusal) return true;
    throw error;
  }
}

function openOf(items: readonly { readonly openSubcontracts: readonly string[] }[]): string[] {
  return items.flatMap(({ openSubcontracts }) => [...openSubcontracts]);
}

function wordsOf(name: string, invoice: string, actions: readonly string[]): string {
  const also = [
    actions.includes('credit-hold') ? 'no new orders and no renewal until it is paid' : null,
    actions.includes('suspend-licenses') ? 'licenses of what is unpaid are suspended' : null,
  ].filter((word) => word !== null);
  return `${name} for ${invoice}${also.length === 0 ? '' : `: ${also.join('; ')}`}`;
}

async function noteTask(
  { crm }: Deps,
  row: Invoice,
  step: LadderStep,
  today: CivilDate,
): Promise<void> {
  await crm.addNote({
    key: effectKey(row.documentKey ?? row.invoice, `task-${step.stage}`),
    account: row.account,
    contract: row.contract,
    subject: `${step.name}: ${row.invoice} is unpaid`,
    body: `Invoice ${row.invoice}, due ${row.dueOn}, has reached "${step.name}". Please call.`,
    notedOn: today,
  });
}

/** Interest up to the day that no late charge took yet; 0 where none is agreed. */
async function interestToday(db: Db, of: InvoiceWithLines, today: CivilDate): Promise<number> {
  if (!(await isAgreed(db, of.invoice, today))) return 0;
  return (await lateChargeDue(db, of, today))?.interestMinor ?? 0;
}

/** Which of the mails a stage is: by its actions and the number its letter bears. */
function mailKindOf(ladder: Ladder, stage: number): ReminderContent['kind'] {
  const actions = ladder.find((one) => one.stage === stage)?.actions ?? [];
  if (actions.includes('final-notice')) return 'final-notice';
  if (actions.includes('courtesy-note')) return 'courtesy';
  return letterNumber(ladder, stage) === 1 ? 'reminder-1' : 'reminder-2';
}

/** One mail for an account and stage. What was paid or disputed since the stage was taken is left out. */
export async function sendReminder(
  deps: Deps,
  { invoices, step, today }: Parameters<InvoiceSteps['sendReminder']>[0],
): Promise<void> {
  const { db } = deps;
  const found: InvoiceWithLines[] = [];
  for (const invoice of invoices) {
    const one = await invoiceOf(db, invoice);
    const facts = reminderFactsOf(one, null);
    if (facts.remindableMinor > 0 && facts.balanceMinor > 0) found.push(one);
  }
  const [oldest] = [...found].sort((a, b) => (a.invoice.dueOn < b.invoice.dueOn ? -1 : 1));
  if (oldest === undefined) return;
  const { invoice: first } = oldest;
  const { ladder } = await ladderOf(db, first, today);
  const parties = await partiesOf(db, first.account, first.entity);
  const stage = ladder.find((one) => one.stage === step.stage);
  const { account } = parties;
  const facts = await dunningFacts(db, { ...oldest, account }, false, today);
  const { next } = facts === null ? { next: null } : nextReminder(facts, ladder, today);
  const interest = new Map<string, number>();
  for (const one of found) interest.set(one.invoice.invoice, await interestToday(db, one, today));
  const items = found.map(({ invoice, lines }) => ({
    invoice: invoice.invoice,
    issueDate: invoice.issuedOn,
    dueDate: invoice.dueOn,
    totalMinor: invoice.totalMinor,
    openMinor: invoice.balanceMinor,
    daysOverdue: Math.max(0, daysBetween(invoice.dueOn, today)),
    disputed: invoice.disputed,
    contract: invoice.contract ?? lines[0]?.contract ?? null,
    interestMinor: interest.get(invoice.invoice) ?? 0,
  }));
  const owner = account.ownerEmail;
  const copies = owner !== null && stage?.actions.includes('copy-owner') === true ? [owner] : [];
  const attachments = [];
  for (const { invoice } of found)
    if (invoice.documentKey !== null)
      attachments.push(...(await attachmentsOf(db, effectKey(invoice.documentKey, 'pdf'))));
  await sendMail(deps, {
    key: reminderKey(first.account, String(step.stage), first.dueOn),
    kind: 'reminder',
    account: first.account,
    contract: first.contract,
    invoice: first.invoice,
    text: await reminderMail(
      {
        kind: mailKindOf(ladder, step.stage),
        next,
        items,
        currency: first.currency,
        asOf: today,
        payUrl: deps.links.payInvoice(first.invoice),
        reference: first.paymentReference,
      },
      parties,
    ),
    attachments,
    follows: first.documentKey === null ? [] : [effectKey(first.documentKey, 'mail')],
    to: null,
    cc: copies,
    today,
  });
}
