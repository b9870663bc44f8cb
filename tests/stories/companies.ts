/** The small companies that stories are about. */
import type { Book } from '../../domain/book/tables.ts';
import { bookOf } from './world.ts';

/** Where and when a story begins. Contract terms are told from the year given. */
export interface Setting {
  readonly start: string;
  readonly end: string;
  readonly contracts?: number;
  /** The contracts are dealt out among so many customers, A-1 first; default one. */
  readonly accounts?: number;
  readonly subcontracts?: number;
  /** What the contracts agree on for being late. */
  readonly lateCharge?: string;
  /** The seller's public holidays. */
  readonly holidays?: string;
}

export function acme(setting: Setting): Book {
  const {
    start,
    end,
    contracts = 1,
    accounts = 1,
    subcontracts = 2,
    lateCharge = null,
    holidays,
  } = setting;
  const numbers = Array.from({ length: contracts }, (_, n) => `C-${1001 + n}`);
  return bookOf({
    entities: [
      {
        entity: 'HQ',
        legalName: 'Perennial Software GmbH',
        addressLine1: 'Lindenstraße 4',
        city: 'Berlin',
        postalCode: '10969',
        country: 'DE',
        taxId: 'DE123456789',
        currency: 'EUR',
        timeZone: 'Europe/Berlin',
        iban: 'DE02120300000000202051',
        email: 'billing@seller.example',
        invoiceSeries: 'INV',
        nextNumber: 1,
      },
    ],
    accounts: Array.from({ length: accounts }, (_, n) => ({
      account: `A-${1 + n}`,
      name: 'Acme Engineering AG',
      entity: 'HQ',
      country: 'DE',
      addressLine1: 'Ringbahnstraße 7',
      city: 'Berlin',
      postalCode: '12099',
      billingEmail: 'ap@acme.example',
      ownerEmail: 'owner@seller.example',
      language: 'en',
    })),
    products: [{ sku: 'CAD', name: 'Acme CAD maintenance', kind: 'maintenance' }],
    taxes: [{ country: 'DE', category: 'S', rate: '19', text: 'VAT 19 %' }],
    contracts: numbers.map((contract, n) => {
      return { contract, account: `A-${1 + (n % accounts)}`, start, end, lateCharge };
    }),
    policies:
      holidays === undefined
        ? []
        : [{ scope: 'entity', id: 'HQ', policy: 'holidays', value: holidays }],
    subcontracts: numbers.flatMap((contract) =>
      Array.from({ length: subcontracts }, (_, n) => ({
        subcontract: `${contract}/${n + 1}`,
        contract,
        sku: 'CAD',
        quantity: '10',
        unitPrice: '120',
        serial: `SN-${contract}-${n + 1}`,
      })),
    ),
  });
}
