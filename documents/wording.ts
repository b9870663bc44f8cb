/** The words of papers and web pages, per language. Mails have their own, beside their templates. */
import type { StatementKind } from '../domain/ledger/statement-kind.ts';
import type { Language } from './format.ts';
import type { DocumentType, TaxCategory } from './model.ts';

export interface Wording {
  readonly titles: Readonly<Record<DocumentType, string>>;
  readonly draft: string;
  readonly draftNotice: string;
  readonly proFormaNotice: string;
  readonly number: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly customer: string;
  readonly contract: string;
  readonly contracts: string;
  readonly subcontract: string;
  readonly poNumber: string;
  readonly yourReference: string;
  readonly yourTaxId: string;
  readonly taxId: string;
  readonly registration: string;
  readonly credits: (invoice: string, on: string | null) => string;
  readonly amountDue: string;
  readonly amountCredited: string;
  readonly amountPaid: string;
  readonly proFormaTotal: string;
  readonly dueBy: (date: string) => string;
  readonly settled: string;
  readonly covers: string;
  readonly andMore: (count: number) => string;
  readonly howToPay: string;
  readonly bank: string;
  readonly iban: string;
  readonly bic: string;
  readonly routing: string;
  readonly accountNumber: string;
  readonly payee: string;
  readonly remitTo: string;
  readonly paymentReference: string;
  readonly payOnline: string;
  readonly scanToPay: string;
  readonly columns: {
    readonly position: string;
    readonly description: string;
    readonly quantity: string;
    readonly unitPrice: string;
    readonly discount: string;
    readonly tax: string;
    readonly net: string;
  };
  readonly continued: string;
  readonly subtotal: (of: string) => string;
  readonly net: string;
  readonly tax: (rate: string) => string;
  readonly total: string;
  readonly paid: string;
  readonly balance: string;
  readonly taxTable: { readonly title: string; readonly base: string; readonly tax: string };
  readonly accountingTax: (tax: string, rate: string, on: string) => string;
  readonly taxNames: Readonly<Record<TaxCategory, string>>;
  readonly taxReasons: Readonly<Record<'E' | 'AE' | 'K' | 'G' | 'O', string>>;
  readonly caughtUp: (month: string | null) => string;
  readonly terms: string;
  readonly lateCharges: string;
  readonly notes: string;
  readonly history: string;
  readonly details: string;
  readonly questions: (contact: string) => string;
  readonly page: (page: number, pages: number) => string;
  readonly appendix: string;
  readonly appendixIntro: string;
  readonly allIn: (currency: string) => string;
  readonly statement: {
    readonly title: string;
    readonly period: string;
    readonly asOf: string;
    readonly opening: string;
    readonly closing: string;
    readonly date: string;
    readonly document: string;
    readonly what: string;
    readonly amount: string;
    readonly balance: string;
    readonly aging: string;
    readonly openItems: string;
    readonly due: string;
    readonly open: string;
    readonly overdue: string;
    readonly days: (days: number) => string;
    readonly notDue: string;
    readonly disputed: string;
    readonly unapplied: string;
    readonly nothing: string;
    readonly news: string;
    readonly amountOpen: string;
    readonly inYourFavour: string;
    /** What moved the balance. */
    readonly kinds: Readonly<Record<StatementKind, string>>;
    /** Ages of open items: not due, then by days overdue. */
    readonly ages: readonly [string, string, string, string, string];
  };
  readonly reminder: {
    readonly title: (stage: number, final: boolean) => string;
    readonly salutation: string;
    readonly intro: (stage: number, final: boolean, date: string) => string;
    readonly items: string;
    readonly interest: string;
    readonly fee: string;
    readonly total: string;
    readonly payBy: (date: string) => string;
    readonly next: (date: string, text: string) => string;
    readonly ignore: string;
    readonly closing: string;
    readonly disputed: string;
  };
  readonly renewal: {
    readonly title: string;
    readonly notice: string;
    readonly nextTerm: string;
    readonly answerBy: string;
    readonly newPrice: string;
    readonly running: string;
    readonly change: string;
    readonly changes: string;
    readonly priceRule: string;
    readonly isNew: string;
    readonly totalNet: string;
    readonly totalTax: string;
    readonly total: string;
    readonly autoRenews: (date: string | null) => string;
    readonly accept: (date: string) => string;
    readonly acceptPo: (date: string) => string;
    readonly online: string;
    readonly signature: string;
    readonly placeDate: string;
    readonly nameTitle: string;
    readonly signedBy: (party: string) => string;
    readonly compared: (amount: string, percent: string) => string;
  };
}

const en: Wording = {
  titles: {
    invoice: 'Invoice',
    credit_note: 'Credit note',
    late_charge: 'Late charge',
    pro_forma: 'Pro-forma invoice',
  },
  draft: 'Draft',
  draftNotice: 'Draft for review. Not an invoice: it has no number and no payment is due.',
  proFormaNotice: 'Pro-forma: not a tax invoice. No payment is due until it is accepted.',
  number: 'Number',
  issueDate: 'Issue date',
  dueDate: 'Due date',
  customer: 'Customer',
  contract: 'Contract',
  contracts: 'Contracts',
  subcontract: 'Subcontract',
  poNumber: 'Purchase order',
  yourReference: 'Your reference',
  yourTaxId: 'Your tax ID',
  taxId: 'Tax ID',
  registration: 'Registration',
  credits: (invoice, on) => `Credits invoice ${invoice}${on === null ? '' : ` of ${on}`}`,
  amountDue: 'Amount due',
  amountCredited: 'Credited to you',
  amountPaid: 'Paid in full',
  proFormaTotal: 'Total on acceptance',
  dueBy: (date) => `due ${date}`,
  settled: 'Nothing is left to pay.',
  covers: 'For',
  andMore: (count) => `and ${count} more`,
  howToPay: 'How to pay',
  bank: 'Bank',
  iban: 'IBAN',
  bic: 'BIC',
  routing: 'Routing number',
  accountNumber: 'Account number',
  payee: 'Payee',
  remitTo: 'Send checks to',
  paymentReference: 'Payment reference',
  payOnline: 'Pay online',
  scanToPay: 'Scan to pay',
  columns: {
    position: '#',
    description: 'Description',
    quantity: 'Quantity',
    unitPrice: 'Unit price',
    discount: 'Disc.',
    tax: 'Tax',
    net: 'Net',
  },
  continued: 'continued',
  subtotal: (of) => `Subtotal ${of}`,
  net: 'Net total',
  tax: (rate) => `Tax ${rate}`,
  total: 'Total',
  paid: 'Paid',
  balance: 'Balance due',
  taxTable: { title: 'Tax summary', base: 'Net', tax: 'Tax' },
  accountingTax: (tax, rate, on) => `Tax ${tax} at the rate of ${rate} of ${on}`,
  taxNames: {
    S: 'Standard',
    Z: 'Zero rate',
    E: 'Exempt',
    AE: 'Reverse charge',
    K: 'Intra-community supply',
    G: 'Export',
    O: 'Outside scope of tax',
  },
  taxReasons: {
    E: 'Exempt from tax.',
    AE: 'Reverse charge: the recipient is liable for the tax.',
    K: 'Intra-community supply, exempt from tax.',
    G: 'Export, exempt from tax.',
    O: 'Not subject to tax.',
  },
  caughtUp: (month) => (month === null ? 'caught up' : `caught up, was due ${month}`),
  terms: 'Payment terms',
  lateCharges: 'Late payment',
  notes: 'Notes',
  history: 'History',
  details: 'Further details',
  questions: (contact) => `Questions about this document: ${contact}`,
  page: (page, pages) => `Page ${page} of ${pages}`,
  appendix: 'How each amount was computed',
  appendixIntro: 'For every line: the rule, what went into it, and the arithmetic.',
  allIn: (currency) => `All amounts in ${currency}`,
  statement: {
    title: 'Statement of account',
    period: 'Period',
    asOf: 'As of',
    opening: 'Opening balance',
    closing: 'Closing balance',
    date: 'Date',
    document: 'Document',
    what: 'Description',
    amount: 'Amount',
    balance: 'Balance',
    aging: 'Open by age',
    openItems: 'Open items',
    due: 'Due',
    open: 'Open',
    overdue: 'Overdue',
    days: (days) => (days === 1 ? '1 day' : `${days} days`),
    notDue: 'not due yet',
    disputed: 'in dispute',
    unapplied: 'Credit not yet applied',
    nothing: 'Nothing happened in this period.',
    news: 'News for you',
    amountOpen: 'You owe',
    inYourFavour: 'In your favour',
    kinds: {
      invoice: 'Invoice',
      credit_note: 'Credit note',
      late_charge: 'Late charge',
      void: 'Voided',
      payment: 'Payment, thank you',
      exchange: 'Payment counted in another currency',
      refund: 'Refund',
      reversal: 'Payment taken back',
      discount: 'Discount taken',
      write_off: 'Written off',
      opening: 'Brought forward',
    },
    ages: ['not due', '1–30 days', '31–60 days', '61–90 days', 'over 90 days'],
  },
  reminder: {
    title: (stage, final) => (final ? 'Final notice' : `Reminder ${stage}`),
    salutation: 'Dear Sir or Madam,',
    intro: (stage, final, date) =>
      final
        ? `Despite our reminders the items below are still open on ${date}. This is our final notice.`
        : stage === 1
          ? `On ${date} we have not yet received your payment for the items below. Perhaps it was overlooked.`
          : `We wrote to you before about the items below. On ${date} they are still open.`,
    items: 'Open items',
    interest: 'Late interest to date',
    fee: 'Reminder fee',
    total: 'Total to pay',
    payBy: (date) => `Please pay by ${date}.`,
    next: (date, text) => `What happens next: on ${date} ${text}`,
    ignore:
      'If you have paid in the meantime, please disregard this letter. If something is wrong with an invoice, tell us which line: we will look at it at once, and no reminder follows for it until then.',
    closing: 'Yours faithfully',
    disputed: 'in dispute, not due now',
  },
  renewal: {
    title: 'Renewal agreement',
    notice: 'Pro-forma: not an invoice. The invoice follows once the renewal is agreed.',
    nextTerm: 'Next term',
    answerBy: 'Please answer by',
    newPrice: 'Next term',
    running: 'Running term',
    change: 'What changed',
    changes: 'What changes with this term',
    priceRule: 'Price rule',
    isNew: 'new',
    totalNet: 'Net for the next term',
    totalTax: 'Tax',
    total: 'Total for the next term',
    autoRenews: (date) =>
      `This contract renews by itself${date === null ? '' : ` unless notice reaches us by ${date}`}. Nothing needs to be signed.`,
    accept: (date) =>
      `To renew, accept online, return this page signed, or pay the total by ${date}.`,
    acceptPo: (date) => `To renew, send us your purchase order by ${date}.`,
    online: 'Accept online',
    signature: 'Signature',
    placeDate: 'Place, date',
    nameTitle: 'Name, title',
    signedBy: (party) => `For ${party}`,
    compared: (amount, percent) => `${amount} (${percent}) compared with the running term`,
  },
};

const de: Wording = {
  titles: {
    invoice: 'Rechnung',
    credit_note: 'Gutschrift',
    late_charge: 'Verzugskosten',
    pro_forma: 'Proforma-Rechnung',
  },
  draft: 'Entwurf',
  draftNotice: 'Entwurf zur Prüfung. Keine Rechnung: ohne Nummer, keine Zahlung fällig.',
  proFormaNotice: 'Proforma: keine Rechnung im Sinne des UStG. Zahlung erst nach Annahme fällig.',
  number: 'Nummer',
  issueDate: 'Rechnungsdatum',
  dueDate: 'Fällig am',
  customer: 'Kundennummer',
  contract: 'Vertrag',
  contracts: 'Verträge',
  subcontract: 'Untervertrag',
  poNumber: 'Bestellnummer',
  yourReference: 'Ihr Zeichen',
  yourTaxId: 'Ihre USt-IdNr.',
  taxId: 'USt-IdNr.',
  registration: 'Register',
  credits: (invoice, on) => `Gutschrift zu Rechnung ${invoice}${on === null ? '' : ` vom ${on}`}`,
  amountDue: 'Zu zahlen',
  amountCredited: 'Ihnen gutgeschrieben',
  amountPaid: 'Vollständig bezahlt',
  proFormaTotal: 'Gesamtbetrag bei Annahme',
  dueBy: (date) => `fällig am ${date}`,
  settled: 'Es ist nichts mehr zu zahlen.',
  covers: 'Für',
  andMore: (count) => `und ${count} weitere`,
  howToPay: 'So bezahlen Sie',
  bank: 'Bank',
  iban: 'IBAN',
  bic: 'BIC',
  routing: 'Bankleitzahl',
  accountNumber: 'Kontonummer',
  payee: 'Empfänger',
  remitTo: 'Schecks an',
  paymentReference: 'Verwendungszweck',
  payOnline: 'Online bezahlen',
  scanToPay: 'Scannen und zahlen',
  columns: {
    position: 'Pos.',
    description: 'Beschreibung',
    quantity: 'Menge',
    unitPrice: 'Einzelpreis',
    discount: 'Rabatt',
    tax: 'USt',
    net: 'Netto',
  },
  continued: 'Fortsetzung',
  subtotal: (of) => `Zwischensumme ${of}`,
  net: 'Summe netto',
  tax: (rate) => `USt ${rate}`,
  total: 'Gesamtbetrag',
  paid: 'Bezahlt',
  balance: 'Noch zu zahlen',
  taxTable: { title: 'Steuerübersicht', base: 'Netto', tax: 'Steuer' },
  accountingTax: (tax, rate, on) => `Steuer ${tax} zum Kurs ${rate} vom ${on}`,
  taxNames: {
    S: 'Regelsatz',
    Z: 'Nullsatz',
    E: 'Steuerfrei',
    AE: 'Reverse Charge',
    K: 'Innergemeinschaftlich',
    G: 'Ausfuhr',
    O: 'Nicht steuerbar',
  },
  taxReasons: {
    E: 'Steuerfreie Leistung.',
    AE: 'Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge).',
    K: 'Steuerfreie innergemeinschaftliche Lieferung.',
    G: 'Steuerfreie Ausfuhrlieferung.',
    O: 'Nicht steuerbare Leistung.',
  },
  caughtUp: (month) => (month === null ? 'nachberechnet' : `nachberechnet, fällig war ${month}`),
  terms: 'Zahlungsbedingungen',
  lateCharges: 'Zahlungsverzug',
  notes: 'Hinweise',
  history: 'Verlauf',
  details: 'Weitere Angaben',
  questions: (contact) => `Fragen zu diesem Beleg: ${contact}`,
  page: (page, pages) => `Seite ${page} von ${pages}`,
  appendix: 'So wurde jeder Betrag berechnet',
  appendixIntro: 'Zu jeder Position: die Regel, die Eingangswerte und der Rechenweg.',
  allIn: (currency) => `Alle Beträge in ${currency}`,
  statement: {
    title: 'Kontoauszug',
    period: 'Zeitraum',
    asOf: 'Stand',
    opening: 'Anfangssaldo',
    closing: 'Endsaldo',
    date: 'Datum',
    document: 'Beleg',
    what: 'Beschreibung',
    amount: 'Betrag',
    balance: 'Saldo',
    aging: 'Offen nach Alter',
    openItems: 'Offene Posten',
    due: 'Fällig',
    open: 'Offen',
    overdue: 'Überfällig',
    days: (days) => (days === 1 ? '1 Tag' : `${days} Tage`),
    notDue: 'noch nicht fällig',
    disputed: 'strittig',
    unapplied: 'Noch nicht verrechnetes Guthaben',
    nothing: 'In diesem Zeitraum gab es keine Bewegung.',
    news: 'Neues für Sie',
    amountOpen: 'Von Ihnen zu zahlen',
    inYourFavour: 'Zu Ihren Gunsten',
    kinds: {
      invoice: 'Rechnung',
      credit_note: 'Gutschrift',
      late_charge: 'Verzugskosten',
      void: 'Storniert',
      payment: 'Zahlung, vielen Dank',
      exchange: 'Zahlung in anderer Währung angerechnet',
      refund: 'Rückzahlung',
      reversal: 'Zahlung zurückgebucht',
      discount: 'Skonto',
      write_off: 'Ausgebucht',
      opening: 'Übertrag',
    },
    ages: ['nicht fällig', '1–30 Tage', '31–60 Tage', '61–90 Tage', 'über 90 Tage'],
  },
  reminder: {
    title: (stage, final) =>
      final ? 'Letzte Mahnung' : stage === 1 ? 'Zahlungserinnerung' : `${stage - 1}. Mahnung`,
    salutation: 'Sehr geehrte Damen und Herren,',
    intro: (stage, final, date) =>
      final
        ? `trotz unserer Mahnungen sind die folgenden Posten am ${date} noch offen. Dies ist unsere letzte Mahnung.`
        : stage === 1
          ? `für die folgenden Posten haben wir bis zum ${date} noch keinen Zahlungseingang feststellen können. Sicher haben Sie es nur übersehen.`
          : `wir haben Ihnen zu den folgenden Posten bereits geschrieben. Am ${date} sind sie noch offen.`,
    items: 'Offene Posten',
    interest: 'Verzugszinsen bis heute',
    fee: 'Mahngebühr',
    total: 'Zu zahlen',
    payBy: (date) => `Bitte zahlen Sie bis zum ${date}.`,
    next: (date, text) => `Wie es weitergeht: Am ${date} ${text}`,
    ignore:
      'Haben Sie inzwischen gezahlt, betrachten Sie dieses Schreiben bitte als gegenstandslos. Stimmt etwas an einer Rechnung nicht, nennen Sie uns die Position: wir prüfen sie sofort und mahnen sie bis dahin nicht an.',
    closing: 'Mit freundlichen Grüßen',
    disputed: 'strittig, jetzt nicht fällig',
  },
  renewal: {
    title: 'Verlängerungsvereinbarung',
    notice: 'Proforma: keine Rechnung. Die Rechnung folgt, sobald die Verlängerung vereinbart ist.',
    nextTerm: 'Nächste Laufzeit',
    answerBy: 'Antwort bitte bis',
    newPrice: 'Neue Laufzeit',
    running: 'Laufend',
    change: 'Änderung',
    changes: 'Was sich mit dieser Laufzeit ändert',
    priceRule: 'Preisregel',
    isNew: 'neu',
    totalNet: 'Netto für die nächste Laufzeit',
    totalTax: 'Steuer',
    total: 'Gesamt für die nächste Laufzeit',
    autoRenews: (date) =>
      `Dieser Vertrag verlängert sich von selbst${date === null ? '' : `, wenn uns bis zum ${date} keine Kündigung erreicht`}. Es ist nichts zu unterschreiben.`,
    accept: (date) =>
      `Zum Verlängern nehmen Sie bitte bis zum ${date} online an, senden diese Seite unterschrieben zurück oder zahlen den Gesamtbetrag.`,
    acceptPo: (date) => `Zum Verlängern senden Sie uns bitte bis zum ${date} Ihre Bestellung.`,
    online: 'Online annehmen',
    signature: 'Unterschrift',
    placeDate: 'Ort, Datum',
    nameTitle: 'Name, Funktion',
    signedBy: (party) => `Für ${party}`,
    compared: (amount, percent) => `${amount} (${percent}) gegenüber der laufenden Laufzeit`,
  },
};

const WORDINGS: Readonly<Record<Language, Wording>> = { en, de };

export function wordingOf(language: Language): Wording {
  return WORDINGS[language];
}

/** The printed reason of a tax subtotal: the given one, else the category's usual one; none where tax is charged. */
export function taxReason(
  tax: { readonly category: TaxCategory; readonly reason: string | null },
  wording: Wording,
): string | null {
  if (tax.reason !== null) return tax.reason;
  if (tax.category === 'S' || tax.category === 'Z') return null;
  return wording.taxReasons[tax.category];
}
