/**
 * The register of VAT numbers. `unknown` where it could not be asked or its member state does not answer: the number stays
 * pending and is asked about again, nothing is guessed.
 */
import type { VatAnswer } from '../../domain/tax/vat-check.ts';

export interface VatNumberRegister {
  /**
   * @param countryCode as VIES spells it: EL for Greece, XI for Northern Ireland
   * @param number without the country code
   */
  check(countryCode: string, number: string): Promise<VatAnswer>;
}
