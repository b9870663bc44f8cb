/** HubSpot's companies and deals as records to compare: every property is a text there, or null. */
import { z } from 'zod';
import { civilDateIn } from '../../../domain/dates/time-zones.ts';
import type { OutsideCustomer, OutsideDeal } from '../../../domain/findings/outside.ts';
import { fraction } from '../../../domain/money/decimal.ts';
import { parseMinor } from '../../../domain/money/money.ts';
import type { CustomerFields } from '../../outside-system.ts';

/** What an account there is like: where its pages are, in which zone its days begin, what amounts without a currency are in. */
export const portalSchema = z.object({
  portalId: z.int(),
  uiDomain: z.string().regex(/^[\w.-]+$/),
  timeZone: z.string(),
  companyCurrency: z.string().length(3),
});
export type Portal = z.infer<typeof portalSchema>;

export const objectSchema = z.object({
  id: z.string(),
  properties: z.record(z.string(), z.string().nullable()),
});
export type HubSpotObject = z.infer<typeof objectSchema>;

export const pageSchema = z.object({ results: z.array(objectSchema) });

/** Properties that are an installation's own: HubSpot has none for them. */
export interface OwnProperties {
  /** Absent: tax ids are not kept there, and not compared. */
  readonly taxId?: string;
  /** Absent: companies there have no mail address for invoices. */
  readonly email?: string;
}

const COMPANY = {
  name: 'name',
  addressLine1: 'address',
  city: 'city',
  postalCode: 'zip',
  country: 'country',
} as const;

/** The property that each of our fields is kept in; those that HubSpot does not keep are left out. */
export function companyProperties(
  own: OwnProperties,
): Partial<Record<keyof CustomerFields, string>> {
  return { ...COMPANY, ...own };
}

const OBJECT_TYPES = { companies: '0-2', deals: '0-3' } as const;

export function pageOf(
  { uiDomain, portalId }: Portal,
  kind: 'companies' | 'deals',
  id: string,
): string {
  return `https://${uiDomain}/contacts/${portalId}/record/${OBJECT_TYPES[kind]}/${id}`;
}

/** What stands there; an empty text is nothing. */
const textOf = ({ properties }: HubSpotObject, property: string | undefined): string | null =>
  property === undefined ? null : properties[property]?.trim() || null;

export function customerOf(
  portal: Portal,
  own: OwnProperties,
  company: HubSpotObject,
): OutsideCustomer {
  return {
    id: company.id,
    name: textOf(company, COMPANY.name),
    addressLine1: textOf(company, COMPANY.addressLine1),
    city: textOf(company, COMPANY.city),
    postalCode: textOf(company, COMPANY.postalCode),
    country: countryCode(textOf(company, COMPANY.country)),
    ...(own.taxId === undefined ? {} : { taxId: textOf(company, own.taxId) }),
    email: textOf(company, own.email),
    url: pageOf(portal, 'companies', company.id),
  };
}

export const DEAL_PROPERTIES = [
  'amount',
  'deal_currency_code',
  'closedate',
  'hs_is_closed',
  'hs_is_closed_won',
  'hs_primary_associated_company',
] as const;

/** Pipelines name their stages as they like; won and closed are HubSpot's own in all of them. */
export function dealOf(portal: Portal, deal: HubSpotObject): OutsideDeal {
  const isTrue = (property: string) => textOf(deal, property) === 'true';
  const stage = isTrue('hs_is_closed_won')
    ? 'closed_won'
    : isTrue('hs_is_closed')
      ? 'closed_lost'
      : 'open';
  const amount = textOf(deal, 'amount');
  const currency = (textOf(deal, 'deal_currency_code') ?? portal.companyCurrency).toUpperCase();
  const amountMinor = amount === null ? null : minorOf(amount, currency);
  return {
    id: deal.id,
    customer: textOf(deal, 'hs_primary_associated_company'),
    stage,
    closedOn: stage === 'open' ? null : dayOf(textOf(deal, 'closedate'), portal.timeZone),
    currency: amountMinor === null ? null : currency,
    amountMinor,
    url: pageOf(portal, 'deals', deal.id),
  };
}

/** Null where it is no amount of that currency: the deal is compared without one. */
function minorOf(amount: string, currency: string): number | null {
  try {
    fraction(amount);
    return parseMinor(amount, currency);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** An instant, as text or in milliseconds, as the day that it is in the portal's time zone. */
function dayOf(instant: string | null, timeZone: string): string | null {
  if (instant === null) return null;
  const at = new Date(/^\d+$/.test(instant) ? Number(instant) : instant);
  return Number.isNaN(at.getTime()) ? null : civilDateIn(at.toISOString(), timeZone);
}

// ---------------------------------------------------------------- countries

const NAMES = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Codes that were given up have another in their place. */
const isInUse = (code: string): boolean =>
  Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}` && NAMES.of(code) !== undefined;

/** Codes by the names that people write, in lower case. */
const CODES: ReadonlyMap<string, string> = new Map(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
    .flatMap((first) => [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((second) => `${first}${second}`))
    .flatMap((code): [string, string][] => {
      const name = isInUse(code) ? NAMES.of(code) : undefined;
      return name === undefined ? [] : [[name.toLowerCase(), code]];
    }),
);
const USUAL: Readonly<Record<string, string>> = {
  usa: 'US',
  'united states of america': 'US',
  uk: 'GB',
  'great britain': 'GB',
  england: 'GB',
  deutschland: 'DE',
  österreich: 'AT',
  schweiz: 'CH',
  'czech republic': 'CZ',
  'the netherlands': 'NL',
  holland: 'NL',
};

/** Countries are free text there. Null where it is none that we know: it is then not compared. */
export function countryCode(text: string | null): string | null {
  if (text === null) return null;
  const plain = text.trim().toLowerCase();
  const code = USUAL[plain] ?? CODES.get(plain);
  if (code !== undefined) return code;
  return /^[a-z]{2}$/.test(plain) && isInUse(plain.toUpperCase()) ? plain.toUpperCase() : null;
}

/** A country as HubSpot's people write it: by its English name. */
export const countryName = (code: string): string => NAMES.of(code) ?? code;
