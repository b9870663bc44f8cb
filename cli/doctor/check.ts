/** What one check of `perennial doctor` says. */

/** `note`: worth knowing, nothing is wrong. `problem`: something will not work until `todo` is done. */
export interface Check {
  readonly check: string;
  readonly status: 'ok' | 'note' | 'problem';
  readonly found: string;
  readonly todo: string | null;
}

export const ok = (check: string, found: string): Check => ({
  check,
  status: 'ok',
  found,
  todo: null,
});
export const note = (check: string, found: string, todo: string): Check => ({
  check,
  status: 'note',
  found,
  todo,
});
export const problem = (check: string, found: string, todo: string): Check => ({
  check,
  status: 'problem',
  found,
  todo,
});

/** An error's words, with those of what caused it: `fetch failed` alone says nothing. */
export function cause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = error.message || error.name;
  const deeper = error.cause === undefined ? '' : cause(error.cause);
  return deeper === '' || words.includes(deeper) ? words : `${words}: ${deeper}`;
}
