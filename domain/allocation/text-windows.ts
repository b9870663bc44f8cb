/**
 * Which numbers a text could name, without asking every number: the places of the text that have the shape of one. What it
 * answers holds every number that {@link mentionsIn} would find, and may hold more.
 */
import { numberKey } from './references.ts';

const digitsAlike = (text: string) => text.replace(/\d/g, '1');

/** Keys (as `numberKey` makes them) of all places in a text that have one of some shapes; shapes are numbers with their digits alike. */
export function keysInText(text: string, shapes: readonly string[]): string[] {
  const textKey = numberKey(text);
  const alike = digitsAlike(textKey);
  const found = new Set<string>();
  for (const shape of new Set(shapes.map((one) => digitsAlike(numberKey(one))))) {
    if (shape === '') continue;
    for (let at = alike.indexOf(shape); at >= 0; at = alike.indexOf(shape, at + 1))
      found.add(textKey.slice(at, at + shape.length));
  }
  return [...found];
}
