/** Mails that went out, and what became of them. */

export interface MailView {
  readonly key: string;
  readonly kind: string;
  readonly subject: string;
  readonly recipients: readonly string[];
  /** `sent`: the mail server has it; what became of it then is told by a provider or a bounce mail. */
  readonly state:
    | 'sending'
    | 'sent'
    | 'rejected'
    | 'unknown'
    | 'delayed'
    | 'delivered'
    | 'bounced'
    | 'complained';
  readonly reason: string | null;
  readonly sentOn: string;
  readonly invoice: string | null;
  /** What was told of single recipients. */
  readonly deliveries: readonly {
    readonly address: string;
    readonly state: 'delayed' | 'delivered' | 'bounced' | 'complained';
    readonly reason: string | null;
    readonly at: string;
  }[];
  /** It did not arrive, or nobody knows, and no later mail stood in for it. */
  readonly undelivered: boolean;
  /** Undelivered, and POST /mails/{key}/send-again sends it. */
  readonly sendsAgain: boolean;
  /** It goes out as a copy of the invoice, to another address where one is given. */
  readonly asCopy: boolean;
}
/** POST /api/v1/mails/{key}/send-again: taken on; its state says when it has left. */
export interface MailSending {
  readonly mail: string;
}
