/**
 * What one decision can do about a finding. The catalogue of rules says which kinds a finding offers; here is what each kind
 * does: its form, the before and after that the engine computes, and how it is carried out. Carrying out binds to the hash of
 * what was shown; it computes everything anew, so that nothing is done to books that have changed meanwhile.
 */
import {
  connectedSystems,
  findingName,
  noteOnFinding,
  outsideSources,
  type StoredFinding,
} from '../../db/index.ts';
import { ruleText } from '../../domain/findings/catalogue.ts';
import type { ActionKind } from '../../domain/findings/finding.ts';
import type { RouteContext } from '../app.ts';
import { ProblemError } from '../problems.ts';
import { checkShown, withShownHash } from '../shown.ts';
import type { FindingActionView, FindingDone, FindingPreview } from '../types.ts';
import { todayOf } from '../views/parties.ts';
import { billingPlan } from './billing-actions.ts';
import { mergeFields, mergePlan } from './merge-action.ts';
import {
  accountingPlan,
  crmFields,
  crmPlan,
  noLicense,
  noNote,
  notPosted,
  outsidePage,
  questionFields,
  questionPlan,
  replacePlan,
  switchPlan,
} from './outside-actions.ts';
import {
  type Case,
  type Deed,
  type FindingAction,
  type Input,
  type Plan,
  type Reading,
  textOf,
} from './plan.ts';
import {
  amendFields,
  amendPlan,
  canCorrect,
  contractFields,
  contractPlan,
  correctionFields,
  correctionPlan,
  moveFields,
  movePlan,
  priceFields,
  pricePlan,
} from './record-actions.ts';

const contractPage = ({ row }: Case) =>
  row.contract === null ? null : `/contracts/${encodeURIComponent(row.contract)}`;
const accountPage = ({ row }: Case) =>
  row.account === null ? null : `/accounts/${encodeURIComponent(row.account)}`;
const paymentPage = ({ row }: Case) => {
  const payment = textOf(row, 'payment');
  return payment === null ? '/cash' : `/cash/${encodeURIComponent(payment)}`;
};

const noSubcontract = ({ row }: Case) =>
  row.subcontract === null ? 'It is about no single subcontract; open the contract.' : null;

const ACTIONS: Readonly<Partial<Record<ActionKind, FindingAction>>> = {
  billNow: {
    label: 'Bill now',
    words: 'Bills the difference at once, with all the checks of a run.',
    needsApproval: true,
    plan: billingPlan,
  },
  credit: {
    label: 'Credit',
    words: 'Credits the difference at once, with all the checks of a run.',
    needsApproval: true,
    plan: billingPlan,
  },
  amend: {
    label: 'Amend',
    words: 'Changes what is agreed from a day on.',
    unavailable: noSubcontract,
    link: (found) => (noSubcontract(found) === null ? null : contractPage(found)),
    fields: amendFields,
    plan: amendPlan,
  },
  move: {
    label: 'Move',
    words: 'Moves the license to the contract’s account, or the subcontract to another contract.',
    fields: moveFields,
    plan: movePlan,
  },
  reEnable: {
    label: 'Switch on again',
    words: 'Switches the suspended license on again.',
    unavailable: noLicense('suspended'),
    plan: switchPlan('enabled'),
  },
  suspendLicense: {
    label: 'Switch off',
    words: 'Switches the license off until it is paid for.',
    unavailable: noLicense('enabled'),
    plan: switchPlan('suspended'),
  },
  replaceLicense: {
    label: 'Replace the license',
    words: 'Issues the license that follows from what is paid.',
    unavailable: ({ row }) => (row.contract === null ? 'It is about no contract.' : null),
    plan: replacePlan,
  },
  drawUpContract: {
    label: 'Draw up the contract',
    words: 'Makes a contract of what was ordered; the next run bills it.',
    unavailable: ({ row }) =>
      textOf(row, 'order') === null ? 'There is no order here to draw it up from.' : null,
    fields: contractFields,
    plan: contractPlan,
  },
  renew: {
    label: 'Open the contract',
    words: 'The next term, or its lapse, is decided on the contract’s page.',
    link: contractPage,
  },
  allocate: {
    label: 'Allocate',
    words: 'The money is allocated on the payment’s page.',
    link: paymentPage,
  },
  addPrice: {
    label: 'Add a price',
    words: 'Adds a price to the list.',
    unavailable: ({ row }) =>
      textOf(row, 'priceList') === null ? 'It names no price list; open the contract.' : null,
    link: (found) => (textOf(found.row, 'priceList') === null ? contractPage(found) : null),
    fields: priceFields,
    plan: pricePlan,
  },
  mergeCustomer: {
    label: 'Merge the two',
    words: 'Makes one customer of two: contracts, contacts, licenses and credit move to the other.',
    needsApproval: true,
    unavailable: ({ row }) =>
      row.rule === 'customer-duplicated'
        ? null
        : 'Merge the two in accounting; the next look over the books closes this finding.',
    link: (found) =>
      found.row.rule === 'customer-duplicated' ? null : outsidePage('accounting')(found),
    fields: mergeFields,
    plan: mergePlan,
  },
  correctRecord: {
    label: 'Correct our record',
    words: 'Corrects what is recorded here.',
    unavailable: ({ row }) => (canCorrect(row.rule) ? null : 'Correct it on its own page.'),
    link: (found) =>
      canCorrect(found.row.rule) ? null : (contractPage(found) ?? accountPage(found)),
    fields: correctionFields,
    plan: correctionPlan,
  },
  correctInCrm: {
    label: 'Correct in the CRM',
    words:
      'Writes what we know into the customer there, or tells whoever keeps it what to correct.',
    unavailable: noNote,
    link: outsidePage('crm'),
    fields: crmFields,
    plan: crmPlan,
  },
  correctInAccounting: {
    label: 'Correct in accounting',
    words: 'Posts what is missing there, or writes what we know into the customer there.',
    unavailable: notPosted,
    link: (found) => (notPosted(found) === null ? null : outsidePage('accounting')(found)),
    plan: accountingPlan,
  },
  askOwner: {
    label: 'Ask the account’s owner',
    words: 'Asks by mail; the answer comes by a link and stands here.',
    unavailable: ({ row }) => (row.account === null ? 'It is about no customer.' : null),
    fields: questionFields,
    plan: questionPlan,
  },
};

async function caseOf(context: Reading, row: StoredFinding): Promise<Case> {
  const { db, now } = context;
  const needs = ruleText(row.rule)?.needs ?? null;
  return {
    ...{ context, row, today: await todayOf(db, now()) },
    connected: await connectedSystems(db),
    outside: needs === 'accounting' || needs === 'crm' ? await outsideSources(db) : {},
  };
}

/** The actions that a finding offers, the likeliest first. Accepting it has an address of its own. */
export async function actionViews(
  context: Reading,
  row: StoredFinding,
): Promise<FindingActionView[]> {
  const found = await caseOf(context, row);
  const views: FindingActionView[] = [];
  for (const kind of row.told.actions) {
    const action = ACTIONS[kind];
    if (action === undefined) continue;
    const unavailable = action.unavailable?.(found) ?? null;
    const canBeDone = action.plan !== undefined && unavailable === null;
    views.push({
      action: kind,
      label: action.label,
      words: action.words,
      fields: canBeDone ? ((await action.fields?.(found)) ?? []) : [],
      needsApproval: action.needsApproval ?? false,
      link: action.link?.(found) ?? null,
      unavailable,
    });
  }
  return views;
}

async function planOf(
  context: Reading,
  row: StoredFinding,
  kind: string,
  input: Input,
): Promise<Plan> {
  const name = findingName(row.number);
  if (row.state === 'resolved')
    throw new ProblemError('already-decided', `${name} is resolved; nothing is left to do.`);
  const offered = (row.told.actions as readonly string[]).includes(kind);
  const action = offered ? ACTIONS[kind as ActionKind] : undefined;
  if (action === undefined)
    throw new ProblemError('not-found', `${name} offers no action ${JSON.stringify(kind)}.`);
  const found = await caseOf(context, row);
  const unavailable = action.unavailable?.(found) ?? null;
  if (unavailable !== null) throw new ProblemError('state-conflict', unavailable);
  if (action.plan === undefined) throw new ProblemError('state-conflict', action.words);
  return action.plan(found, input);
}

function previewOf(row: StoredFinding, kind: string, plan: Plan): FindingPreview {
  const { words, changes, needsApproval } = plan;
  const finding = findingName(row.number);
  return withShownHash({ finding, action: kind, words, changes, needsApproval });
}

/** What an action would do, before and after, computed by the engine from the books as they are. */
export async function previewAction(
  context: Reading,
  row: StoredFinding,
  kind: string,
  input: Input,
): Promise<FindingPreview> {
  return previewOf(row, kind, await planOf(context, row, kind, input));
}

/** Does exactly what was shown: other numbers are refused (`numbers-changed`). Then the books are looked over again. */
export async function carryOutAction(
  context: RouteContext,
  row: StoredFinding,
  asked: { readonly kind: string; readonly input: Input; readonly shownHash: string },
  deed: Deed,
): Promise<FindingDone> {
  const { kind, input, shownHash } = asked;
  const plan = await planOf(context, row, kind, input);
  checkShown(previewOf(row, kind, plan), shownHash);
  const done = await plan.carryOut(context, deed);
  const { words, link, waitsForApproval } = done;
  if (done.kind !== null) {
    const on = await todayOf(context.db, context.now());
    const { actor, reason } = deed;
    const details = { words, ...(link === null ? {} : { link }), action: kind };
    await noteOnFinding(context.db, {
      number: row.number,
      kind: done.kind,
      actor,
      on,
      reason,
      details,
    });
    if (!waitsForApproval) await context.processes.lookOverBooks('after-action');
  }
  return { finding: findingName(row.number), action: kind, words, link, waitsForApproval };
}
