/** All mails, by kind: `renderMail('invoice', model)` gives subject, HTML and plain text. */
import { renewalMail, renewalReminderMail } from './agreement-mails.ts';
import { approvalMail, attentionMail, questionMail } from './house-mails.ts';
import { keyMail } from './key-mails.ts';
import { type Mail, type MailDraft, writeMail } from './layout.ts';
import type { MailKind, MailModels } from './models.ts';
import {
  courtesyMail,
  creditNoteMail,
  invoiceMail,
  receiptMail,
  reminderMail,
} from './money-mails.ts';

const DRAFTS: { readonly [K in MailKind]: (model: MailModels[K]) => MailDraft } = {
  invoice: invoiceMail,
  courtesy: courtesyMail,
  'reminder-1': (model) => reminderMail(model, 1),
  'reminder-2': (model) => reminderMail(model, 2),
  'final-notice': (model) => reminderMail(model, 'final'),
  receipt: receiptMail,
  key: keyMail,
  renewal: renewalMail,
  'renewal-reminder': renewalReminderMail,
  'credit-note': creditNoteMail,
  approval: approvalMail,
  attention: attentionMail,
  question: questionMail,
};

/** Writes a mail. Subject and bodies depend on the model alone: the same model gives the same mail. */
export async function renderMail<K extends MailKind>(kind: K, model: MailModels[K]): Promise<Mail> {
  const draft: (model: MailModels[K]) => MailDraft = DRAFTS[kind];
  return await writeMail(draft(model));
}

export type { Mail, MailSender } from './layout.ts';
export type * from './models.ts';
