/** An error's own words; of anything else that was thrown, its text. */
export function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
