/** Which company in Tryton keeps the books of which entity, and what is posted where. Looked up once a process. */
import { z } from 'zod';
import { type Answer, refuse, searchTryton, type TrytonConnection } from './client.ts';

/** What postings need to know of the chart of accounts; by code, as people there know accounts. */
export interface PostingAccounts {
  /** Net amounts go here; an account for deferred revenue, where it is spread over time there. */
  readonly revenue: string;
  readonly tax: string;
  /** The name of a payment method: its journal, and the account that its money arrives on. */
  readonly paymentMethod: string;
}

export interface TrytonOptions extends TrytonConnection {
  /** Names of companies there by entity here; none: the only company there is that of every entity. */
  readonly companies: Readonly<Record<string, string>>;
  /** Absent: it is read and corrected, and nothing is posted. */
  readonly posting?: PostingAccounts;
  /** Records of one answer when lists are read; absent: 500. */
  readonly pageRecords?: number;
}

export interface Company {
  readonly id: number;
  readonly name: string;
  readonly currency: string;
  readonly party: number;
}

const companyRecord = z.object({
  id: z.int(),
  party: z.object({ id: z.int(), name: z.string().nullable() }),
  currency: z.object({ code: z.string() }),
});

const COMPANIES_MOST = 1000;

/** What a request in the name of a company says. */
export function inCompany(company: Pick<Company, 'id'>) {
  return { company: company.id };
}

/** All companies whose books are ours, by entity; under the empty name the one that serves every entity. */
export type Companies = ReadonlyMap<string, Company>;

async function readCompanies(options: TrytonOptions): Promise<Answer<Companies>> {
  const fields = ['party.name', 'currency.code'];
  const search = { domain: [], limit: COMPANIES_MOST, fields };
  const answer = await searchTryton(options, 'company.company', search, companyRecord);
  if (answer.result !== 'ok') return answer;
  const all = answer.value.map(
    ({ id, party, currency }): Company => ({
      ...{ id, name: party.name ?? '', currency: currency.code },
      party: party.id,
    }),
  );
  const wanted = Object.entries(options.companies);
  const [only, ...more] = all;
  if (wanted.length === 0)
    return only === undefined || more.length > 0
      ? refuse(`there are ${all.length} companies (${namesOf(all)}): set TRYTON_COMPANIES`)
      : { result: 'ok', value: new Map([['', only]]) };
  const found = new Map<string, Company>();
  for (const [entity, name] of wanted) {
    const company = all.find((one) => one.name === name);
    if (company === undefined)
      return refuse(`no company ${JSON.stringify(name)}; there are ${namesOf(all)}`);
    found.set(entity, company);
  }
  return { result: 'ok', value: found };
}

const namesOf = (companies: readonly Company[]) => companies.map(({ name }) => name).join(', ');

/** Asks once; what could not be learned is asked for again. */
export function companiesOf(options: TrytonOptions): () => Promise<Answer<Companies>> {
  let known: Companies | null = null;
  return async () => {
    if (known !== null) return { result: 'ok', value: known };
    const answer = await readCompanies(options);
    if (answer.result === 'ok') known = answer.value;
    return answer;
  };
}

/** The company of an entity; null names none. */
export function companyFor(companies: Companies, entity: string | null): Answer<Company> {
  const company = companies.get('') ?? companies.get(entity ?? '');
  return company === undefined
    ? refuse(`entity ${entity ?? '(none)'} has no company there: name it in TRYTON_COMPANIES`)
    : { result: 'ok', value: company };
}
