/** Mails inside the house: a decision is asked for, or something is parked. In English. */
import { formatterOf } from '../format.ts';
import type { MailDraft } from './layout.ts';
import type { ApprovalMail, AttentionMail, QuestionMail } from './models.ts';

export function approvalMail(mail: ApprovalMail): MailDraft {
  const format = formatterOf('en');
  const totals = mail.totals.map(({ currency, amountMinor }) =>
    format.money(amountMinor, currency),
  );
  const by = mail.decideBy === null ? '' : `, please decide by ${format.date(mail.decideBy)}`;
  return {
    language: 'en',
    sender: mail.sender,
    greeting: mail.approverName === null ? 'Hello,' : `Hello ${mail.approverName},`,
    subject: `Approval needed: ${mail.what}${by}`,
    parts: [
      { kind: 'text', text: `${mail.requestedBy} asks you to approve ${mail.what}.` },
      {
        kind: 'amount',
        label:
          mail.documents === 1
            ? '1 document'
            : `${format.number(String(mail.documents))} documents`,
        value: totals.join(' + '),
        note: `what you approve has the code ${mail.code}; the page shows the same`,
      },
      ...(mail.remarks.length === 0 ? [] : [{ kind: 'list' as const, items: mail.remarks }]),
      { kind: 'links', links: [{ text: 'Review and decide', url: mail.url }] },
      {
        kind: 'text',
        text: 'Nothing goes out before you decide. Refusing it sends it back with your reason.',
      },
    ],
  };
}

export function questionMail(mail: QuestionMail): MailDraft {
  const format = formatterOf('en');
  const { amountMinor, currency } = mail;
  const atStake =
    amountMinor === null || currency === null ? null : format.money(amountMinor, currency);
  return {
    language: 'en',
    sender: mail.sender,
    greeting: 'Hello,',
    subject: `Question about ${mail.account}: ${mail.title} (${mail.finding})`,
    parts: [
      { kind: 'text', text: mail.question },
      {
        kind: 'facts',
        rows: [
          ['Customer', mail.account],
          ['Found', mail.title],
          ['At stake', atStake],
          ['What would be done', mail.suggestion],
        ],
      },
      { kind: 'links', links: [{ text: 'Answer', url: mail.url }] },
      {
        kind: 'text',
        text: 'Your answer is kept with the finding. Nothing is billed or changed because of it before a person decides.',
      },
    ],
  };
}

export function attentionMail(mail: AttentionMail): MailDraft {
  const format = formatterOf('en');
  const count = mail.items.length;
  const [only] = mail.items;
  const subject =
    count === 1 && only !== undefined
      ? `Needs attention: ${only.subject}`
      : `Needs attention: ${count} cases`;
  return {
    language: 'en',
    sender: mail.sender,
    greeting: mail.recipientName === null ? 'Hello,' : `Hello ${mail.recipientName},`,
    subject,
    parts: [
      {
        kind: 'text',
        text: 'These cannot go on without a person. Nothing else is held up by them.',
      },
      ...mail.items.flatMap((item) => [
        { kind: 'heading' as const, text: item.subject },
        {
          kind: 'facts' as const,
          rows: [
            ['Why', item.cause] as const,
            ['What to do', item.suggestion] as const,
            [
              'At stake',
              item.amountMinor === null || item.currency === null
                ? null
                : format.money(item.amountMinor, item.currency),
            ] as const,
            ['Open', item.url] as const,
          ],
        },
      ]),
      { kind: 'links', links: [{ text: 'Open the exceptions queue', url: mail.url }] },
    ],
  };
}
