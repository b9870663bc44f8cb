/** Mails about money: invoice, courtesy note, reminders, receipt, credit note. */
import { payLink, paymentFacts, type Voice, voiceOf } from './greeting.ts';
import type { MailDraft, MailPart } from './layout.ts';
import type {
  CourtesyMail,
  CoveredLine,
  CreditNoteMail,
  InvoiceMail,
  ReceiptMail,
  ReminderMail,
} from './models.ts';

function links(list: readonly { text: string; url: string }[]): MailPart[] {
  return list.length === 0 ? [] : [{ kind: 'links', links: list }];
}

function invoiceFacts(mail: CourtesyMail, { format, say }: Voice): MailPart {
  const period =
    mail.periodStart !== null && mail.periodEnd !== null
      ? format.period(mail.periodStart, mail.periodEnd)
      : null;
  return {
    kind: 'facts',
    rows: [
      [say('For', 'Für'), mail.covers],
      [say('Period', 'Zeitraum'), period],
      [say('Contract', 'Vertrag'), mail.contracts.join(', ')],
      [say('Purchase order', 'Bestellnummer'), mail.poNumber],
      [say('Invoice', 'Rechnung'), `${mail.invoice}, ${format.date(mail.issueDate)}`],
    ],
  };
}

/** The sum and its day, what it is for, and how to pay it. */
function whatIsDue(mail: CourtesyMail, voice: Voice): MailPart[] {
  const { format, say } = voice;
  const due = format.date(mail.dueDate);
  return [
    {
      kind: 'amount',
      label: say('Amount due', 'Zu zahlen'),
      value: format.money(mail.amountMinor, mail.currency),
      note: say(`due ${due}`, `fällig am ${due}`),
    },
    invoiceFacts(mail, voice),
    ...links(payLink(mail.pay.payUrl, voice)),
    ...paymentFacts(mail.pay, voice),
  ];
}

export function invoiceMail(mail: InvoiceMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const due = format.date(mail.dueDate);
  const copy = mail.isCopy ? say('Copy: ', 'Kopie: ') : '';
  return {
    ...voice.head,
    subject: `${copy}${say(`Invoice ${mail.invoice} for ${mail.covers}, due ${due}`, `Rechnung ${mail.invoice} für ${mail.covers}, fällig am ${due}`)}`,
    parts: [
      { kind: 'text', text: say('your invoice is attached.', 'Ihre Rechnung liegt bei.') },
      ...whatIsDue(mail, voice),
    ],
  };
}

export function courtesyMail(mail: CourtesyMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const due = format.date(mail.dueDate);
  return {
    ...voice.head,
    subject: say(
      `Invoice ${mail.invoice} is due ${due}`,
      `Rechnung ${mail.invoice} ist am ${due} fällig`,
    ),
    parts: [
      {
        kind: 'text',
        text: say(
          `a note ahead of time: invoice ${mail.invoice} falls due on ${due}. If the payment is on its way, there is nothing to do.`,
          `zur Erinnerung vorab: Rechnung ${mail.invoice} wird am ${due} fällig. Ist die Zahlung schon unterwegs, ist nichts zu tun.`,
        ),
      },
      ...whatIsDue(mail, voice),
    ],
  };
}

export type ReminderStage = 1 | 2 | 'final';

function reminderWords(mail: ReminderMail, stage: ReminderStage, voice: Voice) {
  const { say, format } = voice;
  const amount = format.money(mail.totalMinor, mail.currency);
  const open =
    mail.items.length === 1
      ? say(`invoice ${mail.items[0]?.invoice}`, `Rechnung ${mail.items[0]?.invoice}`)
      : say(`${mail.items.length} invoices`, `${mail.items.length} Rechnungen`);
  if (stage === 1)
    return {
      subject: say(
        `Reminder: ${open}, ${amount} open`,
        `Zahlungserinnerung: ${open}, ${amount} offen`,
      ),
      intro: say(
        'we have not seen your payment yet. Perhaps it was overlooked, perhaps it is on its way.',
        'wir haben Ihre Zahlung noch nicht erhalten. Vielleicht wurde sie übersehen, vielleicht ist sie unterwegs.',
      ),
    };
  if (stage === 2)
    return {
      subject: say(`Second reminder: ${open}, ${amount} open`, `Mahnung: ${open}, ${amount} offen`),
      intro: say(
        'we wrote to you about this before, and the amount is still open. Please pay it, or tell us what is in the way.',
        'wir haben Ihnen dazu schon geschrieben, und der Betrag ist noch offen. Bitte zahlen Sie, oder sagen Sie uns, was im Weg steht.',
      ),
    };
  return {
    subject: say(
      `Final notice: ${open}, ${amount} open`,
      `Letzte Mahnung: ${open}, ${amount} offen`,
    ),
    intro: say(
      'despite our reminders this is still open. This is our final notice.',
      'trotz unserer Mahnungen ist dies noch offen. Dies ist unsere letzte Mahnung.',
    ),
  };
}

export function reminderMail(mail: ReminderMail, stage: ReminderStage): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const words = reminderWords(mail, stage, voice);
  const answers = [
    ...payLink(mail.pay.payUrl, voice),
    ...(mail.promiseUrl === null
      ? []
      : [{ text: say('Tell us when you will pay', 'Zahlung zusagen'), url: mail.promiseUrl }]),
    ...(mail.disputeUrl === null
      ? []
      : [{ text: say('Something is wrong with it', 'Etwas stimmt nicht'), url: mail.disputeUrl }]),
  ];
  const next = mail.nextStep;
  return {
    ...voice.head,
    subject: words.subject,
    parts: [
      { kind: 'text', text: words.intro },
      {
        kind: 'amount',
        label: say(`Open on ${format.date(mail.asOf)}`, `Offen am ${format.date(mail.asOf)}`),
        value: format.money(mail.totalMinor, mail.currency),
        note: say(
          `please pay by ${format.date(mail.payBy)}`,
          `bitte zahlen Sie bis zum ${format.date(mail.payBy)}`,
        ),
      },
      {
        kind: 'table',
        head: [
          say('Invoice', 'Rechnung'),
          say('Due', 'Fällig'),
          say('Overdue', 'Überfällig'),
          say('Open', 'Offen'),
        ],
        rows: mail.items.map((item) => [
          item.disputed ? `${item.invoice}\n${say('in dispute', 'strittig')}` : item.invoice,
          format.shortDate(item.dueDate),
          say(`${item.daysOverdue} days`, `${item.daysOverdue} Tage`),
          format.money(item.openMinor, mail.currency),
        ]),
      },
      ...(next === null
        ? []
        : [
            {
              kind: 'text' as const,
              text: say(
                `What happens next: on ${format.date(next.on)} ${next.text}`,
                `Wie es weitergeht: Am ${format.date(next.on)} ${next.text}`,
              ),
            },
          ]),
      ...links(answers),
      ...paymentFacts(mail.pay, voice),
      {
        kind: 'text',
        text: say(
          'If you have paid in the meantime, please disregard this mail.',
          'Haben Sie inzwischen gezahlt, betrachten Sie diese Mail bitte als gegenstandslos.',
        ),
      },
    ],
  };
}

/** What was covered, line by line. */
export function coveredTable(
  covered: readonly CoveredLine[],
  currency: string,
  { format, say }: Voice,
): MailPart[] {
  if (covered.length === 0) return [];
  return [
    {
      kind: 'table',
      head: [say('Invoice', 'Rechnung'), say('What', 'Wofür'), say('Amount', 'Betrag')],
      rows: covered.map((line) => [
        line.invoice,
        [line.subcontract, line.description].filter((part) => part !== null).join(' · '),
        format.money(line.amountMinor, currency),
      ]),
    },
  ];
}

export function receiptMail(mail: ReceiptMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const { amountMinor, currency, came } = mail;
  const counted = format.money(amountMinor, currency);
  const amount = came === null ? counted : format.money(came.amountMinor, came.currency);
  const rest = format.money(mail.unappliedMinor, currency);
  return {
    ...voice.head,
    subject: say(
      `Receipt: ${amount} received, thank you`,
      `Zahlungseingang: ${amount}, vielen Dank`,
    ),
    parts: [
      {
        kind: 'amount',
        label: say('Received', 'Eingegangen'),
        value: amount,
        note: format.date(mail.receivedOn),
      },
      ...(came === null
        ? []
        : [
            {
              kind: 'text' as const,
              text: say(
                `It counts as ${counted}, the currency of your invoices.`,
                `Angerechnet wurden ${counted}, die Währung Ihrer Rechnungen.`,
              ),
            },
          ]),
      { kind: 'text', text: say('This is what it covered:', 'Damit wurde bezahlt:') },
      ...coveredTable(mail.covered, mail.currency, voice),
      ...(mail.unappliedMinor === 0
        ? []
        : [
            {
              kind: 'text' as const,
              text: say(
                `${rest} is left as credit on your account and goes to your next invoice, or back to you if you ask.`,
                `${rest} bleiben als Guthaben auf Ihrem Konto und werden mit der nächsten Rechnung verrechnet oder auf Wunsch erstattet.`,
              ),
            },
          ]),
      ...(mail.accountUrl === null
        ? []
        : links([{ text: say('See your account', 'Ihr Konto ansehen'), url: mail.accountUrl }])),
    ],
  };
}

export function creditNoteMail(mail: CreditNoteMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const amount = format.money(mail.amountMinor, mail.currency);
  const to =
    mail.credits === null ? '' : say(` to invoice ${mail.credits}`, ` zu Rechnung ${mail.credits}`);
  const open = mail.openMinor === null ? null : format.money(mail.openMinor, mail.currency);
  return {
    ...voice.head,
    subject: say(
      `Credit note ${mail.creditNote}${to}, ${amount}`,
      `Gutschrift ${mail.creditNote}${to}, ${amount}`,
    ),
    parts: [
      { kind: 'text', text: say('your credit note is attached.', 'Ihre Gutschrift liegt bei.') },
      {
        kind: 'amount',
        label: say('Credited to you', 'Ihnen gutgeschrieben'),
        value: amount,
        note: format.date(mail.issueDate),
      },
      {
        kind: 'facts',
        rows: [
          [say('Why', 'Grund'), mail.reason],
          [say('Invoice', 'Rechnung'), mail.credits],
          [say('Left to pay of it', 'Davon noch zu zahlen'), open],
        ],
      },
      ...(mail.accountUrl === null
        ? []
        : links([{ text: say('See your account', 'Ihr Konto ansehen'), url: mail.accountUrl }])),
    ],
  };
}
