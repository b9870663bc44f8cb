/** The steps of findings: looking over the books, and what a fix does outside the database. */
import { Context } from '@temporalio/activity';
import {
  addTimelineEvent,
  type FindingPass,
  findingName,
  getFact,
  getFinding,
  getFindingQuestion,
  getLicense,
  hashOf,
  noteOnFinding,
  type PassCause,
  reconcile,
  setLicenseState,
  withEffect,
} from '../db/index.ts';
import { ruleText } from '../domain/findings/catalogue.ts';
import { effectKey, issuedLicenseName } from '../workflows/ids.ts';
import type { FindingFixArgs } from '../workflows/messages.ts';
import type { FindingSteps, InvoiceSteps, PaymentSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, stepFailed } from './failures.ts';
import { questionMail } from './letters.ts';
import { refreshLicenses } from './license-steps.ts';
import { partiesOf, sendMail } from './mails.ts';
import { todayAt } from './moment.ts';
import { changesInWords, correctCustomer, outsideSteps, postCustomer } from './outside-steps.ts';

type Timed = FindingFixArgs & { readonly at: string };

/**
 * One look over the real world's books, as of today in the seller's time zone.
 * @param args.at the engine's time when it was asked for: what its processes have dated by then is seen. A look that is tried
 *   again later is as of that later day.
 */
export async function reconcileBooks(
  { db }: Pick<Deps, 'db'>,
  args: {
    readonly cause: PassCause;
    readonly at?: string;
    readonly onProgress: (doing: string) => void;
  },
): Promise<FindingPass> {
  const { cause, at = '', onProgress } = args;
  const now = new Date().toISOString();
  const asOf = await todayAt(db, at > now ? at : now);
  return reconcile(db, { asOf, cause, onProgress });
}

async function sendFindingQuestion(deps: Deps, args: Timed): Promise<void> {
  const { db, links } = deps;
  if (args.fix.kind !== 'ask-owner') throw stepFailed(`${args.key} asks nobody.`);
  const question = await getFindingQuestion(db, args.fix.question);
  const finding = await getFinding(db, args.finding);
  if (question === null || finding === null) throw stepFailed(`${args.key} has no question.`);
  const account = finding.account ?? '';
  const parties = await partiesOf(db, account);
  const title = ruleText(finding.rule)?.title ?? finding.rule;
  const text = await questionMail(
    {
      finding: findingName(finding.number),
      title,
      account: parties.account.name,
      question: question.words,
      suggestion: finding.told.suggestion,
      amountMinor:
        finding.currency === null || finding.amountMinor === 0 ? null : finding.amountMinor,
      currency: finding.currency,
      url: links.answerQuestion(question.question),
    },
    parties,
  );
  await sendMail(deps, {
    key: effectKey(question.question, 'mail'),
    kind: 'question',
    account,
    contract: finding.contract,
    invoice: null,
    text,
    attachments: [],
    follows: [],
    to: question.recipient,
    cc: [],
    today: await todayAt(db, args.at),
  });
}

/** What whoever issued it enforces, where it was issued here; then the record follows. */
async function setLicense(deps: Deps, args: Timed, today: string): Promise<null> {
  const { db, issuer } = deps;
  if (args.fix.kind !== 'set-license') throw stepFailed(`${args.key} sets no license.`);
  const { license, state, reason } = args.fix;
  const ours = await getLicense(db, license);
  const fact = await getFact(db, 'licenses', { license });
  if (ours === null && fact === null) throw stepFailed(`There is no license ${license}.`);
  if (ours !== null) {
    const name = issuedLicenseName(ours.subcontract ?? ours.license, ours.issueNumber);
    const answer = await (state === 'suspended' ? issuer.suspend(name) : issuer.reinstate(name));
    if (answer.result === 'unknown') throw outcomeUnknown(answer.message);
    if (answer.result === 'rejected')
      throw stepFailed(`License ${license} could not be switched: ${answer.message}`);
  }
  const actor = args.actor.user;
  await setLicenseState(db, license, state, { cause: 'finding', actor, on: today, note: reason });
  const contract = ours?.contract ?? null;
  if (contract !== null)
    await addTimelineEvent(db, {
      key: effectKey(args.key, 'license'),
      contract,
      account: ours?.account ?? null,
      happenedOn: today,
      kind: 'license',
      words: `License ${license} switched ${state === 'suspended' ? 'off' : 'on again'}: ${reason}`,
      references: { license },
    });
  return null;
}

async function fixLicenses(
  deps: Deps,
  args: Timed,
): Promise<{ contract: string; licenses: readonly string[]; today: string } | null> {
  const today = await todayAt(deps.db, args.at);
  if (args.fix.kind !== 'refresh-licenses') return setLicense(deps, args, today);
  const { contract } = args.fix;
  const { issued } = await refreshLicenses(deps, {
    contract,
    cause: 'granted',
    reference: args.key,
    today,
  });
  return { contract, licenses: issued.map(({ license }) => license), today };
}

type Exports = Pick<InvoiceSteps, 'exportInvoice'> & Pick<PaymentSteps, 'exportPayment'>;

async function writeBack(deps: Deps, exports: Exports, args: Timed): Promise<void> {
  const { db, crm } = deps;
  const { fix, key } = args;
  const today = await todayAt(db, args.at);
  if (fix.kind === 'post-in-accounting')
    return exports.exportInvoice({ invoice: fix.document, today });
  if (fix.kind === 'post-payment-in-accounting')
    return exports.exportPayment({ payment: fix.payment, today });
  if (fix.kind === 'correct-customer') return correctCustomer(deps, args, fix);
  if (fix.kind === 'post-customer-in-accounting') return postCustomer(deps, args, fix);
  if (fix.kind !== 'note-in-crm') throw stepFailed(`${key} writes nothing back.`);
  const { account, contract, subject, body } = fix;
  const note = { key: effectKey(key, 'crm'), account, contract, subject, body, notedOn: today };
  const effect = { key: note.key, system: crm.system, inputHash: hashOf({ subject, body }) };
  const outcome = await withEffect(db, effect, async () => {
    const answer = await crm.addNote(note);
    if (answer.result === 'ok') return { state: 'ok', result: answer.reference };
    return { state: answer.result, reason: answer.message };
  });
  if (outcome.state === 'rejected') throw stepFailed(`The CRM refused the note: ${outcome.reason}`);
  if (outcome.state === 'unknown') throw outcomeUnknown(outcome.reason);
}

const DONE: Readonly<Record<FindingFixArgs['fix']['kind'], string>> = {
  'ask-owner': 'asked',
  'refresh-licenses': 'license-replaced',
  'set-license': 'license-switched',
  'note-in-crm': 'written-to-crm',
  'post-in-accounting': 'posted-in-accounting',
  'post-payment-in-accounting': 'posted-in-accounting',
  'correct-customer': 'corrected-outside',
  'post-customer-in-accounting': 'posted-in-accounting',
};

export function findingSteps(deps: Deps, exports: Exports): FindingSteps {
  const { db } = deps;
  return {
    reconcileBooks: async ({ cause, at }) => {
      const onProgress = (doing: string) => Context.current().heartbeat(doing);
      const pass = await reconcileBooks(deps, { cause, at, onProgress });
      const { seenCount, newCount, closedCount, uncheckedCount } = pass;
      return { seen: seenCount, found: newCount, closed: closedCount, unchecked: uncheckedCount };
    },
    ...outsideSteps(deps),
    sendFindingQuestion: (args) => sendFindingQuestion(deps, args),
    fixLicenses: (args) => fixLicenses(deps, args),
    writeBack: (args) => writeBack(deps, exports, args),
    noteFix: async ({ finding, fix, actor, reason, key, at, failure }) =>
      noteOnFinding(db, {
        number: finding,
        kind: failure === null ? DONE[fix.kind] : 'fix-failed',
        actor,
        on: await todayAt(db, at),
        reason: failure ?? reason,
        details: {
          ...{ fix: fix.kind, key },
          ...(fix.kind === 'correct-customer' ? { words: changesInWords(fix) } : {}),
        },
      }),
  };
}
