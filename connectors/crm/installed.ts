/**
 * Which CRM this installation writes to and compares with, as its configuration says: HubSpot (HUBSPOT_TOKEN), else our own
 * notes.
 */
import type { Configuration } from '../configuration.ts';
import { createBuiltInCrm } from './built-in/crm.ts';
import { createHubSpotCrm } from './hubspot/crm.ts';
import type { AccountNote, Crm } from './port.ts';

export type CrmConfiguration = Pick<
  Configuration,
  'HUBSPOT_TOKEN' | 'HUBSPOT_URL' | 'HUBSPOT_TAX_ID_PROPERTY' | 'HUBSPOT_MAIL_PROPERTY'
>;

/** What a CRM needs of our own record. */
export interface CrmRecord {
  /** Keeps a note in our own record, once a key. */
  readonly keepNote: (note: AccountNote) => Promise<unknown>;
  /** `accounts.crm_id`; null where an account has none. */
  readonly idOf: (account: string) => Promise<string | null>;
}

const TIMEOUT_SECONDS = 20;
/** HubSpot allows four to five searches a second. */
const SEARCH_EVERY_MS = 260;

export function installedCrm(configuration: CrmConfiguration, { keepNote, idOf }: CrmRecord): Crm {
  const { HUBSPOT_TOKEN, HUBSPOT_URL } = configuration;
  if (HUBSPOT_TOKEN === undefined) return createBuiltInCrm(keepNote);
  const { HUBSPOT_TAX_ID_PROPERTY: taxId, HUBSPOT_MAIL_PROPERTY: email } = configuration;
  return createHubSpotCrm({
    ...{ origin: HUBSPOT_URL, token: HUBSPOT_TOKEN, idOf, keepNote },
    ...{ timeoutSeconds: TIMEOUT_SECONDS, searchEveryMs: SEARCH_EVERY_MS },
    own: {
      ...(taxId === undefined ? {} : { taxId }),
      ...(email === undefined ? {} : { email }),
    },
  });
}
