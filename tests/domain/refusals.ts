/** What rules refuse, as tests ask for it. */
import { Refusal } from '../../domain/refusal.ts';

/** The code of the refusal that this meets, or `answered`. */
export function codeOf(ask: () => unknown): string {
  try {
    ask();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'answered';
}
