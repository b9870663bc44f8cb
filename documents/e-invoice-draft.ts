/**
 * A draft (a preview: no number yet, often neither seller nor addresses) as an e-invoice that can be looked at and checked
 * by machines. What EN 16931 requires and the draft lacks is filled with stand-ins that say so; each is reported. Documents
 * with a number never pass through here: an issued e-invoice is complete or refused.
 */
import type { InvoiceDocument, PostalAddress } from './model.ts';

export interface DraftEInvoice {
  readonly document: InvoiceDocument;
  /** One sentence per stand-in. */
  readonly standIns: readonly string[];
}

/** The top-level domain `invalid` is reserved: nothing is ever delivered there (RFC 2606). */
const NO_ADDRESS = 'not-given@example.invalid';

/** National currencies begin with their country's code; the euro area's drafts stand in Germany. */
function countryOf(currency: string): string {
  return currency === 'EUR' || currency.startsWith('X') ? 'DE' : currency.slice(0, 2);
}

/** Fills what a draft lacks; a document with a number comes back as it is. */
export function withStandIns(document: InvoiceDocument): DraftEInvoice {
  if (document.invoice !== null) return { document, standIns: [] };
  const standIns: string[] = [];
  const fill = (value: string | null, path: string, standIn: string): string => {
    if (value !== null && value !== '') return value;
    standIns.push(`${path} is not given: the draft says "${standIn}"`);
    return standIn;
  };
  const { seller, buyer, currency } = document;
  const home = countryOf(currency);
  const place = (address: PostalAddress, path: string): PostalAddress => ({
    ...address,
    country: fill(address.country, `${path}.address.country`, home),
  });
  const crossBorder = document.taxes.some(({ category }) => category === 'AE' || category === 'K');
  const needsTaxId = document.taxes.some(({ category }) => category !== 'O');
  const taxId = (value: string | null, path: string, isNeeded: boolean) =>
    isNeeded ? fill(value, path, crossBorder ? `${home}000000000` : 'NOT-GIVEN') : value;
  const filled: InvoiceDocument = {
    ...document,
    invoice: fill(null, 'invoice', `DRAFT-${document.issueDate}`),
    seller: {
      ...seller,
      legalName: fill(seller.legalName, 'seller.legalName', 'Seller not given'),
      email: fill(seller.email, 'seller.email', NO_ADDRESS),
      taxId: taxId(seller.taxId, 'seller.taxId', needsTaxId),
      address: place(seller.address, 'seller'),
    },
    buyer: {
      ...buyer,
      name: fill(buyer.name, 'buyer.name', 'Buyer not given'),
      email: fill(buyer.email, 'buyer.email', NO_ADDRESS),
      taxId: taxId(buyer.taxId, 'buyer.taxId', crossBorder),
      address: place(buyer.address, 'buyer'),
    },
  };
  return { document: filled, standIns };
}
