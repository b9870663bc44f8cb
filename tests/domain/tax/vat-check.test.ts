import { describe, expect, it } from 'vitest';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import {
  demandValidBuyer,
  type VatAnswer,
  vatNumbersToAsk,
} from '../../../domain/tax/vat-check.ts';
import { vatNumberKey } from '../../../domain/tax/vat-number.ts';
import { bookOf } from '../book-builder.ts';

/** A German seller with one customer of its own and one in Austria, billed with reverse charge. */
function sellers(taxId: string | null, vatCheck: string | null) {
  const contracts = ['AT', 'DE'].map((country) => ({
    contract: `C-${country}`,
    account: country,
    start: '2026-12-01',
    end: '2027-11-30',
  }));
  const account = (country: string, more: Partial<Row<'accounts'>>) => ({
    account: country,
    name: country,
    country,
    billingEmail: 'billing@example.com',
    ...more,
  });
  return bookOf({
    entities: [{ entity: 'E', country: 'DE', currency: 'EUR' }],
    accounts: [account('AT', { taxId, taxCategory: 'AE' }), account('DE', { taxId: 'nonsense' })],
    products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
    contracts,
    subcontracts: contracts.map(({ contract }) => ({
      subcontract: `${contract}/1`,
      contract,
      sku: 'MNT',
      quantity: '1',
      unitPrice: '100',
    })),
    policies:
      vatCheck === null ? [] : [{ scope: 'entity', id: 'E', policy: 'vat_check', value: vatCheck }],
  });
}

function billed(
  taxId: string | null,
  vatCheck: string | null,
  answers: [string, VatAnswer][] = [],
) {
  const { invoices, setAside, control } = previewBillRun(sellers(taxId, vatCheck), {
    run: '2026-11-15',
    vatValidations: new Map(answers),
  });
  return {
    invoiced: invoices.map(({ contract }) => contract),
    setAside: setAside.map(({ contract, code }) => `${contract} ${code}`),
    control: control.EUR,
  };
}

const GOOD = 'ATU33864707';

describe('a reverse-charge document', () => {
  it('is billed without a question by default, whatever the number', () => {
    expect(billed('wrong', null).invoiced).toEqual(['C-AT', 'C-DE']);
  });

  it('with `format` waits for a number that can be one, and nobody else does', () => {
    expect(billed(GOOD, 'format').invoiced).toEqual(['C-AT', 'C-DE']);
    expect(billed('ATU33864708', 'format')).toMatchObject({
      invoiced: ['C-DE'],
      setAside: ['C-AT vat-invalid'],
      control: { due: 20_000, invoiced: 10_000, setAside: 10_000 },
    });
    expect(billed(null, 'format').setAside).toEqual(['C-AT vat-pending']);
  });

  it('with `vies` is pending until the register has answered, and nobody else is', () => {
    const pending = { invoiced: ['C-DE'], setAside: ['C-AT vat-pending'] };
    expect(billed(GOOD, 'vies')).toMatchObject(pending);
    expect(billed(GOOD, 'vies', [[GOOD, 'unknown']])).toMatchObject(pending);
    expect(billed(GOOD, 'vies', [[GOOD, 'valid']]).invoiced).toEqual(['C-AT', 'C-DE']);
    expect(billed(GOOD, 'vies', [[GOOD, 'invalid']]).setAside).toEqual(['C-AT vat-invalid']);
    for (const policy of ['format', 'vies'])
      expect(billed('CHE-123', policy).setAside).toEqual(['C-AT vat-invalid']);
  });

  it('with a policy that nobody knows is set aside with the reason', () => {
    expect(billed(GOOD, 'sometimes').setAside).toEqual(['C-AT policy-invalid']);
  });

  it('names the numbers to ask about, where the policy asks the register', () => {
    const asked = (policy: string | null, taxId = GOOD) =>
      vatNumbersToAsk(indexBook(sellers(taxId, policy)), '2026-11-15');
    expect(asked('vies')).toEqual([{ countryCode: 'AT', number: 'U33864707' }]);
    expect(asked('format')).toEqual([]);
    expect(asked(null)).toEqual([]);
    expect(asked('vies', 'wrong')).toEqual([]);
    // A policy that cannot be read is told by the run, and does not keep others from being asked about.
    expect(asked('sometimes')).toEqual([]);
  });

  it('asks for every account whose category, or whose product’s, rests on a number, once and sorted', () => {
    const numbers = {
      LU: 'LU15027442',
      BE: 'BE0428759497',
      AT: GOOD,
      FR: 'FR40303265045',
      IT: 'IT00743110157',
    };
    const accounts: Partial<Row<'accounts'>>[] = [
      { account: 'own', taxId: numbers.LU, taxCategory: 'K' },
      { account: 'product', taxId: numbers.BE },
      { account: 'standard', taxId: numbers.FR, taxCategory: 'S' },
      { account: 'payer', taxId: numbers.AT, taxCategory: 'AE', entity: 'NO' },
      { account: 'none', taxCategory: 'AE' },
      { account: 'elsewhere', taxId: numbers.IT, taxCategory: 'AE', entity: 'OTHER' },
    ];
    const asked = (productCategories: ('S' | 'AE')[]) =>
      vatNumbersToAsk(
        indexBook(
          bookOf({
            entities: [{ entity: 'E' }, { entity: 'OTHER' }, { entity: 'NO' }],
            accounts,
            products: productCategories.map((taxCategory, at) => ({ sku: `P${at}`, taxCategory })),
            contracts: [
              { contract: '1', account: 'own' },
              { contract: '2', account: 'own' },
              { contract: '3', account: 'product' },
              { contract: '4', account: 'standard' },
              { contract: '5', account: 'standard', billTo: 'payer', entity: 'E' },
              { contract: '6', account: 'none' },
              { contract: '7', account: 'elsewhere' },
              { contract: '8', account: 'nobody' },
            ],
            policies: [{ scope: 'entity', id: 'E', policy: 'vat_check', value: 'vies' }],
          }),
        ),
        '2026-11-15',
      ).map(vatNumberKey);
    expect(asked(['S'])).toEqual([numbers.AT, numbers.LU]);
    expect(asked(['S', 'AE'])).toEqual([numbers.AT, numbers.BE, numbers.LU]);
  });

  it('asks nothing for a book without a seller', () => {
    const account = { account: 'A', taxId: GOOD, taxCategory: 'AE' } as const;
    const book = bookOf({ accounts: [account], contracts: [{ contract: 'C', account: 'A' }] });
    expect(vatNumbersToAsk(indexBook(book), '2026-11-15')).toEqual([]);
  });

  it('rests on the buyer’s number where one line of several does', () => {
    const account = { taxId: 'ATU1', country: 'AT' };
    const index = indexBook(sellers('ATU1', 'format'));
    const [row] = index.book.accounts;
    if (row === undefined) throw new Error('the book has an account');
    const buyer = {
      index,
      account: { ...row, ...account },
      scope: { contract: 'C-AT', account: 'AT', entity: 'E' },
      runOn: '2026-11-15',
    };
    const demand = (...categories: string[]) =>
      demandValidBuyer(
        buyer,
        categories.map((taxCategory) => ({ taxCategory })),
        new Map(),
      );
    expect(() => demand('S', 'AE')).toThrow(/no VAT number of AT/);
    expect(() => demand('S', 'G')).not.toThrow();
  });
});

describe('findings', () => {
  const taxIds = (taxId: string | null) =>
    findingsOf(sellers(taxId, null), '2026-11-15')
      .findings.filter(({ rule }) => rule.startsWith('tax-id'))
      .map(({ rule, account, amountMinor }) => [rule, account, amountMinor]);

  it('tell a malformed number of a reverse-charge account, and a missing one as missing', () => {
    expect(taxIds('ATU1')).toEqual([['tax-id-invalid', 'AT', 0]]);
    expect(taxIds(null)).toEqual([['tax-id-missing', 'AT', 0]]);
    expect(taxIds(GOOD)).toEqual([]);
  });
});
