/** Licenses and their lives. */

/** GET /api/v1/licenses; keys are shown shortened, …/{license}/key answers the whole of it. */
export interface LicenseView {
  readonly license: string;
  readonly account: string;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly sku: string | null;
  readonly edition: string | null;
  readonly seats: string | null;
  readonly kind: 'full' | 'temporary' | 'evaluation' | null;
  readonly state: 'enabled' | 'suspended' | 'superseded' | 'revoked';
  readonly validFrom: string | null;
  readonly validThrough: string | null;
  readonly keyShort: string | null;
  readonly cause: string | null;
  readonly supersededBy: string | null;
  /** Null where somebody else issued it and an import brought it: it has no page and no key here. */
  readonly issuedOn: string | null;
}
/** One step of a license's life: what happened, why, who did it and when. */
export interface LicenseTransitionView {
  readonly on: string;
  readonly at: string;
  readonly action: 'issue' | 'supersede' | 'suspend' | 'reinstate' | 'revoke';
  readonly state: LicenseView['state'];
  readonly cause: string;
  /** A person's name, or `Perennial` where a rule did it by itself. */
  readonly actor: string;
  readonly note: string | null;
  readonly replacedBy: string | null;
}
/** GET /api/v1/licenses/{license} */
export interface LicensePage extends LicenseView {
  readonly features: readonly string[];
  /** What the person asking may do with it. */
  readonly may: readonly ('reveal' | 'reissue')[];
  readonly transitions: readonly LicenseTransitionView[];
}
