/**
 * The sample company: a seeded script that invents a software company's contract book, its dates relative to a given day.
 * Its billing history is what the billing engine itself would have issued month by month, so that the next run finds what
 * is due and what was planted (sample-mess.ts), and nothing else.
 */
import { rowOf } from '../domain/book/blank-row.ts';
import { type Book, camel, emptyBook, type Row, type TableName } from '../domain/book/tables.ts';
import { cycleOf, frequencyMonths, periodContaining } from '../domain/charges/periods.ts';
import { addDays, addMonths, type CivilDate, monthOf, parts } from '../domain/dates/dates.ts';
import type { OutsideRecords } from '../domain/findings/outside.ts';
import { readVatNumber } from '../domain/tax/vat-number.ts';
import { Random } from './random.ts';
import { plantAgreements } from './sample-agreements.ts';
import {
  ENTITIES,
  EU_PLACES,
  EU_TAILS,
  NAME_HEADS,
  PEOPLE,
  PRODUCTS,
  RECURRING_SKUS,
  TAXES,
  US_PLACES,
  US_TAILS,
} from './sample-catalogue.ts';
import { addPastLicenses, billHistory } from './sample-history.ts';
import { type Planted, plantDouble, plantMess } from './sample-mess.ts';
import { asSources, outsideOf, plantOutside } from './sample-outside.ts';
import { addWork } from './sample-work.ts';

export interface SampleOptions {
  /** The day that all dates are relative to. */
  readonly today: CivilDate;
  readonly seed: number;
  readonly accounts: number;
  readonly contracts: number;
  readonly subcontracts: number;
}

export const SAMPLE: Omit<SampleOptions, 'today'> = {
  seed: 20_261_115,
  accounts: 130,
  contracts: 410,
  subcontracts: 1520,
};

/** A book under construction: the same tables, growing. */
export type Draft = { [T in TableName]: Row<T>[] };

/** Months of billing history before the day. */
export const HISTORY_MONTHS = 36;

export interface SampleCompany {
  readonly book: Book;
  /** The mess that was planted in it, case by case. */
  readonly planted: readonly Planted[];
  /** What its accounting, CRM, mail server and ledger hold, mess included. */
  readonly outside: OutsideRecords;
}

/** The run of the month before has been; this month's has not, whatever the day. */
export function lastRunOn(today: CivilDate): CivilDate {
  return addMonths(`${monthOf(today)}-15`, -1);
}

/** The book, what other systems hold, and the mess that was planted in both. */
export function sampleCompany(options: SampleOptions): SampleCompany {
  const random = new Random(options.seed);
  const draft = { ...emptyBook() } as unknown as Draft;
  for (const table of Object.keys(draft) as TableName[]) Object.assign(draft, { [table]: [] });
  addCatalogue(draft, options.today);
  addAccounts(draft, random, options);
  addContracts(draft, random, options);
  addSubcontracts(draft, random, options);
  addAmendments(draft, random, options);
  addWork(draft, random, options.today);
  const agreed = plantAgreements(draft, random, options.today);
  billHistory(draft, random, options.today);
  const planted = [...agreed, ...plantMess(draft, random, options.today, agreed)];
  const outside = outsideOf(draft, options.today);
  planted.push(...plantOutside(draft, outside, random, options.today));
  planted.push(plantDouble(draft, planted));
  addPastLicenses(draft, options.today);
  return { book: draft, planted, outside: asSources(outside, options.today) };
}

function addCatalogue(draft: Draft, today: CivilDate): void {
  for (const entity of ENTITIES) {
    const row = Object.fromEntries(
      Object.entries(entity).map(([name, value]) => [
        camel(name),
        name === 'tax_regions' ? value.split(';') : value,
      ]),
    );
    draft.entities.push(rowOf('entities', row));
  }
  for (const [sku, name, kind, unit] of PRODUCTS)
    draft.products.push(
      rowOf('products', {
        sku,
        name,
        kind,
        unit,
      }),
    );
  addPrices(draft, today);
  for (const [country, region, category, rate, text] of TAXES)
    draft.taxes.push(
      rowOf('taxes', { country, region: region || null, category, rate, text: text || null }),
    );
  addCampaigns(draft, today);
}

/** The list of each year, 3 % above the last; prices with up to two decimals. */
function addPrices(draft: Draft, today: CivilDate): void {
  const { year } = parts(today);
  for (const [sku, , , , usd, eur] of PRODUCTS)
    for (const [currency, price] of [
      ['USD', usd],
      ['EUR', eur],
    ] as const)
      for (const [priceList, cents] of yearlyPrices(price, year))
        draft.prices.push(
          rowOf('prices', {
            priceList: 'default',
            sku,
            currency,
            unitPrice: cents,
            validFrom: priceList,
            validTo: priceList.startsWith(String(year + 1))
              ? null
              : `${priceList.slice(0, 4)}-12-31`,
          }),
        );
}

function yearlyPrices(price: string, year: number): [CivilDate, string][] {
  const [whole = '0', places = ''] = price.split('.');
  const decimals = Math.max(places.length, 2);
  let units = BigInt(whole + places.padEnd(decimals, '0'));
  const list: [CivilDate, string][] = [];
  for (let at = year - 5; at <= year + 1; at += 1) {
    const digits = units.toString().padStart(decimals + 1, '0');
    list.push([`${at}-01-01`, `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`]);
    units = (units * 103n + 50n) / 100n;
  }
  return list;
}

/** A conference each year and a bundle each year; the last conference is still to come, the last bundle is on sale. */
function addCampaigns(draft: Draft, today: CivilDate): void {
  for (let ago = HISTORY_MONTHS; ago >= 0; ago -= 12) {
    const conference = addMonths(today, 4 - ago);
    const bundle = addMonths(today, -1 - ago);
    draft.campaigns.push(
      rowOf('campaigns', {
        campaign: `user-conference-${parts(conference).year}`,
        name: `Northwind user conference ${parts(conference).year}`,
        kind: 'event',
        url: 'https://northwind.example/conference',
        starts: conference,
        ends: addDays(conference, 2),
        audience: ['all'],
        text: 'Three days of workshops; customers under maintenance attend free of charge.',
      }),
      rowOf('campaigns', {
        campaign: `simulation-bundle-${parts(bundle).year}`,
        name: `Simulation bundle ${parts(bundle).year}`,
        kind: 'campaign',
        url: 'https://northwind.example/simulation',
        starts: bundle,
        ends: addMonths(bundle, 3),
        audience: ['CAD-MNT', 'CAD-PRO-MNT'],
        text: 'Add Simulation to a CAD contract at 15 % off for the first term.',
      }),
    );
  }
}

function addAccounts(draft: Draft, random: Random, options: SampleOptions): void {
  const names = new Set<string>();
  const taxIds = new Set<string>();
  for (let number = 0; number < options.accounts; number += 1) {
    const us = number % 5 < 3;
    const name = freshName(names, random, us ? US_TAILS : EU_TAILS);
    const account = `A-${1001 + number}`;
    const domain = `${name
      .toLowerCase()
      .replace(/[^a-z]+/g, '-')
      .replace(/-(gmbh|ag|kg)$/, '')}.example`;
    const place = us ? random.pick(US_PLACES) : random.pick(EU_PLACES);
    const [country, region, city, postalCode, taxCategory] = place;
    draft.accounts.push(
      rowOf('accounts', {
        account,
        name,
        entity: us ? 'US' : 'DE',
        kind: 'business',
        currency: us ? 'USD' : 'EUR',
        language: country === 'DE' || country === 'AT' ? 'de' : 'en',
        taxId: us ? null : freshTaxId(place[5] ?? null, random, taxIds),
        taxCategory,
        addressLine1: `${random.between(1, 480)} ${us ? 'Industrial Parkway' : 'Industriestraße'}`,
        city,
        region: region || null,
        postalCode,
        country,
        billingEmail: `billing@${domain}`,
        delivery: 'mail',
        paymentTerms: random.pick([
          'net 30',
          'net 30',
          'net 30',
          'net 45',
          '2/10 net 30',
          'net 14',
        ]),
        poRequired: random.chance(12),
        ownerEmail: `${random.pick(PEOPLE).toLowerCase().replace(' ', '.')}@northwind.example`,
        crmId: `crm-${4000 + number}`,
        accountingId: `${70_000 + number}`,
      }),
    );
    addContacts(draft, random, account, domain);
  }
}

/** A number of the same form whose check digits hold, each once. */
function freshTaxId(like: string | null, random: Random, taken: Set<string>): string | null {
  if (like === null) return null;
  const country = like.slice(0, 2);
  for (;;) {
    const taxId = like.replace(/\d+(?!$)|\d+$/g, (digits) =>
      /^0[01]$/.test(digits) ? digits : digits.replace(/\d/g, () => String(random.below(10))),
    );
    if (taken.has(taxId) || readVatNumber(taxId, country).state === 'malformed') continue;
    taken.add(taxId);
    return taxId;
  }
}

function freshName(taken: Set<string>, random: Random, tails: readonly string[]): string {
  for (;;) {
    const name = `${random.pick(NAME_HEADS)} ${random.pick(tails)}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

function addContacts(draft: Draft, random: Random, account: string, domain: string): void {
  const roles = [
    ['billing', ['invoice', 'reminder', 'statement']],
    ['technical', ['key']],
    ['owner', ['renewal']],
  ] as const;
  for (const [role, receives] of roles) {
    const name = random.pick(PEOPLE);
    draft.contacts.push(
      rowOf('contacts', {
        account,
        email: `${name.toLowerCase().replace(' ', '.')}.${role}@${domain}`,
        name,
        role,
        receives,
      }),
    );
  }
}

const FREQUENCIES = [
  ...Array<string>(14).fill('annual'),
  'quarterly',
  'quarterly',
  'monthly',
  'semiannual',
  '2 years',
  '3 years',
] as const;

/** The last accounts are in good order: they pay in time, nothing is wrong with them, and demonstrations play with them. */
const TIDY_ACCOUNTS = 14;

/** The accounts that are in good order, in the order of {@link tidyTerm}. */
export function tidyAccounts(draft: Draft): readonly Row<'accounts'>[] {
  return draft.accounts.slice(-Math.min(TIDY_ACCOUNTS, Math.floor(draft.accounts.length / 9)));
}

/** Accounts that chance and mess may befall. */
export function otherAccounts(draft: Draft): readonly Row<'accounts'>[] {
  return draft.accounts.slice(0, draft.accounts.length - tidyAccounts(draft).length);
}

/**
 * A term in good order: its next period begins on the first of the month after next, so that this month's run bills it,
 * whatever the day; of the last four accounts it ends within half a year.
 */
function tidyTerm(position: number, today: CivilDate) {
  const anniversary = addMonths(`${monthOf(today)}-01`, position < 10 ? 2 : 5);
  const start = addMonths(anniversary, position < 10 ? -24 : -36);
  return { start, end: addDays(addMonths(start, 36), -1) };
}

/** Two contracts each of the first two, so that one payment can pay two invoices; one of the others. */
function addTidyContracts(draft: Draft, today: CivilDate): void {
  for (const [position, account] of tidyAccounts(draft).entries())
    for (let count = position < 2 ? 2 : 1; count > 0; count -= 1)
      draft.contracts.push(
        rowOf('contracts', {
          contract: `C-${1001 + draft.contracts.length}`,
          account: account.account,
          ...tidyTerm(position, today),
          entity: account.entity,
          currency: account.currency,
          billingFrequency: 'annual',
          paymentTerms: 'net 30',
          priceRule: 'list',
          noticeDays: 30,
          poNumber: account.poRequired ? 'PO-30003' : null,
        }),
      );
}

function addContracts(draft: Draft, random: Random, options: SampleOptions): void {
  const { today } = options;
  const accounts = otherAccounts(draft);
  const tidy = tidyAccounts(draft).length + Math.min(2, tidyAccounts(draft).length);
  for (let number = 0; number < options.contracts - tidy; number += 1) {
    const account = number < accounts.length ? accounts[number] : random.pick(accounts);
    if (account === undefined) continue;
    const frequency = random.pick(FREQUENCIES);
    const start = contractStart(random, today);
    const years =
      frequency === '2 years' ? 4 : frequency === '3 years' ? 3 : random.pick([1, 3, 3, 3, 5]);
    const end = addDays(addMonths(start, 12 * years), -1);
    const ended = end < today;
    draft.contracts.push(
      rowOf('contracts', {
        contract: `C-${1001 + number}`,
        account: account.account,
        start,
        end,
        entity: account.entity,
        currency: account.currency,
        billingFrequency: frequency,
        reductions: random.chance(30) ? 'next-period' : null,
        discountPercent: random.chance(25) ? random.pick(['5', '7.5', '10', '12.5']) : null,
        priceRule: random.pick(['list', 'list', 'percent', 'none']),
        upliftPercent: '3',
        autoRenew: random.chance(35) && !ended,
        noticeDays: random.pick([30, 60, 90]),
        poNumber: account.poRequired ? `PO-${random.between(10_000, 99_999)}` : null,
        status: ended ? 'lapsed' : 'active',
      }),
    );
  }
  addTidyContracts(draft, today);
}

/** Most contracts began within the last three years, on the first of a month or any other day; some begin soon. */
function contractStart(random: Random, today: CivilDate): CivilDate {
  const month = addMonths(`${monthOf(today)}-01`, random.between(-HISTORY_MONTHS + 2, 2));
  return random.chance(60) ? month : addDays(month, random.between(0, 30));
}

function addSubcontracts(draft: Draft, random: Random, options: SampleOptions): void {
  const { contracts } = draft;
  const { today } = options;
  const orderly = new Set(tidyAccounts(draft).map(({ account }) => account));
  const others = contracts.filter(({ account }) => !orderly.has(account));
  // One each, and a second one for those in good order.
  const first = [...contracts, ...contracts.slice(others.length)];
  for (let number = 0; number < options.subcontracts; number += 1) {
    const contract = number < first.length ? first[number] : random.pick(others);
    if (contract === undefined) continue;
    const isTidy = orderly.has(contract.account);
    // Charged once, by the first run after its start: that run has been.
    const oneOff = !isTidy && random.chance(4) && contract.start <= lastRunOn(today);
    const sku = oneOff
      ? random.pick(['CAD-LIC', 'SIM-LIC', 'SETUP-FEE'])
      : random.pick(RECURRING_SKUS);
    const late = oneOff || isTidy ? null : lateStart(random, contract, today);
    draft.subcontracts.push(
      rowOf('subcontracts', {
        subcontract: `S-${10_001 + number}`,
        contract: contract.contract,
        sku,
        quantity: String(random.pick([1, 2, 3, 5, 5, 8, 10, 12, 20, 25, 40, 60])),
        discountPercent: random.chance(10) ? random.pick(['5', '10', '15']) : null,
        start: late?.start ?? null,
        recorded: late?.recorded ?? null,
        serial: `NW-${random.between(100, 999)}-${100_000 + number}`,
      }),
    );
  }
}

/** Some subcontracts joined later; what was recorded since the last run would still be unbilled. */
function lateStart(random: Random, contract: Row<'contracts'>, today: CivilDate) {
  const start = addMonths(contract.start, random.between(1, 9));
  const recorded = addDays(start, -random.between(3, 20));
  const joins = random.chance(15) && start < contract.end && recorded <= lastRunOn(today);
  return joins ? { start, recorded } : null;
}

/** Additions and agreed prices over the years, each billed by a run that has been. */
function addAmendments(draft: Draft, random: Random, options: SampleOptions): void {
  const { today } = options;
  for (const subcontract of draft.subcontracts) {
    if (!random.chance(12) || !subcontract.sku.endsWith('MNT')) continue;
    const effective = addDays(today, -random.between(20, 700));
    const recorded = addDays(effective, random.between(-15, 10));
    const kind = random.pick(['add', 'add', 'price'] as const);
    const added = random.between(1, Math.min(10, Number(subcontract.quantity)));
    const percent = random.between(90, 130);
    if (!isBilledByNow(draft, subcontract, effective, recorded, today)) continue;
    draft.amendments.push(
      rowOf('amendments', {
        amendment: `AM-${2001 + draft.amendments.length}`,
        subcontract: subcontract.subcontract,
        kind,
        value: kind === 'add' ? String(added) : agreedPrice(draft, subcontract, percent),
        effective,
        recorded,
        reason: 'change',
      }),
    );
  }
}

/** Within the term, known by the last run, and no old find when a run first saw it (billing rules §1). */
function isBilledByNow(
  draft: Draft,
  subcontract: Row<'subcontracts'>,
  effective: CivilDate,
  recorded: CivilDate,
  today: CivilDate,
): boolean {
  const contract = draft.contracts.find((row) => row.contract === subcontract.contract);
  if (contract === undefined || recorded > lastRunOn(today)) return false;
  if (effective < contract.start || effective > contract.end) return false;
  const months = frequencyMonths(contract.billingFrequency) ?? 12;
  const period = periodContaining(cycleOf(contract.start, months, contract.start), effective);
  const run = `${monthOf(recorded)}-15`;
  const billedOn = recorded <= run ? run : addMonths(run, 1);
  return addMonths(billedOn, -12) <= period.start;
}

/** A percentage of a price of the list, in whole units: people agree on round prices. */
function agreedPrice(draft: Draft, subcontract: Row<'subcontracts'>, percent: number): string {
  const contract = draft.contracts.find((row) => row.contract === subcontract.contract);
  const listed = draft.prices.findLast(
    (row) => row.sku === subcontract.sku && row.currency === contract?.currency,
  );
  return String(Math.max(1, Math.round((Number(listed?.unitPrice ?? '100') * percent) / 100)));
}
