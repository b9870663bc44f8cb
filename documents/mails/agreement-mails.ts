/** Mails about what was agreed: license keys and renewals. */
import { type Voice, voiceOf } from './greeting.ts';
import type { MailDraft, MailPart } from './layout.ts';
import type { GraceKeyMail, KeyMail, RenewalMail, RenewalReminderMail } from './models.ts';
import { coveredTable } from './money-mails.ts';

const productName = (mail: { product: string; edition: string | null }) =>
  mail.edition === null ? mail.product : `${mail.product} ${mail.edition}`;

export function keyMail(mail: KeyMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const name = productName(mail);
  const through = format.date(mail.validThrough);
  const part = (title: string, content: readonly MailPart[]): MailPart[] =>
    content.length === 0 ? [] : [{ kind: 'heading', text: title }, ...content];
  return {
    language: format.language,
    sender: mail.sender,
    greeting: voice.greeting,
    leadFirst: true,
    subject: say(
      `License key for ${name}, valid through ${through}`,
      `Lizenzschlüssel für ${name}, gültig bis ${through}`,
    ),
    parts: [
      {
        kind: 'code',
        label: say(`License key for ${name}`, `Lizenzschlüssel für ${name}`),
        text: mail.key,
      },
      {
        kind: 'text',
        text: mail.replaces
          ? say(
              'this key replaces your previous one.',
              'dieser Schlüssel ersetzt Ihren bisherigen.',
            )
          : say('this is your key.', 'dies ist Ihr Schlüssel.'),
      },
      {
        kind: 'facts',
        rows: [
          [say('Seats', 'Plätze'), format.number(mail.seats)],
          [say('Valid', 'Gültig'), format.period(mail.validFrom, mail.validThrough)],
          [say('Account', 'Kunde'), `${mail.accountName} (${mail.account})`],
        ],
      },
      ...part(say('How to install it', 'So wird er eingespielt'), [
        { kind: 'text', text: mail.install ?? installWords(voice) },
      ]),
      ...part(
        say('Your account', 'Ihre Daten'),
        mail.accountLines.length === 0 ? [] : [{ kind: 'list', items: mail.accountLines }],
      ),
      ...part(
        say('What your payment covered', 'Was Ihre Zahlung abdeckt'),
        coveredTable(mail.covered, mail.currency, voice),
      ),
      ...part(say('Your assets and purchases', 'Ihre Produkte und Käufe'), assetList(mail, voice)),
      ...part(say('Your invoices', 'Ihre Rechnungen'), purchaseTable(mail, voice)),
      ...part(say('Support this year', 'Support in diesem Jahr'), incidentTable(mail, voice)),
      {
        kind: 'links',
        links: [
          {
            text: say('Check and correct your record', 'Ihre Daten prüfen und ändern'),
            url: mail.recordUrl,
          },
        ],
      },
    ],
  };
}

function assetList(mail: KeyMail, { format }: Voice): MailPart[] {
  if (mail.assets.length === 0) return [];
  return [
    { kind: 'list', items: mail.assets.map(({ on, text }) => `${format.shortDate(on)}: ${text}`) },
  ];
}

/** Copying the key is all that our own format asks for; it is checked without a network. */
function installWords({ say }: Voice): string {
  return say(
    'Copy the whole key, from “key/” to its end, into the license dialog of your software. It is checked without a network, and blanks or line breaks in it do no harm.',
    'Kopieren Sie den ganzen Schlüssel, von „key/“ bis zum Ende, in den Lizenzdialog Ihrer Software. Er wird ohne Netz geprüft; Leerzeichen und Zeilenumbrüche darin schaden nicht.',
  );
}

function purchaseTable(mail: KeyMail, { format, say }: Voice): MailPart[] {
  if (mail.purchases.length === 0) return [];
  return [
    {
      kind: 'table',
      head: [say('Invoice', 'Rechnung'), say('Date', 'Datum'), say('Total', 'Betrag')],
      rows: mail.purchases.map((one) => [
        one.invoice,
        format.shortDate(one.issuedOn),
        format.money(one.totalMinor, one.currency),
      ]),
    },
  ];
}

/** `1:05` hours. */
const hoursOf = (minutes: number) =>
  `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

function incidentWords(mail: KeyMail, { say }: Voice): string {
  const many = mail.incidents.length;
  const timed = mail.incidents.flatMap(({ minutes }) => minutes ?? []);
  const time = timed.length === 0 ? null : hoursOf(timed.reduce((sum, one) => sum + one, 0));
  const cases = many === 1 ? say('One case', 'Ein Fall') : say(`${many} cases`, `${many} Fälle`);
  const spent = time === null ? '' : say(`, ${time} hours of work`, `, ${time} Stunden Arbeit`);
  return `${cases}${spent}.`;
}

function incidentTable(mail: KeyMail, voice: Voice): MailPart[] {
  const { format, say } = voice;
  if (mail.incidents.length === 0) return [];
  return [
    { kind: 'text', text: incidentWords(mail, voice) },
    {
      kind: 'table',
      head: [
        say('Case', 'Fall'),
        say('Opened', 'Eröffnet'),
        say('Subject', 'Betreff'),
        say('Hours', 'Stunden'),
        say('State', 'Stand'),
      ],
      rows: mail.incidents.map((one) => [
        one.incident,
        format.shortDate(one.opened),
        one.subject,
        one.minutes === null ? '' : hoursOf(one.minutes),
        one.isClosed ? say('solved', 'gelöst') : say('open', 'offen'),
      ]),
    },
  ];
}

export function graceKeyMail(mail: GraceKeyMail): MailDraft {
  const voice = voiceOf(mail);
  const { format, say } = voice;
  const name = productName(mail);
  const through = format.date(mail.validThrough);
  const { openInvoice, openMinor } = mail;
  const open = openMinor === null ? '' : ` (${format.money(openMinor, mail.currency)})`;
  const why =
    openInvoice === null
      ? say(
          'Your invoice is still on its way. So that your work goes on meanwhile, here is a temporary key.',
          'Ihre Rechnung ist noch unterwegs. Damit Sie inzwischen weiterarbeiten können, erhalten Sie einen befristeten Schlüssel.',
        )
      : say(
          `Invoice ${openInvoice}${open} is not paid yet. So that your work goes on meanwhile, here is a temporary key.`,
          `Rechnung ${openInvoice}${open} ist noch nicht bezahlt. Damit Sie inzwischen weiterarbeiten können, erhalten Sie einen befristeten Schlüssel.`,
        );
  return {
    language: format.language,
    sender: mail.sender,
    greeting: voice.greeting,
    leadFirst: true,
    subject: say(
      `Temporary license key for ${name}, valid through ${through}`,
      `Befristeter Lizenzschlüssel für ${name}, gültig bis ${through}`,
    ),
    parts: [
      {
        kind: 'code',
        label: say(`Temporary license key for ${name}`, `Befristeter Lizenzschlüssel für ${name}`),
        text: mail.key,
      },
      { kind: 'text', text: why },
      {
        kind: 'facts',
        rows: [
          [say('Seats', 'Plätze'), format.number(mail.seats)],
          [say('Valid through', 'Gültig bis'), through],
        ],
      },
      {
        kind: 'text',
        text: say(
          'As soon as the payment is in, you receive the full key by mail; there is nothing else to do.',
          'Sobald die Zahlung eingeht, erhalten Sie den vollen Schlüssel per Mail; sonst ist nichts zu tun.',
        ),
      },
      {
        kind: 'links',
        links: [
          ...(mail.payUrl === null
            ? []
            : [{ text: say('Pay now', 'Jetzt bezahlen'), url: mail.payUrl }]),
          { text: say('Check your record', 'Ihre Daten ansehen'), url: mail.recordUrl },
        ],
      },
    ],
  };
}

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
    language: format.language,
    sender: mail.sender,
    greeting: voice.greeting,
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
    language: format.language,
    sender: mail.sender,
    greeting: voice.greeting,
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
