/** What is read alike of every outside system's HTTP: why no answer came, and how long it asks to be left alone. */
import { errorWords } from '../domain/error-words.ts';

/** Why a fetch ended without an answer: its own error says `fetch failed` alone, the cause says what of it. */
export function unansweredWords(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return errorWords(cause);
}

/** `Retry-After` in whole seconds; null where it is absent, or a date, which none of the systems here writes. */
export function retryAfterSeconds(response: Response): number | null {
  const header = response.headers.get('retry-after');
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
