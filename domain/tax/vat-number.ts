/**
 * VAT numbers of the EU: form and check digits of every member state and of Northern Ireland (XI, goods only), without a
 * network (billing rules §5: reverse charge needs a valid number). Forms are those of the Commission's VIES table; check
 * digits follow the states' published rules. Where a state issues numbers whose check digits are not published (French keys
 * with letters, Czech and Latvian personal numbers), the form alone decides: a number that exists must never be refused here,
 * whether one that fits was really issued is for the register to say.
 */

/** A number in the form that registers are asked with: country code as VIES spells it (EL for Greece), then the rest. */
export interface VatNumber {
  readonly countryCode: string;
  readonly number: string;
}

export type VatNumberReading =
  | { readonly state: 'well-formed'; readonly vatNumber: VatNumber }
  | { readonly state: 'malformed'; readonly reason: string }
  /** Neither the number nor the country is of the EU: nothing can be said. */
  | { readonly state: 'not-eu' };

interface CountryRule {
  readonly form: RegExp;
  /** What a number looks like, for people. */
  readonly example: string;
  readonly check: (number: string) => boolean;
}

/** Prefixes of VAT numbers, by ISO 3166 country code where they differ. */
const PREFIX_OF: Readonly<Record<string, string>> = { GR: 'EL' };

/** Reads a tax id as a VAT number of the country that it names itself, else of the account's country. */
export function readVatNumber(taxId: string, country: string | null): VatNumberReading {
  const text = taxId.toUpperCase().replace(/[\s.\-/]/g, '');
  const home = country === null ? null : (PREFIX_OF[country] ?? country);
  const named = text.slice(0, 2) === 'GR' ? 'EL' : text.slice(0, 2);
  const prefixed = named in RULES && (named === home || home === null || !fits(home, text));
  const countryCode = prefixed ? named : home;
  const rule = countryCode === null ? undefined : RULES[countryCode];
  if (countryCode === null || rule === undefined) return { state: 'not-eu' };
  const number = padded(countryCode, prefixed ? text.slice(2) : text);
  if (!rule.form.test(number))
    return {
      state: 'malformed',
      reason: `no VAT number of ${countryCode}; it would look like ${countryCode}${rule.example}`,
    };
  if (!rule.check(number))
    return { state: 'malformed', reason: `its check digits do not fit a number of ${countryCode}` };
  return { state: 'well-formed', vatNumber: { countryCode, number } };
}

/** The key under which the answer of a register is kept: "DE136695976". */
export function vatNumberKey({ countryCode, number }: VatNumber): string {
  return `${countryCode}${number}`;
}

/** French keys may be two letters that read like a country: a number that fits its home is of its home. */
function fits(country: string, text: string): boolean {
  const rule = RULES[country];
  const number = padded(country, text);
  return rule?.form.test(number) === true && rule.check(number);
}

/** Belgium and Greece put a zero before numbers that were issued shorter. */
function padded(country: string, number: string): string {
  if (country === 'BE' && /^\d{9}$/.test(number)) return `0${number}`;
  return country === 'EL' && /^\d{8}$/.test(number) ? `0${number}` : number;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function digit(text: string, at: number): number {
  return Number(text[at]);
}

/** Σ digit × weight, over as many digits as there are weights. */
function weighted(text: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, at) => sum + weight * digit(text, at), 0);
}

function luhn(text: string): boolean {
  let sum = 0;
  for (let at = text.length - 1, double = false; at >= 0; at -= 1, double = !double) {
    const value = digit(text, at) * (double ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** ISO 7064, MOD 11,10. */
function mod1110(text: string): boolean {
  let check = 10;
  for (let at = 0; at < text.length - 1; at += 1) {
    const sum = (check + digit(text, at)) % 10;
    check = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - check) % 10 === digit(text, text.length - 1);
}

/** The remainder of a decimal number of any length. */
function remainder(text: string, by: number): number {
  let rest = 0;
  for (const char of text) rest = (rest * 10 + Number(char)) % by;
  return rest;
}

function bulgaria(number: string): boolean {
  if (number.length === 9) {
    const first = weighted(number, [1, 2, 3, 4, 5, 6, 7, 8]) % 11;
    const check = first < 10 ? first : (weighted(number, [3, 4, 5, 6, 7, 8, 9, 10]) % 11) % 10;
    return check === digit(number, 8);
  }
  const last = digit(number, 9);
  const citizen = (weighted(number, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10;
  const foreigner = weighted(number, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10;
  const other = (11 - (weighted(number, [4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return [citizen, foreigner, other].includes(last);
}

function cyprus(number: string): boolean {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
  let sum = 0;
  for (let at = 0; at < 8; at += 1)
    sum += at % 2 === 0 ? (odd[digit(number, at)] ?? 0) : digit(number, at);
  return LETTERS[sum % 26] === number[8];
}

/**
 * Ten digits, Slovak ones too, are divisible by 11; personal numbers may end in 0 where the last would be 10. Nine have no
 * check digit.
 */
function czechia(number: string): boolean {
  if (number.length === 8) {
    const check = (11 - (weighted(number, [8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
    return (check === 0 ? 1 : check) % 10 === digit(number, 7);
  }
  if (number.length === 9) return true;
  const rest = remainder(number.slice(0, 9), 11);
  return rest % 10 === digit(number, 9);
}

function spain(number: string): boolean {
  const control = number[8] ?? '';
  const dni = (digits: string) => 'TRWAGMYFPDXBNJZSQVHLCKE'[remainder(digits, 23)] === control;
  if (/^\d/.test(number)) return dni(number.slice(0, 8));
  if (/^[KLM]/.test(number)) return dni(number.slice(1, 8));
  if (/^[XYZ]/.test(number)) return dni(`${'XYZ'.indexOf(number[0] ?? '')}${number.slice(1, 8)}`);
  const digits = number.slice(1, 8);
  const check = [...'0123456789'].find((last) => luhn(digits + last)) ?? '';
  return control === check || control === 'JABCDEFGHI'[Number(check)];
}

function france(number: string): boolean {
  const siren = number.slice(2);
  if (!siren.startsWith('000') && !luhn(siren)) return false;
  const key = number.slice(0, 2);
  return /\D/.test(key) || remainder(`${siren}12`, 97) === Number(key);
}

function ireland(number: string): boolean {
  const old = /^\d[A-Z+*]/.test(number);
  const digits = old ? `0${number.slice(2, 7)}${number[0]}` : number.slice(0, 7);
  const sum = weighted(digits, [8, 7, 6, 5, 4, 3, 2]);
  const values = 'WABCDEFGHIJKLMNOPQRSTUV';
  const extra = old ? 0 : values.indexOf(number[8] ?? 'W') * 9;
  return values[(sum + extra) % 23] === number[7];
}

function lithuania(number: string): boolean {
  const last = number.length - 1;
  const by = (shift: number) =>
    weighted(
      number,
      Array.from({ length: last }, (_, at) => 1 + ((at + shift) % 9)),
    ) % 11;
  const first = by(0);
  return (first < 10 ? first : by(2) % 10) === digit(number, last);
}

function latvia(number: string): boolean {
  if (digit(number, 0) <= 3) return true;
  return weighted(number, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 === 3;
}

function netherlands(number: string): boolean {
  const elevens = weighted(number, [9, 8, 7, 6, 5, 4, 3, 2]) - digit(number, 8);
  if (elevens % 11 === 0) return true;
  // Since 2020 sole traders have numbers of ISO 7064 MOD 97-10, letters as their values: N 23, L 21, B 11.
  return remainder(`2321${number.slice(0, 9)}11${number.slice(10)}`, 97) === 1;
}

function romania(number: string): boolean {
  const nine = number.slice(0, -1).padStart(9, '0');
  const check = ((weighted(nine, [7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10) % 11) % 10;
  return check === digit(number, number.length - 1);
}

function slovenia(number: string): boolean {
  const check = 11 - (weighted(number, [8, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 11 && check % 10 === digit(number, 7);
}

function northernIreland(number: string): boolean {
  if (/^(GD|HA)/.test(number)) return true;
  const sum = weighted(number, [8, 7, 6, 5, 4, 3, 2]) + Number(number.slice(7, 9));
  return sum % 97 === 0 || (sum + 55) % 97 === 0;
}

function austria(number: string): boolean {
  let sum = 4;
  for (let at = 1; at < 8; at += 1) {
    const value = digit(number, at) * (at % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return (10 - (sum % 10)) % 10 === digit(number, 8);
}

const RULES: Readonly<Record<string, CountryRule>> = {
  AT: { form: /^U\d{8}$/, example: 'U12345675', check: austria },
  BE: {
    form: /^[01]\d{9}$/,
    example: '0428759497',
    check: (n) => (remainder(n.slice(0, 8), 97) + Number(n.slice(8))) % 97 === 0,
  },
  BG: { form: /^\d{9,10}$/, example: '175074752', check: bulgaria },
  CY: { form: /^\d{8}[A-Z]$/, example: '10259033P', check: cyprus },
  CZ: { form: /^\d{8,10}$/, example: '25123891', check: czechia },
  DE: { form: /^[1-9]\d{8}$/, example: '136695976', check: mod1110 },
  DK: {
    form: /^[1-9]\d{7}$/,
    example: '13585628',
    check: (n) => weighted(n, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0,
  },
  EE: {
    form: /^\d{9}$/,
    example: '100931558',
    check: (n) => weighted(n, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0,
  },
  EL: {
    form: /^\d{9}$/,
    example: '094259216',
    check: (n) => (weighted(n, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === digit(n, 8),
  },
  ES: {
    form: /^(\d{8}[A-Z]|[KLMXYZ]\d{7}[A-Z]|[A-HJNP-SUVW]\d{7}[0-9A-J])$/,
    example: 'B58378431',
    check: spain,
  },
  FI: {
    form: /^\d{8}$/,
    example: '20774740',
    check: (n) => weighted(n, [7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 0,
  },
  FR: { form: /^[0-9A-HJ-NP-Z]{2}\d{9}$/, example: '40303265045', check: france },
  HR: { form: /^\d{11}$/, example: '33392005961', check: mod1110 },
  HU: {
    form: /^\d{8}$/,
    example: '12892312',
    check: (n) => weighted(n, [9, 7, 3, 1, 9, 7, 3, 1]) % 10 === 0,
  },
  IE: { form: /^(\d{7}[A-W]{1,2}|\d[A-Z+*]\d{5}[A-W])$/, example: '6433435F', check: ireland },
  IT: { form: /^(?!0{7})\d{11}$/, example: '00743110157', check: luhn },
  LT: { form: /^(\d{7}1\d|\d{10}1\d)$/, example: '119511515', check: lithuania },
  LU: {
    form: /^\d{8}$/,
    example: '15027442',
    check: (n) => Number(n.slice(0, 6)) % 89 === Number(n.slice(6)),
  },
  LV: { form: /^\d{11}$/, example: '40003521600', check: latvia },
  MT: {
    form: /^\d{8}$/,
    example: '11679112',
    check: (n) => (weighted(n, [3, 4, 6, 7, 8, 9]) + Number(n.slice(6))) % 37 === 0,
  },
  NL: { form: /^\d{9}B\d{2}$/, example: '004495445B01', check: netherlands },
  PL: {
    form: /^\d{10}$/,
    example: '8567346215',
    check: (n) => weighted(n, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === digit(n, 9),
  },
  PT: {
    form: /^[1-9]\d{8}$/,
    example: '501964843',
    check: (n) => ((11 - (weighted(n, [9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11) % 10 === digit(n, 8),
  },
  RO: { form: /^[1-9]\d{1,9}$/, example: '18547290', check: romania },
  SE: { form: /^\d{10}(?!00)\d{2}$/, example: '556188840401', check: (n) => luhn(n.slice(0, 10)) },
  SI: { form: /^[1-9]\d{7}$/, example: '50223054', check: slovenia },
  SK: { form: /^\d{10}$/, example: '2022749619', check: czechia },
  XI: {
    form: /^(\d{9}|\d{12}|GD[0-4]\d{2}|HA[5-9]\d{2})$/,
    example: '980780684',
    check: northernIreland,
  },
};
