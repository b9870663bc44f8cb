/**
 * VIES, the Commission's register, over its REST interface: `GET ms/{country}/vat/{number}` answers `isValid` and a
 * `userError` (`VALID`, `INVALID`, or why it can not tell: `MS_UNAVAILABLE`, `MS_MAX_CONCURRENT_REQ`, `TIMEOUT` …). No key is
 * needed. No retries here: whoever calls asks again later.
 */
import { z } from 'zod';
import type { VatAnswer } from '../../domain/tax/vat-check.ts';
import type { VatNumberRegister } from './port.ts';

export interface ViesConnection {
  /** `https://ec.europa.eu/taxation_customs/vies/rest-api`, or a stand-in for it. */
  readonly url: string;
  readonly timeoutSeconds: number;
}

const answerSchema = z.object({
  isValid: z.boolean(),
  userError: z.string().optional(),
  vatNumber: z.string().optional(),
});

/** What an answer of the register means. Only its plain yes and no count. */
export function viesAnswer(status: number, body: unknown): VatAnswer {
  const read = answerSchema.safeParse(body);
  if (status !== 200 || !read.success) return 'unknown';
  const { isValid, userError = isValid ? 'VALID' : 'INVALID' } = read.data;
  if (isValid) return userError === 'VALID' ? 'valid' : 'unknown';
  return userError === 'INVALID' ? 'invalid' : 'unknown';
}

export function createViesRegister(connection: ViesConnection): VatNumberRegister {
  const origin = connection.url.replace(/\/+$/, '');
  return {
    async check(countryCode, number) {
      const [country, vat] = [countryCode, number].map(encodeURIComponent);
      try {
        const response = await fetch(`${origin}/ms/${country}/vat/${vat}`, {
          headers: { Accept: 'application/json' },
          redirect: 'error',
          signal: AbortSignal.timeout(connection.timeoutSeconds * 1000),
        });
        return viesAnswer(response.status, await response.json());
      } catch (error) {
        // Out of reach, too slow, or no JSON: all of them leave the question open, which `unknown` says.
        if (error instanceof Error) return 'unknown';
        throw error;
      }
    },
  };
}
