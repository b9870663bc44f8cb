/** Settings of the installation and of the selling companies; its events and test clocks. */
import type { AccountRef } from './common.ts';

/** GET /api/v1/settings, PATCH /api/v1/settings/{name} {value} */
export interface Setting {
  readonly name: string;
  readonly value: unknown;
  readonly words: string;
  readonly changedBy: string | null;
  readonly changedAt: string | null;
}
/**
 * GET and PATCH /api/v1/settings/company/{entity} {columns, nextNumber?, ladder?, reason}; the names: GET …/settings/company.
 * Previews on real data: …/preview/invoice (PDF), …/preview/mails/{kind}?language=de (HTML); `?changes=` shows unsaved ones.
 */
export interface CompanyView {
  readonly entity: string;
  /** Columns of `entities` as the contract book writes them. */
  readonly columns: Readonly<Record<string, string | null>>;
  /** A data URI; PUT …/logo {content: base64 | null, reason}. */
  readonly logo: string | null;
  readonly invoices: SeriesView;
  readonly creditNotes: SeriesView;
  /** The ladder's own text; null: the default holds. */
  readonly ladder: string | null;
  readonly stages: readonly {
    readonly name: string;
    readonly dayOffset: number;
    readonly actions: readonly string[];
  }[];
}
export interface SeriesView {
  readonly series: string;
  readonly fiscalYear: number;
  readonly nextNumber: number;
  /** What the next document is called. */
  readonly next: string;
  readonly lastIssuedOn: string | null;
}
/** GET /api/v1/events: what came in from outside, and what was made of it. */
export interface InboxEvent {
  readonly id: number;
  readonly provider: string;
  readonly eventId: string;
  readonly kind: string;
  readonly state: 'stored' | 'processed' | 'ignored' | 'failed';
  readonly reason: string | null;
  readonly receivedAt: string;
}
/** GET /api/v1/clock (a list), POST {clock, today, accounts}, POST …/{clock}/advance {to}, DELETE …/{clock} */
export interface Clock {
  readonly clock: string;
  readonly today: string;
  readonly accounts: readonly AccountRef[];
  readonly createdAt: string;
}
