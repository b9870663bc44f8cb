/** What Perennial writes back to a CRM: notes on an account. Reading deals comes in by webhook (api/webhooks). */
export interface AccountNote {
  /** The business key: the same note again is one note. */
  readonly key: string;
  readonly account: string;
  readonly contract: string | null;
  readonly subject: string;
  readonly body: string;
  readonly notedOn: string;
}

/** The three answers of an outside system; `unknown` may have taken effect and is looked up by the note's key. */
export type CrmAnswer =
  | { readonly result: 'ok'; readonly reference: string }
  | { readonly result: 'rejected'; readonly message: string }
  | { readonly result: 'unknown'; readonly message: string };

export interface Crm {
  readonly system: string;
  /** True where notes leave the house: then each is a step of its own with its own retries. */
  readonly external: boolean;
  /** Writes a note unless one with its key is there already. */
  addNote(note: AccountNote): Promise<CrmAnswer>;
}
