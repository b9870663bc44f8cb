/** What each mail is written from: plain data, money in minor units, dates civil, texts already decided. */
import type { OpenItem } from '../model.ts';
import type { MailSender } from './layout.ts';

interface CustomerMail {
  readonly sender: MailSender;
  /** The person addressed; null greets without a name. */
  readonly recipientName: string | null;
  /** BCP 47; mails are written in English and German. */
  readonly language: string;
  /** The seller's country: decides how plain English writes dates. */
  readonly sellerCountry: string | null;
}

export interface HowToPay {
  readonly payUrl: string | null;
  readonly iban: string | null;
  readonly bic: string | null;
  readonly accountNumber: string | null;
  readonly routingNumber: string | null;
  readonly bankName: string | null;
  /** What the transfer has to say. */
  readonly reference: string;
}

export interface InvoiceMail extends CustomerMail {
  readonly invoice: string;
  /** What it covers, in words: "maintenance of Acme CAD". */
  readonly covers: string;
  readonly contracts: readonly string[];
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly poNumber: string | null;
  readonly pay: HowToPay;
  /** Whether the customer had this mail before. */
  readonly isCopy: boolean;
}

/** Some days before the due date: a courtesy, no reminder. */
export type CourtesyMail = Omit<InvoiceMail, 'isCopy'>;

export interface ReminderMail extends CustomerMail {
  readonly account: string;
  readonly asOf: string;
  readonly currency: string;
  readonly items: readonly OpenItem[];
  readonly totalMinor: number;
  readonly payBy: string;
  readonly nextStep: { readonly on: string; readonly text: string } | null;
  readonly pay: HowToPay;
  readonly promiseUrl: string | null;
  readonly disputeUrl: string | null;
}

export interface CoveredLine {
  readonly invoice: string;
  readonly subcontract: string | null;
  readonly description: string;
  readonly amountMinor: number;
}

export interface ReceiptMail extends CustomerMail {
  readonly receivedOn: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** What came, where it counts as the amount above in another currency; null where it is that. */
  readonly came: { readonly amountMinor: number; readonly currency: string } | null;
  readonly covered: readonly CoveredLine[];
  readonly unappliedMinor: number;
  readonly accountUrl: string | null;
}

/** One key as its mail shows it. */
export interface MailedKey {
  readonly key: string;
  readonly product: string;
  /** Null where the product has but one. */
  readonly edition: string | null;
  readonly features: readonly string[];
  readonly seats: string;
  readonly kind: 'full' | 'temporary' | 'evaluation';
  readonly validFrom: string;
  readonly validThrough: string;
  readonly subcontract: string | null;
  /** Whether an earlier key ends with this one. */
  readonly replaces: boolean;
  /** How this product is given its key; null for the words that fit every product. */
  readonly install: string | null;
}

/** All keys that one payment, or one delay of billing, brought; with what the customer may want to check. */
export interface KeyMail extends CustomerMail {
  /** One at least. */
  readonly keys: readonly MailedKey[];
  readonly account: string;
  readonly accountName: string;
  /** The account as we have it besides its name: address, tax number, contacts; in the customer's words. */
  readonly accountLines: readonly string[];
  /** The payment that brought them; null for temporary keys and those sent again. */
  readonly payment: {
    readonly receivedOn: string;
    readonly amountMinor: number;
    readonly currency: string;
  } | null;
  /** What the payment covered. */
  readonly covered: readonly CoveredLine[];
  readonly currency: string;
  /** What is not paid yet; null where nothing is, or it has not been invoiced. */
  readonly open: {
    readonly invoice: string;
    readonly openMinor: number;
    readonly payUrl: string | null;
  } | null;
  /** Licensed assets, oldest first. */
  readonly assets: readonly { readonly on: string; readonly text: string }[];
  /** What was bought when: issued invoices, newest first. */
  readonly purchases: readonly {
    readonly invoice: string;
    readonly issuedOn: string;
    readonly totalMinor: number;
    readonly currency: string;
  }[];
  /** Support cases of the twelve months before the mail, newest first. */
  readonly incidents: readonly {
    readonly incident: string;
    readonly opened: string;
    readonly subject: string;
    readonly isClosed: boolean;
    /** Time spent on it; null where it was not kept. */
    readonly minutes: number | null;
  }[];
  /** The first day that incidents are counted from. */
  readonly incidentsSince: string;
  /** The customer's record, where they check and correct it. */
  readonly recordUrl: string;
}

export interface RenewalMail extends CustomerMail {
  readonly contract: string;
  readonly covers: string;
  readonly termStart: string;
  readonly termEnd: string;
  readonly netMinor: number;
  readonly totalMinor: number;
  readonly currency: string;
  readonly answerBy: string;
  readonly autoRenews: boolean;
  readonly noticeDate: string | null;
  readonly poRequired: boolean;
  readonly changes: readonly string[];
  readonly acceptUrl: string | null;
}

export interface RenewalReminderMail extends RenewalMail {
  readonly endsOn: string;
  readonly daysLeft: number;
}

export interface CreditNoteMail extends CustomerMail {
  readonly creditNote: string;
  readonly credits: string | null;
  readonly reason: string;
  /** What is credited, as a positive amount. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly issueDate: string;
  /** What is left to pay of the credited invoice; null where it is not known or none was credited. */
  readonly openMinor: number | null;
  readonly accountUrl: string | null;
}

/** Inside the house: a second person is asked to decide. */
export interface ApprovalMail {
  readonly sender: MailSender;
  readonly approverName: string | null;
  readonly what: string;
  readonly requestedBy: string;
  readonly documents: number;
  readonly totals: readonly { readonly currency: string; readonly amountMinor: number }[];
  readonly decideBy: string | null;
  /** The short code of the hash of what is approved; the page shows the same. */
  readonly code: string;
  readonly remarks: readonly string[];
  readonly url: string;
}

/** Inside the house: something is parked until a person decides. */
export interface AttentionMail {
  readonly sender: MailSender;
  readonly recipientName: string | null;
  readonly items: readonly {
    readonly subject: string;
    readonly cause: string;
    readonly suggestion: string;
    readonly amountMinor: number | null;
    readonly currency: string | null;
    readonly url: string;
  }[];
  readonly url: string;
}

/** To an account's owner in the house: is what was found right? */
export interface QuestionMail {
  readonly sender: MailSender;
  /** `F-17`. */
  readonly finding: string;
  /** What the finding is: "Never billed". */
  readonly title: string;
  /** The customer's name. */
  readonly account: string;
  readonly question: string;
  readonly suggestion: string;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  /** Where it is answered, without a login. */
  readonly url: string;
}

/** Kind of mail → what it is written from. */
export interface MailModels {
  readonly invoice: InvoiceMail;
  readonly courtesy: CourtesyMail;
  readonly 'reminder-1': ReminderMail;
  readonly 'reminder-2': ReminderMail;
  readonly 'final-notice': ReminderMail;
  readonly receipt: ReceiptMail;
  readonly key: KeyMail;
  readonly renewal: RenewalMail;
  readonly 'renewal-reminder': RenewalReminderMail;
  readonly 'credit-note': CreditNoteMail;
  readonly approval: ApprovalMail;
  readonly attention: AttentionMail;
  readonly question: QuestionMail;
}
export type MailKind = keyof MailModels;
export type AnyCustomerMail = CustomerMail;
