/** The parts of the API's answers that the sample year reads (api/types.ts describes them whole). */
import type { Money } from '../http/words.ts';

export type { Money };

export interface AccountRef {
  readonly account: string;
  readonly name: string;
}

export interface AccountAnswer extends AccountRef {
  readonly status: 'active' | 'closed';
  readonly billingEmail: string | null;
  readonly open: readonly Money[];
  readonly clock: string | null;
}

export interface ContractAnswer {
  readonly contract: string;
  readonly account: AccountRef;
  readonly end: string;
  readonly billingFrequency: string;
  readonly status: string;
  readonly autoRenew: boolean;
  readonly needsAttention: string | null;
  readonly words: string | null;
}

export interface Draft {
  readonly kind: 'invoice' | 'credit_note';
  readonly contract: string | null;
  readonly account: AccountRef;
  readonly dueDate: string;
  readonly total: Money;
  readonly lines: readonly {
    readonly subcontract: string | null;
    readonly kind: string;
    readonly periodStart: string | null;
    readonly caughtUp: boolean;
  }[];
}

export interface PreviewAnswer {
  readonly documents: readonly Draft[];
  readonly held: readonly { readonly contract: string }[];
  readonly setAside: readonly { readonly contract: string }[];
}

export interface RunAnswer {
  readonly run: string;
  readonly state: string;
  readonly words: string;
  readonly willDo: string;
  readonly totals: readonly Money[];
  readonly controlAddsUp: boolean;
  readonly shownHash: string | null;
  readonly shortCode: string | null;
  readonly counts: {
    readonly invoices: number;
    readonly creditNotes: number;
    readonly excluded: number;
    readonly setAside: number;
    readonly issued: number;
    readonly failed: number;
  };
}

export interface RunItemAnswer {
  readonly item: string;
  readonly contract: string | null;
  readonly caughtUp: number;
}

export interface ClockAnswer {
  readonly clock: string;
  readonly today: string;
  readonly accounts: readonly AccountRef[];
}

export interface InvoiceAnswer {
  readonly invoice: string;
  readonly documentKey: string | null;
  readonly account: AccountRef;
  readonly contract: string | null;
  readonly entity: string;
  readonly run: string | null;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly total: Money;
  readonly balance: Money;
  readonly state: string;
  readonly imported: boolean;
}

export interface MailAnswer {
  readonly kind: string;
  readonly subject: string;
  readonly state: string;
  readonly sentOn: string;
}

const LEFT: readonly string[] = ['sent', 'delayed', 'delivered', 'complained'];
/** Whether a mail went out, whatever has become of it since, unless it came back. */
export const hasLeft = ({ state }: MailAnswer): boolean => LEFT.includes(state);

export interface InvoicePageAnswer extends InvoiceAnswer {
  readonly lines: readonly {
    readonly line: string;
    readonly subcontract: string | null;
    readonly open: Money;
  }[];
  readonly allocations: readonly { readonly payment: string }[];
  readonly mails: readonly MailAnswer[];
}

export interface PaymentAnswer {
  readonly payment: string;
  readonly state: string;
  readonly words: string;
  readonly rule: string | null;
  readonly amount: Money;
}

export interface LicenseAnswer {
  readonly license: string;
  readonly subcontract: string | null;
  readonly kind: 'full' | 'temporary' | 'evaluation' | null;
  readonly state: string;
  readonly validThrough: string | null;
}

export interface RenewalAnswer {
  readonly renewal: string;
  readonly contract: string;
  readonly account: AccountRef;
  readonly termStart: string;
  readonly termEnd: string;
  readonly state: string;
  readonly value: Money;
  readonly previousValue: Money;
}
