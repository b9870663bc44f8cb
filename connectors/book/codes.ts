/** Code lists that cells are checked against. */

/**
 * ISO 3166-1 alpha-2, with XI (Northern Ireland) and XK (Kosovo), which tax and postal systems use.
 */
const COUNTRY_CODES = `
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XI XK`;
const COUNTRIES: ReadonlySet<string> = new Set(COUNTRY_CODES.trim().split(/\s+/));

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const zones = new Map<string, boolean>();

export function isCountry(code: string): boolean {
  return COUNTRIES.has(code);
}

export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

/** Whether a name is in the IANA time zone database; offsets such as +01:00 are not names. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name) || name.length > 64) return false;
  const known = zones.get(name);
  if (known !== undefined) return known;
  let valid = true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    valid = false; // RangeError is how Intl answers the question
  }
  if (zones.size < 1000) zones.set(name, valid);
  return valid;
}
