/** Importing a contract book: uploads, their mapping, the import and taking it back. */
import type { Money } from './common.ts';

/** GET /api/v1/imports */
export interface ImportView {
  readonly id: string;
  readonly source: string;
  readonly rows: Readonly<
    Record<string, { readonly added: number; readonly changed: number; readonly same: number }>
  >;
  readonly importedBy: string;
  readonly importedAt: string;
  /** Null while it is in force. */
  readonly undoneAt: string | null;
  readonly undoneBy: string | null;
}
/**
 * POST /api/v1/imports/uploads (multipart: files; field `mapping` names a saved one) and GET …/uploads, …/uploads/{upload}:
 * files of a contract book that wait for a person. Nothing of them is in the record.
 */
export interface BookUpload {
  readonly upload: string;
  /** In words: the file's name, or how many there are. */
  readonly source: string;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
  /** Grows with every change; goes back with the commit. */
  readonly version: number;
  readonly files: readonly BookFile[];
  /** Files that are no tables. */
  readonly leftOut: readonly string[];
  readonly mappingName: string | null;
  /** Rows by table, faulty ones included. */
  readonly tables: Readonly<Record<string, number>>;
  readonly errorCount: number;
  readonly warningCount: number;
  readonly correctedRows: number;
  readonly importId: string | null;
}
/** One file or sheet of an upload and what it is read as. PUT …/uploads/{upload}/mapping {files, saveAs?}. */
export interface BookFile {
  readonly file: string;
  readonly headers: readonly string[];
  /** The first rows, as they came. */
  readonly sample: readonly (readonly string[])[];
  /** The table of the contract book; null: left out. */
  readonly table: string | null;
  /** Header → column of the book or name of a custom column; null: left out. */
  readonly columns: Readonly<Record<string, string | null>>;
  readonly dates: 'iso' | 'day.month.year' | 'day/month/year' | 'month/day/year';
  readonly decimals: 'plain' | 'point' | 'comma';
  /** Header → value as the file writes it → value of the book; an empty text leaves the cell empty. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Columns that take a list of words, with what stands there; answered only. */
  readonly found: readonly BookColumnValues[];
}
export interface BookColumnValues {
  readonly header: string;
  readonly column: string;
  /** What the book takes there; empty where it is no short list (countries, currencies, payment terms). */
  readonly choices: readonly string[];
  readonly names: Readonly<Record<string, string>>;
  readonly values: readonly {
    readonly value: string;
    readonly count: number;
    /** Whether the book takes it as it stands. */
    readonly accepted: boolean;
  }[];
}
/** GET …/uploads/{upload}/problems?kind=errors&from=0; PATCH …/uploads/{upload}/rows {table, row, cells | null}. */
export interface BookProblem {
  readonly table: string | null;
  readonly file: string;
  /** As a spreadsheet counts; null: the whole file. */
  readonly row: number | null;
  readonly column: string | null;
  readonly value: string | null;
  readonly message: string;
  /** The row as it is now, by column; null where the whole file or its header is meant. */
  readonly cells: Readonly<Record<string, string>> | null;
}
/** GET /api/v1/imports/tables: the book's tables and columns, for a mapping. */
export interface BookTable {
  readonly table: string;
  readonly required: boolean;
  readonly columns: readonly { readonly name: string; readonly required: boolean }[];
}
export interface OpenAmount {
  readonly count: number;
  readonly amount: Money;
}
/** POST …/uploads/{upload}/summary {cutover, acceptValid?}: what the import would do; nothing is written. */
export interface BookImportSummary {
  /** Of the upload, as it was read. */
  readonly version: number;
  readonly rows: ImportView['rows'];
  readonly leftOut: number;
  readonly accounts: number;
  readonly contracts: number;
  readonly subcontracts: number;
  readonly openInvoices: readonly OpenAmount[];
  readonly openCredits: readonly OpenAmount[];
  readonly unapplied: readonly OpenAmount[];
  readonly nextRun: {
    readonly runOn: string;
    readonly invoices: number;
    readonly creditNotes: number;
    readonly totals: readonly OpenAmount[];
    readonly held: number;
    readonly setAsideCount: number;
    /** The first of them. */
    readonly setAside: readonly { contract: string; code: string; reason: string }[];
    readonly warnings: readonly string[];
  };
  readonly entities: readonly { readonly entity: string; readonly cutover: string | null }[];
}
/** POST …/uploads/{upload}/commit {version, cutover, acceptValid?} */
export interface BookImportReport {
  /** Null where everything was there already: nothing was written. */
  readonly importId: string | null;
  readonly rows: ImportView['rows'];
  readonly leftOut: number;
}
/** GET /api/v1/imports/last: the import that could be undone, and what keeps it; POST /api/v1/imports/{id}/undo {reason}. */
export interface LastImport {
  readonly import: ImportView | null;
  /** What rests on it, in words; empty: it can be undone. */
  readonly obstacles: readonly string[];
}
export interface UndoneImportView {
  readonly importId: string;
  readonly contracts: number;
  readonly removed: Readonly<Record<string, number>>;
  readonly restored: Readonly<Record<string, number>>;
}
/** GET /api/v1/imports/samples: the samples of a first start; POST …/samples/remove {reason?} takes them out. */
export interface SampleState {
  readonly present: boolean;
  readonly accounts: number;
  readonly contracts: number;
  /** What keeps them from being removed, in words; empty: they can be. */
  readonly obstacles: readonly string[];
}
export interface RemovedSamples {
  readonly contracts: number;
  /** Bill runs in review that were computed with them and went too. */
  readonly runs: readonly string[];
  readonly removed: Readonly<Record<string, number>>;
}
