/** The clause that an invoice prints where late charges are agreed (billing rules §6). */
import type { CivilDate } from '../domain/dates/dates.ts';
import { type LateChargeTerms, rateOn } from '../domain/dunning/late-charges.ts';
import { type Formatter, formatterOf } from './format.ts';

type Interest = NonNullable<LateChargeTerms['interest']>;
type Limit = NonNullable<LateChargeTerms['cap']>;

interface Words {
  readonly head: string;
  readonly interest: (percent: string, interest: Interest) => string;
  readonly fee: (amount: string) => string;
  readonly cap: (amount: string) => string;
  readonly ofOverdue: (percent: string) => string;
}

const en: Words = {
  head: 'If payment is late we charge',
  interest: (percent, { per, counting }) =>
    counting === 'daily'
      ? `simple interest of ${percent} a ${per} on the overdue amount, by the day`
      : `${percent} a ${per} on the overdue amount for every month begun`,
  fee: (amount) => `a fee of ${amount}`,
  cap: (amount) => `at most ${amount}`,
  ofOverdue: (percent) => `${percent} of the overdue amount`,
};

const de: Words = {
  head: 'Bei Zahlungsverzug berechnen wir',
  interest: (percent, { per, counting }) => {
    const period = per === 'year' ? 'Jahr' : 'Monat';
    return counting === 'daily'
      ? `Zinsen von ${percent} je ${period} auf den überfälligen Betrag, taggenau`
      : `${percent} je ${period} auf den überfälligen Betrag für jeden angefangenen Monat`;
  },
  fee: (amount) => `eine Pauschale von ${amount}`,
  cap: (amount) => `höchstens ${amount}`,
  ofOverdue: (percent) => `${percent} des überfälligen Betrags`,
};

/**
 * The clause in the buyer's language, with the rate in force on the day of issue; null where
 * nothing is agreed.
 * @param language a BCP 47 tag; languages without a translation are written in English
 */
export function lateChargeClause(
  terms: LateChargeTerms | null,
  issuedOn: CivilDate,
  language: string,
  country: string | null = null,
): string | null {
  if (terms === null || (terms.interest === null && terms.fee === null)) return null;
  const format = formatterOf(language, country);
  const words = format.language === 'de' ? de : en;
  const { interest, fee, cap } = terms;
  const charged = [
    interest === null
      ? null
      : words.interest(format.percent(rateOn(interest.rates, issuedOn)), interest),
    fee === null ? null : words.fee(limitOf(fee, words, format)),
  ].filter((part) => part !== null);
  const joined = charged.join(format.language === 'de' ? ' und ' : ' and ');
  const bounded = cap === null ? '' : `, ${words.cap(limitOf(cap, words, format))}`;
  return `${words.head} ${joined}${bounded}.`;
}

function limitOf(limit: Limit, words: Words, format: Formatter): string {
  return limit.kind === 'flat'
    ? format.money(limit.amountMinor, limit.currency)
    : words.ofOverdue(format.percent(limit.percent));
}
