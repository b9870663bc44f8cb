/** Tryton's records in the shapes that findings compare: which address counts, what is money received, what is told as unknown. */
import { describe, expect, it } from 'vitest';
import {
  customerOf,
  documentOf,
  invoiceRecord,
  partyDomain,
  partyRecord,
  paymentRecord,
  receivedOf,
} from '../../../connectors/accounting/tryton/records.ts';

const THERE = { url: 'https://t.example/', database: 'my books', key: 'k', timeoutSeconds: 1 };
const decimal = (text: string) => ({ __class__: 'Decimal', decimal: text });
const date = (year: number, month: number, day: number) => ({
  ...{ __class__: 'date', year, month, day },
});

describe('a customer', () => {
  const place = (id: number, city: string | null, invoice: boolean | 0 | 1) => ({
    ...{ id, city, invoice, street: 'Hafen 1\nHaus 2', postal_code: '', country: { code: 'DE' } },
  });
  const mail = (id: number, value: string, type = 'email', invoice = 0) => ({
    ...{ id, type, value, invoice },
  });
  const party = {
    ...{ id: 7, code: 'K-7', name: 'Kunde', active: 1, tax_identifier: null },
    addresses: [place(1, 'Bonn', 0), place(2, 'Kiel', 1)],
    contact_mechanisms: [mail(1, '+49 1', 'phone'), mail(2, 'a@k.example'), mail(3, 'b@k.example')],
  };

  it('has its address and mail for invoices, else the first of each, and nothing for an empty text', () => {
    expect(customerOf(THERE, partyRecord.parse(party))).toEqual({
      ...{ id: 'K-7', name: 'Kunde', addressLine1: 'Hafen 1', city: 'Kiel', postalCode: null },
      ...{ country: 'DE', taxId: null, email: 'a@k.example' },
      url: 'https://t.example/#my%20books/model/party.party/7',
    });
    const contact_mechanisms = [...party.contact_mechanisms, mail(4, 'ap@k.example', 'email', 1)];
    const more = { ...party, contact_mechanisms, addresses: [place(1, 'Bonn', false)] };
    expect(customerOf(THERE, partyRecord.parse(more))).toMatchObject({
      ...{ city: 'Bonn', email: 'ap@k.example' },
    });
    const bare = { ...party, addresses: [], contact_mechanisms: [] };
    expect(customerOf(THERE, partyRecord.parse(bare))).toMatchObject({
      ...{ addressLine1: null, country: null, email: null },
    });
  });

  it('without a code is known by its id, and found by it', () => {
    const { id } = customerOf(THERE, partyRecord.parse({ ...party, code: null }));
    expect([id, partyDomain(id), partyDomain('K-7'), partyDomain('#x')]).toEqual([
      ...['#7', ['id', '=', 7], ['code', '=', 'K-7']],
      ['code', '=', '#x'],
    ]);
  });
});

describe('a document', () => {
  const invoice = {
    ...{ id: 3, number: '17', reference: null, state: 'posted', total_amount: decimal('-1190.00') },
    ...{ invoice_date: date(2026, 4, 9), accounting_date: null },
    ...{ currency: { code: 'EUR' }, party: { id: 7, code: 'K-7' } },
  };
  it('is known by our number in its reference, else by its own; below zero it takes away', () => {
    const own = documentOf(THERE, invoiceRecord.parse(invoice));
    expect(own).toMatchObject({ number: '17', type: 'credit_note', totalMinor: 1_190_00 });
    const dates = { accounting_date: date(2026, 1, 5) };
    const ours = { ...invoice, ...dates, reference: 'INV-1', total_amount: decimal('0.5') };
    expect(documentOf(THERE, invoiceRecord.parse(ours))).toMatchObject({
      ...{ number: 'INV-1', type: 'invoice', totalMinor: 50, issuedOn: '2026-01-05' },
    });
  });
});

describe('money', () => {
  const line = (id: number, credit: string, more: object = {}) => ({
    ...{ id, debit: decimal('0'), credit: decimal(credit) },
    ...{ amount_second_currency: null, second_currency: null },
    account: { type: { receivable: 1 } },
    ...{ party: { id: 7, code: 'K-7' }, invoice_payment: null, reconciliation: null },
    ...more,
  });
  const bank = (debit: string) => ({
    ...line(99, '0', { account: { type: { receivable: false } }, party: null }),
    debit: decimal(debit),
  });
  const pays = (reference: string) => ({ invoice_payment: { number: '1', reference } });
  const received = (lines: object[], more: object = {}) =>
    receivedOf(
      THERE,
      'EUR',
      paymentRecord.parse({
        ...{ id: 5, date: date(2026, 4, 9), description: 'cheque', lines, ...more },
      }),
    );
  const reconciledWith = (origin: string | null) => ({
    reconciliation: { lines: [{ id: 1, move: { id: 9, origin } }] },
  });

  it('is what customers’ lines come to, allocated in the order of the lines', () => {
    const lines = [line(2, '30.00', pays('INV-2')), bank('50.00'), line(1, '20.00', pays('INV-1'))];
    expect(received(lines)).toMatchObject({
      ...{ id: '5', payment: null, customer: 'K-7', amountMinor: 50_00, receivedOn: '2026-04-09' },
      allocations: [
        { document: 'INV-1', amountMinor: 20_00 },
        { document: 'INV-2', amountMinor: 30_00 },
      ],
    });
    expect(received(lines, { description: 'Perennial PAY-1' })?.payment).toBe('PAY-1');
    expect(received(lines, { description: null })?.reference).toBeNull();
  });

  it('of another currency counts in that currency; of two, or of two customers, it is not one’s', () => {
    const usd = { amount_second_currency: decimal('-11.00'), second_currency: { code: 'USD' } };
    expect(received([line(1, '10.00', usd)])).toMatchObject({
      currency: 'USD',
      amountMinor: 11_00,
    });
    expect(received([line(1, '10.00', usd), line(2, '5.00')])).toBeNull();
    const other = line(2, '5.00', { party: { id: 8, code: null } });
    expect(received([line(1, '10.00'), other])).toMatchObject({
      customer: null,
      amountMinor: 15_00,
    });
  });

  it('that went out, or was taken back, is none', () => {
    const out = { ...line(1, '0'), debit: decimal('10.00') };
    expect(received([out])).toBeNull();
    expect(received([bank('10.00')])).toBeNull();
    expect(received([line(1, '10.00', reconciledWith('account.move,5'))])).toBeNull();
    expect(received([line(1, '10.00', reconciledWith('account.move,4'))])).not.toBeNull();
  });

  it('reconciled by hand without naming a document is allocated in a way that is not told', () => {
    const byHand = line(2, '10.00', reconciledWith('account.invoice,3'));
    expect(received([line(1, '20.00', pays('INV-1')), byHand])?.allocations).toBeNull();
    const named = { ...reconciledWith('account.invoice,3'), ...pays('INV-1') };
    expect(received([line(1, '20.00', named)])?.allocations).toHaveLength(1);
    expect(received([line(1, '20.00')])?.allocations).toEqual([]);
  });
});
