/**
 * A company for the benchmark of the engine: yearly, quarterly and monthly contracts of three years, agreed and list prices,
 * discounts of the line and of the contract, amendments of every common kind, and the first period billed.
 */
import { rowOf } from '../../domain/book/blank-row.ts';
import { type Book, emptyBook, type Row } from '../../domain/book/tables.ts';

export const RUN = '2026-11-15';
export const TAX_PERCENT = 19;
const SUBCONTRACTS = 4;
const FREQUENCIES = ['annual', 'annual', 'annual', 'annual', 'quarterly', 'monthly'] as const;

const pad = (value: number) => String(value).padStart(2, '0');
const startOf = (c: number) => `2024-${pad((c % 12) + 1)}-${pad((c % 28) + 1)}`;

function contractOf(c: number): Row<'contracts'> {
  return rowOf('contracts', {
    contract: `C-${c}`,
    account: `A-${c}`,
    start: startOf(c),
    end: '2027-12-31',
    billingFrequency: FREQUENCIES[c % FREQUENCIES.length] ?? 'annual',
    ...(c % 3 === 0 ? { discountPercent: '5', discountFrom: '2025-01-01' } : {}),
  });
}

function subcontractOf(c: number, s: number): Row<'subcontracts'> {
  return rowOf('subcontracts', {
    subcontract: `S-${c}-${s}`,
    contract: `C-${c}`,
    sku: 'MNT',
    quantity: String(s + 1),
    unitPrice: s < 2 ? '123.45' : null,
    discountPercent: s === 3 ? '12.5' : null,
  });
}

/** One more license, another price, an end: each on some subcontracts. */
function amendmentsOf(c: number): Row<'amendments'>[] {
  const amend = (s: number, given: Pick<Row<'amendments'>, 'kind' | 'value' | 'effective'>) =>
    rowOf('amendments', {
      amendment: `AM-${c}-${s}`,
      subcontract: `S-${c}-${s}`,
      recorded: '2025-05-20',
      ...given,
    });
  return [
    amend(0, { kind: 'add', value: '2', effective: '2025-06-01' }),
    ...(c % 2 === 1 ? [amend(1, { kind: 'price', value: '130.5', effective: '2026-02-10' })] : []),
    ...(c % 5 === 0 ? [amend(2, { kind: 'remove', value: null, effective: '2026-03-01' })] : []),
  ];
}

/** The same number always makes the same book. */
export function companyOf(contracts: number): Book {
  const numbers = Array.from({ length: contracts }, (_, at) => at);
  const pairs = numbers.flatMap((c) =>
    Array.from({ length: SUBCONTRACTS }, (_, s) => [c, s] as const),
  );
  const price = (unitPrice: string, validFrom: string | null) =>
    rowOf('prices', { priceList: 'default', sku: 'MNT', currency: 'EUR', unitPrice, validFrom });
  return {
    ...emptyBook(),
    accounts: numbers.map((c) =>
      rowOf('accounts', {
        account: `A-${c}`,
        name: `Customer ${c}`,
        currency: 'EUR',
        country: 'DE',
      }),
    ),
    products: [rowOf('products', { sku: 'MNT', name: 'Maintenance', kind: 'maintenance' })],
    prices: [price('99.90', null), price('104.90', '2026-01-01')],
    taxes: [rowOf('taxes', { country: 'DE', category: 'S', rate: String(TAX_PERCENT) })],
    contracts: numbers.map(contractOf),
    subcontracts: pairs.map(([c, s]) => subcontractOf(c, s)),
    amendments: numbers.flatMap(amendmentsOf),
    invoices: numbers.map((c) =>
      rowOf('invoices', {
        invoice: `I-${c}`,
        account: `A-${c}`,
        issued: startOf(c),
        contract: `C-${c}`,
      }),
    ),
    invoice_lines: pairs.map(([c, s]) =>
      rowOf('invoice_lines', {
        invoice: `I-${c}`,
        line: String(s + 1),
        subcontract: `S-${c}-${s}`,
        periodStart: startOf(c),
        net: ((s + 1) * 100).toFixed(2),
        taxRate: String(TAX_PERCENT),
      }),
    ),
  };
}
