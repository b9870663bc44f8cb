/** What a person has seen of a row before they change it: where somebody else changed it meanwhile, they are told first. */
import { readTagged } from './client.ts';

/** Columns as they were shown. */
export type Shown = Readonly<Record<string, unknown>>;

/** Somebody else was quicker. What was typed is kept, and the next try is made to what the row says now. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';
}

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length);

/** Nothing, an empty text and an empty list are one. */
const alike = (a: unknown, b: unknown): boolean =>
  (isNothing(a) && isNothing(b)) || JSON.stringify(a) === JSON.stringify(b);

/** Names of the columns that were shown and say something else now. */
export function changedSince(shown: Shown, now: Shown): string[] {
  return Object.keys(shown).filter((name) => !alike(shown[name], now[name]));
}

/** Only what was typed anew: what somebody else changed beside it stays. */
export function typedAnew<T extends Shown>(typed: T, shown: Shown): Partial<T> {
  const anew = Object.entries(typed).filter(([name, value]) => !alike(shown[name], value));
  return Object.fromEntries(anew) as Partial<T>;
}

/** What is there now, in words. */
export function valueWords(value: unknown): string {
  if (isNothing(value)) return 'empty';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return `“${Array.isArray(value) ? value.join(', ') : String(value)}”`;
}

/** The words that keep somebody from overwriting what they have not seen. */
export function changedWords(
  changed: readonly string[],
  now: Shown,
  labels: Readonly<Record<string, string>>,
): string {
  const each = changed.map((name) => `${labels[name] ?? name} is now ${valueWords(now[name])}`);
  return `${each.join('; ')}. What you typed is still here: save again to put it in its place.`;
}

/**
 * The tag for a change to the row, once it is what the person has seen. `seen` goes along: after a {@link ChangedMeanwhile} the
 * person has been told, and the same change again is made.
 */
export async function tagOfSeen(
  path: string,
  seen: { current: Shown },
  labels: Readonly<Record<string, string>>,
): Promise<string | null> {
  const { row, tag } = await readTagged<Shown>(path);
  const changed = changedSince(seen.current, row);
  if (changed.length === 0) return tag;
  seen.current = Object.fromEntries(Object.keys(seen.current).map((name) => [name, row[name]]));
  throw new ChangedMeanwhile(changedWords(changed, row, labels));
}
