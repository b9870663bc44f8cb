/** Payment references that banks carry through: ISO 11649 creditor references and the EPC code for SEPA transfers. */
import { formatMinor } from '../domain/money/money.ts';
import type { InvoiceDocument } from './model.ts';

/** Letters become 10…35, then the number modulo 97 (ISO 7064 MOD 97-10). */
function mod97(text: string): number {
  let rest = 0;
  for (const char of text) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/**
 * The ISO 11649 creditor reference of a document number: "INV-2026-00017" → "RF38INV202600017". Null where the number has
 * no letters or digits, or more than 21 of them (the standard's limit).
 */
export function creditorReference(number: string): string | null {
  const body = number.toUpperCase().replace(/[^A-Z0-9]/g, '');
  if (body.length === 0 || body.length > 21) return null;
  const check = 98 - mod97(`${body}RF00`);
  return `RF${String(check).padStart(2, '0')}${body}`;
}

/** Whether a creditor reference carries its right check digits. */
export function isCreditorReference(reference: string): boolean {
  const plain = reference.replace(/\s/g, '').toUpperCase();
  return /^RF\d{2}[A-Z0-9]{1,21}$/.test(plain) && mod97(plain.slice(4) + plain.slice(0, 4)) === 1;
}

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
