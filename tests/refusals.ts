/** What is refused, as tests ask for it. */
import { Refusal } from '../domain/refusal.ts';

type Kind = abstract new (...args: never[]) => Error & { readonly code: string };

/** Answers the code of the refusal of this kind that a call meets, or `answered`; whatever else it meets is thrown. */
export const codeOfA = (kind: Kind) => (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    if (error instanceof kind) return error.code;
    throw error;
  }
  return 'answered';
};

export const codeOf = codeOfA(Refusal);
