/** The rules' explanations as people read them: they speak in minor units, people in amounts. */
import { inWords, money } from './money.ts';

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * An explanation with its amounts in the major unit. Digits in the names of documents and accounts, in days and in counts of
 * documents are none.
 * @param names what the explanation may call by a number
 */
export function explanationInWords(
  explanation: string,
  currency: string,
  names: readonly string[],
): string {
  const inMajor = (minor: string) => inWords([money(Number(minor), currency)]);
  const known = [...new Set(names)].filter((name) => name !== '').map(literally);
  // What people and banks write may hold any digits; only the rules' own sentences are amounts throughout.
  const isOfRules = /^(?:Rule |For a person:)/.test(explanation);
  const pattern = new RegExp(
    [
      ...known.sort((a, b) => b.length - a.length).map((name) => `(?<![\\w-])${name}(?![\\w-])`),
      '\\d{4}-\\d{2}-\\d{2}',
      '\\d+ open invoices',
      '(?<named>\\d+)(?: [A-Z]{3})? \\(minor units\\)',
      isOfRules ? '(?<![\\w.-])(?<bare>\\d+)(?![\\w-]|\\.\\d)' : '(?<bare>$.)',
    ].join('|'),
    'g',
  );
  return explanation.replace(pattern, (found, ...rest) => {
    const { named, bare } = rest.at(-1) as { named?: string; bare?: string };
    if (named !== undefined) return inMajor(named);
    return bare === undefined ? found : inMajor(bare).replace(` ${currency}`, '');
  });
}
