/** Cash: payments that need a person first; then all, matched by themselves, to glance over. */
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Accepted, PaymentSummary } from '../../api/types.ts';
import { newKey, write } from '../data/client.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { useAddress } from '../parts/address.ts';
import { PAYMENT_COLUMNS } from '../parts/columns.tsx';
import { pathOf, useGo } from '../parts/link.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { PageHead } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { readersToday } from '../words/dates.ts';
import { moneyText, parseAmount } from '../words/money.ts';
import { PAYMENT_STATES } from '../words/names.ts';

export function CashPage() {
  const go = useGo();
  const may = useMay();
  const address = useAddress();
  const [asked, setAsked] = useState<Asked | null>(null);
  const cases = address.get('list') !== 'all';
  return (
    <>
      <PageHead
        title="Cash"
        below="Payments match themselves where there is one reading; the rest waits here for a person."
        actions={
          <>
            <Button.Group>
              <Button
                variant={cases ? 'light' : 'default'}
                onClick={() => address.replaceAll('')}
                aria-pressed={cases}
              >
                Cases
              </Button>
              <Button
                variant={cases ? 'default' : 'light'}
                onClick={() => address.replaceAll('list=all')}
                aria-pressed={!cases}
              >
                All payments
              </Button>
            </Button.Group>
            {may('payment:create') && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => setAsked(entry(go))}>
                Enter a payment
              </Button>
            )}
          </>
        }
      />
      <ServerList<PaymentSummary>
        key={cases ? 'cases' : 'all'}
        noun={cases ? 'payment-cases' : 'payments'}
        path="/payments"
        columns={PAYMENT_COLUMNS}
        rowKey={(row) => row.payment}
        fixed={cases ? { state: 'review' } : {}}
        filters={
          cases
            ? []
            : [
                {
                  name: 'state',
                  label: 'State',
                  choices: Object.entries(PAYMENT_STATES).map(([value, { words }]) => ({
                    value,
                    label: words,
                  })),
                },
              ]
        }
        defaultSort="-receivedOn"
        onOpen={(row) => go(pathOf.payment(row.payment))}
        totals
        empty={
          cases
            ? {
                title: 'No payment waits for a person',
                words: 'A payment comes here when its reference or amount can be read in two ways.',
              }
            : {
                title: 'No payments yet',
                words:
                  'They come from bank files and the payment provider, or are entered by hand.',
              }
        }
      />
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

const CURRENCY = /^[A-Z]{3}$/;

function entry(go: (to: string) => void): Asked {
  return {
    title: 'Enter a payment',
    what: ({ amount = '', currency = '' }) => {
      const minor = CURRENCY.test(currency) ? parseAmount(amount, currency) : null;
      return minor === null
        ? 'It is matched like any other: by its reference, by its amount, else by you.'
        : `Records ${moneyText({ amount: minor, currency })} as received, and matches it like any other payment.`;
    },
    fields: [
      {
        name: 'amount',
        label: 'Amount',
        kind: 'text',
        check: (value, { currency = '' }) => {
          const minor = CURRENCY.test(currency) ? parseAmount(value, currency) : 1;
          return minor === null || minor <= 0 ? 'An amount above zero, like 1,190.00' : null;
        },
      },
      {
        name: 'currency',
        label: 'Currency',
        kind: 'text',
        initial: 'USD',
        check: (value) => (CURRENCY.test(value) ? null : 'Three capitals, like EUR'),
      },
      { name: 'receivedOn', label: 'Received on', kind: 'date', initial: readersToday() },
      {
        name: 'reference',
        label: 'Reference',
        kind: 'text',
        optional: true,
        hint: 'The text on the statement; invoice numbers in it are found',
      },
      { name: 'payer', label: 'Payer', kind: 'text', optional: true },
      {
        name: 'account',
        label: 'Customer number',
        kind: 'text',
        optional: true,
        hint: 'Like A-1001, where it is known',
      },
    ],
    button: 'Record it',
    act: ({ amount = '', currency = '', receivedOn, reference, payer, account }, key) =>
      write<Accepted>(
        'POST',
        '/payments',
        {
          amount: { amount: parseAmount(amount, currency), currency },
          receivedOn,
          reference: reference || null,
          payer: payer || null,
          account: account || null,
        },
        { key: key || newKey() },
      ),
    done: (answer) => {
      say('The payment is recorded');
      go(pathOf.payment(decodeURIComponent((answer as Accepted).look.split('/').at(-1) ?? '')));
    },
  };
}
