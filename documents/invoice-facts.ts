/** What every form of an invoice says alike: whether it can be paid and how, and that it is no invoice yet. */
import type { InvoiceDocument, Seller } from './model.ts';
import { inGroups } from './reference.ts';
import type { Wording } from './wording.ts';

/** Whether its reader is asked for money. */
export function isPayable({ type, balanceMinor, invoice }: InvoiceDocument): boolean {
  return type !== 'credit_note' && balanceMinor > 0 && invoice !== null;
}

/** What a payment of it names, as people copy it: its payment reference, else its number. */
export function referenceText({ reference, invoice }: InvoiceDocument): string | null {
  return reference === null ? invoice : inGroups(reference);
}

/** Above a document that is no invoice yet: a pro-forma, a draft; null above all others. */
export function noticeOf({ type, invoice }: InvoiceDocument, words: Wording): string | null {
  if (type === 'pro_forma') return words.proFormaNotice;
  return invoice === null ? words.draftNotice : null;
}

/** Name and value of what a transfer needs; null where the seller has none. */
export function transferFacts(
  { legalName, bank }: Seller,
  words: Wording,
  reference: string | null,
): readonly (readonly [name: string, value: string | null])[] {
  return [
    [words.payee, legalName],
    [words.bank, bank.bankName],
    [words.iban, bank.iban === null ? null : inGroups(bank.iban)],
    [words.bic, bank.bic],
    [words.routing, bank.routingNumber],
    [words.accountNumber, bank.accountNumber],
    [words.remitTo, bank.remitTo],
    [words.paymentReference, reference],
  ];
}
