/**
 * HubSpot as CRM (connector facts A2): companies and deals to compare, companies to correct, notes to write. Lists are
 * searches in the order of ids, each page beyond the last id of the page before: a search ends at 10,000 hits, and a list that
 * moves while it is read loses none this way. Notes carry our key in a property with unique values, so that the same note
 * again is the same note. An account without an id there has its notes in our own record.
 */
import { z } from 'zod';
import type { OutsideCustomer } from '../../../domain/findings/outside.ts';
import {
  type CorrectionAnswer,
  type CustomerCorrection,
  type CustomerFields,
  correctionState,
  type PageAt,
  type ReachAnswer,
  type ReadOne,
  type ReadPage,
  type Refused,
  type Unreached,
} from '../../outside-system.ts';
import type { AccountNote, Crm, CrmAnswer } from '../port.ts';
import { type CallHubSpot, createHubSpotClient, type HubSpotConnection } from './client.ts';
import {
  companyProperties,
  countryName,
  customerOf,
  DEAL_PROPERTIES,
  dealOf,
  type HubSpotObject,
  type OwnProperties,
  objectSchema,
  type Portal,
  pageSchema,
  portalSchema,
} from './records.ts';

export interface HubSpotOptions extends HubSpotConnection {
  readonly own: OwnProperties;
  /** The id there of an account of ours (`accounts.crm_id`); null where it has none. */
  readonly idOf: (account: string) => Promise<string | null>;
  /** Keeps a note of an account that has no id there. */
  readonly keepNote: (note: AccountNote) => Promise<unknown>;
}

/** The versions of HubSpot's API that this was written against. */
const OBJECTS = '/crm/v3/objects';
const ASSOCIATIONS = '/crm/v4/objects';
const PROPERTIES = '/crm/v3/properties';
const PORTAL = '/account-info/v3/details';
const PAGE_ROWS = 100;
const KEY = 'perennial_key';

interface Session {
  readonly call: CallHubSpot;
  readonly own: OwnProperties;
  /** Read once a process: it does not change. */
  portal(): Promise<{ readonly result: 'ok'; readonly portal: Portal } | Refused | Unreached>;
}

export function createHubSpotCrm(options: HubSpotOptions): Crm {
  const session = sessionOf(options);
  const notes = notesOf(session, options);
  return {
    system: 'hubspot',
    external: true,
    addNote: notes,
    reader: {
      incremental: true,
      customers: (at) =>
        search(
          session,
          'companies',
          at,
          Object.values(companyProperties(options.own)),
          (portal, row) => customerOf(portal, options.own, row),
        ),
      deals: (at) => search(session, 'deals', at, DEAL_PROPERTIES, dealOf),
    },
    corrections: {
      readCustomer: (id) => readCompany(session, id),
      correctCustomer: (correction) => correctCompany(session, correction),
    },
    reach: () => reach(session),
  };
}

function sessionOf(options: HubSpotOptions): Session {
  const call = createHubSpotClient(options);
  let known: Portal | null = null;
  return {
    call,
    own: options.own,
    async portal() {
      if (known === null) {
        const answer = plain(await call({ method: 'GET', path: PORTAL }));
        if (answer.result !== 'ok') return answer;
        const read = understood(portalSchema, answer.body, PORTAL);
        if (read.result !== 'ok') return read;
        known = read.value;
      }
      return { result: 'ok', portal: known };
    },
  };
}

type Answer = Awaited<ReturnType<CallHubSpot>>;

/** Where nothing is expected to be missing or in conflict, either is a refusal. */
function plain(answer: Answer): Extract<Answer, { result: 'ok' }> | Refused | Unreached {
  return answer.result === 'missing' || answer.result === 'conflict'
    ? { result: 'rejected', message: answer.message }
    : answer;
}

function understood<T>(
  schema: z.ZodType<T>,
  body: unknown,
  what: string,
): { readonly result: 'ok'; readonly value: T } | Refused {
  const read = schema.safeParse(body);
  if (read.success) return { result: 'ok', value: read.data };
  const why = z.prettifyError(read.error).replace(/\n\s*/g, '; ');
  return { result: 'rejected', message: `HubSpot: ${what} answered what was not expected: ${why}` };
}

// ---------------------------------------------------------------- reading

async function search<R>(
  { call, portal }: Session,
  kind: 'companies' | 'deals',
  { cursor, changedSince, from }: PageAt,
  properties: readonly string[],
  recordOf: (portal: Portal, row: HubSpotObject) => R,
): Promise<ReadPage<R>> {
  const of = await portal();
  if (of.result !== 'ok') return of;
  const filter = (propertyName: string, operator: string, value: string) => ({
    propertyName,
    operator,
    value,
  });
  const filters = [
    filter('hs_object_id', 'GT', cursor ?? '0'),
    ...(changedSince === null ? [] : [filter('hs_lastmodifieddate', 'GTE', millis(changedSince))]),
    ...(kind === 'deals' && from !== null
      ? [filter('closedate', 'GTE', millis(`${from}T00:00:00Z`))]
      : []),
  ];
  const path = `${OBJECTS}/${kind}/search`;
  const sorts = [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }];
  const body = { filterGroups: [{ filters }], sorts, properties, limit: PAGE_ROWS };
  const answer = plain(await call({ method: 'POST', path, body }));
  if (answer.result !== 'ok') return answer;
  const read = understood(pageSchema, answer.body, path);
  if (read.result !== 'ok') return read;
  const { results } = read.value;
  const records = results.map((row) => recordOf(of.portal, row));
  const last = results.length < PAGE_ROWS ? undefined : results.at(-1);
  return { result: 'ok', records, next: last?.id ?? null };
}

const millis = (instant: string): string => String(new Date(instant).getTime());

async function readCompany(session: Session, id: string): Promise<ReadOne<OutsideCustomer>> {
  const of = await session.portal();
  if (of.result !== 'ok') return of;
  const names = Object.values(companyProperties(session.own)).join(',');
  const path = `${OBJECTS}/companies/${encodeURIComponent(id)}`;
  const answer = await session.call({ method: 'GET', path: `${path}?properties=${names}` });
  if (answer.result === 'missing') return { result: 'ok', record: null };
  const found = plain(answer);
  if (found.result !== 'ok') return found;
  const read = understood(objectSchema, found.body, path);
  if (read.result !== 'ok') return read;
  return { result: 'ok', record: customerOf(of.portal, session.own, read.value) };
}

async function reach({ portal, call }: Session): Promise<ReachAnswer> {
  const of = await portal();
  if (of.result !== 'ok') return of;
  // The portal's details are told to every token: only a list shows whether it may read.
  const path = `${OBJECTS}/companies?limit=1`;
  const answer = plain(await call({ method: 'GET', path }));
  if (answer.result !== 'ok') return answer;
  return { result: 'ok', words: `HubSpot portal ${of.portal.portalId} at ${of.portal.uiDomain}` };
}

// ---------------------------------------------------------------- correcting

async function correctCompany(
  session: Session,
  correction: CustomerCorrection,
): Promise<CorrectionAnswer> {
  const { id, changes } = correction;
  const before = await existing(session, id);
  if (before.result !== 'ok') return before;
  const state = correctionState(before.customer, correction);
  if (state === 'done') return { result: 'ok', customer: before.customer };
  if (state === 'changed') return { result: 'changed', customer: before.customer };
  const properties = propertiesOf(session.own, changes);
  if (properties.result !== 'ok') return properties;
  const path = `${OBJECTS}/companies/${encodeURIComponent(id)}`;
  const written = plain(
    await session.call({ method: 'PATCH', path, body: { properties: properties.value } }),
  );
  if (written.result !== 'ok') return written;
  return existing(session, id);
}

async function existing(
  session: Session,
  id: string,
): Promise<{ readonly result: 'ok'; readonly customer: OutsideCustomer } | Refused | Unreached> {
  const answer = await readCompany(session, id);
  if (answer.result !== 'ok') return answer;
  if (answer.record === null)
    return { result: 'rejected', message: `HubSpot has no company ${id} (any more).` };
  return { result: 'ok', customer: answer.record };
}

function propertiesOf(
  own: OwnProperties,
  changes: Partial<CustomerFields>,
): { readonly result: 'ok'; readonly value: Record<string, string> } | Refused {
  const names = companyProperties(own);
  const value: Record<string, string> = {};
  for (const [field, given] of Object.entries(changes) as [keyof CustomerFields, string | null][]) {
    const name = names[field];
    if (name === undefined)
      return { result: 'rejected', message: `HubSpot keeps no ${field}: name a property for it.` };
    value[name] = field === 'country' && given !== null ? countryName(given) : (given ?? '');
  }
  return { result: 'ok', value };
}

// ---------------------------------------------------------------- notes

const upserted = z.object({ results: z.array(z.object({ id: z.string() })).min(1) });

function notesOf(
  { call }: Session,
  { idOf, keepNote }: HubSpotOptions,
): (note: AccountNote) => Promise<CrmAnswer> {
  let hasKey = false;
  return async (note) => {
    const company = await idOf(note.account);
    if (company === null) {
      await keepNote(note);
      return { result: 'ok', reference: note.key };
    }
    if (!hasKey) {
      const made = await ensureKey(call);
      if (made !== null) return made;
      hasKey = true;
    }
    const path = `${OBJECTS}/notes/batch/upsert`;
    const input = { idProperty: KEY, id: note.key, properties: noteProperties(note) };
    const answer = plain(await call({ method: 'POST', path, body: { inputs: [input] } }));
    if (answer.result !== 'ok') return answer;
    const read = understood(upserted, answer.body, path);
    if (read.result !== 'ok') return read;
    const id = read.value.results[0]?.id ?? '';
    const link = `${ASSOCIATIONS}/notes/${id}/associations/default/companies/${encodeURIComponent(company)}`;
    const linked = plain(await call({ method: 'PUT', path: link }));
    if (linked.result !== 'ok') return linked;
    return { result: 'ok', reference: id };
  };
}

function noteProperties({ key, subject, body, contract, notedOn }: AccountNote) {
  const about = contract === null ? '' : `<p>Contract ${escaped(contract)}</p>`;
  return {
    [KEY]: key,
    hs_timestamp: `${notedOn}T00:00:00Z`,
    hs_note_body: `<p><strong>${escaped(subject)}</strong></p><p>${escaped(body)}</p>${about}`,
  };
}

/** Notes are HTML there. */
function escaped(text: string): string {
  const marks: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (mark) => marks[mark] ?? mark).replace(/\n/g, '<br>');
}

/** The property that tells our notes apart is made once an account there; null where it is there. */
async function ensureKey(call: CallHubSpot): Promise<Refused | Unreached | null> {
  const found = await call({ method: 'GET', path: `${PROPERTIES}/notes/${KEY}` });
  if (found.result === 'ok') return null;
  if (found.result !== 'missing') return found.result === 'conflict' ? null : found;
  // It stands in the group of the note's text, whatever that group is called there.
  const path = `${PROPERTIES}/notes/hs_note_body`;
  const text = plain(await call({ method: 'GET', path }));
  if (text.result !== 'ok') return text;
  const read = understood(z.object({ groupName: z.string() }), text.body, path);
  if (read.result !== 'ok') return read;
  const { groupName } = read.value;
  const body = {
    ...{ name: KEY, label: 'Perennial key', groupName },
    ...{ type: 'string', fieldType: 'text', hasUniqueValue: true, hidden: true },
  };
  const made = await call({ method: 'POST', path: `${PROPERTIES}/notes`, body });
  // Another worker may have made it in between.
  if (made.result === 'ok' || made.result === 'conflict') return null;
  return made.result === 'missing' ? { result: 'rejected', message: made.message } : made;
}
