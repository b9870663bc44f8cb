/** Asks again and again until something holds, at most three minutes: for what another process brings about. */
export async function eventually<T>(
  what: string,
  find: () => Promise<T | null | undefined | false>,
  atMostMs = 180_000,
): Promise<T> {
  const endsAt = performance.now() + atMostMs;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (performance.now() > endsAt) throw new Error(`Never came: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
