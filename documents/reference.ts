/** How payment references are shown: in groups of four, and in the EPC code for SEPA transfers. */
import { formatMinor } from '../domain/money/money.ts';
import type { InvoiceDocument } from './model.ts';

/** In groups of four, as IBANs and creditor references are printed. */
export function inGroups(value: string): string {
  return value.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ');
}

/** What a SEPA credit transfer needs. */
export interface SepaTransfer {
  readonly name: string;
  readonly iban: string;
  readonly bic: string | null;
  readonly amountMinor: number;
  readonly reference: string | null;
  readonly text: string;
}

/**
 * The payload of an EPC069-12 QR code, version 002 (BIC optional in the EEA): a structured reference where there is one,
 * else the remittance text. Null where the code cannot carry it: amount outside 0.01…999,999,999.99.
 */
export function epcPayload(transfer: SepaTransfer): string | null {
  if (transfer.amountMinor < 1 || transfer.amountMinor > 99_999_999_999) return null;
  const reference = transfer.reference?.replace(/\s/g, '') ?? '';
  const text = reference === '' ? transfer.text.slice(0, 140) : '';
  return [
    'BCD',
    '002',
    '1',
    'SCT',
    transfer.bic ?? '',
    transfer.name.slice(0, 70),
    transfer.iban.replace(/\s/g, ''),
    `EUR${formatMinor(transfer.amountMinor, 'EUR')}`,
    '',
    reference,
    text,
  ]
    .join('\n')
    .trimEnd();
}

/** The EPC payload of an invoice in EUR with an IBAN and an open balance; null for any other document. */
export function epcPayloadOf(document: InvoiceDocument): string | null {
  const { seller, currency, balanceMinor, invoice, type } = document;
  const payable = type === 'invoice' || type === 'late_charge';
  if (currency !== 'EUR' || seller.bank.iban === null || invoice === null || !payable) return null;
  const { iban, bic } = seller.bank;
  const name = seller.legalName;
  const { reference } = document;
  return epcPayload({ name, iban, bic, amountMinor: balanceMinor, reference, text: invoice });
}
