/** A line's derivation as the text of a paper: one line for each step (domain/bill-run/document.ts, `Explanation`). */

interface Step {
  readonly words?: unknown;
  readonly arithmetic?: unknown;
  readonly parts?: unknown;
}

/** What was computed in words and numbers, its parts below it; null where the value holds no derivation. */
export function explanationText(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const { words, arithmetic, parts } = value as Step;
  const own = [words, arithmetic].filter((step): step is string => typeof step === 'string');
  const below = Array.isArray(parts) ? parts.map(explanationText) : [];
  const lines = [...own, ...below.filter((step): step is string => step !== null)];
  return lines.length === 0 ? null : lines.join('\n');
}
