/** A book of open invoices for tests of what is paid on them. */
import type { Book, Row } from '../../../domain/book/tables.ts';
import { row, smallBook } from '../api/fixture.ts';

/**
 * INV-0001 and on, of two customers in turn; each has two lines, of 60.00 and 59.00, for subcontracts S-1 and S-2.
 */
export function bookOfInvoices(invoices: number): Book {
  const base = smallBook();
  const [invoice] = base.invoices;
  const [line] = base.invoice_lines;
  const numbers = Array.from({ length: invoices }, (_, n) => n + 1);
  const accountOf = (n: number) => (n % 2 === 0 ? 'A-2' : 'A-1');
  return {
    ...base,
    accounts: [
      ...base.accounts,
      row('accounts', {
        ...(base.accounts[0] as Row<'accounts'>),
        account: 'A-2',
        name: 'Zwei AG',
      }),
    ],
    subcontracts: [
      ...base.subcontracts,
      row('subcontracts', {
        ...(base.subcontracts[0] as Row<'subcontracts'>),
        subcontract: 'S-2',
      }),
    ],
    invoices: numbers.map((n) =>
      row('invoices', {
        ...(invoice as Row<'invoices'>),
        invoice: `INV-${String(n).padStart(4, '0')}`,
        account: accountOf(n),
      }),
    ),
    invoice_lines: numbers.flatMap((n) =>
      [1, 2].map((at) =>
        row('invoice_lines', {
          ...(line as Row<'invoice_lines'>),
          invoice: `INV-${String(n).padStart(4, '0')}`,
          line: String(at),
          subcontract: `S-${at}`,
          net: at === 1 ? '50.42' : '49.58',
          tax: at === 1 ? '9.58' : '9.42',
        }),
      ),
    ),
  };
}
