/** Mails about what was agreed: renewals. */
import { type Voice, voiceOf } from './greeting.ts';
import type { MailDraft, MailPart } from './layout.ts';
import type { RenewalMail, RenewalReminderMail } from './models.ts';

function renewalParts(mail: RenewalMail, voice: Voice): MailPart[] {
  const { format, say } = voice;
  const answerBy = format.date(mail.answerBy);
  const notice = mail.noticeDate === null ? null : format.date(mail.noticeDate);
  const how = mail.autoRenews
    ? say(
        `The contract renews by itself${notice === null ? '' : ` unless notice reaches us by ${notice}`}. Nothing needs to be done.`,
        `Der Vertrag verlängert sich von selbst${notice === null ? '' : `, wenn uns bis zum ${notice} keine Kündigung erreicht`}. Es ist nichts zu tun.`,
      )
    : mail.poRequired
      ? say(
          `Please send us your purchase order by ${answerBy}.`,
          `Bitte senden Sie uns bis zum ${answerBy} Ihre Bestellung.`,
        )
      : say(
          `Please accept by ${answerBy}: online, by returning the agreement signed, or by paying it.`,
          `Bitte nehmen Sie bis zum ${answerBy} an: online, mit der unterschriebenen Vereinbarung oder durch Zahlung.`,
        );
  return [
    {
      kind: 'amount',
      label: say('Next term', 'Nächste Laufzeit'),
      value: format.money(mail.totalMinor, mail.currency),
      note: format.period(mail.termStart, mail.termEnd),
    },
    {
      kind: 'facts',
      rows: [
        [say('For', 'Für'), mail.covers],
        [say('Contract', 'Vertrag'), mail.contract],
        [say('Net', 'Netto'), format.money(mail.netMinor, mail.currency)],
      ],
    },
    ...(mail.changes.length === 0
      ? []
      : [
          { kind: 'heading' as const, text: say('What changes', 'Was sich ändert') },
          { kind: 'list' as const, items: mail.changes },
        ]),
    { kind: 'text', text: how },
    ...(mail.acceptUrl === null
      ? []
      : [
          {
            kind: 'links' as const,
            links: [
              { text: say('See the agreement', 'Vereinbarung ansehen'), url: mail.acceptUrl },
            ],
          },
        ]),
  ];
}

export function renewalMail(mail: RenewalMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const start = format.date(mail.termStart);
  return {
    ...voice.head,
    subject: say(
      `Renewal of contract ${mail.contract} for ${mail.covers}, from ${start}`,
      `Verlängerung von Vertrag ${mail.contract} für ${mail.covers} ab ${start}`,
    ),
    parts: [
      {
        kind: 'text',
        text: say(
          'the agreement for your next term is attached.',
          'die Vereinbarung für Ihre nächste Laufzeit liegt bei.',
        ),
      },
      ...renewalParts(mail, voice),
    ],
  };
}

export function renewalReminderMail(mail: RenewalReminderMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const end = format.date(mail.endsOn);
  const days = String(mail.daysLeft);
  return {
    ...voice.head,
    subject: say(
      `Contract ${mail.contract} ends on ${end}: your renewal is waiting`,
      `Vertrag ${mail.contract} endet am ${end}: Ihre Verlängerung wartet`,
    ),
    parts: [
      {
        kind: 'text',
        text: say(
          `in ${days} days, on ${end}, contract ${mail.contract} ends. We have no answer to the renewal yet.`,
          `in ${days} Tagen, am ${end}, endet Vertrag ${mail.contract}. Zur Verlängerung haben wir noch keine Antwort.`,
        ),
      },
      ...renewalParts(mail, voice),
    ],
  };
}
