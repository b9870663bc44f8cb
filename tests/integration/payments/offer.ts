/** The offer that customers' orders answer: C-1 of the small book again in 2028, with two seats at a new price. */
import { type Db, saveRenewal } from '../../../db/index.ts';

export const RENEWAL = 'renewal:C-1:2028-01-01';

const line = {
  subcontract: 'S-1',
  sku: 'CAD',
  description: 'CAD maintenance',
  quantity: '2',
  oldUnitPrice: '100',
  newUnitPrice: '110',
  rule: 'list',
  oldNetMinor: 20_000,
  netMinor: 22_000,
  words: '',
};

export async function saveOffer(db: Db): Promise<void> {
  await saveRenewal(db, {
    renewal: RENEWAL,
    contract: 'C-1',
    account: 'A-1',
    termStart: '2028-01-01',
    termEnd: '2028-12-31',
    currency: 'EUR',
    valueMinor: 22_000,
    previousValueMinor: 20_000,
    agreement: { currency: 'EUR', netMinor: 22_000, lines: [line] },
  });
}
