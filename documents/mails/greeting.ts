/** What customer mails share: language, greeting, how to pay. */
import { type Formatter, formatterOf } from '../format.ts';
import { inGroups } from '../reference.ts';
import type { MailDraft, MailLink, MailPart } from './layout.ts';
import type { AnyCustomerMail, HowToPay } from './models.ts';

export interface Voice {
  readonly format: Formatter;
  readonly isGerman: boolean;
  /** What every mail to this reader begins with. */
  readonly head: Pick<MailDraft, 'language' | 'sender' | 'greeting'>;
  /** The text in the reader's language. */
  say(en: string, de: string): string;
}

export function voiceOf(mail: AnyCustomerMail): Voice {
  const format = formatterOf(mail.language, mail.sellerCountry);
  const isGerman = format.language === 'de';
  const { recipientName } = mail;
  const english = recipientName === null ? 'Hello,' : `Hello ${recipientName},`;
  const german = recipientName === null ? 'Guten Tag,' : `Guten Tag ${recipientName},`;
  return {
    format,
    isGerman,
    head: {
      language: format.language,
      sender: mail.sender,
      greeting: isGerman ? german : english,
    },
    say: (en, de) => (isGerman ? de : en),
  };
}

/** Bank details and the reference; nothing where the seller gives no account. */
export function paymentFacts(pay: HowToPay, voice: Voice): MailPart[] {
  if (pay.iban === null && pay.accountNumber === null) return [];
  return [
    { kind: 'heading', text: voice.say('Pay by transfer', 'Per Überweisung bezahlen') },
    {
      kind: 'facts',
      rows: [
        [voice.say('Bank', 'Bank'), pay.bankName],
        ['IBAN', pay.iban === null ? null : inGroups(pay.iban)],
        ['BIC', pay.bic],
        [voice.say('Routing number', 'Bankleitzahl'), pay.routingNumber],
        [voice.say('Account number', 'Kontonummer'), pay.accountNumber],
        [voice.say('Reference', 'Verwendungszweck'), pay.reference],
      ],
    },
  ];
}

/** The link to the page where the customer sees and pays; nothing without one. */
export function payLink(payUrl: string | null, voice: Voice): MailLink[] {
  return payUrl === null
    ? []
    : [{ text: voice.say('See and pay online', 'Ansehen und bezahlen'), url: payUrl }];
}
