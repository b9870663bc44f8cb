/** The records that findings show next to each other, made from the rows that were compared. */
import type { Row, TableName } from '../book/tables.ts';
import type { PairBalance } from '../charges/unbilled.ts';
import { toDecimal } from '../money/decimal.ts';
import type { EvidenceRecord, System } from './finding.ts';

type Fields = EvidenceRecord['fields'];

/** A record of the contract book; licenses and payments are kept by their own systems. */
export function bookRecord(table: TableName, id: string, fields: Fields): EvidenceRecord {
  return { system: systemOf(table), table, id, fields, url: null };
}

function systemOf(table: TableName): System {
  if (table === 'licenses') return 'license';
  return table === 'payments' ? 'bank' : 'perennial';
}

export function subcontractRecord(row: Row<'subcontracts'>, more: Fields = {}): EvidenceRecord {
  const { subcontract, contract, sku, quantity, unitPrice, discountPercent, serial } = row;
  const { start, end, status } = row;
  return bookRecord('subcontracts', subcontract, {
    contract,
    sku,
    quantity,
    unitPrice,
    discountPercent,
    serial,
    start,
    end,
    status,
    ...more,
  });
}

export function contractRecord(row: Row<'contracts'>, more: Fields = {}): EvidenceRecord {
  const { contract, account, start, end, status, autoRenew, priceList } = row;
  return bookRecord('contracts', contract, {
    account,
    start,
    end,
    status,
    autoRenew: autoRenew ? 'yes' : 'no',
    priceList,
    ...more,
  });
}

export function licenseRecord(row: Row<'licenses'>): EvidenceRecord {
  const { license, account, subcontract, sku, seats, validFrom, validThrough, kind, state } = row;
  return bookRecord('licenses', license, {
    account,
    subcontract,
    sku,
    seats,
    validFrom,
    validThrough,
    kind,
    state,
  });
}

export function orderRecord(row: Row<'orders'>): EvidenceRecord {
  const { order, line, account, sku, quantity, unitPrice, opportunity, stage, closed } = row;
  return bookRecord('orders', line === null ? order : `${order}/${line}`, {
    account,
    sku,
    quantity,
    unitPrice,
    opportunity,
    stage,
    closed,
    delivered: row.delivered,
    contract: row.contract,
    subcontract: row.subcontract,
  });
}

export function invoiceRecord(row: Row<'invoices'>): EvidenceRecord {
  const { invoice, account, issued, due, currency, status, total, balance } = row;
  return bookRecord('invoices', invoice, {
    account,
    issued,
    due,
    currency,
    status,
    total,
    balance,
  });
}

export function lineRecord(row: Row<'invoice_lines'>): EvidenceRecord {
  const { invoice, line, subcontract, quantity, unitPrice, periodStart, periodEnd, net } = row;
  return bookRecord('invoice_lines', `${invoice}/${line}`, {
    subcontract,
    quantity,
    unitPrice,
    periodStart,
    periodEnd,
    net,
  });
}

export function paymentRecord(row: Row<'payments'>): EvidenceRecord {
  const { payment, account, received, amount, currency, method, reference, status } = row;
  return bookRecord('payments', payment, {
    account,
    received,
    amount,
    currency,
    method,
    reference,
    status,
    invoice: row.invoice,
  });
}

export function accountRecord(row: Row<'accounts'>): EvidenceRecord {
  const { account, name, status, addressLine1, city, postalCode, country } = row;
  return bookRecord('accounts', account, {
    name,
    status,
    addressLine1,
    city,
    postalCode,
    country,
    taxId: row.taxId,
    taxCategory: row.taxCategory,
    billingEmail: row.billingEmail,
  });
}

/** What a subcontract should be billed for a period: the engine's charges, one record each. */
export function chargeRecords(pair: PairBalance): EvidenceRecord[] {
  return pair.charges.map((charge) => ({
    system: 'perennial',
    table: 'charges',
    id: `${charge.subcontract} ${charge.periodStart} ${charge.from}`,
    fields: {
      sku: charge.sku,
      from: charge.from,
      until: charge.to,
      quantity: toDecimal(charge.quantity),
      amountMinor: charge.amountMinor,
    },
    url: null,
  }));
}
