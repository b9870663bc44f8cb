/**
 * The mail that carries license keys: it begins with a key, says what the payment covered and how a key is installed, and shows
 * the customer's own record, so that they see what is wrong in it (billing rules §8).
 */
import { type Voice, voiceOf } from './greeting.ts';
import type { MailDraft, MailPart } from './layout.ts';
import type { KeyMail, MailedKey } from './models.ts';
import { coveredTable } from './money-mails.ts';

const nameOf = ({ product, edition }: MailedKey) =>
  edition === null ? product : `${product} ${edition}`;

export function keyMail(mail: KeyMail): MailDraft {
  const voice = voiceOf(mail);
  const { say } = voice;
  const [first, ...others] = mail.keys;
  if (first === undefined) throw new Error('a key mail carries one key at least');
  const part = (title: string, content: readonly MailPart[]): MailPart[] =>
    content.length === 0 ? [] : [{ kind: 'heading', text: title }, ...content];
  return {
    ...voice.head,
    leadFirst: true,
    subject: subjectOf(mail.keys, voice),
    parts: [
      codeOf(first, voice),
      ...leadOf(mail, voice).map((text): MailPart => ({ kind: 'text', text })),
      factsOf(first, mail, voice),
      ...others.flatMap((one) => [codeOf(one, voice), factsOf(one, mail, voice)]),
      ...payLink(mail, voice),
      ...part(say('How to install it', 'So wird er eingespielt'), installParts(mail.keys, voice)),
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
      ...part(say('Support this year', 'Support in diesem Jahr'), incidentParts(mail, voice)),
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

/** What it is, for what, and to when: the earliest end where there are several. */
function subjectOf(keys: readonly MailedKey[], { format, say }: Voice): string {
  const names = [...new Set(keys.map(nameOf))];
  const more = names.length - 1;
  const what =
    more === 0
      ? (names[0] ?? '')
      : say(`${names[0]} and ${more} more`, `${names[0]} und ${more} weitere`);
  const last = keys.map(({ validThrough }) => validThrough).sort()[0] ?? '';
  const through = format.date(last);
  const isTemporary = keys.every(({ kind }) => kind === 'temporary');
  if (keys.length === 1)
    return isTemporary
      ? say(
          `Temporary license key for ${what}, valid through ${through}`,
          `Befristeter Lizenzschlüssel für ${what}, gültig bis ${through}`,
        )
      : say(
          `License key for ${what}, valid through ${through}`,
          `Lizenzschlüssel für ${what}, gültig bis ${through}`,
        );
  return isTemporary
    ? say(
        `${keys.length} temporary license keys for ${what}, valid through ${through}`,
        `${keys.length} befristete Lizenzschlüssel für ${what}, gültig bis ${through}`,
      )
    : say(
        `${keys.length} license keys for ${what}, valid through ${through}`,
        `${keys.length} Lizenzschlüssel für ${what}, gültig bis ${through}`,
      );
}

function codeOf(one: MailedKey, { say }: Voice): MailPart {
  const name = nameOf(one);
  const label =
    one.kind === 'temporary'
      ? say(`Temporary license key for ${name}`, `Befristeter Lizenzschlüssel für ${name}`)
      : one.kind === 'evaluation'
        ? say(`Evaluation key for ${name}`, `Testschlüssel für ${name}`)
        : say(`License key for ${name}`, `Lizenzschlüssel für ${name}`);
  return { kind: 'code', label, text: one.key };
}

function factsOf(one: MailedKey, mail: KeyMail, { format, say }: Voice): MailPart {
  const { seats, validFrom, validThrough, subcontract, features } = one;
  return {
    kind: 'facts',
    rows: [
      [say('Seats', 'Plätze'), format.number(seats)],
      [say('Valid', 'Gültig'), format.period(validFrom, validThrough)],
      [say('For', 'Für'), subcontract],
      [say('With', 'Mit'), features.length === 0 ? null : features.join(', ')],
      [say('Account', 'Kunde'), `${mail.accountName} (${mail.account})`],
    ],
  };
}

/** Why this mail comes, in a sentence or two. */
function leadOf(mail: KeyMail, voice: Voice): string[] {
  const { format, say } = voice;
  const { keys, payment } = mail;
  const paid =
    payment === null
      ? []
      : [
          say(
            `your payment of ${format.money(payment.amountMinor, payment.currency)} of ${format.date(payment.receivedOn)} is in, thank you.`,
            `Ihre Zahlung über ${format.money(payment.amountMinor, payment.currency)} vom ${format.date(payment.receivedOn)} ist eingegangen, vielen Dank.`,
          ),
        ];
  const grace = keys.some(({ kind }) => kind === 'temporary') ? graceWords(mail, voice) : [];
  const replacing = keys.filter(({ replaces }) => replaces).length;
  const one = keys.length === 1;
  const words =
    replacing === 0
      ? say(
          one ? 'This is your key.' : 'These are your keys.',
          one ? 'Dies ist Ihr Schlüssel.' : 'Dies sind Ihre Schlüssel.',
        )
      : say(
          one ? 'This key replaces your previous one.' : 'They replace your previous keys.',
          one
            ? 'Dieser Schlüssel ersetzt Ihren bisherigen.'
            : 'Sie ersetzen Ihre bisherigen Schlüssel.',
        );
  return [[...paid, words].join(' '), ...grace];
}

function graceWords({ open, currency }: KeyMail, { format, say }: Voice): string[] {
  const why =
    open === null
      ? say(
          'Your invoice is still on its way. So that your work goes on meanwhile, you receive a temporary key.',
          'Ihre Rechnung ist noch unterwegs. Damit Sie inzwischen weiterarbeiten können, erhalten Sie einen befristeten Schlüssel.',
        )
      : say(
          `Invoice ${open.invoice} (${format.money(open.openMinor, currency)}) is not paid yet. So that your work goes on meanwhile, you receive a temporary key.`,
          `Rechnung ${open.invoice} (${format.money(open.openMinor, currency)}) ist noch nicht bezahlt. Damit Sie inzwischen weiterarbeiten können, erhalten Sie einen befristeten Schlüssel.`,
        );
  const then = say(
    'As soon as the payment is in, you receive the full key by mail; there is nothing else to do.',
    'Sobald die Zahlung eingeht, erhalten Sie den vollen Schlüssel per Mail; sonst ist nichts zu tun.',
  );
  return [why, then];
}

function payLink({ open }: KeyMail, { say }: Voice): MailPart[] {
  if (open === null || open.payUrl === null) return [];
  return [{ kind: 'links', links: [{ text: say('Pay now', 'Jetzt bezahlen'), url: open.payUrl }] }];
}

/** The products' own words where they have any, each once. */
function installParts(keys: readonly MailedKey[], voice: Voice): MailPart[] {
  const own = new Map<string, Set<string>>();
  for (const one of keys) {
    const words = one.install ?? installWords(voice);
    own.set(words, (own.get(words) ?? new Set()).add(one.product));
  }
  return [...own].map(([words, products]) => ({
    kind: 'text',
    text: own.size === 1 ? words : `${[...products].join(', ')}: ${words}`,
  }));
}

/** Copying the key is all that our own format asks for; it is checked without a network. */
function installWords({ say }: Voice): string {
  return say(
    'Copy the whole key, from “key/” to its end, into the license dialog of your software. It is checked without a network, and blanks or line breaks in it do no harm.',
    'Kopieren Sie den ganzen Schlüssel, von „key/“ bis zum Ende, in den Lizenzdialog Ihrer Software. Er wird ohne Netz geprüft; Leerzeichen und Zeilenumbrüche darin schaden nicht.',
  );
}

function assetList(mail: KeyMail, { format }: Voice): MailPart[] {
  if (mail.assets.length === 0) return [];
  return [
    { kind: 'list', items: mail.assets.map(({ on, text }) => `${format.shortDate(on)}: ${text}`) },
  ];
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

/** Count, time and list; also that there were none, because that is worth knowing too. */
function incidentParts(mail: KeyMail, { format, say }: Voice): MailPart[] {
  const many = mail.incidents.length;
  const since = format.date(mail.incidentsSince);
  const timed = mail.incidents.flatMap(({ minutes }) => minutes ?? []);
  const time = timed.length === 0 ? null : hoursOf(timed.reduce((sum, one) => sum + one, 0));
  const cases =
    many === 0
      ? say(`No case since ${since}`, `Kein Fall seit dem ${since}`)
      : many === 1
        ? say(`One case since ${since}`, `Ein Fall seit dem ${since}`)
        : say(`${many} cases since ${since}`, `${many} Fälle seit dem ${since}`);
  const spent = time === null ? '' : say(`, ${time} hours of work`, `, ${time} Stunden Arbeit`);
  const summary: MailPart = { kind: 'text', text: `${cases}${spent}.` };
  if (many === 0) return [summary];
  const head = [
    say('Case', 'Fall'),
    say('Opened', 'Eröffnet'),
    say('Subject', 'Betreff'),
    say('Hours', 'Stunden'),
    say('State', 'Stand'),
  ];
  const rows = mail.incidents.map((one) => [
    one.incident,
    format.shortDate(one.opened),
    one.subject,
    one.minutes === null ? '' : hoursOf(one.minutes),
    one.isClosed ? say('solved', 'gelöst') : say('open', 'offen'),
  ]);
  return [summary, { kind: 'table', head, rows }];
}
