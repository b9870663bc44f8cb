/** What answers of every kind are made of. */

/** An amount in integer minor units: {amount: 119000, currency: 'EUR'} is 1,190.00 EUR. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}
/** Every list: `?limit=50&cursor=…&sort=-due&q=…`, and filters by name. `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** Rows that the filter matches, over all pages. */
  readonly total: number;
}
/** A document, account or person by what people call it. */
export interface AccountRef {
  readonly account: string;
  readonly name: string;
}
export interface UserRef {
  readonly id: string;
  readonly name: string;
}
/** RFC 9457. `code` is stable (api/problems.ts holds all of them); `detail` says what is wrong and what to do. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly retryable: boolean;
  /** Who can act: the person asking, an admin, an operator, or nobody. */
  readonly whoActs: 'caller' | 'finance' | 'admin' | 'operator' | 'nobody';
  /** Fields that were refused, where the body or the query was. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
/** 202 of work that goes on: where to look. */
export interface Accepted {
  readonly accepted: true;
  readonly look: string;
}
/** One line of a preview: what is so now, and what would be. */
export interface PreviewChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}
/** Who changed what, from the audit trail. */
export interface ChangeView {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly role: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}
export interface DocumentView {
  readonly key: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly url: string;
}
