/** All invoices and late charges; credit notes with them. */
import type { InvoiceSummary } from '../../api/types.ts';
import { useAddress } from '../parts/address.ts';
import { INVOICE_COLUMNS } from '../parts/columns.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { PageHead } from '../parts/page.tsx';
import { InvoiceSheet } from './invoice.tsx';

export function InvoicesPage() {
  const notes = useAddress().get('list') === 'credit-notes';
  return (
    <>
      <PageHead
        title={notes ? 'Credit notes' : 'Invoices'}
        below="Issued documents never change; what is wrong is credited."
      />
      <ServerList<InvoiceSummary>
        key={notes ? 'notes' : 'invoices'}
        noun={notes ? 'credit-notes' : 'invoices'}
        path={notes ? '/credit-notes' : '/invoices'}
        columns={INVOICE_COLUMNS}
        rowKey={(row) => row.invoice}
        defaultSort="-issuedOn"
        filters={[
          {
            name: 'state',
            label: 'State',
            choices: [
              { value: 'issued', label: 'Open' },
              { value: 'partially_paid', label: 'Partly paid' },
              { value: 'paid', label: 'Paid' },
              { value: 'credited', label: 'Credited' },
              { value: 'void', label: 'Void' },
              { value: 'written_off', label: 'Written off' },
            ],
          },
          {
            name: 'overdue',
            label: 'Overdue',
            choices: [{ value: 'true', label: 'Overdue only' }],
          },
        ]}
        sheet={(row) => <InvoiceSheet invoice={row.invoice} />}
        sheetTitle={(row) => row.invoice}
        totals
        empty={{
          title: 'No invoices yet',
          words: 'They are issued by an approved bill run, and imported with the contract book.',
        }}
      />
    </>
  );
}
