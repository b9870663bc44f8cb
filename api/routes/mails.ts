/** Mails that could not be delivered, sent again by the process that sends them. */
import { z } from 'zod';
import {
  audit,
  deliveriesOf,
  getEffect,
  getInvoice,
  getMail,
  type Invoice,
  invoicesOfAccount,
  type Mail,
} from '../../db/index.ts';
import { type Actor, invoiceResend, resolveParked } from '../../workflows/messages.ts';
import type { RouteContext, Routes } from '../app.ts';
import { contractArgs, foundContract } from '../contract-commands.ts';
import { actorOf } from '../http/authentication.ts';
import { askPayment, foundPayment } from '../payment-commands.ts';
import { notFound, ProblemError } from '../problems.ts';
import {
  goesAsCopy,
  isUndelivered,
  type Sender,
  senderOf,
  stateOf,
  type ToldMail,
  toldMailsOf,
} from '../views/mails.ts';
import { workflowOf } from './invoices.ts';

const RETRY = { how: 'retry', reason: 'The mail is sent again' } as const;
/** Reminders go out once for several invoices; the process of one of them holds what failed. */
const MOST_PROCESSES = 20;

export const mailRoutes: Routes = (app, context) => {
  app.post(
    '/mails/:mail/send-again',
    {
      config: { permission: 'mail:send-again', answer: 'MailSending' },
      schema: {
        summary: 'Send a mail again that could not be delivered',
        description:
          'To the addresses that the customer has now. It goes out once, however often and by however many it is asked.',
        params: z.object({ mail: z.string().min(1).max(400) }),
        body: z
          .strictObject({
            to: z
              .email()
              .max(320)
              .nullable()
              .default(null)
              .describe(
                'Only for a mail that bounced and goes out as a copy: instead of the customer’s addresses',
              ),
          })
          .nullish(),
      },
    },
    async (request, reply) => {
      const mail = await toldMail(context, request.params.mail);
      const to = request.body?.to ?? null;
      const sender = await undeliveredBy(context, mail);
      if (to !== null && !goesAsCopy(mail))
        throw new ProblemError(
          'state-conflict',
          'This mail goes to the addresses that the customer has: correct them there first.',
        );
      // The same attempt asked for twice is one message to the process: an update of that id is taken once.
      const { attempts } = (await getEffect(context.db, mail.key)) ?? { attempts: 0 };
      const id = `send-again:${mail.key}:${attempts}`;
      const asked = { actor: actorOf(request), id };
      if (goesAsCopy(mail)) await sendCopy(context, mail, to, asked);
      else await send(context, mail, sender, asked);
      await audit(context.db, {
        actor: asked.actor,
        action: 'mail.send-again',
        subject: mail.invoice ?? mail.contract ?? mail.key,
        details: { mail: mail.key, kind: mail.kind, was: stateOf(mail), reason: mail.reason, to },
      });
      return reply.code(202).send({ mail: mail.key });
    },
  );
};

async function toldMail({ db }: RouteContext, key: string): Promise<ToldMail> {
  const mail = await getMail(db, key);
  if (mail === null) throw notFound('mail', key);
  return { ...mail, deliveries: (await deliveriesOf(db, [key])).get(key) ?? [] };
}

/** What left and came back: its process has gone on, and the invoice goes out as a copy, the same request once. */
async function sendCopy(
  { db, processes }: RouteContext,
  mail: Mail,
  to: string | null,
  { actor, id }: Asked,
): Promise<void> {
  const found = await getInvoice(db, mail.invoice ?? '');
  if (found === null) throw notFound('invoice', mail.invoice ?? '');
  await processes.update(workflowOf(found.invoice), invoiceResend, [{ to }, actor], `${id}:copy`);
}

async function undeliveredBy({ db }: RouteContext, mail: ToldMail): Promise<Sender> {
  if (mail.state === 'sending' || (await getEffect(db, mail.key))?.state === 'pending')
    throw new ProblemError('state-conflict', 'This mail is being sent at this moment.');
  const all = mail.account === null ? [] : await toldMailsOf(db, { account: mail.account });
  if (!isUndelivered(mail, all))
    throw new ProblemError(
      'state-conflict',
      stateOf(mail) !== 'bounced' && mail.state === 'sent'
        ? 'This mail has left. A copy of an invoice can be sent from the invoice’s page.'
        : 'A later mail about the same has left meanwhile.',
    );
  const sender = senderOf(mail);
  if (sender === null) throw new ProblemError('state-conflict', elsewhere(mail));
  return sender;
}

/** Where a mail that no process waits to send goes out again. */
function elsewhere({ kind }: Mail): string {
  if (kind === 'key') return 'The keys left once; send them again from the license’s page.';
  if (kind === 'renewal') return 'The agreement left once; its paper is on the contract’s page.';
  if (kind === 'receipt')
    return 'The receipt left once; the statement tells the customer the same.';
  return 'A question is asked again from its finding.';
}

interface Asked {
  readonly actor: Actor;
  readonly id: string;
}

async function send(
  context: RouteContext,
  mail: Mail,
  sender: Sender,
  { actor, id }: Asked,
): Promise<void> {
  const { db, processes } = context;
  switch (sender.process) {
    case 'invoice':
      return sendFromInvoice(context, mail, sender.invoice, { actor, id });
    case 'contract': {
      const args = contractArgs(await foundContract(db, sender.contract));
      await processes.updateContract(...args, resolveParked, [RETRY, actor], id);
      return;
    }
    case 'payment': {
      const payment = await foundPayment(db, sender.payment);
      // Where its process had ended it is begun anew by this, and sends what is still due by itself.
      await waitsFor(askPayment(context, payment, resolveParked, [RETRY, actor], id));
    }
  }
}

/** Whether something waited for a person there; other refusals are the caller's. */
async function waitsFor(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof ProblemError && NOTHING_THERE.includes(error.code)) return false;
    throw error;
  }
}
const NOTHING_THERE: readonly string[] = ['nothing-parked', 'state-conflict'];

/** What waits in the invoice's process is tried again under its own key; what was given up there goes out as a copy. */
async function sendFromInvoice(
  { db, processes }: RouteContext,
  mail: Mail,
  number: string,
  { actor, id }: Asked,
): Promise<void> {
  const found = await getInvoice(db, number);
  if (found === null) throw notFound('invoice', number);
  for (const one of await holdersOf(db, mail, found.invoice)) {
    const answer = processes.update(workflowOf(one), resolveParked, [RETRY, actor], id);
    if (await waitsFor(answer)) return;
  }
  if (mail.kind !== 'invoice')
    throw new ProblemError(
      'state-conflict',
      'No process waits to send this reminder any more; the next one goes out by itself.',
    );
  if (mail.state === 'unknown')
    throw new ProblemError(
      'state-conflict',
      'The mail server has not confirmed this mail, and it is being tried again by itself.',
    );
  const workflow = workflowOf(found.invoice);
  await processes.update(workflow, invoiceResend, [{ to: null }, actor], `${id}:copy`);
}

async function holdersOf(db: RouteContext['db'], mail: Mail, first: Invoice): Promise<Invoice[]> {
  if (mail.kind !== 'reminder') return [first];
  const all = await invoicesOfAccount(db, first.account);
  const others = all.filter(
    ({ invoice, reminderStage, balanceMinor }) =>
      invoice !== first.invoice && reminderStage === first.reminderStage && balanceMinor > 0,
  );
  return [first, ...others].slice(0, MOST_PROCESSES);
}
