/** The catalogue and the records of findings: nothing that people read or decide by is empty. */
import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import { billingBook, pairBalances } from '../../../domain/charges/unbilled.ts';
import { CATALOGUE, RULE_CODES, ruleText } from '../../../domain/findings/catalogue.ts';
import { RULES } from '../../../domain/findings/find.ts';
import { ACTION_KINDS } from '../../../domain/findings/finding.ts';
import * as records from '../../../domain/findings/records.ts';
import { company, contract, subcontract } from '../book-builder.ts';

describe('the catalogue', () => {
  it.each(RULE_CODES)('says of %s what it is and what can be done', (code) => {
    const { title, severity, compares, matters, todo, amount, actions } = CATALOGUE[code];
    for (const words of [title, compares, matters, todo, amount]) expect(words).not.toBe('');
    expect(['high', 'medium', 'low']).toContain(severity);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(ACTION_KINDS).toContain(action);
    expect(new Set(actions).size).toBe(actions.length);
    // What could not be looked at can not be let be.
    const isLook = code !== 'rule-failed' && code !== 'not-computable';
    expect((actions as readonly string[]).includes('accept')).toBe(isLook);
    expect(ruleText(code)).toBe(CATALOGUE[code]);
  });

  it('has each code of each rule once, with one source for all codes of a rule', () => {
    const told = Object.values(RULES).flatMap(({ codes }) => codes);
    expect([...told, 'rule-failed'].sort()).toEqual([...RULE_CODES].sort());
    for (const { codes } of Object.values(RULES))
      expect(new Set(codes.map((code) => CATALOGUE[code].needs)).size).toBe(1);
    expect(ruleText('no-such-rule')).toBeNull();
    expect(ruleText('toString')).toBeNull();
  });
});

describe('a record that was compared', () => {
  it('is kept by the system that is right for it', () => {
    const systems = (['licenses', 'payments', 'contracts'] as const).map(
      (table) => records.bookRecord(table, 'X', {}).system,
    );
    expect(systems).toEqual(['license', 'bank', 'perennial']);
    expect(records.bookRecord('orders', 'O-1', { a: 1 })).toEqual({
      system: 'perennial',
      table: 'orders',
      id: 'O-1',
      fields: { a: 1 },
      url: null,
    });
  });

  it('of a subcontract or a contract says what is agreed', () => {
    const sub = rowOf('subcontracts', subcontract({ serial: 'X', discountPercent: '5' }));
    expect(records.subcontractRecord(sub, { paidThrough: '2026-12-31' })).toMatchObject({
      table: 'subcontracts',
      id: 'S-1',
      fields: {
        contract: 'C-1',
        sku: 'MNT',
        quantity: '10',
        unitPrice: '100',
        discountPercent: '5',
        serial: 'X',
        start: null,
        end: null,
        status: 'active',
        paidThrough: '2026-12-31',
      },
    });
    const fields = {
      account: 'A-1',
      start: '2026-01-01',
      end: '2026-12-31',
      status: 'active',
      priceList: 'EU',
    };
    const row = (autoRenew: boolean) =>
      rowOf('contracts', contract({ priceList: 'EU', autoRenew }));
    expect(records.contractRecord(row(true), { more: 1 })).toMatchObject({
      table: 'contracts',
      id: 'C-1',
      fields: { ...fields, autoRenew: 'yes', more: 1 },
    });
    expect(records.contractRecord(row(false)).fields).toEqual({ ...fields, autoRenew: 'no' });
  });

  it('of a license or an order says what is used and what was sold', () => {
    const license = {
      account: 'A-1',
      subcontract: 'S-1',
      sku: 'MNT',
      seats: '10',
      validFrom: '2026-01-01',
      validThrough: '2026-12-31',
      kind: 'full' as const,
      state: 'enabled' as const,
    };
    const licensed = records.licenseRecord(rowOf('licenses', { license: 'L-1', ...license }));
    expect([licensed.id, licensed.fields]).toEqual(['L-1', license]);
    const order = {
      account: 'A-1',
      sku: 'MNT',
      quantity: '3',
      unitPrice: '50',
      opportunity: 'P-1',
      stage: 'open' as const,
      closed: null,
      delivered: '2026-02-01',
      contract: 'C-1',
      subcontract: 'S-1',
    };
    const ordered = records.orderRecord(rowOf('orders', { order: 'O-1', ...order }));
    expect([ordered.id, ordered.fields]).toEqual(['O-1', order]);
    expect(records.orderRecord(rowOf('orders', { order: 'O-1', line: '2', ...order })).id).toBe(
      'O-1/2',
    );
  });

  it('of a document, its line or a payment says what was billed and paid', () => {
    const invoice = {
      account: 'A-1',
      issued: '2026-01-15',
      due: '2026-02-14',
      currency: 'EUR',
      status: 'paid',
      total: '1.00',
      balance: '0.00',
    };
    const billed = records.invoiceRecord(rowOf('invoices', { invoice: 'I-1', ...invoice }));
    expect([billed.id, billed.fields]).toEqual(['I-1', invoice]);
    const line = {
      subcontract: 'S-1',
      quantity: '1',
      unitPrice: '1',
      periodStart: '2026-01-01',
      periodEnd: '2026-12-31',
      net: '1.00',
    };
    const one = records.lineRecord(rowOf('invoice_lines', { invoice: 'I-1', line: '1', ...line }));
    expect([one.id, one.fields]).toEqual(['I-1/1', line]);
    const payment = {
      account: 'A-1',
      received: '2026-02-10',
      amount: '1.00',
      currency: 'EUR',
      method: 'transfer',
      reference: 'I-1',
      status: 'received' as const,
      invoice: 'I-1',
    };
    const paid = records.paymentRecord(rowOf('payments', { payment: 'P-1', ...payment }));
    expect([paid.id, paid.fields]).toEqual(['P-1', payment]);
  });

  it('of an account says where its invoices go', () => {
    const account = {
      name: 'Acme',
      status: 'active',
      addressLine1: '1 Main Street',
      city: 'Ulm',
      postalCode: '89073',
      country: 'DE',
      taxId: 'DE1',
      taxCategory: 'S',
      billingEmail: 'ap@acme.example',
    } as const;
    const record = records.accountRecord(rowOf('accounts', { account: 'A-1', ...account }));
    expect([record.table, record.id, record.fields]).toEqual(['accounts', 'A-1', account]);
  });

  it('of a charge says what the engine computed', () => {
    const book = billingBook(
      indexBook(company({ contracts: [contract()], subcontracts: [subcontract()] })),
    );
    const days = { asOf: '2026-11-20', horizon: '2026-11-20' };
    const [pair] = pairBalances(book, book.termsOf('C-1'), days, () => undefined);
    if (pair === undefined) throw new Error('there is a year to bill');
    expect(records.chargeRecords(pair)).toEqual([
      {
        system: 'perennial',
        table: 'charges',
        id: 'S-1 2026-01-01 2026-01-01',
        fields: {
          sku: 'MNT',
          from: '2026-01-01',
          until: '2027-01-01',
          quantity: '10',
          amountMinor: 100_000,
        },
        url: null,
      },
    ]);
  });
});
