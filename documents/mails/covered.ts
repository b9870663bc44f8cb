/** What an invoice covers, as its mail says it. */

/** A line's description ends with its period; a mail says the period once, in the words of its reader. */
const PERIOD_AT_END = /, \d{4}-\d{2}-\d{2} to \d{4}-\d{2}-\d{2}$/;
const NAMED_AT_MOST = 3;

/** "Acme CAD maintenance, support": each name once, at most three. */
export function coveredBy(lines: readonly { readonly description: string }[]): string {
  const names = lines.map(({ description }) => description.replace(PERIOD_AT_END, ''));
  return [...new Set(names)].slice(0, NAMED_AT_MOST).join(', ');
}
